"""From a display to its equations: environments, rows, tags and labels."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import UnreadableEquation
from .reader import MAX_LENGTH
from .typesetting import plainly

WRAPPERS = "equation|displaymath|math|split|aligned|gathered|alignedat|multlined"
ROWED = "align|gather|eqnarray|multline|alignat|flalign|dmath"
OUTER = re.compile(
    rf"\A\s*(?:\\\[|\$\$)?\s*\\begin\s*\{{(?P<env>{WRAPPERS}|{ROWED})(?P<star>\*?)\}}(?P<body>.*)"
    r"\\end\s*\{(?P=env)(?P=star)\}\s*(?:\\\]|\$\$)?[\s.,;]*\Z",
    re.DOTALL,
)
LABEL = re.compile(r"\\label\s*\{([^{}]*)\}")
TAG = re.compile(r"\\tag\s*\*?\s*\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}")
NOTHING = re.compile(
    r"\\(?:nonumber|notag|displaystyle|allowdisplaybreaks|therefore|because)(?![A-Za-z])"
    r"|\\(?:tiny|small|normalsize|large|Large|LARGE|huge|Huge)(?![A-Za-z])|\\(?:intertext|shortintertext)\s*\{[^{}]*\}"
    r"|\\hfill|\\begin\{subequations\}|\\end\{subequations\}"
)
PROTECTED = re.compile(r"\\begin\s*\{(cases|[pbvBV]?matrix|array|aligned|split|gathered)\}.*?\\end\s*\{\1\}", re.DOTALL)
STARTS = re.compile(r"=|<|>|:=|\\(?:approx|leq?|geq?|lt|gt|cdot|times|odot|circ|iff|equiv)(?![A-Za-z])|\+")


@dataclass(frozen=True)
class Line:
    """One equation of a display: its LaTeX, the label or tag in it, and the place of its first row."""

    latex: str
    label: str | None
    row: int


def equations_of(latex: str) -> list[Line]:
    r"""Split a display into its equations, each with its own label.

    A row that begins with a relation or an operator continues the row above; ``equation``, ``split`` and the like
    are taken off; ``\tag`` and ``\label`` are read and removed.

    Raises
    ------
    UnreadableEquation
        When the display is longer than is read.
    """
    if len(latex) > 4 * MAX_LENGTH:
        raise UnreadableEquation(
            f"the display has {len(latex):,} characters; at most {4 * MAX_LENGTH:,} are read", latex[:100], 0
        )
    text, label = plainly(re.sub(r"(?<!\\)%[^\n]*", "", latex)), None
    split = False
    match = OUTER.match(text)
    while match:
        env, text = match.group("env"), match.group("body")
        if env in ("alignat", "alignedat"):
            text = re.sub(r"\A\s*\{\d*\}", "", text)
        outside = _outside(text)
        if env in WRAPPERS.split("|") and env not in ("aligned", "split", "gathered", "alignedat"):
            label = label or _label(outside)
        else:
            split = True
        match = OUTER.match(LABEL.sub("", TAG.sub("", text))) if not split else None
    text = re.sub(r"\A\s*(\\\[|\$\$)|(\\\]|\$\$)\s*\Z", "", text)
    text = re.sub(r"\\newline(?![A-Za-z])", r"\\\\", text)
    rows = _rows(text) if split or r"\\" in _outside(text) else [text]
    return _joined(rows, label)


def _outside(text: str) -> str:
    return PROTECTED.sub("", text)


def _label(text: str) -> str | None:
    match = LABEL.search(text)
    if match:
        return match.group(1).strip() or None
    match = TAG.search(text)
    return f"({match.group(1).strip().strip('()$')})" if match else None


def _rows(text: str) -> list[str]:
    """Split at row ends that are not inside an environment, and drop the alignment marks there."""
    protected = [m.span() for m in PROTECTED.finditer(text)]

    def free(place: int) -> bool:
        return not any(a <= place < b for a, b in protected)

    rows, start, out = [], 0, []
    for match in re.finditer(r"\\\\(?:\s*\[[^\]]*\])?|\\.|&", text, re.DOTALL):
        if not free(match.start()):
            continue
        if match.group() == "&":
            out.append(text[start : match.start()] + " ")
            start = match.end()
        elif match.group().startswith(r"\\"):
            rows.append("".join(out) + text[start : match.start()])
            out, start = [], match.end()
    rows.append("".join(out) + text[start:])
    return rows


def _joined(rows: list[str], label: str | None) -> list[Line]:
    """Join rows that continue others, and take labels, tags and words between rows out of them."""
    lines: list[list] = []
    for number, row in enumerate(rows):
        own = _label(row)
        text = NOTHING.sub(" ", TAG.sub(" ", LABEL.sub(" ", row)))
        if not re.sub(r"\\(?:q?quad|[,;:! ])|[{}\s]", "", text):
            if own and lines:
                lines[-1][1] = lines[-1][1] or own
            continue
        bare = re.sub(r"^(\s|\\[,;:! ]|\\q?quad(?![A-Za-z])|\{\})+", "", text)
        goes_on = STARTS.match(bare) or (bare.startswith("-") and "=" not in re.sub(r"_\{[^{}]*\}", "", bare))
        if lines and (goes_on or _open(lines[-1][0])):
            lines[-1][0] += " " + text
            lines[-1][1] = lines[-1][1] or own
        else:
            lines.append([text, own, number])
    return [
        Line(_parted(_trimmed(text)), own or (label if n == 0 else None), row)
        for n, (text, own, row) in enumerate(lines)
    ]


def _open(text: str) -> bool:
    """Does a row end so that the next must continue it: with an operator, a relation or an open bracket?"""
    text = re.sub(r"(\s|\\q?quad|\\[,;:! ])+$", "", text)
    if re.search(r"(=|\+|-|\\cdot|\\times|\\odot|\()$", text):
        return True
    return text.count("(") > text.count(")")


def _parted(text: str) -> str:
    r"""Put a comma before each wide space between two equations: ``A = B \qquad C = D`` does not multiply B by C."""
    pieces, depth, related, start = [], 0, False, 0
    for match in re.finditer(
        r"\\(?:begin|left)\b|\\(?:end|right)\b|\\q?quad(?![A-Za-z])|\\[A-Za-z]+|\\.|[{}()\[\]=]", text
    ):
        token = match.group()
        if token in (r"\begin", r"\left", "{", "(", "["):
            depth += 1
        elif token in (r"\end", r"\right", "}", ")", "]"):
            depth -= 1
        elif depth == 0 and token in ("=", r"\equiv"):
            related = True
        elif depth == 0 and related and token in (r"\quad", r"\qquad"):
            before, behind = text[start : match.start()].rstrip(), text[match.end() :].lstrip(" \t\n~")
            if before.endswith((",", ";")) or not _equation_opens(behind):
                continue
            pieces.append(before + ",")
            start, related = match.start(), False
    return " ".join([*pieces, text[start:]])


def _equation_opens(text: str) -> bool:
    """Does an equation begin here: letters, and then its first relation at the top level?"""
    first = re.match(r"(?:\\q?quad(?![A-Za-z])|[\s~])*", text)
    text = text[first.end() :] if first else text
    if STARTS.match(text) or text.startswith(("-", r"\text", r"\mbox", r"\mathrm", "(")):
        return text.startswith(r"\text{") and bool(re.match(r"\\text\{[A-Za-z]+\}\s*('|\()", text))
    return bool(re.search(r"(?<![<>:!])=", re.sub(r"\{[^{}]*\}", "", text)))


def _trimmed(text: str) -> str:
    text = re.sub(r"(\s|\\q?quad(?![A-Za-z])|\\[,;:! ])+$", "", text.strip())
    return re.sub(r"(?<!\\)[.,;]+$", "", text).strip()
