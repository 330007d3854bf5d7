"""What an equation becomes once its letters have a meaning: pieces that can be evaluated in a world."""

from __future__ import annotations

import math

import numpy as np

from . import engine, values
from .errors import Meaningless, Misfit, NotHere, OutOfRange, UnreadableEquation, fail
from .language import tree
from .shapes import agreed
from .values import STEP, Value, number

BUDGET = 500_000  # pieces of the tree that one check may evaluate in loops
TRUNCATION = 1e-28  # the complex step leaves an error of its square, 1e-40
HAND = "·"  # the axis of the sample at hand
POINT = "•"  # the axis of the points that bare letters take
MOVED = ("∂0", "∂1")  # the axes of what a derivative moves


class Env:
    """Where pieces are evaluated: a world, the index letters' values, and what is moved by a derivative."""

    __slots__ = ("batch", "given", "hand", "index", "nudge", "points", "spent", "world")

    def __init__(self, world, index=None, nudge=None, given=None, points=None, batch=None, spent=None, hand=HAND):
        self.hand = hand  # the axis of the sample at hand: its own, or that of the one letter that names the sample
        self.world, self.index, self.nudge = world, index or {}, nudge
        self.given = {} if given is None else given
        self.points, self.batch = points or {}, batch
        self.spent = [0] if spent is None else spent

    def with_(self, **changes):
        twin = Env.__new__(Env)
        for name in Env.__slots__:
            setattr(twin, name, changes[name] if name in changes else getattr(self, name))
        return twin

    def at(self, letter, value):
        return self.with_(index={**self.index, letter: value})

    def spend(self, weight):
        self.spent[0] += weight
        if self.spent[0] > BUDGET:
            raise UnreadableEquation(f"the check would evaluate more than {BUDGET:,} pieces; state smaller sizes=")


class Index:
    """An index: a letter, a number, a constant, or one of these ± a number."""

    __slots__ = ("constant", "fixed", "high", "letter", "name", "node", "offset", "zero")

    def __init__(self, node, letter, constant, offset, kind_range, name, zero=False):
        self.node, self.letter, self.constant, self.offset = node, letter, constant, offset
        self.high, self.fixed = kind_range, None
        self.name, self.zero = name, zero

    def value(self, env):
        """Return the place as a whole number, or as a range of them when the letter runs over an axis."""
        low, high = self.high(env)
        if self.letter is None:
            value = (self.constant(env) if self.constant else 0) + self.offset
            if value < (0 if self.zero and self.constant is None else low) or value > high:
                raise NotHere(
                    f"{self.name} = {value} does not exist here (only {low} … {high})", position=self.node.position
                )
            return value
        value = env.index[self.letter]
        if isinstance(value, range):
            value = range(value.start + self.offset, value.stop + self.offset)
            first, last = value.start, value.stop - 1
        else:
            value += self.offset
            first = last = value
        if len(value) if isinstance(value, range) else True:
            if first < (0 if self.zero else low) or last > high:
                bad = first if first < low else last
                raise OutOfRange(
                    f"{self.name} = {bad} does not exist here (only {low} … {high})", position=self.node.position
                )
        return value


class Term:
    def __init__(self, node):
        self.node = node


class Number(Term):
    def __init__(self, node, value):
        self.node, self.number = node, number(value)

    def value(self, env):
        return self.number


class Read(Term):
    """A number that a function of ``env`` returns: L, N, n_l, λ …"""

    def __init__(self, node, read):
        self.node, self.read = node, read

    def value(self, env):
        v = self.read(env)
        return v if isinstance(v, Value) else number(v)


class Letter(Term):
    """An index letter used as a number."""

    def __init__(self, node, letter):
        self.node, self.letter = node, letter

    def value(self, env):
        value = env.index[self.letter]
        if isinstance(value, range):
            return Value((self.letter,), np.array(value, dtype=float))
        return number(float(value))


