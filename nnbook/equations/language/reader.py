"""Reads the LaTeX of one displayed equation into a tree, or says where it cannot."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from ..errors import UnreadableEquation
from .build import build, refuse_numbers_behind
from .grammar import GRAMMAR
from .tree import Statement
from .typesetting import WORDS

MAX_LENGTH = 4_000  # characters in one equation
MAX_DEPTH = 24  # brackets inside brackets
OPENING = {
    r"\cdot", r"\times", r"\odot", r"\circ", r"\le", r"\leq", r"\ge", r"\geq", r"\sum", r"\prod", r"\approx", r"\equiv",
    r"\iff", r"\quad", r"\qquad", r"\{", r"\neq",
}  # fmt: skip
REFUSED = [  # (what was found, what to write instead)
    (r"\\gets|\\leftarrow|\\to\b|\\rightarrow|\\mapsto", "an update is written with step subscripts, not an arrow"),
    (r"\\class", "\\class cannot stand in an equation"),
]
DOTS = "dots are ambiguous; write a sum or a product"
NOT_READ = {
    r"\in": r"\in stands only below a sum: what a quantity is an element of is not checked; leave it out",
    r"\mid": "a condition in a probability is not read: nothing supplies its distribution",
    r"\sim": "how a quantity is distributed is no equation: there is nothing to compare",
}


@lru_cache(maxsize=1)
def _lark() -> Any:
    from lark import Lark

    return Lark(
        GRAMMAR,
        parser="lalr",
        lexer="contextual",
        start="statement",
        propagate_positions=True,
        maybe_placeholders=False,
    )


@lru_cache(maxsize=4096)
def parse(latex: str) -> Statement:
    """Read one displayed equation.

    Parameters
    ----------
    latex : str
        What stands between the dollar signs, at most 4,000 characters and 24 brackets deep.

    Raises
    ------
    UnreadableEquation
        With the reason, the line and a caret at the place.
    """
    if not isinstance(latex, str):
        raise TypeError(f"parse: latex must be a string; got {type(latex).__name__}")
    try:
        text = _prepared(latex)
        tree = build(_parsed(text, latex))
        refuse_numbers_behind(tree)
        return tree
    except UnreadableEquation as error:
        raise error.located(latex) from None


def _parsed(text: str, latex: str) -> Any:
    from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken

    try:
        return _lark().parse(text)
    except UnexpectedCharacters as error:
        place = error.pos_in_stream or 0
        command = re.match(r"\\[A-Za-z]+|\\.", text[place:])
        found = command.group() if command else repr(text[place])
        raise UnreadableEquation(NOT_READ.get(found, f"cannot read {found} here"), latex, place) from None
    except UnexpectedEOF:
        raise UnreadableEquation("the equation ends too early", latex, len(latex.rstrip())) from None
    except UnexpectedToken as error:
        if error.token.type == "$END":
            raise UnreadableEquation("the equation ends too early", latex, len(latex.rstrip())) from None
        place, found = error.token.start_pos, str(error.token)
        dots = error.token.type == "DOTS" or text.startswith("..", place)
        reason = DOTS if dots else NOT_READ.get(found, f"did not expect {found} here")
        raise UnreadableEquation(reason, latex, place) from None
    except UnexpectedInput as error:
        raise UnreadableEquation("cannot read this", latex, getattr(error, "pos_in_stream", None)) from None


# --- before the grammar: comments, limits, aligned ----------------------------------------------------------------


def _blank(text: str, start: int, stop: int) -> str:
    return text[:start] + re.sub(r"[^\n]", " ", text[start:stop]) + text[stop:]


FRAMES = re.compile(r"\\(boxed|fbox|underbrace|overbrace|underline)\s*(?=\{)|\\forall(?![A-Za-z])(?=[^{}]*\})")


def _unframed(text: str) -> str:
    """Blank frames, braces above and below with what is written at them, and ``\\forall`` below a sum."""
    while match := FRAMES.search(text):
        start, stop = match.span()
        frame, text = match.group(1), _blank(text, start, stop)
        if frame is None:
            continue
        end = _group_end(text, stop)
        if frame in ("boxed", "fbox"):  # which may hold the whole equation
            text = _blank(_blank(text, stop, stop + 1), end - 1, end)
            continue
        label = re.compile(r"\s*[_^]\s*(\\text(rm|bf|it)?\s*)?(?=\{)").match(text, end)
        if label is not None and frame in ("underbrace", "overbrace"):
            text = _blank(text, end, _group_end(text, label.end()))
    return text


def _group_end(text: str, start: int) -> int:
    """Return the place behind the group that opens at ``start``."""
    depth = 0
    for match in re.compile(r"\\.|[{}]", re.DOTALL).finditer(text, start):
        depth += {"{": 1, "}": -1}.get(match.group(), 0)
        if depth == 0:
            return match.end()
    raise UnreadableEquation("nothing closes this", text, start)


def _prepared(latex: str) -> str:
    """Return text of the same length (so that places stay true) without comments and alignment."""
    if len(latex) > MAX_LENGTH:
        raise UnreadableEquation(
            f"the equation has {len(latex):,} characters; at most {MAX_LENGTH:,} are read", latex[:100], 0
        )
    text = latex
    for match in re.finditer(r"(?<!\\)%[^\n]*", latex):
        text = _blank(text, *match.span())
    for match in re.finditer(r"\\(?:label|tag\s*\*?)\s*\{[^{}]*\}|\\(?:nonumber|notag)(?![A-Za-z])", text):
        text = _blank(text, *match.span())
    for match in re.finditer(r"(\^\s*)?\{\s*('+|\\prime)\s*\}", text):  # f^{'} and f^{\prime} are f'
        start, stop = match.span(2)
        text = _blank(_blank(text, match.start(), start), stop, match.end())
    text = _unframed(text)
    if not text.strip():
        raise UnreadableEquation("the equation is empty", latex, 0)
    for match in re.finditer(r"[^\x20-\x7e\n\t\r]", WORDS.sub(lambda m: " " * len(m[0]), text)):
        raise UnreadableEquation(f"the character {match.group()!r} is not part of the dialect", latex, match.start())
    depth = 0
    for match in re.finditer(r"\\[{}]|[({\[]|[)}\]]", text):
        if len(match.group()) == 1:
            depth += 1 if match.group() in "({[" else -1
            if depth > MAX_DEPTH:
                raise UnreadableEquation(f"brackets are nested more than {MAX_DEPTH} deep", latex, match.start())
    for match in re.finditer(r"\d[\d.]{15,}", text):
        raise UnreadableEquation("a number of more than 15 digits", latex, match.start())
    for pattern, instead in REFUSED:
        for match in re.finditer(pattern, text):
            raise UnreadableEquation(instead, latex, match.start())
    return _paired(_without_alignment(text))


def _paired(text: str) -> str:
    """Mark bars as opening or closing, by what stands before them: so |a| |b| and a norm behind a factor are read."""
    stack: list[tuple[bool, int]] = []
    out, last = list(text), ""
    token = re.compile(r"\\\||\|\||\||\\[A-Za-z]+|\\.|[^\s]", re.DOTALL)
    protected = re.compile(r"\\(left|right|[bB]igg?[lrm]?|mid|middle)\Z")
    for match in token.finditer(text):
        mark = match.group()
        if mark in ("|", "||", r"\|"):
            if protected.match(last):
                last = mark
                continue
            norm = mark != "|"
            operand = last not in (
                "",
                "=",
                "+",
                "-",
                "(",
                "[",
                "{",
                ",",
                "<",
                ">",
                "/",
                "^",
                "_",
                "⦅",
                "⟦",
                "*",
                ":",
                ";",
            ) and (last not in OPENING)
            if stack and stack[-1][0] == norm and operand:
                start = stack.pop()[1]
                out[start : start + (2 if norm else 1)] = "⟦ " if norm else "⦅"
                out[match.start() : match.end()] = "⟧ " if norm else "⦆"
                last = "⟧"
            else:
                stack.append((norm, match.start()))
                last = "⟦"
            continue
        last = mark
    return "".join(out)


def _without_alignment(text: str) -> str:
    r"""Blank ``aligned``; a row that begins with a relation or an operator continues the row above, others are new."""
    pattern = re.compile(
        r"\\begin\s*\{((?:aligned|split|gathered|align|gather|equation|eqnarray|multline|displaymath)\*?)\}(.*?)"
        r"\\end\s*\{\1\}",
        re.DOTALL,
    )
    match = pattern.search(text)
    while match:
        inside = match.group(2)
        protected = [m.span() for m in re.finditer(r"\\begin\s*\{cases\}.*?\\end\s*\{cases\}", inside, re.DOTALL)]

        def free(place: int, protected: list[tuple[int, int]] = protected) -> bool:
            return not any(a <= place < b for a, b in protected)

        for m in re.finditer(r"\\.|&", inside, re.DOTALL):
            if not free(m.start()):
                continue
            if m.group() == "&":
                inside = _blank(inside, *m.span())
            elif m.group() == r"\\":
                rest = re.sub(r"^(\s|&|\\[,;:! ]|\\q?quad(?![A-Za-z])|\{\})+", "", inside[m.end() :])
                row = rest.split(r"\\")[0]
                goes_on = not rest or re.match(
                    r"=|<|>|\\(approx|leq?|geq?|lt|gt|cdot|times|odot|iff|dots)(?![A-Za-z])|\+|,", rest
                )
                goes_on = goes_on or (rest.startswith("-") and "=" not in re.sub(r"_\{[^{}]*\}", "", row))
                before = inside[: m.start()].rstrip()
                mark = "  " if goes_on or before.endswith((",", ";")) else "; "
                inside = inside[: m.start()] + mark + inside[m.end() :]
        begin, end = match.span(2)
        text = text[:begin] + inside + text[end:]
        text = _blank(text, match.start(), begin)
        text = _blank(text, end, match.end())
        match = pattern.search(text)
    return text
