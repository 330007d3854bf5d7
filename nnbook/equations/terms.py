"""What an equation becomes once its letters have a meaning: pieces that can be evaluated in a world."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from . import values
from .errors import NotHere, OutOfRange, UnreadableEquation
from .language.tree import Node
from .values import STEP, Array, Axes, Nudge, Value, number

if TYPE_CHECKING:
    from .functions import SameLayer

Layer: TypeAlias = "Index | SameLayer"
Role: TypeAlias = "Index | str"  # what an axis of a quantity is here
Place = int | range
Spent = list[int]  # one number: the pieces of the tree that were evaluated
Bound = Callable[["Env"], Any]  # a whole number, or a range of them, where it is evaluated
RangeOf = Callable[["Env"], tuple[Any, Any]]  # the first and the last value of an index

BUDGET = 500_000  # pieces of the tree that one check may evaluate in loops
TRUNCATION = 1e-28  # the complex step leaves an error of its square, 1e-40
HAND = "·"  # the axis of the sample at hand
POINT = "•"  # the axis of the points that bare letters take
MOVED = ("∂0", "∂1")  # the axes of what a derivative moves


class Env:
    """Where pieces are evaluated: a world, the index letters' values, and what is moved by a derivative."""

    __slots__ = ("batch", "given", "hand", "index", "nudge", "points", "spent", "world")

    def __init__(
        self,
        world: Any,
        index: dict[str, Any] | None = None,
        nudge: Nudge | None = None,
        given: dict[str, Any] | None = None,
        points: dict[str, Any] | None = None,
        batch: int | None = None,
        spent: Spent | None = None,
        hand: str = HAND,
    ) -> None:
        self.hand = hand  # the axis of the sample at hand: its own, or that of the one letter that names the sample
        self.world, self.index, self.nudge = world, index or {}, nudge
        self.given = {} if given is None else given
        self.points, self.batch = points or {}, batch
        self.spent = [0] if spent is None else spent

    def with_(self, **changes: Any) -> Env:
        twin = Env(self.world, self.index, self.nudge, self.given, self.points, self.batch, self.spent, self.hand)
        for name, value in changes.items():
            setattr(twin, name, value)
        return twin

    def at(self, letter: str, value: Place) -> Env:
        return self.with_(index={**self.index, letter: value})

    def spend(self, weight: int) -> None:
        self.spent[0] += weight
        if self.spent[0] > BUDGET:
            raise UnreadableEquation(f"the check would evaluate more than {BUDGET:,} pieces; state smaller sizes=")


class Index:
    """An index: a letter, a number, a constant, or one of these ± a number."""

    __slots__ = ("constant", "fixed", "high", "letter", "name", "node", "offset", "zero")

    def __init__(
        self,
        node: Node,
        letter: str | None,
        constant: Bound | None,
        offset: int,
        kind_range: RangeOf,
        name: str,
        zero: bool = False,
    ) -> None:
        self.node, self.letter, self.constant, self.offset = node, letter, constant, offset
        self.high = kind_range
        self.fixed: int | str | None = None
        self.name, self.zero = name, zero

    def value(self, env: Env) -> Any:
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
    """A piece that has a value."""

    def __init__(self, node: Node) -> None:
        self.node = node

    def value(self, env: Env) -> Value:
        """Return the value in a world."""
        raise NotImplementedError


class Number(Term):
    def __init__(self, node: Node, value: complex) -> None:
        self.node, self.number = node, number(value)

    def value(self, env: Env) -> Value:
        return self.number


class Read(Term):
    """A number that a function of ``env`` returns: L, N, n_l, λ …"""

    def __init__(self, node: Node, read: Callable[[Env], Any]) -> None:
        self.node, self.read = node, read

    def value(self, env: Env) -> Value:
        v = self.read(env)
        return v if isinstance(v, Value) else number(v)


class Letter(Term):
    """An index letter used as a number."""

    def __init__(self, node: Node, letter: str) -> None:
        self.node, self.letter = node, letter

    def value(self, env: Env) -> Value:
        value = env.index[self.letter]
        if isinstance(value, range):
            return Value((self.letter,), np.array(value, dtype=float))
        return number(float(value))


