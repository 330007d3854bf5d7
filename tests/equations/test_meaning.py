"""What a printed symbol may mean, and what is refused because it is not well defined."""

import re

import numpy as np
import pytest

from nnbook.equations import Distribution, EquationRefuted, NeedsValues, UnreadableEquation, check

UNREADABLE = [  # (LaTeX, part of the reason, assumptions)
    (r"\delta_j = 1", "needs its layer", {}),
    (r"\delta^l = 1", "needs its unit", {}),
    (r"w^l_j = 1", "two indices", {}),
    (r"w^l_{jim} = 1", "two indices", {}),
    (r"b^l_{kj} = 1", "one index", {}),
    (r"a^l_{kji} = 1", "too many indices", {}),
    (r"C = q", "no meaning for q", {}),
    (r"\theta = 1", r"no meaning for \theta", {}),
    (r"a^l_k = 1", "k can only be a sample", {}),
    (r"a^l_{ij} = 1", "which must be k", {}),
    (r"C = \sum_j \sum_j a^L_j", "is summed over but not used", {}),
    (r"C = \sum_m a^L_j", "is summed over but not used", {}),
    (r"\delta^{L+1}_j = 1", "does not exist", {}),
    (r"\delta^l_j = \delta^l_{kj}", "current sample", {}),
    (r"z^l_j = \sigma(z)", "needs its layer", {}),
    (r"f = 1", "needs an argument", {}),
    (r"f(z) = 1", "the layer of f is unknown", {}),
    (r"f(z^l_j + z^{l+1}_i) = 1", "the layer of f is ambiguous", {}),
    (r"f''(z^l_j) = 1", "first derivative", {}),
    (r"z'^l_j = 1", "only a function takes a prime", {}),
    (r"\log a^L_j t_j = 1", "how far does", {}),
    (r"\max(a^L_j) = 1", "takes 2 arguments", {}),
    (r"f'(z^L_j) = 1", "softmax is not an elementwise function", {"output": "softmax"}),
    (r"\boldsymbol\delta^L = f'(\mathbf{z}^L)", "softmax is not an elementwise function", {"output": "softmax"}),
    (r"\boldsymbol\delta^l = \mathbf{a}^l \cdot \mathbf{z}^l", "between arrays", {}),
    (r"\boldsymbol\delta^l = (\mathbf{a}^l)^2", "power of an array", {}),
    (r"\mathbf{W} = \mathbf{W}^l", "layer above", {}),
    (r"\mathbf{Q}^l = \mathbf{W}^l", "no meaning", {}),
    (r"\lVert \mathbf{W}^l \rVert = 1", "needs a subscript", {}),
    (r"\lVert C \rVert = 1", "norm of a number", {}),
    (r"\frac{\partial z^l_j}{\partial z^{l+1}_i} = 1", "does not depend", {}),
    (r"\frac{\partial C}{\partial t_j} = 1", "with respect to w, b, z or a", {}),
    (r"\frac{\partial C}{\partial n_l} = 1", "a single quantity of the network", {}),
    (r"\frac{\partial \delta^l_j}{\partial z^l_j} = 1", "only a first derivative is taken", {}),
    (r"\nabla a^l_j = 1", "stands before a cost", {}),
    (r"C \approx 1", "tolerance", {}),
    (r"C = O(h)", "given=", {}),
    (r"C", "claims nothing", {}),
    (
        r"\delta^l_j = \frac{\partial C}{\partial z^l_j}, \quad 2 \le i \le L",
        "no meaning for i",
        {},
    ),
    (r"(n_l)^{n_l} = n_l^2", "for a power", {}),
    (r"\delta^1_j = 1", "does not exist here", {"sizes": [3, 4, 2]}),
]


@pytest.mark.parametrize(("latex", "reason", "assumed"), UNREADABLE, ids=range(len(UNREADABLE)))
def test_what_means_nothing_definite_is_refused(latex, reason, assumed):
    with pytest.raises(UnreadableEquation, match=re.escape(reason)) as error:
        check(latex, **assumed)
    assert latex.strip()[:20] in str(error.value)


