"""Each formula against its definition: the complex step and finite differences on another implementation."""

import math
import warnings

import numpy as np
import pytest
from independent import (
    ACTIVATIONS,
    COSTS,
    HIDDEN,
    PAIRS,
    SIZES,
    SIZES_OF_ONE_LAYER,
    central_difference,
    complex_step,
    data,
    distance,
    forward,
    network,
    total_cost,
    unpack,
)

import nnbook as nn

EXACT, ROUGH = 1e-13, 1e-8  # complex step, central differences at h = 1e-5


def targets_for(cost):
    return "sum to 1" if cost is nn.CategoricalCrossEntropy else "soft"


def cost_of_z(l, names, cost, net, T, z_of_sample):
    """Return C_T as a function of one layer's z^l, with all later layers recomputed from the definitions."""
    sizes = list(net.sizes.values())
    if l == len(sizes):
        return COSTS[cost](ACTIVATIONS[names[-1]](z_of_sample), T)
    W, b = unpack(net.parameters, sizes)
    a = ACTIVATIONS[names[l - 2]](z_of_sample)
    for m in range(l + 1, len(sizes) + 1):
        a = ACTIVATIONS[names[m - 2]](np.einsum("ji,ki->kj", W[m], a) + b[m])
    return COSTS[cost](a, T)


@pytest.mark.parametrize(("cost", "output"), PAIRS)
@pytest.mark.parametrize("samples", [1, 6])
@pytest.mark.parametrize("sizes", [SIZES, SIZES_OF_ONE_LAYER])
def test_backprop_gives_the_derivatives_of_the_cost(cost, output, samples, sizes):
    names = [*["tanh", "sigmoid"][: len(sizes) - 2], output]
    net = network(sizes, names)
    X, T = data(sizes, samples, targets=targets_for(cost))
    grads = nn.backprop(net, X, T, cost())

    def func(parameters):
        return total_cost(parameters, sizes, names, cost(), X, T)

    assert distance(grads.parameters, complex_step(func, net.parameters)) < EXACT
    assert distance(grads.parameters, central_difference(func, net.parameters)) < ROUGH
    assert float(grads.cost) == pytest.approx(func(net.parameters), rel=1e-13)
    W, b = unpack(grads.parameters, sizes)
    for l in net.W:
        assert np.array_equal(grads.W[l], W[l])
        assert np.array_equal(grads.b[l], b[l])


@pytest.mark.parametrize(("cost", "output"), PAIRS)
@pytest.mark.parametrize("samples", [1, 6])
def test_delta_is_the_derivative_with_respect_to_z(cost, output, samples):
    names = ["softplus", "tanh", output]
    net = network(activation=names)
    X, T = data(samples=samples, targets=targets_for(cost))
    z, _ = forward(net.parameters, SIZES, names, X)
    grads = nn.backprop(net, X, T, cost())
    for l in grads.delta:
        wanted = complex_step(lambda z_l, l=l: cost_of_z(l, names, cost, net, T, z_l), z[l])
        assert distance(grads.delta[l], wanted) < EXACT


@pytest.mark.parametrize("hidden", HIDDEN)
def test_every_hidden_activation(hidden):
    names = [hidden, hidden, "sigmoid"]
    net = network(activation=names, seed=1)
    X, T = data(samples=5)
    grads = nn.backprop(net, X, T, nn.SquaredError())
    wanted = complex_step(lambda p: total_cost(p, SIZES, names, nn.SquaredError(), X, T), net.parameters)
    assert distance(grads.parameters, wanted) < EXACT


@pytest.mark.parametrize("samples", [None, 1, 6])
@pytest.mark.parametrize(("cost", "output"), PAIRS)
def test_output_delta(cost, output, samples):
    rng = np.random.default_rng(2)
    z = rng.normal(size=(5,) if samples is None else (samples, 5))
    t = rng.uniform(0.1, 0.9, z.shape)
    t /= t.sum(axis=-1, keepdims=True)
    f = getattr(nn, output)
    wanted = complex_step(lambda z: COSTS[cost](ACTIVATIONS[output](z), t), z)
    a = f(z)
    if cost is nn.BinaryCrossEntropy or (a > 0).all():  # a cross-entropy needs a > 0
        assert distance(nn.output_delta(cost().gradient(a, t), z, f), wanted) < EXACT
        assert distance(nn.output_delta(cost().gradient(a, t), z, f, a=a), wanted) < EXACT
        assert distance(cost().delta(z, t, f), wanted) < EXACT


