"""`fit` minimises what it reports, stops when it should, and refuses what it cannot use."""

import itertools
import math
import os
import signal
import sys

import numpy as np
import pytest

import nnbook as nn
from nnbook.training import console

rng = np.random.default_rng(5)
N, SIZES = 7, [4, 5, 3]
X = rng.standard_normal((N, 4))
SOFT = rng.dirichlet(np.ones(3), N)  # soft targets, which suit every cost: a one-hot row hides terms
SGD = nn.SGD(learning_rate=0.5)


def small(activation="sigmoid", seed=1, **options):
    return nn.Network(SIZES, activation, rng=seed, **options)


def fit(net, X=X, T=SOFT, cost=None, **options):
    options = {"optimizer": SGD, "epochs": 3, **options}
    return nn.fit(net, X, T, cost or nn.SquaredError(), **options)


def objective(net, X, T, cost, penalty):
    """J written out from its definition: the mean cost, and the penalty of the weights once."""
    J = sum(cost(net.predict(X), T)) / len(X)
    for l, p in penalty.items():
        if isinstance(p, nn.L2):
            J += p.strength / 2 * sum(w**2 for w in net.W[l].flat)
        else:
            J += p.strength * sum(abs(w) for w in net.W[l].flat)
    return J


COSTS = [
    (nn.SquaredError(), "identity"),
    (nn.SquaredError(), "sigmoid"),
    (nn.BinaryCrossEntropy(), "sigmoid"),
    (nn.CategoricalCrossEntropy(), "softmax"),
    (nn.CategoricalCrossEntropy(), "sigmoid"),  # unmatched
]
PENALTIES = [{}, {2: nn.L2(0.3), 3: nn.L2(0.3)}, {2: nn.L1(0.2), 3: nn.L1(0.2)}, {2: nn.L1(0.2), 3: nn.L2(0.3)}]
OPTIMIZERS = [
    nn.SGD(0.1), nn.SGD(0.1, momentum=0.9), nn.SGD(0.1, momentum=0.9, nesterov=True),
    nn.Adagrad(0.1), nn.RMSprop(0.1), nn.Adam(0.1),
]  # fmt: skip


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
@pytest.mark.parametrize("penalty", PENALTIES, ids=repr)
@pytest.mark.parametrize(("cost", "f"), COSTS, ids=lambda v: str(v))
def test_the_step_is_taken_with_the_numerical_gradient_of_the_reported_objective(cost, f, penalty, optimizer):
    net = small(["tanh", f])
    probe = net.copy()

    def J(parameters):
        probe.parameters = parameters
        return objective(probe, X, SOFT, cost, penalty)

    start = net.parameters.copy()
    wanted, _ = optimizer.update(start, nn.numerical_gradient(J, start), optimizer.init(start))
    history = fit(net, cost=cost, penalty=penalty, optimizer=optimizer, epochs=1)
    assert history.cost == [pytest.approx(J(net.parameters), rel=1e-12)]
    # Adam and similar rules divide by |g|, which magnifies the error of 1e-10 where g is small.
    np.testing.assert_allclose(net.parameters - start, wanted - start, rtol=1e-4, atol=1e-8)


def test_a_last_batch_that_is_smaller_is_divided_by_its_own_size():
    net, cost = small(), nn.BinaryCrossEntropy()
    by_hand = net.copy()
    for part in (slice(0, 3), slice(3, 6), slice(6, 7)):
        grads = nn.backprop(by_hand, X[part], SOFT[part], cost)
        size = len(X[part])
        for l in (2, 3):
            by_hand.W[l] -= 0.5 * (grads.W[l] / size + 0.3 * by_hand.W[l])
            by_hand.b[l] -= 0.5 * grads.b[l] / size
    fit(net, cost=cost, penalty=nn.L2(0.3), batch_size=3, shuffle=False, epochs=1)
    np.testing.assert_allclose(net.parameters, by_hand.parameters, rtol=1e-12)


