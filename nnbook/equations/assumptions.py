"""Finds the usual assumptions, or readings of the letters, under which a claim holds although it fails in general."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

from . import folds, operations, terms, worlds
from .errors import EquationError, Misfit
from .indices import index_letter, spread
from .language.tree import (
    Big,
    Cases,
    Claim,
    Derivative,
    Dots,
    Equivalence,
    Hadamard,
    Matrix,
    Nabla,
    Name,
    Node,
    Number,
    Relation,
    Scripted,
    Top,
    walk,
)
from .notation import Notation, Said, spelled
from .options import Options
from .quantities import LAYERED
from .statements import Ranges
from .verdict import Reading, Trial, assumed, names_in

Assumption = tuple[str, dict[str, Any]]  # what it is called, and arguments
COST_NAMES = {
    "SquaredError": "squared error",
    "BinaryCrossEntropy": "binary cross-entropy",
    "CategoricalCrossEntropy": "categorical cross-entropy",
}
COSTS_OF_NOTATION = {"C", "C+", "total", "mean", "J"}
COSTS = (*COST_NAMES, *worlds.LOOSE_COSTS)
PAIRS = (  # (output, cost), as lecture notes combine them
    ("softmax", "CategoricalCrossEntropy"),
    ("sigmoid", "BinaryCrossEntropy"),
    *(
        (o, c)
        for c in ("SquaredError", *worlds.LOOSE_COSTS)
        for o in ("identity", "sigmoid", "tanh", "relu", "softmax")
    ),
    ("sigmoid", "CategoricalCrossEntropy"),
)
OUTPUTS = ("identity", "sigmoid", "tanh", "softmax", "relu", "softplus")
EVERYWHERE = ("sigmoid", "tanh", "relu", "softplus", "leaky_relu")
OUTPUT_NAMES = {"identity": "a linear output", "relu": "ReLU outputs"}


def usual(known: dict[str, Any]) -> Iterator[Assumption]:
    """Yield (what it is called, arguments) for the assumptions that are still open."""
    yield from _of_outputs(known)
    if "hidden" not in known:
        for name in EVERYWHERE:
            yield f"{name} in the hidden layers", {"hidden": name}
            if "output" not in known:
                yield f"{name} in every layer", {"hidden": name, "output": name}


def of_every_layer(known: dict[str, Any]) -> Iterator[Assumption]:
    """Yield assumptions of the hidden layers together with those of the outputs, tried only where neither is enough."""
    if "hidden" not in known:
        for name in EVERYWHERE[:3]:
            for text, more in _of_outputs(known):
                yield f"{name} in the hidden layers and {text}", {"hidden": name, **more}


def _of_outputs(known: dict[str, Any]) -> Iterator[Assumption]:
    """Yield what may be assumed of the cost, of the activation of the outputs, and of both."""
    output = known.get("output")
    if "cost" not in known:
        costs = [cost for name, cost in PAIRS if name == output] or ["SquaredError", *worlds.LOOSE_COSTS]
        for cost in COSTS if output is None else costs:
            yield COST_NAMES.get(cost, cost), {"cost": cost}
    if output is None and not ("cost" not in known and "hidden" in known):
        for name in OUTPUTS:
            yield _output(name), {"output": name}
    if output is None and "cost" not in known:
        for name, cost in PAIRS:
            yield f"{_output(name)} with {COST_NAMES.get(cost, cost)}", {"output": name, "cost": cost}


def _output(output: str) -> str:
    return OUTPUT_NAMES.get(output, f"{output} outputs")


@dataclass(frozen=True)
class Where:
    """Under which assumptions a claim holds; empty if none.

    ``text`` says it in words; ``reading`` is the reading of its letters among them, and ``assumed`` what is assumed of
    activations and costs, each enough by itself.
    """

    text: str = ""
    reading: Said | None = None
    assumed: tuple[dict[str, Any], ...] = ()

    def __str__(self) -> str:
        return self.text

    def __bool__(self) -> bool:
        return bool(self.text)


def where_it_holds(claim: Claim, ranges: Ranges, options: Options) -> Where:
    """Return under which assumptions or readings a claim holds."""
    if isinstance(claim, Equivalence):
        return Where()
    notation = options["notation"]
    reading = _reading(claim, ranges, options, notation)
    found = _holding(reading, options, notation)
    if found:
        return Where("holds for " + ", ".join(found), assumed=tuple(found.values()))
    for text, networks in shaped(reading, options, notation):
        if _holds(reading, options, notation, networks):
            return Where(f"holds where {text}")
        found = _holding(reading, options, notation, networks, pairs_only=True)
        if found:
            return Where(f"holds for {', '.join(found)}, where {text}", assumed=tuple(found.values()))
    letters = () if notation.declared else _units_of_slope(claim)
    found = _holding(_apart(reading, *letters), options, notation) if letters else {}
    if found:
        text = f"holds for {', '.join(found)} and different {' and '.join(letters)}"
        return Where(text, assumed=tuple(found.values()))
    return where_reread(claim, ranges, options)


def _units_of_slope(claim: Claim) -> tuple[str, ...]:
    r"""Return i and j of a claim's first ``\frac{\partial a_i}{\partial z_j}``, which may be meant for i ≠ j only.

    A claim that speaks of i = j itself, in cases, in brackets or with a symbol δ_{ij}, is meant for all i and j.
    """
    parts = walk(claim)
    if any(isinstance(part, Cases) or (isinstance(part, Relation) and part is not claim) for part in parts):
        return ()
    slopes = ([*_index_letters(p.top), *_index_letters(p.bottom)] for p in parts if isinstance(p, Derivative))
    letters = next((tuple(pair) for pair in slopes if len(set(pair)) == len(pair) == 2), ())
    both = any(set(letters) <= set(_index_letters(part)) for part in parts)
    return () if both else letters


def _index_letters(node: Node) -> list[str]:
    sub = spread(node.sub) if isinstance(node, Scripted) and node.sub else []
    return [letter for place in sub if (letter := index_letter(place))]


def _apart(reading: Reading | None, one: str, other: str) -> Reading | None:
    """Return a reading of the same claim for pairs of different units only: both sides are 0 elsewhere."""
    if reading is None or not {one, other} <= set(reading.loops.names):
        return None
    claim, new = reading.claim, copy(reading)
    new.fails_in = set()
    differ = folds.Truth(claim, (r"\neq",), [terms.Letter(claim, letter) for letter in (one, other)])
    new.sides = [operations.Product(claim, [side, operations.Indicator(claim, differ)]) for side in reading.sides]
    return new


def where_reread(claim: Claim, ranges: Ranges, options: Options) -> Where:
    """Return under which other reading of its letters a claim holds."""
    notation = options["notation"]
    letters = () if notation.declared else _units_of_slope(claim)
    for said, other in _readings(claim, notation) if not isinstance(claim, Equivalence) else ():
        text, _ = said
        reading = _reading(claim, ranges, options, other)
        if _holds(reading, options, other, {}):
            return Where(f"holds where {text}", said)
        if notation.declared or _fits(reading, options, other):
            found = _holding(reading, options, other, costs_only=True)
            if found:
                return Where(f"holds where {text}, for {', '.join(found)}", said, tuple(found.values()))
            found = _holding(_apart(reading, *letters), options, other, costs_only=True) if letters else {}
            if found:
                for_these = f"for {', '.join(found)} and different {' and '.join(letters)}"
                return Where(f"holds where {text}, {for_these}", said, tuple(found.values()))
        if notation.declared or not _fits(reading, options, other, with_outputs=True):
            continue
        for more, networks in shaped(reading, options, other):
            if _holds(reading, options, other, networks):
                return Where(f"holds where {text}, and {more}", said)
            if notation.declared or reading is None or reading.loops.names:  # one unit makes every index the same
                continue
            found = _holding(reading, options, other, networks, pairs_only=True)
            if found:
                return Where(f"holds where {text}, and {more}, for {', '.join(found)}", said, tuple(found.values()))
    return Where()


def _readings(claim: Claim, notation: Notation) -> Iterator[tuple[Said, Notation]]:
    """Yield (reading, notation) for what makes a difference to a claim, each once."""
    names, seen = names_in(claim, notation), []
    if notation.differential and "d" in names:
        names |= {r"\delta"}  # dz is a δ
    for text, changes in notation.readings:
        of_claim = {
            letter: fields for letter, fields in changes.items() if not letter or {letter, f"bold {letter}"} & names
        }
        if of_claim and of_claim not in seen and _matters(changes.get("", {}), claim, names, notation):
            seen.append(of_claim)
            if (other := reread(notation, changes)) is not None:
                yield (text, changes), other


def _matters(changes: dict[str, Any], claim: Claim, names: frozenset[str], notation: Notation) -> bool:
    """May these changes of a notation, not of its letters, make a difference to a claim?"""
    kinds = {notation.symbols[name].kind for name in names if name in notation.symbols}
    parts = list(walk(claim))
    if (
        changes.get("cost_is")
        and not kinds & {*COSTS_OF_NOTATION, "L"}
        and not (notation.differential and "d" in names)
    ):
        return False
    if "depth" in changes:
        return _unnumbered(claim, notation)
    if "assumptions" in changes and not notation.declared and "t" not in kinds:  # one output: a formula of a cost
        return False
    if "biases" in changes and ("b" in kinds or not kinds & {"w", "z"}):
        return False
    if "star_multiplies" in changes and not any(isinstance(part, Hadamard) and part.star for part in parts):
        return False
    if "numerator" in changes and notation.differential and "d" in names:
        return True
    return not {"numerator", "entrywise"} & set(changes) or any(isinstance(part, Derivative | Nabla) for part in parts)


def _unnumbered(claim: Claim, notation: Notation) -> bool:
    """Do letters of a layer stand without any number or letter that says which?"""
    scripted = {
        id(part.base): spread(part.sub) if part.sub else [] for part in walk(claim) if isinstance(part, Scripted)
    }
    raised = {id(part.base) for part in walk(claim) if isinstance(part, Scripted) and _numbered(part, notation)}
    found = False
    for part in walk(claim):
        symbol = notation.symbols.get(spelled(part)) if isinstance(part, Name) else None
        if symbol is None or symbol.layer is not None or symbol.kind not in LAYERED:
            continue
        places = scripted.get(id(part), [])
        if id(part) in raised or any(isinstance(place, Number) for place in places) or (places and notation.by_letter):
            return False
        found = True
    return found


def _numbered(node: Scripted, notation: Notation) -> bool:
    """Does anything but a transpose or a number stand above a letter?"""
    return not all(
        isinstance(item, Top | Number) or getattr(item, "text", "") in notation.transposes for item in node.sup or ()
    )


def batch_entry(claim: Claim, notation: Notation) -> Scripted | None:
    """Return the first entry of a whole batch, Y_{ik}, in a claim: one index counts samples, the other units."""
    for part in walk(claim):
        if isinstance(part, Scripted) and isinstance(part.base, Name) and part.sub and len(spread(part.sub)) == 2:
            symbol = notation.symbols.get(spelled(part.base))
            if symbol is not None and symbol.whole in ("rows", "columns") and symbol.kind != "w":
                return part
    return None


def _fits(reading: Reading | None, options: Options, notation: Notation, with_outputs: bool = False) -> bool:
    """Do the shapes of a claim fit, of one output unit at least, so that further assumptions may make it true?"""
    if reading is None:
        return False
    try:
        known = assumed(options, notation)
        if with_outputs:
            known.setdefault("sizes", worlds.with_outputs(reading.needs))
        (spec, *_) = worlds.plan(**known, needs=reading.needs)
        trial = Trial(reading, options)
        failure = trial.at(spec)
    except (EquationError, ValueError):
        return False
    return trial.tally.compared > 0 and (failure is None or failure.position is None)


def shaped(reading: Reading | None, options: Options, notation: Notation) -> Iterator[Assumption]:
    """Yield (what is assumed, arguments of the plan) for networks of a shape that lecture notes often assume tacitly.

    The layer with the highest number is the last one; there is one output unit; both; arrays are as large as written.
    """
    if reading is None or "sizes" in assumed(options, notation):
        return
    claim, needs, deep = reading.claim, reading.needs, None
    if needs.depth is None and needs.layer > 1:
        deep = replace(needs, depth=needs.layer)
        shift = max((s.shift for s in notation.symbols.values() if s.kind == "a"), default=0)
        text = f"layer {needs.layer - shift} is the last one"
        yield text, {"needs": deep}
    if needs.unit == 1 and (notation.loose or _names_a_unit(claim)):
        yield "there is one output unit", {"sizes": worlds.with_outputs(needs), "needs": needs}
        if deep is not None:
            sizes = worlds.with_outputs(deep)
            yield f"{text} and has one unit", {"sizes": sizes, "needs": deep}
    yield from _written_out(claim, needs)
    counts = {part.high.text for part in walk(claim) if isinstance(part, Big) and isinstance(part.high, Number)}
    if len(counts) == 1 and (count := counts.pop()).isdigit() and 2 <= int(count) <= 20:
        yield f"there are {count} output units", {"sizes": worlds.with_outputs(needs, int(count)), "needs": needs}


def _names_a_unit(claim: Claim) -> bool:
    """Does a number stand as an index below?"""
    scripts = [part.sub for part in walk(claim) if isinstance(part, Scripted) and part.sub is not None]
    return any(isinstance(place, Number) for sub in scripts for place in spread(sub))


def _written_out(claim: Claim, needs: worlds.Needs) -> Iterator[Assumption]:
    """Networks whose layers have as many units as the arrays that are written out have rows and columns."""
    arrays = [part for part in walk(claim) if isinstance(part, Matrix)]
    counts = {n for array in arrays for n in (len(array.rows), len(array.rows[0].items))}
    if not counts or any(isinstance(part, Dots) for array in arrays for part in walk(array)) or len(counts) > 3:
        return
    depth = needs.depth or max(2, min(needs.layer, 3))
    for sizes in itertools.product(sorted(counts), repeat=depth):
        yield f"the layers have {', '.join(map(str, sizes))} units", {"sizes": (sizes,), "needs": needs}


def reread(notation: Notation, changes: dict[str, Any]) -> Notation | None:
    """Return the notation with single letters read differently, or None when it lacks them."""
    symbols = {}
    for letter, fields in changes.items():
        for spelling in (letter, f"bold {letter}") if letter else ():
            if spelling in notation.symbols and notation.symbols[spelling].kind != "defined":
                symbols[spelling] = replace(notation.symbols[spelling], **fields)
    if not symbols and set(changes) != {""}:
        return None
    return replace(notation.changed(**symbols), **changes.get("", {}))


def _holding(
    reading: Reading | None,
    options: Options,
    notation: Notation,
    networks: dict[str, Any] | None = None,
    costs_only: bool = False,
    pairs_only: bool = False,
) -> dict[str, dict[str, Any]]:
    """Return the assumptions of activations and costs, by name, that are each enough for a claim to hold."""
    if reading is None:
        return {}
    known = assumed(options, notation)
    found: dict[str, dict[str, Any]] = {}
    for assumptions in (usual, of_every_layer):
        if found or (assumptions is of_every_layer and not _names_targets(reading)):
            break
        for name, more in assumptions(known):
            if costs_only and set(more) not in ({"cost"}, {"hidden"}):
                continue
            if pairs_only and "hidden" in more and "cost" not in more:
                continue
            if more.get("cost") in notation.excluded:
                continue
            if any(set(earlier.items()) <= set(more.items()) for earlier in found.values()):
                continue
            if _holds(reading, options, notation, {**(networks or {}), **more}):
                found[name] = more
    return found


def _names_targets(reading: Reading) -> bool:
    """May the slope of the cost be written out?"""
    symbols = reading.notation.symbols
    return any(symbols[name].kind == "t" for name in names_in(reading.claim, reading.notation) if name in symbols)


def _reading(claim: Claim, ranges: Ranges, options: Options, notation: Notation) -> Reading | None:
    hidden = options["hidden"]
    try:
        return Reading(claim, ranges, notation, hidden if isinstance(hidden, str) else None)
    except (Misfit, EquationError):
        return None


def _holds(reading: Reading | None, options: Options, notation: Notation, more: dict[str, Any]) -> bool:
    if reading is None:
        return False
    trial = Trial(reading, options)
    try:
        specs = worlds.plan(**assumed(options, notation, **more), needs=more.get("needs", reading.needs))
        sizes: Any = more.get("sizes") or notation.assumptions.get("sizes")
        if sizes and min(layers[-1] for layers in sizes) == 1:  # classes are not told apart by one unit
            specs = [s for s in specs if s.output != "softmax" and s.cost != "CategoricalCrossEntropy"]
        # An output without a cost must work for every cost, the rarer ones too.
        specs = [s for s in specs if s.core or ("output" in more and "cost" not in more and not s.arbitrary)]
        if not reading.fails_in.isdisjoint(specs) or trial.all(specs) is not None:
            return False
        if not trial.tally.compared:  # other draws have other numbers, but not what these networks lack
            return False
        if trial.all(replace(s, turn=turn) for turn in (5, 6, *range(8, 14)) for s in specs) is not None:
            return False
    except (EquationError, ValueError):
        return False
    return trial.tally.compared > 0 and any(trial.tally.nonzero)


__all__ = ["where_it_holds"]
