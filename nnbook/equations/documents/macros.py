"""Reads the abbreviations a file defines (``\\newcommand``, ``\\def`` …) and writes displays without them."""

from __future__ import annotations

import re
from dataclasses import dataclass

DEFINITION = re.compile(
    r"\\(?:(?:re)?newcommand|providecommand)\*?\s*(?:\{\s*(?P<braced>\\(?:[A-Za-z@]+|.))\s*\}|(?P<bare>\\(?:[A-Za-z@]+|.)))"
    r"\s*(?:\[(?P<count>[0-9])\])?\s*(?:\[(?P<default>[^\]\n]*)\])?\s*(?=\{)"
    r"|\\def\s*(?P<def>\\(?:[A-Za-z@]+|.))(?P<parameters>(?:#[1-9])*)\s*(?=\{)"
    r"|\\DeclareMathOperator\*?\s*\{?\s*(?P<operator>\\[A-Za-z]+)\s*\}?\s*(?=\{)"
)
NAME = re.compile(r"\\(?:[A-Za-z@]+|[^A-Za-z])", re.DOTALL)
ESCAPED = re.compile(r"\\.|[{}]", re.DOTALL)
GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho varsigma sigma tau upsilon"
)
CHARACTERS = {  # pasted from a rendered page, they are read like the commands that print them
    "∑": r"\sum", "∏": r"\prod", "∂": r"\partial", "∇": r"\nabla", "⊙": r"\odot", "∘": r"\circ", "×": r"\times",
    "·": r"\cdot", "⋅": r"\cdot", "≤": r"\le", "≥": r"\ge", "≠": r"\neq", "≈": r"\approx", "≡": r"\equiv",
    "∈": r"\in", "…": r"\dots", "⋯": r"\dots", "⊤": r"\top", "‖": r"\|", "ℓ": r"\ell", "η": r"\eta", "φ": r"\varphi",
    "ϕ": r"\phi", "χ": r"\chi", "ψ": r"\psi", "ω": r"\omega", "Δ": r"\Delta", "Ω": r"\Omega", "Σ": r"\Sigma",
    **{chr(945 + place): rf"\{name}" for place, name in enumerate(GREEK.split())},
}  # fmt: skip
PLAIN = {"−": "-", "′": "'", "’": "'", "²": "^2", "\u00a0": " ", "\u2009": " ", "\u200b": ""}
PASTED = re.compile("[" + "".join([*CHARACTERS, *PLAIN]) + "]")
MOST_STEPS = 2_000
LONGEST = 20_000


@dataclass(frozen=True)
class Macro:
    """An abbreviation: what it stands for, how many arguments it takes, and what the first is when left out."""

    body: str
    arguments: int = 0
    default: str | None = None


def macros_of(text: str) -> tuple[dict[str, Macro], list[tuple[int, int]]]:
    """Return the abbreviations that a text without comments defines, and where each definition stands."""
    macros, places, position = {}, [], 0
    while (found := DEFINITION.search(text, position)) is not None:
        stop = group_end(text, found.end())
        if stop is None:
            position = found.end()
            continue
        body, position = text[found.end() + 1 : stop - 1], stop
        places.append((found.start(), stop))
        if found["operator"]:
            macros[found["operator"]] = Macro(rf"\operatorname{{{body}}}")
        elif found["def"]:
            macros[found["def"]] = Macro(body, len(found["parameters"]) // 2)
        else:
            count = int(found["count"] or 0)
            macros[found["braced"] or found["bare"]] = Macro(body, count, found["default"] if count else None)
    return macros, places


def group_end(text: str, start: int, limit: int = LONGEST) -> int | None:
    """Return where the group that opens at ``start`` ends, or None."""
    depth = 0
    for match in ESCAPED.finditer(text, start, start + limit):
        depth += {"{": 1, "}": -1}.get(match.group(), 0)
        if depth == 0:
            return match.end()
    return None


def expanded(latex: str, macros: dict[str, Macro]) -> str:
    """Return the LaTeX with every abbreviation written out; as it is where that would not end, or grow too long."""
    if not macros or len(latex) > LONGEST:
        return latex
    written, position, steps = latex, 0, 0
    while (name := NAME.search(written, position)) is not None:
        macro = macros.get(name.group())
        if macro is None:
            position = name.end()
            continue
        body, stop = _filled(written, name.end(), macro)
        steps += 1
        if body is None or steps > MOST_STEPS or len(written) + len(body) > LONGEST:
            return latex
        gap = " " if body[-1:].isalpha() and written[stop : stop + 1].isalpha() else ""
        written = written[: name.start()] + body + gap + written[stop:]
        position = name.start()
    return written


def typed(latex: str) -> str:
    """Return the LaTeX with pasted characters (∑, ∂, δ, −) as the commands that one types; comments stay."""

    def command(match: re.Match[str]) -> str:
        character = match.group()
        return PLAIN[character] if character in PLAIN else CHARACTERS[character] + " "

    if latex.isascii():
        return latex
    lines = (re.split(r"(?<!\\)(?=%)", line, maxsplit=1) for line in latex.split("\n"))
    return "\n".join(PASTED.sub(command, first) + "".join(comment) for first, *comment in lines)


def _filled(text: str, stop: int, macro: Macro) -> tuple[str | None, int]:
    """Return a macro's body with its arguments, and where they end; None where they are missing."""
    values = []
    for number in range(macro.arguments):
        if number == 0 and macro.default is not None:
            given = re.compile(r"\s*\[([^\]]*)\]").match(text, stop)
            values.append(given[1] if given else macro.default)
            stop = given.end() if given else stop
            continue
        start = len(text) - len(text[stop:].lstrip())
        if text[start : start + 1] == "{":
            end = group_end(text, start)
            if end is None:
                return None, stop
            values.append(text[start + 1 : end - 1])
        else:
            token = NAME.match(text, start)
            end = token.end() if token else start + 1
            values.append(text[start:end])
        stop = end
    body = re.sub(r"#([1-9])", lambda m: values[int(m[1]) - 1] if int(m[1]) <= len(values) else "", macro.body)
    return body, stop
