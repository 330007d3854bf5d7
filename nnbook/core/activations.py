"""Activation functions and their derivatives, both as functions of the weighted input z.

Every activation keeps the dtype it is given (float32, float64), never overflows, and takes complex128 input
for the complex step: it then branches on the real part and carries the imaginary part along.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from numpy.typing import ArrayLike

from .validation import chosen, floats, instance, number, same_shape

# Beyond these the sigmoid would no longer be a normal number of its dtype; exp of them does not overflow. They are
# zero-dimensional arrays: for a handful of units, converting a Python number takes as long as the arithmetic.
_LARGEST_EXPONENT = {"f": np.array(87, "f"), "d": np.array(708.0), "D": np.array(708.0)}
_ONE = {kind: np.array(1, kind) for kind in "fdD"}


class Activation:
    """An activation function f: `f(z)` is its value and `f.derivative(z)` its derivative f'(z).

    Both take z of any shape and return an array of that shape and dtype.

    Attributes
    ----------
    name : str
        The name by which `get` finds it.
    elementwise : bool
        True when unit j's activation depends only on z_j. It is False only for softmax.
    """

    name = ""
    elementwise = True
    kink = False  # whether f has a kink or a jump at z = 0, where a difference quotient is not a derivative

    def __call__(self, z: ArrayLike, *, out: np.ndarray | None = None) -> np.ndarray:
        """Return f(z), written into `out` when it is given (`out` may be z itself)."""
        if type(z) is not np.ndarray or z.dtype.char not in "fd":
            z = floats(self.name, "z", z)
        if z.ndim == 0 and self.elementwise:
            return self.compute(z[None], None)[0]
        return self.compute(z, out)

    def derivative(self, z: ArrayLike, *, a: Any = None, out: np.ndarray | None = None) -> np.ndarray:
        """Return f'(z).

        Parameters
        ----------
        z : array of any shape
            Weighted inputs.
        a : array of the same shape, optional
            f(z), if it is already known; saves recomputing it.
        out : array, optional
            Where to write the result; may be neither z nor a.
        """
        if type(z) is not np.ndarray or z.dtype.char not in "fd":
            z = floats(f"{self.name}.derivative", "z", z)
        if z.ndim == 0:
            return self.compute_derivative(z[None], None, None)[0]
        if a is not None and getattr(a, "shape", None) != z.shape:
            a = floats(f"{self.name}.derivative", "a", a)
            same_shape(f"{self.name}.derivative", "a", a, "z", z)
        return self.compute_derivative(z, a, out)

    def compute(self, z: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        """Return f(z), written into `out` if given, for an array z of floats; subclasses define it."""
        raise NotImplementedError

    def compute_derivative(
        self, z: np.ndarray, a: np.ndarray | None = None, out: np.ndarray | None = None
    ) -> np.ndarray:
        """Return f'(z), written into `out` if given; `a` is f(z), if known. Subclasses define it."""
        raise NotImplementedError

    if TYPE_CHECKING:  # only an activation that is not elementwise has one

        def jacobian(self, z: ArrayLike) -> np.ndarray: ...

    def __repr__(self):
        return self.name

    def __eq__(self, other):
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self):
        return hash((type(self), *sorted(vars(self).items())))


