"""The six assignments: for every task how its arguments are drawn, the law, and the mistakes that have names.

The laws are evaluated, not looked up: a derivative is taken by the complex step of the cost itself, so that the formula
which the student is to write is never what the result is compared with.
"""

from __future__ import annotations

import itertools
from types import SimpleNamespace

import numpy as np

import nnbook as nn

from ..checking.diagnosis import diagnose
from .tasks import Assignment, Draw, Task, as_array

SIGMOID = nn.sigmoid


def derivative(func, x):
    """Return ∂func/∂x by the complex step: exact to rounding, and ignorant of every formula."""
    return nn.numerical_gradient(func, x, method="complex")


def _sizes(rng, i, count):
    """Draw sizes that differ from each other, so that no transpose can hide; the first draw is small."""
    return [int(n) for n in rng.permutation(np.arange(2, 2 + count) if i == 0 else np.arange(2, 8))[:count]]


def _network(rng, i, layers=3, hidden="sigmoid", output="sigmoid"):
    """Draw a network and data: sizes and number of samples pairwise different, weights and biases well away from 0."""
    *sizes, samples = _sizes(rng, i, layers + 1)
    net = nn.Network(sizes, [hidden] * (layers - 2) + [output], rng=rng)
    for l in net.W:
        net.W[l] = rng.normal(0, 1.2, net.W[l].shape)
        net.b[l] = rng.normal(0, 0.7, net.b[l].shape)
    X = rng.normal(0, 1, (samples, sizes[0]))
    T = rng.uniform(0.05, 0.95, (samples, sizes[-1]))
    return net, X, T


def _by_diagnose(net, X, T, cost, penalty=None):
    """Return a function that hands gradients to nnbook.diagnose and returns its findings as text."""

    def findings(W=None, b=None, delta=None, names=("delta", "W", "b")):
        grads = nn.backprop(net, X, T, cost)
        parts = {"delta": dict(grads.delta), "W": dict(grads.W), "b": dict(grads.b)}
        if penalty is not None:
            for l in net.W:
                parts["W"][l] = grads.W[l] / len(X) + penalty.gradient(net.W[l])
                parts["b"][l] = grads.b[l] / len(X)
        for name, given in (("delta", delta), ("W", W), ("b", b)):
            parts[name].update(given or {})
        if "delta" not in names:
            del parts["delta"]
        if delta:  # what follows from a wrong delta is not wrong once more
            trace = net.forward(X)
            for l in range(min(delta) - 1, 1, -1):
                parts["delta"][l] = nn.hidden_delta(parts["delta"][l + 1], net.W[l + 1], trace.z[l], net.f[l])
            for l, d in parts["delta"].items():
                parts["W"][l], parts["b"][l] = nn.weight_gradient(d, trace.a[l - 1]), nn.bias_gradient(d)
        found = diagnose(SimpleNamespace(**parts), net, X, T, cost, penalty, tolerance=1e-5, verbose=False)
        return [str(f) for f in found.findings]

    return findings


def _real(value):
    array = as_array(value)
    if array is None or array.dtype.kind not in "iuf":
        raise ValueError("not an array of real numbers")
    if not np.isfinite(array).all():
        raise ValueError("not finite")
    return array.astype(np.float64)


# --- 1 · one neuron and its cost ---------------------------------------------------------------------


def _weighted_input(rng, i):
    w, x, b = rng.normal(0, 1, 3 + i), rng.normal(0, 1, 3 + i), float(rng.normal())
    return Draw(
        [w, b, x],
        np.array(sum(wi * xi for wi, xi in zip(w, x)) + b),
        {
            "the bias is missing": lambda: np.array(w @ x),
            "the products are not summed": lambda: w * x + b,
            "the bias is added once for every input": lambda: np.array((w * x + b).sum()),
            "the bias is subtracted": lambda: np.array(w @ x - b),
            "the products are averaged; their sum was asked for": lambda: np.array((w * x).mean() + b),
            "the last input is left out": lambda: np.array(w[:-1] @ x[:-1] + b),
            "the activation was applied: z was asked for": lambda: SIGMOID(np.array(w @ x + b)),
        },
    )


def _sigmoid(rng, i):
    z = [np.array([-1.0, 0.0, 2.0]), rng.normal(0, 3, (3, 4)), rng.normal(0, 4, 5), np.array([-800.0, -40, 40, 800])][i]
    with np.errstate(over="ignore"):
        right = 1 / (1 + np.exp(-z))
    return Draw(
        [z],
        right,
        {
            "the sign of z is missing in the exponent": lambda: 1 / (1 + np.exp(z)),
            "this is tanh": lambda: np.tanh(z),
            "1 / 1 + e^−z: the denominator needs parentheses": lambda: 1 + np.exp(-z),
            "it overflows for large |z|: e^z / (1 + e^z) is ∞/∞ there": lambda: np.exp(z) / (1 + np.exp(z)),
        },
    )


def _sigmoid_derivative(rng, i):
    z = [np.array([-1.0, 0.5, 2.0]), rng.normal(0, 2, (3, 4)), rng.normal(0, 2, 5), rng.normal(0, 3, (2, 6))][i]
    return Draw(
        [z],
        derivative(lambda z: (1 / (1 + np.exp(-z))).sum(), z),
        {
            "z(1 − z): the formula a(1 − a) was given z in place of a": lambda: z * (1 - z),
            "f' is taken at a in place of z": lambda: SIGMOID(SIGMOID(z)) * (1 - SIGMOID(SIGMOID(z))),
            "this is σ(z), not its derivative": lambda: SIGMOID(z),
            "sign flipped": lambda: -SIGMOID(z) * (1 - SIGMOID(z)),
            "this is the derivative of tanh": lambda: 1 - np.tanh(z) ** 2,
            "the factor 1 − a is missing or squared": lambda: SIGMOID(z) ** 2,
        },
    )


