"""The printed equation is what runs: LaTeX is read, bound to drawn numbers, and both sides compared."""

from ..core.extras import require

require("nnbook.equations", "lark", extra="equations")

from .checking import Outcome, check, verify
from .errors import EquationError, EquationRefuted, NeedsValues, UnreadableEquation
from .given import Distribution
from .reader import parse
from .tree import to_latex

__all__ = [
    "Distribution",
    "EquationError",
    "EquationRefuted",
    "NeedsValues",
    "Outcome",
    "UnreadableEquation",
    "check",
    "parse",
    "to_latex",
    "verify",
]
