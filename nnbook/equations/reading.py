"""How much of an equation a notation can read, without asking whether it holds."""

from __future__ import annotations

from .errors import EquationError, Misfit
from .free_symbols import free
from .language.reader import parse
from .language.tree import Name, Scripted, walk
from .notation import spelled
from .statements import scripted_letters, separated
from .verdict import Reading


def readable(latex, notation):
    """Return 1.0 when every claim has a meaning; less when only some of its letters are known; 0.0 for none."""
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


def layered(base, notation):
    """Is what stands above this letter an index, in this notation?"""
    symbol = notation.symbols.get(spelled(base)) if isinstance(base, Name) else None
    return symbol is not None and symbol.kind not in ("C", "J", "total", "mean")


def _known(claim, notation):
    letters = [p.base if isinstance(p, Scripted) else p for p in walk(claim) if isinstance(p, Scripted | Name)]
    names = [p for p in letters if isinstance(p, Name)]
    return sum(spelled(name) in notation.symbols for name in names) / len(names) if names else 0.0
