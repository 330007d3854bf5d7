"""A sample with weight w counts as w copies of it, and one with weight 0 does not count."""

import numpy as np
import pytest

import nnbook as nn

X, LABELS = nn.datasets.digits_4x3()
T = nn.one_hot(LABELS, 2)
COPIES = np.arange(len(X)) % 4


def trained(X, T, **options):
    net = nn.Network([12, 3, 2], rng=0)
    options = {"optimizer": nn.SGD(0.5), "epochs": 20, "progress": False, **options}
    return net, nn.fit(net, X, T, nn.SquaredError(), **options)


@pytest.mark.parametrize("penalty", [None, nn.L2(0.01)])
@pytest.mark.parametrize("factor", [1, 1000])
def test_a_weight_is_a_number_of_copies(penalty, factor):
    net, history = trained(X, T, sample_weight=factor * COPIES, penalty=penalty)
    copied, expected = trained(np.repeat(X, COPIES, axis=0), np.repeat(T, COPIES, axis=0), penalty=penalty)
    np.testing.assert_allclose(net.parameters, copied.parameters, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(history.cost, expected.cost, rtol=1e-12)


@pytest.mark.parametrize("batch_size", [1, 7])
def test_equal_weights_change_nothing_in_any_batch(batch_size):
    net, history = trained(X, T, sample_weight=np.full(len(X), 3.0), batch_size=batch_size, rng=1)
    plain, expected = trained(X, T, batch_size=batch_size, rng=1)
    np.testing.assert_array_equal(net.parameters, plain.parameters)
    np.testing.assert_allclose(history.cost, expected.cost, rtol=1e-14)


@pytest.mark.parametrize("batch_size", [1, 7])
def test_each_batch_takes_the_weights_of_its_own_samples(batch_size):
    """Steps so small that every batch sees the same network add up to the gradient of the whole set."""
    net = nn.Network([12, 3, 2], rng=0)
    start, rate = net.parameters.copy(), 1e-9
    nn.fit(
        net, X[:70], T[:70], nn.SquaredError(), optimizer=nn.SGD(rate), epochs=1, batch_size=batch_size, rng=0,
        sample_weight=COPIES[:70], progress=False,
    )  # fmt: skip
    weights = COPIES[:70] / COPIES[:70].mean()
    gradients = [
        w * nn.backprop(net, X[k : k + 1], T[k : k + 1], nn.SquaredError()).parameters for k, w in enumerate(weights)
    ]
    moved = (start - net.parameters) / rate
    np.testing.assert_allclose(moved, np.sum(gradients, axis=0) / batch_size, rtol=1e-5, atol=1e-6)


def test_weights_of_another_training_are_refused_on_resuming(tmp_path):
    path = tmp_path / "state.npz"
    saving = {"callbacks": [nn.Checkpoint(path)]}
    trained(X, T, sample_weight=COPIES, epochs=2, **saving)
    with pytest.raises(ValueError, match="sample_weight"):
        trained(X, T, sample_weight=COPIES[::-1], epochs=3, resume=path, **saving)
    net, _ = trained(X, T, sample_weight=COPIES, epochs=3, resume=path, **saving)
    np.testing.assert_array_equal(net.parameters, trained(X, T, sample_weight=COPIES, epochs=3)[0].parameters)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.ones(3), r"sample_weight needs shape \(72,\), one for each sample; it has \(3,\)"),
        (np.ones((72, 1)), "sample_weight needs shape"),
        (-np.ones(72), "at least 0"),
        (np.zeros(72), "above 0 for some sample"),
        (np.full(72, np.nan), r"sample_weight\[0\] is nan"),
        (["much"] * 72, "sample_weight"),
    ],
)
def test_what_cannot_be_a_weight_is_refused(weights, message):
    with pytest.raises((ValueError, TypeError), match=message):
        trained(X, T, sample_weight=weights)


def test_a_fraction_would_separate_weights_from_their_samples():
    with pytest.raises(TypeError, match="validation must be"):
        trained(X, T, sample_weight=COPIES, validation=0.2)
