"""Reads the LaTeX of one displayed equation into a tree, or says where it cannot."""

from __future__ import annotations

import re
from functools import lru_cache

from ..errors import UnreadableEquation
from .grammar import GRAMMAR
from .tree import (
    Big,
    Cases,
    Derivative,
    Dots,
    Equivalence,
    Group,
    Hadamard,
    Juxt,
    Nabla,
    Name,
    Number,
    Ratio,
    Relation,
    Root,
    Scripted,
    Statement,
    Sum,
    Times,
    Top,
    children,
)

MAX_LENGTH = 4_000  # characters in one equation
MAX_DEPTH = 24  # brackets inside brackets
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
REFUSED = [  # (what was found, what to write instead)
    (r"\\gets|\\leftarrow|\\to\b|\\rightarrow|:=|\\mapsto", "an update is written with step subscripts, not an arrow"),
    (r"\\frac\s*\{\s*d\s*[A-Za-z\\]", r"a derivative's d is upright: \mathrm{d}, or \partial"),
    (r"\\label|\\tag|\\class", r"a label stands after the closing $$, as (eq-name)"),
    (r"\^\s*\{?\s*\(", r"a layer is written without parentheses: w^{l}, not w^{(l)}"),
    (r"\^\s*(T|\{\s*T\s*\})(?![A-Za-z])", r"the transpose is written \top; T is the targets"),
]
STYLES = {"mathbf": "bold", "boldsymbol": "bold", "bm": "bold", "mathcal": "cal", "mathbb": "bb"}
ACCENTS = {"overline": "bar", "widehat": "hat", "widetilde": "tilde"}
SIGNS = {r"\leq": r"\le", r"\geq": r"\ge", r"\lt": "<", r"\gt": ">"}


@lru_cache(maxsize=1)
def _lark():
    from lark import Lark

    return Lark(
        GRAMMAR,
        parser="lalr",
        lexer="contextual",
        start="statement",
        propagate_positions=True,
        maybe_placeholders=False,
    )


@lru_cache(maxsize=4096)
def parse(latex: str) -> Statement:
    """Read one displayed equation.

    Parameters
    ----------
    latex : str
        What stands between the dollar signs, at most 4,000 characters and 24 brackets deep.

    Raises
    ------
    UnreadableEquation
        With the reason, the line and a caret at the place.
    """
    if not isinstance(latex, str):
        raise TypeError(f"parse: latex must be a string; got {type(latex).__name__}")
    try:
        text = _prepared(latex)
        tree = _build(_parsed(text, latex))
        _no_numbers_behind(tree)
        return tree
    except UnreadableEquation as error:
        raise error.located(latex) from None


def _parsed(text, latex):
    from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken

    try:
        return _lark().parse(text)
    except UnexpectedCharacters as error:
        place = error.pos_in_stream
        command = re.match(r"\\[A-Za-z]+|\\.", text[place:])
        raise UnreadableEquation(
            f"cannot read {command.group() if command else repr(text[place])} here", latex, place
        ) from None
    except UnexpectedEOF:
        raise UnreadableEquation("the equation ends too early", latex, len(latex.rstrip())) from None
    except UnexpectedToken as error:
        if error.token.type == "$END":
            raise UnreadableEquation("the equation ends too early", latex, len(latex.rstrip())) from None
        raise UnreadableEquation(f"did not expect {error.token!s} here", latex, error.token.start_pos) from None
    except UnexpectedInput as error:
        raise UnreadableEquation("cannot read this", latex, getattr(error, "pos_in_stream", None)) from None


# --- before the grammar: comments, limits, aligned ----------------------------------------------------------------


def _blank(text, start, stop):
    return text[:start] + re.sub(r"[^\n]", " ", text[start:stop]) + text[stop:]


def _prepared(latex):
    """Return text of the same length (so that places stay true) without comments and alignment."""
    if len(latex) > MAX_LENGTH:
        raise UnreadableEquation(
            f"the equation has {len(latex):,} characters; at most {MAX_LENGTH:,} are read", latex[:100], 0
        )
    text = latex
    for match in re.finditer(r"(?<!\\)%[^\n]*", latex):
        text = _blank(text, *match.span())
    if not text.strip():
        raise UnreadableEquation("the equation is empty", latex, 0)
    for match in re.finditer(r"[^\x20-\x7e\n\t\r]", text):
        raise UnreadableEquation(f"the character {match.group()!r} is not part of the dialect", latex, match.start())
    depth = 0
    for match in re.finditer(r"\\[{}]|[({\[]|[)}\]]", text):
        if len(match.group()) == 1:
            depth += 1 if match.group() in "({[" else -1
            if depth > MAX_DEPTH:
                raise UnreadableEquation(f"brackets are nested more than {MAX_DEPTH} deep", latex, match.start())
    for match in re.finditer(r"\d[\d.]{15,}", text):
        raise UnreadableEquation("a number of more than 15 digits", latex, match.start())
    for pattern, instead in REFUSED:
        for match in re.finditer(pattern, text):
            raise UnreadableEquation(instead, latex, match.start())
    return _without_alignment(text)


