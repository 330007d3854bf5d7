"""Put numbers and lists into words, as figures and their descriptions print them."""

from __future__ import annotations

import numbers
from collections.abc import Iterable
from fractions import Fraction

import numpy as np


def figure_text(value: float, decimals: int = 3, fractions: bool = False) -> str:
    """Return a number as it is printed in figures: a true minus, no −0, and on request p/q or a multiple of ln 3."""
    value = float(value)
    if fractions:
        for factor, name in ((1.0, ""), (np.log(3.0), "ln 3")):
            exact = Fraction(value / factor).limit_denominator(9999)
            close = abs(float(exact) * factor - value) < 1e-13 * max(1.0, abs(value))
            if close and (abs(exact.numerator) <= 9999 or exact.denominator == 1):
                sign = "−" if exact < 0 else ""
                size = abs(exact)
                return sign + (name if name and size == 1 else f"{size} {name}".strip())
        for whole in (1, 2, -1, -2):
            rest = Fraction(value - whole * np.log(3.0)).limit_denominator(64)
            if abs(float(rest) + whole * np.log(3.0) - value) < 1e-13:
                logs = f"{'−' if whole < 0 else ''}{'' if abs(whole) == 1 else f'{abs(whole)} '}ln 3"
                return f"{logs} {'−' if rest < 0 else '+'} {abs(rest)}"
    text = f"{value:.{decimals}f}"
    if len(text) > decimals + 6:
        text = f"{value:.{max(decimals - 2, 1)}e}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", "−")


def short(value: float) -> str:
    """Return a number with four significant digits, for axis notes and descriptions."""
    if isinstance(value, numbers.Integral):
        return f"{int(value):,}".replace("-", "−")
    return f"{float(value):.4g}".replace("-", "−")


def and_list(words: Iterable[str]) -> str:
    """Return "a", "a and b" or "a, b and c"."""
    words = list(words)
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def plural(count: int, noun: str) -> str:
    """Return "1 unit", "2 units"."""
    return f"{count:,} {noun}" + ("" if count == 1 else "es" if noun.endswith(("x", "ss")) else "s")
