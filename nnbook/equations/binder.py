"""Gives every symbol of a printed equation its meaning, and compiles the equation to something that can be run.

Each piece of the tree becomes a function of ``env``, a dictionary from index letters to numbers. While compiling, every
place where an index letter stands is noted: these places alone decide over what the index runs.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass

import numpy as np

from . import engine, tree
from .errors import NeedsValues, UnreadableEquation
from .given import Given, key_text
from .tree import (
    Group,
    Juxt,
    Nabla,
    Name,
    Number,
    Scripted,
    Sum,
    Top,
    to_latex,
)

BUDGET = 500_000  # pieces of the tree that one check may evaluate
MOST_ENTRIES = 100_000  # of an array that is made on the way
HAND = "the sample at hand"
POINT = "the point"

# The one table: what each symbol of the notation page means in an equation about networks.
# Layer quantities: the letter, the layers on which it exists (from, to as offsets from 1 and L), how many indices.
LAYERED = {"w": ("w", 2), "b": ("b", 2), "z": ("z", 2), "a": ("a", 1), r"\delta": ("delta", 2)}
BOLD_COLUMN = {"b": "b", "z": "z", "a": "a", r"\delta": "delta", "x": "x", "t": "t"}
BOLD_ROWS = {"Z": "z", "A": "a", r"\Delta": "delta", "X": "x", "T": "t"}


def fail(reason, node):
    raise UnreadableEquation(reason, position=node.position)


def real_part(v):
    return v.real if isinstance(v, complex | np.complexfloating) else v


def is_array(v):
    return isinstance(v, np.ndarray)


@dataclass
class Use:
    """One place where an index letter stands: what kind of place, and its range there."""

    kind: str  # "layer", "unit", "sample", "axis" or "value"
    range: object  # env -> (low, high), for the letter itself
    node: tree.Node
    offset: int = 0
    steps: bool = False  # a sequence whose first step is declared: such ranges may differ
    zero: bool = False  # may the stated range begin at 0 (the bias unit)?
    name: str = ""


class Scope:
    def __init__(self):
        self.uses: dict[str, list[Use]] = {}

    def note(self, letter, use):
        self.uses.setdefault(letter, []).append(use)


def plain_letter(node):
    return node.text if isinstance(node, Name) and not node.style and not node.accent and len(node.text) == 1 else None


def spread(subscript):
    """Split a subscript into its indices: by commas, else one character an index."""
    if len(subscript) > 1:
        return list(subscript)
    node = subscript[0]
    items = node.items if isinstance(node, Juxt) else (node,)
    out = []
    for item in items:
        if isinstance(item, Number) and len(item.text) > 1 and "." not in item.text:
            out += [Number(c, position=item.position + n) for n, c in enumerate(item.text)]
        else:
            out.append(item)
    return out


class Binder:
    """Compiles the relations of one statement.

    Parameters
    ----------
    given : Given or None
        The values a check supplies; None for an equation about networks.
    hidden : str or None
        The assumed hidden activation, needed where ``f`` stands without a layer.
    """

    def __init__(self, given: Given | None = None, hidden=None):
        self.given = given
        self.hidden = hidden
        self.begin()

    def begin(self):
        self.free = Scope()
        self.scopes: list[tuple[str, Scope]] = []
        self.bound_letters: dict[str, tree.Node] = {}
        self.landau: list[tuple[Name, float]] = []
        self.hand: tree.Node | None = None
        self.explicit: tree.Node | None = None
        self.point: tree.Node | None = None
        self.layered: tree.Node | None = None

    # --- indices ------------------------------------------------------------------------------------------------

    def note(self, letter, use):
        for name, scope in reversed(self.scopes):
            if name == letter:
                scope.note(letter, use)
                return
        self.free.note(letter, use)

    def constant(self, node):
        """Return env -> int for L, N, B, P, n_l or a given whole number standing in an index or a bound; else None."""
        if self.given is not None:
            found = self.given.find(node)
            if found is not None and found.scalar:
                return lambda env: self.whole(found.read(env, ()), node)
            if isinstance(node, Scripted) and node.sup is None and found is None:
                element = self.given.find(node.base)
                if element is not None and element.array:
                    value = self.expression(node)
                    return lambda env: self.whole(value(env), node)
            return None
        letter = plain_letter(node)
        if letter == "L":
            return lambda env: env["net"].L
        if letter in ("N", "B"):
            return lambda env: env["net"].N
        if letter == "P":
            return lambda env: env["net"].P
        if isinstance(node, Scripted) and plain_letter(node.base) == "n":
            return self.size(node)
        return None

    @staticmethod
    def whole(value, node):
        value = real_part(value)
        if is_array(value) or value != int(value):
            fail(f"an index or bound must be a whole number; {to_latex(node)} is {value}", node)
        return int(value)

    def integer(self, node, kind_range, kind, *, zero=False, name="", steps=False):
        """Compile an index: a letter, a number, a constant, or a letter or constant ± a number."""
        letter, constant, offset = None, None, 0
        items = list(zip(node.signs, node.items)) if isinstance(node, Sum) else [("+", node)]
        for sign, item in items:
            step = 1 if sign == "+" else -1
            if isinstance(item, Group) and item.kind in ("brace", "paren") and len(items) == 1 and step > 0:
                return self.integer(item.items[0], kind_range, kind, zero=zero, name=name)
            if isinstance(item, Number) and "." not in item.text:
                offset += step * int(item.text)
                continue
            if step < 0 or letter is not None or constant is not None:
                fail(f"cannot read {to_latex(node)} as an index", node)
            fixed = self.constant(item)
            if fixed is not None:
                constant = fixed
            elif plain_letter(item) is not None and item.text.islower():
                letter = item.text
            else:
                fail(f"cannot read {to_latex(item)} as an index", item)
        if letter is None:

            def number(env):
                value = (constant(env) if constant else 0) + offset
                low, high = kind_range(env)
                if value < (0 if zero and constant is None else low) or value > high:
                    raise NotHere(f"{name or 'an index'} = {value} does not exist here (only {low} … {high})", node)
                return value

            return number
        if kind == "sample" and letter != "k" and self.given is None and not self.scopes_hold(letter):
            # a second sample index may be any letter when a sum binds it; free, only k is read as a sample
            fail(f"{letter} stands where a sample stands; the sample is k", node)
        if kind != "sample" and letter == "k" and self.given is None:
            fail("k is only ever a sample", node)
        if kind == "unit" and offset and self.given is None:
            fail("a unit's index is a letter or a number", node)

        def its_range(env):
            low, high = kind_range(env)
            return low - offset, high - offset

        self.note(letter, Use(kind, its_range, node, offset, steps, zero, name))

        def index(env):
            value = env[letter] + offset
            low, high = kind_range(env)
            if value < (0 if zero else low) or value > high:
                raise OutOfRange(f"{name or 'an index'} = {value} does not exist here (only {low} … {high})", node)
            return value

        index.letter = letter
        return index

    def scopes_hold(self, letter):
        return any(name == letter for name, _ in self.scopes)

    def layer(self, node, first, last_offset=0, name="layer"):
        self.layered = self.layered or node
        return self.integer(node, lambda env: (first, env["net"].L + last_offset), "layer", name=name)

    def unit(self, node, layer, zero=False):
        return self.integer(node, lambda env: (1, env["net"].sizes[layer(env)]), "unit", zero=zero, name="unit")

    def sample(self, node):
        self.explicit = self.explicit or node
        return self.integer(node, lambda env: (1, env["net"].N), "sample", name="sample")

    def at_hand(self, node):
        self.hand = self.hand or node
        return lambda env: env[HAND]

    def size(self, node):
        """n_l, or n^l."""
        if not isinstance(node, Scripted) or node.primes:
            fail("n needs its layer: n_l", node)
        if node.sub is not None and node.sup is not None:
            fail("n with two scripts: for a power write (n_l)^2", node)
        script = node.sub or node.sup
        if len(script) != 1:
            fail("n has one script, its layer", node)
        layer = self.layer(script[0], 1)
        return lambda env: env["net"].sizes[layer(env)]

    # --- network quantities ---------------------------------------------------------------------------------------

    def split_top(self, sup, node):
        r"""Return (layer node or None, is there a \top) of a superscript."""
        if sup is None:
            return None, False
        if len(sup) != 1:
            fail("a superscript holds one thing", node)
        items = list(sup[0].items) if isinstance(sup[0], Juxt) else [sup[0]]
        turned = [i for i in items if isinstance(i, Top)]
        rest = [i for i in items if not isinstance(i, Top)]
        if len(turned) > 1 or len(rest) > 1:
            fail(f"cannot read the superscript {to_latex(sup[0])}", node)
        return (rest[0] if rest else None), bool(turned)

    def quantity(self, node):
        """Return a Quantity for a network symbol with its scripts, or None when it is no network symbol."""
        base, sub, sup, primes = (
            (node.base, node.sub, node.sup, node.primes) if isinstance(node, Scripted) else (node, None, None, 0)
        )
        if isinstance(base, Group) and base.kind == "brace" and len(base.items) == 1:
            return None
        if not isinstance(base, Name) or base.accent:
            return None
        text = base.text
        if base.style == "bold":
            return self.bold_quantity(node, base, sub, sup, primes)
        if base.style:
            return None
        if text in LAYERED:
            if sub is None and sup is None:
                if text in ("z",) and not primes:
                    return None  # the bare variable of σ(z)
                fail(f"{to_latex(base).strip()} needs its layer above and its unit below", node)
            if primes:
                fail("a prime stands only on a function", node)
            kind, first = LAYERED[text]
            layer_node, turned = self.split_top(sup, node)
            if turned:
                fail("a number has no transpose; a matrix is bold", node)
            if layer_node is None:
                fail(f"{to_latex(node)} needs its layer above", node)
            if sub is None:
                fail(f"{to_latex(node)} needs its unit below", node)
            layer = self.layer(layer_node, first, name=f"layer of {to_latex(base).strip()}")
            places = spread(sub)
            if kind == "w":
                if len(places) != 2:
                    fail("w has two indices, to and from: w^l_{ji}", node)
                to = self.unit(places[0], layer)
                source = self.unit(places[1], lambda env: layer(env) - 1, zero=True)
                return Quantity("w", layer, None, to, source)
            if kind == "b":
                if len(places) != 1:
                    fail("b has one index, its unit", node)
                return Quantity("b", layer, None, self.unit(places[0], layer))
            return self.per_sample(kind, layer, places, node)
        if text in ("t", "x"):
            layer_node, turned = self.split_top(sup, node)
            if sub is None:
                if text == "x" and sup is None and not primes:
                    return None  # the bare variable of f(x)
                fail(f"{text} needs its unit below", node)
            if primes or turned:
                fail("a prime stands only on a function, a transpose only on a matrix", node)
            layer = (lambda env: env["net"].L) if text == "t" else (lambda env: 1)
            quantity = self.per_sample("a" if text == "x" else "t", layer, spread(sub), node)
            quantity.power = layer_node
            return quantity
        if text in ("C", "J"):
            if primes:
                fail("a prime stands only on a function", node)
            layer_node, turned = self.split_top(sup, node)
            if turned:
                fail("a number has no transpose", node)
            quantity = self.cost(text, sub, node)
            quantity.power = layer_node
            return quantity
        return None

    def per_sample(self, kind, layer, places, node):
        if len(places) == 1:
            sample, place = self.at_hand(node), places[0]
        elif len(places) == 2:
            sample, place = self.sample(places[0]), places[1]
        else:
            fail("too many indices: the unit, or the sample and the unit", node)
        return Quantity(kind, layer, sample, self.unit(place, layer, zero=(kind == "a")))

    def cost(self, text, sub, node):
        if text == "J":
            if sub is not None:
                fail("J has no subscript", node)
            return Quantity("J", None, None, None)
        if sub is None:
            return Quantity("C", None, self.at_hand(node), None)
        if len(sub) != 1:
            fail("C has one subscript", node)
        index = sub[0]
        if isinstance(index, Name) and index.text in ("T", "B") and index.style in ("", "text", "word"):
            return Quantity("C_T", None, None, None)
        return Quantity("C", None, self.sample(index), None)

    def bold_quantity(self, node, base, sub, sup, primes):
        if primes:
            fail("a prime stands only on a function", node)
        text = base.text
        if text == "1":
            if sup is not None and self.split_top(sup, node)[0] is not None:
                fail("a column of ones has no layer", node)
            turned = self.split_top(sup, node)[1]
            count = self.integer(sub[0], lambda env: (1, MOST_ENTRIES), "value") if sub else (lambda env: env["net"].N)
            return Quantity("ones", None, None, count, turned=turned)
        layer_node, turned = self.split_top(sup, node)
        if text == "W":
            if sub is not None or layer_node is None:
                fail(r"\mathbf{W} has its layer above and nothing below", node)
            return Quantity("W", self.layer(layer_node, 2, name="layer of W"), None, None, turned=turned)
        rows = text in BOLD_ROWS
        if not rows and text not in BOLD_COLUMN:
            return None
        kind = (BOLD_ROWS if rows else BOLD_COLUMN)[text]
        if kind in ("x", "t"):
            if layer_node is not None:
                fail(f"{to_latex(base)} has no layer", node)
            layer = (lambda env: 1) if kind == "x" else (lambda env: env["net"].L)
            kind = "a" if kind == "x" else "t"
        else:
            if layer_node is None:
                fail(f"{to_latex(base)} needs its layer above", node)
            layer = self.layer(layer_node, 1 if kind == "a" else 2, name=f"layer of {to_latex(base)}")
        if rows:
            if sub is not None:
                fail("a batch has no subscript", node)
            self.explicit = self.explicit or node
            return Quantity(kind, layer, "all", None, shape="rows", turned=turned)
        if kind == "b":
            if sub is not None:
                fail("b has its layer above and nothing below", node)
            return Quantity("b", layer, None, None, shape="column", turned=turned)
        if sub is not None and len(spread(sub)) != 1:
            fail("a bold letter has no unit; its one subscript is the sample", node)
        sample = self.at_hand(node) if sub is None else self.sample(spread(sub)[0])
        return Quantity(kind, layer, sample, None, shape="column", turned=turned)

    # --- expressions ------------------------------------------------------------------------------------------------

    def expression(self, node):
        method = getattr(self, "_" + type(node).__name__.lower(), None)
        if method is None:
            fail(f"{to_latex(node)} has no value", node)
        return method(node)

    def _number(self, node):
        value = float(node.text)
        return lambda env: value

    def _name(self, node):
        return self.symbol(node)

    def _top(self, node):
        fail(r"\top stands only in a superscript", node)

    def _dots(self, node):
        fail("dots mean nothing definite; write a sum or a product", node)

    def symbol(self, node):
        """A name, with or without scripts."""
        if self.given is not None:
            value = self.given_symbol(node)
            if value is not None:
                return value
            base = node.base if isinstance(node, Scripted) else node
            if (base.text, base.style) == ("1", "bold"):
                if not isinstance(node, Scripted) or node.sub is None:
                    fail(r"how many ones? Write \mathbf{1}_n", node)
                return self.bold_quantity(node, base, node.sub, node.sup, node.primes).compiled()
        else:
            quantity = self.quantity(node)
            if quantity is not None:
                return self.powered(quantity.compiled(), quantity.power, node)
            value = self.network_constant(node)
            if value is not None:
                return value
        value = self.common(node)
        if value is not None:
            return value
        if isinstance(node, Scripted):
            return self.scripted_value(node)
        if self.callable(node) is not None:
            fail(f"{to_latex(node).strip()} is a function and needs an argument in parentheses", node)
        raise self.unknown(node)

    def unknown(self, node):
        where = (
            "it is not on the notation page, and no given= supplies it"
            if self.given is None
            else "given= does not supply it"
        )
        return NeedsValues(f"no meaning for {to_latex(node).strip()}: {where}", position=node.position)

    def network_constant(self, node):
        base = node.base if isinstance(node, Scripted) else node
        letter = plain_letter(base)
        if letter == "n":
            size = self.size(node)
            return lambda env: float(size(env))
        if isinstance(node, Scripted):
            return None
        if letter in ("L", "N", "B", "P"):
            constant = self.constant(node)
            return lambda env: float(constant(env))
        if isinstance(node, Name) and node.text == r"\lambda" and not node.style:
            return lambda env: env["net"].penalty[1]
        if letter in ("z", "x"):
            self.point = self.point or node
            return lambda env: env[POINT]
        return None

    def common(self, node):
        """Constants every equation knows, and index letters used as numbers."""
        letter = plain_letter(node)
        if letter == "e":
            return lambda env: math.e
        if isinstance(node, Name) and node.text == r"\pi" and not node.style:
            return lambda env: math.pi
        if isinstance(node, Name) and (node.text, node.style) == ("i", "word"):
            return lambda env: 1j
        if letter is not None and letter.islower() and self.index_known(letter):
            self.note(letter, Use("value", None, node))
            return lambda env: float(env[letter])
        return None

    def index_known(self, letter):
        return self.scopes_hold(letter) or letter in self.letters

    letters: frozenset = frozenset()  # the letters that stand somewhere as an index; set by `compile_relation`

    def _scripted(self, node):
        return self.symbol(node) if isinstance(node.base, Name) else self.scripted_value(node)

    def scripted_value(self, node):
        """A group or a number with a superscript: a power, or a transpose."""
        if node.primes:
            fail("a prime stands only on a function", node)
        if isinstance(node.base, Group) and node.base.kind == "norm" and node.sub is not None:
            return self.powered(self.norm(node.base, node.sub), *self.power_of(node), node)
        if node.sub is not None and isinstance(node.base, Name):
            raise self.unknown(node)
        if node.sub is not None:
            fail(f"no meaning for the subscript of {to_latex(node)}", node)
        if (
            isinstance(node.base, Name)
            and plain_letter(node.base) == "e"
            and (self.given is None or self.given.find(node.base) is None)
        ):
            if node.sup is None or len(node.sup) != 1:
                fail("one superscript was expected", node)
            exponent = self.expression(node.sup[0])
            return lambda env: elementwise(exp, exponent(env))
        base = self.expression(node.base)
        return self.powered(base, *self.power_of(node), node)

    def power_of(self, node):
        """Return (exponent node or None, transposed) of a superscript that is a power."""
        if node.sup is None:
            return None, False
        if len(node.sup) == 1 and isinstance(node.sup[0], Top):
            return None, True
        return node.sup[0], False

    def powered(self, value, exponent, *rest):
        turned, node = rest if len(rest) == 2 else (False, rest[0])
        if turned:

            def transposed(env):
                v = value(env)
                if not is_array(v):
                    fail("the transpose of a number", node)
                return v.T

            return transposed
        if exponent is None:
            return value
        raised = self.expression(exponent)

        def power(env):
            v, e = value(env), raised(env)
            if is_array(v) or is_array(e):
                fail(r"a power of an array; write \odot for elementwise products", node)
            return to_power(v, e)

        return power

    def _group(self, node):
        if node.kind == "norm":
            return self.norm(node, None)
        if len(node.items) != 1:
            fail("a list in parentheses stands only behind a function", node)
        inner = self.expression(node.items[0])
        if node.kind == "abs":

            def absolute(env):
                v = inner(env)
                if is_array(v):
                    fail("the absolute value of an array", node)
                return v if real_part(v) >= 0 else -v

            return absolute
        if node.kind == "floor":
            return lambda env: float(math.floor(real_part(inner(env)) + 1e-12))
        return inner

    def norm(self, node, sub):
        inner = self.expression(node.items[0])
        order = None
        if sub is not None:
            order = to_latex(sub[0]).strip()
            if order not in ("1", "2", "F"):
                fail(f"cannot read the norm's subscript {order}", node)

        def length(env):
            v = inner(env)
            if not is_array(v):
                fail("the norm of a number; use |…|", node)
            if v.shape[1] > 1:
                if order == "2":
                    return float(np.linalg.norm(v.real, 2))
                if order != "F":
                    fail(r"the norm of a matrix needs a subscript, 2 or F", node)
            elif order == "F":
                fail("the norm of a column is written without F", node)
            if order == "1":
                return sum(x if real_part(x) >= 0 else -x for x in v.ravel().tolist())
            return sqrt(sum(x * x for x in v.ravel().tolist()))

        return length

    def _sum(self, node):
        parts = [(1 if sign == "+" else -1, self.expression(item)) for sign, item in zip(node.signs, node.items)]
        for sign, item in zip(node.signs, node.items):
            if sign == "-" and self.is_landau(item):
                fail("O(…) carries no sign of its own: write + O(…)", item)

        def total(env):
            value = None
            for sign, part in parts:
                term = part(env)
                term = term if sign > 0 else -term
                if value is None:
                    value = term
                elif is_array(value) != is_array(term):
                    fail(f"{shape_text(value)} and {shape_text(term)} are added", node)
                elif is_array(value) and value.shape != term.shape:
                    fail(f"{shape_text(value)} and {shape_text(term)} are added", node)
                else:
                    value = value + term
            return value

        return total

    def is_landau(self, node):
        return (
            isinstance(node, Juxt)
            and len(node.items) == 2
            and plain_letter(node.items[0]) == "O"
            and isinstance(node.items[1], Group)
            and not self.names_given(node.items[0])
        )

    def names_given(self, node):
        return self.given is not None and self.given.find(node) is not None

    def _times(self, node):
        parts = [self.expression(item) for item in node.items]

        def product(env):
            value = parts[0](env)
            for part in parts[1:]:
                other = part(env)
                if is_array(value) and is_array(other):
                    fail(r"\cdot between arrays; write matrix products side by side", node)
                value = value * other
            return value

        return product

    def _hadamard(self, node):
        parts = [self.expression(item) for item in node.items]

        def product(env):
            value = parts[0](env)
            for part in parts[1:]:
                other = part(env)
                if not (is_array(value) and is_array(other) and value.shape == other.shape):
                    fail(rf"\odot between {shape_text(value)} and {shape_text(other)}", node)
                value = value * other
            return value

        return product

    def _ratio(self, node):
        top, bottom = self.expression(node.top), self.expression(node.bottom)

        def ratio(env):
            above, below = top(env), bottom(env)
            if is_array(below):
                fail("division by an array", node)
            if below == 0:
                raise ZeroDivision("a division by zero", node)
            return above / below

        return ratio

    def _root(self, node):
        inner = self.expression(node.of)
        return lambda env: elementwise(sqrt, inner(env))

    def _juxt(self, node):
        if self.is_landau(node):
            return self.big_o(node)
        factors, items = [], list(node.items)
        while items:
            item = items.pop(0)
            special = self.expectation(item, items)
            if special is not None:
                factors.append(special)
                continue
            function = self.callable(item)
            if function is None:
                factors.append(self.expression(item))
                continue
            arguments, scripted = self.arguments_of(item, items)
            if arguments is None:
                if not function.bare or not items:
                    fail(f"{to_latex(item).strip()} is a function and needs an argument in parentheses", item)
                inner = items.pop(0)
                if items and self.callable(inner) is not None:
                    taken = (
                        1
                        if isinstance(items[0], Group)
                        or (isinstance(items[0], Scripted) and isinstance(items[0].base, Group))
                        else 0
                    )
                    inner = Juxt((inner, *items[:taken]), position=inner.position)
                    items = items[taken:]
                if items:
                    fail(f"how far does {to_latex(item).strip()} reach? put its argument in parentheses", item)
                arguments = (inner,)
            value = self.applied(function, arguments, item)
            if scripted is not None:
                if scripted.sub is not None or scripted.primes:
                    if scripted.primes or not function.vector:
                        fail("a subscript or prime behind an application", scripted)
                    value = self.component(value, scripted)
                value = self.powered(value, *self.power_of(scripted), scripted)
            if function.power is not None:
                value = self.powered(value, function.power, item)
            factors.append(value)
        if len(factors) == 1:
            return factors[0]

        def product(env):
            value = factors[0](env)
            for factor in factors[1:]:
                value = matmul(value, factor(env), node)
            return value

        return product

    def component(self, value, scripted):
        places = spread(scripted.sub)
        if len(places) != 1:
            fail("one index was expected", scripted)
        index = self.integer(places[0], lambda env: (1, value(env).shape[0]), "axis", name="component")

        def part(env):
            column = value(env)
            if not is_array(column) or column.shape[1] != 1:
                fail("a subscript behind something that is no column", scripted)
            return column[index(env) - 1, 0]

        return part

    @staticmethod
    def arguments_of(item, items):
        """Take the group behind a function off ``items``; return its arguments and the scripts it bears."""
        if items and isinstance(items[0], Group) and items[0].kind in ("paren", "bracket"):
            return items.pop(0).items, None
        if (
            items
            and isinstance(items[0], Scripted)
            and isinstance(items[0].base, Group)
            and items[0].base.kind in ("paren", "bracket")
        ):
            scripted = items.pop(0)
            return scripted.base.items, scripted
        return None, None

    # --- functions --------------------------------------------------------------------------------------------------

    def callable(self, node):
        """Return a Function when ``node`` names one (with primes, a layer or a power on it), else None."""
        if isinstance(node, Nabla):
            inner = self.callable(node.of)
            if inner is None:
                return None
            if self.given is None:
                return None
            return Function("gradient", inner.call, 1, vector=True)
        base, sub, sup, primes = (
            (node.base, node.sub, node.sup, node.primes) if isinstance(node, Scripted) else (node, None, None, 0)
        )
        if not isinstance(base, Name):
            return None
        if self.given is not None:
            found = self.given.function(node)
            if found is not None:
                entry, power, left = found
                call = lambda env: entry.value  # noqa: E731
                if entry.functions:
                    places = self.places(entry, Scripted(base, sub, position=node.position))
                    call = lambda env: entry.functions[places(env)[0]]  # noqa: E731
                return Function("given", call, None, power=power, primes=left, vector=True)
            if self.given.find(base) is not None:
                return None
        elif plain_letter(base) == "f":
            return self.activation(node, sub, sup, primes)
        name = base.text.lstrip("\\")
        if base.accent or (base.style not in ("", "word")) or not (base.text.startswith("\\") or base.style):
            return None
        if name not in FUNCTIONS:
            return None
        if sub is not None:
            fail(f"no meaning for a subscript on {name}", node)
        power = sup[0] if sup is not None else None
        if power is not None and not isinstance(power, Number):
            fail(f"only a number can be a power of {name}", node)
        if primes and name not in DIFFERENTIABLE:
            fail(f"no derivative of {name} is defined here", node)
        if primes > 1:
            fail("only a first derivative is taken; supply a higher one through given=", node)
        return Function(
            "named",
            FUNCTIONS[name],
            ARITY.get(name, 1),
            name=name,
            power=power,
            primes=primes,
            bare=base.text.startswith("\\") or base.style == "word",
            vector=name in ("softmax",),
        )

    def activation(self, node, sub, sup, primes):
        if sub is not None:
            fail("f has no subscript; its layer is a superscript", node)
        if primes > 1:
            fail("only a first derivative is taken", node)
        layer = None
        if sup is not None:
            layer_node, turned = self.split_top(sup, node)
            if turned or layer_node is None:
                fail("the superscript of f is its layer", node)
            layer = self.layer(layer_node, 2, name="layer of f")
        return Function("activation", layer, 1, primes=primes, vector=True)

    def applied(self, function, arguments, node):
        if function.arity is not None and len(arguments) != function.arity:
            fail(
                f"{to_latex(node).strip()} takes {function.arity} argument{'s' * (function.arity > 1)}; "
                f"{len(arguments)} stand here",
                node,
            )
        values = [self.expression(argument) for argument in arguments]
        if function.kind == "activation":
            layer = function.call
            own = self.layer_of(arguments[0])
            if layer is None and own is None:
                if self.hidden is None or not isinstance(self.hidden, str):
                    fail("f of which layer? Its argument names no layer: write f^l, or state hidden=", node)
                call = engine.ACTIVATIONS[self.hidden]
                return lambda env: scalar_call(call, values[0](env), function.primes, node)
            if layer is None:
                layer = self.layer(own, 2, name="layer of f")
            elif own is not None:
                inner = self.layer(own, 1)
                outer = layer

                def layer(env):
                    if outer(env) != inner(env):
                        raise UnreadableEquation("f and its argument are of different layers", position=node.position)
                    return outer(env)

            return lambda env: activated(env, layer(env), values[0](env), function.primes, node)
        if function.kind == "gradient":
            return lambda env: gradient(function.call(env), values[0](env), node)
        if function.kind == "given":
            return lambda env: called(function.call(env), function.primes, [v(env) for v in values], node)
        name = function.name
        if name == "softmax":

            def all_of(env):
                column = values[0](env)
                if not is_array(column) or column.shape[1] != 1:
                    fail("softmax takes a column", node)
                return np.array(env["functions"]["softmax"](column[:, 0].tolist())).reshape(-1, 1)

            return all_of
        if name == "diag":
            return lambda env: diagonal(values[0](env), node)
        if name in ("max", "min"):
            pick = max if name == "max" else min
            return lambda env: pick((no_array(v(env), node) for v in values), key=real_part)
        if function.primes:
            return lambda env: elementwise(lambda z: derivative_by(name, z, env), values[0](env))
        if name in engine.ACTIVATIONS:
            return lambda env: elementwise(env["functions"][name], values[0](env))
        return lambda env: elementwise(function.call, values[0](env))

    def layer_of(self, node):
        """Return the layer superscript an argument bears: of its z, else of its w and b, else of its a."""
        found = {"z": {}, "wb": {}, "a": {}}
        for part in tree.walk(node):
            if isinstance(part, Scripted) and isinstance(part.base, Name) and part.sup is not None:
                text = part.base.text
                group = {"z": "z", "Z": "z", "w": "wb", "W": "wb", "b": "wb", "a": "a", "A": "a"}.get(text)
                if group:
                    layer_node, _ = self.split_top(part.sup, part)
                    if layer_node is not None:
                        found[group][to_latex(layer_node)] = layer_node
        for group in ("z", "wb", "a"):
            if len(found[group]) > 1:
                fail("f of which layer? Its argument holds several: write f^l", node)
            if found[group]:
                return next(iter(found[group].values()))
        return None

    def expectation(self, item, items):
        r"""Compile \mathbb{E}[…] or Var[…] over the given finite distributions; None when ``item`` is neither."""
        base = item.base if isinstance(item, Scripted) else item
        if not isinstance(base, Name) or self.given is None:
            return None
        if (base.text, base.style) not in (("E", "bb"), ("E", "word"), ("Var", "word")):
            return None
        arguments, scripted = self.arguments_of(item, items)
        if arguments is None or len(arguments) != 1:
            fail(f"{to_latex(base)} needs what it averages in brackets", item)
        chance = self.given.chances(arguments[0])
        if isinstance(item, Scripted):
            if item.sub is None or item.sup is not None or item.primes:
                fail("only a subscript, naming what varies, is read here", item)
            wanted = {key_text(s) for s in item.sub}
            if wanted != set(chance):
                fail(f"the average is over {', '.join(sorted(chance)) or 'nothing'}", item)
        if not chance:
            fail("nothing in these brackets varies: given= must hold a nnbook.equations.Distribution", item)
        self.given.averaging.append(set(chance))
        value = self.expression(arguments[0])
        self.given.averaging.pop()
        variance, size = base.text == "Var", weight_of(arguments[0])

        def average(env):
            mean, square = 0.0, 0.0
            for weight, inner in self.given.outcomes(chance, env):
                spend(env, size)
                v = value(inner)
                mean = mean + weight * v
                if variance:
                    square = square + weight * v * v
            return square - mean * mean if variance else mean

        if scripted is not None:
            return self.powered(average, *self.power_of(scripted), scripted)
        return average

    def big_o(self, node):
        """O(h^p): note the symbol and the order; as a term it is nothing."""
        inner = node.items[1]
        if len(inner.items) != 1:
            fail("O takes one argument", node)
        inside = inner.items[0]
        symbol, order = inside, 1.0
        if isinstance(inside, Scripted) and inside.sub is None and inside.sup is not None:
            if len(inside.sup) != 1 or not isinstance(inside.sup[0], Number):
                fail("the order in O must be a number", inside)
            symbol, order = inside.base, float(inside.sup[0].text)
        if not isinstance(symbol, Name):
            fail("O takes one symbol, or a power of it", inside)
        self.landau.append((symbol, order))
        return lambda env: 0.0

    # --- sums, cases, derivatives -----------------------------------------------------------------------------------

    def _big(self, node):
        letter = node.index.text
        if not letter.islower():
            fail("an index is a small letter", node.index)
        if self.scopes_hold(letter):
            fail(f"{letter} is bound twice", node.index)
        self.bound_letters.setdefault(letter, node.index)
        if node.how == "in":
            return self.big_over_set(node)
        scope = Scope()
        low = high = None
        if node.how == "=":
            low = self.bound(node.low)
            high = self.bound(node.high)
        self.scopes.append((letter, scope))
        body = self.expression(node.body)
        self.scopes.pop()
        uses = [use for use in scope.uses.get(letter, []) if use.kind != "value"]
        if not uses and not (low and scope.uses.get(letter) and self.given is not None):
            fail(f"{letter} is summed over but stands nowhere as an index", node.index)
        return self.folded(node, letter, lambda env: agreed(letter, uses, env, node, low, high), body)

    def bound(self, node):
        """A bound of a sum: a whole number, a constant, a layer ± a number."""
        if isinstance(node, Sum) or plain_letter(node) is not None or isinstance(node, Number):
            return self.integer(node, lambda env: (-math.inf, math.inf), "value")
        fixed = self.constant(node)
        if fixed is None:
            value = self.expression(node)
            return lambda env: self.whole(value(env), node)
        return fixed

    def big_over_set(self, node):
        letter = node.index.text
        found = self.given.find(node.low) if self.given is not None else None
        if found is None:
            raise NeedsValues(f"no meaning for the set {to_latex(node.low)}", position=node.low.position)
        if found.chance and not any(found.key in names for names in self.given.averaging):
            fail(f"{to_latex(node.low)} varies: it stands only inside an average", node.low)
        self.scopes.append((letter, Scope()))
        body = self.expression(node.body)
        self.scopes.pop()
        return self.folded(node, letter, lambda env: [int(v) for v in np.ravel(found.read(env, ()))], body)

    def folded(self, node, letter, members, body):
        operator, weight = node.operator, weight_of(node.body)

        def fold(env):
            value, inner = None, dict(env)
            for member in members(env):
                spend(env, weight)
                inner[letter] = member
                term = body(inner)
                if value is None:
                    value = term
                elif operator == r"\sum":
                    value = value + term
                elif operator == r"\prod":
                    value = matmul(value, term, node)
                else:
                    pick = max if operator == r"\max" else min
                    value = pick((value, no_array(term, node)), key=real_part)
            if value is None:
                if operator == r"\sum":
                    return 0.0
                if operator == r"\prod":
                    return 1.0
                fail("the greatest of nothing", node)
            return value

        return fold

    def _cases(self, node):
        values = [self.expression(v) for v in node.values]
        tests = [None if c is None else self.truth(c) for c in node.conditions]

        def choice(env):
            for value, test in zip(values, tests):
                if test is None or test(env):
                    return value(env)
            raise UnreadableEquation("no case applies", position=node.position)

        return choice

    def truth(self, relation):
        """Compile a chain of comparisons to env -> bool."""
        if not relation.signs or any(s == r"\approx" for s in relation.signs):
            fail("a condition compares two numbers", relation)
        sides = [self.expression(s) for s in relation.sides]

        def test(env):
            numbers = [real_part(no_array(s(env), relation)) for s in sides]
            return all(COMPARE[sign](p, q) for sign, p, q in zip(relation.signs, numbers, numbers[1:]))

        return test

    def _derivative(self, node):
        if self.given is not None:
            return self.given_derivative(node)
        above, below = self.quantity(node.top), self.quantity(node.bottom)
        for q, part in ((above, node.top), (below, node.bottom)):
            if q is None or q.power is not None or q.turned:
                fail(r"above and below in \frac{\partial Y}{\partial X} stand single network quantities", part)
        if above.kind not in ("C", "C_T", "J", "z", "a"):
            fail("only a cost, a z or an a is differentiated", node.top)
        if below.kind not in ("w", "W", "b", "z", "a"):
            fail("derivatives are taken with respect to w, b, z or a", node.bottom)
        return above.derivative(below, node)

    def _nabla(self, node):
        if self.given is not None:
            return self.given_nabla(node)
        quantity = self.quantity(node.of)
        if quantity is None or quantity.kind not in ("C", "C_T", "J"):
            fail(r"\nabla stands before a cost", node)
        return quantity.gradient()

    # --- given values -----------------------------------------------------------------------------------------------

    def given_symbol(self, node):
        """Compile a symbol that given= supplies; None when it does not."""
        found = self.given.find(node)
        if found is not None and not (found.function and not found.dependent):
            if found.array and not found.bold:
                if found.ndim:
                    fail(
                        f"{to_latex(node).strip()} is an array with {found.ndim} "
                        f"ind{'ices' if found.ndim > 1 else 'ex'}; write them, or the letter in bold",
                        node,
                    )
            return self.guarded(found, lambda env: as_value(found.read(env, ()), found.bold))
        if not isinstance(node, Scripted):
            return None
        # an exact symbol with a power or a transpose on it
        if node.sup is not None:
            bare = (
                Scripted(node.base, node.sub, None, node.primes, position=node.position)
                if (node.sub is not None or node.primes)
                else node.base
            )
            if self.given.find(bare) is not None or (node.sub is not None and self.given.find(node.base) is not None):
                if self.given.function(bare) is not None and not (
                    self.given.find(bare) is not None and self.given.find(bare).dependent
                ):
                    return None
                layer_node, turned = self.split_top(node.sup, node)
                value = self.given_symbol(bare)
                if value is None:
                    return None
                if turned:
                    value = self.powered(value, None, True, node)
                return self.powered(value, layer_node, node) if layer_node is not None else value
            return None
        found = self.given.find(node.base)
        if found is None or node.primes or node.sub is None:
            return None
        if not found.array and not found.dependent and not found.chance:
            return None
        return self.element(found, node)

    def guarded(self, found, read):
        if found.chance and not any(found.key in names for names in self.given.averaging):
            raise UnreadableEquation(f"{found.key} varies: it stands only inside an average")
        return read

    def places(self, found, node):
        """Compile the subscript of a given array; return env -> tuple of places from 0."""
        subs = spread(node.sub)
        wanted = found.ndim - (1 if found.bold else 0)
        if len(subs) != wanted:
            fail(
                f"{to_latex(node.base).strip()} has {wanted} ind{'ices' if wanted != 1 else 'ex'}; "
                f"{len(subs)} stand here",
                node,
            )
        compiled = []
        for axis, sub in enumerate(subs):
            start = found.start if axis == 0 else 1

            def its_range(env, axis=axis, start=start):
                return start, start + found.length(env, axis) - 1

            index = self.integer(
                sub,
                its_range,
                "axis",
                name=f"index of {to_latex(node.base).strip()}",
                steps=axis == 0 and found.sequence,
            )
            compiled.append((index, start))
        return lambda env: tuple(index(env) - start for index, start in compiled)

    def element(self, found, node):
        places = self.places(found, node)
        if found.bold:
            return self.guarded(found, lambda env: found.read(env, places(env)).reshape(-1, 1))
        return self.guarded(found, lambda env: found.read(env, places(env)).item())

    def given_target(self, node):
        """What ∂ perturbs: (found, env -> places or None for all of it)."""
        found = self.given.find(node)
        if found is not None and not found.chance:
            if found.array and not found.bold:
                fail("write the index of what is perturbed, or the letter in bold", node)
            return found, None
        if isinstance(node, Scripted) and node.sub is not None and node.sup is None and not node.primes:
            found = self.given.find(node.base)
            if found is not None and (found.array or found.dependent):
                return found, self.places(found, node)
        raise NeedsValues(f"no meaning for {to_latex(node).strip()}: given= does not supply it", position=node.position)

    def given_derivative(self, node):
        above = self.expression(node.top)
        found, places = self.given_target(node.bottom)
        if not self.given.depends(node.top, found.key):
            fail(
                f"{to_latex(node.top).strip()} does not depend on {to_latex(node.bottom).strip()}: "
                "give it as a function whose parameter has that name",
                node,
            )

        def slope(env):
            if places is not None or not found.array:
                nudged = found.nudge(env, places(env) if places else ())
                return imaginary(above(nudged)) / engine.STEP
            shape = np.shape(found.read(env, ()))
            values = [imaginary(above(found.nudge(env, where))) / engine.STEP for where in np.ndindex(shape)]
            if any(is_array(v) for v in values):
                if len(shape) != 1:
                    fail("the derivative of a column with respect to a matrix", node)
                return np.hstack(values)
            return as_value(np.array(values).reshape(shape), True)

        return slope

    def given_nabla(self, node):
        found = self.given.find(node.of)
        if found is None or not found.dependent or len(found.parameters) != 1:
            fail(r"\nabla needs a given function of one argument", node)
        target = self.given.entries[found.parameters[0]]
        above = self.expression(node.of)

        def slope(env):
            shape = np.shape(target.read(env, ()))
            values = [imaginary(above(target.nudge(env, where))) / engine.STEP for where in np.ndindex(shape)]
            return np.array(values).reshape(-1, 1)

        return slope


class OutOfRange(UnreadableEquation):
    def __init__(self, reason, node=None, latex=None, position=None):
        super().__init__(reason, latex, node.position if isinstance(node, tree.Node) else position)

    def located(self, latex):
        return self if self.latex is not None else UnreadableEquation(self.reason, latex, self.position)


class NotHere(OutOfRange):
    """A literal index names something this drawn network does not have; another draw may."""


ZeroDivision = OutOfRange


# --- running ----------------------------------------------------------------------------------------------------------

COMPARE = {
    "=": lambda p, q: p == q,
    "<": lambda p, q: p < q,
    ">": lambda p, q: p > q,
    r"\le": lambda p, q: p <= q,
    r"\ge": lambda p, q: p >= q,
}


def spend(env, weight):
    """Count the evaluation of ``weight`` pieces; a check that needs too many is refused rather than waited for."""
    env["spent"][0] += weight
    if env["spent"][0] > BUDGET:
        raise UnreadableEquation(f"the check would evaluate more than {BUDGET:,} pieces; state smaller sizes=")


def weight_of(node):
    """Count the pieces of ``node`` that are evaluated together, without those under a sum inside it."""
    return 1 + sum(1 if isinstance(child, tree.Big) else weight_of(child) for _, child in tree.children(node))


def agreed(letter, uses, env, node, low=None, high=None):
    """Return the values an index takes: what all its places allow, and what is stated, must agree."""
    kinds = {use.kind for use in uses}
    if len(kinds) > 1:
        fail(f"{letter} stands as {' and as '.join(sorted(kinds))}", uses[-1].node)
    ranges = [use.range(env) for use in uses]
    kind = kinds.pop() if kinds else "axis"
    if not uses:
        first, last = -math.inf, math.inf
    elif kind == "layer" or (kind == "axis" and any(use.offset or use.steps for use in uses)):
        first, last = max(r[0] for r in ranges), min(r[1] for r in ranges)
    else:
        first, last = ranges[0]
        for other, use in zip(ranges[1:], uses[1:]):
            if other != (first, last):
                fail(
                    f"{letter} runs over {first} … {last} in one place and {other[0]} … {other[1]} in another", use.node
                )
    if low is None:
        return range(first, last + 1)
    start, stop = low(env), high(env)
    if kind in ("unit", "sample"):
        zero = all(use.zero for use in uses)
        if stop != last or start not in ((first, 0) if zero else (first,)):
            fail(f"the stated range {start} … {stop} of {letter} is not that of its place, {first} … {last}", node)
    elif start < first or stop > last:
        fail(f"the stated range {start} … {stop} of {letter} leaves that of its place, {first} … {last}", node)
    return range(start, stop + 1)


def exp(z):
    return cmath.exp(z) if isinstance(z, complex) else math.exp(z)


def log(z):
    if isinstance(z, complex):
        return cmath.log(z)
    if z <= 0:
        raise UnreadableEquation(f"the logarithm of {z:.6g}")
    return math.log(z)


def sqrt(z):
    if isinstance(z, complex):
        return cmath.sqrt(z)
    if z < 0:
        raise UnreadableEquation(f"the root of {z:.6g}")
    return math.sqrt(z)


def complex_or_real(real, imaginary_too):
    return lambda z: imaginary_too(z) if isinstance(z, complex) else real(z)


def sign(z):
    z = real_part(z)
    return 1.0 if z > 0 else -1.0 if z < 0 else 0.0


FUNCTIONS = {
    "exp": exp,
    "log": log,
    "ln": log,
    "tanh": None,
    "sigma": None,
    "sigmoid": None,
    "relu": None,
    "ReLU": None,
    "softplus": None,
    "softmax": None,
    "diag": None,
    "max": None,
    "min": None,
    "sin": complex_or_real(math.sin, cmath.sin),
    "cos": complex_or_real(math.cos, cmath.cos),
    "sinh": complex_or_real(math.sinh, cmath.sinh),
    "cosh": complex_or_real(math.cosh, cmath.cosh),
    "sign": sign,
    "sgn": sign,
    "Re": real_part,
    "Im": lambda z: z.imag if isinstance(z, complex) else 0.0,
}
ARITY = {"max": 2, "min": 2}
DIFFERENTIABLE = {"tanh", "sigma", "sigmoid", "relu", "ReLU", "softplus", "exp", "log", "ln", "sin", "cos"}
ACTIVATION_NAMES = {
    "sigma": "sigmoid",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "relu": "relu",
    "ReLU": "relu",
    "softplus": "softplus",
}


def own_functions():
    """What σ, tanh, relu … mean: the engine's definitions."""
    table = {name: engine.ACTIVATIONS[kind] for name, kind in ACTIVATION_NAMES.items()}
    table["softmax"] = engine.softmax
    table["derivative"] = None
    return table


