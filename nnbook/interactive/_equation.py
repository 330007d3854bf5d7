"""A printed equation to change in a notebook: the reader's own LaTeX, judged by the checker itself."""

from __future__ import annotations

import importlib.util
from typing import Any


class BrokenEquation:
    """An equation as the reader wrote it, and what its check says.

    Shown in JupyterLab it is a box to type in, where ipywidgets is installed; anywhere else, and in saved output, it
    is the formula with its verdict.

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
    assumptions : dict
        The assumptions given with the LaTeX.
    """

    def __init__(self, label: str, printed: str, latex: str, status: str, detail: str, assumptions: dict[str, Any]):
        self.label, self.printed, self.latex, self.status, self.detail = label, printed, latex, status, detail
        self.assumptions = assumptions

    def __repr__(self):
        return f"{self.label}  {self.status}\n{self.detail}"

    def judged(self, latex: str) -> BrokenEquation:
        """Return another version of this equation, `latex`, judged under the same assumptions."""
        from ..equations import EquationError
        from ..equations.checking import check, line

        try:
            outcome = check(latex, label=self.label, **self.assumptions)
        except EquationError as error:
            status, detail = error.status, str(error)
        else:
            status, detail = "holds", line(self.label, outcome)
        return BrokenEquation(self.label, self.printed, latex, status, detail, self.assumptions)

    def _repr_markdown_(self):
        invitation = (
            "Change it and run the cell again; where `ipywidgets` is installed, JupyterLab shows a box to type in "
            f'instead:\n\n```python\nnn.interactive.equation("{self.label}", r"""\n{self.printed.strip()}\n""")\n```'
        )
        shown = f"$$\n{self.latex.strip()}\n$$\n\n**{self.status}**\n\n```text\n{self.detail}\n```\n"
        return f"{shown}\n{invitation}" if self.latex == self.printed else shown

    def _repr_mimebundle_(self, include=None, exclude=None):
        bundle = {"text/plain": repr(self), "text/markdown": self._repr_markdown_()}
        if importlib.util.find_spec("ipywidgets") is None:
            return bundle
        from ._equation_box import box

        return {**box(self)._repr_mimebundle_(), **bundle}


def equation(label: str, latex: str | None = None, **assumptions: Any) -> BrokenEquation:
    r"""Judge a printed equation, or your own version of it, and show both the formula and the verdict.

    In JupyterLab, where ipywidgets is installed (``pip install "nnbook[book]"``), it shows a box in which any LaTeX can
    be typed, and a button for each kind of wrong form. Elsewhere it shows the equation and a cell to copy, in which the
    LaTeX can be changed.

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
    from ..equations.documents import find  # here, so that the other figures need only NumPy

    for name, value in (("label", label), ("latex", latex)):
        if not isinstance(value, str) and not (name == "latex" and value is None):
            raise TypeError(f"equation: {name} must be a string; it is {value!r}")
    printed = find(label)
    return BrokenEquation(label, printed, "", "", "", assumptions).judged(printed if latex is None else latex)
