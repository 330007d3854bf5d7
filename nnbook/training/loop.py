"""The training loop: batches, steps, a record of the cost after every epoch, and reasons to stop.

Nothing in it has to do with what the network looks like. It alone divides by the batch size: with B samples in a batch
it minimises J = C_B / B + penalty, so that learning rate and penalty mean the same for every B.
"""

from __future__ import annotations

import math
import numbers
import os
import signal
import sys
import threading

import numpy as np

from ..core import penalties
from ..core.costs import Cost
from ..core.network import Network
from ..core.passes import Pass, aligned
from ..core.propagation import samples
from ..core.validation import floats, generator, number, whole
from . import checkpoints, optimizers
from . import metrics as metrics_module

_CHUNK = 512  # samples that are evaluated at a time
_BLOCK = 2**14  # weights that are penalised at a time, so that what is added to their gradient stays in fast memory


class History:
    """What `fit` recorded: in each list one entry for every epoch after which it measured (each one, unless told).

    Attributes
    ----------
    epochs : list of int
        1, 2, …: the number of each of these epochs.
    cost : list of float
        J on the training set after the epoch, penalty included, without dropout.
    validation_cost : list of float
        The mean cost on the validation set, without penalty; empty when there is no such set.
    accuracy, validation_accuracy : list of float
        The share of samples whose class is right; empty when the targets are not classes.
    learning_rate : list of float
        η in the last step of the epoch.
    stopped : str
        Why training ended: "epochs", "cost_below", "interrupted", or what a callback gave as its reason.
    """

    def __init__(self):
        self.epochs, self.cost, self.validation_cost, self.learning_rate = [], [], [], []
        self.accuracy, self.validation_accuracy = [], []
        self.stopped = ""

    def _record(self, values):
        for name, value in values.items():
            if not hasattr(self, name):
                setattr(self, name, [])
            getattr(self, name).append(value)

    def __repr__(self):
        if not self.epochs:
            return "History(no epoch completed)"
        parts = [f"{self.epochs[-1]} epoch{'s' * (self.epochs[-1] > 1)}", f"cost {self.cost[-1]:.6g}"]
        for name in ("validation_cost", "accuracy", "validation_accuracy"):
            if getattr(self, name):
                parts.append(f"{name} {getattr(self, name)[-1]:.6g}")
        return f"History({', '.join(parts)}; stopped: {self.stopped})"


class Callback:
    """Something done while training. A plain function of the run serves as well: it is called after every epoch."""

    last = False  # True puts it after those that are not

    def begin(self, run):
        """Called with the run before the first epoch, and when training is resumed."""

    def after_epoch(self, run):
        """Called after each epoch, when it has been recorded in `run.history`."""

    def end(self, run):
        """Called with the run after the last epoch, also when training was interrupted."""

    def memory(self) -> dict:
        """Return what a checkpoint must hold for this callback: numbers, strings, lists and arrays by name."""
        return {}

    def remember(self, memory):
        """Take back what `memory` returned."""
        vars(self).update(memory)


class Run:
    """One training in progress, as callbacks see it.

    Attributes
    ----------
    net : Network
        With the parameters as they are now.
    history : History
    epoch, epochs : int
        Epochs completed, and how many there are to be.
    learning_rate : float
        η of the next step. Assigning replaces the optimiser's own from then on.
    state
        The optimiser's memory.
    rng
        The generator that shuffles and draws masks.
    callbacks : list of Callback
    settings : dict
        What must be the same when training is resumed.
    """

    def __init__(self, net, optimizer, epochs, rng, callbacks, settings):
        self.net, self.optimizer, self.history = net, optimizer, History()
        self.epoch, self.epochs, self.reason = 0, epochs, ""
        self.rng, self.callbacks, self.settings = rng, callbacks, settings
        self.state = optimizer.init(net.parameters)
        self._rate = None

    @property
    def learning_rate(self) -> float:
        """η of the next step."""
        if self._rate is not None:
            return self._rate
        rate = self.optimizer.learning_rate
        return float(rate(self.state.t)) if callable(rate) else rate

    @learning_rate.setter
    def learning_rate(self, value):
        self._rate = number("Run", "learning_rate", value, at_least=0)

    @property
    def scheduled(self) -> bool:
        """Whether the optimiser asks a schedule of its own at every step."""
        return self._rate is None and callable(self.optimizer.learning_rate)

    @property
    def last_rate(self) -> float:
        """η of the last step."""
        return float(self.optimizer.learning_rate(self.state.t - 1)) if self.scheduled else self.learning_rate

    def stop(self, reason):
        """End training after this epoch; `reason` is recorded in `history.stopped`."""
        self.reason = str(reason)