def test_shuffling_takes_every_sample_once_an_epoch_in_the_order_of_the_generator():
    seen = []

    class Spy(nn.SquaredError):
        def unchecked_delta(self, z, t, f, a, out):
            seen.append(t.copy())
            return super().unchecked_delta(z, t, f, a, out)

    T = np.arange(N * 3.0).reshape(N, 3)
    fit(small(), T=T, cost=Spy(), batch_size=2, rng=np.random.RandomState(8), epochs=2)
    epochs = np.concatenate(seen).reshape(2, N, 3)
    expected = np.random.RandomState(8)
    for rows in epochs:
        order = np.arange(N)
        expected.shuffle(order)
        assert np.array_equal(rows, T[order])
    assert not np.array_equal(epochs[0], epochs[1])


def test_history_holds_what_can_be_computed_again():
    T = nn.one_hot(np.array([0, 1, 2, 0, 1, 2, 2]), 3)
    net = small(["relu", "softmax"])
    cost = nn.CategoricalCrossEntropy()
    history = fit(net, X[:5], T[:5], cost, penalty=nn.L2(0.2), validation=(X[5:], T[5:]), epochs=4)
    assert history.epochs == [1, 2, 3, 4]
    assert history.stopped == "epochs"
    assert [len(getattr(history, name)) for name in ("cost", "validation_cost", "learning_rate")] == [4, 4, 4]
    weights = sum((W**2).sum() for W in net.W.values())
    assert history.cost[-1] == pytest.approx(cost(net.predict(X[:5]), T[:5]).mean() + 0.1 * weights)
    assert history.validation_cost[-1] == pytest.approx(cost(net.predict(X[5:]), T[5:]).mean())
    assert history.accuracy[-1] == np.mean(net.predict(X[:5]).argmax(1) == T[:5].argmax(1))
    assert history.validation_accuracy[-1] == np.mean(net.predict(X[5:]).argmax(1) == T[5:].argmax(1))
    assert repr(history).startswith("History(4 epochs, cost ")


def test_sets_larger_than_one_chunk_are_measured_whole():
    many = np.random.default_rng(0)
    X, T = many.standard_normal((1_100, 4)), many.uniform(size=(1_100, 3))
    net = small()
    history = fit(net, X, T, epochs=1, metrics=["mean_squared_error", "r2", "mean_absolute_error"])
    a = net.predict(X)
    assert history.cost[0] == pytest.approx(0.5 * ((a - T) ** 2).sum() / 1_100)
    assert history.mean_squared_error[0] == pytest.approx(((a - T) ** 2).mean())
    assert history.mean_absolute_error[0] == pytest.approx(np.abs(a - T).mean())
    assert history.r2[0] == pytest.approx(np.mean(1 - ((a - T) ** 2).sum(0) / ((T - T.mean(0)) ** 2).sum(0)))


def test_a_metric_of_ones_own_is_recorded_under_its_name():
    def largest_error(outputs, T):
        return np.abs(outputs - T).max()

    net = small()
    history = fit(net, metrics=[largest_error], validation=(X[:2], SOFT[:2]))
    assert history.largest_error[-1] == pytest.approx(np.abs(net.predict(X) - SOFT).max())
    assert len(history.validation_largest_error) == 3
    assert history.accuracy == []


def test_measuring_every_so_often_leaves_the_training_as_it_is():
    each, some = small(), small()
    all_epochs = fit(each, epochs=8)
    history = fit(some, epochs=8, evaluate_every=3)
    assert history.epochs == [3, 6, 8]
    assert history.cost == [all_epochs.cost[i - 1] for i in (3, 6, 8)]
    assert np.array_equal(each.parameters, some.parameters)


def test_a_fraction_sets_the_last_rows_aside():
    one, other = small(), small()
    a = fit(one, validation=0.3)
    b = fit(other, X[:4], SOFT[:4], validation=(X[4:], SOFT[4:]))
    assert np.array_equal(one.parameters, other.parameters)
    assert a.validation_cost == b.validation_cost


def test_training_stops_when_the_cost_is_small_enough():
    history = fit(small(), epochs=500, cost_below=0.14)
    assert history.stopped == "cost_below"
    assert history.cost[-1] < 0.14 <= history.cost[-2]


def test_a_batch_larger_than_the_data_is_the_data_and_needs_no_generator():
    one, other = small(), small()
    fit(one, batch_size=1_000)
    fit(other)
    assert np.array_equal(one.parameters, other.parameters)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_fit_keeps_dtype_and_leaves_its_arguments_alone(dtype):
    net = small(dtype=dtype)
    inputs, targets = X.copy(), SOFT.copy()
    fit(net, inputs, targets, penalty=nn.L1(1e-3), batch_size=2, rng=0)
    assert net.parameters.dtype == dtype
    assert np.array_equal(inputs, X)
    assert np.array_equal(targets, SOFT)
    assert np.shares_memory(net.W[2], net.parameters)


