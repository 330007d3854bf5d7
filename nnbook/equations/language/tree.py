"""The small typed tree that a printed equation becomes, and the printer that turns it back into LaTeX."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache, cached_property
from typing import Any


@dataclass(frozen=True)
class Node:
    """One piece of a printed equation; ``position`` is the place in its LaTeX and takes no part in equality."""

    position: int = field(default=0, compare=False, kw_only=True, repr=False)

    @cached_property
    def pieces(self) -> tuple[Node, ...]:
        """This node and every node below it."""
        return (self, *(piece for _, child in children(self) for piece in walk(child)))


Nodes = tuple[Node, ...]
Step = tuple[str, int | None]  # from a node to a child: the field, and the place in it


@dataclass(frozen=True)
class Number(Node):
    text: str


@dataclass(frozen=True)
class Name(Node):
    """A letter, a Greek letter, a function's name or a word; ``style`` is one of '', bold, cal, bb, word, text."""

    text: str
    style: str = ""
    accent: str = ""


@dataclass(frozen=True)
class Top(Node):
    """The transpose sign, which stands only in a superscript."""


@dataclass(frozen=True)
class Scripted(Node):
    base: Node
    sub: tuple[Node, ...] | None = None
    sup: tuple[Node, ...] | None = None
    primes: int = 0


@dataclass(frozen=True)
class Group(Node):
    """Anything between delimiters; ``kind`` is paren, bracket, brace, abs, norm or floor."""

    kind: str
    items: tuple[Node, ...]


@dataclass(frozen=True)
class Juxt(Node):
    """Factors side by side: a product, or a function and its argument. The binder decides which."""

    items: tuple[Node, ...]


@dataclass(frozen=True)
class Times(Node):
    r"""Factors with ``\cdot`` between them: always a product."""

    items: tuple[Node, ...]


@dataclass(frozen=True)
class Hadamard(Node):
    r"""Factors with ``\odot``, ``\circ`` or ``*`` between them; ``star``: one of the signs is a star."""

    items: tuple[Node, ...]
    star: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Sum(Node):
    """Terms with their signs, each '+' or '-'."""

    signs: tuple[str, ...]
    items: tuple[Node, ...]


@dataclass(frozen=True)
class Ratio(Node):
    top: Node
    bottom: Node
    slash: bool = False


@dataclass(frozen=True)
class Derivative(Node):
    top: Node
    bottom: Node
    slash: bool = False
    sign: str = r"\partial"


@dataclass(frozen=True)
class Nabla(Node):
    of: Node
    wrt: Node | None = None


@dataclass(frozen=True)
class Root(Node):
    of: Node


@dataclass(frozen=True)
class Big(Node):
    r"""``\sum``, ``\prod``, ``\max_j`` or ``\min_j`` over ``index``; ``how`` is '=', 'in' or ''."""

    operator: str
    index: Name
    how: str
    low: Node | None
    high: Node | None
    body: Node


@dataclass(frozen=True)
class Cases(Node):
    """Values with their conditions; the condition None is 'otherwise'."""

    values: tuple[Node, ...]
    conditions: tuple[Relation | None, ...]


@dataclass(frozen=True)
class Row(Node):
    """One row of a matrix that is written out."""

    items: tuple[Node, ...]


@dataclass(frozen=True)
class Matrix(Node):
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Relation(Node):
    """A chain A = B ≤ C …: one more side than signs."""

    signs: tuple[str, ...]
    sides: tuple[Node, ...]


@dataclass(frozen=True)
class Equivalence(Node):
    left: Relation
    right: Relation


Claim = Relation | Equivalence


@dataclass(frozen=True)
class Dots(Node):
    pass


@dataclass(frozen=True)
class Statement(Node):
    """Everything one displayed equation says: relations, and the ranges stated after them."""

    items: tuple[Node, ...]


@cache
def _field_names(kind: Any) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind))


def children(node: Node) -> Iterator[tuple[Step, Node]]:
    """Yield ``(path, child)`` for every node directly below, where a path is ``(field name, place or None)``."""
    kind: Any = type(node)
    for name in _field_names(kind):
        value = getattr(node, name)
        if isinstance(value, Node):
            yield (name, None), value
        elif isinstance(value, tuple):
            for place, item in enumerate(value):
                if isinstance(item, Node):
                    yield (name, place), item


def walk(node: Node) -> tuple[Node, ...]:
    """Return ``node`` and every node below it, found once for each tree."""
    return node.pieces


def replaced(node: Node, path: Step, new: Node) -> Node:
    """Return a copy of ``node`` in which the child at ``path`` is ``new``."""
    name, place = path
    value = getattr(node, name)
    if place is not None:
        value = (*value[:place], new, *value[place + 1 :])
    else:
        value = new
    kind: Any = type(node)
    return kind(**{f.name: value if f.name == name else getattr(node, f.name) for f in fields(node)})


# --- printing -------------------------------------------------------------------------------------------------

