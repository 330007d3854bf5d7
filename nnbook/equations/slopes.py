"""Derivatives, taken by moving the network itself along the imaginary axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import values
from .errors import Meaningless, NotHere, fail
from .language.tree import Node, to_latex
from .terms import MOVED, TRUNCATION, Env, Point, Quantity, Term, shaped
from .values import STEP, Array, Axes, Nudge, Value


def unknown(above: str, below: str) -> str:
    """Say that a letter was not given as a function of another one: no more can be said of its derivative."""
    return f"nothing says how {above} depends on {below}"


class Slope(Term):
    """∂above/∂below, taken by moving the network itself (or a bare letter) along the imaginary axis."""

    def __init__(
        self, node: Node, above: Term, below: Quantity | Point, entrywise: bool = False, numerator: bool = False
    ) -> None:
        self.node, self.above, self.below = node, above, below
        self.entrywise, self.numerator = entrywise, numerator

    def value(self, env: Env) -> Value:
        if env.nudge is not None:
            fail("only a first derivative is taken", self.node)
        if isinstance(self.below, Point):
            return self._of_point(env, self.below)
        below = self.below
        layer = below.where(env)
        if below.kind == "w" and below.spans_zero(env):
            return Slope(self.node, self.above, Quantity(below.node, "b", below.layer, below.roles[:1])).value(env)
        if below.kind == "a" and below.spans_zero(env):
            raise NotHere("unit 0 is the constant 1, and has no derivative", position=below.node.position)
        if self.entrywise and below.matrix:
            whole = self._entry_by_entry(env, below, (below.kind, layer))
            if whole is not None:
                return whole
        roles = below.roles
        direct = getattr(env.world, "slope_only", False)
        array, tail, column = self._moved(env, (below.kind, layer), direct)
        if column:
            if "column" in roles or sum(r == "row" for r in roles) > 1:
                fail("the derivative of an array by an array has four indices: write it for single units", self.node)
            if "row" in roles:  # the Jacobian: what is above in the rows, what is below in the columns
                roles = tuple("column" if r == "row" else r for r in roles)
            tail = (*tail, "row")
        result = shaped(array, (), roles, env, tail)
        if self.entrywise and column and "column" in roles:
            return Value(result.axes, np.diagonal(result.data, axis1=-2, axis2=-1)[..., None], True)
        if self.numerator and result.matrix and not column:
            result = result.transposed
        if below.factor is not None:
            result = values.ratio(result, below.factor.value(env))
        return result

    def _noise(self, env: Env, nudge: Nudge) -> Value:
        """Numbers of the derivative's own, where symbols are unrelated."""
        plain = self.above.value(env)
        lead = env.world.lead(nudge)
        shape = (*lead, *plain.data.shape)
        return Value(
            (*MOVED[: len(lead)], *plain.axes), env.world.noise((*self._key(env), *nudge), shape), plain.matrix
        )

    def _key(self, env: Env) -> tuple[Any, ...]:
        """Name what is differentiated: a symbol by its kind and layer, so that its indices do not matter."""
        if isinstance(self.above, Quantity):
            return self.above.kind, self.above.where(env)
        return (to_latex(self.node),)

    def _entry_by_entry(self, env: Env, below: Quantity, nudge: Nudge) -> Value | None:
        """∂φ(z)/∂z of two arrays of one shape: each entry by its own; None when they are not of one shape."""
        if getattr(env.world, "slope_only", False) or getattr(env.world, "unrelated", False):
            return None
        value = self.above.value(env.with_(nudge=nudge))
        if not value.matrix or value.shape != below.value(env).shape or value.shape == (1, 1):
            return None
        lead, axes = MOVED[:2], value.axes
        if not set(lead) <= set(axes) or below.kind in ("w", "b"):
            return None
        plain = tuple(n for n in axes if n not in lead)
        order = [axes.index(n) for n in (*lead, *plain)]
        data = value.data.imag.transpose(*order, len(axes), len(axes) + 1) / STEP
        hand = plain == (env.hand,)
        rows = {"row": 0, "column": 1}
        roles = [r for r in below.roles if isinstance(r, str) and r in rows]
        if hand and len(roles) == 1:
            line = np.einsum("kjkj->kj", data[..., 0] if roles[0] == "row" else data[..., 0, :])
            return Value(plain, line[..., None] if roles[0] == "row" else line[..., None, :], True)
        if not plain and len(roles) == 2:
            line = np.einsum("kjkj->kj" if roles[0] == "row" else "kjjk->jk", data)
            return Value((), line, True)
        return None

    def _moved(self, env: Env, nudge: Nudge, direct: bool) -> tuple[Array, Axes, bool]:
        """Return (array, names of the axes behind those of ``below``, is the value above a column?)."""
        if direct:
            above = self.above
            if not isinstance(above, Quantity) or above.matrix:
                return env.world.missing()
            array = env.world.slope((above.kind, above.where(env)), nudge)
            plain = shaped(
                np.moveaxis(array, [0, 1], [-2, -1]) if len(env.world.lead(nudge)) == 2 else np.moveaxis(array, 0, -1),
                (),
                (*above.roles, *MOVED[: len(env.world.lead(nudge))]),
                env,
            )
            value = plain
        elif getattr(env.world, "unrelated", False):
            value, direct = self._noise(env, nudge), True
        else:
            value = self.above.value(env.with_(nudge=nudge))
        lead = MOVED[: len(env.world.lead(nudge))]
        data = value.data
        column = value.matrix and value.shape[1] == 1 and value.shape[0] > 1
        if value.matrix and not column:
            if tuple(value.shape) != (1, 1):
                fail("the derivative of an array by an array has four indices: write it for single units", self.node)
            data = data[..., 0, 0]
        elif value.matrix:
            data = data[..., 0]
        names = [*value.axes, *(["•row"] if column else [])]
        if not set(lead) <= set(names):
            if any(n in names for n in lead):
                fail("cannot take this derivative", self.node)
            if isinstance(self.above, Quantity) and self.above.kind not in ("C", "C_T", "C_B", "J"):
                fail("the numerator does not depend on the denominator", self.node)
            sizes = env.world.lead(nudge)
            data = np.zeros((*sizes, *data.shape))
        else:
            if not direct:
                data = data.imag / STEP
            order = [names.index(n) for n in lead]
            data = np.moveaxis(data, order, range(len(lead)))
            names = [n for n in names if n not in lead]
        tail = tuple(n for n in names if n != "•row")
        return data, tail, column

    def _of_point(self, env: Env, below: Point) -> Value:
        value = self.above.value(env.with_(nudge=("point", below.name)))
        data = value.data.imag / STEP if np.iscomplexobj(value.data) else np.zeros(value.data.shape)
        return Value(value.axes, data, value.matrix, np.maximum(np.abs(data), 1e-12 * value.scale + TRUNCATION))


