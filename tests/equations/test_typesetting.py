"""What only looks different: colours, older commands, arrays in brackets, Markdown's escapes, words elsewhere."""

import pytest

from nnbook.equations import Judge
from nnbook.equations.language.typesetting import plainly

ERROR = r"\delta^L_j = {\partial C \over \partial a^L_j} \sigma'(z^L_j)"
ESCAPED = r"""\begin{aligned}
\delta\_j^L & = \frac{\partial C}{\partial a\_j^L} \cdot \frac{\partial a\_j^L}{\partial z\_j^L} \\\
& = \frac{\partial C}{\partial a\_j^L} \cdot \sigma'(z\_j^L) \quad (\because a\_j^L = \sigma(z\_j^L))
\end{aligned}"""
COLUMNS = (
    r"\left[ \begin{array}{l}{1} \\ {2}\end{array}\right] \odot \left[ \begin{array}{l}{3} \\ {4}\end{array}\right]"
    r"=\left[ \begin{array}{l}{3} \\ {8}\end{array}\right]"
)
RELU = r"\max(0, z) = \left\{ \begin{array}{ll} z & \text{if } z > 0 \\ 0 & \text{otherwise} \end{array} \right."
CASES = [  # (right, wrong near-relatives)
    (ERROR, (ERROR.replace(r"\sigma'", r"\sigma"), ERROR.replace(r"= {", r"= 2 {"))),
    (ESCAPED, (ESCAPED.replace(r"= \sigma(z", r"= 2 \sigma(z"), ESCAPED.replace(r"\cdot \sigma'", r"\cdot \sigma"))),
    (COLUMNS, (COLUMNS.replace("{8}", "{6}"),)),
    (RELU, (RELU.replace("z > 0", "z < 0"),)),
    (
        r"\frac{\partial C}{\partial b^l_j} = \color{red}{\delta^l_j}",
        (r"\frac{\partial C}{\partial b^l_j} = \color{red}{2 \delta^l_j}",),
    ),
    (
        r"z^l = w^l a^{l-1} + b^l \quad \text{其中} \quad a^l = \sigma(z^l)",
        (r"z^l = w^l a^{l-1} + b^l \quad \text{其中} \quad a^l = -\sigma(z^l)",),
    ),
]


@pytest.mark.parametrize(("right", "wrong"), CASES)
def test_it_is_judged_like_the_plain_form(right, wrong):
    judge = Judge("nielsen")
    assert {verdict.status for verdict in judge.judge(right)} == {"holds"}
    for latex in wrong:
        assert "refuted" in {verdict.status for verdict in judge.judge(latex)}, latex


@pytest.mark.parametrize(
    ("latex", "plain"),
    [
        (r"{a + {b \over c} \over d}", r"{\frac{a + {\frac{b}{c}}}{d}}"),
        (r"a \over b", r"a \over b"),
        (r"a_{\rm in}", r"a_{\mathrm{in}}"),
        (r"\text{batch\_size} = n", r"\text{batch\_size} = n"),
        (r"w_1 \_", r"w_1 \_"),
        (r"\textcolor{blue}{x} y", r"{x} y"),
        (r"\left[ \begin{array}{l}1\end{array} \right)", r"\left[ \begin{array}{l}1\end{array} \right)"),
    ],
)
def test_only_whole_forms_are_rewritten(latex, plain):
    assert plainly(latex) == plain


def test_a_word_may_name_a_quantity():
    judge = Judge("ufldl")
    assert judge.judge(r"\text{cost} = 2 + 3")[0].remark == r"defines \operatorname{cost}"
    assert judge.judge(r"\text{cost} = 5")[0].status == "holds"
    assert judge.judge(r"\text{cost} = 6")[0].status == "refuted"


@pytest.mark.parametrize(
    ("latex", "said"),
    [
        (r"a = w_1 x_1 + \cdots + w_n x_n", "dots are ambiguous; write a sum or a product"),
        (r"a = w_1 x_1 + ... + w_n x_n", "dots are ambiguous; write a sum or a product"),
        (r"y \in \{0, 1\}", "what a quantity is an element of is not checked"),
        (r"P(y \mid x) = y", "a condition in a probability is not read"),
        (r"W \sim \mathcal{N}(0, 1)", "is no equation: there is nothing to compare"),
        (r"a = b \text{ 当且仅当 } c = d", "'当且仅当' may change what the equation claims"),
        (r"a = 其", "the character '其' is not part of the dialect"),
    ],
)
def test_what_is_no_equation_is_told_from_what_cannot_be_read(latex, said):
    (verdict, *_) = Judge("nielsen").judge(latex)
    assert verdict.status == "unreadable"
    assert said in verdict.detail.splitlines()[0]
