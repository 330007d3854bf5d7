"""`verify`: find a printed equation, run it, and say whether it holds."""

from __future__ import annotations

import inspect
import itertools
import math
from dataclasses import dataclass, field

import numpy as np

from . import engine
from .binder import (
    COMPARE,
    HAND,
    POINT,
    Binder,
    NotHere,
    agreed,
    is_array,
    own_functions,
    plain_letter,
    spend,
    weight_of,
)
from .errors import EquationRefuted, UnreadableEquation, caret
from .given import Given
from .reader import parse
from .tree import Derivative, Dots, Equivalence, Group, Juxt, Name, Number, Relation, Scripted, Sum, to_latex, walk

TOLERANCE = 1e-9
FLOOR = 1e-3  # below this, differences are measured against FLOOR, not against the numbers themselves
MOST_WEIGHTS = 10_000
DRAWS = 5  # of given=
POINTS = tuple(round(-4.9 + 0.41 * n, 3) for n in range(25))  # where σ(z) is compared; 0 is not among them
STEPS = 5  # halvings of h behind a measured order
SLOPE = 0.2  # by how much a measured order may differ from the printed one
NEAR = 1e-3  # how close the two sides of an inequality must come in some draw
LAYERED_NAMES = {"w", "b", "z", "a", "f", "n", "W", "Z", "A", r"\delta", r"\Delta"}
RANGE_SIGNS = {"<", r"\le", ">", r"\ge"}


@dataclass
class Outcome:
    """What a check found: how many numbers were compared, and with how many of the package's."""

    comparisons: int = 0
    package: int = 0
    draws: int = 0
    tolerance: float = TOLERANCE
    kinds: set = field(default_factory=set)


def check(latex, *, label="an equation", against_package=True, worlds=None, **assumptions) -> Outcome:
    """Evaluate one displayed equation; the assumptions are those of `verify`.

    ``worlds`` are the draws to use again, as `worlds_of` made them for the same arguments.

    Raises
    ------
    UnreadableEquation, EquationRefuted
    """
    options = checked_options(**assumptions)
    statement = parse(latex)
    try:
        return _check(statement, options, worlds or worlds_of(label, options), against_package)
    except UnreadableEquation as error:
        raise error.located(latex) from None
    except EquationRefuted as error:
        raise EquationRefuted(f"{label} does not hold\n{caret(latex, None)}\n{error}", latex) from None
    except (OverflowError, FloatingPointError, ZeroDivisionError) as error:
        raise UnreadableEquation(f"the numbers run out of range ({error})", latex, None) from None
    except RecursionError:
        raise UnreadableEquation("the equation is nested too deeply", latex, 0) from None


def checked_options(
    sizes=None, hidden=None, output=None, cost=None, penalty=None, targets=None, given=None, tolerance=TOLERANCE
):
    """Return the assumptions of a check in one form, or say which argument is wrong."""
    if sizes is not None:
        several = isinstance(sizes, list | tuple) and len(sizes) > 0 and all(isinstance(s, list | tuple) for s in sizes)
        sizes = [_sizes(s) for s in (sizes if several else [sizes])]
    hidden = (
        [_activation(h, "hidden") for h in hidden]
        if isinstance(hidden, list | tuple)
        else _activation(hidden, "hidden")
    )
    if hidden == "softmax" or (isinstance(hidden, list) and "softmax" in hidden):
        raise ValueError("verify: hidden must be elementwise activations; got softmax")
    output = _activation(output, "output")
    if cost is not None:
        cost = cost if isinstance(cost, str) else getattr(cost, "__name__", type(cost).__name__)
        if cost not in engine.COSTS:
            raise ValueError(f"verify: cost must be one of {', '.join(engine.COSTS)}; got {cost}")
    if penalty is not None:
        kind = type(penalty).__name__
        strength = getattr(penalty, "strength", getattr(penalty, "lam", getattr(penalty, "lambda_", None)))
        if isinstance(penalty, tuple):
            kind, strength = penalty
        if kind not in ("L1", "L2") or strength is None:
            raise ValueError(f"verify: penalty must be L1 or L2 with one strength; got {penalty!r}")
        penalty = (kind, float(strength))
    if targets not in (None, "any"):
        raise ValueError(f"verify: targets must be 'any' or left out; got {targets!r}")
    if given is not None and not callable(given):
        raise TypeError(
            f"verify: given must be a function of rng that returns a dictionary; got {type(given).__name__}"
        )
    if given is not None and any(v is not None for v in (sizes, hidden, output, cost, penalty, targets)):
        raise ValueError(
            "verify: given supplies every value itself; sizes, hidden, output, cost, penalty and targets are for "
            "equations about networks"
        )
    if not (isinstance(tolerance, int | float) and 0 < tolerance < 1):
        raise ValueError(f"verify: tolerance must be a number between 0 and 1; got {tolerance!r}")
    return {
        "sizes": sizes,
        "hidden": hidden,
        "output": output,
        "cost": cost,
        "penalty": penalty,
        "targets": targets,
        "given": given,
        "tolerance": tolerance,
    }


