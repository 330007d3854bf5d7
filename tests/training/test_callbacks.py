"""Callbacks stop, slow and save training, and a resumed run equals one that was never stopped."""

import json
import os
import signal

import numpy as np
import pytest

import nnbook as nn
from nnbook.core import files as _files
from nnbook.training.run import described

data = np.random.default_rng(5)
X, T = data.standard_normal((11, 4)), nn.one_hot(data.integers(0, 3, 11), 3)
VALIDATION = data.standard_normal((5, 4)), nn.one_hot(data.integers(0, 3, 5), 3)


def network(seed=1, **options):
    return nn.Network([4, 6, 5, 3], ["tanh", "relu", "softmax"], rng=seed, **options)


def fit(net, **options):
    options = {"optimizer": nn.SGD(0.5), "epochs": 8, "rng": 2, "batch_size": 4} | options
    return nn.fit(net, X, T, nn.CategoricalCrossEntropy(), **options)


class Scripted(nn.Callback):
    """Replaces what was measured, so that a test decides how training seems to go."""

    def __init__(self, values, name="validation_cost"):
        self.values, self.name = values, name

    def after_epoch(self, run):
        getattr(run.history, self.name)[-1:] = [self.values[run.epoch - 1]]


@pytest.mark.parametrize(
    ("values", "options", "epochs", "best"),
    [
        ([5, 4, 3, 3, 3, 9, 9, 9], {"patience": 2}, 5, 3),
        ([5, 4, 3, 3, 3, 9, 9, 9], {"patience": 0}, 4, 3),
        ([5, 4, 4.5, 3, 9, 9, 9, 2], {"patience": 3}, 7, 4),  # an improvement restarts the count
        ([5, 4.95, 4.9, 4.0, 3, 2, 1, 0], {"patience": 2, "min_delta": 0.5}, 3, 1),
        ([8, 7, 6, 5, 4, 3, 2, 1], {"patience": 1}, 8, 8),
    ],
)
def test_early_stopping_waits_for_its_patience_and_restores_the_best(values, options, epochs, best):
    kept, stopping, net = [], nn.EarlyStopping(**options), network()
    record = [lambda run: kept.append(run.net.parameters.copy()), Scripted(values), stopping]
    history = fit(net, validation=VALIDATION, callbacks=record)
    assert len(history.epochs) == epochs
    assert stopping.best_epoch == best
    assert np.array_equal(net.parameters, kept[best - 1])
    stopped = f"EarlyStopping: best after epoch {best}" if epochs < 8 else "epochs"
    assert history.stopped == stopped


def test_early_stopping_can_leave_the_last_and_can_watch_what_grows():
    kept, net = [], network()
    stopping = nn.EarlyStopping(monitor="accuracy", patience=1, restore_best_weights=False)
    record = [lambda run: kept.append(run.net.parameters.copy()), Scripted([0.2, 0.5, 0.4] * 3, "accuracy"), stopping]
    assert len(fit(net, callbacks=record).epochs) == 3
    assert stopping.best_epoch == 2
    assert np.array_equal(net.parameters, kept[2])


def test_early_stopping_restores_running_averages_too():
    net, seen = network(batch_norm={2: nn.BatchNorm(momentum=0.5)}), []
    record = [
        lambda run: seen.append(run.net.batch_norm[2].running_mean.copy()),
        Scripted([2, 1, 3, 3, 3, 3, 3, 3]),
        nn.EarlyStopping(patience=3),
    ]
    fit(net, validation=VALIDATION, callbacks=record)
    assert np.array_equal(net.batch_norm[2].running_mean, seen[1])
    assert not np.array_equal(seen[1], seen[-1])


def test_without_a_validation_set_the_cost_is_watched():
    stopping = nn.EarlyStopping(patience=1)
    fit(network(), callbacks=[Scripted([3, 2, 1, 4], "cost"), stopping])
    assert stopping.best_epoch == 3


def test_the_rate_falls_on_a_plateau():
    values = [5, 4, 4, 4, 4, 4, 4, 4]
    history = fit(
        network(),
        validation=VALIDATION,
        callbacks=[Scripted(values), nn.ReduceLROnPlateau(factor=0.5, patience=2, min_lr=0.2)],
    )
    # Epochs 3 and 4 bring no improvement, so 5 and 6 run at half the rate; then the minimum is reached.
    assert history.learning_rate == [0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.2, 0.2]


