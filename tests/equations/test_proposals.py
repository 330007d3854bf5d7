"""A refutation proposes the small change that would make the equation hold, and only one that was checked."""

import pytest

from nnbook.equations import Judge

SLIPS = [
    (
        "book",
        r"\delta^l_i = \left( \sum_j \delta^{l+1}_j w^{l+1}_{ij} \right) f'(z^l_i)",
        {},
        "holds with w^{l+1}_{ji}",
    ),
    (
        "book",
        r"\delta^l_i = \left( \sum_j \delta^l_j w^{l+1}_{ji} \right) f'(z^l_i)",
        {},
        r"holds with \delta^{l+1}_{j}",
    ),
    (
        "book",
        r"\delta^l_i = \left( \sum_j \delta^{l+1}_j w^{l+1}_{ji} \right) f(z^l_i)",
        {},
        "holds with f'(z^{l}_{i})",
    ),
    ("book", r"\delta^l_i = -\left( \sum_j \delta^{l+1}_j w^{l+1}_{ji} \right) f'(z^l_i)", {}, "holds with"),
    ("book", r"C = \sum_j (t_j - a^L_j)^2", {"cost": "SquaredError"}, r"holds with \frac{1}{2} before the right side"),
    ("book", r"\frac{\partial J}{\partial b^l_j} = \sum_{k=1}^N \delta^l_{kj}", {}, "holds with 1/N before"),
    ("book", r"(a+b)^2 = a^2 - 2ab + b^2", {}, "holds with a-b"),
    ("nielsen", r"\delta^l = (w^{l+1} \delta^{l+1}) \odot \sigma'(z^l)", {}, r"holds with (w^{l+1})^{\top}"),
    ("deeplearning.ai", r"dW^{[l]} = dZ^{[l]} A^{[l-1]T}", {}, "holds with 1/m before the right side"),
]


@pytest.mark.parametrize(("notation", "latex", "assumed", "proposal"), SLIPS)
def test_a_slip_is_named(notation, latex, assumed, proposal):
    (verdict,) = Judge(notation, **assumed).judge(latex)
    assert verdict.status == "refuted"
    assert proposal in verdict.proposal


@pytest.mark.parametrize("latex", [r"\sigma'(z) = 1 - \sigma(z)", r"a^l_j = (z^l_j)^3", r"\delta^l_j = a^{l-1}_j"])
def test_nothing_is_proposed_where_no_small_change_helps(latex):
    (verdict,) = Judge().judge(latex)
    assert verdict.status == "refuted"
    assert verdict.proposal == ""
