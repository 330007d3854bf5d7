"""No equation written to fool the checker is accepted, and right ones in unusual form are not refuted."""

import pytest
from attacks_table import RIGHT, WRONG

from nnbook.equations import Judge


def ids(table):
    return [f"{notation}-{n}" for n, (notation, *_) in enumerate(table)]


@pytest.mark.parametrize(("notation", "latex", "assumed", "expected"), WRONG, ids=ids(WRONG))
def test_a_wrong_equation_is_not_held(notation, latex, assumed, expected):
    (verdict,) = Judge(notation, **assumed).judge(latex)
    assert verdict.status == expected, verdict


@pytest.mark.parametrize(("notation", "latex", "assumed", "expected"), RIGHT, ids=ids(RIGHT))
def test_a_right_equation_in_unusual_form_is_held(notation, latex, assumed, expected):
    (verdict,) = Judge(notation, **assumed).judge(latex)
    assert verdict.status == expected, verdict
    if verdict.status == "depends":
        assert "holds where" in verdict.detail or "holds for" in verdict.detail


def test_the_tables_say_what_they_are():
    assert "holds" not in {status for *_, status in WRONG}
    assert "refuted" not in {status for *_, status in RIGHT}
    assert len({notation for notation, *_ in WRONG}) == 12
    assert sum(status in ("refuted", "depends") for *_, status in WRONG) > 180


def test_what_holds_where_one_side_is_not_defined_says_so():
    (verdict,) = Judge().judge(r"\ln u^2 = 2 \ln u")
    assert "where both sides have a value" in verdict.remark


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"dZ^{[2]} = A^{[2]} - Y", "where layer 2 is the last one"),
        (
            r"J = -\frac{1}{m} \sum_{i=1}^{m} y^{(i)} \log a^{[L](i)} + (1 - y^{(i)}) \log(1 - a^{[L](i)})",
            "one output unit",
        ),
        (r"dW^{[2]} = \frac{1}{m} (A^{[1]})^T dZ^{[2]}", "samples are rows"),
        (r"a^{[1]} = \begin{bmatrix} a_1^{[1]} \\ a_2^{[1]} \\ a_3^{[1]} \end{bmatrix}", "the layers have 1, 3 units"),
    ],
)
def test_it_is_said_which_network_an_equation_is_of(latex, text):
    (verdict,) = Judge("deeplearning.ai").judge(latex)
    assert verdict.status == "depends"
    assert text in verdict.detail
