"""The symbols of a notation: what each letter of an equation about networks means."""

from __future__ import annotations

from . import engine, terms
from .errors import NeedsValues, fail
from .functions import Function
from .indices import index_letter, plain_letter, spread
from .language.tree import Group, Juxt, Nabla, Name, Number, Relation, Scripted, to_latex, walk
from .notation import Notation, spelled
from .quantities import COSTS, LAYERED, Input, Marks, Ones, Quantities

RATE = 0.37  # what η is: any number does, since no equation is about its size


class NetworkSymbols(Quantities):
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
        self.loose = notation.loose
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
        return plain_letter(node) is not None and (symbol is None or symbol.kind in ("N", "size", "point"))

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

    def special(self, item, items, reader):
        """Read what takes the factor behind it along: d and Δ before a quantity, letters behind a cost, 1 of a test."""
        if not items:
            return None
        if isinstance(item, Nabla) and item.wrt is not None and self.loose and isinstance(items[0], Group):
            above = self.special(item.of, items, reader)
            if above is not None:
                below, turned = self.below(item.wrt, reader, True)
                slope = terms.Slope(item, above, below)
                return terms.Transpose(item, slope) if turned else slope
        base = item.base if isinstance(item, Scripted) else item
        symbol = self.find(base)
        if self.notation.differential and plain_letter(item) == "d":
            return self._differential(item, items, reader)
        if symbol is not None and symbol.kind == "step" and isinstance(items[0], Name | Scripted):
            return self._step(item, items, reader)
        group = items[0] if isinstance(items[0], Group) and items[0].kind in ("paren", "bracket") else None
        if group is None:
            return None
        if (
            isinstance(base, Name)
            and base.text == "1"
            and base.style in ("bb", "bold", "word")
            or (isinstance(base, Name) and (base.text, base.style) == ("I", "bb"))
        ):
            if len(group.items) == 1 and isinstance(group.items[0], Relation):
                items.pop(0)
                return terms.Indicator(item, reader.truth(group.items[0]))
        if not self.loose or symbol is None:
            return None
        about = [spelled(part) for argument in group.items for part in walk(argument) if isinstance(part, Name)]
        if symbol.kind in COSTS and about and not any(isinstance(i, Relation) for i in group.items):
            items.pop(0)
            return self._cost_about(item, group, about, symbol, reader)
        if symbol.kind == "a" and symbol.layer == "L" and set(about) <= {"x", "i", "bold x", "W", "b"}:
            items.pop(0)
            return reader.expression(item)
        return None

    def _cost_about(self, item, group, about, symbol, reader):
        sub, sup, primes = (item.sub, item.sup, item.primes) if isinstance(item, Scripted) else (None, None, 0)
        for part in walk(group):  # J(W, b; x^{(i)}, y^{(i)}) is the cost of sample i
            if (
                isinstance(part, Scripted) and spelled(part.base) in ("x", "y", "hat y", "a")
                if isinstance(getattr(part, "base", None), Name)
                else False
            ):
                marks = self.marks(
                    part.sup, part, self.find(part.base) is not None and self.find(part.base).layer is None
                )
                if marks.sample is not None and sub is None:
                    return terms.Quantity(item, "C", None, (reader.sample(marks.sample),))
        quantity, marks = self.cost(item, sub, sup, primes, symbol, reader, about)
        return reader.powered(quantity, marks.power, False, item)

    def _differential(self, item, items, reader):
        below = self.quantity(items[0], reader, True)
        if not isinstance(below[0], terms.Quantity) or below[0].kind not in ("w", "b", "z", "a"):
            return None
        items.pop(0)
        above = self.cost_of(item, "J" if below[0].kind in ("w", "b") else "total")
        slope = terms.Slope(item, above, below[0])
        return terms.Transpose(item, slope) if below[1].turned else slope

    def _step(self, item, items, reader):
        below = self.quantity(items[0], reader)
        if not isinstance(below, terms.Quantity) or below.kind not in ("w", "b"):
            return None
        items.pop(0)
        above = terms.Quantity(item, "C", None, (reader.at_hand(item),))
        return terms.Product(item, [terms.Number(item, -RATE), terms.Slope(item, above, below)])

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

    # --- letters ------------------------------------------------------------------------------------------------------

    def symbol(self, node, reader):
        base = node.base if isinstance(node, Scripted) else node
        own = self.find(base)
        if own is not None and own.kind == "defined" and (self.knows(base) or getattr(node, "sub", None)):
            return self.defined(node, own, reader)
        if self._is_kronecker(node, base):
            return terms.Kronecker(node, *(self._index_value(place, reader) for place in spread(node.sub)))
        quantity, marks = self.quantity(node, reader, True)
        if quantity is None:
            return self.network_constant(node, reader)
        if marks is not None and marks.turned:
            if not getattr(quantity, "matrix", False) and not isinstance(quantity, terms.Slope):
                fail("a number has no transpose" + ("" if self.loose else "; a matrix is bold"), node)
            quantity = quantity.turned() if hasattr(quantity, "turned") else terms.Transpose(node, quantity)
        return reader.powered(quantity, marks.power if marks else None, False, node)

    @staticmethod
    def _is_kronecker(node, base):
        return (
            isinstance(node, Scripted)
            and plain_letter(base) is None
            and (base.text, base.style) == (r"\delta", "")
            and node.sub is not None
            and node.sup is None
            and not node.primes
            and len(spread(node.sub)) == 2
        )

    @staticmethod
    def _index_value(place, reader):
        if isinstance(place, Number):
            return terms.Number(place, float(place.text))
        if index_letter(place) is None:
            fail("the two indices of δ are letters or numbers", place)
        from .shapes import Use

        reader.note(place.text, Use("value", None, place))
        return terms.Letter(place, place.text)

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

    def ones(self, node, sub, sup, reader):
        marks = self.marks(sup, node, False)
        if marks.power is not None:
            fail("a column of ones has no layer", node)
        if sub:
            count = reader.integer(sub[0], lambda env: (1, 100_000), "value")
        else:
            count = terms.Index(node, None, lambda env: env.world.N, 0, lambda env: (1, 10**9), "the count")
        return Ones(node, count), marks

    # --- derivatives --------------------------------------------------------------------------------------------------

    def derivative(self, node, reader):
        bottom, turned = self.below(node.bottom, reader)
        above = reader.expression(node.top)
        if isinstance(above, terms.Quantity) and above.kind in ("w", "b", "t"):
            fail("only what is computed is differentiated: a cost, a z or an a", node.top)
        slope = terms.Slope(node, above, bottom, self.notation.entrywise)
        return terms.Transpose(node, slope) if turned else slope

    def below(self, node, reader, whole=False):
        """Return (what a derivative is taken with respect to, is it transposed?)."""
        base = node.base if isinstance(node, Scripted) else node
        symbol = self.find(base)
        if whole and base is node and symbol is not None and symbol.kind in ("a", "z") and symbol.layer is None:
            kind, roles = symbol.kind, (reader.at_hand(node), "row")  # ∇_a C: of the outputs
            return terms.Quantity(node, kind, self.fixed(node, "L"), roles), False
        found, marks = self.quantity(node, reader, True)
        if isinstance(found, Input):
            return found.z, False
        if found is None and symbol is not None and (symbol.kind == "point" or self._is_point(base, symbol)):
            if base is node:
                return self.as_point(node, base, reader), False
        if not isinstance(found, terms.Quantity) or marks.power is not None:
            fail(r"below in \frac{\partial Y}{\partial X} stands a single network quantity", node)
        if found.kind not in ("w", "b", "z", "a"):
            fail("derivatives are taken with respect to w, b, z or a", node)
        return found, marks.turned

    def nabla(self, node, reader):
        if node.wrt is not None:
            below, turned = self.below(node.wrt, reader, True)
            slope = terms.Slope(node, reader.expression(node.of), below)
            return terms.Transpose(node, slope) if turned else slope
        quantity = self.quantity(node.of, reader)
        if not isinstance(quantity, terms.Quantity) or quantity.kind not in ("C", "C_T", "C_B", "J"):
            fail(r"\nabla stands before a cost", node)
        return terms.Gradient(node, quantity)


def spelled_words(node, words):
    """Return ``node`` with names that are spelled like products (n e t) put together."""
    from .language.tree import children, replaced

    for path, child in list(children(node)):
        new = spelled_words(child, words)
        if new is not child:
            node = replaced(node, path, new)
    if not isinstance(node, Juxt):
        return node
    items, n = [], 0
    while n < len(node.items):
        for word in sorted(words, key=len, reverse=True):
            part = node.items[n : n + len(word)]
            last = part[-1].base if part and isinstance(part[-1], Scripted) else (part[-1] if part else None)
            letters = [plain_letter(p) for p in part[:-1]] + [plain_letter(last) if last is not None else None]
            if len(part) == len(word) and letters == list(word):
                name = Name(word, "word", position=part[0].position)
                last = part[-1]
                if isinstance(last, Scripted):
                    name = Scripted(name, last.sub, last.sup, last.primes, position=part[0].position)
                items.append(name)
                n += len(word)
                break
        else:
            items.append(node.items[n])
            n += 1
    return items[0] if len(items) == 1 else Juxt(tuple(items), position=node.position)
