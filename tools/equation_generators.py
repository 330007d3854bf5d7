r"""Generates wrong equations of other kinds than the mutants, which must be refused, and rewritings, which must hold.

The wrong ones change the meaning of an equation but hardly its appearance: an index that becomes a number, a range that
loses its end, a term that slips into a sum, a letter that is used twice, a factor near 1, a shift near 0, an assumption
that is dropped. They are made from equations that hold, in the book's notation and others, and from random identities.

As a command, ``python tools/equation_generators.py 10000 SEED`` makes 10,000 of each kind and prints those that are
misjudged.
"""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass, field
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent / "tests" / "equations"
if str(TESTS) not in sys.path:
    sys.path.insert(0, str(TESTS))

from corpus import NETWORK  # noqa: E402
from equation_translation import LETTERS, plain, translated  # noqa: E402
from notations_table import RIGHT  # noqa: E402

from nnbook.equations import EquationError, check  # noqa: E402
from nnbook.equations.indices import index_letter, spread  # noqa: E402
from nnbook.equations.language.reader import parse  # noqa: E402
from nnbook.equations.language.tree import (  # noqa: E402
    Big,
    Group,
    Juxt,
    Name,
    Number,
    Relation,
    Scripted,
    Statement,
    Sum,
    Top,
    children,
    replaced,
    to_latex,
    walk,
)

ZERO = Number("0")
ASSUMED = (  # equations that hold only under their assumptions: without them they must not hold
    "eq-squared-error",
    "eq-binary-cross-entropy",
    "eq-bce-from-z",
    "eq-output-delta-sigmoid",
    "eq-softmax",
    "eq-categorical-cross-entropy",
    "eq-delta-matched-linear",
    "eq-delta-matched-sigmoid",
    "eq-delta-matched-softmax",
    "eq-linear-collapse",
)


@dataclass(frozen=True)
class Source:
    """An equation that holds: one relation, its notation and its assumptions."""

    name: str
    claim: Relation
    notation: str = "book"
    assumed: dict = field(default_factory=dict)

    def latex(self, claim=None):
        return to_latex(Statement((claim or self.claim,)))


@dataclass(frozen=True)
class Made:
    """What a generator made: the change, the LaTeX, and the arguments for judging it."""

    change: str
    latex: str
    notation: str
    assumed: dict


def sources():
    """Return the equations that the generators start from: those about networks with exactly one =."""
    printed = [(label, "book", latex, assumed) for label, latex, assumed in NETWORK]
    printed += [(n, n, latex, assumed) for n, table in RIGHT.items() for latex, assumed in table]
    found = []
    for name, notation, latex, assumed in printed:
        for item in parse(latex).items:
            if (
                isinstance(item, Relation)
                and item.signs == ("=",)
                and ZERO not in item.sides
                and not index_letter(item.sides[0])
            ):
                found.append(Source(name, item, notation, assumed))
    return found


# --- wrong ones -----------------------------------------------------------------------------------------------------


def wrong(count, seed=0):
    """Yield ``count`` wrong equations."""
    rng, pool = random.Random(seed), sources()
    kinds = (_near_one, _near_zero, _literal, _cut, _moved, _reused, _dropped)
    made = 0
    while made < count:
        if rng.random() < 0.2:
            yield _wrong_identity(rng)
            made += 1
            continue
        source, kind = rng.choice(pool), rng.choice(kinds)
        new = kind(source, rng)
        if new is None:
            continue
        made += 1
        yield new


def _made(change, source, claim, assumed=None):
    return Made(change, source.latex(claim), source.notation, source.assumed if assumed is None else assumed)


def _sided(claim, side):
    return Relation(claim.signs, (claim.sides[0], side), position=claim.position)


def _near_one(source, rng):
    factor = Number(f"1.{'0' * rng.randint(2, 6)}{rng.randint(1, 9)}")
    return _made(
        "constant near 1", source, _sided(source.claim, Juxt((factor, Group("paren", (source.claim.sides[1],)))))
    )


def _near_zero(source, rng):
    shift = Number(f"0.{'0' * rng.randint(2, 5)}{rng.randint(1, 9)}")
    signs = ("+", rng.choice("+-"))
    return _made("shift near 0", source, _sided(source.claim, Sum(signs, (source.claim.sides[1], shift))))


def _free_units(claim):
    """Return the letters that are subscripts on both sides of a claim and are bound nowhere."""
    bound = {part.index.text for part in walk(claim) if isinstance(part, Big)}
    sides = []
    for side in claim.sides:
        sides.append(
            {
                place.text
                for part in walk(side)
                if isinstance(part, Scripted) and part.sub is not None and getattr(part.base, "text", "") != "n"
                for place in spread(part.sub)
                if index_letter(place)
            }
        )
    return sorted(set.intersection(*sides) - bound)