def fit(
    net,
    X,
    T,
    cost,
    *,
    optimizer,
    epochs,
    batch_size=None,
    penalty=None,
    rng=None,
    shuffle=True,
    validation=None,
    metrics="auto",
    callbacks=(),
    cost_below=None,
    evaluate_every=1,
    resume=None,
    shards=None,
    progress=True,
) -> History:
    """Train the network, in place, and return the record of it.

    Each epoch takes the samples in a new random order, B = `batch_size` at a time (the last batch may be smaller), and
    makes one step of the optimiser with the gradient of J = C_B / B + penalty (eq-gradient-descent).

    Parameters
    ----------
    net : Network
        What learns.
    X, T : arrays (N, n_1) and (N, n_L)
        Inputs and targets; taken to the network's dtype once.
    cost : Cost
        The cost of one sample.
    optimizer : Optimizer or its name
        For example `SGD(learning_rate=0.5)`.
    epochs : int
        How often to go through the samples.
    batch_size : int, optional
        B. All samples at once when it is not given, or larger than N.
    penalty : Penalty, or a dict of them by layer, optional
        Added to the mean cost, once.
    rng : numpy Generator, RandomState or seed
        Shuffles, and draws the masks of dropout; needed by these alone.
    shuffle : bool
        False keeps the order of the samples.
    validation : (X, T), or a fraction, optional
        Samples to measure but not to learn from. A fraction sets the last rows aside, before shuffling.
    metrics : "auto", or a list of names and functions (outputs, T) -> number
        Recorded after each epoch. "auto" is accuracy where the targets are classes, and nothing elsewhere.
    callbacks : list of Callback, or of functions of the run
        See `callbacks`. They are called in this order, a `Checkpoint` last.
    cost_below : float, optional
        Stop after the first epoch whose J is smaller.
    evaluate_every : int
        Compute J and the metrics after every so many epochs, and after the last; each costs a forward pass over all
        samples. The history, `cost_below` and what watches the history know of these epochs alone.
    resume : path, optional
        A file that the callback `Checkpoint` wrote: go on from there, up to `epochs` in all. The other arguments
        must be those of the first call; the network, `rng` and the callbacks take the state that was saved.
    shards : distributed.Shards, optional
        The same samples on the workers of a cluster: gradient, cost and outputs are computed there.
    progress : bool
        Show a bar, in a terminal or a live notebook; it leaves nothing behind.

    Returns
    -------
    History

    Raises
    ------
    ValueError, TypeError
        When an argument is not as described; nothing has been done then.
    FloatingPointError
        When numbers overflow: the message names epoch and layer, and the network is as after the last whole epoch.

    Notes
    -----
    Ctrl-C, or the stop button of JupyterLab, ends training after the step at hand: the network keeps what it learned,
    and the history of all whole epochs is returned.
    """
    if not isinstance(net, Network):
        raise TypeError(f"fit: net must be a Network; it is {net!r:.60}")
    if net.dtype.kind == "c":
        raise TypeError("fit: net must hold float32 or float64; complex numbers serve the complex step alone")
    if not isinstance(cost, Cost):
        raise TypeError(f"fit: cost must be a cost such as nn.SquaredError(); it is {cost!r:.60}")
    optimizer = optimizers.get(optimizer)
    epochs = whole("fit", "epochs", epochs)
    if shards is not None:
        if not hasattr(shards, "sizes"):
            raise TypeError(f"fit: shards must be a Shards; it is {shards!r:.60}")
        if isinstance(validation, numbers.Real):
            raise TypeError(
                "fit: validation must be (X, T), which shards do not hold; a fraction would take samples of theirs"
            )
    X, T, validation = _split(X, T, validation)
    X, T = map(np.ascontiguousarray, samples("fit", net, X, T, cost))
    if validation is not None:
        validation = samples("fit", net, *validation, cost, names=("validation X", "validation T"))
        validation = tuple(map(np.ascontiguousarray, validation))
    batch_size = len(X) if batch_size is None else min(whole("fit", "batch_size", batch_size), len(X))
    penalties_by_layer = penalties.by_layer("fit", penalty, net.W)
    shuffle = bool(shuffle) and batch_size < len(X)
    if shuffle or any(net.dropout.values()) or rng is not None:
        rng = rng if isinstance(rng, np.random.RandomState) else generator("fit", rng)
    if cost_below is not None:
        cost_below = number("fit", "cost_below", cost_below)
    evaluate_every = whole("fit", "evaluate_every", evaluate_every)
    measured = _metrics(metrics, T)
    if shards is not None and not all(np.array_equal(a, b.astype(a.dtype)) for a, b in ((X, shards.X), (T, shards.T))):
        raise ValueError("fit: shards must hold the samples of X and T; they hold others")
    callbacks = _callbacks(callbacks)
    settings = {
        "samples": len(X),
        "network": f"{net!r} of {net.dtype}",
        "cost": repr(cost),
        "optimizer": repr(optimizer),
        "batch_size": batch_size,
        "penalty": {str(l): repr(p) for l, p in penalties_by_layer.items()},
        "shuffle": shuffle,
    }
    run = Run(net, optimizer, epochs, rng, callbacks, settings)
    steps = _Steps(run, X, T, cost, batch_size, penalties_by_layer, shuffle, shards)
    measure = _Measure(net, cost, measured)
    with _Interrupt() as interrupt, _bar(progress, epochs) as bar, np.errstate(all="ignore"):
        for callback in callbacks:
            callback.begin(run)
        if resume is not None:
            checkpoints.read(resume, run)
            bar.update(run.epoch)
        try:
            while run.epoch < epochs and not run.reason:
                kept = net.snapshot()
                try:
                    done, values = steps.epoch(interrupt), None
                    if done and ((run.epoch + 1) % evaluate_every == 0 or run.epoch + 1 == epochs):
                        values = measure("", X, T, run.epoch + 1, shards)
                        values["cost"] += float(penalties.total(penalties_by_layer, net.W, net.b))
                        if validation is not None:
                            values |= measure("validation_", *validation, run.epoch + 1)
                except (FloatingPointError, ValueError):
                    net.restore(kept)
                    raise
                if not done:
                    run.stop("interrupted")
                    break
                run.epoch += 1
                if values is not None:
                    run.history._record({"epochs": run.epoch, **values, "learning_rate": run.last_rate})
                    if cost_below is not None and values["cost"] < cost_below:
                        run.stop("cost_below")
                for callback in callbacks:
                    callback.after_epoch(run)
                bar.update()
                if interrupt.seen:
                    run.stop("interrupted")
        except KeyboardInterrupt:
            run.stop("interrupted")
        run.history.stopped = run.reason or "epochs"
        for callback in callbacks:
            callback.end(run)
    if run.reason == "interrupted":
        whole_epochs = f"{run.epoch} whole epoch{'s' * (run.epoch != 1)}"
        print(f"fit: interrupted after {whole_epochs}; the network keeps what it learned", file=sys.stderr)
    return run.history


