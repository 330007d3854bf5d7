"""Forms of lecture notes: entries and sums of batches, samples above, a slope g' of a letter that is not explained."""

import pytest

from nnbook.equations import Judge
from nnbook.equations.notations import NOTATIONS
from nnbook.equations.undeclared import undeclared


def status(notation, latex, declared=True):
    judge = Judge(notation if declared else undeclared(NOTATIONS[notation], ""))
    return {verdict.status for verdict in judge.judge(latex)}


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (r"z^{x,l} = w^l a^{x,l-1} + b^l", r"z^{x,l} = w^l a^{x,l-1} - b^l"),
        (r"\delta^{x,L} = \nabla_a C_x \odot \sigma'(z^{x,L})", r"\delta^{x,L} = \nabla_a C_x \odot \sigma(z^{x,L})"),
        (
            r"\frac{\partial C_x}{\partial b^l} = \delta^{x,l}",
            r"\frac{\partial C}{\partial b^l} = \sum_x \delta^{x,l} + \delta^{x,l}",
        ),
    ],
)
def test_nielsen_writes_the_sample_before_the_layer(right, wrong):
    assert status("nielsen", right) == {"holds"}
    assert "holds" not in status("nielsen", wrong)
    assert status("book", right) == {"unreadable"}


@pytest.mark.parametrize("notation", ["book", "nielsen"])
@pytest.mark.parametrize("above", ["2,l", "2,3", "k,l"])
def test_what_is_no_sample_does_not_stand_before_a_layer(notation, above):
    assert status(notation, rf"a^{{{above}}}_j = \sigma(z^{{{above}}}_j)") == {"unreadable"}


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (
            r"Z^{[l]}_{ji} = \sum_k W^{[l]}_{jk} A^{[l-1]}_{ki} + b^{[l]}_j",
            r"Z^{[l]}_{ji} = \sum_k W^{[l]}_{jk} A^{[l-1]}_{ki} - b^{[l]}_j",
        ),
        (
            r"\frac{\partial J}{\partial W^{[l]}_{jk}} = \frac{1}{m} \sum_i A^{[l-1]}_{ki} dZ^{[l]}_{ji}",
            r"\frac{\partial J}{\partial W^{[l]}_{jk}} = \frac{1}{m} \sum_i A^{[l]}_{ji} dZ^{[l]}_{ji}",
        ),
        (r"db^{[l]} = \frac{1}{m} \sum_{i=1}^{m} dZ^{[l]}", r"db^{[l]} = \frac{1}{m} \sum_{i=1}^{m} dA^{[l]}"),
        (r"db^{[l]} = \frac{1}{m} \sum_i dZ^{[l]}", r"db^{[l]} = \frac{2}{m} \sum_i dZ^{[l]}"),
    ],
)
def test_entries_and_sums_of_a_batch(right, wrong):
    assert status("deeplearning.ai", right) == {"holds"}
    assert status("deeplearning.ai", wrong) == {"refuted"}


def test_which_index_counts_samples_must_be_declared_before_an_equation_is_wrong():
    rows = r"\hat{Y}_{ij} = \frac{e^{Z_{ij}}}{\sum_k e^{Z_{ik}}}"
    entries = r"A^{[2]}_{ij} = \frac{e^{Z^{[2]}_{ij}}}{\sum_k e^{Z^{[2]}_{ik}}}"
    assert status("deeplearning.ai", rows, declared=False) == {"depends"}
    (verdict,) = Judge(undeclared(NOTATIONS["deeplearning.ai"], "")).judge(entries)
    assert verdict.status == "unreadable"
    said = "declare the notation: it says which index of A_{i j}^{[2]} counts the samples"
    assert verdict.detail.splitlines()[0] == said
    assert status("deeplearning.ai", entries) == {"refuted"}


def test_a_sum_without_its_index_is_that_of_a_batch_only_over_samples():
    assert status("deeplearning.ai", r"db^{[l]} = \sum_{i=1}^{n^{[l]}} dZ^{[l]}") == {"unreadable"}
    assert status("deeplearning.ai", r"dz^{[l]} = \sum_i dz^{[l]}") == {"unreadable"}


@pytest.mark.parametrize("letter", ["g", r"\phi"])
def test_the_slope_of_an_input_is_that_of_its_activation(letter):
    right = rf"\delta^{{(3)}} = (W^{{(3)}})^T \delta^{{(4)}} \odot {letter}'(z^{{(3)}})"
    assert status("ufldl", right, declared=False) == {"holds"}
    assert status("ufldl", right.replace(r"\odot", r"\odot 2"), declared=False) == {"refuted"}
    assert status("ufldl", right.replace("W^{(3)}", "W^{(2)}"), declared=False) == {"refuted"}


@pytest.mark.parametrize(
    "latex",
    [
        r"a^{(3)} = q'(a^{(3)})",  # of what is no input
        r"a^{(3)} = q''(z^{(3)})",
        r"a^{(3)} = q'(2 z^{(3)})",
    ],
)
def test_another_letter_is_left_without_a_meaning(latex):
    assert status("ufldl", latex, declared=False) <= {"unreadable", "needs values"}


def test_a_letter_below_a_derivative_that_means_nothing_is_named():
    (verdict,) = Judge("ufldl").judge(r"\frac{\partial J}{\partial p_j} = p_j")
    assert verdict.status == "needs values"
    assert verdict.detail.startswith("no meaning for p_{j}: ")


def test_a_prime_on_a_letter_that_means_nothing_is_explained():
    (verdict,) = Judge("ufldl").judge(r"a^{(3)} = q'(a^{(3)})")
    said = "only a function takes a prime, and nothing says that q is one: declare it"
    assert verdict.detail.splitlines()[0] == said