def _renamed(node, letter, new):
    """Return ``node`` with an index letter replaced wherever it is a subscript."""
    if isinstance(node, Big) and node.index.text == letter:
        return node
    if isinstance(node, Scripted) and node.sub is not None:
        places = tuple(new if index_letter(p) == letter else p for p in spread(node.sub))
        sub = (Juxt(places),) if len(places) > 1 else places
        node = Scripted(node.base, sub, node.sup, node.primes, position=node.position)
    for path, child in list(children(node)):
        if isinstance(node, Scripted) and (path[0] == "sub" or isinstance(child, Name)):
            continue
        fresh = _renamed(child, letter, new)
        if fresh is not child:
            node = replaced(node, path, fresh)
    return node


def _literal(source, rng):
    letters = _free_units(source.claim)
    if not letters:
        return None
    side = _renamed(source.claim.sides[1], rng.choice(letters), Number("1"))
    return _made("literal index", source, _sided(source.claim, side))


def _cut(source, rng):
    sums = [p for p in _places(source.claim) if isinstance(p[1], Big) and p[1].how == "=" and p[1].operator == r"\sum"]
    if not sums:
        return None
    path, big = rng.choice(sums)
    if rng.random() < 0.5 and isinstance(big.low, Number):
        new = Big(big.operator, big.index, "=", Number(str(int(big.low.text) + 1)), big.high, big.body)
    else:
        new = Big(big.operator, big.index, "=", big.low, Sum(("+", "-"), (big.high, Number("1"))), big.body)
    return _made("range cut", source, _put(source.claim, path, new))


def _moved(source, rng):
    """Move a term after a sum into it."""
    found = [
        (path, node, n)
        for path, node in _places(source.claim)
        if isinstance(node, Sum)
        for n, item in enumerate(node.items[:-1])
        if isinstance(item, Big) and item.operator == r"\sum"
    ]
    if not found:
        return None
    path, node, n = rng.choice(found)
    big = node.items[n]
    body = Group("paren", (Sum(("+", node.signs[n + 1]), (big.body, node.items[n + 1])),))
    inner = Big(big.operator, big.index, big.how, big.low, big.high, body)
    signs, items = node.signs[: n + 1] + node.signs[n + 2 :], (*node.items[:n], inner, *node.items[n + 2 :])
    new = Sum(signs, items) if len(items) > 1 or signs != ("+",) else inner
    return _made("scope moved", source, _put(source.claim, path, new))


def _reused(source, rng):
    """Use one of two free unit letters for both on one side."""
    letters = _free_units(source.claim)
    if len(letters) < 2:
        return None
    one, other = rng.sample(letters, 2)
    return _made("letter reused", source, _sided(source.claim, _renamed(source.claim.sides[1], one, Name(other))))


def _dropped(source, rng):
    if source.name not in ASSUMED:
        return None
    return _made("assumption dropped", source, source.claim, {})


def _places(node, path=()):
    yield path, node
    for step, child in children(node):
        yield from _places(child, (*path, step))


def _put(node, path, new):
    if not path:
        return new
    step, rest = path[0], path[1:]
    child = dict(children(node))[step]
    return replaced(node, step, _put(child, rest, new))


# --- random identities ----------------------------------------------------------------------------------------------

IDENTITIES = (
    ("({p} + {q})^2", "({p})^2 + 2 ({p}) ({q}) + ({q})^2"),
    ("({p} - ({q})) ({p} + {q})", "({p})^2 - ({q})^2"),
    ("({p}) ({q} + {r})", "({p}) ({q}) + ({p}) ({r})"),
    ("({p} + {q})^3", "({p})^3 + 3 ({p})^2 ({q}) + 3 ({p}) ({q})^2 + ({q})^3"),
    (r"\sigma(-({p})) + 0 ({q})", r"1 - \sigma({p})"),
    (r"\tanh({p})", r"2 \sigma(2 ({p})) - 1"),
    (r"\sin^2({p}) + \cos^2({p})", "1"),
    (r"\cos({p} + {q})", r"\cos({p}) \cos({q}) - \sin({p}) \sin({q})"),
    (r"(1 - {x}) \sum_{{i=0}}^{{s-1}} {x}^i", "1 - {x}^s"),
)


SMALL = ("u", "v", "x", "u + v", "2 u", "u v", "x - v", "3 - u", r"\frac{u}{2}", "u + 1")


def identity(rng):
    """Return (left, right) of a random true identity between free numbers."""
    left, right = rng.choice(IDENTITIES)
    p, q = rng.sample(SMALL, 2)
    parts = {"p": p, "q": q, "r": rng.choice(SMALL), "x": rng.choice("uvx")}
    return left.format(**parts), right.format(**parts)


def _wrong_identity(rng):
    left, right = identity(rng)
    factor = f"1.{'0' * rng.randint(2, 6)}{rng.randint(1, 9)}"
    change, other = rng.choice(
        (
            ("constant near 1", f"{factor} ({right})"),
            ("shift near 0", f"{right} + 0.{'0' * rng.randint(2, 5)}{rng.randint(1, 9)}"),
            ("letter reused", f"{right} + u - w"),
        )
    )
    return Made(f"identity, {change}", f"{left} = {other}", "book", {})


