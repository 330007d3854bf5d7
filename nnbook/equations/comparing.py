"""Both sides of a claim in one world, for every value of its free indices: how they compare."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from . import terms, values
from .errors import Misfit, UnreadableEquation
from .language.tree import Claim, Equivalence, Name, to_latex
from .shapes import agreed, kind_of
from .statements import Ranges
from .terms import HAND, POINT, Env
from .values import Array, Axes, Value

if TYPE_CHECKING:
    from .given import Given
    from .meaning import Reader
    from .package_side import PackageSide

TOLERANCE = 1e-9
ROUNDED = {
    "network": 1e-11,
    "numbers": 2e-14,
}  # how far rounding alone separates two sides: about fifty times what was observed
NEAR = 1e-3  # how close the two sides of an inequality must come in some world to be called tight
STEPS = 5  # halvings of h behind a measured order
SLOPE = 0.2  # by how much a measured order may differ from the printed one


@dataclass
class Tally:
    """What was compared so far: of one claim, over all its worlds."""

    compared: int = 0
    package: int = 0
    nonzero: list = field(default_factory=list)
    nearest: list = field(default_factory=list)
    truths: set = field(default_factory=set)
    partial: bool = False
    """Did one side have a value at points where the other has none?"""

    def pairs(self, count: int) -> None:
        while len(self.nonzero) < count:
            self.nonzero.append(False)
            self.nearest.append(math.inf)


@dataclass
class Failure:
    """The first place where a claim fails, in words."""

    text: str
    world: str = ""
    position: int | None = None
    of_package: bool = False  # whether the package, and not the equation, differs from the definitions
    doubt: str = ""  # why the equation may be right all the same, where its notation is not declared

    def __str__(self) -> str:
        return self.text + (f"\n    in a {self.world}" if self.world else "")


class Loops:
    """The free index letters of a claim: those that are taken one value after another, and those taken at once."""

    def __init__(self, reader: Reader, ranges: Ranges, claim: Claim) -> None:
        self.reader, self.ranges, self.claim = reader, ranges, claim
        order = {"layer": 0, "axis": 1, "sample": 2, "unit": 3}
        found = []
        for letter, uses in reader.free.uses.items():
            kind = kind_of(uses)
            if kind is None:
                kinds = sorted({use.kind for use in uses} - {"value"})
                raise Misfit(f"{letter} stands as {' and as '.join(kinds)}", uses[-1].node)
            if kind == "value":
                raise UnreadableEquation(f"{letter} is not used as an index anywhere", position=uses[0].node.position)
            found.append((order[kind], letter, uses, kind))
        self.letters = sorted(found, key=lambda item: item[:2])
        self.names = [letter for _, letter, _, _ in self.letters]

    def __call__(self, env: Env, place: int = 0) -> Iterator[Env]:
        """Yield env for all values of the letters that are taken one after another."""
        if place == len(self.letters):
            yield env
            return
        _, letter, uses, kind = self.letters[place]
        try:
            run = agreed(letter, uses, env, uses[0].node)
        except KeyError as error:
            raise UnreadableEquation(
                f"the range of {letter} depends on {error.args[0]}, which is not fixed here",
                position=uses[0].node.position,
            ) from None
        if letter in self.ranges:
            run = self._stated(letter, run, env)
        if kind in ("unit", "sample"):
            if len(run):
                yield from self(env.at(letter, run), place + 1)
            return
        for value in run:
            yield from self(env.at(letter, value), place + 1)

    def _stated(self, letter: str, run: range, env: Env) -> range:
        low_node, high_node, node = self.ranges[letter]
        ends = ((low_node, run.start), (high_node, run.stop - 1))
        low, high = (end if side is None else int(self.reader.stated_bound(side)(env)) for side, end in ends)
        if node.signs == ("=",) and low > high:  # l = L - 1, …, 2 runs downwards
            low, high = high, low
        if low > high:
            return range(0)
        if low < run.start or high >= run.stop:
            if not len(run):
                return run
            raise Misfit(
                f"the stated range {low} … {high} of {letter} is not that of its symbols, {run.start} … {run.stop - 1}",
                node,
            )
        return range(low, high + 1)


class Comparison:
    """Compares the sides of one claim in one world."""

    def __init__(
        self,
        claim: Claim,
        sides: list[Any],
        loops: Loops,
        tally: Tally,
        tolerance: float,
        loose: bool,
        network: Any = None,
        large: bool = False,
        supplied: bool = False,
    ) -> None:
        self.claim, self.sides, self.loops, self.tally = claim, sides, loops, tally
        self.tolerance, self.loose, self.large = tolerance, loose, large
        self.network = network  # the one that a failure names
        self.supplied = supplied  # whether the values come from given=, with rounding of their own
        self.signs = claim.signs if not isinstance(claim, Equivalence) else ()
        tally.pairs(len(self.signs))

    def run(self, env: Env, package: PackageSide | None = None, given: Given | None = None) -> Failure | None:
        """Return the first `Failure`, or None; counts into the tally."""
        with np.errstate(all="ignore"):  # what is not finite is told apart below
            for inner in self.loops(env):
                env.spend(1)
                failure = self._at(inner, package, given)
                if failure is not None:
                    return failure
        return None

    def _at(self, env: Env, package: PackageSide | None, given: Given | None) -> Failure | None:
        if isinstance(self.claim, Equivalence):
            return self._equivalent(env, given)
        values_here = [real(side.value(env), self.claim) for side in self.sides]
        names = [f"side {n + 1}" for n in range(len(values_here))]
        if len(names) == 2:
            names = ["left side", "right side"]
        for n, sign in enumerate(self.signs):
            failure = self.pair(n, sign, values_here[n], values_here[n + 1], env, names[n : n + 2])
            if failure is not None:
                return failure
        if package is not None:
            return self._package(package, values_here, env)
        if given is not None and given.package is not None:
            before = self.tally.compared
            theirs = real(called_with_symbols(given, env), self.claim)
            failure = self.pair(0, "=", theirs, values_here[-1], env, ["the package", "right side"], True)
            self.tally.package += self.tally.compared - before
            return failure
        return None

    def _package(self, package: PackageSide, values_here: list[Value], env: Env) -> Failure | None:
        theirs = package.value(self.sides[0], env)
        if theirs is None:
            return None
        other = 1 if self.signs[0] == "=" else 0  # of an inequality, the same side by definition
        before = self.tally.compared
        names = ["the package", "right side" if other else "left side"]
        failure = self.pair(0, "=", real(theirs, self.claim), values_here[other], env, names, True)
        self.tally.package += self.tally.compared - before
        return failure

    def pair(
        self, n: int, sign: str, left: Value, right: Value, env: Env, names: list[str], exact: bool = False
    ) -> Failure | None:
        """Compare two values in every entry."""
        if left.matrix != right.matrix or left.shape != right.shape:
            boxed = left.shape in ((), (1, 1)) and right.shape in ((), (1, 1))
            zero = any(not v.matrix and not v.axes and v.data == 0 for v in (left, right))
            if not boxed and not zero:
                raise Misfit(f"the sides are {values.describe(left)} and {values.describe(right)}", self.claim)
            left, right = values.tailed((left, right))
        axes, (p, q), (sp, sq) = values.aligned(left, right)
        size = np.maximum(sp, sq)
        if not p.shape == q.shape == size.shape:
            p, q, size = np.broadcast_arrays(p, q, size)
        finite = np.isfinite(p) & np.isfinite(q)
        if POINT in axes:
            self.tally.compared += int(finite.sum())
            self.tally.partial |= bool((np.isfinite(p) != np.isfinite(q)).any())
        else:
            self.tally.compared += int(finite.sum()) if self.large else p.size
            if not finite.all() and not self.large:  # of large numbers an exponential may overflow
                if not axes and not self.loops.names:
                    raise UnreadableEquation(
                        f"a number is out of range: {p.flat[0]}, {q.flat[0]}", position=self.claim.position
                    )
                where = np.argwhere(~finite)[0]
                return self._failure(axes, where, env, f"a side is not finite: {p[tuple(where)]}, {q[tuple(where)]}")
        return self._verdict(n, sign, p, q, size, finite, axes, env, names, exact)

    def _verdict(
        self,
        n: int,
        sign: str,
        p: Array,
        q: Array,
        size: Array,
        finite: Array,
        axes: Axes,
        env: Env,
        names: list[str],
        exact: bool,
    ) -> Failure | None:
        stated = TOLERANCE if exact or (self.loose and sign == "=") else self.tolerance
        tolerance = stated if exact else self._rounding(stated, axes, env)
        gap = np.where(finite, p - q, 0.0)
        error = np.where(gap == 0, 0.0, np.abs(gap) / size)
        if sign in ("=", r"\approx"):
            bad = ~(error <= tolerance)
            self.tally.nonzero[n] = self.tally.nonzero[n] or bool((finite & ((p != 0) | (q != 0))).any())
        elif sign in (r"\neq",):
            bad = error <= tolerance
        else:
            ahead = gap if sign in (">", r"\ge") else -gap
            close = error <= tolerance
            bad = (ahead < 0) & ~close
            if sign in ("<", ">") and not self.large:  # far out, two numbers may look equal that are not
                bad |= (ahead <= 4e-16 * size) & self._near(axes, env, p.shape)
            largest = np.maximum(np.abs(p), np.abs(q))
            near = np.abs(gap)[(largest > 0) & finite] / largest[(largest > 0) & finite]
            self.tally.nearest[n] = min(self.tally.nearest[n], near.min(initial=math.inf))
        bad = bad & finite
        if not bad.any():
            return None
        where = np.argwhere(bad)[0]
        at = tuple(where)
        return self._failure(
            axes, where, env,
            f"{names[0]:<11} {p[at]: .12g}\n    {names[1]:<11} {q[at]: .12g}\n"
            f"    error       {error[at]: .1e} of their size "
            + (f"(tolerance {stated:.0e})" if error[at] > stated else f"(rounding makes {tolerance:.0e} at most)"),
        )  # fmt: skip

    def _rounding(self, stated: float, axes: Axes, env: Env) -> float:
        """Return how far two sides may differ: as stated, or else as far as rounding explains."""
        if stated != TOLERANCE or self.supplied or env.given:
            return stated
        return ROUNDED["numbers" if env.world is None or axes == (POINT,) else "network"]

    @staticmethod
    def _near(axes: Axes, env: Env, shape: tuple[int, ...]) -> Any:
        """Where two numbers that look equal are equal: not far out, where a function has run into its limit."""
        if POINT not in axes:
            return True
        near = np.all([np.abs(run) <= 8 for run in env.points.values() if isinstance(run, np.ndarray)], axis=0)
        tail = [1] * (len(shape) - len(axes))
        return near.reshape(*(-1 if name == POINT else 1 for name in axes), *tail)

    def _failure(self, axes: Axes, where: Any, env: Env, text: str) -> Failure:
        parts = []
        places = dict(zip(axes, where))
        for letter in self.loops.names:
            value = env.index.get(letter)
            if isinstance(value, range):
                if letter not in places:
                    continue
                value = value[places[letter]]
            parts.append(f"{letter} = {value}")
        if HAND in places:
            parts.append(f"sample {places[HAND] + 1}")
        if POINT in places:
            for name, run in sorted(env.points.items()):
                value = run if not isinstance(run, np.ndarray) else run[places[POINT]]
                parts.append(f"{name} = {value:.6g}")
        else:
            parts += [f"{name} = {run}" for name, run in sorted(env.points.items()) if not isinstance(run, np.ndarray)]
        tail = where[len(axes) :]
        entry = f", row {tail[0] + 1}, column {tail[1] + 1}" if len(tail) == 2 else ""
        place = (", ".join(parts) + entry).lstrip(", ") or "the only comparison"
        world = f"\n    in a {self.network.describe()}" if self.network is not None else ""
        return Failure(f"    first at {place}{world}\n    {text}")

    def _equivalent(self, env: Env, given: Given | None) -> Failure | None:
        self.tally.compared += 1
        left, right = (bool(np.all(side.truth(env).data)) for side in self.sides)
        self.tally.truths.add(left)
        sides = {"left side": left, "right side": right}
        if given is not None and given.package is not None:
            self.tally.package += 1
            sides["the package"] = bool(called_with_symbols(given, env).data)
        if len(set(sides.values())) == 1:
            return None
        return self._failure((), (), env, ", ".join(f"{name} is {str(truth).lower()}" for name, truth in sides.items()))

    # --- orders -------------------------------------------------------------------------------------------------------

    def order(self, env: Env, given: Given) -> Failure | None:
        """Measure with which power of h the two sides come together, and compare with the printed one."""
        reader = self.loops.reader
        symbols = {to_latex(s) for s, _ in reader.landau}
        if len(reader.landau) != 1 or len(symbols) != 1 or len(self.sides) != 2 or self.signs != ("=",):
            raise UnreadableEquation("one equation with one O term was expected", position=self.claim.position)
        for inner in self.loops(env):
            failure = self._order_at(inner, given, *reader.landau[0])
            if failure is not None:
                return failure
        return None

    def _order_at(self, env: Env, given: Given, symbol: Name, order: float) -> Failure | None:
        entry = given.find(symbol)
        assert entry is not None  # made for every symbol in O(…) that no given= supplies
        start = float(entry.read(env, ()))
        sizes, gaps = [], []
        for n in range(STEPS):
            h = start / 2**n
            inner = env.with_(given={**env.given, entry.key: h})
            left, right = (real(side.value(inner), self.claim) for side in self.sides)
            if left.matrix or right.matrix:
                raise UnreadableEquation(
                    "an order can be measured only on numbers, not on arrays", position=self.claim.position
                )
            sizes.append(abs(h))
            gaps.append(abs(left.data.item() - right.data.item()))
            if given.package is not None:
                theirs = real(called_with_symbols(given, inner), self.claim)
                with np.errstate(all="ignore"):
                    failure = self.pair(0, "=", theirs, right, inner, ["the package", "right side"], True)
                self.tally.package += 1
                if failure is not None:
                    return failure
        self.tally.compared += 1
        self.tally.nonzero[0] = True
        if min(gaps) < 1e-14:
            return self._failure((), (), env, f"the sides differ by {min(gaps):.1e}: no remainder is left to measure")
        slope = math.log(gaps[1] / gaps[-1]) / math.log(sizes[1] / sizes[-1])
        if abs(slope - order) <= SLOPE:
            return None
        name = to_latex(symbol).strip()
        return self._failure(
            (), (), env,
            f"the remainder shrinks like {name}^{slope:.2f}, not like {name}^{order:g}: it is {gaps[1]:.3e} at "
            f"{sizes[1]:g} and {gaps[-1]:.3e} at {sizes[-1]:g}",
        )  # fmt: skip


def real(value: Value, claim: Claim) -> Value:
    """Return the value without its imaginary part, which must be no more than rounding."""
    if not np.iscomplexobj(value.data):
        return value if value.data.dtype == float else value.with_(value.data.astype(float), value.scale)
    if np.abs(value.data.imag).max(initial=0) > 1e-9:
        raise UnreadableEquation("a side has an imaginary part", position=claim.position)
    return Value(value.axes, value.data.real, value.matrix, value.scale)


def called_with_symbols(given: Given, env: Env) -> Value:
    """The check's own "package" value: a number, an array, or a function of given symbols and index letters."""
    import inspect

    from .given_symbols import as_value

    package = given.package
    if callable(package):
        arguments = {}
        for name, parameter in inspect.signature(package).parameters.items():
            if parameter.default is not parameter.empty:
                continue
            if name in env.index:
                arguments[name] = env.index[name]
            elif name in given.by_identifier:
                arguments[name] = given.by_identifier[name].read(env, ())
            else:
                raise ValueError(f"verify: 'package' asks for {name}, which is neither given nor an index")
        package = package(**arguments)
    return as_value(package)


__all__ = ["Comparison", "Failure", "Loops", "Tally", "terms"]
