"""Draw what lies in a plane: small images, decision boundaries, cost surfaces with paths, confusion tables."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nnbook.core.validation import whole
from nnbook.plots._style import (
    COLOURS,
    FILLS,
    SERIES,
    TEXT,
    WIDTH,
    and_list,
    axes_for,
    canvas_for,
    picture,
    plural,
    reals,
    short,
)

_PAPER, _PRINT = (0xF1, 0xF3, 0xF5), (0x1B, 0x24, 0x30)
_LEVELS = 16


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


def _paint(ax, boxes: list[tuple], colour: str, edge: float, label: str, zorder: int) -> None:
    """Draw boxes as one shape: sharp at any size, and no compression library decides about its bytes."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    corners = [corner for x0, y0, x1, y1 in boxes for corner in ((x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0))]
    codes = ([Path.MOVETO] + [Path.LINETO] * 3 + [Path.CLOSEPOLY]) * len(boxes)
    style = {"facecolor": colour, "edgecolor": colour} if label != "_frame" else {"fill": False, "edgecolor": colour}
    ax.add_patch(PathPatch(Path(corners, codes), linewidth=edge, label=label, zorder=zorder, **style))


def _scale(ax, low: float, high: float) -> None:
    """Draw the tones in a strip at the bottom, with the numbers that they stand for."""
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