def _without_alignment(text):
    r"""Blank ``aligned``; a row that opens with a relation or an operator goes on, any other is a new claim."""
    pattern = re.compile(r"\\begin\s*\{(aligned|split|gathered)\}(.*?)\\end\s*\{\1\}", re.DOTALL)
    match = pattern.search(text)
    while match:
        inside = match.group(2)
        protected = [m.span() for m in re.finditer(r"\\begin\s*\{cases\}.*?\\end\s*\{cases\}", inside, re.DOTALL)]

        def free(place, protected=protected):
            return not any(a <= place < b for a, b in protected)

        for m in re.finditer(r"\\.|&", inside, re.DOTALL):
            if not free(m.start()):
                continue
            if m.group() == "&":
                inside = _blank(inside, *m.span())
            elif m.group() == r"\\":
                rest = re.sub(r"^(\s|&|\\[,;:! ]|\\q?quad(?![A-Za-z])|\{\})+", "", inside[m.end() :])
                row = rest.split(r"\\")[0]
                goes_on = not rest or re.match(
                    r"=|<|>|\\(approx|leq?|geq?|lt|gt|cdot|times|odot|iff|dots)(?![A-Za-z])|\+|,", rest
                )
                goes_on = goes_on or (rest.startswith("-") and "=" not in re.sub(r"_\{[^{}]*\}", "", row))
                before = inside[: m.start()].rstrip()
                mark = "  " if goes_on or before.endswith((",", ";")) else "; "
                inside = inside[: m.start()] + mark + inside[m.end() :]
        begin, end = match.span(2)
        text = text[:begin] + inside + text[end:]
        text = _blank(text, match.start(), begin)
        text = _blank(text, end, match.end())
        match = pattern.search(text)
    return text


# --- after the grammar: Lark's tree to ours --------------------------------------------------------------------


class _Mark:
    """A sign in a chain of factors that is not itself a factor: ∂, ·, /."""

    def __init__(self, text, position):
        self.text, self.position = text, position


def _fail(reason, position):
    raise UnreadableEquation(reason, position=position)


def _at(tree):
    return getattr(tree.meta, "start_pos", 0) if hasattr(tree, "meta") else tree.start_pos


def _build(tree):
    return _BUILDERS[tree.data](tree)


def _tokens(tree, *kinds):
    return [c for c in tree.children if not hasattr(c, "data") and (not kinds or c.type in kinds)]


def _trees(tree):
    return [c for c in tree.children if hasattr(c, "data")]


def _statement(tree):
    for text in (t for c in [tree, *(_trees(tree))] if c.data in ("statement", "seps") for t in _tokens(c, "TEXT")):
        words = re.search(r"\{(.*)\}", text, re.DOTALL).group(1).strip(" ,;:.")
        if " ".join(words.split()) not in CONNECTIVES:
            _fail(
                f"the words {words!r} may change what the equation claims; only these are read: "
                + ", ".join(sorted(CONNECTIVES)),
                text.start_pos,
            )
    return Statement(tuple(_build(c) for c in _trees(tree) if c.data != "seps"))


def _relation(tree):
    signs, sides = [], []
    for child in tree.children:
        if child.data == "sign":
            sign = str(child.children[0])
            signs.append(SIGNS.get(sign, sign))
        else:
            sides.append(_build(child))
    return Relation(tuple(signs), tuple(sides), position=_at(tree))


def _expr(tree):
    signs, items = [], []
    for child in tree.children:
        if not hasattr(child, "data"):
            signs.append(str(child))
        else:
            if len(signs) == len(items):
                signs.append("+")
            items.append(_build(child))
    if signs == ["+"]:
        return items[0]
    return Sum(tuple(signs), tuple(items), position=_at(tree))


def _entry(tree):
    parts = [_build(c) for c in _trees(tree)]
    return parts[0] if len(parts) == 1 else Hadamard(tuple(parts), position=_at(tree))


def _product(tree):
    items = []
    for child in tree.children:
        if not hasattr(child, "data"):
            items.append(_Mark(r"\cdot", child.start_pos))
        elif child.data == "chain":
            items += _flat(child)
        else:
            items.append(_build(child))
    return _combined(items, _at(tree))


