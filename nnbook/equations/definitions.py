"""Displays that give a new symbol a meaning, for the rest of the file."""

from __future__ import annotations

from dataclasses import dataclass

from .functions import NAMES
from .indices import index_letter, spread
from .language.tree import Big, Name, Relation, Scripted, Statement, children, replaced, to_latex, walk
from .notation import Notation, Symbol, spelled


@dataclass(frozen=True)
class Definition(Symbol):
    """A symbol that stands for a piece of an equation; its index letters are replaced where it is used."""

    name: str = ""
    base: Name | None = None
    parameters: tuple[str, ...] = ()
    body: object = None

    def added_to(self, notation: Notation) -> Notation:
        """Return the notation with this symbol in it."""
        return notation.changed(**{spelled(self.base): self})

    def expanded(self, node):
        """Return the piece that ``node``, one use of the symbol, stands for; None when its indices do not fit."""
        places = spread(node.sub) if isinstance(node, Scripted) and node.sub is not None else []
        if len(places) != len(self.parameters):
            return None
        return substituted(self.body, dict(zip(self.parameters, places)))


def definition_of(statement: Statement, notation: Notation):
    r"""Return what a display defines, or None: one = whose left side is one letter that the notation does not know."""
    if len(statement.items) != 1:
        return None
    claim = statement.items[0]
    if not isinstance(claim, Relation) or claim.signs != ("=",):
        return None
    left, right = claim.sides
    base = left.base if isinstance(left, Scripted) else left
    if not isinstance(base, Name) or spelled(base) in notation.symbols or base.text.lstrip("\\") in NAMES:
        return None
    if isinstance(left, Scripted) and (left.sup is not None or left.primes):
        return None
    if base.text in ("e", "d", r"\pi") and not base.style and left is base:
        return None
    parameters = []
    for place in spread(left.sub) if isinstance(left, Scripted) and left.sub is not None else []:
        if index_letter(place) is None:
            return None
        parameters.append(place.text)
    if any(isinstance(part, Name) and spelled(part) == spelled(base) for part in walk(right)):
        return None  # an update, or an equation to be solved
    if not _readable(right, notation):
        return None
    return Definition("defined", name=to_latex(left).strip(), base=base, parameters=tuple(parameters), body=right)


def _readable(node, notation):
    """Does every letter of a definition mean something?"""
    from .errors import EquationError, Misfit
    from .verdict import Reading

    try:
        Reading(Relation(("=",), (node, node)), {}, notation)
    except Misfit:
        return False
    except EquationError:
        return False
    return True


def substituted(node, letters):
    """Return ``node`` with free index letters replaced; letters that a sum binds keep out of the way."""
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
