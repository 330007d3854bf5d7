"""Containers that hold one item per layer, indexed by layer number."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from .validation import layer_sizes


class ByLayer(Mapping[int, Any]):
    """Items by layer number: `W[2]` belongs to layer 2, iteration runs over the numbers of the layers that have one.

    Assigning to an array copies the values into place, so that views of one flat buffer stay views.

    Parameters
    ----------
    name : str
        What the book calls it; used in error messages.
    first : int
        The first layer that has one.
    items : iterable
        One item per layer, from `first` upwards.

    Raises
    ------
    IndexError
        When a layer has none.
    ValueError
        When an assigned array has a different shape.
    """

    __slots__ = ("_first", "_items", "_name")

    def __init__(self, name: str, first: int, items: Iterable):
        self._name, self._first, self._items = name, first, list(items)

    def _position(self, l) -> int:
        try:
            position = l - self._first
            if 0 <= position < len(self._items) and not isinstance(l, bool):
                return position.__index__()
        except (TypeError, AttributeError):
            pass
        last = self._first + len(self._items) - 1
        raise IndexError(f"{self._name}[{l!r}] does not exist: the layers are {self._first} to {last}")

    def __getitem__(self, l: int) -> Any:
        if type(l) is int and l >= self._first and (position := l - self._first) < len(self._items):
            return self._items[position]
        return self._items[self._position(l)]

    def __setitem__(self, l: int, value: Any) -> None:
        position = self._position(l)
        old = self._items[position]
        if not isinstance(old, np.ndarray):
            raise TypeError(f"{self._name}[{l}] cannot be replaced")
        if value is not old:  # `W[2] -= step` assigns the same array again
            old[...] = fitting(f"{self._name}[{l}]", value, old)

    def __iter__(self) -> Iterator[int]:
        return iter(range(self._first, self._first + len(self._items)))

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, l: object) -> bool:
        return l in range(self._first, self._first + len(self._items))

    def __repr__(self):
        def short(item):
            return f"array{item.shape}" if isinstance(item, np.ndarray) else repr(item)

        return f"{self._name}{{{', '.join(f'{l}: {short(item)}' for l, item in self.items())}}}"

    def __reduce__(self):
        return ByLayer, (self._name, self._first, self._items)


class PartOfLayers(dict):
    """Arrays by layer number where only some layers have one, as γ of batch normalisation; assigning copies."""

    def __init__(self, name: str, arrays: Mapping[int, np.ndarray]):
        super().__init__(arrays)
        self.name = name

    def __setitem__(self, l: int, value: Any) -> None:
        if l not in self:
            raise IndexError(f"{self.name}[{l!r}] does not exist: the layers are {list(self)}")
        if value is not self[l]:
            self[l][...] = fitting(f"{self.name}[{l}]", value, self[l])


class InPlace:
    """An attribute of arrays by layer: `net.W = {2: …, 3: …}` copies into the existing arrays."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, net: Any, owner: type | None = None) -> Any:
        return self if net is None else vars(net)[self.name]

    def __set__(self, net: Any, value: Any) -> None:
        arrays = vars(net).setdefault(self.name, value)
        if value is arrays:
            return
        if not isinstance(value, Mapping) or set(value) != set(arrays):
            raise TypeError(
                f"{type(net).__name__}: {self.name} takes one array for each of the layers {list(arrays)}, as a dict; "
                f"to change a single one write net.{self.name}[l] = …"
            )
        checked = {l: fitting(f"{self.name}[{l}]", value[l], array) for l, array in arrays.items()}
        for l, array in checked.items():
            arrays[l] = array


def fitting(name: str, value: Any, old: np.ndarray) -> np.ndarray:
    """Return a copy of `value` as an array that can be written over `old`, or raise ValueError or TypeError."""
    value = np.array(value)
    if value.shape != old.shape:
        raise ValueError(f"{name} has shape {old.shape}; the new value has shape {value.shape}")
    if not np.can_cast(value.dtype, old.dtype, "same_kind"):
        raise TypeError(f"{name} holds {old.dtype}; the new value has dtype {value.dtype}")
    return value


def views(
    sizes: Sequence[int], buffer: np.ndarray, normalised: Sequence[int] = ()
) -> tuple[ByLayer, ByLayer, PartOfLayers, PartOfLayers]:
    """Return W, b, γ, β by layer as views of a flat buffer, or of a stack of them: all W, all b, then each γ and β."""
    lead, start = buffer.shape[:-1], 0

    def part(*shape):
        nonlocal start
        begin, start = start, start + math.prod(shape)
        return buffer[..., begin:start].reshape(*lead, *shape)

    W = [part(n, before) for before, n in itertools.pairwise(sizes)]
    b = [part(n) for n in sizes[1:]]
    scales = [(l, part(sizes[l - 1]), part(sizes[l - 1])) for l in normalised]
    gamma = PartOfLayers("gamma", {l: array for l, array, _ in scales})
    beta = PartOfLayers("beta", {l: array for l, _, array in scales})
    return ByLayer("W", 2, W), ByLayer("b", 2, b), gamma, beta


def parameter_count(sizes: Sequence[int] | Mapping[int, int]) -> int:
    """Return P = Σ_l (n_l n_{l-1} + n_l), l = 2 … L, the number of weights and biases (eq-parameter-count).

    Parameters
    ----------
    sizes : sequence of int
        Units per layer, n_1 … n_L.

    Raises
    ------
    ValueError, TypeError
        When a size is not a whole number of at least 1, or there are fewer than two layers.

    Examples
    --------
    >>> import nnbook as nn
    >>> nn.parameter_count([12, 3, 2])
    47
    """
    return sum(n * before + n for before, n in itertools.pairwise(layer_sizes("parameter_count", sizes)))
