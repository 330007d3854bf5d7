"""Functions in an equation: which names are functions, what their arguments are, and what they do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import engine, operations, terms
from .engine import Elementwise
from .errors import Misfit, fail
from .indices import Indices, spread
from .language.tree import Group, Juxt, Nabla, Name, Node, Nodes, Number, Scripted, to_latex
from .shapes import Use
from .terms import Env, Term
from .values import Value

ACTIVATION_NAMES = {
    "sigma": "sigmoid",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "relu": "relu",
    "ReLU": "relu",
    "softplus": "softplus",
}
ANALYTIC = {
    "exp": np.exp,
    "log": np.log,
    "ln": np.log,
    "sin": np.sin,
    "cos": np.cos,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "sqrt": np.sqrt,
}
PARTS = {  # functions that are not differentiated
    "sign": lambda v: np.sign(v.real),
    "sgn": lambda v: np.sign(v.real),
    "Re": lambda v: v.real,
    "Im": lambda v: v.imag,
}
SPECIAL = ("max", "min", "softmax", "diag")
DIFFERENTIABLE = {*ACTIVATION_NAMES, "exp", "log", "ln", "sin", "cos"}
NAMES = {*ACTIVATION_NAMES, *ANALYTIC, *PARTS, *SPECIAL}
ARITY = {"max": 2, "min": 2}


@dataclass
class Function:
    """A function's name as printed, before its argument is read."""

    kind: str  # "named", "activation", "given", "gradient"
    name: str = ""
    layer: terms.Index | None = None
    call: Any = None
    primes: int = 0
    power: Node | None = None
    bare: bool = False  # may its argument follow without parentheses?
    vector: bool = False  # may a component of its value be taken?