class _Steps:
    """The steps of an epoch: gather a batch, forward, backward, penalty, update; all in arrays made once."""

    def __init__(self, run, X, T, cost, batch_size, penalties_by_layer, shuffle, shards):
        self.run, self.net, self.X, self.T, self.cost = run, run.net, X, T, cost
        self.batch_size, self.rng, self.shuffle, self.shards = batch_size, run.rng, shuffle, shards
        self.gradients = aligned(run.net.parameters.shape, run.net.dtype)
        W, b, _, _ = run.net.views(self.gradients)
        self.penalised = [
            (penalty, w.reshape(-1)[start : start + _BLOCK], dw.reshape(-1)[start : start + _BLOCK])
            for penalty, w, dw in penalties.penalised(penalties_by_layer, run.net.W, run.net.b, W, b)
            for start in range(0, w.size, _BLOCK)
        ]
        self.work = {}

    def _arrays(self, n):
        """The arrays for a batch of n samples: the pass, and where the batch's inputs and targets are gathered."""
        if n not in self.work:
            gathered = [aligned((n, array.shape[1]), array.dtype) for array in (self.X, self.T)]
            self.work[n] = (Pass(self.net, (n,), gradients=self.gradients), *gathered)
        return self.work[n]

    def epoch(self, interrupt) -> bool:
        """Make the steps of one epoch; return False when it was interrupted before its end."""
        run, net, X, T, B = self.run, self.net, self.X, self.T, self.batch_size
        cost, rng, gradients, update = self.cost, self.rng, self.gradients, run.optimizer.update
        isfinite, of_biases = math.isfinite, gradients[sum(W.size for W in net.W.values()) :]
        params, order = net.parameters, None
        if self.shuffle:
            order = np.arange(len(X))
            rng.shuffle(order)
        # Only a schedule that the optimiser asks itself can change the rate within an epoch.
        rate = None if run.scheduled else run.learning_rate
        n, whole_batches, local = B, len(X) - len(X) % B, self.shards is None
        work, x, t = self._arrays(n) if local else (None, None, None)
        for start in range(0, len(X), B):
            if start == whole_batches:
                n = len(X) - start
                work, x, t = self._arrays(n) if local else (None, None, None)
            if not local:
                self._gather(order, start, n)
            else:
                if order is None:
                    x, t = X[start : start + n], T[start : start + n]
                elif n == 1:  # a single row need not be gathered
                    k = order[start]
                    x, t = X[k : k + 1], T[k : k + 1]
                else:
                    rows = order[start : start + n]
                    X.take(rows, 0, x, "wrap")  # any mode but "raise" writes straight into x
                    T.take(rows, 0, t, "wrap")
                work.forward(x, True, rng)
                try:
                    work.backward(t, cost, 1 / n)
                except ValueError as error:
                    raise ValueError(f"fit: epoch {run.epoch + 1}, layer {net.L}: {error}") from error
                # What is not finite on the way forward makes the last delta so, and with it the gradient of a bias.
                if not isfinite(of_biases.dot(of_biases)) and not np.isfinite(of_biases).all():
                    raise FloatingPointError(_overflow(work, run.epoch + 1, start // B + 1))
            for penalty, w, dw in self.penalised:
                dw += penalty.gradient(w)
            _, run.state = update(params, gradients, run.state, learning_rate=rate, out=params)
            for layer in work.normalised if local else ():
                layer.norm.move_running()
            if interrupt.seen:
                return start + n == len(X)
        return True

    def _gather(self, order, start, n):
        """Let the workers of a cluster compute the gradient of C_B / B."""
        rows = None if n == len(self.X) else np.arange(start, start + n) if order is None else order[start : start + n]
        try:
            np.divide(self.shards.gradient(self.net, self.cost, rows).parameters, n, out=self.gradients)
        except FloatingPointError as error:
            raise FloatingPointError(f"fit: epoch {self.run.epoch + 1}: {error}") from error
        if not np.isfinite(self.gradients).all():
            raise FloatingPointError(
                f"fit: epoch {self.run.epoch + 1}: the gradient that the workers sent is not finite"
            )


class _Measure:
    """Cost and metrics on a whole set, in one pass over it, some rows at a time."""

    def __init__(self, net, cost, measured):
        self.net, self.cost, self.measured, self.work = net, cost, measured, {}

    def __call__(self, prefix, X, T, epoch, shards=None):
        if shards is not None:
            total, outputs = shards.forward(self.net, self.cost)
            if not math.isfinite(total):
                raise FloatingPointError(
                    f"fit: epoch {epoch}: the cost is not finite; a smaller learning rate may help"
                )
            return self._values(prefix, total, outputs, T)
        total, outputs = 0.0, np.empty_like(T) if self.measured else None
        for start in range(0, len(X), _CHUNK):
            x, t = X[start : start + _CHUNK], T[start : start + _CHUNK]
            if len(x) not in self.work:
                self.work[len(x)] = Pass(self.net, (len(x),))
            work = self.work[len(x)]
            a = work.forward(x)
            if self.measured:
                outputs[start : start + _CHUNK] = a
            try:
                total += float(self.cost.unchecked_from_z(work.last.y, t, work.last.f).sum())
            except ValueError as error:
                raise ValueError(f"fit: epoch {epoch}, layer {self.net.L}: {error}") from error
            if not math.isfinite(total):
                raise FloatingPointError(_overflow(work, epoch))
        return self._values(prefix, total, outputs, T)

    def _values(self, prefix, total, outputs, T):
        values = {f"{prefix}cost": total / len(T)}
        for name, function in self.measured:
            values[prefix + name] = float(function(outputs, T))
        return values


def _overflow(work, epoch, step=None):
    """Say where numbers stopped being finite: the first layer, going forward, or the last one, going back."""
    where = f"fit: epoch {epoch}" + (f", step {step}" if step else "")
    advice = "; a smaller learning rate may help"
    for layer in work.layers:
        for name, array in (("W", layer.W), ("b", layer.b), ("z", layer.z), ("a", layer.a)):
            if not np.isfinite(array).all():
                return f"{where}, layer {layer.l}: {name}[{layer.l}] is no longer finite{advice}"
    for layer in reversed(work.layers):
        if step and not (np.isfinite(layer.delta).all() and np.isfinite(layer.dW).all()):
            return f"{where}, layer {layer.l}: the gradient of layer {layer.l} is not finite{advice}"
    return f"{where}, layer {work.last.l}: the cost of the outputs is not finite{advice}"


def _split(X, T, validation):
    """Return X, T and the validation set; a fraction takes the last rows."""
    if validation is None:
        return X, T, None
    if isinstance(validation, numbers.Real):
        share = number("fit", "validation", validation, above=0, below=1)
        X, T = floats("fit", "X", X), floats("fit", "T", T)
        if X.ndim != 2 or T.ndim != 2 or len(X) != len(T):
            return X, T, None  # what is wrong with them is said where they are checked
        first = int(len(X) * (1 - share))
        if first < 1 or first == len(X):
            raise ValueError(f"fit: validation = {share:g} of {len(X)} samples leaves one of the two sets empty")
        return X[:first], T[:first], (X[first:], T[first:])
    if not isinstance(validation, tuple | list) or len(validation) != 2:
        raise TypeError(f"fit: validation must be (X, T) or a fraction; it is {validation!r:.60}")
    return X, T, tuple(validation)


def _metrics(chosen, T):
    if isinstance(chosen, str) and chosen == "auto":
        return [metrics_module.get("accuracy")] if metrics_module.are_classes(T) else []
    if isinstance(chosen, str) or not isinstance(chosen, list | tuple):
        raise TypeError(f'fit: metrics must be "auto" or a list of names and functions; it is {chosen!r}')
    return [metrics_module.get(metric) for metric in chosen]


def _callbacks(given):
    if not isinstance(given, list | tuple):
        raise TypeError(f"fit: callbacks must be a list of Callbacks or functions of the run; it is {given!r:.60}")
    callbacks = []
    for callback in given:
        if isinstance(callback, type) or not (callable(callback) or isinstance(callback, Callback)):
            raise TypeError(f"fit: callbacks must be Callbacks or functions of the run; one is {callback!r:.60}")
        if not isinstance(callback, Callback):
            function, callback = callback, Callback()
            callback.after_epoch = function
        callbacks.append(callback)
    return sorted(callbacks, key=lambda callback: callback.last)


class _Interrupt:
    """Turns the first Ctrl-C into a note, so that a step is never left half done. The second one is not held back."""

    def __init__(self):
        self.seen = False

    def __enter__(self):
        self.before = None
        if threading.current_thread() is threading.main_thread():
            self.before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *_):
        if self.before is not None:
            signal.signal(signal.SIGINT, self.before)

    def _note(self, number, frame):
        if self.seen:
            raise KeyboardInterrupt
        self.seen = True


class _NoBar:
    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def update(self, epochs=1):
        pass


def _bar(wanted, total):
    """Return a progress bar where somebody is looking: in a terminal, or a notebook that is open in JupyterLab."""
    # A notebook executed by a tool has no such session, so that nothing of the bar can reach its stored outputs.
    live = sys.stderr is not None and sys.stderr.isatty()
    live = live or ("ipykernel" in sys.modules and "JPY_SESSION_NAME" in os.environ)
    if not (wanted and live):
        return _NoBar()
    try:
        from tqdm import tqdm
    except ImportError:
        return _NoBar()
    # JupyterLab puts whatever is written to stderr on pink.
    return tqdm(total=total, unit="epoch", leave=False, file=None if sys.stderr.isatty() else sys.stdout)