@picture
def images(X, shape, *, labels=None, wrong=None, columns=None, legend=False, title=None, ax=None):
    """Draw rows of X as small images in a grid, dark for large values.

    Parameters
    ----------
    X : array of shape (N, height × width)
        One image a row; at most 400. All share one scale, from the least to the greatest value.
    shape : (int, int)
        Height and width, as (4, 3) for the digits of twelve pixels.
    labels : sequence of N, optional
        A word above each image.
    wrong : sequence of N bool, optional
        Which labels to print in the colour of errors, with a cross.
    columns : int, optional
        Images side by side; by default a grid about as wide as high.
    legend : bool
        Draw the tones below the images, with the numbers that they stand for.
    title : str, optional
        A line above.
    ax : matplotlib axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        When X has not height × width columns, or labels or wrong not one entry for each image.
    """
    where = "images"
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
    for name, given in (("labels", labels), ("wrong", wrong)):
        if given is not None and len(given) != len(X):
            raise ValueError(
                f"{where}: {name} must have one entry for each of {plural(len(X), 'image')}; it has {len(given)}"
            )
    aside = min(len(X), 8, max(1, round(np.sqrt(len(X) * height / width * 1.2))))
    aside = aside if columns is None else min(whole(where, "columns", columns), len(X))
    down = -(-len(X) // aside)
    cell = min(1.1, (WIDTH - 0.1) / aside)
    pixel = 0.88 * cell / width
    above = 0.27 if labels is not None else 0.0
    tall = pixel * height + above + 0.12 * cell
    head = 0.36 if title else 0.04
    foot = 0.56 if legend else 0.0
    figure, ax = canvas_for(where, ax, max(cell * aside + 0.1, 3.0 if legend else 0), foot + tall * down + head)
    top = foot + tall * down
    low, high = float(X.min()), float(X.max())
    if legend:
        _scale(ax, low, high)
    scaled = (X - low) / (high - low) if high > low else np.zeros_like(X)
    tones: dict[int, list[tuple]] = {}
    frames, grid = [], []
    for position, image in enumerate(scaled):
        down_here, aside_here = divmod(position, aside)
        x0 = 0.05 + cell * aside_here + 0.06 * cell
        y0 = top - tall * down_here - above
        frames.append((x0, y0 - pixel * height, x0 + pixel * width, y0))
        for tone, boxes in _boxes(image.reshape(height, width)).items():
            tones.setdefault(tone, []).extend(
                (x0 + pixel * a, y0 - pixel * d, x0 + pixel * c, y0 - pixel * b) for a, b, c, d in boxes
            )
        if height * width <= 100:  # few enough to be counted
            grid += [(x0 + pixel * k, y0 - pixel * height, x0 + pixel * k, y0) for k in range(1, width)]
            grid += [(x0, y0 - pixel * k, x0 + pixel * width, y0 - pixel * k) for k in range(1, height)]
        if labels is not None:
            bad = wrong is not None and bool(wrong[position])
            ax.text(x0 + pixel * width / 2, y0 + 0.06, f"{labels[position]}{' ✗' if bad else ''}", fontsize=11,
                    ha="center", va="baseline", fontweight="bold" if bad else "normal",
                    color=COLOURS["delta"] if bad else TEXT)  # fmt: skip
    _paint(ax, frames, _tone(0), 0, "_paper", 1)
    for tone, boxes in sorted(tones.items()):
        # A hair of the same tone closes the seams that a screen would show between neighbours.
        _paint(ax, boxes, _tone(tone), 0.25, "_pixels", 2)
    if grid:
        _paint(ax, grid, COLOURS["ink"], 0.6, "_frame", 3)
    _paint(ax, frames, COLOURS["ink"], 1.0, "_frame", 3)
    if title:
        ax.text(
            cell * aside / 2 + 0.05, top + head - 0.17, title, fontsize=12, fontweight="bold", ha="center", va="center"
        )
    words = f"{plural(len(X), 'image')} of {height} × {width} pixels, {aside} a row."
    if labels is not None:
        words += f" Labels: {', '.join(str(label) for label in labels)}."
    if wrong is not None:
        words += f" Marked as wrong: {int(np.sum(np.asarray(wrong, dtype=bool)))}."
    if legend:
        words += f" The lightest tone is {short(low)}, the darkest {short(high)}."
    return figure, f"{f'{title}. ' if title else ''}{words}"


@picture
def decision_boundary(
    predict, X, labels, *, level=0.5, points=121, margin=0.15, xlabel="$x_1$", ylabel="$x_2$", title=None, ax=None
):
    """Draw where a model of two inputs changes its mind, with the samples.

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
        Where the boundary of one output lies.
    points : int
        Points of the grid along each axis.
    margin : float
        How far beyond the samples to draw, as a share of their extent.
    xlabel, ylabel, title : str, optional
        Words at the axes and above.
    ax : matplotlib axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        When X has not two columns, labels do not match, or predict gives another shape.
    """
    where = "decision_boundary"
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
    labels = labels.astype(int)
    points = whole(where, "points", points, minimum=2)
    low, high = X.min(axis=0), X.max(axis=0)
    extent = np.where(high > low, high - low, 1.0)
    low, high = low - margin * extent, high + margin * extent
    first, second = np.meshgrid(np.linspace(low[0], high[0], points), np.linspace(low[1], high[1], points))
    grid = np.column_stack([first.ravel(), second.ravel()])
    output = _outputs(where, predict, grid)
    chosen = _classes(_outputs(where, predict, X), level)

    figure, ax = axes_for(where, ax, WIDTH, 4.6)
    if output.ndim == 1:
        heights = output.reshape(first.shape)
        if heights.min() < level < heights.max():
            ax.contourf(first, second, heights, levels=[heights.min() - 1, level, heights.max() + 1],
                        colors=[SERIES[0][0], SERIES[1][0]], alpha=0.18)  # fmt: skip
            ax.contour(first, second, heights, levels=[level], colors=[COLOURS["ink"]], linewidths=2)
    else:
        for number_ in range(output.shape[1]):
            # how far this class is ahead of the best of the others: 0 on its boundary
            lead = output[:, number_] - np.delete(output, number_, axis=1).max(axis=1)
            lead = lead.reshape(first.shape)
            if lead.max() > 0:
                ax.contourf(first, second, lead, levels=[0, lead.max() + 1], colors=[SERIES[number_ % len(SERIES)][0]],
                            alpha=0.18)  # fmt: skip
            if lead.min() < 0 < lead.max():
                ax.contour(first, second, lead, levels=[0], colors=[COLOURS["ink"]], linewidths=1.6)
    for number_ in np.unique(labels):
        colour, _, marker = SERIES[number_ % len(SERIES)]
        here = labels == number_
        ax.plot(X[here, 0], X[here, 1], linestyle="none", marker=marker, markersize=7, color=colour,
                markeredgecolor="white", markeredgewidth=0.6, label=f"class {number_}")  # fmt: skip
    ax.set(xlabel=xlabel, ylabel=ylabel, xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    if title:
        ax.set_title(title, fontweight="bold")
    ax.legend(
        loc="lower center", bbox_to_anchor=(0.5, 1.0 if not title else 1.08), ncols=min(4, len(np.unique(labels)))
    )
    right = int((chosen == labels).sum())
    counts = and_list(f"{int((labels == c).sum())} of class {c}" for c in np.unique(labels))
    return figure, (
        f"{f'{title}. ' if title else ''}The plane of {xlabel} and {ylabel}, divided by the model's decision boundary, "
        f"with {plural(len(X), 'sample')}: {counts}; {right} of them lie on the side of their class."
    )


def _outputs(where: str, predict, grid: np.ndarray) -> np.ndarray:
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


@picture
def surface(
    func, xlim, ylim, *, paths=None, minimum=None, levels=14, points=121, log=False,
    xlabel="$x_1$", ylabel="$x_2$", title=None, ax=None,
):  # fmt: skip
    """Draw a function of two numbers as contours, with the paths of descents on it.

    Parameters
    ----------
    func : callable
        func(x, y) on arrays of one shape, returning that shape.
    xlim, ylim : (float, float)
        The part of the plane.
    paths : array of shape (steps, 2) or mapping of str to such, optional
        Points visited, in order. The start is a hollow circle.
    minimum : (float, float) or list of them, optional
        Points to mark with a star.
    levels : int or list of float
        How many contours, or their heights.
    points : int
        Points of the grid along each axis.
    log : bool
        Contours at equal ratios above the least value rather than at equal distances: for long valleys.
    xlabel, ylabel, title : str, optional
        Words at the axes and above.
    ax : matplotlib axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        When func gives another shape or no finite numbers, or a path has not two columns.
    """
    where = "surface"
    if not callable(func):
        raise TypeError(f"{where}: func must be a function of two arrays; it is {type(func).__name__}")
    limits = []
    for name, given in (("xlim", xlim), ("ylim", ylim)):
        pair = reals(where, name, given)
        if pair.shape != (2,) or not pair[0] < pair[1]:
            raise ValueError(f"{where}: {name} must be (lower, higher); it is {given!r}")
        limits.append(pair)
    points = whole(where, "points", points, minimum=2)
    x, y = np.meshgrid(np.linspace(*limits[0], points), np.linspace(*limits[1], points))
    heights = reals(where, "func(x, y)", func(x.copy(), y.copy()))
    if heights.shape != x.shape:
        raise ValueError(f"{where}: func must return the shape it was given, {x.shape}; it returned {heights.shape}")
    routes = {}
    if paths is not None:
        for name, path in paths.items() if isinstance(paths, Mapping) else [("", paths)]:
            path = reals(where, f"paths[{name!r}]" if name else "paths", path)
            if path.ndim != 2 or path.shape[1] != 2 or len(path) == 0:
                raise ValueError(
                    f"{where}: a path must have shape (steps, 2); {name or 'paths'} has shape {path.shape}"
                )
            routes[str(name)] = path
    stars = None
    if minimum is not None:
        stars = np.atleast_2d(reals(where, "minimum", minimum))
        if stars.ndim != 2 or stars.shape[1] != 2:
            raise ValueError(f"{where}: minimum must be points (x, y); it has shape {stars.shape}")
    if np.ndim(levels) == 0:
        count = whole(where, "levels", levels, minimum=2)
        low, high = float(heights.min()), float(heights.max())
        if low == high:
            raise ValueError(f"{where}: func is {low} everywhere; there are no contours")
        shares = np.geomspace(1e-3, 1, count + 1)[:-1] if log else np.linspace(0, 1, count + 2)[1:-1]
        levels = low + (high - low) * shares

    figure, ax = axes_for(where, ax, WIDTH, 4.6)
    from matplotlib.colors import LinearSegmentedColormap, to_rgba

    # one hue, thicker and less transparent with height: readable on any page and in grey
    pale, full = to_rgba(COLOURS["cost"], 0.55), to_rgba(COLOURS["cost"], 1.0)
    ax.contour(x, y, heights, levels=levels, cmap=LinearSegmentedColormap.from_list("cost", [pale, full]),
               linewidths=np.linspace(0.8, 1.7, len(levels)))  # fmt: skip
    words = []
    for position, (name, path) in enumerate(routes.items()):
        colour, line, marker = SERIES[position % len(SERIES)] if len(routes) > 1 else (COLOURS["weight"], "-", "o")
        every = max(1, len(path) // 25)
        ax.plot(path[:, 0], path[:, 1], color=colour, linestyle=line, marker=marker, markersize=4.5, markevery=every,
                linewidth=1.7, label=name or None, zorder=3)  # fmt: skip
        ax.plot(*path[:1].T, color=colour, linestyle="none", marker="o", markersize=9, markerfacecolor="none",
                markeredgewidth=2, zorder=4)  # fmt: skip
        end = func(path[-1:, 0], path[-1:, 1])
        words.append(
            f"{name or 'the path'} goes from ({short(path[0, 0])}, {short(path[0, 1])}) "
            f"in {plural(len(path) - 1, 'step')} to ({short(path[-1, 0])}, {short(path[-1, 1])}), "
            f"height {short(np.ravel(end)[0])}"
        )
    if stars is not None:
        ax.plot(*stars.T, linestyle="none", marker="*", markersize=14, color=FILLS["delta"], markeredgecolor="white",
                markeredgewidth=0.6, zorder=5)  # fmt: skip
        words.append("stars mark " + and_list(f"({short(a)}, {short(b)})" for a, b in stars))
    ax.set(xlim=limits[0], ylim=limits[1], xlabel=xlabel, ylabel=ylabel)
    if title:
        ax.set_title(title, fontweight="bold")
    if routes and "" not in routes:
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0 if not title else 1.08), ncols=min(3, len(routes)))
    story = f"; {'; '.join(words)}" if words else ""
    return figure, (
        f"{f'{title}. ' if title else ''}Contours of a function of {xlabel} and {ylabel}, "
        f"from {short(heights.min())} to {short(heights.max())}{story}."
    )


@picture
def confusion(matrix, *, classes=None, title=None, ax=None):
    """Draw a confusion table: row the true class, column what the network said, entry how often.

    Parameters
    ----------
    matrix : array of int, shape (classes, classes)
        `matrix[true, said]` is the number of samples.
    classes : sequence of str, optional
        Names; by default 0, 1, 2 …
    title : str, optional
        A line above.
    ax : matplotlib axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        When matrix is not square, empty, or holds anything but counts.
    """
    from matplotlib.patches import Rectangle

    where = "confusion"
    counts = np.asarray(matrix)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or counts.size == 0:
        raise ValueError(f"{where}: matrix must be square, one row and one column a class; it has shape {counts.shape}")
    if counts.dtype.kind not in "iu" or (counts < 0).any():
        raise TypeError(f"{where}: matrix must hold counts, whole numbers from 0; it has dtype {counts.dtype}")
    size = len(counts)
    names = [str(c) for c in (range(size) if classes is None else classes)]
    if len(names) != size:
        raise ValueError(f"{where}: classes must name {size} classes; it names {len(names)}")
    side = min(WIDTH, 1.4 + 0.75 * size)
    figure, ax = axes_for(where, ax, side, side)
    off = counts * (1 - np.eye(size, dtype=int))
    most = int(off.max())
    for true in range(size):
        for said in range(size):
            count, same = int(counts[true, said]), true == said
            kind = "activation" if same else "delta"
            solid = count > 0 and (same or 2 * count >= most)  # the frequent mistakes stand out
            ax.add_patch(
                Rectangle((said, true), 1, 1, facecolor=FILLS[kind] if solid else "none", linewidth=0,
                          label=f"_cell {true} {said}")
            )  # fmt: skip
            ax.text(said + 0.5, true + 0.5, str(count) if count else "·", ha="center", va="center",
                    fontsize=10.5 if size <= 6 or count < 1000 else 9, fontweight="bold" if same else "normal",
                    color="white" if solid else COLOURS[kind] if count else TEXT)  # fmt: skip
    for k in range(size + 1):
        ax.plot([0, size], [k, k], color=COLOURS["ink"], linewidth=0.5, alpha=0.5, linestyle="-")
        ax.plot([k, k], [0, size], color=COLOURS["ink"], linewidth=0.5, alpha=0.5, linestyle="-")
    ax.set(xlim=(0, size), ylim=(size, 0), aspect="equal", xlabel="the network said", ylabel="true class")
    ax.set_xticks(np.arange(size) + 0.5, names)
    ax.set_yticks(np.arange(size) + 0.5, names)
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)
    if title:
        ax.set_title(title, fontweight="bold")
    right, total = int(np.trace(counts)), int(counts.sum())
    words = (
        f"Confusion table of {plural(size, 'class')}: {right:,} of {total:,} samples on the diagonal, read correctly"
    )
    if right < total:
        true, said = np.unravel_index(np.argmax(off), off.shape)
        words += f"; the most frequent mistake: {names[true]} read as {names[said]}, {off[true, said]} times"
    return figure, f"{f'{title}. ' if title else ''}{words}."
