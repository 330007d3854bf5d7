"""Judge displayed equations one after another, as a file prints them: each sees what stands above it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from .checking import check
from .errors import EquationError, EquationRefuted, UnreadableEquation
from .language.forms import equations_of
from .language.reader import parse
from .notation import Notation, Said
from .notations import named
from .options import checked_options
from .reading import definition_of, readable
from .undeclared import UNDECLARED


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
        What a reader should know beside the status: an identity says nothing of networks, an inequality was nowhere
        tight.
    comparisons : int
        How many pairs of numbers were compared.
    package : int
        How many of them with the package's own functions.
    row : int
        The place of the equation in its display, counted from 0.
    proposal : str
        A form with one small change that was checked and holds; "" where none was found.
    latex : str
        The equation itself; "" where it was judged under arguments of its own.
    reading : tuple of (str, dict) or None
        Another reading of its letters, on which the equation depends: in words, and what it changes of the notation.
    assumed : tuple of dict
        What it depends on of activations and costs, as arguments of `verify`; each is enough by itself.
    """

    label: str | None
    status: str
    detail: str = ""
    remark: str = ""
    comparisons: int = 0
    package: int = 0
    row: int = 0
    proposal: str = ""
    latex: str = ""
    reading: Said | None = None
    assumed: tuple[dict[str, Any], ...] = ()


class Judge:
    """Judges the displays of one file in order; a display that defines a symbol defines it for what follows.

    Parameters
    ----------
    notation : str, Notation or None
        What the letters mean: a name ("book", "nielsen", …) or a `Notation`. None: it is not declared; the letters
        are read as in the book, and an equation that is right in another order of indices depends on that order.
    **assumptions
        What holds in the whole file, as in `verify`: sizes, hidden, output, cost, penalty, targets, tolerance.

    Raises
    ------
    ValueError
        When the notation or an assumption is none.
    """

    def __init__(self, notation: str | Notation | None = "book", **assumptions: Any) -> None:
        self.notation = UNDECLARED if notation is None else named(notation)
        self.assumptions = assumptions
        checked_options(**assumptions)

    def judge(
        self,
        latex: str,
        *,
        label: str | None = None,
        labels: Sequence[str | None] = (),
        assumptions: dict[str, Any] | None = None,
    ) -> list[Verdict]:
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
        if assumptions and assumptions.get("given") is not None:  # its values are those of the whole display
            return [self.line(latex, label, assumptions)]
        try:
            lines = equations_of(latex)
        except UnreadableEquation as error:
            return [Verdict(label, "unreadable", str(error))]
        if not lines:
            return [Verdict(label, "unreadable", "the display is empty")]
        verdicts = []
        for number, line in enumerate(lines):
            own = line.label or (labels[number] if number < len(labels) else None) or label
            verdict = self.line(line.latex, own, assumptions)
            verdicts.append(replace(verdict, row=line.row, latex="" if assumptions else line.latex))
        return verdicts

    def line(
        self, latex: str, label: str | None, assumptions: dict[str, Any] | None = None, *, propose: bool = True
    ) -> Verdict:
        """Judge one equation, without an environment around it.

        Parameters
        ----------
        latex : str
            The equation, ``left = right``.
        label : str or None
            Its name in the verdict; None for an equation without one.
        assumptions : dict, optional
            Keyword arguments of `nn.verify` for this equation alone; they go before the judge's own.
        propose : bool
            Whether to look for the small change that makes a wrong equation hold, which takes most of the time.

        Returns
        -------
        Verdict
        """
        arguments = {**self.assumptions, **(assumptions or {})}
        if arguments.get("given") is None:
            arguments.setdefault("notation", self.notation)
        try:
            defined = definition_of(parse(latex), self.notation) if arguments.get("given") is None else None
            if defined is not None:
                self.notation = defined.added_to(self.notation)
                return Verdict(label, "holds", remark=f"defines {defined.name}")
            outcome = check(latex, label=label or "this equation", **arguments)
        except EquationRefuted as error:
            proposal = self._proposal(latex, arguments) if propose and error.status == "refuted" else ""
            verdict = Verdict(label, error.status, str(error), proposal=proposal)
            return replace(verdict, reading=error.reading, assumed=error.assumed)
        except EquationError as error:
            return Verdict(label, error.status, str(error))
        return Verdict(label, "holds", "", outcome.remark, outcome.comparisons, outcome.package)

    def _proposal(self, latex: str, arguments: dict[str, Any]) -> str:
        from .diagnosis import proposal

        return proposal(latex, arguments)

    def readable(self, latex: str) -> float:
        """Return which part of the display `latex` this notation can read, from 0 to 1; never whether it holds."""
        try:
            lines = equations_of(latex)
        except UnreadableEquation:
            return 0.0
        return sum(readable(line.latex, self.notation) for line in lines) / len(lines) if lines else 0.0
