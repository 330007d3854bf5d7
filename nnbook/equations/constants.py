r"""Large numbers that both sides of a claim add: taken off exactly, since beside them a difference of 1 is rounding.

``\delta + 10^{12} = a + 10^{12}`` says no more than ``\delta = a``; in floating point the two sides agree in eleven
digits, whatever stands beside the numbers.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from .language.tree import Claim, Juxt, Matrix, Name, Node, Number, Ratio, Relation, Scripted, Sum, Times, walk

Signed = tuple[int, Node]  # a term with its sign, 1 or -1
LARGE = 1000  # a number below this leaves twelve digits to what stands beside it


def without_large_numbers(claim: Claim) -> Claim:
    """Return an equation with what is large and cancels taken off; anything else as it is."""
    if not isinstance(claim, Relation) or claim.signs != ("=",) or not any(map(_is_large, walk(claim))):
        return claim
    left, right = (_terms(side) for side in claim.sides)
    terms = [*left, *((-sign, term) for sign, term in right)]
    kept: list[Signed] = []
    total = Fraction(0)
    for sign, term in terms:
        value = _value(term)
        if value is not None:
            total += sign * value
        elif (-sign, term) in kept and any(map(_is_large, walk(term))):
            kept.remove((-sign, term))
        else:
            kept.append((sign, term))
    if len(kept) + (total != 0) >= len(terms) or not kept:
        return claim
    sides = [[(s, t) for s, t in kept if (s, t) in left], [(-s, t) for s, t in kept if (s, t) not in left]]
    if total:
        sides[1].append((-1 if total > 0 else 1, _number(abs(total))))
    return replace(claim, sides=tuple(map(_side, sides)))


def of_one_example(claim: Claim) -> bool:
    """Is this one letter, and what it is in some example: a calculation with decimals, ``E = 0.5 (0.9 - 1)^2``?"""
    if not isinstance(claim, Relation) or set(claim.signs) != {"="}:
        return False
    first, *others = claim.sides
    numbers = [part for side in others for part in walk(side) if isinstance(part, Number)]
    named = any(isinstance(part, Name) for side in others for part in walk(side))
    return isinstance(first, Name) and not named and any("." in number.text for number in numbers)


def has_numbers_in_arrays(claim: Claim) -> bool:
    """Does an array of nothing but numbers stand in this, beside letters: what a network does with one example?"""
    arrays = [part for part in walk(claim) if isinstance(part, Matrix)]
    numbers = [not any(isinstance(part, Name) for part in walk(array)) for array in arrays]
    return any(numbers) and any(isinstance(part, Name) for part in walk(claim))


def _terms(side: Node) -> list[Signed]:
    if not isinstance(side, Sum):
        return [(1, side)]
    return [(1 if sign == "+" else -1, item) for sign, item in zip(side.signs, side.items)]


def _side(terms: list[Signed]) -> Node:
    if not terms:
        return Number("0")
    if len(terms) == 1 and terms[0][0] == 1:
        return terms[0][1]
    return Sum(tuple("+" if sign == 1 else "-" for sign, _ in terms), tuple(term for _, term in terms))


def _is_large(node: Node) -> bool:
    value = _value(node)
    return value is not None and abs(value) >= LARGE


def _value(node: Node) -> Fraction | None:
    """Return the exact value of a term in which only numbers stand, or None."""
    if isinstance(node, Number):
        return Fraction(node.text)
    if isinstance(node, Scripted) and isinstance(node.base, Number) and node.sup and len(node.sup) == 1:
        base, power = _value(node.base), _exponent(node.sup[0])
        if base and node.sub is None and power is not None and abs(power) <= 99:
            return base**power
    if isinstance(node, Times | Juxt):
        product = Fraction(1)
        for item in node.items:
            value = _value(item)
            if value is None:
                return None
            product *= value
        return product
    return None


def _exponent(node: Node) -> int | None:
    """Return the whole number that stands above another one, or None; a minus may stand before it."""
    sign, digits = (-1, node.items[0]) if isinstance(node, Sum) and node.signs == ("-",) else (1, node)
    return sign * int(digits.text) if isinstance(digits, Number) and digits.text.isdigit() else None


def _number(value: Fraction) -> Node:
    top = Number(str(value.numerator))
    return top if value.denominator == 1 else Ratio(top, Number(str(value.denominator)))