STYLE_COMMAND = {"cal": r"\mathcal", "bb": r"\mathbb"}
FENCES = {
    "paren": ("(", ")"),
    "bracket": ("[", "]"),
    "brace": ("{", "}"),
    "abs": (r"\lvert ", r"\rvert "),
    "norm": (r"\lVert ", r"\rVert "),
    "floor": (r"\lfloor ", r"\rfloor "),
}


def to_latex(node: Any) -> str:
    """Print a tree as LaTeX that parses to the same tree."""
    if not is_dataclass(node):
        raise TypeError(f"to_latex: expected a node of an equation's tree; got {type(node).__name__}")
    return _PRINTERS[type(node)](node)


def _name(node: Name) -> str:
    if node.style == "word":
        text = rf"\operatorname{{{node.text}}}"
    elif node.style == "text":
        text = rf"\text{{{node.text}}}"
    elif node.style == "bold":
        text = rf"\boldsymbol{{{node.text}}}" if node.text.startswith("\\") else rf"\mathbf{{{node.text}}}"
    elif node.style:
        text = rf"{STYLE_COMMAND[node.style]}{{{node.text}}}"
    else:
        text = node.text + (" " if node.text.startswith("\\") else "")
    return rf"\{node.accent}{{{text}}}" if node.accent else text


def _scripted(node: Scripted) -> str:
    text = to_latex(node.base).rstrip() + "'" * node.primes
    if node.sub is not None:
        text += "_{" + ",".join(map(to_latex, node.sub)) + "}"
    if node.sup is not None:
        text += "^{" + ",".join(map(to_latex, node.sup)) + "}"
    return text


def _group(node: Group) -> str:
    left, right = FENCES[node.kind]
    return left + ", ".join(map(to_latex, node.items)) + right


def _sum(node: Sum) -> str:
    parts = [("-" if node.signs[0] == "-" else "") + to_latex(node.items[0])]
    parts += [f" {sign} {to_latex(item)}" for sign, item in zip(node.signs[1:], node.items[1:])]
    return "".join(parts)


def _ratio(node: Ratio) -> str:
    if node.slash:
        return f"{to_latex(node.top)} / {to_latex(node.bottom)}"
    return rf"\frac{{{to_latex(node.top)}}}{{{to_latex(node.bottom)}}}"


def _derivative(node: Derivative) -> str:
    top, bottom = f"{node.sign} {to_latex(node.top)}", f"{node.sign} {to_latex(node.bottom)}"
    return f"{top} / {bottom}" if node.slash else rf"\frac{{{top}}}{{{bottom}}}"


def _big(node: Big) -> str:
    if node.how == "bare":
        return f"{node.operator} {to_latex(node.body)}"
    index = to_latex(node.index).strip()
    if node.how == "=":
        index += f"={to_latex(node.low)}"
    elif node.how == "neq":
        index += rf" \neq {to_latex(node.low)}"
    elif node.how == "in":
        index += rf" \in {to_latex(node.low)}"
    high = f"^{{{to_latex(node.high)}}}" if node.high is not None else ""
    return f"{node.operator}_{{{index}}}{high} {to_latex(node.body)}"


def _cases(node: Cases) -> str:
    rows = [
        f"{to_latex(value)} & " + (r"\text{otherwise}" if condition is None else to_latex(condition))
        for value, condition in zip(node.values, node.conditions)
    ]
    return r"\begin{cases} " + r" \\ ".join(rows) + r" \end{cases}"


def _relation(node: Relation) -> str:
    return to_latex(node.sides[0]) + "".join(
        f" {sign} {to_latex(side)}" for sign, side in zip(node.signs, node.sides[1:])
    )


_PRINTERS = {
    Number: lambda node: node.text,
    Name: _name,
    Top: lambda node: r"\top",
    Scripted: _scripted,
    Group: _group,
    Juxt: lambda node: " ".join(map(to_latex, node.items)),
    Times: lambda node: r" \cdot ".join(map(to_latex, node.items)),
    Hadamard: lambda node: (" * " if node.star else r" \odot ").join(map(to_latex, node.items)),
    Sum: _sum,
    Ratio: _ratio,
    Derivative: _derivative,
    Nabla: lambda node: (
        rf"\nabla {to_latex(node.of)}" if node.wrt is None else rf"\nabla_{{{to_latex(node.wrt)}}} {to_latex(node.of)}"
    ),
    Row: lambda node: " & ".join(map(to_latex, node.items)),
    Matrix: lambda node: r"\begin{pmatrix} " + r" \\ ".join(map(to_latex, node.rows)) + r" \end{pmatrix}",
    Root: lambda node: rf"\sqrt{{{to_latex(node.of)}}}",
    Big: _big,
    Cases: _cases,
    Relation: _relation,
    Equivalence: lambda node: rf"{to_latex(node.left)} \iff {to_latex(node.right)}",
    Dots: lambda node: r"\dots",
    Statement: lambda node: r", \quad ".join(map(to_latex, node.items)),
}
