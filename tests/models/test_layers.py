"""Dropout, batch normalisation and initial weights do what their formulas say, and their gradients are right."""

import copy
import math
import pickle

import numpy as np
import pytest

import nnbook as nn

data = np.random.default_rng(3)
N, SIZES = 7, [4, 6, 5, 3]
X, T = data.standard_normal((N, 4)), data.dirichlet(np.ones(3), N)
COSTS = [
    (nn.SquaredError(), "identity"),
    (nn.BinaryCrossEntropy(), "sigmoid"),
    (nn.CategoricalCrossEntropy(), "softmax"),
    (nn.CategoricalCrossEntropy(), "sigmoid"),
]
LAYERS = [
    {"dropout": {1: 0.25, 2: 0.5, 3: 0.3}},
    {"batch_norm": {2: nn.BatchNorm(epsilon=0.1)}},
    {"batch_norm": {2: nn.BatchNorm(), 3: nn.BatchNorm(), 4: nn.BatchNorm()}, "dropout": {2: 0.5}},
]


def network(hidden="tanh", f="sigmoid", **layers):
    net = nn.Network(SIZES, [hidden, hidden, f], rng=1, **layers)
    draw = np.random.default_rng(2)
    for part in (*net.gamma.values(), *net.beta.values(), *net.b.values()):
        part += draw.uniform(-0.5, 0.5, part.shape)
    for norm in net.batch_norm.values():
        norm.running_mean += draw.uniform(-0.5, 0.5, norm.running_mean.shape)
        norm.running_variance *= draw.uniform(0.5, 2, norm.running_variance.shape)
    return net


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("layers", LAYERS, ids=lambda v: "+".join(v))
@pytest.mark.parametrize(("cost", "f"), COSTS, ids=str)
def test_gradients_agree_with_the_complex_step_with_the_masks_held(cost, f, layers, training):
    net = network("softplus", f, **layers)
    masks = net.forward(X, training=True, rng=4).masks if training else None
    check = {"training": training, "masks": masks, "verbose": False}
    assert nn.check_gradients(net, X, T, cost, method="complex", **check).passed
    assert nn.check_gradients(net, X, T, cost, penalty=nn.L2(0.2), **check).passed
    assert nn.check_gradients(net, X, T, cost, penalty={3: nn.L1(0.2)}, directions=3, rng=0, **check).passed


@pytest.mark.parametrize("part", ["W", "b", "gamma", "beta"])
def test_a_planted_wrong_gradient_is_refused_wherever_it_stands(part):
    net = network(batch_norm={3: nn.BatchNorm()}, dropout={2: 0.5})
    masks = net.forward(X, training=True, rng=4).masks
    grads = nn.backprop(net, X, T, nn.SquaredError(), training=True, masks=masks)
    for l, array in getattr(grads, part).items():
        wrong = copy.deepcopy(grads)
        getattr(wrong, part)[l].flat[1] += 1e-4 * np.abs(grads.parameters).max()
        options = {"training": True, "masks": masks, "verbose": False}
        check = nn.check_gradients(net, X, T, nn.SquaredError(), wrong, **options)
        assert not check.passed, (part, l)
        assert check.worst.name == f"{part}[{l}]"
        assert array.flat[1] != getattr(wrong, part)[l].flat[1]


def test_delta_is_the_derivative_at_z_before_normalisation():
    net = network(batch_norm={2: nn.BatchNorm(), 3: nn.BatchNorm()})
    cost, l = nn.SquaredError(), 2
    grads = nn.backprop(net, X, T, cost, training=True)

    def total_cost(shift):  # moves z^2 of every sample and unit, and lets the samples interact as they do
        trace = net.forward(X, training=True)
        z = trace.z[2] + shift
        for layer in (2, 3, 4):
            if layer in net.batch_norm:
                mean, variance = z.mean(axis=0), z.var(axis=0)
                y = net.gamma[layer] * (z - mean) / np.sqrt(variance + 1e-3) + net.beta[layer]
            else:
                y = z
            a = net.f[layer](y)
            z = a @ net.W[layer + 1].T + net.b[layer + 1] if layer < 4 else z
        return cost(a, T).sum()

    numerical = nn.numerical_gradient(total_cost, np.zeros((N, SIZES[l - 1])))
    assert nn.relative_error(grads.delta[l], numerical) < 1e-7


def test_normalised_units_have_mean_beta_and_spread_gamma_over_the_batch():
    net = network(batch_norm={3: nn.BatchNorm(epsilon=1e-12)})
    y = net.forward(X, training=True).y[3]
    np.testing.assert_allclose(y.mean(axis=0), net.beta[3], atol=1e-12)
    np.testing.assert_allclose(y.std(axis=0), net.gamma[3], rtol=1e-9)


