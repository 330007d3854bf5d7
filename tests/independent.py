"""A second implementation for the tests to compare with: the definitions written out, sharing no code with the package.

Activations and costs are given by their definitions, a forward pass by einsum in the book's letters, gradients by
differences and the complex step. Sizes are pairwise different everywhere: a square network hides a missing transpose.
"""

import itertools

import numpy as np

import nnbook as nn

SIZES = [4, 3, 5, 2]
SIZES_OF_ONE_LAYER = [3, 2]

# For |z| of ordinary size, real or complex; a kink is passed by the sign of the real part.
ACTIVATIONS = {
    "identity": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": lambda z: (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z)),
    "relu": lambda z: np.where(z.real > 0, z, 0),
    "leaky_relu": lambda z: np.where(z.real > 0, z, 0.01 * z),
    "softplus": lambda z: np.log(1 + np.exp(z)),
    "softmax": lambda z: np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True),
}
COSTS = {
    nn.SquaredError: lambda a, t: ((t - a) ** 2 / 2).sum(),
    nn.BinaryCrossEntropy: lambda a, t: -(t * np.log(a) + (1 - t) * np.log(1 - a)).sum(),
    nn.CategoricalCrossEntropy: lambda a, t: -(t * np.log(a)).sum(),
}
# Output activations whose values each cost can take: probabilities for the cross-entropies.
PAIRS = [
    *((nn.SquaredError, f) for f in ACTIVATIONS),
    (nn.BinaryCrossEntropy, "sigmoid"),
    (nn.BinaryCrossEntropy, "softmax"),
    (nn.CategoricalCrossEntropy, "softmax"),
    (nn.CategoricalCrossEntropy, "sigmoid"),
    (nn.CategoricalCrossEntropy, "softplus"),
]
HIDDEN = [f for f in ACTIVATIONS if f != "softmax"]


def network(sizes=SIZES, activation="sigmoid", seed=0, dtype="float64"):
    """A network with normal weights and biases that are not 0."""
    net = nn.Network(sizes, activation, rng=0, dtype=dtype)
    rng = np.random.default_rng(seed)
    net.parameters = rng.normal(size=net.parameter_count).astype(dtype)
    return net


def data(sizes=SIZES, samples=6, seed=0, targets="soft"):
    """Inputs, and targets in (0, 1); with targets="sum to 1" each row does."""
    rng = np.random.default_rng(100 + seed)
    X, T = rng.normal(size=(samples, sizes[0])), rng.uniform(0.1, 0.9, size=(samples, sizes[-1]))
    return X, (T / T.sum(axis=1, keepdims=True) if targets == "sum to 1" else T)


def unpack(parameters, sizes):
    """W and b by layer from one flat array: all W, then all b."""
    W, b, start = {}, {}, 0
    for l, (before, n) in enumerate(itertools.pairwise(sizes), start=2):
        W[l] = parameters[start : start + n * before].reshape(n, before)
        start += n * before
    for l, n in enumerate(sizes[1:], start=2):
        b[l] = parameters[start : start + n]
        start += n
    assert start == len(parameters)
    return W, b


def forward(parameters, sizes, names, X):
    """z and a by layer: z^l_{kj} = Σ_i w^l_{ji} a^{l-1}_{ki} + b^l_j."""
    W, b = unpack(parameters, sizes)
    z, a = {}, {1: X}
    for l, name in enumerate(names, start=2):
        z[l] = np.einsum("ji,ki->kj", W[l], a[l - 1]) + b[l]
        a[l] = ACTIVATIONS[name](z[l])
    return z, a


def total_cost(parameters, sizes, names, cost, X, T):
    _, a = forward(parameters, sizes, names, X)
    return COSTS[type(cost)](a[len(sizes)], T)


def complex_step(func, x, h=1e-20):
    """∂func/∂x by the imaginary part of func(x + ih), one entry at a time."""
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        point = x.astype(complex)
        point[index] += 1j * h
        gradient[index] = func(point).imag / h
    return gradient


def central_difference(func, x, h=1e-5):
    """∂func/∂x by (func(x + h) − func(x − h)) / 2h, one entry at a time."""
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += h
        below[index] -= h
        gradient[index] = (func(above) - func(below)) / (above[index] - below[index])
    return gradient


def distance(g, reference):
    """The distance of two arrays, relative to the larger."""
    assert np.shape(g) == np.shape(reference)
    largest = max(np.linalg.norm(g), np.linalg.norm(reference))
    return np.linalg.norm(np.asarray(g) - reference) / largest if largest else 0.0
