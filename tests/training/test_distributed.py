"""Shards on the workers of a cluster give the gradient and the training of one machine, also when a worker dies."""

import os
import signal
import time

import numpy as np
import pytest

import nnbook as nn
from nnbook.core.costs import SquaredError

distributed = pytest.importorskip("nnbook.training.distributed", reason="Dask is not installed", exc_type=ImportError)

rng = np.random.default_rng(26)
N, SIZES = 23, [5, 4, 3]  # 23 has no divisor among the numbers of shards: the shards are unequal
X = rng.standard_normal((N, 5))
T = rng.dirichlet(np.ones(3), N)
COSTS = [
    (nn.SquaredError(), "sigmoid"),
    (nn.BinaryCrossEntropy(), "sigmoid"),
    (nn.CategoricalCrossEntropy(), "softmax"),
]


@pytest.fixture(scope="module")
def client():
    with distributed.connect(3) as client:
        yield client


@pytest.fixture
def mortal():
    """A cluster for one test that kills its workers; the others' must not wait for new ones."""
    with distributed.connect(3) as client:
        yield client


def small(f="softmax"):
    return nn.Network(SIZES, ["tanh", f], rng=1)


def close(one, other):
    return nn.relative_error(one, other) < 1e-13


def kill_one_worker(client, which=0):
    """End one of the worker processes that `client` started, and wait until the scheduler knows."""
    client.wait_for_workers(3, timeout=60)  # one killed before may not be back yet
    pids = client.run(os.getpid)
    address = sorted(pids)[which]
    os.kill(pids[address], signal.SIGKILL)
    until = time.monotonic() + 30
    while address in client.scheduler_info()["workers"]:
        assert time.monotonic() < until, "the scheduler has not noticed that its worker is dead"
        time.sleep(0.02)


class KillsItsWorkerOnce(SquaredError):
    """A cost that ends the process in which it is first computed: the first process to create the marker file."""

    def __init__(self, mark, home):
        self.mark, self.home = str(mark), home

    def unchecked_delta(self, *arguments):
        if os.getpid() != self.home:
            try:
                os.close(os.open(self.mark, os.O_CREAT | os.O_EXCL))
            except FileExistsError:
                pass
            else:
                os.kill(os.getpid(), signal.SIGKILL)
        return super().unchecked_delta(*arguments)


class KillsItsWorker(SquaredError):
    def __init__(self, home):
        self.home = home

    def unchecked_delta(self, *arguments):
        if os.getpid() != self.home:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().unchecked_delta(*arguments)


# --- the gradient ---------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2, 3, 7, [1, 4, 18]], ids=str)
@pytest.mark.parametrize(("cost", "f"), COSTS, ids=str)
def test_the_gradient_is_that_of_one_machine(client, cost, f, count):
    net = small(f)
    alone = nn.backprop(net, X, T, cost)
    shards = distributed.Shards(client, X, T, count)
    shared = shards.gradient(net, cost)
    assert close(shared.parameters, alone.parameters)
    assert abs(shared.cost - alone.cost) < 1e-13 * alone.cost
    assert sorted(shared.seconds) == list(range(len(shards.sizes)))


def test_a_single_shard_gives_the_same_bits(client):
    net, cost = small(), nn.CategoricalCrossEntropy()
    shared = distributed.Shards(client, X, T, 1).gradient(net, cost)
    assert np.array_equal(shared.parameters, nn.backprop(net, X, T, cost).parameters)


def test_the_sum_has_the_same_bits_each_time(client):
    net, cost = small(), nn.CategoricalCrossEntropy()
    shards = distributed.Shards(client, X, T, 7)
    assert np.array_equal(shards.gradient(net, cost).parameters, shards.gradient(net, cost).parameters)


def test_a_mean_of_the_shards_means_would_be_wrong(client):
    """The tests above can fail: with unequal shards the unweighted mean is a different number."""
    net, cost = small(), nn.CategoricalCrossEntropy()
    parts = [slice(0, 1), slice(1, 5), slice(5, 23)]
    means = np.mean([nn.backprop(net, X[p], T[p], cost).parameters / len(X[p]) for p in parts], axis=0)
    shared = distributed.Shards(client, X, T, [1, 4, 18]).gradient(net, cost).parameters / N
    assert nn.relative_error(means, shared) > 0.01


def test_chosen_rows_count_and_no_others(client):
    net, cost = small(), nn.CategoricalCrossEntropy()
    chosen = np.array([22, 3, 4, 9])
    shards = distributed.Shards(client, X, T, 7)
    shared = shards.gradient(net, cost, chosen)
    assert close(shared.parameters, nn.backprop(net, X[chosen], T[chosen], cost).parameters)
    assert len(shared.seconds) < 7  # a shard without any of them has nothing to do


