"""The figures that walk on a surface: gradient descent, and optimisers side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.validation import number
from ..training.optimizers import SGD, Adagrad, Adam, RMSprop
from . import _picture
from ._figure import InteractiveFigure, at_a_notch, build, checked_label

# Also in js/surfaces.js; a test compares the two.
SURFACES: dict[str, Any] = {
    "bowl": (lambda u, v: u**2 + v**2, lambda u, v: (2 * u, 2 * v), (3, 4), (-5, 5), (-5, 5)),
    "valley": (lambda u, v: (u**2 + 10 * v**2) / 2, lambda u, v: (u, 10 * v), (4, 1.5), (-5, 5), (-3, 3)),
    "saddle": (
        lambda u, v: (u * v - 1) ** 2 / 2,
        lambda u, v: ((u * v - 1) * v, (u * v - 1) * u),
        (-1.5, 1.9),
        (-2.5, 2.5),
        (-2.5, 2.5),
    ),
    "wells": (
        lambda u, v: (u**2 - 1) ** 2 + 0.3 * u + v**2 / 2,
        lambda u, v: (4 * u * (u**2 - 1) + 0.3, v),
        (1.6, 1.4),
        (-2, 2),
        (-2, 2),
    ),
}
# With the initial rates of the figure; also in js/surfaces.js, and compared by a test.
OPTIMISERS = {
    "SGD": SGD(0.01),
    "momentum": SGD(0.01, momentum=0.9),
    "Nesterov": SGD(0.01, momentum=0.9, nesterov=True),
    "Adagrad": Adagrad(0.5),
    "RMSprop": RMSprop(0.1),
    "Adam": Adam(0.1),
}


def descent(surface: str = "bowl", eta: float | None = None, *, label: str) -> InteractiveFigure:
    """Return a figure of gradient descent on a quadratic surface with sliders for the rate and the number of steps.

    It shows the path, the cost after each step, and the threshold η < 2/κ (eq-stable-rate). Dragging in the plane moves
    the start.

    Parameters
    ----------
    surface : str
        "bowl", x₁² + x₂² from (3, 4), curvature κ = 2; or "valley", ½(x₁² + 10 x₂²) from (4, 1.5), largest κ = 10.
    eta : float, optional
        The initial rate, from 0.005 to 2.5/κ, a multiple of 0.005; 0.2/κ unless given: 0.1 in the bowl,
        0.02 in the valley.
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
    curvature = {"bowl": 2, "valley": 10}
    if surface not in curvature:
        raise ValueError(f"descent: surface must be one of {', '.join(curvature)}; it is {surface!r}")
    largest = 2.5 / curvature[surface]
    eta = 0.2 / curvature[surface] if eta is None else eta
    eta = number("descent", "eta", eta, at_least=0.005, at_most=largest)
    at_a_notch("descent", "eta", eta, 0.005)
    checked_label("descent", label)
    alt = (
        f"Level lines of the {surface} and the path of gradient descent with the rate {eta:g} from "
        f"{SURFACES[surface][2]}, twenty steps."
    )
    data = {"surface": surface, "eta": eta}
    picture = _walk(surface, [SGD(eta)], 20)
    return build(
        "descent", label, "Choose the rate of gradient descent", alt, data, picture, uses=("surfaces", "plane")
    )


def optimiser_paths(
    optimisers: Sequence[str] = ("momentum", "Adam"), *, surface: str = "valley", label: str
) -> InteractiveFigure:
    """Return a figure that runs two optimisers on one surface from one start.

    The reader chooses the optimisers, their rates, the surface, the start and the number of steps, and sees both paths,
    both costs and the state after the last step. The rules are those of `nn.SGD` and the others, with Keras's defaults:
    momentum and Nesterov 0.9, Adagrad from 0.1, RMSprop with ρ = 0.9, Adam with β₁ = 0.9 and β₂ = 0.999 (eq-momentum,
    eq-nesterov, eq-adagrad, eq-rmsprop, eq-adam).

    Parameters
    ----------
    optimisers : two of "SGD", "momentum", "Nesterov", "Adagrad", "RMSprop", "Adam"
        The two shown initially.
    surface : str
        The initial surface: "bowl", "valley", "saddle" (½(x₁x₂ − 1)²) or "wells" (two minima).
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
    if isinstance(optimisers, str) or len(optimisers) != 2 or not set(optimisers) <= OPTIMISERS.keys():
        raise ValueError(f"optimiser_paths: optimisers must be two of {', '.join(OPTIMISERS)}; it is {optimisers!r}")
    if surface not in SURFACES:
        raise ValueError(f"optimiser_paths: surface must be one of {', '.join(SURFACES)}; it is {surface!r}")
    checked_label("optimiser_paths", label)
    first, second = optimisers
    alt = f"Level lines of the surface ({surface}) and the first forty steps of {first} and of {second} on it."
    data = {"optimisers": list(optimisers), "surface": surface}
    title = "Choose two optimisers and watch their paths"
    picture = _walk(surface, [OPTIMISERS[name] for name in optimisers], 40)
    return build("optimiser_paths", label, title, alt, data, picture, uses=("surfaces", "plane"))


def _walk(surface, optimisers, steps):
    f, gradient, start, x, y = SURFACES[surface]
    tall = round(360 * (y[1] - y[0]) / (x[1] - x[0]))
    picture = _picture.Picture(440, tall + 80)
    axes = _picture.Axes(
        picture, (60, 34, 420, 34 + tall), x, y, "parameter x₁", "parameter x₂",
        xticks=range(int(x[0]), int(x[1]) + 1), yticks=range(int(y[0]), int(y[1]) + 1),
    )  # fmt: skip
    for level in _levels(f, x, y):
        picture.add("path", d=_level_line(axes, f, level), fill="none", stroke=_picture.COLOUR["cost"], opacity="0.5")
    for opt, colour, dash in zip(optimisers, ("weight", "delta"), ("none", "6 4")):
        p = np.array(start, dtype=float)
        state, points = opt.init(p), [p]
        for _ in range(steps):
            p, state = opt.update(p, np.array(gradient(*p), dtype=float), state)
            points.append(p)
        axes.curve([(u, v) for u, v in points], colour, width=2.5, dash=dash)
        for u, v in points[:: max(1, steps // 20)]:
            if x[0] <= u <= x[1] and y[0] <= v <= y[1]:
                axes.dot(u, v, colour, r=3.5)
    return picture


def _levels(f, x, y):
    heights = f(np.linspace(x[0], x[1], 21)[:, None], np.linspace(y[0], y[1], 21)[None, :])
    return [heights.min() + np.ptp(heights) * (k / 8.5) ** 2 for k in range(1, 9)]


def _level_line(axes, f, level, n=32):
    """Return a level line by marching squares: each small square gives the segment between its high and low corners."""
    u, v = (np.linspace(side[0], side[1], n + 1) for side in (axes.x, axes.y))
    h = f(u[:, None], v[None, :]) - level
    segments = []
    for i in range(n):
        for j in range(n):
            corners = [(i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)]
            cuts = []
            for p, q in zip(corners, corners[1:] + corners[:1]):
                if (h[p] < 0) != (h[q] < 0):
                    s = h[p] / (h[p] - h[q])
                    x, y = u[p[0]] + s * (u[q[0]] - u[p[0]]), v[p[1]] + s * (v[q[1]] - v[p[1]])
                    cuts.append(f"{axes.X(x):.0f} {axes.Y(y):.0f}")
            segments += [f"M{a}L{b}" for a, b in zip(cuts[::2], cuts[1::2])]
    return "".join(segments)