def test_the_same_seed_gives_the_same_network():
    nets = [small(dropout={2: 0.5}) for _ in range(3)]
    for net, seed in zip(nets, (3, 3, 4)):
        fit(net, batch_size=2, rng=seed)
    assert np.array_equal(nets[0].parameters, nets[1].parameters)
    assert not np.array_equal(nets[0].parameters, nets[2].parameters)


def test_divergence_names_epoch_and_layer_and_leaves_the_last_whole_epoch():
    net = small("identity")
    kept = []
    with (
        np.errstate(all="raise"),
        pytest.raises(FloatingPointError, match=r"fit: epoch \d+, (step 1, )?layer \d: .*finite"),
    ):
        fit(net, optimizer=nn.SGD(1e9), epochs=500, callbacks=[lambda run: kept.append(run.net.parameters.copy())])
    assert len(kept) > 1
    assert np.array_equal(net.parameters, kept[-1])
    assert np.isfinite(net.parameters).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_network_that_is_broken_already_is_reported_with_the_layer(bad):
    net = small()
    net.W[3][1, 2] = bad
    with pytest.raises(FloatingPointError, match=r"fit: epoch 1, step 1, layer 3: W\[3\] is no longer finite"):
        fit(net)


def test_an_infinite_unmatched_cost_names_the_layer():
    net = small(["tanh", "relu"])
    net.W[3] *= 0
    with pytest.raises(ValueError, match=r"fit: epoch 1, layer 3: CategoricalCrossEntropy: the cost is infinite"):
        fit(net, cost=nn.CategoricalCrossEntropy())


def test_a_callback_sees_the_run_and_can_stop_it():
    seen = []

    class Watch(nn.Callback):
        def begin(self, run):
            seen.append(("begin", run.epoch))

        def after_epoch(self, run):
            seen.append((run.epoch, run.history.cost[-1], run.learning_rate))
            run.learning_rate = 0.25
            if run.epoch == 2:
                run.stop("enough")

        def end(self, run):
            seen.append(("end", run.history.stopped))

    history = fit(small(), callbacks=[Watch()], epochs=9)
    assert history.stopped == "enough"
    assert history.learning_rate == [0.5, 0.25]
    assert seen == [("begin", 0), (1, history.cost[0], 0.5), (2, history.cost[1], 0.25), ("end", "enough")]


