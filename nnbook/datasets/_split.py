"""Divide samples into parts in which every class keeps its proportion."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from ..core.dropout import Rng
from ..core.validation import generator, number


def stratified_split(labels: ArrayLike, fractions: Sequence[float], rng: Rng | int) -> list[np.ndarray]:
    """Return one index array per part, with the classes in every part in the same proportions as overall.

    Parameters
    ----------
    labels : array of whole numbers, (N,)
        The class of each sample.
    fractions : sequence of float
        The fraction of each part, each above 0, together at most 1. Samples left over belong to no part.
    rng : numpy Generator or seed
        Decides which samples of a class go where, and the order within a part.

    Returns
    -------
    list of arrays of int
        Disjoint; part p holds fractions[p] of each class, up to rounding.

    Raises
    ------
    ValueError, TypeError
        When labels are not whole numbers, fractions are not as described, or a part would hold no sample.

    Examples
    --------
    >>> import nnbook as nn
    >>> train, test = nn.datasets.stratified_split([0, 0, 0, 0, 1, 1], [0.5, 0.5], rng=0)
    >>> len(train), len(test)
    (3, 3)
    """
    rng, labels = generator("stratified_split", rng), np.asarray(labels)
    if labels.ndim != 1 or labels.dtype.kind not in "iu":
        raise TypeError(
            f"stratified_split: labels must be whole numbers of shape (samples,); they have dtype {labels.dtype} "
            f"and shape {labels.shape}"
        )
    fractions = [number("stratified_split", f"fractions[{p}]", f, above=0) for p, f in enumerate(fractions)]
    if not fractions or sum(fractions) > 1 + 1e-9:
        raise ValueError(f"stratified_split: fractions must be above 0 and sum to at most 1; they are {fractions}")
    parts: list[list[np.ndarray]] = [[] for _ in fractions]
    for c in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == c))
        cuts = np.rint(np.cumsum(fractions) * len(members)).astype(int)
        for part, start, end in zip(parts, [0, *cuts], cuts):
            part.append(members[start:end])
    chosen = [rng.permutation(np.concatenate(part)) if part else np.empty(0, int) for part in parts]
    for p, part in enumerate(chosen):
        if not len(part):
            raise ValueError(
                f"stratified_split: fractions[{p}] = {fractions[p]} of {len(labels)} samples gives an empty part"
            )
    return chosen
