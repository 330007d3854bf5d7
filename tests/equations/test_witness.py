"""A package that computes a number other than the definition's is refused on either side of an equation."""

import numpy as np
import pytest

import nnbook as nn
from nnbook.equations import EquationRefuted, check

CASES = [  # what is broken, and an equation with the package's number on one side
    ("sum of δ", nn, "output_delta", r"\sum_{j=1}^{n_L} \delta^L_j = 0", {"output": "softmax"}),
    ("right side", nn, "output_delta", r"0 = \sum_{j=1}^{n_L} \delta^L_j", {"output": "softmax"}),
    ("an inequality", nn, "hidden_delta", r"-1 - \lvert \delta^l_j \rvert < \delta^l_j", {}),
    ("J", nn.L2, "__call__", r"J = \frac{C_T}{N} + \frac{\lambda}{2} \sum_l \sum_j \sum_i (w^l_{ji})^2", {}),
    ("the derivative of J", nn.L1, "gradient", r"\frac{\partial J}{\partial b^l_j} + 0 \frac{\partial J}{\partial "
     r"w^l_{ji}} = \frac{1}{N} \frac{\partial C_T}{\partial b^l_j}", {"penalty": nn.L1(0.3)}),
    ("∂a/∂z", nn.softmax, "jacobian", r"\frac{\partial a^L_j}{\partial z^L_j} = a^L_j (1 - a^L_j)",
     {"output": "softmax"}),
    ("f'", nn.tanh, "derivative", r"\delta^L_j = \frac{\partial C}{\partial a^L_j} f'(z^L_j)", {"output": "tanh"}),
    ("a named function", nn.softplus, "derivative", r"0 = \mathrm{softplus}'(z) - \sigma(z)", {}),
]  # fmt: skip


@pytest.mark.parametrize(("what", "owner", "name", "latex", "assumed"), CASES, ids=[case[0] for case in CASES])
def test_a_wrong_number_of_the_package_is_refused(monkeypatch, what, owner, name, latex, assumed):
    check(latex, **assumed)
    place = owner if isinstance(owner, type) or owner is nn else type(owner)
    right = getattr(place, name)
    monkeypatch.setattr(place, name, lambda *arguments, **options: right(*arguments, **options) * 1.001)
    with pytest.raises(EquationRefuted, match="the package"):
        check(latex, **assumed)


def test_it_is_the_package_that_is_named_and_no_assumption_is_offered(monkeypatch):
    right = nn.output_delta
    monkeypatch.setattr(nn, "output_delta", lambda *arguments: right(*arguments) + 1)
    with pytest.raises(EquationRefuted, match=r"delta of layer \d: the package's is .*, not ") as refusal:
        check(r"\sum_{j=1}^{n_L} \delta^L_j = 0", output="softmax")
    assert refusal.value.status == "refuted"
    assert refusal.value.where == ""


def test_targets_that_the_cost_refuses_are_compared_all_the_same(monkeypatch):
    latex, assumed = r"\delta^L_j = a^L_j \sum_i t_i - t_j", {"output": "softmax", "targets": "any"}
    assert check(latex, cost=nn.CategoricalCrossEntropy(), **assumed).package > 0
    right = nn.output_delta
    monkeypatch.setattr(nn, "output_delta", lambda *arguments: 2 * right(*arguments))
    with pytest.raises(EquationRefuted, match="the package"):
        check(latex, cost=nn.CategoricalCrossEntropy(), **assumed)


# --- given= -----------------------------------------------------------------------------------------------------------

ROWS = r"\begin{aligned} y &= 2 x \\ z &= 3 x \end{aligned}"


def test_the_package_answers_for_each_row_of_a_display():
    def given(*package):
        return lambda rng: {"x": 2.0, "y": 4.0, "z": 6.0, "package": package}

    assert check(ROWS, given=given(4.0, 6.0)).package == 10
    with pytest.raises(EquationRefuted, match="the package"):
        check(ROWS, given=given(4.0, 4.0))
    with pytest.raises(ValueError, match="'package' has 3 entries, and the display has 2 equations"):
        check(ROWS, given=given(4.0, 6.0, 6.0))


def test_the_package_says_whether_an_equivalence_holds():
    latex = r"\lvert x \rvert < 1 \iff x^2 < 1"

    def given(says):
        return lambda rng: [{"x": x, "package": says(x)} for x in (-2.0, -0.5, 0.5, 2.0)]

    assert check(latex, given=given(lambda x: -1 < x < 1)).package == 4
    with pytest.raises(EquationRefuted, match="left side is false, right side is false, the package is true"):
        check(latex, given=given(lambda x: x < 1))


def test_the_coefficient_of_determination_may_be_negative():
    check(r"R^2 = 1 - \frac{u}{v}", given=lambda rng: {"R^2": -2.0, "u": 3.0, "v": 1.0})
    with pytest.raises(EquationRefuted):
        check(r"R^2 = 1 - \frac{u}{v}", given=lambda rng: {"R^2": 2.0, "u": 3.0, "v": 1.0})


def test_a_default_of_the_package_function_is_left_alone():
    values = np.array([1.0, 2.0, 3.0])
    check("u_s = s + 1", given=lambda rng: {"u_0": values, "package": lambda s, kept=values: kept[s]})