class Functions(Indices):
    """The part of a reader that reads applications."""

    seen: list[terms.Quantity]
    loose: bool

    def power_of(self, node: Scripted) -> tuple[Node | None, bool]:
        """Return (exponent or None, transposed) of a superscript."""
        raise NotImplementedError

    def powered(self, value: Term, exponent: Node | None, turned: bool, node: Node) -> Term:
        """Return a value transposed, and raised to a power."""
        raise NotImplementedError

    def callable(self, node: Node) -> Function | None:
        """Return a `Function` when ``node`` names one (with primes, a layer or a power on it), else None."""
        if isinstance(node, Nabla):
            return self.symbols.gradient_function(node, self)  # type: ignore[arg-type]
        base, sub, sup, primes = (
            (node.base, node.sub, node.sup, node.primes) if isinstance(node, Scripted) else (node, None, None, 0)
        )
        if isinstance(base, Group) and base.kind in ("paren", "brace") and len(base.items) == 1 and primes:
            inner = self.callable(base.items[0])  # (f^l)'
            if inner is not None and sub is None and sup is None:
                inner.primes += primes
                return inner
            return None
        if not isinstance(base, Name):
            return None
        own = self.symbols.function(node, self)  # type: ignore[arg-type]
        if own is not None or self.symbols.knows(base):
            return own
        name = base.text.lstrip("\\")
        if base.accent or (base.style not in ("", "word")) or not (base.text.startswith("\\") or base.style):
            return None
        if name not in NAMES:
            return None
        return self.named_function(node, name, sub, sup, primes)

    def named_function(self, node: Node, name: str, sub: Nodes | None, sup: Nodes | None, primes: int) -> Function:
        if sub is not None:
            fail(f"no meaning for a subscript on {name}", node)
        power = sup[0] if sup is not None else None
        if power is not None and not isinstance(power, Number):
            fail(f"only a number can be a power of {name}", node)
        if primes and name not in DIFFERENTIABLE:
            fail(f"no derivative of {name} is defined here", node)
        if primes > 1:
            fail("only a first derivative is taken; supply a higher one through given=", node)
        return Function("named", name, None, None, primes, power, True, name == "softmax")

    def application(self, function: Function, item: Node, items: list[Node]) -> Term:
        """Read the argument from ``items``; return the value."""
        arguments, scripted = self.arguments_of(items)
        if arguments is None:
            if not function.bare or not items:
                fail(f"{to_latex(item).strip()} is a function and needs an argument in parentheses", item)
            arguments = (self.bare_argument(item, items),)
        value = self.applied(function, arguments, item)
        if scripted is not None:
            if scripted.sub is not None or scripted.primes:
                if scripted.primes or not function.vector:
                    fail("a subscript or prime after a function's argument", scripted)
                value = self.component(value, scripted)
            value = self.powered(value, *self.power_of(scripted), scripted)
        return self.powered(value, function.power, False, item) if function.power is not None else value

    def bare_argument(self, item: Node, items: list[Node]) -> Node:
        inner = items.pop(0)
        if items and self.callable(inner) is not None:
            group = items[0].base if isinstance(items[0], Scripted) else items[0]
            taken = 1 if isinstance(group, Group) else 0
            inner = Juxt((inner, *items[:taken]), position=inner.position)
            del items[:taken]
        if items:
            fail(f"how far does {to_latex(item).strip()} reach? Put its argument in parentheses", item)
        return inner

    def component(self, value: Term, scripted: Scripted) -> Term:
        places = spread(scripted.sub or ())
        if len(places) != 1:
            fail("one index was expected", scripted)

        def its_range(env: Env) -> tuple[int, int]:
            shape = value.value(env.with_(index={**env.index})).shape
            return 1, max(shape) if shape else 0

        kind = "axis" if self.symbols.counts else "unit"
        index = self.integer(places[0], its_range, kind, name="component")
        return operations.Component(scripted, value, index)

    @staticmethod
    def arguments_of(items: list[Node]) -> tuple[Nodes | None, Scripted | None]:
        """Take the group after a function off ``items``; return its arguments and the scripts on it."""
        if not items:
            return None, None
        group = items[0].base if isinstance(items[0], Scripted) else items[0]
        if not isinstance(group, Group) or group.kind not in ("paren", "bracket"):
            return None, None
        first = items.pop(0)
        return group.items, first if isinstance(first, Scripted) else None

    def applied(self, function: Function, arguments: Sequence[Node], node: Node) -> Term:
        arity = ARITY.get(function.name, 1)
        if function.kind in ("given", "gradient"):
            return self.symbols.apply(function, arguments, node, self)  # type: ignore[arg-type]
        if function.name in ("max", "min") and len(arguments) == 1 and self.loose:
            return operations.Extremum(node, self.expression(arguments[0]), function.name)
        if len(arguments) != arity:
            fail(
                f"{to_latex(node).strip()} takes {arity} argument{'s' * (arity > 1)}; got {len(arguments)}",
                node,
            )
        before = len(self.seen)
        parts = [self.expression(argument) for argument in arguments]
        if function.kind == "activation":
            return self.activation(function, parts[0], self.seen[before:], node)
        return self.named_application(function, parts, node)

    def named_application(self, function: Function, parts: list[Term], node: Node) -> Term:
        name = function.name
        if name == "softmax":
            return operations.Softmax(node, parts[0])
        if name == "diag":
            return operations.Diag(node, parts[0])
        if name in ("max", "min"):
            return operations.Extreme(node, parts, name)
        if name in PARTS:
            return Part(node, parts[0], PARTS[name])
        kind = ACTIVATION_NAMES.get(name)
        call = engine.ACTIVATIONS[kind] if kind else ANALYTIC[name]
        return operations.Call(node, call, parts[0], kind, function.primes)

    def activation(self, function: Function, argument: Term, quantities: list[terms.Quantity], node: Node) -> Term:
        """Apply f: of the layer written on it, else of the layer of its argument."""
        own = self.layer_of(quantities, node, function.layer is None)
        layer = function.layer
        if layer is None and own is None:
            if function.call is None:
                fail("the layer of f is unknown, since its argument names none: write f^l, or state hidden=", node)
            return operations.Call(node, function.call, argument, function.name or None, function.primes)
        if own is not None and own.letter is not None:  # f exists from layer 2 on

            def its_range(env: Env, offset: int = own.offset) -> tuple[int, int]:
                return 2 - offset, env.world.L - offset

            self.note(own.letter, Use("layer", its_range, node, own.offset))
        both = SameLayer(node, layer, own) if layer is not None and own is not None else layer or own
        assert both is not None
        return operations.Activation(node, both, argument, function.primes)

    def layer_of(self, quantities: list[terms.Quantity], node: Node, needed: bool) -> terms.Index | None:
        """Return the layer of an argument: that of its z, else of its w and b, else of its a."""
        for kinds in (("z",), ("w", "b"), ("a",)):
            found: dict[tuple[Any, ...], terms.Index] = {}
            for quantity in quantities:
                if quantity.kind in kinds and quantity.layer is not None and quantity.layer.fixed != 1:
                    index = quantity.layer
                    found.setdefault((index.letter, index.constant is None, index.offset), index)
            if len(found) > 1:
                if not needed:
                    return None
                fail("the layer of f is ambiguous, since its argument has several: write f^l", node)
            if found:
                return next(iter(found.values()))
        return None


class SameLayer:
    """The layer of f where both f and its argument name one."""

    def __init__(self, node: Node, outer: terms.Index, inner: terms.Index) -> None:
        self.node, self.outer, self.inner = node, outer, inner
        self.letter, self.constant, self.offset = outer.letter, outer.constant, outer.offset

    def value(self, env: Env) -> int:
        if self.outer.value(env) != self.inner.value(env):
            raise Misfit("f and its argument are of different layers", self.node)
        return self.outer.value(env)


class Part(terms.Term):
    """A sign, a real or an imaginary part."""

    def __init__(self, node: Node, argument: Term, function: Elementwise) -> None:
        self.node, self.argument, self.function = node, argument, function

    def value(self, env: Env) -> Value:
        v = self.argument.value(env)
        data = self.function(v.data)
        return v.with_(data, np.abs(data))
