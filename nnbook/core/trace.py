"""What one pass through a network computed: the trace of the forward pass, and the gradients of the backward pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from .bylayer import ByLayer, views
from .passes import Pass


class Trace:
    """What one forward pass computed.

    Attributes
    ----------
    z : ByLayer
        Weighted inputs, l = 2 … L, each (N, n_l).
    a : ByLayer
        Activations, l = 1 … L, each (N, n_l); a[1] is the input. Where a layer has dropout, after it.
    y : ByLayer
        What f was applied to, l = 2 … L: z itself, or batch normalisation of z where the layer has it.
    masks : dict
        By layer, what dropout multiplied the activations by in this pass.

    Examples
    --------
    >>> import nnbook as nn
    >>> net, x, t = nn.datasets.one_three_two()
    >>> trace = net.forward(x)
    >>> trace.a[2], trace.output
    (array([0.75, 0.5 , 0.25]), array([0.75, 0.5 ]))
    """

    __slots__ = ("a", "masks", "y", "z")

    def __init__(self, z: ByLayer, a: ByLayer, y: ByLayer | None = None, masks: Mapping[int, np.ndarray] | None = None):
        self.z, self.a, self.y, self.masks = z, a, z if y is None else y, masks or {}

    @property
    def output(self) -> np.ndarray:
        """The last layer's activations a^L."""
        return self.a[len(self.a)]

    def __repr__(self):
        return f"Trace(z={self.z}, a={self.a})"


class Gradients:
    """The gradient of the total cost C_T (a sum over samples, never divided), as `backprop` returns it.

    Attributes
    ----------
    delta : ByLayer
        δ, l = 2 … L, each (N, n_l), one row per sample.
    W, b : ByLayer
        ∂C_T/∂w^l_{ji} at W[l][j, i] and ∂C_T/∂b^l_j at b[l][j]; views of `parameters`.
    gamma, beta : dict
        By layer, where there is batch normalisation; views of `parameters`.
    parameters : array (P,)
        All of W, then all of b, in the order of `Network.parameters`.
    cost : float
        C_T.

    Examples
    --------
    >>> import nnbook as nn
    >>> net, x, t = nn.datasets.one_three_two()
    >>> grads = nn.backprop(net, x[None], t[None], nn.SquaredError())
    >>> grads.b[3], grads.parameters.shape
    (array([-0.046875,  0.125   ]), (14,))
    """

    __slots__ = ("W", "b", "beta", "cost", "delta", "gamma", "parameters")

    def __init__(
        self,
        sizes: Sequence[int],
        parameters: np.ndarray,
        delta: ByLayer,
        cost: float,
        normalised: Sequence[int] = (),
    ):
        self.parameters, self.delta, self.cost = parameters, delta, cost
        self.W, self.b, self.gamma, self.beta = views(sizes, parameters, normalised)

    def __reduce__(self):  # so that W and b of a copy are views of the copy's own buffer
        sizes = [self.W[2].shape[1], *(b.size for b in self.b.values())]
        return Gradients, (sizes, self.parameters, self.delta, self.cost, tuple(self.gamma))

    def __repr__(self):
        return f"Gradients(cost={self.cost:.6g}, W={self.W}, b={self.b})"


def trace_of(work: Pass) -> Trace:
    """Return what a pass that keeps every layer computed in its last forward pass."""
    layers = work.layers
    masks = {layer.l: layer.mask for layer in layers if layer.mask is not None}
    if work.mask is not None:
        masks[1] = work.mask
    a = [work.X, *(layer.a for layer in layers)]
    return Trace(
        ByLayer("z", 2, [layer.z for layer in layers]),
        ByLayer("a", 1, a),
        ByLayer("y", 2, [layer.y for layer in layers]),
        masks,
    )
