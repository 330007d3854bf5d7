"""The labels and the rows that stand inside a display: ``\\label``, ``\\tag``, a number at its end, ``\\\\``."""

from __future__ import annotations

import re

ROWED = ("align", "alignat", "gather", "eqnarray", "flalign", "aligned", "alignedat", "gathered", "split")
NAMED = re.compile(r"\\label\s*\{(?P<label>[^{}]+)\}|\\tag\*?\s*\{(?P<tag>[^{}]*(?:\{[^{}]*\}[^{}]*)*)\}")
NUMBER = re.compile(
    r"(?:\\l?eqno|\\qquad|\\quad|\\hfill|~~)[\s{}]*\(?(?:\((?P<number>\d+(?:[.\-–]\d+)*[a-z]?)\))\)?\s*\Z"
)
STEP = re.compile(
    r"\\begin\s*\{(\w+\*?)\}|\\end\s*\{(\w+\*?)\}|\\\\(?:\*?[ \t]*\[[^\]\n]*\])?|\\.|[{}]|%[^\n]*", re.DOTALL
)


def without_comments(latex: str) -> str:
    """Return the LaTeX with its comments blanked; every position stays."""
    return re.sub(r"(\\.)|%[^\n]*", lambda m: m.group(1) or " " * len(m.group()), latex, flags=re.DOTALL)


def inner_label(latex: str) -> str | None:
    """Return the label inside a display or a row: a ``\\label``, else a ``\\tag``, else a number like (3.1)."""
    plain = without_comments(latex)
    found = list(NAMED.finditer(plain))
    for kind in ("label", "tag"):
        names = [match.group(kind) for match in found if match.group(kind)]
        if names:
            return (
                re.sub(r"\\(?:math(?:rm|bf)|text\w*)|[${}\\]", "", names[0]).strip()
                if kind == "tag"
                else names[0].strip()
            )
    number = NUMBER.search(plain)
    return number.group("number") if number else None


def without_number(latex: str) -> str:
    """Return the LaTeX with a number at its end, such as ``\\qquad (3.1)``, blanked; every position stays."""
    match = NUMBER.search(without_comments(latex))
    return (
        latex if match is None else latex[: match.start()] + " " * (match.end() - match.start()) + latex[match.end() :]
    )


def rows_of(latex: str) -> list[tuple[int, int]]:
    """Return where the rows of the outermost environment of rows start and stop; [] where there is none.

    ``\\\\`` inside a group or an inner environment (``cases``, a matrix) ends no row.
    """
    depth, inside, start, rows = 0, None, 0, []
    for match in STEP.finditer(latex):
        text = match.group()
        if match.group(1):
            depth += 1
            if inside is None and match.group(1).rstrip("*") in ROWED:
                inside, start = depth, match.end()
        elif match.group(2):
            if inside == depth:
                rows.append((start, match.start()))
                break
            depth -= 1
        elif text == "{":
            depth += 1
        elif text == "}":
            depth -= 1
        elif text.startswith(r"\\") and inside == depth:
            rows.append((start, match.start()))
            start = match.end()
    return [row for row in (trimmed(latex, *row) for row in rows) if row[0] < row[1]]


def trimmed(text: str, start: int, stop: int) -> tuple[int, int]:
    """Return ``start`` and ``stop`` moved inwards over blanks."""
    piece = text[start:stop]
    return start + len(piece) - len(piece.lstrip()), stop - len(piece) + len(piece.rstrip())