class Point(Term):
    """A bare letter: a free number, compared at many points."""

    def __init__(self, node: Node, name: str) -> None:
        self.node, self.name = node, name

    def value(self, env: Env) -> Value:
        data = env.points[self.name]
        if not isinstance(data, np.ndarray):
            return number(data)
        if env.nudge == ("point", self.name):
            return Value((POINT,), data + 1j * STEP, False, np.abs(data))
        return Value((POINT,), data)


def _take(array: Array, dim: int, place: Place) -> Array:
    if isinstance(place, range):
        return array[(slice(None),) * dim + (slice(place.start - 1, place.stop - 1),)]
    return array[(slice(None),) * dim + (place - 1,)]


class Quantity(Term):
    """A symbol of the network.

    ``roles`` says what each axis of its array is here: an `Index`, "hand" (the sample at hand), "row" or "column" of a
    matrix. ``factor`` multiplies it (−1 where a notation defines the error with the opposite sign).
    """

    def __init__(
        self, node: Node, kind: str, layer: Index | None = None, roles: Iterable[Role] = (), factor: Term | None = None
    ) -> None:
        self.node, self.kind, self.layer, self.roles, self.factor = node, kind, layer, tuple(roles), factor

    @property
    def matrix(self) -> bool:
        return "row" in self.roles or "column" in self.roles

    def turned(self) -> Quantity:
        swap = {"row": "column", "column": "row"}
        roles = [swap.get(r, r) if isinstance(r, str) else r for r in self.roles]
        return Quantity(self.node, self.kind, self.layer, roles, self.factor)

    def where(self, env: Env) -> int | None:
        return None if self.layer is None else self.layer.value(env)

    def value(self, env: Env) -> Value:
        layer = self.where(env)
        array, lead = self.values_of(env, layer)
        result = shaped(array, lead, self.roles, env)
        if self.factor is not None:
            result = values.times(result, self.factor.value(env))
        return result

    def values_of(self, env: Env, layer: int | None) -> tuple[Array, Axes]:
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

    def _batch(self, env: Env) -> tuple[Array, Axes]:
        costs = env.world.array("C")[: env.batch] if env.nudge is None else None
        if costs is None:
            moved = env.world.moving("C", None, env.nudge)
            return moved[..., : env.batch].sum(-1), MOVED[: moved.ndim - 1]
        return costs.sum(), ()

    def _with_zero(self, array: Array, lead: Axes, env: Env, layer: int | None) -> Array:
        """Put the unit that is always 1 (and the biases, the weights from it) before the others where 0 is meant."""
        self_index = self.roles[-1] if self.roles else None
        if not isinstance(self_index, Index) or not self_index.zero:
            return array
        place = self_index.value(env)
        if (place.start if isinstance(place, range) else place) != 0:
            return array
        if self.kind == "w":
            first, more = Quantity(self.node, "b", self.layer, ("row",)).values_of(env, layer)
            if more != lead:
                raise UnreadableEquation("a derivative of the weight from unit 0", position=self.node.position)
            first = first[..., None]
        else:
            first = np.ones((*array.shape[:-1], 1))
        return np.concatenate([first, array], axis=-1)

    def spans_zero(self, env: Env) -> bool:
        role = self.roles[-1] if self.roles else None
        if not isinstance(role, Index) or not role.zero:
            return False
        place = role.value(env)
        return (place.start if isinstance(place, range) else place) == 0


def shaped(array: Array, lead: Axes, roles: Sequence[Role], env: Env, extra: Axes = ()) -> Value:
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
                names.append(role.letter or "")
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


def scale_of(array: Array) -> Array:
    """Sizes of computed numbers: at least a ten-thousandth of the largest beside them, which was added up with them."""
    size = np.abs(array)
    return np.maximum(size, 1e-4 * np.maximum.reduce(size, axis=None, initial=0.0))
