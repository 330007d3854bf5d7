"""Assignment 5, the whole gradient, and checking it: the draws, the laws and the named mistakes of its tasks."""

from __future__ import annotations

import numpy as np

import nnbook as nn

from ..comparing import WHERE_SUMS_CANCEL
from ..tasks import Assignment, Draw, Task
from .drawing import by_diagnose, by_layer, derivative, draw_network, real


def _layer_gradient(which):
    def draw(rng, i):
        net, X, T = draw_network(rng, i)
        trace, grads = net.forward(X), nn.backprop(net, X, T, nn.SquaredError())
        delta, a = grads.delta[3], trace.a[2]

        def cost(
            W, b
        ):  # C as a function of this layer's parameters; its derivative is what both functions should return
            return (0.5 * (T - nn.sigmoid(a @ W.T + b)) ** 2).sum()

        findings = by_diagnose(net, X, T, nn.SquaredError())
        if which == "W":
            return Draw(
                [delta, a],
                derivative(lambda W: cost(W, net.b[3]), net.W[3]),
                diagnose=lambda value: findings(W={3: real(value)}),
            )
        return Draw(
            [delta],
            derivative(lambda b: cost(net.W[3], b), net.b[3]),
            diagnose=lambda value: findings(b={3: real(value)}),
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
    net, X, T = draw_network(rng, i)
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


SATURATED = (
    "Here the outputs are saturated and the targets far away: the derivatives are small beside the cost, and a "
    "difference of two costs has no correct digit left. Use the formulas, not numerical differentiation."
)


def _saturate(net, T, last):
    """Return targets and a remark; in the last case they, and the network's outputs, defeat finite differences."""
    if not last:
        return T, ""
    net.b[max(net.b)] -= 25
    return 1e6 * T, SATURATED


def _gradients(rng, i):
    net, X, T = draw_network(rng, i, layers=3 + i % 2)
    T, remark = _saturate(net, T, i == 4)
    findings = by_diagnose(net, X, T, nn.SquaredError())
    return Draw(
        [dict(net.W), dict(net.b), X, T],
        _parameter_derivatives(lambda W, b: _cost_of(W, b, X, T), net),
        diagnose=lambda v: findings(W=by_layer(v[0], net), b=by_layer(v[1], net), names=("W", "b")),
        cost=None if remark else _cost_of,
        remark=remark,
    )


def _objective(rng, i):
    net, X, T = draw_network(rng, i)
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
    net, X, T = draw_network(rng, i)
    T, remark = _saturate(net, T, i == 4)
    lam = float(rng.uniform(0.1, 0.5))
    findings = by_diagnose(net, X, T, nn.SquaredError(), nn.L2(lam))
    return Draw(
        [dict(net.W), dict(net.b), X, T, lam],
        _parameter_derivatives(lambda W, b: _objective_of(W, b, X, T, lam), net),
        diagnose=lambda v: findings(W=by_layer(v[0], net), b=by_layer(v[1], net), names=("W", "b")),
        cost=None if remark else _objective_of,
        remark=remark,
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
        h = g + 1e-3 * h  # nearly equal, and still distinct in single precision
    if i == 2:
        g, h = 1e-3 * g, 1e-3 * h  # small gradients, for which a constant in the denominator would give a wrong result
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
            draws=5,
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
            tolerance=1e-7,
        ),
        Task(
            "relative-error",
            "relative_error(g, h)",
            2,
            "how far two gradients are apart",
            "14-gradient-checking",
            "eq-relative-error",
            _relative_error,
            tolerance=WHERE_SUMS_CANCEL,
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
            draws=5,
            parts=("dW", "db"),
            own_cost="objective",
        ),
    ),
    withheld=(
        "weight_gradient",
        "bias_gradient",
        "SquaredError",
        "L2",
        "backprop",
        "numerical_gradient",
        "numerical_gradients",
        "relative_error",
        "tape",
    ),
)
