"""Wrong forms of a printed equation: each must be refused, or the check proves nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from .indices import plain_letter, spread
from .language.reader import parse
from .language.tree import (
    Big,
    Derivative,
    Group,
    Hadamard,
    Juxt,
    Nabla,
    Name,
    Node,
    Nodes,
    Number,
    Ratio,
    Relation,
    Scripted,
    Sum,
    Times,
    Top,
    children,
    replaced,
    to_latex,
    walk,
)

LAYERED_NAMES = {"w", "b", "z", "a", "f", "n", "W", "Z", "A", r"\delta", r"\Delta"}
OTHER_NAME = {
    "z": "a",
    "a": "z",
    "t": "a",
    r"\delta": "a",
    "Z": "A",
    "A": "Z",
    r"\Delta": "A",
    r"\sigma": r"\tanh",
    r"\tanh": r"\sigma",
    r"\exp": r"\log",
    r"\log": r"\exp",
    r"\max": r"\min",
    r"\min": r"\max",
}
OTHER_SIGN = {"<": ">", ">": "<", r"\le": r"\ge", r"\ge": r"\le"}
OTHER_OPERATOR = {r"\sum": r"\prod", r"\prod": r"\sum", r"\max": r"\min", r"\min": r"\max"}
FUNCTION_LIKE = {"f", r"\sigma", r"\tanh", r"\exp", r"\log", r"\ln", r"\max", r"\min", r"\sin", r"\cos", "O", "E"}


@dataclass(frozen=True)
class Mutant:
    """One wrong form: what was done, where, and the whole equation as LaTeX."""

    change: str
    latex: str


@dataclass(frozen=True)
class _Context:
    """What the changes need to know of the whole equation: its index letters, and the functions given= supplies."""

    letters: tuple[str, ...]
    given: bool
    functions: frozenset[str]


def mutants(latex: str, given: bool = False, functions: Iterable[str] = ()) -> list[Mutant]:
    """Return every systematic wrong form of an equation, each once.

    Parameters
    ----------
    latex : str
        The equation as printed.
    given : bool
        Is it one whose values given= supplies? Then superscripts are powers, and subscripts are shifted.
    functions : iterable of str
        The letters that given= supplies as functions; what follows one is its argument, not a factor.
    """
    statement = parse(latex)
    letters = sorted(
        {
            letter
            for part in walk(statement)
            if isinstance(part, Scripted)
            for s in (part.sub or ())
            for p in walk(s)
            if (letter := plain_letter(p)) and letter.islower()
        }
    )
    found, seen = [], {to_latex(statement)}
    context = _Context(tuple(letters), given, frozenset(functions))
    for change, mutant in _everywhere(statement, context):
        text = to_latex(mutant)
        if text not in seen:
            seen.add(text)
            found.append(Mutant(change, text))
    return found


def wrong_forms(latex: str, worlds: list[dict[str, Any]] | None) -> list[Mutant]:
    """Return the wrong forms of an equation whose values are `worlds`, as `checking.worlds_of` gives them."""
    supplied = (worlds or [{}])[0]
    functions = {key.rstrip("'").split("_")[0] for key, value in supplied.items() if callable(value)}
    return mutants(latex, given=worlds is not None, functions=functions)


def _everywhere(node: Node, context: _Context) -> Iterator[tuple[str, Node]]:
    """Yield (change, mutated node) for every change at or below ``node``."""
    yield from _here(node, context)
    for path, child in children(node):
        if isinstance(node, Scripted) and path[0] in ("sub", "sup") and not _is_power(node, path[0], context.given):
            continue
        if isinstance(node, Big) and path[0] in ("index",):
            continue
        for change, mutant in _everywhere(child, context):
            yield change, replaced(node, path, mutant)


def _is_power(node: Scripted, script: str, given: bool) -> bool:
    return (
        script == "sup"
        and not isinstance((node.sup or (None,))[0], Top)
        and (given or not (isinstance(node.base, Name) and node.base.text in LAYERED_NAMES))
    )


def _here(node: Any, context: _Context) -> Iterator[tuple[str, Node]]:
    kind = type(node)
    if kind is Scripted:
        yield from _scripts(node, context.letters, context.given)
    elif kind is Name:
        if node.text in OTHER_NAME:
            other = Name(OTHER_NAME[node.text], node.style, node.accent)
            yield f"{node.text} for {other.text}", other
    elif kind is Number:
        yield "number changed", Number(str(int(node.text) + 1) if node.text.isdigit() else node.text + "1")
    elif kind is Sum:
        for n, sign in enumerate(node.signs):
            flipped = "-" if sign == "+" else "+"
            yield "sign flipped", Sum((*node.signs[:n], flipped, *node.signs[n + 1 :]), node.items)
            if len(node.items) > 1:
                yield (
                    "term dropped",
                    _rebuilt(Sum(node.signs[:n] + node.signs[n + 1 :], node.items[:n] + node.items[n + 1 :])),
                )
    elif kind in (Juxt, Times, Hadamard):
        for n in range(len(node.items)):
            if kind is Juxt and n and _function_like(node.items[n - 1], context):
                continue
            rest = node.items[:n] + node.items[n + 1 :]
            yield "factor dropped", rest[0] if len(rest) == 1 else kind(rest)
        if kind is Hadamard:
            yield "matrix product for elementwise", Juxt(tuple(Group("paren", (i,)) for i in node.items))
        if kind is Juxt and len(node.items) == 2 and all(map(_is_array, node.items)):
            yield "factors exchanged", Juxt(tuple(reversed(node.items)))
    elif kind is Big:
        yield "sum dropped", node.body
        yield (
            "operator changed",
            Big(OTHER_OPERATOR[node.operator], node.index, node.how, node.low, node.high, node.body),
        )
    elif kind is Ratio:
        yield "divisor dropped", node.top
        yield "ratio inverted", Ratio(node.bottom, node.top, False)
    elif kind is Derivative:
        yield "derivative dropped", node.top
        yield "derivative inverted", Derivative(node.bottom, node.top, False, node.sign)
    elif kind is Relation:
        for n, sign in enumerate(node.signs):
            if sign in OTHER_SIGN:
                yield "relation turned", Relation((*node.signs[:n], OTHER_SIGN[sign], *node.signs[n + 1 :]), node.sides)
            elif node.sides[n + 1] != Number("0"):
                wrapped = Sum(("-",), (Group("paren", (node.sides[n + 1],)),))
                yield "side negated", Relation(node.signs, (*node.sides[: n + 1], wrapped, *node.sides[n + 2 :]))
    elif kind is Group and node.kind == "abs":
        yield "absolute value dropped", Group("paren", node.items)


def _rebuilt(node: Node) -> Node:
    return node.items[0] if isinstance(node, Sum) and node.signs == ("+",) else node


def _is_array(item: Node) -> bool:
    """May this factor be an array, so that exchanging it with its neighbour changes the product?"""
    return any(isinstance(part, Name) and part.style == "bold" for part in walk(item))


def _function_like(item: Node, context: _Context) -> bool:
    base = item.base if isinstance(item, Scripted) else item
    if isinstance(item, Nabla):
        return True
    if isinstance(base, Name) and base.text in context.functions:
        return True
    return isinstance(base, Name) and (
        base.text in FUNCTION_LIKE or base.style in ("word", "bb") or (isinstance(item, Scripted) and item.primes > 0)
    )


def _shifted(index: Node) -> Iterator[Node]:
    """Yield an index one higher, one lower, or without its offset."""
    if isinstance(index, Sum) and len(index.items) == 2 and isinstance(index.items[1], Number):
        yield index.items[0]
        yield Sum((index.signs[0], "-" if index.signs[1] == "+" else "+"), index.items)
    elif isinstance(index, Number) and index.text.isdigit():
        yield Number(str(int(index.text) + 1))
        if int(index.text):
            yield Number(str(int(index.text) - 1))
    elif isinstance(index, Name) and not index.style:
        yield Sum(("+", "+"), (index, Number("1")))
        yield Sum(("+", "-"), (index, Number("1")))


def _scripts(node: Scripted, letters: tuple[str, ...], given: bool) -> Iterator[tuple[str, Node]]:
    base, sub, sup, primes = node.base, node.sub, node.sup, node.primes

    def with_(sub: Nodes | None = sub, sup: Nodes | None = sup, primes: int = primes) -> Node:
        return base if sub is None and sup is None and not primes else Scripted(base, sub, sup, primes)

    if primes:
        yield "prime dropped", with_(primes=primes - 1)
    elif isinstance(base, Name) and base.text in ("f", r"\sigma", r"\tanh") and not base.style:
        yield "prime added", with_(primes=1)
    layered = not given and isinstance(base, Name) and base.text in LAYERED_NAMES
    if sup is not None:
        items = list(sup[0].items) if isinstance(sup[0], Juxt) else [sup[0]]
        if any(isinstance(i, Top) for i in items):
            rest = tuple(i for i in items if not isinstance(i, Top))
            yield "transpose dropped", with_(sup=(rest[0],) if rest else None)
        elif layered:
            if isinstance(base, Name) and base.text in ("W", "A", "Z", r"\Delta") and base.style == "bold":
                yield "transpose added", with_(sup=(Juxt((sup[0], Top())),))
        else:
            yield "power dropped", with_(sup=None)
        if layered:
            layer = next((i for i in items if not isinstance(i, Top)), None)
            for other in _shifted(layer) if layer is not None else ():
                turned = tuple(Top() for i in items if isinstance(i, Top))
                yield "layer shifted", with_(sup=(Juxt((other, *turned)) if turned else other,))
    if sub is None:
        return
    places = spread(sub)
    if len(places) == 2 and places[0] != places[1]:
        yield "indices swapped", with_(sub=(places[1], places[0]))
    for n, place in enumerate(places):
        for letter in letters:
            if plain_letter(place) not in (None, letter):
                yield "index replaced", with_(sub=(*places[:n], Name(letter), *places[n + 1 :]))
        if given or (isinstance(base, Name) and base.text == "n") or isinstance(place, Number):
            for other in _shifted(place):
                yield "subscript shifted", with_(sub=(*places[:n], other, *places[n + 1 :]))


# --- in words ---------------------------------------------------------------------------------------------

SAID = {
    "absolute value dropped": "drop the absolute value",
    "derivative dropped": "drop what is differentiated by",
    "derivative inverted": "turn the derivative over",
    "divisor dropped": "drop the divisor",
    "factor dropped": "drop a factor",
    "factors exchanged": "exchange the factors",
    "index replaced": "write another index",
    "indices swapped": "swap the indices",
    "layer shifted": "shift the layer",
    "matrix product for elementwise": "make it a matrix product",
    "number changed": "change the number",
    "operator changed": "change the operator",
    "power dropped": "drop the power",
    "prime added": "add a prime",
    "prime dropped": "drop the prime",
    "ratio inverted": "turn the fraction over",
    "relation turned": "turn the relation",
    "side negated": "turn the sign of the side",
    "sign flipped": "flip the sign",
    "subscript shifted": "shift the subscript",
    "sum dropped": "drop the sum",
    "term dropped": "drop a term",
    "transpose added": "add a transpose",
    "transpose dropped": "drop the transpose",
}
LETTERS = {r"\delta": "δ", r"\Delta": "Δ", r"\sigma": "σ"}


def words(change: str) -> str:
    """Return what a reader does who makes this change."""
    exchange = re.fullmatch(r"(\S+) for (\S+)", change)
    if exchange:
        old, new = (LETTERS.get(name, name.lstrip("\\")) for name in exchange.groups())
        return f"write {new} for {old}"
    return SAID.get(change, change)
