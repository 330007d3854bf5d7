"""Check the arguments of `fit` before anything is done."""

from __future__ import annotations

import hashlib
import numbers
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core import penalties
from ..core.costs import Cost
from ..core.dropout import Rng
from ..core.network import Network
from ..core.penalties import Penalty
from ..core.propagation import checked_cost, checked_network, samples
from ..core.validation import finite, floats, generator, number, whole
from . import metrics as metrics_module
from . import optimizers
from .metrics import Metric
from .run import Callback, callback_list, described


@dataclass
class Plan:
    """The arguments of `fit`, checked: arrays in the network's dtype, names resolved, a generator if one is needed."""

    net: Network
    X: np.ndarray
    T: np.ndarray
    cost: Cost
    optimizer: optimizers.Optimizer
    epochs: int
    batch_size: int
    sample_weight: np.ndarray | None
    penalties: dict[int, Penalty]
    rng: Rng | None
    shuffle: bool
    validation: tuple[np.ndarray, np.ndarray] | None
    metrics: list[tuple[str, Metric]]
    callbacks: list[Callback]
    cost_below: float | None
    evaluate_every: int
    clip_norm: float | None
    shards: Any

    def settings(self) -> dict[str, Any]:
        """Return what must be the same when training is resumed."""
        return {
            "network": f"{self.net!r} of {self.net.dtype}",
            "samples": len(self.X),
            "X": _fingerprint(self.X),
            "T": _fingerprint(self.T),
            "cost": repr(self.cost),
            "optimizer": described(self.optimizer),
            "batch_size": self.batch_size,
            "sample_weight": None if self.sample_weight is None else _fingerprint(self.sample_weight),
            "penalty": described(self.penalties),
            "shuffle": self.shuffle,
            "clip_norm": self.clip_norm,
            "validation": None if self.validation is None else [_fingerprint(array) for array in self.validation],
            "metrics": [name for name, _ in self.metrics],
            "evaluate_every": self.evaluate_every,
            "callbacks": [[type(callback).__name__, described(callback.settings())] for callback in self.callbacks],
        }


def checked_plan(
    net: Any, X: Any, T: Any, cost: Any, *, optimizer: Any, epochs: Any, batch_size: Any, sample_weight: Any,
    penalty: Any, rng: Any, shuffle: Any, validation: Any, metrics: Any, callbacks: Any, cost_below: Any,
    evaluate_every: Any, clip_norm: Any, shards: Any,
) -> Plan:  # fmt: skip
    """Return the plan of a training run, or raise ValueError or TypeError; nothing is changed."""
    if checked_network("fit", net).dtype.kind == "c":
        raise TypeError("fit: net must hold float32 or float64; complex numbers are only for the complex step")
    checked_cost("fit", cost)
    optimizer = optimizers.get(optimizer)
    epochs = whole("fit", "epochs", epochs)
    _check_shards(shards, validation, sample_weight)
    if sample_weight is not None and isinstance(validation, numbers.Real):
        raise TypeError(
            "fit: validation must be (X, T) with sample_weight, so that every weight belongs to a training sample"
        )
    X, T, validation = _split(X, T, validation)
    X, T = map(np.ascontiguousarray, samples("fit", net, X, T, cost))
    if validation is not None:
        Xv, Tv = validation
        Xv, Tv = samples("fit", net, Xv, Tv, cost, names=("validation X", "validation T"))
        validation = np.ascontiguousarray(Xv), np.ascontiguousarray(Tv)
    batch_size = len(X) if batch_size is None else min(whole("fit", "batch_size", batch_size), len(X))
    if net.batch_norm and batch_size == 1:
        raise ValueError(
            "fit: batch_size must be at least 2 with batch normalisation; it is 1: a single sample is its own mean, so "
            "its normalised value is always 0"
        )
    shuffle = bool(shuffle) and batch_size < len(X)
    if shuffle or any(net.dropout.values()) or rng is not None:
        rng = generator("fit", rng)
    if shards is not None and not all(np.array_equal(a, b.astype(a.dtype)) for a, b in ((X, shards.X), (T, shards.T))):
        raise ValueError("fit: shards must hold the samples of X and T; they hold different samples")
    return Plan(
        net=net,
        X=X,
        T=T,
        cost=cost,
        optimizer=optimizer,
        epochs=epochs,
        batch_size=batch_size,
        sample_weight=_weights(sample_weight, X),
        penalties=penalties.by_layer("fit", penalty, net.W),
        rng=rng,
        shuffle=shuffle,
        validation=validation,
        metrics=_metrics(metrics, T),
        callbacks=callback_list(callbacks),
        cost_below=None if cost_below is None else number("fit", "cost_below", cost_below),
        evaluate_every=whole("fit", "evaluate_every", evaluate_every),
        clip_norm=None if clip_norm is None else number("fit", "clip_norm", clip_norm, above=0),
        shards=shards,
    )


def _check_shards(shards, validation, sample_weight):
    if shards is None:
        return
    if not hasattr(shards, "sizes"):
        raise TypeError(f"fit: shards must be a Shards; it is {shards!r:.60}")
    if isinstance(validation, numbers.Real):
        raise TypeError(
            "fit: validation must be (X, T) with shards; a fraction would be taken from the samples that they hold"
        )
    if sample_weight is not None:
        raise TypeError("fit: sample_weight cannot be given with shards, whose workers count every sample once")


def _weights(weights, X):
    """Return the weights of the samples X as a column whose mean is 1, or None."""
    if weights is None:
        return None
    weights = floats("fit", "sample_weight", weights)
    if weights.shape != (len(X),):
        raise ValueError(f"fit: sample_weight needs shape ({len(X)},), one for each sample; it has {weights.shape}")
    if weights.dtype.kind == "c" or not (finite("fit", "sample_weight", weights) >= 0).all():
        raise ValueError("fit: sample_weight must hold real numbers, at least 0")
    if not weights.any():
        raise ValueError("fit: sample_weight must be above 0 for some sample; all are 0")
    return (weights / weights.mean()).astype(X.dtype)[:, None]


def _split(X, T, validation):
    """Return X, T and the validation set; a fraction takes the last rows."""
    if validation is None:
        return X, T, None
    if isinstance(validation, numbers.Real):
        share = number("fit", "validation", validation, above=0, below=1)
        X, T = floats("fit", "X", X), floats("fit", "T", T)
        if X.ndim != 2 or T.ndim != 2 or len(X) != len(T):
            return X, T, None  # the later checks report what is wrong with them
        first = int(len(X) * (1 - share))
        if first < 1 or first == len(X):
            raise ValueError(f"fit: validation = {share:g} of {len(X)} samples leaves one of the two sets empty")
        return X[:first], T[:first], (X[first:], T[first:])
    if not isinstance(validation, tuple | list) or len(validation) != 2:
        raise TypeError(f"fit: validation must be (X, T) or a fraction; it is {validation!r:.60}")
    return X, T, tuple(validation)


def _metrics(chosen: Any, T: np.ndarray) -> list[tuple[str, Metric]]:
    if isinstance(chosen, str) and chosen == "auto":
        return [metrics_module.get("accuracy")] if metrics_module.are_classes(T) else []
    if isinstance(chosen, str) or not isinstance(chosen, Sequence):
        hint = f"; write metrics=[{chosen!r}]" if isinstance(chosen, str) else ""
        raise TypeError(f'fit: metrics must be "auto" or a list of names and functions; it is {chosen!r}{hint}')
    return metrics_module.several("fit", chosen)


def _fingerprint(array):
    return f"{array.shape} {hashlib.sha256(memoryview(array).cast('B')).hexdigest()[:16]}"
