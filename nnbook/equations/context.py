"""What stands above an equation in its file: the side that a display goes on from, and letters that it defines."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .errors import EquationError
from .language.forms import equations_of
from .language.reader import parse
from .language.tree import Group, Juxt, Name, Node, Relation, Scripted, Statement, to_latex, walk
from .notation import Notation, spelled

GOES_ON = re.compile(r"\s*(\{\})?\s*&?\s*=")
COST = re.compile(  # E_k =, J(W, b) =, \mathcal{L}(\hat{y}, y) =, \text{MSE} =
    r" ?&? ?(\{?\\(text|math[a-z]+|cal|rm|operatorname) ?\{?)? ?"
    r"(C|E|J|L|\\ell|[A-Z]SE|[Ll]oss|[Cc]ost|[Ee]rror)(?![A-Za-z])\}? ?"
    r"([_^] ?(\{([^={}]|\{[^={}]*\})*\}|\\?\w+) ?)*(\\left ?)?(\([^=]*\))? ?&? ?(:?=|\\equiv\b|\\triangleq\b)"
)
OF_OUTPUTS = ("a", "z", "t")  # what a file may call otherwise than the notation that was found out for it


def gone_on(latex: str, above: str) -> str:
    """Return a display that begins with = behind the last side of the display above it; any other as it is."""
    if not GOES_ON.match(latex):
        return latex
    try:
        claim = parse(equations_of(above)[-1].latex).items[-1]
    except (EquationError, IndexError):
        return latex
    return f"{to_latex(claim.sides[-1])} {latex.lstrip(' &')}" if isinstance(claim, Relation) else latex


def defined_letters(latex: str, notation: Notation) -> set[str]:
    """Return the letters of outputs that a display says what they are: ``h_\theta(x) = …``, ``y = (0, 1, 0)``."""
    found = set()
    for line in _lines(latex):
        try:
            items = parse(line).items
        except EquationError:
            continue
        for claim in items:
            name = _head(claim.sides[0]) if isinstance(claim, Relation) and claim.signs else None
            symbol = notation.symbols.get(spelled(name)) if name is not None else None
            if name is not None and symbol is not None and symbol.layer is not None and symbol.kind in OF_OUTPUTS:
                found.add(spelled(name))
    return found


def says_the_cost(latex: str) -> bool:
    """Does a display begin with a cost and an equals sign?"""
    return any(COST.match(" ".join(line.split())[:300]) for line in _lines(latex) or [latex])


def without(latex: str, letters: Iterable[str]) -> str | None:
    """Return one equation without the sides that these letters stand in, or None if fewer than two are left.

    A display in which none of the letters stands comes back as it is.
    """
    try:
        (claim,) = parse(latex).items
    except (EquationError, ValueError):
        return latex
    if not isinstance(claim, Relation):
        return latex
    kept = [n for n, side in enumerate(claim.sides) if not letters_of(side) & set(letters)]
    if len(kept) == len(claim.sides):
        return latex
    if len(kept) < 2 or set(claim.signs) != {"="}:
        return None
    return to_latex(Statement((Relation(("=",) * (len(kept) - 1), tuple(claim.sides[n] for n in kept)),)))


def letters_of(node: Node) -> set[str]:
    """Return the spelled letters of an expression."""
    return {spelled(part) for part in walk(node) if isinstance(part, Name)}


def _lines(latex: str) -> list[str]:
    try:
        return [line.latex for line in equations_of(latex)]
    except EquationError:
        return []


def _head(side: Node) -> Name | None:
    """Return the letter that a side is, without a layer above: y, h_\theta(x)."""
    if isinstance(side, Juxt) and len(side.items) == 2 and isinstance(side.items[1], Group):
        side = side.items[0]
    if isinstance(side, Scripted) and side.sup is None and not side.primes:
        side = side.base
    return side if isinstance(side, Name) else None
