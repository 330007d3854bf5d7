"""The checker of exercise answers says "Right." only for right answers."""

import re
from fractions import Fraction

import numpy as np
import pytest

import nnbook as nn

EXPECTED = np.array([[1.0, -2.0, 3.0], [0.5, 0.0, -1.5]])


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (EXPECTED, "Right."),
        (EXPECTED.tolist(), "Right."),
        (EXPECTED * (1 + 1e-9), "Right."),
        (..., "No answer yet"),
        (None, "No answer yet: it is None. Is a return missing?"),
        (EXPECTED.T, "looks transposed"),
        (EXPECTED.ravel(), r"shape should be \(2, 3\); it is \(6,\)"),
        (-EXPECTED, "but for its sign"),
        (np.add(EXPECTED, [[0, 0, 0], [0, 1e-3, 0]]), r"1 of 6 entries differ, the first at \[1, 1\]"),
        (EXPECTED * 2, "5 of 6 entries differ"),
        (np.full((2, 3), np.nan), "NaN"),
        ("three", "made of numbers; it is of type str"),
        (EXPECTED + 0j, "made of real numbers; it is complex"),
    ],
)
def test_the_verdict_names_what_is_wrong(answer, verdict, capsys):
    nn.check_answer(answer, EXPECTED)
    out = capsys.readouterr().out
    assert re.search(verdict, out)
    assert ("Right." in out) == (verdict == "Right.")


def test_numbers_are_answers_too(capsys):
    nn.check_answer(0.75, 3 / 4)
    nn.check_answer(0.7, 3 / 4)
    nn.check_answer(Fraction(3, 4), Fraction(6, 8))
    assert capsys.readouterr().out == "Right.\nNot yet: the number differs.\nRight.\n"


def test_zero_is_only_right_where_zero_is_expected(capsys):
    nn.check_answer(0.0, 0.0)
    nn.check_answer(0.0, 1e-9)
    assert capsys.readouterr().out == "Right.\nNot yet: the number differs.\n"


@pytest.mark.parametrize("tolerance", [0, -1, float("nan")])
def test_a_tolerance_must_be_above_zero(tolerance):
    with pytest.raises(ValueError, match="tolerance"):
        nn.check_answer(1.0, 1.0, tolerance=tolerance)


def test_the_expected_answer_must_be_real():
    with pytest.raises(TypeError, match="expected must be made of real numbers"):
        nn.check_answer(1.0, 1 + 0j)


def test_the_expected_answer_must_be_finite():
    with pytest.raises(ValueError, match="expected"):
        nn.check_answer(1.0, np.inf)


def test_an_expected_function_is_called_for_an_answer_only(capsys):
    calls = []

    def expected():
        calls.append(1)
        return 0.75

    for answer in (..., 0.75, 0.5):
        nn.check_answer(answer, expected)
    said = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in said] == ["No answer yet", "Right.", "Not yet"]
    assert len(calls) == 2