@pytest.mark.parametrize("samples", [None, 1, 6])
@pytest.mark.parametrize("f", HIDDEN)
def test_hidden_delta_is_the_sum_over_paths(samples, f):
    rng = np.random.default_rng(3)
    lead = () if samples is None else (samples,)
    delta_next, W, z = rng.normal(size=(*lead, 4)), rng.normal(size=(4, 3)), rng.normal(size=(*lead, 3))
    f = getattr(nn, f)
    paths = np.zeros_like(z)
    for i in range(3):
        for j in range(4):
            paths[..., i] += delta_next[..., j] * W[j, i]
    h = 1e-6
    slope = (f(z + h) - f(z - h)) / (2 * h)
    assert distance(nn.hidden_delta(delta_next, W, z, f), paths * slope) < 1e-8
    assert distance(nn.hidden_delta(delta_next, W, z, f), paths * f.derivative(z)) < EXACT


@pytest.mark.parametrize("samples", [None, 1, 6])
def test_weight_and_bias_gradient_entry_by_entry(samples):
    rng = np.random.default_rng(4)
    lead = () if samples is None else (samples,)
    delta, a = rng.normal(size=(*lead, 3)), rng.normal(size=(*lead, 4))
    dW, db = nn.weight_gradient(delta, a), nn.bias_gradient(delta)
    rows = range(samples or 1)
    delta, a = np.atleast_2d(delta), np.atleast_2d(a)
    for j in range(3):
        assert db[j] == pytest.approx(sum(delta[k, j] for k in rows), abs=1e-14)
        for i in range(4):
            assert dW[j, i] == pytest.approx(sum(delta[k, j] * a[k, i] for k in rows), abs=1e-14)


def test_a_batch_is_the_sum_of_its_samples():
    rng = np.random.default_rng(5)
    delta, a = rng.normal(size=(6, 3)), rng.normal(size=(6, 4))
    assert distance(nn.weight_gradient(delta, a), sum(nn.weight_gradient(d, x) for d, x in zip(delta, a))) < 1e-15
    assert distance(nn.bias_gradient(delta), sum(nn.bias_gradient(d) for d in delta)) < 1e-15


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
@pytest.mark.parametrize("samples", [None, 6])
def test_dtype_is_kept_and_out_is_filled(dtype, samples):
    rng = np.random.default_rng(6)
    lead = () if samples is None else (samples,)
    delta, W, z, a = (rng.normal(size=s).astype(dtype) for s in [(*lead, 4), (4, 3), (*lead, 3), (*lead, 2)])
    for formula, arguments in [
        (nn.output_delta, (z + 1, z, nn.tanh)),
        (nn.output_delta, (z + 1, z, nn.softmax)),
        (nn.hidden_delta, (delta, W, z, nn.tanh)),
        (nn.weight_gradient, (z, a)),
        (nn.bias_gradient, (z,)),
    ]:
        result = formula(*arguments)
        assert result.dtype == dtype
        out = np.full_like(result, 7)
        assert formula(*arguments, out=out) is out
        assert np.array_equal(out, result)


def test_a_given_a_is_used():
    z = np.array([[0.3, -0.2]])
    wrong = nn.hidden_delta(np.ones((1, 3)), np.ones((3, 2)), z, nn.sigmoid, a=np.full((1, 2), 0.5))
    assert np.array_equal(wrong, np.full((1, 2), 0.75))  # 3 · ½ · (1 − ½)
    wrong = nn.output_delta(np.ones((1, 2)), z, nn.sigmoid, a=np.full((1, 2), 0.5))
    assert np.array_equal(wrong, np.full((1, 2), 0.25))


