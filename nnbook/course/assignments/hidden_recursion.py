"""Assignment 4, the hidden recursion: the draws, the laws and the named mistakes of its tasks."""

from __future__ import annotations

import numpy as np

import nnbook as nn

from ..comparing import WHERE_SUMS_CANCEL
from ..tasks import Assignment, Draw, Task
from .drawing import SIGMOID, by_diagnose, derivative, draw_network, real


def _recursion(rng, i, f="sigmoid", samples=True):
    """Draw a layer inside a network, and its δ as the derivative of the cost by the complex step of z."""
    net, X, T = draw_network(rng, i, layers=4, hidden=f)
    if not samples:
        X, T = X[:1], T[:1]
    trace, cost = net.forward(X), nn.SquaredError()
    delta_3 = derivative(lambda z: _above(net, 3, z, T), trace.z[3])
    delta_2 = derivative(lambda z: _above(net, 2, z, T), trace.z[2])
    return net, X, T, trace, delta_3, delta_2, by_diagnose(net, X, T, cost)


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
        diagnose=lambda value: findings(delta={2: real(value)[None]}),
    )


def _hidden_batch(f):
    def draw(rng, i):
        net, _, _, trace, delta_3, delta_2, findings = _recursion(rng, i, f)
        return Draw([delta_3, net.W[3], trace.z[2]], delta_2, diagnose=lambda value: findings(delta={2: real(value)}))

    return draw


def _all_deltas(rng, i):
    net, X, T = draw_network(rng, i, layers=(3, 4, 5, 4)[i])
    trace = net.forward(X)
    right = {l: derivative(lambda z, l=l: _above(net, l, z, T), trace.z[l]) for l in net.W}
    findings = by_diagnose(net, X, T, nn.SquaredError())

    def diagnose(value):
        given = value if isinstance(value, dict) else dict(zip(net.W, value))
        return findings(delta={l: real(given.get(l, given.get(str(l)))) for l in net.W})

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
            tolerance=WHERE_SUMS_CANCEL,
        ),
        Task(
            "hidden-delta",
            "hidden_delta(delta_next, W_next, z)",
            4,
            "δ of a hidden sigmoid layer for one sample",
            "11-hidden-recursion",
            "eq-hidden-delta-matrix",
            _hidden_one,
            tolerance=WHERE_SUMS_CANCEL,
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
    withheld=("hidden_delta", "output_delta", "backprop", "tape"),
)