def _squared_error(rng, i):
    samples, units = _sizes(rng, i, 2)
    a, t = rng.normal(0, 1, (samples, units)), rng.normal(0, 1, (samples, units))
    square = (t - a) ** 2
    return Draw(
        [a, t],
        np.array([0.5 * sum(row) for row in square]),
        {
            "the factor ½ is missing": lambda: square.sum(axis=1),
            "a mean over the outputs in place of their sum": lambda: square.mean(axis=1),
            "½ of a mean over the outputs": lambda: square.mean(axis=1) / 2,
            "summed over the samples as well": lambda: np.array(square.sum() / 2),
            "summed over the samples in place of the outputs": lambda: square.sum(axis=0) / 2,
            "not summed over the outputs": lambda: square / 2,
            "the differences are summed before they are squared": lambda: (t - a).sum(axis=1) ** 2 / 2,
            "this is the distance: a root was taken": lambda: np.sqrt(square.sum(axis=1)),
            "sign flipped": lambda: -square.sum(axis=1) / 2,
        },
    )


def _cross_entropy(rng, i):
    samples, units = _sizes(rng, i, 2)
    z, t = rng.normal(0, 2, (samples, units)), rng.uniform(0, 1, (samples, units))
    if i == 3:
        z = np.where(rng.random(z.shape) < 0.5, -1, 1) * rng.uniform(200, 900, z.shape)
        z[0, :2] = 800, -800  # beyond what e^z can hold, in both directions
    right = (np.maximum(z, 0) - t * z + np.log(1 + np.exp(-np.abs(z)))).sum(axis=1)

    def textbook(eps=0.0):
        a = 1 / (1 + np.exp(-z))
        return -(t * np.log(a + eps) + (1 - t) * np.log(1 - a + eps))

    return Draw(
        [z, t],
        right,
        {
            "it is not finite where the sigmoid saturates: start from z, not from a": lambda: textbook().sum(axis=1),
            "sign flipped": lambda: -right,
            "a mean over the outputs in place of their sum": lambda: right / units,
            "summed over the samples as well": lambda: np.array(right.sum()),
            "the term (1 − t) log(1 − a) is missing": lambda: (t * np.logaddexp(0, -z)).sum(axis=1),
            "a constant is added inside the logarithm": lambda: textbook(1e-5).sum(axis=1),
        },
    )


def _neuron_cost(w, b, x, t):
    return 0.5 * (1 / (1 + np.exp(-(np.sum(w * x) + b))) - t) ** 2


def _neuron(rng, i):
    return [rng.normal(0, 0.8, 2 + i), float(rng.normal()), rng.normal(0, 1, 2 + i), float(rng.uniform(0, 1))]


def _neuron_cost_draw(rng, i):
    w, b, x, t = _neuron(rng, i)
    right = np.array(_neuron_cost(w, b, x, t))
    z = w @ x + b
    return Draw(
        [w, b, x, t],
        right,
        {
            "the factor ½ is missing": lambda: 2 * right,
            "the activation is missing: this is ½(z − t)²": lambda: np.array((z - t) ** 2 / 2),
            "the bias is missing": lambda: np.array(_neuron_cost(w, 0.0, x, t)),
        },
    )


def _neuron_gradient(rng, i):
    w, b, x, t = _neuron(rng, i)
    z = w @ x + b
    a = SIGMOID(z)
    right = (derivative(lambda w: _neuron_cost(w, b, x, t), w), derivative(lambda b: _neuron_cost(w, b, x, t), b))

    def made(delta):
        return lambda: (np.asarray(delta * x), np.asarray(delta))

    return Draw(
        [w, b, x, t],
        right,
        {
            "f' is missing": made(a - t),
            "sign flipped": made((t - a) * a * (1 - a)),
            "f' is taken at a in place of z": made((a - t) * SIGMOID.derivative(a)),
            "the formula for f' in terms of a was given z": made((a - t) * z * (1 - z)),
            "twice too large": made(2 * (a - t) * a * (1 - a)),
            "a[1] = x is missing in dw": lambda: (np.full_like(w, right[1]), right[1]),
            "w stands where x belongs in dw": lambda: (right[1] * w, right[1]),
        },
        cost=_neuron_cost,
    )


def _one_weight_step(rng, i):
    w, x, t, eta = (float(v) for v in (*rng.normal(0, 2, 3), rng.uniform(0.01, 0.2)))
    slope = derivative(lambda w: (w * x - t) ** 2, w)
    return Draw(
        [w, x, t, eta],
        np.asarray(w - eta * slope),
        {
            "a step uphill: the gradient is added": lambda: np.array(w + eta * slope),
            "the factor 2 of the derivative is missing": lambda: np.array(w - eta * slope / 2),
            "the learning rate is missing": lambda: np.array(w - slope),
            "the factor x is missing: the derivative is with respect to a": lambda: np.array(w - eta * 2 * (w * x - t)),
            "this is the step alone; the new weight is w plus the step": lambda: np.array(-eta * slope),
            "this is what is taken from w, without w": lambda: np.array(eta * slope),
            "the cost stands where its derivative belongs": lambda: np.array(w - eta * (w * x - t) ** 2),
        },
    )


ONE_NEURON = Assignment(
    "1-one-neuron",
    "One neuron and its cost",
    (
        Task(
            "weighted-input",
            "weighted_input(w, b, x)",
            2,
            "the weighted input z of one neuron",
            "02-perceptron-to-neuron",
            "eq-weighted-input",
            _weighted_input,
        ),
        Task(
            "sigmoid",
            "sigmoid(z)",
            3,
            "σ(z), entry by entry, for any finite z",
            "02-perceptron-to-neuron",
            "eq-sigmoid",
            _sigmoid,
        ),
        Task(
            "sigmoid-derivative",
            "sigmoid_derivative(z)",
            3,
            "σ′(z), entry by entry",
            "02-perceptron-to-neuron",
            "eq-sigmoid-derivative",
            _sigmoid_derivative,
        ),
        Task(
            "squared-error",
            "squared_error(a, t)",
            2,
            "the squared error of every sample",
            "05-targets-and-cost",
            "eq-squared-error",
            _squared_error,
        ),
        Task(
            "cross-entropy",
            "cross_entropy_from_z(z, t)",
            3,
            "the binary cross-entropy of every sample, from z",
            "05-targets-and-cost",
            "eq-bce-from-z",
            _cross_entropy,
        ),
        Task(
            "neuron-cost",
            "neuron_cost(w, b, x, t)",
            2,
            "the cost of one sigmoid neuron for one sample",
            "05-targets-and-cost",
            "eq-squared-error",
            _neuron_cost_draw,
        ),
        Task(
            "neuron-gradient",
            "neuron_gradient(w, b, x, t)",
            5,
            "its derivatives with respect to w and b",
            "06-derivatives",
            "eq-chain-rule",
            _neuron_gradient,
            parts=("dw", "db"),
            own_cost="neuron_cost",
        ),
        Task(
            "one-weight-step",
            "one_weight_step(w, x, t, eta)",
            2,
            "the weight after one step of gradient descent",
            "01-one-weight",
            "eq-one-weight-update",
            _one_weight_step,
        ),
    ),
    withheld=("sigmoid", "backprop", "numerical_gradient"),
)


