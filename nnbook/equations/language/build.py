"""From Lark's tree of an equation to ours."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .factors import Mark, Operator, combined, fail_at, is_mark
from .tree import (
    Big,
    Cases,
    Derivative,
    Dots,
    Equivalence,
    Group,
    Hadamard,
    Juxt,
    Matrix,
    Name,
    Node,
    Number,
    Ratio,
    Relation,
    Root,
    Row,
    Scripted,
    Statement,
    Sum,
    Top,
    children,
)

Parsed = Any  # a tree of Lark's
CONNECTIVES = {
    "and",
    "with",
    "where",
    "for",
    "for all",
    "for each",
    "for every",
    "so",
    "hence",
    "therefore",
    "then",
    "if",
    "when",
}
CONNECTIVES_ELSEWHERE = {"其中", "여기서", "avec", "où", "donde", "con", "mit", "wobei", "dove", "onde"}
STYLES = {
    "mathbf": "bold",
    "boldsymbol": "bold",
    "bm": "bold",
    "pmb": "bold",
    "vec": "bold",
    "mathcal": "cal",
    "mathscr": "cal",
    "mathbb": "bb",
    "mathsf": "word",
    "mathit": "",
}
ACCENTS = {"overline": "bar", "widehat": "hat", "widetilde": "tilde"}
SIGNS = {
    r"\leqslant": r"\le",
    r"\geqslant": r"\ge",
    r"\ne": r"\neq",
    r"\leq": r"\le",
    r"\geq": r"\ge",
    r"\lt": "<",
    r"\gt": ">",
}


def _at(tree: Parsed) -> int:
    return getattr(tree.meta, "start_pos", 0) if hasattr(tree, "meta") else tree.start_pos


def build(tree: Parsed) -> Any:
    return _BUILDERS[tree.data](tree)


def _tokens(tree: Parsed, *kinds: str) -> list[Any]:
    return [c for c in tree.children if not hasattr(c, "data") and (not kinds or c.type in kinds)]


def _words(text: str) -> str:
    r"""Return what stands in the braces of ``\text{…}``."""
    return text[text.index("{") + 1 : text.rindex("}")]


def _trees(tree: Parsed) -> list[Parsed]:
    return [c for c in tree.children if hasattr(c, "data")]


def _statement(tree: Parsed) -> Statement:
    for text in (t for c in [tree, *(_trees(tree))] if c.data in ("statement", "seps") for t in _tokens(c, "TEXT")):
        words = _words(text).strip(" ,;:.")
        if " ".join(words.split()) not in CONNECTIVES | CONNECTIVES_ELSEWHERE:
            fail_at(
                f"the words {words!r} may change what the equation claims; only these are read: "
                + ", ".join(sorted(CONNECTIVES)),
                text.start_pos,
            )
    return Statement(tuple(build(c) for c in _trees(tree) if c.data != "seps"))


def _relation(tree: Parsed) -> Relation:
    signs, sides = [], []
    for child in tree.children:
        if child.data == "sign":
            token = child.children[0]
            sign = "=" if token.type == "EQUALS" else r"\neq" if token.type == "NOTEQUAL" else str(token)
            signs.append(SIGNS.get(sign, sign))
        else:
            sides.append(build(child))
    return Relation(tuple(signs), tuple(sides), position=_at(tree))


def _expr(tree: Parsed) -> Node:
    signs: list[str] = []
    items: list[Node] = []
    for child in tree.children:
        if not hasattr(child, "data"):
            signs.append(str(child))
        else:
            if len(signs) == len(items):
                signs.append("+")
            items.append(build(child))
    if signs == ["+"]:
        return items[0]
    return Sum(tuple(signs), tuple(items), position=_at(tree))


def _entry(tree: Parsed) -> Node:
    parts = [build(c) for c in _trees(tree)]
    star = any(str(c) in ("*", r"\ast") for c in tree.children if not hasattr(c, "data"))
    return parts[0] if len(parts) == 1 else Hadamard(tuple(parts), star, position=_at(tree))


def _product(tree: Parsed) -> Node:
    items = []
    for child in tree.children:
        if not hasattr(child, "data"):
            items.append(Mark(r"\cdot", child.start_pos))
        elif child.data == "chain":
            items += _flat(child)
        else:
            items.append(build(child))
    return combined(items, _at(tree))


def _flat(chain: Parsed) -> list[Any]:
    items: list[Any] = []
    for child in chain.children:
        if not hasattr(child, "data"):
            items.append(Mark("/" if child.type == "SLASH" else r"\cdot", child.start_pos))
        elif child.data == "chain":
            items += _flat(child)
        else:
            built = build(child)
            items.append(built)
    return items


def _factor(tree: Parsed) -> Any:
    base = tree.children[0]
    base = build(base)
    return _with_scripts(base, tree.children[1:], _at(tree))


def _with_scripts(base: Any, scripts: list[Parsed], position: int) -> Any:
    if not scripts:
        return base
    if isinstance(base, Mark) and base.text == r"\nabla" and len(scripts) == 1 and scripts[0].data == "sub":
        wrt = _scriptarg(scripts[0].children[0])
        return (
            Mark(base.text, base.position, wrt[0])
            if len(wrt) == 1
            else fail_at("one letter was expected below ∇", position)
        )
    if isinstance(base, Mark | Operator):
        fail_at(
            f"scripts on {base.text if isinstance(base, Mark) else 'a derivative'} are not part of the dialect",
            position,
        )
    sub = sup = None
    primes = 0
    for script in scripts:
        if script.data == "prime":
            primes += 1
            continue
        value = _scriptarg(script.children[0])
        if value == "prime":
            primes += 1
        elif script.data == "sub":
            if sub is not None:
                fail_at("two subscripts", _at(script))
            sub = value
        else:
            if sup is not None:
                fail_at("two superscripts", _at(script))
            sup, more = _without_primes(value)
            primes += more
    if primes and isinstance(base, Number):
        fail_at("a prime on a number", position)
    return Scripted(base, sub, sup, primes, position=position)


def _without_primes(sup: tuple[Node, ...]) -> tuple[tuple[Node, ...], int]:
    """Part a layer from the primes behind it: g^{[l]'} is g^{[l]}'."""
    last = sup[0].items[-1] if len(sup) == 1 and isinstance(sup[0], Juxt) else sup[0]
    if len(sup) > 1 or not isinstance(last, Scripted) or not last.primes or last.sub or last.sup:
        return sup, 0
    if isinstance(sup[0], Juxt):
        return (Juxt((*sup[0].items[:-1], last.base), position=sup[0].position),), last.primes
    return (last.base,), last.primes


def _scriptarg(tree: Parsed) -> Any:
    items = []
    for child in tree.children:
        if hasattr(child, "data"):
            built = build(child)
            items.append(built)
        elif child.type == "PRIMECOMMAND":
            return "prime"
        elif child.type == "TEXT":
            words = _words(child).strip()
            if not re.fullmatch(r"[A-Za-z]+", words):
                fail_at("a word in a script must consist of letters", child.start_pos)
            items.append(Name(words, "text", position=child.start_pos))
        elif child.type == "TOP":
            items.append(Top(position=child.start_pos))
        elif child.type == "DIGIT":
            items.append(Number(str(child), position=child.start_pos))
        else:
            items.append(Name(str(child), position=child.start_pos))
    return tuple(items)


def _fracarg(tree: Parsed) -> Any:
    child = tree.children[0]
    if hasattr(child, "data"):
        return child
    return (
        Number(str(child), position=child.start_pos)
        if child.type == "DIGIT"
        else Name(str(child), position=child.start_pos)
    )


def _frac(tree: Parsed) -> Node | Operator:
    sides = [_fracarg(c) for c in _trees(tree)]
    above, below = map(_differential, sides)
    if above and below:
        (sign, top), (other, bottom) = above, below
        if sign != other:
            fail_at(r"\partial and \mathrm{d} in one derivative", _at(tree))
        if bottom is None:
            fail_at(r"write \frac{\partial Y}{\partial X} with X below", _at(tree))
        if top is None:
            return Operator(bottom, sign, _at(tree))
        return Derivative(top, bottom, False, sign, position=_at(tree))
    top, bottom = (side if not hasattr(side, "data") else build(side) for side in sides)
    return Ratio(top, bottom, position=_at(tree))


def _differential(side: Parsed) -> tuple[str, Node | None] | None:
    r"""Return (sign, operand) when ``side`` reads ∂X, else None."""
    if not hasattr(side, "data"):
        sign = {"d": "d"}.get(str(side.text) if isinstance(side, Name) else "")
        return (sign, None) if sign else None
    if len(side.children) != 1 or side.children[0].data != "entry":
        return None
    entry = side.children[0]
    if len(entry.children) != 1 or entry.children[0].data != "product":
        return None
    product = entry.children[0]
    if len(product.children) != 1 or product.children[0].data != "chain":
        return None
    items = _flat(product.children[0])
    first = items[0]
    upright = isinstance(first, Name) and first.text == "d" and first.style in ("word", "")
    if (
        isinstance(first, Scripted | Operator)
        or not (is_mark(first, r"\partial") or upright)
        or any(is_mark(i, "/") or is_mark(i, r"\cdot") for i in items)
    ):
        return None
    sign = r"\mathrm{d}" if upright and first.style else "d" if upright else r"\partial"
    if len(items) == 1:
        return sign, None
    return sign, combined(items[1:], items[0].position)


def _bigsub(tree: Parsed) -> tuple[Any, str, Node | None]:
    letters = [Name(str(t), position=t.start_pos) for t in _tokens(tree, "LETTER", "ELL")]
    index = letters[0]
    if len(letters) > 1:
        return letters, "", None
    if _tokens(tree, "NOTEQUAL"):
        return index, "neq", build(_trees(tree)[0])
    if _tokens(tree, "EQUALS"):
        return index, "=", build(_trees(tree)[0])
    if _tokens(tree, "IN"):
        return index, "in", build(_trees(tree)[0])
    return index, "", None


def _big(tree: Parsed) -> Node:
    operator = _tokens(tree, "BIG")[0]
    by_kind = {c.data: c for c in _trees(tree)}
    index, how, low = _bigsub(by_kind["bigsub"])
    high = None
    if "bigsup" in by_kind:
        script = _scriptarg(by_kind["bigsup"].children[0])
        if script == "prime" or len(script) != 1:
            fail_at("the upper bound must be one number", _at(by_kind["bigsup"]))
        high = script[0]
    body = build(by_kind["product"])
    if isinstance(index, list):
        if high is not None:
            fail_at("a bound cannot apply to several letters", operator.start_pos)
        for letter in reversed(index):
            body = Big(str(operator), letter, "", None, None, body, position=operator.start_pos)
        return body
    if high is not None and how == "":
        how, low = "=", Number("1", position=operator.start_pos)
    if (high is not None) != (how == "="):
        fail_at("state both bounds, as in _{j=1}^{n_l}, or neither", operator.start_pos)
    return Big(str(operator), index, how, low, high, body, position=operator.start_pos)


def _cases(tree: Parsed) -> Cases:
    values, conditions = [], []
    for row in _trees(tree):
        value, condition = row.children[0], row.children[-1]
        values.append(build(value))
        for text in _tokens(condition, "TEXT"):
            words = _words(text).strip()
            if words.rstrip(" ,") not in ("if", "for", "when", "otherwise", "else", "and", ""):
                fail_at(f"cannot read the words {words!r} as a condition", text.start_pos)
        relations = _trees(condition)
        conditions.append(build(relations[0]) if relations else None)
    if None in conditions[:-1]:
        fail_at("'otherwise' must come last", _at(tree))
    return Cases(tuple(values), tuple(conditions), position=_at(tree))


def _word(tree: Parsed) -> Name:
    token = tree.children[0]
    return Name(re.findall(r"[A-Za-z]+", token)[-1], "word", position=token.start_pos)


def _styled(tree: Parsed) -> Name:
    style = accent = ""
    text, place = "", _at(tree)
    queue = list(tree.children)
    while queue:
        child = queue.pop(0)
        if hasattr(child, "data"):
            if child.data == "plain":
                text = str(child.children[0])
            else:
                queue = list(child.children) + queue
        elif child.type == "STYLE":
            style = STYLES[child[1:]]
        elif child.type == "ACCENT":
            accent = ACCENTS.get(child[1:], child[1:])
    return Name(text, style, accent, position=place)


def _fenced(kind: str, bars: bool = False) -> Callable[[Parsed], Any]:
    def build(tree: Parsed) -> Any:
        parts = _trees(tree)
        scripts = [p for p in parts if p.data in ("sub", "sup", "prime")]
        items = tuple(_item(p) for p in parts if p.data in ("expr", "relation"))
        return _with_scripts(Group(kind, items, position=_at(tree)), scripts, _at(tree))

    return build


def _item(tree: Parsed) -> Node:
    """What stands in brackets: a value, or a comparison."""
    relation = build(tree)
    return relation.sides[0] if isinstance(relation, Relation) and not relation.signs else relation


def _bare_big(tree: Parsed) -> Big:
    operator = _tokens(tree, "BIG")[0]
    body = build(_trees(tree)[0])
    return Big(
        str(operator), Name("", position=operator.start_pos), "bare", None, None, body, position=operator.start_pos
    )


def _matrix(tree: Parsed) -> Matrix:
    rows = tuple(Row(tuple(build(e) for e in _trees(row)), position=_at(row)) for row in _trees(tree))
    if len({len(row.items) for row in rows}) > 1:
        fail_at("the rows of a matrix must have equal lengths", _at(tree))
    return Matrix(rows, position=_at(tree))


_BUILDERS = {
    "statement": _statement,
    "relation": _relation,
    "equivalence": lambda t: Equivalence(*(build(c) for c in _trees(t)), position=_at(t)),
    "dots": lambda t: Dots(position=_at(t)),
    "expr": _expr,
    "entry": _entry,
    "product": _product,
    "factor": _factor,
    "number": lambda t: Number(str(t.children[0]), position=_at(t)),
    "name": lambda t: Name(str(t.children[0]), position=_at(t)),
    "top": lambda t: Top(position=_at(t)),
    "partial": lambda t: Mark(r"\partial", _at(t)),
    "nabla": lambda t: Mark(r"\nabla", _at(t)),
    "word": _word,
    "styled": _styled,
    "paren": _fenced("paren"),
    "bracket": _fenced("bracket"),
    "brace": _fenced("brace"),
    "abs": _fenced("abs"),
    "norm": _fenced("norm"),
    "abs_fenced": _fenced("abs"),
    "norm_fenced": _fenced("norm"),
    "floor_fenced": _fenced("floor"),
    "frac": _frac,
    "sqrt": lambda t: Root(_built_arg(_trees(t)[0]), position=_at(t)),
    "cases": _cases,
    "big": _big,
    "big_reversed": _big,
    "big_bare": _bare_big,
    "matrix": _matrix,
}


def _built_arg(tree: Parsed) -> Node:
    side = _fracarg(tree)
    return build(side) if hasattr(side, "data") else side


def refuse_numbers_behind(node: Node) -> None:
    """Refuse a number right of another factor (``w_12`` is w₁·2), except in a subscript, where it is an index."""
    if isinstance(node, Juxt):
        for item in node.items:
            if isinstance(item, Operator):
                fail_at(r"write \frac{\partial Y}{\partial X} with Y above", item.position)
            if isinstance(item, Mark):
                fail_at(rf"{item.text} stands only in \frac{{\partial Y}}{{\partial X}}", item.position)
        for item in node.items[1:]:
            number = item.base if isinstance(item, Scripted) else item
            if isinstance(number, Number):
                fail_at(r"a number after another factor: put it first, or use \cdot or braces", item.position)
    if isinstance(node, Scripted) and isinstance(node.base, Mark):
        fail_at(f"scripts on {node.base.text}", node.position)
    for (name, _), child in children(node):
        if name != "sub":
            refuse_numbers_behind(child)
