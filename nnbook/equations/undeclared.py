"""What a file may mean that declares no notation: readings and letters beside those of the notation found out for it.

An equation is called wrong there only when no usual reading makes it right: of where layers and weights are counted
from, of rows or columns as samples, of the cost as that of one sample, a sum or a mean.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from .notation import Change, Notation, Said, Symbol
from .notations import BOOK

LAYERED = ("w", "b", "z", "a", "delta")
SAMPLED = ("b", "z", "a", "delta", "t")

ACTIVATION = r"(?<![A-Za-z\\])[aAhH][_^][^=$]*=\s*{}(\^\S+?)?\s*(\\!|\\left)*\s*\(\s*[zZ]\s*[_^]"
NUMBERINGS = (  # (in words, the shift of z, a and δ, that of w and b)
    ("weights and biases have the number of the layer they lead to", 0, 0),
    ("weights and biases have the number of the layer they leave", 0, 1),
    ("layers are counted from 0", 1, 1),
    ("layers are counted from 0, and weights have the number of the layer they leave", 1, 2),
)
TO_FROM = "samples are columns, and a weight's two indices are in the order to, from"
FROM_TO = "samples are rows, and a weight's two indices are in the order from, to"
FROM_TO_ONLY = "a weight's two indices are in the order from, to"
ROW_ERROR: Said = (
    "the derivatives of a number are rows, and so is δ (numerator layout)",
    {"": {"numerator": True}, r"\delta": {"whole": "row"}},
)
ENTRYWISE = ("the derivative of a by z is taken entry by entry", {"": {"entrywise": True}})
WORDS = frozenset({"net", "out"})
BATCH = "every letter stands for all samples, one a column"
STAR = ("* is the product of matrices", {"": {"star_multiplies": True}})
OUTPUTS = ("every index counts the outputs", {letter: {"layer": "L"} for letter in ("a", "z", "y", "o")})
DESIRED = (
    "d is the target, y the output, and E the cost of one sample",
    {"d": {"kind": "t", "layer": "L"}, "y": {"kind": "a"}, "E": {"kind": "C"}},
)
ONE_OUTPUT = "there is one output unit, and the letters are those of one sample"
ONE_INDEX = "there is one output unit, and the index counts samples"
OF_COST = {
    "C": "the cost is that of one sample",
    "total": "the cost is the sum over all samples",
    "mean": "the cost is the mean over all samples",
}
COSTS = tuple((text, {"": {"cost_is": kind}}) for kind, text in OF_COST.items())
NO_BIASES = ("there are no biases, or the weights include them", {"": {"biases": "named"}})
ONE_OUTPUT_SIZES = ((3, 2, 1), (4, 1))


def undeclared(notation: Notation, text: str = "") -> Notation:
    """Return a notation as it is read where no file declares it; ``text`` is the LaTeX of all its displays."""
    letters = {letter: symbol for letter, symbol in _more_letters(notation, text) if letter not in notation.symbols}
    wider = notation.changed(**letters)
    layers = dict(notation.layers)
    if notation.mark == "(" and "L" not in notation.symbols:
        layers.setdefault("L", "L")
    return replace(
        wider,
        declared=False,
        words=notation.words | WORDS,
        layers=layers,
        readings=(*notation.readings, *_readings(wider)),
    )


def _more_letters(notation: Notation, text: str) -> Iterator[tuple[str, Symbol]]:
    """Yield letters that lecture notes add to a notation: Θ for its weights, its activation, batches as capitals."""
    weights = notation.symbols.get("W") or notation.symbols.get("w")
    if weights is not None:
        yield r"\Theta", weights
    for letter in ("g", "f", "h", r"\sigma", r"\phi", r"\varphi"):
        if re.search(ACTIVATION.format(re.escape(letter)), text):  # the file says that it is: a^l = g(z^l)
            yield letter, Symbol("f", named="sigmoid" if letter == r"\sigma" else None)
    if notation.name == "nielsen":
        for letter, like in (("Z", "z"), ("A", "a"), ("X", "x"), ("Y", "y")):
            yield letter, notation.symbols[like]


# --- readings -------------------------------------------------------------------------------------------------------


def _readings(notation: Notation) -> Iterator[Said]:
    """Yield what the letters may mean, the fewest changes first."""
    if notation.name in ("bishop", "wikipedia"):
        yield OUTPUTS
    if notation.name == "zhou":
        yield DESIRED
    yield ROW_ERROR
    yield ENTRYWISE
    yield STAR
    if "L" in notation.symbols and notation.symbols["L"].kind == "L":
        loss: Change = {"L": {"kind": "C", "shift": 0}}
        yield "L is the cost", loss
    bare = [NO_BIASES] if notation.biases == "always" else []
    choices = (list(_numberings(notation)), list(_samples(notation)), COSTS, bare)
    for count in range(1, 4):
        for chosen in itertools.combinations(choices, count):
            for parts in itertools.product(*chosen):
                yield ", and ".join(text for text, _ in parts), _merged(change for _, change in parts)
    yield from _one_output(notation)


def _merged(changes: Any) -> Change:
    merged: Change = {}
    for change in changes:
        for letter, fields in change.items():
            merged[letter] = {**merged.get(letter, {}), **fields}
    return merged


def _layered(notation: Notation) -> dict[str, Symbol]:
    """Return what has the number of its layer; a change of a letter changes the bold letter too."""
    return {
        letter.removeprefix("bold "): symbol
        for letter, symbol in notation.symbols.items()
        if symbol.layer is None and symbol.kind in LAYERED
    }


def _numberings(notation: Notation) -> Iterator[Said]:
    if notation.depth is not None and notation.name != "raschka":  # its letters stand for just so many layers
        return
    own = _layered(notation)
    shifts = {s.shift for s in own.values() if s.kind == "a"}, {s.shift for s in own.values() if s.kind == "w"}
    for text, units, weights in NUMBERINGS:
        if shifts != ({units}, {weights}):
            yield (
                text,
                {letter: {"shift": weights if symbol.kind in ("w", "b") else units} for letter, symbol in own.items()},
            )


def _samples(notation: Notation) -> Iterator[Said]:
    """Yield samples as columns and as rows, and the two indices of a weight in the other order alone."""
    letters = {
        letter: symbol
        for letter, symbol in notation.symbols.items()
        if symbol.kind in ("w", *SAMPLED) and symbol.whole != "unit" and not letter.startswith("bold ")
    }
    orders = {symbol.order for symbol in letters.values() if symbol.kind == "w"}
    if any(symbol.whole for symbol in letters.values()):
        for text, one, batch, matrix, order in (
            (TO_FROM, "column", "columns", "matrix", "to-from"),
            (FROM_TO, "row", "rows", "matrix from-to", "from-to"),
        ):
            if orders != {order}:
                changes = {
                    letter: {"whole": matrix, "order": order}
                    if symbol.kind == "w"
                    else {"whole": batch if letter[-1].isupper() and symbol.kind != "b" else one}
                    for letter, symbol in letters.items()
                }
                yield text, changes
                if notation.rows_if:  # beside Z and A, δ is that of all samples
                    yield f"{text}, and δ is that of all of them", {**changes, r"\delta": {"whole": batch}}
    if orders == {"to-from"} and any(symbol.whole == "column" for symbol in letters.values()):
        batch = {letter for letter, symbol in letters.items() if symbol.kind not in ("w", "b") and symbol.whole}
        yield BATCH, {letter: {"whole": "columns"} for letter in batch}
    if orders == {"to-from"}:
        yield FROM_TO_ONLY, {letter: {"order": "from-to"} for letter, s in letters.items() if s.kind == "w"}


def _one_output(notation: Notation) -> Iterator[Said]:
    """Yield formulas printed for one output, of one sample or with an index for it; L is then the cost."""
    numbers: Change = {
        letter: {"whole": "unit"}
        for letter, symbol in notation.symbols.items()
        if symbol.kind in ("a", "t") and symbol.layer == "L" and symbol.whole
    }
    if not numbers:
        return
    cost: Change = {}
    if "L" in notation.symbols and notation.symbols["L"].kind == "L":
        cost = {"L": {"kind": "C", "shift": 0}}
    counts: Change = {letter: {"kind": "N", "layer": None} for letter in ("m", "n", "N") if letter in notation.symbols}
    one = {"assumptions": {**notation.assumptions, "sizes": ONE_OUTPUT_SIZES}}
    by_sample = {**one, "sample": "outputs", "sample_letters": None}
    for kind, text in (("", ""), ("mean", OF_COST["mean"]), ("total", OF_COST["total"])):
        yield ", and ".join(filter(None, (ONE_INDEX, text))), {**counts, **cost, "": {**by_sample, "cost_is": kind}}
    yield ONE_OUTPUT, {**numbers, **cost, "": one}


UNDECLARED = replace(  # the book's letters, where no notation is declared
    BOOK, readings=(*BOOK.readings, (FROM_TO_ONLY, {"w": {"order": "from-to"}}))
)

__all__ = ["UNDECLARED", "undeclared"]