def _sizes(sizes):
    if (
        not isinstance(sizes, list | tuple)
        or len(sizes) < 2
        or not all(isinstance(n, int | np.integer) and not isinstance(n, bool) and n > 0 for n in sizes)
    ):
        raise ValueError(f"verify: sizes must be a list of at least 2 positive whole numbers; got {sizes!r}")
    weights = sum(p * q for p, q in itertools.pairwise(sizes))
    if weights > MOST_WEIGHTS:
        raise ValueError(f"verify: sizes must make at most {MOST_WEIGHTS:,} weights; {list(sizes)} make {weights:,}")
    return [int(n) for n in sizes]


def _activation(value, argument):
    if value is None:
        return None
    name = value if isinstance(value, str) else getattr(value, "name", getattr(value, "__name__", None))
    if name not in engine.ACTIVATIONS and name != "softmax":
        raise ValueError(f"verify: {argument} must be one of {', '.join(engine.ACTIVATIONS)}, softmax; got {value!r}")
    return name


# --- the claims of one statement -----------------------------------------------------------------------------------


def worlds_of(label, options):
    """Draw what an equation is evaluated on: (network, None), or (None, the dictionary that given= returned)."""
    if options["given"] is not None:
        return _given_worlds(options["given"], label)
    assumed = {name: options[name] for name in ("sizes", "hidden", "output", "cost", "penalty", "targets")}
    return [(network, None) for network in engine.drawn(label, **assumed)]


def _check(statement, options, worlds, against_package):
    claims, ranges = _separated(statement, options["given"] is not None)
    outcome = Outcome(tolerance=options["tolerance"])
    spent = [0]
    for claim in claims:
        _Claim(claim, ranges, worlds, options, outcome, spent, against_package).run()
    unused = set(ranges) - {letter for claim in claims for letter in _letters(claim, True)}
    if unused:
        raise UnreadableEquation(
            f"a range is stated for {', '.join(sorted(unused))}, which is no free index here", position=0
        )
    outcome.draws = len(worlds)
    return outcome


def _given_worlds(given, label):
    worlds = []
    for draw in range(DRAWS):
        values = given(np.random.default_rng(engine.seed_of("given", label, draw)))
        if isinstance(values, list | tuple):
            worlds = [(None, v) for v in values]
            break
        worlds.append((None, values))
    if not worlds:
        raise ValueError("verify: given returned no values")
    for _, values in worlds:
        if not isinstance(values, dict):
            raise TypeError(
                "verify: given must return a dictionary from printed symbols to values, or a list of them; "
                f"got {type(values).__name__}"
            )
    return worlds


