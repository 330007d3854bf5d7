"""Random networks that know the meaning of every symbol by definition: own loops, own complex step.

Nothing here comes from the package's formulas or its network, because this is what they are compared with.
"""

from __future__ import annotations

import cmath
import hashlib
from functools import cached_property

import numpy as np

STEP = 1e-20  # of the complex step: no difference is taken, so it can be as small as one likes
HIDDEN = ("sigmoid", "tanh", "softplus")  # nonlinear and smooth
OUTPUT = ("sigmoid", "tanh", "identity", "softplus")  # elementwise; softmax only where it is asked for
COSTS = ("SquaredError", "BinaryCrossEntropy", "CategoricalCrossEntropy")


# --- activations and costs, by definition, for complex numbers ---------------------------------------------------


def sigmoid(z):
    if z.real < 0:
        return cmath.exp(z) / (1 + cmath.exp(z))
    return 1 / (1 + cmath.exp(-z))


def relu(z):
    return z if z.real > 0 else 0 * z


def softplus(z):
    if z.real > 0:
        return z + cmath.log(1 + cmath.exp(-z))
    return cmath.log(1 + cmath.exp(z))


def softmax(z):
    top = max(v.real for v in z)
    powers = [cmath.exp(v - top) for v in z]
    total = sum(powers)
    return [p / total for p in powers]


ACTIVATIONS = {
    "sigmoid": sigmoid,
    "tanh": cmath.tanh,
    "relu": relu,
    "softplus": softplus,
    "leaky_relu": lambda z: z if z.real > 0 else 0.01 * z,
    "identity": lambda z: z,
}


def squared_error(a, t):
    return sum((p - q) ** 2 for p, q in zip(a, t)) / 2


def binary_cross_entropy(a, t):
    return -sum(q * cmath.log(p) + (1 - q) * cmath.log(1 - p) for p, q in zip(a, t))


def categorical_cross_entropy(a, t):
    return -sum(q * cmath.log(p) for p, q in zip(a, t))


COST_OF = dict(zip(COSTS, (squared_error, binary_cross_entropy, categorical_cross_entropy)))


def seed_of(*parts):
    """Return a seed made of the words: the same on every machine and in every run."""
    return int.from_bytes(hashlib.sha256("|".join(map(str, parts)).encode()).digest()[:8], "big")


