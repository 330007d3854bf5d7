"""Optimisers: turn a gradient into a step. Each rule exists once, for single calls and for the training loop.

An optimiser object holds no state. `state = opt.init(params)` makes it and
`params, state = opt.update(params, gradients, state)` returns new ones; with `out=params` the same rule overwrites
params and the arrays of the state, with bitwise the same result. Names, parameters and defaults are those of Keras 3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ..core.validation import chosen, finite, floats, instance, number, same_shape, whole

_BLOCK = 2**17  # entries updated at a time, so that all arrays of a rule stay in cache
# Adding and subtracting this rounds to 0 whatever would become denormal, and leaves larger numbers unchanged. It is
# done every so many steps, too few for even a state that halves at each step to get from here to the denormals.
_NOTHING, _FLUSH_EVERY = {"f": 1e-25, "d": 1e-280}, 16


class SGDState(NamedTuple):
    """State of `SGD`.

    Attributes
    ----------
    t : int
        Steps done.
    velocity : array or None
        v, with momentum (eq-momentum).
    """

    t: int
    velocity: np.ndarray | None


class AdagradState(NamedTuple):
    """State of `Adagrad`.

    Attributes
    ----------
    t : int
        Steps done.
    accumulator : array
        G, the sum of the squared gradients (eq-adagrad).
    """

    t: int
    accumulator: np.ndarray


class RMSpropState(NamedTuple):
    """State of `RMSprop`.

    Attributes
    ----------
    t : int
        Steps done.
    v : array
        The running mean of the squared gradients (eq-rmsprop).
    velocity, mean : array or None
        The velocity, with momentum; the running mean of the gradients, when centered.
    """

    t: int
    v: np.ndarray
    velocity: np.ndarray | None
    mean: np.ndarray | None


class AdamState(NamedTuple):
    """State of `Adam`.

    Attributes
    ----------
    t : int
        Steps done.
    m, v : arrays
        The running means of the gradients and of their squares (eq-adam).
    v_hat : array or None
        The largest v so far, entry by entry, with amsgrad.
    """

    t: int
    m: np.ndarray
    v: np.ndarray
    v_hat: np.ndarray | None


State = SGDState | AdagradState | RMSpropState | AdamState
Rate = float | Callable[[int], float]


class Optimizer:
    """A rule for the next step.

    Parameters
    ----------
    learning_rate : float above 0, or a schedule
        η; a schedule is called with the number of steps done before this one (see `schedules`).
    """

    def __init__(self, learning_rate: Rate):
        if not callable(learning_rate):
            learning_rate = number(type(self).__name__, "learning_rate", learning_rate, above=0)
        self.learning_rate = learning_rate

    def init(self, params: ArrayLike) -> Any:
        """Return the state before the first step, for `params`, an array of parameters of any shape."""
        return self._state(floats(f"{type(self).__name__}.init", "params", params))

    def update(
        self,
        params: np.ndarray,
        gradients: np.ndarray,
        state: Any,
        *,
        learning_rate: Rate | None = None,
        scale: float = 1.0,
        out: np.ndarray | None = None,
    ) -> tuple[np.ndarray, Any]:
        """Return the parameters and the state after one step.

        Parameters
        ----------
        params, gradients : arrays of one shape
            The parameters, and the gradient there. They are not changed.
        state : as `init` or the last `update` returned it
            The optimiser's state; not changed.
        learning_rate : float, optional
            Replaces the optimiser's own.
        scale : float
            The gradient is multiplied by it first: 1/B turns a sum into a mean.
        out : array, optional
            `params` itself: params, the arrays of the state and gradients are then overwritten, and nothing is checked
            again.

        Raises
        ------
        ValueError, TypeError
            When shapes disagree or an entry is not a finite number.

        Examples
        --------
        >>> import numpy as np, nnbook as nn
        >>> opt, params = nn.SGD(learning_rate=0.1), np.array([1.0, -2.0])
        >>> params, state = opt.update(params, np.array([5.0, 0.0]), opt.init(params))
        >>> params, state.t
        (array([ 0.5, -2. ]), 1)
        """
        if out is None:
            params, gradients, state = self._checked(params, gradients, state, scale)
        elif out is not params or not params.flags.c_contiguous:
            raise ValueError(f"{type(self).__name__}.update: out must be params itself, in C order")
        rate = self._rate_of_step(learning_rate, state[0])
        t, *memory = state
        t += 1
        if scale != 1:
            gradients *= scale
        if params.size <= _BLOCK:
            self._rule(params, gradients, *memory, rate, t)
        else:
            p, g = params.reshape(-1), gradients.reshape(-1)
            flat = [None if x is None else x.reshape(-1) for x in memory]
            for start in range(0, p.size, _BLOCK):
                part = slice(start, start + _BLOCK)
                self._rule(p[part], g[part], *(None if x is None else x[part] for x in flat), rate, t)
        return params, type(state)(t, *memory)

    def _rate_of_step(self, given, t):
        """Return η: the one given for this step, or the optimiser's own, which a schedule may change at every step."""
        rate = self.learning_rate if given is None else given
        if given is None and callable(rate):
            rate = rate(t)
        if rate is not self.learning_rate:
            rate = number(f"{type(self).__name__}.update", "learning_rate", rate, at_least=0)
        return rate

    def _checked(self, params, gradients, state, scale):
        """Return copies, which may be overwritten, once all arguments have been checked."""
        where = f"{type(self).__name__}.update"
        params, gradients = floats(where, "params", params), floats(where, "gradients", gradients)
        same_shape(where, "gradients", gradients, "params", params)
        finite(where, "params", params)
        finite(where, "gradients", gradients)
        check_state(where, self._state(params), state)
        number(where, "scale", scale)
        return params.copy(), gradients.copy(), state._make(x.copy() if isinstance(x, np.ndarray) else x for x in state)

    def _rule(self, p, g, *memory_rate_t):
        """Change p and the state in place by one step; g may be overwritten."""
        raise NotImplementedError

    def _state(self, params):
        raise NotImplementedError

    def __repr__(self):
        options = {name: getattr(value, "__qualname__", repr(value)) for name, value in vars(self).items()}
        return f"{type(self).__name__}({', '.join(f'{name}={value}' for name, value in options.items())})"


