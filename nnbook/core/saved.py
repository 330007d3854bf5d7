"""Convert a network to plain arrays by name, as files store them, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from . import activations
from .batchnorm import BatchNorm
from .bylayer import parameter_count
from .validation import finite

if TYPE_CHECKING:
    from .network import Network


def arrays_of(net: Network) -> dict[str, np.ndarray]:
    """Return the whole network as plain arrays by name."""
    for l, f in net.f.items():
        if type(activations.BY_NAME.get(f.name)) is not type(f):
            raise ValueError(f"save: f[{l}] is {f!r}, an activation of your own, which load would not know")
    arrays = {
        "sizes": np.array(list(net.sizes.values())),
        "activations": np.array([f.name for f in net.f.values()]),
        "slopes": np.array([getattr(f, "slope", 0.0) for f in net.f.values()]),
        "parameters": net.parameters,
        "dropout": np.array([net.dropout.get(l, 0.0) for l in net.sizes]),
        "normalised": np.array(list(net.batch_norm), dtype=np.int64),
    }
    for l, norm in net.batch_norm.items():
        arrays[f"batch_norm_{l}"] = np.array([norm.momentum, norm.epsilon])
        arrays[f"running_{l}"] = np.stack([norm.running_mean, norm.running_variance])
    return arrays


def parts_of(file: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Return the arguments of `restored` in network.py from a file's arrays; ValueError or KeyError if they are bad."""
    sizes, names, slopes, parameters, dropout, normalised = (
        file[name] for name in ("sizes", "activations", "slopes", "parameters", "dropout", "normalised")
    )
    functions = [
        activations.LeakyReLU(slope) if name == "leaky_relu" else activations.get(str(name))
        for name, slope in zip(names, slopes, strict=True)
    ]
    # Before anything of the stated size is allocated, the sizes must agree with the number of parameters in the file.
    sizes, normalised = [int(n) for n in sizes], [int(l) for l in normalised]
    wanted = parameter_count(sizes) + sum(2 * sizes[l - 1] for l in normalised)
    if wanted != parameters.size:
        raise ValueError(f"sizes {sizes} do not match {parameters.size} parameters")
    batch_norm = {}
    for l in normalised:
        momentum, epsilon = file[f"batch_norm_{l}"]
        batch_norm[l] = BatchNorm(momentum, epsilon)
        batch_norm[l].running_mean, batch_norm[l].running_variance = finite("load", "running", file[f"running_{l}"])
    rates = {l: float(rate) for l, rate in enumerate(dropout, start=1) if rate}
    finite("load", "parameters", parameters)
    return {
        "sizes": sizes,
        "functions": functions,
        "dtype": parameters.dtype.name,
        "parameters": parameters,
        "batch_norm": batch_norm,
        "dropout": rates,
    }
