"""What all charts share: their numbers, the names of their lines, the look of each, labels and grid."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nnbook.plots._style import COLOURS, SERIES, plural, reals


def numbers_of(where: str, name: str, value, *, least: int = 1) -> np.ndarray:
    array = reals(where, name, value)
    if array.ndim != 1 or len(array) < least:
        raise ValueError(
            f"{where}: {name} must be a list of at least {plural(least, 'number')}; its shape is {array.shape}"
        )
    return array


def by_name(where: str, name: str, value) -> dict[str, object]:
    """Return a mapping of curves by name; a single curve gets the empty name."""
    if isinstance(value, Mapping):
        if not value:
            raise ValueError(f"{where}: {name} must not be empty")
        return {str(key): curve for key, curve in value.items()}
    return {"": value}


def style_of(position: int, count: int, colour: str) -> dict:
    if count == 1:
        return {"color": COLOURS[colour], "linestyle": "-"}
    tone, line, _ = SERIES[position % len(SERIES)]
    return {"color": tone, "linestyle": line}


def finish(ax, xlabel, ylabel, title, legend):
    ax.set(xlabel=xlabel, ylabel=ylabel)
    if title:
        ax.set_title(title, fontweight="bold")
    ax.grid(True)
    if legend:
        ax.legend()