class SGD(Optimizer):
    """Gradient descent: θ_{s+1} = θ_s − η g (eq-gradient-descent), optionally with momentum.

    With momentum μ (Polyak 1964; eq-momentum): velocity ← μ velocity − η g, θ ← θ + velocity. With nesterov as well
    (eq-nesterov; Sutskever et al. 2013): θ ← θ + μ velocity − η g with the new velocity.

    Parameters
    ----------
    learning_rate : float above 0, or a schedule
        η.
    momentum : float in [0, 1)
        μ; 0 is plain gradient descent.
    nesterov : bool
        Look ahead; it makes a difference only with momentum above 0.

    Examples
    --------
    >>> import numpy as np, nnbook as nn
    >>> opt, p = nn.SGD(learning_rate=0.1, momentum=0.9), np.array([1.0])
    >>> state = opt.init(p)
    >>> for _ in range(2):
    ...     p, state = opt.update(p, np.array([1.0]), state)
    >>> p, state.velocity
    (array([0.71]), array([-0.19]))
    """

    def __init__(self, learning_rate: Rate = 0.01, momentum: float = 0.0, nesterov: bool = False):
        super().__init__(learning_rate)
        self.momentum = number("SGD", "momentum", momentum, at_least=0, below=1)
        self.nesterov = bool(nesterov)

    def _state(self, params):
        return SGDState(0, np.zeros_like(params) if self.momentum else None)

    def _rule(self, p, g, velocity, rate, t):
        step = np.multiply(g, rate, out=g)
        if velocity is None:
            p -= step
            return
        velocity *= self.momentum
        velocity -= step
        _flush(velocity, t)
        if self.nesterov:
            p -= step
            p += self.momentum * velocity
        else:
            p += velocity


