"""What can be wrong with a printed equation, each with its place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from .notation import Said


class EquationError(ValueError):
    """Base class of everything that `verify` raises about an equation."""

    latex: str | None = None
    status = "unreadable"

    def _render_traceback_(self, *_: Any) -> list[str]:
        """Show an uncaught error in a notebook as the rendered equation and the message, without the traceback."""
        if self.latex is not None:
            from IPython.display import Math, display

            display(Math(re.sub(r"(?<!\\)%[^\n]*", "", self.latex)))
        return [f"{type(self).__name__}: {self}"]


class UnreadableEquation(EquationError):
    """The equation cannot be read, or means nothing definite; a caret shows the place."""

    def __init__(self, reason: str, latex: str | None = None, position: int | None = None) -> None:
        self.reason, self.latex, self.position = reason, latex, position
        super().__init__(reason if latex is None else f"{reason}\n{caret(latex, position)}")

    def located(self, latex: str) -> UnreadableEquation:
        """Return the same error with `latex`, the equation it is about."""
        return self if self.latex is not None else type(self)(self.reason, latex, self.position)


class NeedsValues(UnreadableEquation):
    """A symbol is not one of the network's, and no `given=` supplies it."""

    status = "needs values"


class OutOfRange(UnreadableEquation):
    """An index that does not exist, or a function where it is not defined."""

    def located(self, latex: str) -> UnreadableEquation:
        return self if self.latex is not None else UnreadableEquation(self.reason, latex, self.position)


class NotHere(OutOfRange):
    """A literal index names something that this world does not have; another may have it."""


class Meaningless(UnreadableEquation):
    """A symbol that has no meaning in this world (the derivative f' of softmax); in another it may have one."""


class EquationRefuted(EquationError, AssertionError):
    """The two sides differ; the message shows the equation, the indices, both sides and the error."""

    status = "refuted"
    reason = where = ""  # why, in words, and under which assumptions it would hold
    reading: Said | None = None  # that of its letters, which is among these assumptions
    assumed: tuple[dict[str, Any], ...] = ()  # those of activations and costs, each enough by itself
    position: int | None = None

    def __init__(self, message: str, latex: str | None = None) -> None:
        self.latex = latex
        super().__init__(message)


class EquationDepends(EquationRefuted):
    """It holds under some of the usual assumptions, or readings of its letters, and fails under others."""

    status = "depends"


class Misfit(Exception):
    """Indices or shapes that cannot fit in any network whose layers differ in size.

    ``doubt`` says why the equation may be right all the same, in a file that does not declare what it means.
    """

    def __init__(self, reason: str, node: Any = None, doubt: str = "") -> None:
        self.reason, self.doubt = reason, doubt
        self.position = getattr(node, "position", None)
        super().__init__(reason)


def fail(reason: str, node: Any) -> NoReturn:
    """Raise `UnreadableEquation` at the place of ``node``."""
    raise UnreadableEquation(reason, position=node.position)


def caret(latex: str, position: int | None) -> str:
    """Return the line of `latex` that holds `position`, with a caret below the place."""
    if position is None:
        return "    " + latex.strip().replace("\n", "\n    ")
    position = min(position, len(latex))
    start = latex.rfind("\n", 0, position) + 1
    stop = latex.find("\n", position)
    line = latex[start:] if stop < 0 else latex[start:stop]
    place = position - start
    if len(line) > 100:
        cut = max(0, place - 50)
        line, place = line[cut : cut + 100], place - cut
    return f"    {line}\n    {' ' * place}^"
