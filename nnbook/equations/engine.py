"""Networks that know the meaning of every symbol by definition: own forward pass, own complex step.

Nothing here comes from the package's formulas or its network, because this is what they are compared with.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from .values import STEP, Array, Nudge

Elementwise = Callable[[Array], Array]

COSTS = ("SquaredError", "BinaryCrossEntropy", "CategoricalCrossEntropy")


# --- activations and costs, by definition, for arrays of real or complex numbers ----------------------------------


def sigmoid(z: Array) -> Array:
    right = z.real >= 0
    power = np.exp(np.where(right, -z, z))
    return np.where(right, 1, power) / (1 + power)


def tanh(z: Array) -> Array:
    return np.tanh(z)


def relu(z: Array) -> Array:
    return np.where(z.real > 0, z, 0 * z)


def softplus(z: Array) -> Array:
    right = z.real > 0
    power = np.exp(np.where(right, -z, z))
    return np.where(right, z, 0 * z) + np.log1p(power)


def leaky_relu(z: Array) -> Array:
    return np.where(z.real > 0, z, 0.01 * z)


def identity(z: Array) -> Array:
    return 1 * z


def arbitrary(z: Array) -> Array:
    """A smooth function that is no usual activation: steeper than 1, and neither monotonic nor bounded."""
    return 0.7 * z + 1.3 * np.sin(1.7 * z + 0.3) + 0.2


def softmax(z: Array) -> Array:
    powers = np.exp(z - z.real.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


ACTIVATIONS = {
    "sigmoid": sigmoid,
    "tanh": tanh,
    "relu": relu,
    "softplus": softplus,
    "leaky_relu": leaky_relu,
    "identity": identity,
}
ELEMENTWISE = {**ACTIVATIONS, "arbitrary": arbitrary}


def squared_error(a: Array, t: Array) -> Array:
    return ((a - t) ** 2).sum(axis=-1) / 2


def squared_error_without_half(a: Array, t: Array) -> Array:
    return ((a - t) ** 2).sum(axis=-1)


def mean_squared_error(a: Array, t: Array) -> Array:
    return ((a - t) ** 2).mean(axis=-1)


def _t_log(t: Array, p: Array) -> Array:
    return np.where(t == 0, 0, t * np.log(np.where(t == 0, 1, p)))


def binary_cross_entropy(a: Array, t: Array) -> Array:
    return -(_t_log(t, a) + _t_log(1 - t, 1 - a)).sum(axis=-1)


def categorical_cross_entropy(a: Array, t: Array) -> Array:
    return -_t_log(t, a).sum(axis=-1)


COST_OF = {
    "SquaredError": squared_error,
    "BinaryCrossEntropy": binary_cross_entropy,
    "CategoricalCrossEntropy": categorical_cross_entropy,
    "squared error without ½": squared_error_without_half,
    "mean squared error": mean_squared_error,
}


def seed_of(*parts: object) -> int:
    """Return a seed made of the words: the same on every machine and in every run."""
    return int.from_bytes(hashlib.sha256("|".join(map(str, parts)).encode()).digest()[:8], "big")


def derivative_of(f: Elementwise) -> Elementwise:
    """Return f′, taken by the complex step."""

    def derivative(z: Array) -> Array:
        if np.iscomplexobj(z):
            raise ValueError("the derivative of a derivative")
        return f(z + 1j * STEP).imag / STEP

    return derivative


class Network:
    """One network with N samples: the engine's own; layer numbers are keys.

    Parameters
    ----------
    sizes : list of int
        Units in layers 1 … L.
    samples : int
        N.
    activations : list of str
        One name for each of the layers 2 … L.
    cost : str
        A key of COST_OF.
    penalty : tuple (kind, strength) or None
        ("L1" or "L2", λ), used only by J.
    rng : numpy Generator
    targets : "any" or None
        "any": they need not add up to 1 for categorical cross-entropy.
    biases : bool
        False: they are all 0.
    """

    def __init__(
        self,
        sizes: list[int],
        samples: int,
        activations: list[str],
        cost: str,
        penalty: tuple[str, float] | None,
        rng: np.random.Generator,
        targets: str | None = None,
        biases: bool = True,
    ) -> None:
        self.sizes = dict(enumerate(sizes, start=1))
        self.L, self.N = len(sizes), samples
        self.activations = dict(enumerate(activations, start=2))
        self.cost = cost
        self.penalty = penalty or ("L2", float(rng.uniform(0.2, 1.9)))
        self.w, self.b = {}, {}
        for l in range(2, self.L + 1):
            shape = (self.sizes[l], self.sizes[l - 1])
            spread = 1.6 if shape[1] < 6 else 0.9
            self.w[l] = rng.uniform(0.15, spread, shape) * rng.choice([-1.0, 1.0], shape)
            self.b[l] = rng.uniform(0.1, 1.3, shape[0]) * rng.choice([-1.0, 1.0], shape[0]) * biases
        shape = (samples, self.sizes[1])
        self.x = rng.uniform(0.1, 1.4, shape) * rng.choice([-1.0, 1.0], shape)
        self.t = self._targets(rng, targets)
        self._nudged: dict[Nudge, dict[str, Any]] = {}
        self._delta: dict[int | None, Array] = {}

    def _targets(self, rng: np.random.Generator, targets: str | None) -> Array:
        shape = (self.N, self.sizes[self.L])
        if self.cost == "BinaryCrossEntropy":
            return rng.uniform(0.02, 0.98, shape)
        if self.cost == "CategoricalCrossEntropy":
            t = rng.uniform(0.1, 0.9, shape)
            return t if targets == "any" else t / t.sum(axis=1, keepdims=True)
        return rng.uniform(-1.5, 2.5, shape)

    def enlarged(self, factor: float) -> Network:
        """Make weights, biases, inputs, targets and the penalty larger; return the network."""
        for array in (*self.w.values(), *self.b.values(), self.x, self.t):
            array *= factor
        self.penalty = (self.penalty[0], self.penalty[1] * factor)
        return self

    def describe(self) -> str:
        names = ", ".join(self.activations[l] for l in range(2, self.L + 1))
        return f"network {'-'.join(map(str, self.sizes.values()))}, {self.N} samples, {names}, {self.cost}"

    # -- forward, with every number of one kind and layer nudged along the imaginary axis, one after another --

    def run(self, kind: str | None = None, layer: int | None = None) -> dict[str, Any]:
        """Return z[l], a[l], C, C_T, J by name; with ``kind`` and ``layer``, once for each number of that array.

        The first axis of each result runs over the numbers that were nudged (it is 1 long without a nudge).
        """

        def moved(value: Array, *where: Any) -> Array:
            if where != (kind, layer):
                return value
            steps = np.eye(value[0].size).reshape(-1, *value.shape[1:]) * 1j * STEP
            return value + steps

        a = {1: moved(self.x[None], "a", 1)}
        z, w = {}, {}
        for l in range(2, self.L + 1):
            w[l] = moved(self.w[l][None], "w", l)
            b = moved(self.b[l][None], "b", l)
            z[l] = moved(a[l - 1] @ w[l].swapaxes(-1, -2) + b[:, None, :], "z", l)
            a[l] = moved(self.activate(l, z[l]), "a", l)
        with np.errstate(all="ignore"):  # a cross-entropy of outputs beyond 0 … 1 is not a number
            costs = COST_OF[self.cost](a[self.L], self.t)
            total = costs.sum(axis=1)
            mean = total / self.N
        kind_of_penalty, strength = self.penalty
        extra = 0
        for weights in w.values():
            if kind_of_penalty == "L2":
                extra = extra + (weights**2).sum(axis=(1, 2)) / 2
            else:
                extra = extra + np.where(weights.real >= 0, weights, -weights).sum(axis=(1, 2))
        return {"z": z, "a": a, "C": costs, "C_T": total, "penalty": extra, "J": mean + strength * extra}

    def activate(self, l: int, z: Array) -> Array:
        name = self.activations[l]
        return softmax(z) if name == "softmax" else ELEMENTWISE[name](z)

    @cached_property
    def base(self) -> dict[str, Any]:
        return self.run()

    def nudged(self, kind: str, layer: int | None) -> dict[str, Any]:
        if (kind, layer) not in self._nudged:
            self._nudged[kind, layer] = self.run(kind, layer)
        return self._nudged[kind, layer]

    # -- what the evaluation asks for: whole arrays, places from 0 --

    def array(self, kind: str, layer: int | None = None) -> Array:
        """Return all numbers of a kind in a layer: w (to, from), b (unit), z, a, δ, t (sample, unit), C (sample)."""
        if kind in ("w", "b"):
            return getattr(self, kind)[layer]
        if kind == "t":
            return self.t
        if kind == "delta":
            if layer not in self._delta:
                self._delta[layer] = np.einsum("kjk->kj", self.slope(("C", None), ("z", layer)))
            return self._delta[layer]
        found = self.base[kind]
        return (found[layer] if isinstance(found, dict) else found)[0]

    def moving(self, kind: str, layer: int | None, nudge: Nudge) -> Array | None:
        """Return the complex array of a kind while ``nudge`` is moved, its axes first; None when it stands still."""
        if nudge[0] == kind and kind in ("w", "b") and nudge[1] == layer:
            value = getattr(self, kind)[layer]
            return value + np.eye(value.size).reshape(*value.shape, *value.shape) * 1j * STEP
        if kind in ("w", "b", "t"):
            return None
        if kind == "delta":
            raise ValueError("the derivative of a derivative")
        found = self.nudged(*nudge)[kind]
        found = found[layer] if isinstance(found, dict) else found
        if len(found) == 1 and not np.iscomplexobj(found):
            return None
        lead = self.lead(nudge)
        return found.reshape(*lead, *found.shape[1:]) if len(found) == math.prod(lead) else None

    def lead(self, nudge: Nudge) -> tuple[int, ...]:
        kind, layer = nudge
        return {"w": self.w, "b": self.b}[kind][layer].shape if kind in ("w", "b") else (self.N, self.sizes[layer])

    def slope(self, above: tuple[str, int | None], below: Nudge) -> Array:
        """Return ∂above/∂below: the axes of ``below`` first, then those of ``above``."""
        moved = self.moving(*above, below)
        if moved is None:
            return np.zeros((*self.lead(below), *np.shape(self.array(*above))))
        return moved.imag / STEP

    @property
    def P(self) -> int:
        return sum(self.w[l].size + self.b[l].size for l in self.w)

    def function(self, layer: int, primes: int = 0) -> Elementwise | None:
        """f of a layer, or its first derivative by the complex step; None for softmax, which is not elementwise."""
        name = self.activations[layer]
        if name == "softmax":
            return None
        return derivative_of(ELEMENTWISE[name]) if primes else ELEMENTWISE[name]