# --- 2 · forward propagation ---------------------------------------------------------------------------


def _parameter_count(rng, i):
    sizes = [12, 3, 2] if i == 0 else _sizes(rng, i, 2 + i)
    weights = sum(n * before for before, n in itertools.pairwise(sizes))
    return Draw(
        [sizes],
        np.array(weights + sum(sizes[1:])),
        {
            "the biases are not counted": lambda: np.array(weights),
            "the input units have no biases": lambda: np.array(weights + sum(sizes)),
            "the weights are not counted": lambda: np.array(sum(sizes[1:])),
            "the biases of the layer before are counted in place of the layer's own": lambda: np.array(
                weights + sum(sizes[:-1])
            ),
            "the first pair of layers is left out": lambda: np.array(
                weights + sum(sizes[1:]) - sizes[1] * (sizes[0] + 1)
            ),
        },
    )


def _one_layer(rng, i, samples):
    n, before, N = _sizes(rng, i, 3)
    a = rng.normal(0, 1, (N, before) if samples else before)
    return a, rng.normal(0, 1, (n, before)), rng.normal(0, 1, n)


def _weighted_inputs(rng, i):
    a, W, b = _one_layer(rng, i, samples=False)
    return Draw(
        [a, W, b],
        np.array([sum(W[j, k] * a[k] for k in range(a.size)) + b[j] for j in range(b.size)]),
        {
            "the biases are missing": lambda: W @ a,
            "the biases are subtracted": lambda: W @ a - b,
            "the activation was applied: z was asked for": lambda: SIGMOID(W @ a + b),
            "W was reshaped where its transpose is needed": lambda: a @ W.reshape(W.shape[::-1]) + b,
        },
    )


def _layer(rng, i):
    a, W, b = _one_layer(rng, i, samples=True)
    z = np.einsum("ki,ji->kj", a, W) + b
    return Draw(
        [a, W, b],
        1 / (1 + np.exp(-z)),
        {
            "the activation is missing: this is z": lambda: z,
            "the biases are missing": lambda: SIGMOID(a @ W.T),
            "the sign of z is missing in the exponent": lambda: SIGMOID(-z),
            "e^(−Wa + b): the minus belongs to the bias too": lambda: SIGMOID(z - 2 * b),
            "W was reshaped where its transpose is needed": lambda: SIGMOID(a @ W.reshape(W.shape[::-1]) + b),
            "this is tanh; the sigmoid was asked for": lambda: np.tanh(z),
        },
    )


def _forward(rng, i):
    net, X, _ = _network(rng, i, layers=3 if i == 0 else 3 + i % 2)
    z, a = {}, {1: X}
    for l in net.W:
        z[l] = np.einsum("ki,ji->kj", a[l - 1], net.W[l]) + net.b[l]
        a[l] = 1 / (1 + np.exp(-z[l]))

    def linear():
        now, made = X, {}
        for l in net.W:
            made[l] = now = now @ net.W[l].T + net.b[l]
        return made, {1: X, **made}

    def unbiased():
        zs, acts = {}, {1: X}
        for l in net.W:
            zs[l] = acts[l - 1] @ net.W[l].T
            acts[l] = SIGMOID(zs[l])
        return zs, acts

    return Draw(
        [X, dict(net.W), dict(net.b)],
        (z, a),
        {"the activation is missing between the layers": linear, "the biases are missing": unbiased},
    )


def _collapse(rng, i):
    n1, n2, n3 = _sizes(rng, i, 3)
    W2, b2, W3, b3 = (rng.normal(0, 1, s) for s in ((n2, n1), n2, (n3, n2), n3))

    def both(x):
        return W3 @ (W2 @ x + b2) + b3

    zero = both(np.zeros(n1))
    return Draw(
        [W2, b2, W3, b3],
        (np.array([both(e) - zero for e in np.eye(n1)]).T, zero),  # an affine map is known from its values at the axes
        {
            "b of the first layer is missing: it passes through the second": lambda: (W3 @ W2, b3),
            "b of the second layer is missing": lambda: (W3 @ W2, W3 @ b2),
        },
    )


def _one_hot(rng, i):
    classes = 3 + i
    labels = rng.integers(0, classes - i % 2, 4 + 2 * i)  # there may be no label of the last class
    T = np.zeros((labels.size, classes))
    for k, label in enumerate(labels):
        T[k, label] = 1
    return Draw(
        [labels, classes],
        T,
        {
            "looks transposed": lambda: T.T,
            "shifted: labels count from 0": lambda: np.roll(T, -1, axis=1),
            "a class that no label names needs its column too": lambda: T[:, : labels.max() + 1],
        },
    )


def _accuracy(rng, i):
    classes, samples = 3 + i, 7 + 3 * i
    outputs, labels = rng.random((samples, classes)), rng.integers(0, classes, samples)
    labels[:2] = outputs[:2].argmax(axis=1)
    right = np.array(np.mean([row.argmax() == label for row, label in zip(outputs, labels)]))
    return Draw(
        [outputs, labels],
        right,
        {
            "in per cent; a share from 0 to 1 was asked for": lambda: 100 * right,
            "a number of samples; their share was asked for": lambda: samples * right,
            "this is the share of the wrong ones": lambda: 1 - right,
        },
    )


