"""Assignment 2, forward propagation: the draws, the laws and the named mistakes of its tasks."""

from __future__ import annotations

import itertools

import numpy as np

from ..tasks import Assignment, Draw, Task
from .drawing import SIGMOID, draw_network, draw_sizes


def _parameter_count(rng, i):
    sizes = [12, 3, 2] if i == 0 else draw_sizes(rng, i, 2 + i)
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
    n, before, N = draw_sizes(rng, i, 3)
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
    net, X, _ = draw_network(rng, i, layers=3 if i == 0 else 3 + i % 2)
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
    n1, n2, n3 = draw_sizes(rng, i, 3)
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
    withheld=("parameter_count", "one_hot", "accuracy", "Network", "backprop"),
)