CANNOT_FIT = [  # wrong in every network whose layers differ in size, or in its numbers
    (r"\sum_j a^l_j = a^l_j", "first at", {}),
    (r"\delta^l_j = a^{l-1}_j", "j runs over", {}),
    (r"C = \sum_{j=1}^{n_l} a^L_j t_j", "stated range", {}),
    (r"C = \sum_{j=2}^{n_L} a^L_j", "first at", {}),
    (r"C = \sum_{j=0}^{n_L} \delta^L_j", "stated range", {}),
    (r"C_T = \sum_{k=1}^{L} C_k", "left side", {}),
    (r"P = \sum_{l=1}^{L} n_{l-1}", "stated range", {}),
    (r"a^9_j = 1", "left side", {}),
    (r"f^{l}(z^{l+1}_j) = 1", "different layers", {}),
    (r"\boldsymbol\delta^l = \mathbf{W}^{l+1} \boldsymbol\delta^{l+1}", "matrix product of shapes", {}),
    (r"\boldsymbol\delta^l = \mathbf{a}^l \odot \mathbf{a}^{l-1}", "entry by entry", {}),
    (r"\boldsymbol\delta^l = \mathbf{a}^l + 1", "are added", {}),
    (r"\boldsymbol\delta^l = C", "the sides are", {}),
    (r"\frac{\partial (2 C)}{\partial z^l_j} = \delta^l_j", "first at", {}),
    (r"1 = \mathbf{1}", "the sides are", {}),
]


@pytest.mark.parametrize(("latex", "reason", "assumed"), CANNOT_FIT, ids=range(len(CANNOT_FIT)))
def test_what_cannot_fit_or_is_wrong_is_refuted_with_the_reason(latex, reason, assumed):
    with pytest.raises(EquationRefuted, match=re.escape(reason)) as error:
        check(latex, **assumed)
    assert latex in str(error.value)


CLAIMS_NOTHING = [
    (r"C = C", "letter for letter"),
    (r"0 = 0 C", "both sides were 0"),
    (r"a^l_j = a^l_{j}, \quad 1 \le l \le L", "letter for letter"),
    (r"C_T \ge 0", "nowhere tight"),
    (r"f'(z^l_j) \le 1", "every activation that the package has"),
]


@pytest.mark.parametrize(("latex", "remark"), CLAIMS_NOTHING)
def test_what_holds_and_says_little_is_remarked(latex, remark):
    assert remark in check(latex).remark


HOLDS = [
    (r"\delta^l_j = \frac{\partial C}{\partial z^l_j}, \quad 3 \le l \le L", {}),
    (r"C_T \ge 0", {}),
    (r"J \ge \frac{C_T}{N}", {}),
    (r"\left(\sum_j a^L_j\right) \left(\sum_j t_j\right) = \sum_j \sum_i a^L_j t_i", {}),
    (r"\frac{\partial C}{\partial w^2_{12}} = \delta^2_1 a^1_2", {}),
    (r"\frac{\partial C}{\partial w^3_{2,3}} = \delta^3_2\, a^2_3", {}),
    (r"\delta^l_{kj} = \frac{\partial C_T}{\partial z^l_{kj}} = \frac{\partial C_k}{\partial z^l_{kj}}", {}),
    (r"\frac{\partial \mathbf{a}^l}{\partial \mathbf{z}^l} = \operatorname{diag}(f'(\mathbf{z}^l))", {}),
    (r"\sum_{j=1}^{n_L} \delta^L_j = 0", {"output": "softmax"}),
    (r"\frac{\partial C_T}{\partial \mathbf{b}^l} = (\boldsymbol\Delta^l)^\top \mathbf{1}", {}),
    (r"a^l_j \le \max_m a^l_m", {}),
    (r"f'(z^l_j) = a^l_j (1 - a^l_j)", {"hidden": "sigmoid", "output": "sigmoid"}),
    (r"f(z) = \sigma(z)", {"hidden": "sigmoid"}),
    (r"\lVert \boldsymbol\delta^l \rVert^2 = (\boldsymbol\delta^l)^\top \boldsymbol\delta^l", {}),
    (r"\mathbf{X} = \mathbf{A}^1, \quad \mathbf{x} = \mathbf{a}^1, \quad x_i = a^1_i", {}),
    (r"\mathbf{W}^{l\top} = (\mathbf{W}^l)^\top", {}),
]


