"""Draw a function of two numbers as contours, with the paths of descents on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from nnbook.core.validation import whole
from nnbook.plots._canvas import axes_for, headline, picture
from nnbook.plots._style import COLOURS, FILLS, SERIES, WIDTH
from nnbook.plots._text import and_list, plural, short
from nnbook.plots._values import reals

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Function = Callable[[np.ndarray, np.ndarray], np.ndarray]


@picture
def surface(
    func: Function, xlim: tuple[float, float], ylim: tuple[float, float], *,
    paths: ArrayLike | Mapping[str, ArrayLike] | None = None, minimum: ArrayLike | None = None,
    levels: int | Sequence[float] = 14, points: int = 121, log: bool = False,
    xlabel: str = "$x_1$", ylabel: str = "$x_2$", title: str | None = None, ax: Axes | None = None,
) -> tuple[Figure, str]:  # fmt: skip
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

    Raises
    ------
    TypeError, ValueError
        When func returns the wrong shape or numbers that are not finite, or a path has not two columns.
    """
    where = "surface"
    if not callable(func):
        raise TypeError(f"{where}: func must be a function of two arrays; it is {type(func).__name__}")
    x, y, heights = _sampled(where, func, _limits(where, xlim, ylim), whole(where, "points", points, minimum=2))
    routes, stars = _routes(where, paths), _stars(where, minimum)
    levels = _levels(where, levels, heights, log)

    figure, ax = axes_for(where, ax, WIDTH, 4.6)
    _draw_contours(ax, x, y, heights, levels)
    words = [_draw_route(ax, func, position, *route, len(routes)) for position, route in enumerate(routes.items())]
    if stars is not None:
        ax.plot(*stars.T, linestyle="none", marker="*", markersize=14, color=FILLS["delta"], markeredgecolor="white",
                markeredgewidth=0.6, zorder=5)  # fmt: skip
        words.append("stars mark " + and_list(f"({short(a)}, {short(b)})" for a, b in stars))
    ax.set(xlim=xlim, ylim=ylim, xlabel=xlabel, ylabel=ylabel)
    headline(ax, title)
    if routes and "" not in routes:
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0 if not title else 1.08), ncols=min(3, len(routes)))
    story = f"; {'; '.join(words)}" if words else ""
    span = f"from {short(heights.min())} to {short(heights.max())}"
    return figure, f"Contours of a function of {xlabel} and {ylabel}, {span}{story}."


def _limits(where: str, xlim: Any, ylim: Any) -> list[np.ndarray]:
    limits = []
    for name, given in (("xlim", xlim), ("ylim", ylim)):
        pair = reals(where, name, given)
        if pair.shape != (2,) or not pair[0] < pair[1]:
            raise ValueError(f"{where}: {name} must be (lower, higher); it is {given!r}")
        limits.append(pair)
    return limits


def _sampled(where: str, func: Function, limits: list[np.ndarray], points: int) -> tuple[np.ndarray, ...]:
    """Return the grid's x, y and the function's values on it."""
    x, y = np.meshgrid(*(np.linspace(low, high, points) for low, high in limits))
    heights = reals(where, "func(x, y)", func(x.copy(), y.copy()))
    if heights.shape != x.shape:
        raise ValueError(f"{where}: func must return the shape it was given, {x.shape}; it returned {heights.shape}")
    return x, y, heights


def _routes(where: str, paths: Any) -> dict[str, np.ndarray]:
    """Return the paths by name; a single one gets the empty name."""
    routes = {}
    if paths is not None:
        for name, path in paths.items() if isinstance(paths, Mapping) else [("", paths)]:
            path = reals(where, f"paths[{name!r}]" if name else "paths", path)
            if path.ndim != 2 or path.shape[1] != 2 or len(path) == 0:
                raise ValueError(
                    f"{where}: a path must have shape (steps, 2); {name or 'paths'} has shape {path.shape}"
                )
            routes[str(name)] = path
    return routes


def _stars(where: str, minimum: Any) -> np.ndarray | None:
    if minimum is None:
        return None
    stars = np.atleast_2d(reals(where, "minimum", minimum))
    if stars.ndim != 2 or stars.shape[1] != 2:
        raise ValueError(f"{where}: minimum must be points (x, y); it has shape {stars.shape}")
    return stars


def _levels(where: str, levels: Any, heights: np.ndarray, log: bool) -> Any:
    """Return the heights of the contours."""
    if np.ndim(levels):
        return levels
    count = whole(where, "levels", levels, minimum=2)
    low, high = float(heights.min()), float(heights.max())
    if low == high:
        raise ValueError(f"{where}: func must not be constant: it is {low} everywhere and has no contours")
    shares = np.geomspace(1e-3, 1, count + 1)[:-1] if log else np.linspace(0, 1, count + 2)[1:-1]
    return low + (high - low) * shares


def _draw_contours(ax: Axes, x: np.ndarray, y: np.ndarray, heights: np.ndarray, levels: Any) -> None:
    """Draw contours in one hue, thicker and less transparent with height: readable on any page and in grey."""
    from matplotlib.colors import LinearSegmentedColormap, to_rgba

    pale, full = to_rgba(COLOURS["cost"], 0.55), to_rgba(COLOURS["cost"], 1.0)
    ax.contour(x, y, heights, levels=levels, cmap=LinearSegmentedColormap.from_list("cost", [pale, full]),
               linewidths=np.linspace(0.8, 1.7, len(levels)))  # fmt: skip


def _draw_route(ax: Axes, func: Function, position: int, name: str, path: np.ndarray, count: int) -> str:
    """Draw one path, and return it in words."""
    colour, line, marker = SERIES[position % len(SERIES)] if count > 1 else (COLOURS["weight"], "-", "o")
    every = max(1, len(path) // 25)
    ax.plot(path[:, 0], path[:, 1], color=colour, linestyle=line, marker=marker, markersize=4.5, markevery=every,
            linewidth=1.7, label=name or None, zorder=3)  # fmt: skip
    ax.plot(*path[:1].T, color=colour, linestyle="none", marker="o", markersize=9, markerfacecolor="none",
            markeredgewidth=2, zorder=4)  # fmt: skip
    end = func(path[-1:, 0], path[-1:, 1])
    return (
        f"{name or 'the path'} goes from ({short(path[0, 0])}, {short(path[0, 1])}) "
        f"in {plural(len(path) - 1, 'step')} to ({short(path[-1, 0])}, {short(path[-1, 1])}), "
        f"height {short(np.ravel(end)[0])}"
    )
