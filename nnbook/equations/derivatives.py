"""Derivatives as a notation writes them, and other signs that act on what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import operations, slopes, terms
from .errors import NeedsValues, fail
from .indices import plain_letter
from .language.tree import Derivative, Group, Nabla, Name, Node, Relation, Scripted, to_latex, walk
from .notation import Symbol, spelled
from .quantities import COSTS, Input, Letters
from .terms import Term

if TYPE_CHECKING:
    from .meaning import Reader

RATE = 0.37  # what η is: any number will do, since no equation is about its size


class Derivatives(Letters):
    """Reads ∂, ∇, d and Δ before quantities, letters after a cost, and 1 before a condition."""

    def special(self, item: Node, items: list[Node], reader: Reader) -> Term | None:
        """Read what acts on the factor after it: d and Δ before a quantity, letters after a cost, 1 of a condition."""
        if not items:
            return None
        if isinstance(item, Nabla) and item.wrt is not None and self.loose and isinstance(items[0], Group):
            above = self.special(item.of, items, reader)
            if above is not None:
                below, turned = self.below(item.wrt, reader, True)
                slope = slopes.Slope(item, above, below)
                return operations.Transpose(item, slope) if turned else slope
        base = item.base if isinstance(item, Scripted) else item
        symbol = self.find(base)
        if self.notation.differential and plain_letter(item) == "d":
            return self._differential(item, items, reader)
        if symbol is not None and symbol.kind == "step" and isinstance(items[0], Name | Scripted):
            return self._step(item, items, reader)
        group = items[0] if isinstance(items[0], Group) and items[0].kind in ("paren", "bracket") else None
        if group is None:
            return None
        if (isinstance(base, Name) and base.text == "1" and base.style in ("bb", "bold", "word")) or (
            isinstance(base, Name) and (base.text, base.style) == ("I", "bb")
        ):
            if len(group.items) == 1 and isinstance(group.items[0], Relation):
                items.pop(0)
                return operations.Indicator(item, reader.truth(group.items[0]))
        if not self.loose or symbol is None:
            return None
        about = [spelled(part) for argument in group.items for part in walk(argument) if isinstance(part, Name)]
        if symbol.kind in COSTS and about and not any(isinstance(i, Relation) for i in group.items):
            items.pop(0)
            return self._cost_about(item, group, about, symbol, reader)
        if symbol.kind in ("a", "t") and about == [self.notation.sample_letter]:  # y(x), a^L(x): those of sample x
            items.pop(0)
            return reader.expression(item)
        if symbol.kind == "a" and symbol.layer == "L" and set(about) <= {"x", "i", "bold x", "W", "b"}:
            items.pop(0)
            return reader.expression(item)
        return None

    def _cost_about(self, item: Node, group: Group, about: list[str], symbol: Symbol, reader: Reader) -> Term:
        sub, sup, primes = (item.sub, item.sup, item.primes) if isinstance(item, Scripted) else (None, None, 0)
        for part in walk(group):  # J(W, b; x^{(i)}, y^{(i)}) is the cost of sample i
            if not isinstance(part, Scripted):
                continue
            base = part.base
            if isinstance(base, Name) and spelled(base) in ("x", "y", "hat y", "a") and sub is None:
                own = self.find(base)
                marks = self.marks(part.sup, part, own is not None and own.layer is None)
                if marks.sample is not None:
                    return terms.Quantity(item, "C", None, (reader.sample(marks.sample),))
        quantity, marks = self.cost(item, sub, sup, primes, symbol, reader, about)
        return reader.powered(quantity, marks.power, False, item)

    def _differential(self, item: Node, items: list[Node], reader: Reader) -> Term | None:
        below, marks = self.marked(items[0], reader)
        if not isinstance(below, terms.Quantity) or below.kind not in ("w", "b", "z", "a"):
            return None
        items.pop(0)
        if self._of_one_sample():
            above = terms.Quantity(item, "C", None, (reader.at_hand(item),))
        else:
            above = self.cost_of(item, self._cost_below(below))
        rows = {s.whole for s in self.notation.symbols.values() if s.kind == "delta"} == {"row"}  # then so is dz
        slope = slopes.Slope(item, above, below, numerator=self.notation.numerator and rows)
        return operations.Transpose(item, slope) if marks.turned else slope

    def _cost_below(self, below: terms.Quantity) -> str:
        """Which cost of a batch d means: that of weights is what the notation's J is, that of a z or a the sum."""
        return "J" if below.kind in ("w", "b") and self.notation.cost_is != "total" else "total"

    def _of_one_sample(self) -> bool:
        """Is the equation about one sample: z, a, x, y without a batch or the number of samples?"""
        symbols = {letter: self.notation.symbols[letter] for letter in self.named if letter in self.notation.symbols}
        wholes = {s.whole for s in symbols.values() if s.kind in ("z", "a", "t", "delta")}
        return wholes == {"column"} and not any(s.kind in ("N", "J") for s in symbols.values())

    def _step(self, item: Node, items: list[Node], reader: Reader) -> Term | None:
        below = self.quantity(items[0], reader)
        if not isinstance(below, terms.Quantity) or below.kind not in ("w", "b"):
            return None
        items.pop(0)
        above = terms.Quantity(item, "C", None, (reader.at_hand(item),))
        return operations.Product(item, [terms.Number(item, -RATE), slopes.Slope(item, above, below)])

    # --- derivatives --------------------------------------------------------------------------------------------------

    def derivative(self, node: Derivative, reader: Reader) -> Term:
        bottom, turned = self.below(node.bottom, reader)
        above = self._loss(node.top, bottom, reader) or reader.expression(node.top)
        if isinstance(above, terms.Point) and not (isinstance(bottom, terms.Point) and bottom.name == above.name):
            raise NeedsValues(slopes.unknown(above.name, to_latex(node.bottom).strip()), position=node.top.position)
        if isinstance(above, terms.Quantity) and above.kind in ("w", "b", "t"):
            fail("only computed quantities have derivatives: a cost, a z or an a", node.top)
        slope = slopes.Slope(node, above, bottom, self.notation.entrywise, self.notation.numerator)
        return operations.Transpose(node, slope) if turned else slope

    def _loss(self, node: Node, bottom: Term, reader: Reader) -> Term | None:
        """Return the cost that L means where it is differentiated, whatever it counts elsewhere; else None."""
        symbol = self.find(node)
        if not self.loose or symbol is None or symbol.kind != "L" or not isinstance(bottom, terms.Quantity):
            return None
        if self.notation.differential and not self._of_one_sample():
            return self.cost_of(node, self._cost_below(bottom))
        return terms.Quantity(node, "C", None, (reader.at_hand(node),))

    def below(self, node: Node, reader: Reader, whole: bool = False) -> tuple[terms.Quantity | terms.Point, bool]:
        """Return (what a derivative is taken with respect to, is it transposed?)."""
        base = node.base if isinstance(node, Scripted) else node
        symbol = self.find(base)
        if whole and base is node and symbol is not None and symbol.kind in ("a", "z") and symbol.layer is None:
            kind, roles = symbol.kind, (reader.at_hand(node), "row")  # ∇_a C: of the outputs
            return terms.Quantity(node, kind, self.fixed(node, "L"), roles), False
        found, marks = self.marked(node, reader)
        if isinstance(found, Input):
            return found.z, False
        if found is None and symbol is not None and isinstance(base, Name) and base is node:
            if symbol.kind == "point" or self.is_point(base, symbol):
                return self.as_point(node, base, reader), False
        if not isinstance(found, terms.Quantity) or marks.power is not None:
            fail(r"X in \frac{\partial Y}{\partial X} must be a single quantity of the network", node)
        if found.kind not in ("w", "b", "z", "a"):
            fail("derivatives are taken with respect to w, b, z or a", node)
        return found, marks.turned

    def nabla(self, node: Nabla, reader: Reader) -> Term:
        if node.wrt is not None:
            below, turned = self.below(node.wrt, reader, True)
            slope = slopes.Slope(node, reader.expression(node.of), below)
            return operations.Transpose(node, slope) if turned else slope
        quantity = self.quantity(node.of, reader)
        if not isinstance(quantity, terms.Quantity) or quantity.kind not in ("C", "C_T", "C_B", "J"):
            fail(r"\nabla stands before a cost", node)
        return slopes.Gradient(node, quantity)
