"""The gradient check passes right gradients, fails on planted mistakes, and says which array is wrong."""

import types

import numpy as np
import pytest
from independent import data, network

import nnbook as nn

CASE = (network(), *data(), nn.SquaredError())


def check(*args, **kwargs):
    return nn.check_gradients(*args, verbose=False, **kwargs)


def planted(factor=2.001 / 2, l=3, name="W", index=(1, 2)):
    grads = nn.backprop(*CASE)
    getattr(grads, name)[l][index] *= factor
    return grads


@pytest.mark.parametrize(
    ("g", "reference", "error"),
    [
        ([0, 0], [0, 0], 0),
        ([3, 4], [3, 4], 0),
        ([3, 4], [0, 0], 1),
        ([0, 0], [3, 4], 1),
        ([3, 4], [-3, -4], 2),
        ([3, 0], [0, 4], 5 / 4),
        ([3, 4], [6, 8], 5 / 10),
        ([1e200, 0], [1e200, 1e199], 0.1 / np.sqrt(1.01)),
        ([1e-200, 0], [1e-200, 1e-201], 0.1 / np.sqrt(1.01)),
        ([[1, 2], [2, 4]], [[1, 2], [2, 0]], 4 / 5),
        ([], [], 0),
    ],
)
def test_relative_error(g, reference, error):
    result = nn.relative_error(np.array(g, float), np.array(reference, float))
    assert isinstance(result, float)
    assert result == pytest.approx(error, rel=1e-15)


def test_relative_error_of_different_shapes_is_refused():
    with pytest.raises(ValueError, match=r"g has shape \(2,\) and reference has shape \(1, 2\)"):
        nn.relative_error(np.ones(2), np.ones((1, 2)))


@pytest.mark.parametrize("method", ["forward", "central", "complex"])
@pytest.mark.parametrize("cost", [nn.SquaredError(), nn.BinaryCrossEntropy()])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_packages_own_gradient_passes(method, cost, dtype):
    result = check(network(dtype=dtype), *data(), cost, method=method)
    assert result.passed
    assert [c.name for c in result.comparisons] == ["W[2]", "W[3]", "W[4]", "b[2]", "b[3]", "b[4]"]
    assert result.worst.error <= {"forward": 1e-5, "central": 1e-8, "complex": 1e-13}[method]
    result.raise_if_failed()


@pytest.mark.parametrize("method", ["forward", "central", "complex"])
def test_a_planted_error_is_refused_and_named(method):
    result = check(*CASE, planted(1.1), method=method)
    assert not result.passed
    assert [c.name for c in result.comparisons if c.error > result.tolerance] == ["W[3]"]
    assert result.worst.name == "W[3]"
    assert "most at [1, 2]" in result.worst.detail
    with pytest.raises(AssertionError, match=r"W\[3\]  DIFFERS"):
        result.raise_if_failed()


def test_two_point_zero_zero_one_for_two_is_refused():
    assert not check(*CASE, planted()).passed
    assert not check(*CASE, planted(), directions=3, rng=0).passed
    assert not check(*CASE, planted(name="b", index=1)).passed


@pytest.mark.parametrize("factor", [-1, 2, 0.5, 1 / 6])
def test_a_whole_gradient_that_is_wrong_is_refused(factor):
    wrong = factor * nn.backprop(*CASE).parameters
    assert not check(*CASE, wrong).passed
    assert not check(*CASE, wrong, directions=1, rng=0).passed


def test_all_forms_of_gradients():
    grads = nn.backprop(*CASE)
    forms = [
        grads,
        grads.parameters,
        list(grads.parameters),
        types.SimpleNamespace(W=dict(grads.W), b=dict(grads.b)),
        types.SimpleNamespace(W={l: g.tolist() for l, g in grads.W.items()}, b=grads.b),
    ]
    for form in forms:
        assert check(*CASE, form).passed


def test_random_directions():
    result = check(*CASE, directions=4, rng=0)
    assert result.passed
    assert [c.name for c in result.comparisons] == [f"direction {i}" for i in (1, 2, 3, 4)]
    assert check(*CASE, directions=2, rng=1, method="complex").passed
    again = check(*CASE, directions=4, rng=0)
    assert str(again) == str(result)


def test_gradients_that_are_zero_on_both_sides_pass():
    net = network()
    net.parameters = np.zeros(net.parameter_count)
    X, _ = data()
    assert check(net, X, net.predict(X), nn.SquaredError()).passed  # the outputs are the targets
    assert check(net, X, net.predict(X), nn.SquaredError(), directions=2, rng=0).passed


