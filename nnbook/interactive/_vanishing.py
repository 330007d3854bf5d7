"""The figure of the deltas on their way back through a deep network."""

from __future__ import annotations

import numpy as np

from ..core.costs import SquaredError
from ..core.network import Network
from ..core.propagation import backprop
from ..core.validation import whole
from . import _picture
from ._figure import InteractiveFigure, build, checked_label

UNITS, DEPTH, SAMPLES, SEED = 12, 20, 6, 23
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def vanishing(depth: int = 10, *, label: str) -> InteractiveFigure:
    """Return a figure with a slider for depth: ‖δ^l‖ by layer for sigmoid, tanh and ReLU networks.

    Twelve units per layer, zero biases, a linear output layer, squared error over six samples; the weights have
    standard deviation g/√n, and g has a slider: g = 1 is Glorot's choice for equal layers (eq-glorot), g = √2 He's
    (eq-he).

    Parameters
    ----------
    depth : int
        Initial number of layers, from 3 to 20.
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
    depth = whole("vanishing", "depth", depth, minimum=3)
    if depth > DEPTH:
        raise ValueError(f"vanishing: depth must be at most {DEPTH}; it is {depth}")
    checked_label("vanishing", label)
    weights, inputs = draws()
    picture = _picture.Picture(460, 330)
    ticks = range(-12, 5, 4)
    axes = _picture.Axes(
        picture, (60, 34, 440, 284), (1.5, DEPTH + 0.5), (-14, 6), "layer l", "size of the deltas, power of ten",
        xticks=[2, 5, 10, 15, 20], yticks=ticks,
    )  # fmt: skip
    shown = []
    for name, colour, dash in (("sigmoid", "delta", "none"), ("tanh", "ink", "5 4"), ("relu", "activation", "2 3")):
        norms = delta_norms(name, depth, 1.0, weights, inputs)
        levels = [(l, float(np.clip(np.log10(max(v, 1e-14)), -14, 6))) for l, v in enumerate(norms, start=2)]
        axes.curve(levels, colour, width=2.5, dash=dash)
        below = -7 if name == "tanh" else 17  # at g = 1 its line is the highest
        at = axes.Y(levels[0][1]) + below
        picture.text(axes.X(2) + 4, at, name, colour=colour, anchor="start", halo=True)
        shown.append(f"{name} {norms[0] / norms[-1]:.1g}")
    alt = (
        f"The size of the deltas by layer in networks of {depth} layers, on a logarithmic axis. From the output to the "
        f"first hidden layer they shrink to this fraction: {', '.join(shown)}."
    )
    data = {"units": UNITS, "depth": DEPTH, "start": depth, "weights": encode(weights), "inputs": encode(inputs)}
    title = "Make the network deeper and watch the deltas"
    return build("vanishing", label, title, alt, data, picture, uses=("vanishing_core",))


def draws() -> tuple[np.ndarray, np.ndarray]:
    """Return weights (layers, n, n) and inputs (samples, n), drawn from N(0, 1) and rounded to tenths."""
    rng = np.random.default_rng(SEED)
    weights = rng.standard_normal((DEPTH - 1, UNITS, UNITS))
    inputs = rng.standard_normal((SAMPLES, UNITS))
    weights, inputs = (np.clip(np.round(10 * values), -32, 31) / 10 for values in (weights, inputs))
    return weights, inputs


def encode(values: np.ndarray) -> str:
    """Write tenths from −3.2 to 3.1 as one character each."""
    return "".join(ALPHABET[int(np.rint(10 * value)) + 32] for value in np.ravel(values))


def delta_norms(name: str, depth: int, g: float, weights: np.ndarray, inputs: np.ndarray) -> list[float]:
    """Return ‖δ^l‖ over all samples, l = 2 … depth, as the script computes it."""
    net = Network([UNITS] * depth, [name] * (depth - 2) + ["identity"], initializer="zeros")
    for l in net.W:
        net.W[l] = weights[l - 2] * g / np.sqrt(UNITS)
    grads = backprop(net, inputs, (inputs > 0).astype(float), SquaredError())
    return [float(np.linalg.norm(delta)) for delta in grads.delta.values()]
