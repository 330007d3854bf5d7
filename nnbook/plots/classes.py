"""Draw how a model separates classes: its decision boundary in the plane, and its confusion table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from nnbook.core.validation import whole
from nnbook.plots._canvas import axes_for, headline, picture
from nnbook.plots._style import COLOURS, FILLS, SERIES, TEXT, WIDTH
from nnbook.plots._text import and_list, plural
from nnbook.plots._values import reals

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@picture
def decision_boundary(
    predict: Callable[[np.ndarray], np.ndarray], X: ArrayLike, labels: ArrayLike, *, level: float = 0.5,
    points: int = 121, margin: float = 0.15, xlabel: str = "$x_1$", ylabel: str = "$x_2$", title: str | None = None,
    ax: Axes | None = None,
) -> tuple[Figure, str]:  # fmt: skip
    """Draw the decision boundary of a model with two inputs, and the samples.

    Parameters
    ----------
    predict : callable
        Takes an array of shape (n, 2); returns n numbers or shape (n, 1), the strength of class 1, or shape
        (n, classes), of which the largest wins.
    X : array of shape (N, 2)
        The samples.
    labels : array of shape (N,)
        Their classes, whole numbers from 0. Each class has its marker and colour.
    level : float
        The output at which the boundary is drawn, where there is one output.
    points : int
        Points of the grid along each axis.
    margin : float
        How far beyond the samples to draw, as a fraction of their extent.

    Raises
    ------
    TypeError, ValueError
        When X has not two columns, labels do not match, or predict returns the wrong shape.
    """
    where = "decision_boundary"
    X, labels = _samples(where, predict, X, labels)
    points = whole(where, "points", points, minimum=2)
    low, high = X.min(axis=0), X.max(axis=0)
    extent = np.where(high > low, high - low, 1.0)
    low, high = low - margin * extent, high + margin * extent
    first, second = np.meshgrid(np.linspace(low[0], high[0], points), np.linspace(low[1], high[1], points))
    output = _outputs(where, predict, np.column_stack([first.ravel(), second.ravel()]))
    chosen = _classes(_outputs(where, predict, X), level)

    figure, ax = axes_for(where, ax, WIDTH, 4.6)
    if output.ndim == 1:
        _draw_level(ax, first, second, output.reshape(first.shape), level)
    else:
        _draw_leads(ax, first, second, output)
    for number in np.unique(labels):
        colour, _, marker = SERIES[number % len(SERIES)]
        here = labels == number
        ax.plot(X[here, 0], X[here, 1], linestyle="none", marker=marker, markersize=7, color=colour,
                markeredgecolor="white", markeredgewidth=0.6, label=f"class {number}")  # fmt: skip
    ax.set(xlabel=xlabel, ylabel=ylabel, xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    headline(ax, title)
    above = 1.0 if not title else 1.08
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, above), ncols=min(4, len(np.unique(labels))))
    right = int((chosen == labels).sum())
    counts = and_list(f"{int((labels == c).sum())} of class {c}" for c in np.unique(labels))
    return figure, (
        f"The plane of {xlabel} and {ylabel}, divided by the model's decision boundary, "
        f"with {plural(len(X), 'sample')}: {counts}; {right} of them lie on the side of their class."
    )


def _samples(where: str, predict: Any, X: Any, labels: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the samples and their classes, checked."""
    if not callable(predict):
        raise TypeError(
            f"{where}: predict must be a function of an array of shape (n, 2); it is {type(predict).__name__}"
        )
    X = reals(where, "X", X)
    if X.ndim != 2 or X.shape[1] != 2 or len(X) == 0:
        raise ValueError(f"{where}: X must have shape (samples, 2); it has shape {X.shape}")
    labels = np.asarray(labels)
    if labels.shape != (len(X),) or labels.dtype.kind not in "biu" or labels.astype(int).min() < 0:
        raise ValueError(
            f"{where}: labels must be {len(X)} whole numbers from 0; it has shape {labels.shape}, dtype {labels.dtype}"
        )
    return X, labels.astype(int)


def _outputs(where: str, predict: Callable, grid: np.ndarray) -> np.ndarray:
    output = reals(where, "predict(X)", predict(grid.copy()))
    if output.ndim == 2 and output.shape[1] == 1:
        output = output[:, 0]
    if output.ndim not in (1, 2) or len(output) != len(grid):
        raise ValueError(
            f"{where}: predict must return a row or number for each of {len(grid)} rows; it returned {output.shape}"
        )
    return output


def _classes(output: np.ndarray, level: float) -> np.ndarray:
    return (output > level).astype(int) if output.ndim == 1 else output.argmax(axis=1)


