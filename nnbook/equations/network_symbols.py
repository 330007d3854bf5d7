"""The symbols of a notation: from a letter with its scripts to a quantity of a network."""

from __future__ import annotations

from . import engine, terms
from .errors import NeedsValues, fail
from .functions import ACTIVATION_NAMES, Function
from .indices import index_letter, plain_letter, spread
from .language.tree import Group, Juxt, Name, Number, Scripted, Top, to_latex
from .notation import Notation, spelled

LAYERED = ("w", "b", "z", "a", "delta", "t")
PER_SAMPLE = ("z", "a", "delta", "t")
COSTS = ("C", "total", "mean", "J", "penalty")


class Marks:
    """What stands above a letter: its layer, its sample, a transpose, a power."""

    __slots__ = ("layer", "power", "sample", "turned")

    def __init__(self):
        self.layer = self.sample = self.power = None
        self.turned = False


class NetworkSymbols:
    """What letters mean in an equation about networks.

    Parameters
    ----------
    notation : Notation
    named : frozenset of str
        The spelled letters that the equation holds; some decide over the reading of others.
    hidden : str or None
        The assumed hidden activation, needed where ``f`` stands without a layer.
    letter_layers : LetterLayers or None
        Where index letters say the layer: the layer of each.
    """

    unknown = "it is not on the notation page, and no given= supplies it"
    counts = False

    def __init__(self, notation: Notation, named=frozenset(), hidden=None, letter_layers=None):
        self.notation, self.named, self.hidden, self.by_letter = notation, named, hidden, letter_layers
        self.loose = notation.loose
        self.biases = False
        self.points: set[str] = set()

    # --- what the reader asks ---------------------------------------------------------------------------------------

    def knows(self, base):
        own = self.find(base)
        return own is not None and not (own.kind == "defined" and own.parameters)  # e_j leaves e as it is

    def turns(self, text):
        return text in self.notation.transposes

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

    def constant(self, node, reader):
        """Return env -> int for L, N, B, P, n_l standing in an index or a bound; else None."""
        base = node.base if isinstance(node, Scripted) else node
        symbol = self.find(base)
        if symbol is None:
            if isinstance(base, Name) and isinstance(self.notation.layers.get(base.text), int | str):
                return self._named_layer(base)
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

    def _named_layer(self, base):
        layer = self.notation.layers[base.text]
        return (lambda env: env.world.L) if layer == "L" else (lambda env: layer)

    def special(self, item, items, reader):
        """Read d before a quantity as the derivative of the cost, where the notation does."""
        if not (self.notation.differential and plain_letter(item) == "d" and items):
            return None
        below = self.quantity(items[0], reader)
        if below is None or not isinstance(below, terms.Quantity):
            return None
        items.pop(0)
        above = self.cost_of(item, "J" if below.kind in ("w", "b") else "total")
        return terms.Slope(item, above, below)

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
                layer = self.layer_index(marks.layer, symbol, 2, reader, "the layer of f")
        if layer is None and symbol.layer is not None:
            layer = self.fixed(node, symbol.layer)
        hidden = self.hidden if isinstance(self.hidden, str) else None
        kind = hidden or symbol.named
        call = engine.ELEMENTWISE.get(kind)
        return Function("activation", kind or "", layer, call, primes, power, False, True)

    def symbol(self, node, reader):
        base = node.base if isinstance(node, Scripted) else node
        own = self.find(base)
        if own is not None and own.kind == "defined" and (self.knows(base) or getattr(node, "sub", None)):
            return self.defined(node, own, reader)
        quantity, marks = self.quantity(node, reader, True)
        if quantity is None:
            return self.network_constant(node, reader)
        if marks is not None and marks.turned:
            quantity = (
                quantity.turned()
                if quantity.matrix
                else fail(
                    "a number has no transpose; a matrix is bold" if not self.loose else "a number has no transpose",
                    node,
                )
            )
        return reader.powered(quantity, marks.power if marks else None, False, node)

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

    # --- scripts ------------------------------------------------------------------------------------------------------

    def marks(self, sup, node, layered):
        """Sort what stands above a letter into layer, sample, transpose and power."""
        marks, mark = Marks(), self.notation.mark
        if sup is None:
            return marks
        if len(sup) != 1:
            fail("a superscript holds one thing", node)
        items = list(sup[0].items) if isinstance(sup[0], Juxt) else [sup[0]]
        for item in items:
            if isinstance(item, Top) or (isinstance(item, Name) and self.turns(item.text)):
                if marks.turned:
                    fail(f"cannot read the superscript {to_latex(sup[0])}", node)
                marks.turned = True
            elif isinstance(item, Group) and item.kind in ("paren", "bracket") and len(item.items) == 1:
                self._bracketed(item, marks, layered, node)
            elif mark == "bare" and layered and marks.layer is None:
                if isinstance(item, Name) and item.text == "T":
                    fail(r"the transpose is written \top; T is the targets", node)
                marks.layer = item
            elif self.notation.sample == "bare" and index_letter(item) and marks.sample is None:
                marks.sample = item
            elif marks.power is None and not (mark == "bare" and layered):
                marks.power = item
            else:
                fail(f"cannot read the superscript {to_latex(sup[0])}", node)
        return marks

    def _bracketed(self, item, marks, layered, node):
        shape = {"paren": "(", "bracket": "["}[item.kind]
        inner = item.items[0]
        if shape == self.notation.mark and layered and marks.layer is None:
            marks.layer = inner
        elif shape == self.notation.sample and marks.sample is None:
            marks.sample = inner
        elif self.notation.mark == "bare":
            fail("a layer is written without parentheses: w^{l}, not w^{(l)}", node)
        else:
            fail(f"no meaning for the superscript {to_latex(item)}", node)

    def layer_index(self, node, symbol, first, reader, name, shift=None):
        shift = symbol.shift if shift is None else shift
        fixed = self.notation.layers.get(node.text) if isinstance(node, Name) else None
        if fixed is None and isinstance(node, Scripted):
            fixed = self.notation.layers.get(to_latex(node).replace(" ", "").replace("{", "").replace("}", ""))
        if isinstance(fixed, int):
            return self.fixed(node, fixed)
        if isinstance(node, Name) and node.style in ("text", "word") and fixed == "L":
            return self.fixed(node, "L")
        return reader.layer(node, first, name=name, shift=shift)

    @staticmethod
    def fixed(node, layer):
        """The index of a layer that a letter fixes: a number, or "L"."""
        constant = (lambda env: env.world.L) if layer == "L" else (lambda env: layer)
        return terms.Index(node, None, constant, 0, lambda env: (1, env.world.L), "the layer")

    # --- quantities -----------------------------------------------------------------------------------------------

    def quantity(self, node, reader, with_marks=False):
        """Return the quantity that a letter with its scripts stands for, or None."""
        base, sub, sup, primes = (
            (node.base, node.sub, node.sup, node.primes) if isinstance(node, Scripted) else (node, None, None, 0)
        )
        symbol = self.find(base)
        found, marks = None, None
        if symbol is not None and symbol.kind in LAYERED:
            power = sup is not None and base.text == "x" and isinstance(sup[0], Number)
            if sub is None and (sup is None or power) and not primes and self._is_point(base, symbol):
                return (None, None) if with_marks else None
            found, marks = self.of_layer(node, base, sub, sup, primes, symbol, reader)
            reader.seen.append(found)
        elif symbol is not None and symbol.kind in COSTS:
            found, marks = self.cost(node, sub, sup, primes, symbol, reader)
        elif symbol is not None and symbol.kind == "ones":
            found, marks = self.ones(node, sub, sup, reader)
        if with_marks:
            return found, marks
        if found is None:
            return self.as_point(node, base, reader) if symbol is not None and symbol.kind == "point" else None
        if marks is not None and (marks.power is not None or marks.turned):
            return None
        return found

    def _is_point(self, base, symbol):
        """Is this bare letter the variable of σ(z), rather than a quantity of a layer?"""
        return not base.style and base.text in ("z", "x") and symbol.whole is None

    def of_layer(self, node, base, sub, sup, primes, symbol, reader):
        text = to_latex(base).strip()
        marks = self.marks(sup, node, symbol.layer is None and self.by_letter is None)
        if primes:
            if not self.turns("'") or primes > 1:
                fail("a prime stands only on a function", node)
            marks.turned = True
        places = spread(sub) if sub is not None else None
        if symbol.kind == "b":
            self.biases = True
        if self.by_letter is not None and places is not None and symbol.layer is None:
            layer = self.by_letter.layer(symbol, places, reader, node)
        elif symbol.layer is not None:
            layer = self.fixed(node, symbol.layer)
        elif marks.layer is not None:
            layer = self.layer_index(marks.layer, symbol, symbol.first, reader, f"the layer of {text}")
        else:
            self._no_layer(node, text, sub, symbol)
        return self.with_places(node, symbol, layer, places, marks, reader, text), marks

    def _no_layer(self, node, text, sub, symbol):
        if symbol.whole is None and sub is None:
            fail(f"{text} needs its layer above and its unit below", node)
        if symbol.kind == "w" and symbol.whole and not symbol.units:
            fail(r"\mathbf{W} has its layer above and nothing below", node)
        fail(f"{to_latex(node)} needs its layer above", node)

    def with_places(self, node, symbol, layer, places, marks, reader, text):
        kind = symbol.kind
        factor = terms.Number(node, float(symbol.sign)) if symbol.sign != 1 else None
        if places is None:
            if symbol.whole is None:
                fail(f"{text} needs its unit below" if symbol.layer else f"{to_latex(node)} needs its unit below", node)
            return terms.Quantity(node, kind, layer, self.whole_roles(node, symbol, marks, None, reader), factor)
        if not symbol.units:
            if kind in ("w", "b") or symbol.whole in ("rows", "columns"):
                what = r"\mathbf{W}" if kind == "w" else "b" if kind == "b" else "a batch"
                fail(
                    f"{what} has no subscript"
                    if kind not in ("w", "b")
                    else f"{what} has its layer above and nothing below",
                    node,
                )
            if len(places) != 1:
                fail("a bold letter has no unit; its one subscript is the sample", node)
            return terms.Quantity(node, kind, layer, self.whole_roles(node, symbol, marks, places[0], reader), factor)
        return terms.Quantity(node, kind, layer, self.index_roles(node, symbol, layer, places, marks, reader), factor)

    def whole_roles(self, node, symbol, marks, sample, reader):
        """The roles of the axes of a whole column, row, batch or matrix."""
        whole = symbol.whole
        if symbol.kind == "w":
            turned = (whole == "matrix from-to") != bool(self.notation.turned_if & self.named)
            return ("column", "row") if turned else ("row", "column")
        if symbol.kind == "b":
            return ("column",) if whole in ("row", "rows") else ("row",)
        sample = marks.sample if marks.sample is not None else sample
        if whole in ("rows", "columns") and sample is None:
            reader.explicit = reader.explicit or node
            return ("row", "column") if whole == "rows" else ("column", "row")
        unit = "column" if whole in ("row", "rows") else "row"
        return (reader.at_hand(node) if sample is None else reader.sample(sample), unit)

    def index_roles(self, node, symbol, layer, places, marks, reader):
        kind = symbol.kind
        name = to_latex(node).strip()
        if kind == "w":
            if len(places) != 2:
                fail("w has two indices, to and from: w^l_{ji}", node)
            to, source = places if symbol.order == "to-from" else places[::-1]
            return reader.unit(to, layer, name=name), reader.unit(source, layer, zero=True, below=1, name=name)
        if kind == "b":
            if len(places) != 1:
                fail("b has one index, its unit", node)
            return (reader.unit(places[0], layer, name=name),)
        sample = marks.sample
        if len(places) == 2 and self.notation.sample == "sub":
            sample, places = places[0], places[1:]
        if len(places) != 1:
            fail("too many indices: the unit, or the sample and the unit", node)
        role = reader.at_hand(node) if sample is None else reader.sample(sample)
        return role, reader.unit(places[0], layer, zero=kind == "a", name=name)

    def ones(self, node, sub, sup, reader):
        marks = self.marks(sup, node, False)
        if marks.power is not None:
            fail("a column of ones has no layer", node)
        count = reader.integer(sub[0], lambda env: (1, 100_000), "value") if sub else self.fixed_count(node)
        return Ones(node, count), marks

    @staticmethod
    def fixed_count(node):
        return terms.Index(node, None, lambda env: env.world.N, 0, lambda env: (1, 10**9), "the count")

    # --- costs --------------------------------------------------------------------------------------------------------

    def cost(self, node, sub, sup, primes, symbol, reader):
        if primes:
            fail("a prime stands only on a function", node)
        marks = self.marks(sup, node, False)
        if marks.turned:
            fail("a number has no transpose", node)
        kind = symbol.kind
        if kind == "J" and sub is not None and not self.loose:
            fail("J has no subscript", node)
        if sub is not None:
            if len(sub) != 1:
                fail("C has one subscript", node)
            index = sub[0]
            if isinstance(index, Name) and index.text in ("T", "B", "total") and index.style in ("", "text", "word"):
                return terms.Quantity(node, "C_T" if index.text != "B" else "C_B"), marks
            return terms.Quantity(node, "C", None, (reader.sample(index),)), marks
        if marks.sample is not None:
            return terms.Quantity(node, "C", None, (reader.sample(marks.sample),)), marks
        if kind == "C" and self.notation.total_if & self.named:
            kind = "J"
        if kind == "C":
            return terms.Quantity(node, "C", None, (reader.at_hand(node),)), marks
        return self.cost_of(node, kind), marks

    def cost_of(self, node, kind):
        """The cost of all samples: their sum, their mean, or with the penalty, as the notation has it."""
        total = terms.Quantity(node, "C_T")
        if kind == "total":
            return total
        if self.notation.name == "book":
            return terms.Quantity(node, "J")
        count = terms.Read(node, lambda env: float(env.world.N))
        mean = terms.Ratio(node, total, count)
        rest = terms.Product(
            node, [terms.Read(node, lambda env: env.world.penalty[1]), terms.Quantity(node, "penalty")]
        )
        if kind == "penalty":
            return rest
        if kind == "mean" or not (set(self.notation.of_kind("lambda")) & self.named):
            return mean
        if self.notation.penalty == "half mean":
            rest = terms.Ratio(node, rest, count)
        return terms.Add(node, (1, 1), [mean, rest])

    # --- derivatives ----------------------------------------------------------------------------------------------

    def derivative(self, node, reader):
        bottom = self.below(node.bottom, reader)
        above = reader.expression(node.top)
        self._above_allowed(node, above)
        entrywise = self.notation.entrywise
        return terms.Slope(node, above, bottom, entrywise)

    def below(self, node, reader):
        found = self.quantity(node, reader)
        if isinstance(found, terms.Point):
            return found
        if (
            found is None
            and isinstance(node, Name)
            and self.find(node) is not None
            and self._is_point(node, self.find(node))
        ):
            return self.as_point(node, node, reader)
        if not isinstance(found, terms.Quantity):
            fail(r"below in \frac{\partial Y}{\partial X} stands a single network quantity", node)
        if found.kind not in ("w", "b", "z", "a"):
            fail("derivatives are taken with respect to w, b, z or a", node)
        return found

    def _above_allowed(self, node, above):
        if isinstance(above, terms.Quantity) and above.kind in ("w", "b", "t"):
            fail("only what is computed is differentiated: a cost, a z or an a", node.top)

    def nabla(self, node, reader):
        wrt = getattr(node, "wrt", None)
        quantity = self.quantity(node.of, reader)
        if wrt is not None:
            return terms.Slope(node, reader.expression(node.of), self.below(wrt, reader))
        if not isinstance(quantity, terms.Quantity) or quantity.kind not in ("C", "C_T", "C_B", "J"):
            fail(r"\nabla stands before a cost", node)
        return terms.Gradient(node, quantity)

    def apply(self, function, arguments, node, reader):
        raise AssertionError(function.kind)


class Ones(terms.Term):
    """A column of ones."""

    matrix = True

    def __init__(self, node, count, is_turned=False):
        self.node, self.count, self.is_turned = node, count, is_turned

    def turned(self):
        return Ones(self.node, self.count, not self.is_turned)

    def value(self, env):
        import numpy as np

        count = self.count.value(env)
        if isinstance(count, range) or count > 100_000:
            fail("a column of so many ones", self.node)
        column = np.ones((count, 1))
        return terms.Value((), column.T if self.is_turned else column, True)


__all__ = ["ACTIVATION_NAMES", "NetworkSymbols", "Number", "plain_letter"]
