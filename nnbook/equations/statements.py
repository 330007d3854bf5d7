"""What one display says: its claims, and the ranges stated after them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .errors import UnreadableEquation
from .indices import index_letter, letters_in
from .language.tree import (
    Claim,
    Dots,
    Equivalence,
    Group,
    Juxt,
    Node,
    Number,
    Relation,
    Scripted,
    Statement,
    Sum,
    walk,
)

Range = tuple[Node | None, Node | None, Relation]  # first and last value, and where they are stated
Ranges = dict[str, Range]

RANGE_SIGNS = {"<", r"\le", ">", r"\ge"}


def separated(statement: Statement, letters: frozenset[str]) -> tuple[list[Claim], Ranges]:
    r"""Separate the claims from the ranges stated after them: ``2 \le l < L``, ``l = 2, \dots, L - 1``, ``l = L``.

    ``letters`` are the small letters that stand as an index somewhere in the statement.
    """
    items: list[Any] = list(statement.items)
    for item in items:
        if isinstance(item, Relation) and not item.signs and not _stands_in_range(items, item):
            if index_letter(item.sides[0]) is not None and len(items) > 1:
                continue  # for all j
            raise UnreadableEquation("this claims nothing: it has no =", position=item.position)
    claims: list[Claim] = []
    ranges: Ranges = {}
    n = 0
    while n < len(items):
        item = items[n]
        if _opens_a_listed_range(items, n, letters):
            stop = next(m for m in range(n, len(items)) if isinstance(items[m], Dots)) + 1
            ranges[item.sides[0].text] = _listed_range(items, n, stop)
            n = stop + 1
            continue
        if isinstance(item, Relation) and not item.signs:
            pass
        elif _is_range(item, letters, len(items)):
            ranges[item.sides[1].text] = _two_limits(item)
        elif claims and (limits := _one_limit(item, letters)):
            ranges.update(limits)
        elif claims and _fixes(item, letters):
            ranges[item.sides[0].text] = (item.sides[1], item.sides[1], item)
        elif isinstance(item, Dots):
            raise UnreadableEquation("dots are ambiguous here", position=item.position)
        else:
            claims.append(item)
        n += 1
    if not claims:
        raise UnreadableEquation("this claims nothing: it has no =", position=0)
    return claims, ranges


def _stands_in_range(items: list[Node], item: Node) -> bool:
    place = items.index(item)
    return any(isinstance(i, Dots) for i in items[max(0, place - 2) : place + 3])


def _opens_a_listed_range(items: list[Node], n: int, letters: frozenset[str]) -> bool:
    item = items[n]
    return (
        isinstance(item, Relation)
        and item.signs == ("=",)
        and index_letter(item.sides[0]) in letters
        and any(isinstance(i, Dots) for i in items[n : n + 4])
    )


def _listed_range(items: list[Any], n: int, stop: int) -> Range:
    item = items[n]
    if stop >= len(items) or not isinstance(items[stop], Relation) or items[stop].signs:
        raise UnreadableEquation("a range must end with its last value", position=item.position)
    first = item.sides[1]
    for step, between in enumerate(items[n + 1 : stop - 1], start=1):
        start = first.text if isinstance(first, Number) else ""
        if not start.isdigit() or between.signs or between.sides != (Number(str(int(start) + step)),):
            raise UnreadableEquation(
                "a range counts up by 1: its first value, the next ones, dots, its last value",
                position=between.position,
            )
    return first, items[stop].sides[0], item


def _is_range(item: Node, letters: frozenset[str], count: int) -> bool:
    return (
        isinstance(item, Relation)
        and len(item.signs) == 2
        and set(item.signs) <= RANGE_SIGNS
        and index_letter(item.sides[1]) in letters
        and count > 1
    )


def _fixes(item: Node, letters: frozenset[str]) -> bool:
    return (
        isinstance(item, Relation)
        and item.signs == ("=",)
        and index_letter(item.sides[0]) in letters
        and not any(isinstance(part, Group | Juxt) for part in walk(item.sides[1]))
    )


def _two_limits(item: Relation) -> Range:
    low, high, signs = item.sides[0], item.sides[2], item.signs
    if len({sign in ("<", r"\le") for sign in signs}) > 1:
        raise UnreadableEquation("the two signs of a range point in opposite directions", position=item.position)
    if signs[0] in (">", r"\ge"):
        low, high, signs = high, low, tuple({">": "<", r"\ge": r"\le"}[s] for s in reversed(signs))
    if signs[0] == "<":
        low = Sum(("+", "+"), (low, Number("1")))
    if signs[1] == "<":
        high = Sum(("+", "-"), (high, Number("1")))
    return low, high, item


def _one_limit(item: Node, letters: frozenset[str]) -> Ranges | None:
    """Return {letter: (low, high, item)} of a range with one end, "for l < L"; the other end comes from its symbols."""
    if not isinstance(item, Relation) or len(item.signs) != 1 or item.signs[0] not in RANGE_SIGNS:
        return None
    (one, other), sign = item.sides, item.signs[0]
    if index_letter(one) not in letters:
        one, other = other, one
        sign = {"<": ">", r"\le": r"\ge", ">": "<", r"\ge": r"\le"}[sign]
    if index_letter(one) not in letters or any(isinstance(part, Group | Juxt) for part in walk(other)):
        return None
    step = {"<": "-", ">": "+"}.get(sign)
    limit = Sum(("+", step), (other, Number("1"))) if step else other
    return {index_letter(one) or "": (None, limit, item) if sign in ("<", r"\le") else (limit, None, item)}


def sides_of(claim: Claim) -> tuple[Node, ...]:
    """Return the sides of a claim, of both relations of an equivalence."""
    return claim.sides if isinstance(claim, Relation) else (*claim.left.sides, *claim.right.sides)


def scripted_letters(node: Node, layered: Callable[[Node], bool]) -> frozenset[str]:
    """Return the small letters that stand as an index somewhere in ``node``."""
    letters: set[str] = set()
    for part in walk(node):
        if isinstance(part, Scripted):
            scripts = list(part.sub or ())
            if layered(part.base):
                scripts += list(part.sup or ())
            for script in scripts:
                letters |= letters_in(script)
    return frozenset(letters)


__all__ = ["Equivalence", "scripted_letters", "separated", "sides_of"]