def derivative_by(name, z, env):
    special = env["functions"].get("derivative")
    if special is not None and name in ACTIVATION_NAMES:
        return special(name, z)
    return engine.derivative_at(env["functions"].get(name) or FUNCTIONS[name], complex(z))


for _name in ACTIVATION_NAMES:
    FUNCTIONS[_name] = engine.ACTIVATIONS[ACTIVATION_NAMES[_name]]


@dataclass
class Function:
    kind: str
    call: object
    arity: int | None
    name: str = ""
    power: object = None
    primes: int = 0
    bare: bool = False
    vector: bool = False


@dataclass
class Quantity:
    """A network symbol with its scripts compiled."""

    kind: str
    layer: object
    sample: object
    unit: object
    source: object = None
    shape: str = ""
    turned: bool = False
    power: object = None

    def compiled(self):
        read = self._reader()
        return (lambda env: read(env).T) if self.turned else read

    def _reader(self):
        kind, layer, sample, unit, source = self.kind, self.layer, self.sample, self.unit, self.source
        if kind == "ones":
            return lambda env: np.ones((unit(env), 1))
        if kind == "W":
            return lambda env: np.array(
                [
                    [
                        env["net"].value("w", layer(env), None, j + 1, i + 1)
                        for i in range(env["net"].sizes[layer(env) - 1])
                    ]
                    for j in range(env["net"].sizes[layer(env)])
                ]
            )
        if self.shape:
            return self._array
        if kind == "w":
            return lambda env: env["net"].value("w", layer(env), None, unit(env), source(env))
        if kind == "b":
            return lambda env: env["net"].value("b", layer(env), None, unit(env))
        if kind in ("C_T", "J"):
            return lambda env: env["net"].value(kind)
        if kind == "C":
            return lambda env: env["net"].value("C", None, sample(env))
        return lambda env: env["net"].value(kind, layer(env), sample(env), unit(env))

    def _array(self, env):
        net, l = env["net"], self.layer(env)
        units = range(1, net.sizes[l] + 1)
        if self.shape == "rows":
            return np.array([[net.value(self.kind, l, k, j) for j in units] for k in range(1, net.N + 1)])
        k = self.sample(env) if self.sample is not None else None
        return np.array([[net.value(self.kind, l, k, j)] for j in units])

    def spots(self, env):
        """Return the places of this quantity as an array of tuples for the engine, with the array's shape."""
        net = env["net"]
        l = self.layer(env) if self.layer is not None else None
        if self.kind == "W":
            return [[("w", l, j, i) for i in range(1, net.sizes[l - 1] + 1)] for j in range(1, net.sizes[l] + 1)]
        if self.shape == "rows":
            return [[(self.kind, l, k, j) for j in range(1, net.sizes[l] + 1)] for k in range(1, net.N + 1)]
        if self.shape == "column":
            head = (self.kind, l) if self.kind == "b" else (self.kind, l, self.sample(env))
            return [[(*head, j)] for j in range(1, net.sizes[l] + 1)]
        if self.kind == "w":
            source = self.source(env)
            return ("b", l, self.unit(env)) if source == 0 else ("w", l, self.unit(env), source)
        if self.kind == "b":
            return "b", l, self.unit(env)
        if self.kind in ("C_T", "J"):
            return self.kind, None, None, None
        if self.kind == "C":
            return "C", None, self.sample(env), None
        return self.kind, l, self.sample(env), self.unit(env)

    def derivative(self, below, node):
        def slope(env):
            top, bottom = self.spots(env), below.spots(env)
            first = top if isinstance(top, tuple) else top[0][0]
            last = bottom if isinstance(bottom, tuple) else bottom[0][0]
            check_downstream(first, last, node)
            derive = env["net"].derivative
            if isinstance(top, tuple) and isinstance(bottom, tuple):
                return derive(top, bottom)
            if isinstance(top, tuple):
                return np.array([[derive(top, spot) for spot in row] for row in bottom])
            if isinstance(bottom, tuple):
                return np.array([[derive(spot, bottom) for spot in row] for row in top])
            if len(top[0]) > 1 or len(bottom[0]) > 1:
                fail("the derivative of an array with respect to an array: only columns", node)
            return np.array([[derive(row[0], other[0]) for other in bottom] for row in top])

        return slope

    def gradient(self):
        def slope(env):
            top = self.spots(env)
            return np.array([[env["net"].derivative(top, spot)] for spot in env["net"].parameters()])

        return slope


