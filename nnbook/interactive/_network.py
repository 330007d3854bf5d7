"""The figures about one network and one sample: step through backpropagation, and nudge a weighted input."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..core.costs import SquaredError
from ..core.network import Network
from ..core.propagation import backprop
from ..core.validation import finite, floats
from . import _picture
from ._figure import InteractiveFigure, build, checked_label

_KNOWN = ("sigmoid", "tanh", "relu", "identity")
_UNITS, _PARAMETERS = 16, 120


def step_through(net: Network, x: ArrayLike, t: ArrayLike, *, label: str) -> InteractiveFigure:
    """Return a figure that goes through backpropagation on one sample, one number at a time.

    Each activation of the forward pass, the cost, each δ and each entry of the gradient comes with its formula, in
    symbols and with the current numbers. A weight can be chosen: its path to the cost is highlighted.

    Parameters
    ----------
    net : Network
        At most 16 units per layer and 120 parameters; activations sigmoid, tanh, relu or linear.
    x : array (n_1,)
        One sample.
    t : array (n_L,)
        Its targets. The cost is `SquaredError`.
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
    x, t = _sample("step_through", net, x, t)
    checked_label("step_through", label)
    sizes = "-".join(map(str, net.sizes.values()))
    run = _run(net, x, t)
    alt = (
        f"The {sizes} network on one sample: its activations, the delta of each unit after the input, and the cost "
        f"{_picture.minus(run['cost'], 3)} at the right."
    )
    title = f"Step through backpropagation on the {sizes} network"
    picture = _picture.network(net, run["a"], run["delta"], run["cost"], lit=(2, 0))
    data = {"net": plain(net), "x": x, "t": t}
    return build("step_through", label, title, alt, data, picture, uses=("network",))


def nudge(net: Network, x: ArrayLike, t: ArrayLike, *, label: str) -> InteractiveFigure:
    """Return a figure that nudges a chosen weighted input and shows ΔC and δ·Δz, the meaning of δ (eq-neuron-error).

    The cost is drawn against the nudge Δz of the chosen z^l_j, with its tangent at Δz = 0, whose slope is δ^l_j.

    Parameters
    ----------
    net, x, t, label
        As in `step_through`.

    Returns
    -------
    InteractiveFigure

    Raises
    ------
    ValueError, TypeError
        When an argument is not as described.
    """
    x, t = _sample("nudge", net, x, t)
    checked_label("nudge", label)
    sizes = "-".join(map(str, net.sizes.values()))
    run = _run(net, x, t)
    delta = run["delta"][2][0]
    nudges = np.linspace(-3, 3, 61)
    costs = [_nudged_cost(net, x, t, by) for by in nudges]
    low, high = min(costs), max(costs)
    pad = 0.15 * (high - low) + 0.02
    picture = _picture.Picture(460, 300)
    axes = _picture.Axes(
        picture, (60, 34, 440, 256), (-3, 3), (low - pad, high + pad), "nudge Δz of z²₁", "cost C", xticks=range(-3, 4)
    )
    axes.curve([(by, run["cost"] + delta * by) for by in nudges], "delta", dash="6 4")
    axes.curve(list(zip(nudges, costs)), "cost")
    axes.dot(0, run["cost"], "ink")
    alt = (
        f"The cost of one sample against a nudge of the weighted input of unit 1 of layer 2, a curve, and its "
        f"tangent at no nudge, whose slope is δ = {_picture.minus(delta, 4)}; near 0 the two agree."
    )
    title = f"Nudge a weighted input of the {sizes} network"
    return build("nudge", label, title, alt, {"net": plain(net), "x": x, "t": t}, picture, uses=("network",))


def _nudged_cost(net, x, t, by):
    nudged = net.copy()  # nudging z²₁ and nudging its bias are the same
    nudged.b[2][0] += by
    return float(SquaredError()(nudged.forward(x).output, t))


def plain(net: Network) -> dict:
    """Return what a script needs of a network: sizes, activations by name, W and b by layer number."""
    return {
        "sizes": list(net.sizes.values()),
        "f": {l: f.name for l, f in net.f.items()},
        "W": dict(net.W.items()),
        "b": dict(net.b.items()),
    }


def checked_network(where: str, net: Any) -> Network:
    """Return `net` if a figure can show it."""
    if not isinstance(net, Network):
        raise TypeError(f"{where}: net must be a Network; it is {type(net).__name__}")
    if net.dtype != np.float64:
        raise TypeError(f"{where}: net must hold float64 numbers; it holds {net.dtype}")
    for l, f in net.f.items():
        if f.name not in _KNOWN:
            raise ValueError(f"{where}: layer {l} has the activation {f.name}; a figure supports {', '.join(_KNOWN)}")
    if max(net.sizes.values()) > _UNITS or net.parameter_count > _PARAMETERS:
        raise ValueError(
            f"{where}: net must have at most {_UNITS} units per layer and {_PARAMETERS} parameters; it is {net!r}"
        )
    finite(where, "net.parameters", net.parameters)
    return net


def _sample(where, net, x, t):
    checked_network(where, net)
    arrays = []
    for name, value, l in (("x", x, 1), ("t", t, net.L)):
        value = floats(where, name, value)
        if value.shape != (net.sizes[l],):
            raise ValueError(f"{where}: {name} must be one sample, shape ({net.sizes[l]},); it has shape {value.shape}")
        arrays.append(finite(where, name, value.astype(float)))
    return arrays


def _run(net, x, t):
    trace, grads = net.forward(x), backprop(net, x[None], t[None], SquaredError())
    return {"a": trace.a, "delta": {l: d[0] for l, d in grads.delta.items()}, "cost": grads.cost}
