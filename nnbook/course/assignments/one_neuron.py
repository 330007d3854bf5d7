"""Assignment 1, one neuron and its cost: the draws, the laws and the named mistakes of its tasks."""

from __future__ import annotations

import numpy as np

from ..comparing import WHERE_SUMS_CANCEL
from ..tasks import Assignment, Draw, Task
from .drawing import SIGMOID, derivative, draw_sizes


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
    samples, units = draw_sizes(rng, i, 2)
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
    samples, units = draw_sizes(rng, i, 2)
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
            "w is used where x belongs in dw": lambda: (right[1] * w, right[1]),
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
            "this is only the step; the new weight is w plus the step": lambda: np.array(-eta * slope),
            "this is what is taken from w, without w": lambda: np.array(eta * slope),
            "the cost is used where its derivative belongs": lambda: np.array(w - eta * (w * x - t) ** 2),
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
            tolerance=WHERE_SUMS_CANCEL,
        ),
        Task(
            "neuron-gradient",
            "neuron_gradient(w, b, x, t)",
            5,
            "its derivatives with respect to w and b",
            "06-derivatives",
            "eq-chain-rule",
            _neuron_gradient,
            tolerance=WHERE_SUMS_CANCEL,
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
            tolerance=WHERE_SUMS_CANCEL,
        ),
    ),
    withheld=("sigmoid", "SquaredError", "BinaryCrossEntropy", "backprop", "numerical_gradient", "tape"),
)