def _separated(statement, given):
    r"""Part the claims from the ranges stated behind them, ``2 \le l < L`` or ``l = 2, \dots, L - 1``."""
    items = list(statement.items)
    for item in items:
        if isinstance(item, Relation) and not item.signs and not _stands_in_range(items, item):
            raise UnreadableEquation("this claims nothing: no = in it", position=item.position)
    letters = set().union(*(_letters(item, given) for item in items))
    claims, ranges = [], {}
    n = 0
    while n < len(items):
        item = items[n]
        if (
            isinstance(item, Relation)
            and item.signs == ("=",)
            and plain_letter(item.sides[0]) in letters
            and n + 2 < len(items) + 1
            and any(isinstance(i, Dots) for i in items[n : n + 4])
        ):
            stop = next(m for m in range(n, len(items)) if isinstance(items[m], Dots)) + 1
            if stop >= len(items) or items[stop].signs:
                raise UnreadableEquation("a range ends with its last value", position=item.position)
            first = item.sides[1]
            for step, between in enumerate(items[n + 1 : stop - 1], start=1):
                start = first.text if isinstance(first, Number) else ""
                if not start.isdigit() or between.signs or between.sides != (Number(str(int(start) + step)),):
                    raise UnreadableEquation(
                        "a range counts up by 1: first, the ones after it, dots, last", position=between.position
                    )
            ranges[item.sides[0].text] = _limits("=", first, "=", items[stop].sides[0], item)
            n = stop + 1
            continue
        if (
            isinstance(item, Relation)
            and len(item.signs) == 2
            and set(item.signs) <= RANGE_SIGNS
            and plain_letter(item.sides[1]) in letters
            and len(items) > 1
        ):
            low, high = item.sides[0], item.sides[2]
            signs = item.signs
            if len({sign in ("<", r"\le") for sign in signs}) > 1:
                raise UnreadableEquation("a range whose signs point in two directions", position=item.position)
            if signs[0] in (">", r"\ge"):
                low, high, signs = high, low, tuple({">": "<", r"\ge": r"\le"}[s] for s in reversed(signs))
            ranges[item.sides[1].text] = _limits(signs[0], low, signs[1], high, item)
        elif isinstance(item, Dots):
            raise UnreadableEquation("dots mean nothing definite here", position=item.position)
        else:
            claims.append(item)
        n += 1
    return claims, ranges


def _stands_in_range(items, item):
    place = items.index(item)
    return any(isinstance(i, Dots) for i in items[max(0, place - 2) : place + 3])


def _limits(low_sign, low, high_sign, high, node):
    if low_sign == "<":
        low = Sum(("+", "+"), (low, Number("1")))
    if high_sign == "<":
        high = Sum(("+", "-"), (high, Number("1")))
    return low, high, node


def _letters(node, given):
    """Return the small letters that stand as an index somewhere in ``node``."""
    letters = set()
    for part in walk(node):
        if not isinstance(part, Scripted):
            continue
        base = part.base.text if isinstance(part.base, Name) else None
        scripts = list(part.sub or ())
        if base in LAYERED_NAMES:
            scripts += list(part.sup or ())
        for script in scripts:
            letters |= {p.text for p in walk(script) if plain_letter(p) and p.text.islower()}
    return letters


