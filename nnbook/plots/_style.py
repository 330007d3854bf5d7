"""Give every figure one style: a colour for each quantity, letters that survive a phone, the same bytes each run."""

from __future__ import annotations

import functools
import numbers
import re
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType

import numpy as np

from nnbook.core.validation import finite, floats

#: The colour of each quantity, everywhere in the book: mid-tones, each with at least 3.8:1 contrast on white and on
#: #121212.
COLOURS = MappingProxyType(
    {
        "activation": "#2E86C1",
        "weight": "#16916B",
        "delta": "#D4572A",
        "cost": "#8E5BB5",
        "ink": "#7A8290",
    }
)
TEXT = "#727A88"  # 4.33:1 on white and on #121212, the most that one tone can have on both

# Darker tones of the same hues for opaque boxes: white letters on them have at least 4.5:1 on any page.
FILLS = MappingProxyType(
    {
        "activation": "#2878AE",
        "weight": "#127A5A",
        "delta": "#BC4A21",
        "cost": "#8350AC",
        "ink": "#5F6774",
    }
)

# Things of one kind side by side (trainings, classes). Colour, line style and marker all differ, so that none is
# needed alone; no colour is one of COLOURS, since these belong to quantities.
SERIES = (
    ("#A87900", "-", "o"),
    ("#6C72CC", "--", "s"),
    ("#C24E8E", "-.", "^"),
    ("#14899A", ":", "D"),
    ("#A86A48", (0, (6, 1.5)), "v"),
    ("#6E8B1E", (0, (1, 1)), "P"),
    ("#8A7F73", "-", "X"),
    ("#A87900", "--", "*"),
)

WIDTH = 5.0  # inches: eleven-point letters are still 10 pixels high where the picture is shrunk to 328

RC = MappingProxyType(
    {
        "figure.facecolor": "none",
        "figure.figsize": (WIDTH, 3.5),
        "figure.constrained_layout.use": True,
        "axes.facecolor": "none",
        "axes.edgecolor": COLOURS["ink"],
        "axes.labelcolor": TEXT,
        "axes.titlecolor": TEXT,
        "axes.titlesize": 11,
        "axes.labelsize": 11,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "axes.unicode_minus": True,
        "font.family": ("Book Sans", "DejaVu Sans"),  # the page's letters; the second has the rarer signs
        "font.size": 10.5,
        "grid.alpha": 0.3,
        "grid.color": COLOURS["ink"],
        "grid.linewidth": 0.7,
        "legend.fontsize": 10,
        "legend.frameon": False,
        "lines.linewidth": 2.0,
        "lines.markersize": 5.5,
        "mathtext.fontset": "cm",  # Computer Modern, as the page's formulas
        "savefig.facecolor": "auto",
        "svg.fonttype": "path",
        "svg.hashsalt": "nnbook",
        "text.color": TEXT,
        "xtick.color": COLOURS["ink"],
        "xtick.labelcolor": TEXT,
        "xtick.labelsize": 10,
        "ytick.color": COLOURS["ink"],
        "ytick.labelcolor": TEXT,
        "ytick.labelsize": 10,
    }
)

# Neither date nor version: both would change the bytes of a picture that is the same.
SVG_METADATA = MappingProxyType({"Date": None, "Creator": None, "Format": None, "Type": None})


FONTS = Path(__file__).parent / "fonts"


def matplotlib():
    """Import and return matplotlib, or say how to get it."""
    try:
        import matplotlib
    except ImportError:
        raise ImportError("nnbook.plots needs matplotlib: pip install 'nnbook[plots]'") from None
    return matplotlib


@functools.cache
def _add_fonts() -> None:
    from matplotlib.font_manager import fontManager

    for font in sorted(FONTS.glob("*.ttf")):
        fontManager.addfont(font)


def _book_rc() -> dict:
    from cycler import cycler

    _add_fonts()

    colours, styles, _ = zip(*SERIES)
    return {**RC, "axes.prop_cycle": cycler(color=colours) + cycler(linestyle=styles)}


