"""Judge displayed equations one after another, as a file prints them: each sees what stands above it."""

from __future__ import annotations

from dataclasses import dataclass

STATUSES = ("holds", "refuted", "depends", "needs values", "unreadable")


@dataclass(frozen=True)
class Verdict:
    """What was found about one equation, or one row of a display.

    Parameters
    ----------
    label : str or None
        The label of the row, else of the display; None where it has none.
    status : str
        "holds", "refuted", "depends", "needs values" or "unreadable".
    detail : str
        Why, in words: the counterexample, the assumption, the place with a caret; "" where it holds.
    remark : str
        What a reader should know beside the status: an identity claims nothing of networks, an inequality was nowhere tight.
    comparisons : int
        How many pairs of numbers were compared.
    package : int
        How many of them with the package's own functions.
    row : int
        The place of the equation in its display, counted from 0.
    proposal : str
        A form with one small change that was checked and holds; "" where none was found.
    """

    label: str | None
    status: str
    detail: str = ""
    remark: str = ""
    comparisons: int = 0
    package: int = 0
    row: int = 0
    proposal: str = ""


class Judge:
    """Judges the displays of one file in order; a display that defines a symbol defines it for what follows.

    Parameters
    ----------
    notation : str or Notation
        What the letters mean: a name ("book", "nielsen", …) or a `Notation`.
    **assumptions
        What holds in the whole file, as in `verify`: sizes, hidden, output, cost, penalty, targets, tolerance.
    """

    def __init__(self, notation="book", **assumptions):
        self.notation = notation
        self.assumptions = assumptions

    def judge(self, latex, *, label=None, labels=(), assumptions=None) -> list[Verdict]:
        """Judge one display, environments included.

        Parameters
        ----------
        latex : str
            What stands between the dollar signs (or a whole environment).
        label : str or None
            The label that the file gives the display.
        labels : sequence of str
            Labels of the rows in order, where the file gives them outside the LaTeX.
        assumptions : dict or None
            Arguments of this equation's own check, beside those of the file.

        Returns
        -------
        list of Verdict
            One for each row or equation, in order.
        """
        raise NotImplementedError

    def readable(self, latex) -> float:
        """Return which part of a display this notation can read, from 0 to 1; never whether it holds."""
        raise NotImplementedError
