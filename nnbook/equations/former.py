"""The former checker behind the new judge's interface, until that one is there."""

from __future__ import annotations

import re

from .checking import check, checked_options
from .errors import EquationError
from .judge import Verdict
from .reader import parse

NOTATIONS = ("book", "nielsen", "deeplearning.ai", "ufldl", "cs224n", "d2l", "raschka", "bishop", "wikipedia", "zhou",
             "prince", "udacity")  # fmt: skip


class Judge:
    def __init__(self, notation="book", **assumptions):
        self.notation, self.assumptions = notation, assumptions
        checked_options(**assumptions)

    def judge(self, latex, *, label=None, labels=(), assumptions=None):
        try:
            outcome = check(_inner(latex), label=label or "the equation", **{**self.assumptions, **(assumptions or {})})
        except EquationError as error:
            return [Verdict(label, getattr(error, "status", "unreadable"), str(error))]
        return [Verdict(label, "holds", comparisons=outcome.comparisons, package=outcome.package)]

    def readable(self, latex):
        try:
            parse(_inner(latex))
        except EquationError:
            return 0.0
        return 1.0 if self.notation == "book" else 0.5


def _inner(latex):
    return re.sub(r"(begin|end)\{(?:align|equation|gather|multline|alignat|eqnarray)\*?\}", r"\1{aligned}", latex)
