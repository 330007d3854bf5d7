"""Read the code cells of a notebook, and make plain Python of what only IPython understands."""

from __future__ import annotations

import dataclasses
import json
import re
from types import CodeType
from typing import Any

from .messages import Refused, short

LINE_FOR_IPYTHON = re.compile(r"^\s*(%|!|\?)|^[\w.\s]+\?{1,2}\s*$")
ASSIGNED_FROM_IPYTHON = re.compile(r"^(\s*[\w.,\s\[\]]+?)=\s*[!%]\S.*$")


@dataclasses.dataclass(frozen=True)
class Cell:
    """One code cell: its number in the notebook (text cells count), its source, and whether it is a visible check."""

    number: int
    source: str
    is_check: bool

    @property
    def name(self) -> str:
        """The file name that tracebacks show for this cell."""
        return f"<cell {self.number}>"


def read_notebook(data: bytes) -> dict:
    """Return the notebook in `data` as a dict with a list of cells, or raise Refused with the reason."""
    try:
        text = bytes(data).decode("utf-8-sig")  # some editors on Windows put a byte-order mark first
    except UnicodeDecodeError as error:
        raise Refused(f"the notebook is not UTF-8 text: byte {error.start} cannot be read") from None
    try:
        book = json.loads(text)
    except RecursionError:
        raise Refused("the notebook is not a notebook: its JSON is nested too deeply") from None
    except ValueError as error:
        raise Refused(f"the notebook is damaged or cut off: {short(error, 120)}") from None
    if not isinstance(book, dict) or not isinstance(book.get("cells"), list):
        raise Refused("the file is JSON but not a notebook of format 4: it has no list of cells")
    return book


def source_of(cell: Any) -> str | None:
    """Return the text of a cell, which may be stored as a list of lines, or None when it has no readable text."""
    source = cell.get("source", "") if isinstance(cell, dict) else None
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    return source if isinstance(source, str) else None


def code_cells(data: bytes) -> list[Cell]:
    """Return the code cells of the notebook in `data`, or raise Refused with the reason."""
    found = []
    for number, cell in enumerate(read_notebook(data)["cells"], start=1):
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            source = source_of(cell)
            if source is None:
                raise Refused(f"cell {number} of the notebook has no readable source")
            found.append(Cell(number, source, _is_check(cell)))
    return found


def _is_check(cell):
    """True for a visible check of nbgrader's: it is meant to fail, which is no problem of the notebook."""
    metadata = cell.get("metadata")
    role = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return isinstance(role, dict) and role.get("grade") is True and role.get("solution") is not True


def compiled(cell: Cell) -> CodeType:
    """Return the cell's code object. Lines for IPython (%magic, !command, help?) are left out, line numbers kept."""
    try:
        return compile(cell.source, cell.name, "exec")
    except (SyntaxError, ValueError):
        return compile(_without_ipython(cell.source), cell.name, "exec")


def _without_ipython(source):
    # A cell magic that runs its cell as Python is dropped and the cell kept; so is %time before a line.
    if re.match(r"\s*%%(?!(time|capture|prun)\b)", source):
        return ""
    source = re.sub(r"(?m)^([ \t]*)%time\s", r"\1", source)
    lines = [ASSIGNED_FROM_IPYTHON.sub(r"\1= []", line) for line in source.split("\n")]
    return "\n".join("" if LINE_FOR_IPYTHON.match(line) else line for line in lines)