FORWARD = Assignment(
    "2-forward-propagation",
    "Forward propagation",
    (
        Task(
            "parameter-count",
            "parameter_count(sizes)",
            2,
            "the number of weights and biases of a network",
            "03-naming-everything",
            "eq-parameter-count",
            _parameter_count,
        ),
        Task(
            "weighted-inputs",
            "weighted_inputs(a_prev, W, b)",
            3,
            "z of one layer for one sample",
            "04-forward-propagation",
            "eq-forward-index",
            _weighted_inputs,
        ),
        Task(
            "layer",
            "layer(a_prev, W, b)",
            4,
            "the activations of one sigmoid layer for a batch",
            "04-forward-propagation",
            "eq-forward-batch",
            _layer,
            layouts=True,
        ),
        Task(
            "forward",
            "forward(X, W, b)",
            6,
            "z and a of every layer, for a network of any depth",
            "04-forward-propagation",
            "eq-forward-batch",
            _forward,
            parts=("z", "a"),
        ),
        Task(
            "collapse",
            "collapse(W2, b2, W3, b3)",
            4,
            "the one linear layer that equals two",
            "04-forward-propagation",
            "eq-linear-collapse",
            _collapse,
            parts=("W", "b"),
            layouts=True,
        ),
        Task(
            "one-hot",
            "one_hot(labels, classes)",
            2,
            "the one-hot targets of class labels",
            "05-targets-and-cost",
            "",
            _one_hot,
        ),
        Task(
            "accuracy",
            "accuracy(outputs, labels)",
            1,
            "the share of samples whose largest output is the right one",
            "05-targets-and-cost",
            "",
            _accuracy,
        ),
    ),
    withheld=("parameter_count", "one_hot", "Network", "backprop"),
)


# --- 3 · output delta ------------------------------------------------------------------------------------


def _cost_gradient(rng, i):
    samples, units = _sizes(rng, i, 2)
    a, t = rng.normal(0, 1, (samples, units)), rng.normal(0, 1, (samples, units))
    return Draw(
        [a, t],
        derivative(lambda a: (0.5 * (t - a) ** 2).sum(), a),
        {
            "sign flipped": lambda: t - a,
            "twice too large: the factor ½ is missing": lambda: 2 * (a - t),
            "half of what it should be: the square's factor 2 is missing": lambda: (a - t) / 2,
            "divided by the number of outputs": lambda: (a - t) / units,
            "divided by the number of samples": lambda: (a - t) / samples,
            "this is the cost, not its derivative": lambda: 0.5 * (t - a) ** 2,
        },
    )


def _squared(f):
    return lambda z, t: (0.5 * (t - f(z)) ** 2).sum()


def _bce(z, t):
    return (nn.softplus(z) - t * z).sum()


def _output_draw(output, cost, total, arguments):
    """Return a draw of an output delta: the derivative of the whole batch's cost with respect to z^L."""

    def draw(rng, i):
        net, X, T = _network(rng, i, output=output)
        if output == "softmax":
            T = T / T.sum(axis=1, keepdims=True)
        trace, L = net.forward(X), net.L
        z, a = trace.z[L], trace.a[L]
        findings = _by_diagnose(net, X, T, cost)
        return Draw(
            arguments(z, a, T),
            derivative(lambda z: total(z, T), z),
            diagnose=lambda value: findings(delta={L: _real(value)}),
        )

    return draw


_output_delta = _output_draw(
    "sigmoid", nn.SquaredError(), _squared(nn.sigmoid), lambda z, a, T: [nn.SquaredError().gradient(a, T), z]
)
_output_delta_softmax = _output_draw(
    "softmax", nn.SquaredError(), _squared(nn.softmax), lambda z, a, T: [nn.SquaredError().gradient(a, T), z]
)


def _output_delta_matched(rng, i):
    draw = _output_draw("sigmoid", nn.BinaryCrossEntropy(), _bce, lambda z, a, T: [z, T])(rng, i)
    z, t = draw.arguments
    if i == 3:  # saturated: a quotient such as (a − t) / (a (1 − a)) breaks here
        z = np.where(rng.random(z.shape) < 0.5, -1, 1) * rng.uniform(100, 600, z.shape)
        draw = Draw([z, t], derivative(lambda z: _bce(z, t), z))
    return draw


def _softmax(rng, i):
    samples, units = _sizes(rng, i, 2)
    z = rng.normal(0, 2, (samples, units))
    if i == 3:  # large, and so different that one number cannot serve all the rows
        z[::2], z[1::2] = z[::2] + 1000, z[1::2] - 1000
    e = np.exp(z - z.max(axis=1, keepdims=True))
    right = e / e.sum(axis=1, keepdims=True)
    return Draw(
        [z],
        right,
        {
            "divided by the sum over all the samples: each row must sum to 1": lambda: np.exp(z) / np.exp(z).sum(),
            "each column sums to 1; each row must": lambda: np.exp(z) / np.exp(z).sum(axis=0),
            "it overflows for large z: subtract the largest z of each row first": lambda: (
                np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
            ),
            "the largest z of all the rows is subtracted; each row needs its own": lambda: (
                np.exp(z - z.max()) / np.exp(z - z.max()).sum(axis=1, keepdims=True)
            ),
            "this is the sigmoid of each z": lambda: SIGMOID(z),
            "not divided by the sum": lambda: np.exp(z),
        },
    )


def _softmax_jacobian(rng, i):
    z = rng.normal(0, 1.5, 3 + i)
    a = nn.softmax(z)
    jacobian = np.array([derivative(lambda z, j=j: nn.softmax(z)[j], z) for j in range(z.size)])
    return Draw(
        [z],
        jacobian,
        {
            "only the diagonal is filled: the outputs are coupled": lambda: np.diag(a * (1 - a)),
            "only the diagonal is returned: the outputs are coupled": lambda: a * (1 - a),
            "the diagonal is missing its 1: a_i ([i = j] − a_j)": lambda: -np.outer(a, a),
            "the products a_i a_j are added; they are subtracted": lambda: np.diag(a) + np.outer(a, a),
            "sign flipped": lambda: -jacobian,
            "the factor a_i is missing: a_i ([i = j] − a_j)": lambda: np.eye(z.size) - a,
        },
    )


