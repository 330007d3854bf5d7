r"""Matrices and columns with dots in them: ``x_1, x_2, \dots, x_n`` is a list over one letter where its ends say so.

The first entry and the last may differ only in one index, which is 1 in the first; the entries between must fit.
Dots at both ends of every row, and whole rows of dots above and below, only mark an entry as a column or a row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from . import operations, values
from .errors import fail
from .indices import spread
from .language.tree import Dots, Matrix, Name, Node, Number, Row, Scripted, Step, children, replaced, walk
from .shapes import Scope, agreed
from .terms import Bound, Env, Term
from .values import Array, Value

if TYPE_CHECKING:
    from .meaning import Reader
End = tuple[str, Node]  # a letter, and its last value
Side = tuple[str, Scope, Bound | None]
Steps = tuple[Step, ...]

PATTERN = "dots stand for what lies between 1 and a letter: write the first entry with 1, dots, and the last"


def matrix(node: Matrix, reader: Reader) -> Term:
    """Return the term of a matrix that is written out, with or without dots."""
    rows = _bare([list(row.items) for row in node.rows])
    if not any(isinstance(item, Dots) for row in rows for item in row):
        if len(rows) == len(rows[0]) == 1:
            return reader.expression(rows[0][0])
        return operations.Written(node, [[reader.expression(item) for item in row] for row in rows])
    taken = {part.text for part in walk(node) if isinstance(part, Name)}
    down, across = [letter for letter in "pqruv" if letter not in taken][:2]
    gap = [n for n, row in enumerate(rows) if all(isinstance(item, Dots) for item in row)]
    read = [_across(row, across, node) for n, row in enumerate(rows) if n not in gap]
    if not gap:
        terms = [_row(node, items, None, None if last is None else (across, last), reader) for items, last in read]
        return terms[0] if len(terms) == 1 else Stacked(node, terms)
    if gap != [len(rows) - 2] or len(read) < 2:
        fail(PATTERN, node)
    whole = [Row((*items, *([last] if last is not None else []))) for items, last in read]
    template, high = _pattern(whole, down, node)
    items = list(template.items)
    last = items.pop() if read[0][1] is not None else None
    return _row(node, items, (down, high), None if last is None else (across, last), reader)


def _bare(rows: list[list[Node]]) -> list[list[Node]]:
    """Drop dots that only mark an entry as a row or a column."""
    while len(rows) > 1 and all(isinstance(item, Dots) for item in rows[0]):
        rows = rows[1:]
    while len(rows) > 1 and all(isinstance(item, Dots) for item in rows[-1]):
        rows = rows[:-1]
    own = [row for row in rows if not all(isinstance(item, Dots) for item in row)]
    if all(len(row) > 2 and isinstance(row[0], Dots) and isinstance(row[-1], Dots) for row in own):
        rows = [row[1:-1] for row in rows]
    return rows


def _across(items: list[Node], letter: str, node: Node) -> tuple[list[Node], Node | None]:
    """Return (entries, None), or (template, its last value) of a row with dots in it."""
    gap = [n for n, item in enumerate(items) if isinstance(item, Dots)]
    if not gap:
        return items, None
    if gap != [len(items) - 2] or len(items) < 3:
        fail(PATTERN, node)
    template, high = _pattern([item for item in items if not isinstance(item, Dots)], letter, node)
    return [template], high


def _pattern(entries: list[Any], letter: str, node: Node) -> tuple[Any, Node]:
    """Return (template, last value) of entries that count 1, 2, …, last in one letter."""
    entries = [_parted(entry) for entry in entries]
    first, last = entries[0], entries[-1]
    found = list(_differences(first, last))
    highs = {high for _, _, high in found}
    if len(highs) != 1 or any(low != Number("1") for _, low, _ in found) or isinstance(found[0][2], Number):
        fail(PATTERN, node)

    def filled(new: Node) -> Node:
        result = first
        for path, _, _ in found:
            result = _put(result, path, new)
        return result

    for count, entry in enumerate(entries[1:-1], start=2):
        if entry != filled(Number(str(count))):
            fail(f"the entries before the dots do not count up: {PATTERN}", node)
    return filled(Name(letter)), found[0][2]


def _parted(node: Node) -> Node:
    """Return ``node`` with subscripts of several indices as tuples: 11 as 1, 1."""
    for path, child in list(children(node)):
        new = _parted(child)
        if new is not child:
            node = replaced(node, path, new)
    if isinstance(node, Scripted) and node.sub is not None and len(spread(node.sub)) != len(node.sub):
        return Scripted(node.base, tuple(spread(node.sub)), node.sup, node.primes, position=node.position)
    return node


def _differences(one: Node, other: Node, path: Steps = ()) -> Iterator[tuple[Steps, Node, Node]]:
    if one == other:
        return
    below, theirs = list(children(one)), list(children(other))
    if type(one) is type(other) and [step for step, _ in below] == [step for step, _ in theirs] and below:
        same = all(replaced(other, s, c) != other or c == d for (s, c), (_, d) in zip(below, theirs))
        if same:
            for (step, child), (_, twin) in zip(below, theirs):
                yield from _differences(child, twin, (*path, step))
            return
    yield path, one, other


def _put(node: Node, path: Steps, new: Node) -> Node:
    if not path:
        return new
    return replaced(node, path[0], _put(dict(children(node))[path[0]], path[1:], new))


def _row(node: Node, items: list[Node], down: End | None, across: End | None, reader: Reader) -> Term:
    """Return the term of one row; ``down`` and ``across`` are (letter, last value) of the letters it runs over."""
    lists: list[Side | None] = []
    for side in (down, across):
        if side:
            scope = Scope()
            counts = reader.loose and reader.symbols.only_counts(side[1])  # b_1, …, b_n: as many as there are
            lists.append((side[0], scope, None if counts else reader.bound(side[1])))
            reader.scopes.append((side[0], scope))
        else:
            lists.append(None)
    terms = [reader.expression(item) for item in items]
    body = terms[0] if len(terms) == 1 else operations.Written(node, [terms])
    for side in (across, down):
        if side:
            reader.scopes.pop()
    return Listed(node, body, *lists)


class Listed(Term):
    """Entries that run over a letter, down or across or both."""

    def __init__(self, node: Node, body: Term, down: Side | None, across: Side | None) -> None:
        self.node, self.body, self.sides = node, body, (down, across)

    def value(self, env: Env) -> Value:
        inner = env
        for side in self.sides:
            if side is not None:
                letter, scope, high = side
                uses = scope.uses.get(letter) or fail(f"nothing in the entries changes with {letter}", self.node)
                stated = () if high is None else (lambda env: 1, high)
                run = agreed(letter, uses, env, self.node, *stated)
                if not len(run):
                    fail("a list of no entries", self.node)
                inner = inner.at(letter, run)
        value = self.body.value(inner)
        if not value.matrix:
            value = Value(value.axes, value.data[..., None, None], True, value.scale[..., None, None])
        for side, tail in zip(self.sides, (-2, -1)):
            if side is not None:
                value = _laid(value, side[0], tail)
        return value


def _laid(value: Value, letter: str, tail: int) -> Value:
    """Arrange the entries along one axis: down the rows (−2) or across the columns (−1)."""
    at = value.axes.index(letter)

    def moved(array: Array) -> Array:
        array = np.moveaxis(array, at, tail - 1)
        shape = list(array.shape)
        shape[tail - 1 : None if tail == -1 else tail + 1] = [shape[tail - 1] * shape[tail]]
        return array.reshape(shape)

    return Value(value.axes[:at] + value.axes[at + 1 :], moved(value.data), True, moved(value.scale))


class Stacked(Term):
    """Rows, one below the other."""

    def __init__(self, node: Node, rows: list[Term]) -> None:
        self.node, self.rows = node, rows

    def value(self, env: Env) -> Value:
        rows = [row.value(env) for row in self.rows]
        if len({row.shape[1] for row in rows}) > 1:
            fail("the rows of a matrix must have equal lengths", self.node)
        axes, datas, scales = values.aligned(*rows)
        shape = np.broadcast_shapes(*(d.shape[:-2] for d in datas))

        def joined(arrays: list[Array]) -> Array:
            return np.concatenate([np.broadcast_to(a, (*shape, *a.shape[-2:])) for a in arrays], -2)

        return Value(axes, joined(datas), True, joined(scales))
