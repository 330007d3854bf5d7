"""Give every figure one style: a colour for each quantity, text that is legible on a phone, the same bytes each run."""

from __future__ import annotations

import functools
from pathlib import Path
from types import MappingProxyType
from typing import Any

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

# Darker tones of the same hues for opaque boxes: white text on them has at least 4.5:1 on any page.
FILLS = MappingProxyType(
    {
        "activation": "#2878AE",
        "weight": "#127A5A",
        "delta": "#BC4A21",
        "cost": "#8350AC",
        "ink": "#5F6774",
    }
)

# Things of one kind side by side (training runs, classes). Colour, line style and marker all differ, so that each
# is enough by itself; no colour is one of COLOURS, since these belong to quantities.
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
        "font.family": ("Book Sans", "DejaVu Sans"),  # the page's font; the second has the rarer characters
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

# Neither date nor version: both would change the bytes of an identical picture.
SVG_METADATA = MappingProxyType({"Date": None, "Creator": None, "Format": None, "Type": None})

FONTS = Path(__file__).parent / "fonts"


@functools.cache
def _add_fonts() -> None:
    from matplotlib.font_manager import fontManager

    for font in sorted(FONTS.glob("*.ttf")):
        fontManager.addfont(font)


def book_rc() -> dict[Any, Any]:
    """Return matplotlib's parameters for a figure of the book."""
    from cycler import cycler

    _add_fonts()
    colours, styles, _ = zip(*SERIES)
    return {**RC, "axes.prop_cycle": cycler(color=colours) + cycler(linestyle=styles)}


def use_book_style() -> None:
    """Make all figures of this session look like the book's; in a notebook, emit SVG that is the same on each run.

    Sets matplotlib's rcParams. Inside IPython it also makes the inline backend emit transparent SVG, text as
    paths, with no date. Called once, in the first cell of a chapter that draws. The functions of `nnbook.plots` have
    this style with or without it; it is for the reader's own `plt` figures and for the notebook's output format.

    """
    import matplotlib

    matplotlib.rcParams.update(book_rc())
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
    options: dict[str, Any] = {"bbox_inches": "tight", "metadata": dict(SVG_METADATA)}
    inline.print_figure_kwargs = options
    inline.figure_formats = {"svg"}
    select_figure_formats(shell, inline.figure_formats, **options)