OUTPUT_DELTA = Assignment(
    "3-output-delta",
    "Output delta",
    (
        Task(
            "cost-gradient",
            "cost_gradient(a, t)",
            2,
            "∂C/∂a of the squared error",
            "10-output-delta",
            "eq-output-delta",
            _cost_gradient,
        ),
        Task(
            "output-delta",
            "output_delta(dC_da, z)",
            6,
            "δ of a sigmoid output layer, whatever the cost",
            "10-output-delta",
            "eq-output-delta",
            _output_delta,
        ),
        Task(
            "output-delta-matched",
            "output_delta_matched(z, t)",
            3,
            "δ of sigmoid outputs with binary cross-entropy",
            "17-matched-costs",
            "eq-delta-matched-sigmoid",
            _output_delta_matched,
        ),
        Task(
            "softmax",
            "softmax(z)",
            3,
            "the softmax of each row",
            "17-matched-costs",
            "eq-softmax",
            _softmax,
        ),
        Task(
            "softmax-jacobian",
            "softmax_jacobian(z)",
            4,
            "all the derivatives ∂a_i/∂z_j of one sample's softmax",
            "17-matched-costs",
            "eq-output-delta-jacobian",
            _softmax_jacobian,
        ),
        Task(
            "output-delta-softmax",
            "output_delta_softmax(dC_da, z)",
            4,
            "δ of a softmax output layer, whatever the cost",
            "17-matched-costs",
            "eq-output-delta-jacobian",
            _output_delta_softmax,
        ),
    ),
    withheld=("output_delta", "softmax", "backprop"),
)


# --- 4 · hidden recursion ----------------------------------------------------------------------------------


def _recursion(rng, i, f="sigmoid", samples=True):
    """Draw a layer inside a network, and its δ as the derivative of the cost by the complex step of z."""
    net, X, T = _network(rng, i, layers=4, hidden=f)
    if not samples:
        X, T = X[:1], T[:1]
    trace, cost = net.forward(X), nn.SquaredError()
    delta_3 = derivative(lambda z: _above(net, 3, z, T), trace.z[3])
    delta_2 = derivative(lambda z: _above(net, 2, z, T), trace.z[2])
    return net, X, T, trace, delta_3, delta_2, _by_diagnose(net, X, T, cost)


def _above(net, l, z, T):
    """Return the total squared error as a function of the weighted inputs of layer l."""
    a = net.f[l](z)
    for m in range(l + 1, net.L + 1):
        a = net.f[m](a @ net.W[m].T + net.b[m])
    return (0.5 * (T - a) ** 2).sum()


def _hidden_unit(rng, i):
    net, _, _, trace, delta_3, delta_2, _ = _recursion(rng, i, samples=False)
    unit, W, z = int(rng.integers(net.sizes[2])), net.W[3], trace.z[2][0]
    d = delta_3[0]
    return Draw(
        [unit, d, W, z],
        np.array(delta_2[0, unit]),
        {
            "f' is missing": lambda: np.array(d @ W[:, unit]),
            "only one path is counted: the sum over j is missing": lambda: np.array(
                d[0] * W[0, unit] * SIGMOID.derivative(z[unit])
            ),
            "f' is taken at a in place of z": lambda: np.array(d @ W[:, unit] * SIGMOID.derivative(SIGMOID(z[unit]))),
            "the formula for f' in terms of a was given z": lambda: np.array(d @ W[:, unit] * z[unit] * (1 - z[unit])),
            "sign flipped": lambda: np.array(-delta_2[0, unit]),
            "the weights are missing": lambda: np.array(d.sum() * SIGMOID.derivative(z[unit])),
            "a mean over the paths in place of their sum": lambda: np.array(delta_2[0, unit] / d.size),
            "this is another unit: they count from 0": lambda: np.array(delta_2[0, unit - 1]),
            "the δ of the layer after are missing": lambda: np.array(W[:, unit].sum() * SIGMOID.derivative(z[unit])),
        },
    )


def _hidden_one(rng, i):
    net, _, _, trace, delta_3, delta_2, findings = _recursion(rng, i, samples=False)
    return Draw(
        [delta_3[0], net.W[3], trace.z[2][0]],
        delta_2[0],
        diagnose=lambda value: findings(delta={2: _real(value)[None]}),
    )


def _hidden_batch(f):
    def draw(rng, i):
        net, _, _, trace, delta_3, delta_2, findings = _recursion(rng, i, f)
        return Draw([delta_3, net.W[3], trace.z[2]], delta_2, diagnose=lambda value: findings(delta={2: _real(value)}))

    return draw


def _all_deltas(rng, i):
    net, X, T = _network(rng, i, layers=(3, 4, 5, 4)[i])
    trace = net.forward(X)
    right = {l: derivative(lambda z, l=l: _above(net, l, z, T), trace.z[l]) for l in net.W}
    findings = _by_diagnose(net, X, T, nn.SquaredError())

    def diagnose(value):
        given = value if isinstance(value, dict) else dict(zip(net.W, value))
        return findings(delta={l: _real(given.get(l, given.get(str(l)))) for l in net.W})

    return Draw([right[net.L], dict(net.W), dict(trace.z)], right, diagnose=diagnose)


