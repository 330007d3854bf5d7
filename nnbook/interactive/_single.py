"""The figures with one weight and with one neuron."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..core.validation import number
from . import _picture
from ._figure import InteractiveFigure, at_a_notch, build, checked_label

_TARGETS = {"AND": (0, 0, 0, 1), "OR": (0, 1, 1, 1), "XOR": (0, 1, 1, 0)}


def one_weight(x: float = 2, t: float = 4, w: float = 1, *, eta: float = 0.1, label: str) -> InteractiveFigure:
    """Return a figure of the smallest network: C(w) = (w x − t)² with its slope, and steps downhill.

    The weight can be dragged; each step sets w to w − η dC/dw, with dC/dw = 2 (w x − t) x (eq-one-weight-gradient,
    eq-one-weight-update).

    Parameters
    ----------
    x, t : float
        Input (not 0) and target.
    w : float
        The initial weight; not t/x, where the slope is 0.
    eta : float
        The initial learning rate, from 0.01 to 0.3, a multiple of 0.01.
    label : str
        The figure's name, unique on its page: lower-case letters, digits and hyphens.

    Returns
    -------
    InteractiveFigure

    Raises
    ------
    ValueError, TypeError
        When an argument is not as described.
    """
    x, t, w = (number("one_weight", name, value) for name, value in (("x", x), ("t", t), ("w", w)))
    eta = number("one_weight", "eta", eta, at_least=0.01, at_most=0.3)
    at_a_notch("one_weight", "eta", eta, 0.01)
    if x == 0 or abs(w - t / x) < 0.1:
        raise ValueError(
            f"one_weight: x must not be 0 and w must differ from t/x by at least 0.1; x is {x:g}, w is {w:g}"
        )
    checked_label("one_weight", label)
    best = t / x
    reach = 1.5 * abs(w - best) + 0.5
    grid = np.linspace(best - reach, best + reach, 61)
    cost, slope = (w * x - t) ** 2, 2 * (w * x - t) * x
    top = 1.05 * (reach * x) ** 2
    picture = _picture.Picture(460, 320)
    axes = _picture.Axes(
        picture, (60, 34, 440, 276), (grid[0], grid[-1]), (-0.03 * top, top), "weight w", "cost C",
        xticks=np.linspace(grid[0], grid[-1], 5), yticks=[0],
    )  # fmt: skip
    axes.curve([(v, (v * x - t) ** 2) for v in grid], "cost")
    axes.curve([(v, cost + slope * (v - w)) for v in grid], "delta", dash="6 4")
    axes.dot(w, cost, "cost")
    alt = (
        f"The cost (w x − t)² against the weight w, a parabola with its bottom at w = {best:g}; the tangent at "
        f"w = {w:g} has the slope {_picture.plain(slope)}."
    )
    data = {"x": x, "t": t, "w": w, "eta": eta}
    return build("one_weight", label, "Drag the weight of the one-weight network", alt, data, picture)


def one_neuron(w: Sequence[float] = (1, 1), b: float = -1.5, *, targets: str = "AND", label: str) -> InteractiveFigure:
    """Return a figure of one sigmoid neuron with two inputs: its boundary in the plane, its points on the sigmoid.

    The two weights and the bias have sliders. The four points of AND, OR or XOR show on which side
    of the boundary each is: the neuron says 1 where z = w₁x₁ + w₂x₂ + b is above 0 (eq-weighted-input, eq-sigmoid).

    Parameters
    ----------
    w : two floats from −6 to 6
        Initial weights, multiples of 0.1.
    b : float from −6 to 6
        Initial bias, a multiple of 0.1.
    targets : str
        "AND", "OR" or "XOR".
    label : str
        The figure's name, unique on its page: lower-case letters, digits and hyphens.

    Returns
    -------
    InteractiveFigure

    Raises
    ------
    ValueError, TypeError
        When an argument is not as described.
    """
    if np.shape(w) != (2,):
        raise ValueError(f"one_neuron: w must hold two weights; it is {w!r}")
    w = [number("one_neuron", f"w[{i}]", value, at_least=-6, at_most=6) for i, value in enumerate(w)]
    b = number("one_neuron", "b", b, at_least=-6, at_most=6)
    for name, value in (("w[0]", w[0]), ("w[1]", w[1]), ("b", b)):
        at_a_notch("one_neuron", name, value, 0.1)
    if targets not in _TARGETS:
        raise ValueError(f"one_neuron: targets must be one of {', '.join(_TARGETS)}; it is {targets!r}")
    checked_label("one_neuron", label)
    picture = _picture.Picture(400, 400)
    axes = _picture.Axes(
        picture, (60, 34, 380, 354), (-1, 2), (-1, 2), "input x₁", "input x₂", xticks=range(-1, 3), yticks=range(-1, 3)
    )
    half = _where_positive(w, b, [(-1, -1), (2, -1), (2, 2), (-1, 2)])
    points = " ".join(f"{axes.X(x1):.1f},{axes.Y(x2):.1f}" for x1, x2 in half)
    picture.add("polygon", points=points, fill=_picture.COLOUR["activation"], fill_opacity="0.45")
    right = 0
    for (x1, x2), t in zip(((0, 0), (0, 1), (1, 0), (1, 1)), _TARGETS[targets]):
        right += (w[0] * x1 + w[1] * x2 + b > 0) == (t == 1)
        x, y = axes.X(x1), axes.Y(x2)
        if t:
            picture.add("rect", x=x - 8, y=y - 8, width=16, height=16, fill="#1c2127", stroke="#fff", stroke_width=2)
        else:
            picture.add("circle", cx=x, cy=y, r=8, fill="#fff", stroke="#1c2127", stroke_width=2.5)
    alt = (
        f"One neuron with weights {w[0]:g} and {w[1]:g} and bias {b:g}: the half of the plane of its two inputs "
        f"where it says 1, with the four points of {targets}; {right} of 4 lie on the right side."
    )
    data = {"w": w, "b": b, "gate": targets}
    return build("one_neuron", label, "Turn the weights and the bias of one neuron", alt, data, picture)


def _where_positive(w, b, corners):
    """Return the corners of the part of a convex polygon in which w·x + b > 0."""
    kept = []
    for p, q in zip(corners, corners[1:] + corners[:1]):
        zp, zq = (w[0] * x1 + w[1] * x2 + b for x1, x2 in (p, q))
        if zp > 0:
            kept.append(p)
        if (zp > 0) != (zq > 0):
            s = zp / (zp - zq)
            kept.append((p[0] + s * (q[0] - p[0]), p[1] + s * (q[1] - p[1])))
    return kept
