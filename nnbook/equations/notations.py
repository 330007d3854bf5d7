"""The notations that are known by name, each as one table."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from .notation import Change, Notation, Said, Symbol

OPPOSITE = ("the error has the opposite sign, δ = −∂C/∂z (Rumelhart, Zhou)", {r"\delta": {"sign": -1}})
LAYOUT = ("the derivative of a number by a column is a row (numerator layout)", {"": {"numerator": True}})
ROWS = (
    "samples are rows, and a weight's two indices are in the order from, to",
    {letter: {"whole": "rows"} for letter in ("Z", "A", "X", "Y", "hat Y", "b", "B")}
    | {"W": {"whole": "matrix from-to", "order": "from-to"}},
)
BIAS_ROW = (
    "there are two units in a layer, and the third row of weights holds the biases",
    {"": {"bias_row": 3, "assumptions": {"hidden": "sigmoid", "output": "sigmoid", "sizes": ((2, 2, 1),)}}},
)
LOSS: tuple[Said, ...] = tuple(
    (f"L is the {cost} of all samples{also}", {**letters, "L": {"kind": kind, "shift": 0}})
    for cost, kind in (("mean cost", "mean"), ("cost", "total"))
    for also, letters in (("", {}), (f", {ROWS[0]}", ROWS[1]))
)
T = frozenset({"T"})
ONE_LAYER = "there is one layer of weights, whose letters have no number"
ONE_UNIT = "there is one unit with weights, whose letters have no number"
SUMMED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("", {}),
    (", and the cost is the sum over all samples", {"cost_is": "total"}),
    (", and the cost is the mean over all samples", {"cost_is": "mean"}),
)


def layered(
    w: str | None = "matrix", whole: str | None = "column", shift_w: int = 0, shift: int = 0, order: str = "to-from"
) -> dict[str, Symbol]:
    """The letters w, b, z, a, δ of networks with numbered layers."""
    return {
        "w": Symbol("w", w, shift=shift + shift_w, first=2, order=order),
        "b": Symbol("b", whole, shift=shift + shift_w, first=2),
        "z": Symbol("z", whole, shift=shift, first=2),
        "a": Symbol("a", whole, shift=shift),
        r"\delta": Symbol("delta", whole, shift=shift, first=2),
    }


def bold(letters: dict[str, Symbol]) -> dict[str, Symbol]:
    """The same letters set in bold."""
    return {f"bold {letter}": symbol for letter, symbol in letters.items()}


def _whole(kind: str, whole: str = "column", layer: int | str | None = None, first: int = 1, **more: Any) -> Symbol:
    return Symbol(kind, whole, False, layer, first=first, **more)


def _unnumbered(symbols: dict[str, Symbol], rows: bool = False) -> Iterator[Said]:
    """Yield readings of letters without a layer: those of a network with one layer of weights, or of one unit."""
    own = {letter: s for letter, s in symbols.items() if s.layer is None and s.kind in ("w", "b", "z", "a", "delta")}
    outputs = {letter for letter, s in symbols.items() if s.layer == "L" and s.kind in ("a", "t")}
    layer: Change = {letter: {"layer": "L"} for letter in own}
    unit: Change = {letter: {"layer": "L", "whole": "unit"} for letter in own}
    unit |= {letter: {"whole": "unit"} for letter in outputs}
    few = {"depth": 2, "assumptions": {"sizes": ((3, 1), (4, 1))}}
    choices = [(ONE_LAYER, layer, {"depth": 2}), (ONE_UNIT, unit, few)]
    if rows:
        text, changes = ROWS
        by_rows = {letter: layer.get(letter, {}) | changes.get(letter, {}) for letter in {**layer, **changes}}
        choices.insert(1, (f"{ONE_LAYER}, and {text}", by_rows, {"depth": 2}))
    for (text, letters, whole), (more, cost) in itertools.product(choices, SUMMED):
        yield text + more, {**letters, "": {**whole, **cost}}
    yield f"{ONE_UNIT}, and no bias beside them", {**unit, "": {**few, "biases": "named"}}


BOOK = Notation(
    name="book",
    source="this book",
    symbols={
        **layered(w=None, whole=None),
        "t": Symbol("t", layer="L"),
        "x": Symbol("a", layer=1),
        "bold W": _whole("w", "matrix", first=2),
        "bold b": _whole("b", first=2),
        "bold z": _whole("z", first=2),
        "bold a": _whole("a"),
        r"bold \delta": _whole("delta", first=2),
        "bold x": _whole("a", layer=1),
        "bold t": _whole("t", layer="L"),
        "bold Z": _whole("z", "rows", first=2),
        "bold A": _whole("a", "rows"),
        r"bold \Delta": _whole("delta", "rows", first=2),
        "bold X": _whole("a", "rows", 1),
        "bold T": _whole("t", "rows", "L"),
        "bold 1": Symbol("ones"),
        "C": Symbol("C"),
        "J": Symbol("J"),
        "f": Symbol("f"),
        "L": Symbol("L"),
        "N": Symbol("N"),
        "B": Symbol("B"),
        "P": Symbol("P"),
        "n": Symbol("size"),
        r"\lambda": Symbol("lambda"),
    },
    sample="sub",
    sample_letters=frozenset("k"),
    layers={"L": "L"},
    loose=False,
    readings=(OPPOSITE, LAYOUT, ("N counts the units of all layers", {"N": {"kind": "units"}})),
)

_NUMBERED = {
    **layered(),
    "x": Symbol("a", "column", layer=1),
    "y": Symbol("t", "column", layer="L"),
}
NIELSEN = Notation(
    name="nielsen",
    source="Nielsen, Neural Networks and Deep Learning, 2015",
    symbols={
        **_NUMBERED,
        "C": Symbol("C"),
        r"\sigma": Symbol("f", named="sigmoid"),
        "L": Symbol("L"),
        "n": Symbol("N"),
        r"\lambda": Symbol("lambda"),
        r"\eta": Symbol("rate"),
    },
    sample_letter="x",
    layers={"L": "L"},
    transposes=T,
    penalty="half mean",
    total_if=frozenset({"n", r"\lambda"}),
    readings=(OPPOSITE, LAYOUT, *_unnumbered(_NUMBERED)),
)

_DEEP = {
    "W": Symbol("w", "matrix", shift=1, first=2),
    "w": Symbol("w", "matrix", shift=1, first=2),
    "b": Symbol("b", "column", shift=1, first=2),
    "B": Symbol("b", "column", shift=1, first=2),
    "z": Symbol("z", "column", shift=1, first=2),
    "a": Symbol("a", "column", shift=1),
    "Z": Symbol("z", "columns", shift=1, first=2),
    "A": Symbol("a", "columns", shift=1),
    r"\delta": Symbol("delta", "column", shift=1, first=2),
    "x": Symbol("a", "column", layer=1),
    "X": Symbol("a", "columns", layer=1),
    "y": Symbol("t", "column", layer="L"),
    "Y": Symbol("t", "columns", layer="L"),
    "hat y": Symbol("a", "column", layer="L"),
    "hat Y": Symbol("a", "columns", layer="L"),
}
DEEPLEARNING = Notation(
    name="deeplearning.ai",
    source="Ng, Deep Learning Specialization (also the notes of CS229)",
    symbols={
        **_DEEP,
        "cal L": Symbol("C"),
        "J": Symbol("J"),
        "g": Symbol("f"),
        "L": Symbol("L", shift=-1),
        "m": Symbol("N"),
        "n": Symbol("size", shift=1),
        r"\lambda": Symbol("lambda"),
        r"\alpha": Symbol("rate"),
    },
    mark="[",
    sample="(",
    transposes=T,
    differential=True,
    penalty="half mean",
    readings=(OPPOSITE, LAYOUT, ROWS, *LOSS, *_unnumbered(_DEEP, rows=True)),
)

_OUT_OF = {  # weights have the number of the layer that they leave
    "W": Symbol("w", "matrix", shift=1, first=2),
    "b": Symbol("b", "column", shift=1, first=2),
    "z": Symbol("z", "column", first=2),
    "a": Symbol("a", "column"),
    r"\delta": Symbol("delta", "column", first=2),
    "x": Symbol("a", "column", layer=1),
    "y": Symbol("t", "column", layer="L"),
    "f": Symbol("f"),
    r"\lambda": Symbol("lambda"),
    r"\alpha": Symbol("rate"),
}
_UFLDL_OWN = {"h": Symbol("a", "column", layer="L"), r"\theta": Symbol("w", "matrix", shift=1, first=2)}
UFLDL = Notation(
    name="ufldl",
    source="Ng et al., UFLDL tutorial and CS294A notes",
    symbols={
        **_OUT_OF,
        **_UFLDL_OWN,
        "J": Symbol("C"),
        "m": Symbol("N"),
        "s": Symbol("size"),
    },
    mark="(",
    sample="(",
    layers={"n_l": "L"},
    transposes=T,
    total_if=frozenset({"m", r"\lambda"}),
    readings=(OPPOSITE, LAYOUT, *_unnumbered({**_OUT_OF, **_UFLDL_OWN})),
)
CS224N = Notation(
    name="cs224n",
    source="Stanford CS224n, lecture notes on neural networks",
    symbols={
        **_OUT_OF,
        "hat y": Symbol("a", "column", layer="L"),
        "J": Symbol("C"),
        "L": Symbol("L"),
        r"\sigma": Symbol("f", named="sigmoid"),
    },
    mark="(",
    layers={"L": "L"},
    transposes=T,
    readings=(OPPOSITE, LAYOUT, *_unnumbered({**_OUT_OF, "hat y": Symbol("a", "column", layer="L")})),
)

D2L = Notation(
    name="d2l",
    source="Zhang et al., Dive into Deep Learning",
    symbols={
        "bold W": _whole("w", "matrix", shift=1, first=2),
        "bold b": _whole("b", "rows", shift=1, first=2),
        "bold x": _whole("a", layer=1),
        "bold z": _whole("z", layer=2),
        "bold h": _whole("a", layer=2),
        "bold o": _whole("z", layer=3),
        "bold y": _whole("t", layer="L"),
        "bold hat y": _whole("a", layer="L"),
        "bold X": _whole("a", "rows", 1),
        "bold H": _whole("a", "rows", 2),
        "bold O": _whole("z", "rows", 3),
        "bold Y": _whole("t", "rows", "L"),
        "bold hat Y": _whole("a", "rows", "L"),
        "y": Symbol("t", layer="L"),
        "hat y": Symbol("a", layer="L"),
        "o": Symbol("z", layer=3),
        "h": Symbol("a", layer=2),
        "L": Symbol("C"),
        "s": Symbol("penalty"),
        "J": Symbol("C+"),
        r"\phi": Symbol("f"),
        r"\sigma": Symbol("f", named="sigmoid"),
        r"\lambda": Symbol("lambda"),
        r"\eta": Symbol("rate"),
        "n": Symbol("N"),
        "q": Symbol("size", layer=3),
    },
    mark="(",
    depth=3,
    biases="named",
    turned_if=frozenset({"bold X", "bold H", "bold O"}),
    readings=(LAYOUT,),
)

RASCHKA = Notation(
    name="raschka",
    source="Raschka, Python Machine Learning, the chapter on multilayer networks",
    symbols={
        **{
            letter: Symbol(kind, whole, first=first, order="from-to")
            for spelling, kind, whole, first in (
                ("W", "w", "matrix from-to", 2),
                ("w", "w", "matrix from-to", 2),
                ("b", "b", "row", 2),
                ("z", "z", "row", 2),
                ("a", "a", "row", 1),
                (r"\delta", "delta", "row", 2),
                ("Z", "z", "rows", 2),
                ("A", "a", "rows", 1),
                (r"\Delta", "slope", "matrix from-to", 2),
            )
            for letter in (spelling, f"bold {spelling}")
        },
        "x": Symbol("a", "row", layer=1),
        "bold x": Symbol("a", "row", layer=1),
        "y": Symbol("t", "row", layer="L"),
        "bold y": Symbol("t", "row", layer="L"),
        "bold X": Symbol("a", "rows", layer=1),
        "bold Y": Symbol("t", "rows", layer="L"),
        "J": Symbol("total"),
        r"\phi": Symbol("f", named="sigmoid"),
        r"\lambda": Symbol("lambda"),
        r"\eta": Symbol("rate"),
        "n": Symbol("N"),
        "h": Symbol("size", layer=2),
        "d": Symbol("size", layer=2),
        "m": Symbol("size", layer=1),
        "t": Symbol("size", layer=3),
    },
    mark="(",
    sample="[",
    layers={"in": 1, "h": 2, "out": "L"},
    transposes=T,
    depth=3,
    biases="named",
    entrywise=True,
    rows_if=frozenset({"bold A", "bold Z", "A", "Z", "bold X", "bold Y"}),
    assumptions={"hidden": "sigmoid", "output": "sigmoid", "cost": "BinaryCrossEntropy"},
)

BISHOP = Notation(
    name="bishop",
    source="Bishop, Pattern Recognition and Machine Learning, 2006",
    symbols={
        "w": Symbol("w", first=2, shift=1),
        "a": Symbol("z", first=2),
        "z": Symbol("a"),
        "x": Symbol("a", layer=1),
        "y": Symbol("a", layer="L"),
        "t": Symbol("t", layer="L"),
        r"\delta": Symbol("delta", first=2),
        "E": Symbol("total"),
        "h": Symbol("f"),
        r"\sigma": Symbol("f", named="sigmoid"),
        "N": Symbol("N"),
        "D": Symbol("size", layer=1),
        "K": Symbol("size", layer="L"),
        r"\lambda": Symbol("lambda"),
        r"\eta": Symbol("rate"),
    },
    mark="(",
    by_letter=True,
    sample="sub",
    sample_letter="n",
    transposes=T,
    biases="named",
    readings=(OPPOSITE, LAYOUT),
)

_WIKIPEDIA_LAYERS = {
    "W": Symbol("w", "matrix", first=2, order="from-to"),
    "w": Symbol("w", "matrix", first=2, order="from-to"),
    "b": Symbol("b", "column", first=2),
    "z": Symbol("z", "column", first=2),
    "a": Symbol("a", "column"),
    r"\delta": Symbol("delta", "column", first=2),
    "x": Symbol("a", "column", layer=1),
    "t": Symbol("t", "column", layer="L"),
    "y": Symbol("t", "column", layer="L"),
}
WIKIPEDIA = Notation(
    name="wikipedia",
    source="Wikipedia, Backpropagation",
    symbols={
        **_WIKIPEDIA_LAYERS,
        "word net": Symbol("z", first=2),
        "o": Symbol("a"),
        "C": Symbol("C"),
        "E": Symbol("C"),
        "f": Symbol("f"),
        r"\varphi": Symbol("f"),
        r"\phi": Symbol("f"),
        "L": Symbol("L"),
        r"\eta": Symbol("rate"),
        r"\Delta": Symbol("step"),
    },
    by_letter=True,
    layers={"L": "L"},
    transposes=T,
    biases="named",
    words=frozenset({"net"}),
    readings=(OPPOSITE, LAYOUT, *_unnumbered(_WIKIPEDIA_LAYERS)),
)

ZHOU = Notation(
    name="zhou",
    source="Zhou Zhihua, Machine Learning (the watermelon book)",
    symbols={
        "x": Symbol("a", layer=1),
        "v": Symbol("w", layer=2, order="from-to"),
        "w": Symbol("w", layer=3, order="from-to"),
        r"\alpha": Symbol("input", layer=2),
        r"\beta": Symbol("input", layer=3),
        "b": Symbol("a", layer=2),
        "hat y": Symbol("a", layer="L"),
        "y": Symbol("t", layer="L"),
        r"\gamma": Symbol("b", layer=2, sign=-1),
        r"\theta": Symbol("b", layer=3, sign=-1),
        "g": Symbol("delta", layer=3, sign=-1),
        "e": Symbol("delta", layer=2, sign=-1),
        "E": Symbol("mean"),
        "f": Symbol("f", named="sigmoid"),
        "m": Symbol("N"),
        "d": Symbol("size", layer=1),
        "q": Symbol("size", layer=2),
        "l": Symbol("size", layer=3),
        r"\eta": Symbol("rate"),
        r"\Delta": Symbol("step"),
    },
    sample="bare",
    depth=3,
    assumptions={"hidden": "sigmoid", "output": "sigmoid", "cost": "SquaredError"},
)

PRINCE = Notation(
    name="prince",
    source="Prince, Understanding Deep Learning, 2023",
    symbols={
        r"bold \Omega": _whole("w", "matrix", shift=2, first=2),
        r"bold \beta": _whole("b", shift=2, first=2),
        "bold f": _whole("z", shift=2, first=2),
        "bold h": _whole("a", shift=1, first=2),
        "bold x": _whole("a", layer=1),
        "bold y": _whole("t", layer="L"),
        r"\ell": Symbol("C"),
        "L": Symbol("total"),
        "a": Symbol("f"),
        "bold a": Symbol("f"),
        "K": Symbol("L", shift=-2),
        "I": Symbol("N"),
        r"\alpha": Symbol("rate"),
    },
    mark="sub",
    transposes=T,
    entrywise=True,
    readings=(LAYOUT,),
)

UDACITY = Notation(
    name="udacity",
    source="Udacity, Deep Learning Nanodegree",
    symbols={
        "W": Symbol("w", "matrix from-to", shift=1, first=2, order="from-to"),
        "b": Symbol("b", "column", shift=1, first=2),
        "x": Symbol("a", "column", layer=1),
        "h": Symbol("z", "unit", layer=2, whole_layer="L"),
        "hat y": Symbol("a", "unit", layer="L"),
        "y": Symbol("t", "unit", layer="L"),
        r"\sigma": Symbol("f", named="sigmoid"),
        "E": Symbol("C"),
        "f": Symbol("f"),
        "m": Symbol("N"),
        r"\eta": Symbol("rate"),
        r"\alpha": Symbol("rate"),
    },
    mark="(",
    transposes=T,
    depth=3,
    biases="named",
    assumptions={"hidden": "sigmoid", "output": "sigmoid", "sizes": ((3, 2, 1), (2, 4, 1))},
    readings=(BIAS_ROW,),
)

ALL = (BOOK, NIELSEN, DEEPLEARNING, UFLDL, CS224N, D2L, RASCHKA, BISHOP, WIKIPEDIA, ZHOU, PRINCE, UDACITY)
NOTATIONS = {notation.name: notation for notation in ALL}


def named(notation: str | Notation) -> Notation:
    """Return the `Notation` with this name; a `Notation` is returned as it is.

    Raises
    ------
    ValueError
        When there is none, with the names that there are.
    """
    if isinstance(notation, Notation):
        return notation
    if notation not in NOTATIONS:
        raise ValueError(f"notation must be one of {', '.join(NOTATIONS)}; got {notation!r}")
    return NOTATIONS[notation]
