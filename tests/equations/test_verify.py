"""`nn.verify`: what it prints, what it refuses, and that it compares three ways."""

import pytest
from documents_of import notebook

import nnbook as nn
from nnbook.equations import EquationError, EquationRefuted, UnreadableEquation, check, package_side

HIDDEN = r"\delta^l_i = \Bigl(\sum_{j=1}^{n_{l+1}} \delta^{l+1}_j w^{l+1}_{ji}\Bigr)\, f'(z^l_i)"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty current folder, with no running notebook."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    return tmp_path


def test_success_prints_one_line_that_is_the_same_every_time(folder, capsys):
    (folder / "one.ipynb").write_text(notebook(f"The recursion:\n\n$$\n{HIDDEN}\n$$ (eq-hidden-delta)\n\nso."))
    assert nn.verify("eq-hidden-delta") is None
    nn.verify("eq-hidden-delta")
    first, second = capsys.readouterr().out.splitlines()
    assert first == second == "eq-hidden-delta  holds (962 comparisons, tolerance 1e-9)"
    nn.verify(latex=HIDDEN)
    assert capsys.readouterr().out == "the equation holds (962 comparisons, tolerance 1e-9)\n"


def test_a_refusal_shows_the_equation_the_indices_both_sides_and_the_error(folder):
    with pytest.raises(EquationRefuted) as refusal:
        nn.verify(latex=HIDDEN.replace("f'", "f"))
    message = str(refusal.value)
    assert HIDDEN.replace("f'", "f") in message
    for part in (
        "first at l = 2, i = 1, sample 1",
        "left side",
        "right side",
        "of their size (tolerance 1e-09)",
        "network",
    ):
        assert part in message
    assert isinstance(refusal.value, AssertionError)


@pytest.mark.parametrize(
    ("arguments", "kind", "reason"),
    [
        ({}, TypeError, "either a label or latex="),
        ({"label": "eq-x", "latex": "a = b"}, TypeError, "either a label or latex="),
        ({"label": 3}, TypeError, "label must be a string; got int"),
        ({"latex": "a = b", "sizes": [3]}, ValueError, r"at least 2 positive whole numbers; got \[3\]"),
        ({"latex": "a = b", "sizes": [3, 0]}, ValueError, "positive whole numbers"),
        ({"latex": "a = b", "sizes": [784, 100, 10]}, ValueError, "at most 10,000 weights"),
        ({"latex": "a = b", "hidden": "sigmod"}, ValueError, "hidden must be one of"),
        ({"latex": "a = b", "hidden": "softmax"}, ValueError, "elementwise"),
        ({"latex": "a = b", "hidden": ["tanh"], "sizes": [3, 2]}, ValueError, "hidden needs one name"),
        ({"latex": "a = b", "cost": "hinge"}, ValueError, "cost must be one of"),
        ({"latex": "a = b", "penalty": 0.1}, ValueError, "penalty must be L1 or L2"),
        ({"latex": "a = b", "tolerance": 0}, ValueError, "between 0 and 1; got 0"),
        ({"latex": "a = b", "given": {"a": 1}}, TypeError, "given must be a function of rng"),
        ({"latex": "a = b", "given": lambda rng: {}, "output": "tanh"}, ValueError, "given supplies every value"),
    ],
)
def test_bad_arguments_are_refused_before_any_work(arguments, kind, reason):
    with pytest.raises(kind, match=reason):
        nn.verify(**arguments)


def test_assumptions_may_be_the_package_s_own_objects():
    latex = r"\delta^L_j = (a^L_j - t_j)\,a^L_j\,(1 - a^L_j)"
    counts = {
        check(latex, output=output, cost=cost).comparisons
        for output, cost in [
            ("sigmoid", "SquaredError"),
            (nn.sigmoid, nn.SquaredError()),
            (nn.sigmoid, nn.SquaredError),
        ]
    }
    assert len(counts) == 1


# --- three ways ---


