# ruff: noqa: E501
r"""The forms of displays: environments, tags, several equations, and the many ways of writing the same thing."""

import pytest

from nnbook.equations import Judge
from nnbook.equations.language.forms import equations_of

SPLIT = [
    ("a = b", [("a = b", None)]),
    (r"a = b \label{eq:one} \tag{3.1}", [("a = b", "eq:one")]),
    (r"a = b \tag{BP1}", [("a = b", "(BP1)")]),
    (r"\begin{equation}\label{q} a = b \end{equation}", [("a = b", "q")]),
    (r"\[ a = b \]", [("a = b", None)]),
    (r"\begin{align} a &= b \label{x} \\ c &= d \tag{2} \\ e &= f \nonumber \end{align}", [("a = b", "x"), ("c = d", "(2)"), ("e = f", None)]),
    (r"\begin{align*} a &= b \\ &= c \\ &\quad + d \end{align*}", [("a = b = c + d", None)]),
    (r"\begin{gather} a = b \\ c = d \end{gather}", [("a = b", None), ("c = d", None)]),
    (r"\begin{equation} \begin{split} a &= b \\ &\quad - c \end{split} \end{equation}", [("a = b - c", None)]),
    (r"\begin{eqnarray} a & = & b \\ c & = & d \end{eqnarray}", [("a = b", None), ("c = d", None)]),
    (r"\begin{alignat}{2} a &= b & c &= d \end{alignat}", [("a = b c = d", None)]),
    (r"f = \begin{cases} 1 & x > 0 \\ 0 & x \le 0 \end{cases}", [(r"f = \begin{cases} 1 & x > 0 \\ 0 & x \le 0 \end{cases}", None)]),
    (r"a = \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}.", [(r"a = \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}", None)]),
]  # fmt: skip


@pytest.mark.parametrize(("latex", "wanted"), SPLIT)
def test_a_display_is_split_into_its_equations(latex, wanted):
    assert [(" ".join(line.latex.replace(r"\quad", "").split()), line.label) for line in equations_of(latex)] == wanted


HOLDS = [  # (notation, display, assumptions)
    ("nielsen", r"\delta^l := ((w^{l+1})^T \delta^{l+1}) \circ \sigma'(z^l)", {}),
    ("nielsen", r"\delta^l \equiv ((w^{l+1})^{\mathsf T} \delta^{l+1}) * \sigma'(z^l)", {}),
    ("nielsen", r"\delta^l \triangleq ((w^{l+1})^{\mathrm{T}} \delta^{l+1}) \odot \sigma'(z^l)", {}),
    ("nielsen", r"\nabla_{w^l} C = \delta^l (a^{l-1})^T", {}),
    ("nielsen", r"\frac{\partial}{\partial w^l_{jk}} \left( \frac{1}{2} \|y - a^L\|_2^2 \right) = a^{l-1}_k \delta^l_j", {"cost": "SquaredError"}),
    ("nielsen", r"C = \frac{1}{2} ||y - a^L||^2", {"cost": "SquaredError"}),
    ("nielsen", r"C = \frac12 (y - a^L)^T (y - a^L)", {"cost": "SquaredError"}),
    ("nielsen", r"\begin{bmatrix} 1 \\ 2 \end{bmatrix} \odot \begin{bmatrix} 3 \\ 4 \end{bmatrix} = \begin{bmatrix} 3 \\ 8 \end{bmatrix}", {}),
    ("book", r"\begin{pmatrix} w^2_{11} & w^2_{12} \\ w^2_{21} & w^2_{22} \end{pmatrix} = \mathbf{W}^2", {"sizes": [2, 2, 3]}),
    ("book", r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix} \begin{pmatrix} 1 \\ 1 \end{pmatrix} = \begin{pmatrix} 3 \\ 7 \end{pmatrix}", {}),
    ("book", r"\frac{\mathrm{d} \sigma(z)}{\mathrm{d} z} = \sigma(z) (1-\sigma(z))", {}),
    ("book", r"\frac{d}{dz} \tanh(z) = 1 - \tanh^2(z)", {}),
    ("book", r"\operatorname{ReLU}'(z) = \mathbb{1}[z > 0]", {}),
    ("book", r"\operatorname{ReLU}'(z) = \begin{cases} 1 & \text{if } z > 0 \\ 0 & \text{otherwise} \end{cases}", {}),
    ("book", r"\operatorname{sign}(z) = \begin{cases} \frac{|z|}{z} & \text{if } z \neq 0 \\ 0 & \text{otherwise} \end{cases}", {}),
    ("book", r"\frac{\partial a^L_j}{\partial z^L_i} = a^L_j (\delta_{ij} - a^L_i)", {"output": "softmax"}),
    ("book", r"a^l_j = f(z^l_j), \quad \text{where } z^l_j = \sum_i w^l_{ji} a^{l-1}_i + b^l_j", {}),
    ("book", r"\delta^l_j = \frac{\partial C}{\partial a^L_j} f'(z^l_j) \quad \text{for } l = L", {}),
    ("book", r"a^l_j = f(z^l_j) \quad \text{for all } l = 2, \dots, L", {}),
    ("book", r"z^l_j \overset{\text{def}}{=} \sum_i w^l_{ji} a^{l-1}_i + b^l_j", {}),
    ("book", r"\bigl| z^l_j \bigr| = \max(z^l_j, -z^l_j)", {}),
    ("book", r"|z^l_j| |a^l_j| = |z^l_j a^l_j|", {}),
    ("book", r"C_T = \sum_k C_k", {}),
    ("ufldl", r"\begin{align} z^{(2)} &= W^{(1)} x + b^{(1)} \\ a^{(2)} &= f(z^{(2)}) \\ z^{(3)} &= W^{(2)} a^{(2)} + b^{(2)} \end{align}", {}),
]  # fmt: skip