class Adagrad(Optimizer):
    """accumulator ← accumulator + g², θ ← θ − η g / √(accumulator + ε) (eq-adagrad; Duchi, Hazan & Singer 2011).

    Parameters
    ----------
    learning_rate : float above 0, or a schedule
        η.
    initial_accumulator_value : float, at least 0
        Where the accumulator starts.
    epsilon : float above 0
        ε.

    Examples
    --------
    >>> import numpy as np, nnbook as nn
    >>> opt, p = nn.Adagrad(learning_rate=0.5, initial_accumulator_value=0.0), np.array([1.0])
    >>> opt.update(p, np.array([4.0]), opt.init(p))[0].round(6)
    array([0.5])
    """

    def __init__(self, learning_rate: Rate = 0.001, initial_accumulator_value: float = 0.1, epsilon: float = 1e-7):
        super().__init__(learning_rate)
        self.initial_accumulator_value = number(
            "Adagrad", "initial_accumulator_value", initial_accumulator_value, at_least=0
        )
        self.epsilon = number("Adagrad", "epsilon", epsilon, above=0)

    def _state(self, params):
        return AdagradState(0, np.full_like(params, self.initial_accumulator_value))

    def _rule(self, p, g, accumulator, rate, t):
        accumulator += g * g
        p -= rate * (g / np.sqrt(accumulator + self.epsilon))


class RMSprop(Optimizer):
    """v ← ρ v + (1 − ρ) g², θ ← θ − η g / √(v + ε) (eq-rmsprop; Tieleman & Hinton 2012).

    Parameters
    ----------
    learning_rate : float above 0, or a schedule
        η.
    rho : float in [0, 1)
        ρ, the decay rate of the mean square.
    momentum : float in [0, 1)
        When above 0: velocity ← momentum · velocity + the step above, θ ← θ − velocity.
    epsilon : float above 0
        ε.
    centered : bool
        Divide by √(v − mean² + ε), where mean ← ρ mean + (1 − ρ) g.

    Examples
    --------
    >>> import numpy as np, nnbook as nn
    >>> opt, p = nn.RMSprop(learning_rate=0.1, rho=0.75), np.array([1.0])
    >>> opt.update(p, np.array([4.0]), opt.init(p))[0].round(6)
    array([0.8])
    """

    def __init__(
        self,
        learning_rate: Rate = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
    ):
        super().__init__(learning_rate)
        self.rho = number("RMSprop", "rho", rho, at_least=0, below=1)
        self.momentum = number("RMSprop", "momentum", momentum, at_least=0, below=1)
        self.epsilon = number("RMSprop", "epsilon", epsilon, above=0)
        self.centered = bool(centered)

    def _state(self, params):
        velocity = np.zeros_like(params) if self.momentum else None
        return RMSpropState(0, np.zeros_like(params), velocity, np.zeros_like(params) if self.centered else None)

    def _rule(self, p, g, v, velocity, mean, rate, t):
        _average(v, g * g, self.rho, t)
        spread = v + self.epsilon
        if mean is not None:
            _average(mean, g.copy(), self.rho, t)
            spread -= mean * mean
        step = rate * (g / np.sqrt(spread))
        if velocity is not None:
            velocity *= self.momentum
            velocity += step
            _flush(velocity, t)
            step = velocity
        p -= step


class Adam(Optimizer):
    """Running means of the gradient and of its square, corrected for their start at 0 (Kingma & Ba 2015).

    m ← β₁ m + (1 − β₁) g and v ← β₂ v + (1 − β₂) g²; m̂ = m / (1 − β₁^t) and v̂ = v / (1 − β₂^t)
    (eq-adam-bias-correction); θ ← θ − η m̂ / (√v̂ + ε) (eq-adam). v is uncentred: it is not a variance.

    Keras adds its ε to √v before the correction, which differs from the paper by less than ε.

    Parameters
    ----------
    learning_rate : float above 0, or a schedule
        η.
    beta_1, beta_2 : float in [0, 1)
        Decay rates of m and v.
    epsilon : float above 0
        ε.
    amsgrad : bool
        Use the largest v so far in place of v, before the bias correction (Reddi, Kale & Kumar 2018).

    Examples
    --------
    >>> import numpy as np, nnbook as nn
    >>> opt, p = nn.Adam(learning_rate=0.1), np.array([1.0])
    >>> opt.update(p, np.array([4.0]), opt.init(p))[0].round(6)
    array([0.9])
    """

    def __init__(
        self,
        learning_rate: Rate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
    ):
        super().__init__(learning_rate)
        where = type(self).__name__
        self.beta_1 = number(where, "beta_1", beta_1, at_least=0, below=1)
        self.beta_2 = number(where, "beta_2", beta_2, at_least=0, below=1)
        self.epsilon = number(where, "epsilon", epsilon, above=0)
        self.amsgrad = bool(amsgrad)

    def _state(self, params):
        v_hat = np.zeros_like(params) if self.amsgrad else None
        return AdamState(0, np.zeros_like(params), np.zeros_like(params), v_hat)

    def _rule(self, p, g, m, v, v_hat, rate, t):
        _average(v, g * g, self.beta_2, t)
        _average(m, g, self.beta_1, t)
        largest = v if v_hat is None else np.maximum(v_hat, v, out=v_hat)
        spread = np.divide(largest, 1 - self.beta_2**t, out=g)
        spread = np.sqrt(spread, out=g)
        spread += self.epsilon
        step = m * (rate / (1 - self.beta_1**t))  # η m̂
        step /= spread
        p -= step


