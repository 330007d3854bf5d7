"""The programs that the benchmarks compare compute the same thing, and the scripts run. No time is asserted."""

import compare as run
import numpy as np
import pytest
import reproduce_published
from textbook import Bare, Textbook

import nnbook as nn

data = np.random.default_rng(2)
X, T = data.random((25, 6)), nn.one_hot(data.integers(0, 3, 25), 3)


def same_start(penalty=0.0):
    plain = Textbook([6, 5, 3], np.random.default_rng(1), penalty=penalty)
    net = nn.Network([6, 5, 3], "sigmoid", initializer="zeros")
    for l in net.W:
        net.W[l] = plain.W[l - 2]
    return plain, net


@pytest.mark.parametrize("penalty", [0.0, 0.02])
def test_the_plain_class_takes_the_steps_of_fit(penalty):
    plain, net = same_start(penalty)
    order = np.random.default_rng(4)
    orders = [order.permutation(25) for _ in range(3)]

    class Replay:
        """Provides the orders of the samples to the plain class, in place of a generator."""

        def __init__(self):
            self.left = list(orders)

        def permutation(self, n):
            return self.left.pop(0)

    plain.fit(X, T, 0.3, 3, 10, Replay(), validation=(X, T))
    for rows in orders:
        nn.fit(
            net, X[rows], T[rows], nn.BinaryCrossEntropy(), optimizer=nn.SGD(0.3), epochs=1, batch_size=10,
            penalty=nn.L2(penalty) if penalty else None, shuffle=False,
        )  # fmt: skip
    for l in net.W:
        np.testing.assert_allclose(net.W[l], plain.W[l - 2], rtol=1e-12)
        np.testing.assert_allclose(net.b[l], plain.b[l - 2], rtol=1e-11)
    weights = sum((W**2).sum() for W in net.W.values())
    cost = nn.BinaryCrossEntropy()(net.predict(X), T).mean() + penalty / 2 * weights
    assert plain.cost(X, T) == pytest.approx(cost)
    assert plain.accuracy(X, T) == nn.accuracy(net.predict(X), T)


def test_the_bare_operations_take_the_steps_of_the_plain_class():
    plain, bare = Textbook([6, 5, 3], np.random.default_rng(1)), Bare([6, 5, 3], 5, np.random.default_rng(2), "float64")
    plain.W, plain.b = [bare.W2.copy(), bare.W3.copy()], [bare.b2.copy(), bare.b3.copy()]
    plain.fit(X, T, 0.3, 3, 5, np.random.default_rng(4))
    bare.fit(X, T, 0.3, 3, np.random.default_rng(4))
    for theirs, ours in zip([*plain.W, *plain.b], [bare.W2, bare.W3, bare.b2, bare.b3], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-11)


def test_the_plain_numerical_gradient_is_that_of_the_package():
    plain, net = same_start()
    numerical = nn.numerical_gradients(net, X, T, nn.BinaryCrossEntropy())
    assert nn.relative_error(plain.numerical_gradient(X, T), numerical) < 1e-8
    assert nn.relative_error(numerical, nn.backprop(net, X, T, nn.BinaryCrossEntropy()).parameters) < 1e-8


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")  # scikit-learn says that one epoch does not converge
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_every_measurement_gives_complete_rows(dtype):
    jobs = [
        run.training_steps(dtype, 1, samples=200, epochs=1),
        run.measured_epochs(dtype, 1, samples=200, epochs=1),
        run.small_steps(dtype, 1, epochs=1),
        run.numerical_gradients(1, repeats=1),
        run.one_prediction(dtype, 1),
        run.memory(samples=500),
        run.imports(1),
        run.grading(1),
    ]
    rows = [row for job in jobs for row in job]
    assert len(rows) >= 5
    for row in rows:
        assert set(row) == {"what", "dtype", "to", "ratio", "target", "met", "microseconds"}
        assert row["ratio"] > 0
        assert row["met"] == ("" if row["target"] is None else "yes" if row["ratio"] <= row["target"] + 5e-4 else "no")


def test_the_table_replaces_the_one_before(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "HERE", tmp_path)
    before = "# M\n<!-- table: written by compare.py -->\nold\n<!-- end of table -->\nrest\n"
    (tmp_path / "README.md").write_text(before)
    run.write([run.row("a step", "float64", "plain", 0.5, 0.75, 12.3)])
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "old" not in text
    assert text.endswith("rest\n")
    assert [run.clock(t) for t in (12.3, 1100, 2.6e6)] == [f"{t}\N{NO-BREAK SPACE}{u}" for t, u in [
        ("12.3", "µs"), ("1.1", "ms"), ("2.6", "s")]]  # fmt: skip
    assert "**A step**: 12.3\N{NO-BREAK SPACE}µs in float64.\n" in text
    assert "| plain | float64 | 0.500 | ≤\N{NO-BREAK SPACE}0.75, met |" in text
    assert (tmp_path / "results.json").is_file()


def test_the_published_run_draws_its_weights_input_by_output_hidden_layer_first():
    net = reproduce_published.network(np.random.RandomState(1))
    draws = np.random.RandomState(1)
    assert np.array_equal(net.W[2], draws.normal(0.0, 0.1, (784, 100)).T)
    assert np.array_equal(net.W[3], draws.normal(0.0, 0.1, (100, 10)).T)
    assert (net.b[2] == 0).all()
    images, labels = data.random((3, 784)) * 2 - 1, np.array([1, 0, 2])
    targets = nn.one_hot(labels, 10)
    a = net.predict(images)
    cost = -(targets * np.log(a) + (1 - targets) * np.log(1 - a)).sum()
    cost += 0.01 * ((net.W[2] ** 2).sum() + (net.W[3] ** 2).sum())
    assert reproduce_published.published_cost(net, images, targets) == pytest.approx(cost)
