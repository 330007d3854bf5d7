"""Costs: values, gradients and deltas against their definitions, saturation, and rejected arguments."""

import pickle

import numpy as np
import pytest
from independent import ACTIVATIONS, COSTS, PAIRS, complex_step, distance

import nnbook as nn

ALL = list(COSTS)
MATCHED = [
    (nn.SquaredError, "identity"),
    (nn.BinaryCrossEntropy, "sigmoid"),
    (nn.CategoricalCrossEntropy, "softmax"),
]


def a_and_t(samples=6, units=4, seed=0):
    rng = np.random.default_rng(seed)
    a, t = rng.uniform(0.05, 0.95, size=(2, samples, units))
    return a / a.sum(axis=1, keepdims=True), t / t.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("cost", ALL)
def test_value_per_sample_and_of_one_sample(cost):
    a, t = a_and_t()
    values = cost()(a, t)
    assert values.shape == (6,)
    for k in range(6):
        assert values[k] == pytest.approx(COSTS[cost](a[k], t[k]), rel=1e-14)
        one = cost()(a[k], t[k])
        assert np.ndim(one) == 0
        assert one == pytest.approx(values[k], rel=1e-15)


@pytest.mark.parametrize("cost", ALL)
def test_gradient_is_the_derivative_with_respect_to_a(cost):
    a, t = a_and_t()
    assert distance(cost().gradient(a, t), complex_step(lambda a: COSTS[cost](a, t), a)) < 1e-14
    assert distance(cost().gradient(a[0], t[0]), cost().gradient(a, t)[0]) == 0


@pytest.mark.parametrize(("cost", "f"), PAIRS)
def test_from_z_and_delta(cost, f):
    rng = np.random.default_rng(1)
    z = rng.normal(size=(6, 4))
    _, t = a_and_t()
    wanted = [COSTS[cost](ACTIVATIONS[f](z[k]), t[k]) for k in range(6)] if f != "softmax" else None
    wanted = wanted or [COSTS[cost](ACTIVATIONS[f](z[[k]]), t[[k]]) for k in range(6)]
    np.testing.assert_allclose(cost().from_z(z, t, f), wanted, rtol=1e-13)
    slope = complex_step(lambda z: COSTS[cost](ACTIVATIONS[f](z), t), z)
    assert distance(cost().delta(z, t, f), slope) < 1e-13
    assert distance(cost().delta(z, t, getattr(nn, f), a=getattr(nn, f)(z)), slope) < 1e-13
    out = np.empty_like(z)
    assert cost().delta(z, t, f, out=out) is out
    assert distance(out, slope) < 1e-13


@pytest.mark.parametrize(("cost", "f"), MATCHED)
def test_a_matched_delta_is_a_minus_t(cost, f):
    z = np.random.default_rng(2).normal(size=(5, 4))
    _, t = a_and_t(5)
    np.testing.assert_array_equal(cost().delta(z, t, f), getattr(nn, f)(z) - t)
    assert cost().matched == (getattr(nn, f),)


@pytest.mark.parametrize("cost", ALL)
@pytest.mark.parametrize("f", ["sigmoid", "softmax", "tanh"])
def test_an_unmatched_delta_is_not_a_minus_t(cost, f):
    if getattr(nn, f) in cost().matched or (f == "tanh" and cost is not nn.SquaredError):
        return
    z, (_, t) = np.random.default_rng(3).normal(size=(5, 4)), a_and_t(5)
    assert distance(cost().delta(z, t, f), getattr(nn, f)(z) - t) > 0.1


@pytest.mark.parametrize(("cost", "f"), [pair for pair in MATCHED if pair[0] is not nn.SquaredError])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_saturated_outputs_stay_finite_from_z(cost, f, dtype):
    z = np.array([[1000.0, -1000.0, 0.0], [-1e4, 1e4, 5.0]], dtype)
    t = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]], dtype)
    with np.errstate(all="raise", under="ignore"):
        value, delta = cost().from_z(z, t, f), cost().delta(z, t, f)
    assert value.dtype == delta.dtype == dtype
    assert np.isfinite(value).all()
    assert np.isfinite(delta).all()
    wanted = [2000, 2e4] if cost is nn.CategoricalCrossEntropy else [2000 + np.log(2), 2e4 + 5.006715]
    np.testing.assert_allclose(value, wanted, rtol=1e-6)