def test_the_plateau_rests_after_a_reduction():
    values = [5, 4, 4, 4, 4, 4, 4, 4]
    plateau = nn.ReduceLROnPlateau(factor=0.5, patience=1, cooldown=2)
    history = fit(network(), validation=VALIDATION, callbacks=[Scripted(values), plateau])
    assert history.learning_rate == [0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125, 0.125]


def test_a_schedule_by_epochs_sets_each_epochs_rate():
    schedule = nn.LearningRateSchedule(nn.StepDecay(0.4, decay_steps=3, decay_rate=0.5))
    assert fit(network(), callbacks=[schedule]).learning_rate == [0.4] * 3 + [0.2] * 3 + [0.1] * 2


OPTIMIZERS = [
    nn.SGD(nn.CosineDecay(0.2, 50), momentum=0.9),
    nn.Adagrad(0.1),
    nn.RMSprop(0.01, momentum=0.5, centered=True),
    nn.Adam(0.01, amsgrad=True),
]
GENERATORS = [
    lambda: np.random.default_rng(7),
    lambda: np.random.Generator(np.random.MT19937(7)),
    lambda: np.random.Generator(np.random.SFC64(7)),
    lambda: np.random.RandomState(7),
]


@pytest.mark.parametrize("rng", GENERATORS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_resumed_equals_not_interrupted_to_the_bit(tmp_path, optimizer, rng):
    path = tmp_path / "run.npz"
    layers = {"batch_norm": {2: nn.BatchNorm(0.8), 4: nn.BatchNorm()}, "dropout": {1: 0.1, 3: 0.4}, "dtype": "float32"}
    options = {"optimizer": optimizer, "penalty": nn.L2(1e-3), "validation": VALIDATION}

    def callbacks():
        return [nn.Checkpoint(path), nn.EarlyStopping(patience=6), nn.ReduceLROnPlateau(patience=1, factor=0.7)]

    whole = network(**layers)
    history = fit(whole, rng=rng(), callbacks=callbacks(), **options)

    first, second = network(**layers), network(seed=9, **layers)
    fit(first, rng=rng(), callbacks=callbacks(), epochs=3, **options)
    continued = rng()
    continued.random(5)  # a state that has to be replaced
    resumed = fit(second, rng=continued, callbacks=callbacks(), resume=path, **options)
    assert np.array_equal(whole.parameters, second.parameters)
    assert all(np.array_equal(a, b) for a, b in zip(whole.snapshot().values(), second.snapshot().values(), strict=True))
    assert vars(resumed) == vars(history)


def test_an_interrupted_training_is_resumed_from_its_last_whole_epoch(tmp_path):
    path = tmp_path / "run.npz"

    class Interrupting(nn.CategoricalCrossEntropy):
        steps = 0
        name = "CategoricalCrossEntropy"

        def unchecked_delta(self, *arguments):
            self.steps += 1
            if self.steps == 11:  # the second of three steps of epoch 4
                signal.raise_signal(signal.SIGINT)
            return super().unchecked_delta(*arguments)

    options = {"optimizer": nn.Adam(0.01), "epochs": 8, "batch_size": 4, "callbacks": [nn.Checkpoint(path)]}
    net, whole = network(), network()
    history = nn.fit(net, X, T, Interrupting(), rng=2, **options)
    assert history.epochs == [1, 2, 3]
    resumed = nn.fit(net, X, T, nn.CategoricalCrossEntropy(), rng=0, resume=path, **options)
    fit(whole, optimizer=nn.Adam(0.01))
    assert resumed.epochs == [1, 2, 3, 4, 5, 6, 7, 8]
    assert np.array_equal(net.parameters, whole.parameters)


def test_resuming_what_is_finished_changes_nothing(tmp_path):
    path, net = tmp_path / "run.npz", network()
    history = fit(net, callbacks=[nn.Checkpoint(path)])
    other = network(seed=4)
    assert fit(other, callbacks=[nn.Checkpoint(path)], resume=path).cost == history.cost
    assert np.array_equal(other.parameters, net.parameters)


def test_checkpoints_are_written_every_so_often_and_at_the_end(tmp_path, monkeypatch):
    saved = []

    def write(path, arrays):
        saved.append(json.loads(str(arrays["meta"]))["epoch"])

    monkeypatch.setattr("nnbook.training.checkpoints.write", write)
    fit(network(), callbacks=[nn.Checkpoint(tmp_path / "run.npz", every=3)])
    assert saved == [3, 6, 8]


def test_a_checkpoint_of_other_settings_is_refused_and_changes_nothing(tmp_path):
    path = tmp_path / "run.npz"
    fit(network(), callbacks=[nn.Checkpoint(path)], epochs=2)
    cases = [
        ("optimizer", {"optimizer": nn.SGD(0.4)}),
        ("batch_size", {"batch_size": 3}),
        ("penalty", {"penalty": nn.L1(0.1)}),
        ("callbacks", {"callbacks": []}),
        ("Generator|generator", {"rng": np.random.RandomState(1)}),
    ]
    for message, options in cases:
        net = network(seed=3)
        before = net.parameters.copy()
        with pytest.raises(ValueError, match=f"resume: .*{message}"):
            fit(net, **{"callbacks": [nn.Checkpoint(path)], "resume": path} | options)
        assert np.array_equal(net.parameters, before)
    net = network(seed=3, dropout={2: 0.5})
    with pytest.raises(ValueError, match=r"resume: .*network"):
        fit(net, callbacks=[nn.Checkpoint(path)], resume=path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"text", "npz"])
