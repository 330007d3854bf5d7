"""Where no notation is declared, an equation is called wrong only when no usual reading makes it right."""

from dataclasses import replace

import pytest
from notations_table import RIGHT, WRONG

from nnbook.equations import Judge, documents, examine
from nnbook.equations.judge import Verdict
from nnbook.equations.notation import Symbol
from nnbook.equations.notations import NIELSEN
from nnbook.equations.undeclared import undeclared

LOGISTIC = r"h_\theta(x) = \sigma(\theta^T x) = \sigma(z)"
ROWS = r"Z^{[l]} = A^{[l-1]} W^{[l]} + b^{[l]}"
NET = r"z^l = W^l a^{l-1} + b^l"
NG = r"Z^{[l]} = W^{[l]} A^{[l-1]} + b^{[l]}"
OUT = r"\hat{Y} = A^{[L]}"
LOSS = r"L = -\left[ Y \log(\hat{Y}) + (1 - Y) \log(1 - \hat{Y}) \right]"
BISHOP = r"\delta_j = h'(a_j) \sum_k w_{kj} \delta_k"
SUMS = r"J = \frac{1}{m} \sum_{i=1}^m \left[ -y_i \log(a^{(L)}_i) - (1 - y_i) \log(1 - a^{(L)}_i) \right]"
RASCHKA = r"\delta^{(out)} = a^{(out)} - y"
OUTPUTS = r"p_j = \frac{1}{1+e^{-z_j}}"
NETS = r"net_j = \sum_i w_{ij} o_i"
STAR = "* may be a convolution"

ORDER = r"net_k = \sum_j w_{jk} o_j"
SLOPE = r"\frac{\partial E}{\partial w_{jk}} = -2 (t_k - o_k) \cdot o_k (1 - o_k) \cdot o_j"

