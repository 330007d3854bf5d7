"""The table that `Sequential.summary` prints: each layer with the shape of its output and its parameters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ..core.batchnorm import BatchNorm
from ..core.bylayer import parameter_count
from .layers import Activation, Dense, Dropout, Flatten, Input


def rows_of(layers: Sequence[Any], input_shape: tuple[int, ...] | None) -> list[tuple[str, tuple, int, int]]:
    """Return (name, shape of the output, parameters trained, parameters not trained) of each layer."""
    shape = input_shape
    if shape is None:
        raise ValueError("Sequential: the number of inputs is not known yet: begin with Input, or use the model")
    result: list[tuple[str, tuple, int, int]] = []
    l = 1
    for layer in layers:
        trained = kept = 0
        if isinstance(layer, Input):
            continue
        if isinstance(layer, Dense):
            trained = parameter_count([math.prod(shape), layer.units])
            shape, l = (layer.units,), l + 1
        elif isinstance(layer, BatchNorm):
            trained = kept = 2 * shape[0]
        elif isinstance(layer, Flatten):
            shape = (math.prod(shape),)
        result.append((_title(layer, l), (None, *shape), trained, kept))
    return result


def table(rows: Sequence[tuple[str, tuple, int, int]]) -> str:
    """Return the rows as text: name, output shape and parameter count, with the totals below."""
    lines = [("Layer", "Output shape", "Parameters")]
    lines += [(name, str(shape), f"{trained + kept:,}") for name, shape, trained, kept in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(3)]
    rule = "─" * (sum(widths) + 4)
    text = ["Sequential model"]
    for i, (name, shape, count) in enumerate(lines):
        text.append(f"{name:{widths[0]}}  {shape:{widths[1]}}  {count:>{widths[2]}}")
        if i == 0:
            text.append(rule)
    trained, kept = (sum(counts) for counts in zip(*(row[2:] for row in rows)))
    text += [rule, f"Parameters: {trained + kept:,}, of which trained: {trained:,}, not trained: {kept:,}"]
    return "\n".join(text)


def _title(layer: Any, l: int) -> str:
    if isinstance(layer, Dense):
        name = f", {layer.activation}" if layer.activation is not None else ""
        return f"Dense (layer {l}{name})"
    if isinstance(layer, Activation):
        return f"Activation ({layer.activation})"
    return f"Dropout ({layer.rate:g})" if isinstance(layer, Dropout) else type(layer).__name__
