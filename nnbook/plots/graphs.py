"""Draw a computation graph: what is computed from what, with values, local derivatives and gradients."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from nnbook.core.validation import number
from nnbook.plots._canvas import canvas_for, picture
from nnbook.plots._graph_layout import BOX_WIDTH, Edge, Layout, lay_out
from nnbook.plots._style import COLOURS, FILLS, TEXT
from nnbook.plots._text import and_list, figure_text, plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

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


@picture
def computation_graph(
    nodes: Mapping[str, str | tuple[str, str]],
    edges: Iterable[tuple[str, ...]],
    *,
    values: Mapping[str, float] | None = None,
    gradients: Mapping[str, float] | None = None,
    factors: Mapping[tuple[str, str], float] | None = None,
    highlight: Iterable[tuple[str, str]] = (),
    decimals: int = 3,
    fractions: bool = False,
    ax: Axes | None = None,
) -> tuple[Figure, str]:
    """Draw a computation graph from left to right: what is computed from what.

    Parameters
    ----------
    nodes : mapping of str to str or (str, str)
        Name → kind, or name → (label in TeX, kind). The kind is the quantity whose colour the node has: "activation",
        "weight", "delta", "cost", "ink". Nodes of a column are in this order, from top to bottom.
    edges : list of (str, str) or (str, str, str)
        From, to, and optionally a label in TeX, such as the local derivative.
    values : mapping of str to float, optional
        Numbers to print inside nodes.
    gradients : mapping of str to float, optional
        ∂C/∂(node), printed below nodes in the colour of errors.
    factors : mapping of (str, str) to float, optional
        Local derivatives, printed on the edges: of the node an edge leads to with respect to the one it comes from.
    highlight : iterable of (str, str)
        Edges drawn in the colour of errors, wide: a path along which a derivative flows.
    decimals : int
        Digits after the point.
    fractions : bool
        Print fractions, and fractions of ln 3, as such.

    Raises
    ------
    TypeError, ValueError
        When an edge, a value or a gradient names no node, a factor or a highlight no edge, a kind is unknown, or the
        edges form a cycle.

    Notes
    -----
    `GRAPHS` holds the two that run through the book, "one neuron" and "two paths".
    """
    graph = _checked(nodes, edges, values, gradients, factors, highlight)
    layout = lay_out(
        graph.labels, graph.edges,
        values=bool(graph.values), gradients=bool(graph.gradients), factors=bool(graph.factors),
    )  # fmt: skip
    figure, ax = canvas_for("computation_graph", ax, layout.width, layout.height)

    def text(value: float) -> str:
        return figure_text(value, decimals, fractions)

    for edge in graph.edges:
        _draw_edge(ax, layout, graph, edge, text)
    for name in graph.labels:
        _draw_node(ax, layout, graph, name, text)
    return figure, _words(graph, text)


@dataclass
class Graph:
    """The arguments of `computation_graph`, checked."""

    labels: dict[str, str]
    kinds: dict[str, str]
    edges: list[Edge]
    values: dict[str, float]
    gradients: dict[str, float]
    factors: dict[Edge, float]
    highlight: set[Edge]


def _checked(nodes: Any, edges: Any, values: Any, gradients: Any, factors: Any, highlight: Any) -> Graph:
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
            raise ValueError(f"{where}: an edge must be (from, to) or (from, to, label); one is {edge!r}")
    ends = [name for edge in edges for name in edge[:2]]
    for what, names in (("edges", ends), ("values", values or ()), ("gradients", gradients or ())):
        for name in names:
            if name not in nodes:
                raise ValueError(f"{where}: {what} must name nodes, which are {and_list(nodes)}; one name is {name!r}")
    highlight = {tuple(edge) for edge in highlight}
    factors = {tuple(edge): number(where, f"factors[{edge!r}]", v) for edge, v in (factors or {}).items()}
    for what, named in (("highlight", highlight), ("factors", set(factors))):
        for edge in named - {edge[:2] for edge in edges}:
            raise ValueError(f"{where}: {what} must name edges; {edge!r} is not an edge of this graph")
    return Graph(
        labels,
        kinds,
        edges,
        {n: number(where, f"values[{n!r}]", v) for n, v in (values or {}).items()},
        {n: number(where, f"gradients[{n!r}]", v) for n, v in (gradients or {}).items()},
        factors,
        highlight,
    )


def _draw_edge(ax: Axes, layout: Layout, graph: Graph, edge: Edge, text: Callable[[float], str]) -> None:
    from matplotlib.patches import FancyArrowPatch

    on = edge[:2] in graph.highlight
    start, end, bend, middle = layout.ends(edge)
    ax.add_patch(
        FancyArrowPatch(
            start, end, arrowstyle="-|>", connectionstyle=f"arc3,rad={bend}", mutation_scale=13, shrinkA=0,
            shrinkB=0, linewidth=2.6 if on else 1.4,
            color=COLOURS["delta"] if on else COLOURS["ink"], label=f"_edge {edge[0]} {edge[1]}", zorder=1,
        )
    )  # fmt: skip
    if edge[:2] in graph.factors or len(edge) == 3:
        label = text(graph.factors[edge[:2]]) if edge[:2] in graph.factors else f"${edge[2]}$"
        climb = 0 if edge[:2] in layout.arches else round(end[1] - start[1], 3)
        ax.text((start[0] + end[0]) / 2, middle + (0.05 if climb else 0.07), label, fontsize=10.5, va="bottom",
                ha="right" if climb > 0 else "left" if climb else "center",
                color=COLOURS["delta"] if on else TEXT)  # fmt: skip


def _draw_node(ax: Axes, layout: Layout, graph: Graph, name: str, text: Callable[[float], str]) -> None:
    from matplotlib.patches import FancyBboxPatch

    (x, y), high, kind = layout.place[name], layout.box_height, graph.kinds[name]
    pad = 0.08
    ax.add_patch(
        FancyBboxPatch(
            (x - BOX_WIDTH / 2 + pad, y - high / 2 + pad), BOX_WIDTH - 2 * pad, high - 2 * pad, zorder=2,
            boxstyle=f"round,pad={pad},rounding_size={pad}", facecolor=FILLS[kind], edgecolor=FILLS[kind],
            label=f"_node {name}",
        )
    )  # fmt: skip
    lift = 0.14 if name in graph.values else 0
    ax.text(x, y + lift, f"${graph.labels[name]}$", color="white", fontsize=13, ha="center", va="center_baseline",
            zorder=3)  # fmt: skip
    style: dict[str, Any] = {"fontsize": 10.5, "fontweight": "bold", "ha": "center", "va": "center_baseline"}
    if name in graph.values:
        ax.text(x, y - 0.15, text(graph.values[name]), color="white", zorder=3, **style)
    if name in graph.gradients:
        ax.text(x, y - high / 2 - 0.14, text(graph.gradients[name]), color=COLOURS["delta"], **style)


def _words(graph: Graph, text: Callable[[float], str]) -> str:
    plain = {name: label.replace("{", "").replace("}", "").replace("\\", "") for name, label in graph.labels.items()}

    def listed(numbers: Mapping[str, float], sign: str) -> str:
        return ", ".join(sign.format(plain[name], text(value)) for name, value in numbers.items())

    words = [f"Computation graph with {plural(len(plain), 'node')}, from left to right:"]
    words.append("; ".join(f"{plain[e[0]]} feeds {plain[e[1]]}" for e in graph.edges) + ".")
    if graph.values:
        words.append(f"Values: {listed(graph.values, '{} = {}')}.")
    if graph.factors:
        local = (f"{plain[target]} by {plain[source]} {text(v)}" for (source, target), v in graph.factors.items())
        words.append(f"Local derivatives: {', '.join(local)}.")
    if graph.gradients:
        words.append(f"Derivatives of the last node: {listed(graph.gradients, 'by {} {}')}.")
    if graph.highlight:
        on = [e for e in graph.edges if e[:2] in graph.highlight]
        words.append("Highlighted: " + and_list(f"{plain[e[0]]} to {plain[e[1]]}" for e in on) + ".")
    return " ".join(words)
