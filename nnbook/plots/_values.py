"""Check the numbers that are drawn."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnbook.core.validation import finite, floats
from nnbook.plots._text import plural


def reals(where: str, name: str, value: Any) -> np.ndarray:
    """Return `value` as an array of finite real numbers, or raise."""
    array = finite(where, name, floats(where, name, value))
    if np.iscomplexobj(array):
        raise TypeError(f"{where}: {name} must hold real numbers; it has dtype {array.dtype}")
    return array


def numbers_of(where: str, name: str, value: Any, *, least: int = 1) -> np.ndarray:
    """Return `value` as a list of at least so many finite real numbers, or raise."""
    array = reals(where, name, value)
    if array.ndim != 1 or len(array) < least:
        raise ValueError(
            f"{where}: {name} must be a list of at least {plural(least, 'number')}; its shape is {array.shape}"
        )
    return array
