"""Finds the equation with a given label: in the running notebook, else in the current folder."""

from __future__ import annotations

import os
import re
from pathlib import Path

from ..errors import EquationError
from .display import Equation, FileUnreadable
from .reading import SUFFIXES, read


def find(label: str) -> str:
    """Return the LaTeX of the equation with this label: of the running notebook, else of the current folder.

    Raises
    ------
    EquationError
        When no saved file has it, or two files have it and differ.
    """
    running = os.environ.get("JPY_SESSION_NAME")
    if running and Path(running).is_file():
        found = _labelled(label, [Path(running)])
        if found:
            return _one(label, found)
    files = sorted(
        p for p in Path.cwd().iterdir() if p.suffix.lower() in SUFFIXES and p.is_file() and not p.name.startswith(".")
    )
    found = _labelled(label, files)
    if not found:
        raise EquationError(
            f"verify: no saved notebook or Markdown file in {Path.cwd().name}/ holds a displayed "
            f"equation labelled ({label}); write it as $$ … $$ ({label}), on its own lines, and save "
            "the notebook"
        )
    return _one(label, found)


def _labelled(label: str, files: list[Path]) -> list[Equation]:
    found = []
    for path in files:
        try:
            if label.encode() not in path.read_bytes():
                continue
            found += [e for e in read(path).equations if e.label == label]
        except (OSError, FileUnreadable):
            if os.environ.get("JPY_SESSION_NAME") == str(path):
                raise
    return found


def _one(label: str, found: list[Equation]) -> str:
    def essence(equation: Equation) -> str:
        return re.sub(r"\s+", "", re.sub(r"(?<!\\)%[^\n]*", "", equation.latex))

    for other in found[1:]:
        if essence(other) != essence(found[0]) or other.path == found[0].path:
            raise EquationError(
                f"verify: the label {label} is used for two equations, in {found[0].path.name} (cell "
                f"{found[0].cell + 1}) and in {other.path.name} (cell {other.cell + 1})"
            )
    return found[0].latex
