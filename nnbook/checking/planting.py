"""Backpropagation step by step, as it should be, and with one mistake of the catalogue planted in it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..core import penalties
from ..core.bylayer import ByLayer
from ..core.checked import bias_gradient, hidden_delta, weight_gradient
from ..core.costs import Cost
from ..core.network import Network
from ..core.propagation import checked_network, samples
from ..core.trace import Gradients
from ..core.validation import chosen, number
from .mistakes import ZOO


def plant(
    name: str,
    net: Network,
    X: ArrayLike,
    T: ArrayLike,
    cost: Cost,
    penalty: penalties.ByLayerOrOne = None,
    *,
    layer: int | None = None,
    learning_rate: float = 0.5,
) -> Any:
    """Return the gradients that backpropagation computes when it makes the mistake `name`.

    Parameters
    ----------
    name : str
        A key of `ZOO`.
    net, X, T, cost : Network, array (N, n_1), array (N, n_L), Cost
        As for `backprop`.
    penalty : Penalty, or a dict of them by layer, optional
        With one, gradients are those of J: the mean over the samples, plus the penalty.
    layer : int, optional
        The one layer that is wrong. Unless given, a mistake in a delta is made in the last layer possible, and every
        other wherever it can be made.
    learning_rate : float
        The learning rate of the update in "updated W in the recursion".

    Returns
    -------
    Gradients
        Or, when the mistake changes the shape of an array, an object with the same delta, W, b and cost.

    Raises
    ------
    ValueError
        When there is no such mistake, or the sizes of this network do not allow it, or it changes nothing.
    """
    name = chosen("plant", "name", str(name), ZOO)
    mistake, case = ZOO[name], Case("plant", net, X, T, cost, penalty)
    planting = _Planting(mistake, layer, number("plant", "learning_rate", learning_rate, above=0))
    if mistake.place == "penalty" and penalty is None and name != "penalty of another kind":
        raise ValueError(f"plant: {name!r} needs a penalty")
    scale = planting.spoil(("gradients",), SimpleNamespace(case=case, right=case.scale, l=None))
    delta: dict[int, Any] = {}
    W: dict[int, Any] = {}
    b: dict[int, Any] = {}
    for l in range(case.L, 1, -1):
        step = case.delta_step(l, delta.get(l + 1))
        delta[l] = planting.spoil(("delta", "output delta" if l == case.L else "hidden delta"), step)
        W[l] = scale * planting.spoil(("W",), case.weight_step(l, delta[l]))
        b[l] = scale * planting.spoil(("b",), case.bias_step(l, delta[l]))
        term = planting.spoil(("penalty",), case.penalty_step(l))
        if W[l].shape == term.shape:
            W[l] = W[l] + term
        if b[l].shape == case.net.b[l].shape:
            b[l] = b[l] + case.bias_penalty(l)
    if not planting.done:
        raise ValueError(f"plant: {name!r} cannot be made on this network with {case.N} samples, or changes nothing")
    return case.gradients(delta, W, b)


class _Planting:
    """Makes one mistake in the steps where it belongs: in the given layer, or else wherever it can be made."""

    def __init__(self, mistake, layer, rate):
        self.mistake, self.layer, self.rate, self.done = mistake, layer, rate, False

    def spoil(self, place, step):
        """Return what the step gives with the mistake made in it, or the right array where it does not belong."""
        once = self.mistake.place == "delta"
        elsewhere = step.l != self.layer if self.layer is not None else self.done and once
        if self.mistake.place not in place or elsewhere:
            return step.right
        step.fit = lambda base, direction: self.rate
        for _, value in self.mistake.variants(step):
            if not np.array_equal(value, step.right):
                self.done = True
                return value
        return step.right


class Case:
    """The network with its trace, in float64, and every step of backpropagation as it should be."""

    def __init__(
        self, where: str, net: Network, X: ArrayLike, T: ArrayLike, cost: Cost, penalty: penalties.ByLayerOrOne
    ):
        if checked_network(where, net).batch_norm:
            raise ValueError(
                f"{where}: net must not have batch normalisation; it has it in layers {list(net.batch_norm)}"
            )
        X, T = samples(where, net, X, T, cost)  # in the network's own precision first: these are the values it used
        self.net, self.cost = net.astype("float64"), cost
        self.penalties = None if penalty is None else penalties.by_layer(where, penalty, net.W)
        self.T = T.astype(np.float64)
        self.trace = self.net.forward(X.astype(np.float64))
        self.W, self.L, self.N = self.net.W, net.L, len(X)
        self.scale = 1.0 if penalty is None else 1 / self.N  # C_T is a sum, J a mean
        self.tolerance, self.floor = 1e-7, 0.0
        outer = self.trace.z[self.L]
        self.total = cost.from_z(outer, self.T, self.net.f[self.L]).sum()
        self._output = cost.delta(outer, self.T, self.net.f[self.L])
        try:
            self._dC_da = cost.gradient(self.trace.output, self.T)
        except ValueError:  # infinite where an activation saturates, though the delta is not
            self._dC_da = None  # type: ignore[assignment]

    def step(self, l: int | None, right: Any, **given: Any) -> SimpleNamespace:
        """Return one step of backpropagation, as the catalogue takes it."""
        return SimpleNamespace(case=self, l=l, right=right, **given)

    def delta_step(self, l: int, delta_next: np.ndarray | None, scale: float = 1.0) -> SimpleNamespace:
        """Return the step that computes δ^l."""
        z, a, f = self.trace.z[l], self.trace.a[l], self.net.f[l]
        df = f.derivative(z) if f.elementwise else None
        if l == self.L:
            e = None if self._dC_da is None else scale * self._dC_da
            return self.step(l, scale * self._output, e=e, z=z, a=a, f=f, df=df, scale=scale)
        assert delta_next is not None
        right = hidden_delta(delta_next, self.W[l + 1], z, f)
        return self.step(l, right, e=delta_next @ self.W[l + 1], z=z, a=a, f=f, df=df, delta_next=delta_next)

    def weight(self, l: int, delta: np.ndarray) -> np.ndarray:
        """Return ∂C/∂W^l for this δ^l."""
        return weight_gradient(delta, self.trace.a[l - 1])

    def weight_step(self, l: int, delta: np.ndarray) -> SimpleNamespace:
        """Return the step that computes ∂C/∂W^l."""
        return self.step(l, self.weight(l, delta), delta=delta)

    def bias_step(self, l: int, delta: np.ndarray) -> SimpleNamespace:
        """Return the step that computes ∂C/∂b^l."""
        return self.step(l, bias_gradient(delta), delta=delta)

    def penalty_step(self, l: int) -> SimpleNamespace:
        """Return the step that computes the penalty's gradient for W^l."""
        w = self.W[l]
        penalty = (self.penalties or {}).get(l)
        return self.step(l, np.zeros_like(w) if penalty is None else penalty.gradient(w), w=w)

    def bias_penalty(self, l: int, always: bool = False) -> np.ndarray:
        """Return what the penalty adds to the gradient of b[l]: nothing, as a rule."""
        penalty = (self.penalties or {}).get(l)
        if penalty is None or not (penalty.biases or always):
            return np.zeros_like(self.net.b[l])
        return penalty.gradient(self.net.b[l])

    def gradients(self, delta: Any, W: Any, b: Any) -> Any:
        """Return arrays by layer as Gradients, or as a similar object where a shape is wrong."""
        net = self.net
        delta = ByLayer("delta", 2, (delta[l] for l in self.W))
        if all(W[l].shape == net.W[l].shape and b[l].shape == net.b[l].shape for l in self.W):
            flat = np.concatenate([part[l].ravel() for part in (W, b) for l in self.W])
            return Gradients(list(net.sizes.values()), flat, delta, self.total)
        W, b = (ByLayer(name, 2, (part[l] for l in self.W)) for name, part in (("W", W), ("b", b)))
        return SimpleNamespace(delta=delta, W=W, b=b, cost=self.total)

    def same(self, array: np.ndarray, other: np.ndarray) -> bool:
        """Return whether two arrays are the same up to the tolerance."""
        if array.shape != other.shape:
            return False
        gap = np.linalg.norm(array - other)
        return bool(gap <= self.tolerance * max(np.linalg.norm(array), np.linalg.norm(other)) + self.floor)
