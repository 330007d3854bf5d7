"""Translates equations from the book's notation to others, by the table of what each one's letters and marks mean."""

from nnbook.equations.indices import index_letter, spread
from nnbook.equations.language.tree import (
    Big,
    Group,
    Name,
    Number,
    Scripted,
    Sum,
    children,
    replaced,
    walk,
)

ZERO = Number("0")
LETTERS = {
    "nielsen": {"t": "y", "f": r"\sigma"},
    "ufldl": {"t": "y", "w": "W", "C": "J"},
    "deeplearning.ai": {"t": "y", "f": "g", "w": "W"},
}
WRAPPED = {"ufldl": "paren", "deeplearning.ai": "bracket"}


def plain(claim):
    """Is this about the numbers w, b, z, a, δ, t, C, f of one sample, and sums over units without bounds?"""
    allowed = {"w", "b", "z", "a", "t", "C", "f", "L", "e", "l", r"\delta", r"\partial", r"\log", r"\max", r"\sigma"}
    for part in walk(claim):
        if isinstance(part, Big) and part.low == ZERO:
            return False
        if isinstance(part, Name) and part.text not in allowed and not index_letter(part):
            return False
        if isinstance(part, Name) and (part.style or part.text in ("k", r"\sigma")):
            return False
        if isinstance(part, Scripted) and part.base == Name("C"):
            return False
        if isinstance(part, Name) and part.text == "L" and part.style:
            return False
        if isinstance(part, Scripted) and part.sub is not None and len(spread(part.sub)) > 1 and part.base != Name("w"):
            return False
        if isinstance(part, Scripted) and part.sub is not None and any(p == ZERO for p in spread(part.sub)):
            return False
        if isinstance(part, Name) and part.text in ("z", "x") and not _scripted_in(claim, part):
            return False
    return True


def _scripted_in(claim, name):
    return all(
        child is not name or isinstance(parent, Scripted) for parent in walk(claim) for _, child in children(parent)
    )


def translated(node, notation):
    """Return a part of a book equation in another notation: its letters, layer marks and weights."""
    letters = LETTERS[notation]
    if isinstance(node, Big):
        body = translated(node.body, notation)
        return Big(node.operator, node.index, "", None, None, body)
    if isinstance(node, Scripted) and isinstance(node.base, Name):
        base = Name(letters.get(node.base.text, node.base.text))
        sup = node.sup
        if sup is not None and node.base.text in ("w", "b", "z", "a", "f", r"\delta"):
            sup = (_layer(sup[0], node.base.text, notation),)
        elif sup is not None:
            sup = tuple(translated(s, notation) for s in sup)
        return Scripted(base, node.sub, sup, node.primes)
    if node == Name("C") and notation == "deeplearning.ai":
        return Name("L", "cal")
    if isinstance(node, Name):
        return Name(letters.get(node.text, node.text), node.style, node.accent)
    for path, child in list(children(node)):
        fresh = translated(child, notation)
        if fresh is not child:
            node = replaced(node, path, fresh)
    return node


def _layer(layer, letter, notation):
    if notation == "nielsen":
        return layer
    shift = {"ufldl": 1 if letter in ("w", "b") else 0, "deeplearning.ai": 1}[notation]
    if layer == Name("L"):
        last = Scripted(Name("n"), (Name("l"),)) if notation == "ufldl" else Name("L")
        layer, shift = last, shift if notation == "ufldl" else 0
    if shift:
        layer = _lower(layer)
    return Group(WRAPPED[notation], (layer,))


def _lower(layer):
    if isinstance(layer, Number):
        return Number(str(int(layer.text) - 1))
    if isinstance(layer, Sum) and len(layer.items) == 2:
        step = int(layer.items[1].text) * (1 if layer.signs[1] == "+" else -1) - 1
        head = layer.items[0]
    else:
        head, step = layer, -1
    if step == 0:
        return head
    return Sum(("+", "+" if step > 0 else "-"), (head, Number(str(abs(step)))))
