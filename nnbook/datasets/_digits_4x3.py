"""Make the 4 × 3-pixel images of the digits 0 and 1 on which the book's first network learns to read."""

from __future__ import annotations

import numpy as np

from ..core.dropout import Rng
from ..core.validation import generator, whole

_ZEROS = (
    ("###", "#.#", "#.#", "###"),
    (".#.", "#.#", "#.#", ".#."),
    ("###", "#.#", "###", "..."),
    ("...", "###", "#.#", "###"),
)
_ONES = (
    (".#.", ".#.", ".#.", ".#."),
    ("#..", "#..", "#..", "#.."),
    ("..#", "..#", "..#", "..#"),
    ("##.", ".#.", ".#.", "###"),
)


def digits_4x3(rng: Rng | int = 0, *, noisy: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Return 4 × 3-pixel images of the digits 0 and 1 and their labels.

    There are eight clean drawings, four of each digit (large, rounded, high and low zeros; a stroke in the middle, left
    and right, and a one with a foot). Each is followed by `noisy` variants: one pixel flipped between ink and paper,
    then every pixel moved towards grey by up to 0.25, rounded to two decimals.

    Parameters
    ----------
    rng : numpy Generator or seed
        Source of the noise; the default gives the same images on every machine.
    noisy : int
        Noisy variants of each drawing, at least 0.

    Returns
    -------
    X : array (8 · (1 + noisy), 12)
        Pixels row by row, 0 for paper and 1 for ink.
    labels : array of int, (8 · (1 + noisy),)
        0 or 1.

    Examples
    --------
    >>> import nnbook as nn
    >>> X, labels = nn.datasets.digits_4x3()
    >>> X.shape, X[0].reshape(4, 3)
    ((72, 12), array([[1., 1., 1.],
           [1., 0., 1.],
           [1., 0., 1.],
           [1., 1., 1.]]))
    """
    rng, noisy = generator("digits_4x3", rng), whole("digits_4x3", "noisy", noisy, minimum=0)
    whole_number = rng.randint if isinstance(rng, np.random.RandomState) else rng.integers
    X, labels = [], []
    for label, drawings in enumerate((_ZEROS, _ONES)):
        for drawing in drawings:
            clean = np.array([pixel == "#" for pixel in "".join(drawing)], dtype=float)
            X.append(clean)
            for _ in range(noisy):
                image = clean.copy()
                flipped = whole_number(12)
                image[flipped] = 1 - image[flipped]
                image += (0.5 - image) * 2 * rng.uniform(0, 0.25, 12)
                X.append(image.round(2))
            labels += [label] * (1 + noisy)
    return np.array(X), np.array(labels)