def test_the_bias_gradient_of_one_sample_is_a_copy():
    delta = np.array([1.0, 2.0])
    nn.bias_gradient(delta)[0] = 9
    assert delta[0] == 1


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: nn.hidden_delta(np.ones((7, 3)), np.ones((2, 4)), np.ones((7, 4)), nn.tanh), "7 rows × 3 units"),
        (lambda: nn.hidden_delta(np.ones((7, 3)), np.ones((3, 4)), np.ones((7, 5)), nn.tanh), r"needs shape \(7, 4\)"),
        (lambda: nn.hidden_delta(np.ones(3), np.ones((4, 3)), np.ones(4), nn.tanh), "3 units, so W_next needs 3 rows"),
        (lambda: nn.hidden_delta(np.ones(3), np.ones(3), np.ones(3), nn.tanh), "W_next needs 3 rows"),
        (lambda: nn.weight_gradient(np.ones((7, 3)), np.ones((6, 4))), "a_prev needs 7 rows"),
        (lambda: nn.weight_gradient(np.ones(3), np.ones((1, 4))), "a_prev needs one sample"),
        (lambda: nn.output_delta(np.ones((7, 3)), np.ones((3, 7)), nn.tanh), "dC_da needs the shape of z"),
        (lambda: nn.bias_gradient(np.ones((2, 3, 4))), "delta must be one sample"),
        (lambda: nn.bias_gradient(np.ones((2, 0))), "delta must be one sample"),
        (lambda: nn.bias_gradient(np.float64(1)), "delta must be one sample"),
    ],
)
def test_shapes_that_disagree_are_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()


@pytest.mark.parametrize(
    "call",
    [
        lambda: nn.output_delta(np.ones((1, 3)), np.ones((5, 3)), nn.tanh, out=np.empty((5, 3))),
        lambda: nn.output_delta(np.ones((5, 3)), np.ones((1, 3)), nn.tanh, out=np.empty((5, 3))),
        lambda: nn.hidden_delta(np.ones((5, 3)), np.ones((3, 2)), np.ones((1, 2)), nn.tanh, out=np.empty((5, 2))),
        lambda: nn.hidden_delta(np.ones((5, 3)), np.ones((3, 2)), np.ones(2), nn.tanh, out=np.empty((5, 2))),
        lambda: nn.output_delta(np.ones((2, 5, 3)), np.ones((2, 5, 3)), nn.tanh),
    ],
)
def test_nothing_is_broadcast(call):
    with pytest.raises(ValueError, match=r"needs|must be one sample"):
        call()


def test_softmax_can_stand_in_the_last_layer_alone():
    with pytest.raises(TypeError, match="softmax"):
        nn.hidden_delta(np.ones((2, 3)), np.ones((3, 4)), np.ones((2, 4)), nn.softmax)


# HIPS autograd has no notion of deltas: it records the operations and walks them back.
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import autograd
    import autograd.numpy as anp

AUTOGRAD = {
    "identity": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + anp.exp(-z)),
    "tanh": anp.tanh,
    "relu": lambda z: anp.maximum(z, 0),
    "leaky_relu": lambda z: anp.where(z > 0, z, 0.01 * z),
    "softplus": lambda z: anp.logaddexp(0, z),
    "softmax": lambda z: anp.exp(z) / anp.sum(anp.exp(z), axis=-1, keepdims=True),
}
AUTOGRAD_COSTS = {
    nn.SquaredError: lambda a, t: anp.sum((a - t) ** 2) / 2,
    nn.BinaryCrossEntropy: lambda a, t: -anp.sum(t * anp.log(a) + (1 - t) * anp.log(1 - a)),
    nn.CategoricalCrossEntropy: lambda a, t: -anp.sum(t * anp.log(a)),
}


