"""The steps of an epoch: which samples, their gradient (computed here, or by the workers of a cluster), the update."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from ..core import penalties
from ..core.passes import Pass, aligned
from .arguments import Plan
from .console import Interrupt
from .measure import overflow
from .run import Run

_BLOCK = 2**14  # weights penalised at a time, so that what is added to their gradient stays in cache


class Steps:
    """The steps of one training run, in arrays that are allocated once and reused for every batch."""

    def __init__(self, plan: Plan, run: Run):
        self.plan, self.run = plan, run
        self.gradients = aligned(plan.net.parameters.shape, plan.net.dtype)
        self.source = _Here(plan, self.gradients) if plan.shards is None else _OnWorkers(plan, self.gradients)
        W, b, _, _ = plan.net.views(self.gradients)
        self.penalised = [
            (penalty, w.reshape(-1)[start : start + _BLOCK], dw.reshape(-1)[start : start + _BLOCK])
            for penalty, w, dw in penalties.penalised(plan.penalties, plan.net.W, plan.net.b, W, b)
            for start in range(0, w.size, _BLOCK)
        ]

    def epoch(self, interrupt: Interrupt) -> bool:
        """Make the steps of one epoch; return False if interrupted before the end."""
        run, plan, gradients, source = self.run, self.plan, self.gradients, self.source
        params, update, clip = plan.net.parameters, run.optimizer.update, plan.clip_norm
        order = None
        if plan.shuffle:
            order = np.arange(len(plan.X))
            plan.rng.shuffle(order)  # type: ignore[union-attr]
        # Only a schedule that the optimiser itself calls can change the rate within an epoch.
        rate = None if run.scheduled else run.learning_rate
        for step, (start, n) in enumerate(batches(plan), start=1):
            source.gradient(order, start, n, run.epoch + 1, step)
            for penalty, w, dw in self.penalised:
                dw += penalty.gradient(w)
            if clip is not None and (length := math.sqrt(gradients.dot(gradients))) > clip:
                gradients *= clip / length
            _, run.state = update(params, gradients, run.state, learning_rate=rate, out=params)
            source.after_step()
            if interrupt.seen:
                return start + n == len(plan.X)
        return True


def batches(plan: Plan) -> Iterator[tuple[int, int]]:
    """Yield the start and the length of every batch of an epoch; the last one may be smaller than the others."""
    N, B = len(plan.X), plan.batch_size
    # Batch normalisation of a single sample always gives β, so a last batch of one joins the batch before it.
    joined = bool(plan.net.batch_norm) and N % B == 1
    last = N - (B + 1 if joined else 0)
    for start in range(0, last, B):
        yield start, min(B, N - start)
    if joined:
        yield last, B + 1


class _Here:
    """The gradient of C_B / B, computed in this process."""

    def __init__(self, plan, gradients):
        self.plan, self.gradients = plan, gradients
        self.of_biases = gradients[sum(W.size for W in plan.net.W.values()) :]
        self.arrays = {}
        self.weights = plan.sample_weight

    def gradient(self, order, start, n, epoch, step):
        """Write the gradient of the batch that begins at `start` into the array of gradients."""
        plan, X, T = self.plan, self.plan.X, self.plan.T
        if n not in self.arrays:
            gathered = [aligned((n, array.shape[1]), array.dtype) for array in (X, T)]
            self.arrays[n] = (Pass(plan.net, (n,), gradients=self.gradients), *gathered)
        work, x, t = self.arrays[n]
        if order is None:
            rows = slice(start, start + n)
            x, t = X[rows], T[rows]
        elif n == 1:  # a slice of one row needs no copy
            rows = slice(order[start], order[start] + 1)
            x, t = X[rows], T[rows]
        else:
            rows = order[start : start + n]
            X.take(rows, 0, x, "wrap")  # any mode but "raise" writes straight into x
            T.take(rows, 0, t, "wrap")
        if self.weights is not None:
            scale = self.weights[rows] / n
        else:
            scale = 1 / n if n > 1 else None
        work.forward(x, True, plan.rng)
        try:
            work.backward(t, plan.cost, scale)
        except ValueError as error:
            raise ValueError(f"fit: epoch {epoch}, layer {plan.net.L}: {error}") from error
        # Infinity or NaN in the forward pass reaches the last delta, and with it the gradient of a bias.
        if not math.isfinite(self.of_biases.dot(self.of_biases)) and not np.isfinite(self.of_biases).all():
            raise FloatingPointError(overflow(work, epoch, step))
        self.last = work

    def after_step(self):
        for layer in self.last.normalised:
            layer.norm.move_running()


class _OnWorkers:
    """The gradient of C_B / B, computed where the samples are."""

    def __init__(self, plan, gradients):
        self.plan, self.gradients = plan, gradients

    def gradient(self, order, start, n, epoch, step):
        """Write the gradient of the batch that begins at `start` into the array of gradients."""
        plan, rows = self.plan, None
        if n < len(plan.X):
            rows = np.arange(start, start + n) if order is None else order[start : start + n]
        try:
            np.divide(plan.shards.gradient(plan.net, plan.cost, rows).parameters, n, out=self.gradients)
        except FloatingPointError as error:
            raise FloatingPointError(f"fit: epoch {epoch}: {error}") from error
        if not np.isfinite(self.gradients).all():
            raise FloatingPointError(f"fit: epoch {epoch}: the gradient that the workers sent is not finite")

    def after_step(self):
        pass