def _draw_level(ax: Axes, first: np.ndarray, second: np.ndarray, heights: np.ndarray, level: float) -> None:
    """Colour both sides of the level of one output."""
    if heights.min() < level < heights.max():
        ax.contourf(first, second, heights, levels=[heights.min() - 1, level, heights.max() + 1],
                    colors=[SERIES[0][0], SERIES[1][0]], alpha=0.18)  # fmt: skip
        ax.contour(first, second, heights, levels=[level], colors=[COLOURS["ink"]], linewidths=2)


def _draw_leads(ax: Axes, first: np.ndarray, second: np.ndarray, output: np.ndarray) -> None:
    """Colour where each of several outputs is the largest."""
    for number in range(output.shape[1]):
        # how far this class is ahead of the best of the others: 0 on its boundary
        lead = output[:, number] - np.delete(output, number, axis=1).max(axis=1)
        lead = lead.reshape(first.shape)
        if lead.max() > 0:
            ax.contourf(first, second, lead, levels=[0, lead.max() + 1], colors=[SERIES[number % len(SERIES)][0]],
                        alpha=0.18)  # fmt: skip
        if lead.min() < 0 < lead.max():
            ax.contour(first, second, lead, levels=[0], colors=[COLOURS["ink"]], linewidths=1.6)


@picture
def confusion(
    matrix: ArrayLike, *, classes: Sequence[str] | None = None, title: str | None = None, ax: Axes | None = None
) -> tuple[Figure, str]:
    """Draw a confusion table: rows are true classes, columns what the network said, entries the number of samples.

    Parameters
    ----------
    matrix : array of int, shape (classes, classes)
        `matrix[true, said]` is the number of samples.
    classes : sequence of str, optional
        Names; by default 0, 1, 2 …

    Raises
    ------
    TypeError, ValueError
        When matrix is not square, empty, or holds anything but counts.
    """
    where = "confusion"
    counts = _counts(where, matrix)
    size = len(counts)
    names = [str(c) for c in (range(size) if classes is None else classes)]
    if len(names) != size:
        raise ValueError(f"{where}: classes must name {size} classes; it names {len(names)}")
    side = min(WIDTH, 1.4 + 0.75 * size)
    figure, ax = axes_for(where, ax, side, side)
    off = counts * (1 - np.eye(size, dtype=int))
    for true in range(size):
        for said in range(size):
            _draw_count(ax, counts, true, said, int(off.max()))
    for k in range(size + 1):
        ax.plot([0, size], [k, k], color=COLOURS["ink"], linewidth=0.5, alpha=0.5, linestyle="-")
        ax.plot([k, k], [0, size], color=COLOURS["ink"], linewidth=0.5, alpha=0.5, linestyle="-")
    ax.set(xlim=(0, size), ylim=(size, 0), aspect="equal", xlabel="the network said", ylabel="true class")
    ax.set_xticks(np.arange(size) + 0.5, names)
    ax.set_yticks(np.arange(size) + 0.5, names)
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)
    headline(ax, title)
    right, total = int(np.trace(counts)), int(counts.sum())
    words = (
        f"Confusion table of {plural(size, 'class')}: {right:,} of {total:,} samples on the diagonal, read correctly"
    )
    if right < total:
        true, said = np.unravel_index(np.argmax(off), off.shape)
        words += f"; the most frequent mistake: {names[true]} read as {names[said]}, {off[true, said]} times"
    return figure, f"{words}."


def _counts(where: str, matrix: Any) -> np.ndarray:
    counts = np.asarray(matrix)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or counts.size == 0:
        raise ValueError(
            f"{where}: matrix must be square, one row and one column per class; it has shape {counts.shape}"
        )
    if counts.dtype.kind not in "iu" or (counts < 0).any():
        raise TypeError(f"{where}: matrix must hold counts, whole numbers from 0; it has dtype {counts.dtype}")
    return counts


def _draw_count(ax: Axes, counts: np.ndarray, true: int, said: int, most: int) -> None:
    """Draw one entry; the diagonal and the frequent mistakes stand out."""
    from matplotlib.patches import Rectangle

    count, same, size = int(counts[true, said]), true == said, len(counts)
    kind = "activation" if same else "delta"
    solid = count > 0 and (same or 2 * count >= most)
    ax.add_patch(
        Rectangle((said, true), 1, 1, facecolor=FILLS[kind] if solid else "none", linewidth=0,
                  label=f"_cell {true} {said}")
    )  # fmt: skip
    ax.text(said + 0.5, true + 0.5, str(count) if count else "·", ha="center", va="center",
            fontsize=10.5 if size <= 6 or count < 1000 else 9, fontweight="bold" if same else "normal",
            color="white" if solid else COLOURS[kind] if count else TEXT)  # fmt: skip
