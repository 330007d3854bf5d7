"""Finds the usual assumptions, or readings of the letters, under which a claim holds although it fails in general."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from . import worlds
from .errors import EquationError, Misfit
from .indices import spread
from .language.tree import (
    Big,
    Claim,
    Derivative,
    Dots,
    Equivalence,
    Hadamard,
    Matrix,
    Nabla,
    Name,
    Number,
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
PAIRS = (
    ("softmax", "CategoricalCrossEntropy"),
    ("sigmoid", "BinaryCrossEntropy"),
    ("identity", "SquaredError"),
    ("sigmoid", "SquaredError"),
    ("tanh", "SquaredError"),
    ("relu", "SquaredError"),
)
OUTPUTS = ("identity", "sigmoid", "tanh", "softmax", "relu", "softplus")
EVERYWHERE = ("sigmoid", "tanh", "relu", "softplus", "leaky_relu")
OUTPUT_NAMES = {"identity": "a linear output", "relu": "ReLU outputs"}


def usual(known: dict[str, Any]) -> Iterator[Assumption]:
    """Yield (what it is called, arguments) for the assumptions that are still open."""
    if "cost" not in known:
        for cost in COSTS:
            if "output" not in known or cost in worlds.USUAL.get(
                known["output"], ("SquaredError", *worlds.LOOSE_COSTS)
            ):
                yield COST_NAMES.get(cost, cost), {"cost": cost}
    if "output" not in known:
        for output in OUTPUTS:
            if "cost" not in known and "hidden" in known:
                break
            yield _output(output), {"output": output}
        if "cost" not in known:
            for output, cost in PAIRS:
                yield f"{_output(output)} with {COST_NAMES[cost]}", {"output": output, "cost": cost}
    if "hidden" not in known:
        for name in EVERYWHERE:
            yield f"{name} in the hidden layers", {"hidden": name}
            if "output" not in known:
                yield f"{name} in every layer", {"hidden": name, "output": name}


def _output(output: str) -> str:
    return OUTPUT_NAMES.get(output, f"{output} outputs")


@dataclass(frozen=True)
class Where:
    """Under which assumptions a claim holds, in words, and the reading of its letters among them; empty if none."""

    text: str = ""
    reading: Said | None = None

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
        return Where("holds for " + ", ".join(found))
    for text, networks in shaped(reading, options, notation):
        if _holds(reading, options, notation, networks):
            return Where(f"holds where {text}")
        found = _holding(reading, options, notation, networks, pairs_only=True)
        if found:
            return Where(f"holds for {', '.join(found)}, where {text}")
    return where_reread(claim, ranges, options)


def where_reread(claim: Claim, ranges: Ranges, options: Options) -> Where:
    """Return under which other reading of its letters a claim holds."""
    notation = options["notation"]
    for said, other in _readings(claim, notation) if not isinstance(claim, Equivalence) else ():
        text, _ = said
        reading = _reading(claim, ranges, options, other)
        if _holds(reading, options, other, {}):
            return Where(f"holds where {text}", said)
        if notation.declared or _fits(reading, options, other):
            found = _holding(reading, options, other, costs_only=True)
            if found:
                return Where(f"holds where {text}, for {', '.join(found)}", said)
        if notation.declared or not _fits(reading, options, other, with_outputs=True):
            continue
        for more, networks in shaped(reading, options, other):
            if _holds(reading, options, other, networks):
                return Where(f"holds where {text}, and {more}", said)
    return Where()


def _readings(claim: Claim, notation: Notation) -> Iterator[tuple[Said, Notation]]:
    """Yield (reading, notation) for what makes a difference to a claim, each once."""
    names, seen = names_in(claim, notation), []
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
) -> list[str]:
    if reading is None:
        return []
    known = assumed(options, notation)
    found: list[str] = []
    taken: list[dict[str, Any]] = []
    for name, more in usual(known):
        if (costs_only and set(more) not in ({"cost"}, {"hidden"})) or (pairs_only and "hidden" in more):
            continue
        if any(set(earlier.items()) <= set(more.items()) for earlier in taken):
            continue
        if _holds(reading, options, notation, {**(networks or {}), **more}):
            found.append(name)
            taken.append(more)
    return found


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
        if sizes and min(layers[-1] for layers in sizes) == 1:  # a softmax of one unit is 1
            specs = [s for s in specs if s.output != "softmax"]
        # An output without a cost must work for every cost, the rarer ones too.
        specs = [s for s in specs if s.core or ("output" in more and "cost" not in more and not s.arbitrary)]
        more_draws = (replace(s, turn=turn) for turn in (5, 6, *range(8, 14)) for s in specs)
        if trial.all(itertools.chain(specs, more_draws)) is not None:
            return False
    except (EquationError, ValueError):
        return False
    return trial.tally.compared > 0 and any(trial.tally.nonzero)


__all__ = ["where_it_holds"]