HIDDEN_RECURSION = Assignment(
    "4-hidden-recursion",
    "Hidden recursion",
    (
        Task(
            "hidden-unit",
            "hidden_delta_of_unit(i, delta_next, W_next, z)",
            4,
            "δ of one hidden unit: the sum over its paths",
            "11-hidden-recursion",
            "eq-hidden-delta",
            _hidden_unit,
        ),
        Task(
            "hidden-delta",
            "hidden_delta(delta_next, W_next, z)",
            4,
            "δ of a hidden sigmoid layer for one sample",
            "11-hidden-recursion",
            "eq-hidden-delta-matrix",
            _hidden_one,
        ),
        Task(
            "hidden-delta-batch",
            "hidden_delta_batch(delta_next, W_next, z)",
            4,
            "δ of a hidden sigmoid layer for a batch",
            "11-hidden-recursion",
            "eq-hidden-delta-batch",
            _hidden_batch("sigmoid"),
        ),
        Task(
            "hidden-delta-relu",
            "hidden_delta_relu(delta_next, W_next, z)",
            3,
            "δ of a hidden ReLU layer for a batch",
            "11-hidden-recursion",
            "eq-hidden-delta-batch",
            _hidden_batch("relu"),
        ),
        Task(
            "all-deltas",
            "all_deltas(delta_L, W, z)",
            6,
            "δ of every layer of a network of any depth",
            "11-hidden-recursion",
            "eq-hidden-delta-batch",
            _all_deltas,
        ),
    ),
    withheld=("hidden_delta", "output_delta", "backprop"),
)


# --- 5 · gradients and gradient checking --------------------------------------------------------------------


def _layer_gradient(which):
    def draw(rng, i):
        net, X, T = _network(rng, i)
        trace, grads = net.forward(X), nn.backprop(net, X, T, nn.SquaredError())
        delta, a = grads.delta[3], trace.a[2]

        def cost(W, b):  # C as a function of this layer's parameters; its derivative is what both functions are to give
            return (0.5 * (T - nn.sigmoid(a @ W.T + b)) ** 2).sum()

        findings = _by_diagnose(net, X, T, nn.SquaredError())
        if which == "W":
            return Draw(
                [delta, a],
                derivative(lambda W: cost(W, net.b[3]), net.W[3]),
                diagnose=lambda value: findings(W={3: _real(value)}),
            )
        return Draw(
            [delta],
            derivative(lambda b: cost(net.W[3], b), net.b[3]),
            diagnose=lambda value: findings(b={3: _real(value)}),
        )

    return draw


def _cost_of(W, b, X, T):
    a = X
    for l in sorted(W):
        a = nn.sigmoid(a @ W[l].T + b[l])
    return (0.5 * (T - a) ** 2).sum()


def _objective_of(W, b, X, T, lam):
    return _cost_of(W, b, X, T) / len(X) + 0.5 * lam * sum((w**2).sum() for w in W.values())


def _total_cost(rng, i):
    net, X, T = _network(rng, i)
    right = np.array(_cost_of(net.W, net.b, X, T))
    per_sample = 0.5 * ((T - net.predict(X)) ** 2).sum(axis=1)
    return Draw(
        [dict(net.W), dict(net.b), X, T],
        right,
        {
            "the factor ½ is missing": lambda: 2 * right,
            "a mean over the samples; the total cost is their sum": lambda: right / len(X),
            "one cost for each sample; the total cost is their sum": lambda: per_sample,
            "a mean over the outputs as well": lambda: right / T.size,
        },
    )


def _parameter_derivatives(func, net):
    """Return ∂func/∂W[l] and ∂func/∂b[l] as two dicts by layer."""
    dW = {l: derivative(lambda w, l=l: func({**net.W, l: w}, dict(net.b)), net.W[l]) for l in net.W}
    db = {l: derivative(lambda b, l=l: func(dict(net.W), {**net.b, l: b}), net.b[l]) for l in net.b}
    return dW, db


def _layers(value, net):
    if isinstance(value, dict):
        return {l: _real(value.get(l, value.get(str(l)))) for l in net.W}
    return {l: _real(v) for l, v in zip(net.W, value)}


def _gradients(rng, i):
    net, X, T = _network(rng, i, layers=3 + i % 2)
    findings = _by_diagnose(net, X, T, nn.SquaredError())
    return Draw(
        [dict(net.W), dict(net.b), X, T],
        _parameter_derivatives(lambda W, b: _cost_of(W, b, X, T), net),
        diagnose=lambda v: findings(W=_layers(v[0], net), b=_layers(v[1], net), names=("W", "b")),
        cost=_cost_of,
    )


def _objective(rng, i):
    net, X, T = _network(rng, i)
    lam = float(rng.uniform(0.1, 0.5))
    C = _cost_of(net.W, net.b, X, T)
    squares = sum((w**2).sum() for w in net.W.values())
    return Draw(
        [dict(net.W), dict(net.b), X, T, lam],
        np.array(C / len(X) + 0.5 * lam * squares),
        {
            "the penalty's factor ½ is missing": lambda: np.array(C / len(X) + lam * squares),
            "the data's part is not divided by the number of samples": lambda: np.array(C + 0.5 * lam * squares),
            "the penalty is missing": lambda: np.array(C / len(X)),
            "the biases are penalised too": lambda: np.array(
                C / len(X) + 0.5 * lam * (squares + sum((b**2).sum() for b in net.b.values()))
            ),
            "the penalty is divided by the number of samples too": lambda: np.array((C + 0.5 * lam * squares) / len(X)),
        },
    )


def _objective_gradients(rng, i):
    net, X, T = _network(rng, i)
    lam = float(rng.uniform(0.1, 0.5))
    findings = _by_diagnose(net, X, T, nn.SquaredError(), nn.L2(lam))
    return Draw(
        [dict(net.W), dict(net.b), X, T, lam],
        _parameter_derivatives(lambda W, b: _objective_of(W, b, X, T, lam), net),
        diagnose=lambda v: findings(W=_layers(v[0], net), b=_layers(v[1], net), names=("W", "b")),
        cost=_objective_of,
    )


def _numerical_gradient(rng, i):
    shape = [(3,), (2, 3), (4, 2), (5,)][i]
    size = int(np.prod(shape))
    x, c = rng.normal(0, 1, shape), rng.normal(0, 1, shape)
    A = rng.normal(0, 1, (size, size))
    if i == 3:
        x = rng.integers(-3, 4, shape)  # whole numbers: x[i] += h would do nothing to them

    def func(x):
        return np.sum(c * np.sin(x)) + 0.5 * np.ravel(x) @ A @ np.ravel(x)

    right = derivative(func, x)
    return Draw(
        [{"function": ["smooth", c, A]}, x],
        right,
        {
            "twice too large: the points are 2h apart": lambda: 2 * right,
            "half of what it should be": lambda: right / 2,
            "sign flipped": lambda: -right,
            "all entries were moved at once: move one at a time": lambda: right.sum(),
            "0 throughout: the steps do not change x (whole numbers, or too small a step)": lambda: 0 * right,
            "flattened: the shape of x was asked for": lambda: right.ravel(),
        },
    )