def _flat(chain):
    items = []
    for child in chain.children:
        if not hasattr(child, "data"):
            items.append(_Mark("/" if child.type == "SLASH" else r"\cdot", child.start_pos))
        elif child.data == "chain":
            items += _flat(child)
        else:
            built = _build(child)
            items.append(built)
    return items


def _is(item, text):
    return isinstance(item, _Mark) and item.text == text


def _juxt(items):
    return items[0] if len(items) == 1 else Juxt(tuple(items), position=items[0].position)


def _combined(items, position):
    """Turn factors and signs into a product, with ∇ taken by its name and ∂ … / ∂ … made a derivative."""
    queue, parts, current, closed = list(items), [], [], False
    while queue:
        item = queue.pop(0)
        if _is(item, r"\cdot"):
            if not current:
                _fail(r"nothing stands before \cdot", item.position)
            parts.append(current)
            current, closed = [], False
        elif _is(item, "/"):
            if not queue:
                _fail("nothing stands after /", item.position)
            if closed:
                _fail(r"a / b / c can be read in two ways; use \frac", item.position)
            mark = max((n for n, c in enumerate(current) if _is(c, r"\partial")), default=None)
            if mark is not None:
                if not _is(queue[0], r"\partial") or len(queue) < 2 or isinstance(queue[1], _Mark):
                    _fail(r"\partial above needs \partial below", item.position)
                top = (
                    _juxt(current[mark + 1 :]) if current[mark + 1 :] else _fail(r"\partial of nothing", item.position)
                )
                current = [*current[:mark], Derivative(top, queue[1], True, position=current[mark].position)]
                queue = queue[2:]
            else:
                if isinstance(queue[0], _Mark):
                    _fail("did not expect this after /", queue[0].position)
                current = [Ratio(_juxt(current), queue.pop(0), True, position=item.position)]
            closed = True
        elif _is(item, r"\nabla"):
            if not queue or not isinstance(queue[0], (Name, Scripted)):
                _fail(r"\nabla needs the name of a quantity or function after it", item.position)
            current.append(Nabla(queue.pop(0), position=item.position))
        else:
            if closed:
                _fail(r"a / b c can be read in two ways; use \frac or parentheses", item.position)
            current.append(item)
    if not current:
        _fail(r"nothing stands after \cdot", position)
    parts.append(current)
    built = [_juxt(part) for part in parts]
    return built[0] if len(built) == 1 else Times(tuple(built), position=position)


def _factor(tree):
    base = tree.children[0]
    base = _build(base)
    return _with_scripts(base, tree.children[1:], _at(tree))


def _with_scripts(base, scripts, position):
    if not scripts:
        return base
    if isinstance(base, _Mark):
        _fail(f"scripts on {base.text} are not part of the dialect", position)
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
                _fail("two subscripts", _at(script))
            sub = value
        else:
            if sup is not None:
                _fail("two superscripts", _at(script))
            sup = value
    if primes and isinstance(base, Number):
        _fail("a prime on a number", position)
    return Scripted(base, sub, sup, primes, position=position)


def _scriptarg(tree):
    items = []
    for child in tree.children:
        if hasattr(child, "data"):
            built = _build(child)
            items.append(built)
        elif child.type == "PRIMECOMMAND":
            return "prime"
        elif child.type == "TEXT":
            words = re.search(r"\{(.*)\}", child, re.DOTALL).group(1).strip()
            if not re.fullmatch(r"[A-Za-z]+", words):
                _fail("a word in a script has letters only", child.start_pos)
            items.append(Name(words, "text", position=child.start_pos))
        elif child.type == "TOP":
            items.append(Top(position=child.start_pos))
        elif child.type == "DIGIT":
            items.append(Number(str(child), position=child.start_pos))
        else:
            items.append(Name(str(child), position=child.start_pos))
    return tuple(items)


def _fracarg(tree):
    child = tree.children[0]
    if hasattr(child, "data"):
        return child
    return (
        Number(str(child), position=child.start_pos)
        if child.type == "DIGIT"
        else Name(str(child), position=child.start_pos)
    )


def _frac(tree):
    sides = [_fracarg(c) for c in _trees(tree)]
    marked = [_differential(side) for side in sides]
    if all(marked):
        (sign, top), (other, bottom) = marked
        if sign != other:
            _fail(r"\partial and \mathrm{d} in one derivative", _at(tree))
        return Derivative(top, bottom, False, sign, position=_at(tree))
    top, bottom = (side if not hasattr(side, "data") else _build(side) for side in sides)
    return Ratio(top, bottom, position=_at(tree))


