"""Lay out a computation graph: the column and height of each node, and the edges that pass over boxes."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from nnbook.plots._text import and_list

Edge = tuple[str, ...]  # from, to, and optionally a label
BOX_WIDTH = 0.72  # inches


@dataclass
class Layout:
    """The measures of a drawing in inches: the centre of each node, and the edges that are drawn as arches."""

    width: float
    height: float
    box_height: float
    place: dict[str, tuple[float, float]]
    arches: dict[Edge, tuple]

    def ends(self, edge: Edge) -> tuple[tuple, tuple, float, float]:
        """Return start, end, bend (matplotlib's `rad`) and the height of the label of an edge."""
        if edge[:2] in self.arches:
            return self.arches[edge[:2]]
        (x0, y0), (x1, y1) = self.place[edge[0]], self.place[edge[1]]
        return (x0 + BOX_WIDTH / 2, y0), (x1 - BOX_WIDTH / 2, y1), 0.0, (y0 + y1) / 2


def lay_out(names: Collection[str], edges: Sequence[Edge], *, values: bool, gradients: bool, factors: bool) -> Layout:
    """Place nodes and edges; the last three say which numbers need room."""
    column = _columns(list(names), edges)
    stacks: dict[int, list[str]] = {}
    for name in names:
        stacks.setdefault(column[name], []).append(name)
    count = max(stacks) + 1
    box_height = 0.62 if values else 0.46
    step = max(BOX_WIDTH + (0.58 if factors else 0.3), min(1.5, 4.2 / max(count - 1, 1)))
    pitch = box_height + (0.52 if gradients else 0.34)
    level = _levels(stacks, edges)
    top, bottom = max(level.values()), min(level.values())
    below = 0.26 if gradients else 0.0
    width, height = step * (count - 1) + BOX_WIDTH + 0.1, (top - bottom) * pitch + box_height + below + 0.1
    place = {
        name: (0.05 + BOX_WIDTH / 2 + column[name] * step, height - 0.05 - box_height / 2 - (top - level[name]) * pitch)
        for name in names
    }
    arches = {
        edge[:2]: _arch(edge, place, column, box_height) for edge in edges if column[edge[1]] > column[edge[0]] + 1
    }
    height = max([height, *(peak + 0.3 for *_, peak in arches.values())])
    return Layout(width, height, box_height, place, arches)


def _columns(names: list[str], edges: Sequence[Edge]) -> dict[str, int]:
    """Return each node's column: as far right as its inputs demand, sources next to what they feed."""
    inputs = {name: [e[0] for e in edges if e[1] == name] for name in names}
    outputs = {name: [e[1] for e in edges if e[0] == name] for name in names}
    column: dict[str, int] = {}
    todo = list(names)
    while todo:
        ready = [name for name in todo if all(source in column for source in inputs[name])]
        if not ready:
            raise ValueError(f"computation_graph: edges form a cycle through {and_list(sorted(todo))}")
        for name in ready:
            column[name] = 1 + max((column[source] for source in inputs[name]), default=-1)
        todo = [name for name in todo if name not in column]
    for name in names:
        if not inputs[name] and outputs[name]:
            column[name] = min(column[target] for target in outputs[name]) - 1
    return column


def _levels(stacks: dict[int, list[str]], edges: Sequence[Edge]) -> dict[str, float]:
    """Return each node's height: level with what it is computed from, at least 1 below its upper neighbour."""
    level: dict[str, float] = {}
    computed = {edge[1] for edge in edges}
    for position in sorted(stacks):
        blocks: list[list] = []  # [names, mean of the desired heights, weight]: neighbours that push each other
        for row, name in enumerate(stacks[position]):
            sources = [edge[0] for edge in edges if edge[1] == name]
            sources = [source for source in sources if source in computed] or sources
            wish = sum(level[source] for source in sources) / len(sources) if sources else 0.0
            blocks.append([[name], wish + row, 1.0 if sources else 1e-6])
            while len(blocks) > 1 and blocks[-2][1] < blocks[-1][1]:
                names, mean, weight = blocks.pop()
                total = blocks[-1][2] + weight
                blocks[-1] = [blocks[-1][0] + names, (blocks[-1][1] * blocks[-1][2] + mean * weight) / total, total]
        heights = [mean for names, mean, _ in blocks for _ in names]
        for row, (name, height) in enumerate(zip(stacks[position], heights)):
            level[name] = round(height - row, 3)
    return level


def _arch(edge: Edge, place: Mapping[str, tuple], column: Mapping[str, int], box_height: float) -> tuple:
    """Return start, end, bend (matplotlib's `rad`) and top of an edge that skips columns: it passes over the boxes."""
    (x0, y0), (x1, y1) = ((x, y + box_height / 2) for x, y in (place[edge[0]], place[edge[1]]))
    between = [place[n] for n in place if column[edge[0]] < column[n] < column[edge[1]]]
    corners = [(x + side * BOX_WIDTH / 2, y + box_height / 2) for x, y in between for side in (-1, 1)]
    rise = 0.2
    # The curve is nearly the parabola over the straight line, as high as `rise` in its middle.
    for x, y in corners:
        share = (x - x0) / (x1 - x0)
        rise = max(rise, (y + 0.1 - (y0 + share * (y1 - y0))) / (4 * share * (1 - share)))
    return (x0, y0), (x1, y1), -2 * rise / math.dist((x0, y0), (x1, y1)), (y0 + y1) / 2 + rise
