r"""How far a sum extends where its brackets are omitted: as far as its index letter, which has no meaning outside it.

Lecture notes print ``\sum_i y_i \log a_i + (1 - y_i) \log(1 - a_i)`` for the sum of both terms.
"""

from __future__ import annotations

from typing import Any

from .language.tree import Big, Claim, Group, Juxt, Name, Node, Sum, children, replaced, walk

REMARK = "the sum over {} is read as reaching to the last term with {}, as if in brackets"


def widened(claim: Any) -> tuple[Any, list[str]]:
    """Return (claim, remarks): a sum includes the terms after it with its letter, if that is free nowhere else."""
    remarks: list[str] = []
    for node in walk(claim):
        new = _reaching(node, claim, remarks) if isinstance(node, Sum) else node
        if new is not node:
            claim, more = widened(replaced_by(claim, node, new))
            return claim, remarks + more
    return claim, remarks


def _reaching(node: Sum, claim: Claim, remarks: list[str]) -> Node:
    signs, items = list(node.signs), list(node.items)
    for n in range(len(items) - 2, -1, -1):
        big = _innermost(items[n])
        letter = big.index.text if big is not None else ""
        stop = n + 1
        while big is not None and stop < len(items) and letter in free_letters(items[stop]):
            stop += 1
        rest = Sum(("+",), tuple(items[:n]) or (Name(""),))
        if big is None or stop == n + 1 or letter in free_letters(replaced_by(claim, node, rest)):
            continue
        body = Group("paren", (Sum(("+", *signs[n + 1 : stop]), (big.body, *items[n + 1 : stop])),))
        wide = Big(big.operator, big.index, big.how, big.low, big.high, body, position=big.position)
        items[n:stop] = [replaced_by(items[n], big, wide)]
        signs[n + 1 : stop] = []
        remarks.append(REMARK.format(letter, letter))
    if len(items) == len(node.items):
        return node
    return items[0] if signs == ["+"] else Sum(tuple(signs), tuple(items), position=node.position)


def _innermost(term: Node) -> Big | None:
    """Return the last sum of a term that ends with one, or None."""
    found = None
    while isinstance(term, Big | Juxt):
        if isinstance(term, Big):
            found = term if term.operator == r"\sum" and term.how in ("", "=") else found
            term = term.body
        else:
            term = term.items[-1]
    return found


def replaced_by(node: Node, old: Node, new: Node) -> Node:
    """Return ``node`` with one piece of it, that very object, replaced."""
    if node is old:
        return new
    for path, child in children(node):
        changed = replaced_by(child, old, new)
        if changed is not child:
            return replaced(node, path, changed)
    return node


def free_letters(node: Node) -> set[str]:
    """Return the plain letters of a piece that are not bound by a sum in it."""
    if isinstance(node, Name):
        return {node.text} if not (node.style or node.accent) and len(node.text) == 1 else set()
    found = set()
    for path, child in children(node):
        if not (isinstance(node, Big) and path[0] == "index"):
            found |= free_letters(child)
    return found - {node.index.text} if isinstance(node, Big) else found