class Identity(Activation):
    """f(z) = z, f'(z) = 1: the linear unit.

    Examples
    --------
    >>> import numpy as np, nnbook as nn
    >>> nn.identity(np.array([-2.0, 3.0]))
    array([-2.,  3.])
    """

    name = "identity"

    def compute(self, z: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        return np.positive(z, out=out)

    def compute_derivative(
        self, z: np.ndarray, a: np.ndarray | None = None, out: np.ndarray | None = None
    ) -> np.ndarray:
        if out is None:
            return np.ones_like(z)
        out[...] = 1
        return out


class Step(Activation):
    """f(z) = 1 for z ≥ 0 and 0 below: the perceptron's unit. Its derivative is 0, so gradient descent cannot train it.

    Examples
    --------
    >>> import numpy as np, nnbook as nn
    >>> nn.step(np.array([-2.0, 0.0, 3.0]))
    array([0., 1., 1.])
    """

    name = "step"
    kink = True

    def compute(self, z: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        return np.greater_equal(z.real, 0, out=np.empty_like(z) if out is None else out, casting="unsafe")

    def compute_derivative(
        self, z: np.ndarray, a: np.ndarray | None = None, out: np.ndarray | None = None
    ) -> np.ndarray:
        if out is None:
            return np.zeros_like(z)
        out[...] = 0
        return out


class Sigmoid(Activation):
    """σ(z) = 1 / (1 + e^(−z)) (eq-sigmoid), σ'(z) = σ(z) (1 − σ(z)) (eq-sigmoid-derivative).

    The value stays strictly above 0: below z = −708 (−87 in float32) it keeps the value that it has there.

    Examples
    --------
    >>> import numpy as np, nnbook as nn
    >>> nn.sigmoid(np.array([0.0, np.log(3)])), nn.sigmoid.derivative(np.array([0.0, np.log(3)]))
    (array([0.5 , 0.75]), array([0.25  , 0.1875]))
    """

    name = "sigmoid"

    def compute(self, z: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        kind = z.dtype.char
        largest = _LARGEST_EXPONENT[kind]
        e = np.negative(z, out)
        if kind == "D":
            e = np.minimum(e.real, largest) + 1j * np.where(e.real > largest, 0, e.imag)
        else:
            np.minimum(e, largest, out=e)
        np.exp(e, e)
        np.add(e, _ONE[kind], e)
        return np.reciprocal(e, e if out is None else out)

    def compute_derivative(
        self, z: np.ndarray, a: np.ndarray | None = None, out: np.ndarray | None = None
    ) -> np.ndarray:
        a = self.compute(z, None) if a is None else a
        out = np.subtract(_ONE[a.dtype.char], a, out)
        return np.multiply(out, a, out)


class Tanh(Activation):
    """tanh z, with derivative 1 − tanh² z (eq-tanh-derivative).

    Examples
    --------
    >>> import numpy as np, nnbook as nn
    >>> nn.tanh.derivative(np.array([0.0]))
    array([1.])
    """

    name = "tanh"

    def compute(self, z: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        return np.tanh(z, out=out)

    def compute_derivative(
        self, z: np.ndarray, a: np.ndarray | None = None, out: np.ndarray | None = None
    ) -> np.ndarray:
        a = np.tanh(z) if a is None else a
        out = np.multiply(a, a, out=out)
        return np.subtract(1, out, out=out)


class ReLU(Activation):
    """max(0, z), with derivative 1 above 0 and 0 below (eq-relu-derivative). At the kink z = 0 it is taken as 0.

    Examples
    --------
    >>> import numpy as np, nnbook as nn
    >>> nn.relu(np.array([-2.0, 3.0])), nn.relu.derivative(np.array([-2.0, 3.0]))
    (array([0., 3.]), array([0., 1.]))
    """

    name = "relu"
    kink = True

    def compute(self, z: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        if z.dtype.char == "D":
            return np.multiply(z, z.real > 0, out=out)
        return np.maximum(z, 0, out=out)

    def compute_derivative(
        self, z: np.ndarray, a: np.ndarray | None = None, out: np.ndarray | None = None
    ) -> np.ndarray:
        return np.greater(z.real, 0, out=np.empty_like(z) if out is None else out, casting="unsafe")


class LeakyReLU(Activation):
    """z above 0 and `slope` · z below; the derivative at the kink z = 0 is taken as `slope`.

    Parameters
    ----------
    slope : float
        Slope below 0, at least 0 and less than 1.

    Examples
    --------
    >>> import numpy as np, nnbook as nn
    >>> f = nn.LeakyReLU(0.1)
    >>> f(np.array([-2.0, 3.0])), f.derivative(np.array([-2.0, 3.0]))
    (array([-0.2,  3. ]), array([0.1, 1. ]))
    """

    name = "leaky_relu"
    kink = True

    def __init__(self, slope: float = 0.01):
        self.slope = number("LeakyReLU", "slope", slope, at_least=0, below=1)

    def compute(self, z: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        return np.multiply(z, self.compute_derivative(z, None, None), out=out)

    def compute_derivative(
        self, z: np.ndarray, a: np.ndarray | None = None, out: np.ndarray | None = None
    ) -> np.ndarray:
        out = np.empty_like(z) if out is None else out
        out[...] = self.slope
        out[z.real > 0] = 1
        return out

    def __repr__(self):
        return self.name if self.slope == 0.01 else f"{self.name}(slope={self.slope})"


class Softplus(Activation):
    """log(1 + e^z), a smooth ReLU; its derivative is the sigmoid.

    Examples
    --------
    >>> import numpy as np, nnbook as nn
    >>> nn.softplus(np.array([0.0])).round(6), nn.softplus.derivative(np.array([0.0]))
    (array([0.693147]), array([0.5]))
    """

    name = "softplus"

    def compute(self, z: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        if z.dtype.char == "D":
            below = np.where(z.real > 0, -z, z)  # log(1 + e^z) = z + log(1 + e^−z): the exponent is at most 0
            e = np.exp(below)
            # NumPy's log1p of a complex number loses its small real part: |1 + e|² = 1 + (2 + x) x + y².
            log = 0.5 * np.log1p((2 + e.real) * e.real + e.imag**2) + 1j * np.arctan2(e.imag, 1 + e.real)
            return np.add(np.where(z.real > 0, z, 0), log, out=out)
        e = np.abs(z)  # log(1 + e^z) = max(0, z) + log(1 + e^−|z|); several times faster than logaddexp
        np.negative(e, out=e)
        np.log1p(np.exp(e, out=e), out=e)
        return np.add(e, np.maximum(z, 0), out=out)

    def compute_derivative(
        self, z: np.ndarray, a: np.ndarray | None = None, out: np.ndarray | None = None
    ) -> np.ndarray:
        return sigmoid.compute(z, out)


class Softmax(Activation):
    """a_j = exp(z_j) / Σ_i exp(z_i) over the last axis (eq-softmax): positive, and summing to 1.

    Every output depends on every weighted input, so it has a Jacobian instead of a derivative.

    Examples
    --------
    >>> import numpy as np, nnbook as nn
    >>> nn.softmax(np.array([0.0, np.log(3)])), nn.softmax.jacobian(np.array([0.0, np.log(3)]))
    (array([0.25, 0.75]), array([[ 0.1875, -0.1875],
           [-0.1875,  0.1875]]))
    """

    name = "softmax"
    elementwise = False

    def compute(self, z: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        if z.ndim == 0 or z.shape[-1] == 0:
            raise ValueError(f"softmax: z must have at least one unit on its last axis; it has shape {z.shape}")
        e = np.subtract(z, z.real.max(axis=-1, keepdims=True), out=out)
        np.exp(e, out=e)
        e /= e.sum(axis=-1, keepdims=True)
        return e

    def jacobian(self, z: ArrayLike) -> np.ndarray:
        """Return ∂a_i/∂z_j = a_i ([i = j] − a_j) at z, an array with last two axes i, j (eq-output-delta-jacobian)."""
        a = self(z)
        return a[..., :, None] * (np.eye(a.shape[-1], dtype=a.dtype) - a[..., None, :])

    def compute_derivative(self, z: np.ndarray, a: np.ndarray | None = None, out: np.ndarray | None = None) -> NoReturn:
        """Raise TypeError: softmax has no elementwise derivative."""
        raise TypeError(
            "softmax.derivative: each output depends on every z, so there is no elementwise derivative; "
            "use softmax.jacobian(z)"
        )


identity = Identity()
step = Step()
sigmoid = Sigmoid()
tanh = Tanh()
relu = ReLU()
leaky_relu = LeakyReLU()
softplus = Softplus()
softmax = Softmax()

BY_NAME: dict[str, Activation] = {
    f.name: f for f in (identity, step, sigmoid, tanh, relu, leaky_relu, softplus, softmax)
}
BY_NAME["linear"] = identity  # Keras's name for it


def get(activation: str | Activation) -> Activation:
    """Return the activation with this name (in any case), or the activation itself.

    Raises
    ------
    ValueError
        When no activation has the name.
    TypeError
        When it is neither a name nor an `Activation`.

    Examples
    --------
    >>> import nnbook as nn
    >>> nn.activations.get("ReLU")
    relu
    """
    if isinstance(activation, str):
        return BY_NAME[chosen("", "activation", activation, sorted(BY_NAME))]
    return instance("", "activation", activation, Activation, "a name or an Activation")
