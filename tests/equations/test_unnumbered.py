"""Letters without a layer, in notes that declare no notation: those of the one layer, or the one unit, with weights."""

import pytest

from nnbook.equations import Judge
from nnbook.equations.notations import NOTATIONS, ONE_LAYER, ONE_UNIT
from nnbook.equations.undeclared import undeclared

CASES = [  # (notation, right, on what it depends, wrong near-relatives)
    (
        "deeplearning.ai",
        r"\frac{\partial L}{\partial Z} = \hat{Y} - Y",
        f"{ONE_LAYER}, for binary cross-entropy",
        (r"\frac{\partial L}{\partial Z} = Y - \hat{Y}", r"\frac{\partial L}{\partial Z} = \hat{Y} + Y"),
    ),
    (
        "deeplearning.ai",
        r"dW = X^T \cdot dZ",
        "the order from, to, and the cost is the sum over all samples",
        (r"dW = X^T \cdot Z", r"dW = -X^T \cdot dZ", r"dW = dZ^T \cdot X \cdot dZ"),
    ),
    (
        "deeplearning.ai",
        r"\frac{\partial \hat{y}_k}{\partial z_i} = \begin{cases} \hat{y}_i (1 - \hat{y}_i) & k = i \\"
        r" -\hat{y}_k \hat{y}_i & k \neq i \end{cases}",
        f"{ONE_LAYER}, for categorical cross-entropy",
        (
            r"\frac{\partial \hat{y}_k}{\partial z_i} = \begin{cases} \hat{y}_i (1 + \hat{y}_i) & k = i \\"
            r" -\hat{y}_k \hat{y}_i & k \neq i \end{cases}",
        ),
    ),
    (
        "nielsen",
        r"\frac{\partial C}{\partial b} = \delta",
        ONE_LAYER,
        (r"\frac{\partial C}{\partial b} = 2 \delta", r"\frac{\partial C}{\partial b} = a \odot \delta"),
    ),
    (
        "nielsen",
        r"a = \sigma\left(\sum{w_i x_i} + b\right)",
        ONE_UNIT,
        (r"a = \sigma\left(\sum{w_i x_i} - b\right)", r"a = \sigma\left(\sum{w_i x_i}\right) + b"),
    ),
    (
        "wikipedia",
        r"\frac{\partial L}{\partial a} = -\left[\frac{y}{a} - \frac{1 - y}{1 - a}\right] = \frac{a - y}{a (1 - a)}",
        f"{ONE_LAYER}, and there is one output unit, for binary cross-entropy",
        (
            r"\frac{\partial L}{\partial a} = \frac{y - a}{a (1 - a)}",
            r"\frac{\partial L}{\partial a} = \frac{a - y}{a}",
        ),
    ),
    (
        "ufldl",
        r"\frac{\partial J}{\partial \theta_j} = (h_\theta - y) \cdot x_j",
        f"{ONE_UNIT}, for binary cross-entropy",
        (
            r"\frac{\partial J}{\partial \theta_j} = (h_\theta + y) \cdot x_j",
            r"\frac{\partial J}{\partial \theta_j} = (h_\theta - y) \cdot \theta_j",
        ),
    ),
    (
        "ufldl",
        r"h_\theta(x) = \sigma(\theta^T x)",
        f"{ONE_UNIT}, and no bias beside them",
        (r"h_\theta(x) = \sigma(-\theta^T x)", r"h_\theta(x) = \theta^T x + 1"),
    ),
]


def verdict_of(notation, latex):
    (verdict,) = Judge(undeclared(NOTATIONS[notation], r"a_1 = \sigma(z_1)")).judge(latex)
    return verdict


@pytest.mark.parametrize(("notation", "right", "said", "wrong"), CASES)
def test_they_are_those_of_the_only_layer_with_weights(notation, right, said, wrong):
    verdict = verdict_of(notation, right)
    assert verdict.status == "depends"
    assert said in verdict.detail
    assert [verdict_of(notation, latex).status for latex in wrong] == ["unreadable"] * len(wrong)


def test_a_number_below_a_letter_may_be_its_layer():
    assert verdict_of("deeplearning.ai", r"\frac{\partial L}{\partial z_1} = \hat{y}_1 - y_1").status == "unreadable"


def test_an_equation_with_numbered_layers_is_refuted_as_before():
    assert verdict_of("nielsen", r"\frac{\partial C}{\partial b^l} = a^l \odot \delta^l").status == "refuted"
    assert verdict_of("wikipedia", r"\frac{\partial E}{\partial w_{ij}} = o_j \delta_j").status == "refuted"


def test_a_layer_above_is_not_taken_for_a_sample():
    assert verdict_of("ufldl", r"\frac{\partial J}{\partial b_i^{(l)}} = \delta_i^{(l)}").status != "holds"
    (verdict,) = Judge("ufldl").judge(r"\frac{\partial J}{\partial b_i^{(l)}} = \delta_i^{(l)}")
    assert verdict.status == "refuted"