@pytest.mark.parametrize(("notation", "latex", "assumed"), HOLDS)
def test_a_form_is_read(notation, latex, assumed):
    for verdict in Judge(notation, **assumed).judge(latex):
        assert verdict.status == "holds", verdict.detail


def test_each_row_has_its_own_verdict_and_label():
    display = (
        r"\begin{align} \delta^L_j &= \frac{\partial C}{\partial a^L_j} f'(z^L_j) \label{eq:out} \\"
        r" \delta^l_j &= f(z^l_j) \sum_m w^{l+1}_{mj} \delta^{l+1}_m \tag{BP2} \\"
        r" \frac{\partial C}{\partial b^l_j} &= \delta^l_j \end{align}"
    )
    verdicts = Judge().judge(display, label="the display")
    assert [(v.label, v.status, v.row) for v in verdicts] == [
        ("eq:out", "holds", 0),
        ("(BP2)", "refuted", 1),
        ("the display", "holds", 2),
    ]


def test_definitions_are_kept_for_what_follows():
    judge = Judge(cost="SquaredError")
    assert judge.judge(r"e_j = a^L_j - t_j")[0].remark == "defines e_{j}"
    assert judge.judge(r"C = \frac{1}{2} \sum_i e_i^2")[0].status == "holds"
    assert judge.judge(r"\delta^L_m = e_m f'(z^L_m)")[0].status == "holds"
    assert judge.judge(r"\delta^L_m = 2 e_m f'(z^L_m)")[0].status == "refuted"
    assert Judge().judge(r"C = \frac{1}{2} \sum_i e_i^2")[0].status == "needs values"


def test_what_a_definition_holds_counts_as_named():
    judge = Judge("nielsen")
    assert judge.judge(r"R = \frac{\lambda}{2} \lVert w \rVert^2")[0].remark == "defines R"
    assert judge.judge(r"C = C_0 + \frac{1}{n} R")[0].status == "holds"
    assert judge.judge(r"C = C_0 + R")[0].status == "refuted"


FREE = [
    (r"(a+b)^2 = a^2 + b^2", "refuted"),
    (r"(a+b)^2 = a^2 + 2 a b + b^2", "holds"),
    (r"(1-\beta)\sum_{i=0}^{s-1}\beta^i = 1-\beta^s", "holds"),
    (r"(1-\beta)\sum_{i=0}^{s}\beta^i = 1-\beta^s", "refuted"),
    (r"\sqrt{u^2} = u", "refuted"),
    (r"\ln(u v) = \ln u + \ln v", "holds"),
    (r"\frac{u^2 - 1}{u - 1} = u + 1", "holds"),
    (r"e^{u + v} = e^u e^v", "holds"),
    (r"e^{u + v} = e^u + e^v", "refuted"),
    (r"g(u + h) = g(u) + h", "needs values"),
    (r"u = u", "holds"),
]


@pytest.mark.parametrize(("latex", "status"), FREE)
def test_letters_that_nobody_defined_are_free_numbers(latex, status):
    assert Judge().judge(latex)[0].status == status


BAD = [
    "x" * 10_000_000,
    "(" * 10_000 + "a = b",
    r"\begin{align}" * 500,
    "",
    r"\begin{align} \end{align}",
    "a = ",
    r"\label{only}",
]


@pytest.mark.parametrize("latex", BAD, ids=range(len(BAD)))
def test_bad_displays_are_unreadable_in_a_few_words(latex):
    for verdict in Judge().judge(latex):
        assert verdict.status == "unreadable"
        assert 0 < len(verdict.detail) < 2_000
    assert Judge().readable(latex) == 0
