"""Make the 4 × 3-pixel images of the digits 0 and 1 on which the book's first network learns to read."""

from __future__ import annotations

import numpy as np

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


def digits_4x3(rng=0, *, noisy=8):
    """Return 4 × 3-pixel images of the digits 0 and 1 and their labels.

    There are eight clean drawings, four of each digit (large, rounded, high and low zeros; a stroke in the middle, left
    and right, and a one with a foot). Each is followed by `noisy` variants: one pixel turned from ink to paper or back,
    then every pixel moved towards grey by up to 0.25, rounded to two decimals.

    Parameters
    ----------
    rng : numpy Generator or seed
        Where the noise comes from; the default gives the same images on every machine.
    noisy : int
        Noisy variants of each drawing, at least 0.

    Returns
    -------
    X : array (8 · (1 + noisy), 12)
        Pixels row by row, 0 for paper and 1 for ink.
    labels : array of int, (8 · (1 + noisy),)
        0 or 1.
    """
    rng, noisy = generator("digits_4x3", rng), whole("digits_4x3", "noisy", noisy, minimum=0)
    X, labels = [], []
    for label, drawings in enumerate((_ZEROS, _ONES)):
        for drawing in drawings:
            clean = np.array([pixel == "#" for pixel in "".join(drawing)], dtype=float)
            X.append(clean)
            for _ in range(noisy):
                image = clean.copy()
                turned = rng.integers(12)
                image[turned] = 1 - image[turned]
                image += (0.5 - image) * 2 * rng.uniform(0, 0.25, 12)
                X.append(image.round(2))
            labels += [label] * (1 + noisy)
    return np.array(X), np.array(labels)
