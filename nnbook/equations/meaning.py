"""From the tree of an equation to pieces that can be evaluated: every construct, independent of what the letters mean.

What the letters mean is looked up in one object: the symbols of a notation, values that a check supplies, or free
numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from . import folds, listed, operations, terms
from .errors import NeedsValues, fail
from .functions import Functions
from .indices import index_letter, letters_in, plain_letter
from .language.tree import (
    Big,
    Cases,
    Derivative,
    Group,
    Hadamard,
    Juxt,
    Matrix,
    Nabla,
    Name,
    Node,
    Nodes,
    Number,
    Ratio,
    Relation,
    Root,
    Scripted,
    Sum,
    Times,
    Top,
    to_latex,
    walk,
)
from .shapes import Scope, Use, agreed, kind_of
from .symbols import Symbols
from .terms import Bound, Term


class Reader(Functions):
    """Gives one relation its meaning.

    Parameters
    ----------
    symbols : Symbols
        What the letters mean.
    letters : frozenset
        The small letters that stand as an index somewhere in the equation.
    """

    def __init__(self, symbols: Symbols, letters: frozenset[str] = frozenset()) -> None:
        self.symbols, self.letters, self.loose = symbols, letters, symbols.loose
        self.landau: list[tuple[Name, float]] = []
        self.remarks: list[str] = []
        self.seen: list[terms.Quantity] = []
        self.begin()

    def expression(self, node: Node) -> Term:
        method = getattr(self, "_" + type(node).__name__.lower(), None)
        if method is None:
            fail(f"{to_latex(node)} has no value", node)
        return method(node)

    # --- letters ------------------------------------------------------------------------------------------------

    def _number(self, node: Number) -> Term:
        return terms.Number(node, float(node.text))

    def _name(self, node: Node) -> Term:
        return self.symbol(node)

    def _top(self, node: Node) -> Term:
        fail(r"\top can stand only in a superscript", node)

    def _dots(self, node: Node) -> Term:
        fail("dots are ambiguous; write a sum or a product", node)

    def symbol(self, node: Node) -> Term:
        """A name, with or without scripts."""
        value = self.symbols.symbol(node, self)
        if value is None:
            value = self.common(node)
        if value is not None:
            return value
        if isinstance(node, Scripted):
            return self.scripted_value(node)
        if self.callable(node) is not None:
            fail(f"{to_latex(node).strip()} is a function and needs an argument in parentheses", node)
        raise self.unknown(node)

    def unknown(self, node: Node) -> NeedsValues:
        return NeedsValues(f"no meaning for {to_latex(node).strip()}: {self.symbols.unknown}", position=node.position)

    def common(self, node: Node) -> Term | None:
        """Constants that every equation may use, and index letters used as numbers."""
        letter = plain_letter(node)
        if letter == "e" and not self.bound_here("e"):
            return terms.Number(node, math.e)
        if isinstance(node, Name) and node.text == r"\pi" and not node.style:
            return terms.Number(node, math.pi)
        if isinstance(node, Name) and (node.text, node.style) == ("i", "word"):
            return terms.Number(node, 1j)
        letter = index_letter(node)
        if letter is not None and (self.bound_here(letter) or letter in self.letters):
            self.note(letter, Use("value", None, node))
            return terms.Letter(node, letter)
        return None

    def _scripted(self, node: Scripted) -> Term:
        return self.symbol(node) if isinstance(node.base, Name) else self.scripted_value(node)

    def scripted_value(self, node: Scripted) -> Term:
        """A group or a number with a superscript: a power, or a transpose."""
        slope = self.symbols.layer_slope(node, self) if node.primes and self.loose else None
        if slope is not None:
            return slope
        exponent, turned = self.power_of(node)
        if node.primes:
            if not (self.symbols.turns("'") and node.primes == 1):
                fail(_why_no_prime(node, self.symbols), node)
            turned = True
        if isinstance(node.base, Group) and node.base.kind == "norm" and node.sub is not None:
            return self.powered(self.norm(node.base, node.sub), exponent, turned, node)
        if node.sub is not None and isinstance(node.base, Name):
            raise self.unknown(node)
        if node.sub is not None:
            fail(f"no meaning for the subscript of {to_latex(node)}", node)
        if isinstance(node.base, Name) and plain_letter(node.base) == "e" and not self.symbols.knows(node.base):
            if exponent is None:
                fail("one superscript was expected", node)
            return operations.Call(node, np.exp, self.expression(exponent))
        return self.powered(self.expression(node.base), exponent, turned, node)

    def power_of(self, node: Scripted) -> tuple[Node | None, bool]:
        """Return (exponent node or None, transposed) of a superscript that is not a layer."""
        if node.sup is None:
            return None, False
        if len(node.sup) != 1:
            fail("one superscript was expected", node)
        sup = node.sup[0]
        if isinstance(sup, Top) or (isinstance(sup, Name) and self.symbols.turns(sup.text)):
            return None, True
        return sup, False

    def powered(self, value: Term, exponent: Node | None, turned: bool, node: Node) -> Term:
        if turned:
            value = operations.Transpose(node, value)
        return value if exponent is None else operations.Power(node, value, self.expression(exponent), self.loose)

    # --- arithmetic -----------------------------------------------------------------------------------------------

    def _group(self, node: Group) -> Term:
        if node.kind == "norm":
            return self.norm(node, None)
        if len(node.items) != 1:
            if node.kind == "bracket" and self.loose:
                return operations.Written(node, [[self.expression(item) for item in node.items]])
            fail("only a function takes a list in parentheses", node)
        inner = self.expression(node.items[0])
        kinds = {"abs": operations.Abs, "floor": operations.Floor}
        return kinds[node.kind](node, inner) if node.kind in kinds else inner

    def norm(self, node: Group, sub: Nodes | None) -> Term:
        order = None
        if sub is not None:
            order = getattr(sub[0], "text", to_latex(sub[0])).strip()
            if order not in ("1", "2", "F"):
                fail(f"cannot read the norm's subscript {order}", node)
        weights = self.symbols.all_weights(node.items[0]) if self.loose else None
        if weights is not None:
            return operations.Call(node, np.sqrt, weights)
        return operations.Norm(node, self.expression(node.items[0]), order, self.loose)

    def _matrix(self, node: Matrix) -> Term:
        return listed.matrix(node, self)

    def _sum(self, node: Sum) -> Term:
        for sign, item in zip(node.signs, node.items):
            if sign == "-" and is_landau(item, self.symbols):
                fail("O(…) has no sign of its own: write + O(…)", item)
        signs = [1 if sign == "+" else -1 for sign in node.signs]
        return operations.Add(node, signs, [self.expression(item) for item in node.items], self.loose)

    def _times(self, node: Times) -> Term:
        return operations.Times(node, [self.expression(item) for item in node.items], self.loose)

    def _hadamard(self, node: Hadamard) -> Term:
        numbers, factors = self.loose or self.symbols.numbers, [self.expression(item) for item in node.items]
        if node.star and self.symbols.star_multiplies:
            return operations.Product(node, factors)
        return operations.Hadamard(node, factors, numbers, node.star)

    def _ratio(self, node: Ratio) -> Term:
        return operations.Ratio(node, self.expression(node.top), self.expression(node.bottom))

    def _root(self, node: Root) -> Term:
        return operations.Call(node, np.sqrt, self.expression(node.of))

    def _juxt(self, node: Juxt) -> Term:
        if is_landau(node, self.symbols):
            return self.big_o(node)
        factors, items = [], list(node.items)
        while items:
            item = items.pop(0)
            special = self.symbols.special(item, items, self)
            if special is None and self.loose and not (items and isinstance(items[0], Group)):
                special = self.symbols.layer_slope(item, self)
            if special is None:
                function = self.callable(item)
                special = self.expression(item) if function is None else self.application(function, item, items)
            factors.append(special)
        return factors[0] if len(factors) == 1 else operations.Product(node, factors)

    # --- O(h^p) ---------------------------------------------------------------------------------------------------

    def big_o(self, node: Juxt) -> Term:
        """O(h^p): note the symbol and the order; as a term it is 0."""
        symbol, order = landau(node)
        self.landau.append((symbol, order))
        return terms.Number(node, 0.0)

    # --- sums, cases, derivatives -----------------------------------------------------------------------------------

    def _big(self, node: Big) -> Term:
        if node.how == "bare" and (batch := _batch_sum(node, self)) is not None:
            return batch
        if node.how == "bare":
            node = with_index(node, self.bound_here)
        letter = node.index.text
        if node.operator == r"\prod":
            inside, behind = parted(node.body, letter)
            if behind:  # what follows a product and does not depend on its index is multiplied once
                node = Big(node.operator, node.index, node.how, node.low, node.high, inside, position=node.position)
                rest = [self.expression(item) for item in behind]
                return operations.Product(node, [self._big(node), *rest])
        if index_letter(node.index) is None:
            fail("an index must be a small letter", node.index)
        self.bound_letters.setdefault(letter, node.index)
        if node.how == "in":
            members = self.symbols.members(node, self)
            self.scopes.append((letter, Scope()))
            body = self.expression(node.body)
            self.scopes.pop()
            return folds.Fold(node, letter, [], None, None, body, "axis", members)
        low, high = None, None
        counts = node.how == "=" and self.loose and self.symbols.only_counts(node.high)
        counted, from_zero = counts and is_one(node.low), counts and node.low == Number("0")
        if from_zero and node.low is not None:
            low = self.bound(node.low)
        elif node.how == "=" and not counted:
            low, high = self.bound(node.low), self.bound(node.high)
        other = self.expression(node.low) if node.how == "neq" and node.low is not None else None
        scope = Scope()
        self.scopes.append((letter, scope))
        whole = self.expression(node.body)
        body = whole if other is None else where_not(node, whole, other, self)
        self.scopes.pop()
        uses = scope.uses.get(letter, [])
        if counted and node.high is not None and kind_of(uses) == "sample" and self.symbols.knows(node.high):
            low, high = self.bound(node.low), self.bound(node.high)
        elif from_zero:
            high = counted_to(letter, uses, node)
        if from_zero or (counted and low is None):
            self.remarks.append(f"{getattr(node.high, 'text', '')} is read as the number of what {letter} counts")
        if not uses and (node.how == "" or counted) and (batch := _batch_sum(node, self)) is not None:
            return batch  # Σ_i dZ
        if all(use.kind == "value" for use in uses) and not (low and uses and self.symbols.counts):
            fail(f"{letter} is summed over but not used as an index", node.index)
        return folds.Fold(node, letter, uses, low, high, body, kind_of(uses) or "axis")

    def stated_bound(self, node: Node) -> Bound:
        """Read a limit of a range that is stated after the claim; its letters do not count as indices."""
        return Reader(self.symbols, self.letters).bound(node)

    def _cases(self, node: Cases) -> Term:
        tests = [None if c is None else self.truth(c) for c in node.conditions]
        return folds.Choice(node, [self.expression(v) for v in node.values], tests)

    def truth(self, relation: Relation) -> folds.Truth:
        """Read a chain of comparisons as a condition."""
        if not relation.signs or any(s == r"\approx" for s in relation.signs):
            fail("a condition must compare two numbers", relation)
        return folds.Truth(relation, relation.signs, [self.expression(s) for s in relation.sides])

    def _derivative(self, node: Derivative) -> Term:
        return self.symbols.derivative(node, self)

    def _nabla(self, node: Nabla) -> Term:
        return self.symbols.nabla(node, self)


def _why_no_prime(node: Scripted, symbols: Symbols) -> str:
    if isinstance(node.base, Name) and not symbols.knows(node.base):
        letter = to_latex(node.base).strip()
        return f"only a function takes a prime, and nothing says that {letter} is one: declare it"
    return "only a function takes a prime"


def _batch_sum(node: Big, reader: Reader) -> Term | None:
    """Return a sum over the samples of a whole batch, if it may be one."""
    return reader.symbols.batch_sum(node, reader) if reader.loose else None


def with_index(node: Big, bound_here: Callable[[str], bool]) -> Big:
    """Give a sum without an index the one index letter in it that is not bound elsewhere."""
    bound = {part.index.text for part in walk(node.body) if isinstance(part, Big)}
    scripts = [script for part in walk(node.body) if isinstance(part, Scripted) for script in part.sub or ()]
    letters = {letter for script in scripts for letter in letters_in(script) - bound if not bound_here(letter)}
    if len(letters) != 1:
        fail("a sum without an index: write the index below", node)
    index = Name(letters.pop(), position=node.position)
    return Big(node.operator, index, "", None, None, node.body, position=node.position)


def where_not(node: Big, body: Term, other: Term, reader: Reader) -> Term:
    """Return what is added up, or multiplied, with nothing where the index is the one that is left out."""
    differ = folds.Truth(node, (r"\neq",), [reader.expression(node.index), other])
    if node.operator == r"\sum":
        return operations.Product(node, [operations.Indicator(node, differ), body])
    if node.operator == r"\prod":
        return folds.Choice(node, [body, terms.Number(node, 1.0)], [differ, None])
    return fail(r"\neq stands below a sum or a product", node)


def is_landau(node: Node, symbols: Symbols) -> bool:
    """Is this O(…), where no O is known?"""
    return (
        isinstance(node, Juxt)
        and len(node.items) == 2
        and plain_letter(node.items[0]) == "O"
        and isinstance(node.items[1], Group)
        and not symbols.knows(node.items[0])
    )


def counted_to(letter: str, uses: list[Use], node: Big) -> Bound:
    """Return the last value of a letter that its places have, where the printed one only counts them."""
    return lambda env: agreed(letter, uses, env, node).stop - 1


def is_one(node: Node | None) -> bool:
    return isinstance(node, Number) and node.text == "1"


def parted(body: Node, letter: str) -> tuple[Node, list[Node]]:
    """Part the factors of a product over ``letter`` from those behind them that do not change with it."""
    if not isinstance(body, Times):
        return body, []
    items = list(body.items)
    last = max((n for n, item in enumerate(items) if any(index_letter(p) == letter for p in walk(item))), default=-1)
    if last < 0 or last == len(items) - 1:
        return body, []
    inside = items[: last + 1]
    return inside[0] if len(inside) == 1 else Times(tuple(inside), position=body.position), items[last + 1 :]


def landau(node: Juxt) -> tuple[Name, float]:
    """Return the symbol and the power of O(symbol^power)."""
    inner = node.items[1]
    if not isinstance(inner, Group) or len(inner.items) != 1:
        fail("O takes one argument", node)
    inside = inner.items[0]
    symbol: Node = inside
    order = 1.0
    if isinstance(inside, Scripted) and inside.sub is None and inside.sup is not None:
        if len(inside.sup) != 1 or not isinstance(inside.sup[0], Number):
            fail("the order in O must be a number", inside)
        symbol, order = inside.base, float(inside.sup[0].text)
    if not isinstance(symbol, Name):
        fail("O takes one symbol, or a power of it", inside)
    return symbol, order