@pytest.mark.parametrize("method", ["forward", "central", "complex"])
def test_a_gradient_that_is_not_zero_where_the_true_one_is_fails(method):
    net = network()
    net.parameters = np.zeros(net.parameter_count)
    X, _ = data()
    case = net, X, net.predict(X), nn.SquaredError()
    assert check(*case, method=method).passed
    wrong = np.zeros(47)
    wrong[20] = 1e-6
    assert not check(*case, wrong, method=method).passed
    assert not check(*case, wrong, method=method, directions=5, rng=0).passed


@pytest.mark.parametrize("method", ["central", "complex"])
def test_a_gradient_that_normalisation_makes_nothing_of_is_no_alarm(method):
    """Between two normalisations with f(z) = z, shift and bias cancel, so that both sides are rounding around 0."""
    batch_norm = {2: nn.BatchNorm(), 4: nn.BatchNorm()}
    net = nn.Network([5, 4, 3, 2], ["identity", "identity", "sigmoid"], rng=1, batch_norm=batch_norm)
    draw = np.random.default_rng(2)
    X, T = draw.standard_normal((6, 5)), draw.uniform(0.1, 0.9, (6, 2))
    check(net, X, T, nn.BinaryCrossEntropy(), method=method, training=True).raise_if_failed()
    wrong = nn.backprop(net, X, T, nn.BinaryCrossEntropy(), training=True)
    wrong.beta[2][1] += 1e-9 * np.linalg.norm(wrong.parameters)
    if method == "complex":
        assert not check(net, X, T, nn.BinaryCrossEntropy(), wrong, method=method, training=True).passed


def test_a_missing_layer_is_named():
    class Given:
        W, b = {2: np.zeros((3, 4))}, {2: np.zeros(3), 3: np.zeros(2)}

    with pytest.raises(ValueError, match=r"gradients\.W needs an entry for layer 3; it has none"):
        check(nn.Network([4, 3, 2], rng=0), np.ones((5, 4)), np.ones((5, 2)), nn.SquaredError(), Given)


def test_what_a_difference_cannot_see_the_complex_step_does():
    """A gradient below the rounding of the cost is not an error to a difference quotient; the complex step sees it."""
    sizes = [3, 2, 2, 2, 2, 2, 2, 2, 2, 2]
    net = network(sizes)
    net.parameters *= 0.1
    X, T = data(sizes)
    grads = nn.backprop(net, X, T, nn.SquaredError())
    assert 0 < np.linalg.norm(grads.W[2]) < 1e-11
    assert check(net, X, T, nn.SquaredError(), grads).passed
    grads.W[2] *= -1
    assert not check(net, X, T, nn.SquaredError(), grads, method="complex").passed


def test_relative_error_of_nan_is_refused():
    with pytest.raises(ValueError, match=r"g\[1\] is nan"):
        nn.relative_error(np.array([1, np.nan]), np.ones(2))
    with pytest.raises(ValueError, match=r"reference\[0\] is inf"):
        nn.relative_error(np.ones(2), np.array([np.inf, 1]))


def test_tolerance_is_the_callers():
    assert check(*CASE, planted(1.001), tolerance=0.1).passed
    assert not check(*CASE, planted(1.001), tolerance=1e-6).passed


def test_what_is_printed(capsys):
    nn.check_gradients(*CASE)
    told = capsys.readouterr().out
    assert told.splitlines()[0] == "gradient check (central differences, tolerance 1e-08)"
    assert told.splitlines()[-1] == "passed"
    assert told.count("agrees") == 6
    nn.check_gradients(*CASE, planted(2), method="complex")
    told = capsys.readouterr().out
    assert told.splitlines()[0] == "gradient check (complex step, tolerance 1e-13)"
    assert told.splitlines()[-1] == "FAILED"
    assert "W[3]  DIFFERS  relative error" in told
    check(*CASE)
    assert capsys.readouterr().out == ""


def test_network_and_data_stay_as_they_were():
    net, X, T = network(), *data()
    before = [a.tobytes() for a in (net.parameters, X, T)]
    check(net, X, T, nn.SquaredError())
    check(net, X, T, nn.SquaredError(), directions=2, rng=0)
    assert [a.tobytes() for a in (net.parameters, X, T)] == before


