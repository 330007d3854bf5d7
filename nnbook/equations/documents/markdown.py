"""Finds the displayed equations of Markdown: MyST, Quarto, d2l, GitHub, Pandoc and plain."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from .display import Equation, Lines, equation_of, unclosed
from .labels import inner_label, rows_of, trimmed, without_number
from .macros import Macro, macros_of
from .text import Closings

# In a quotation, or as the first thing of a list's item.
PREFIX = r"[ \t>]{0,80}(?:(?:[-*+]|\d{1,9}[.)])[ \t]{1,80})?[ \t>]{0,80}"
FENCE = re.compile(rf"(?P<prefix>{PREFIX})(?P<fence>`{{3,}}|~{{3,}}|:{{3,}})[ \t]*(?P<info>[^\n]*)")
CODE = re.compile(r"(?<!`)(?<!label:)(`+)(?!`)[^`\n]*?(?<!`)\1(?!`)")
OPTION = re.compile(r"[ \t>]*:(?P<name>[\w-]+):[ \t]*(?P<value>[^\n]*)\n?")
CODE_LANGUAGES = re.compile(
    r"\{(?:code|literal|eval-rst|raw|mermaid|python|ipython|r|julia|bash|sh|sql|ojs|dot|js|html|css|[.=#])",
    re.IGNORECASE,
)
ENVIRONMENTS = "align|equation|gather|multline|alignat|eqnarray|flalign|displaymath"
OPENING = re.compile(
    rf"(?<!\\)\$\$|^{PREFIX}(?P<bracket>\\\\?\[)|^{PREFIX}(?P<begin>\\begin\{{(?P<env>(?:{ENVIRONMENTS})\*?)\}})",
    re.MULTILINE,
)
NAME = r"\w[^()\s{}$`]*"
TAIL = re.compile(
    rf"[ \t]{{0,80}}[.,;]?[ \t]{{0,80}}(?:\((?P<myst>{NAME})\)(?=[ \t]*(?:$|[.,;]))|\{{#(?P<quarto>{NAME})[^}}\n]*\}}"
    rf"|(?:\n{PREFIX})?:(?:eqlabel|label):`(?P<d2l>{NAME})`)[ \t]*",
    re.MULTILINE,
)
STATES = re.compile(r"[=<>≤≥≈]|\\(?:leq?|geq?|approx|equiv|neq?|coloneqq|propto)\b")
LINE_END = re.compile(r"[ \t]*[.,;]?[ \t]*$", re.MULTILINE)


@dataclass
class Found:
    """One display of a text: where its mathematics starts and stops (-1 if nothing closes it), and its label."""

    start: int
    stop: int
    label: str | None = None


def equations_in(markdown: str, path: str | Path = Path(), cell: int = 0, macros: dict | None = None) -> list[Equation]:
    """Return the displayed equations of a piece of Markdown, in order.

    Parameters
    ----------
    markdown : str
        The text. Code and comments are passed over; boxes and other directives are opened.
    path : path
        The file it is from.
    cell : int
        The number of its cell, counted from 0.
    macros : dict or None
        The abbreviations that stand before it in the file; those of this text are added.
    """
    text, found = _without_code(markdown)
    found += _displays(text)
    macros = {} if macros is None else macros
    new, places = macros_of(markdown) if "\\newcommand" in markdown or "\\def" in markdown else ({}, [])
    macros.update(new)
    if places:
        markdown = _blanked(markdown, places)
    lines = Lines(markdown)
    return [
        _equation(markdown, display, lines, path, cell, macros)
        for display in sorted(found, key=lambda f: f.start)
        if display.stop < 0 or markdown[display.start : display.stop].strip()
    ]


def _equation(
    markdown: str, display: Found, lines: Lines, path: str | Path, cell: int, macros: dict[str, Macro]
) -> Equation:
    if display.stop < 0:
        return unclosed(markdown, display.start, path, lines, cell)
    start, stop = trimmed(markdown, display.start, display.stop)
    latex = markdown[start:stop]
    if "\n" in latex and ">" in latex:
        latex = re.sub(r"(?m)^[ \t]*>[ \t>]*", lambda m: " " * len(m.group()), latex)
    rows = [(inner_label(latex[begin:end]), lines.span(start + begin, start + end)) for begin, end in rows_of(latex)]
    label = display.label
    if label is None and len(rows) < 2:
        label = inner_label(latex)
    rows, span = rows if len(rows) > 1 else (), lines.span(start, stop)
    return equation_of(without_number(latex), label, path, span, cell, rows, macros)


def _without_code(markdown: str) -> tuple[str, list[Found]]:
    """Return the text with code, fences and comments blanked, and the displays of the fences that hold mathematics."""
    kept, found, position = [], [], 0
    closing, math = None, None  # the fence of the code or the mathematics we are in, and where the latter starts
    boxes: list[str] = []  # the fences of the directives that stand open; what they hold is Markdown again
    for line in markdown.split("\n"):
        fence = FENCE.fullmatch(line) if line.lstrip(" \t>-*+0123456789.)")[:1] in ("`", "~", ":") else None
        if fence is not None and "`" in fence["fence"] and "`" in fence["info"]:
            fence = None
        if closing is not None:
            if _closes(fence, closing):
                found += [] if math is None else [_fenced(markdown, math, position)]
                closing = math = None
            line = " " * len(line)
        elif fence is not None:
            info = fence["info"].strip()
            if re.match(r"\{math\}|math\b", info):
                closing, math, opened = fence["fence"], position + len(line) + 1, position + fence.start("fence")
            elif boxes and _closes(fence, boxes[-1]):
                boxes.pop()
            elif fence["fence"][0] != ":" and (CODE_LANGUAGES.match(info) or not info.startswith("{")):
                closing = fence["fence"]
            elif info:
                boxes.append(fence["fence"])
            line = " " * len(line)
        kept.append(line)
        position += len(line) + 1
    if math is not None:
        found.append(Found(opened, -1))
    text = _without_comments("\n".join(kept))
    return CODE.sub(lambda m: " " * len(m.group()), text), found


def _blanked(text: str, places: list[tuple[int, int]]) -> str:
    pieces, position = [], 0
    for start, stop in places:
        pieces += [text[position:start], re.sub(r"[^\n]", " ", text[start:stop])]
        position = stop
    return "".join([*pieces, text[position:]])


def _closes(fence: re.Match[str] | None, opened: str) -> bool:
    return (
        fence is not None
        and fence["fence"][0] == opened[0]
        and len(fence["fence"]) >= len(opened)
        and not fence["info"].strip()
    )


def _fenced(markdown: str, start: int, stop: int) -> Found:
    """The display of a fence; its options are its label and no mathematics."""
    label = None
    while (option := OPTION.match(markdown, start, stop)) is not None:
        if option["name"] in ("label", "name", "id"):
            label = option["value"].strip() or None
        start = option.end()
    return Found(start, stop, label)


def _without_comments(text: str) -> str:
    places, position = [], 0
    while (start := text.find("<!--", position)) >= 0 and (stop := text.find("-->", start)) >= 0:
        position = stop + 3
        places.append((start, position))
    return _blanked(text, places)


def _displays(text: str) -> list[Found]:
    """Return the displays between dollars, between brackets and in environments, in a text without code."""
    found, position, closings = [], 0, Closings(text)
    while (opening := OPENING.search(text, position)) is not None:
        if opening["begin"]:
            display, position = _environment(text, opening, closings)
        elif opening["bracket"]:
            display, position = _bracketed(text, opening, closings)
        else:
            display, position = _dollars(text, opening)
        if display is not None and (display.stop < 0 or text[display.start : display.stop].strip()):
            found.append(display)
    open_ones = [display for display in found if display.stop < 0]
    return [display for display in found if display.stop >= 0] + open_ones[:1]


def _environment(text: str, opening: re.Match[str], closings: Closings) -> tuple[Found, int]:
    end = rf"\end{{{opening['env']}}}"
    stop = closings.after(end, opening.end())
    if stop < 0:
        return Found(opening.start("begin"), -1), opening.end()
    stop += len(end)
    return Found(opening.start("begin"), stop, _tail(text, stop)[0]), stop


def _bracketed(text: str, opening: re.Match[str], closings: Closings) -> tuple[Found | None, int]:
    """A display between ``\\[`` and ``\\]`` ends its line: ``\\[1\\]`` within a line is an escaped bracket."""
    close = opening["bracket"].replace("[", "]")
    stop = closings.after(close, opening.end())
    if stop < 0:
        return None, opening.end()
    label, after = _tail(text, stop + len(close))
    if not LINE_END.match(text, after):
        return None, opening.end()
    return Found(opening.end(), stop, label), after


def _dollars(text: str, opening: re.Match[str]) -> tuple[Found | None, int]:
    """A display between ``$$``; one that opens within a line ends before the next empty line."""
    start = opening.end()
    stop = text.find("$$", start)
    while stop > 0 and text[stop - 1] == "\\" and text[stop - 2] != "\\":
        stop = text.find("$$", stop + 2)
    line = text[max(0, opening.start() - 100) : opening.start()].rpartition("\n")[2]
    inside = bool(line.strip(" \t>-*+0123456789.)"))
    if stop < 0:
        return None if inside else Found(opening.start(), -1), start
    if inside:
        if re.search(r"\n[ \t>]*\n", text[start:stop]):
            return None, start
        if not STATES.search(text, start, stop):
            return None, stop + 2  # a symbol in a sentence
    label, after = _tail(text, stop + 2)
    return Found(start, stop, label), after


def _tail(text: str, stop: int) -> tuple[str | None, int]:
    """Return the label that follows a display, and where it ends."""
    tail = TAIL.match(text, stop)
    return (tail["myst"] or tail["quarto"] or tail["d2l"], tail.end()) if tail else (None, stop)
