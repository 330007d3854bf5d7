"""`check` behind the judge's interface, until that one judges."""

from __future__ import annotations

import re

from .checking import check
from .errors import EquationError
from .judge import Verdict
from .language.reader import parse
from .notation import named
from .options import checked_options


class Judge:
    def __init__(self, notation="book", **assumptions):
        self.notation, self.assumptions = named(notation), assumptions
        checked_options(**assumptions)

    def judge(self, latex, *, label=None, labels=(), assumptions=None):
        arguments = {"notation": self.notation, **self.assumptions, **(assumptions or {})}
        if "given" in arguments:
            arguments = assumptions
        try:
            outcome = check(_inner(latex), label=label or "the equation", **arguments)
        except EquationError as error:
            return [Verdict(label, getattr(error, "status", "unreadable"), str(error))]
        return [Verdict(label, "holds", "", outcome.remark, outcome.comparisons, outcome.package)]

    def readable(self, latex):
        try:
            parse(_inner(latex))
        except EquationError:
            return 0.0
        return 1.0


def _inner(latex):
    return re.sub(r"(begin|end)\{(?:align|equation|gather|multline|alignat|eqnarray)\*?\}", r"\1{aligned}", latex)
