"""Add up the rows of a matrix without losing digits, however many rows there are."""

from __future__ import annotations

import numpy as np

_BLOCK = 128  # rows added one after another; NumPy's sum of a vector uses blocks of this length too


def sum_of_rows(x: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """Return Σ_k x[k], x with one sample per row: blocks of rows first, then the sums of the blocks (pairwise).

    `x.sum(axis=0)` adds the rows one after another; in float32 a sum of a million rows is then off by 1 %. The error of
    pairwise sums grows with the logarithm of the number of rows (Higham 1993).
    """
    blocks = len(x) // _BLOCK
    if blocks < 2:
        return np.add.reduce(x, 0, out=out)
    whole = blocks * _BLOCK
    sums = np.add.reduce(x[:whole].reshape(blocks, _BLOCK, *x.shape[1:]), axis=1)
    total = sum_of_rows(sums, out=out)
    if whole < len(x):
        total += np.add.reduce(x[whole:], axis=0)
    return total


def mean_of_rows(x: np.ndarray) -> np.ndarray:
    """Return (1/N) Σ_k x[k] of N rows, added as `sum_of_rows` adds them."""
    return sum_of_rows(x) / len(x)