def _relative_error(rng, i):
    g, h = rng.normal(0, 1, 4 + i), rng.normal(0, 1, 4 + i)
    if i == 1:
        h = g + 1e-3 * h  # nearly equal, and still told apart in single precision
    if i == 2:
        g, h = 1e-3 * g, 1e-3 * h  # small gradients, which a constant in the denominator would spoil
    if (np.linalg.norm(g) > np.linalg.norm(h)) != (i == 2):  # each is the larger one once
        g, h = h, g
    if i == 3:
        g, h = np.zeros(3), np.zeros(3)
    norm = np.linalg.norm
    largest = max(norm(g), norm(h))
    return Draw(
        [g, h],
        np.array(norm(g - h) / largest if largest else 0.0),
        {
            "this is the absolute difference": lambda: np.array(norm(g - h)),
            "divided by the sum of both norms; the larger one was asked for": lambda: np.array(
                norm(g - h) / ((norm(g) + norm(h)) or 1)
            ),
            "the squares of the norms": lambda: np.array((norm(g - h) / largest) ** 2),
            "0/0: where both are 0 the error is 0": lambda: np.array(norm(g - h) / np.float64(largest)),
        },
    )


GRADIENTS = Assignment(
    "5-gradients",
    "Gradients and gradient checking",
    (
        Task(
            "weight-gradient",
            "weight_gradient(delta, a_prev)",
            4,
            "∂C_T/∂W of a layer, from δ and the activations before it",
            "12-gradient-formulas",
            "eq-weight-gradient-batch",
            _layer_gradient("W"),
        ),
        Task(
            "bias-gradient",
            "bias_gradient(delta)",
            2,
            "∂C_T/∂b of a layer, from δ",
            "12-gradient-formulas",
            "eq-bias-gradient",
            _layer_gradient("b"),
        ),
        Task(
            "total-cost",
            "total_cost(W, b, X, T)",
            2,
            "C_T of a sigmoid network with squared error",
            "05-targets-and-cost",
            "eq-total-cost",
            _total_cost,
        ),
        Task(
            "gradients",
            "gradients(W, b, X, T)",
            6,
            "the whole gradient of C_T, by layer",
            "12-gradient-formulas",
            "eq-weight-gradient-batch",
            _gradients,
            parts=("dW", "db"),
            own_cost="total_cost",
        ),
        Task(
            "numerical-gradient",
            "numerical_gradient(func, x)",
            4,
            "the gradient of any function by central differences",
            "07-numerical-differentiation",
            "eq-central-difference",
            _numerical_gradient,
        ),
        Task(
            "relative-error",
            "relative_error(g, h)",
            2,
            "how far two gradients are apart",
            "14-gradient-checking",
            "eq-relative-error",
            _relative_error,
        ),
        Task(
            "objective",
            "objective(W, b, X, T, lam)",
            2,
            "J: the mean cost with an L2 penalty",
            "19-fitting-too-well",
            "eq-l2-cost",
            _objective,
        ),
        Task(
            "objective-gradients",
            "objective_gradients(W, b, X, T, lam)",
            4,
            "the whole gradient of J, by layer",
            "19-fitting-too-well",
            "eq-l2-gradient",
            _objective_gradients,
            parts=("dW", "db"),
            own_cost="objective",
        ),
    ),
    withheld=("weight_gradient", "bias_gradient", "backprop", "numerical_gradient", "relative_error"),
)


# --- 6 · train a digit reader ---------------------------------------------------------------------------------


def _initialise(rng, i):
    sizes = _sizes(rng, i, 3 + i % 2) if i < 3 else [int(n) for n in rng.permutation([200, 120, 70])]
    return Draw([sizes, int(rng.integers(1 << 30))], None)


def _judge_initialise(arguments, value):
    sizes = arguments[0]
    if not isinstance(value, list) or len(value) != 2:
        return ["Two dicts were expected: W and b by layer."]
    try:
        net = nn.Network(sizes, initializer="zeros")
        W, b = _layers(value[0], net), _layers(value[1], net)
        if W.keys() != net.W.keys() or b.keys() != net.b.keys():
            raise ValueError("a layer is missing")
    except (ValueError, TypeError, AttributeError):
        return [f"W and b must have an array for each of the layers 2 to {len(sizes)}."]
    complaints = []
    for l in net.W:
        if W[l].shape != net.W[l].shape or b[l].shape != net.b[l].shape:
            looks = " (it looks transposed)" if W[l].shape == net.W[l].T.shape else ""
            complaints.append(
                f"layer {l}: W needs shape {net.W[l].shape} and b {net.b[l].shape}; they have {W[l].shape}{looks} "
                f"and {b[l].shape}."
            )
        elif not (np.isfinite(W[l]).all() and np.isfinite(b[l]).all()):
            complaints.append(f"layer {l}: NaN or infinity.")
        elif np.any(b[l]):
            complaints.append(f"layer {l}: the biases start at 0.")
        elif np.unique(W[l], axis=0).shape[0] < W[l].shape[0]:
            complaints.append(f"layer {l}: two units have the same weights, and would stay the same for ever.")
        elif wrong := _not_normal(W[l]):
            complaints.append(f"layer {l}: {wrong}; N(0, 1/n), with n = {W[l].shape[1]} units before, was asked for.")
    return complaints


def _not_normal(W):
    """Return what distinguishes weights from draws of N(0, 1/n), or "": few may be anything, many cannot."""
    scaled = W * np.sqrt(W.shape[1])
    if W.size < 2000:
        extreme = not 0.01 < np.abs(scaled).max() < 6
        return "the weights' size saturates or silences the units" if extreme else ""
    spread = np.sqrt(np.mean(scaled**2))
    if abs(spread - 1) > 0.05:
        return f"the weights' standard deviation is {spread / np.sqrt(W.shape[1]):.3g}"
    if abs(scaled.mean()) > 0.12:
        return f"the weights' mean is {W.mean():.2g}"
    return "" if np.mean(scaled**4) > 2.5 else "the weights are not spread normally"


