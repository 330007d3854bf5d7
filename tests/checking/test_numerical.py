"""The numerical gradient is right for functions with known derivatives, and does not change its arguments."""

import numpy as np
import pytest
from independent import distance

import nnbook as nn

METHODS = ["forward", "central", "complex"]
HONEST = {"forward": 1e-6, "central": 1e-9, "complex": 1e-15}


def func(x):
    """Σ sin(x) e^x, with gradient e^x (sin x + cos x)."""
    return (np.sin(x) * np.exp(x)).sum()


def gradient(x):
    return np.exp(x) * (np.sin(x) + np.cos(x))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("shape", [(), (1,), (5,), (2, 3), (2, 3, 4)])
@pytest.mark.parametrize("vectorized", [False, True])
def test_known_gradients(method, shape, vectorized):
    x = np.random.default_rng(0).uniform(-1, 1, shape)
    f = (lambda points: np.array([func(p) for p in points])) if vectorized else func
    g = nn.numerical_gradient(f, x, method=method, vectorized=vectorized)
    assert g.shape == shape
    assert g.dtype == np.float64
    assert distance(g, gradient(x)) < HONEST[method]


def test_central_is_exact_on_a_quadratic_and_forward_is_not():
    x = np.array([3.0, 4.0])
    square = lambda x: (x**2).sum()  # noqa: E731
    np.testing.assert_allclose(nn.numerical_gradient(square, x, h=0.5), [6, 8], rtol=1e-14)
    np.testing.assert_allclose(nn.numerical_gradient(square, x, method="forward", h=0.5), [6.5, 8.5], rtol=1e-14)
    np.testing.assert_allclose(nn.numerical_gradient(square, x, method="complex", h=0.5), [6, 8], rtol=1e-14)


def test_errors_shrink_as_the_order_says():
    x = np.array([0.7])
    for method, order in (("forward", 1), ("central", 2), ("complex", 2)):
        errors = [abs(nn.numerical_gradient(func, x, method=method, h=h) - gradient(x))[0] for h in (1e-2, 1e-3)]
        assert np.log10(errors[0] / errors[1]) == pytest.approx(order, abs=0.05)


def test_default_steps():
    seen = []
    for method in METHODS:
        nn.numerical_gradient(lambda x: seen.append(x.copy()) or x[0] ** 2, [1.0], method=method)
    steps = np.array([x[0] - 1 for x in seen])
    np.testing.assert_allclose(steps, [0, 1e-8, 1e-5, -1e-5, 1e-20j], rtol=1e-7, atol=0)


@pytest.mark.parametrize(("method", "evaluations"), [("forward", 7), ("central", 12), ("complex", 6)])
def test_evaluations(method, evaluations):
    calls = []
    nn.numerical_gradient(lambda x: calls.append(1) or func(x), np.ones((2, 3)), method=method)
    assert len(calls) == evaluations


@pytest.mark.parametrize("method", METHODS)
def test_x_stays_as_it_was_even_if_the_function_spoils_its_copy_or_raises(method):
    x = np.arange(3.0)
    before = x.tobytes()

    def spoils(point):
        result = func(point)
        point[...] = 99
        return result

    assert distance(nn.numerical_gradient(spoils, x, method=method), gradient(x)) < HONEST[method]
    assert x.tobytes() == before

    calls = []

    def raises(point):
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("half-way")
        return func(point)

    with pytest.raises(RuntimeError, match="half-way"):
        nn.numerical_gradient(raises, x, method=method)
    assert x.tobytes() == before


@pytest.mark.parametrize("x", [[1, 2], np.array([1, 2]), np.array([1, 2], "float32"), (1, 2), np.array([True, False])])
def test_integers_and_float32_are_taken_to_float64(x):
    assert distance(nn.numerical_gradient(func, x), gradient(np.asarray(x, float))) < 1e-9


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: nn.numerical_gradient(func, [1.0], method="backward"), ValueError, "method must be one of forward"),
        (lambda: nn.numerical_gradient(func, [1.0], h=0), ValueError, "h must be a finite number greater than 0"),
        (lambda: nn.numerical_gradient(func, [1.0], h=-1), ValueError, "h must be"),
        (lambda: nn.numerical_gradient(func, [1.0], h=np.nan), ValueError, "h must be"),
        (lambda: nn.numerical_gradient(func, [1.0], h="small"), TypeError, "h must be a number"),
        (lambda: nn.numerical_gradient(func, [1.0], h=1e-50), ValueError, r"h = 1e-50 is too small to change x\[0\]"),
        (lambda: nn.numerical_gradient(func, [[1.0, 1e12]]), ValueError, r"too small to change x\[0, 1\]"),
        (lambda: nn.numerical_gradient(func, [1.0, np.nan]), ValueError, r"x\[1\] is nan; every entry must be"),
        (lambda: nn.numerical_gradient(func, ["1"]), TypeError, "x must hold float32 or float64 numbers"),
        (lambda: nn.numerical_gradient(func, [1 + 1j]), TypeError, "x must hold real numbers"),
        (lambda: nn.numerical_gradient(lambda x: x, [1.0, 2.0]), ValueError, "one number; it returned shape"),
        (lambda: nn.numerical_gradient(lambda x: None, [1.0]), TypeError, "must return a number"),
        (lambda: nn.numerical_gradient(lambda x: np.nan, [1.0]), ValueError, "finite number; it returned nan"),
        (lambda: nn.numerical_gradient(lambda x: 1j, [1.0]), TypeError, "must return a real number"),
        (lambda: nn.numerical_gradient("x", [1.0]), TypeError, "func must be"),
    ],
)
def test_bad_arguments(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_a_dropped_imaginary_part_is_an_error_not_a_zero():
    for dropping in (lambda x: np.abs(x).sum(), lambda x: x.real.sum(), lambda x: 1.0):
        with pytest.raises(TypeError, match="the derivative was dropped"):
            nn.numerical_gradient(dropping, [1.0], method="complex")


def test_the_complex_step_needs_no_tuning():
    for h in (1e-8, 1e-20, 1e-100):
        assert distance(nn.numerical_gradient(func, [0.3], method="complex", h=h), gradient(np.array([0.3]))) < 1e-15
