"""Make the figure for a drawing, in the book's style, and attach its description in words."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ParamSpec, cast

from nnbook.plots._style import WIDTH, book_rc

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Arguments = ParamSpec("Arguments")


def picture(draw: Callable[Arguments, tuple[Figure, str]]) -> Callable[Arguments, Figure]:
    """Turn a function that returns (figure, words) into one that draws in the book's style and returns the figure.

    The words become the figure's description, with its title in front. The parameters and the result that all these
    functions share are added to its docstring.
    """

    @functools.wraps(draw)
    def drawn(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Figure:
        import matplotlib

        with matplotlib.rc_context(book_rc()):
            figure, words = draw(*args, **kwargs)
            if hasattr(figure, "settle"):
                figure.settle()
        title = f"{kwargs['title']}. " if kwargs.get("title") else ""
        words = re.sub(r"[$\\{}]", "", title + words)
        before = getattr(figure, "alt", "")
        vars(figure)["alt"] = f"{before} {words}".strip()
        return figure

    drawn.__doc__ = _with_shared_parts(draw)
    return drawn


def _with_shared_parts(draw: Callable) -> str:
    """Return a docstring with the parameters that figures share, before "Raises", and what they return."""
    text, parameters = inspect.getdoc(draw) or "", inspect.signature(draw).parameters
    shared = ""
    labels = [name for name in ("xlabel", "ylabel") if name in parameters]
    if labels:
        shared += f"{', '.join(labels)}, title : str, optional\n    Axis labels and title.\n"
    elif "title" in parameters:
        shared += "title : str, optional\n    Title above the drawing.\n"
    if "ax" in parameters and "\nax : " not in text:
        shared += "ax : matplotlib axes, optional\n    Where to draw; by default a new figure.\n"
    shared += "\nReturns\n-------\nmatplotlib.figure.Figure\n"
    return text.replace("\n\nRaises\n------\n", f"\n{shared}\nRaises\n------\n")


def describe(figure: Figure) -> str:
    """Return what a figure of this package shows, in words, for the reader who cannot see it.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        A figure from one of the functions of `nnbook.plots`.

    Returns
    -------
    str
        Its alternative text, for a cell's metadata `{"mystnb": {"image": {"alt": "…"}}}`.

    Raises
    ------
    TypeError
        When the figure carries no description, as is the case for figures drawn by hand.
    """
    alt = getattr(figure, "alt", None)
    if not isinstance(alt, str) or not alt:
        raise TypeError(
            f"describe: figure must come from nnbook.plots; this {type(figure).__name__} has no description"
        )
    return alt


def new_figure(width: float = WIDTH, height: float = 3.5, **settings: Any) -> Figure:
    """Return an empty figure that pyplot does not manage, so that a notebook shows it once."""
    from nnbook.plots._figure import BookFigure

    return BookFigure(figsize=(width, height), **settings)


def axes_for(where: str, ax: Axes | None, width: float = WIDTH, height: float = 3.5) -> tuple[Figure, Axes]:
    """Return (figure, axes): the caller's axes, or those of a new figure."""
    if ax is None:
        figure = new_figure(width, height)
        return figure, figure.add_subplot()
    if not hasattr(ax, "plot") or not hasattr(ax, "figure"):
        raise TypeError(f"{where}: ax must be matplotlib axes or None; it is {type(ax).__name__}")
    return cast("Figure", ax.figure), ax


def canvas_for(where: str, ax: Axes | None, width: float, height: float) -> tuple[Figure, Axes]:
    """Return (figure, axes) for a drawing measured in inches: no frame, one unit per inch, y upwards."""
    if ax is None:
        from matplotlib.layout_engine import PlaceHolderLayoutEngine

        # Not layout="none": saving such a figure hands it to the engine that the parameters name, which then warns.
        figure = new_figure(width, height, layout=PlaceHolderLayoutEngine(True, True))
        ax = figure.add_axes((0, 0, 1, 1))
    else:
        figure, ax = axes_for(where, ax)
    ax.set(xlim=(0, width), ylim=(0, height), aspect="equal")
    ax.set_axis_off()
    return figure, ax


def headline(ax: Axes, title: str | None) -> None:
    """Set the title of a chart, if it has one."""
    if title:
        ax.set_title(title, fontweight="bold")


def headline_at(ax: Axes, x: float, y: float, title: str | None) -> None:
    """Write the title of a drawing measured in inches, if it has one."""
    if title:
        ax.text(x, y, title, fontsize=12, fontweight="bold", ha="center", va="center")
