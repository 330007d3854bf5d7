"""Turn what a student's function returned into plain data, or say why that is not possible."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .messages import LARGEST_PAYLOAD, LARGEST_TEXT, MOST_LEAVES, Refused, short


def plain(value: Any, depth: int = 0, count: list[int] | None = None) -> Any:
    """Return a result as None, text, plain arrays, or lists and dicts of them; Refused says why it cannot be one."""
    count = [0] if count is None else count
    count[0] += 1
    if depth > 4 or count[0] > MOST_LEAVES:
        raise Refused("the result is nested too deeply or has too many parts")
    if value is None or isinstance(value, str):
        return None if value is None else value[:LARGEST_TEXT]
    if isinstance(value, Mapping):
        return {_plain_key(k): plain(v, depth + 1, count) for k, v in value.items()}
    if isinstance(value, list | tuple | map | filter | zip | range) or hasattr(value, "__next__"):
        value = _some(value)
        if not _only_numbers(value):
            return [plain(v, depth + 1, count) for v in value]
    try:
        array = np.asarray(value)
    except Exception as error:
        raise Refused(f"the result is not an array of numbers: {short(error, 120)}") from None
    if array.dtype.kind not in "biufc":
        kind = "a function" if callable(value) else f"{type(value).__name__} of dtype {array.dtype}"
        raise Refused(f"the result must hold plain numbers; it is {short(kind, 80)}")
    if array.nbytes > LARGEST_PAYLOAD // 2:
        raise Refused(f"the result is far too large: shape {array.shape}, {array.nbytes:,} bytes")
    return np.array(array)


def _plain_key(key):
    if isinstance(key, np.integer):
        return int(key)
    return key if isinstance(key, int) else str(key)[:100]


def _some(values):
    kept = []
    for value in values:
        kept.append(value)
        if len(kept) > 100_000:
            raise Refused("the result is a list of more than 100,000 items")
    return kept


def _only_numbers(values, depth=0):
    """True for numbers, and lists of them in a rectangle: what np.asarray makes one array of without guessing."""
    if depth > 8 or not values:
        return depth == 0 and not values
    if all(isinstance(v, int | float | np.generic) for v in values):
        return True
    return all(isinstance(v, list | tuple) and len(v) == len(values[0]) and _only_numbers(v, depth + 1) for v in values)