@pytest.mark.parametrize("how", ["signal", "exception"])
def test_an_interrupt_keeps_what_was_learned_and_its_history(how, capsys):
    net, kept = small(), []

    def interrupt(run):
        kept.append(run.net.parameters.copy())
        if run.epoch == 3:
            if how == "exception":
                raise KeyboardInterrupt
            os.kill(os.getpid(), signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    history = fit(net, epochs=50, callbacks=[interrupt])
    assert history.stopped == "interrupted"
    assert history.epochs == [1, 2, 3]
    assert np.array_equal(net.parameters, kept[-1])
    assert signal.getsignal(signal.SIGINT) is before
    assert "interrupted after 3 whole epochs" in capsys.readouterr().err


def test_an_interrupt_in_the_middle_of_an_epoch_ends_after_the_step_at_hand():
    class Interrupting(nn.SquaredError):
        steps = 0

        def unchecked_delta(self, *arguments):
            self.steps += 1
            if self.steps == 6:  # the second of four steps of epoch 2
                signal.raise_signal(signal.SIGINT)
            return super().unchecked_delta(*arguments)

    cost, net, reference = Interrupting(), small(), small()
    history = fit(net, cost=cost, batch_size=2, shuffle=False, epochs=9)
    assert history.epochs == [1]
    assert cost.steps == 6
    fit(reference, batch_size=2, shuffle=False, epochs=1)
    fit(reference, X[:4], SOFT[:4], batch_size=2, shuffle=False, epochs=1)
    assert np.array_equal(net.parameters, reference.parameters)


def test_no_progress_bar_unless_somebody_looks(capsys, monkeypatch):
    fit(small(), progress=True)
    assert capsys.readouterr() == ("", "")
    assert type(console.progress_bar(True, 3)).__name__ == "NoBar"
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert type(console.progress_bar(False, 3)).__name__ == "NoBar"
    with console.progress_bar(True, 3) as bar:
        assert bar.total == 3
        assert bar.leave is False


def test_what_a_user_may_get_wrong_is_refused_before_any_work():
    cases = [
        (ValueError, "X must have shape", {"X": X.T}),
        (ValueError, "X must have shape", {"X": X[:0], "T": SOFT[:0]}),
        (ValueError, "X must have shape", {"X": X[0], "T": SOFT[0]}),
        (TypeError, "float16", {"X": X.astype(np.float16)}),
        (ValueError, r"X\[2, 1\] is nan", {"X": np.where(np.arange(28).reshape(7, 4) == 9, np.nan, X)}),
        (ValueError, r"T\[0, 0\] is inf", {"T": np.full((7, 3), np.inf)}),
        (ValueError, "T must have shape", {"T": SOFT[:, :2]}),
        (ValueError, "T must have shape", {"T": np.array([0, 1, 2, 0, 1, 2, 0])}),
        (ValueError, "7 samples, so T needs 7 rows", {"T": SOFT[:6]}),
        (ValueError, r"must lie in \[0, 1\]", {"T": SOFT * 9, "cost": nn.BinaryCrossEntropy()}),
        (TypeError, "real numbers", {"X": X + 0j}),
        (TypeError, "cost must be a cost", {"cost": "mse"}),
        (TypeError, "optimizer must be", {"optimizer": 0.1}),
        (TypeError, "epochs must be a whole number", {"epochs": 2.5}),
        (ValueError, "epochs must be at least 1", {"epochs": 0}),
        (ValueError, "batch_size must be at least 1", {"batch_size": 0}),
        (TypeError, "rng is needed", {"batch_size": 2}),
        (TypeError, "penalty must be", {"penalty": 0.1}),
        (ValueError, "penalty is given for layer 1", {"penalty": {1: nn.L2(0.1)}}),
        (TypeError, "validation must be", {"validation": X}),
        (ValueError, "validation must be a finite number", {"validation": 1.0}),
        (ValueError, "leaves one of the two sets empty", {"validation": 0.01, "X": X[:1], "T": SOFT[:1]}),
        (ValueError, "validation X must have shape", {"validation": (X[:, :2], SOFT)}),
        (ValueError, r"validation T\[0, 0\] is nan", {"validation": (X[:1], SOFT[:1] * np.nan)}),
        (TypeError, "metrics must be", {"metrics": "accuracy"}),
        (ValueError, "metrics must be one of", {"metrics": ["f1"]}),
        (TypeError, "callbacks must be", {"callbacks": [3]}),
        (ValueError, "evaluate_every must be at least 1", {"evaluate_every": 0}),
        (ValueError, "cost_below must be a finite number", {"cost_below": math.nan}),
    ]
    net = small()
    start = net.parameters.copy()
    for kind, message, options in cases:
        with pytest.raises(kind, match=message):
            fit(net, **options)
    with pytest.raises(TypeError, match="net must be a Network"):
        fit(None)
    with pytest.raises(TypeError, match="complex"):
        fit(net.astype("complex128"))
    assert np.array_equal(net.parameters, start)


def test_accuracy_counts_classes():
    outputs = np.array([[0.9, 0.1], [0.4, 0.6], [0.3, 0.2]])
    assert nn.accuracy(outputs, nn.one_hot(np.array([0, 0, 0]), 2)) == pytest.approx(2 / 3)
    assert nn.accuracy(outputs, np.array([0, 1, 1])) == pytest.approx(2 / 3)
    assert nn.accuracy(np.array([[0.5], [0.49]]), np.array([[1.0], [1.0]])) == 0.5
    for bad, message in ((np.ones((2, 2)), "shape"), (np.array([0, 1]), "3 samples"), ([[np.nan] * 2] * 3, "nan")):
        with pytest.raises(ValueError, match=message):
            nn.accuracy(outputs, bad)


def test_r2_of_equal_targets_is_refused():
    with pytest.raises(ValueError, match="targets that differ"):
        nn.metrics.r2(np.ones((3, 1)), np.full((3, 1), 2.0))


@pytest.mark.parametrize(("penalty", "value", "gradient"), [
    (nn.L2(0.5), 0.25 * 14, [0.5, -1.0, 1.5, 0.0]),
    (nn.L1(0.5), 0.5 * 6, [0.5, -0.5, 0.5, 0.0]),
    (nn.L1L2(0.5, 0.5), 3 + 3.5, [1.0, -1.5, 2.0, 0.0]),
])  # fmt: skip
def test_penalties_are_what_their_formulas_say(penalty, value, gradient):
    w = np.array([1.0, -2.0, 3.0, 0.0])
    assert penalty(w) == pytest.approx(value)
    assert np.allclose(penalty.gradient(w), gradient)
    assert np.allclose(penalty.gradient(w, scale=3), 3 * np.array(gradient))
    out = np.empty(4)
    assert penalty.gradient(w, out=out) is out
    with pytest.raises(ValueError, match="at least 0"):
        type(penalty)(*([-0.1] * len([k for k in vars(penalty) if k != "biases"])))


def test_biases_are_penalised_only_when_asked():
    plain, both = small(), small()
    for net in (plain, both):
        net.b[2][:] = 1
    grads = nn.backprop(plain, X, SOFT, nn.SquaredError())
    wanted = plain.b[2] - 0.5 * grads.b[2] / N
    fit(plain, penalty=nn.L2(0.3), epochs=1)
    fit(both, penalty=nn.L2(0.3, biases=True), epochs=1)
    np.testing.assert_allclose(plain.b[2], wanted)
    np.testing.assert_allclose(both.b[2], wanted - 0.5 * 0.3)


def test_a_penalty_of_two_batches_counts_once_in_each():
    for penalty, size in itertools.product((nn.L2(0.1), nn.L1(0.1)), (2, 7)):
        net = small()
        net.b[2][:], net.b[3][:] = 0, 0
        start = net.W[2].copy()
        fit(net, X * 0, net.predict(X * 0), penalty=penalty, batch_size=size, shuffle=False, epochs=1)
        # The outputs are right already, so nothing but the penalty moves the weights into layer 2.
        w = start
        for _ in range(math.ceil(N / size)):
            w = w - 0.5 * (0.1 * w if isinstance(penalty, nn.L2) else 0.1 * np.sign(w))
        np.testing.assert_allclose(net.W[2], w, rtol=1e-12)


def test_batch_normalisation_of_one_sample_is_refused():
    net = nn.Network([4, 3, 2], "tanh", rng=0, batch_norm={2: nn.BatchNorm()})
    before = net.parameters.copy()
    with pytest.raises(ValueError, match="batch_size must be at least 2 with batch normalisation"):
        nn.fit(net, np.ones((5, 4)), np.ones((5, 2)), nn.SquaredError(), optimizer="sgd", epochs=1, batch_size=1, rng=0)
    with pytest.raises(ValueError, match="batch_size must be at least 2"):
        nn.fit(net, np.ones((1, 4)), np.ones((1, 2)), nn.SquaredError(), optimizer="sgd", epochs=1)
    with pytest.raises(ValueError, match="at least 2 samples; X is one sample"):
        net.forward(np.ones((1, 4)), training=True)
    assert np.array_equal(net.parameters, before)
    assert net.forward(np.ones((1, 4))).output.shape == (1, 2)  # with the running averages one sample is enough


def test_with_batch_normalisation_a_last_batch_of_one_joins_the_batch_before():
    rng = np.random.default_rng(0)
    X, T = rng.standard_normal((9, 4)), rng.standard_normal((9, 2))
    sizes = []

    class Sizes(nn.SquaredError):
        name = "SquaredError"

        def unchecked_delta(self, z, *arguments):
            sizes.append(len(z))
            return super().unchecked_delta(z, *arguments)

    for norm, wanted in (({2: nn.BatchNorm()}, [4, 5]), (None, [4, 4, 1])):
        sizes.clear()
        net = nn.Network([4, 3, 2], "tanh", rng=0, batch_norm=norm)
        nn.fit(net, X, T, Sizes(), optimizer=nn.SGD(0.1), epochs=1, batch_size=4, rng=0)
        assert sizes == wanted


def test_a_gradient_that_is_too_long_is_shortened_with_its_penalty():
    rng = np.random.default_rng(1)
    X, T = rng.standard_normal((6, 4)), rng.standard_normal((6, 2))
    net = nn.Network([4, 3, 2], "tanh", rng=0)
    before = net.parameters.copy()
    gradient = nn.numerical_gradients(net, X, T, nn.SquaredError(), penalty=nn.L2(0.3))
    options = {"optimizer": nn.SGD(0.5), "epochs": 1, "penalty": nn.L2(0.3)}
    nn.fit(net, X, T, nn.SquaredError(), clip_norm=0.01, **options)
    step = net.parameters - before
    assert np.linalg.norm(step) == pytest.approx(0.5 * 0.01)
    np.testing.assert_allclose(step, -0.5 * 0.01 * gradient / np.linalg.norm(gradient), rtol=1e-6, atol=1e-12)
    free, loose = nn.Network([4, 3, 2], "tanh", rng=0), nn.Network([4, 3, 2], "tanh", rng=0)
    nn.fit(free, X, T, nn.SquaredError(), **options)
    nn.fit(loose, X, T, nn.SquaredError(), clip_norm=1e6, **options)
    assert np.array_equal(free.parameters, loose.parameters)
    with pytest.raises(ValueError, match="clip_norm must be a finite number greater than 0"):
        nn.fit(net, X, T, nn.SquaredError(), clip_norm=0, **options)


@pytest.mark.parametrize("name", ["cost", "epochs", "learning_rate", "stopped", "validation_cost", "loss", "val_loss"])
def test_a_metric_cannot_take_the_name_of_what_is_recorded(name):
    def metric(outputs, T):
        return 0.0

    metric.__name__ = name
    net = nn.Network([2, 1], "sigmoid", rng=0)
    with pytest.raises(ValueError, match=f"a function named '{name}' would overwrite"):
        nn.fit(net, np.ones((3, 2)), np.ones((3, 1)), nn.SquaredError(), optimizer="sgd", epochs=1, metrics=[metric])


def test_two_metrics_of_one_name_are_refused():
    net = nn.Network([2, 1], "sigmoid", rng=0)
    with pytest.raises(ValueError, match="two are named 'r2'"):
        nn.fit(
            net, np.ones((3, 2)), np.ones((3, 1)), nn.SquaredError(), optimizer="sgd", epochs=1, metrics=["r2", "R2"]
        )


def test_assigning_all_weights_or_biases_copies_into_the_buffer_that_is_trained(tmp_path):
    rng = np.random.default_rng(2)
    X, T = rng.standard_normal((8, 3)), rng.standard_normal((8, 2))
    net = nn.Network([3, 4, 2], "tanh", rng=0, batch_norm={2: nn.BatchNorm()})
    W = {l: w + 1 for l, w in net.W.items()}
    net.W, net.b = W, {2: np.ones(4), 3: [2.0, 3.0]}
    net.gamma, net.beta[2] = {2: np.full(4, 5.0)}, np.full(4, 6.0)
    assert np.array_equal(net.parameters[:12], W[2].ravel())
    assert net.parameters[20:26].tolist() == [1, 1, 1, 1, 2, 3]
    assert net.parameters[26:].tolist() == [5, 5, 5, 5, 6, 6, 6, 6]
    nn.fit(net, X, T, nn.SquaredError(), optimizer=nn.SGD(0.1), epochs=3)
    assert not np.array_equal(net.W[2], W[2])
    net.save(tmp_path / "net.npz")
    assert np.array_equal(nn.Network.load(tmp_path / "net.npz").predict(X), net.predict(X))


@pytest.mark.parametrize(
    "value", [{2: np.zeros((4, 3))}, np.zeros((4, 3)), None, {2: np.zeros((4, 3)), 3: np.zeros(2)}]
)
def test_weights_that_do_not_fit_are_refused_and_nothing_is_changed(value):
    net = nn.Network([3, 4, 2], "tanh", rng=0)
    before = net.parameters.copy()
    with pytest.raises((TypeError, ValueError), match=r"W takes one array for each|W\[3\] has shape"):
        net.W = value
    with pytest.raises(IndexError, match=r"gamma\[2\] does not exist"):
        net.gamma[2] = np.ones(4)
    assert np.array_equal(net.parameters, before)
