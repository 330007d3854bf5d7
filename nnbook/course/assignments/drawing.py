"""Tools for drawing the assignments' cases: sizes, networks, exact derivatives, and findings of nnbook.diagnose."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

import nnbook as nn
from nnbook.core.costs import Cost
from nnbook.core.network import Network
from nnbook.core.penalties import Penalty

from ...checking.diagnosis import diagnose
from ..comparing import as_array

SIGMOID = nn.sigmoid


def derivative(func: Callable, x: Any) -> np.ndarray:
    """Return ∂func/∂x by the complex step: exact to rounding, and independent of every formula."""
    return nn.numerical_gradient(func, x, method="complex")


def draw_sizes(rng: np.random.Generator, i: int, count: int) -> list[int]:
    """Draw sizes that differ from each other, so that no transpose can hide; the first draw is small."""
    return [int(n) for n in rng.permutation(np.arange(2, 2 + count) if i == 0 else np.arange(2, 8))[:count]]


def draw_network(
    rng: np.random.Generator, i: int, layers: int = 3, hidden: str = "sigmoid", output: str = "sigmoid"
) -> tuple[Network, np.ndarray, np.ndarray]:
    """Draw a network and data: sizes and number of samples pairwise different, weights and biases well away from 0."""
    *sizes, samples = draw_sizes(rng, i, layers + 1)
    net = nn.Network(sizes, [hidden] * (layers - 2) + [output], rng=rng)
    for l in net.W:
        net.W[l] = rng.normal(0, 1.2, net.W[l].shape)
        net.b[l] = rng.normal(0, 0.7, net.b[l].shape)
    X = rng.normal(0, 1, (samples, sizes[0]))
    T = rng.uniform(0.05, 0.95, (samples, sizes[-1]))
    return net, X, T


def by_diagnose(
    net: Network, X: np.ndarray, T: np.ndarray, cost: Cost, penalty: Penalty | None = None
) -> Callable[..., list[str]]:
    """Return a function that passes gradients to nnbook.diagnose and returns its findings as text."""

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
        if delta:  # what follows from a wrong delta is not reported again
            trace = net.forward(X)
            for l in range(min(delta) - 1, 1, -1):
                parts["delta"][l] = nn.hidden_delta(parts["delta"][l + 1], net.W[l + 1], trace.z[l], net.f[l])
            for l, d in parts["delta"].items():
                parts["W"][l], parts["b"][l] = nn.weight_gradient(d, trace.a[l - 1]), nn.bias_gradient(d)
        found = diagnose(SimpleNamespace(**parts), net, X, T, cost, penalty, tolerance=1e-5, verbose=False)
        return [str(f) for f in found.findings]

    return findings


def real(value: Any) -> np.ndarray:
    """Return a result as a float64 array; ValueError when it does not hold finite real numbers."""
    array = as_array(value)
    if array is None or array.dtype.kind not in "iuf":
        raise ValueError("not an array of real numbers")
    if not np.isfinite(array).all():
        raise ValueError("not finite")
    return array.astype(np.float64)


def by_layer(value: Any, net: Network) -> dict[int, np.ndarray]:
    """Return one part of a student's result as a dict by layer of real arrays, from a dict or a list; else raise."""
    if isinstance(value, dict):
        return {l: real(value.get(l, value.get(str(l)))) for l in net.W}
    return {l: real(v) for l, v in zip(net.W, value)}
