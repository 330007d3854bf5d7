"""Lay out a network: the positions of its units, and where on each line its label is clear of the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nnbook.plots._names import weight_name

CLEAR_OF_LABELS = 0.4  # inches between the middles of two labels, from which they cannot touch
CLEAR_OF_LINES = 0.2  # inches from the middle of a label, as far as its corners, to another line


def shown_units(size: int, most: int) -> list[int | None]:
    """Return the unit numbers that are drawn, with None in place of the ellipsis."""
    if size <= most:
        return list(range(1, size + 1))
    return [*range(1, min(most, 6) - 1), None, size]


@dataclass
class Line:
    """One weight as drawn: between which units, its number if it is known, its name, and whether it is highlighted."""

    start: tuple
    end: tuple
    value: float | None
    name: str
    lit: bool


@dataclass
class Layout:
    """The measures of a drawing in inches, and the centre of each unit, by (layer, unit); a bias's unit is "bias"."""

    shown: dict
    step: float
    radius: float
    width: float
    height: float
    middle: float
    top: float
    place: dict = field(default_factory=dict)

    def column(self, l: int) -> float:
        """Return the horizontal position of layer l, from the left."""
        return 0.4 + (l - 1) * self.step

    def ends(self, line: Line) -> tuple[np.ndarray, np.ndarray]:
        """Return both ends of a line, at the edges of its units."""
        start, end = np.array(self.place[line.start]), np.array(self.place[line.end])
        along = (end - start) / np.hypot(*(end - start)) * self.radius
        return start + along, end - along


def lay_out(sizes: Sequence[int], most: int, *, bias: bool, cost: bool, known: bool, title: str | None) -> Layout:
    """Place the units of a network with these layer sizes."""
    last = len(sizes)
    shown = {l: shown_units(sizes[l - 1], most) for l in range(1, last + 1)}
    slots = max(len(shown[l]) + (bias and l < last) for l in shown)
    pitch = max(0.47, min(0.92, 4.6 / slots))  # from unit to unit where they are closest
    columns = last + bool(cost)
    step = max(0.85, min(1.9, 4.2 / max(columns - 1, 1)))
    above = 0.34 if title else 0
    foot = (0.42 if known else 0.08) + (0.2 if any(None in units for units in shown.values()) else 0)
    height = slots * pitch + 0.62 + above + foot
    layout = Layout(
        shown=shown,
        step=step,
        radius=min(0.27, 0.44 * pitch),
        width=step * (columns - 1) + 0.8,
        height=height,
        middle=foot + slots * pitch / 2,
        top=height - above,
    )
    for l, units in shown.items():
        with_bias = ["bias", *units] if bias and l < last else units
        apart = min(0.92, max(pitch, 0.8 * slots * pitch / len(with_bias)))
        for position, unit in enumerate(with_bias):
            y = layout.middle + ((len(with_bias) - 1) / 2 - position) * apart
            layout.place[l, unit] = (layout.column(l), y)
    return layout


def lines_of(net: Any, layout: Layout, *, known: bool, bias: bool, lit: set | None) -> list[Line]:
    """Return every weight that is drawn, layer by layer."""
    lines = []
    for l in list(layout.shown)[1:]:
        for j in filter(None, layout.shown[l]):
            for i in filter(None, layout.shown[l - 1]):
                value = float(net.W[l][j - 1, i - 1]) if known else None
                on = lit is None or (l, j, i) in lit
                lines.append(Line((l - 1, i), (l, j), value, weight_name(l, j, i), on))
            if bias:
                value = float(net.b[l][j - 1]) if known else None
                lines.append(Line((l - 1, "bias"), (l, j), value, f"b^{l}_{{{j}}}", lit is None))
    return lines


def label_places(ends: Sequence[tuple], others: Sequence[tuple] = ()) -> list[float]:
    """Return, for each labelled line, the fraction along it at which its label is clear of labels and lines.

    Parameters
    ----------
    ends : list of (array of shape (2,), array of shape (2,))
        The two ends of each line that carries a label, in inches.
    others : list of the same
        Lines without a label, which labels avoid as well.
    """
    fractions = np.linspace(0.2, 0.8, 31)
    spots = [np.outer(1 - fractions, a) + np.outer(fractions, b) for a, b in ends]
    lines = [*ends, *others]
    room = [np.min([_distance(spot, *line) for k, line in enumerate(lines) if k != n], axis=0, initial=np.inf)
            for n, spot in enumerate(spots)]  # fmt: skip
    chosen = [len(fractions) // 2] * len(ends)
    for _sweep in range(4):
        for n, spot in enumerate(spots):
            labels = np.array([spots[k][chosen[k]] for k in range(len(ends)) if k != n]).reshape(-1, 2)
            apart = np.min(np.hypot(*(spot[:, None] - labels).T), axis=0, initial=np.inf)
            clear = np.minimum(apart / CLEAR_OF_LABELS, 1) + 0.5 * np.minimum(room[n] / CLEAR_OF_LINES, 1)
            chosen[n] = int(np.argmax(clear - 0.1 * np.abs(fractions - 0.5)))
    return [float(fractions[k]) for k in chosen]


def _distance(points: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return the distance of each point, shape (n, 2), from the line between two points."""
    along = end - start
    at = np.clip((points - start) @ along / (along @ along), 0, 1)
    return np.hypot(*(points - start - at[:, None] * along).T)
