"""What every index letter runs over, and whether its places agree: this refutes transposed and shifted forms."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import Misfit, fail
from .language.tree import Node

if TYPE_CHECKING:
    from .terms import Bound, Env, RangeOf
Limits = tuple[float, float]


@dataclass
class Use:
    """One place of an index letter: its kind, and the letter's range there."""

    kind: str  # "layer", "unit", "sample", "axis" or "value"
    range: RangeOf | None  # for the letter itself; None for "value"
    node: Node
    offset: int = 0
    steps: bool = False  # a sequence whose first step is declared: such ranges may differ
    zero: bool = False  # may the stated range begin at 0 (the bias unit)?
    name: str = ""  # the symbol it stands on
    about: str = ""  # "units of layer l − 1"


class Scope:
    """The places of letters inside one sum, or outside all of them."""

    def __init__(self) -> None:
        self.uses: dict[str, list[Use]] = {}

    def note(self, letter: str, use: Use) -> None:
        self.uses.setdefault(letter, []).append(use)


def kind_of(uses: list[Use]) -> str | None:
    """The kind of place of a letter; "value" when it stands only as a number."""
    kinds = {use.kind for use in uses if use.kind != "value"}
    return kinds.pop() if len(kinds) == 1 else "value" if not kinds else None


def agreed(
    letter: str, uses: list[Use], env: Env, node: Node, low: Bound | None = None, high: Bound | None = None
) -> range:
    """Return the range of values that a letter takes: what all its places allow, and what is stated.

    Raises
    ------
    Misfit
        When two places of one letter belong to layers of different size, or the stated range leaves them.
    """
    uses = [use for use in uses if use.kind != "value"]
    kinds = {use.kind for use in uses}
    if len(kinds) > 1:
        raise Misfit(f"{letter} stands as {' and as '.join(sorted(kinds))}", uses[-1].node)
    kind = kinds.pop() if kinds else "axis"
    ranges = [use.range(env) for use in uses if use.range is not None]
    if not uses:
        first, last = -math.inf, math.inf
    elif kind == "layer" or (kind == "axis" and any(use.offset or use.steps for use in uses)):
        first, last = max(r[0] for r in ranges), min(r[1] for r in ranges)
    else:
        first, last = ranges[0]
        for other, use in zip(ranges[1:], uses[1:]):
            if other != (first, last):
                raise Misfit(_two_readings(letter, (first, last), uses[0], other, use), use.node)
    if low is None or high is None:
        return range(int(first), int(last) + 1) if uses else fail(f"no range for {letter}", node)
    start, stop = low(env), high(env)
    least = 0 if uses and all(use.zero for use in uses) else first
    if (start < least or stop > last) and start <= stop:
        raise Misfit(f"the stated range {start} … {stop} of {letter} is not that of its place, {first} … {last}", node)
    return range(start, stop + 1)


def _two_readings(letter: str, one: Limits, first: Use, other: Limits, second: Use) -> str:
    text = f"{letter} runs over {one[0]} … {one[1]} in one place and {other[0]} … {other[1]} in another"
    if first.about and second.about and first.about != second.about:
        text += f": it counts the {first.about} in {first.name}, and the {second.about} in {second.name}"
    return text
