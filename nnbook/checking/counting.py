"""Count the multiply-adds of a forward and a backward pass from the layer sizes."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

from ..core.network import Network
from ..core.validation import layer_sizes, whole


class Flops(NamedTuple):
    """Multiply-adds of one pass; each is one multiplication and one addition.

    Attributes
    ----------
    forward : int
        F = Σ_l n_l n_{l-1}, l = 2 … L, for each sample (eq-forward-flops).
    backward : int
        2F − n_1 n_2 for each sample (eq-backward-flops): one F for the weight gradients, and one for the recursion,
        which computes no δ for the inputs.

    Examples
    --------
    >>> import nnbook as nn
    >>> nn.flops([12, 3, 2]).ratio
    1.1428571428571428
    """

    forward: int
    backward: int

    @property
    def ratio(self) -> float:
        """Backward divided by forward: 1 without a hidden layer, near 2 if W[2] has few of the weights."""
        return self.backward / self.forward


def flops(net: Network | Sequence[int], batch: int = 1) -> Flops:
    """Return the multiply-adds of forward and backward propagation of a batch.

    Only the matrix products are counted: they grow with the product of two layer sizes, while biases, activations
    and sums grow with one.

    Parameters
    ----------
    net : Network or sequence of int
        The network, or its sizes n_1 … n_L.
    batch : int
        Number of samples B, at least 1.

    Returns
    -------
    Flops

    Raises
    ------
    ValueError, TypeError
        When a size or the batch is not a whole number of at least 1, or there are fewer than two layers.

    Examples
    --------
    >>> import nnbook as nn
    >>> nn.flops([12, 3, 2])
    Flops(forward=42, backward=48)
    """
    sizes = layer_sizes("flops", getattr(net, "sizes", net), "net")
    batch = whole("flops", "batch", batch)
    products = [n * before for before, n in itertools.pairwise(sizes)]
    forward = sum(products)
    return Flops(batch * forward, batch * (2 * forward - products[0]))
