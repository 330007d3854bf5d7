"""Displays that define a new symbol for the rest of the file."""

from __future__ import annotations

from dataclasses import dataclass

from .indices import spread
from .language.tree import Big, Name, Node, Scripted, children, replaced, walk
from .notation import Notation, Symbol, spelled


@dataclass(frozen=True, kw_only=True)
class Definition(Symbol):
    """A symbol that abbreviates an expression; its index letters are replaced where it is used."""

    name: str
    base: Name
    parameters: tuple[str, ...]
    body: Node

    def added_to(self, notation: Notation) -> Notation:
        """Return the notation with this symbol in it."""
        return notation.changed(**{spelled(self.base): self})

    def expanded(self, node: Node) -> Node | None:
        """Return what ``node``, one use of the symbol, stands for; None when its indices do not fit."""
        places = spread(node.sub) if isinstance(node, Scripted) and node.sub is not None else []
        if len(places) != len(self.parameters):
            return None
        return substituted(self.body, dict(zip(self.parameters, places)))


def substituted(node: Node, letters: dict[str, Node]) -> Node:
    """Return ``node`` with free index letters replaced; letters bound by a sum are renamed to avoid collisions."""
    if isinstance(node, Name) and not node.style and not node.accent and node.text in letters:
        return letters[node.text]
    if isinstance(node, Big):
        letters = {k: v for k, v in letters.items() if k != node.index.text}
        used = {p.text for v in letters.values() for p in walk(v) if isinstance(p, Name)}
        if node.index.text in used:
            fresh = next(c for c in "pqrsuvmn" if c not in used)
            body = substituted(node.body, {node.index.text: Name(fresh)})
            node = Big(node.operator, Name(fresh), node.how, node.low, node.high, body, position=node.position)
    for path, child in list(children(node)):
        if isinstance(node, Big) and path[0] == "index":
            continue
        if isinstance(node, Scripted) and path[0] == "base" and isinstance(child, Name):
            continue
        new = substituted(child, letters)
        if new is not child:
            node = replaced(node, path, new)
    return node
