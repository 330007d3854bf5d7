"""Draw the initial weights of a layer, with a spread that depends on how many units it connects."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from .dropout import Rng
from .validation import chosen, number


class Initializer:
    """Draws a weight matrix: `initializer(rng, (n_l, n_{l-1}))` returns it. Biases start at 0."""

    def __call__(self, rng: Rng, shape: tuple[int, int]) -> np.ndarray:
        """Return an array of float64 of this shape, (units out, units in), drawn from the Generator `rng`."""
        raise NotImplementedError

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"


class Normal(Initializer):
    """Every weight from N(0, stddev²), whatever the sizes. Keras's RandomNormal.

    Parameters
    ----------
    stddev : float above 0
        The standard deviation.
    """

    def __init__(self, stddev: float = 0.05):
        self.stddev = number("Normal", "stddev", stddev, above=0)

    def __call__(self, rng: Rng, shape: tuple[int, int]) -> np.ndarray:
        return rng.standard_normal(shape) * self.stddev


class Zeros(Initializer):
    """Every weight 0. Units that start out equal stay equal."""

    def __call__(self, rng: Rng, shape: tuple[int, int]) -> np.ndarray:
        return np.zeros(shape)


class Scaled(Initializer):
    """Weights of mean 0 and a variance that follows from the layer's sizes.

    Parameters
    ----------
    scale : float above 0
        The variance is scale / fan.
    fan : str
        "in" for n_{l-1}; "average" for (n_{l-1} + n_l) / 2.
    uniform : bool
        Draw from an interval around 0, [−√(3 Var), √(3 Var)], in place of a normal distribution.
    """

    def __init__(self, scale: float = 1.0, fan: str = "in", uniform: bool = False):
        self.scale = number("Scaled", "scale", scale, above=0)
        fan = chosen("Scaled", "fan", str(fan), ("in", "average"))
        self.fan, self.uniform = fan, bool(uniform)

    def variance(self, shape: tuple[int, int]) -> float:
        """Return the variance for weights of shape (units out, units in)."""
        out, into = shape
        return self.scale / (into if self.fan == "in" else (into + out) / 2)

    def __call__(self, rng: Rng, shape: tuple[int, int]) -> np.ndarray:
        spread = math.sqrt(self.variance(shape))
        if self.uniform:
            return rng.uniform(-1, 1, shape) * (math.sqrt(3) * spread)
        return rng.standard_normal(shape) * spread


_BY_NAME = {
    "scaled_normal": Scaled(1.0, "in"),
    "lecun_normal": Scaled(1.0, "in"),  # LeCun, Bottou, Orr & Müller 1998
    "lecun_uniform": Scaled(1.0, "in", uniform=True),
    "glorot_normal": Scaled(1.0, "average"),  # Glorot & Bengio 2010 (eq-glorot)
    "glorot_uniform": Scaled(1.0, "average", uniform=True),
    "he_normal": Scaled(2.0, "in"),  # He, Zhang, Ren & Sun 2015 (eq-he)
    "he_uniform": Scaled(2.0, "in", uniform=True),
    "normal": Normal(),
    "zeros": Zeros(),
}


def get(initializer: str | Callable) -> Callable[..., np.ndarray]:
    """Return the initialiser with this name, or any callable as it is.

    The names: "scaled_normal" or "lecun_normal" (variance 1/n_{l-1}), "glorot_normal" (2/(n_{l-1} + n_l)), "he_normal"
    (2/n_{l-1}), each except the first also as "…_uniform"; "normal" (0.05²), "zeros". Normal distributions are not
    truncated (Keras truncates them and widens them again to the same variance).

    Raises
    ------
    ValueError, TypeError
        When the name is unknown, or it is neither a name nor callable.
    """
    if isinstance(initializer, str):
        return _BY_NAME[chosen("", "initializer", initializer, _BY_NAME)]
    if not callable(initializer):
        raise TypeError(f"initializer must be a name or a callable; it is {initializer!r}")
    return initializer