@pytest.mark.parametrize("cost", [nn.BinaryCrossEntropy, nn.CategoricalCrossEntropy])
def test_an_infinite_cost_is_an_error_that_says_why(cost):
    a, t = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    for call in (cost(), cost().gradient):
        with pytest.raises(ValueError, match="the cost is infinite: an activation is exactly"):
            call(a, t)
    assert cost()(t, t)[0] == 0  # 0 · log 0 is 0 here: such an output fits
    assert np.array_equal(np.isfinite(cost().gradient(t, t)), [[True, True]])


@pytest.mark.parametrize("cost", [nn.BinaryCrossEntropy, nn.CategoricalCrossEntropy])
def test_one_hot_targets_with_certain_outputs(cost):
    a, t = np.array([[0.25, 0.75, 0.0]]), np.array([[0.0, 1.0, 0.0]])
    wanted = -np.log(0.75) - (np.log(0.75) if cost is nn.BinaryCrossEntropy else 0)
    assert cost()(a, t)[0] == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("cost", "a", "t", "words"),
    [
        (nn.BinaryCrossEntropy, [0.5, 0.5], [1.5, 0.5], r"t must lie in \[0, 1\]; it contains 1.5"),
        (nn.BinaryCrossEntropy, [0.5, 0.5], [-0.5, 0.5], r"t must lie in \[0, 1\]; it contains -0.5"),
        (nn.BinaryCrossEntropy, [1.5, 0.5], [0.5, 0.5], r"a must lie in \[0, 1\]; it contains 1.5"),
        (nn.BinaryCrossEntropy, [-0.5, 0.5], [0.5, 0.5], r"a must lie in \[0, 1\]; it contains -0.5"),
        (nn.CategoricalCrossEntropy, [0.5, 0.5], [0.5, 0.6], "targets must sum to 1; one sums to 1.1"),
        (nn.CategoricalCrossEntropy, [0.5, 0.5], [-0.5, 1.5], "t must be at least 0; it contains -0.5"),
        (nn.CategoricalCrossEntropy, [-0.5, 0.5], [0.5, 0.5], "a must be at least 0; it contains -0.5"),
        *((cost, [0.5, np.nan], [0.5, 0.5], r"a\[1\] is nan") for cost in ALL),
        *((cost, [0.5, 0.5], [0.5, np.inf], r"t\[1\] is inf") for cost in ALL),
        *((cost, [0.5, 0.5, 0.5], [0.5, 0.5], "t needs the shape of a") for cost in ALL),
        *((cost, [[[0.5]]], [[[0.5]]], "a must be one sample") for cost in ALL),
    ],
)
def test_bad_values_are_named(cost, a, t, words):
    for call in (cost(), cost().gradient):
        with pytest.raises(ValueError, match=words):
            call(np.array(a), np.array(t))


def test_squared_error_has_its_half():
    assert nn.SquaredError()(np.array([3.0, 0.0]), np.array([1.0, 1.0])) == 2.5
    assert np.array_equal(nn.SquaredError().gradient(np.array([3.0, 0.0]), np.array([1.0, 1.0])), [2, -1])


def test_costs_are_compared_by_kind():
    assert nn.SquaredError() == nn.SquaredError()
    assert nn.SquaredError() != nn.BinaryCrossEntropy()
    assert len({nn.SquaredError(), nn.SquaredError(), nn.CategoricalCrossEntropy()}) == 2
    for cost in ALL:
        assert pickle.loads(pickle.dumps(cost())) == cost()
        assert repr(cost()) == f"{cost.__name__}()"


@pytest.mark.parametrize("cost", ALL)
@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
def test_dtype_is_kept(cost, dtype):
    a, t = (array.astype(dtype) for array in a_and_t())
    assert cost()(a, t).dtype == dtype
    assert cost().gradient(a, t).dtype == dtype
    assert cost().delta(a, t, "sigmoid").dtype == dtype
    assert cost().from_z(a, t, "softmax").dtype == dtype


def test_the_total_cost_is_a_sum_over_samples_and_never_a_mean():
    a, t = np.array([[0.8, 0.3], [0.4, 0.6], [0.7, 0.2]]), np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    assert nn.SquaredError().total(a, t) == pytest.approx(0.065 + 0.16 + 0.565, rel=1e-12)
    assert nn.SquaredError().total(a[0], t[0]) == pytest.approx(0.065, rel=1e-12)
    with pytest.raises(ValueError, match="SquaredError: t needs the shape of a"):
        nn.SquaredError().total(a, t[0])
