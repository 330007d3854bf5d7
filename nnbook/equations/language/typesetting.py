"""Rewrites what only looks: colours, older commands, arrays in brackets, what Markdown escapes."""

from __future__ import annotations

import re

MOST_OVERS = 50
COLOUR = re.compile(r"\\(?:text)?color\s*\{[A-Za-z]+\}")
ROMAN = re.compile(r"\{\s*\\rm\s+([A-Za-z]+)\s*\}")
OVER = re.compile(r"\\over(?![A-Za-z])")
ARRAY = re.compile(
    r"\\left\s*(?P<left>\\\{|\[|\()\s*\\begin\s*\{array\}\s*\{[lcr\s]*\}(?P<rows>(?:(?!\\(?:begin|left)\b).)*?)"
    r"\\end\s*\{array\}\s*\\right\s*(?P<right>[.\])])",
    re.DOTALL,
)
KINDS = {r"\{.": "cases", "[]": "bmatrix", "()": "pmatrix"}
BECAUSE = re.compile(r",?(?:\s|\\q?quad(?![A-Za-z]))*\(\s*\\because(?![A-Za-z])((?:[^()]|\([^()]*\))*)\)\s*")
WORDS = re.compile(r"\\(?:text[a-z]*|mbox)\s*\{[^{}]*\}")


def plainly(latex: str) -> str:
    r"""Return the same equations in the commands that are read.

    Colours go, ``{a \over b}`` becomes a ``\frac``, ``{\rm in}`` a word, an array in brackets a matrix,
    one behind an open brace cases, and a reason in brackets (``\because``) an equation of its own. Underscores and row
    ends that Markdown escapes lose the escape.
    """
    text = COLOUR.sub("", _unescaped(latex))
    text = ARRAY.sub(_bracketed, ROMAN.sub(r"{\\mathrm{\1}}", text))
    text = BECAUSE.sub(r", \1", text)
    for _ in range(MOST_OVERS):
        if (match := OVER.search(text)) is None:
            break
        start, stop = _group_around(text, match.start(), match.end())
        if start is None or stop is None:
            break
        above, below = text[start + 1 : match.start()].strip(), text[match.end() : stop].strip()
        text = rf"{text[:start]}{{\frac{{{above}}}{{{below}}}}}{text[stop + 1 :]}"
    return text


def _unescaped(text: str) -> str:
    """Take the escapes of Markdown off a display all of whose underscores are escaped."""
    if r"\_" not in WORDS.sub("", text) or re.search(r"(?<!\\)_", text):
        return text
    return re.sub(r"\\\\\\(?=\s*\n)", r"\\\\", text.replace(r"\_", "_"))


def _bracketed(match: re.Match[str]) -> str:
    kind = KINDS.get(match["left"] + match["right"])
    return rf"\begin{{{kind}}}{match['rows']}\end{{{kind}}}" if kind else match[0]


def _group_around(text: str, start: int, stop: int) -> tuple[int | None, int | None]:
    """Return where the braces around a place open and close; None where they do not."""
    opens: list[int] = []
    for match in re.finditer(r"\\.|[{}]", text[:start], re.DOTALL):
        if match.group() == "{":
            opens.append(match.start())
        elif match.group() == "}" and opens:
            opens.pop()
    depth = 0
    for match in re.compile(r"\\.|[{}]", re.DOTALL).finditer(text, stop):
        depth += {"{": 1, "}": -1}.get(match.group(), 0)
        if depth < 0:
            return (opens[-1] if opens else None), match.start()
    return None, None
