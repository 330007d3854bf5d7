"""How good outputs are, in numbers that people read; none of them is what training minimises."""

from __future__ import annotations

import numpy as np

from ..core.validation import finite, floats, rows, same_shape


def accuracy(outputs, T) -> float:
    """Return the share of samples whose class is right, from 0 to 1.

    Parameters
    ----------
    outputs : array (N, n_L)
        The class is the unit with the largest output; with one unit it is 1 from 0.5 upwards, and 0 below.
    T : array (N, n_L), or whole-number labels (N,)
        Targets; their classes are read in the same way.

    Raises
    ------
    ValueError, TypeError
        When shapes disagree, there is no sample, an entry is not finite, or a label is out of range.
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


def mean_squared_error(outputs, T) -> float:
    """Return the mean of (a − t)² over samples and outputs: no ½, and a mean over the outputs too.

    Parameters
    ----------
    outputs, T : arrays, both (N, n_L)
        a and t.
    """
    outputs, T = _pair("mean_squared_error", outputs, T)
    return float(np.mean((outputs - T) ** 2, dtype=np.float64))


def mean_absolute_error(outputs, T) -> float:
    """Return the mean of |a − t| over samples and outputs.

    Parameters
    ----------
    outputs, T : arrays, both (N, n_L)
        a and t.
    """
    outputs, T = _pair("mean_absolute_error", outputs, T)
    return float(np.mean(np.abs(outputs - T), dtype=np.float64))


def r2(outputs, T) -> float:
    """Return 1 − Σ(a − t)² / Σ(t − t̄)², averaged over the outputs: 1 is perfect, 0 no better than the mean.

    Parameters
    ----------
    outputs, T : arrays, both (N, n_L)
        a and t.

    Raises
    ------
    ValueError, TypeError
        When shapes disagree, or all targets of an output are equal: then there is nothing to explain.
    """
    outputs, T = _pair("r2", outputs, T)
    spread = ((T - T.mean(axis=0)) ** 2).sum(axis=0)
    if (spread == 0).any():
        raise ValueError("r2: T needs targets that differ; all targets of an output are equal")
    return float(np.mean(1 - ((outputs - T) ** 2).sum(axis=0) / spread))


def get(metric):
    """Return (name, function) of a metric given by its name or as a function (outputs, T) -> number."""
    by_name = {f.__name__: f for f in (accuracy, mean_squared_error, mean_absolute_error, r2)}
    if isinstance(metric, str):
        if metric not in by_name:
            raise ValueError(f"metrics must be among {', '.join(by_name)}, or functions; one is {metric!r}")
        return metric, by_name[metric]
    name = getattr(metric, "__name__", "")
    if not callable(metric) or not name.isidentifier():
        raise TypeError(f"metrics must be names or named functions (outputs, T) -> number; one is {metric!r}")
    return name, metric


def are_classes(T) -> bool:
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