def test_the_network_and_the_samples_are_left_alone(client):
    net, kept = small(), small().parameters.copy()
    x, t = X.copy(), T.copy()
    distributed.Shards(client, x, t, 2).gradient(net, nn.CategoricalCrossEntropy())
    assert np.array_equal(net.parameters, kept)
    assert np.array_equal(x, X)
    assert np.array_equal(t, T)


def test_float32_stays_float32(client):
    net = small().astype("float32")
    shared = distributed.Shards(client, X, T, 2).gradient(net, nn.CategoricalCrossEntropy())
    assert shared.parameters.dtype == np.float32


def test_shards_are_as_equal_as_can_be(client):
    assert distributed.Shards(client, X, T, 7).sizes == [4, 4, 3, 3, 3, 3, 3]
    assert len(distributed.Shards(client, X, T).sizes) == 3  # one for each worker


def test_outputs_and_cost_come_back_in_order(client):
    net, cost = small(), nn.CategoricalCrossEntropy()
    total, outputs = distributed.Shards(client, X, T, [1, 4, 18]).forward(net, cost)
    assert abs(total - cost(net.predict(X), T).sum()) < 1e-12
    assert close(outputs, net.predict(X))


# --- training -------------------------------------------------------------------------------------

OPTIONS = {"epochs": 3, "batch_size": 5, "rng": 4, "penalty": nn.L2(0.01), "validation": (X[:6], T[:6])}


@pytest.mark.parametrize("count", [1, 2, 3, 7])
@pytest.mark.parametrize("options", [{}, {"shuffle": False}, {"batch_size": None}], ids=str)
def test_training_takes_the_steps_of_one_machine(client, count, options):
    alone, shared, cost = small(), small(), nn.CategoricalCrossEntropy()
    options = {**OPTIONS, "optimizer": nn.Adam(0.05), **options}
    history = nn.fit(alone, X, T, cost, **options)
    same = distributed.fit(shared, distributed.Shards(client, X, T, count), cost, **options)
    assert nn.relative_error(shared.parameters, alone.parameters) < 1e-10
    assert not np.array_equal(alone.parameters, small().parameters)
    for name in ("cost", "validation_cost"):
        np.testing.assert_allclose(getattr(same, name), getattr(history, name), rtol=1e-10)


def test_metrics_and_callbacks_work(client):
    classes, seen = nn.one_hot(T.argmax(axis=1), 3), []
    options = {"optimizer": nn.SGD(0.5), "epochs": 2, "callbacks": [lambda run: seen.append(run.epoch)]}
    shards = distributed.Shards(client, X, classes, 2)
    history = distributed.fit(net := small(), shards, nn.CategoricalCrossEntropy(), **options)
    assert history.accuracy[-1] == nn.accuracy(net.predict(X), classes)
    assert seen == [1, 2]


def test_overflow_stops_training_and_the_network_is_whole(client):
    net = nn.Network(SIZES, ["relu", "identity"], rng=1)
    options = {"optimizer": nn.SGD(1e200), "epochs": 5}
    with pytest.raises(FloatingPointError, match="fit: epoch"):
        distributed.fit(net, distributed.Shards(client, X, T, 2), nn.SquaredError(), **options)
    assert np.isfinite(net.parameters).all()


# --- a worker dies --------------------------------------------------------------------------------


def test_a_worker_killed_between_two_gradients_loses_nothing(mortal):
    net, cost = small(), nn.CategoricalCrossEntropy()
    shards = distributed.Shards(mortal, X, T, 7)
    before = shards.gradient(net, cost)
    kill_one_worker(mortal)
    assert np.array_equal(shards.gradient(net, cost).parameters, before.parameters)


def test_a_worker_killed_in_the_middle_of_its_work_loses_nothing(mortal, tmp_path):
    net, cost = small("sigmoid"), KillsItsWorkerOnce(tmp_path / "killed", os.getpid())
    shared = distributed.Shards(mortal, X, T, 3).gradient(net, cost)
    assert (tmp_path / "killed").exists()
    assert close(shared.parameters, nn.backprop(net, X, T, nn.SquaredError()).parameters)


def test_a_worker_killed_while_training_loses_nothing(mortal):
    alone, shared, cost = small(), small(), nn.CategoricalCrossEntropy()
    nn.fit(alone, X, T, cost, optimizer=nn.Adam(0.05), **OPTIONS)
    killer = [lambda run: kill_one_worker(mortal, 1) if run.epoch == 1 else None]
    shards = distributed.Shards(mortal, X, T, 3)
    distributed.fit(shared, shards, cost, optimizer=nn.Adam(0.05), callbacks=killer, **OPTIONS)
    assert nn.relative_error(shared.parameters, alone.parameters) < 1e-10


def test_work_that_kills_every_worker_is_given_up(mortal):
    shards = distributed.Shards(mortal, X, T, 1)
    with pytest.raises(RuntimeError, match="shard 0 was lost 4 times"):
        shards.gradient(small("sigmoid"), KillsItsWorker(os.getpid()))


