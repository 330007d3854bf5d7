"""The list form of a network: Dense, Activation, Dropout, BatchNorm and the other entries of a `Sequential` model.

Only Dense layers carry a layer number. `BatchNorm` acts on its Dense layer's z, `Dropout` on its a.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core import activations, initializers
from ..core.batchnorm import BatchNorm
from ..core.dropout import Rng
from ..core.network import Network
from ..core.penalties import Penalty
from ..core.validation import instance, number, whole


class Layer:
    """One entry in the list of layers of a `Sequential` model."""

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in vars(self).items() if v is not None)})"


class Input(Layer):
    """The shape of one sample, without the sample axis; optional, and always first in the list.

    Parameters
    ----------
    shape : tuple of int
        (n_1,) for a plain network; any other shape needs a `Flatten` next.

    Examples
    --------
    >>> import nnbook as nn
    >>> nn.Sequential([nn.Input((12,)), nn.Dense(3), nn.Dense(2)]).count_params()
    47
    """

    def __init__(self, shape: tuple[int, ...]):
        if isinstance(shape, int | np.integer):
            raise TypeError(f"Input: shape must be a tuple such as ({shape},); it is {shape!r}")
        self.shape = tuple(whole("Input", "shape", n) for n in shape)
        if not self.shape:
            raise ValueError("Input: shape must have at least one axis; it is ()")


class Flatten(Layer):
    """Puts each sample's numbers in one row, the last axis fastest. It changes nothing if they already are in a row.

    Examples
    --------
    >>> import nnbook as nn
    >>> model = nn.Sequential([nn.Flatten(), nn.Dense(10, 'softmax')], rng=0)
    >>> model.build((28, 28))
    >>> model.count_params()
    7850
    """


class Dense(Layer):
    """Layer l of the network: z^l = W^l a^{l-1} + b^l and a^l = f(z^l).

    Parameters
    ----------
    units : int
        n_l.
    activation : str or Activation, optional
        f; the identity unless given, here or by an `Activation` that follows.
    kernel_initializer : str or callable
        How W is initialised; see `initializers`. Biases start at 0.
    kernel_regularizer : Penalty, optional
        The penalty of this layer's weights. Keras's l2(λ) is L2(2λ) here.

    Examples
    --------
    >>> import nnbook as nn
    >>> nn.Dense(3, 'relu')
    Dense(units=3, activation=relu, kernel_initializer='glorot_uniform')
    """

    def __init__(
        self,
        units: int,
        activation: str | activations.Activation | None = None,
        *,
        kernel_initializer: str | Callable = "glorot_uniform",
        kernel_regularizer: Penalty | None = None,
    ):
        self.units = whole("Dense", "units", units)
        self.activation = None if activation is None else activations.get(activation)
        initializers.get(kernel_initializer)
        self.kernel_initializer = kernel_initializer
        if kernel_regularizer is not None:
            instance("Dense", "kernel_regularizer", kernel_regularizer, Penalty, "a penalty such as nn.L2(2e-4)")
        self.kernel_regularizer = kernel_regularizer


class Activation(Layer):
    """The activation function of the Dense layer before it, as a separate entry.

    Parameters
    ----------
    activation : str or Activation
        f.

    Examples
    --------
    >>> import nnbook as nn
    >>> model = nn.Sequential([nn.Input((4,)), nn.Dense(3), nn.Activation('relu')], rng=0)
    >>> model.build((4,))
    >>> model.net.f[2]
    relu
    """

    def __init__(self, activation: str | activations.Activation):
        self.activation = activations.get(activation)


class Dropout(Layer):
    """While training, each activation of the layer before is 0 with probability `rate`, else divided by 1 − rate.

    The mean of the result is then the activation itself (eq-dropout-mean; Srivastava et al. 2014), so nothing is
    done during prediction. A fresh mask is drawn for every batch.

    Parameters
    ----------
    rate : float in [0, 1)
        Fraction that is dropped.

    Examples
    --------
    >>> import nnbook as nn
    >>> model = nn.Sequential([nn.Dense(8, 'relu'), nn.Dropout(0.5), nn.Dense(1)], rng=0)
    >>> model.build((4,))
    >>> model.net.dropout
    {2: 0.5}
    """

    def __init__(self, rate: float):
        self.rate = number("Dropout", "rate", rate, at_least=0, below=1)


def arrange(layers: Sequence[Any], *, complete: bool = True) -> dict:
    """Return what a Network needs, by layer number, from a list of layers; `complete` says that no more follow.

    Returns
    -------
    dict
        input_shape (or None), flatten (whether samples are to be made rows), units, activation and initializer (one
        per Dense layer), batch_norm, dropout, penalty
        (dicts by layer number).

    Raises
    ------
    ValueError, TypeError
        When the list is not in the order of the book's network: Dense, then optionally BatchNorm, Activation and
        Dropout, each once.
    """
    plan: dict[str, Any] = {"input_shape": None, "units": [], "activation": [], "initializer": []}
    plan |= {"batch_norm": {}, "dropout": {}, "penalty": {}, "flatten": False}
    after: list[str] = []  # the kinds seen since the last Dense
    for i, layer in enumerate(layers):
        _add(plan, after, layer, i)
    if complete and not plan["units"]:
        raise ValueError("Sequential: the list of layers needs at least one Dense layer")
    if complete and len(plan["units"]) + 1 in plan["dropout"]:
        raise ValueError("Sequential: Dropout after the last Dense layer would drop outputs")
    return plan


def _add(plan: dict[str, Any], after: list[str], layer: Any, i: int) -> None:
    """Add layer number i (from 0) of the list to the plan, or raise if it is not allowed there."""
    l, kind = len(plan["units"]) + 1, type(layer).__name__
    place = f"Sequential: layer {i + 1} of the list, {kind},"
    if isinstance(layer, Input):
        if i:
            raise ValueError(f"{place} must come first")
        plan["input_shape"] = layer.shape
    elif isinstance(layer, Flatten):
        plan["flatten"] = plan["flatten"] or not plan["units"]
    elif isinstance(layer, Dense):
        plan["units"].append(layer.units)
        plan["activation"].append(layer.activation or activations.identity)
        plan["initializer"].append(layer.kernel_initializer)
        if layer.kernel_regularizer is not None:
            plan["penalty"][l + 1] = layer.kernel_regularizer
        after[:] = ["Activation"] if layer.activation is not None else []
    elif isinstance(layer, Dropout):
        if "Dropout" in after:
            raise ValueError(f"{place} is the second for the same activations")
        plan["dropout"][l] = layer.rate
        after.append(kind)
    elif isinstance(layer, BatchNorm | Activation):
        _add_to_dense(plan, after, layer, l, place)
        after.append(kind)
    else:
        instance("Sequential", f"layer {i + 1} of the list", layer, Layer, "a layer such as nn.Dense(10)")


def _add_to_dense(plan: dict[str, Any], after: list[str], layer: BatchNorm | Activation, l: int, place: str) -> None:
    if not plan["units"]:
        raise ValueError(f"{place} needs a Dense layer before it")
    if isinstance(layer, BatchNorm):
        if after:
            raise ValueError(f"{place} acts on z, so it must follow its Dense layer; {after[-1]} is between them")
        plan["batch_norm"][l] = layer
    elif {"Activation", "Dropout"} & set(after):
        raise ValueError(f"{place} must follow a Dense layer without an activation; it follows {after[-1]}")
    else:
        plan["activation"][-1] = layer.activation


def network_of(layers: Sequence[Any], shape: tuple[int, ...], rng: Rng | None, dtype: str) -> Network:
    """Return the Network that a list of layers describes, for samples of this shape."""
    plan = arrange(layers)
    if plan["input_shape"] not in (None, shape):
        raise ValueError(f"Sequential: samples must have shape {plan['input_shape']}; they have shape {shape}")
    if len(shape) > 1 and not plan["flatten"]:
        raise ValueError(f"Sequential: samples of shape {shape} need a Flatten before the first Dense layer")
    if rng is None:
        raise TypeError(
            "Sequential: rng is needed to draw the initial weights: Sequential(layers, rng=…) or fit(rng=…)"
        )
    return Network(
        [math.prod(shape), *plan["units"]],
        plan["activation"],
        initializer=plan["initializer"],
        rng=rng,
        dtype=dtype,
        batch_norm=plan["batch_norm"],
        dropout=plan["dropout"],
    )
