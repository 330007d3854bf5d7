"""The symbols of a notation: what each letter of an equation about networks means."""

from __future__ import annotations

from . import engine, operations, slopes, terms
from .derivatives import RATE, Derivatives
from .errors import NeedsValues, fail
from .functions import Function
from .indices import index_letter, plain_letter, spread
from .language.tree import Group, Name, Number, Scripted, to_latex, walk
from .notation import Notation, spelled
from .quantities import COSTS, LAYERED, Marks


class NetworkSymbols(Derivatives):
    """What letters mean in an equation about networks.

    Parameters
    ----------
    notation : Notation
    named : frozenset of str
        The spelled letters that the equation holds; some decide over the reading of others.
    hidden : str or None
        The assumed hidden activation, needed where ``f`` stands without a layer.
    by_letter : LetterLayers or None
        Where index letters say the layer: the layer of each.
    """

    unknown = "it is not on the notation page, and no given= supplies it"
    counts = False

    def __init__(self, notation: Notation, named=frozenset(), hidden=None, by_letter=None):
        self.notation, self.named, self.hidden, self.by_letter = notation, named, hidden, by_letter
        self.loose, self.sample_letter = notation.loose, notation.sample_letter
        self.biases = False
        self.points: set[str] = set()

    # --- what the reader asks ---------------------------------------------------------------------------------------

    def knows(self, base):
        own = self.find(base)
        return own is not None and not (own.kind == "defined" and own.parameters)  # e_j leaves e as it is

    def find(self, base):
        return self.notation.symbols.get(spelled(base)) if isinstance(base, Name) else None

    def allow(self, letter, kind, offset, node, reader):
        """Refuse a letter that cannot stand for this kind of thing."""
        own = self.notation.sample_letters
        if own is not None:
            if kind == "sample" and letter not in own and not reader.bound_here(letter):
                fail(f"{letter} stands where a sample stands; the sample is {', '.join(sorted(own))}", node)
            if kind in ("unit", "layer") and letter in own:
                fail(f"{letter} is only ever a sample", node)
        if kind == "unit" and offset:
            fail("a unit's index is a letter or a number", node)

    def only_counts(self, node):
        """Is this upper bound of a sum a letter that says no more than how many there are?"""
        symbol = self.find(node)
        return plain_letter(node) is not None and (symbol is None or symbol.kind in ("N", "point"))

    def constant(self, node, reader):
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

    def members(self, node, reader):
        raise NeedsValues(f"no meaning for the set {to_latex(node.low)}", position=node.low.position)

    def gradient_function(self, node, reader):
        return None

    def function(self, node, reader):
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
        return Function("activation", kind or "", layer, engine.ELEMENTWISE.get(kind), primes, power, False, True)

    def batch_sum(self, node, reader):
        """Return a sum without an index over the samples of a whole batch; None where units are named too."""
        if not self.notation.differential or any(getattr(part, "sub", None) for part in walk(node.body)):
            return None
        rows = {s.whole for letter, s in self.notation.symbols.items() if letter in self.named} & {"rows", "columns"}
        return operations.BatchSum(node, reader.expression(node.body), -2 if rows == {"rows"} else -1) if rows else None

    def layer_slope(self, node, reader):
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

    def symbol(self, node, reader):
        base = node.base if isinstance(node, Scripted) else node
        own = self.find(base)
        if own is not None and own.kind == "defined" and (self.knows(base) or getattr(node, "sub", None)):
            return self.defined(node, own, reader)
        if self._is_kronecker(node, base):
            return operations.Kronecker(node, *(_index_value(place, reader) for place in spread(node.sub)))
        quantity, marks = self.quantity(node, reader, True)
        if quantity is None:
            return self.network_constant(node, reader)
        if marks is not None and marks.turned:
            if not getattr(quantity, "matrix", False) and not isinstance(quantity, slopes.Slope):
                fail("a number has no transpose" + ("" if self.loose else "; a matrix is bold"), node)
            quantity = quantity.turned() if hasattr(quantity, "turned") else operations.Transpose(node, quantity)
        return reader.powered(quantity, marks.power if marks else None, False, node)

    def _is_kronecker(self, node, base):
        return (
            isinstance(node, Scripted)
            and plain_letter(base) is None
            and (base.text, base.style) == (r"\delta", "")
            and node.sub is not None
            and node.sup is None
            and not node.primes
            and len(spread(node.sub)) == 2
            and not (self.notation.sample == "sub" and index_letter(spread(node.sub)[0]) == self.notation.sample_letter)
            and not any(index_letter(p) in (self.notation.sample_letters or ()) for p in spread(node.sub))
        )

    def defined(self, node, own, reader):
        """A symbol that a display above gave its meaning."""
        body = own.expanded(node)
        if body is None or (isinstance(node, Scripted) and node.primes):
            fail(f"{to_latex(node).strip()} has other indices than where it was defined, as {own.name}", node)
        marks = self.marks(node.sup if isinstance(node, Scripted) else None, node, False)
        return reader.powered(reader.expression(body), marks.power, marks.turned, node)

    def network_constant(self, node, reader):
        base = node.base if isinstance(node, Scripted) else node
        symbol = self.find(base)
        if symbol is None:
            return None
        if symbol.kind == "size":
            return self.size(node, symbol, reader)
        power = None
        if isinstance(node, Scripted):
            if node.sub is not None or node.primes or len(node.sup) != 1:
                return None
            power = node.sup[0]
        if symbol.kind in ("L", "N", "B", "P", "units"):
            constant = self.constant(base, reader)
            value = terms.Read(node, lambda env: float(constant(env)))
        elif symbol.kind == "lambda":
            value = terms.Read(node, lambda env: env.world.penalty[1])
        elif symbol.kind == "rate":
            value = terms.Number(node, RATE)
        elif symbol.kind == "point" or self._is_point(base, symbol):
            value = self.as_point(node, base, reader)
        else:
            return None
        return reader.powered(value, power, False, node)

    def as_point(self, node, base, reader):
        reader.point = reader.point or node
        self.points.add(base.text)
        return terms.Point(node, base.text)

    def size(self, node, symbol, reader):
        """n_l, or n^l, or the letter of one layer's size."""
        if symbol.layer is not None and not isinstance(node, Scripted):
            layer = self.fixed(node, symbol.layer)
            return terms.Read(node, lambda env: float(env.world.sizes[layer.value(env)]))
        if not isinstance(node, Scripted) or node.primes:
            fail("n needs its layer: n_l", node)
        if node.sub is not None and node.sup is not None:
            fail("n with two scripts: for a power write (n_l)^2", node)
        script = node.sub or node.sup
        if len(script) != 1:
            fail("n has one script, its layer", node)
        inner = script[0]
        if isinstance(inner, Group) and inner.kind in ("paren", "bracket") and len(inner.items) == 1:
            inner = inner.items[0]
        layer = reader.layer(inner, 1, shift=symbol.shift)
        return terms.Read(node, lambda env: float(env.world.sizes[layer.value(env)]))

    def quantity(self, node, reader, with_marks=False):
        """Return the quantity that a letter with its scripts stands for, or None."""
        base, sub, sup, primes = (
            (node.base, node.sub, node.sup, node.primes) if isinstance(node, Scripted) else (node, None, None, 0)
        )
        symbol = self.find(base)
        found, marks = None, Marks()
        if symbol is not None and symbol.kind in LAYERED:
            power = sup is not None and base.text == "x" and isinstance(sup[0], Number)
            if sub is None and (sup is None or power) and not primes and self._is_point(base, symbol):
                return (None, None) if with_marks else None
            found, marks = self.of_layer(node, base, sub, sup, primes, symbol, reader)
            if isinstance(found, terms.Quantity):
                reader.seen.append(found)
        elif symbol is not None and symbol.kind in COSTS:
            found, marks = self.cost(node, sub, sup, primes, symbol, reader)
        elif symbol is not None and symbol.kind == "ones":
            found, marks = self.ones(node, sub, sup, reader)
        if with_marks:
            return found, marks
        if found is None:
            return self.as_point(node, base, reader) if symbol is not None and symbol.kind == "point" else None
        return None if marks.power is not None or marks.turned else found

    def _is_point(self, base, symbol):
        """Is this bare letter the variable of σ(z), rather than a quantity of a layer?"""
        if base.style:
            return False
        if base.text == "z" and symbol.layer is None:
            return True
        if base.text == "x" and not any(self._of_network(letter) for letter in self.named - {"x", "z"}):
            return True
        return base.text in ("z", "x") and symbol.whole is None

    def _of_network(self, letter):
        symbol = self.notation.symbols.get(letter)
        return symbol is not None and symbol.kind in (*LAYERED, *COSTS)


def _index_value(place, reader):
    if isinstance(place, Number):
        return terms.Number(place, float(place.text))
    if index_letter(place) is None:
        fail("the two indices of δ are letters or numbers", place)
    from .shapes import Use

    reader.note(place.text, Use("value", None, place))
    return terms.Letter(place, place.text)