class Point(Term):
    """A bare letter: a free number, compared at many points."""

    def __init__(self, node, name):
        self.node, self.name = node, name

    def value(self, env):
        data = env.points[self.name]
        if not isinstance(data, np.ndarray):
            return number(data)
        if env.nudge == ("point", self.name):
            return Value((POINT,), data + 1j * STEP, False, np.abs(data))
        return Value((POINT,), data)


def _take(array, dim, place):
    if isinstance(place, range):
        return array[(slice(None),) * dim + (slice(place.start - 1, place.stop - 1),)]
    return array[(slice(None),) * dim + (place - 1,)]


class Quantity(Term):
    """A symbol of the network.

    ``roles`` says what each axis of its array is here: an `Index`, "hand" (the sample at hand), "row" or "column" of a
    matrix. ``factor`` multiplies it (−1 where a notation defines the error with the opposite sign).
    """

    def __init__(self, node, kind, layer=None, roles=(), factor=None):
        self.node, self.kind, self.layer, self.roles, self.factor = node, kind, layer, tuple(roles), factor

    @property
    def matrix(self):
        return "row" in self.roles or "column" in self.roles

    def turned(self):
        swap = {"row": "column", "column": "row"}
        roles = [swap.get(r, r) if isinstance(r, str) else r for r in self.roles]
        return Quantity(self.node, self.kind, self.layer, roles, self.factor)

    def where(self, env):
        return None if self.layer is None else self.layer.value(env)

    def value(self, env):
        layer = self.where(env)
        array, lead = self._array(env, layer)
        result = shaped(array, lead, self.roles, env)
        if self.factor is not None:
            result = values.times(result, self.factor.value(env))
        return result

    def _array(self, env, layer):
        """Return the array with its leading axes' names."""
        kind, world = self.kind, env.world
        if kind == "C_B":
            kind = "C_T"
            if env.batch != world.N:
                return self._batch(env)
        array, lead = None, ()
        if env.nudge is not None and env.nudge[0] != "point":
            try:
                array = world.moving(kind, layer, env.nudge)
            except ValueError as error:
                raise UnreadableEquation(
                    f"only a first derivative is taken ({error})", position=self.node.position
                ) from None
            lead = MOVED[: len(world.lead(env.nudge))] if array is not None else ()
        if array is None:
            array = world.array(kind, layer)
        return self._with_zero(array, lead, env, layer), lead

    def _batch(self, env):
        costs = env.world.array("C")[: env.batch] if env.nudge is None else None
        if costs is None:
            moved = env.world.moving("C", None, env.nudge)
            return moved[..., : env.batch].sum(-1), MOVED[: moved.ndim - 1]
        return costs.sum(), ()

    def _with_zero(self, array, lead, env, layer):
        """Put the unit that is always 1 (and the biases, the weights from it) before the others where 0 is meant."""
        self_index = self.roles[-1] if self.roles else None
        if not isinstance(self_index, Index) or not self_index.zero:
            return array
        place = self_index.value(env)
        if (place.start if isinstance(place, range) else place) != 0:
            return array
        if self.kind == "w":
            first, more = Quantity(self.node, "b", self.layer, ("row",))._array(env, layer)
            if more != lead:
                raise UnreadableEquation("a derivative of the weight from unit 0", position=self.node.position)
            first = first[..., None]
        else:
            first = np.ones((*array.shape[:-1], 1))
        return np.concatenate([first, array], axis=-1)

    def spans_zero(self, env):
        role = self.roles[-1] if self.roles else None
        if not isinstance(role, Index) or not role.zero:
            return False
        place = role.value(env)
        return (place.start if isinstance(place, range) else place) == 0


