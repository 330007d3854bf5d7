"""Draw the two maps that run through the book: the eight steps of the algorithm, and the computation graph."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from nnbook.core.validation import number, whole
from nnbook.plots._style import COLOURS, FILLS, TEXT, and_list, canvas_for, figure_text, picture, plural

#: The eight steps of the algorithm: what is done, and the quantity it is about.
STEPS = (
    ("prepare the data", "ink"),
    ("initialise $W$ and $b$", "weight"),
    ("forward: $z$, $a$ and the cost $C$", "activation"),
    (r"deltas $\delta$, from last layer to first", "delta"),
    (r"gradients $\partial C/\partial w$, $\partial C/\partial b$", "delta"),
    (r"objective $J$ and its gradient $\nabla J$", "cost"),
    (r"update $W$ and $b$ by $\nabla J$", "weight"),
    ("repeat until the cost is small enough", "ink"),
)
_PLAIN_STEPS = (
    "prepare the data",
    "initialise W and b",
    "forward: z, a and the cost C",
    "deltas, from the last layer to the first",
    "gradients of C with respect to every w and b",
    "objective J and its gradient",
    "update W and b by the gradient of J",
    "repeat until the cost is small enough",
)


@picture
def eight_steps(current=None, *, ax=None):
    """Draw the map of the eight steps of the algorithm, with "you are here".

    Parameters
    ----------
    current : int or iterable of int, optional
        The step or steps, 1 … 8, at which the reader stands; None draws the map alone.
    ax : matplotlib axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        When a step is not a whole number from 1 to 8.
    """
    from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

    where = "eight_steps"
    wanted = [] if current is None else list(current) if isinstance(current, Iterable) else [current]
    here = {whole(where, "current", step) for step in wanted}
    if here and max(here) > len(STEPS):
        raise ValueError(f"{where}: current must be a step from 1 to {len(STEPS)}; it is {max(here)}")

    between, left, wide = 0.16, 0.08, 4.1
    highs = [0.62 if step in here else 0.4 for step in range(1, len(STEPS) + 1)]
    width, height = 4.8, sum(highs) + between * (len(STEPS) - 1) + 0.12
    figure, ax = canvas_for(where, ax, width, height)

    def middle(step):
        return height - 0.06 - sum(highs[: step - 1]) - between * (step - 1) - highs[step - 1] / 2

    for step, (words, kind) in enumerate(STEPS, start=1):
        y, on, high = middle(step), step in here, highs[step - 1]
        ax.add_patch(
            FancyBboxPatch(
                (left + 0.1, y - high / 2 + 0.1), wide - 0.2, high - 0.2, boxstyle="round,pad=0.1,rounding_size=0.1",
                facecolor=FILLS[kind] if on else "none", edgecolor=FILLS[kind] if on else COLOURS[kind],
                linewidth=2.2 if on else 1.3, label=f"_step {step}",
            )
        )  # fmt: skip
        ax.text(left + 0.24, y, str(step), color="white" if on else COLOURS[kind], fontsize=12.5, fontweight="bold",
                ha="center", va="center_baseline")  # fmt: skip
        ax.text(left + 0.5, y + (0.1 if on else 0), words, color="white" if on else TEXT, fontsize=11.5,
                va="center_baseline", fontweight="bold" if on else "normal")  # fmt: skip
        if on:
            ax.text(left + 0.5, y - 0.14, "you are here", color="white", fontsize=10.5, va="center_baseline")
        if step < len(STEPS):
            ax.add_patch(
                FancyArrowPatch(
                    (left + 0.24, y - high / 2), (left + 0.24, y - high / 2 - between), arrowstyle="-|>",
                    mutation_scale=8, shrinkA=0, shrinkB=0, color=COLOURS["ink"], linewidth=1.2,
                )
            )  # fmt: skip
    # back from 8 to 3, outside the boxes
    right, turn = left + wide, left + wide + 0.22
    ax.plot([right, turn, turn], [middle(8), middle(8), middle(3)], color=COLOURS["ink"], linewidth=1.5, linestyle="-")
    ax.add_patch(
        FancyArrowPatch(
            (turn, middle(3)), (right, middle(3)), arrowstyle="-|>", mutation_scale=11, shrinkA=0, shrinkB=0,
            color=COLOURS["ink"], linewidth=1.5,
        )
    )  # fmt: skip
    ax.text(turn + 0.17, (middle(8) + middle(3)) / 2, "again", rotation=270, ha="center", va="center", fontsize=11)

    words = "The eight steps of the algorithm: " + "; ".join(
        f"{step}, {text}" for step, text in enumerate(_PLAIN_STEPS, start=1)
    )
    words += ". An arrow leads from step 8 back to step 3."
    if here:
        words += f" You are here: step{'s' if len(here) > 1 else ''} {and_list(map(str, sorted(here)))}."
    return figure, words


_NEURON = (
    {"a_prev": ("a^{l-1}_i", "activation"), "w": ("w^l_{ji}", "weight"), "b": ("b^l_j", "weight"),
     "z": ("z^l_j", "ink"), "a": ("a^l_j", "activation"), "t": ("t_j", "ink"), "C": ("C", "cost")},
    (("a_prev", "z"), ("w", "z"), ("b", "z"), ("z", "a"), ("a", "C"), ("t", "C")),
)  # fmt: skip
_TWO_PATHS = (
    {"z": ("z^2_1", "ink"), "a": ("a^2_1", "activation"), "z1": ("z^3_1", "ink"), "z2": ("z^3_2", "ink"),
     "a1": ("a^3_1", "activation"), "a2": ("a^3_2", "activation"), "C": ("C", "cost")},
    (("z", "a"), ("a", "z1"), ("a", "z2"), ("z1", "a1"), ("z2", "a2"), ("a1", "C"), ("a2", "C")),
)  # fmt: skip

#: The book's own computation graphs: (nodes, edges), for `computation_graph(*GRAPHS[name])`.
GRAPHS = MappingProxyType({"one neuron": _NEURON, "two paths": _TWO_PATHS})


def _columns(names: list[str], edges: list[tuple]) -> dict[str, int]:
    """Return each node's column: as far right as its inputs demand, sources next to what they feed."""
    inputs = {name: [e[0] for e in edges if e[1] == name] for name in names}
    outputs = {name: [e[1] for e in edges if e[0] == name] for name in names}
    column: dict[str, int] = {}
    todo = list(names)
    while todo:
        ready = [name for name in todo if all(source in column for source in inputs[name])]
        if not ready:
            raise ValueError(f"computation_graph: edges go round in a circle through {and_list(sorted(todo))}")
        for name in ready:
            column[name] = 1 + max((column[source] for source in inputs[name]), default=-1)
        todo = [name for name in todo if name not in column]
    for name in names:
        if not inputs[name] and outputs[name]:
            column[name] = min(column[target] for target in outputs[name]) - 1
    return column