@pytest.mark.parametrize(
    ("name", "latex"),
    [
        ("hidden_delta", HIDDEN),
        ("output_delta", r"\delta^L_j = \frac{\partial C}{\partial a^L_j}\, f'(z^L_j)"),
        ("weight_gradient", r"\frac{\partial C}{\partial w^l_{ji}} = \delta^l_j\, a^{l-1}_i"),
        ("bias_gradient", r"\frac{\partial C}{\partial b^l_j} = \delta^l_j"),
        ("backprop", r"\frac{\partial C_T}{\partial \mathbf{W}^l} = (\boldsymbol\Delta^l)^\top \mathbf{A}^{l-1}"),
    ],
)
def test_a_package_that_is_wrong_is_refused_though_the_page_is_right(name, latex, monkeypatch):
    assert check(latex).package > 0
    right = getattr(nn, name)

    def wrong(*arguments, **options):
        result = right(*arguments, **options)
        if name == "backprop":
            for l in range(2, len(arguments[0].sizes) + 1):
                result.W[l] *= 1.001
            return result
        return result * 1.001

    monkeypatch.setattr(nn, name, wrong)
    with pytest.raises(EquationRefuted, match="the package"):
        check(latex)


def test_a_wrong_forward_pass_cost_or_activation_of_the_package_is_refused(monkeypatch):
    forward = nn.Network.forward
    with monkeypatch.context() as patch:
        patch.setattr(nn.Network, "forward", lambda net, x: forward(net, 1.01 * x))
        with pytest.raises(EquationRefuted, match="the package"):
            check(r"z^l_j = \sum_{i=1}^{n_{l-1}} w^l_{ji} a^{l-1}_i + b^l_j")
    with monkeypatch.context() as patch:
        patch.setattr(nn.SquaredError, "__call__", lambda cost, a, t: ((a - t) ** 2).sum(axis=-1))
        with pytest.raises(EquationRefuted, match="the package"):
            check(r"C = \frac12 \sum_{j=1}^{n_L} (a^L_j - t_j)^2", cost="SquaredError")
    with monkeypatch.context() as patch:
        patch.setattr(type(nn.tanh), "derivative", lambda f, z, **_: 1 + f(z) ** 2)
        with pytest.raises(EquationRefuted, match="the package"):
            check(r"\tanh'(z) = 1 - \tanh^2(z)")
    with monkeypatch.context() as patch:
        patch.setattr(nn.Network, "parameter_count", 7)
        with pytest.raises(EquationRefuted, match="the package"):
            check(r"P = \sum_{l=2}^{L} n_l (n_{l-1} + 1)")


def test_the_page_is_refused_though_the_package_agrees_with_it(monkeypatch):
    """The page is not compared with the package only: both are compared with the definition."""
    monkeypatch.setattr(package_side.PackageSide, "value", lambda *_: None)
    with pytest.raises(EquationRefuted, match="left side"):
        check(r"\frac{\partial C}{\partial b^l_j} = 2 \delta^l_j")


@pytest.mark.parametrize("between", ["2, 7", "2, 4", "2, 2, 3", "2, 3, 5", "2, x"])
def test_a_range_with_dots_counts_up_by_one(between):
    nn.verify(latex=r"a^l_j = f(z^l_j), \quad l = 2, 3, \dots, L")
    with pytest.raises(UnreadableEquation, match="a range counts up by 1"):
        nn.verify(latex=rf"a^l_j = f(z^l_j), \quad l = {between}, \dots, L")


@pytest.mark.parametrize("latex", [3, ["a = b"], b"a = b"])
def test_an_equation_is_a_string(latex):
    with pytest.raises(TypeError, match="latex must be a string"):
        nn.verify(latex=latex)


def test_an_uncaught_error_in_a_notebook_shows_the_rendered_equation_and_no_calls(monkeypatch):
    import IPython.display

    shown = []
    monkeypatch.setattr(IPython.display, "display", shown.append)
    for latex in (r"\delta^L_j = a^L_j - t_j % wrong", r"\delta^L_j = \foo"):
        with pytest.raises(EquationError) as refusal:
            nn.verify(latex=latex)
        (message,) = refusal.value._render_traceback_()
        assert message == f"{refusal.type.__name__}: {refusal.value}"
        assert shown.pop().data.strip() == latex.partition(" %")[0]