def shaped(array, lead, roles, env, extra=()):
    """Turn an array whose axes play ``roles`` into a `Value`; ``lead`` names the axes before them."""
    names, dim = list(lead), len(lead)
    rows = columns = None
    for role in roles:
        if role == "hand":
            names.append(env.hand)
            dim += 1
        elif isinstance(role, str):
            names.append(role)
            dim += 1
        else:
            place = role.value(env)
            if role.zero:
                start = place.start if isinstance(place, range) else place
                if start == 0:
                    place = range(1, place.stop + 1) if isinstance(place, range) else 1
            array = _take(array, dim, place)
            if isinstance(place, range):
                names.append(role.letter)
                dim += 1
    names += extra
    if len(set(names)) < len(names):
        array, names = values.diagonal(array, names)
        names = list(names)
    rows = names.index("row") if "row" in names else None
    columns = names.index("column") if "column" in names else None
    if rows is None and columns is None:
        return Value(tuple(names), array, False, scale_of(array))
    axes = [n for n in range(len(names)) if n not in (rows, columns)]
    array = array.transpose(*axes, *(n for n in (rows, columns) if n is not None))
    if rows is None:
        array = array[..., None, :]
    elif columns is None:
        array = array[..., None]
    return Value(tuple(names[n] for n in axes), array, True, scale_of(array))


def scale_of(array):
    """Sizes of computed numbers: at least a ten-thousandth of the largest beside them, which was added up with them."""
    size = np.abs(array)
    return np.maximum(size, 1e-4 * size.max(initial=0.0))


# --- arithmetic ---------------------------------------------------------------------------------------------------


class Add(Term):
    def __init__(self, node, signs, parts, broadcast=False):
        self.node, self.signs, self.parts, self.broadcast = node, signs, parts, broadcast

    def value(self, env):
        return values.add(self.signs, [p.value(env) for p in self.parts], self.node, self.broadcast)


class Product(Term):
    """Factors side by side; of matrices the matrix product."""

    def __init__(self, node, parts):
        self.node, self.parts = node, parts

    def value(self, env):
        value = self.parts[0].value(env)
        for part in self.parts[1:]:
            value = values.product(value, part.value(env), self.node)
        return value


class Times(Term):
    r"""Factors with \cdot between them; between arrays only where the notation reads it entry by entry."""

    def __init__(self, node, parts, arrays=False):
        self.node, self.parts, self.arrays = node, parts, arrays

    def value(self, env):
        value = self.parts[0].value(env)
        for part in self.parts[1:]:
            other = part.value(env)
            if value.matrix and other.matrix and not self.arrays:
                if value.shape[1] == other.shape[0]:
                    value = values.product(value, other, self.node)
                    continue
                fail(r"\cdot between arrays; write matrix products side by side", self.node)
            value = values.times(value, other, self.node)
        return value


class Hadamard(Term):
    def __init__(self, node, parts, numbers=False):
        self.node, self.parts, self.numbers = node, parts, numbers

    def value(self, env):
        value = self.parts[0].value(env)
        for part in self.parts[1:]:
            other = part.value(env)
            if value.matrix != other.matrix or not (value.matrix or self.numbers):
                if not self.numbers:
                    raise Misfit(rf"\odot between {values.describe(value)} and {values.describe(other)}", self.node)
            value = values.times(value, other, self.node)
        return value


class Ratio(Term):
    def __init__(self, node, top, bottom):
        self.node, self.top, self.bottom = node, top, bottom

    def value(self, env):
        above, below = self.top.value(env), self.bottom.value(env)
        if below.matrix:
            if above.matrix and above.shape == below.shape:
                return values.ratio(above, below)
            fail("division by an array", self.node)
        if not below.axes and below.data == 0:
            raise OutOfRange("a division by zero", position=self.node.position)
        return values.ratio(above, below)


class Power(Term):
    def __init__(self, node, base, exponent, arrays=False):
        self.node, self.base, self.exponent, self.arrays = node, base, exponent, arrays

    def value(self, env):
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
                raise OutOfRange("a broken power of a negative number", position=self.node.position)
            raise OutOfRange("the numbers run out of range", position=self.node.position)
        return result