def _levels(stacks: dict[int, list[str]], edges: list[tuple]) -> dict[str, float]:
    """Return each node's height: level with what it is computed from, at least 1 below its upper neighbour."""
    level: dict[str, float] = {}
    computed = {edge[1] for edge in edges}
    for position in sorted(stacks):
        blocks: list[list] = []  # [names, mean of the wished heights, weight]: neighbours that push each other
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


def _arch(edge, place, column, box) -> tuple:
    """Return start, end, bend (matplotlib's `rad`) and top of an edge that skips columns: it passes over the boxes."""
    (x0, y0), (x1, y1) = ((x, y + box[1] / 2) for x, y in (place[edge[0]], place[edge[1]]))
    between = [place[n] for n in place if column[edge[0]] < column[n] < column[edge[1]]]
    corners = [(x + side * box[0] / 2, y + box[1] / 2) for x, y in between for side in (-1, 1)]
    rise = 0.2
    # The curve is nearly the parabola over the straight line, as high as `rise` in its middle.
    for x, y in corners:
        share = (x - x0) / (x1 - x0)
        rise = max(rise, (y + 0.1 - (y0 + share * (y1 - y0))) / (4 * share * (1 - share)))
    return (x0, y0), (x1, y1), -2 * rise / math.dist((x0, y0), (x1, y1)), (y0 + y1) / 2 + rise


