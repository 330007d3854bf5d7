"""Learning-rate schedules: functions of s, the number of steps done, given as an optimiser's learning_rate."""

from __future__ import annotations

import math

from ..core.validation import number, whole


class Schedule:
    """A learning rate as a function: `schedule(s)` is η for the step after s steps, for s = 0, 1, 2 and so on."""

    def __call__(self, s: int) -> float:
        """Return η_s. Raises ValueError or TypeError unless s is a whole number, at least 0."""
        return self._rate(whole(type(self).__name__, "s", s, minimum=0))

    def _rate(self, s):
        raise NotImplementedError

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"


class Constant(Schedule):
    """η_s = η_0: a rate that does not change.

    Parameters
    ----------
    learning_rate : float above 0
        η_0.

    Examples
    --------
    >>> import nnbook as nn
    >>> nn.Constant(0.1)(1000)
    0.1
    """

    def __init__(self, learning_rate: float):
        self.learning_rate = number("Constant", "learning_rate", learning_rate, above=0)

    def _rate(self, s):
        return self.learning_rate


class ExponentialDecay(Schedule):
    """η_s = η_0 γ^(s / k).

    Parameters
    ----------
    initial_learning_rate : float above 0
        η_0.
    decay_steps : int, at least 1
        k, the steps in which the rate falls by the factor γ.
    decay_rate : float above 0, at most 1
        γ.
    staircase : bool
        Round s / k down, which is `StepDecay`.

    Examples
    --------
    >>> import nnbook as nn
    >>> rate = nn.ExponentialDecay(0.8, decay_steps=2, decay_rate=0.25)
    >>> [rate(s) for s in range(3)]
    [0.8, 0.4, 0.2]
    """

    def __init__(self, initial_learning_rate: float, decay_steps: int, decay_rate: float, staircase: bool = False):
        where = type(self).__name__
        self.initial_learning_rate = number(where, "initial_learning_rate", initial_learning_rate, above=0)
        self.decay_steps = whole(where, "decay_steps", decay_steps)
        self.decay_rate = number(where, "decay_rate", decay_rate, above=0, at_most=1)
        self.staircase = bool(staircase)

    def _rate(self, s):
        power = s // self.decay_steps if self.staircase else s / self.decay_steps
        return self.initial_learning_rate * self.decay_rate**power


class StepDecay(ExponentialDecay):
    """η_s = η_0 γ^⌊s / k⌋ (eq-step-decay): the rate is multiplied by γ every k steps.

    Parameters
    ----------
    initial_learning_rate, decay_steps, decay_rate
        η_0, k and γ, as for `ExponentialDecay`.

    Examples
    --------
    >>> import nnbook as nn
    >>> rate = nn.StepDecay(0.8, decay_steps=2, decay_rate=0.25)
    >>> [rate(s) for s in range(3)]
    [0.8, 0.8, 0.2]
    """

    def __init__(self, initial_learning_rate: float, decay_steps: int, decay_rate: float):
        super().__init__(initial_learning_rate, decay_steps, decay_rate, staircase=True)


class CosineDecay(Schedule):
    """η_s = η_0 (α + (1 − α) ½ (1 + cos(π s / k))) up to step k, and α η_0 from there (Loshchilov & Hutter 2017).

    Parameters
    ----------
    initial_learning_rate : float above 0
        η_0.
    decay_steps : int, at least 1
        k.
    alpha : float in [0, 1]
        α, the fraction of η_0 that is left at the end.

    Examples
    --------
    >>> import nnbook as nn
    >>> rate = nn.CosineDecay(0.8, decay_steps=4)
    >>> [round(rate(s), 6) for s in (0, 2, 4)]
    [0.8, 0.4, 0.0]
    """

    def __init__(self, initial_learning_rate: float, decay_steps: int, alpha: float = 0.0):
        self.initial_learning_rate = number("CosineDecay", "initial_learning_rate", initial_learning_rate, above=0)
        self.decay_steps = whole("CosineDecay", "decay_steps", decay_steps)
        self.alpha = number("CosineDecay", "alpha", alpha, at_least=0, at_most=1)

    def _rate(self, s):
        wave = 0.5 * (1 + math.cos(math.pi * min(s, self.decay_steps) / self.decay_steps))
        return self.initial_learning_rate * (self.alpha + (1 - self.alpha) * wave)
