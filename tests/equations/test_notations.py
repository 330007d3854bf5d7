"""Equations in the notation of twelve sources: the right ones hold, the wrong ones never do."""

import pytest
from notations_table import RIGHT, WRONG

from nnbook.equations import Judge, documents, examine
from nnbook.equations.notation import Symbol
from nnbook.equations.notations import NOTATIONS, named

PRINTED = [(name, *case) for name in NOTATIONS for case in RIGHT[name]]
MISTAKEN = [(name, *case) for name in NOTATIONS for case in WRONG[name]]


def test_each_notation_has_its_table():
    for name in NOTATIONS:
        assert len(RIGHT[name]) >= 8
        assert len(WRONG[name]) >= 4


@pytest.mark.parametrize(("notation", "latex", "assumed"), PRINTED, ids=[f"{n}-{l}" for n, l, _ in PRINTED])
def test_right_as_its_source_writes_it(notation, latex, assumed):
    judge = Judge(notation, **assumed)
    assert judge.readable(latex) == 1
    (verdict,) = judge.judge(latex)
    assert verdict.status == "holds", verdict.detail
    assert verdict.comparisons > 0


@pytest.mark.parametrize(("notation", "latex", "assumed"), MISTAKEN, ids=[f"{n}-{l}" for n, l, _ in MISTAKEN])
def test_wrong_as_its_source_would_write_it(notation, latex, assumed):
    (verdict,) = Judge(notation, **assumed).judge(latex)
    assert verdict.status in ("refuted", "depends"), verdict


def test_single_letters_may_be_changed():
    own = named("nielsen").changed(u="z", y=Symbol("a", "column", layer="L"), t=Symbol("t", "column", layer="L"))
    judge = Judge(own, cost="SquaredError")
    assert judge.judge(r"u^l = w^l a^{l-1} + b^l")[0].status == "holds"
    assert judge.judge(r"\delta^L = (y - t) \odot \sigma'(u^L)")[0].status == "holds"
    assert judge.judge(r"\delta^L = (t - y) \odot \sigma'(u^L)")[0].status != "holds"
    with pytest.raises(ValueError, match="no letter 'q'"):
        own.changed(u="q")


def test_an_unknown_notation_is_refused_with_those_that_are_known():
    with pytest.raises(ValueError, match=r"must be one of book, nielsen, deeplearning\.ai, .*; got 'nielson'"):
        Judge("nielson")


@pytest.mark.parametrize("name", NOTATIONS)
def test_a_notation_reads_its_own_equations_best(name):
    """The notation is detected by what can be read, never by what holds."""
    table = [latex for latex, _ in RIGHT[name]]
    scores = {other: sum(Judge(other).readable(latex) for latex in table) for other in NOTATIONS}
    assert scores[name] == len(table)
    assert scores[name] == max(scores.values())


LAYOUTS = [
    ("book", r"\frac{\partial C}{\partial \mathbf{a}^{l-1}} = \frac{\partial C}{\partial \mathbf{z}^{l}} \mathbf{W}^l"),
    ("nielsen", r"\frac{\partial C}{\partial a^{l-1}} = (\delta^l)^T w^l"),
]


@pytest.mark.parametrize(("notation", "latex"), LAYOUTS)
def test_what_is_right_in_the_other_layout_of_derivatives_depends_on_it(notation, latex):
    (verdict,) = Judge(notation).judge(latex)
    assert verdict.status == "depends"
    assert "numerator layout" in verdict.detail


def test_the_error_s_two_indices_are_no_kronecker_delta_where_one_is_a_sample():
    assert (
        Judge("bishop", output="sigmoid", cost="BinaryCrossEntropy").judge(r"\delta_{nk} = y_{nk} - t_{nk}")[0].status
        == "holds"
    )


UNSAID = [  # an equation in a file that declares no notation, and its verdict
    (r"z^{(k)} = W^{(k)} a^{(k-1)} + b^{(k)}", "weights and biases have the number of the layer they lead to"),
    (r"\frac{\partial J}{\partial W^{(k)}} = \delta^{(k)} (a^{(k-1)})^T", "the layer they lead to"),
    (r"\frac{\partial J}{\partial A^{(k)}} = W^{(k+1)T} \frac{\partial J}{\partial Z^{(k+1)}}", "samples are columns"),
    (r"a_p = \frac{e^{z_p}}{\sum_q e^{z_q}}", "every index counts the outputs, for categorical cross-entropy"),
]


def verdicts_of(tmp_path, *displays, declared=""):
    page = tmp_path / "page.md"
    page.write_text(declared + "".join(f"$$\n{display}\n$$\n\n" for display in displays), encoding="utf-8")
    return [result.verdict for result in examine.examine(documents.read(page)).results]


@pytest.mark.parametrize(("latex", "said"), UNSAID)
def test_where_no_notation_is_declared_a_usual_reading_is_tried_first(latex, said, tmp_path):
    (verdict,) = verdicts_of(tmp_path, latex)
    assert verdict.status == "depends"
    assert said in verdict.detail


def test_a_declared_notation_is_kept_to_and_what_no_reading_makes_right_is_refuted(tmp_path):
    declared = "---\nnnbook: {notation: ufldl}\n---\n\n"
    assert verdicts_of(tmp_path, UNSAID[0][0], declared=declared)[0].status == "refuted"
    (verdict,) = verdicts_of(tmp_path, r"\delta^{(k)} = (W^{(k)} \delta^{(k+1)}) \odot f'(z^{(k)})")
    assert verdict.status == "refuted"


def test_empty_rows_of_a_display_are_passed_over(tmp_path):
    rows = r"\begin{aligned} x + y &= y + x \\ \\ 2 x &= x + x \end{aligned}"
    assert [verdict.status for verdict in verdicts_of(tmp_path, rows)] == ["holds", "holds"]
