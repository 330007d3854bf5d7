"""The symbols of an equation whose values a check supplies through `given=`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from . import folds, terms, values
from .errors import NeedsValues, UnreadableEquation, fail
from .functions import Function
from .given import Entry, Found, Given, key_text
from .indices import spread
from .language.tree import Big, Derivative, Juxt, Nabla, Name, Node, Scripted, Top, to_latex
from .symbols import Symbols
from .terms import Bound, Env, Term
from .values import STEP, Array, Value, matrix, number

if TYPE_CHECKING:
    from .meaning import Reader


class GivenSymbols(Symbols):
    """What letters mean where a check supplies every value."""

    unknown = "given= does not supply it"
    counts = True

    def __init__(self, given: Given) -> None:
        self.given = given
        self.points: set[str] = set()

    def knows(self, base: Node) -> bool:
        return self.given.find(base) is not None

    # --- constants and symbols ----------------------------------------------------------------------------------------

    def constant(self, node: Node, reader: Reader) -> Bound | None:
        found = self.given.find(node)
        if found is not None and found.scalar:
            entry = found.entry
            return lambda env: _whole(entry.read(env, ()), node)
        if isinstance(node, Scripted) and node.sup is None and found is None:
            element = self.given.find(node.base)
            if element is not None and element.array:
                value = reader.expression(node)
                return lambda env: _whole(value.value(env).data, node)
        return None

    def symbol(self, node: Node, reader: Reader) -> Term | None:
        """Read a symbol that given= supplies; None when it does not."""
        base = node.base if isinstance(node, Scripted) else node
        found = self.given.find(node)
        if found is not None and not (found.function and not found.dependent):
            if found.array and not found.bold and found.ndim:
                fail(
                    f"{to_latex(node).strip()} is an array with {found.ndim} "
                    f"ind{'ices' if found.ndim > 1 else 'ex'}; write them, or the letter in bold",
                    node,
                )
            entry = found.entry
            return self.guarded(node, found, lambda env: entry.read(env, ()))
        if isinstance(base, Name) and (base.text, base.style) == ("1", "bold"):
            return self.ones(node, reader)
        if not isinstance(node, Scripted):
            return None
        if node.sup is not None:
            return self.raised(node, reader)
        found = self.given.find(node.base)
        if found is None or node.primes or node.sub is None:
            return None
        if not found.array and not found.dependent and not found.chance:
            return None
        return self.element(found, node, reader)

    def raised(self, node: Scripted, reader: Reader) -> Term | None:
        """A supplied symbol with a power or a transpose on it."""
        bare = node.base
        if node.sub is not None or node.primes:
            bare = Scripted(node.base, node.sub, None, node.primes, position=node.position)
        known = self.given.find(bare)
        if known is None and (node.sub is None or self.given.find(node.base) is None):
            return None
        if self.given.function(bare) is not None and not (known is not None and known.dependent):
            return None
        value = self.symbol(bare, reader)
        if value is None:
            return None
        if node.sup is None or len(node.sup) != 1:
            fail("one superscript was expected", node)
        items = list(node.sup[0].items) if isinstance(node.sup[0], Juxt) else [node.sup[0]]
        turned = [i for i in items if isinstance(i, Top)]
        rest = [i for i in items if not isinstance(i, Top)]
        if len(turned) > 1 or (turned and len(rest) > 1):
            fail(f"cannot read the superscript {to_latex(node.sup[0])}", node)
        exponent = (rest[0] if turned else node.sup[0]) if rest else None
        return reader.powered(value, exponent, bool(turned), node)

    def ones(self, node: Node, reader: Reader) -> Term:
        if not isinstance(node, Scripted) or node.sub is None:
            fail(r"a column of ones needs its length: write \mathbf{1}_n", node)
        from .quantities import Ones

        count = reader.integer(node.sub[0], lambda env: (1, 100_000), "value")
        value = Ones(node, count)
        if node.sup is not None:
            if len(node.sup) != 1 or not isinstance(node.sup[0], Top):
                fail("a column of ones has no layer", node)
            return value.turned()
        return value

    def guarded(self, node: Node, found: Found, read: Callable[[Env], Any]) -> Term:
        if found.chance and not any(found.key in names for names in self.given.averaging):
            raise UnreadableEquation(
                f"{found.key} varies, and can stand only inside an average", position=node.position
            )
        return terms.Read(node, lambda env: as_value(read(env)))

    def places(self, found: Found, node: Scripted, reader: Reader) -> Callable[[Env], tuple[int, ...]]:
        """Read the subscript of a given array; return env -> tuple of places from 0."""
        subs = spread(node.sub or ())
        wanted = found.ndim - (1 if found.bold else 0)
        if len(subs) != wanted:
            fail(
                f"{to_latex(node.base).strip()} has {wanted} ind{'ices' if wanted != 1 else 'ex'}; got {len(subs)}",
                node,
            )
        read = []
        for axis, sub in enumerate(subs):
            start = found.start if axis == 0 else 1

            def its_range(env: Env, axis: int = axis, start: int = start) -> tuple[int, int]:
                return start, start + found.length(env, axis) - 1

            name = f"index of {to_latex(node.base).strip()}"
            index = reader.integer(sub, its_range, "axis", name=name, steps=axis == 0 and found.sequence)
            read.append((index, start))
        return lambda env: tuple(index.value(env) - start for index, start in read)

    def element(self, found: Found, node: Scripted, reader: Reader) -> Term:
        places = self.places(found, node, reader)
        return self.guarded(node, found, lambda env: found.read(env, places(env)))

    def members(self, node: Big, reader: Reader) -> Callable[[Env], list[int]]:
        found = self.given.find(node.low) if node.low is not None else None
        if node.low is None or found is None:
            return super().members(node, reader)
        if found.chance and not any(found.key in names for names in self.given.averaging):
            fail(f"{to_latex(node.low)} varies, and can stand only inside an average", node.low)
        return lambda env: [int(v) for v in np.ravel(found.read(env, ()))]

    # --- averages ---------------------------------------------------------------------------------------------------

    def special(self, item: Node, items: list[Node], reader: Reader) -> Term | None:
        r"""Read \mathbb{E}[…] or Var[…] over the given finite distributions."""
        base = item.base if isinstance(item, Scripted) else item
        if not isinstance(base, Name):
            return None
        if (base.text, base.style) not in (("E", "bb"), ("E", "word"), ("Var", "word")):
            return None
        arguments, scripted = reader.arguments_of(items)
        if arguments is None or len(arguments) != 1:
            fail(f"{to_latex(base)} needs brackets around what it averages", item)
        chance = self.given.chances(arguments[0])
        if isinstance(item, Scripted):
            if item.sub is None or item.sup is not None or item.primes:
                fail("only a subscript, naming what varies, is read here", item)
            if {key_text(s) for s in item.sub} != set(chance):
                fail(f"the average is over {', '.join(sorted(chance)) or 'nothing'}", item)
        if not chance:
            fail("nothing in these brackets varies: given= must supply a nnbook.equations.Distribution", item)
        self.given.averaging.append(set(chance))
        value = reader.expression(arguments[0])
        self.given.averaging.pop()
        average = Average(item, value, chance, self.given, base.text == "Var", folds.weight_of(arguments[0]))
        return reader.powered(average, *reader.power_of(scripted), scripted) if scripted is not None else average

    # --- functions --------------------------------------------------------------------------------------------------

    def function(self, node: Node, reader: Reader) -> Function | None:
        found = self.given.function(node)
        if found is None:
            return None
        entry, power, primes = found
        call = lambda env: entry.value  # noqa: E731
        if entry.functions and isinstance(node, Scripted):
            bare = Scripted(node.base, node.sub, position=node.position)
            places = self.places(entry, bare, reader)
            call = lambda env: entry.functions[places(env)[0]]  # noqa: E731
        return Function("given", "", None, call, primes, power, False, True)

    def gradient_function(self, node: Nabla, reader: Reader) -> Function | None:
        inner = reader.callable(node.of)
        if inner is None or inner.kind != "given":
            return None
        return Function("gradient", "", None, inner.call, vector=True)

    def apply(self, function: Function, arguments: Sequence[Node], node: Node, reader: Reader) -> Term:
        parts = [reader.expression(argument) for argument in arguments]
        kind = GradientOf if function.kind == "gradient" else Applied
        return kind(node, function.call, parts, function.primes)

    # --- derivatives ------------------------------------------------------------------------------------------------

    def target(self, node: Node, reader: Reader) -> tuple[Found, Callable[[Env], tuple[int, ...]] | None]:
        """What ∂ perturbs: (found, env -> places or None for all of it)."""
        found = self.given.find(node)
        if found is not None and not found.chance:
            if found.array and not found.bold:
                fail("write the index of what is perturbed, or the letter in bold", node)
            return found, None
        if isinstance(node, Scripted) and node.sub is not None and node.sup is None and not node.primes:
            found = self.given.find(node.base)
            if found is not None and (found.array or found.dependent):
                return found, self.places(found, node, reader)
        raise NeedsValues(f"no meaning for {to_latex(node).strip()}: given= does not supply it", position=node.position)

    def derivative(self, node: Derivative, reader: Reader) -> Term:
        above = reader.expression(node.top)
        found, places = self.target(node.bottom, reader)
        if not self.given.depends(node.top, found.key):
            fail(
                f"{to_latex(node.top).strip()} does not depend on {to_latex(node.bottom).strip()}: "
                "give it as a function whose parameter has that name",
                node,
            )
        return GivenSlope(node, above, found, places)

    def nabla(self, node: Nabla, reader: Reader) -> Term:
        found = self.given.find(node.of)
        if found is None or not found.dependent or len(found.parameters) != 1:
            fail(r"\nabla needs a given function of one argument", node)
        target = self.given.entries[found.parameters[0]]
        return GivenGradient(node, reader.expression(node.of), target)


def _whole(value: Any, node: Node) -> int:
    value = np.real(value)
    if np.ndim(value) or value != int(value):
        fail(f"an index or bound must be a whole number; {to_latex(node)} is {value}", node)
    return int(value)


def as_value(v: Any) -> Value:
    """Turn a given number or array into a number, a column or a matrix."""
    array = np.asarray(v)
    if array.ndim == 0:
        return number(array)
    return matrix(array.reshape(-1, 1) if array.ndim == 1 else array)


class GivenSlope(terms.Term):
    def __init__(self, node: Node, above: Term, found: Found, places: Callable[[Env], tuple[int, ...]] | None) -> None:
        self.node, self.above, self.found, self.places = node, above, found, places

    def value(self, env: Env) -> Value:
        found = self.found
        if self.places is not None or not found.array:
            nudged = found.nudge(env, self.places(env) if self.places else ())
            return _imaginary(self.above.value(nudged))
        shape = np.shape(found.read(env, ()))
        slopes = [_imaginary(self.above.value(found.nudge(env, where))) for where in np.ndindex(shape)]
        if any(v.matrix for v in slopes):
            if len(shape) != 1:
                fail("the derivative of a column with respect to a matrix", self.node)
            return matrix(np.hstack([v.data for v in slopes]))
        return as_value(np.array([v.data for v in slopes]).reshape(shape))


class GivenGradient(terms.Term):
    def __init__(self, node: Node, above: Term, target: Entry) -> None:
        self.node, self.above, self.target = node, above, target

    def value(self, env: Env) -> Value:
        shape = np.shape(self.target.read(env, ()))
        slopes = [_imaginary(self.above.value(self.target.nudge(env, where))) for where in np.ndindex(shape)]
        return matrix(np.array([v.data for v in slopes]).reshape(-1, 1))


def _imaginary(v: Value) -> Value:
    data = v.data.imag / STEP if np.iscomplexobj(v.data) else np.zeros(v.data.shape)
    return Value((), data, v.matrix, terms.scale_of(data))


class Average(terms.Term):
    """The mean or the variance over every joint outcome."""

    def __init__(self, node: Node, value_of: Term, chance: set[str], given: Given, variance: bool, size: int) -> None:
        self.node, self.inner, self.chance = node, value_of, chance
        self.given, self.variance, self.size = given, variance, size

    def value(self, env: Env) -> Value:
        firsts, seconds = [], []
        for weight, inner in self.given.outcomes(self.chance, env):
            env.spend(self.size)
            v = self.inner.value(inner)
            firsts.append(values.times(number(weight), v))
            if self.variance:
                seconds.append(values.times(firsts[-1], v))
        mean = values.add([1] * len(firsts), firsts, self.node)
        if not self.variance:
            return mean
        square = values.add([1] * len(seconds), seconds, self.node)
        return values.add((1, -1), (square, values.times(mean, mean)), self.node)


class Applied(terms.Term):
    """A function that a check supplies, or its first derivative."""

    def __init__(
        self, node: Node, call: Callable[[Env], Callable[..., Any]], parts: list[Term], primes: int = 0
    ) -> None:
        self.node, self.call, self.parts, self.primes = node, call, parts, primes

    def value(self, env: Env) -> Value:
        call, inner = self.call(env), [p.value(env) for p in self.parts]
        arguments = [_argument(v) for v in inner]
        if self.primes:
            if self.primes > 1:
                fail("only a first derivative is taken; supply a higher one through given=", self.node)
            if len(arguments) != 1:
                fail("a prime on a function of several arguments", self.node)
            nudged = np.asarray(arguments[0]) + 1j * STEP
            result = _run(call, [nudged if nudged.ndim else complex(nudged)], self.node)
            return as_value(_checked(np.imag(result) / STEP))
        return as_value(_checked(_run(call, arguments, self.node)))


class GradientOf(Applied):
    """∇ of a function that a check supplies, at a point."""

    def value(self, env: Env) -> Value:
        call = self.call(env)
        point = np.asarray(_argument(self.parts[0].value(env)), dtype=complex)
        slopes = []
        for where in np.ndindex(point.shape):
            nudged = point.copy()
            nudged[where] += 1j * STEP
            result = np.asarray(_run(call, [nudged if nudged.ndim else complex(nudged)], self.node))
            if result.size != 1:
                fail(r"\nabla of a function with several values", self.node)
            slopes.append(complex(result.item()).imag / STEP)
        return matrix(np.array(slopes).reshape(-1, 1))


def _argument(v: Value) -> Any:
    if not v.matrix:
        return v.data.item()
    return v.data[:, 0] if v.data.shape[1] == 1 else v.data


def _run(call: Callable[..., Any], arguments: list[Any], node: Node) -> Any:
    """Call a function that a check supplies; report an error in it with its place."""
    try:
        with np.errstate(all="ignore"):
            return call(*arguments)
    except (ArithmeticError, ValueError, TypeError, LookupError) as error:
        raise UnreadableEquation(
            f"the given function failed: {type(error).__name__}: {error}", position=node.position
        ) from error


def _checked(result: Any) -> Array:
    result = np.asarray(result)
    if result.dtype == object or result.ndim > 2 or result.dtype.kind not in "fcbiu":
        raise TypeError(
            f"verify: a given function returned {result.dtype} of {result.ndim} dimensions; "
            "expected a number, a vector or a matrix"
        )
    return result.astype(float) if result.dtype.kind in "biu" else result