def test_prediction_uses_the_running_averages_whatever_the_batch():
    net = network(batch_norm={3: nn.BatchNorm()})
    trace = net.forward(X)
    norm = net.batch_norm[3]
    z_hat = (trace.z[3] - norm.running_mean) / np.sqrt(norm.running_variance + 1e-3)
    np.testing.assert_allclose(trace.y[3], net.gamma[3] * z_hat + net.beta[3])
    np.testing.assert_allclose(net.predict(X[2]), trace.output[2], rtol=1e-12)


def test_fit_moves_the_running_averages_and_nothing_else_does():
    net = network(batch_norm={2: nn.BatchNorm(momentum=0.75)})
    norm = net.batch_norm[2]
    mean, variance = norm.running_mean.copy(), norm.running_variance.copy()
    net.forward(X, training=True)
    nn.backprop(net, X, T, nn.SquaredError(), training=True)
    assert np.array_equal(norm.running_mean, mean)
    assert np.array_equal(norm.running_variance, variance)
    z = net.forward(X).z[2]
    nn.fit(net, X, T, nn.SquaredError(), optimizer=nn.SGD(0.1), epochs=1)
    np.testing.assert_allclose(norm.running_mean, 0.75 * mean + 0.25 * z.mean(axis=0))
    np.testing.assert_allclose(norm.running_variance, 0.75 * variance + 0.25 * z.var(axis=0))


def test_dropout_keeps_the_mean_and_drops_the_rate():
    net = nn.Network([50, 40, 2], "sigmoid", rng=0, dropout={1: 0.2, 2: 0.75})
    many = np.ones((2_000, 50))
    trace = net.forward(many, training=True, rng=0)
    for l, rate in net.dropout.items():
        mask = trace.masks[l]
        assert set(np.unique(mask)) == {0.0, 1 / (1 - rate)}
        share = (mask == 0).mean()
        assert abs(share - rate) < 5 * math.sqrt(rate * (1 - rate) / mask.size)
        assert len(np.unique(mask, axis=0)) > 1_900  # each sample has its own
    np.testing.assert_array_equal(trace.a[1], many * trace.masks[1])
    np.testing.assert_array_equal(trace.a[2], net.f[2](trace.z[2]) * trace.masks[2])


def test_dropout_does_nothing_at_prediction_and_draws_afresh_for_every_batch():
    net, plain = network(dropout={2: 0.5}), network()
    plain.parameters = net.parameters
    assert np.array_equal(net.predict(X), plain.predict(X))
    rng = np.random.default_rng(0)
    first, second = (net.forward(X, training=True, rng=rng).masks[2] for _ in range(2))
    assert not np.array_equal(first, second)
    again = net.forward(X, training=True, rng=0).masks[2]
    assert np.array_equal(first, again)


def test_held_masks_are_the_ones_used():
    net = network(dropout={1: 0.5, 3: 0.5})
    trace = net.forward(X, training=True, rng=0)
    held = net.forward(X, training=True, masks=trace.masks)
    assert np.array_equal(held.output, trace.output)
    dropped = trace.masks[3] == 0
    assert dropped.any()
    delta = nn.backprop(net, X, T, nn.SquaredError(), training=True, masks=trace.masks).delta[3]
    assert (delta[dropped] == 0).all()
    assert (delta[~dropped] != 0).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_layers_keep_the_dtype(dtype):
    net = nn.Network(SIZES, rng=0, dtype=dtype, batch_norm={2: nn.BatchNorm()}, dropout={1: 0.5, 2: 0.5})
    nn.fit(net, X, T, nn.SquaredError(), optimizer="adam", epochs=2, rng=0, batch_size=3)
    trace = net.forward(X, training=True, rng=0)
    for arrays in (trace.z, trace.a, trace.y, trace.masks, net.gamma, net.beta):
        assert {array.dtype.name for array in arrays.values()} == {dtype}
    assert net.batch_norm[2].running_mean.dtype == dtype


