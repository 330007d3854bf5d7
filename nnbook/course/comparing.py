"""Compare a student's result with the right one, and say in words what distinguishes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .inside.messages import short

# How far a result may be from the right one, as a fraction of its largest entry, unless a task says otherwise. In
# single precision the solutions are off by 2e-6, and by 4e-5 where a sum of few terms may cancel; mistakes by far more.
TOLERANCE = 5e-5
WHERE_SUMS_CANCEL = 2e-4


def compare(value: Any, right: np.ndarray | Mapping, layouts: Any = False, tolerance: float = TOLERANCE) -> str:
    """Return what distinguishes a result from the right one, or "" if it is right within the tolerance."""
    if isinstance(right, Mapping):
        return _compare_layers(value, right, layouts, tolerance)
    array = as_array(value)
    if array is None:
        wanted = f"an array of shape {right.shape}" if right.shape else "one number"
        return f"{wanted} was expected; it returned {kind(value)}."
    right = np.asarray(right, dtype=np.float64)
    if array.shape != right.shape:
        if layouts and array.shape == right.T.shape:
            right = right.T
        elif array.size == 1 == right.size:
            array = array.reshape(right.shape)
        else:
            looks = "; it looks transposed" if array.ndim == 2 and array.shape == right.T.shape else ""
            wanted = f"shape {right.shape}" if right.shape else "one number"
            given = f"the result has shape {array.shape}{looks}" if array.shape else "the result is one number"
            return f"{wanted} was expected; {given}."
    if array.dtype.kind == "c":
        return "real numbers were expected; the result is complex."
    if not np.isfinite(array).all():
        return "the result contains NaN or infinity."
    off = _off(array, right)
    if off <= tolerance:
        return ""
    return "the numbers are wrong." if off > 0.01 else f"the numbers are near but not right: they are off by {off:.1g}."


def _off(array, right):
    """Return the largest difference, as a fraction of the largest right number."""
    with np.errstate(over="ignore"):
        return np.abs(array.astype(np.float64) - right).max(initial=0) / (np.abs(right).max(initial=0) or 1e-12)


def _compare_layers(value, right, layouts, tolerance):
    layers = list(right)
    if isinstance(value, Mapping):
        given = {}
        for key, item in value.items():
            given[int(key) if str(key).isdecimal() else key] = item
        missing = [l for l in layers if l not in given]
        if missing:
            return f"layer {missing[0]} is missing; the keys are {short(sorted(map(str, given)), 60)}."
    elif isinstance(value, list) or (isinstance(value, np.ndarray) and value.ndim):
        items = list(value)
        # A list by layer may start at the first layer that has an entry, or hold None before it.
        while items and len(items) > len(layers) and items[0] is None:
            items = items[1:]
        if len(items) != len(layers):
            return f"{len(layers)} layers were expected ({layers[0]} to {layers[-1]}); there are {len(items)} entries."
        given = dict(zip(layers, items))
    else:
        return f"a dict with the layers {layers[0]} to {layers[-1]} was expected; it returned {kind(value)}."
    for l in layers:
        text = compare(given[l], right[l], layouts, tolerance)
        if text:
            return f"layer {l}: {text}"
    return ""


def as_array(value: Any) -> np.ndarray | None:
    """Return a result as one array, or None if it is not an array."""
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, list) and value and all(isinstance(v, np.ndarray) for v in value):
        if len({v.shape for v in value}) == 1:
            return np.array(value)
    if isinstance(value, list) and not value:
        return np.zeros(0)
    return None


def kind(value: Any) -> str:
    """Name what a result is, for a message."""
    if value is None:
        return "None (is a return missing?)"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if isinstance(value, str):
        return "text"
    if isinstance(value, Mapping):
        return f"a dict of {len(value)}"
    return f"a list of {len(value)}" if isinstance(value, list) else type(value).__name__
