"""Keras's names for what the book names differently: losses, metrics, and the columns of a history."""

from __future__ import annotations

import sys
from typing import Any

from ..core.costs import BinaryCrossEntropy, CategoricalCrossEntropy, Cost, SquaredError
from ..core.validation import chosen, instance
from ..training import metrics as metrics_module
from ..training.run import Callback, History, Run

SPARSE = "sparse_categorical_crossentropy"  # the cost whose targets are whole-number labels
_LOSSES = {
    "squared_error": SquaredError,
    "binary_crossentropy": BinaryCrossEntropy,
    "categorical_crossentropy": CategoricalCrossEntropy,
    SPARSE: CategoricalCrossEntropy,
}
_METRICS = {"acc": "accuracy", "mse": "mean_squared_error", "mae": "mean_absolute_error"}


def cost_of(loss: Any) -> Cost:
    """Return a cost from its name, or as it is."""
    if not isinstance(loss, str):
        return instance("compile", "loss", loss, Cost, "a cost or its name")
    if loss in ("mse", "mean_squared_error"):
        raise ValueError(
            f"compile: loss {loss!r} is a mean over outputs without ½, unlike the book's cost; "
            'use "squared_error", ½ Σ (t − a)²'
        )
    return _LOSSES[chosen("compile", "loss", loss, _LOSSES)]()


def metrics_of(metrics: Any) -> list[tuple[str, metrics_module.Metric]]:
    """Return (name, function) of each metric in a list of names and functions."""
    metrics = [] if metrics is None else metrics
    if isinstance(metrics, str) or not isinstance(metrics, list | tuple):
        raise TypeError(f"compile: metrics must be a list; it is {metrics!r}")
    return [metrics_module.get(_METRICS.get(m, m) if isinstance(m, str) else m) for m in metrics]


def history_of(record: History) -> dict[str, list[float]]:
    """Return the columns of a history: "loss", "val_loss", "accuracy", "val_accuracy", …"""
    names = {}
    for name, column in vars(record).items():
        if isinstance(column, list) and column and name not in ("epochs", "learning_rate"):
            prefix, _, rest = name.partition("validation_")
            name = f"val_{rest}" if not prefix and rest else name
            names[name.replace("cost", "loss") if name in ("cost", "val_cost") else name] = column
    return names


class Lines(Callback):
    """Prints one line for each epoch."""

    def after_epoch(self, run: Run) -> None:
        values = {name: column[-1] for name, column in history_of(run.history).items()}
        print(f"Epoch {run.epoch}/{run.epochs} - " + " - ".join(f"{k}: {v:.4f}" for k, v in values.items()))
        sys.stdout.flush()