class _Claim:
    """One relation (or equivalence), compiled anew for each world and compared over all its free indices."""

    def __init__(self, claim, ranges, worlds, options, outcome, spent, against_package):
        self.claim, self.ranges, self.worlds = claim, ranges, worlds
        self.options, self.outcome, self.spent = options, outcome, spent
        self.against_package = against_package
        self.tolerance = outcome.tolerance
        self.compared = 0
        pairs = len(claim.signs) if isinstance(claim, Relation) else 1
        self.seen_nonzero = [False] * pairs
        self.nearest = [math.inf] * pairs
        self.truths = set()
        self.only_points = False
        if isinstance(claim, Relation):
            for left, right in zip(claim.sides, claim.sides[1:]):
                if left == right:
                    raise UnreadableEquation(
                        "both sides are the same, letter for letter: this claims nothing", position=claim.position
                    )
        relations = [claim] if isinstance(claim, Relation) else [claim.left, claim.right]
        for relation in relations:
            if r"\approx" in relation.signs and options["tolerance"] == TOLERANCE:
                raise UnreadableEquation(
                    r"\approx needs its tolerance stated: verify(…, tolerance=…)", position=relation.position
                )

    def run(self):
        skipped = None
        for network, values in self.worlds:
            try:
                self._run_world(network, values)
            except NotHere as error:
                if network is None or self.options["sizes"] is not None:
                    raise
                skipped = error
            if self.only_points:  # σ(z) = … is the same in every network
                break
        if not self.compared:
            if skipped is not None:
                raise UnreadableEquation(
                    f"{skipped.reason}; no drawn network has it: state sizes=", position=skipped.position
                )
            raise UnreadableEquation(
                "nothing was compared: no value of the free indices satisfies every symbol",
                position=self.claim.position,
            )
        if isinstance(self.claim, Equivalence):
            if self.truths != {True, False}:
                raise UnreadableEquation(
                    "an equivalence needs draws on both sides of it; here both sides are always "
                    f"{'true' if True in self.truths else 'false'}",
                    position=self.claim.position,
                )
            return
        for sign, nonzero, near in zip(self.claim.signs, self.seen_nonzero, self.nearest):
            if sign in ("=", r"\approx") and not nonzero:
                raise UnreadableEquation("both sides were 0 in every comparison", position=self.claim.position)
            if sign in RANGE_SIGNS and near > NEAR:
                raise EquationRefuted(
                    f"    the inequality is never tight: the sides come no closer than {near:.1e} "
                    "of their size in any draw"
                )

    # -- one world --

    def _run_world(self, network, values):
        given = None
        landau = self._landau_symbol()
        if values is not None:
            given = Given(values)
            if landau is not None and given.find(landau) is None:
                given.add(to_latex(landau).strip(), 0.1)
        elif landau is not None:
            given = Given({})
            raise UnreadableEquation("O(…) needs values: given=", position=self.claim.position)
        binder = Binder(given, self.options["hidden"])
        binder.letters = frozenset(_letters(self.claim, given is not None))
        if isinstance(self.claim, Equivalence):
            sides = [binder.truth(self.claim.left), binder.truth(self.claim.right)]
        else:
            sides = [binder.expression(side) for side in self.claim.sides]
        loops = self._loops(binder)
        env = {"net": network, "functions": own_functions(), "spent": self.spent, "given": {}}
        self.only_points = binder.point is not None
        package = None
        if (
            network is not None
            and self.against_package
            and self.options["targets"] is None
            and isinstance(self.claim, Relation)
        ):
            package = _package_env(network, self.claim.sides[0])
        where = network.describe() if network is not None else ""
        weight = weight_of(self.claim)
        for inner in self._bindings(loops, env, binder):
            spend(env, weight)
            try:
                if landau is not None:
                    self._order(binder, given, sides, inner, loops)
                elif isinstance(self.claim, Equivalence):
                    self._equivalent(sides, inner, loops)
                else:
                    self._compare(sides, inner, loops, where, package, given)
            except UnreadableEquation as error:
                if error.position is None:
                    error.position = self.claim.position
                raise

    def _landau_symbol(self):
        for part in walk(self.claim):
            if (
                isinstance(part, Juxt)
                and len(part.items) == 2
                and plain_letter(part.items[0]) == "O"
                and isinstance(part.items[1], Group)
                and len(part.items[1].items) == 1
            ):
                inside = part.items[1].items[0]
                return inside.base if isinstance(inside, Scripted) and inside.sup is not None else inside
        return None

    def _loops(self, binder):
        uses = binder.free.uses
        for letter in uses:
            if letter in binder.bound_letters:
                raise UnreadableEquation(
                    f"{letter} is bound by a sum in one place and free in another",
                    position=uses[letter][0].node.position,
                )
            if all(use.kind == "value" for use in uses[letter]):
                raise UnreadableEquation(f"{letter} stands nowhere as an index", position=uses[letter][0].node.position)
        if binder.hand is not None and binder.explicit is not None:
            raise UnreadableEquation(
                "one symbol is of the sample at hand, another names its sample", position=binder.explicit.position
            )
        if binder.point is not None and binder.layered is not None:
            raise UnreadableEquation("this symbol needs its layer and unit", position=binder.point.position)
        order = {"layer": 0, "axis": 1, "sample": 2, "unit": 3}
        loops = []
        for letter, places in uses.items():
            real = [use for use in places if use.kind != "value"]
            loops.append((min(order[use.kind] for use in real), letter, real))
        return [(letter, real) for _, letter, real in sorted(loops, key=lambda item: item[:2])]

    def _bindings(self, loops, env, binder):
        if not loops:
            for k in range(1, env["net"].N + 1) if binder.hand is not None else (None,):
                for point in POINTS if binder.point is not None else (None,):
                    yield {**env, HAND: k, POINT: point}
            return
        (letter, uses), rest = loops[0], loops[1:]
        try:
            values = agreed(letter, uses, env, uses[0].node)
        except KeyError as error:
            raise UnreadableEquation(
                f"the range of {letter} depends on {error.args[0]}, which is not fixed here",
                position=uses[0].node.position,
            ) from None
        if letter in self.ranges:
            low, high, node = self.ranges[letter]
            low, high = (self._limit(side, env, binder) for side in (low, high))
            if node.signs == ("=",) and low > high:  # l = L - 1, …, 2 runs downwards
                low, high = high, low
            inside = low >= values.start and high < values.stop
            if not inside or (
                uses[0].kind != "axis" and (low, high) != (values.start, values.stop - 1) and len(values)
            ):
                raise UnreadableEquation(
                    f"the stated range {low} … {high} of {letter} is not that of its symbols, "
                    f"{values.start} … {values.stop - 1}",
                    position=node.position,
                )
            values = range(low, high + 1)
        for value in values:
            yield from self._bindings(rest, {**env, letter: value}, binder)

    def _limit(self, node, env, binder):
        spare = Binder(binder.given, binder.hidden)
        value = spare.bound(node)(env)
        return int(value)

    # -- comparing --

    def _sides(self, sides, env):
        return [_real(side(env)) for side in sides]

    def _compare(self, sides, env, loops, where, package, given):
        values = self._sides(sides, env)
        for n, sign in enumerate(self.claim.signs):
            self._pair(
                n,
                sign,
                values[n],
                values[n + 1],
                env,
                loops,
                where,
                ("left side", "right side") if len(values) == 2 else (f"side {n + 1}", f"side {n + 2}"),
            )
        if package is not None:
            theirs = package.value(sides[0], env)
            if theirs is not None:
                before = self.compared
                other = 1 if self.claim.signs[0] == "=" else 0  # of an inequality, the same side by definition
                names = ("the package", "right side" if other else "left side")
                self._pair(0, "=", _real(theirs), values[other], env, loops, where, names)
                self.outcome.package += self.compared - before
        if given is not None and given.package is not None:
            before = self.compared
            theirs = _called_with_symbols(given, env)
            self._pair(0, "=", _real(theirs), values[-1], env, loops, where, ("the package", "right side"))
            self.outcome.package += self.compared - before

    def _pair(self, n, sign, left, right, env, loops, where, names):
        if is_array(left) != is_array(right) or (is_array(left) and left.shape != right.shape):

            def kind(v):
                return f"an array of shape {v.shape}" if is_array(v) else "a number"

            raise UnreadableEquation(f"the sides are {kind(left)} and {kind(right)}", position=self.claim.position)
        if not is_array(left):
            self._numbers(n, sign, left, right, env, loops, where, names, "")
            return
        for (row, column), a in np.ndenumerate(left):
            entry = f", entry {row + 1}" if left.shape[1] == 1 else f", row {row + 1}, column {column + 1}"
            self._numbers(n, sign, float(a), float(right[row, column]), env, loops, where, names, entry)

    def _numbers(self, n, sign, left, right, env, loops, where, names, entry):
        self._count()
        if not (math.isfinite(left) and math.isfinite(right)):
            raise EquationRefuted(
                self._place(env, loops, where, entry) + f"\n    a side is not finite: {left!r}, {right!r}"
            )
        size = max(abs(left), abs(right))
        loose = r"\approx" in self.claim.signs
        tolerance = TOLERANCE if loose and sign == "=" else self.tolerance
        if sign in ("=", r"\approx"):
            self.seen_nonzero[n] = self.seen_nonzero[n] or size > 0
            error = abs(left - right) / max(size, FLOOR)
            holds = error <= tolerance
        else:
            gap = (right - left) if sign in ("<", r"\le") else (left - right)
            error = abs(gap) / max(size, FLOOR)
            if sign in (r"\le", r"\ge") and error <= self.tolerance:
                gap = 0.0
            holds = COMPARE[sign](*((0.0, gap) if sign in ("<", r"\le") else (gap, 0.0)))
            if sign in ("<", r"\le"):
                holds = gap > 0 if sign == "<" else gap >= 0
            else:
                holds = gap > 0 if sign == ">" else gap >= 0
            if size > 0:
                self.nearest[n] = min(self.nearest[n], error)
        if not holds:
            raise EquationRefuted(
                f"{self._place(env, loops, where, entry)}\n    {names[0]:<11} {left: .12g}\n    {names[1]:<11} "
                f"{right: .12g}\n    error       {error: .1e} of their size (tolerance {tolerance:.0e})"
            )

    def _count(self):
        self.compared += 1
        self.outcome.comparisons += 1

    def _place(self, env, loops, where, entry):
        parts = [f"{letter} = {env[letter]}" for letter, _ in loops]
        if env.get(HAND) is not None and HAND in env:
            parts.append(f"sample {env[HAND]}")
        if env.get(POINT) is not None:
            parts.append(f"the point {env[POINT]}")
        place = ", ".join(parts) + entry
        return f"    first at {place.lstrip(', ') or 'the only comparison'}" + (f"\n    in a {where}" if where else "")

    def _equivalent(self, sides, env, loops):
        self._count()
        left, right = sides[0](env), sides[1](env)
        self.truths.add(left)
        if left != right:
            raise EquationRefuted(
                self._place(env, loops, "", "") + f"\n    left side is {str(left).lower()}, right "
                f"side is {str(right).lower()}"
            )

    def _order(self, binder, given, sides, env, loops):
        """Measure with which power of h the two sides come together, and compare with the printed one."""
        symbols = {to_latex(s) for s, _ in binder.landau}
        if len(binder.landau) != 1 or len(symbols) != 1 or len(sides) != 2 or self.claim.signs != ("=",):
            raise UnreadableEquation("one O term in one = is read", position=self.claim.position)
        symbol, order = binder.landau[0]
        entry = given.find(symbol)
        start = float(entry.read(env, ()))
        sizes, gaps = [], []
        for n in range(STEPS):
            h = start / 2**n
            inner = {**env, "given": {**env["given"], entry.key: h}}
            left, right = self._sides(sides, inner)
            if is_array(left) or is_array(right):
                raise UnreadableEquation("an order is measured on numbers, not on arrays", position=self.claim.position)
            sizes.append(abs(h))
            gaps.append(abs(left - right))
            if given.package is not None:
                theirs = _real(_called_with_symbols(given, inner))
                self._pair(0, "=", theirs, right, inner, loops, "", ("the package", "right side"))
                self.outcome.package += 1
        self._count()
        self.seen_nonzero[0] = True
        first, last = gaps[1], gaps[-1]
        if min(gaps) < 1e-14:
            raise EquationRefuted(
                self._place(env, loops, "", "") + f"\n    the sides differ by {min(gaps):.1e}: "
                "there is no remainder to measure"
            )
        slope = math.log(first / last) / math.log(sizes[1] / sizes[-1])
        if abs(slope - order) > SLOPE:
            raise EquationRefuted(
                f"{self._place(env, loops, '', '')}\n    the remainder shrinks like "
                f"{to_latex(symbol).strip()}^{slope:.2f}, not like {to_latex(symbol).strip()}^{order:g}: it is "
                f"{gaps[1]:.3e} at {sizes[1]:g} and {gaps[-1]:.3e} at {sizes[-1]:g}"
            )


