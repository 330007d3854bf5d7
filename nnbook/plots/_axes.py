"""What all charts share: the names of their curves, the look of each, labels, title and grid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nnbook.plots._canvas import headline
from nnbook.plots._style import COLOURS, SERIES

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def known_quantity(where: str, quantity: str) -> None:
    """Raise ValueError unless `quantity` has a colour."""
    if quantity not in COLOURS:
        raise ValueError(f"{where}: quantity must be one of {sorted(COLOURS)}; it is {quantity!r}")


def by_name(where: str, name: str, value: Any) -> dict[str, Any]:
    """Return a mapping of curves by name; a single curve gets the empty name."""
    if isinstance(value, Mapping):
        if not value:
            raise ValueError(f"{where}: {name} must not be empty")
        return {str(key): curve for key, curve in value.items()}
    return {"": value}


def style_of(position: int, count: int, colour: str) -> dict[str, Any]:
    """Return colour and line style of a curve: that of its quantity when it is the only one."""
    if count == 1:
        return {"color": COLOURS[colour], "linestyle": "-"}
    tone, line, _ = SERIES[position % len(SERIES)]
    return {"color": tone, "linestyle": line}


def marker_of(position: int) -> str:
    """Return the marker of a curve."""
    return SERIES[position % len(SERIES)][2]


def finish(ax: Axes, xlabel: str, ylabel: str, title: str | None, legend: bool) -> None:
    """Add axis labels, title and grid, and optionally a legend."""
    ax.set(xlabel=xlabel, ylabel=ylabel)
    headline(ax, title)
    ax.grid(True)
    if legend:
        ax.legend()
