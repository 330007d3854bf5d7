"""Show arguments and results as a few lines of text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .inside.messages import short


def as_python(value: Any) -> str:
    """Return an argument as Python that can be pasted into a cell, rounded; large arrays are cut."""
    if isinstance(value, np.ndarray):
        with np.printoptions(precision=5, suppress=True, threshold=100, edgeitems=3, linewidth=100):
            return f"np.array({np.array2string(value, separator=', ', prefix='np.array(')})"
    if isinstance(value, Mapping):
        if "function" in value:
            return "lambda x: np.sum(c * np.sin(x)) + 0.5 * np.ravel(x) @ A @ np.ravel(x)  # c and A are random"
        return "{" + ",\n ".join(f"{key}: {as_python(item)}" for key, item in value.items()) + "}"
    return _shown(value)


def shown(value: Any, limit: int = 700) -> str:
    """Return arguments or a result as a few lines of text, rounded; large arrays are cut."""
    text = _shown(value)
    return short(text, limit)


def _shown(value):
    if isinstance(value, np.ndarray):
        with np.printoptions(precision=5, suppress=True, threshold=40, edgeitems=3, linewidth=100):
            return np.array2string(value, separator=", ")
    if isinstance(value, Mapping):
        items = [f"{key}: {_shown(item)}" for key, item in list(value.items())[:8]]
        return "{" + ",\n".join(items) + "}"
    if isinstance(value, tuple):  # the parts of a result
        return "\n".join(_shown(item) for item in value)
    if isinstance(value, list):
        if all(isinstance(item, int | float) for item in value):
            return str(value[:40])
        return "\n".join(_shown(item) for item in value[:8])
    return f"{value:.6g}" if isinstance(value, float) else str(value)