@pytest.mark.parametrize(("latex", "assumed"), HOLDS, ids=range(len(HOLDS)))
def test_these_hold(latex, assumed):
    assert check(latex, **assumed).comparisons > 0


REFUTED = [
    (r"\delta^L_j = \frac{\partial C}{\partial a^L_j}\, f'(a^L_j)", {}),
    (r"\delta^L_j = a^L_j - t_j", {}),
    (r"\delta^L_j = (a^L_j - t_j)\, f'(z^L_j)", {}),  # true only for squared error, which is not assumed
    (r"f'(z^l_j) = a^l_j (1 - a^l_j)", {"hidden": "sigmoid"}),  # the output is not assumed to be a sigmoid
    (r"C < n_L", {}),
    (r"a^l_j \ge \max_m a^l_m", {}),
]


@pytest.mark.parametrize(("latex", "assumed"), REFUTED, ids=range(len(REFUTED)))
def test_these_are_refuted(latex, assumed):
    with pytest.raises(EquationRefuted):
        check(latex, **assumed)


# --- supplied values ---


def holds(latex, values, **options):
    return check(latex, given=lambda rng: values, **options)


def test_supplied_symbols_in_all_their_forms():
    w = np.array([[1.0, 2.0, 5.0], [3.0, -1.0, 0.5]])
    holds(r"s = \sum_{j=1}^{2} \sum_{i=1}^{3} w_{ji}", {"w": w, "s": w.sum()})
    holds(
        r"\mathbf{y} = \mathbf{A} \mathbf{v}",
        {r"\mathbf{A}": w, r"\mathbf{v}": [1, 2, 3], r"\mathbf{y}": w @ [1, 2, 3]},
    )
    holds(r"r_i = \mathbf{v}^\top \mathbf{g}_i", {"g": w, "v": [1, 2, 3], "r": w @ [1, 2, 3]})
    holds(r"b_s = \beta_1^s", {r"\beta_1": 0.5, "b_0": [1, 0.5, 0.25, 0.125]})
    holds(r"\hat m = m_{\text{new}} + 1", {r"\hat m": 3.0, r"m_{\text{new}}": 2.0})
    holds(r"y = g_1(x) + g_2'(x)", {"g": [np.exp, np.sin], "x": 0.3, "y": np.exp(0.3) + np.cos(0.3)})
    holds(r"\nabla C(\mathbf{v}) = 2 \mathbf{v}", {"C": lambda v: (v**2).sum(), "v": [1.0, 2.0]})
    holds(r"\frac{\partial C}{\partial v_i} = 2 v_i", {"C": lambda v: (v**2).sum(), "v": [1.0, 2.0, 4.0]})
    holds(r"\operatorname{Var}[w] = \frac{1}{4}", {"w": Distribution([0, 1])})
    holds(r"\mathbb{E}[w] = \frac{3}{4}", {"w": Distribution([0, 1], [0.25, 0.75])})


NOT_SUPPLIED = [
    (r"q = 1", {"x": 1.0}, NeedsValues, "given= does not supply it"),
    (r"\delta^L_j = 1", {"x": 1.0}, NeedsValues, "given= does not supply it"),
    (r"x_i = 1", {"x": 1.0}, UnreadableEquation, "no meaning"),
    (r"x = 1", {"x": [1.0, 2.0]}, UnreadableEquation, "write them"),
    (r"x_{ij} = 1", {"x": [1.0, 2.0]}, UnreadableEquation, "1 index; got 2"),
    (r"x_4 = 1", {"x": [1.0, 2.0]}, UnreadableEquation, "does not exist"),
    (r"w = 1", {"w": Distribution([0, 1])}, UnreadableEquation, "inside an average"),
    (r"\mathbb{E}[x] = 1", {"x": 1.0}, UnreadableEquation, "nothing in these brackets varies"),
    (r"\frac{\partial y}{\partial x} = 1", {"x": 1.0, "y": 2.0}, UnreadableEquation, "does not depend"),
    (r"x_i = y_i", {"x": [1.0, 2.0], "y": [1.0, 2.0, 3.0]}, UnreadableEquation, "i runs over"),
    (r"g(x) = 1", {"g": lambda v: v[3], "x": 1.0}, UnreadableEquation, "the given function failed"),
    (r"x = \frac{1}{y}", {"x": 1.0, "y": 0.0}, UnreadableEquation, "division by zero"),
]