@pytest.mark.parametrize(("cost", "output"), PAIRS)
@pytest.mark.parametrize("hidden", HIDDEN)
def test_backprop_agrees_with_autograd(cost, output, hidden):
    names = [hidden, "sigmoid", output]
    net = network(activation=names, seed=7)
    X, T = data(samples=6, seed=1, targets=targets_for(cost))

    def total(W, b):
        a = X
        for W_l, b_l, name in zip(W, b, names):
            a = AUTOGRAD[name](anp.dot(a, W_l.T) + b_l)
        return AUTOGRAD_COSTS[cost](a, T)

    W, b = [list(part.values()) for part in (net.W, net.b)]
    dW, db = autograd.grad(total, 0)(W, b), autograd.grad(total, 1)(W, b)
    grads = nn.backprop(net, X, T, cost())
    for l in net.W:
        assert distance(grads.W[l], dW[l - 2]) < 1e-10
        assert distance(grads.b[l], db[l - 2]) < 1e-10


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda out: nn.weight_gradient(np.ones(2), np.ones((3, 4)), out=out), "a_prev needs one sample"),
        (lambda out: nn.weight_gradient(np.ones((3, 2)), np.ones((3, 4)), out=out), r"out needs shape \(2, 4\)"),
        (lambda out: nn.bias_gradient(np.ones((3, 2)), out=out), r"out needs shape \(2,\)"),
        (lambda out: nn.hidden_delta(np.ones(3), np.ones((3, 4)), np.ones(4), nn.tanh, out=out), r"out needs shape"),
        (lambda out: nn.output_delta(np.ones(3), np.ones(3), nn.tanh, out=out), r"out needs shape \(3,\)"),
    ],
)
def test_a_result_never_goes_where_it_does_not_fit(call, words):
    out = np.full((2, 12), 7.0)
    with pytest.raises(ValueError, match=words):
        call(out)
    assert (out == 7).all()


def test_out_of_another_dtype_or_order_is_refused():
    with pytest.raises(ValueError, match="dtype float64, in C order; it has shape \\(2, 3\\) and dtype float32"):
        nn.weight_gradient(np.ones(2), np.ones(3), out=np.empty((2, 3), "f4"))
    with pytest.raises(ValueError, match="not in C order"):
        nn.weight_gradient(np.ones(2), np.ones(3), out=np.empty((3, 2)).T)
    with pytest.raises(TypeError, match="out must be an array"):
        nn.bias_gradient([1.0, 2.0], out=[0.0, 0.0])


def test_lists_are_taken_with_out_as_without():
    out = np.empty((2, 2))
    assert nn.weight_gradient([[1.0, 2.0]], [[3, 4]], out=out) is out
    assert out.tolist() == [[3, 4], [6, 8]]
    with pytest.raises(TypeError, match=r"f must be an Activation.*write nn\.sigmoid"):
        nn.output_delta(np.ones(2), np.ones(2), "sigmoid", out=np.empty(2))


@pytest.mark.parametrize("rows", [1, 127, 128, 255, 256, 300, 100_000, 1_000_000])
def test_float32_gradients_of_biases_keep_their_digits(rows):
    delta = np.random.default_rng(0).random((rows, 3), dtype="f4")
    exact = delta.sum(axis=0, dtype="f8")
    # At most 255 rows are added one after the other, and each addition rounds by 6e-8: √255 · 6e-8 is 1e-6.
    assert np.abs(nn.bias_gradient(delta) / exact - 1).max() < 1e-6
    out = np.empty(3, "f4")
    nn.bias_gradient(delta, out=out)
    assert np.array_equal(out, nn.bias_gradient(delta))


def test_float32_batch_statistics_and_cost_keep_their_digits():
    X = np.full((300_000, 1), 0.1, "f4")
    net = nn.Network([1, 1, 1], "identity", rng=0, dtype="float32", batch_norm={2: nn.BatchNorm()})
    assert np.abs(net.forward(X, training=True).y[2]).max() < 1e-5  # a constant column has mean itself, variance 0
    grads = nn.backprop(nn.Network([1, 1], "sigmoid", initializer="zeros", dtype="float32"), X * 0, X * 0 + 1,
                        nn.BinaryCrossEntropy())  # fmt: skip
    assert grads.b[2][0] == pytest.approx(-150_000, rel=1e-7)
    assert grads.cost == pytest.approx(300_000 * math.log(2), rel=3e-7)