CASES = [  # (displays, the last of which is judged; its status, what is said of it)
    ((NET, r"z^{l+1} = a^l * W^{l+1}"), "unreadable", STAR),
    ((NET, r"\frac{\partial C}{\partial W^{l+1}} = a^l * \delta^{l+1}"), "unreadable", STAR),
    ((NET, r"\frac{\partial C}{\partial b^l} = a^l * \delta^l"), "refuted", ""),
    ((NET, r"\delta^L = y * a^L"), "refuted", ""),
    ((NG, r"Z^{[l]} = W^{[l]} * A^{[l-1]} + b^{[l]}"), "depends", "* is the product of matrices"),
    ((NG, r"Z^{[l]} = W^{[l]} * A^{[l-1]} - b^{[l]}"), "unreadable", STAR),
    ((BISHOP, r"a_i^{(2)} = \sum_{j=0}^{N^{(2)}} w_{ij}^{(2)} z_j^{(1)}"), "depends", "the layer they lead to"),
    ((BISHOP, r"a_j^{(l)} = \sum_{i=0}^N w_{ij}^{(l)} z_i^{(l-1)}"), "depends", "the order from, to"),
    ((BISHOP, r"a_i^{(2)} = \sum_{j=0}^{N^{(2)}} w_{ij}^{(2)} a_j^{(1)}"), "refuted", ""),
    ((BISHOP, r"a_j^{(l)} = \sum_{i=0}^N w_{ij}^{(l)} z_i^{(l)}"), "refuted", ""),
    ((NG, ROWS, r"dW^{[l]} = (A^{[l-1]})^T \cdot dZ^{[l]}"), "depends", "the cost is the sum over all samples"),
    ((NG, ROWS, r"dW^{[l]} = (A^{[l]})^T \cdot dZ^{[l]}"), "refuted", ""),
    ((NG, ROWS, r"dW^{[l]} = A^{[l-1]} \cdot dZ^{[l]}"), "refuted", ""),
    ((NG, OUT, LOSS), "depends", "there is one output unit"),
    ((NG, OUT, LOSS.replace("(1 - Y)", "(1 + Y)")), "refuted", ""),
    ((NG, OUT, LOSS.replace("-\\left", "\\left")), "refuted", ""),
    ((RASCHKA, SUMS), "depends", "the index counts samples"),
    ((RASCHKA, SUMS.replace("- (1 - y_i)", "+ (1 - y_i)")), "refuted", ""),
    ((RASCHKA, SUMS.replace(r"\frac{1}{m}", r"\frac{2}{m}")), "refuted", ""),
    (
        (LOGISTIC, r"h = a^{(n_l)}", r"\frac{\partial \sigma(z)}{\partial z} = \sigma(z) (1 - \sigma(z)) = h (1 - h)"),
        "depends",
        "there is one layer of weights, whose letters have no number, and there is one output unit",
    ),
    (
        (r"h = q_3(x)", r"\frac{\partial \sigma(z)}{\partial z} = \sigma(z) (1 - \sigma(z)) = h^2 (1 - h)"),
        "needs values",
        "says at line 2 what h is",
    ),
    (
        (r"h = q_3(x)", r"\frac{\partial \sigma(z)}{\partial z} = \sigma(z) (1 + \sigma(z)) = h^2 (1 - h)"),
        "refuted",
        "",
    ),
    (
        (LOGISTIC, r"h = a^{(n_l)}", r"\frac{\partial \sigma(z)}{\partial z} = \sigma(z) (1 + \sigma(z)) = h (1 - h)"),
        "refuted",
        "",
    ),
    ((LOGISTIC, r"h = a^{(n_l)}", r"\frac{\partial \sigma(z)}{\partial z} = \sigma(z)"), "refuted", ""),
    ((NETS, OUTPUTS, r"E = \frac{1}{2} \sum (t_j - p_j)^2"), "depends", "sigmoid outputs with squared error"),
    ((NETS, OUTPUTS, r"E = \frac{1}{2} \sum (t_j + p_j)^2"), "refuted", ""),
    ((NETS, OUTPUTS, r"E = \frac{1}{4} \sum (t_j - p_j)^2"), "refuted", ""),
    ((ORDER, SLOPE), "depends", "sigmoid outputs with squared error without ½"),
    ((ORDER, SLOPE.replace("-2", "-3")), "refuted", ""),
    ((ORDER, SLOPE.replace("1 - o", "1 + o")), "refuted", ""),
    (
        (NET, r"\delta^l = \frac{\partial C}{\partial z^{l+1}} \frac{\partial z^{l+1}}{\partial z^l}"),
        "depends",
        "numerator layout",
    ),
    ((NET, r"\delta^l = \frac{\partial C}{\partial z^l} \frac{\partial z^{l+1}}{\partial z^l}"), "refuted", ""),
    ((NET, r"\delta^l = \frac{\partial z^{l+1}}{\partial z^l} \delta^{l+1}"), "refuted", ""),
    ((NET, r"W^l = W^l - \eta \frac{\partial C}{\partial W^l}"), "unreadable", "an update"),
    ((NET, r"W^l = W^{l+1} - \eta \frac{\partial C}{\partial W^l}"), "refuted", ""),
    ((NET, r"\delta^l = \delta^{l+1} - \eta \frac{\partial C}{\partial z^l}"), "refuted", ""),
]


def verdicts_of(tmp_path, displays):
    page = tmp_path / "page.md"
    page.write_text("".join(f"$$\n{display}\n$$\n\n" for display in displays), encoding="utf-8")
    return [result.verdict for result in examine.examine(documents.read(page)).results]


@pytest.mark.parametrize(("displays", "status", "said"), CASES)
def test_refuted_only_where_no_usual_reading_makes_it_right(displays, status, said, tmp_path):
    verdict = verdicts_of(tmp_path, displays)[-1]
    assert verdict.status == status, verdict.detail
    assert said in verdict.detail


