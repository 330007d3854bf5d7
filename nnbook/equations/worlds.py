"""What to try: a covering plan of networks and points, the same for every equation and every label."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from . import engine
from .values import Array, Nudge

Sizes = tuple[tuple[int, ...], ...]
Shape = tuple[tuple[int, ...], int]  # the sizes of the layers, and how many samples
Pair = tuple[str, str, bool]  # output, cost, core
Hidden = str | tuple[str, ...] | None

HIDDEN = ("sigmoid", "tanh", "softplus", "relu", "leaky_relu", "identity")
OUTPUT = ("sigmoid", "identity", "tanh", "softplus", "relu", "leaky_relu")
USUAL = {  # the costs that are usual for an output
    "sigmoid": ("SquaredError", "BinaryCrossEntropy"),
    "softmax": ("SquaredError", "CategoricalCrossEntropy"),
}
LOOSE_COSTS = ("squared error without ½", "mean squared error")
SIZES = {2: (4, 3), 3: (4, 2, 3), 4: (3, 5, 2, 4), 5: (3, 5, 2, 6, 4)}
SAMPLES = {2: 5, 3: 5, 4: 6, 5: 7}


@dataclass(frozen=True)
class Spec:
    """One network of the plan; ``core``: the assumptions are the usual ones, and an equation must hold there."""

    sizes: tuple[int, ...]
    samples: int
    hidden: tuple[str, ...]
    output: str
    cost: str
    core: bool
    penalty: tuple | None = None
    targets: str | None = None
    biases: bool = True
    turn: int = 0

    @property
    def uniform(self) -> str | None:
        """The one activation of all hidden layers, "" when there is none, None when they differ."""
        names = set(self.hidden)
        return (names.pop() if names else "") if len(names) < 2 else None

    @property
    def large(self) -> bool:
        """Are its numbers large? Only where no logarithm is taken of an output that saturates."""
        return self.turn in LARGE and self.cost not in ("BinaryCrossEntropy", "CategoricalCrossEntropy")

    @property
    def arbitrary(self) -> bool:
        return "arbitrary" in (*self.hidden, self.output)


@dataclass(frozen=True)
class Needs:
    """What an equation names by number, so that every network of the plan has it."""

    layer: int = 1
    unit: int = 1
    sample: int = 1
    biases: bool = True
    depth: int | None = None  # the number of layers that a notation fixes


LARGE = {5: 6.0, 6: 60.0, 7: 2000.0}  # by turn: by what factor the numbers are larger, so that narrow claims fail


@lru_cache(maxsize=2048)  # about 45 kB each; one search for what an equation assumes asks for hundreds
def network(spec: Spec) -> engine.Network:
    """Draw the network of a spec; it depends on nothing else."""
    rng = np.random.default_rng(engine.seed_of("world", spec.sizes, spec.samples, spec.hidden, spec.turn, spec.targets))
    names = [*spec.hidden, spec.output]
    drawn = engine.Network(
        list(spec.sizes), spec.samples, names, spec.cost, spec.penalty, rng, spec.targets, spec.biases
    )
    return drawn.enlarged(LARGE[spec.turn]) if spec.large else drawn


def plan(
    sizes: Iterable[Sequence[int]] | None = None,
    hidden: str | Sequence[str] | None = None,
    output: str | None = None,
    cost: str | None = None,
    penalty: tuple[str, float] | None = None,
    targets: str | None = None,
    needs: Needs | None = None,
) -> tuple[Spec, ...]:
    """Return the specs of all networks on which an equation is tried under these assumptions, small ones first."""
    needs = needs or Needs()
    if isinstance(hidden, list | tuple):
        hidden = tuple(hidden)
        needs = needs if sizes else replace(needs, depth=len(hidden) + 2)
    sizes = tuple(tuple(s) for s in sizes) if sizes else None
    return _plan(sizes, hidden, output, cost, penalty, targets, needs)


@lru_cache(maxsize=512)
def _plan(
    sizes: Sizes | None,
    hidden: Hidden,
    output: str | None,
    cost: str | None,
    penalty: tuple[str, float] | None,
    targets: str | None,
    needs: Needs,
) -> tuple[Spec, ...]:
    specs = []
    pairs = _pairs(output, cost)
    shapes = _shapes(sizes, needs)
    rounds = 1 if len(pairs) > 4 else 3 if len(pairs) == 1 else 2
    count = 0
    for turn in range(rounds):
        for this_output, this_cost, core in pairs:
            for _ in range(min(2 if core or this_output == "softmax" else 1, len(shapes))):
                layers, samples = shapes[count % len(shapes)]
                names = _hidden(hidden, len(layers) - 2, count % len(shapes) + count // len(shapes), core)
                specs.append(
                    Spec(
                        layers, samples, names, this_output, this_cost, core,
                        penalty, targets, needs.biases, turn,
                    )
                )  # fmt: skip
                count += 1
        if hidden is None and turn == 0:
            specs += _strange(shapes, output, cost, penalty, targets, needs, pairs)
    return tuple(specs)


def _strange(
    shapes: list[Shape],
    output: str | None,
    cost: str | None,
    penalty: tuple[str, float] | None,
    targets: str | None,
    needs: Needs,
    pairs: Sequence[Pair],
) -> list[Spec]:
    """Networks with an unusual activation: what holds there holds for every smooth f."""
    specs = []
    for layers, samples in shapes[:2]:
        last = output or "arbitrary"
        this_cost = cost or ("SquaredError" if output is None else pairs[0][1])
        if this_cost != "SquaredError" and last == "arbitrary":
            last = pairs[0][0]
        names = ("arbitrary",) * (len(layers) - 2)
        if "arbitrary" in (*names, last):
            specs.append(Spec(layers, samples, names, last, this_cost, False, penalty, targets, needs.biases))
    return specs


def _pairs(output: str | None, cost: str | None) -> tuple[Pair, ...]:
    """Return (output, cost, core) for all combinations the assumptions leave open."""
    if output is not None and cost is not None:
        return ((output, cost, True),)
    if cost is not None:
        return {
            "BinaryCrossEntropy": (("sigmoid", cost, True),),
            "CategoricalCrossEntropy": (("softmax", cost, True), ("sigmoid", cost, False)),
        }.get(cost, (*((o, cost, True) for o in OUTPUT), ("softmax", cost, False)))
    if output is not None:
        usual = USUAL.get(output, ("SquaredError",))
        loose = [(output, c, False) for c in LOOSE_COSTS]
        return (*((output, c, True) for c in usual), *loose)
    core = [(o, c, True) for o in OUTPUT for c in USUAL.get(o, ("SquaredError",))]
    extra = [
        ("softmax", "CategoricalCrossEntropy"),
        ("softmax", "SquaredError"),
        ("sigmoid", "CategoricalCrossEntropy"),
    ]
    extra += [(o, c) for c in LOOSE_COSTS for o in ("identity", "sigmoid")]
    return (*core, *((o, c, False) for o, c in extra))


def _shapes(sizes: Sizes | None, needs: Needs) -> list[Shape]:
    if sizes is not None:
        return [(layers, next(n for n in range(4, 99) if n not in layers and n >= needs.sample)) for layers in sizes]
    least = needs.depth or max(2, needs.layer)
    depths = [needs.depth] if needs.depth else [d for d in (3, 4, 2, 5) if d >= needs.layer] or [least]
    shapes = []
    for depth in depths:
        layers = SIZES.get(depth) or tuple(2 + (3 * n) % (depth + 2) for n in range(depth))
        if len(set(layers)) < len(layers):
            layers = tuple(range(2, 2 + depth))
        samples = SAMPLES.get(depth, max(layers) + 1)
        if needs.unit > min(layers):
            layers = tuple(n + needs.unit for n in layers)
        samples = next(n for n in range(max(samples, needs.sample), 9999) if n not in layers)
        shapes.append((layers, samples))
        if needs.depth:
            shapes.append((tuple(n + 1 for n in layers[::-1]), samples + 2))
    return shapes


def with_outputs(needs: Needs, count: int = 1) -> Sizes:
    """Return sizes of networks as the plan has them, with one output unit, or ``count`` of them."""
    return tuple((*layers[:-1], count) for layers, _ in _shapes(None, needs))


def _hidden(hidden: Hidden, count: int, turn: int, core: bool) -> tuple[str, ...]:
    if isinstance(hidden, tuple):
        return hidden
    if isinstance(hidden, str):
        return (hidden,) * count
    if count > 2 and core:  # the deepest: a different one in every layer
        return tuple(HIDDEN[(turn + n) % 4] for n in range(count))
    return (HIDDEN[turn % len(HIDDEN)],) * count


class Unrelated:
    """A world in which every symbol stands for unrelated numbers: what holds here holds for any numbers.

    Parameters
    ----------
    network : Network
        The network whose sizes it has.
    """

    unrelated = True

    def __init__(self, network: engine.Network) -> None:
        self.network = network
        self.sizes, self.L, self.N = network.sizes, network.L, network.N
        self.activations = network.activations
        self.penalty = (network.penalty[0], 0.83)
        self.P = network.P + 11

    def noise(self, key: tuple[Any, ...], shape: tuple[int, ...]) -> Array:
        """Return numbers that depend only on the symbol."""
        rng = np.random.default_rng(engine.seed_of("unrelated", *key))
        return rng.uniform(0.3, 1.7, shape) * rng.choice([-1.0, 1.0], shape)

    def array(self, kind: str, layer: int | None = None) -> Array:
        return self.noise((kind, layer), np.shape(self.network.array(kind, layer)))

    def lead(self, nudge: Nudge) -> tuple[int, ...]:
        return self.network.lead(nudge)

    def function(self, layer: int, primes: int = 0) -> engine.Elementwise | None:
        if self.activations[layer] == "softmax":
            return None
        return (lambda z: np.cos(1.1 * z + layer) + 0.4) if primes else (lambda z: engine.arbitrary(z + layer))


# --- points: what bare letters stand for ---------------------------------------------------------------------------


SPECIAL = (
    *(0.0, 1.0, -1.0, 0.5, 2.0, -2.0, 1e-6, -1e-6, 3.0, 6.0),
    *(6.5, -6.5, 7.7, -7.0, 12.0, -12.0, 30.0, -30.0, 120.0, -120.0),
)


def points(names: Iterable[str], literals: Iterable[float] = ()) -> dict[str, Array]:
    """Return {name: numbers}: the same for every equation: at 0, at kinks and beside them, far out, at random.

    ``literals`` are numbers of the equation itself, where it may have kinks: they and their neighbours are tried too.
    With several letters the first combinations are of special values, the others random and unrelated.
    """
    return dict(_points(tuple(sorted(names)), tuple(sorted(set(literals))[:8])))


@lru_cache(maxsize=512)
def _points(names: tuple[str, ...], literals: tuple[float, ...]) -> tuple[tuple[str, Array], ...]:
    beside = [[number, -number, number + 1e-6, number - 1e-6, 1.5 * number] for number in literals]
    special = np.concatenate([SPECIAL, *beside])
    rng = np.random.default_rng(engine.seed_of("points"))
    drawn = []
    for n, name in enumerate(names):
        near, unit, wide = rng.normal(0, 2, 16), rng.uniform(0, 1, 8), rng.normal(0, 9, 4)
        numbers = np.concatenate([np.roll(special, 5 * n), near, unit, wide])
        numbers.flags.writeable = False
        drawn.append((name, numbers))
    return tuple(drawn)


WHOLE = (2, 5, 3, 1, 4, 7)  # what letters that count stand for