def _real(value):
    """Return a real number or array; an imaginary part that is left over is an error."""
    if is_array(value):
        if np.iscomplexobj(value):
            if np.abs(value.imag).max(initial=0) > 1e-9:
                raise UnreadableEquation("an imaginary part is left over")
            value = value.real
        return value.astype(float)
    value = complex(value)
    if abs(value.imag) > 1e-9:
        raise UnreadableEquation(f"an imaginary part is left over: {value:.6g}")
    return value.real


def _called_with_symbols(given, env):
    """The check's own "package" value: a number, an array, or a function of given symbols and index letters."""
    package = given.package
    if not callable(package):
        result = package
    else:
        values = {}
        for name in inspect.signature(package).parameters:
            if name in env:
                values[name] = env[name]
            elif name in given.by_identifier:
                values[name] = given.by_identifier[name].read(env, ())
            else:
                raise ValueError(f"verify: 'package' asks for {name}, which is neither given nor an index")
        result = package(**values)
    result = np.asarray(result)
    if result.ndim == 0:
        return result.item()
    return result.reshape(-1, 1) if result.ndim == 1 else result


def _package_env(network, side):
    """Return the package's view of the same numbers when it has a function for this side, else None."""
    base = side.base if isinstance(side, Scripted) else side
    known = (
        isinstance(side, Derivative)
        or (isinstance(base, Name) and base.text in (LAYERED_NAMES | {"C", "J", "P"}))
        or (isinstance(side, Juxt) and len(side.items) == 2)
    )
    if not known:
        return None
    from .package_side import PackageSide

    return PackageSide(network)