def check_downstream(above, below, node):
    """Refuse a derivative that is zero only because Y is computed before X."""
    if above[0] in ("C", "C_T", "J"):
        return
    if below[0] == "a":
        earlier = above[1] < below[1] or (above[1] == below[1] and above[0] == "z")
    else:
        earlier = above[1] < below[1]
    if earlier:
        fail("what stands above does not depend on what stands below", node)


def shape_text(value):
    return f"an array of shape {value.shape}" if is_array(value) else "a number"


def no_array(value, node):
    if is_array(value):
        fail("a number was expected here, not an array", node)
    return value


def matmul(p, q, node):
    if is_array(p) and is_array(q):
        if p.shape[1] != q.shape[0]:
            fail(f"the matrix product of shapes {p.shape} and {q.shape}", node)
        if p.shape[0] * q.shape[1] > MOST_ENTRIES:
            fail(f"a matrix product with more than {MOST_ENTRIES:,} entries", node)
        value = p @ q
        return value.item() if value.size == 1 else value
    return p * q


def to_power(v, e):
    if isinstance(e, float) and e == int(e) and abs(e) < 100:
        e = int(e)
        if v == 0 and e < 0:
            raise UnreadableEquation("a division by zero")
        return v**e
    if real_part(v) < 0 and not isinstance(v, complex):
        raise UnreadableEquation("a broken power of a negative number")
    return v**e


