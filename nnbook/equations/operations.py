"""Sums, products, powers, norms and functions of pieces of an equation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from . import engine, values
from .engine import Elementwise
from .errors import Meaningless, Misfit, OutOfRange, fail
from .language.tree import Node
from .terms import TRUNCATION, Env, Term
from .values import Value

if TYPE_CHECKING:
    from .folds import Truth
    from .terms import Index, Layer


class Add(Term):
    def __init__(self, node: Node, signs: Sequence[int], parts: list[Term], broadcast: bool = False) -> None:
        self.node, self.signs, self.parts, self.broadcast = node, signs, parts, broadcast

    def value(self, env: Env) -> Value:
        return values.add(self.signs, [p.value(env) for p in self.parts], self.node, self.broadcast)


class Product(Term):
    """Factors side by side; of matrices the matrix product."""

    def __init__(self, node: Node, parts: list[Term]) -> None:
        self.node, self.parts = node, parts

    def value(self, env: Env) -> Value:
        value = self.parts[0].value(env)
        for part in self.parts[1:]:
            value = values.product(value, part.value(env), self.node)
        return value


class Times(Term):
    r"""Factors with \cdot between them: of arrays of one shape entry by entry, where the notation does so; else their
    matrix product.
    """

    def __init__(self, node: Node, parts: list[Term], arrays: bool = False) -> None:
        self.node, self.parts, self.arrays = node, parts, arrays

    def value(self, env: Env) -> Value:
        value = self.parts[0].value(env)
        for part in self.parts[1:]:
            other = part.value(env)
            if value.matrix and other.matrix and not (self.arrays and value.shape == other.shape):
                if value.shape[1] == other.shape[0]:
                    value = values.product(value, other, self.node)
                    continue
                if self.arrays:
                    raise Misfit(f"the product of shapes {tuple(value.shape)} and {tuple(other.shape)}", self.node)
                fail(r"\cdot between arrays; write matrix products side by side", self.node)
            value = values.times(value, other, self.node)
        return value


class Hadamard(Term):
    def __init__(self, node: Node, parts: list[Term], numbers: bool = False, star: bool = False) -> None:
        self.node, self.parts, self.numbers, self.star = node, parts, numbers, star

    def value(self, env: Env) -> Value:
        value = self.parts[0].value(env)
        for part in self.parts[1:]:
            other = part.value(env)
            if value.matrix != other.matrix or not (value.matrix or self.numbers):
                if not self.numbers:
                    raise Misfit(rf"\odot between {values.describe(value)} and {values.describe(other)}", self.node)
            if self.star and value.matrix and other.matrix and value.shape != other.shape:
                shapes = f"{values.describe(value)} and {values.describe(other)}"
                doubt = f"* may be a convolution here: {shapes} cannot be multiplied entry by entry"
                raise Misfit(f"{shapes} are multiplied entry by entry", self.node, doubt)
            value = values.times(value, other, self.node)
        return value


class Ratio(Term):
    def __init__(self, node: Node, top: Term, bottom: Term) -> None:
        self.node, self.top, self.bottom = node, top, bottom

    def value(self, env: Env) -> Value:
        above, below = self.top.value(env), self.bottom.value(env)
        if below.matrix:
            if above.matrix and above.shape == below.shape:
                return values.ratio(above, below)
            fail("division by an array", self.node)
        if not below.axes and below.data == 0:
            raise OutOfRange("a division by zero", position=self.node.position)
        return values.ratio(above, below)


class Power(Term):
    def __init__(self, node: Node, base: Term, exponent: Term, arrays: bool = False) -> None:
        self.node, self.base, self.exponent, self.arrays = node, base, exponent, arrays

    def value(self, env: Env) -> Value:
        base, exponent = self.base.value(env), self.exponent.value(env)
        if exponent.matrix or (base.matrix and not self.arrays):
            fail(r"a power of an array; write \odot for elementwise products", self.node)
        if base.matrix:
            return values.apply(lambda v: v**exponent.data, base)
        if not base.axes and not exponent.axes and base.data == 0 and exponent.data.real < 0:
            raise OutOfRange("a division by zero", position=self.node.position)
        with np.errstate(over="ignore"):
            result = values.power(base, exponent, self.node)
        if not result.axes and not np.isfinite(result.data).all():
            if not base.axes and np.isrealobj(base.data) and base.data < 0:
                raise OutOfRange("a fractional power of a negative number", position=self.node.position)
            raise OutOfRange("a number is out of range", position=self.node.position)
        return result


class Transpose(Term):
    def __init__(self, node: Node, inner: Term) -> None:
        self.node, self.inner = node, inner

    def value(self, env: Env) -> Value:
        value = self.inner.value(env)
        if not value.matrix:
            fail("the transpose of a number", self.node)
        return value.transposed


class Abs(Term):
    def __init__(self, node: Node, inner: Term) -> None:
        self.node, self.inner = node, inner

    def value(self, env: Env) -> Value:
        value = self.inner.value(env)
        if value.matrix:
            fail("the absolute value of an array", self.node)
        return values.chosen(lambda v: np.where(v.real >= 0, v, -v), value)


class Floor(Term):
    def __init__(self, node: Node, inner: Term) -> None:
        self.node, self.inner = node, inner

    def value(self, env: Env) -> Value:
        return values.chosen(lambda v: np.floor(v.real + 1e-12), self.inner.value(env))


class Norm(Term):
    def __init__(self, node: Node, inner: Term, order: str | None = None, loose: bool = False) -> None:
        self.node, self.inner, self.order, self.loose = node, inner, order, loose

    def value(self, env: Env) -> Value:
        v = self.inner.value(env)
        if not v.matrix:
            if self.loose:
                return values.chosen(lambda d: np.where(d.real >= 0, d, -d), v)
            fail("the norm of a number; use |…|", self.node)
        rows, columns = v.shape
        if rows > 1 and columns > 1:
            if self.order == "2" and not self.loose:
                return Value(v.axes, np.linalg.norm(v.data.real, 2, axis=(-2, -1)))
            if self.order != "F" and not self.loose:
                fail(r"the norm of a matrix needs a subscript, 2 or F", self.node)
        elif self.order == "F" and not self.loose:
            fail("the norm of a column is written without F", self.node)
        if self.order == "1":
            return Value(
                v.axes, np.where(v.data.real >= 0, v.data, -v.data).sum((-1, -2)), False, v.scale.sum((-1, -2))
            )
        square = Value(v.axes, (v.data * v.data).sum((-1, -2)), False, (v.scale * np.abs(v.data)).sum((-1, -2)))
        return values.apply(np.sqrt, square)


class Written(Term):
    """A matrix written out entry by entry."""

    def __init__(self, node: Node, rows: list[list[Term]]) -> None:
        self.node, self.rows = node, rows

    def value(self, env: Env) -> Value:
        entries = [[e.value(env) for e in row] for row in self.rows]
        flat = [e for row in entries for e in row]
        if any(e.matrix for e in flat):
            fail("a matrix inside a matrix", self.node)
        axes, datas, scales = values.aligned(*flat)
        shape = np.broadcast_shapes(*(d.shape for d in datas))
        size = (len(self.rows), len(self.rows[0]))
        data = np.stack([np.broadcast_to(d, shape) for d in datas], -1).reshape(*shape, *size)
        scale = np.stack([np.broadcast_to(s, shape) for s in scales], -1).reshape(*shape, *size)
        return Value(axes, data, True, scale)


class Component(Term):
    """One entry of a column, chosen by an index behind it."""

    def __init__(self, node: Node, inner: Term, index: Index) -> None:
        self.node, self.inner, self.index = node, inner, index

    def value(self, env: Env) -> Value:
        column = self.inner.value(env)
        if not column.matrix or 1 not in column.shape:
            fail("a subscript on something that is not a column", self.node)
        flat = column.data.reshape(*column.data.shape[:-2], -1)
        place, letter = self.index.value(env), self.index.letter
        if isinstance(place, range) and letter is not None:
            data = flat[..., place.start - 1 : place.stop - 1]
            return (
                Value((*column.axes, letter), data)
                if letter not in column.axes
                else fail("the same index letter twice", self.node)
            )
        return Value(column.axes, flat[..., place - 1])


# --- functions ------------------------------------------------------------


class Call(Term):
    """A named function applied entry by entry, or its first derivative."""

    def __init__(
        self, node: Node, function: Elementwise, argument: Term, kind: str | None = None, primes: int = 0
    ) -> None:
        self.node, self.function, self.argument, self.kind, self.primes = node, function, argument, kind, primes

    def value(self, env: Env) -> Value:
        inner, function = self.argument.value(env), self.function
        if self.kind is not None:
            own = getattr(env.world, "named", None)
            function = own(self.kind, self.primes) if own else function
        if self.primes and (self.kind is None or not getattr(env.world, "named", None)):
            function = engine.derivative_of(function)
        return applied(function, inner, self.node, bool(self.primes))


def applied(function: Elementwise, inner: Value, node: Node, derived: bool = False) -> Value:
    if derived:
        if np.iscomplexobj(inner.data):
            fail("only a first derivative is taken", node)
        with np.errstate(all="ignore"):
            data = function(inner.data)
            near = function(inner.data + 1e-7 * (1 + np.abs(inner.data)))
            slope = np.abs(near - data) / (1e-7 * (1 + np.abs(inner.data)))
            slope = np.where(np.isfinite(slope) & (slope < 1e3), slope, 0)
        return inner.with_(data, np.maximum(np.abs(data) + TRUNCATION, slope * inner.scale))
    return values.apply(function, inner)


class Activation(Term):
    """f of a layer, or f′."""

    def __init__(self, node: Node, layer: Layer, argument: Term, primes: int = 0) -> None:
        self.node, self.layer, self.argument, self.primes = node, layer, argument, primes

    def value(self, env: Env) -> Value:
        layer = self.layer.value(env)
        inner = self.argument.value(env)
        if layer not in env.world.activations:
            raise OutOfRange(f"layer {layer} has no activation", position=self.node.position)
        function = env.world.function(layer, self.primes)
        if function is None:
            if self.primes or not inner.matrix or 1 not in inner.shape:
                raise Meaningless(
                    "softmax is not an elementwise function: its layer has a Jacobian, not an f′",
                    position=self.node.position,
                )
            return softmaxed(inner, env.world)
        return applied(function, inner, self.node, bool(self.primes))


def softmaxed(inner: Value, world: Any = None) -> Value:
    call = getattr(world, "softmax", engine.softmax)
    turned = inner.shape[1] == 1
    data = call(inner.data[..., 0] if turned else inner.data[..., 0, :])
    return inner.with_(data[..., None] if turned else data[..., None, :])


class Softmax(Term):
    def __init__(self, node: Node, argument: Term) -> None:
        self.node, self.argument = node, argument

    def value(self, env: Env) -> Value:
        inner = self.argument.value(env)
        if not inner.matrix or 1 not in inner.shape:
            fail("softmax takes a column", self.node)
        return softmaxed(inner, env.world)


class BatchSum(Term):
    """The sum of a batch over its samples, which are columns or rows."""

    def __init__(self, node: Node, inner: Term, axis: int) -> None:
        self.node, self.inner, self.axis = node, inner, axis

    def value(self, env: Env) -> Value:
        v = self.inner.value(env)
        if not v.matrix:
            fail("a sum without an index: write the index below", self.node)
        return v.with_(v.data.sum(self.axis, keepdims=True), v.scale.sum(self.axis, keepdims=True))


class Diag(Term):
    def __init__(self, node: Node, argument: Term) -> None:
        self.node, self.argument = node, argument

    def value(self, env: Env) -> Value:
        v = self.argument.value(env)
        if not v.matrix or v.shape[1] != 1:
            fail("diag takes a column", self.node)
        eye = np.eye(v.shape[0])
        return Value(v.axes, eye * v.data, True, eye * v.scale)


class Extreme(Term):
    """max(…, …) or min(…, …) of numbers."""

    def __init__(self, node: Node, parts: list[Term], how: str) -> None:
        self.node, self.parts, self.how = node, parts, how

    def value(self, env: Env) -> Value:
        parts = [p.value(env) for p in self.parts]
        if any(p.matrix for p in parts):
            parts = [p if p.matrix else Value(p.axes, p.data[..., None, None], True) for p in parts]
        best = parts[0]
        for other in parts[1:]:
            axes, (p, q), (sp, sq) = values.aligned(best, other)
            left = p.real >= q.real if self.how == "max" else p.real <= q.real
            best = Value(axes, np.where(left, p, q), best.matrix, np.maximum(sp, sq))
        return best


class Extremum(Term):
    """The largest or smallest entry of a column."""

    def __init__(self, node: Node, inner: Term, how: str) -> None:
        self.node, self.inner, self.how = node, inner, how

    def value(self, env: Env) -> Value:
        v = self.inner.value(env)
        flat = v.data.reshape(*v.data.shape[:-2], -1).real
        return Value(v.axes, flat.max(-1) if self.how == "max" else flat.min(-1))


class Kronecker(Term):
    """δ_{ij}: 1 where two indices are equal, else 0."""

    def __init__(self, node: Node, first: Term, second: Term) -> None:
        self.node, self.parts = node, (first, second)

    def value(self, env: Env) -> Value:
        axes, (p, q), _ = values.aligned(*(part.value(env) for part in self.parts))
        return Value(axes, (p == q).astype(float))


class Indicator(Term):
    def __init__(self, node: Node, test: Truth) -> None:
        self.node, self.test = node, test

    def value(self, env: Env) -> Value:
        truth = self.test.truth(env, True)
        return Value(truth.axes, truth.data.astype(float), truth.matrix)
