"""Draw a function: its curve with the steps of a descent, and its slope at a point."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nnbook.core.validation import finite, number, whole
from nnbook.plots._axes import by_name, finish, known_quantity, style_of
from nnbook.plots._canvas import axes_for, picture
from nnbook.plots._style import COLOURS
from nnbook.plots._text import short
from nnbook.plots._values import numbers_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Function = Callable[[float], float]


def _sampled(where: str, func: Any, interval: Any, points: int) -> tuple[np.ndarray, np.ndarray]:
    """Return points in the interval, and the function's values there."""
    if not callable(func):
        raise TypeError(f"{where}: func must be a function of one number; it is {type(func).__name__}")
    low, high = numbers_of(where, "interval", interval, least=2)[[0, -1]]
    if not low < high:
        raise ValueError(f"{where}: interval must run from a lower to a higher number; it is {interval!r}")
    at = np.linspace(low, high, whole(where, "points", points, minimum=2))
    return at, finite(where, "func(x)", np.array([float(func(value)) for value in at]))


@picture
def curve(
    func: Function | Mapping[str, Function], interval: tuple[float, float], *, steps: Sequence[float] | None = None,
    xlabel: str = "$x$", ylabel: str = "", quantity: str = "cost", points: int = 201, title: str | None = None,
    ax: Axes | None = None,
) -> tuple[Figure, str]:  # fmt: skip
    """Draw a function of one number and, optionally, the steps of a descent on it.

    Parameters
    ----------
    func : callable
        Takes a float, returns a float. Or a mapping of names to such functions.
    interval : (float, float)
        The ends of the horizontal axis.
    steps : list of float, optional
        Positions visited, in order: drawn as numbered points on the curve, joined by arrows.
    quantity : str
        Key of the colour of a single curve.
    points : int
        How many points are evaluated.

    Raises
    ------
    TypeError, ValueError
        When func is not a function, does not give finite numbers, or interval is empty.
    """
    where = "curve"
    known_quantity(where, quantity)
    functions = by_name(where, "func", func)
    sampled = {name: _sampled(where, f, interval, points) for name, f in functions.items()}
    at_steps = None if steps is None else numbers_of(where, "steps", steps)
    figure, ax = axes_for(where, ax)
    words = []
    for position, (name, (x, y)) in enumerate(sampled.items()):
        ax.plot(x, y, label=name or None, **style_of(position, len(sampled), quantity))
        words.append(
            f"{name or ylabel or 'the function'} for {xlabel} from {short(x[0])} to {short(x[-1])}: "
            f"{short(y[0])} at the left, {short(y[-1])} at the right, least {short(y.min())} at {short(x[y.argmin()])}"
        )
    if at_steps is not None:
        first = next(iter(functions.values()))
        heights = finite(where, "func(steps)", np.array([float(first(value)) for value in at_steps]))
        _descent(ax, at_steps, heights)
        words.append(
            f"steps at {', '.join(short(v) for v in at_steps)} with values {', '.join(short(v) for v in heights)}"
        )
    finish(ax, xlabel, ylabel, title, len(sampled) > 1)
    return figure, f"Curve of {'; '.join(words)}."


def _descent(ax: Axes, x: np.ndarray, y: np.ndarray) -> None:
    """Draw the points visited, joined by arrows; the first one is hollow."""
    for start, end in zip(zip(x, y), zip(x[1:], y[1:])):
        ax.annotate(
            "", end, start, label="_step",
            arrowprops={"arrowstyle": "-|>", "color": COLOURS["delta"], "linewidth": 1.6, "shrinkA": 3, "shrinkB": 3},
        )  # fmt: skip
    ax.plot(x[1:], y[1:], linestyle="none", marker="o", markersize=6, color=COLOURS["delta"], zorder=3)
    ax.plot(x[:1], y[:1], linestyle="none", marker="o", markersize=8, markerfacecolor="none", markeredgewidth=2,
            color=COLOURS["delta"], zorder=3)  # fmt: skip


@picture
def slope(
    func: Function, x: float, *, derivative: float | None = None, width: float | None = None, xlabel: str = "$x$",
    ylabel: str = "", quantity: str = "ink", title: str | None = None, ax: Axes | None = None,
) -> tuple[Figure, str]:  # fmt: skip
    """Draw a function with its tangent at one point, and the slope as a number.

    Parameters
    ----------
    func : callable
        Takes a float, returns a float.
    x : float
        Where the tangent touches.
    derivative : float, optional
        The slope there; by default the central difference.
    width : float, optional
        Half the interval that is drawn, around x; by default 1 or |x|, whichever is larger.
    quantity : str
        Key of the colour of the function.

    Raises
    ------
    TypeError, ValueError
        When func is not a function or does not give finite numbers, or x or width is not a number.
    """
    where = "slope"
    known_quantity(where, quantity)
    x = number(where, "x", x)
    half = number(where, "width", max(1.0, abs(x)) if width is None else width, above=0)
    at, y = _sampled(where, func, (x - half, x + half), 201)
    touch = float(func(x))
    h = 1e-5 * max(1.0, abs(x))
    rise = (float(func(x + h)) - float(func(x - h))) / (2 * h) if derivative is None else derivative
    rise = number(where, "derivative", rise)
    figure, ax = axes_for(where, ax)
    ax.plot(at, y, color=COLOURS[quantity], linestyle="-", label=ylabel or "function")
    reach = np.array([x - 0.7 * half, x + 0.7 * half])
    ax.plot(reach, touch + rise * (reach - x), color=COLOURS["delta"], linestyle="--", label=f"slope {short(rise)}")
    ax.plot([x], [touch], marker="o", markersize=7, color=COLOURS["delta"], linestyle="none")
    finish(ax, xlabel, ylabel, title, True)
    return figure, (
        f"A function with its tangent at {short(x)}, where its value is {short(touch)} and its slope {short(rise)}."
    )