def test_copies_pickles_and_files_keep_all_of_a_network(tmp_path):
    net = network("leaky_relu", "softmax", batch_norm={3: nn.BatchNorm(0.5)}, dropout={2: 0.5})
    net.save(tmp_path / "net.npz")
    others = [net.copy(), copy.deepcopy(net), pickle.loads(pickle.dumps(net)), nn.Network.load(tmp_path / "net.npz")]
    for other in others:
        assert repr(other) == repr(net)
        assert np.array_equal(other.predict(X), net.predict(X))
        assert np.shares_memory(other.gamma[3], other.parameters)
        other.batch_norm[3].running_mean += 1
        other.parameters += 1
    assert nn.Network.load(tmp_path / "net.npz").parameter_count == nn.parameter_count(SIZES) + 2 * 5
    assert np.array_equal(net.predict(X), nn.Network.load(tmp_path / "net.npz").predict(X))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nn.BatchNorm(momentum=1), "BatchNorm: momentum"),
        (lambda: nn.BatchNorm(epsilon=0), "BatchNorm: epsilon"),
        (lambda: nn.Dropout(1.0), "Dropout: rate"),
        (lambda: nn.Network(SIZES, rng=0, dropout={4: 0.5}), "dropout can be given for the layers 1 to 3"),
        (lambda: nn.Network(SIZES, rng=0, dropout={2: 1}), r"dropout\[2\]"),
        (lambda: nn.Network(SIZES, rng=0, dropout=0.5), "dropout must be a dict"),
        (lambda: nn.Network(SIZES, rng=0, batch_norm={1: nn.BatchNorm()}), "batch_norm can be given for .* 2 to 4"),
        (lambda: nn.Network(SIZES, rng=0, batch_norm={2: True}), r"batch_norm\[2\] must be a BatchNorm"),
        (lambda: network(dropout={2: 0.5}).forward(X, training=True), "rng is needed"),
        (lambda: network(dropout={2: 0.5}).forward(X, masks={2: X}), "only with training=True"),
        (lambda: network(dropout={2: 0.5}).forward(X, training=True, masks={2: X}), r"masks\[2\] needs shape \(7, 6\)"),
        (lambda: network(dropout={2: 0.5}).forward(X, training=True, masks={}), r"for the layers \[2\]"),
        (lambda: network(batch_norm={2: nn.BatchNorm()}).forward(X[0], training=True), "needs a batch"),
        (
            lambda: nn.check_gradients(network(dropout={2: 0.5}), X, T, nn.SquaredError(), training=True),
            "masks must be given",
        ),
        (lambda: nn.Network(SIZES, rng=0, initializer="best"), "initializer must be one of"),
        (lambda: nn.Network(SIZES, rng=0, initializer=["zeros"]), "one for each of the 3 layers"),
        (lambda: nn.Network(SIZES, rng=0, initializer=lambda rng, shape: np.ones(3)), "of layer 2 needs the shape"),
        (lambda: nn.Network(SIZES, rng=0, initializer=lambda rng, shape: np.full(shape, np.nan)), "is nan"),
        (lambda: nn.Network(SIZES, initializer="he_normal"), "rng is needed"),
    ],
)  # fmt: skip
def test_bad_arguments_are_refused_by_name(make, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make()


@pytest.mark.parametrize(
    ("name", "variance"),
    [
        ("scaled_normal", 1 / 300),
        ("lecun_normal", 1 / 300),
        ("lecun_uniform", 1 / 300),
        ("glorot_normal", 2 / 500),
        ("glorot_uniform", 2 / 500),
        ("he_normal", 2 / 300),
        ("he_uniform", 2 / 300),
        ("normal", 0.05**2),
    ],
)
def test_first_weights_have_the_variance_of_their_name(name, variance):
    net = nn.Network([300, 200], rng=0, initializer=name)
    W = net.W[2]
    assert (net.b[2] == 0).all()
    # 60,000 draws: the variance is off by about √(2/60,000) = 0.6 %, the mean by 0.4 % of the spread.
    assert W.var() == pytest.approx(variance, rel=0.03)
    assert abs(W.mean()) < 0.02 * math.sqrt(variance)
    largest = np.abs(W).max() / math.sqrt(variance)
    assert largest <= math.sqrt(3) if name.endswith("uniform") else largest > 3


def test_initialisers_by_layer_and_of_ones_own():
    def counting(rng, shape):
        return np.arange(math.prod(shape)).reshape(shape)

    net = nn.Network([2, 3, 4, 1], rng=0, initializer=["zeros", counting, nn.initializers.Normal(1e-9)])
    assert (net.W[2] == 0).all()
    assert np.array_equal(net.W[3], np.arange(12).reshape(4, 3))
    assert 0 < np.abs(net.W[4]).max() < 1e-7
    nn.Network([2, 3], initializer="zeros")  # draws nothing, so it needs no generator


def test_a_layered_network_learns():
    X, labels = nn.datasets.digits_4x3()
    T = nn.one_hot(labels, 2)
    layers = {"batch_norm": {2: nn.BatchNorm(0.8)}, "dropout": {2: 0.2}}
    net = nn.Network([12, 8, 2], ["relu", "softmax"], rng=0, initializer="he_normal", **layers)
    history = nn.fit(net, X, T, nn.CategoricalCrossEntropy(), optimizer=nn.Adam(0.01), epochs=60, batch_size=16, rng=0)
    assert history.accuracy[-1] == 1.0
    assert history.cost[-1] < 0.1 * history.cost[0]
