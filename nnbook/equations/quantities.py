"""From a letter with its scripts to a quantity of a network: layers, samples, units, whole arrays, costs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from . import operations, slopes, terms, values
from .errors import fail
from .indices import index_letter, spread
from .language.tree import Group, Juxt, Name, Node, Nodes, Number, Scripted, Top, to_latex
from .notation import Notation, Symbol, spelled
from .symbols import Symbols
from .terms import Env, Index, Quantity, Term
from .values import Value

if TYPE_CHECKING:
    from .letter_layers import LetterLayers
    from .meaning import Reader
    from .terms import Role

LAYERED = ("w", "b", "z", "a", "delta", "t", "input", "slope")
COSTS = ("C", "C+", "total", "mean", "J", "penalty")


class Marks:
    """What stands above a letter: its layer, its sample, a transpose, a power."""

    __slots__ = ("layer", "power", "sample", "turned")

    def __init__(self) -> None:
        self.layer: Node | None = None
        self.sample: Node | None = None
        self.power: Node | None = None
        self.turned = False


class Scripts(Symbols):
    """Reads what stands above a letter."""

    notation: Notation

    def turns(self, text: str) -> bool:
        return text in self.notation.transposes

    def marks(self, sup: Nodes | None, node: Node, layered: bool) -> Marks:
        """Sort what stands above a letter into layer, sample, transpose and power."""
        marks, mark = Marks(), self.notation.mark
        if sup is None:
            return marks
        letter = self.notation.sample_letter
        if len(sup) == 2 and mark == "bare" and layered and letter and index_letter(sup[0]) == letter:
            marks.sample, sup = sup[0], sup[1:]  # z^{x,l}
        if len(sup) != 1:
            fail("one superscript was expected", node)
        for item in list(sup[0].items) if isinstance(sup[0], Juxt) else [sup[0]]:
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

    def _bracketed(self, item: Group, marks: Marks, layered: bool, node: Node) -> None:
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

    def named_layer(self, node: Node | None) -> int | str | None:
        """Return the layer that a word or a letter names ("out", n_l), or None."""
        if isinstance(node, Name):
            return self.notation.layers.get(node.text)
        if isinstance(node, Scripted):
            return self.notation.layers.get(to_latex(node).replace(" ", "").replace("{", "").replace("}", ""))
        return None

    def layer_index(self, node: Node, symbol: Symbol, first: int, reader: Reader, name: str) -> Index:
        fixed = self.named_layer(node)
        if isinstance(fixed, int) or (fixed == "L" and isinstance(node, Name) and node.text != "L"):
            return self.fixed(node, fixed)
        if isinstance(node, Juxt):  # a word spelled with letters: W^{(out)}
            word = "".join(getattr(item, "text", "?") for item in node.items)
            if word in self.notation.layers:
                return self.fixed(node, self.notation.layers[word])
        return reader.layer(node, first, name=name, shift=symbol.shift)

    @staticmethod
    def fixed(node: Node, layer: int | str) -> Index:
        """The index of a layer that a letter determines: a number, or "L"."""
        constant = (lambda env: env.world.L) if layer == "L" else (lambda env: layer)
        index = terms.Index(node, None, constant, 0, lambda env: (1, env.world.L), "the layer")
        index.fixed = layer
        return index


class Quantities(Scripts):
    """Reads quantities of layers."""

    named: frozenset[str]
    by_letter: LetterLayers | None

    def find(self, base: Node | None) -> Symbol | None:
        """Return the symbol of a letter, or None."""
        return self.notation.symbols.get(spelled(base)) if isinstance(base, Name) else None

    def of_layer(
        self, node: Node, base: Name, sub: Nodes | None, sup: Nodes | None, primes: int, symbol: Symbol, reader: Reader
    ) -> tuple[Term, Marks]:
        """Return (quantity, marks) of a letter that has layers."""
        text = to_latex(base).strip()
        below = self.notation.mark == "sub" and symbol.layer is None
        marks = self.marks(sup, node, symbol.layer is None and not below)
        if primes:
            if not self.turns("'") or primes > 1:
                fail("only a function takes a prime", node)
            marks.turned = True
        places = spread(sub) if sub is not None else None
        if below and places and sub is not None:
            marks.layer, places = sub[0], (list(sub[1:]) or None)
        if symbol.layer == "L" and symbol.kind == "a" and places and all(_capital(p) for p in places):
            places = None  # h_{W,b}
        if symbol.kind == "b" or (symbol.kind == "w" and places and getattr(places[-1], "text", "") == "0"):
            self.biases = True
        layer = self._layer(node, text, symbol, places, marks, sub, reader)
        return self.with_places(node, symbol, layer, places, marks, reader, text), marks

    def _layer(
        self,
        node: Node,
        text: str,
        symbol: Symbol,
        places: list[Node] | None,
        marks: Marks,
        sub: Nodes | None,
        reader: Reader,
    ) -> Index:
        if places is None and symbol.whole_layer is not None:
            return self.fixed(node, symbol.whole_layer)
        if symbol.layer is not None:
            return self.fixed(node, symbol.layer)
        if marks.layer is not None:
            return self.layer_index(marks.layer, symbol, symbol.first, reader, f"the layer of {text}")
        if self.by_letter is not None and places is not None:
            return self.by_letter.layer(symbol, places, reader, node)
        if symbol.whole is None and sub is None:
            fail(f"{text} needs its layer above and its unit below", node)
        if symbol.kind == "w" and symbol.whole and not symbol.units and self.notation.mark != "sub":
            fail(r"\mathbf{W} has its layer above and nothing below", node)
        return fail(f"{to_latex(node)} needs its layer above", node)

    def with_places(
        self,
        node: Node,
        symbol: Symbol,
        layer: Index,
        places: list[Node] | None,
        marks: Marks,
        reader: Reader,
        text: str,
    ) -> Term:
        if places is None:
            if symbol.whole is None:
                fail(f"{text if symbol.layer else to_latex(node)} needs its unit below", node)
            roles = self.whole_roles(node, symbol, layer, marks, None, reader)
        elif symbol.units:
            source = places[0] if symbol.order == "from-to" else places[-1]
            if symbol.kind == "w" and len(places) == 2 and source == Number(str(self.notation.bias_row)):
                self.biases = True
                return terms.Quantity(node, "b", layer, (reader.unit(places[1], layer, name=text),))
            roles = self.index_roles(node, symbol, layer, places, marks, reader)
        else:
            self._no_units(node, symbol, places)
            roles = self.whole_roles(node, symbol, layer, marks, places[0], reader)
        factor = terms.Number(node, float(symbol.sign)) if symbol.sign != 1 else None
        if symbol.kind == "input":  # what comes in, before the bias or threshold is added
            own = terms.Quantity(node, "z", layer, roles)
            reader.seen.append(own)
            return Input(node, own, terms.Quantity(node, "b", layer, roles[1:]))
        if symbol.kind == "slope":
            return slopes.Slope(node, terms.Quantity(node, "C_T"), terms.Quantity(node, "w", layer, roles))
        return terms.Quantity(node, symbol.kind, layer, roles, factor)

    @staticmethod
    def _no_units(node: Node, symbol: Symbol, places: list[Node]) -> None:
        if symbol.kind in ("w", "b"):
            what = r"\mathbf{W}" if symbol.kind == "w" else "b"
            fail(f"{what} has its layer above and nothing below", node)
        if symbol.whole in ("rows", "columns"):
            fail("a batch has no subscript", node)
        if len(places) != 1:
            fail("a bold letter has no unit; its one subscript is the sample", node)

    def whole_roles(
        self, node: Node, symbol: Symbol, layer: Index, marks: Marks, sample: Node | None, reader: Reader
    ) -> tuple[Role, ...]:
        """The roles of the axes of a whole column, row, batch or matrix."""
        whole = symbol.whole
        if symbol.kind in ("w", "slope"):
            turned = (whole in ("matrix from-to", "unit")) != bool(self.notation.turned_if & self.named)
            return ("column", "row") if turned else ("row", "column")
        if symbol.kind == "b":
            if whole == "unit":
                return (self.only_unit(node, layer),)
            return ("column",) if whole in ("row", "rows") else ("row",)
        if whole == "row" and self.notation.rows_if & self.named and symbol.kind != "w":
            whole = "rows"
        sample = marks.sample if marks.sample is not None else sample
        if whole in ("rows", "columns") and sample is None:
            reader.explicit, reader.whole = reader.explicit or node, reader.whole or node
            return ("row", "column") if whole == "rows" else ("column", "row")
        role = reader.at_hand(node) if sample is None else reader.sample(sample)
        if whole == "unit":
            return role, self.only_unit(node, layer)
        return role, "column" if whole in ("row", "rows") else "row"

    @staticmethod
    def only_unit(node: Node, layer: Index) -> Index:
        """The index of unit 1 of a layer."""
        return terms.Index(node, None, None, 1, lambda env: (1, env.world.sizes[layer.value(env)]), "the unit")

    def index_roles(
        self, node: Node, symbol: Symbol, layer: Index, places: list[Node], marks: Marks, reader: Reader
    ) -> tuple[Role, ...]:
        kind, name = symbol.kind, to_latex(node).strip()
        if kind in ("w", "slope"):
            if symbol.whole == "unit" and len(places) == 1:  # a weight of the one unit
                return self.only_unit(node, layer), reader.unit(places[0], layer, zero=True, below=1, name=name)
            if len(places) != 2:
                fail("w has two indices, to and from: w^l_{ji}", node)
            by_mark = self.by_letter is not None and marks.layer is not None and self.notation.mark == "bare"
            to, source = places if symbol.order == "to-from" or by_mark else places[::-1]
            return reader.unit(to, layer, name=name), reader.unit(source, layer, zero=True, below=1, name=name)
        if kind == "b":
            if len(places) != 1:
                fail("b has one index, its unit", node)
            return (reader.unit(places[0], layer, name=name),)
        sample = marks.sample
        if len(places) == 2 and self.notation.sample == "sub":
            sample, places = places[0], places[1:]
        elif len(places) == 2 and symbol.whole in ("rows", "columns") and sample is None:  # an entry of a batch
            sample, unit = places if symbol.whole == "rows" else places[::-1]
            places = [unit]
        if len(places) != 1:
            fail("too many indices: the unit, or the sample and the unit", node)
        if self.notation.sample == "outputs" and (symbol.layer == "L" or getattr(marks.layer, "text", "") == "L"):
            return reader.sample(places[0]), self.only_unit(node, layer)
        role = reader.at_hand(node) if sample is None else reader.sample(sample)
        return role, reader.unit(places[0], layer, zero=kind == "a", name=name)

    # --- costs --------------------------------------------------------------------------------------------------------

    def cost(
        self,
        node: Node,
        sub: Nodes | None,
        sup: Nodes | None,
        primes: int,
        symbol: Symbol,
        reader: Reader,
        about: Iterable[str] = (),
    ) -> tuple[Term, Marks]:
        """Return (cost, marks); ``about`` are the letters in parentheses after it, J(W, b; x, y)."""
        if primes:
            fail("only a function takes a prime", node)
        marks, kind = self.marks(sup, node, False), symbol.kind
        if marks.turned:
            fail("a number has no transpose", node)
        if sub is not None and kind == "J" and not self.loose:
            fail("J has no subscript", node)
        if sub is not None:
            if len(sub) != 1:
                fail("C has one subscript", node)
            return self._numbered_cost(node, sub[0], reader), marks
        if marks.sample is not None:
            return terms.Quantity(node, "C", None, (reader.sample(marks.sample),)), marks
        if about and kind in ("C", "J", "total"):
            kind = "C" if {"x", "y", "hat y", "a", "z"} & set(about) else "J" if kind != "total" else kind
        elif kind == "C" and self.notation.total_if & self.named:
            kind = "J"
        if self.notation.cost_is and kind in ("C", "total", "mean", "J"):
            kind = self.notation.cost_is
        if kind in ("C", "C+"):
            own = terms.Quantity(node, "C", None, (reader.at_hand(node),))
            return own if kind == "C" else operations.Add(node, (1, 1), [own, self.penalty(node)]), marks
        return self.cost_of(node, kind), marks

    def _numbered_cost(self, node: Node, index: Node, reader: Reader) -> Term:
        if isinstance(index, Name) and index.text in ("T", "B", "total") and index.style in ("", "text", "word"):
            return terms.Quantity(node, "C_T" if index.text != "B" else "C_B")
        if isinstance(index, Number) and index.text == "0":  # without its penalty
            return self.cost_of(node, "mean")
        return terms.Quantity(node, "C", None, (reader.sample(index),))

    def all_weights(self, node: Node) -> Term | None:
        """Return the sum of the squares of all weights, when ``node`` is W without a layer; else None."""
        symbol = self.find(node)
        if symbol is None or symbol.kind != "w" or symbol.layer is not None:
            return None
        return operations.Product(node, [terms.Number(node, 2.0), terms.Quantity(node, "penalty")])

    def penalty(self, node: Node) -> Term:
        strength = terms.Read(node, lambda env: env.world.penalty[1])
        return operations.Product(node, [strength, terms.Quantity(node, "penalty")])

    def ones(self, node: Node, sub: Nodes | None, sup: Nodes | None, reader: Reader) -> tuple[Term, Marks]:
        marks = self.marks(sup, node, False)
        if marks.power is not None:
            fail("a column of ones has no layer", node)
        if sub:
            count = reader.integer(sub[0], lambda env: (1, 100_000), "value")
        else:
            count = terms.Index(node, None, lambda env: env.world.N, 0, lambda env: (1, 10**9), "the count")
        return Ones(node, count), marks

    def cost_of(self, node: Node, kind: str) -> Term:
        """The cost of all samples: their sum, their mean, or with the penalty, as the notation defines it."""
        total = terms.Quantity(node, "C_T")
        if self.notation.name == "book" and kind == "J":
            return terms.Quantity(node, "J")
        penalised = set(self.notation.of_kind("lambda")) & self.named
        if kind == "total":
            return operations.Add(node, (1, 1), [total, self.penalty(node)]) if penalised else total
        if kind == "penalty":
            return self.penalty(node)
        count = terms.Read(node, lambda env: float(env.world.N))
        mean = operations.Ratio(node, total, count)
        if kind == "mean" or not penalised:
            return mean
        rest = self.penalty(node)
        if self.notation.penalty == "half mean":
            rest = operations.Ratio(node, rest, count)
        return operations.Add(node, (1, 1), [mean, rest])


class Letters(Quantities):
    """Reads a letter with its scripts, whatever it stands for."""

    def marked(self, node: Node, reader: Reader) -> tuple[Term | None, Marks]:
        """Return the quantity that a letter with its scripts stands for, or None, and what stands above it."""
        base, sub, sup, primes = (
            (node.base, node.sub, node.sup, node.primes) if isinstance(node, Scripted) else (node, None, None, 0)
        )
        symbol = self.find(base)
        if symbol is None or not isinstance(base, Name):
            return None, Marks()
        if symbol.kind in COSTS:
            return self.cost(node, sub, sup, primes, symbol, reader)
        if symbol.kind == "ones":
            return self.ones(node, sub, sup, reader)
        power = sup is not None and base.text == "x" and isinstance(sup[0], Number)
        bare = sub is None and (sup is None or power) and not primes
        if symbol.kind not in LAYERED or (bare and self.is_point(base, symbol)):
            return None, Marks()
        found, marks = self.of_layer(node, base, sub, sup, primes, symbol, reader)
        if isinstance(found, Quantity):
            reader.seen.append(found)
        return found, marks

    def quantity(self, node: Node, reader: Reader) -> Term | None:
        """Return the quantity or the free letter that ``node`` is, without a power or a transpose; else None."""
        found, marks = self.marked(node, reader)
        if found is not None:
            return None if marks.power is not None or marks.turned else found
        base = node.base if isinstance(node, Scripted) else node
        symbol = self.find(base)
        if symbol is not None and symbol.kind == "point" and isinstance(base, Name):
            return self.as_point(node, base, reader)
        return None

    def as_point(self, node: Node, base: Name, reader: Reader) -> terms.Point:
        """Return a bare letter as a free number."""
        reader.point = reader.point or node
        self.points.add(base.text)
        return terms.Point(node, base.text)

    def is_point(self, base: Name, symbol: Symbol) -> bool:
        """Is this bare letter the variable of σ(z), rather than a quantity of a layer?"""
        if base.style:
            return False
        if base.text == "z" and symbol.layer is None:
            return True
        if base.text == "x" and not any(self._of_network(letter) for letter in self.named - {"x", "z"}):
            return True
        return base.text in ("z", "x") and symbol.whole is None

    def _of_network(self, letter: str) -> bool:
        symbol = self.notation.symbols.get(letter)
        return symbol is not None and symbol.kind in (*LAYERED, *COSTS)


def _capital(place: Node) -> bool:
    return isinstance(place, Name) and not place.style and (place.text.isupper() or place.text in ("b", r"\theta"))


class Input(terms.Term):
    """The input of a unit before its bias is added; its derivatives are those of the weighted input."""

    def __init__(self, node: Node, z: Quantity, b: Quantity) -> None:
        self.node, self.z, self.b = node, z, b

    def value(self, env: Env) -> Value:
        return values.add((1, -1), (self.z.value(env), self.b.value(env)), self.node)


class Ones(terms.Term):
    """A column of ones."""

    matrix = True

    def __init__(self, node: Node, count: Index, is_turned: bool = False) -> None:
        self.node, self.count, self.is_turned = node, count, is_turned

    def turned(self) -> Ones:
        return Ones(self.node, self.count, not self.is_turned)

    def value(self, env: Env) -> Value:
        count = self.count.value(env)
        if isinstance(count, range) or count > 100_000:
            fail("a column of more than 100,000 ones", self.node)
        column = np.ones((count, 1))
        return values.matrix(column.T if self.is_turned else column)