def elementwise(function, value):
    if not is_array(value):
        return function(value)
    return np.array([[function(v) for v in row] for row in value.tolist()])


def activated(env, l, z, primes, node):
    net = env["net"]
    if net.activations[l] == "softmax":
        if primes or not is_array(z) or z.shape[1] != 1:
            fail("softmax is no elementwise function: its layer has a Jacobian, not an f′", node)
        return np.array([[v.real] for v in net.activate(l, [complex(v) for v in z[:, 0]])])
    return elementwise(lambda v: real_or_complex(net.apply(l, v, primes)), z)


def real_or_complex(v):
    return v.real if isinstance(v, complex) and v.imag == 0 else v


def scalar_call(call, z, primes, node):
    if is_array(z):
        fail("f of an array needs a layer", node)
    return engine.derivative_at(call, complex(z)) if primes else real_or_complex(call(complex(z)))


def diagonal(v, node):
    if not is_array(v) or v.shape[1] != 1:
        fail("diag takes a column", node)
    return np.diag(v[:, 0])


def imaginary(v):
    if is_array(v):
        return v.imag
    return v.imag if isinstance(v, complex | np.complexfloating) else 0.0


def as_value(v, bold):
    """Turn a given array into a number, a column or a matrix."""
    if not isinstance(v, np.ndarray) or v.ndim == 0:
        return v.item() if isinstance(v, np.generic | np.ndarray) else v
    return v.reshape(-1, 1) if v.ndim == 1 else v