def _update(rng, i):
    net, X, T = _network(rng, i)
    grads, eta = nn.backprop(net, X, T, nn.SquaredError()), float(rng.uniform(0.05, 0.5))

    def step(factor):
        return ({l: net.W[l] + factor * grads.W[l] for l in net.W}, {l: net.b[l] + factor * grads.b[l] for l in net.b})

    return Draw(
        [dict(net.W), dict(net.b), dict(grads.W), dict(grads.b), eta],
        step(-eta),
        {
            "a step uphill: the gradient is added": lambda: step(eta),
            "the learning rate is missing": lambda: step(-1.0),
            "the biases are not updated": lambda: (step(-eta)[0], dict(net.b)),
            "nothing was changed": lambda: step(0.0),
        },
    )


def _minibatches(rng, i):
    return Draw([(10, 23, 16, 37)[i], (4, 5, 16, 8)[i], int(rng.integers(1 << 30))], None)


def _judge_minibatches(arguments, value):
    samples, size, _ = arguments
    if isinstance(value, np.ndarray) and value.ndim == 2:
        value = list(value)
    if not isinstance(value, list) or not all(isinstance(v, np.ndarray) and v.ndim == 1 for v in value):
        return ["A list of arrays of sample numbers was expected."]
    if any(v.size > size for v in value):
        return [f"A batch has more than {size} samples."]
    try:
        numbers = np.concatenate(value)
    except ValueError:
        return ["There is no batch."]
    if numbers.dtype.kind not in "iu" or sorted(numbers.tolist()) != list(range(samples)):
        return [f"Every sample number from 0 to {samples - 1} must stand in exactly one batch."]
    if len(value) != -(-samples // size):
        return [f"{samples} samples in batches of {size} make {-(-samples // size)} batches; there are {len(value)}."]
    if any(v.size != size for v in value[:-1]):
        return [f"Every batch but the last must have {size} samples; they have {[v.size for v in value]}."]
    if (numbers == np.arange(samples)).all():
        return ["The samples are in their old order: they were not shuffled."]
    return []


def _predict(rng, i):
    net, X, _ = _network(rng, i)
    X = rng.normal(0, 1, (20 + i, X.shape[1]))  # so many that no mistake leaves all the labels as they are
    a = net.predict(X)
    return Draw(
        [dict(net.W), dict(net.b), X],
        a.argmax(axis=1),
        {
            "these are the outputs; the class labels were asked for": lambda: a,
            "the class labels count from 0": lambda: a.argmax(axis=1) + 1,
            "argmax runs over the samples; it must run over the outputs": lambda: a.argmax(axis=0),
            "this is the smallest output": lambda: a.argmin(axis=1),
        },
    )


def _train(rng, i):
    seed = int(rng.integers(1 << 30))
    X, T = _images(int(rng.integers(1 << 30)), seed)
    order = rng.permutation(len(X))
    return Draw([X[order], T[order], seed], None)


def _images(noise, seed):
    """Return images and targets, pixels and classes in an order drawn from the seed, so that old weights do not fit."""
    X, labels = nn.datasets.digits_4x3(rng=noise)
    rng = np.random.default_rng([seed, 46])
    pixels, classes = rng.permutation(X.shape[1]), rng.permutation(2)
    return X[:, pixels], nn.one_hot(classes[labels], 2)


def _judge_train(arguments, value):
    X, T, seed = arguments
    sizes = [X.shape[1], 3, T.shape[1]]
    net = nn.Network(sizes, initializer="zeros")
    try:
        for l, W in _layers(value[0], net).items():
            net.W[l] = W
        for l, b in _layers(value[1], net).items():
            net.b[l] = b
    except (ValueError, TypeError, IndexError, KeyError, AttributeError):
        return [f"train must return W and b of a {'-'.join(map(str, sizes))} network, by layer."]
    if not np.isfinite(net.parameters).all():
        return ["The trained weights contain NaN or infinity."]
    # Images that training has not seen: other noise on the same drawings.
    fresh, targets = _images(seed + 1, seed)
    with np.errstate(over="ignore"):
        share = float(np.mean(net.predict(fresh).argmax(axis=1) == targets.argmax(axis=1)))
    if share < 0.9:
        return [f"The network reads {share:.0%} of {len(fresh)} fresh images; 90 % are needed."]
    return []


DIGIT_READER = Assignment(
    "6-digit-reader",
    "Train a digit reader",
    (
        Task(
            "initialise",
            "initialise(sizes, seed)",
            3,
            "the weights and biases to start from",
            "20-vanishing-gradients",
            "eq-glorot",
            _initialise,
            judge=_judge_initialise,
            seeded=True,
        ),
        Task(
            "update",
            "update(W, b, dW, db, eta)",
            3,
            "the parameters after one step of gradient descent",
            "08-gradient-descent",
            "eq-gradient-descent",
            _update,
            parts=("W", "b"),
        ),
        Task(
            "minibatches",
            "minibatches(samples, batch_size, seed)",
            4,
            "the sample numbers of one epoch's batches",
            "08-gradient-descent",
            "eq-minibatch-unbiased",
            _minibatches,
            judge=_judge_minibatches,
            seeded=True,
        ),
        Task(
            "predict",
            "predict(W, b, X)",
            2,
            "the class label of every sample",
            "04-forward-propagation",
            "eq-forward-batch",
            _predict,
        ),
        Task(
            "train",
            "train(X, T, seed)",
            9,
            "the parameters of a network that reads digits it has not seen",
            "13-the-algorithm",
            "",
            _train,
            draws=2,
            judge=_judge_train,
        ),
    ),
    withheld=("fit", "Sequential", "SGD"),
)

ASSIGNMENTS = {
    assignment.name: assignment
    for assignment in (ONE_NEURON, FORWARD, OUTPUT_DELTA, HIDDEN_RECURSION, GRADIENTS, DIGIT_READER)
}
