"""Assignment 3, the output delta: the draws, the laws and the named mistakes of its tasks."""

from __future__ import annotations

import numpy as np

import nnbook as nn

from ..comparing import WHERE_SUMS_CANCEL
from ..tasks import Assignment, Draw, Task
from .drawing import SIGMOID, by_diagnose, derivative, draw_network, draw_sizes, real


def _cost_gradient(rng, i):
    samples, units = draw_sizes(rng, i, 2)
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
        net, X, T = draw_network(rng, i, output=output)
        if output == "softmax":
            T = T / T.sum(axis=1, keepdims=True)
        trace, L = net.forward(X), net.L
        z, a = trace.z[L], trace.a[L]
        findings = by_diagnose(net, X, T, cost)
        return Draw(
            arguments(z, a, T),
            derivative(lambda z: total(z, T), z),
            diagnose=lambda value: findings(delta={L: real(value)}),
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
    samples, units = draw_sizes(rng, i, 2)
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
            tolerance=WHERE_SUMS_CANCEL,
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
            tolerance=WHERE_SUMS_CANCEL,
        ),
    ),
    withheld=(
        "output_delta",
        "softmax",
        "SquaredError",
        "BinaryCrossEntropy",
        "CategoricalCrossEntropy",
        "backprop",
        "tape",
    ),
)
