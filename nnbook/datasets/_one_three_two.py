"""Build the 1-3-2 network that can be worked out by hand: every weighted input is 0, ln 3 or −ln 3."""

from __future__ import annotations

import math

import numpy as np

from ..core.network import Network


def one_three_two() -> tuple[Network, np.ndarray, np.ndarray]:
    """Return the network that runs through Part III, with its one sample.

    Layer 2 has weights and biases in multiples of ln 3, layer 3 has plain fractions as weights, so that z² =
    (ln 3, 0, −ln 3) and z³ = (ln 3, 0). All units are sigmoids: every activation is ¾, ½ or ¼, every derivative 3/16
    or ¼, and with `SquaredError` every delta and gradient is a fraction whose denominator is a power of 2.

    Returns
    -------
    net : Network
        1-3-2, sigmoid, float64.
    x : array (1,)
        The input, 2. `x[None]` is the batch of one row that `backprop` takes.
    t : array (2,)
        The target, (1, 0).

    Examples
    --------
    >>> import nnbook as nn
    >>> net, x, t = nn.datasets.one_three_two()
    >>> net.predict(x)
    array([0.75, 0.5 ])
    """
    ln3 = math.log(3)
    net = Network([1, 3, 2], "sigmoid", initializer="zeros")
    net.W[2] = ln3 * np.array([[1.0], [-1.0], [0.5]])
    net.b[2] = ln3 * np.array([-1.0, 2.0, -2.0])
    net.W[3] = [[-2.0, 3.0, 2.0], [-0.5, 1.0, 1.5]]
    net.b[3] = [ln3 - 0.5, -0.5]
    return net, np.array([2.0]), np.array([1.0, 0.0])
