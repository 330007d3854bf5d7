"""Draw rows of numbers as small images in a grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from nnbook.core.validation import whole
from nnbook.plots._canvas import canvas_for, headline_at, picture
from nnbook.plots._style import COLOURS, TEXT, WIDTH
from nnbook.plots._text import plural, short
from nnbook.plots._values import reals

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PAPER, _PRINT = (0xF1, 0xF3, 0xF5), (0x1B, 0x24, 0x30)
_LEVELS = 16


@picture
def images(
    X: ArrayLike, shape: tuple[int, int], *, labels: Sequence[Any] | None = None, wrong: Sequence[bool] | None = None,
    columns: int | None = None, legend: bool = False, title: str | None = None, ax: Axes | None = None,
) -> tuple[Figure, str]:  # fmt: skip
    """Draw rows of X as small images in a grid, dark for large values.

    Parameters
    ----------
    X : array of shape (N, height × width)
        One image per row; at most 400. All share one scale, from the least to the greatest value.
    shape : (int, int)
        Height and width, as (4, 3) for the digits of twelve pixels.
    labels : sequence of N, optional
        A word above each image.
    wrong : sequence of N bool, optional
        Which labels to print in the colour of errors, with a cross.
    columns : int, optional
        Images side by side; by default a grid about as wide as high.
    legend : bool
        Draw the tones below the images, with the numbers that they represent.

    Raises
    ------
    TypeError, ValueError
        When X has not height × width columns, or labels or wrong do not have one entry for each image.
    """
    where = "images"
    X, height, width = _checked(where, X, shape)
    for name, given in (("labels", labels), ("wrong", wrong)):
        if given is not None and len(given) != len(X):
            raise ValueError(
                f"{where}: {name} must have one entry for each of {plural(len(X), 'image')}; it has {len(given)}"
            )
    aside = min(len(X), 8, max(1, round(np.sqrt(len(X) * height / width * 1.2))))
    aside = aside if columns is None else min(whole(where, "columns", columns), len(X))
    grid = _lay_out(len(X), height, width, aside, labels is not None, legend)
    head = 0.36 if title else 0.04
    figure, ax = canvas_for(where, ax, max(grid.cell * aside + 0.1, 3.0 if legend else 0), grid.top + head)
    low, high = float(X.min()), float(X.max())
    if legend:
        _scale(ax, low, high)
    if labels is not None:
        _draw_labels(ax, grid, labels, [False] * len(X) if wrong is None else wrong)
    _draw_images(ax, grid, (X - low) / (high - low) if high > low else np.zeros_like(X))
    headline_at(ax, grid.cell * aside / 2 + 0.05, grid.top + head - 0.17, title)
    words = f"{plural(len(X), 'image')} of {height} × {width} pixels, {aside} a row."
    if labels is not None:
        words += f" Labels: {', '.join(str(label) for label in labels)}."
    if wrong is not None:
        words += f" Marked as wrong: {int(np.sum(np.asarray(wrong, dtype=bool)))}."
    if legend:
        words += f" The lightest tone is {short(low)}, the darkest {short(high)}."
    return figure, words


def _checked(where: str, X: Any, shape: Any) -> tuple[np.ndarray, int, int]:
    """Return the images as rows, with their height and width."""
    try:
        height, width = shape
    except (TypeError, ValueError):
        raise TypeError(f"{where}: shape must be (height, width); it is {shape!r}") from None
    height, width = whole(where, "shape[0]", height), whole(where, "shape[1]", width)
    X = reals(where, "X", X)
    if X.ndim == 1:
        X = X[None, :]
    if X.ndim != 2 or X.shape[1] != height * width or not 1 <= len(X) <= 400:
        raise ValueError(
            f"{where}: X must have shape (images, {height * width}), 1 to 400 images of {height} × {width}; "
            f"it has shape {X.shape}"
        )
    return X, height, width


@dataclass
class Grid:
    """Where the images are, in inches, for a number of images side by side and their size in pixels."""

    height: int
    width: int
    aside: int
    cell: float  # from one image to the next in its row
    tall: float  # from row to row
    above: float  # for the label
    pixel: float
    top: float

    def corner(self, position: int) -> tuple[float, float]:
        """Return the upper left corner of an image."""
        down, aside = divmod(position, self.aside)
        return 0.05 + self.cell * aside + 0.06 * self.cell, self.top - self.tall * down - self.above


def _lay_out(count: int, height: int, width: int, aside: int, labelled: bool, legend: bool) -> Grid:
    cell = min(1.1, (WIDTH - 0.1) / aside)
    pixel = 0.88 * cell / width
    above = 0.27 if labelled else 0.0
    tall = pixel * height + above + 0.12 * cell
    top = (0.56 if legend else 0.0) + tall * -(-count // aside)
    return Grid(height, width, aside, cell, tall, above, pixel, top)


def _draw_images(ax: Axes, grid: Grid, scaled: np.ndarray) -> None:
    """Paint images of values 0 … 1, each in its frame; where pixels are few enough to be counted, with lines."""
    tones: dict[int, list[tuple]] = {}
    frames, rules = [], []
    pixel, tall, wide = grid.pixel, grid.pixel * grid.height, grid.pixel * grid.width
    for position, image in enumerate(scaled):
        x0, y0 = grid.corner(position)
        frames.append((x0, y0 - tall, x0 + wide, y0))
        for tone, boxes in _boxes(image.reshape(grid.height, grid.width)).items():
            tones.setdefault(tone, []).extend(
                (x0 + pixel * a, y0 - pixel * d, x0 + pixel * c, y0 - pixel * b) for a, b, c, d in boxes
            )
        if grid.height * grid.width <= 100:
            rules += [(x0 + pixel * k, y0 - tall, x0 + pixel * k, y0) for k in range(1, grid.width)]
            rules += [(x0, y0 - pixel * k, x0 + wide, y0 - pixel * k) for k in range(1, grid.height)]
    _paint(ax, frames, _tone(0), 0, "_paper", 1)
    for tone, boxes in sorted(tones.items()):
        # A thin line of the same tone closes the seams that a screen would show between neighbours.
        _paint(ax, boxes, _tone(tone), 0.25, "_pixels", 2)
    if rules:
        _paint(ax, rules, COLOURS["ink"], 0.6, "_frame", 3)
    _paint(ax, frames, COLOURS["ink"], 1.0, "_frame", 3)


def _draw_labels(ax: Axes, grid: Grid, labels: Sequence[Any], wrong: Sequence[bool]) -> None:
    for position, (label, bad) in enumerate(zip(labels, wrong)):
        x0, y0 = grid.corner(position)
        ax.text(x0 + grid.pixel * grid.width / 2, y0 + 0.06, f"{label}{' ✗' if bad else ''}", fontsize=11,
                ha="center", va="baseline", fontweight="bold" if bad else "normal",
                color=COLOURS["delta"] if bad else TEXT)  # fmt: skip


def _tone(level: int) -> str:
    share = level / (_LEVELS - 1)
    return "#" + "".join(f"{round(p + share * (q - p)):02x}" for p, q in zip(_PAPER, _PRINT))


def _boxes(image: np.ndarray) -> dict[int, list[tuple]]:
    """Return, for each of 16 tones, the boxes (x0, y0, x1, y1) that paint an image of values 0 … 1, y downwards.

    Neighbours of one tone in a row are one box; the lightest tone is the paper beneath and has none.
    """
    boxes: dict[int, list[tuple]] = {}
    for y, row in enumerate(np.rint(image * (_LEVELS - 1)).astype(int)):
        starts = np.flatnonzero(np.r_[True, row[1:] != row[:-1]])
        for start, end in zip(starts, np.r_[starts[1:], len(row)]):
            if row[start]:
                boxes.setdefault(int(row[start]), []).append((start, y, end, y + 1))
    return boxes


def _paint(ax: Axes, boxes: list[tuple], colour: str, edge: float, label: str, zorder: int) -> None:
    """Draw boxes as one shape: sharp at any size, and no compression library decides about its bytes."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    corners = [corner for x0, y0, x1, y1 in boxes for corner in ((x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0))]
    codes = ([Path.MOVETO] + [Path.LINETO] * 3 + [Path.CLOSEPOLY]) * len(boxes)
    style = {"facecolor": colour, "edgecolor": colour} if label != "_frame" else {"fill": False, "edgecolor": colour}
    ax.add_patch(PathPatch(Path(corners, codes), linewidth=edge, label=label, zorder=zorder, **style))


def _scale(ax: Axes, low: float, high: float) -> None:
    """Draw the tones in a strip at the bottom, with the numbers that they represent."""
    left, step, base, tall = 0.62, 0.1, 0.1, 0.16
    for level in range(_LEVELS):
        x = left + step * level
        _paint(ax, [(x, base, x + step, base + tall)], _tone(level), 0.25, "_scale", 2)
    right = left + step * _LEVELS
    _paint(ax, [(left, base, right, base + tall)], COLOURS["ink"], 1.0, "_frame", 3)
    for x, text, side in ((left - 0.06, short(low), "right"), (right + 0.06, short(high), "left")):
        ax.text(x, base + tall / 2, text.replace("-", "−"), fontsize=10.5, color=TEXT, ha=side, va="center_baseline")
    if low < 0 < high:
        zero = left - low / (high - low) * (right - left)
        ax.text(zero, base + tall + 0.05, "0", fontsize=10.5, color=TEXT, ha="center", va="baseline")