NO_HALF = "squared error without ½"
SOFTMAX = r"a^L_j \big(a^L_j - y_j - \sum_k a^L_k (a^L_k - y_k)\big)"
DELTAS = [  # (δ of an output unit, wrong, the outputs and the cost that the right one holds for)
    (r"2 (a^L_j - y_j)", r"3 (a^L_j - y_j)", "a linear output", NO_HALF),
    (r"2 (a^L_j - y_j) a^L_j (1 - a^L_j)", r"2 (a^L_j - y_j) (1 - a^L_j)", "sigmoid outputs", NO_HALF),
    (r"2 (a^L_j - y_j) (1 - (a^L_j)^2)", r"2 (a^L_j - y_j) (1 + (a^L_j)^2)", "tanh outputs", NO_HALF),
    (SOFTMAX, SOFTMAX.replace("y_j -", "y_j +"), "softmax outputs", "squared error"),
    ("2 " + SOFTMAX, "3 " + SOFTMAX, "softmax outputs", NO_HALF),
    (r"-y_j (1 - a^L_j)", r"y_j (1 - a^L_j)", "sigmoid outputs", "categorical cross-entropy"),
    (r"\frac{2}{K} (a^L_j - y_j)", r"\frac{3}{K} (a^L_j - y_j)", "a linear output", "mean squared error"),
]
THROUGH = r"\delta^{{L-1}}_j = {} \sum_k (a^L_k - y_k) w^L_{{kj}} {}"
DELTAS_BELOW = [
    (THROUGH.format("", "a^{L-1}_j (1 - a^{L-1}_j)"), "sigmoid in the hidden layers and binary cross-entropy"),
    (THROUGH.format("2", "(1 - (a^{L-1}_j)^2)"), "tanh in the hidden layers and a linear output"),
]


@pytest.mark.parametrize(("right", "wrong", "outputs", "cost"), DELTAS)
def test_every_usual_cost_is_tried_with_every_usual_activation_of_the_outputs(right, wrong, outputs, cost):
    letters = {**NIELSEN.symbols, "K": Symbol("size", layer="L")}
    judge = Judge(replace(undeclared(NIELSEN), symbols=letters))
    (verdict,) = judge.judge(rf"\delta^L_j = {right}")
    assert verdict.status == "depends", verdict.detail
    assert f"holds for {outputs} with {cost};" in verdict.detail
    assert judge.judge(rf"\delta^L_j = {wrong}")[0].status == "refuted"


@pytest.mark.parametrize(("latex", "said"), DELTAS_BELOW)
def test_an_activation_of_the_hidden_layers_is_tried_with_those_of_the_outputs(latex, said):
    judge = Judge(undeclared(NIELSEN))
    (verdict,) = judge.judge(latex)
    assert verdict.status == "depends", verdict.detail
    assert f"holds for {said}" in verdict.detail
    for right, wrong in (("1 -", "1 +"), ("a^L_k - y_k", "a^L_k + y_k"), ("_{kj}", "_{jk}")):
        assert judge.judge(latex.replace(right, wrong))[0].status != "holds"
    assert judge.judge(latex.replace("1 -", "1 +"))[0].status == "refuted"


NAMED = r"V\delta W^{corrected} = \frac{V \delta W}{1 - \beta^t_1}"
CHAIN = (
    r"\frac{d}{d x} \sqrt{3 \sin(x)} = \frac{d}{d x} (3 \sin(x)) \cdot \frac{d}{d y} \sqrt{y}"
    r" = 3 \cos(x) \cdot \frac{1}{2 \sqrt{y}} = \frac{3 \cos(x)}{2 \sqrt{3 \sin(x)}}"
)
ZHOU = r"\Delta w_{hj} = \eta g_j b_h"
DESIRED = r"E = \frac{1}{2} \sum_k (d_k - y_k)^2"
SOFTMAXES = (
    r"a_i = \frac{e^{z_i}}{\sum_{j=1}^d e^{z_j}}",
    r"\frac{\partial a_i}{\partial z_i} = \frac{e^{z_i} \sum_k e^{z_k} - e^{z_i} e^{z_i}}{(\sum_k e^{z_k})^2}",
)
OFF_DIAGONAL = r"\frac{\partial a_i}{\partial z_j} = \frac{0 - e^{z_i} e^{z_j}}{(\sum_k e^{z_k})^2} = -a_i a_j"
DA = (
    r"da^{[1]} = \frac{\partial L}{\partial z^{[2]}} \times \frac{\partial z^{[2]}}{\partial a^{[1]}}"
    r" = dz^{[2]} \times W^{[2]} = (a^{[2]} - y) \times W^{[2]}"
)
TIMED = r"w_{jk}(t + 1) = w_{jk}(t) + \Delta w_{jk}"

BATCHES = (r"Z^{(l)} = W^{(l)} A^{(l-1)} + b^{(l)}", SUMS, r"\delta^{(l)} = \frac{\partial J}{\partial Z^{(l)}}")
OF_BATCH = r"\frac{\partial J}{\partial W^{(l)}} = \delta^{(l)} (A^{(l-1)})^T"

