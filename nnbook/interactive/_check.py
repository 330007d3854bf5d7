"""The figure of gradient checking: bugs to plant, the entries that disagree, and the diagnosis."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..checking.diagnosis import ZOO, diagnose, plant
from ..core.costs import SquaredError
from ..core.network import Network
from ..core.penalties import L2, Penalty
from ..core.propagation import backprop
from ..core.validation import finite, floats, rows
from . import _picture
from ._figure import InteractiveFigure, build, checked_label
from ._network import checked_network, plain

SAMPLES, LAMBDA, RATE = 8, 0.1, 0.5

# Name in ZOO, text in the menu, layer where it is planted (None: wherever it can be), and the line with the bug.
BUGS = (
    ("sign flipped", "sign flipped", "L", "delta[{L}] = (T - a[{L}]) * f.derivative(z[{L}])"),
    ("W transposed in the flat order", "transpose missing", 2, "dW[2] = (a[1].T @ delta[2]).reshape(W[2].shape)"),
    ("f' forgotten", "f′ forgotten", 2, "delta[2] = delta[3] @ W[3]"),
    ("f' at a", "f′ taken at a", 2, "delta[2] = (delta[3] @ W[3]) * f.derivative(a[2])"),
    ("delta factor 2", "factor 2", "L", "delta[{L}] = 2 * (a[{L}] - T) * f.derivative(z[{L}])"),
    ("mean for sum", "divided by n", None, "dW[l] = delta[l].T @ a[l-1] / N; db[l] = delta[l].sum(axis=0) / N"),
    ("b of one sample", "bias not summed over the batch", None, "db[l] = delta[l][-1]"),
    (
        "updated W in the recursion",
        "updated weights in the recursion",
        2,
        "W[3] -= 0.5 * dW[3]; delta[2] = (delta[3] @ W[3]) * f.derivative(z[2])",
    ),
    (
        "penalty twice",
        "L2 penalty of another cost",
        None,
        "J = C_T / N + 0.1 / 2 * sum(w**2); dW[l] = … / N + 2 * 0.1 * W[l]",
    ),
)


def gradient_check(net: Network, X: ArrayLike, T: ArrayLike, *, label: str) -> InteractiveFigure:
    """Return a figure in which a bug is planted, and gradient checking finds it.

    Every entry of the gradient is compared with the central difference (eq-central-difference); those that disagree are
    crossed. Below are the relative error of each array (eq-relative-error) and what `nnbook.diagnose` says. The bugs
    are those of `diagnosis.ZOO` that belong to the chapter Gradient checking; one that cannot be made on this
    network (a mean over one sample) is left out.

    Parameters
    ----------
    net : Network
        Three layers or more, at most 16 units per layer and 120 parameters; activations sigmoid, tanh, relu or linear.
    X, T : arrays (N, n_1) and (N, n_L), N ≤ 8
        Inputs and targets; at least two samples are needed to show all bugs. The cost is `SquaredError`.
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
    where = "gradient_check"
    checked_network(where, net)
    if net.L < 3:
        raise ValueError(f"{where}: net needs a hidden layer; it is {net!r}")
    X = finite(where, "X", rows(where, "X", floats(where, "X", X), net.sizes[1]).astype(float))
    T = finite(where, "T", rows(where, "T", floats(where, "T", T), net.sizes[net.L]).astype(float))
    if len(X) != len(T):
        raise ValueError(f"{where}: X has {len(X)} samples, so T needs {len(X)} rows; it has {len(T)}")
    if len(X) > SAMPLES:
        raise ValueError(f"{where}: X must have at most {SAMPLES} samples; it has {len(X)}")
    checked_label(where, label)
    sizes = "-".join(map(str, net.sizes.values()))
    alt = (
        f"The {net.parameter_count} entries of the gradient of the {sizes} network as a grid, array by array. "
        "With f′ forgotten in the hidden layer, the entries of W[2] and b[2] are crossed: they disagree with the "
        "central difference."
    )
    data = {"net": plain(net), "X": X, "T": T, "bugs": _bugs(net, X, T)}
    return build(where, label, "Plant a bug in the gradient and find it", alt, data, _grid(net), uses=("bugs",))


def _bugs(net, X, T):
    """Return the entries of the menu: no bug, and each bug that can be made on this network."""
    bugs = [
        {
            "name": "none",
            "title": "none",
            "about": "The four formulas as they are in the book.",
            "code": "delta[l] = (delta[l+1] @ W[l+1]) * f.derivative(z[l])",
            "diagnosis": findings(backprop(net, X, T, SquaredError()), net, X, T),
        }
    ]
    for name, title, _, code in BUGS:
        try:
            wrong, penalty = planted(name, net, X, T)
        except ValueError as error:
            if "cannot be made on this network" not in str(error):
                raise
            continue
        about, told = ZOO[name].about, findings(wrong, net, X, T, penalty)
        bugs.append({"name": name, "title": title, "about": about, "code": code.format(L=net.L), "diagnosis": told})
    return bugs


def planted(name: str, net: Network, X: ArrayLike, T: ArrayLike) -> tuple[Any, Penalty | None]:
    """Return the gradients with the bug `name` of this figure, and the penalty of the objective they belong to."""
    penalty = L2(LAMBDA) if name == "penalty twice" else None
    place: Any = {bug: place for bug, _, place, _ in BUGS}[name]
    layer = net.L if place == "L" else place
    return plant(name, net, X, T, SquaredError(), penalty, layer=layer, learning_rate=RATE), penalty


def findings(gradients: Any, net: Network, X: ArrayLike, T: ArrayLike, penalty: Penalty | None = None) -> str:
    """Return what `diagnose` finds, one finding per line."""
    told = str(diagnose(gradients, net, X, T, SquaredError(), penalty, verbose=False))
    return "\n".join(
        line.strip() for line in told.removeprefix("diagnosis").removeprefix(":").splitlines() if line.strip()
    )


def _grid(net):
    side = min(24, 300 / max(net.sizes.values()))
    arrays = [
        (f"{name}[{l}]", np.atleast_2d(values[l]).shape) for l in net.W for name, values in (("W", net.W), ("b", net.b))
    ]
    picture = _picture.Picture(380, round(20 + sum(shape[0] * side + 12 for _, shape in arrays)))
    y = 14
    for name, (height, width) in arrays:
        picture.text(52, y + 15, name, anchor="end")
        wrong = name in ("W[2]", "b[2]")
        for j in range(height):
            for i in range(width):
                x, top = 60 + i * side, y + j * side
                fill = _picture.COLOUR["delta"] if wrong else _picture.SOFT
                picture.add("rect", x=x, y=top, width=side - 3, height=side - 3, fill=fill, stroke=_picture.LINE)
                if wrong:
                    arm = side - 15
                    cross = f"M{x + 6:.1f} {top + 6:.1f}l{arm:.1f} {arm:.1f}m0 {-arm:.1f}l{-arm:.1f} {arm:.1f}"
                    picture.add("path", d=cross, stroke="#fff", stroke_width=2, fill="none")
        y += height * side + 12
    return picture
