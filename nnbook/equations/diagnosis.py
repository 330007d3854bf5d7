"""Which small change makes a refuted equation hold; only changes that were checked are proposed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from .checking import check
from .errors import EquationError
from .indices import index_letter, letters_in, spread
from .language.reader import parse
from .language.tree import (
    Group,
    Hadamard,
    Juxt,
    Name,
    Node,
    Number,
    Ratio,
    Relation,
    Scripted,
    Statement,
    Sum,
    Times,
    Top,
    children,
    replaced,
    to_latex,
    walk,
)

Change = tuple[str, Node]  # what is different, in words, and the changed piece
Kind = Callable[[Node, list[str]], Iterator[Change]]
MOST = 160  # changes that are tried
HALF = Ratio(Number("1"), Number("2"))


def proposal(latex: str, arguments: dict[str, Any]) -> str:
    """Return what to write instead, in words, for the first small change under which the equation holds, else ""."""
    try:
        statement = parse(latex)
    except EquationError:
        return ""
    for number, (words, changed) in enumerate(changes(statement)):
        if number >= MOST:
            break
        try:
            outcome = check(to_latex(changed), against_package=False, explain=False, **arguments)
        except (EquationError, ValueError, TypeError):
            continue
        if not any("claims nothing" in remark for remark in outcome.remarks):
            return f"holds {words}"
    return ""


def changes(statement: Statement) -> Iterator[tuple[str, Statement]]:
    """Yield (what is different, changed statement), the likeliest mistakes first."""
    for kind in (_indices, _layers, _primes, _transposes, _signs, _factors, _letters, _orders):
        yield from _everywhere(statement, kind, _index_letters(statement))
    for n, item in enumerate(statement.items):
        if isinstance(item, Relation) and len(item.sides) == 2:
            for words, side in _scaled(item.sides[1]):
                relation = Relation(item.signs, (item.sides[0], side), position=item.position)
                yield words, Statement((*statement.items[:n], relation, *statement.items[n + 1 :]))


def _everywhere(node: Node, kind: Kind, letters: list[str]) -> Iterator[Any]:
    for words, new in kind(node, letters):
        yield words, new
    for path, child in children(node):
        for words, new in _everywhere(child, kind, letters):
            yield words, replaced(node, path, new)


def _index_letters(statement: Statement) -> list[str]:
    found: set[str] = set()
    for part in walk(statement):
        if isinstance(part, Scripted):
            for script in part.sub or ():
                found |= letters_in(script)
    return sorted(found)


def _with(node: Node) -> Change:
    return f"with {short(node)}", node


def short(node: Node) -> str:
    """Print a piece of an equation as a person would write it: w^{l+1}_{ji}."""
    if isinstance(node, Group) and node.kind == "paren":
        return "(" + ", ".join(map(short, node.items)) + ")"
    if isinstance(node, Juxt):
        return " ".join(map(short, node.items))
    if not isinstance(node, Scripted):
        return re.sub(r"\s*([-+=])\s*", r"\1", to_latex(node)).strip()
    inner = short(node.base)
    sup = "".join(short(s) for s in node.sup or ())
    sub = "".join(short(place) for place in spread(node.sub)) if node.sub else ""
    return inner + "'" * node.primes + (f"^{{{sup}}}" if sup else "") + (f"_{{{sub}}}" if sub else "")


def _indices(node: Node, letters: list[str]) -> Iterator[Change]:
    """Two indices exchanged."""
    if isinstance(node, Scripted) and node.sub is not None:
        places = spread(node.sub)
        if len(places) == 2 and places[0] != places[1]:
            yield _with(Scripted(node.base, (Juxt((places[1], places[0])),), node.sup, node.primes))


def _layers(node: Node, letters: list[str]) -> Iterator[Change]:
    """A layer one higher or one lower."""
    if not isinstance(node, Scripted) or node.sup is None or len(node.sup) != 1:
        return
    items = list(node.sup[0].items) if isinstance(node.sup[0], Juxt) else [node.sup[0]]
    for n, item in enumerate(items):
        for other in _shifted(item):
            parts = (*items[:n], other, *items[n + 1 :])
            sup = Juxt(parts) if len(parts) > 1 else parts[0]
            yield _with(Scripted(node.base, node.sub, (sup,), node.primes))


def _shifted(index: Node) -> Iterator[Node]:
    if isinstance(index, Group) and index.kind in ("paren", "bracket") and len(index.items) == 1:
        for other in _shifted(index.items[0]):
            yield Group(index.kind, (other,))
    elif isinstance(index, Sum) and len(index.items) == 2 and isinstance(index.items[1], Number):
        yield index.items[0]
        yield Sum(("+", "-" if index.signs[1] == "+" else "+"), index.items)
    elif isinstance(index, Name) and not index.style and index.text != "T":
        yield Sum(("+", "+"), (index, Number("1")))
        yield Sum(("+", "-"), (index, Number("1")))


def _primes(node: Node, letters: list[str]) -> Iterator[Change]:
    """A prime too many or too few, on something with an argument."""
    if not isinstance(node, Juxt):
        return
    for n, (item, behind) in enumerate(zip(node.items, node.items[1:])):
        base = item.base if isinstance(item, Scripted) else item
        if not isinstance(base, Name) or not isinstance(behind, Group):
            continue
        old = item if isinstance(item, Scripted) else Scripted(item)
        new = Scripted(old.base, old.sub, old.sup, 1 - min(old.primes, 1))
        bare = new.base if new == Scripted(new.base) else new
        words = f"with {short(bare)}{short(behind)}"
        yield words, Juxt((*node.items[:n], bare, *node.items[n + 1 :]))


def _transposes(node: Node, letters: list[str]) -> Iterator[Change]:
    """A transpose too many or too few."""
    if isinstance(node, Scripted) and node.sup is not None and len(node.sup) == 1:
        items = list(node.sup[0].items) if isinstance(node.sup[0], Juxt) else [node.sup[0]]
        rest = [i for i in items if not (isinstance(i, Top) or (isinstance(i, Name) and i.text == "T"))]
        if len(rest) < len(items):
            sup = None if not rest else (rest[0] if len(rest) == 1 else Juxt(tuple(rest)),)
            new = Scripted(node.base, node.sub, sup, node.primes)
            yield _with(new if sup or node.sub or node.primes else node.base)
        elif isinstance(node.base, Name) and node.sub is None:
            yield _with(Scripted(Group("paren", (node,)), None, (Top(),)))
    elif isinstance(node, Name) and node.style == "bold":
        yield _with(Scripted(node, None, (Top(),)))


def _signs(node: Node, letters: list[str]) -> Iterator[Change]:
    """A sign."""
    if isinstance(node, Sum):
        for n, sign in reversed(list(enumerate(node.signs))):
            if n == 0 and sign == "+" and len(node.items) == 1:
                continue
            flipped = "-" if sign == "+" else "+"
            new = Sum((*node.signs[:n], flipped, *node.signs[n + 1 :]), node.items)
            bare = node.items[0] if new.signs == ("+",) else new
            yield _with(bare)


def _factors(node: Node, letters: list[str]) -> Iterator[Change]:
    """A number before a term: dropped, or 2 exchanged with ½."""
    if isinstance(node, Juxt) and isinstance(node.items[0], Number | Ratio) and len(node.items) > 1:
        rest = node.items[1:]
        yield _with(rest[0] if len(rest) == 1 else Juxt(rest))
    if isinstance(node, Ratio) and node.top == Number("1"):
        yield _with(Number("1"))


def _letters(node: Node, letters: list[str]) -> Iterator[Change]:
    """Another index letter in one place."""
    if isinstance(node, Scripted) and node.sub is not None:
        places = spread(node.sub)
        for n, place in enumerate(places):
            for letter in letters:
                if index_letter(place) not in (None, letter):
                    parts = (*places[:n], Name(letter), *places[n + 1 :])
                    yield _with(
                        Scripted(node.base, (Juxt(parts) if len(parts) > 1 else parts[0],), node.sup, node.primes)
                    )


def _orders(node: Node, letters: list[str]) -> Iterator[Change]:
    """Two factors of a matrix product exchanged."""
    if isinstance(node, Juxt) and len(node.items) == 2:
        yield _with(Juxt((node.items[1], node.items[0])))
    elif isinstance(node, Times | Hadamard) and len(node.items) == 2:
        yield _with(Juxt(tuple(Group("paren", (i,)) for i in node.items)))


def _scaled(side: Node) -> Iterator[Change]:
    """The whole right side with another sign, or times 2, ½, 1/N, N."""
    inner = Group("paren", (side,))
    yield f"with the opposite sign: {to_latex(Sum(('-',), (inner,)))}", Sum(("-",), (inner,))
    for number in (HALF, Number("2")):
        yield f"with {to_latex(number)} before the right side", Juxt((number, inner))
    for letter in ("N", "m", "n", "B"):
        yield f"with 1/{letter} before the right side", Juxt((Ratio(Number("1"), Name(letter)), inner))