@pytest.mark.parametrize(("latex", "values", "kind", "reason"), NOT_SUPPLIED, ids=range(len(NOT_SUPPLIED)))
def test_what_is_not_supplied_is_said(latex, values, kind, reason):
    with pytest.raises(kind, match=reason):
        holds(latex, values)


BAD_VALUES = [
    ({"x": "one"}, TypeError, "expected real numbers"),
    ({"x": float("nan")}, ValueError, "not finite"),
    ({"x + y": 1.0}, ValueError, "not one symbol"),
    ({"x^2": 1.0}, ValueError, "superscript"),
    ({3: 1.0}, TypeError, "dictionary from printed symbols"),
    ([], ValueError, "no values"),
    (None, TypeError, "dictionary from printed symbols"),
]


@pytest.mark.parametrize(("values", "kind", "reason"), BAD_VALUES, ids=range(len(BAD_VALUES)))
def test_bad_values_are_refused(values, kind, reason):
    with pytest.raises(kind, match=reason):
        holds("x = 1", values)


def test_the_order_of_a_remainder_is_measured():
    values = {"g": lambda x: np.exp(2 * x), "x": 0.3}
    assert holds(r"g(x + h) = g(x) + g'(x) h + O(h^2)", values).comparisons
    for wrong in (r"O(h)", r"O(h^3)"):
        with pytest.raises(EquationRefuted, match="shrinks like"):
            holds(rf"g(x + h) = g(x) + g'(x) h + {wrong}", values)
    with pytest.raises(EquationRefuted, match="no remainder"):
        holds(r"g(x) + h = h + g(x) + O(h)", values)


def test_an_equivalence_needs_draws_on_both_sides():
    latex = r"x < 1 \iff 2 x < 2"
    check(latex, given=lambda rng: [{"x": 0.5}, {"x": 1.5}])
    with pytest.raises(UnreadableEquation, match="both sides are true and others"):
        check(latex, given=lambda rng: [{"x": 0.5}, {"x": 0.7}])
    with pytest.raises(EquationRefuted):
        check(r"x < 1 \iff x < 2", given=lambda rng: [{"x": 0.5}, {"x": 1.5}])


def test_approximately_equal_uses_the_stated_tolerance():
    values = {"x": 0.001, "y": np.sin(0.001)}
    holds(r"y \approx x", values, tolerance=1e-3)
    with pytest.raises(EquationRefuted):
        holds(r"y \approx 2 x", values, tolerance=1e-3)
    with pytest.raises(EquationRefuted, match="the package"):  # what the package computes is the printed side, exactly
        holds(r"y \approx x", {**values, "package": 0.0010001}, tolerance=1e-3)


def test_the_package_s_result_is_compared_with_the_last_side():
    values = {"x": 2.0, "y": 4.0}
    assert holds("y = x^2", {**values, "package": 4.0}).package == 5
    assert holds("y = x^2", {**values, "package": lambda x: x * x}).package == 5
    with pytest.raises(EquationRefuted, match="the package"):
        holds("y = x^2", {**values, "package": 4.1})
    with pytest.raises(ValueError, match="asks for q"):
        holds("y = x^2", {**values, "package": lambda q: q})


def test_a_distribution_adds_up_to_1():
    for outcomes, chances in [
        ([], None),
        ([1, 2], [0.5, 0.6]),
        ([1, 2], [1.0]),
        ([1, 2], [-1, 2]),
        ([1, [1, 2]], None),
    ]:
        with pytest.raises(ValueError, match="Distribution"):
            Distribution(outcomes, chances)
