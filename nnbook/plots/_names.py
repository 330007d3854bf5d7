"""The names and numbers of a network's layers, units and weights as they appear on the page."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnbook.core.validation import whole
from nnbook.plots._values import reals


def _index(j: int, i: int) -> str:
    return f"{j}{i}" if j < 10 and i < 10 else f"{j}{{,}}{i}"


def weight_name(l: int, j: int, i: int) -> str:
    """Return the book's symbol of a weight, units counted from 1: w^2_{12}, or w^2_{1{,}12} for larger numbers."""
    return f"w^{l}_{{{_index(j, i)}}}"


def layer_sizes(where: str, net: Any) -> list[int]:
    """Return the layer sizes of a network, or a list of them given in its place."""
    if hasattr(net, "sizes") and hasattr(net, "W"):
        return [int(net.sizes[l]) for l in net.sizes]
    if isinstance(net, str | bytes) or not hasattr(net, "__len__"):
        raise TypeError(f"{where}: net must be a Network or a list of layer sizes; it is {net!r}")
    if len(net) < 2:
        raise ValueError(f"{where}: net must have at least two layers; it has {len(net)}")
    return [whole(where, f"net[{position}]", size) for position, size in enumerate(net)]


def role(l: int, last: int) -> str:
    """Return what layer l is: input, hidden or output."""
    return "input" if l == 1 else "output" if l == last else "hidden"


def known_unit(where: str, sizes: list[int], l: Any, j: Any) -> None:
    """Raise unless layer l has a unit j."""
    whole(where, "the layer", l)
    whole(where, "the unit", j)
    if l > len(sizes) or j > sizes[l - 1]:
        raise ValueError(
            f"{where}: the unit must exist; it is unit {j} of layer {l}, and the layers have {sizes} units"
        )


def highlighted(where: str, sizes: list[int], highlight: Any) -> set | None:
    """Return the units and weights that are highlighted; None for all."""
    if highlight is None:
        return None
    lit: set = set()
    todo: list[Any] = [highlight]
    while todo:
        item = todo.pop()
        if item == "C":
            lit.add("C")
        elif isinstance(item, tuple) and len(item) in (2, 3) and not any(isinstance(part, tuple) for part in item):
            known_unit(where, sizes, item[0], item[1])
            if len(item) == 3:
                if item[0] == 1:
                    raise ValueError(f"{where}: highlight must name weights of layers 2 and up; it names {item}")
                known_unit(where, sizes, item[0] - 1, item[2])
            lit.add(tuple(int(part) for part in item))
        elif isinstance(item, list | tuple | set | frozenset):
            todo.extend(item)
        else:
            raise ValueError(
                f"{where}: highlight must hold units (l, j), weights (l, j, i) and 'C', or lists of them; "
                f"it holds {item!r}"
            )
    return lit


def values_by_layer(where: str, values: Any, sizes: list[int]) -> dict[int, np.ndarray]:
    """Return one number for each unit, by layer number."""
    if values is None:
        return {}
    if not hasattr(values, "items"):
        raise TypeError(
            f"{where}: values must hold one array by layer number, as trace.a and grads.delta do; "
            f"it is {type(values).__name__}"
        )
    result = {}
    for l, value in values.items():
        if l not in range(1, len(sizes) + 1):
            raise ValueError(f"{where}: values must have layer numbers from 1 to {len(sizes)} as keys; one is {l!r}")
        result[l] = one_sample(where, f"values[{l}]", value, sizes[l - 1])
    return result


def one_sample(where: str, name: str, value: Any, size: int) -> np.ndarray:
    """Return one sample as an array of shape (size,)."""
    array = reals(where, name, value)
    if array.ndim == 2 and array.shape[0] == 1:
        array = array[0]
    if array.shape != (size,):
        raise ValueError(f"{where}: {name} must be one sample, shape ({size},); it has shape {array.shape}")
    return array
