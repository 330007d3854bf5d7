"""Say in words what the drawing of a network shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nnbook.plots._names import role, weight_name
from nnbook.plots._text import and_list, figure_text, plural, short


def network_words(
    net: Any, sizes: Sequence[int], known: bool, numbers: Mapping[int, np.ndarray], quantity: str, bias: bool,
    cost: bool, lit: set | None, recurrent: bool, decimals: int,
) -> str:  # fmt: skip
    """Return the description of a drawn network."""
    last = len(sizes)
    layers = and_list(f"layer {l} ({role(l, last)}) has {plural(sizes[l - 1], 'unit')}" for l in range(1, last + 1))
    words = [f"A {'-'.join(map(str, sizes))} network drawn from left to right: {layers}."]
    if known:
        weights = np.concatenate([np.ravel(net.W[l]) for l in net.W])
        negative = int((weights < 0).sum())
        words.append(
            f"{plural(weights.size, 'weight')}, {negative} of them negative (dashed); "
            f"the largest in size is {short(weights[np.argmax(np.abs(weights))])}."
        )
    if bias:
        words.append("In each layer but the last a unit that is always 1 carries the biases.")
    if cost:
        words.append("The cost C follows the outputs.")
    if recurrent:
        words.append("Every hidden unit has a loop back to itself.")
    noun = {"activation": "Activations", "delta": "Errors δ"}.get(quantity, "Values")
    for l, value in sorted(numbers.items()):
        if value.size <= 20:
            words.append(f"{noun} of layer {l}: {', '.join(figure_text(v, decimals) for v in value)}.")
        else:
            words.append(f"{noun} of layer {l} lie from {short(value.min())} to {short(value.max())}.")
    if lit:
        weights = sorted(item for item in lit if len(item) == 3)
        units = sorted(item for item in lit if len(item) == 2 and item != "C")
        parts = [f"unit {j} of layer {l}" for l, j in units[:12]] + [weight_name(*w) for w in weights[:12]]
        parts += ["the cost"] if "C" in lit else []
        words.append(
            f"Highlighted: {and_list(parts)}" + (" and more." if len(units) > 12 or len(weights) > 12 else ".")
        )
    return " ".join(words)
