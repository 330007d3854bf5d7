"""Claims that hold for every network and batch, tested on random ones."""

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from independent import HIDDEN, distance

import nnbook as nn

sizes = st.lists(st.integers(1, 6), min_size=2, max_size=5)
common = settings(max_examples=40, deadline=None, derandomize=True)


@st.composite
def cases(draw, samples=(1, 7)):
    units, seed, n = draw(sizes), draw(st.integers(0, 2**32 - 1)), draw(st.integers(*samples))
    names = [draw(st.sampled_from(HIDDEN)) for _ in units[1:]]
    rng = np.random.default_rng(seed)
    net = nn.Network(units, names, rng=rng)
    net.parameters = rng.normal(size=net.parameter_count)
    return net, rng.normal(size=(n, units[0])), rng.normal(size=(n, units[-1]))


@common
@given(cases())
def test_shapes(case):
    net, X, T = case
    trace, grads = net.forward(X), nn.backprop(net, X, T, nn.SquaredError())
    for l in net.W:
        assert trace.z[l].shape == trace.a[l].shape == grads.delta[l].shape == (len(X), net.sizes[l])
        assert grads.W[l].shape == net.W[l].shape == (net.sizes[l], net.sizes[l - 1])
        assert grads.b[l].shape == net.b[l].shape == (net.sizes[l],)
    assert grads.parameters.shape == (net.parameter_count,) == net.parameters.shape


@common
@given(cases(samples=(2, 7)), st.data())
def test_the_gradient_is_linear_in_the_batch(case, data):
    net, X, T = case
    cut = data.draw(st.integers(1, len(X) - 1))
    whole = nn.backprop(net, X, T, nn.SquaredError())
    parts = [nn.backprop(net, X[s], T[s], nn.SquaredError()) for s in (slice(cut), slice(cut, None))]
    assert distance(whole.parameters, parts[0].parameters + parts[1].parameters) < 1e-12
    np.testing.assert_allclose(whole.cost, parts[0].cost + parts[1].cost, rtol=1e-12)


@common
@given(cases(samples=(2, 7)), st.randoms(use_true_random=False))
def test_the_order_of_samples_does_not_matter(case, random):
    net, X, T = case
    order = list(range(len(X)))
    random.shuffle(order)
    first, second = nn.backprop(net, X, T, nn.SquaredError()), nn.backprop(net, X[order], T[order], nn.SquaredError())
    assert distance(first.parameters, second.parameters) < 1e-12
    for l in first.delta:
        assert distance(first.delta[l][order], second.delta[l]) < 1e-12


@common
@given(cases())
def test_a_batch_row_is_the_sample_alone(case):
    net, X, T = case
    batch = nn.backprop(net, X, T, nn.SquaredError())
    alone = nn.backprop(net, X[:1], T[:1], nn.SquaredError())
    for l in net.W:
        assert distance(batch.delta[l][:1], alone.delta[l]) < 1e-12
    assert distance(net.predict(X)[0], net.predict(X[0])) < 1e-12


@common
@given(cases(), st.floats(0.1, 10))
def test_the_gradient_is_along_every_direction_the_slope(case, scale):
    """In every direction a small step changes the cost as the gradient predicts."""
    net, X, T = case
    if any(f in (nn.relu, nn.leaky_relu) for f in net.f.values()):
        return  # a kink may lie between the two points
    v = scale * np.random.default_rng(0).normal(size=net.parameter_count)
    grads = nn.backprop(net, X, T, nn.SquaredError())
    exact = net.astype("complex128")
    exact.parameters = net.parameters + 1e-20j * v
    slope = nn.backprop(exact, X, T, nn.SquaredError()).cost.imag / 1e-20
    np.testing.assert_allclose(slope, grads.parameters @ v, rtol=1e-9, atol=1e-12 * np.linalg.norm(v))


@common
@given(cases())
def test_an_input_that_is_always_zero_gives_its_weights_no_gradient(case):
    net, X, T = case
    X[:, 0] = 0
    assert np.array_equal(nn.backprop(net, X, T, nn.SquaredError()).W[2][:, 0], np.zeros(net.sizes[2]))


@common
@given(cases())
def test_outputs_that_equal_the_targets_leave_no_gradient(case):
    net, X, _ = case
    grads = nn.backprop(net, X, net.predict(X), nn.SquaredError())
    assert not grads.parameters.any()
    assert grads.cost == 0


@common
@given(cases())
def test_backprop_changes_nothing(case):
    net, X, T = case
    before = [a.tobytes() for a in (net.parameters, X, T)]
    nn.backprop(net, X, T, nn.SquaredError())
    net.forward(X)
    assert [a.tobytes() for a in (net.parameters, X, T)] == before


@common
@given(cases())
def test_float32_is_float64_rounded(case):
    net, X, T = case
    single = nn.backprop(net.astype("float32"), X.astype("float32"), T.astype("float32"), nn.SquaredError())
    assert single.parameters.dtype == single.delta[2].dtype == np.float32
    double = nn.backprop(net, X, T, nn.SquaredError())
    assert np.linalg.norm(single.parameters - double.parameters) < 1e-3 * (1 + np.linalg.norm(double.parameters))


@common
@given(sizes)
def test_parameter_count(units):
    count = 0
    for before, n in itertools.pairwise(units):
        for _ in range(n):
            count += before + 1
    assert nn.parameter_count(units) == count == nn.Network(units, initializer="zeros").parameter_count
