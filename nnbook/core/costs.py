"""Cost functions: the cost of each sample, its gradient with respect to a and its delta with respect to z.

Each cost C is a function of one sample's outputs a and targets t. `cost(a, t)` gives C per sample and
`cost.gradient(a, t)` ∂C/∂a. For training there are `cost.from_z(z, t, f)` and `cost.delta(z, t, f)`, which start from
the weighted input: they stay finite when an activation saturates, because nothing is clipped.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from . import activations
from .formulas import output_delta
from .validation import finite, floats, same_shape, vector_or_rows


class Cost:
    """A cost of one sample; arrays are one sample (n_L,) or rows of samples (N, n_L).

    Attributes
    ----------
    name : str
        Its name in messages.
    matched : tuple of Activation
        The output activations with which δ^L = a − t.
    """

    name = ""
    matched: tuple[activations.Activation, ...] = ()

    def __call__(self, a: ArrayLike, t: ArrayLike) -> np.ndarray:
        """Return C(a, t) of each sample: shape (N,), or a scalar for one sample.

        Raises
        ------
        ValueError, TypeError
            When shapes disagree, an entry is not finite, a target is outside the cost's range, or C is infinite.
        """
        a, t = self._arrays("a", a, t)
        return self._value(a, t)

    def total(self, a: ArrayLike, t: ArrayLike) -> float:
        """Return C_T = Σ_k C_k, the sum of C(a, t) over the samples (eq-total-cost). Raises as a call does."""
        return float(np.sum(self(a, t)))

    def gradient(self, a: ArrayLike, t: ArrayLike) -> np.ndarray:
        """Return ∂C/∂a at outputs `a` and targets `t`, an array like `a`. Raises as a call does."""
        a, t = self._arrays("a", a, t)
        return self._gradient(a, t)

    def from_z(self, z: ArrayLike, t: ArrayLike, f: str | activations.Activation) -> np.ndarray:
        """Return C(f(z), t) of each sample, shape (N,), or a scalar for one sample; f is an Activation or its name.

        With a matched f it is right wherever C is within the range of floats, however far an activation saturates.

        Raises
        ------
        ValueError, TypeError
            As a call does.
        FloatingPointError
            When C itself is larger than the largest float.
        """
        z, t = self._arrays("z", z, t)
        with np.errstate(over="ignore", invalid="ignore"):  # reported below
            values = self.unchecked_from_z(z, t, activations.get(f))
        if not np.isfinite(values).all():
            raise FloatingPointError(f"{self.name}: the cost is larger than the largest {z.dtype}; z is too large")
        return values

    def delta(
        self,
        z: ArrayLike,
        t: ArrayLike,
        f: str | activations.Activation,
        *,
        a: ArrayLike | None = None,
        out: np.ndarray | None = None,
    ) -> np.ndarray:
        """Return δ = ∂C/∂z, an array like `z`: a − t when f is matched to this cost, else by eq-output-delta.

        Parameters
        ----------
        z, t : arrays, both (n_L,) or both (N, n_L)
            Weighted inputs of the output layer, and targets.
        f : Activation or its name
            The output layer's activation.
        a : array like z, optional
            f(z), if it is known.
        out : array like z, optional
            Where to write δ.
        """
        z, t = self._arrays("z", z, t)
        f = activations.get(f)
        if a is not None:
            a = floats(self.name, "a", a)
            same_shape(self.name, "a", a, "z", z)
        return self.unchecked_delta(z, t, f, a, out)

    def check_targets(self, t: ArrayLike) -> None:
        """Raise ValueError, naming the first such target, when one in t is outside the range of this cost."""

    def unchecked_from_z(self, z: np.ndarray, t: np.ndarray, f: activations.Activation) -> np.ndarray:
        """Return what `from_z` returns, for arrays z and t and an Activation f already checked."""
        return self._value(f(z), t)

    def unchecked_delta(
        self,
        z: np.ndarray,
        t: np.ndarray,
        f: activations.Activation,
        a: np.ndarray | None = None,
        out: np.ndarray | None = None,
    ) -> np.ndarray:
        """Return what `delta` returns, for arrays z, t, a and out and an Activation f already checked."""
        a = f(z) if a is None else a
        if f in self.matched:
            return np.subtract(a, t, out=out)
        return output_delta(self._gradient(a, t), z, f, a=a, out=out)

    def _value(self, a, t):
        raise NotImplementedError

    def _gradient(self, a, t):
        raise NotImplementedError

    def _arrays(self, name, values, t):
        values, t = floats(self.name, name, values), floats(self.name, "t", t)
        vector_or_rows(self.name, name, values)
        same_shape(self.name, "t", t, name, values)
        finite(self.name, name, values)
        finite(self.name, "t", t)
        self.check_targets(t)
        return values, t

    def __repr__(self):
        return f"{self.name}()"

    def __eq__(self, other):
        return type(self) is type(other)

    def __hash__(self):
        return hash(type(self))


class SquaredError(Cost):
    """C = ½ Σ_j (t_j − a_j)² (eq-squared-error). Matched to the identity. Targets are any finite numbers.

    Examples
    --------
    >>> import numpy as np, nnbook as nn
    >>> nn.SquaredError()(np.array([0.75, 0.5]), np.array([1.0, 0.0]))
    np.float64(0.15625)
    """

    name = "SquaredError"
    matched = (activations.identity,)

    def _value(self, a, t):
        difference = t - a
        return 0.5 * np.einsum("...j,...j->...", difference, difference)

    def _gradient(self, a, t):
        return a - t


class BinaryCrossEntropy(Cost):
    """C = −Σ_j (t_j log a_j + (1 − t_j) log(1 − a_j)) (eq-binary-cross-entropy). Matched to the sigmoid.

    Targets lie in [0, 1]. Activations lie in [0, 1]; one that is exactly 0 or 1 while its target is not makes the
    cost infinite, which is an error here but not in `from_z` (eq-bce-from-z).

    Examples
    --------
    >>> import numpy as np, nnbook as nn
    >>> cost = nn.BinaryCrossEntropy()
    >>> cost(np.array([0.5]), np.array([1.0])).round(6)
    np.float64(0.693147)
    >>> cost.delta(np.array([0.0]), np.array([1.0]), 'sigmoid')
    array([-0.5])
    """

    name = "BinaryCrossEntropy"
    matched = (activations.sigmoid,)

    def check_targets(self, t: ArrayLike) -> None:
        t = floats(self.name, "t", t)
        if t.size and not (t.real.min() >= 0 and t.real.max() <= 1):
            bad = t[~((t.real >= 0) & (t.real <= 1))].flat[0]
            raise ValueError(f"{self.name}: t must lie in [0, 1]; it contains {bad}")

    def _value(self, a, t):
        self._check(a, t)
        with np.errstate(divide="ignore", invalid="ignore"):
            terms = np.where(t == 0, 0, t * np.log(a)) + np.where(t == 1, 0, (1 - t) * np.log(1 - a))
        return -terms.sum(axis=-1)

    def _gradient(self, a, t):
        self._check(a, t)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(t == 1, 0, (1 - t) / (1 - a)) - np.where(t == 0, 0, t / a)

    def unchecked_from_z(self, z: np.ndarray, t: np.ndarray, f: activations.Activation) -> np.ndarray:
        if f not in self.matched:
            return self._value(f(z), t)
        return (activations.softplus(z) - t * z).sum(axis=-1)

    def _check(self, a, t):
        outside = (a.real < 0) | (a.real > 1)
        if outside.any():
            raise ValueError(f"{self.name}: a must lie in [0, 1]; it contains {a[outside].flat[0]}")
        infinite = ((a == 0) & (t != 0)) | ((a == 1) & (t != 1))
        if infinite.any():
            raise ValueError(
                f"{self.name}: the cost is infinite: an activation is exactly {a[infinite].flat[0].real:g} where its "
                f"target is {t[infinite].flat[0].real:g}; from_z and delta start from z and stay finite"
            )


class CategoricalCrossEntropy(Cost):
    """C = −Σ_j t_j log a_j (eq-categorical-cross-entropy). Matched to softmax.

    Each sample's targets are at least 0 and sum to 1. An activation that is exactly 0 while its target is not makes
    the cost infinite, which is an error here but not in `from_z`.

    Examples
    --------
    >>> import numpy as np, nnbook as nn
    >>> cost = nn.CategoricalCrossEntropy()
    >>> cost(np.array([0.25, 0.25, 0.5]), np.array([0.0, 0.0, 1.0])).round(6)
    np.float64(0.693147)
    """

    name = "CategoricalCrossEntropy"
    matched = (activations.softmax,)

    def check_targets(self, t: ArrayLike) -> None:
        t = floats(self.name, "t", t)
        if t.size and not t.real.min() >= 0:
            raise ValueError(f"{self.name}: t must be at least 0; it contains {t[~(t.real >= 0)].flat[0]}")
        sums = np.atleast_1d(t.sum(axis=-1))
        wrong = np.abs(sums - 1) > 1e-5
        if wrong.any():
            raise ValueError(f"{self.name}: each sample's targets must sum to 1; one sums to {sums[wrong][0]:.6g}")

    def _value(self, a, t):
        self._check(a, t)
        with np.errstate(divide="ignore", invalid="ignore"):
            return -np.where(t == 0, 0, t * np.log(a)).sum(axis=-1)

    def _gradient(self, a, t):
        self._check(a, t)
        with np.errstate(divide="ignore", invalid="ignore"):
            return -np.where(t == 0, 0, t / a)

    def unchecked_from_z(self, z: np.ndarray, t: np.ndarray, f: activations.Activation) -> np.ndarray:
        if f not in self.matched:
            return self._value(f(z), t)
        largest = z.real.max(axis=-1, keepdims=True)
        log_a = z - largest - np.log(np.exp(z - largest).sum(axis=-1, keepdims=True))
        return -np.where(t == 0, 0, t * log_a).sum(axis=-1)  # log a may be −∞ where t is 0

    def _check(self, a, t):
        if (a.real < 0).any():
            raise ValueError(f"{self.name}: a must be at least 0; it contains {a[a.real < 0].flat[0]}")
        infinite = (a == 0) & (t != 0)
        if infinite.any():
            raise ValueError(
                f"{self.name}: the cost is infinite: an activation is exactly 0 where its target is "
                f"{t[infinite].flat[0].real:g}; from_z and delta start from z and stay finite"
            )