MEANT = [  # (displays, the last of which is judged; its status, what is said of it)
    ((NAMED,), "unreadable", "corrected above a letter is a name"),
    ((NAMED.replace("1 -", "1 +"),), "unreadable", "corrected above a letter is a name"),
    ((NAMED.replace("^{corrected}", ""),), "refuted", ""),
    ((NAMED.replace("corrected", "ct"),), "refuted", ""),
    ((CHAIN,), "needs values", "y stands for a part of this equation"),
    ((CHAIN.replace(r"{2 \sqrt{3", r"{\sqrt{3"),), "refuted", ""),
    ((CHAIN + r" = 2 y",), "refuted", ""),
    ((ZHOU, DESIRED), "depends", "d is the target, y the output"),
    ((ZHOU, DESIRED.replace("d_k -", "d_k +")), "refuted", ""),
    ((ZHOU, DESIRED.replace(r"\frac{1}{2}", "")), "refuted", ""),
    ((*SOFTMAXES, OFF_DIAGONAL), "depends", "and different i and j"),
    ((*SOFTMAXES, OFF_DIAGONAL.replace("= -a", "= a")), "refuted", ""),
    ((*SOFTMAXES, r"\frac{\partial a_i}{\partial z_j} = a_i (1 - a_j)"), "refuted", ""),
    ((*SOFTMAXES, r"\frac{\partial a_i}{\partial z_j} = 0"), "refuted", ""),
    ((*SOFTMAXES, r"\frac{\partial a_i}{\partial z_j} = a_i (2 \delta_{ij} - a_j)"), "refuted", ""),
    ((*SOFTMAXES, r"a_i (2 \delta_{ij} - a_j) = \frac{\partial a_i}{\partial z_j}"), "refuted", ""),
    ((*SOFTMAXES, r"\frac{\partial a_i}{\partial z_j} = a_i (2 \mathbb{1}[i = j] - a_j)"), "refuted", ""),
    ((NG, DA), "depends", "so is δ (numerator layout), and layer 2 is the last one and has one unit, for binary"),
    ((NG, DA.replace("- y", "+ y")), "refuted", ""),
    ((NG, DA.replace("= dz^{[2]}", "= -dz^{[2]}")), "refuted", ""),
    ((*BATCHES, OF_BATCH), "depends", "and δ is that of all of them"),
    ((*BATCHES, OF_BATCH.replace("l-1", "l")), "refuted", ""),
    ((*BATCHES, OF_BATCH.replace(r"\delta^{(l)} (A^{(l-1)})^T", r"(A^{(l-1)})^T \delta^{(l+1)}")), "refuted", ""),
    ((NETS, TIMED), "unreadable", "an update"),
    ((NETS, TIMED.replace("w_{jk}(t) +", "w_{kj}(t) +")), "refuted", ""),
    ((NETS, TIMED.replace("w_{jk}(t) +", "w_{jk} t +")), "refuted", ""),
]


@pytest.mark.parametrize(("displays", "status", "said"), MEANT)
def test_what_is_right_as_meant_is_not_refuted(displays, status, said, tmp_path):
    verdict = verdicts_of(tmp_path, displays)[-1]
    assert verdict.status == status, verdict.detail
    assert said in verdict.detail


LEADING = (  # weights and biases with the number of the layer they lead to
    NET,
    r"\delta^l = \big((W^{l+1})^T \delta^{l+1}\big) \odot f'(z^l)",
    r"\frac{\partial C}{\partial w^l_{ij}} = \delta^l_i a^{l-1}_j",
)
LEAVING = (  # with that of the layer they leave
    r"z^{l+1} = W^l a^l + b^l",
    r"\delta^l = \big((W^l)^T \delta^{l+1}\big) \odot f'(z^l)",
    r"\frac{\partial C}{\partial w^l_{ij}} = \delta^{l+1}_i a^l_j",
)
BIAS = r"\frac{\partial C}{\partial b^l_j} = \delta^l_j"
SHIFTED = r"\frac{\partial C}{\partial b^l_j} = \delta^{l+1}_j"

