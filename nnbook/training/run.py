"""A training run in progress: its history, its state, and the callbacks that watch it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.dropout import Rng
from ..core.network import Network
from ..core.validation import instance, number
from .optimizers import Optimizer


class History:
    """What `fit` recorded: each list has one entry per epoch after which the cost was computed (by default every one).

    Attributes
    ----------
    epochs : list of int
        The numbers of these epochs, from 1.
    cost : list of float
        J on the training set after the epoch, penalty included, without dropout.
    validation_cost : list of float
        The mean cost on the validation set, without penalty; empty without a validation set.
    accuracy, validation_accuracy : list of float
        The fraction of samples that are classified correctly; empty when the targets are not classes.
    learning_rate : list of float
        η in the last step of the epoch.
    stopped : str
        Why training ended: "epochs", "cost_below", "interrupted", or what a callback gave as its reason.

    Examples
    --------
    >>> import nnbook as nn
    >>> X, labels = nn.datasets.digits_4x3()
    >>> net = nn.Network([12, 3, 1], rng=0)
    >>> history = nn.fit(net, X, labels[:, None], nn.SquaredError(), optimizer='adam', epochs=3)
    >>> history.epochs, len(history.accuracy), history.stopped
    ([1, 2, 3], 3, 'epochs')
    """

    def __init__(self) -> None:
        self.epochs: list[int] = []
        self.cost: list[float] = []
        self.validation_cost: list[float] = []
        self.learning_rate: list[float] = []
        self.accuracy: list[float] = []
        self.validation_accuracy: list[float] = []
        self.stopped = ""

    def record(self, values: dict[str, Any]) -> None:
        """Append one entry to each list that is named in `values`; a name that is new starts a list."""
        for name, value in values.items():
            vars(self).setdefault(name, []).append(value)

    def __repr__(self) -> str:
        if not self.epochs:
            return "History(no epoch completed)"
        parts = [f"{self.epochs[-1]} epoch{'s' * (self.epochs[-1] > 1)}", f"cost {self.cost[-1]:.6g}"]
        for name in ("validation_cost", "accuracy", "validation_accuracy"):
            if getattr(self, name):
                parts.append(f"{name} {getattr(self, name)[-1]:.6g}")
        return f"History({', '.join(parts)}; stopped: {self.stopped})"


class Callback:
    """Something done during training. A plain function of the run works too: it is called after every epoch.

    Examples
    --------
    >>> import nnbook as nn
    >>> class Stop(nn.Callback):
    ...     def after_epoch(self, run):
    ...         if run.epoch == 2:
    ...             run.stop('two are enough')
    >>> X, labels = nn.datasets.digits_4x3()
    >>> net = nn.Network([12, 3, 1], rng=0)
    >>> nn.fit(net, X, labels[:, None], nn.SquaredError(), optimizer='adam', epochs=9, callbacks=[Stop()]).stopped
    'two are enough'
    """

    last = False  # True puts it after the others

    def begin(self, run: Run) -> None:
        """Called with the run before the first epoch, and when training is resumed."""

    def after_epoch(self, run: Run) -> None:
        """Called after each epoch, when it has been recorded in `run.history`."""

    def end(self, run: Run) -> None:
        """Called with the run when training ends, however it ends: also after an interruption or an error."""

    def settings(self) -> dict[str, Any]:
        """Return what must be the same when training is resumed, as numbers, strings and lists by name."""
        return {}

    def memory(self) -> dict[str, Any]:
        """Return what a checkpoint must hold for this callback: numbers, strings, lists and arrays by name."""
        return {}

    def remember(self, memory: dict[str, Any]) -> None:
        """Restore what `memory` returned; ValueError when the names differ."""
        if set(memory) != set(self.memory()):
            raise ValueError(
                f"{type(self).__name__} must remember {sorted(self.memory())}; the checkpoint has {sorted(memory)}"
            )
        vars(self).update(memory)


class Run:
    """One training run in progress, as callbacks see it.

    Attributes
    ----------
    net : Network
        With its current parameters.
    history : History
    epoch, epochs : int
        Epochs completed, and epochs in all.
    learning_rate : float
        η of the next step. Assigning replaces the optimiser's own from then on.
    assigned_rate : float or None
        What was assigned to it, if anything.
    reason : str
        Why training is to end; empty while it continues.
    state
        The optimiser's state.
    rng
        The generator that shuffles and draws masks.
    callbacks : list of Callback
    settings : dict
        What must be the same when training is resumed.
    """

    def __init__(
        self,
        net: Network,
        optimizer: Optimizer,
        epochs: int,
        rng: Rng | None = None,
        callbacks: list[Callback] | None = None,
        settings: Any = None,
    ):
        self.net, self.optimizer, self.history = net, optimizer, History()
        self.epoch, self.epochs, self.reason = 0, epochs, ""
        self.rng, self.callbacks, self._settings = rng, callbacks or [], settings
        self.state: Any = optimizer.init(net.parameters)
        self.assigned_rate: float | None = None

    @property
    def settings(self) -> dict[str, Any]:
        """What must be the same when training is resumed; computed on first use."""
        if callable(self._settings):
            self._settings = self._settings()
        return self._settings

    @property
    def learning_rate(self) -> float:
        """η of the next step."""
        if self.assigned_rate is not None:
            return self.assigned_rate
        rate = self.optimizer.learning_rate
        return float(rate(self.state.t)) if callable(rate) else rate

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        self.assigned_rate = number("Run", "learning_rate", value, at_least=0)

    @property
    def scheduled(self) -> bool:
        """Whether the optimiser calls a schedule of its own at every step."""
        return self.assigned_rate is None and callable(self.optimizer.learning_rate)

    @property
    def last_rate(self) -> float:
        """η of the last step."""
        rate = self.optimizer.learning_rate
        if self.assigned_rate is None and callable(rate):
            return float(rate(self.state.t - 1))
        return self.learning_rate

    def stop(self, reason: str) -> None:
        """End training after this epoch; `reason` is recorded in `history.stopped`."""
        self.reason = str(reason)


def callback_list(given: Any) -> list[Callback]:
    """Return callbacks from a list of Callbacks and functions of the run, in order, a `Checkpoint` last."""
    if not isinstance(given, list | tuple):
        hint = f"; write callbacks=[{type(given).__name__}(…)]" if isinstance(given, Callback) else ""
        raise TypeError(
            f"fit: callbacks must be a list of Callbacks or functions of the run; it is {given!r:.60}{hint}"
        )
    callbacks = []
    for callback in given:
        if isinstance(callback, type) or not callable(callback):
            callback = instance("fit", "callbacks", callback, Callback, "Callbacks or functions of the run")
        if not isinstance(callback, Callback):
            function, callback = callback, Callback()
            callback.after_epoch = function  # type: ignore[method-assign]
        callbacks.append(callback)
    return sorted(callbacks, key=lambda callback: callback.last)


def described(value: Any) -> Any:
    """Return a setting as something that can be stored and compared: two functions differ when their code does."""
    if isinstance(value, bool | int | float | str) or value is None:
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, dict):
        return {str(key): described(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [described(part) for part in value]
    code = getattr(value, "__code__", None)
    if code is not None:
        cells = [cell.cell_contents for cell in value.__closure__ or ()]
        return [value.__qualname__, *_code(code), described(value.__defaults__), described(cells)]
    if type(value).__repr__ is object.__repr__:
        return [type(value).__qualname__, described(vars(value)) if hasattr(value, "__dict__") else ""]
    if hasattr(value, "__dict__") and type(value).__module__.startswith(__package__.split(".")[0]):
        return [type(value).__qualname__, described(vars(value))]
    return repr(value)


def _code(code):
    constants = [_code(c) if hasattr(c, "co_code") else repr(c) for c in code.co_consts]
    return [code.co_code.hex(), constants, list(code.co_names)]
