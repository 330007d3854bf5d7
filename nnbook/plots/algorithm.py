"""Draw the map of the eight steps of the algorithm."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from nnbook.core.validation import whole
from nnbook.plots._canvas import canvas_for, picture
from nnbook.plots._style import COLOURS, FILLS, TEXT
from nnbook.plots._text import and_list

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: The eight steps of the algorithm: what is done, and the quantity it is about.
STEPS = (
    ("prepare the data", "ink"),
    ("initialise $W$ and $b$", "weight"),
    ("forward: $z$, $a$ and the cost $C$", "activation"),
    (r"deltas $\delta$, from last layer to first", "delta"),
    (r"gradients $\partial C/\partial w$, $\partial C/\partial b$", "delta"),
    (r"objective $J$ and its gradient $\nabla J$", "cost"),
    (r"update $W$ and $b$ by $\nabla J$", "weight"),
    ("repeat until the cost is small enough", "ink"),
)
_PLAIN_STEPS = (
    "prepare the data",
    "initialise W and b",
    "forward: z, a and the cost C",
    "deltas, from the last layer to the first",
    "gradients of C with respect to every w and b",
    "objective J and its gradient",
    "update W and b by the gradient of J",
    "repeat until the cost is small enough",
)
_BETWEEN, _LEFT, _WIDE = 0.16, 0.08, 4.1  # inches: from box to box, the left edge of the boxes, their width


@picture
def eight_steps(current: int | Iterable[int] | None = None, *, ax: Axes | None = None) -> tuple[Figure, str]:
    """Draw the map of the eight steps of the algorithm, with "you are here".

    Parameters
    ----------
    current : int or iterable of int, optional
        The step or steps, 1 … 8, where the reader is; None draws only the map.

    Raises
    ------
    TypeError, ValueError
        When a step is not a whole number from 1 to 8.
    """
    where = "eight_steps"
    wanted = [] if current is None else list(current) if isinstance(current, Iterable) else [current]
    here = {whole(where, "current", step) for step in wanted}
    if here and max(here) > len(STEPS):
        raise ValueError(f"{where}: current must be a step from 1 to {len(STEPS)}; it is {max(here)}")

    highs = [0.62 if step in here else 0.4 for step in range(1, len(STEPS) + 1)]
    width, height = 4.8, sum(highs) + _BETWEEN * (len(STEPS) - 1) + 0.12
    figure, ax = canvas_for(where, ax, width, height)
    middle = {
        step: height - 0.06 - sum(highs[: step - 1]) - _BETWEEN * (step - 1) - highs[step - 1] / 2
        for step in range(1, len(STEPS) + 1)
    }
    for step in middle:
        _draw_step(ax, step, middle[step], highs[step - 1], step in here)
    _draw_way_back(ax, middle[8], middle[3])

    words = "The eight steps of the algorithm: " + "; ".join(
        f"{step}, {text}" for step, text in enumerate(_PLAIN_STEPS, start=1)
    )
    words += ". An arrow leads from step 8 back to step 3."
    if here:
        words += f" You are here: step{'s' if len(here) > 1 else ''} {and_list(map(str, sorted(here)))}."
    return figure, words


def _draw_step(ax: Axes, step: int, y: float, high: float, on: bool) -> None:
    """Draw the box of a step, filled where the reader is, and the arrow to the next."""
    from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

    words, kind = STEPS[step - 1]
    ax.add_patch(
        FancyBboxPatch(
            (_LEFT + 0.1, y - high / 2 + 0.1), _WIDE - 0.2, high - 0.2, boxstyle="round,pad=0.1,rounding_size=0.1",
            facecolor=FILLS[kind] if on else "none", edgecolor=FILLS[kind] if on else COLOURS[kind],
            linewidth=2.2 if on else 1.3, label=f"_step {step}",
        )
    )  # fmt: skip
    ax.text(_LEFT + 0.24, y, str(step), color="white" if on else COLOURS[kind], fontsize=12.5, fontweight="bold",
            ha="center", va="center_baseline")  # fmt: skip
    ax.text(_LEFT + 0.5, y + (0.1 if on else 0), words, color="white" if on else TEXT, fontsize=11.5,
            va="center_baseline", fontweight="bold" if on else "normal")  # fmt: skip
    if on:
        ax.text(_LEFT + 0.5, y - 0.14, "you are here", color="white", fontsize=10.5, va="center_baseline")
    if step < len(STEPS):
        ax.add_patch(
            FancyArrowPatch(
                (_LEFT + 0.24, y - high / 2), (_LEFT + 0.24, y - high / 2 - _BETWEEN), arrowstyle="-|>",
                mutation_scale=8, shrinkA=0, shrinkB=0, color=COLOURS["ink"], linewidth=1.2,
            )
        )  # fmt: skip


def _draw_way_back(ax: Axes, start: float, end: float) -> None:
    """Draw the arrow from step 8 back to step 3, beside the boxes."""
    from matplotlib.patches import FancyArrowPatch

    right, turn = _LEFT + _WIDE, _LEFT + _WIDE + 0.22
    ax.plot([right, turn, turn], [start, start, end], color=COLOURS["ink"], linewidth=1.5, linestyle="-")
    ax.add_patch(
        FancyArrowPatch(
            (turn, end), (right, end), arrowstyle="-|>", mutation_scale=11, shrinkA=0, shrinkB=0,
            color=COLOURS["ink"], linewidth=1.5,
        )
    )  # fmt: skip
    ax.text(turn + 0.17, (start + end) / 2, "again", rotation=270, ha="center", va="center", fontsize=11)
