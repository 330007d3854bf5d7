"""The forms in which a reader passes gradients: objects with arrays by layer, or one flat array in some order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..core.validation import floats
from .findings import Finding
from .planting import Case

Arrays = dict[tuple[str, int], np.ndarray]


def readings(case: Case, grads: Any) -> Iterator[tuple[list[Finding], Arrays]]:
    """Yield (findings, arrays by ("W", l) …) for each way in which `grads` may be meant, the documented one first."""
    if hasattr(grads, "W") and hasattr(grads, "b"):
        yield _arrays(case, grads)
        return
    flat = floats("diagnose", "grads", grads)
    net = case.net
    if flat.shape != net.parameters.shape:
        text = f"the flat gradient has shape {flat.shape}, needs {net.parameters.shape}"
        yield [Finding("gradients", "shape", text)], {}
        return
    if not np.isfinite(flat).all():
        yield [Finding("gradients", "not finite", "they hold NaN or infinite numbers")], {}
        return
    layers = list(net.W)
    orders = {
        "all W, then all b": [("W", l) for l in layers] + [("b", l) for l in layers],
        "W and b layer by layer": [(name, l) for l in layers for name in "Wb"],
        "b and W layer by layer": [(name, l) for l in layers for name in "bW"],
        "all b, then all W": [("b", l) for l in layers] + [("W", l) for l in layers],
        "the last layer first": [(name, l) for l in layers[::-1] for name in "Wb"],
    }
    for order, keys in orders.items():
        findings, seen, start = [], {}, 0
        for name, l in keys:
            shape = getattr(net, name)[l].shape
            seen[name, l] = flat[start : start + int(np.prod(shape))].reshape(shape)
            start += int(np.prod(shape))
        if order != "all W, then all b":
            findings = [Finding("gradients", "order", f"the flat order is {order}; it needs all W, then all b")]
        yield findings, seen


def _arrays(case, grads):
    findings, seen = [], {}
    for name in ("delta", "W", "b"):
        holder: Any = getattr(grads, name, None)
        if holder is None and name == "delta":
            continue
        for l in case.W:
            where = f"{name}[{l}]"
            try:
                array = floats("diagnose", f"grads.{where}", holder[l])
            except (KeyError, IndexError):
                if name != "delta":
                    findings.append(Finding(where, "shape", "missing"))
                continue
            if name == "delta" and array.ndim == 1:
                array = array[None]  # one sample
            if np.isfinite(array).all():
                seen[name, l] = array
            else:
                findings.append(Finding(where, "not finite", "holds NaN or infinite numbers"))
    return findings, seen