def test_what_is_no_checkpoint_is_refused_by_name(tmp_path, content):
    path = tmp_path / "run.npz"
    if content == "npz":
        np.savez(path, meta=np.array("{}"), a=np.ones(3))
    else:
        path.write_bytes(content)
    with pytest.raises(ValueError, match=r"resume: .*run\.npz' is not a checkpoint"):
        fit(network(), resume=path)
    with pytest.raises(FileNotFoundError):
        fit(network(), resume=tmp_path / "none.npz")


@pytest.mark.parametrize("gone", ["state_m", "state_v", "t", "epoch", "rng", "rate", "reason", "history", "settings"])
def test_half_a_checkpoint_is_refused_and_changes_nothing(tmp_path, gone):
    path, options = tmp_path / "run.npz", {"optimizer": nn.Adam(0.01), "epochs": 3}
    fit(network(), callbacks=[nn.Checkpoint(path)], **options)
    with np.load(path) as file:
        arrays = dict(file)
    if gone in arrays:
        del arrays[gone]
    else:
        meta = json.loads(str(arrays["meta"]))
        del meta[gone]
        arrays["meta"] = np.array(json.dumps(meta))
    np.savez(path, **arrays)
    net = network(seed=3)
    before = net.parameters.copy()
    with pytest.raises(ValueError, match=rf"resume: .*run\.npz' is not a checkpoint: .*{gone}"):
        fit(net, callbacks=[nn.Checkpoint(path)], resume=path, **options)
    assert np.array_equal(net.parameters, before)


def test_a_checkpoint_without_a_folder_is_told_before_training(tmp_path):
    net = network()
    before = net.parameters.copy()
    with pytest.raises(FileNotFoundError, match=r"Checkpoint: path must be in a folder that exists; .*gone' does not"):
        fit(net, callbacks=[nn.Checkpoint(tmp_path / "gone" / "run.npz", every=5)])
    assert np.array_equal(net.parameters, before)


def test_a_rate_below_its_floor_is_left_there():
    slowed = nn.ReduceLROnPlateau(patience=1, min_lr=0.2)
    assert set(fit(network(), optimizer=nn.SGD(0.1), callbacks=[slowed]).learning_rate) == {0.1}


@pytest.mark.parametrize("callbacks", [None, 3, nn.EarlyStopping(), [nn.EarlyStopping], [3], print])
def test_callbacks_are_a_list_of_callbacks(callbacks):
    net = network()
    before = net.parameters.copy()
    with pytest.raises(TypeError, match="callbacks must be"):
        fit(net, callbacks=callbacks)
    assert np.array_equal(net.parameters, before)


