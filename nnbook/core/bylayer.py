"""Hold one thing per layer under the layer's own number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np


class ByLayer(Mapping):
    """Things by layer number: `W[2]` belongs to layer 2, iteration runs over the layers that exist.

    Assigning to an array copies the values into place, so that views of one flat buffer stay views.

    Parameters
    ----------
    name : str
        How the book calls it; used in errors.
    first : int
        The first layer that has one.
    items : iterable
        One item per layer, from `first` upwards.

    Raises
    ------
    IndexError
        When a layer has none.
    ValueError
        When an assigned array has another shape.
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

    def __getitem__(self, l):
        return self._items[self._position(l)]

    def __setitem__(self, l, value):
        position = self._position(l)
        old = self._items[position]
        if not isinstance(old, np.ndarray):
            raise TypeError(f"{self._name}[{l}] cannot be replaced")
        if value is old:  # what `W[2] -= step` hands back
            return
        value = np.asarray(value)
        if value.shape != old.shape:
            raise ValueError(f"{self._name}[{l}] has shape {old.shape}; the new value has shape {value.shape}")
        if not np.can_cast(value.dtype, old.dtype, "same_kind"):
            raise TypeError(f"{self._name}[{l}] holds {old.dtype}; the new value has dtype {value.dtype}")
        old[...] = value

    def __iter__(self):
        return iter(range(self._first, self._first + len(self._items)))

    def __len__(self):
        return len(self._items)

    def __contains__(self, l):
        return l in range(self._first, self._first + len(self._items))

    def __repr__(self):
        def short(item):
            return f"array{item.shape}" if isinstance(item, np.ndarray) else repr(item)

        return f"{self._name}{{{', '.join(f'{l}: {short(item)}' for l, item in self.items())}}}"

    def __reduce__(self):
        return ByLayer, (self._name, self._first, self._items)