# --- correct rewritings ---------------------------------------------------------------------------------------------


def right(count, seed=0):
    """Yield ``count`` rewritings that mean the same."""
    rng, pool = random.Random(seed), sources()
    kinds = (_swapped, _one_side, _doubled, _other_letters, _split, _twice, _translated, _added)
    made = 0
    while made < count:
        if rng.random() < 0.15:
            left, other = identity(rng)
            yield Made("identity", f"{left} = {other}", "book", {})
            made += 1
            continue
        source, kind = rng.choice(pool), rng.choice(kinds)
        new = kind(source, rng)
        if new is None:
            continue
        made += 1
        yield new


def _swapped(source, rng):
    return _made("sides moved", source, Relation(("=",), source.claim.sides[::-1]))


def _one_side(source, rng):
    left, other = source.claim.sides[:2]
    if len(source.claim.sides) > 2:
        return None
    return _made("all on one side", source, Relation(("=",), (Sum(("+", "-"), (left, Group("paren", (other,)))), ZERO)))


def _doubled(source, rng):
    sides = tuple(Juxt((Number("2"), Group("paren", (side,)))) for side in source.claim.sides)
    return _made("both sides doubled", source, Relation(("=",) * (len(sides) - 1), sides))


def _added(source, rng):
    sides = tuple(Sum(("+", "+"), (side, source.claim.sides[0])) for side in source.claim.sides)
    return _made("the same added to both sides", source, Relation(("=",) * (len(sides) - 1), sides))


def _other_letters(source, rng):
    letters = _free_units(source.claim)
    if not letters:
        return None
    taken = {p.text for p in walk(source.claim) if isinstance(p, Name)}
    fresh = [c for c in "pqru" if c not in taken]
    if not fresh:
        return None
    new = Name(rng.choice(fresh))
    letter = rng.choice(letters)
    sides = tuple(_renamed(side, letter, new) for side in source.claim.sides)
    return _made("index letters renamed", source, Relation(source.claim.signs, sides))


def _split(source, rng):
    sums = [
        p
        for p in _places(source.claim)
        if isinstance(p[1], Big) and p[1].operator == r"\sum" and p[1].how == "=" and p[1].low == Number("1")
    ]
    if not sums or source.notation != "book" or "sizes" in source.assumed:
        return None
    path, big = rng.choice(sums)
    first = Big(big.operator, big.index, "=", Number("1"), Number("2"), big.body)
    rest = Big(big.operator, big.index, "=", Number("3"), big.high, big.body)
    return _made("sum split", source, _put(source.claim, path, Group("paren", (Sum(("+", "+"), (first, rest)),))))


def _twice(source, rng):
    found = [
        (path, node)
        for path, node in _places(source.claim)
        if isinstance(node, Scripted)
        and isinstance(node.base, Name)
        and node.base.style == "bold"
        and node.base.text not in ("1", r"\beta")
        and not node.primes
        and node.sup is not None
        and not any(step[0] == "bottom" or step[0] == "top" for step in path)
        and not any(isinstance(p, Top) or getattr(p, "text", "") == "T" for p in walk(node))
    ]
    if not found:
        return None
    path, node = rng.choice(found)
    once = Scripted(Group("paren", (node,)), None, (Top(),))
    return _made(
        "transposed twice", source, _put(source.claim, path, Scripted(Group("paren", (once,)), None, (Top(),)))
    )


def _translated(source, rng):
    """Write an index equation of the book in another notation."""
    if source.notation != "book" or not plain(source.claim):
        return None
    notation = rng.choice(sorted(LETTERS))
    claim = translated(source.claim, notation)
    return Made(f"translated to {notation}", to_latex(Statement((claim,))), notation, source.assumed)


# --- judging --------------------------------------------------------------------------------------------------------


def holds(made):
    """Is it said to hold? An equation that holds with the remark that it claims nothing does not count."""
    try:
        outcome = check(made.latex, notation=made.notation, explain=False, against_package=False, **made.assumed)
    except EquationError:
        return False
    return not any("claims nothing" in remark for remark in outcome.remarks)


def refusal(made):
    """Return why a rewriting is rejected, or "" if it holds."""
    try:
        check(made.latex, notation=made.notation, against_package=False, **made.assumed)
    except EquationError as error:
        return str(error)
    return ""


def main(count, seed=0):
    """Make the given number of each kind; print those that are misjudged, and return the exit status."""
    accepted = [made for made in wrong(count, seed) if holds(made)]
    refused = [(made, why) for made in right(count, seed) if (why := refusal(made))]
    for made in accepted:
        print(f"accepted, but wrong ({made.change}, {made.notation}): {made.latex}")
    for made, why in refused:
        print(f"rejected, but right ({made.change}, {made.notation}): {made.latex}\n{why}")
    print(f"{count - len(accepted):,} of {count:,} wrong equations refused")
    print(f"{count - len(refused):,} of {count:,} rewritings of correct equations hold")
    return int(bool(accepted or refused))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:3] or ["500"])))
