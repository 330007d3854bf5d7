"""Where no notation is declared, an equation is called wrong only when no usual reading makes it right."""

import pytest
from notations_table import RIGHT, WRONG

from nnbook.equations import Judge, documents, examine
from nnbook.equations.judge import Verdict

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
        "there is one unit with weights",
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
