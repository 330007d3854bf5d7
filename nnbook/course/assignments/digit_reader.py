"""Assignment 6, training a digit reader: the draws, the laws and the named mistakes of its tasks."""

from __future__ import annotations

import numpy as np

import nnbook as nn

from ..tasks import Assignment, Draw, Task
from .drawing import by_layer, draw_network, draw_sizes


def _initialise(rng, i):
    sizes = draw_sizes(rng, i, 3 + i % 2) if i < 3 else [int(n) for n in rng.permutation([200, 120, 70])]
    return Draw([sizes, int(rng.integers(1 << 30))], None)


def _judge_initialise(arguments, value):
    sizes = arguments[0]
    if not isinstance(value, list) or len(value) != 2:
        return ["Two dicts were expected: W and b by layer."]
    try:
        net = nn.Network(sizes, initializer="zeros")
        W, b = by_layer(value[0], net), by_layer(value[1], net)
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
    """Return what distinguishes weights from draws of N(0, 1/n), or "": a few may look like anything, many cannot."""
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
    net, X, T = draw_network(rng, i)
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
        return ["No batch was returned."]
    if numbers.dtype.kind not in "iu" or sorted(numbers.tolist()) != list(range(samples)):
        return [f"Every sample number from 0 to {samples - 1} must be in exactly one batch."]
    if len(value) != -(-samples // size):
        return [f"{samples} samples in batches of {size} make {-(-samples // size)} batches; there are {len(value)}."]
    if any(v.size != size for v in value[:-1]):
        return [f"Every batch but the last must have {size} samples; they have {[v.size for v in value]}."]
    if (numbers == np.arange(samples)).all():
        return ["The samples are in their old order: they were not shuffled."]
    return []


def _predict(rng, i):
    net, X, _ = draw_network(rng, i)
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
        for l, W in by_layer(value[0], net).items():
            net.W[l] = W
        for l, b in by_layer(value[1], net).items():
            net.b[l] = b
    except (ValueError, TypeError, IndexError, KeyError, AttributeError):
        return [f"train must return W and b of a {'-'.join(map(str, sizes))} network, by layer."]
    if not np.isfinite(net.parameters).all():
        return ["The trained weights contain NaN or infinity."]
    # Images not seen in training: different noise on the same drawings.
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
    withheld=("fit", "Sequential", "SGD", "labels_of"),
)
