"""Reverse-mode automatic differentiation on NumPy arrays, small enough to read in one sitting.

Every operation computes its value and records, for each of its inputs, how an error of the result is propagated back
to that input. `backward` follows these records from the result to the leaves. That is the hidden recursion without the
layers; the source is Griewank & Walther (2008).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..core.activations import Activation
from ..core.validation import finite, floats


class Var:
    """A number or array that remembers how it was computed.

    Parameters
    ----------
    value : number or array
        Its value, float64.

    Attributes
    ----------
    value : array
        The value.
    grad : array or None
        ∂(result)/∂(this), shaped like `value`, once `backward` has been called on a result that depends on it.
    """

    __array_ufunc__ = None  # array + Var calls Var.__radd__ instead of adding entry by entry

    def __init__(self, value: ArrayLike, _notes: Sequence[tuple[Any, Any]] = ()):
        value = floats("Var", "value", value)
        if value.dtype.kind == "c":
            raise TypeError(f"Var: value must hold real numbers; it has dtype {value.dtype}")
        self.value = value.astype(np.float64)
        self.grad: Any = None
        self._notes = _notes  # pairs (input, function from the error of the result to the error of that input)

    shape = property(lambda self: self.value.shape)

    def __repr__(self):
        return f"Var({self.value})"

    # Each operation is next to its derivative: g is the error of the result.

    def __add__(self, other):
        other = _var(other)
        return Var(
            self.value + other.value,
            [(self, lambda g: _summed_to(g, self.shape)), (other, lambda g: _summed_to(g, other.shape))],
        )

    def __mul__(self, other):
        other = _var(other)
        return Var(
            self.value * other.value,
            [
                (self, lambda g: _summed_to(g * other.value, self.shape)),
                (other, lambda g: _summed_to(g * self.value, other.shape)),
            ],
        )

    def __pow__(self, p):
        return Var(self.value**p, [(self, lambda g: g * p * self.value ** (p - 1))])

    def __matmul__(self, other):
        other = _var(other)
        if self.value.ndim != 2 or other.value.ndim != 2:
            found = f"the factors have shapes {self.shape} and {other.shape}"
            raise ValueError(f"Var: @ multiplies matrices; {found}")
        return Var(
            self.value @ other.value,
            [(self, lambda g: g @ other.value.T), (other, lambda g: self.value.T @ g)],
        )

    @property
    def T(self) -> Var:
        return Var(self.value.T, [(self, lambda g: g.T)])

    def sum(self) -> Var:
        """Return the sum of all entries."""
        return Var(self.value.sum(), [(self, lambda g: np.broadcast_to(g, self.shape))])

    def apply(self, f: Activation) -> Var:
        """Return f(self) for an elementwise `Activation` f."""
        return Var(f(self.value), [(self, lambda g: g * f.derivative(self.value))])

    def exp(self) -> Var:
        e = np.exp(self.value)
        return Var(e, [(self, lambda g: g * e)])

    def log(self) -> Var:
        return Var(np.log(self.value), [(self, lambda g: g / self.value)])

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + _var(other) * -1.0

    def __rsub__(self, other):
        return _var(other) - self

    def __truediv__(self, other):
        return self * _var(other) ** -1.0

    def __rtruediv__(self, other):
        return _var(other) / self

    __radd__, __rmul__ = __add__, __mul__

    def __rmatmul__(self, other):
        return _var(other) @ self

    def backward(self) -> None:
        """Set `grad` of everything this number was computed from to its derivative.

        Each call starts from zero, so that calling it twice gives the same answer.

        Raises
        ------
        ValueError
            When this is not one finite number.
        """
        if self.value.size != 1:
            found = f"this has shape {self.shape}"
            raise ValueError(f"backward: only a single number has a gradient; {found}")
        finite("backward", "value", self.value)
        order = _in_order(self)
        for var in order:
            var.grad = np.zeros(var.shape)
        self.grad = np.ones(self.shape)
        for var in reversed(order):  # every error is complete before it is propagated
            for source, carry_back in var._notes:
                source.grad = source.grad + carry_back(var.grad)


def _var(value):
    return value if isinstance(value, Var) else Var(value)


def _summed_to(g, shape):
    """Undo broadcasting: an entry that was used several times gets the sum of its errors."""
    g = g.sum(axis=tuple(range(g.ndim - len(shape))))
    return g.sum(axis=tuple(i for i, n in enumerate(shape) if n == 1 and g.shape[i] != 1), keepdims=True)


def _in_order(result):
    """Return everything `result` depends on, each after all it was computed from; no recursion, for long chains."""
    order, seen, stack = [], set(), [(result, False)]
    while stack:
        var, done = stack.pop()
        if done:
            order.append(var)
        elif id(var) not in seen:
            seen.add(id(var))
            stack.append((var, True))
            stack.extend((source, False) for source, _ in var._notes)
    return order