class AdamW(Adam):
    """Adam with decoupled weight decay: θ ← θ − η λ θ, then Adam's step (Loshchilov & Hutter 2019).

    An L2 penalty in the cost is not the same: Adam divides its gradient by √v̂ too, so that weights with large gradients
    decay less. Every parameter decays here, biases too.

    Parameters
    ----------
    learning_rate : float above 0, or a schedule
        η.
    weight_decay : float, at least 0
        λ.
    beta_1, beta_2, epsilon, amsgrad
        As for `Adam`.

    Examples
    --------
    >>> import numpy as np, nnbook as nn
    >>> opt, p = nn.AdamW(learning_rate=0.1, weight_decay=0.5), np.array([1.0])
    >>> opt.update(p, np.array([4.0]), opt.init(p))[0].round(6)
    array([0.85])
    """

    def __init__(
        self,
        learning_rate: Rate = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
    ):
        super().__init__(learning_rate, beta_1, beta_2, epsilon, amsgrad)
        self.weight_decay = number("AdamW", "weight_decay", weight_decay, at_least=0)

    def _rule(self, p, g, m, v, v_hat, rate, t):
        p *= 1 - rate * self.weight_decay
        super()._rule(p, g, m, v, v_hat, rate, t)


_BY_NAME = {kind.__name__.lower(): kind for kind in (SGD, Adagrad, RMSprop, Adam, AdamW)}


def get(optimizer: str | Optimizer) -> Optimizer:
    """Return the optimiser, or one with Keras's defaults for its name: "sgd", "adagrad", "rmsprop", "adam", "adamw"."""
    if isinstance(optimizer, str):
        return _BY_NAME[chosen("", "optimizer", optimizer, _BY_NAME)]()
    return instance("", "optimizer", optimizer, Optimizer, "an Optimizer or a name")


def _average(mean, new, keep, t):
    """mean ← keep · mean + (1 − keep) · new, in place; new is overwritten."""
    mean *= keep
    new *= 1 - keep
    mean += new
    _flush(mean, t)


def _flush(x, t):
    # Numbers that only ever shrink become denormal, and processors are many times slower with those.
    nothing = _NOTHING.get(x.dtype.char)
    if nothing and t % _FLUSH_EVERY == 0:
        x += nothing
        x -= nothing


def check_state(where: str, wanted: State, state: Any) -> None:
    """Raise TypeError or ValueError unless `state` has the type of `wanted`, with finite arrays like those in it."""
    if type(state) is not type(wanted):
        raise TypeError(f"{where}: state must be what init returned, a {type(wanted).__name__}; it is {state!r:.60}")
    whole(where, "state.t", state.t, minimum=0)
    for name, w, given in zip(wanted._fields[1:], wanted[1:], state[1:], strict=True):
        if w is None and given is None:
            continue
        if w is None or not isinstance(given, np.ndarray | np.floating):
            kind = "None" if w is None else f"an array of {w.dtype}"
            raise TypeError(f"{where}: state.{name} must be {kind}; it is {given!r:.60}")
        if w.shape != given.shape or w.dtype != given.dtype:
            raise ValueError(
                f"{where}: state.{name} needs shape {w.shape} and dtype {w.dtype}; "
                f"it has shape {given.shape} and dtype {given.dtype}"
            )
        finite(where, f"state.{name}", np.asarray(given))
        if name in ("v", "v_hat", "accumulator") and np.min(given, initial=0) < 0:
            raise ValueError(f"{where}: state.{name} must be at least 0; it contains {np.min(given)}")