def test_a_checkpoint_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "run.npz"
    fit(network(), callbacks=[nn.Checkpoint(path)], epochs=1)
    old = path.read_bytes()

    def fail(*arguments, **options):
        raise OSError("disk full")

    monkeypatch.setattr(_files.np, "savez", fail)
    with pytest.raises(OSError, match="disk full"):
        fit(network(), callbacks=[nn.Checkpoint(path)], epochs=1)
    assert path.read_bytes() == old
    assert os.listdir(tmp_path) == ["run.npz"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nn.EarlyStopping(patience=-1), "EarlyStopping: patience"),
        (lambda: nn.EarlyStopping(min_delta=-1), "EarlyStopping: min_delta"),
        (lambda: nn.EarlyStopping(mode="up"), "EarlyStopping: mode"),
        (lambda: nn.EarlyStopping(monitor=3), "EarlyStopping: monitor"),
        (lambda: nn.ReduceLROnPlateau(factor=1), "ReduceLROnPlateau: factor"),
        (lambda: nn.ReduceLROnPlateau(patience=0), "ReduceLROnPlateau: patience"),
        (lambda: nn.LearningRateSchedule(0.1), "LearningRateSchedule: schedule"),
        (lambda: nn.Checkpoint("run.pkl"), "Checkpoint: path"),
        (lambda: nn.Checkpoint("run.npz", every=0), "Checkpoint: every"),
        (lambda: fit(network(), callbacks=[nn.EarlyStopping(monitor="val_loss")]), "'val_loss' is not recorded"),
    ],
)
def test_bad_arguments_are_refused_by_name(make, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make()


class Overflowing(nn.SquaredError):
    """Overflows in the epoch after `good` whole ones of three steps each."""

    def __init__(self, good):
        self.steps, self.good = 0, good

    def unchecked_delta(self, *arguments):
        self.steps += 1
        delta = super().unchecked_delta(*arguments)
        if self.steps > 3 * self.good:
            delta[...] = np.inf
        return delta


def test_the_best_parameters_come_back_and_the_last_epoch_is_saved_after_an_overflow(tmp_path):
    path, net, ended = tmp_path / "run.npz", network(), []
    stopping = nn.EarlyStopping(patience=50)

    class Worse(nn.Callback):
        """Spoils the network after the third epoch, so that the best epoch is known."""

        def after_epoch(self, run):
            if run.epoch == 3:
                self.best = net.parameters.copy()
                net.parameters += 10

        def end(self, run):
            ended.append(run.history.stopped)

    worse = Worse()
    with pytest.raises(FloatingPointError, match="epoch 6"):
        nn.fit(net, X, T, Overflowing(5), optimizer=nn.SGD(1e-9), epochs=20, batch_size=4, rng=2,
               callbacks=[stopping, worse, nn.Checkpoint(path, every=50)], progress=False)  # fmt: skip
    assert ended == ["error"]
    assert np.array_equal(net.parameters, worse.best)
    assert json.loads(str(np.load(path)["meta"]))["epoch"] == 5


def test_every_end_is_called_when_a_callback_fails(tmp_path):
    path, ended = tmp_path / "run.npz", []

    class Ending(nn.Callback):
        def end(self, run):
            ended.append("end")
            raise RuntimeError("in end")

    def fails(run):
        if run.epoch == 2:
            raise OSError("in a callback")

    with pytest.raises(RuntimeError, match="in end"):
        fit(network(), callbacks=[Ending(), fails, nn.Checkpoint(path, every=50)])
    assert ended == ["end"]
    assert json.loads(str(np.load(path)["meta"]))["epoch"] == 1  # the last epoch that all callbacks have seen


def test_an_interrupted_training_saves_its_last_whole_epoch_and_goes_on_from_it(tmp_path):
    path = tmp_path / "run.npz"

    class Interrupting(nn.CategoricalCrossEntropy):
        steps = 0
        name = "CategoricalCrossEntropy"

        def unchecked_delta(self, *arguments):
            self.steps += 1
            if self.steps == 11:  # the second of three steps of epoch 4
                signal.raise_signal(signal.SIGINT)
            return super().unchecked_delta(*arguments)

    options = {"optimizer": nn.Adam(0.01), "epochs": 8, "batch_size": 4, "callbacks": [nn.Checkpoint(path, every=100)]}
    net, whole = network(), network()
    nn.fit(net, X, T, Interrupting(), rng=2, **options)
    assert json.loads(str(np.load(path)["meta"]))["epoch"] == 3
    nn.fit(net, X, T, nn.CategoricalCrossEntropy(), rng=0, resume=path, **options)
    fit(whole, optimizer=nn.Adam(0.01))
    assert np.array_equal(net.parameters, whole.parameters)


def test_whatever_differs_is_named_in_one_refusal_before_anything_is_changed(tmp_path):
    path = tmp_path / "run.npz"
    common = {"callbacks": [nn.LearningRateSchedule(lambda s: 0.1), nn.Checkpoint(path)], "penalty": nn.L2(1e-3)}
    fit(network(), epochs=2, **common)
    schedules = [nn.LearningRateSchedule(lambda s: 0.2), nn.Checkpoint(path)]
    for words, inputs, options in (
        ("X holds other numbers", X[::-1].copy(), {}),
        ("penalty was .*0.001.*here it is .*0.002", X, {"penalty": nn.L2(2e-3)}),
        ("callbacks was", X, {"callbacks": schedules}),
        ("validation holds other numbers", X, {"validation": (X, T)}),
        ("metrics was", X, {"metrics": ["mean_squared_error"]}),
        ("X holds other numbers.*; penalty was", X + 1, {"penalty": None}),
    ):
        net = network(seed=3)
        before = net.parameters.copy()
        arguments = {"optimizer": nn.SGD(0.3), "epochs": 8, "batch_size": 4, "rng": 2, "resume": path}
        with pytest.raises(ValueError, match=f"resume: the training must be the one that was saved; .*{words}"):
            nn.fit(net, inputs, T, nn.CategoricalCrossEntropy(), **arguments | common | options)
        assert np.array_equal(net.parameters, before)


def test_a_function_is_told_from_another_by_what_it_does():
    assert described(lambda s: 0.1) != described(lambda s: 0.2)
    rate = 0.1
    first = described(lambda s: rate)
    rate = 0.3
    assert first != described(lambda s: rate)
    assert described(nn.StepDecay(0.1, 10, 0.5)) != described(nn.StepDecay(0.1, 10, 0.4))
    assert described(nn.StepDecay(0.1, 10, 0.5)) == described(nn.StepDecay(0.1, 10, 0.5))


@pytest.mark.parametrize(
    "change",
    [
        {"format": 99},
        {"history": {"epochs": [1, 2]}},
        {"history": "abc"},
        {"history": {"epochs": "abc", "cost": [1], "learning_rate": [1], "stopped": ""}},
        {"rng": "abc"},
        {"rng": None},
        {"rng": {"bit_generator": "PCG64"}},
        {"epoch": -1},
        {"reason": [1]},
        {"settings": []},
        {"settings": {}},
        {"callbacks": []},
        {"callbacks": [{"after_epoch": 5}, {}]},
        {"callbacks": [{"best": "x", "best_epoch": 1, "wait": 0}, {}]},
        {"t": 0.5},
        {"rate": -1},
        {"array state_v": np.full(35, -1.0)},
        {"array state_m": np.full(35, np.nan)},
        {"array net_sizes": np.array([4, 0])},
        {"array net_parameters": np.zeros(3)},
    ],
    ids=str,
)
def test_a_damaged_checkpoint_is_one_refusal(tmp_path, change):
    path, options = tmp_path / "run.npz", {"optimizer": nn.Adam(0.01), "epochs": 2}
    fit(network(), callbacks=[nn.EarlyStopping(patience=9), nn.Checkpoint(path)], **options)
    arrays = dict(np.load(path))
    meta = json.loads(str(arrays["meta"]))
    for name, value in change.items():
        if name.startswith("array "):
            arrays[name.removeprefix("array ")] = value
        else:
            meta[name] = value
    np.savez(path, **arrays | {"meta": np.array(json.dumps(meta))})
    net, rng = network(seed=3), np.random.default_rng(5)
    before, state = net.parameters.copy(), rng.bit_generator.state
    with pytest.raises(ValueError, match="fit: resume: "):
        fit(net, callbacks=[nn.EarlyStopping(patience=9), nn.Checkpoint(path)], resume=path, rng=rng, **options)
    assert np.array_equal(net.parameters, before)
    assert rng.bit_generator.state == state


def test_flipped_bytes_are_refused_or_change_nothing(tmp_path):
    path, options = tmp_path / "run.npz", {"optimizer": nn.Adam(0.01), "epochs": 2}
    whole = network()
    fit(whole, callbacks=[nn.Checkpoint(path)], **options)
    data, rng = path.read_bytes(), np.random.default_rng(0)
    refused = 0
    for place in rng.integers(len(data), size=300):
        flipped = bytearray(data)
        flipped[place] ^= 1 << rng.integers(8)
        path.write_bytes(flipped)
        net = network(seed=3)
        before = net.parameters.copy()
        try:
            fit(net, callbacks=[nn.Checkpoint(tmp_path / "other.npz")], resume=path, **options)
        except ValueError as error:
            assert str(error).startswith("fit: resume: ")  # noqa: PT017
            assert np.array_equal(net.parameters, before)
            refused += 1
        else:  # a byte that nothing depends on, such as a date in the archive
            assert np.array_equal(net.parameters, whole.parameters)
    assert refused > 200
