"""Letters without a meaning or a definition: free numbers, so that an equation between them is an identity."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from . import slopes, terms, worlds
from .errors import NeedsValues, fail
from .functions import NAMES
from .indices import plain_letter
from .language.tree import (
    Big,
    Claim,
    Derivative,
    Group,
    Juxt,
    Nabla,
    Name,
    Node,
    Number,
    Relation,
    Scripted,
    Top,
    children,
    to_latex,
    walk,
)
from .symbols import Symbols
from .terms import Bound, Term

if TYPE_CHECKING:
    from .meaning import Reader
KindOf = Callable[[Name], str | None]

FREED = (None, "w", "b", "z", "a", "delta", "t", "point", "lambda", "size")  # bare, these letters may be any numbers
FUNCTIONS = ("f", "g", "h", "F", "G", r"\phi", r"\varphi", r"\psi")
MOST_WHOLE = 36  # combinations of letters that count


def free(claim: Claim, kind_of: KindOf) -> bool:
    """May a claim be read as one between free numbers?

    Every letter must be bare, or have a number or a word below and a power above; a claim whose first side is one
    letter is a definition. ``kind_of(name)`` is what the notation means by a letter, or None: costs, sizes and
    functions are never free, and letters of layers only without scripts.
    """
    if not isinstance(claim, Relation) or not claim.signs:
        return False
    first = claim.sides[0]
    if len(set(claim.sides)) == 1:  # V = V
        return all(_free(side, kind_of) for side in claim.sides)
    if isinstance(first, Name) or (isinstance(first, Scripted) and isinstance(first.base, Name) and not first.sup):
        return False
    if isinstance(first, Juxt) and len(first.items) > 2 and all(map(plain_letter, first.items)):
        return False  # a word: force = mass * acceleration
    return all(_free(side, kind_of) for side in claim.sides) and any(
        plain_letter(part) or _greek(part) for side in claim.sides for part in walk(side)
    )


def _greek(node: Node) -> bool:
    return isinstance(node, Name) and node.text.startswith("\\") and not node.style and node.text[1:] not in NAMES


def _free(node: Node, kind_of: KindOf) -> bool:
    if isinstance(node, Name):
        return kind_of(node) in FREED and node.style in ("", "word") and (node.style == "" or node.text in NAMES)
    if isinstance(node, Scripted):
        return _free_scripts(node, kind_of)
    if isinstance(node, Juxt):
        for name, behind in zip(node.items, node.items[1:]):
            if isinstance(name, Name) and name.text in FUNCTIONS and isinstance(behind, Group):
                return False  # the value of a function that is not supplied
    if isinstance(node, Big):
        return all(_free(n, kind_of) for n in (node.low, node.high, node.body) if n is not None) and node.how == "="
    return all(_free(child, kind_of) for _, child in children(node))


def _free_scripts(node: Scripted, kind_of: KindOf) -> bool:
    base, sub, sup = node.base, node.sub or (), node.sup or ()
    if node.primes and not (isinstance(base, Name) and base.text.lstrip("\\") in NAMES):
        return False
    if not all(isinstance(s, Number) or getattr(s, "style", "") == "text" for s in sub):
        return False
    if isinstance(base, Name) and kind_of(base) == "size":
        return False
    if any(isinstance(s, Top | Group) or getattr(s, "style", "") == "text" for s in sup):
        return False
    if isinstance(base, Name) and kind_of(base) is not None and not all(isinstance(s, Number) for s in sup):
        return False
    return _free(base, kind_of) and all(_free(s, kind_of) for s in sup)


def word_above(claim: Claim) -> tuple[str, Node] | None:
    """Return a word that stands above a letter, as in ``W^{new}``, and where; None when there is none.

    Three letters or more are one, if a vowel is among them.
    """
    for part in walk(claim):
        for power in getattr(part, "sup", None) or ():
            letters = [plain_letter(item) for item in power.items] if isinstance(power, Juxt) else []
            word = "".join(letter or " " for letter in letters)
            if len(word) > 2 and word.isalpha() and set(word.lower()) & set("aeiou"):
                return word, power
    return None


def substituted_letter(claim: Claim) -> tuple[str, Relation] | None:
    r"""Return a letter that only abbreviates a part of a chain, and the chain without its sides; None without one.

    As y in ``\frac{d}{dx} \sqrt{2x} = 2 \frac{d}{dy} \sqrt{y} = \frac{1}{\sqrt{2x}}``: a derivative is taken by it, and
    the first and the last side are free of it.
    """
    if not isinstance(claim, Relation) or set(claim.signs) != {"="}:
        return None
    letters = [{p.text for p in walk(side) if isinstance(p, Name)} for side in claim.sides]
    for part in walk(claim):
        letter = plain_letter(part.bottom) if isinstance(part, Derivative) else None
        if letter is not None and letter not in letters[0] | letters[-1]:
            kept = tuple(side for side, own in zip(claim.sides, letters) if letter not in own)
            return letter, Relation(("=",) * (len(kept) - 1), kept, position=claim.position)
    return None


class FreeSymbols(Symbols):
    """Every letter is a number of its own; letters that stand in the bounds of a sum count: 1, 2, 3 …"""

    unknown = "it is not on the notation page, nothing above defines it, and no given= supplies it"
    counts = True
    numbers = True

    def __init__(self, claim: Claim) -> None:
        bound = {part.index.text for part in walk(claim) if isinstance(part, Big)}
        self.whole: set[str] = set()
        for part in walk(claim):
            if isinstance(part, Big):
                for limit in filter(None, (part.low, part.high)):
                    self.whole |= {p.text for p in walk(limit) if isinstance(p, Name) and plain_letter(p)} - bound
        self.points: set[str] = set()
        self.literals = [float(p.text) for p in walk(claim) if isinstance(p, Number) and float(p.text) > 2]

    @property
    def more_whole(self) -> Iterator[int]:
        """Further whole numbers for the one letter that counts: none of them stands in the claim."""
        return itertools.islice((n for n in itertools.count(8) if n not in self.literals), 6)

    def constant(self, node: Node, reader: Reader) -> Bound | None:
        name = plain_letter(node)
        if name in self.whole and not reader.bound_here(name):
            return lambda env: env.points[name]
        return None

    def symbol(self, node: Node, reader: Reader) -> Term | None:
        base = node.base if isinstance(node, Scripted) else node
        letter = plain_letter(base)
        if not isinstance(base, Name):
            return None
        if letter is not None and reader.bound_here(letter):
            if not isinstance(node, Scripted) or node.sub is not None or node.sup is None or node.primes:
                return None
            index = reader.common(base)
            return None if index is None else reader.powered(index, node.sup[0], False, node)
        bare = base if not isinstance(node, Scripted) or node.sub is None else Scripted(base, node.sub)
        if letter == "e" or base.text in (r"\pi",) or (base.style and base.style != "text"):
            return None
        if base.text.startswith("\\") and base.text[1:] in NAMES:
            return None
        if isinstance(node, Scripted) and node.primes:
            return None
        name = to_latex(bare).strip()
        if name not in self.whole:
            self.points.add(name)
        power = node.sup[0] if isinstance(node, Scripted) and node.sup is not None else None
        return reader.powered(terms.Point(node, name), power, False, node)

    def derivative(self, node: Derivative, reader: Reader) -> Term:
        below = reader.expression(node.bottom)
        if not isinstance(below, terms.Point):
            fail("derivatives are taken with respect to one letter", node.bottom)
        above = reader.expression(node.top)
        if isinstance(above, terms.Point) and above.name != below.name:
            raise NeedsValues(slopes.unknown(above.name, below.name), position=node.top.position)
        return slopes.Slope(node, above, below)

    def nabla(self, node: Nabla, reader: Reader) -> Term:
        fail(r"\nabla of free numbers", node)

    def environments(self) -> Iterator[terms.Env]:
        """Yield what the letters stand for: whole numbers one after another, all others at once."""
        numbers = worlds.points(self.points, self.literals)
        whole = sorted(self.whole)
        more = self.more_whole if len(whole) == 1 else ()
        choices = itertools.product((*worlds.WHOLE, *more), repeat=len(whole))
        for chosen in itertools.islice(choices, MOST_WHOLE):
            yield terms.Env(None, points={**numbers, **dict(zip(whole, chosen))})
