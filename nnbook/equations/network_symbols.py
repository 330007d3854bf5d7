"""The symbols of a notation: what each letter of an equation about networks means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import engine, operations, slopes, terms
from .definitions import Definition
from .derivatives import RATE, Derivatives
from .errors import fail
from .functions import Function
from .indices import index_letter, plain_letter, spread
from .language.tree import Big, Group, Name, Node, Number, Scripted, to_latex, walk
from .notation import Notation, Symbol
from .terms import Bound, Term

if TYPE_CHECKING:
    from .letter_layers import LetterLayers
    from .meaning import Reader


class NetworkSymbols(Derivatives):
    """What letters mean in an equation about networks.

    Parameters
    ----------
    notation : Notation
    named : frozenset of str
        The spelled letters of the equation; some determine how others are read.
    hidden : str or None
        The assumed hidden activation, needed where ``f`` stands without a layer.
    by_letter : LetterLayers or None
        Where index letters imply the layer: the layer of each.
    """

    unknown = "it is not on the notation page, and no given= supplies it"

    def __init__(
        self,
        notation: Notation,
        named: frozenset[str] = frozenset(),
        hidden: str | None = None,
        by_letter: LetterLayers | None = None,
    ) -> None:
        self.notation, self.named, self.hidden, self.by_letter = notation, named, hidden, by_letter
        self.loose, self.sample_letter = notation.loose, notation.sample_letter
        self.star_multiplies = notation.star_multiplies
        self.biases = False
        self.points: set[str] = set()

    # --- what the reader asks ---------------------------------------------------------------------------------------

    def knows(self, base: Node) -> bool:
        own = self.find(base)
        return own is not None and not (isinstance(own, Definition) and own.parameters)  # e_j leaves e as it is

    def allow(self, letter: str, kind: str, offset: int, node: Node, reader: Reader) -> None:
        """Refuse a letter that cannot stand for this kind of thing."""
        own = self.notation.sample_letters
        if own is not None:
            if kind == "sample" and letter not in own and not reader.bound_here(letter):
                fail(f"{letter} stands in the place of a sample, which must be {', '.join(sorted(own))}", node)
            if kind in ("unit", "layer") and letter in own:
                fail(f"{letter} can only be a sample", node)
        if kind == "unit" and offset:
            fail("a unit's index is a letter or a number", node)

    def only_counts(self, node: Node | None) -> bool:
        """Is this upper bound of a sum a letter that only says how many terms there are?"""
        if isinstance(node, Scripted) and not self.notation.declared and not node.primes:
            node = node.base  # N^{(l)}, where N is no size of the notation
        symbol = self.find(node)
        return plain_letter(node) is not None and (symbol is None or symbol.kind in ("N", "point"))

    def constant(self, node: Node, reader: Reader) -> Bound | None:
        """Return env -> int for L, N, B, P, n_l standing in an index or a bound; else None."""
        named = self.named_layer(node)
        if named is not None and not (isinstance(node, Name) and self.find(node) is not None):
            return (lambda env: env.world.L) if named == "L" else (lambda env: named)
        base = node.base if isinstance(node, Scripted) else node
        symbol = self.find(base)
        if symbol is None:
            return None
        if symbol.kind == "size":
            size = self.size(node, symbol, reader)
            return lambda env: int(size.value(env).data)
        if isinstance(node, Scripted):
            return None
        return {
            "L": lambda env: env.world.L + symbol.shift,
            "N": lambda env: env.world.N,
            "B": lambda env: env.batch,
            "P": lambda env: env.world.P,
            "units": lambda env: sum(env.world.sizes.values()),
        }.get(symbol.kind)

    def function(self, node: Node, reader: Reader) -> Function | None:
        """Return the activation that ``node`` names, else None."""
        base, sub, sup, primes = (
            (node.base, node.sub, node.sup, node.primes) if isinstance(node, Scripted) else (node, None, None, 0)
        )
        symbol = self.find(base)
        if symbol is None or symbol.kind != "f":
            return None
        if sub is not None:
            fail("f has no subscript; its layer is a superscript", node)
        if primes > 1:
            fail("only a first derivative is taken", node)
        layer = power = None
        if sup is not None:
            marks = self.marks(sup, node, True)
            if marks.turned or (marks.layer is None and marks.power is None):
                fail("the superscript of f is its layer", node)
            power = marks.power
            if marks.layer is not None:
                shift = max((s.shift for s in self.notation.symbols.values() if s.kind == "z"), default=0)
                layer = reader.layer(marks.layer, 2, name="the layer of f", shift=shift)
        hidden = self.hidden if isinstance(self.hidden, str) else None
        kind = hidden or symbol.named
        return Function("activation", kind or "", layer, engine.ELEMENTWISE.get(kind or ""), primes, power, False, True)

    def batch_sum(self, node: Big, reader: Reader) -> Term | None:
        """Return a sum without an index over the samples of a whole batch; None where units are named too."""
        if not self.notation.differential or any(getattr(part, "sub", None) for part in walk(node.body)):
            return None
        rows = {s.whole for letter, s in self.notation.symbols.items() if letter in self.named} & {"rows", "columns"}
        return operations.BatchSum(node, reader.expression(node.body), -2 if rows == {"rows"} else -1) if rows else None

    def layer_slope(self, node: Node, reader: Reader) -> Term | None:
        """Return (f^l)' without an argument: the slopes of a whole layer, f'(z^l); None when ``node`` is none."""
        if not isinstance(node, Scripted) or not node.primes:
            return None
        function = reader.callable(node)
        columns = [s for s in self.notation.symbols.values() if s.kind == "z" and s.whole == "column"]
        if function is None or function.kind != "activation" or function.layer is None or not columns:
            return None
        z = terms.Quantity(node, "z", function.layer, (reader.at_hand(node), "row"))
        return operations.Activation(node, function.layer, z, function.primes)

    # --- letters ------------------------------------------------------------------------------------------------------

    def symbol(self, node: Node, reader: Reader) -> Term | None:
        base = node.base if isinstance(node, Scripted) else node
        own = self.find(base)
        if isinstance(own, Definition) and (self.knows(base) or (isinstance(node, Scripted) and node.sub)):
            return self.defined(node, own, reader)
        if (places := self._kronecker(node)) is not None:
            return operations.Kronecker(node, *(_index_value(place, reader) for place in places))
        quantity, marks = self.marked(node, reader)
        if quantity is None:
            return self.network_constant(node, reader)
        if marks.turned:
            if not getattr(quantity, "matrix", False) and not isinstance(quantity, slopes.Slope):
                fail("a number has no transpose" + ("" if self.loose else "; a matrix is bold"), node)
            quantity = quantity.turned() if hasattr(quantity, "turned") else operations.Transpose(node, quantity)
        return reader.powered(quantity, marks.power, False, node)

    def _kronecker(self, node: Node) -> list[Node] | None:
        """Return the two indices of δ_{ij}, or None when ``node`` is something else."""
        if not isinstance(node, Scripted) or not isinstance(node.base, Name) or node.sub is None:
            return None
        places, letters = spread(node.sub), self.notation.sample_letters or ()
        if (node.base.text, node.base.style, node.base.accent) != (r"\delta", "", "") or len(places) != 2:
            return None
        if node.sup is not None or node.primes or any(index_letter(place) in letters for place in places):
            return None
        sampled = self.notation.sample == "sub" and index_letter(places[0]) == self.notation.sample_letter
        return None if sampled else places

    def defined(self, node: Node, own: Definition, reader: Reader) -> Term:
        """A symbol that a display above defines."""
        body = own.expanded(node)
        if body is None or (isinstance(node, Scripted) and node.primes):
            fail(f"{to_latex(node).strip()} has other indices here than in its definition, {own.name}", node)
        marks = self.marks(node.sup if isinstance(node, Scripted) else None, node, False)
        return reader.powered(reader.expression(body), marks.power, marks.turned, node)

    def network_constant(self, node: Node, reader: Reader) -> Term | None:
        base = node.base if isinstance(node, Scripted) else node
        symbol = self.find(base)
        if symbol is None:
            return None
        if symbol.kind == "size":
            return self.size(node, symbol, reader)
        power = None
        if isinstance(node, Scripted):
            if node.sub is not None or node.primes or node.sup is None or len(node.sup) != 1:
                return None
            power = node.sup[0]
        constant = self.constant(base, reader) if symbol.kind in ("L", "N", "B", "P", "units") else None
        value: Term
        if constant is not None:
            whole = constant
            value = terms.Read(node, lambda env: float(whole(env)))
        elif symbol.kind == "lambda":
            value = terms.Read(node, lambda env: env.world.penalty[1])
        elif symbol.kind == "rate":
            value = terms.Number(node, RATE)
        elif isinstance(base, Name) and (symbol.kind == "point" or self.is_point(base, symbol)):
            value = self.as_point(node, base, reader)
        else:
            return None
        return reader.powered(value, power, False, node)

    def size(self, node: Node, symbol: Symbol, reader: Reader) -> Term:
        """n_l, or n^l, or the letter of one layer's size."""
        if symbol.layer is not None and not isinstance(node, Scripted):
            layer = self.fixed(node, symbol.layer)
            return terms.Read(node, lambda env: float(env.world.sizes[layer.value(env)]))
        if not isinstance(node, Scripted) or node.primes:
            fail("n needs its layer: n_l", node)
        if node.sub is not None and node.sup is not None:
            fail("n with two scripts: for a power write (n_l)^2", node)
        script = node.sub or node.sup or ()
        if len(script) != 1:
            fail("n has one script, its layer", node)
        inner = script[0]
        if isinstance(inner, Group) and inner.kind in ("paren", "bracket") and len(inner.items) == 1:
            inner = inner.items[0]
        layer = reader.layer(inner, 1, shift=symbol.shift)
        return terms.Read(node, lambda env: float(env.world.sizes[layer.value(env)]))


def _index_value(place: Node, reader: Reader) -> Term:
    if isinstance(place, Number):
        return terms.Number(place, float(place.text))
    letter = index_letter(place)
    if letter is None:
        fail("the two indices of δ are letters or numbers", place)
    from .shapes import Use

    reader.note(letter, Use("value", None, place))
    return terms.Letter(place, letter)