def verify(
    label=None,
    *,
    sizes=None,
    hidden=None,
    output=None,
    cost=None,
    given=None,
    tolerance=TOLERANCE,
    penalty=None,
    targets=None,
    latex=None,
):
    r"""Evaluate a printed equation from its own LaTeX, and raise unless it holds.

    Networks are drawn at random, with pairwise different layer sizes; every ∂ is taken by nudging the network itself
    (complex step); both sides are compared for every value of every free index, and where the package has a function
    for the left side, its result is compared too. The numbers drawn depend on the label alone.

    Parameters
    ----------
    label : str, optional
        The label behind the closing ``$$`` of the equation, such as ``"eq-hidden-delta"``. The equation is looked up in
        the running notebook, else in the notebooks and Markdown files of the current folder.
    latex : str, optional
        The equation itself, for experiments; then nothing is looked up.
    sizes : list of int, optional
        Units in layers 1 … L, or a list of such lists; without it, networks of 3 to 5 layers are drawn.
    hidden, output : str or activation, optional
        The assumed activations; without them they vary, elementwise and smooth.
    cost : cost, class of a cost, or its name, optional
        The assumed cost; without it, it varies.
    given : function, optional
        For an equation that is not about a network: a function of ``rng`` that returns a dictionary from printed
        symbols to values (numbers, arrays, functions, `nnbook.equations.Distribution`). The key ``"package"`` holds
        the package's own result, compared with the last side.
    penalty : L1 or L2, optional
        The penalty in J; without it, L2 of a drawn strength.
    targets : "any", optional
        Draw targets that do not add up to 1 for categorical cross-entropy too; the package, which refuses such targets,
        is then not compared.
    tolerance : float, optional
        Largest difference relative to the larger side, 1e-9 when left out; must be stated where ``\approx`` stands.

    Raises
    ------
    EquationRefuted
        (an AssertionError and a ValueError) with the equation, the first failing indices, both sides and the error.
    UnreadableEquation
        (a ValueError) when the equation cannot be read or means nothing definite, with a caret at the place.

    Examples
    --------
    >>> import nnbook as nn
    >>> nn.verify(latex=r"\delta^l_j = \frac{\partial C}{\partial z^l_j}")
    the equation  holds (714 comparisons, tolerance 1e-9)
    """
    if (label is None) == (latex is None):
        raise TypeError("verify: give either a label or latex=, not both and not neither")
    if label is not None and not isinstance(label, str):
        raise TypeError(f"verify: label must be a string; got {type(label).__name__}")
    if latex is not None and not isinstance(latex, str):
        raise TypeError(f"verify: latex must be a string; got {type(latex).__name__}")
    if label is not None:
        from .lookup import find

        latex = find(label)
    name = label or "the equation"
    outcome = check(
        latex,
        label=name,
        sizes=sizes,
        hidden=hidden,
        output=output,
        cost=cost,
        penalty=penalty,
        targets=targets,
        given=given,
        tolerance=tolerance,
    )
    print(line(name, outcome))


def line(name, outcome):
    """The one line that says an equation holds."""
    exponent = f"{outcome.tolerance:.0e}".replace("e-0", "e-")
    return f"{name}  holds ({outcome.comparisons:,} comparison{'s' * (outcome.comparisons != 1)}, tolerance {exponent})"
