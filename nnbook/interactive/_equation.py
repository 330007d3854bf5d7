"""A printed equation to break in a notebook: the reader's own LaTeX, judged by the checker itself."""

from __future__ import annotations

from typing import Any


class BrokenEquation:
    """An equation as somebody wrote it, and what its check says.

    Attributes
    ----------
    label : str
        The equation's name.
    printed, latex : str
        The equation as the book prints it, and as it was judged.
    status : str
        "holds", "refuted", "depends", "needs values" or "unreadable".
    detail : str
        The comparisons that agreed, or the counterexample.
    """

    def __init__(self, label: str, printed: str, latex: str, status: str, detail: str):
        self.label, self.printed, self.latex, self.status, self.detail = label, printed, latex, status, detail

    def __repr__(self):
        return f"{self.label}  {self.status}\n{self.detail}"

    def _repr_markdown_(self):
        invitation = (
            f'Change it and run the cell again:\n\n```python\nnn.interactive.equation("{self.label}", r"""\n'
            f'{self.printed.strip()}\n""")\n```'
        )
        shown = f"$$\n{self.latex.strip()}\n$$\n\n**{self.status}**\n\n```text\n{self.detail}\n```\n"
        return f"{shown}\n{invitation}" if self.latex == self.printed else shown


def equation(label: str, latex: str | None = None, **assumptions: Any) -> BrokenEquation:
    r"""Judge a printed equation, or your own version of it, and show both the formula and the verdict.

    Called with only a label it shows the equation and a cell to copy, in which the LaTeX can be changed.

    Parameters
    ----------
    label : str
        The equation's label, such as "eq-hidden-delta"; it is looked up as `nnbook.verify` does.
    latex : str, optional
        Your version; the printed one when left out.
    **assumptions
        As in `nnbook.verify`: sizes, hidden, output, cost, given, tolerance, penalty, targets. Give those that the
        equation's own check gives.

    Returns
    -------
    BrokenEquation
        Shown by a notebook when it is the last value of a cell.

    Raises
    ------
    EquationError
        When no saved notebook of the folder has an equation with this label.
    TypeError
        When label or latex is not a string, or an assumption is unknown.
    """
    from ..equations import EquationError  # here, so that the other figures need only NumPy
    from ..equations.checking import check, line
    from ..equations.documents import find

    for name, value in (("label", label), ("latex", latex)):
        if not isinstance(value, str) and not (name == "latex" and value is None):
            raise TypeError(f"equation: {name} must be a string; it is {value!r}")
    printed = find(label)
    written = printed if latex is None else latex
    try:
        outcome = check(written, label=label, **assumptions)
    except EquationError as error:
        return BrokenEquation(label, printed, written, getattr(error, "status", "unreadable"), str(error))
    return BrokenEquation(label, printed, written, "holds", line(label, outcome))
