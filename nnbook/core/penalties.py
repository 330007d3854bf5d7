"""Penalties: what large weights add to the cost, and its gradient."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import ArrayLike

from .validation import floats, instance, number


class Penalty:
    """A penalty R on weights: `penalty(w)` is its value and `penalty.gradient(w)` its gradient, for an array w.

    `fit` adds R of every weight matrix to the mean cost. Biases are not penalised unless `biases` is true.
    """

    biases = False
    kink = False  # whether R has no derivative at w = 0

    def __call__(self, w: ArrayLike) -> float:
        """Return R(w), one number, for an array of any shape."""
        return self._value(floats(type(self).__name__, "w", w))

    def gradient(self, w: ArrayLike, *, scale: float = 1.0, out: np.ndarray | None = None) -> np.ndarray:
        """Return scale · ∂R/∂w, an array like w; `out` is where to write it."""
        return self._gradient(floats(f"{type(self).__name__}.gradient", "w", w), scale, out)

    def _value(self, w: np.ndarray) -> float:
        raise NotImplementedError

    def _gradient(self, w: np.ndarray, scale: float, out: np.ndarray | None) -> np.ndarray:
        raise NotImplementedError

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"

    def __eq__(self, other):
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self):
        return hash((type(self), *sorted(vars(self).items())))


class L2(Penalty):
    """R = (λ/2) Σ w² (eq-l2-cost), ∂R/∂w = λ w (eq-l2-gradient).

    Parameters
    ----------
    strength : float, at least 0
        λ. Keras's l2(λ) has no ½: it is L2(2λ) here.
    biases : bool
        Penalise the biases too.

    Examples
    --------
    >>> import numpy as np, nnbook as nn
    >>> penalty = nn.L2(0.1)
    >>> float(penalty([2.0, -3.0])), penalty.gradient([2.0, -3.0])
    (0.65, array([ 0.2, -0.3]))
    """

    def __init__(self, strength: float, *, biases: bool = False):
        self.strength, self.biases = number("L2", "strength", strength, at_least=0), bool(biases)

    def _value(self, w):
        return 0.5 * self.strength * np.vdot(w.conj(), w)

    def _gradient(self, w, scale, out):
        return np.multiply(w, self.strength * scale, out=out)


class L1(Penalty):
    """R = λ Σ |w|, ∂R/∂w = λ sign(w) (eq-l1-gradient), taken as 0 at w = 0.

    Parameters
    ----------
    strength : float, at least 0
        λ.
    biases : bool
        Penalise the biases too.

    Examples
    --------
    >>> import numpy as np, nnbook as nn
    >>> penalty = nn.L1(0.1)
    >>> float(penalty([2.0, -3.0])), penalty.gradient([2.0, -3.0])
    (0.5, array([ 0.1, -0.1]))
    """

    kink = True

    def __init__(self, strength: float, *, biases: bool = False):
        self.strength, self.biases = number("L1", "strength", strength, at_least=0), bool(biases)

    def _value(self, w):
        # For the complex step |w| is w or −w, by the sign of the real part.
        return self.strength * (w * np.sign(w.real)).sum()

    def _gradient(self, w, scale, out):
        out = np.sign(w.real, out=out)
        out *= self.strength * scale
        return out


class L1L2(Penalty):
    """The sum of L1(l1) and L2(l2), sometimes called elastic net.

    Parameters
    ----------
    l1, l2 : float, at least 0
        Strengths of the two.
    biases : bool
        Penalise the biases too.

    Examples
    --------
    >>> import numpy as np, nnbook as nn
    >>> float(nn.L1L2(l1=0.1, l2=0.1)([2.0, -3.0]))
    1.15
    """

    kink = True

    def __init__(self, l1: float, l2: float, *, biases: bool = False):
        self.l1, self.l2 = number("L1L2", "l1", l1, at_least=0), number("L1L2", "l2", l2, at_least=0)
        self.biases = bool(biases)

    def _value(self, w):
        return L1(self.l1)(w) + L2(self.l2)(w)

    def _gradient(self, w, scale, out):
        return np.add(L1(self.l1).gradient(w, scale=scale), L2(self.l2).gradient(w, scale=scale), out=out)


ByLayerOrOne = Penalty | Mapping[int, Penalty] | None


def by_layer(where: str, penalty: ByLayerOrOne, layers: Collection[int]) -> dict[int, Penalty]:
    """Return the penalty of each layer that has one, from one for all, a dict by layer number, or None."""
    if penalty is None:
        return {}
    if isinstance(penalty, Penalty):
        return dict.fromkeys(layers, penalty)
    if not isinstance(penalty, Mapping):
        instance(where, "penalty", penalty, Penalty, "a Penalty such as nn.L2(1e-4), or a dict of them by layer")
        raise AssertionError  # a Penalty was returned above
    for l, part in penalty.items():
        instance(where, f"penalty[{l!r}]", part, Penalty, "a Penalty such as nn.L2(1e-4)")
        if l not in layers:
            raise ValueError(f"{where}: penalty is given for layer {l!r}; the layers with weights are {list(layers)}")
    return dict(penalty)


def total(penalties: Mapping[int, Penalty], W: Mapping[int, np.ndarray], b: Mapping[int, np.ndarray]) -> float:
    """Return the sum of the penalties, a dict by layer, on weights and biases by layer."""
    result = 0.0
    for l, penalty in penalties.items():
        result += penalty(W[l])
        if penalty.biases:
            result += penalty(b[l])
    return result


def penalised(
    penalties: Mapping[int, Penalty],
    W: Mapping[int, np.ndarray],
    b: Mapping[int, np.ndarray],
    dW: Mapping[int, np.ndarray],
    db: Mapping[int, np.ndarray],
) -> list[tuple[Penalty, np.ndarray, np.ndarray]]:
    """Return (penalty, array, its gradient) for every array that is penalised."""
    parts = []
    for l, penalty in penalties.items():
        parts.append((penalty, W[l], dW[l]))
        if penalty.biases:
            parts.append((penalty, b[l], db[l]))
    return parts