class Transpose(Term):
    def __init__(self, node, inner):
        self.node, self.inner = node, inner

    def value(self, env):
        value = self.inner.value(env)
        if not value.matrix:
            fail("the transpose of a number", self.node)
        return value.transposed


class Abs(Term):
    def __init__(self, node, inner):
        self.node, self.inner = node, inner

    def value(self, env):
        value = self.inner.value(env)
        if value.matrix:
            fail("the absolute value of an array", self.node)
        return values.chosen(lambda v: np.where(v.real >= 0, v, -v), value)


class Floor(Term):
    def __init__(self, node, inner):
        self.node, self.inner = node, inner

    def value(self, env):
        return values.chosen(lambda v: np.floor(v.real + 1e-12), self.inner.value(env))


class Norm(Term):
    def __init__(self, node, inner, order=None, loose=False):
        self.node, self.inner, self.order, self.loose = node, inner, order, loose

    def value(self, env):
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

    def __init__(self, node, rows):
        self.node, self.rows = node, rows

    def value(self, env):
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

    def __init__(self, node, inner, index):
        self.node, self.inner, self.index = node, inner, index

    def value(self, env):
        column = self.inner.value(env)
        if not column.matrix or 1 not in column.shape:
            fail("a subscript behind something that is no column", self.node)
        flat = column.data.reshape(*column.data.shape[:-2], -1)
        place = self.index.value(env)
        if isinstance(place, range):
            data = flat[..., place.start - 1 : place.stop - 1]
            return (
                Value((*column.axes, self.index.letter), data)
                if self.index.letter not in column.axes
                else fail("an index twice", self.node)
            )
        return Value(column.axes, flat[..., place - 1])


# --- functions ----------------------------------------------------------------------------------------------------


class Call(Term):
    """A named function applied entry by entry, or its first derivative."""

    def __init__(self, node, function, argument, kind=None, primes=0):
        self.node, self.function, self.argument, self.kind, self.primes = node, function, argument, kind, primes

    def value(self, env):
        inner, function = self.argument.value(env), self.function
        if self.kind is not None:
            own = getattr(env.world, "named", None)
            function = own(self.kind, self.primes) if own else function
        if self.primes and (self.kind is None or not getattr(env.world, "named", None)):
            function = engine.derivative_of(function)
        return applied(function, inner, self.node, bool(self.primes))


def applied(function, inner, node, derived=False):
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

    def __init__(self, node, layer, argument, primes=0):
        self.node, self.layer, self.argument, self.primes = node, layer, argument, primes

    def value(self, env):
        layer = self.layer.value(env)
        inner = self.argument.value(env)
        if layer not in env.world.activations:
            raise OutOfRange(f"layer {layer} has no activation", position=self.node.position)
        function = env.world.function(layer, self.primes)
        if function is None:
            if self.primes or not inner.matrix or 1 not in inner.shape:
                raise Meaningless(
                    "softmax is no elementwise function: its layer has a Jacobian, not an f′",
                    position=self.node.position,
                )
            return softmaxed(inner, env.world)
        return applied(function, inner, self.node, bool(self.primes))


def softmaxed(inner, world=None):
    call = getattr(world, "softmax", engine.softmax)
    turned = inner.shape[1] == 1
    data = call(inner.data[..., 0] if turned else inner.data[..., 0, :])
    return inner.with_(data[..., None] if turned else data[..., None, :])


class Softmax(Term):
    def __init__(self, node, argument):
        self.node, self.argument = node, argument

    def value(self, env):
        inner = self.argument.value(env)
        if not inner.matrix or 1 not in inner.shape:
            fail("softmax takes a column", self.node)
        return softmaxed(inner, env.world)


