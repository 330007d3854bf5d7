"""Say whether the answer to an exercise is right, without giving the answer away."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..core.validation import finite, number
from .gradcheck import relative_error


def check_answer(answer: Any, expected: ArrayLike, *, tolerance: float = 1e-6) -> None:
    """Print whether `answer` equals `expected`, and if not, what kind of mistake it is.

    Parameters
    ----------
    answer : number or array
        The reader's answer; `...` stands for one not yet written.
    expected : number, array or function
        What the mathematics says, or a function without parameters that returns it. The function is called only when
        there is an answer to compare with.
    tolerance : float
        Largest relative error that counts as right, above 0.

    Raises
    ------
    ValueError, TypeError
        When `expected` is not an array of finite numbers or the tolerance is not above 0.

    Examples
    --------
    >>> import nnbook as nn
    >>> nn.check_answer(-0.5, 0.5)
    Not yet: every number is right but for its sign.
    """
    tolerance = number("check_answer", "tolerance", tolerance, above=0)
    if callable(expected):
        expected = 0.0 if answer is ... else expected()
    if np.iscomplexobj(expected):
        raise TypeError("check_answer: expected must be made of real numbers; it is complex")
    expected = finite("check_answer", "expected", np.asarray(expected, dtype=float))
    print(_verdict(answer, expected, tolerance))


def _verdict(answer, expected, tolerance):
    if answer is ...:
        return "No answer yet: replace the dots and run the cell again."
    if answer is None:
        return "No answer yet: it is None. Is a return missing?"
    try:
        if np.iscomplexobj(answer):
            return "Not yet: the answer should be made of real numbers; it is complex."
        answer = np.asarray(answer, dtype=float)
    except (TypeError, ValueError):
        return f"Not yet: the answer should be made of numbers; it is of type {type(answer).__name__}."
    if answer.shape != expected.shape:
        hint = " It looks transposed." if answer.shape == expected.shape[::-1] and answer.ndim == 2 else ""
        return f"Not yet: the shape should be {expected.shape}; it is {answer.shape}.{hint}"
    if not np.isfinite(answer).all():
        return "Not yet: the answer holds NaN or infinity."
    if relative_error(answer, expected) <= tolerance:
        return "Right."
    if relative_error(-answer, expected) <= tolerance:
        return "Not yet: every number is right but for its sign."
    if answer.ndim == 0:
        return "Not yet: the number differs."
    wrong = np.abs(answer - expected) > tolerance * np.abs(expected).max()
    place = ", ".join(map(str, np.argwhere(wrong)[0]))
    return f"Not yet: {wrong.sum()} of {wrong.size} entries differ, the first at [{place}]."
