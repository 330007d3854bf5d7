"""The one forward and the one backward pass, in arrays that are allocated once and reused for every batch."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from .activations import Activation
from .batchnorm import BatchNormPass
from .costs import Cost
from .dropout import Rng, mask
from .formulas import bias_gradient, hidden_delta, weight_gradient

if TYPE_CHECKING:
    from .network import Network


class _Layer:
    """What a pass keeps for one layer l = 2 … L."""

    __slots__ = (
        *("W", "WT", "b", "f", "l", "norm", "rate", "value"),
        *("a", "a_prev", "h", "mask", "y", "z"),
        *("dW", "db", "delta"),
    )
    l: int
    f: Activation
    value: Callable[[np.ndarray, np.ndarray], np.ndarray]
    rate: float
    norm: BatchNormPass | None
    mask: np.ndarray | None
    W: np.ndarray
    WT: np.ndarray
    b: np.ndarray
    z: np.ndarray
    y: np.ndarray
    h: np.ndarray
    a: np.ndarray
    a_prev: np.ndarray
    delta: np.ndarray
    dW: np.ndarray
    db: np.ndarray


class Pass:
    """One batch on its way through a network and back.

    Parameters
    ----------
    net : Network
        The network; its W, b, f, batch_norm and dropout are used.
    lead : tuple of int
        (N,) for a batch, () for one sample; (K, N) for K sets of parameters on one batch.
    dtype : dtype, optional
        Of everything computed; the network's unless given.
    parameters : array (P,) or (K, P), optional
        Used in place of the network's own.
    gradients : array (P,), optional
        Where the backward pass writes. Without it there is no backward pass.
    keep : bool
        Keep z and a of every layer, as a trace and a backward pass need them. Otherwise hidden z are overwritten by a.
    """

    def __init__(
        self,
        net: Network,
        lead: tuple[int, ...],
        *,
        dtype: Any = None,
        parameters: np.ndarray | None = None,
        gradients: np.ndarray | None = None,
        keep: bool = False,
    ):
        dtype = net.dtype if dtype is None else dtype
        own = (net.W, net.b, net.gamma, net.beta)
        W, b, gamma, beta = own if parameters is None else net.views(parameters)
        self.stacked = len(lead) == 2
        self.rate = net.dropout.get(1, 0)
        self.mask: np.ndarray | None = None
        self.X: np.ndarray | None = None
        self.layers: list[_Layer] = []
        dW, db, dgamma, dbeta = own if gradients is None else net.views(gradients)  # never written without gradients
        for l in W:
            layer = _Layer()
            layer.l, layer.f, layer.rate = l, net.f[l], net.dropout.get(l, 0)
            layer.value = layer.f.compute
            layer.W, layer.WT = W[l], W[l].swapaxes(-1, -2)
            layer.b = b[l] if not lead else b[l][..., None, :]  # one row, to be added to every sample
            layer.z, layer.mask, layer.norm = np.empty((*lead, net.sizes[l]), dtype), None, None
            if l in gamma:
                row = (slice(None), None) if self.stacked else ...
                layer.norm = BatchNormPass(net.batch_norm[l], gamma[l][row], beta[l][row], layer.z)
                if gradients is not None:
                    layer.norm.dgamma, layer.norm.dbeta = dgamma[l], dbeta[l]
            layer.y = layer.z if layer.norm is None else layer.norm.y
            layer.h = np.empty_like(layer.z) if keep or gradients is not None or l == net.L else layer.y
            if gradients is not None:
                layer.delta, layer.dW, layer.db = np.empty_like(layer.z), dW[l], db[l]
            self.layers.append(layer)
        self.last = self.layers[-1]
        self.normalised = [layer for layer in self.layers if layer.norm is not None]

    def forward(
        self,
        X: np.ndarray,
        training: bool = False,
        rng: Rng | None = None,
        masks: Mapping[int, np.ndarray] | None = None,
    ) -> np.ndarray:
        """Compute z^l = a^{l-1} W^l⊤ + b^l and a^l = f(z^l) (eq-forward-batch), l = 2 … L; return a^L."""
        a = X
        self.mask = None
        if training and self.rate:
            self.mask = _mask(self.rate, X, rng, masks, 1)
            a = X * self.mask
        self.X = a
        stacked = self.stacked
        for layer in self.layers:
            layer.a_prev, z = a, layer.z
            if stacked and a.ndim == 2:  # one batch for all sets of parameters, so one product is enough
                rows = layer.W.reshape(-1, a.shape[1])
                z[...] = a.dot(rows.T).reshape(len(a), *layer.W.shape[:2]).swapaxes(0, 1)
            elif stacked:
                np.matmul(a, layer.WT, out=z)
            else:
                a.dot(layer.WT, z)
            np.add(z, layer.b, out=z)
            y = z if layer.norm is None else layer.norm.forward(z, training)
            a = layer.value(y, layer.h)
            if training and layer.rate:
                layer.mask = _mask(layer.rate, a, rng, masks, layer.l)
                a = a * layer.mask
            else:
                layer.mask = None
            layer.a = a
        return a

    def backward(self, T: np.ndarray, cost: Cost, scale: float | np.ndarray | None = None) -> None:
        """Compute δ^l and the gradient of C_T by the four formulas, for the pass that `forward` made last.

        `scale` multiplies each sample's cost: one number, or a column with one for each sample.
        """
        after = None
        for layer in reversed(self.layers):
            if after is None:
                cost.unchecked_delta(layer.y, T, layer.f, layer.h, layer.delta)
                if scale is not None:  # everything below is linear in this delta, the smallest array to scale
                    layer.delta *= scale
            else:
                hidden_delta(after.delta, after.W, layer.y, layer.f, layer.h, layer.delta)
                if layer.mask is not None:
                    layer.delta *= layer.mask
            if layer.norm is not None:
                layer.norm.backward(layer.delta)
            weight_gradient(layer.delta, layer.a_prev, layer.dW)
            bias_gradient(layer.delta, layer.db)
            after = layer


def outputs(net: Network, layers: list[tuple], X: np.ndarray) -> np.ndarray:
    """Return a^L for X (eq-forward-batch) as for prediction, without dropout; no layer is kept.

    `layers` holds l, W^l⊤, b^l as one row, and what computes f, for l = 2 … L; none need be made for each prediction.
    """
    a, norms = X if X.dtype is layers[0][1].dtype else net.cast(X), net.batch_norm
    for l, WT, b, value in layers:
        z = a.dot(WT)
        z += b
        if l in norms:
            z = BatchNormPass(norms[l], net.gamma[l], net.beta[l], z).forward(z, training=False)
        a = value(z, z)
    return a


def aligned(shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """Return an uninitialised array aligned to a cache line; large updates are a sixth faster on it."""
    dtype = np.dtype(dtype)
    size = math.prod(shape) * dtype.itemsize
    room = np.empty(size + 64, np.uint8)
    start = -room.__array_interface__["data"][0] % 64
    return room[start : start + size].view(dtype).reshape(shape)


def _mask(rate, a, rng, masks, l):
    return mask(rate, a, rng) if masks is None else masks[l]
