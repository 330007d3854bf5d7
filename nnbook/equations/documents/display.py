"""What is found in a file: its displayed equations, its code, and what it declares about them."""

from __future__ import annotations

import ast
import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import EquationError
from .macros import Macro, expanded, typed

ASSUMED = re.compile(r"(?<!\\)%\s*assume:[ \t]*(?P<arguments>[^\n]*)")
UNCHECKED = re.compile(r"(?<!\\)%\s*unchecked:[ \t]*(?P<reason>[^\n]*)")


class FileUnreadable(EquationError):
    """A file that cannot be read as what its name says, or that declares what cannot be."""

    status = "unreadable"


@dataclass(frozen=True)
class Span:
    """Where something stands: lines and columns count from 1, and the end is the last character.

    In a notebook ``line`` is the line of the file itself, ``cell_line`` the line of the cell's text, and ``cell``
    counts from 0.
    """

    line: int
    col: int
    end_line: int
    end_col: int
    cell: int | None = None
    cell_line: int | None = None

    @property
    def name(self) -> str:
        """What an equation without a label is called: ``line 12``, or ``cell 3, line 2`` (counted from 1)."""
        return f"line {self.line}" if self.cell is None else f"cell {self.cell + 1}, line {self.cell_line}"


class Lines:
    """Turns positions in a text into lines and columns."""

    def __init__(self, text: str) -> None:
        self.starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def place(self, position: int) -> tuple[int, int]:
        """Return the line and the column of a position, both counted from 1."""
        line = bisect_right(self.starts, position)
        return line, position - self.starts[line - 1] + 1

    def span(self, start: int, stop: int) -> Span:
        """Return the span of ``text[start:stop]``."""
        return Span(*self.place(start), *self.place(max(start, stop - 1)))


@dataclass
class Equation:
    """One display of a file: what stands between its dollar signs, or a whole environment."""

    latex: str
    label: str | None
    path: Path
    cell: int = 0
    unchecked: str | None = None
    assumed: str | None = None
    span: Span = Span(1, 1, 1, 1)
    rows: list[tuple[str | None, Span]] = field(default_factory=list)
    """For each row of an environment of several: its own label and where it stands."""
    fault: str | None = None
    """Why there is no equation to read, such as a missing end."""

    def arguments(self) -> dict:
        """Return the arguments that a line ``% assume: output="sigmoid"`` inside an unnumbered equation states."""
        from .checks import CheckCall, literal_arguments

        if self.assumed is None:
            return {}
        try:
            call: Any = ast.parse(f"verify({self.assumed})", mode="eval").body
            return literal_arguments(CheckCall("", 0, {k.arg: k.value for k in call.keywords}, call))
        except (SyntaxError, ValueError) as error:
            raise EquationError(f"{self.path.name}: cannot read the assumptions {self.assumed!r}: {error}") from None


@dataclass
class Document:
    """The displays and the code of one file, in order, with what it declares.

    ``inputs`` are the files that it includes (``\\input``), ``problems`` those that it names and that cannot be read.
    """

    path: Path
    equations: list[Equation] = field(default_factory=list)
    code: list[str] = field(default_factory=list)
    declared: dict = field(default_factory=dict)
    inputs: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    macros: dict[str, Macro] = field(default_factory=dict)


def unclosed(text: str, start: int, path: str | Path, lines: Lines, cell: int = 0) -> Equation:
    """Return what opens at ``start`` and is never closed, as a display that cannot be read."""
    stop = text.find("\n", start)
    line = text[start : stop if 0 <= stop < start + 60 else start + 60].strip()
    span = lines.span(start, start + len(line))
    return Equation(line, None, Path(path), cell, span=span, fault=f"nothing closes it: {line}")


def equation_of(
    latex: str,
    label: str | None,
    path: str | Path,
    span: Span,
    cell: int = 0,
    rows: Iterable[tuple[str | None, Span]] = (),
    macros: dict[str, Macro] | None = None,
) -> Equation:
    """Return the display without abbreviations, and with what its comments say: ``% unchecked: …``, ``% assume: …``."""
    reason, assumed = UNCHECKED.search(latex), ASSUMED.search(latex)
    return Equation(
        typed(expanded(latex, macros or {})),
        label,
        Path(path),
        cell,
        reason.group("reason").strip() if reason else None,
        assumed.group("arguments").strip() if assumed else None,
        span,
        list(rows),
    )