def _differential(side):
    r"""Return (sign, operand) when ``side`` reads ∂X, else None."""
    if not hasattr(side, "data") or len(side.children) != 1 or side.children[0].data != "entry":
        return None
    entry = side.children[0]
    if len(entry.children) != 1 or entry.children[0].data != "product":
        return None
    product = entry.children[0]
    if len(product.children) != 1 or product.children[0].data != "chain":
        return None
    items = _flat(product.children[0])
    upright = isinstance(items[0], Name) and (items[0].text, items[0].style) == ("d", "word")
    if not (_is(items[0], r"\partial") or upright) or any(_is(i, "/") or _is(i, r"\cdot") for i in items):
        return None
    if len(items) == 1:
        _fail(r"write \frac{\partial Y}{\partial X} with Y above", items[0].position)
    return (r"\mathrm{d}" if upright else r"\partial"), _combined(items[1:], items[0].position)


def _bigsub(tree):
    letter = _tokens(tree, "LETTER")[0]
    index = Name(str(letter), position=letter.start_pos)
    if _tokens(tree, "EQUALS"):
        return index, "=", _build(_trees(tree)[0])
    if _tokens(tree, "IN"):
        return index, "in", _build(_trees(tree)[0])
    return index, "", None


def _big(tree):
    operator = _tokens(tree, "BIG")[0]
    by_kind = {c.data: c for c in _trees(tree)}
    index, how, low = _bigsub(by_kind["bigsub"])
    high = None
    if "bigsup" in by_kind:
        script = _scriptarg(by_kind["bigsup"].children[0])
        if script == "prime" or len(script) != 1:
            _fail("the upper bound must be one number", _at(by_kind["bigsup"]))
        high = script[0]
    if (high is not None) != (how == "="):
        _fail("state both bounds, as in _{j=1}^{n_l}, or neither", operator.start_pos)
    return Big(str(operator), index, how, low, high, _build(by_kind["product"]), position=operator.start_pos)


def _cases(tree):
    values, conditions = [], []
    for row in _trees(tree):
        value, condition = row.children[0], row.children[-1]
        values.append(_build(value))
        for text in _tokens(condition, "TEXT"):
            words = re.search(r"\{(.*)\}", text, re.DOTALL).group(1).strip()
            if words not in ("if", "for", "when", "otherwise"):
                _fail(f"cannot read the words {words!r} as a condition", text.start_pos)
        relations = _trees(condition)
        conditions.append(_build(relations[0]) if relations else None)
    if None in conditions[:-1]:
        _fail("'otherwise' must come last", _at(tree))
    return Cases(tuple(values), tuple(conditions), position=_at(tree))


def _word(tree):
    token = tree.children[0]
    return Name(re.search(r"\{\s*([A-Za-z]+)\s*\}", token).group(1), "word", position=token.start_pos)


def _styled(tree):
    style = accent = ""
    text, place = None, _at(tree)
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


def _fenced(kind, bars=False):
    def build(tree):
        parts = _trees(tree)
        scripts = [p for p in parts if p.data in ("sub", "sup", "prime")]
        items = tuple(_build(p) for p in parts if p.data == "expr")
        return _with_scripts(Group(kind, items, position=_at(tree)), scripts, _at(tree))

    return build


_BUILDERS = {
    "statement": _statement,
    "relation": _relation,
    "equivalence": lambda t: Equivalence(*(_build(c) for c in _trees(t)), position=_at(t)),
    "dots": lambda t: Dots(position=_at(t)),
    "expr": _expr,
    "entry": _entry,
    "product": _product,
    "factor": _factor,
    "number": lambda t: Number(str(t.children[0]), position=_at(t)),
    "name": lambda t: Name(str(t.children[0]), position=_at(t)),
    "top": lambda t: Top(position=_at(t)),
    "partial": lambda t: _Mark(r"\partial", _at(t)),
    "nabla": lambda t: _Mark(r"\nabla", _at(t)),
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
}


def _built_arg(tree):
    side = _fracarg(tree)
    return _build(side) if hasattr(side, "data") else side


def _no_numbers_behind(node):
    """Refuse a number right of another factor (``w_12`` is w₁·2), except in a subscript, where it is an index."""
    if isinstance(node, Juxt):
        for item in node.items:
            if isinstance(item, _Mark):
                _fail(rf"{item.text} stands only in \frac{{\partial Y}}{{\partial X}}", item.position)
        for item in node.items[1:]:
            number = item.base if isinstance(item, Scripted) else item
            if isinstance(number, Number):
                _fail(r"a number behind another factor: put it first, or use \cdot or braces", item.position)
    if isinstance(node, Scripted) and isinstance(node.base, _Mark):
        _fail(f"scripts on {node.base.text}", node.position)
    for (name, _), child in children(node):
        if name != "sub":
            _no_numbers_behind(child)
