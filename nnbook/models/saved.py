"""A model in a file: its layers as plain values and its weights as arrays, and back."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core import activations
from ..core.batchnorm import BatchNorm
from ..core.files import read_npz, write_npz
from ..core.network import Network
from ..core.penalties import L1, L1L2, L2
from .layers import Activation, Dense, Dropout, Flatten, Input, arrange

_FORMAT = 1


def write_model(path: str | os.PathLike, layers: Sequence[Any], net: Network, shape: tuple[int, ...]) -> None:
    """Write layers, weights and the shape of one sample to an .npz file without pickle."""
    meta = {"format": _FORMAT, "shape": shape, "layers": [_described(layer) for layer in layers]}
    arrays = {f"net_{name}": array for name, array in net.to_arrays().items()}
    write_npz("Sequential.save", path, {"meta": np.array(json.dumps(meta)), **arrays})


def read_model(path: str | os.PathLike) -> tuple[list[Any], Network, tuple[int, ...]]:
    """Return layers, network and the shape of one sample from a file that `write_model` wrote, or raise ValueError."""
    try:
        arrays = read_npz(path)
        meta = json.loads(str(arrays["meta"][()]))
        if meta["format"] != _FORMAT:
            raise ValueError(f"its format is {meta['format']!r}; this version reads {_FORMAT}")
        layers = [_rebuilt(layer) for layer in meta["layers"]]
        net = Network.from_arrays({k.removeprefix("net_"): a for k, a in arrays.items() if k.startswith("net_")})
        plan, shape = arrange(layers), Input(meta["shape"]).shape
        if [*net.sizes.values()] != [math.prod(shape), *plan["units"]] or [*net.f.values()] != plan["activation"]:
            raise ValueError("its layers do not match its weights")
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise ValueError(f"Sequential.load: {str(path)!r} is not a model that save wrote: {error}") from error
    return layers, net, shape


def _described(layer: Any) -> list[Any]:
    """Return a layer as plain values. Weights are already drawn, so the initialiser is not kept."""
    options = dict(vars(layer))
    for name in ("kernel_initializer", "running_mean", "running_variance"):
        options.pop(name, None)
    if options.get("activation") is not None:
        f = options["activation"]
        options["activation"] = [f.name, *vars(f).values()]
    if options.get("kernel_regularizer") is not None:
        penalty = options["kernel_regularizer"]
        options["kernel_regularizer"] = [type(penalty).__name__, vars(penalty)]
    return [type(layer).__name__, options]


def _rebuilt(described: list[Any]) -> Any:
    kind, options = described
    kinds = {k.__name__: k for k in (Input, Flatten, Dense, Activation, BatchNorm, Dropout)}
    if options.get("activation") is not None:
        name, *values = options["activation"]
        f = activations.get(name)
        options = options | {"activation": type(f)(*values) if values else f}
    if options.get("kernel_regularizer") is not None:
        name, values = options["kernel_regularizer"]
        options = options | {"kernel_regularizer": {"L1": L1, "L2": L2, "L1L2": L1L2}[name](**values)}
    return kinds[kind](**options)
