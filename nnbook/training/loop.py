"""The training loop: epochs of steps, a history of the cost after every epoch, and reasons to stop.

It does not depend on the network's architecture. It is the only place that divides by the batch size: with B samples
in a batch it minimises J = C_B / B + penalty, so that learning rate and penalty mean the same for every B.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..core import penalties
from ..core.costs import Cost
from ..core.dropout import Rng
from ..core.network import Network
from ..core.penalties import Penalty
from . import checkpoints
from .arguments import Plan, checked_plan
from .console import Interrupt, progress_bar
from .measure import Measure
from .metrics import Metric
from .optimizers import Optimizer
from .run import Callback, History, Run
from .steps import Steps

__all__ = ["fit"]


def fit(
    net: Network,
    X: ArrayLike,
    T: ArrayLike,
    cost: Cost,
    *,
    optimizer: Optimizer | str,
    epochs: int,
    batch_size: int | None = None,
    sample_weight: ArrayLike | None = None,
    penalty: Penalty | Mapping[int, Penalty] | None = None,
    rng: Rng | int | None = None,
    shuffle: bool = True,
    validation: tuple[ArrayLike, ArrayLike] | float | None = None,
    metrics: str | Sequence[str | Metric] = "auto",
    callbacks: Sequence[Callback | Callable[[Run], object]] = (),
    cost_below: float | None = None,
    evaluate_every: int = 1,
    clip_norm: float | None = None,
    resume: str | os.PathLike | None = None,
    shards: Any = None,
    progress: bool = True,
) -> History:
    """Train the network in place and return the history of the run.

    Each epoch takes the samples in a new random order, B = `batch_size` at a time, and makes one step of
    the optimiser with the gradient of J = C_B / B + penalty (eq-gradient-descent). The last batch may be smaller; with
    batch normalisation a last batch of one sample joins the batch before it.

    Parameters
    ----------
    net : Network
        The network to train.
    X, T : arrays (N, n_1) and (N, n_L)
        Inputs and targets; converted to the network's dtype once.
    cost : Cost
        The cost of one sample.
    optimizer : Optimizer or its name
        For example `SGD(learning_rate=0.5)`.
    epochs : int
        How many times to go through the samples.
    batch_size : int, optional
        B. All samples at once when it is not given, or larger than N.
    sample_weight : array (N,), optional
        How much each sample counts, at least 0: the mean cost becomes Σ_k w_k C_k / Σ_k w_k, in J and in the history.
        Metrics and the validation set count every sample once.
    penalty : Penalty, or a dict of them by layer, optional
        Added to the mean cost, once.
    rng : numpy Generator, RandomState or seed
        Shuffles the samples and draws the masks of dropout; not needed otherwise.
    shuffle : bool
        False keeps the order of the samples.
    validation : (X, T), or a fraction, optional
        Samples to evaluate on but not to train on. A fraction sets the last rows aside, before shuffling.
    metrics : "auto", or a list of names and functions (outputs, T) -> number
        Recorded after each epoch. "auto" is accuracy where the targets are classes, and nothing elsewhere.
    callbacks : list of Callback, or of functions of the run
        See `callbacks`. They are called in this order, a `Checkpoint` last.
    cost_below : float, optional
        Stop after the first epoch whose J is smaller.
    clip_norm : float, optional
        If the gradient of J is longer than this, it is scaled to this length before the step (Pascanu et al. 2013).
    evaluate_every : int
        Compute J and the metrics after every so many epochs, and after the last; each time costs a forward pass over
        all samples. The history, `cost_below` and the callbacks that watch the history see only these epochs.
    resume : path, optional
        A file that the callback `Checkpoint` wrote: continue from there, up to `epochs` in all. The other arguments
        must be those of the first call, samples included; the network, `rng` and the callbacks take the saved state.
    shards : distributed.Shards, optional
        The same samples on the workers of a cluster: gradient, cost and outputs are computed there.
    progress : bool
        Show a progress bar, in a terminal or a live notebook; it disappears at the end.

    Returns
    -------
    History

    Raises
    ------
    ValueError, TypeError
        When an argument is not as described; nothing has been changed then.
    FloatingPointError
        When numbers overflow: the message names epoch and layer. The network is left as after the last whole
        epoch, or as a callback such as `EarlyStopping` leaves it at the end.

    Notes
    -----
    Ctrl-C, or the stop button of JupyterLab, ends training after the current step: the network keeps what it learned,
    and the history of all whole epochs is returned.

    Examples
    --------
    >>> import nnbook as nn
    >>> X, labels = nn.datasets.digits_4x3()
    >>> net = nn.Network([12, 3, 2], rng=0)
    >>> history = nn.fit(net, X, nn.one_hot(labels, 2), nn.SquaredError(), optimizer=nn.SGD(0.5), epochs=60,
    ...                  batch_size=8, rng=0)
    >>> history.cost[-1] < history.cost[0] / 2, history.stopped
    (True, 'epochs')
    """
    plan = checked_plan(
        net, X, T, cost, optimizer=optimizer, epochs=epochs, batch_size=batch_size, sample_weight=sample_weight,
        penalty=penalty, rng=rng, shuffle=shuffle, validation=validation, metrics=metrics, callbacks=callbacks,
        cost_below=cost_below, evaluate_every=evaluate_every, clip_norm=clip_norm, shards=shards,
    )  # fmt: skip
    run = Run(net, plan.optimizer, plan.epochs, plan.rng, plan.callbacks, plan.settings)
    _carry_out(plan, run, resume, progress)
    if run.reason == "interrupted":
        whole_epochs = f"{run.epoch} whole epoch{'s' * (run.epoch != 1)}"
        print(f"fit: interrupted after {whole_epochs}; the network keeps what it learned", file=sys.stderr)
    return run.history


def _carry_out(plan: Plan, run: Run, resume: str | os.PathLike | None, progress: bool) -> None:
    """Train from the first epoch, or from the checkpoint, and call the callbacks at both ends."""
    with Interrupt() as interrupt, progress_bar(progress, plan.epochs) as bar, np.errstate(all="ignore"):
        for callback in plan.callbacks:
            callback.begin(run)
        if resume is not None:
            checkpoints.read(resume, run)
            bar.update(run.epoch)
        with ExitStack() as at_the_end:  # runs every `end`, in the order of the list, whatever happens on the way
            for callback in reversed(plan.callbacks):
                at_the_end.callback(callback.end, run)
            try:
                _train(plan, run, interrupt, bar)
            except KeyboardInterrupt:
                run.stop("interrupted")
            except BaseException:
                run.history.stopped = "error"
                raise
            run.history.stopped = run.reason or "epochs"


def _train(plan: Plan, run: Run, interrupt: Interrupt, bar: Any) -> None:
    """Run the remaining epochs, until there is a reason to stop."""
    steps, measure = Steps(plan, run), Measure(plan.net, plan.cost, plan.metrics)
    while run.epoch < plan.epochs and not run.reason:
        kept = plan.net.snapshot()
        try:
            done = steps.epoch(interrupt)
            values = _measured(plan, measure, run.epoch + 1) if done else None
        except (FloatingPointError, ValueError):
            plan.net.restore(kept)
            raise
        if not done:
            run.stop("interrupted")
            break
        run.epoch += 1
        if values is not None:
            run.history.record({"epochs": run.epoch, **values, "learning_rate": run.last_rate})
            if plan.cost_below is not None and values["cost"] < plan.cost_below:
                run.stop("cost_below")
        for callback in plan.callbacks:
            callback.after_epoch(run)
        bar.update()
        if interrupt.seen:
            run.stop("interrupted")


def _measured(plan: Plan, measure: Measure, epoch: int) -> dict[str, float] | None:
    """Return J and the metrics after this epoch, if they are computed after it."""
    if epoch % plan.evaluate_every and epoch != plan.epochs:
        return None
    values = measure("", plan.X, plan.T, epoch, plan.shards, plan.sample_weight)
    values["cost"] += float(penalties.total(plan.penalties, plan.net.W, plan.net.b))
    if plan.validation is not None:
        values |= measure("validation_", *plan.validation, epoch)
    return values