@pytest.mark.parametrize(
    ("kwargs", "error", "words"),
    [
        ({"method": "backward"}, ValueError, "method must be one of"),
        ({"tolerance": 0}, ValueError, "tolerance must be"),
        ({"tolerance": np.nan}, ValueError, "tolerance must be"),
        ({"h": -1}, ValueError, "h must be"),
        ({"directions": 0, "rng": 0}, ValueError, "directions must be at least 1"),
        ({"directions": 1.5, "rng": 0}, TypeError, "directions must be a whole number"),
        ({"directions": 2}, TypeError, "rng is needed"),
        ({"gradients": np.ones(3)}, ValueError, r"gradients must have shape \(47,\); it has shape \(3,\)"),
        ({"gradients": np.full(47, np.nan)}, ValueError, r"gradients\[0\] is nan"),
        ({"gradients": ["a"] * 47}, TypeError, "gradients must hold"),
        ({"gradients": types.SimpleNamespace(W={2: np.ones((4, 3))}, b={})}, ValueError, r"gradients.W\[2\] needs the"),
        ({"penalty": 0.1}, TypeError, "penalty must be a Penalty"),
    ],
)
def test_bad_arguments(kwargs, error, words):
    with pytest.raises(error, match=words):
        check(*CASE, **kwargs)


@pytest.mark.parametrize("penalty", [nn.L2(0.1), nn.L1(0.1), {3: nn.L2(0.3)}, nn.L2(0.2, biases=True)])
def test_with_a_penalty_it_is_the_gradient_of_j(penalty):
    for method in ("central", "complex"):
        assert check(*CASE, penalty=penalty, method=method).passed
    assert not check(*CASE, nn.backprop(*CASE), penalty=penalty).passed  # the gradient of C_T
    assert not check(*CASE, nn.backprop(*CASE).parameters / 6, penalty=penalty).passed  # of the mean alone


def at_a_kink():
    """A sample that is all zero while the biases still are: every hidden z of it is at the kink of the ReLU."""
    net = nn.Network([3, 4, 2], ["relu", "softmax"], initializer="he_normal", rng=0)
    return net, np.array([[0.0, 0, 0], [1, 2, 3]]), nn.one_hot([0, 1], 2), nn.CategoricalCrossEntropy()


@pytest.mark.parametrize("method", ["central", "forward"])
def test_a_right_gradient_passes_at_a_kink_and_the_report_says_how_often(method):
    check = nn.check_gradients(*at_a_kink(), method=method, verbose=False)
    assert check.passed
    assert check.at_kinks == 4  # the four biases of the hidden layer
    assert "4 steps crossed a kink: the complex step was taken there" in str(check)
    assert nn.check_gradients(*at_a_kink(), directions=3, rng=0, verbose=False).at_kinks == 3


def test_a_wrong_gradient_is_refused_at_a_kink_too():
    net, X, T, cost = at_a_kink()
    wrong = nn.backprop(net, X, T, cost)
    wrong.b[2][1] += 0.01
    assert not nn.check_gradients(net, X, T, cost, wrong, verbose=False)
    assert not nn.check_gradients(net, X, T, cost, wrong, directions=3, rng=0, verbose=False)


def test_the_kink_of_a_penalty_is_seen_as_well():
    net, X, T, cost = at_a_kink()
    net.W[3][0, 0], net.W[2][0, 0] = 0.0, 1e-7  # at the kink of |w|, and closer to it than one step
    check = nn.check_gradients(net, X[1:], T[1:], cost, penalty=nn.L1(0.1), verbose=False)
    assert check.passed
    assert check.at_kinks == 2
    assert nn.check_gradients(net, X[1:], T[1:], cost, penalty=nn.L2(0.1), verbose=False).at_kinks == 0


def test_random_relu_networks_never_fail_by_chance():
    crossed = 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        net = nn.Network([4, 12, 3], ["relu", "softmax"], initializer="he_normal", rng=rng)
        X, T = rng.standard_normal((200, 4)), nn.one_hot(rng.integers(0, 3, 200), 3)
        X[0] = 0  # one blank sample in each
        check = nn.check_gradients(net, X, T, nn.CategoricalCrossEntropy(), verbose=False)
        assert check.passed, (seed, str(check))
        crossed += check.at_kinks
    assert crossed >= 12 * 12


def test_a_report_is_true_when_it_passed():
    net, X, T, cost = at_a_kink()
    right = nn.backprop(net, X, T, cost)
    assert nn.check_gradients(net, X, T, cost, right, verbose=False)
    assert nn.diagnose(right, net, X, T, cost, verbose=False)
    assert not nn.check_gradients(net, X, T, cost, 2 * right.parameters, verbose=False)
    assert not nn.diagnose(2 * right.parameters, net, X, T, cost, verbose=False)