def use_book_style() -> None:
    """Make all figures of this session look like the book's; in a notebook, emit SVG that is the same on each run.

    Sets matplotlib's rcParams. Inside IPython it also makes the inline backend emit transparent SVG, letters as
    paths, with no date. Called once, in the first cell of a chapter that draws. The functions of `nnbook.plots` have
    this style with or without it; it is for the reader's own `plt` figures and for the notebook's output format.

    Raises
    ------
    ImportError
        When matplotlib is not installed.
    """
    matplotlib().rcParams.update(_book_rc())
    try:
        from IPython import get_ipython
    except ImportError:
        return
    shell = get_ipython()
    if shell is None:
        return
    from IPython.core.pylabtools import select_figure_formats
    from matplotlib_inline.config import InlineBackend

    # Both the settings and the formatters: whichever of this call and pyplot's set-up comes second finds the same.
    inline = InlineBackend.instance(parent=shell)
    inline.print_figure_kwargs = {"bbox_inches": "tight", "metadata": dict(SVG_METADATA)}
    inline.figure_formats = {"svg"}
    select_figure_formats(shell, inline.figure_formats, **inline.print_figure_kwargs)


def describe(figure) -> str:
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
        When the figure carries no description, as those drawn by hand do not.
    """
    alt = getattr(figure, "alt", None)
    if not isinstance(alt, str) or not alt:
        raise TypeError(
            f"describe: figure must come from nnbook.plots; this {type(figure).__name__} has no description"
        )
    return alt


def picture(draw):
    """Turn a function that returns (figure, words) into one that draws in the book's style and returns the figure."""

    @functools.wraps(draw)
    def drawn(*args, **kwargs):
        with matplotlib().rc_context(_book_rc()):
            figure, words = draw(*args, **kwargs)
            if hasattr(figure, "settle"):
                figure.settle()
        words = re.sub(r"[$\\{}]", "", words)
        before = getattr(figure, "alt", "")
        figure.alt = f"{before} {words}".strip()
        return figure

    return drawn


def reals(where: str, name: str, value) -> np.ndarray:
    """Return `value` as an array of finite real numbers, or raise."""
    array = finite(where, name, floats(where, name, value))
    if np.iscomplexobj(array):
        raise TypeError(f"{where}: {name} must hold real numbers; it has dtype {array.dtype}")
    return array


def new_figure(width: float = WIDTH, height: float = 3.5, **settings):
    """Return an empty figure that pyplot does not know of, so that a notebook shows it once."""
    from nnbook.plots._figure import BookFigure

    return BookFigure(figsize=(width, height), **settings)


def axes_for(where: str, ax, width: float = WIDTH, height: float = 3.5):
    """Return (figure, axes): the caller's axes, or those of a new figure."""
    if ax is None:
        figure = new_figure(width, height)
        return figure, figure.add_subplot()
    if not hasattr(ax, "plot") or not hasattr(ax, "figure"):
        raise TypeError(f"{where}: ax must be matplotlib axes or None; it is {type(ax).__name__}")
    return ax.figure, ax


def canvas_for(where: str, ax, width: float, height: float):
    """Return (figure, axes) for a drawing measured in inches: no frame, one unit an inch, y upwards."""
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


def figure_text(value, decimals: int = 3, fractions: bool = False) -> str:
    """Return a number as it is printed in figures: a true minus, no −0, and if asked p/q or a multiple of ln 3."""
    value = float(value)
    if fractions:
        for factor, name in ((1.0, ""), (np.log(3.0), "ln 3")):
            exact = Fraction(value / factor).limit_denominator(9999)
            close = abs(float(exact) * factor - value) < 1e-13 * max(1.0, abs(value))
            if close and (abs(exact.numerator) <= 9999 or exact.denominator == 1):
                sign = "−" if exact < 0 else ""
                size = abs(exact)
                return sign + (name if name and size == 1 else f"{size} {name}".strip())
        for whole in (1, 2, -1, -2):
            rest = Fraction(value - whole * np.log(3.0)).limit_denominator(64)
            if abs(float(rest) + whole * np.log(3.0) - value) < 1e-13:
                logs = f"{'−' if whole < 0 else ''}{'' if abs(whole) == 1 else f'{abs(whole)} '}ln 3"
                return f"{logs} {'−' if rest < 0 else '+'} {abs(rest)}"
    text = f"{value:.{decimals}f}"
    if len(text) > decimals + 6:
        text = f"{value:.{max(decimals - 2, 1)}e}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", "−")


def short(value) -> str:
    """Return a number with four significant digits, for axis notes and descriptions."""
    if isinstance(value, numbers.Integral):
        return f"{int(value):,}".replace("-", "−")
    return f"{float(value):.4g}".replace("-", "−")


def and_list(words) -> str:
    """Return "a", "a and b" or "a, b and c"."""
    words = list(words)
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def plural(count: int, noun: str) -> str:
    """Return "1 unit", "2 units"."""
    return f"{count:,} {noun}" + ("" if count == 1 else "es" if noun.endswith(("x", "ss")) else "s")
