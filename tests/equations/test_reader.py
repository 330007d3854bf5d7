"""Reading LaTeX: many ways of writing one thing, errors with their place, hostile input, and the way back to LaTeX."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nnbook.equations import EquationError, UnreadableEquation, check, parse, to_latex
from nnbook.equations.language.tree import (
    Big,
    Derivative,
    Group,
    Hadamard,
    Juxt,
    Name,
    Number,
    Ratio,
    Relation,
    Root,
    Scripted,
    Statement,
    Sum,
    Times,
)

SAME = [
    (r"\delta^l_i = 1", r"\delta_i^{l} = 1"),
    (r"a = \frac12", r"a = \tfrac{1}{2}"),
    (r"a = \left( b \right)", r"a = \bigl( b \bigr)"),
    (r"a = b \, c \quad", r"a=b\;c"),
    (r"f'(z) = 1", r"f^\prime(z) = 1"),
    (r"\boldsymbol\delta = \mathbf z", r"\bm{\delta} = \mathbf{z}"),
    (r"a \leq b", r"a \le b"),
    (r"a = \lvert b \rvert", r"a = \left| b \right|"),
    (r"a = |b|", r"a = \lvert b \rvert"),
    (r"a = \operatorname{relu}(z)", r"a = \mathrm{relu}(z)"),
    ("a = b % a remark", "a = b"),
    (r"\begin{aligned} a &= b \\ &= c \end{aligned}", "a = b = c"),
    (r"\begin{aligned} a &= b \\ &\quad + c \end{aligned}", "a = b + c"),
    (r"\begin{aligned} a &= b \\ c &= d \end{aligned}", "a = b, c = d"),
    (r"a = b, \qquad \text{for all } j", "a = b, j"),
    (r"\sum^{n}_{j=1} a_j = b", r"\sum_{j=1}^{n} a_j = b"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_ways_of_writing_one_thing(one, other):
    assert parse(one) == parse(other)


DIFFERENT = [
    ("w_{ji} = 1", "w_{ij} = 1"),
    ("f'(z) = 1", "f(z) = 1"),
    (r"a = b \cdot c", "a = b c"),
    (r"a = \mathbf{b}", "a = b"),
    (r"\sum_j a_j b = 1", r"\sum_j (a_j) + b = 1"),
]


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_two_things(one, other):
    assert parse(one) != parse(other)


WITH_CARET = [  # (LaTeX, part of the reason, where the caret stands)
    (r"\frac{\partial}{\partial z}^2 C = 0", "scripts on a derivative", 0),
    (r"a = \foo b", r"\foo", 4),
    ("w_12 = 3", "a number after another factor", 3),
    ("a = b +", "ends too early", 7),
    ("a = (b", "ends too early", 6),
    ("a = b)", "did not expect", 5),
    ("a_b_c = 1", "two subscripts", 3),
    ("a^b^c = 1", "two superscripts", 3),
    ("a = x / y z", "two ways", 10),
    (r"a = \frac{\partial C}{z}", r"\partial", 10),
    (r"a = \partial C", r"\partial", 4),
    (r"a \gets b", "step subscripts", 2),
    (r"\sum_{j=1} a_j = 1", "both bounds", 0),
    (r"a = b, \text{unless it rains}", "may change what the equation claims", 7),
    ("a = ü", "not part of the dialect", 4),
    (r"a = \begin{cases} 1 & \text{sometimes} \end{cases}", "cannot read the words", 22),
]


@pytest.mark.parametrize(("latex", "reason", "place"), WITH_CARET)
def test_an_error_shows_the_place(latex, reason, place):
    with pytest.raises(UnreadableEquation) as error:
        parse(latex)
    assert reason in str(error.value)
    *_, shown, caret = str(error.value).split("\n")
    assert shown == "    " + latex
    assert caret.index("^") - 4 == place


HOSTILE = [
    "{" * 1_000_000,
    "{" * 400 + "a" + "}" * 400 + " = 1",
    "(" * 30 + "a" + ")" * 30 + " = 1",
    "a" * 5_000,
    "a = " + "1" * 200,
    "a = 9^{9^{9^{9^{9}}}}",
    "1 = 10^{99999999}",
    r"1 = \frac{1}{0}",
    r"1 = \frac{1}{1 - 1}",
    r"1 = 0^{-1}",
    r"\sum_{l=1}^{999999999} n_l = 1",
    r"P = \sum_{l=2}^{L} \sum_{j=1}^{n_l} \sum_{i=1}^{n_l} \sum_{m=1}^{n_l} \sum_{p=1}^{n_l} \sum_{q=1}^{n_l}"
    r" \sum_{r=1}^{n_l} \sum_{s=1}^{n_l} \sum_{u=1}^{n_l} a^l_j a^l_i a^l_m a^l_p a^l_q a^l_r a^l_s a^l_u",
    r"\mathbf{1}_{99999}\,\mathbf{1}_{99999}^\top = 1",
    r"\mathbf{1}_{999999999} = 1",
    "__import__('os').system('true') = 1",
    r"\operatorname{__import__}(1) = 1",
    r"\operatorname{eval}(1) = 1",
    r"\operatorname{exec}(z) = z",
    r"\log(0) = 1",
    r"\log(-1) = 1",
    r"\sqrt{-1} = 1",
    r"e^{10000} = 1",
    "",
    "   % only a remark",
    "= ",
    "\x00 = 1",
    "+" * 3_000 + "a = 1",
    "a" + "'" * 3_000 + " = 1",
    "a = " + "|" * 99,
    r"\frac" * 900,
    r"\sqrt" * 700 + "a = 1",
    r"\begin{aligned}" * 200,
    r"\begin{aligned} a &= b \\" * 100 + r"\end{aligned}" * 100,
    r"\hat" * 900 + "a = 1",
    "a = " + r"-(" * 20 + "1" + ")" * 20,
]


@pytest.mark.parametrize("latex", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_latex_ends_in_a_clear_error(latex):
    with pytest.raises(ValueError) as error:
        check(latex)
    assert isinstance(error.value, EquationError), "a reason, not a crash"
    assert 0 < len(str(error.value)) < 10_000


def test_nothing_is_evaluated_as_python(monkeypatch):
    import builtins

    def refuse(*_):
        raise AssertionError("eval or exec was reached")

    parse("a = 1")  # Lark itself is loaded before the trap is set
    monkeypatch.setattr(builtins, "eval", refuse)
    monkeypatch.setattr(builtins, "exec", refuse)
    for latex in (r"P = \sum_{l=2}^{L} n_l (n_{l-1} + 1)", r"\operatorname{eval}(1) = 1", "__import__ = 1"):
        try:
            check(latex)
        except UnreadableEquation as error:
            assert str(error)  # noqa: PT017


def test_latex_must_be_text():
    with pytest.raises(TypeError, match="latex must be a string; got int"):
        parse(3)


# --- random trees, printed and read again -----------------------------------------------------------------------------

letters = st.sampled_from("abghijlmnpqstuvwxyzCLNW")
greek = st.sampled_from([r"\delta", r"\theta", r"\eta", r"\sigma", r"\Delta"])
plain = st.builds(Name, st.one_of(letters, greek))
styled = st.builds(
    Name, st.one_of(letters, greek), st.sampled_from(["bold", "cal"]), st.sampled_from(["", "hat", "tilde", "bar"])
)
names = st.one_of(plain, styled, st.builds(Name, st.sampled_from(["relu", "softmax"]), st.just("word")))
numbers = st.builds(Number, st.sampled_from(["0", "1", "2", "12", "0.5", "3.25"]))
index = st.one_of(
    st.builds(Name, st.sampled_from("ijlms")),
    st.builds(Number, st.sampled_from("123")),
    st.builds(
        lambda name, sign, number: Sum(("+", sign), (name, number)),
        st.builds(Name, st.sampled_from("ls")),
        st.sampled_from("+-"),
        st.builds(Number, st.sampled_from("12")),
    ),
)
scripts = st.one_of(st.none(), st.tuples(index), st.tuples(index, index))
symbols = st.builds(
    lambda base, sub, sup, primes: Scripted(base, sub, sup, primes) if sub or sup or primes else base,
    names,
    scripts,
    st.one_of(st.none(), st.tuples(index)),
    st.integers(0, 2),
)


def grown(inner):
    groups = st.builds(Group, st.sampled_from(["paren", "bracket", "abs", "norm", "floor"]), st.tuples(inner))
    factors = st.one_of(symbols, groups, st.builds(Ratio, inner, inner), st.builds(Root, inner))
    derivative = st.builds(Derivative, symbols, symbols)
    factor = st.one_of(factors, derivative)
    first = st.one_of(factor, numbers)
    juxt = st.builds(lambda a, rest: Juxt((a, *rest)), first, st.lists(factor, min_size=1, max_size=3))
    times = st.builds(lambda items: Times(tuple(items)), st.lists(st.one_of(juxt, first), min_size=2, max_size=3))
    product = st.one_of(first, juxt, times)
    big = st.builds(
        lambda op, letter, bounds, body: Big(op, letter, "=" if bounds else "", *(bounds or (None, None)), body),
        st.sampled_from([r"\sum", r"\prod", r"\max"]),
        st.builds(Name, st.sampled_from("ijm")),
        st.one_of(st.none(), st.tuples(numbers, st.one_of(plain, numbers))),
        product,
    )
    entry = st.one_of(
        product, big, st.builds(lambda items: Hadamard(tuple(items)), st.lists(product, min_size=2, max_size=3))
    )
    several = st.lists(st.tuples(st.sampled_from("+-"), entry), min_size=2, max_size=3)
    total = several.map(lambda pairs: Sum(tuple(s for s, _ in pairs), tuple(i for _, i in pairs)))
    return st.one_of(entry, total, entry.map(lambda item: Sum(("-",), (item,))))


expressions = st.recursive(st.one_of(symbols, numbers), grown, max_leaves=12)
relations = st.builds(
    lambda first, rest: Relation(tuple(sign for sign, _ in rest), (first, *(side for _, side in rest))),
    expressions,
    st.lists(st.tuples(st.sampled_from(["=", r"\le", "<", r"\approx"]), expressions), min_size=1, max_size=2),
)
statements = st.lists(relations, min_size=1, max_size=2).map(lambda items: Statement(tuple(items)))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(statements)
def test_a_random_tree_survives_printing_and_reading(tree):
    latex = to_latex(tree)
    if len(latex) > 3_500:
        return
    again = parse(latex)
    assert to_latex(again) == latex
    assert again == parse(to_latex(again))
    assert again == tree
