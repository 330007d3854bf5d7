"""Metrics: how good outputs are, for people to read; training does not minimise them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from ..core.validation import chosen, finite, floats, rows, same_shape

Metric = Callable[[np.ndarray, np.ndarray], float]


def accuracy(outputs: ArrayLike, T: ArrayLike) -> float:
    """Return the fraction of samples that are classified correctly, from 0 to 1.

    Parameters
    ----------
    outputs : array (N, n_L)
        The class is the unit with the largest output; with one unit it is 1 from 0.5 upwards, and 0 below.
    T : array (N, n_L), or whole-number labels (N,)
        Targets; their classes are read in the same way.

    Raises
    ------
    ValueError, TypeError
        When shapes disagree, there are no samples, an entry is not finite, or a label is out of range.

    Examples
    --------
    >>> import nnbook as nn
    >>> nn.accuracy([[0.9, 0.1], [0.4, 0.6], [0.7, 0.3]], [0, 1, 1])
    0.6666666666666666
    """
    outputs = rows("accuracy", "outputs", finite("accuracy", "outputs", floats("accuracy", "outputs", outputs)))
    targets = finite("accuracy", "T", floats("accuracy", "T", T))
    if targets.ndim != 1 or np.asarray(T).dtype.kind not in "iu":
        same_shape("accuracy", "T", targets, "outputs", outputs)
        labels = _classes(targets)
    elif len(targets) != len(outputs):
        raise ValueError(f"accuracy: outputs has {len(outputs)} samples, so T needs as many; it has {len(targets)}")
    else:
        labels, classes = targets, max(2, outputs.shape[1])
        if labels.min() < 0 or labels.max() >= classes:
            raise ValueError(
                f"accuracy: T holds labels from {labels.min():g} to {labels.max():g}; with {classes} classes a label "
                f"is 0 to {classes - 1}"
            )
    return float(np.mean(_classes(outputs) == labels))


def mean_squared_error(outputs: ArrayLike, T: ArrayLike) -> float:
    """Return the mean of (a − t)² over samples and outputs: no ½, and a mean over the outputs too.

    Parameters
    ----------
    outputs, T : arrays, both (N, n_L)
        a and t.

    Examples
    --------
    >>> import nnbook as nn
    >>> nn.metrics.mean_squared_error([[1.0, 2.0]], [[0.0, 4.0]])
    2.5
    """
    outputs, T = _pair("mean_squared_error", outputs, T)
    return float(np.mean((outputs - T) ** 2, dtype=np.float64))


def mean_absolute_error(outputs: ArrayLike, T: ArrayLike) -> float:
    """Return the mean of |a − t| over samples and outputs.

    Parameters
    ----------
    outputs, T : arrays, both (N, n_L)
        a and t.

    Examples
    --------
    >>> import nnbook as nn
    >>> nn.metrics.mean_absolute_error([[1.0, 2.0]], [[0.0, 4.0]])
    1.5
    """
    outputs, T = _pair("mean_absolute_error", outputs, T)
    return float(np.mean(np.abs(outputs - T), dtype=np.float64))


def r2(outputs: ArrayLike, T: ArrayLike) -> float:
    """Return 1 − Σ(a − t)² / Σ(t − t̄)², averaged over the outputs: 1 is perfect, 0 no better than the mean.

    Parameters
    ----------
    outputs, T : arrays, both (N, n_L)
        a and t.

    Raises
    ------
    ValueError, TypeError
        When shapes disagree, or all targets of an output are equal: then there is no variance to explain.

    Examples
    --------
    >>> import nnbook as nn
    >>> nn.metrics.r2([[1.0], [2.0]], [[1.0], [3.0]])
    0.5
    """
    outputs, T = (array.astype(np.float64, copy=False) for array in _pair("r2", outputs, T))
    spread = ((T - T.mean(axis=0)) ** 2).sum(axis=0)
    if (spread == 0).any():
        raise ValueError("r2: T needs targets that differ; all targets of an output are equal")
    return float(np.mean(1 - ((outputs - T) ** 2).sum(axis=0) / spread))


_BY_NAME = {f.__name__: f for f in (accuracy, mean_squared_error, mean_absolute_error, r2)}
# Names that the history uses for other things.
_TAKEN = ("cost", "loss", "epochs", "learning_rate", "stopped", "record", "history")


def get(metric: str | Metric) -> tuple[str, Metric]:
    """Return (name, function) of a metric given by its name or as a function (outputs, T) -> number."""
    if isinstance(metric, str):
        name = chosen("", "metrics", metric, _BY_NAME)
        return name, _BY_NAME[name]
    name = getattr(metric, "__name__", "")
    if not callable(metric) or not name.isidentifier():
        raise TypeError(f"metrics must be names or named functions (outputs, T) -> number; one is {metric!r}")
    if name in _TAKEN or name.startswith(("validation_", "val_")):
        raise ValueError(f"metrics: a function named {name!r} would overwrite what is recorded; give it another name")
    return name, metric


def several(where: str, metrics: Sequence[str | Metric]) -> list[tuple[str, Metric]]:
    """Return (name, function) of each metric; ValueError when two have the same name."""
    found = [get(metric) for metric in metrics]
    names = [name for name, _ in found]
    if twice := [name for name in names if names.count(name) > 1]:
        raise ValueError(f"{where}: metrics must have different names; two are named {twice[0]!r}")
    return found


def are_classes(T: np.ndarray) -> bool:
    """Return whether targets are classes: every row one-hot, or a single column of zeros and ones."""
    binary = ((T == 0) | (T == 1)).all()
    return bool(binary and (T.shape[1] == 1 or (T.sum(axis=1) == 1).all()))


def _classes(values):
    return (values[:, 0] >= 0.5).astype(int) if values.shape[1] == 1 else values.argmax(axis=1)


def _pair(where, outputs, T):
    outputs = rows(where, "outputs", finite(where, "outputs", floats(where, "outputs", outputs)))
    T = finite(where, "T", floats(where, "T", T))
    same_shape(where, "T", T, "outputs", outputs)
    return outputs, T
