"""Dropout: the masks that multiply activations while a network trains, drawn or given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from .validation import finite, floats, generator

if TYPE_CHECKING:
    from .network import Network

Rng = np.random.Generator | np.random.RandomState


def mask(rate: float, a: np.ndarray, rng: Rng) -> np.ndarray:
    """Return 0 with probability `rate` and 1/(1 − rate) otherwise, shaped like a: inverted dropout."""
    kept = rng.random(a.shape) >= rate
    return np.multiply(kept, 1 / (1 - rate), dtype=a.dtype)


def noise(
    where: str,
    net: Network,
    X: np.ndarray,
    training: bool,
    rng: Rng | int | None,
    masks: Mapping[int, np.ndarray] | None,
) -> tuple[Rng | None, dict[int, np.ndarray] | None]:
    """Check what a pass in training mode needs; return the generator and the masks, where they are needed."""
    if not training:
        if masks is not None:
            raise ValueError(f"{where}: masks belong to dropout, which acts only with training=True")
        return None, None
    if net.batch_norm and (X.ndim == 1 or len(X) == 1):
        # One sample is its own mean, so that ẑ = 0 and y = β whatever the sample is.
        raise ValueError(f"{where}: batch normalisation needs a batch of at least 2 samples; X is one sample")
    if masks is None:
        return (generator(where, rng) if any(net.dropout.values()) else None), None
    wanted = {l for l, rate in net.dropout.items() if rate}
    if set(masks) != wanted:
        raise ValueError(f"{where}: masks must be given for the layers {sorted(wanted)}; they are {sorted(masks)}")
    arrays = {l: finite(where, f"masks[{l}]", net.cast(floats(where, f"masks[{l}]", masks[l]))) for l in masks}
    for l, array in arrays.items():
        shape = (*X.shape[:-1], net.sizes[l])
        if array.shape != shape:
            raise ValueError(f"{where}: masks[{l}] needs shape {shape}; it has shape {array.shape}")
    return None, arrays