class Diag(Term):
    def __init__(self, node, argument):
        self.node, self.argument = node, argument

    def value(self, env):
        v = self.argument.value(env)
        if not v.matrix or v.shape[1] != 1:
            fail("diag takes a column", self.node)
        eye = np.eye(v.shape[0])
        return Value(v.axes, eye * v.data, True, eye * v.scale)


class Extreme(Term):
    """max(…, …) or min(…, …) of numbers."""

    def __init__(self, node, parts, how):
        self.node, self.parts, self.how = node, parts, how

    def value(self, env):
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

    def __init__(self, node, inner, how):
        self.node, self.inner, self.how = node, inner, how

    def value(self, env):
        v = self.inner.value(env)
        flat = v.data.reshape(*v.data.shape[:-2], -1).real
        return Value(v.axes, flat.max(-1) if self.how == "max" else flat.min(-1))


class Kronecker(Term):
    """δ_{ij}: 1 where two indices are equal, else 0."""

    def __init__(self, node, first, second):
        self.node, self.parts = node, (first, second)

    def value(self, env):
        axes, (p, q), _ = values.aligned(*(part.value(env) for part in self.parts))
        return Value(axes, (p == q).astype(float))


class Indicator(Term):
    def __init__(self, node, test):
        self.node, self.test = node, test

    def value(self, env):
        truth = self.test.truth(env, True)
        return Value(truth.axes, truth.data.astype(float), truth.matrix)


# --- sums, cases, comparisons -------------------------------------------------------------------------------------


class Fold(Term):
    """A sum, a product or an extreme over one index letter."""

    def __init__(self, node, letter, uses, low, high, body, kind, members=None):
        self.node, self.letter, self.uses, self.low, self.high = node, letter, uses, low, high
        self.body, self.kind, self.members = body, kind, members
        self.weight = weight_of(node.body)

    def value(self, env):
        how = {r"\sum": "sum", r"\prod": "prod", r"\max": "max", r"\min": "min"}[self.node.operator]
        if self.members is None:
            run = agreed(self.letter, self.uses, env, self.node, self.low, self.high)
            if self.kind in ("unit", "sample") and len(run):
                return self._at_once(env, run, how)
        else:
            run = self.members(env)
        return self._one_by_one(env, run, how)

    def _at_once(self, env, run, how):
        v = self.body.value(env.at(self.letter, run))
        if self.letter in v.axes:
            return values.reduced(v, self.letter, how)
        if how == "sum":
            return values.times(v, number(float(len(run))))
        return values.power(v, number(float(len(run)))) if how == "prod" else v

    def _one_by_one(self, env, run, how):
        value = None
        for member in run:
            env.spend(self.weight)
            term = self.body.value(env.at(self.letter, member))
            if value is None:
                value = term
            elif how == "sum":
                value = values.add((1, 1), (value, term), self.node)
            elif how == "prod":
                value = values.product(value, term, self.node)
            else:
                if value.matrix or term.matrix:
                    fail("a number was expected here, not an array", self.node)
                axes, (p, q), (sp, sq) = values.aligned(value, term)
                best = (np.maximum if how == "max" else np.minimum)(p.real, q.real)
                value = Value(axes, best, False, np.maximum(sp, sq))
        if value is None:
            if how in ("max", "min"):
                fail("the greatest of nothing", self.node)
            return number(0.0 if how == "sum" else 1.0)
        return value


COMPARE = {
    "=": np.equal,
    "<": np.less,
    ">": np.greater,
    r"\le": np.less_equal,
    r"\ge": np.greater_equal,
    r"\neq": np.not_equal,
}


class Truth:
    """A chain of comparisons as a condition."""

    def __init__(self, node, signs, sides):
        self.node, self.signs, self.sides = node, signs, sides

    def truth(self, env, arrays=False):
        sides = [s.value(env) for s in self.sides]
        if any(s.matrix for s in sides) and not arrays:
            fail("a number was expected here, not an array", self.node)
        matrix = any(s.matrix for s in sides)
        sides = values.tailed(sides)
        axes, datas, _ = values.aligned(*sides)
        whole = True
        for sign, p, q in zip(self.signs, datas, datas[1:]):
            whole = whole & COMPARE[sign](p.real, q.real)
        return Value(axes, np.asarray(whole), matrix)


