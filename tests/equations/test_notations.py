"""Equations in the notation of twelve sources: the right ones hold, the wrong ones never do."""

import pytest
from notations_table import RIGHT, WRONG

from nnbook.equations import Judge
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
    """Found out by what can be read, and never by what holds."""
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
