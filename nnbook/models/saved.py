"""The layers of a model as plain values, for the file that it is saved in, and back."""

from __future__ import annotations

from typing import Any

from ..core import activations
from ..core.batchnorm import BatchNorm
from ..core.penalties import L1, L1L2, L2
from .layers import Activation, Dense, Dropout, Flatten, Input


def described(layer: Any) -> list[Any]:
    """Return a layer as plain values. First weights were drawn already, so how is not kept."""
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


def rebuilt(described: list[Any]) -> Any:
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
