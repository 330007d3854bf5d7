"""Backpropagation: the forward and the backward pass on a batch, with all its arguments checked first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .bylayer import ByLayer
from .costs import Cost
from .dropout import Rng, noise
from .network import Network
from .passes import Pass
from .trace import Gradients
from .validation import finite, floats, instance, rows


def backprop(
    net: Network,
    X: ArrayLike,
    T: ArrayLike,
    cost: Cost,
    *,
    training: bool = False,
    rng: Rng | int | None = None,
    masks: Mapping[int, np.ndarray] | None = None,
) -> Gradients:
    """Return δ and the gradient of the total cost C_T = Σ_k C_k, by the four formulas, from layer L to layer 2.

    Parameters
    ----------
    net : Network
        The network; not changed.
    X : array (N, n_1)
        Inputs, one row per sample.
    T : array (N, n_L)
        Targets.
    cost : Cost
        The cost of one sample.
    training, rng, masks
        As in `Network.forward`; they matter only for a network with dropout or batch normalisation.

    Returns
    -------
    Gradients

    Raises
    ------
    ValueError, TypeError
        When X or T has the wrong shape, an entry that is not finite, or a target the cost is not defined for.
    FloatingPointError
        When the cost overflows.

    Examples
    --------
    >>> import nnbook as nn
    >>> net, x, t = nn.datasets.one_three_two()
    >>> grads = nn.backprop(net, x[None], t[None], nn.SquaredError())
    >>> float(grads.cost), grads.delta[3]
    (0.15625, array([[-0.046875,  0.125   ]]))
    """
    X, T = samples("backprop", net, X, T, cost, complex_step=True)
    rng, masks = noise("backprop", net, X, training, rng, masks)
    parameters = np.empty_like(net.parameters, dtype=np.result_type(X, T, net.dtype))
    work = Pass(net, X.shape[:-1], dtype=parameters.dtype, gradients=parameters)
    with np.errstate(over="ignore", invalid="ignore"):  # reported below
        work.forward(X, training, rng, masks)
        total = cost.unchecked_from_z(work.last.y, T, work.last.f).sum()
    if not np.isfinite(total):
        raise FloatingPointError(f"backprop: the total cost is {total}: an activation or weight is too large")
    work.backward(T, cost)
    deltas = ByLayer("delta", 2, (layer.delta for layer in work.layers))
    return Gradients(list(net.sizes.values()), parameters, deltas, total[()], tuple(net.batch_norm))


def checked_network(where: str, net: Any) -> Network:
    """Return `net` if it is a Network, or raise TypeError."""
    return instance(where, "net", net, Network, "a Network")


def checked_cost(where: str, cost: Any) -> Cost:
    """Return `cost` if it is a Cost, or raise TypeError."""
    return instance(where, "cost", cost, Cost, "a cost such as nn.SquaredError()")


def samples(
    where: str,
    net: Network,
    X: ArrayLike,
    T: ArrayLike,
    cost: Cost,
    names: tuple[str, str] = ("X", "T"),
    complex_step: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs and targets as the network and the cost need them, or raise ValueError or TypeError."""
    checked_network(where, net)
    checked_cost(where, cost)
    x_name, t_name = names
    X = rows(where, x_name, floats(where, x_name, X), net.sizes[1])
    T = rows(where, t_name, floats(where, t_name, T), net.sizes[net.L])
    for name, array in ((x_name, X), (t_name, T)):
        if array.dtype.kind == "c" and not (complex_step and array is X):
            raise TypeError(f"{where}: {name} must hold real numbers; it has dtype {array.dtype}")
    if len(X) != len(T):
        raise ValueError(f"{where}: {x_name} has {len(X)} samples, so {t_name} needs {len(X)} rows; it has {len(T)}")
    X, T = finite(where, x_name, net.cast(X)), finite(where, t_name, net.cast(T))
    cost.check_targets(T)
    return X, T
