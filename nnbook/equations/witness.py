"""A drawn network that asks the package beside it, so that both sides of an equation are compared with the package."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np

from . import engine
from .package_side import Missing, PackageSide
from .values import Array, Nudge

AGREE = 1e-9  # how near the package's numbers must come, beside the largest of their array


class PackageDiffers(Exception):
    """A number of the package differs from its definition."""


class Witness:
    """A drawn network that asks the package beside it for everything that is asked of it, and compares.

    The equation is evaluated with the drawn network's own numbers, which follow the definitions; so both of its sides
    are watched, and every symbol for which the package has a function is compared with it.
    """

    def __init__(self, drawn: engine.Network, package: PackageSide) -> None:
        self.drawn, self.package = drawn, package
        self._compared: set = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.drawn, name)

    @property
    def P(self) -> int:
        self._compare("the number of parameters", self.drawn.P, lambda: self.package.P, "P")
        return self.drawn.P

    def array(self, kind: str, layer: int | None = None) -> Array:
        mine = self.drawn.array(kind, layer)
        if (kind, layer) != ("a", 1):  # the inputs, which are not computed
            name = kind if layer is None else f"{kind} of layer {layer}"
            self._compare(name, mine, lambda: self.package.array(kind, layer), (kind, layer))
        return mine

    def moving(self, kind: str, layer: int | None, nudge: Nudge) -> Array | None:
        above = (kind, layer)
        if kind not in ("w", "b", "t", "delta"):
            name = f"the derivative of {kind} with respect to {nudge[0]} of layer {nudge[1]}"
            mine, theirs = ((lambda world=world: world.slope(above, nudge)) for world in (self.drawn, self.package))
            self._compare(name, mine, theirs, (above, nudge))
        return self.drawn.moving(kind, layer, nudge)

    def function(self, layer: int, primes: int = 0) -> engine.Elementwise | None:
        mine = self.drawn.function(layer, primes)
        return mine and self._beside(f"f of layer {layer}", mine, self.package.function(layer, primes))

    def named(self, kind: str, primes: int = 0) -> engine.Elementwise:
        mine = engine.ELEMENTWISE[kind]
        return self._beside(kind, engine.derivative_of(mine) if primes else mine, self.package.named(kind, primes))

    def softmax(self, z: Array) -> Array:
        return self._beside("softmax", engine.softmax, self.package.softmax)(z)

    def _beside(self, name: str, mine: engine.Elementwise, theirs: engine.Elementwise | None) -> engine.Elementwise:
        def call(z: Array) -> Array:
            value = mine(z)
            if not np.iscomplexobj(z):
                self._compare(name, value, lambda: theirs and theirs(z))
            return value

        return call

    def _compare(self, name: str, mine: Any, theirs: Any, key: Hashable = None) -> None:
        """Compare an array with the package's; one with a key is compared once."""
        if key in self._compared:
            return
        if key is not None:
            self._compared.add(key)
        try:
            found = np.asarray(theirs())
        except Missing:
            return
        wanted = np.asarray(mine() if callable(mine) else mine)
        if found.shape != wanted.shape:
            raise PackageDiffers(f"    {name}: the package's has shape {found.shape}, not {wanted.shape}")
        finite = np.isfinite(wanted)
        with np.errstate(all="ignore"):
            apart = finite & ~(np.abs(found - wanted) <= AGREE * np.abs(wanted[finite]).max(initial=0.0))
        if apart.any():
            at = tuple(np.argwhere(apart)[0])
            raise PackageDiffers(f"    {name}: the package's is {found[at]:.12g}, not {wanted[at]:.12g}")
