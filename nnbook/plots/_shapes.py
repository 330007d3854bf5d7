"""Draw the parts of a network: units, lines, boxes, and the key that says what a line's look means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nnbook.plots._style import COLOURS, FILLS, TEXT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FADED = 0.22


def strength(value: float, largest: float) -> dict[str, Any]:
    """Return line width and dashes of a weight: wider for larger, dashed and paler for negative."""
    share = abs(value) / largest if largest else 0.0
    style: dict[str, Any] = {"linewidth": 0.7 + 2.6 * share, "alpha": 0.45 + 0.55 * share, "solid_capstyle": "round"}
    if value < 0:
        style |= {"linestyle": (0, (3.2, 1.6)), "dash_capstyle": "butt"}
    return style


def unit(
    ax: Axes, x: float, y: float, radius: float, words: str, kind: str, on: bool, *, dashed: bool = False,
    size: float | None = None,
) -> None:  # fmt: skip
    """Draw a unit: a circle with text in it, pale unless it is on, hollow where `dashed`."""
    from matplotlib.patches import Circle

    style: dict[str, Any] = {"facecolor": FILLS[kind], "edgecolor": FILLS[kind], "linewidth": 1.2}
    colour = "white"
    if dashed or not on:
        style = {"facecolor": "none", "edgecolor": COLOURS[kind], "linewidth": 1.4, "alpha": 1 if on else 2 * FADED}
        colour = COLOURS[kind]
    if dashed:
        style |= {"linestyle": (0, (2.5, 1.5))}
    ax.add_patch(Circle((x, y), radius, zorder=2, **style))
    if size is None:
        formula = 14 if radius > 0.24 else 12.5
        size = formula if words.startswith("$") else 10.5 if len(words) <= 4 else 9.5 if len(words) <= 5 else 8
    ax.text(
        x, y, words, color=colour, fontsize=size, ha="center", va="center_baseline", zorder=3,
        alpha=1 if on else 0.6, fontweight="normal" if words.startswith("$") else "bold",
    )  # fmt: skip


def loop(ax: Axes, x: float, y: float, radius: float) -> None:
    """Draw an arrow from a unit back to itself."""
    from matplotlib.patches import FancyArrowPatch

    ax.add_patch(
        FancyArrowPatch(
            (x - 0.6 * radius, y + 0.8 * radius), (x + 0.6 * radius, y + 0.8 * radius), label="_loop",
            connectionstyle="arc3,rad=-1.9", arrowstyle="-|>", mutation_scale=13, linewidth=1.6,
            color=COLOURS["ink"], shrinkA=0, shrinkB=0, zorder=2,
        )
    )  # fmt: skip


def sign_key(ax: Axes, x: float, y: float) -> None:
    """Draw the key that says what solid, dashed and wide lines mean."""
    for centre, words, value in ((x - 1.05, "w > 0", 0.6), (x + 0.15, "w < 0", -0.6)):
        style: dict[str, Any] = {"linestyle": "-"} | strength(value, 1)
        ax.plot([centre - 0.42, centre - 0.06], [y, y], color=COLOURS["weight"], label="_key", **style)
        ax.text(centre, y, words, ha="left", va="center", fontsize=10.5, color=TEXT)
    ax.text(x + 0.78, y, "wider: larger", ha="left", va="center", fontsize=10.5, color=TEXT)


def box(ax: Axes, x: float, y: float, width: float, height: float, kind: str, *, filled: bool) -> None:
    """Draw a box with round corners."""
    from matplotlib.patches import FancyBboxPatch

    pad = 0.05
    ax.add_patch(
        FancyBboxPatch(
            (x + pad, y + pad), width - 2 * pad, height - 2 * pad, boxstyle=f"round,pad={pad},rounding_size={pad}",
            facecolor=FILLS[kind] if filled else "none", edgecolor=FILLS[kind] if filled else COLOURS[kind],
            linewidth=1.1, zorder=3 if filled else 2,
        )
    )  # fmt: skip


def wire(ax: Axes, start: tuple, end: tuple, style: Mapping[str, Any], name: str) -> None:
    """Draw a weight as a curve between two points."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    (x0, y0), (x1, y1) = start, end
    bend = 0.55 * (x1 - x0)
    path = Path(
        [(x0, y0), (x0 + bend, y0), (x1 - bend, y1), (x1, y1)], [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4]
    )
    ax.add_patch(
        PathPatch(
            path, fill=False, edgecolor=COLOURS["weight"], linewidth=0.7 * style["linewidth"],
            alpha=0.85 * style["alpha"], linestyle=style.get("linestyle", "-"), zorder=1, label=f"_edge {name}",
        )
    )  # fmt: skip
