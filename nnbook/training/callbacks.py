"""Callbacks: stop early, lower the learning rate, save the state.

They are given to `fit` as `callbacks=[…]` and called after every epoch.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.files import npz_path
from ..core.validation import chosen, number, whole
from . import checkpoints
from .run import Callback, Run


class _Watch(Callback):
    """Watches one list of the history, and records when it last improved."""

    _options: tuple[str, ...] = ("monitor", "mode", "min_delta", "patience")

    best: float | None = None
    best_epoch, wait = 0, 0

    def __init__(self, monitor: str | None, mode: str, min_delta: float):
        where = type(self).__name__
        mode = chosen(where, "mode", mode if isinstance(mode, str) else repr(mode), ("auto", "min", "max"))
        if monitor is not None and not isinstance(monitor, str):
            raise TypeError(f"{where}: monitor must be the name of a list in the history; it is {monitor!r}")
        self.monitor, self.mode = monitor, mode
        self.min_delta = number(where, "min_delta", min_delta, at_least=0)

    def begin(self, run: Run) -> None:
        self.best, self.best_epoch, self.wait = None, 0, 0

    def settings(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name in self._options}

    def _better(self, run) -> bool:
        """Return whether the newest value is the best so far, and count the epochs since it was."""
        monitor = self.monitor or ("validation_cost" if run.history.validation_cost else "cost")
        values = getattr(run.history, monitor, None)
        if not values:
            recorded = [name for name, list_ in vars(run.history).items() if isinstance(list_, list) and list_]
            raise ValueError(f"{type(self).__name__}: monitor {monitor!r} is not recorded; there are {recorded}")
        larger_is_better = self.mode == "max" or (self.mode == "auto" and monitor.endswith(("accuracy", "r2")))
        value = -values[-1] if larger_is_better else values[-1]
        if self.best is None or value < self.best - self.min_delta:
            self.best, self.best_epoch, self.wait = value, run.epoch, 0
            return True
        self.wait += 1
        return False

    def memory(self) -> dict[str, Any]:
        return {"best": self.best, "best_epoch": self.best_epoch, "wait": self.wait}

    def remember(self, memory: dict[str, Any]) -> None:
        if memory.get("best") is not None:
            number(type(self).__name__, "best", memory["best"])
        for name in set(memory) - {"best"}:
            whole(type(self).__name__, name, memory[name], minimum=0)
        super().remember(memory)


def _measured(run) -> bool:
    return run.history.epochs[-1:] == [run.epoch]


class EarlyStopping(_Watch):
    """Stop when `monitor` has not improved for `patience` epochs, and restore the best parameters.

    Parameters
    ----------
    monitor : str, optional
        A list of the history; "validation_cost", or "cost" without a validation set, unless given.
    min_delta : float, at least 0
        Smaller changes do not count as improvements.
    patience : int, at least 0
        Epochs without improvement that are tolerated.
    mode : str
        "min", "max", or "auto": accuracies and r2 are maximised, everything else minimised.
    restore_best_weights : bool
        Restore the best parameters however training ends, even by an interruption or an error. (Keras's default is
        False.)

    Attributes
    ----------
    best_epoch : int
        The epoch whose parameters were best.

    Examples
    --------
    >>> import nnbook as nn
    >>> X, labels = nn.datasets.digits_4x3()
    >>> net, stopping = nn.Network([12, 3, 1], rng=0), nn.EarlyStopping(patience=2)
    >>> history = nn.fit(net, X, labels[:, None], nn.SquaredError(), optimizer=nn.SGD(50), epochs=99,
    ...                  validation=0.2, callbacks=[stopping])
    >>> history.epochs[-1] == stopping.best_epoch + 2
    True
    """

    def __init__(
        self,
        monitor: str | None = None,
        min_delta: float = 0.0,
        patience: int = 0,
        mode: str = "auto",
        restore_best_weights: bool = True,
    ):
        super().__init__(monitor, mode, min_delta)
        self.patience = whole("EarlyStopping", "patience", patience, minimum=0)
        self.restore_best_weights = bool(restore_best_weights)

    def begin(self, run: Run) -> None:
        super().begin(run)
        self.kept: dict[str, np.ndarray] | None = None
        self.shapes = {name: array.shape for name, array in run.net.snapshot().items()}

    def after_epoch(self, run: Run) -> None:
        if not _measured(run):
            return
        if self._better(run):
            self.kept = run.net.snapshot()
        elif self.wait >= self.patience:
            run.stop(f"EarlyStopping: best after epoch {self.best_epoch}")

    def end(self, run: Run) -> None:
        if self.restore_best_weights and self.kept is not None:
            run.net.restore(self.kept)

    def memory(self) -> dict[str, Any]:
        return super().memory() | {f"kept_{name}": array for name, array in (self.kept or {}).items()}

    def remember(self, memory: dict[str, Any]) -> None:
        kept = {k.removeprefix("kept_"): value for k, value in memory.items() if k.startswith("kept_")}
        if kept and {name: np.shape(array) for name, array in kept.items()} != self.shapes:
            raise ValueError(f"EarlyStopping kept parameters of the shapes {self.shapes}")
        self.kept = None
        super().remember({k: value for k, value in memory.items() if not k.startswith("kept_")})
        self.kept = kept or None


class ReduceLROnPlateau(_Watch):
    """Multiply the learning rate by `factor` when `monitor` has not improved for `patience` epochs.

    Parameters
    ----------
    monitor, mode, min_delta
        As for `EarlyStopping`.
    factor : float in (0, 1)
        What the rate is multiplied by.
    patience : int, at least 1
        Epochs without improvement before a reduction.
    cooldown : int, at least 0
        Epochs after a reduction that are not counted.
    min_lr : float, at least 0
        Lower bound of the rate.

    Examples
    --------
    >>> import nnbook as nn
    >>> X, labels = nn.datasets.digits_4x3()
    >>> net, slower = nn.Network([12, 3, 1], rng=0), nn.ReduceLROnPlateau(factor=0.5, patience=1)
    >>> options = {'optimizer': nn.SGD(50), 'epochs': 20, 'callbacks': [slower]}
    >>> history = nn.fit(net, X, labels[:, None], nn.SquaredError(), **options)
    >>> history.learning_rate[0], history.learning_rate[-1] < 50
    (50.0, True)
    """

    _options = ("monitor", "mode", "min_delta", "patience", "factor", "cooldown", "min_lr")

    def __init__(
        self,
        monitor: str | None = None,
        factor: float = 0.1,
        patience: int = 10,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
    ):
        super().__init__(monitor, mode, min_delta)
        self.factor = number("ReduceLROnPlateau", "factor", factor, above=0, below=1)
        self.patience = whole("ReduceLROnPlateau", "patience", patience)
        self.cooldown = whole("ReduceLROnPlateau", "cooldown", cooldown, minimum=0)
        self.min_lr = number("ReduceLROnPlateau", "min_lr", min_lr, at_least=0)

    def begin(self, run: Run) -> None:
        super().begin(run)
        self.resting = 0

    def after_epoch(self, run: Run) -> None:
        if not _measured(run):
            return
        better = self._better(run)
        if self.resting:
            self.resting -= 1
            self.wait = 0
        elif not better and self.wait >= self.patience:
            run.learning_rate = min(run.learning_rate, max(run.learning_rate * self.factor, self.min_lr))
            self.wait, self.resting = 0, self.cooldown

    def memory(self) -> dict[str, Any]:
        return super().memory() | {"resting": self.resting}


class LearningRateSchedule(Callback):
    """Set the learning rate of each epoch.

    Parameters
    ----------
    schedule : callable
        Takes the number of epochs done, 0, 1, 2, …, and returns η for the next; those of `schedules` work too, with
        epochs in place of steps. (To change η at every step, give the schedule to the optimiser.)

    Examples
    --------
    >>> import nnbook as nn
    >>> X, labels = nn.datasets.digits_4x3()
    >>> net, schedule = nn.Network([12, 3, 1], rng=0), nn.LearningRateSchedule(lambda epoch: 0.5 / (1 + epoch))
    >>> options = {'optimizer': 'sgd', 'epochs': 2, 'callbacks': [schedule]}
    >>> nn.fit(net, X, labels[:, None], nn.SquaredError(), **options).learning_rate
    [0.5, 0.25]
    """

    def __init__(self, schedule: Callable[[int], float]):
        if not callable(schedule):
            raise TypeError(f"LearningRateSchedule: schedule must be callable; it is {schedule!r}")
        self.schedule = schedule

    def begin(self, run: Run) -> None:
        run.learning_rate = self.schedule(run.epoch)

    def after_epoch(self, run: Run) -> None:
        run.learning_rate = self.schedule(run.epoch)

    def settings(self) -> dict[str, Any]:
        return {"schedule": self.schedule}


class Checkpoint(Callback):
    """Save the whole state of training after an epoch, for `fit(…, resume=path)`.

    Training that was stopped and resumed gives bit for bit the result of training that was not.

    Parameters
    ----------
    path : str or path
        An .npz file; replaced atomically each time.
    every : int
        Save after every so many epochs. The last whole epoch is always saved, even when training ends by an
        interruption or an error.

    Examples
    --------
    >>> import tempfile, nnbook as nn
    >>> X, labels = nn.datasets.digits_4x3()
    >>> net = nn.Network([12, 3, 1], rng=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     options = {'optimizer': 'adam', 'callbacks': [nn.Checkpoint(f'{folder}/run.npz')]}
    ...     data = (net, X, labels[:, None], nn.SquaredError())
    ...     history = nn.fit(*data, epochs=2, **options)
    ...     history = nn.fit(*data, epochs=5, resume=f'{folder}/run.npz', **options)
    >>> history.epochs
    [1, 2, 3, 4, 5]
    """

    last = True  # after the other callbacks, whose state it saves

    def __init__(self, path: str | os.PathLike, every: int = 1):
        self.path, self.every = npz_path("Checkpoint", path), whole("Checkpoint", "every", every)

    def begin(self, run: Run) -> None:
        self.waiting: dict[str, np.ndarray] | None = None  # an epoch that is only saved if it turns out to be the last
        folder = os.path.dirname(os.path.realpath(self.path))
        if not os.path.isdir(folder):  # reported before hours of training, not after them
            raise FileNotFoundError(f"Checkpoint: path must be in a folder that exists; {folder!r} does not exist")

    def after_epoch(self, run: Run) -> None:
        self.waiting = checkpoints.packed(run)
        if run.epoch % self.every == 0 or run.epoch == run.epochs or run.reason:
            self._write()

    def end(self, run: Run) -> None:
        if self.waiting is not None:
            self._write()

    def _write(self):
        arrays, self.waiting = self.waiting, None
        if arrays is not None:
            checkpoints.write(self.path, arrays)