# --- the cluster ----------------------------------------------------------------------------------


def test_the_local_cluster_listens_to_this_machine_alone(client):
    info = client.scheduler_info()
    addresses = [info["address"], *info["workers"], *(w["nanny"] for w in info["workers"].values())]
    assert all(address.startswith("tcp://127.0.0.1:") for address in addresses)
    psutil = pytest.importorskip("psutil")
    own = psutil.Process()
    listening = [
        c.laddr.ip for p in (own, *own.children(recursive=True)) for c in p.net_connections() if c.status == "LISTEN"
    ]
    assert listening
    assert set(listening) == {"127.0.0.1"}


def test_a_running_cluster_is_used_by_its_address(client):
    with distributed.connect(address=client.scheduler.address) as other:
        shared = distributed.Shards(other, X, T, 2).gradient(small(), nn.CategoricalCrossEntropy())
    assert close(shared.parameters, nn.backprop(small(), X, T, nn.CategoricalCrossEntropy()).parameters)
    assert len(client.run(os.getpid)) >= 1  # it was not closed with the second client


def test_closing_the_client_ends_the_workers():
    psutil = pytest.importorskip("psutil")
    with distributed.connect(1) as client:
        (pid,) = client.run(os.getpid).values()
        assert psutil.pid_exists(pid)
    assert not psutil.pid_exists(pid)


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((X, T[:-1]), "X has 23 samples, so T needs 23 rows; it has 22"),
        ((X[0], T), "Shards: X must have shape"),
        ((np.where(X > 2, np.nan, X), T), "must be a finite number"),
        ((X, T, 24), "count must be at most the number of samples, 23; it is 24"),
        ((X, T, 0), "count must be at least 1; it is 0"),
        ((X, T, [20, 4]), "add up to the 23 samples; they add up to 24"),
        ((X, T, [23, 0]), r"count\[1\] must be at least 1; it is 0"),
        ((X, T, 2.5), "count must be a whole number; it is 2.5"),
    ],
    ids=str,
)
def test_bad_shards_are_refused(client, arguments, message):
    with pytest.raises((ValueError, TypeError), match=message):
        distributed.Shards(client, *arguments)


@pytest.mark.parametrize(
    ("rows", "message"),
    [([0, 23], "from 0 to 22"), ([-1], "from 0 to 22"), ([], "whole numbers"), ([0.5], "whole numbers")],
)
def test_bad_rows_are_refused(client, rows, message):
    with pytest.raises(ValueError, match=message):
        distributed.Shards(client, X, T, 2).gradient(small(), nn.CategoricalCrossEntropy(), rows)


def test_other_samples_than_the_shards_hold_are_refused(client):
    shards = distributed.Shards(client, X, T, 3)
    for x, t in ((X + 1, T), (X, T[::-1]), (X[:5], T[:5])):
        with pytest.raises(ValueError, match="shards must hold the samples of X and T"):
            nn.fit(small(), x, t, nn.CategoricalCrossEntropy(), optimizer="sgd", epochs=1, shards=shards)


def test_networks_whose_samples_interact_are_refused(client):
    shards, cost = distributed.Shards(client, X, T, 2), nn.SquaredError()
    with pytest.raises(ValueError, match="batch normalisation lets the samples of a batch act on each other"):
        shards.gradient(nn.Network(SIZES, rng=1, batch_norm={2: nn.BatchNorm()}), cost)
    with pytest.raises(ValueError, match="dropout is not supported"):
        shards.gradient(nn.Network(SIZES, rng=1, dropout={2: 0.5}), cost)
    with pytest.raises(ValueError, match=r"X must have shape \(samples, 4\)"):
        shards.gradient(nn.Network([4, 3], rng=1), cost)


def test_wrong_kinds_are_refused(client):
    shards = distributed.Shards(client, X, T, 2)
    with pytest.raises(TypeError, match="client must be a Dask client"):
        distributed.Shards(None, X, T)
    with pytest.raises(TypeError, match="net must be a Network"):
        shards.gradient(None, nn.SquaredError())
    with pytest.raises(TypeError, match="cost must be a cost"):
        shards.gradient(small(), "squared_error")
    with pytest.raises(TypeError, match="shards must be a Shards"):
        distributed.fit(small(), X, nn.SquaredError(), optimizer="adam", epochs=1)
    with pytest.raises(TypeError, match="validation must be"):
        distributed.fit(small(), shards, nn.SquaredError(), optimizer="adam", epochs=1, validation=0.2)
    with pytest.raises(TypeError, match="workers must be a whole number"):
        distributed.connect("tcp://127.0.0.1:8786")
    with pytest.raises(TypeError, match="address must be a string"):
        distributed.connect(address=8786)
