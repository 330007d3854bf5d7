"""Activations: values, derivatives, saturation without overflow, dtypes, and the complex step."""

import pickle

import numpy as np
import pytest
from independent import ACTIVATIONS, HIDDEN, complex_step

import nnbook as nn
from nnbook.core import activations

ALL = [*HIDDEN, "step"]
Z = np.linspace(-6, 6, 49) + 0.01  # no kink among them


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_values_are_the_definition(name):
    f = getattr(nn, name)
    z = Z.reshape(7, 7)
    np.testing.assert_allclose(f(z), ACTIVATIONS[name](z), rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(f(z[3]), ACTIVATIONS[name](z[3]), rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("name", HIDDEN)
def test_derivatives_are_the_slope(name):
    f = getattr(nn, name)
    np.testing.assert_allclose(f.derivative(Z), complex_step(lambda z: ACTIVATIONS[name](z).sum(), Z), atol=1e-15)
    np.testing.assert_allclose(f.derivative(Z), (f(Z + 1e-6) - f(Z - 1e-6)) / 2e-6, atol=1e-9)
    np.testing.assert_allclose(f.derivative(Z, a=f(Z)), f.derivative(Z), rtol=0, atol=1e-16)


@pytest.mark.parametrize("name", HIDDEN)
def test_the_complex_step_through_the_package_is_the_derivative(name):
    f = getattr(nn, name)
    for z in (Z, np.array([-1e4, -800.0, -40.0, 40.0, 800.0, 1e4])):
        value = f(z + 1e-20j)
        assert value.dtype == np.complex128
        np.testing.assert_array_equal(np.isfinite(value), True)
        np.testing.assert_allclose(value.real, f(z), rtol=1e-15)
        np.testing.assert_allclose(value.imag / 1e-20, f.derivative(z), rtol=1e-12, atol=1e-15)
        assert f.derivative(z + 1e-20j).dtype == np.complex128


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", [*ALL, "softmax"])
def test_nothing_overflows_and_dtype_is_kept(name, dtype):
    f = getattr(nn, name)
    z = np.array([-1e4, -1000, -100, -1, 0, 1, 100, 1000, 1e4], dtype)
    with np.errstate(all="raise", under="ignore"):
        a = f(z)
        assert a.dtype == dtype
        assert np.isfinite(a).all()
        if name != "softmax":
            slope = f.derivative(z)
            assert slope.dtype == dtype
            assert np.isfinite(slope).all()


def test_saturated_values():
    assert nn.sigmoid(1e4) == 1
    assert 0 < nn.sigmoid(-1e4) < 1e-300
    assert 0 < nn.sigmoid(np.float32(-1e4)) < 1e-37
    assert nn.sigmoid(0.0) == 0.5
    assert nn.softplus(1e4) == 1e4
    assert nn.softplus(-1e4) == 0
    assert nn.softplus(0.0) == pytest.approx(np.log(2))
    assert nn.tanh(1e4) == 1
    assert np.array_equal(nn.softmax(np.array([1e4, 0.0, -1e4])), [1, 0, 0])
    assert np.array_equal(nn.softmax(np.array([1e4, 1e4])), [0.5, 0.5])


def test_sigmoid_is_accurate_far_below_zero():
    z = np.array([-30.0, -300.0, -700.0])
    np.testing.assert_allclose(nn.sigmoid(z), np.exp(z), rtol=1e-12)
    np.testing.assert_allclose(nn.sigmoid.derivative(z), np.exp(z), rtol=1e-12)
    np.testing.assert_allclose(nn.softplus(z), np.exp(z), rtol=1e-12)


def test_kinks():
    zero = np.array([0.0, -0.0])
    assert np.array_equal(nn.relu(zero), [0, 0])
    assert np.array_equal(nn.relu.derivative(zero), [0, 0])
    assert np.array_equal(nn.leaky_relu.derivative(zero), [0.01, 0.01])
    assert np.array_equal(nn.step(zero), [1, 1])
    assert np.array_equal(nn.step(np.array([-1e-300, 1e-300])), [0, 1])
    assert np.array_equal(nn.step.derivative(Z), 0 * Z)


def test_leaky_relu_takes_its_slope():
    f = nn.LeakyReLU(0.25)
    assert np.array_equal(f(np.array([-4.0, 4.0])), [-1, 4])
    assert np.array_equal(f.derivative(np.array([-4.0, 4.0])), [0.25, 1])
    assert f == nn.LeakyReLU(0.25) != nn.leaky_relu
    assert hash(f) == hash(nn.LeakyReLU(0.25))
    for slope in (-0.1, 1, np.nan, np.inf, "steep", None, True):
        with pytest.raises((ValueError, TypeError), match="slope"):
            nn.LeakyReLU(slope)


@pytest.mark.parametrize("shape", [(5,), (1, 5), (3, 5), (2, 3, 5)])
def test_softmax_is_a_distribution_and_ignores_a_shift(shape):
    z = np.random.default_rng(0).normal(size=shape)
    a = nn.softmax(z)
    np.testing.assert_allclose(a.sum(axis=-1), 1, rtol=1e-15)
    assert (a > 0).all()
    np.testing.assert_allclose(nn.softmax(z + 123.5), a, rtol=1e-13)


def test_softmax_jacobian():
    z = np.random.default_rng(1).normal(size=(4, 3))
    jacobian = nn.softmax.jacobian(z)
    assert jacobian.shape == (4, 3, 3)
    for k in range(4):
        for i in range(3):
            wanted = complex_step(lambda z, i=i: ACTIVATIONS["softmax"](z)[i], z[k])
            np.testing.assert_allclose(jacobian[k, i], wanted, rtol=1e-13)
    np.testing.assert_allclose(jacobian.sum(axis=-1), 0, atol=1e-16)
    np.testing.assert_allclose(jacobian, jacobian.swapaxes(-1, -2))
    assert nn.softmax.jacobian(z.astype("float32")).dtype == np.float32
    with pytest.raises(TypeError, match="jacobian"):
        nn.softmax.derivative(z)


@pytest.mark.parametrize("name", ALL)
def test_out_is_written_and_may_be_z(name):
    f = getattr(nn, name)
    z = Z.copy()
    out = np.empty_like(z)
    assert f(z, out=out) is out
    assert np.array_equal(out, f(Z))
    assert np.array_equal(f.derivative(Z, out=out), f.derivative(Z))
    f(z, out=z)
    assert np.array_equal(z, f(Z))


@pytest.mark.parametrize("name", ALL)
def test_scalars_lists_and_integers(name):
    f = getattr(nn, name)
    assert np.ndim(f(2.0)) == 0
    assert np.ndim(f.derivative(2.0)) == 0
    assert np.array_equal(f([1, 2]), f(np.array([1.0, 2.0])))
    assert f(np.array([1, 2])).dtype == np.float64
    with pytest.raises(TypeError, match="float16"):
        f(np.array([1.0], "float16"))
    with pytest.raises(TypeError, match="z must hold"):
        f(np.array(["a"]))


@pytest.mark.parametrize("name", [*ALL, "softmax"])
def test_found_by_name_compared_and_pickled(name):
    f = getattr(nn, name)
    assert activations.get(name) is f
    assert activations.get(f) is f
    assert pickle.loads(pickle.dumps(f)) == f
    assert repr(f) == name
    assert sum(f == getattr(nn, other) for other in [*ALL, "softmax"]) == 1


def test_unknown_names_are_refused():
    assert activations.get("linear") is nn.identity
    with pytest.raises(ValueError, match="swish"):
        activations.get("swish")
    with pytest.raises(TypeError, match="activation must be a name"):
        activations.get(np.tanh)


@pytest.mark.parametrize("name", [*ALL, "softmax"])
def test_z_is_not_changed(name):
    f = getattr(nn, name)
    z = Z.reshape(7, 7).copy()
    before = z.tobytes()
    f(z)
    (f.jacobian if name == "softmax" else f.derivative)(z)
    assert z.tobytes() == before
