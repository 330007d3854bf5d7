"""How much of an equation a notation can read, and what it defines, regardless of whether it holds."""

from __future__ import annotations

from .definitions import Definition
from .errors import EquationError, Misfit
from .free_symbols import free
from .functions import NAMES
from .indices import index_letter, spread
from .language.reader import parse
from .language.tree import Claim, Name, Node, Relation, Scripted, Statement, to_latex, walk
from .notation import Notation, spelled
from .statements import scripted_letters, separated
from .verdict import Reading


def readable(latex: str, notation: Notation) -> float:
    """Return 1.0 when every claim has a meaning, less when only some of its letters are known, 0.0 for none."""
    try:
        statement = parse(latex)
    except EquationError:
        return 0.0
    try:
        claims, ranges = separated(statement, scripted_letters(statement, lambda base: layered(base, notation)))
    except EquationError:
        return 0.0
    total = 0.0
    for claim in claims:
        try:
            Reading(claim, ranges, notation)
            total += 1.0
        except Misfit:
            total += 1.0
        except EquationError:
            total += 0.5 if free(claim, lambda name: None) else 0.2 * _known(claim, notation)
    return total / len(claims)


def layered(base: Node, notation: Notation) -> bool:
    """Is what stands above this letter an index, in this notation?"""
    symbol = notation.symbols.get(spelled(base)) if isinstance(base, Name) else None
    return symbol is not None and symbol.kind not in ("C", "J", "total", "mean")


def _known(claim: Claim, notation: Notation) -> float:
    letters = [p.base if isinstance(p, Scripted) else p for p in walk(claim) if isinstance(p, Scripted | Name)]
    names = [p for p in letters if isinstance(p, Name)]
    return sum(spelled(name) in notation.symbols for name in names) / len(names) if names else 0.0


def definition_of(statement: Statement, notation: Notation) -> Definition | None:
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
        letter = index_letter(place)
        if letter is None:
            return None
        parameters.append(letter)
    if any(isinstance(part, Name) and spelled(part) == spelled(base) for part in walk(right)):
        return None  # an update, or an equation to be solved
    if not _readable(right, notation):
        return None
    return Definition(kind="defined", name=to_latex(left).strip(), base=base, parameters=tuple(parameters), body=right)


def _readable(node: Node, notation: Notation) -> bool:
    """Does every letter of a definition mean something?"""
    try:
        Reading(Relation(("=",), (node, node)), {}, notation)
    except Misfit:
        return False
    except EquationError:
        return False
    return True