class Network:
    """One drawn network with N samples: the engine's own, in plain lists, layer numbers as keys.

    Parameters
    ----------
    sizes : list of int
        Units in layers 1 … L.
    samples : int
        N.
    activations : list of str
        One name for each of the layers 2 … L.
    cost : str
        The class name of a cost.
    penalty : tuple (kind, strength) or None
        ("L1" or "L2", λ), used by J alone.
    rng : numpy Generator
    targets : "any" or None
        "any": they need not add up to 1 for categorical cross-entropy.
    """

    def __init__(self, sizes, samples, activations, cost, penalty, rng, targets=None):
        self.sizes = dict(enumerate(sizes, start=1))
        self.L, self.N = len(sizes), samples
        self.activations = dict(enumerate(activations, start=2))
        self.cost = cost
        self.penalty = penalty or ("L2", float(rng.uniform(0.1, 0.9)))
        self.w, self.b = {}, {}
        for l in range(2, self.L + 1):
            rows, columns = self.sizes[l], self.sizes[l - 1]
            self.w[l] = rng.uniform(0.2, 1.0, (rows, columns)) * rng.choice([-1.0, 1.0], (rows, columns))
            self.b[l] = rng.uniform(0.1, 0.8, rows) * rng.choice([-1.0, 1.0], rows)
        self.x = rng.uniform(0.2, 1.2, (samples, self.sizes[1])) * rng.choice([-1.0, 1.0], (samples, self.sizes[1]))
        self.t = rng.uniform(0.1, 0.9, (samples, self.sizes[self.L]))
        if cost == "CategoricalCrossEntropy" and targets is None:
            self.t = self.t / self.t.sum(axis=1, keepdims=True)
        self._nudged = {}

    def describe(self):
        names = ", ".join(self.activations[l] for l in range(2, self.L + 1))
        return f"network {'-'.join(map(str, self.sizes.values()))}, {self.N} samples, {names}, {self.cost}"

    # -- forward, with one number nudged along the imaginary axis --

    def run(self, nudge=None):
        """Return z[l][k][j], a[l][k][j], C[k], C_T and J after adding i·STEP to the number ``nudge`` names."""

        def nudged(value, *where):
            return value + 1j * STEP if where == nudge else value

        rows = range(self.N)
        a = {1: [[nudged(complex(v), "a", 1, k, i) for i, v in enumerate(self.x[k])] for k in rows]}
        z = {}
        for l in range(2, self.L + 1):
            w = [[nudged(v, "w", l, j, i) for i, v in enumerate(row)] for j, row in enumerate(self.w[l].tolist())]
            b = [nudged(v, "b", l, j) for j, v in enumerate(self.b[l].tolist())]
            z[l] = [
                [
                    nudged(b[j] + sum(w[j][i] * a[l - 1][k][i] for i in range(self.sizes[l - 1])), "z", l, k, j)
                    for j in range(self.sizes[l])
                ]
                for k in rows
            ]
            a[l] = [[nudged(v, "a", l, k, j) for j, v in enumerate(self.activate(l, z[l][k]))] for k in rows]
        costs = [COST_OF[self.cost](a[self.L][k], self.t[k].tolist()) for k in rows]
        kind, strength = self.penalty
        weights = [
            nudged(v, "w", l, j, i)
            for l in self.w
            for j, row in enumerate(self.w[l].tolist())
            for i, v in enumerate(row)
        ]
        if kind == "L2":
            extra = strength / 2 * sum(v * v for v in weights)
        else:
            extra = strength * sum(v if v.real >= 0 else -v for v in weights)
        total = sum(costs)
        return {"z": z, "a": a, "C": costs, "C_T": total, "J": total / self.N + extra}

    def activate(self, l, z):
        name = self.activations[l]
        return softmax(z) if name == "softmax" else [ACTIVATIONS[name](v) for v in z]

    @cached_property
    def base(self):
        return self.run()

    def nudged_by(self, nudge):
        if nudge not in self._nudged:
            self._nudged[nudge] = self.run(nudge)
        return self._nudged[nudge]

    # -- what the binder asks for; units, samples and layers count from 1 --

    def value(self, kind, layer=None, sample=None, unit=None, source=None):
        """Return one number: a z, a, δ, w, b, t, or a cost (kind C with its sample, C_T, J)."""
        if kind == "w":
            return float(self.b[layer][unit - 1] if source == 0 else self.w[layer][unit - 1, source - 1])
        if kind == "b":
            return float(self.b[layer][unit - 1])
        if kind == "t":
            return float(self.t[sample - 1, unit - 1])
        if kind == "a" and unit == 0:
            return 1.0
        if kind in ("z", "a"):
            return self.base[kind][layer][sample - 1][unit - 1].real
        if kind == "delta":
            return self.derivative(("C", None, sample, None), ("z", layer, sample, unit))
        if kind == "C":
            return self.base["C"][sample - 1].real
        return self.base[kind].real

    def derivative(self, above, below):
        """Return ∂above/∂below; above is (kind, layer, sample, unit), below too, or ("w", layer, unit, source)."""
        kind, layer, sample, unit = above
        if kind == "a" and unit == 0:  # the unit that is always 1
            return 0.0
        if below[0] == "w" and below[3] == 0:  # the weight from that unit is the bias
            below = ("b", *below[1:3])
        nudge = (below[0], below[1], *(place - 1 for place in below[2:]))
        after = self.nudged_by(nudge)
        if kind == "C":
            return after["C"][sample - 1].imag / STEP
        if kind in ("C_T", "J"):
            return after[kind].imag / STEP
        return after[kind][layer][sample - 1][unit - 1].imag / STEP

    def parameters(self):
        """Yield what names each parameter: all weights, then all biases."""
        for l in self.w:
            for j in range(1, self.sizes[l] + 1):
                for i in range(1, self.sizes[l - 1] + 1):
                    yield "w", l, j, i
        for l in self.b:
            for j in range(1, self.sizes[l] + 1):
                yield "b", l, j

    @property
    def P(self):
        return sum(1 for _ in self.parameters())

    def apply(self, layer, z, primes=0):
        """f of layer ``layer`` at one number, or its first derivative by the complex step."""
        f = ACTIVATIONS[self.activations[layer]]
        return derivative_at(f, z) if primes else f(complex(z))


def derivative_at(f, z):
    """f′(z) by the complex step, for real z."""
    return f(complex(z.real, STEP)).imag / STEP


def drawn(label, sizes=None, hidden=None, output=None, cost=None, penalty=None, targets=None):
    """Return the networks for one check, small ones first; everything that is not assumed varies.

    Sizes of layers and the number of samples are pairwise different, unless ``sizes`` says otherwise.
    """
    networks = []
    stated = [None] * 6 if sizes is None else [these for these in sizes for _ in range(3)]
    depths = (3, 3, 4, 4, 5, 5) if sizes is None else [len(these) for these in stated]
    for draw, depth in enumerate(depths):
        rng = np.random.default_rng(seed_of("network", label, draw))
        if sizes is None:
            numbers = [int(n) for n in rng.permutation([2, 3, 4, 5, 6, 7][: depth + 1])]
            these, samples = numbers[:depth], numbers[depth]
        else:
            these = stated[draw]
            samples = next(n for n in range(3, 99) if n not in these)
        names = (
            list(hidden)
            if isinstance(hidden, list | tuple)
            else [hidden or str(rng.choice(HIDDEN)) for _ in range(depth - 2)]
        )
        if len(names) != depth - 2:
            raise ValueError(
                f"verify: hidden needs one name for each of the {depth - 2} hidden layers; got {len(names)}"
            )
        last, this_cost = output, cost
        if last is None:
            last = {"BinaryCrossEntropy": "sigmoid", "CategoricalCrossEntropy": "softmax"}.get(this_cost)
            last = last or (OUTPUT[draw % len(OUTPUT)])
        if this_cost is None:
            options = {"sigmoid": COSTS[:2], "softmax": (COSTS[0], COSTS[2])}.get(last, COSTS[:1])
            this_cost = options[(draw // 4) % len(options)] if output is None else options[draw % len(options)]
        networks.append(Network(these, samples, [*names, last], this_cost, penalty, rng, targets))
    return networks
