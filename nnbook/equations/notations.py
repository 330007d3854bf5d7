"""The notations that are known by name, each as one table."""

from __future__ import annotations

from .notation import Notation, Symbol

POINTS = {"z": Symbol("point"), "x": Symbol("point")}
OPPOSITE = ("the error has the opposite sign, δ = −∂C/∂z (Rumelhart, Zhou)", {r"\delta": {"sign": -1}})


def layered(whole_w="matrix", whole="column", shift_w=0, shift=0, order="to-from", units=True):
    """The letters w, b, z, a, δ of networks with numbered layers."""
    return {
        "w": Symbol("w", whole_w, units, shift=shift + shift_w, first=2, order=order),
        "b": Symbol("b", whole, units, shift=shift + shift_w, first=2),
        "z": Symbol("z", whole, units, shift=shift, first=2),
        "a": Symbol("a", whole, units, shift=shift, first=1),
        r"\delta": Symbol("delta", whole, units, shift=shift, first=2),
    }


def _bold(letters, **changes):
    return {f"bold {letter}": symbol for letter, symbol in letters.items()}


def _column(kind, layer=None, first=1, whole="column", units=False, **more):
    return Symbol(kind, whole, units, layer=layer, first=first, **more)


BOOK = Notation(
    name="book",
    source="this book",
    symbols={
        **layered(whole_w=None, whole=None),
        "t": Symbol("t", layer="L"),
        "x": Symbol("a", layer=1),
        "bold W": Symbol("w", "matrix", False, first=2),
        "bold b": _column("b", first=2),
        "bold z": _column("z", first=2),
        "bold a": _column("a"),
        r"bold \delta": _column("delta", first=2),
        "bold x": _column("a", 1),
        "bold t": _column("t", "L"),
        "bold Z": _column("z", first=2, whole="rows"),
        "bold A": _column("a", whole="rows"),
        r"bold \Delta": _column("delta", first=2, whole="rows"),
        "bold X": _column("a", 1, whole="rows"),
        "bold T": _column("t", "L", whole="rows"),
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
    readings=(OPPOSITE, ("N counts the units of all layers", {"N": {"kind": "units"}})),
)

NOTATIONS = {notation.name: notation for notation in (BOOK,)}
