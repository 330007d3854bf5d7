"""Index letters: reading an index, and noting in which places each letter stands."""

from __future__ import annotations

import math

from . import terms
from .errors import UnreadableEquation, fail
from .language.tree import Group, Juxt, Name, Node, Nodes, Number, Sum, to_latex, walk
from .shapes import Limits, Scope, Use
from .symbols import Symbols
from .terms import Bound, Env, RangeOf, Term
from .values import Value


def plain_letter(node: Node | None) -> str | None:
    """Return the text of an unstyled single letter (or ``\\ell``), else None."""
    if not isinstance(node, Name) or node.style or node.accent:
        return None
    return node.text if len(node.text) == 1 or node.text == r"\ell" else None


def index_letter(node: Node | None) -> str | None:
    """Return the text of a letter that may be an index, else None."""
    text = plain_letter(node)
    return text if text is not None and (text.islower() or text == r"\ell") else None


def spread(subscript: Nodes) -> list[Node]:
    """Split a subscript into its indices: by commas, else one character an index."""
    if len(subscript) > 1:
        return list(subscript)
    node = subscript[0]
    items: Nodes = node.items if isinstance(node, Juxt) else (node,)
    out: list[Node] = []
    for item in items:
        if isinstance(item, Number) and len(item.text) > 1 and "." not in item.text:
            out += [Number(c, position=item.position + n) for n, c in enumerate(item.text)]
        else:
            out.append(item)
    return out


def letters_in(node: Node | None) -> set[str]:
    """Return the letters of a piece that may be indices."""
    return {letter for part in walk(node) if (letter := index_letter(part))} if node is not None else set()


def whole(value: Value, node: Node) -> int:
    data = value.data.real
    if value.axes or value.matrix or data != int(data):
        fail(f"an index or bound must be a whole number; {to_latex(node)} is {data}", node)
    return int(data)


class Indices:
    """What the reading of one relation knows of its index letters: a part of `Reader`, and nothing else is one."""

    symbols: Symbols

    def expression(self, node: Node) -> Term:
        """Return the piece that ``node`` becomes."""
        raise NotImplementedError

    def begin(self) -> None:
        self.free = Scope()
        self.scopes: list[tuple[str, Scope]] = []
        self.bound_letters: dict[str, Node] = {}
        self.most = {"layer": 1, "unit": 1, "sample": 1}  # the largest number that stands as an index
        self.hand: Node | None = None
        self.explicit: Node | None = None
        self.whole: Node | None = None
        self.point: Node | None = None
        self.layered: Node | None = None

    def note(self, letter: str, use: Use) -> None:
        for name, scope in reversed(self.scopes):
            if name == letter:
                scope.note(letter, use)
                return
        self.free.note(letter, use)

    def bound_here(self, letter: str | None) -> bool:
        return any(name == letter for name, _ in self.scopes)

    def integer(
        self,
        node: Node,
        kind_range: RangeOf,
        kind: str,
        *,
        zero: bool = False,
        name: str = "an index",
        steps: bool = False,
        shift: int = 0,
        about: str = "",
    ) -> terms.Index:
        """Read an index: a letter, a number, a constant, or a letter or constant ± a number."""
        letter, constant, offset = None, None, shift
        items = list(zip(node.signs, node.items)) if isinstance(node, Sum) else [("+", node)]
        for sign, item in items:
            step = 1 if sign == "+" else -1
            if isinstance(item, Group) and item.kind in ("brace", "paren") and len(items) == 1 and step > 0:
                return self.integer(
                    item.items[0], kind_range, kind, zero=zero, name=name, steps=steps, shift=shift, about=about
                )
            if isinstance(item, Number) and "." not in item.text:
                offset += step * int(item.text)
                continue
            if step < 0 or letter is not None or constant is not None:
                fail(f"cannot read {to_latex(node)} as an index", node)
            own = index_letter(item)
            bound = own is not None and self.bound_here(own)
            fixed = None if bound else self.symbols.constant(item, self)  # type: ignore[arg-type]
            if fixed is not None:
                constant = fixed
            elif own is not None:
                letter = own
            else:
                fail(f"cannot read {to_latex(item)} as an index", item)
        index = terms.Index(node, letter, constant, offset, kind_range, name, zero)
        if letter is None and constant is None and kind in self.most:
            self.most[kind] = max(self.most[kind], min(offset, 40))
        if letter is not None:
            self.symbols.allow(letter, kind, offset - shift, node, self)  # type: ignore[arg-type]

            def its_range(env: Env) -> Limits:
                low, high = kind_range(env)
                return low - offset, high - offset

            self.note(letter, Use(kind, its_range, node, offset, steps, zero, name, about))
        return index

    def layer(
        self, node: Node, first: int, last_offset: int = 0, name: str = "the layer", shift: int = 0
    ) -> terms.Index:
        self.layered = self.layered or node
        return self.integer(node, lambda env: (first, env.world.L + last_offset), "layer", name=name, shift=shift)

    def unit(
        self, node: Node, layer: terms.Index, zero: bool = False, below: int = 0, name: str = "the unit"
    ) -> terms.Index:
        """Read a unit's index; ``below`` is 1 for a unit of the layer below ``layer``."""

        def its_range(env: Env) -> Limits:
            return 1, env.world.sizes[layer.value(env) - below]

        return self.integer(node, its_range, "unit", zero=zero, name=name, about=about_layer(layer, below))

    def sample(self, node: Node) -> terms.Index:
        self.explicit = self.explicit or node
        return self.integer(node, lambda env: (1, env.world.N), "sample", name="the sample")

    def at_hand(self, node: Node) -> terms.Role:
        """The sample that a quantity is of where it names none: that of the sum around it, else the one at hand."""
        letter = self.symbols.sample_letter
        if letter and self.bound_here(letter):
            return self.sample(Name(letter, position=node.position))
        self.hand = self.hand or node
        return "hand"

    def bound(self, node: Node | None) -> Bound:
        """Read a bound of a sum: a whole number, a constant, a letter ± a number."""
        assert node is not None  # the parser reads both bounds or neither
        if isinstance(node, Sum) or index_letter(node) is not None or isinstance(node, Number):
            try:
                index = self.integer(node, lambda env: (-math.inf, math.inf), "value")
                return index.value
            except UnreadableEquation:
                if not isinstance(node, Sum):
                    raise
        fixed = self.symbols.constant(node, self)  # type: ignore[arg-type]
        if fixed is not None:
            return fixed
        value = self.expression(node)
        return lambda env: whole(value.value(env), node)


def about_layer(layer: terms.Index, below: int) -> str:
    """Say of which layer an index counts the units."""
    shift = getattr(layer, "offset", 0) - below
    head = getattr(layer, "letter", None)
    if head is None:
        text = to_latex(layer.node).strip() if getattr(layer, "node", None) is not None else ""
        return f"units of layer {text}" + (" − 1" if below else "")
    head = head.lstrip("\\")
    return f"units of layer {head}" + (f" {'+' if shift > 0 else '−'} {abs(shift)}" if shift else "")
