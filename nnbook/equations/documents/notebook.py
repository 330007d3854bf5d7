"""Reads notebooks: the displays of their Markdown cells, with their lines in the cell and in the file."""

from __future__ import annotations

import dataclasses
import json
import json.decoder
import json.scanner
import re
from pathlib import Path
from typing import Any, NoReturn

from .declared import of_notebook
from .display import Document, FileUnreadable, Lines, Span
from .markdown import equations_in
from .text import text_of


class Placed(str):
    """A string of a JSON file that knows where it starts there."""

    __slots__ = ("start",)
    start: int


class PlacingDecoder(json.JSONDecoder):
    """Decodes JSON, its strings as `Placed`."""

    def __init__(self) -> None:
        super().__init__()

        def placed(text: str, start: int, strict: bool = True) -> tuple[Placed, int]:
            value, end = json.decoder.scanstring(text, start, strict)  # type: ignore[attr-defined]
            string = Placed(value)
            string.start = start
            return string, end

        self.parse_string = placed
        self.scan_once = json.scanner.py_make_scanner(self)  # type: ignore[attr-defined]


def read_notebook(path: Path) -> Document:
    """Read a notebook (.ipynb).

    Raises
    ------
    FileUnreadable
        When it is not JSON, or not a notebook: no list of cells, a cell without its kind or its text.
    """
    text = text_of(path)
    try:
        notebook = json.loads(text, cls=PlacingDecoder)
    except RecursionError:
        raise FileUnreadable(f"{path}: not a notebook (nested too deeply)") from None
    except ValueError as error:
        raise FileUnreadable(f"{path}: not a notebook ({error})") from None
    document = Document(path)
    lines, first = Lines(text), ""
    macros: dict = {}
    for number, cell in enumerate(_cells(notebook, path)):
        kind, source = cell["cell_type"], cell["source"]
        whole = "".join(source).replace("\r\n", "\n")
        if number == 0 and kind in ("markdown", "raw"):
            first = whole
        if kind == "markdown":
            for equation in equations_in(whole, path, number, macros):
                equation.span = in_file(equation.span, source, number, lines)
                equation.rows = [(label, in_file(span, source, number, lines)) for label, span in equation.rows]
                document.equations.append(equation)
        elif kind == "code":
            document.code.append(whole)
    document.declared = of_notebook(notebook.get("metadata", {}), first, path)
    return document


def _cells(notebook: Any, path: Path) -> list[Any]:
    def refuse(what: str) -> NoReturn:
        raise FileUnreadable(f"{path}: not a notebook ({what})")

    if not isinstance(notebook, dict):
        refuse("the file holds no table")
    if "worksheets" in notebook:
        refuse("it is in the old format 3: open it in JupyterLab and save it")
    if not isinstance(cells := notebook.get("cells"), list):
        refuse("it has no list of cells")
    for number, cell in enumerate(cells, 1):
        if not isinstance(cell, dict) or cell.get("cell_type") not in ("markdown", "code", "raw"):
            refuse(f"cell {number} is neither markdown nor code")
        source = cell.get("source")
        if not (isinstance(source, str) or (isinstance(source, list) and all(isinstance(s, str) for s in source))):
            refuse(f"the source of cell {number} is neither text nor a list of lines")
    return cells


def in_file(span: Span, source: Any, cell: int, lines: Lines) -> Span:
    """Return the span of a cell's text with its lines in the notebook's file."""
    pieces: list[Any] = [source] if isinstance(source, str) else source
    starts = []
    for piece in pieces:
        starts += [piece.start] * max(1, len(re.findall("\n", piece)) + (not piece.endswith("\n")))
    first, last = (lines.place(starts[min(line, len(starts)) - 1])[0] for line in (span.line, span.end_line))
    return dataclasses.replace(span, line=first, end_line=last, cell=cell, cell_line=span.line)
