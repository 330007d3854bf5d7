"""The tape's gradients are those of backprop and of the complex step, however often they are asked for."""

import numpy as np
import pytest

import nnbook as nn
from nnbook.checking.tape import Var


def test_a_number_used_twice_gets_both_errors():
    x = Var(3.0)
    y = x * x + 2.0 * x
    y.backward()
    assert x.grad == 2 * 3 + 2


OPERATIONS = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "/": lambda x, y: x / y,
    "reflected -": lambda x, y: 2.0 - x * y,
    "reflected /": lambda x, y: 2.0 / (x * y),
    "negative": lambda x, y: -x * y,
    "power": lambda x, y: x**3 * y,
    "exp, log": lambda x, y: x.exp() * y.log(),
    "matrix product": lambda x, y: (x @ y.T) @ np.arange(1.0, 9.0).reshape(2, 4),
    "array @ Var": lambda x, y: np.arange(1.0, 9.0).reshape(4, 2) @ x * 1.0,
    "activation": lambda x, y: (x * y).apply(nn.tanh),
    "sum": lambda x, y: x.sum() * y,
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_has_the_derivative_of_central_differences(name):
    rng = np.random.default_rng(1)
    x, y, weights = rng.uniform(0.5, 2, (2, 3)), rng.uniform(0.5, 2, (2, 3)), rng.normal(size=30)

    def number(x, y):
        result = OPERATIONS[name](x, y)
        return (result * weights[: result.value.size].reshape(result.shape)).sum()

    vx, vy = Var(x), Var(y)
    number(vx, vy).backward()
    numerical = nn.numerical_gradient(lambda x: number(Var(x), Var(y)).value, x)
    assert nn.relative_error(vx.grad, numerical) < 1e-8
    if vy.grad is not None:
        numerical = nn.numerical_gradient(lambda y: number(Var(x), Var(y)).value, y)
        assert nn.relative_error(vy.grad, numerical) < 1e-8


@pytest.mark.parametrize(("shape", "other"), [((2, 3), (3,)), ((2, 3), ()), ((2, 3), (2, 1)), ((1, 3), (2, 1))])
def test_broadcast_inputs_get_the_sum_of_their_errors(shape, other):
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=shape), rng.normal(size=other)
    va, vb = Var(a), Var(b)
    ((va + vb) ** 2 * vb).sum().backward()
    assert va.grad.shape == shape
    assert vb.grad.shape == other
    numerical = nn.numerical_gradient(lambda b: ((a + b) ** 2 * b).sum(), b, method="complex")
    assert nn.relative_error(vb.grad, numerical) < 1e-13


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
def test_the_tape_agrees_with_the_four_formulas(activation):
    rng = np.random.default_rng(3)
    net = nn.Network([4, 5, 3, 2], activation, rng=rng)
    net.b[2] = rng.normal(size=5)
    X, T = rng.normal(size=(7, 4)), rng.random((7, 2))
    W, b = {l: Var(net.W[l]) for l in net.W}, {l: Var(net.b[l]) for l in net.b}
    a = X
    for l in net.W:
        a = (a @ W[l].T + b[l]).apply(net.f[l])
    C = ((a - T) ** 2).sum() * 0.5
    grads = nn.backprop(net, X, T, nn.SquaredError())
    assert abs(C.value - grads.cost) < 1e-12
    for _ in range(2):  # asking again gives the same answer
        C.backward()
        for l in net.W:
            assert nn.relative_error(W[l].grad, grads.W[l]) < 1e-12
            assert nn.relative_error(b[l].grad, grads.b[l]) < 1e-12


def test_long_chains_do_not_overflow_the_stack():
    x = y = Var(1.0)
    for _ in range(20_000):
        y = y + 1e-9
    y.backward()
    assert x.grad == 1


def test_inputs_are_copied_and_left_alone():
    values = np.ones(3)
    (Var(values) * 2).sum().backward()
    np.testing.assert_array_equal(values, 1)


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="single number"):
        Var([1.0, 2.0]).backward()
    with pytest.raises(ValueError, match="multiplies matrices"):
        Var([1.0, 2.0]) @ Var([1.0, 2.0])
    with pytest.raises(TypeError, match="value"):
        Var("one")
    with np.errstate(divide="ignore"), pytest.raises(ValueError, match="finite"):
        Var(0.0).log().backward()
