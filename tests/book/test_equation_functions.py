"""The check of every numbered equation fails when the function of the package that it should call is broken."""

import equation_functions
import numpy as np
import pytest
import score_equations
from equation_functions import breaking, raises, shifted, unnoticed, zeros

import nnbook as nn
from nnbook.core import formulas, propagation
from nnbook.equations import check

FUNCTIONS, MATHEMATICS = equation_functions.table()
NUMBERED = {
    equation.label: (document, equation)
    for document in score_equations.documents()
    for equation in document.equations
    if equation.label
}


def checked(label):
    """Do what the cell of an equation does, including the cells that it needs."""
    document, equation = NUMBERED[label]
    return check(equation.latex, label=label, **score_equations.arguments_of(document, equation))


def test_every_equation_names_a_function_or_says_why_not():
    missing = sorted(set(NUMBERED) - {*FUNCTIONS, *MATHEMATICS})
    assert not missing, (
        f"book/equation-functions.toml does not list {', '.join(missing)}: name the function of the package that its "
        "check calls under [function], or give a reason under [mathematics]"
    )
    gone = sorted({*FUNCTIONS, *MATHEMATICS} - set(NUMBERED))
    assert not gone, f"book/equation-functions.toml speaks of {', '.join(gone)}, which the book does not print"


@pytest.mark.parametrize("label", sorted(set(FUNCTIONS) & set(NUMBERED)))
def test_a_check_fails_when_its_function_is_broken(label, record_checked):
    checked(label)
    held = unnoticed(FUNCTIONS[label], lambda: checked(label))
    assert not held, f"the check of {label} does not notice that {FUNCTIONS[label]} is broken: {', '.join(held)}"
    record_checked("equations", checked_against_the_package=1)


@pytest.mark.parametrize("label", sorted(set(MATHEMATICS) & set(NUMBERED)))
def test_what_is_called_mathematics_does_not_ask_the_package(label, record_checked):
    assert checked(label).package == 0, f"the check of {label} asks the package: name the function under [function]"
    record_checked("equations", mathematics_only=1)


# --- the test itself refuses ------------------------------------------------------------------------------------------

SOFTPLUS = r"f'(z) = \sigma(z)"


def typed(_):
    return {"f": lambda z: np.log(1 + np.exp(z)), "z": 0.7, r"\sigma": lambda z: 1 / (1 + np.exp(-z))}


def glanced_at(rng):
    nn.sigmoid(np.array([0.7]))  # and thrown away
    return typed(rng)


def compared(rng):
    return {**typed(rng), "package": lambda z: float(nn.sigmoid(np.array([z]))[0])}


@pytest.mark.parametrize(
    ("given", "held"),
    [(typed, ["zeros", "shifted", "raises"]), (glanced_at, ["zeros", "shifted"]), (compared, [])],
    ids=["does not ask", "asks and does not compare", "asks"],
)
def test_a_check_that_does_not_ask_the_package_is_caught(given, held):
    assert unnoticed("nnbook.sigmoid", lambda: check(SOFTPLUS, given=given)) == held


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nnbook.sigmoyd", "nnbook.sigmoyd is not in the package"),
        ("nnbook.Network.backward", "nnbook.Network.backward is not in the package"),
        ("nnbook.core.passes._mask", "not a public name"),
        ("numpy.exp", "not a public name"),
        ("nnbook.__version__", "not a public name"),
        ("nnbook.SGD", "not a function or a method"),
    ],
)
def test_a_name_that_is_no_function_of_the_package_is_refused(name, message):
    with pytest.raises(ValueError, match=message), breaking(name, zeros):
        pass


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[function]\neq-a = "nnbook.fit"\n[mathematics]\neq-a = "why"\n', "eq-a are listed under"),
        ('[function]\neq-a = ""\n[mathematics]\n', "eq-a need a function or a reason"),
    ],
)
def test_a_table_that_contradicts_itself_or_says_nothing_is_refused(tmp_path, text, message):
    file = tmp_path / "equation-functions.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        equation_functions.table(file)


# --- what a broken function does --------------------------------------------------------------------------------------


def test_a_function_is_broken_under_every_module_that_names_it_and_mended_again():
    before = formulas.hidden_delta, nn.hidden_delta, propagation.Pass
    with breaking("nnbook.hidden_delta", raises):
        net, x, t = nn.datasets.one_three_two()
        with pytest.raises(RuntimeError):
            nn.hidden_delta(np.ones(2), net.W[3], np.ones(3), nn.sigmoid)
        with pytest.raises(RuntimeError):  # training uses the unchecked formula of the same name
            nn.backprop(net, x[None], t[None], nn.SquaredError())
    assert before == (formulas.hidden_delta, nn.hidden_delta, propagation.Pass)
    nn.backprop(net, x[None], t[None], nn.SquaredError())


def test_every_number_of_a_result_is_changed_once():
    net, x, t = nn.datasets.one_three_two()
    right = nn.backprop(net, x[None], t[None], nn.SquaredError())
    with breaking("nnbook.backprop", shifted):
        wrong = nn.backprop(net, x[None], t[None], nn.SquaredError())
    np.testing.assert_allclose(wrong.parameters, 1.5 * right.parameters + 1)
    np.testing.assert_allclose(wrong.W[2], 1.5 * right.W[2] + 1)  # a view of the same numbers
    np.testing.assert_allclose(wrong.delta[3], 1.5 * right.delta[3] + 1)
    assert wrong.cost == 1.5 * right.cost + 1
    with breaking("nnbook.flops", shifted):
        assert nn.flops([12, 3, 2]) == (43, 49)
    with breaking("nnbook.Network.parameter_count", zeros):
        assert net.parameter_count == 0
    np.testing.assert_array_equal(x, nn.datasets.one_three_two()[1])  # the argument is unchanged


def test_what_a_function_writes_is_changed_too():
    net, x, t = nn.datasets.one_three_two()
    with breaking("nnbook.fit", zeros):
        nn.fit(net, x[None], t[None], nn.SquaredError(), optimizer=nn.SGD(0.1), epochs=1)
    assert not net.parameters.any()
    with breaking("nnbook.SGD.update", zeros):
        optimizer, p = nn.SGD(0.1), np.ones(3)
        optimizer.update(p, np.ones(3), optimizer.init(p), out=p)
    assert not p.any()
    with breaking("nnbook.tape.Var.backward", zeros):
        a = nn.tape.Var(2.0)
        (a * a).backward()
    assert (float(a.value), float(a.grad)) == (2.0, 0.0)
