"""Draw applicants to a graduate school from a known model, so that a network can be compared with the truth."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..core.dropout import Rng
from ..core.validation import generator, whole
from ._tables import Admissions

SHARES = (0.15, 0.38, 0.30, 0.17)  # of the ranks 1 to 4
RANK_EFFECT = (0.0, -0.7, -1.3, -1.4)  # what the rank adds to z


def admission_probability(gre: ArrayLike, gpa: ArrayLike, rank: ArrayLike) -> np.ndarray:
    """Return the probability with which the model behind `applicants` admits each applicant.

    It is the sigmoid of z = −0.1 + 0.7 (gre − 590) / 115 + 0.5 (gpa − 3.3) / 0.35 + r, where r is 0 for the rank 1,
    −0.7 for 2, −1.3 for 3 and −1.4 for 4.

    Parameters
    ----------
    gre, gpa : array of float, (N,)
        Score in an entrance examination (220 to 800) and grade average (up to 4).
    rank : array of int, (N,)
        Standing of the applicant's first school, 1 (best) to 4.

    Returns
    -------
    array of float, (N,)
        Each between 0 and 1.

    Raises
    ------
    ValueError
        When a rank is not 1, 2, 3 or 4.
    """
    rank = np.asarray(rank)
    if not np.isin(rank, (1, 2, 3, 4)).all():
        raise ValueError("admission_probability: rank must hold only the numbers 1 to 4")
    marks = 0.7 * (np.asarray(gre) - 590) / 115 + 0.5 * (np.asarray(gpa) - 3.3) / 0.35
    return 1 / (1 + np.exp(0.1 - marks - np.take(RANK_EFFECT, rank.astype(int) - 1)))


def applicants(rng: Rng | int, count: int = 400) -> Admissions:
    """Return synthetic applicants: a table with the columns of `admissions`, drawn from a model.

    The rank is 1 to 4 with probabilities 15, 38, 30 and 17 %. gre has mean 590 and standard deviation 115, gpa has
    mean 3.3 and standard deviation 0.35, and their correlation is 0.4; then gre is rounded to steps of 20 and both are
    cut off at the ends of their scales. Who is admitted is drawn with `admission_probability`. No cell is missing.

    Parameters
    ----------
    rng : numpy Generator or seed
        The same seed gives the same table.
    count : int
        Number of rows, 1 or more.

    Returns
    -------
    Admissions
        With `missing` empty.

    Raises
    ------
    ValueError, TypeError
        When count is not a whole number above 0.
    """
    rng, count = generator("applicants", rng), whole("applicants", "count", count)
    rank = rng.choice([1, 2, 3, 4], size=count, p=SHARES)
    first, second = rng.standard_normal((2, count))
    gre = np.clip(20 * np.rint((590 + 115 * first) / 20), 220, 800)
    gpa = np.clip(np.round(3.3 + 0.35 * (0.4 * first + np.sqrt(1 - 0.4**2) * second), 2), 0, 4)
    admit = (rng.random(count) < admission_probability(gre, gpa, rank)).astype(int)
    return Admissions(gre, gpa, rank, admit, ())
