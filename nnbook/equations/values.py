"""Numbers and matrices over named index letters, each with the size of what was added to make it.

A `Value` is a NumPy array with one axis for each index letter it depends on, and two more when it is a matrix. Beside
every number stands a scale: how large the terms were that were added or subtracted on the way. Rounding errors grow
with the scale, so two sides are compared against it, and never against a fixed floor.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import Misfit, UnreadableEquation, fail
from .language.tree import Node

Array = NDArray[Any]
Axes = tuple[str, ...]
Nudge = tuple[str, Any]  # what a derivative moves: (kind, layer), or ("point", name)

STEP = 1e-20  # of the complex step: no difference is taken, so it can be as small as one likes
MOST_ENTRIES = 2_000_000


class Value:
    """An array over the letters ``axes``; ``matrix`` says whether two more axes, rows and columns, follow."""

    __slots__ = ("axes", "data", "matrix", "scale")

    def __init__(self, axes: Axes, data: Array, matrix: bool = False, scale: Array | None = None) -> None:
        self.axes, self.data, self.matrix = axes, data, matrix
        self.scale = np.abs(data) if scale is None else scale

    @property
    def shape(self) -> tuple[int, ...]:
        """Rows and columns of a matrix, () of a number."""
        return self.data.shape[len(self.axes) :]

    def with_(self, data: Array, scale: Array | None = None) -> Value:
        return Value(self.axes, data, self.matrix, scale)

    @property
    def transposed(self) -> Value:
        return Value(self.axes, self.data.swapaxes(-1, -2), True, self.scale.swapaxes(-1, -2))


def number(value: Any) -> Value:
    return Value((), np.asarray(value))


def matrix(data: Array, axes: Axes = ()) -> Value:
    return Value(axes, data, True)


def describe(value: Value) -> str:
    return f"an array of shape {tuple(value.shape)}" if value.matrix else "a number"


def _placed(array: Array, axes: Axes, union: Axes, tail: bool) -> Array:
    if axes == union:
        return array
    order = sorted(range(len(axes)), key=lambda n: union.index(axes[n]))
    if order != list(range(len(axes))):
        array = array.transpose(*order, *range(len(axes), array.ndim))
    present = [axes[n] for n in order]
    shape, at = [], 0
    for name in union:
        if at < len(present) and present[at] == name:
            shape.append(array.shape[at])
            at += 1
        else:
            shape.append(1)
    return array.reshape(*shape, *array.shape[len(axes) :])


def aligned(*values: Value) -> tuple[Axes, list[Array], list[Array]]:
    """Return (axes, datas, scales): the arrays of ``values`` over one order of all their letters."""
    union = values[0].axes
    if all(value.axes == union for value in values):
        return union, [v.data for v in values], [v.scale for v in values]
    for value in values[1:]:
        if value.axes != union:
            union += tuple(name for name in value.axes if name not in union)
    if len(union) > 3:
        sizes = dict(pair for v in values for pair in zip(v.axes, v.data.shape))
        if math.prod(sizes.values()) > MOST_ENTRIES:
            raise UnreadableEquation(f"more than {MOST_ENTRIES:,} numbers at once; state smaller sizes=")
    datas = [_placed(v.data, v.axes, union, v.matrix) for v in values]
    scales = [_placed(v.scale, v.axes, union, v.matrix) for v in values]
    return union, datas, scales


def tailed(values: Sequence[Value]) -> Sequence[Value]:
    """Give plain numbers two more axes where others are matrices, so that shapes can be broadcast by letter."""
    if len({v.matrix for v in values}) == 1:
        return values
    return [v if v.matrix else Value(v.axes, v.data[..., None, None], True, v.scale[..., None, None]) for v in values]


def _same_shape(values: Sequence[Value], what: str, node: Node | None, broadcast: bool) -> None:
    shapes = {tuple(v.shape) for v in values if v.matrix}
    if len(shapes) <= 1 and (len({v.matrix for v in values}) == 1 or shapes == {(1, 1)} or broadcast):
        return
    if broadcast:
        try:
            np.broadcast_shapes(*shapes)
            return
        except ValueError:
            pass
    raise Misfit(f"{' and '.join(describe(v) for v in values)} {what}", node)


def add(signs: Sequence[int], values: Sequence[Value], node: Node, broadcast: bool = False) -> Value:
    total = values[0]
    if signs[0] < 0:
        total = total.with_(-total.data, total.scale)
    for sign, value in zip(signs[1:], values[1:]):
        _same_shape((total, value), "are added", node, broadcast)
        pair = tailed((total, value))
        axes, (p, q), (sp, sq) = aligned(*pair)
        total = Value(axes, p + q if sign > 0 else p - q, pair[0].matrix, sp + sq)
    return total


def _scaled(p: Array, q: Array, sp: Array, sq: Array) -> Array:
    return np.maximum(np.abs(p) * sq, np.abs(q) * sp)


def times(p: Value, q: Value, node: Node | None = None) -> Value:
    """The product of two numbers, of a number and a matrix, or of two matrices entry by entry."""
    if p.matrix and q.matrix:
        _same_shape((p, q), "are multiplied entry by entry", node, False)
    pair = tailed((p, q))
    axes, (a, b), (sa, sb) = aligned(*pair)
    return Value(axes, a * b, pair[0].matrix, _scaled(a, b, sa, sb))


def product(p: Value, q: Value, node: Node) -> Value:
    """The product as it is written side by side: of matrices the matrix product."""
    if not (p.matrix and q.matrix):
        return times(p, q, node)
    (rows, inner), (other, columns) = p.shape, q.shape
    if inner != other:
        if (1, 1) in (p.shape, q.shape):
            return times(_unboxed(p), _unboxed(q), node)
        raise Misfit(f"the matrix product of shapes {(rows, inner)} and {(other, columns)}", node)
    axes, (a, b), (sa, sb) = aligned(p, q)
    if rows * columns > MOST_ENTRIES:
        fail(f"a matrix product with more than {MOST_ENTRIES:,} entries", node)
    result = Value(axes, a @ b, True, np.maximum(np.abs(a) @ sb, sa @ np.abs(b)))
    return _unboxed(result) if rows == columns == 1 else result


def _unboxed(value: Value) -> Value:
    if value.matrix and tuple(value.shape) == (1, 1):
        return Value(value.axes, value.data[..., 0, 0], False, value.scale[..., 0, 0])
    return value


def ratio(p: Value, q: Value, node: Node | None = None) -> Value:
    pair = tailed((p, q))
    axes, (a, b), (sa, sb) = aligned(*pair)
    with np.errstate(all="ignore"):
        data = np.where(np.abs(b) <= 1e-14 * sb, np.nan, a / b)  # what is left of a sum that is 0 divides nothing
        scale = np.maximum(sa / np.abs(b), np.abs(data) * sb / np.abs(b))
    return Value(axes, data, pair[0].matrix, scale)


def power(base: Value, exponent: Value, node: Node | None = None) -> Value:
    axes, (a, e), (sa, se) = aligned(base, exponent)
    with np.errstate(all="ignore"):
        if e.size == 1 and (e.real == np.round(e.real)).all() and abs(float(e.real.flat[0])) < 1000:
            n = int(e.real.flat[0])
            data = np.asarray(a, dtype=complex if np.iscomplexobj(a) else float) ** n
            slope = abs(n) * np.abs(a) ** float(n - 1) if n else np.zeros_like(np.abs(a))
            scale = np.maximum(np.abs(data), slope * sa)
        else:
            data = np.power(a, e)
            scale = np.abs(data) * np.maximum(1, np.maximum(np.abs(e) * sa / np.abs(a), np.abs(np.log(np.abs(a))) * se))
            scale = np.where(np.isfinite(scale), scale, np.abs(data))
    return Value(axes, data, False, scale)


def apply(function: Callable[[Array], Array], value: Value) -> Value:
    """Apply an analytic function entry by entry; the scale follows its slope."""
    with np.errstate(all="ignore"):
        data = function(value.data)
        if np.iscomplexobj(value.data):
            return value.with_(data)
        slope = np.abs(function(value.data + 1j * STEP).imag / STEP)
        scale = np.maximum(np.abs(data), np.where(np.isfinite(slope), slope, 0) * value.scale)
        if np.iscomplexobj(data):
            data = data.real if not data.imag.any() else data
    return value.with_(data, scale)


def chosen(function: Callable[[Array], Array], value: Value) -> Value:
    """Apply a function that does not enlarge differences (a sign, a part, a rounding)."""
    data = function(value.data)
    return value.with_(data, np.maximum(np.abs(data), value.scale))


def reduced(value: Value, axis: str, how: str) -> Value:
    """Sum, multiply, or take the extreme over one letter."""
    at = value.axes.index(axis)
    axes = value.axes[:at] + value.axes[at + 1 :]
    data, scale = value.data, value.scale
    if how == "sum":
        with np.errstate(all="ignore"):
            return Value(axes, data.sum(at), value.matrix, scale.sum(at))
    if how == "prod":
        with np.errstate(all="ignore"):
            result = data.prod(at)
            growth = np.where(np.abs(data) > 0, scale / np.abs(data), 1.0).max(at)
        return Value(axes, result, value.matrix, np.abs(result) * growth)
    where = (data.real.argmax if how == "max" else data.real.argmin)(at)
    pick = np.expand_dims(where, at)
    return Value(
        axes,
        np.take_along_axis(data, pick, at).squeeze(at),
        value.matrix,
        scale.max(at),
    )


def diagonal(array: Array, names: Sequence[str]) -> tuple[Array, Axes]:
    """Return (array, names) in which a letter that stood on two axes stands on one, its diagonal."""
    names = list(names)
    while len(set(names)) < len(names):
        name = next(n for n in names if names.count(n) > 1)
        first = names.index(name)
        second = names.index(name, first + 1)
        array = np.diagonal(array, axis1=first, axis2=second)  # the diagonal comes last
        array = np.moveaxis(array, -1, first)
        del names[second]
    return array, tuple(names)