class Choice(Term):
    """Values with their conditions; where no case applies there is no number."""

    def __init__(self, node, parts, tests):
        self.node, self.parts, self.tests = node, parts, tests

    def value(self, env):
        parts = [p.value(env) for p in self.parts]
        tests = [None if t is None else t.truth(env) for t in self.tests]
        result = number(math.nan)
        for part, test in reversed(list(zip(parts, tests))):
            if test is None:
                result = part
                continue
            axes, (p, q, t), (sp, sq, _) = values.aligned(part, result, test)
            result = Value(axes, np.where(t, p, q), False, np.where(t, sp, sq))
        missing = np.isnan(result.data).sum() if None not in self.tests else 0
        if missing > (POINT in result.axes):  # one point, a boundary, may be left out
            raise UnreadableEquation("no case applies", position=self.node.position)
        return result


def weight_of(node):
    """Count the pieces of ``node`` that are evaluated together, without those under a sum inside it."""
    return 1 + sum(1 if isinstance(child, tree.Big) else weight_of(child) for _, child in tree.children(node))


# --- derivatives --------------------------------------------------------------------------------------------------


class Slope(Term):
    """∂above/∂below, taken by moving the network itself (or a bare letter) along the imaginary axis."""

    def __init__(self, node, above, below, entrywise=False):
        self.node, self.above, self.below, self.entrywise = node, above, below, entrywise

    def value(self, env):
        if env.nudge is not None:
            fail("only a first derivative is taken", self.node)
        if isinstance(self.below, Point):
            return self._of_point(env)
        below = self.below
        layer = below.where(env)
        if below.kind == "w" and below.spans_zero(env):
            return Slope(self.node, self.above, Quantity(below.node, "b", below.layer, below.roles[:1])).value(env)
        if below.kind == "a" and below.spans_zero(env):
            raise NotHere("unit 0 is always 1, and is not moved", position=below.node.position)
        if self.entrywise and below.matrix:
            whole = self._entry_by_entry(env, (below.kind, layer))
            if whole is not None:
                return whole
        roles = below.roles
        direct = getattr(env.world, "slope_only", False)
        array, lead, tail, column = self._moved(env, (below.kind, layer), direct)
        if column:
            if "column" in roles or sum(r == "row" for r in roles) > 1:
                fail("the derivative of an array with respect to an array: only columns", self.node)
            if "row" in roles:  # the Jacobian: what is above in the rows, what is below in the columns
                roles = tuple("column" if r == "row" else r for r in roles)
            tail = (*tail, "row")
        result = shaped(array, (), roles, env, tail)
        if self.entrywise and column and "column" in roles:
            return Value(result.axes, np.diagonal(result.data, axis1=-2, axis2=-1)[..., None], True)
        if below.factor is not None:
            result = values.ratio(result, below.factor.value(env))
        return result

    def _entry_by_entry(self, env, nudge):
        """∂φ(z)/∂z of two arrays of one shape: each entry by its own; None when they are not of one shape."""
        if getattr(env.world, "slope_only", False):
            return None
        value = self.above.value(env.with_(nudge=nudge))
        below = self.below.value(env)
        if not value.matrix or value.shape != below.shape or value.shape == (1, 1):
            return None
        lead, axes = MOVED[:2], value.axes
        if not set(lead) <= set(axes) or self.below.kind in ("w", "b"):
            return None
        plain = tuple(n for n in axes if n not in lead)
        order = [axes.index(n) for n in (*lead, *plain)]
        data = value.data.imag.transpose(*order, len(axes), len(axes) + 1) / STEP
        hand = plain == (env.hand,)
        rows = {"row": 0, "column": 1}
        roles = [r for r in self.below.roles if isinstance(r, str) and r in rows]
        if hand and len(roles) == 1:
            line = np.einsum("kjkj->kj", data[..., 0] if roles[0] == "row" else data[..., 0, :])
            return Value(plain, line[..., None] if roles[0] == "row" else line[..., None, :], True)
        if not plain and len(roles) == 2:
            line = np.einsum("kjkj->kj" if roles[0] == "row" else "kjjk->jk", data)
            return Value((), line, True)
        return None

    def _moved(self, env, nudge, direct):
        """Return (array, (), names of the axes behind those of ``below``, is the value above a column?)."""
        if direct:
            if not isinstance(self.above, Quantity) or self.above.matrix:
                env.world.missing()
            array = env.world.slope((self.above.kind, self.above.where(env)), nudge)
            plain = shaped(
                np.moveaxis(array, [0, 1], [-2, -1]) if len(env.world.lead(nudge)) == 2 else np.moveaxis(array, 0, -1),
                (),
                (*self.above.roles, *MOVED[: len(env.world.lead(nudge))]),
                env,
            )
            value = plain
        else:
            value = self.above.value(env.with_(nudge=nudge))
        lead = MOVED[: len(env.world.lead(nudge))]
        data = value.data
        column = value.matrix and value.shape[1] == 1 and value.shape[0] > 1
        if value.matrix and not column:
            if tuple(value.shape) != (1, 1):
                fail("the derivative of an array with respect to an array: only columns", self.node)
            data = data[..., 0, 0]
        elif value.matrix:
            data = data[..., 0]
        names = [*value.axes, *(["•row"] if column else [])]
        if not set(lead) <= set(names):
            if any(n in names for n in lead):
                fail("cannot take this derivative", self.node)
            if isinstance(self.above, Quantity) and self.above.kind not in ("C", "C_T", "C_B", "J"):
                fail("what stands above does not depend on what stands below", self.node)
            sizes = env.world.lead(nudge)
            data = np.zeros((*sizes, *data.shape))
        else:
            if not direct:
                data = data.imag / STEP
            order = [names.index(n) for n in lead]
            data = np.moveaxis(data, order, range(len(lead)))
            names = [n for n in names if n not in lead]
        tail = tuple(n for n in names if n != "•row")
        return data, (), tail, column

    def _of_point(self, env):
        value = self.above.value(env.with_(nudge=("point", self.below.name)))
        data = value.data.imag / STEP if np.iscomplexobj(value.data) else np.zeros(value.data.shape)
        return Value(value.axes, data, value.matrix, np.maximum(np.abs(data), 1e-12 * value.scale + TRUNCATION))


class Gradient(Term):
    """∇ of a cost: its derivatives with respect to all weights and biases, in one column."""

    def __init__(self, node, above):
        self.node, self.above = node, above

    def value(self, env):
        world, parts = env.world, []
        for kind in ("w", "b"):
            for layer in range(2, world.L + 1):
                nudge = (kind, layer)
                if getattr(world, "slope_only", False):
                    array = world.slope((self.above.kind, None), nudge)
                    lead = len(world.lead(nudge))
                    array = array.reshape(-1, *array.shape[lead:])
                    parts.append(shaped(np.moveaxis(array, 0, -1), (), (*self.above.roles, "row"), env))
                    continue
                value = self.above.value(env.with_(nudge=nudge))
                lead = MOVED[: len(world.lead(nudge))]
                order = [value.axes.index(n) for n in lead]
                data = np.moveaxis(value.data, order, range(-len(lead), 0))
                data = data.reshape(*data.shape[: -len(lead)], -1, 1)
                data = data.imag / STEP
                parts.append(Value(tuple(n for n in value.axes if n not in lead), data, True))
        axes = parts[0].axes
        return Value(axes, np.concatenate([p.data for p in parts], axis=-2), True)
