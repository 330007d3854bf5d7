"""The printed equation is what runs: LaTeX is read, bound to drawn numbers, and both sides compared."""

from ..core.extras import require

require("nnbook.equations", "lark", extra="equations")
require("nnbook.equations", "yaml", extra="equations")

from .checking import Outcome, check, verify
from .errors import EquationDepends, EquationError, EquationRefuted, NeedsValues, UnreadableEquation
from .given import Distribution
from .judge import Judge, Verdict
from .language.reader import parse
from .language.tree import to_latex

__all__ = [
    "Distribution",
    "EquationDepends",
    "EquationError",
    "EquationRefuted",
    "Judge",
    "NeedsValues",
    "Outcome",
    "UnreadableEquation",
    "Verdict",
    "check",
    "parse",
    "to_latex",
    "verify",
]
