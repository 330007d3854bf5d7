"""The package's own numbers for a drawn network, so that page, definition and package are all compared."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from . import engine, terms
from .functions import ACTIVATION_NAMES
from .language.tree import Node
from .terms import Env, Term
from .values import Array, Nudge, Value

if TYPE_CHECKING:
    import nnbook as nn


class Missing(Exception):
    """The package has no function for this."""


class PackageSide:
    """Answers the evaluation's questions about a network with what the package computes for the same numbers."""

    slope_only = True

    def __init__(self, drawn: engine.Network) -> None:
        import nnbook as nn

        self.nn, self.drawn = nn, drawn
        self.sizes, self.L, self.N = drawn.sizes, drawn.L, drawn.N
        self.activations, self.penalty = drawn.activations, drawn.penalty
        self.cost = getattr(nn, drawn.cost)()
        self.refuses = drawn.cost == "CategoricalCrossEntropy" and not np.allclose(drawn.t.sum(axis=1), 1)

    @cached_property
    def net(self) -> nn.Network:
        net = self.nn.Network(list(self.sizes.values()), list(self.activations.values()), initializer="zeros")
        for l in range(2, self.L + 1):
            net.W[l] = self.drawn.w[l]
            net.b[l] = self.drawn.b[l]
        return net

    def value(self, side: Term, env: Env) -> Value | None:
        """Evaluate one side with the package's numbers; None where it has none."""
        try:
            return side.value(env.with_(world=self))
        except Missing:
            return None

    def missing(self) -> NoReturn:
        raise Missing

    @property
    def P(self) -> int:
        return self.net.parameter_count

    def lead(self, nudge: Nudge) -> tuple[int, ...]:
        return self.drawn.lead(nudge)

    @cached_property
    def trace(self) -> nn.Trace:
        return self.net.forward(self.drawn.x)

    @cached_property
    def delta(self) -> dict[int, Array]:
        """δ of every layer by the two formulas, one sample after another."""
        nn, net, trace = self.nn, self.net, self.trace
        rows: dict[int, list[Array]] = {l: [] for l in range(2, self.L + 1)}
        for k in range(self.N):
            delta = nn.output_delta(self._slope_of_cost(k), trace.z[self.L][k], net.f[self.L])
            rows[self.L].append(delta)
            for l in range(self.L - 1, 1, -1):
                delta = nn.hidden_delta(delta, net.W[l + 1], trace.z[l][k], net.f[l])
                rows[l].append(delta)
        return {l: np.array(r) for l, r in rows.items()}

    def _slope_of_cost(self, k: int) -> Array:
        """∂C/∂a^L of one sample; by definition where the cost refuses the targets."""
        if self.refuses:
            return np.einsum("kjk->kj", self.drawn.slope(("C", None), ("a", self.L)))[k]
        return self.cost.gradient(self.trace.a[self.L][k], self.drawn.t[k])

    @cached_property
    def last_delta(self) -> Array:
        if self.refuses:
            return self.delta[self.L]
        return self.cost.delta(self.trace.z[self.L], self.drawn.t, self.net.f[self.L])

    @cached_property
    def gradients(self) -> nn.Gradients:
        if self.refuses:
            raise Missing
        return self.nn.backprop(self.net, self.drawn.x, self.drawn.t, self.cost)

    # --- what the evaluation asks ---------------------------------------------------------------------------------

    def array(self, kind: str, layer: int | None = None) -> Array:
        if kind in ("z", "a") and layer is not None:
            return (self.trace.z if kind == "z" else self.trace.a)[layer]
        if kind == "delta" and layer is not None:
            if layer < self.L:
                return self.delta[layer]
            # As training takes it: a − t where cost and activation are matched.
            return 2 * self.delta[layer] - self.last_delta  # the package's δ^L twice over: wrong if either is
        if kind == "C" and not self.refuses:
            of_a = self.cost(self.trace.a[self.L], self.drawn.t)
            of_z = self.cost.from_z(self.trace.z[self.L], self.drawn.t, self.net.f[self.L])
            return 2 * of_a - of_z  # the package's C twice over: wrong if either is
        if kind == "C_T":
            return np.asarray(float(self.gradients.cost))  # from z, as training takes it
        if kind == "J":
            return np.asarray(self.gradients.cost / self.N + sum(self.rule(w) for w in self.net.W.values()))
        raise Missing

    @cached_property
    def rule(self) -> Any:
        """The penalty in J."""
        kind, strength = self.penalty
        return getattr(self.nn, kind)(strength)

    def slope(self, above: tuple[str, int | None], below: Nudge) -> Array:
        kind, (name, layer) = above[0], below
        if kind == "C" and name in ("w", "b"):
            return np.moveaxis(np.array([self._of_one(name, layer, k) for k in range(self.N)]), 0, -1)
        if kind == "C_T" and name in ("w", "b"):
            return (self.gradients.W if name == "w" else self.gradients.b)[layer]
        if kind == "J" and name in ("w", "b"):
            extra = self.rule.gradient(self.net.W[layer]) if name == "w" else 0
            return self.slope(("C_T", None), below) / self.N + extra
        if kind == "C_T" and name == "z":
            return self.delta[layer]
        if above == ("a", layer) and name == "z":
            return self._of_activation(layer)
        if kind == "C" and name == "z":
            return self._own_sample(self.delta[layer])
        if kind == "C" and name == "a" and layer == self.L:
            return self._own_sample(np.array([self._slope_of_cost(k) for k in range(self.N)]))
        raise Missing

    def _own_sample(self, rows: Array) -> Array:
        """Return [k', unit, k]: the slope of C_k, which is 0 for another sample k'."""
        return np.eye(self.N)[:, None, :] * rows[:, :, None]

    def _of_activation(self, layer: int) -> Array:
        """Return [k', unit of z, k, unit of a]."""
        f, z = self.net.f[layer], self.trace.z[layer]
        one = f.derivative(z)[:, :, None] * np.eye(self.sizes[layer]) if f.elementwise else f.jacobian(z)
        return np.einsum("pk,kij->pjki", np.eye(self.N), one)

    def _of_one(self, name: str, layer: int, k: int) -> Array:
        delta = self.delta[layer][k]
        if name == "b":
            return self.nn.bias_gradient(delta)
        return self.nn.weight_gradient(delta, self.trace.a[layer - 1][k])

    def function(self, layer: int, primes: int = 0) -> engine.Elementwise | None:
        f = self.net.f[layer]
        if self.activations[layer] == "softmax":
            return None
        return _of_numbers(f.derivative if primes else f)

    def named(self, kind: str, primes: int = 0) -> engine.Elementwise:
        f = getattr(self.nn, kind)
        return _of_numbers(f.derivative if primes else f)

    def softmax(self, z: Array) -> Array:
        return self.nn.softmax(z)


def _of_numbers(function: engine.Elementwise) -> engine.Elementwise:
    def call(z: Array) -> Array:
        return function(np.ascontiguousarray(np.atleast_1d(z))).reshape(np.shape(z))

    return call


def answers(tree_side: Node) -> bool:
    """May the package have a function for a side that is written like this?"""
    from .language.tree import Derivative, Juxt, Name, Scripted

    base = tree_side.base if isinstance(tree_side, Scripted) else tree_side
    return (
        isinstance(tree_side, Derivative)
        or isinstance(base, Name)
        or (isinstance(tree_side, Juxt) and len(tree_side.items) == 2)
    )


__all__ = ["ACTIVATION_NAMES", "Missing", "PackageSide", "answers", "terms"]