@picture
def computation_graph(
    nodes, edges, *, values=None, gradients=None, factors=None, highlight=(), decimals=3, fractions=False, ax=None
):
    """Draw a computation graph from left to right: what is computed from what.

    Parameters
    ----------
    nodes : mapping of str to str or (str, str)
        Name → kind, or name → (label in TeX, kind). The kind is the quantity whose colour the node has: "activation",
        "weight", "delta", "cost", "ink". Nodes of a column stand in this order, from top to bottom.
    edges : list of (str, str) or (str, str, str)
        From, to, and if wanted a label in TeX, such as the local derivative.
    values : mapping of str to float, optional
        Numbers to print inside nodes.
    gradients : mapping of str to float, optional
        ∂C/∂(node), printed below nodes in the colour of errors.
    factors : mapping of (str, str) to float, optional
        Local derivatives, printed on the edges: that of the node an edge leads to, by the node it comes from.
    highlight : iterable of (str, str)
        Edges drawn in the colour of errors, wide: a path along which a derivative flows.
    decimals : int
        Digits after the point.
    fractions : bool
        Print fractions, and fractions of ln 3, as such.
    ax : matplotlib axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        When an edge, a value or a gradient names no node, a factor or a highlight no edge, a kind is unknown, or the
        edges go round in a circle.

    Notes
    -----
    `GRAPHS` holds the two that run through the book, "one neuron" and "two paths".
    """
    from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

    where = "computation_graph"
    labels, kinds = {}, {}
    if not isinstance(nodes, Mapping) or not nodes:
        raise TypeError(f"{where}: nodes must map names to kinds; it is {nodes!r}")
    for name, spec in nodes.items():
        labels[name], kinds[name] = (name, spec) if isinstance(spec, str) else spec
        if kinds[name] not in COLOURS:
            raise ValueError(
                f"{where}: the kind of node {name!r} must be one of {sorted(COLOURS)}; it is {kinds[name]!r}"
            )
    edges = [tuple(edge) for edge in edges]
    for edge in edges:
        if len(edge) not in (2, 3):
            raise ValueError(f"{where}: an edge is (from, to) or (from, to, label); one is {edge!r}")
    highlight = {tuple(edge) for edge in highlight}
    named = [(what, name) for what, names in (("edges", [n for e in edges for n in e[:2]]),
             ("values", values or ()), ("gradients", gradients or ())) for name in names]  # fmt: skip
    for what, name in named:
        if name not in nodes:
            raise ValueError(f"{where}: {what} names {name!r}, which is no node; the nodes are {and_list(nodes)}")
    factors = {tuple(edge): number(where, f"factors[{edge!r}]", v) for edge, v in (factors or {}).items()}
    for what, named in (("highlight", highlight), ("factors", set(factors))):
        for edge in named - {edge[:2] for edge in edges}:
            raise ValueError(f"{where}: {what} names {edge!r}, which is no edge")
    values = {n: number(where, f"values[{n!r}]", v) for n, v in (values or {}).items()}
    gradients = {n: number(where, f"gradients[{n!r}]", v) for n, v in (gradients or {}).items()}

    column = _columns(list(nodes), edges)
    stacks: dict[int, list[str]] = {}
    for name in nodes:
        stacks.setdefault(column[name], []).append(name)
    count = max(stacks) + 1
    box_wide, box_high = 0.72, 0.62 if values else 0.46
    step = max(box_wide + (0.58 if factors else 0.3), min(1.5, 4.2 / max(count - 1, 1)))
    pitch = box_high + (0.52 if gradients else 0.34)
    level = _levels(stacks, edges)
    top, bottom = max(level.values()), min(level.values())
    below = 0.26 if gradients else 0.0
    width, height = step * (count - 1) + box_wide + 0.1, (top - bottom) * pitch + box_high + below + 0.1
    place = {
        name: (0.05 + box_wide / 2 + column[name] * step, height - 0.05 - box_high / 2 - (top - level[name]) * pitch)
        for name in nodes
    }
    arches = {
        edge[:2]: _arch(edge[:2], place, column, (box_wide, box_high))
        for edge in edges
        if column[edge[1]] > column[edge[0]] + 1
    }
    height = max([height, *(peak + 0.3 for *_, peak in arches.values())])
    figure, ax = canvas_for(where, ax, width, height)

    def text(value):
        return figure_text(value, decimals, fractions)

    for edge in edges:
        (x0, y0), (x1, y1) = place[edge[0]], place[edge[1]]
        on = edge[:2] in highlight
        start, end = (x0 + box_wide / 2, y0), (x1 - box_wide / 2, y1)
        middle, bend = (start[1] + end[1]) / 2, 0.0
        if edge[:2] in arches:
            start, end, bend, middle = arches[edge[:2]]
        ax.add_patch(
            FancyArrowPatch(
                start, end, arrowstyle="-|>", connectionstyle=f"arc3,rad={bend}", mutation_scale=13, shrinkA=0,
                shrinkB=0, linewidth=2.6 if on else 1.4,
                color=COLOURS["delta"] if on else COLOURS["ink"], label=f"_edge {edge[0]} {edge[1]}", zorder=1,
            )
        )  # fmt: skip
        if edge[:2] in factors or len(edge) == 3:
            label = text(factors[edge[:2]]) if edge[:2] in factors else f"${edge[2]}$"
            climb = 0 if edge[:2] in arches else round(end[1] - start[1], 3)
            ax.text((start[0] + end[0]) / 2, middle + (0.05 if climb else 0.07), label, fontsize=10.5, va="bottom",
                    ha="right" if climb > 0 else "left" if climb else "center",
                    color=COLOURS["delta"] if on else TEXT)  # fmt: skip
    for name, (x, y) in place.items():
        kind = kinds[name]
        pad = 0.08
        ax.add_patch(
            FancyBboxPatch(
                (x - box_wide / 2 + pad, y - box_high / 2 + pad), box_wide - 2 * pad, box_high - 2 * pad, zorder=2,
                boxstyle=f"round,pad={pad},rounding_size={pad}", facecolor=FILLS[kind], edgecolor=FILLS[kind],
                label=f"_node {name}",
            )
        )  # fmt: skip
        lift = 0.14 if name in values else 0
        ax.text(
            x, y + lift, f"${labels[name]}$", color="white", fontsize=13, ha="center", va="center_baseline", zorder=3
        )
        if name in values:
            ax.text(x, y - 0.15, text(values[name]), color="white", fontsize=10.5, fontweight="bold", ha="center",
                    va="center_baseline", zorder=3)  # fmt: skip
        if name in gradients:
            ax.text(x, y - box_high / 2 - 0.14, text(gradients[name]), color=COLOURS["delta"], fontsize=10.5,
                    fontweight="bold", ha="center", va="center_baseline")  # fmt: skip

    plain = {name: label.replace("{", "").replace("}", "").replace("\\", "") for name, label in labels.items()}
    words = [f"Computation graph with {plural(len(nodes), 'node')}, from left to right:"]
    words.append("; ".join(f"{plain[e[0]]} feeds {plain[e[1]]}" for e in edges) + ".")
    if values:
        words.append("Values: " + ", ".join(f"{plain[n]} = {text(v)}" for n, v in values.items()) + ".")
    if factors:
        words.append(
            "Local derivatives: "
            + ", ".join(f"{plain[target]} by {plain[source]} {text(v)}" for (source, target), v in factors.items())
            + "."
        )
    if gradients:
        words.append(
            "Derivatives of the last node: " + ", ".join(f"by {plain[n]} {text(v)}" for n, v in gradients.items()) + "."
        )
    if highlight:
        on = [e for e in edges if e[:2] in highlight]
        words.append("Highlighted: " + and_list(f"{plain[e[0]]} to {plain[e[1]]}" for e in on) + ".")
    return figure, " ".join(words)
