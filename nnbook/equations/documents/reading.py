"""Reads any file that holds equations, and lists those of a folder."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NoReturn

from .declared import of_markdown
from .display import Document, FileUnreadable
from .markdown import equations_in
from .notebook import read_notebook
from .tex import read_tex
from .text import text_of

MARKDOWN = (".md", ".markdown", ".qmd", ".rmd")
SUFFIXES = (".ipynb", ".tex", *MARKDOWN)
PASSED_OVER = {"node_modules", "__pycache__", "site-packages", "_build", "_site", "build", "dist"}
CODE_CELL = re.compile(r"^`{3,}\{code-cell\}[^\n]*\n(.*?)^`{3,}[ \t]*$", re.DOTALL | re.MULTILINE)
CELL_OPTIONS = re.compile(r"\A(?:---\n.*?---\n|(?::[^\n]*\n)+)", re.DOTALL)


def read(path: str | Path) -> Document:
    """Read a notebook (.ipynb), a Markdown file (.md, .markdown, .qmd, .Rmd) or a LaTeX file (.tex).

    Raises
    ------
    FileUnreadable
        When it does not exist, is none of these, is damaged, or declares what cannot be.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix == ".ipynb":
        return read_notebook(path)
    if suffix == ".tex":
        return read_tex(path)
    if suffix not in MARKDOWN:
        raise FileUnreadable(f"{path}: expected a notebook (.ipynb), a Markdown file (.md) or a LaTeX file (.tex)")
    text = text_of(path)
    code = [CELL_OPTIONS.sub("", match[1]) for match in CODE_CELL.finditer(text)]
    return Document(path, equations_in(text, path), code, of_markdown(text, path))


def files_in(path: str | Path) -> list[Path]:
    """Return the files to read for a name on the command line: itself, or what a folder holds at any depth.

    Passed over: hidden folders, virtual environments, and what tools build or install (``_build``, ``node_modules`` …).

    Raises
    ------
    FileUnreadable
        When a folder holds no notebook, Markdown or LaTeX file, or cannot be listed.
    """
    path = Path(path)
    if not path.is_dir():
        return [path]
    found = []

    def refuse(error: OSError) -> NoReturn:
        raise FileUnreadable(f"{error.filename}: {error.strerror}")

    for folder, inner, names in os.walk(path, onerror=refuse):
        here = Path(folder)
        inner[:] = sorted(
            name
            for name in inner
            if not name.startswith(".") and name not in PASSED_OVER and not (here / name / "pyvenv.cfg").exists()
        )
        found += [here / n for n in sorted(names) if Path(n).suffix.lower() in SUFFIXES and not n.startswith(".")]
    if not found:
        raise FileUnreadable(f"{path}: the folder holds no notebook, Markdown file or LaTeX file")
    return found