ONE_MEANING = [  # (displays, the statuses)
    ((*LEADING, BIAS), ["holds"] * 4),
    ((*LEADING, SHIFTED), ["holds"] * 3 + ["refuted"]),
    ((SHIFTED, *LEADING), ["refuted"] + ["holds"] * 3),
    ((*LEAVING, SHIFTED), ["depends"] * 4),
    ((*LEAVING, BIAS), ["depends"] * 3 + ["holds"]),  # one against three does not decide what the file means
    ((NET, SHIFTED), ["holds", "depends"]),  # nor does one against one
    (
        (*LEADING[:2], SHIFTED, r"\delta^l_i = \sum_j w^l_{ji} \delta^{l+1}_j f'(z^l_i)"),
        ["holds"] * 2 + ["depends"] * 2,
    ),
]


@pytest.mark.parametrize(("displays", "statuses"), ONE_MEANING)
def test_a_reading_that_most_of_the_file_contradicts_does_not_save_an_equation(displays, statuses, tmp_path):
    found = verdicts_of(tmp_path, displays)
    assert [verdict.status for verdict in found] == statuses
    for verdict in found:
        if verdict.status == "refuted":
            text = "would hold where weights and biases have the number of the layer they leave; then these would not: "
            assert text in verdict.detail
            assert verdict.proposal == "holds with b^{l+1}_{j}"


def test_a_reading_that_only_one_of_two_notations_needs_is_none():
    said = ("layers are counted from 0", {"a": {"shift": 1}})
    needs, other = Verdict(None, "depends", "so", reading=said), Verdict(None, "depends", "else")
    for second, kept in (
        (needs, said),
        (other, None),
        (Verdict(None, "holds"), None),
        (Verdict(None, "unreadable"), None),
    ):
        (agreed,) = examine._agreed({"nielsen": [needs], "book": [second]})
        assert (agreed.status, agreed.reading) == ("depends", kept)


def test_a_declared_notation_is_kept_to_where_a_star_cannot_stand(tmp_path):
    (verdict,) = Judge("deeplearning.ai").judge(r"dW^{[l]} = dZ^{[l]} * A^{[l-1]}")
    assert verdict.status == "refuted"


LEFT_OUT = [
    (r"\sum_{p \neq i} t_p = \sum_p t_p - t_i", "holds"),
    (r"t_i \prod_{p \neq i} t_p = \prod_p t_p", "holds"),
    (r"\sum_{p \neq i} t_p + 0 t_i = \sum_p t_p", "refuted"),
    (r"t_i \sum_{p \neq i} t_p = \sum_p t_p", "refuted"),
]


@pytest.mark.parametrize(("latex", "status"), LEFT_OUT)
def test_an_index_below_a_sum_may_leave_one_out(latex, status):
    assert Judge().judge(latex)[0].status == status


GOES_ON = [
    ((r"(a + b)^2 = (a + b) (a + b)", "= a^2 + 2 a b + b^2"), "holds"),
    ((r"(a + b)^2 = (a + b) (a + b)", "= a^2 + a b + b^2"), "refuted"),
    ((r"\frac{a", "= a^2"), "unreadable"),
    ((r"\boxed{(a + b)^2 = \underbrace{a^2 + 2 a b}_{\text{both}} + b^2}",), "holds"),
    ((r"\boxed{(a + b)^2 = \underbrace{a^2 + a b}_{\text{both}} + b^2}",), "refuted"),
]


@pytest.mark.parametrize(("displays", "status"), GOES_ON)
def test_a_display_goes_on_from_the_one_above_and_frames_are_looked_through(displays, status, tmp_path):
    assert verdicts_of(tmp_path, displays)[-1].status == status


@pytest.mark.parametrize("source", RIGHT)
def test_no_source_is_told_a_falsehood_when_its_notation_is_not_declared(source, tmp_path):
    right, wrong = ([latex for latex, _ in table[source]] for table in (RIGHT, WRONG))
    page = tmp_path / "page.md"
    page.write_text("\n\n".join(f"$$\n{latex}\n$$" for latex in [*right, *wrong]), encoding="utf-8")
    results = examine.examine(documents.read(page)).results
    assert [result.verdict.detail for result in results if result.broken] == []
    wrongly = [r.latex for r in results if r.verdict.status == ("refuted" if r.latex in right else "holds")]
    assert wrongly == []