class Gradient(Term):
    """∇ of a cost: its derivatives with respect to all weights and biases, in one column."""

    def __init__(self, node: Node, above: Quantity) -> None:
        self.node, self.above = node, above

    def value(self, env: Env) -> Value:
        world, parts = env.world, []
        if getattr(world, "unrelated", False):
            raise Meaningless("the gradient of an unrelated number", position=self.node.position)
        for kind in ("w", "b"):
            for layer in range(2, world.L + 1):
                nudge = (kind, layer)
                if getattr(world, "slope_only", False):
                    array = world.slope((self.above.kind, None), nudge)
                    lead = len(world.lead(nudge))
                    array = array.reshape(-1, *array.shape[lead:])
                    parts.append(shaped(np.moveaxis(array, 0, -1), (), (*self.above.roles, "row"), env))
                    continue
                value = self.above.value(env.with_(nudge=nudge))
                lead = MOVED[: len(world.lead(nudge))]
                order = [value.axes.index(n) for n in lead]
                data = np.moveaxis(value.data, order, range(-len(lead), 0))
                data = data.reshape(*data.shape[: -len(lead)], -1, 1)
                data = data.imag / STEP
                parts.append(Value(tuple(n for n in value.axes if n not in lead), data, True))
        axes = parts[0].axes
        return Value(axes, np.concatenate([p.data for p in parts], axis=-2), True)
