"""Finds the displayed equations of LaTeX files, and follows ``\\input`` and ``\\include``."""

from __future__ import annotations

import os
import re
from pathlib import Path

from .declared import of_tex
from .display import Document, Equation, FileUnreadable, Lines, equation_of, unclosed
from .labels import inner_label, rows_of, trimmed, without_comments, without_number
from .macros import Macro, macros_of
from .text import Closings, text_of

ENVIRONMENTS = "equation|align|gather|multline|alignat|flalign|eqnarray|displaymath|dmath"
OPENING = re.compile(
    rf"\\(?:input|include|subfile)\s*(?:\{{(?P<input>[^{{}}\n]*)\}}|(?P<bare>[^\s{{}}\\%]+))"
    rf"|\\begin\{{(?P<env>(?:{ENVIRONMENTS})\*?)\}}|(?P<escaped>\\\\)|(?P<bracket>\\\[)|(?<!\\)\$\$"
)
VERBATIM = re.compile(r"\\begin\{((?:[vV]erbatim|lstlisting|minted|comment|filecontents)\*?)\}")
MOST_FILES = 500
DEEPEST = 20


def read_tex(path: Path) -> Document:
    """Read a LaTeX file and the files it includes.

    A file that it names and that cannot be read, or that includes itself, is a problem of the document.
    """
    text = text_of(path)
    document = Document(path, declared=of_tex(text, path))
    _collect(document, path, text, path.parent, [os.path.realpath(path)])
    return document


def _collect(document: Document, path: Path, text: str, folder: Path, above: list[str]) -> None:
    """Add the displays of one file, and of the files it includes, in their places."""
    plain, begin = _mathematics_of(text)
    macros, _ = macros_of(plain)
    document.macros.update(macros)
    lines, closings, position = Lines(text), Closings(plain), 0
    while (opening := OPENING.search(plain, position)) is not None:
        position = opening.end()
        name = opening["input"] or opening["bare"]
        if name:
            place = f"{path}:{lines.place(opening.start())[0]}"
            _include(document, name.strip(), place, folder, above, position < begin)
        elif opening["input"] is None and not opening["escaped"] and position > begin:
            start, stop, position = _bounds(plain, opening, closings)
            if stop < 0:
                document.equations.append(unclosed(text, start, path, lines))
                break
            if plain[start:stop].strip():
                document.equations.append(_equation(text, *trimmed(text, start, stop), lines, path, document.macros))


def _bounds(plain: str, opening: re.Match[str], closings: Closings) -> tuple[int, int, int]:
    """Return where a display starts and stops, and where to continue; -1 where it is not closed."""
    if opening["env"]:
        end = rf"\end{{{opening['env']}}}"
        stop = closings.after(end, opening.end())
        return (opening.start(), stop + len(end), stop + len(end)) if stop > 0 else (opening.start(), -1, -1)
    close = r"\]" if opening["bracket"] else "$$"
    stop = closings.after(close, opening.end())
    return (opening.end(), stop, stop + 2) if stop > 0 else (opening.start(), -1, -1)


def _equation(text: str, start: int, stop: int, lines: Lines, path: Path, macros: dict[str, Macro]) -> Equation:
    latex = text[start:stop]
    rows = [(inner_label(latex[a:b]), lines.span(start + a, start + b)) for a, b in rows_of(latex)]
    label = inner_label(latex) if len(rows) < 2 else None
    span = lines.span(start, stop)
    return equation_of(without_number(latex), label, path, span, rows=rows if len(rows) > 1 else (), macros=macros)


def _include(document: Document, name: str, place: str, folder: Path, above: list[str], preamble: bool) -> None:
    path = folder / (name if Path(name).suffix == ".tex" else f"{name}.tex")
    if not path.is_file() and (folder / name).is_file():
        path = folder / name
    whole = os.path.realpath(path)
    if preamble and not path.is_file():
        return  # one of TeX's own
    if whole in above:
        document.problems.append(f"{place}: {name} includes itself")
    elif len(above) >= DEEPEST or len(document.inputs) >= MOST_FILES:
        document.problems.append(
            f"{place}: {name} is not read: files are nested {DEEPEST} deep, or more than {MOST_FILES}"
        )
    else:
        try:
            text = text_of(path)
        except FileUnreadable as error:
            document.problems.append(f"{place}: it includes {name}: {error}")
            return
        document.inputs.add(whole)
        _collect(document, path, text, folder, [*above, whole])


def _mathematics_of(text: str) -> tuple[str, int]:
    """Return the text with comments and verbatim text blanked, positions kept, and where its document begins."""
    plain = without_comments(text)
    pieces, position, closings = [], 0, Closings(plain)
    while (opening := VERBATIM.search(plain, position)) is not None:
        stop = closings.after(rf"\end{{{opening[1]}}}", opening.end())
        if stop < 0:
            break
        pieces += [plain[position : opening.start()], re.sub(r"[^\n]", " ", plain[opening.start() : stop])]
        position = stop
    plain = "".join([*pieces, plain[position:]])
    begin, end = plain.find(r"\begin{document}"), plain.find(r"\end{document}")
    return plain if end < 0 else plain[:end], max(begin, 0)
