"""The package's own numbers for a drawn network, so that page, definition and package are compared three ways."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from . import engine


class Missing(Exception):
    """The package has no function for what was asked."""


class PackageSide:
    """Answers what the binder asks of a network with what the package computes for the same numbers."""

    def __init__(self, drawn: engine.Network):
        import nnbook as nn

        self.nn, self.drawn = nn, drawn
        self.sizes, self.L, self.N = drawn.sizes, drawn.L, drawn.N
        self.activations, self.penalty = drawn.activations, drawn.penalty
        self.cost = getattr(nn, drawn.cost)()
        self.net = nn.Network(list(drawn.sizes.values()), activation=list(drawn.activations.values()), rng=0)
        for l in range(2, self.L + 1):
            self.net.W[l] = drawn.w[l]
            self.net.b[l] = drawn.b[l]
        self.functions = {
            name: _function(nn, kind)
            for name, kind in {
                "sigma": "sigmoid",
                "sigmoid": "sigmoid",
                "tanh": "tanh",
                "relu": "relu",
                "ReLU": "relu",
                "softplus": "softplus",
            }.items()
        }
        self.functions["softmax"] = lambda z: nn.softmax(np.array(z))
        self.functions["derivative"] = lambda name, z: float(
            self.functions[name].activation.derivative(np.array([z], dtype=float))[0]
        )

    def value(self, read, env):
        """Evaluate one side with the package's numbers; None when it has none for it."""
        try:
            return read({**env, "net": _View(self), "functions": self.functions})
        except Missing:
            return None

    @cached_property
    def trace(self):
        return self.net.forward(self.drawn.x)

    @cached_property
    def delta(self):
        """δ of every layer by the two formulas, one sample after another."""
        nn, net, trace = self.nn, self.net, self.trace
        rows = {l: [] for l in range(2, self.L + 1)}
        for k in range(self.N):
            delta = nn.output_delta(
                self.cost.gradient(trace.a[self.L][k], self.drawn.t[k]), trace.z[self.L][k], net.f[self.L]
            )
            rows[self.L].append(delta)
            for l in range(self.L - 1, 1, -1):
                delta = nn.hidden_delta(delta, net.W[l + 1], trace.z[l][k], net.f[l])
                rows[l].append(delta)
        return {l: np.array(r) for l, r in rows.items()}

    @cached_property
    def last_delta(self):
        return self.cost.delta(self.trace.z[self.L], self.drawn.t, self.net.f[self.L])

    @cached_property
    def gradients(self):
        return self.nn.backprop(self.net, self.drawn.x, self.drawn.t, self.cost)


def _function(nn, kind):
    activation = getattr(nn, kind)

    def call(z):
        return float(activation(np.array([complex(z).real]))[0])

    call.activation = activation
    return call


class _View:
    """What stands for ``net`` while a side is evaluated with the package's numbers."""

    def __init__(self, side):
        self.side = side
        self.sizes, self.L, self.N = side.sizes, side.L, side.N
        self.activations, self.penalty = side.activations, side.penalty

    @property
    def P(self):
        return self.side.net.parameter_count

    def value(self, kind, layer=None, sample=None, unit=None, source=None):
        side = self.side
        if kind in ("z", "a") and unit:
            return float((side.trace.z if kind == "z" else side.trace.a)[layer][sample - 1, unit - 1])
        if kind == "delta":
            of_formula = float(side.delta[layer][sample - 1, unit - 1])
            if layer < side.L:
                return of_formula
            # As training takes it: a − t where cost and activation are matched.
            of_cost = float(side.last_delta[sample - 1, unit - 1])
            return 2 * of_formula - of_cost  # the package's δ^L twice over: wrong as soon as either is
        if kind == "C":
            k = sample - 1
            of_a = float(side.cost(side.trace.a[side.L][k], side.drawn.t[k]))
            of_z = float(side.cost.from_z(side.trace.z[side.L][k], side.drawn.t[k], side.net.f[side.L]))
            return 2 * of_a - of_z  # the package's C twice over: wrong as soon as either is
        if kind == "C_T":
            return float(side.gradients.cost)  # from z, as training takes it
        raise Missing

    def derivative(self, above, below):
        side, nn = self.side, self.side.nn
        kind, _, sample, _ = above
        name, layer, *places = below
        if kind == "C" and name in ("w", "b"):
            k = sample - 1
            if name == "b":
                return float(nn.bias_gradient(side.delta[layer][k])[places[0] - 1])
            previous = side.trace.a[layer - 1][k]
            return float(nn.weight_gradient(side.delta[layer][k], previous)[places[0] - 1, places[1] - 1])
        if kind == "C_T" and name in ("w", "b"):
            if name == "b":
                return float(side.gradients.b[layer][places[0] - 1])
            return float(side.gradients.W[layer][places[0] - 1, places[1] - 1])
        if kind in ("C", "C_T") and name == "z":
            k, unit = places
            return float(side.delta[layer][k - 1, unit - 1]) if kind == "C_T" or k == sample else 0.0
        if kind == "C" and name == "a" and layer == side.L:
            k, unit = places
            if k != sample:
                return 0.0
            return float(side.cost.gradient(side.trace.a[layer][k - 1], side.drawn.t[k - 1])[unit - 1])
        raise Missing

    def parameters(self):
        return self.side.drawn.parameters()

    def apply(self, layer, z, primes=0):
        f = self.side.net.f[layer]
        z = np.array([complex(z).real])
        return complex((f.derivative(z) if primes else f(z))[0])

    def activate(self, layer, z):
        return [complex(v) for v in self.side.net.f[layer](np.array([complex(v).real for v in z]))]