def as_argument(v):
    return v[:, 0] if is_array(v) and v.shape[1] == 1 else v


def called(call, primes, values, node):
    arguments = [as_argument(v) for v in values]
    if primes:
        if primes > 1:
            fail("only a first derivative is taken; supply a higher one through given=", node)
        if len(arguments) != 1:
            fail("a prime on a function of several arguments", node)
        nudged = np.asarray(arguments[0]) + 1j * engine.STEP
        result = run_given(call, [nudged if nudged.ndim else complex(nudged)], node)
        return plain(np.imag(result) / engine.STEP)
    return plain(run_given(call, arguments, node))


def run_given(call, arguments, node):
    """Call a function that a check supplies; whatever goes wrong in it is said, with the place."""
    try:
        with np.errstate(all="ignore"):
            return call(*arguments)
    except (ArithmeticError, ValueError, TypeError, LookupError) as error:
        raise UnreadableEquation(
            f"the given function failed: {type(error).__name__}: {error}", position=node.position
        ) from error


def plain(result):
    result = np.asarray(result)
    if result.dtype == object or result.ndim > 2 or result.dtype.kind not in "fcbiu":
        raise TypeError(
            f"verify: a given function returned {result.dtype} of {result.ndim} dimensions; "
            "expected a number, a vector or a matrix"
        )
    if result.dtype.kind in "biu":
        result = result.astype(float)
    return as_value(result, True)


def gradient(call, value, node):
    point = np.asarray(as_argument(value), dtype=complex)
    slopes = []
    for where in np.ndindex(point.shape):
        nudged = point.copy()
        nudged[where] += 1j * engine.STEP
        result = np.asarray(run_given(call, [nudged if nudged.ndim else complex(nudged)], node))
        if result.size != 1:
            fail(r"\nabla of a function with several values", node)
        slopes.append(complex(result.item()).imag / engine.STEP)
    return np.array(slopes).reshape(-1, 1)
