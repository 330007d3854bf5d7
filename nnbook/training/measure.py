"""Cost and metrics on a whole set of samples, and where numbers stopped being finite."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.costs import Cost
from ..core.network import Network
from ..core.passes import Pass
from .metrics import Metric

_CHUNK = 512  # samples evaluated at a time


class Measure:
    """Cost and metrics on a whole set, in one pass over it, a block of rows at a time."""

    def __init__(self, net: Network, cost: Cost, measured: Sequence[tuple[str, Metric]]):
        self.net, self.cost, self.measured = net, cost, measured
        self.work: dict[int, Pass] = {}

    def __call__(
        self,
        prefix: str,
        X: np.ndarray,
        T: np.ndarray,
        epoch: int,
        shards: Any = None,
        weights: np.ndarray | None = None,
    ) -> dict[str, float]:
        """Return the mean cost and the metrics by name, with `prefix` before each name.

        `weights`, a column whose mean is 1, multiply the costs of the samples; metrics count every sample once.
        """
        if shards is not None:
            total, outputs = shards.forward(self.net, self.cost)
            if not math.isfinite(total):
                raise FloatingPointError(
                    f"fit: epoch {epoch}: the cost is not finite; a smaller learning rate may help"
                )
        else:
            total, outputs = self._here(X, T, epoch, weights)
        values = {f"{prefix}cost": total / len(T)}
        for name, function in self.measured:
            values[prefix + name] = float(function(outputs, T))
        return values

    def _here(self, X, T, epoch, weights):
        total, outputs = 0.0, np.empty_like(T) if self.measured else None
        for start in range(0, len(X), _CHUNK):
            x, t = X[start : start + _CHUNK], T[start : start + _CHUNK]
            if len(x) not in self.work:
                self.work[len(x)] = Pass(self.net, (len(x),))
            work = self.work[len(x)]
            a = work.forward(x)
            if outputs is not None:
                outputs[start : start + _CHUNK] = a
            try:
                costs = self.cost.unchecked_from_z(work.last.y, t, work.last.f)
            except ValueError as error:
                raise ValueError(f"fit: epoch {epoch}, layer {self.net.L}: {error}") from error
            total += float(costs.sum() if weights is None else costs.dot(weights[start : start + len(x), 0]))
            if not math.isfinite(total):
                raise FloatingPointError(overflow(work, epoch))
        return total, outputs


def overflow(work: Pass, epoch: int, step: int | None = None) -> str:
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
