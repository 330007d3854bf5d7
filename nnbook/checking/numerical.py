"""Derivatives by evaluating a function near the point: forward, central and complex step.

It does not depend on the rest of the package, so that it can check it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..core.validation import chosen, finite, floats, number

# Where truncation and rounding error balance for a function of ordinary curvature: about ε^(1/2) and ε^(1/3).
STEPS = {"forward": 1e-8, "central": 1e-5, "complex": 1e-20}
_STACK = 2**18  # entries of the points passed in one call


def numerical_gradient(
    func: Callable[..., Any], x: ArrayLike, *, method: str = "central", h: float | None = None, vectorized: bool = False
) -> np.ndarray:
    """Return the gradient of `func` at `x`, perturbing one entry at a time.

    Parameters
    ----------
    func : callable
        Takes an array like x and returns one number. It is given a copy each time; x is not changed, whatever
        func does, even if it raises. For method="complex" it must accept and return complex numbers.
    x : array of any shape
        The point; integers and float32 are converted to float64 first.
    method : str
        "forward": (f(x + h) − f(x)) / h (eq-forward-difference), P + 1 evaluations;
        "central": (f(x + h) − f(x − h)) / 2h (eq-central-difference), 2P evaluations;
        "complex": Im f(x + ih) / h (eq-complex-step; Squire & Trapp 1998), P evaluations.
    h : float, optional
        The step, above 0; 1e-8, 1e-5 and 1e-20 unless given.
    vectorized : bool
        Call func with many points at once, stacked along a first axis; it returns one number for each.

    Returns
    -------
    array of float64, shaped like x

    Raises
    ------
    ValueError, TypeError
        When an argument is not as described, func does not return one finite number, the step is too small to change
        x, or a complex argument gave a real result (something in func dropped the derivative).

    Examples
    --------
    >>> import numpy as np, nnbook as nn
    >>> nn.numerical_gradient(lambda x: x[0] ** 2 * x[1], np.array([3.0, 2.0]), method='complex')
    array([12.,  9.])
    """
    method = chosen("numerical_gradient", "method", str(method), STEPS)
    if not callable(func):
        raise TypeError(f"numerical_gradient: func must be a function; it is {func!r}")
    h = STEPS[method] if h is None else number("numerical_gradient", "h", h, above=0)
    x = floats("numerical_gradient", "x", x)
    if x.dtype.kind == "c":
        raise TypeError(f"numerical_gradient: x must hold real numbers; it has dtype {x.dtype}")
    x = finite("numerical_gradient", "x", x).astype(np.float64)

    # The entries are perturbed one at a time: point number p differs from x only in entry p.
    above, below = x + h, x - h
    if method != "complex" and ((above == x) | (below == x)).any():
        index = np.unravel_index(np.argmax((above == x) | (below == x)), x.shape)
        raise ValueError(f"numerical_gradient: h = {h:g} is too small to change x[{_text(index)}] = {x[index]:g}")
    values = _stacked_values if vectorized else _values
    if method == "complex":
        return values(func, x, (x + 1j * h)[None], method)[0] / h
    # Divide by the step actually taken: x + h is rounded.
    if method == "forward":
        start = _one_number(func(x.copy()[None] if vectorized else x.copy()), method)
        return (values(func, x, above[None], method)[0] - start) / (above - x)
    there, back = values(func, x, np.stack([above, below]), method)
    return (there - back) / (above - below)


def _values(func, x, moved, method):
    """Return func at x with each entry in turn replaced by that of moved[0], then by that of moved[1]."""
    result = np.empty(moved.shape)
    for which, *index in np.ndindex(moved.shape):
        point = x.astype(moved.dtype)
        point[tuple(index)] = moved[which, *index]
        result[which, *index] = _one_number(func(point), method)
    return result


def _stacked_values(func, x, moved, method):
    """Return what `_values` returns, with as many points per call as keep the stack within a few megabytes."""
    result, moves = np.empty(moved.shape), moved.reshape(-1)
    rows = max(1, _STACK // max(1, x.size))
    for start in range(0, moves.size, rows):
        moves_now = moves[start : start + rows]
        points = np.repeat(x.astype(moved.dtype).reshape(1, -1), len(moves_now), axis=0)
        number = np.arange(len(moves_now))
        points[number, (start + number) % x.size] = moves_now
        values = np.asarray(func(points.reshape(-1, *x.shape)))
        if values.shape != moves_now.shape:
            raise ValueError(
                f"numerical_gradient: func must return {len(moves_now)} numbers, one for each point; it returned "
                f"shape {values.shape}"
            )
        _one_number(values.sum(), method)
        result.reshape(-1)[start : start + rows] = values.imag if method == "complex" else values
    return result


def _one_number(result, method):
    result = np.asarray(result)
    if result.size != 1:
        raise ValueError(f"numerical_gradient: func must return one number; it returned shape {result.shape}")
    if result.dtype.kind not in "biufc":
        raise TypeError(f"numerical_gradient: func must return a number; it returned dtype {result.dtype}")
    result = result.reshape(())[()]
    if not np.isfinite(result):
        raise ValueError(f"numerical_gradient: func must return a finite number; it returned {result}")
    if method == "complex":
        if not np.iscomplexobj(result):
            raise TypeError(
                "numerical_gradient: func returned a real number for a complex argument, so the derivative was "
                "dropped on the way (abs, .real, float or a comparison); use another method"
            )
        return result.imag
    if np.iscomplexobj(result):
        raise TypeError(f"numerical_gradient: func must return a real number; it returned {result}")
    return float(result)


def _text(index):
    return ", ".join(map(str, index))
