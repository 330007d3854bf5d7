"""Compare gradients with numerical ones, entry by entry or along random directions, and say whether they agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..core import penalties
from ..core.costs import Cost
from ..core.dropout import Rng, noise
from ..core.network import Network
from ..core.passes import Pass
from ..core.propagation import backprop, checked_network, samples
from ..core.trace import Gradients
from ..core.validation import chosen, finite, floats, generator, number, whole
from .numerical import STEPS, numerical_gradient

# Measured: central differences err by about 1e-10 in norm, the complex step by about 1e-16.
_EPSILON = np.finfo(np.float64).eps
TOLERANCES = {"forward": 1e-5, "central": 1e-8, "complex": 1e-13}


def relative_error(g: ArrayLike, reference: ArrayLike) -> float:
    """Return ‖g − ĝ‖ / max(‖g‖, ‖ĝ‖), and 0 where both are 0 (eq-relative-error).

    Parameters
    ----------
    g, reference : arrays of one shape
        The gradient and what it is compared with.

    Returns
    -------
    float
        From 0 (equal) to 2 (opposite). 1 means that one of them is 0, or that they differ by the length of the longer.

    Raises
    ------
    ValueError, TypeError
        When shapes disagree, or an entry is not a finite number.

    Examples
    --------
    >>> import nnbook as nn
    >>> nn.relative_error([1.0, 0.0], [0.0, 1.0]) == 2**0.5
    True
    """
    g, reference = floats("relative_error", "g", g), floats("relative_error", "reference", reference)
    if g.shape != reference.shape:
        raise ValueError(f"relative_error: g has shape {g.shape} and reference has shape {reference.shape}")
    finite("relative_error", "g", g), finite("relative_error", "reference", reference)
    # Scaling by the largest entry keeps the squares of tiny or huge numbers from leaving the range of floats.
    scale = max(np.abs(g).max(initial=0), np.abs(reference).max(initial=0))
    if scale == 0:
        return 0.0
    g, reference = g / scale, reference / scale
    return float(np.linalg.norm(g - reference) / max(np.linalg.norm(g), np.linalg.norm(reference)))


@dataclass(frozen=True)
class Comparison:
    """One line of a gradient check: a parameter array or a direction, and how far apart the two gradients are.

    Attributes
    ----------
    name : str
        "W[2]", "b[3]", …
    error : float
        The relative error r (eq-relative-error).
    detail : str
        The entry that differs most, with both numbers.
    """

    name: str
    error: float
    detail: str = ""


class GradientCheck:
    """The outcome of `check_gradients`.

    Attributes
    ----------
    comparisons : list of Comparison
        One for each W[l] and b[l], or one for each direction.
    tolerance : float
        The largest relative error that passes.
    method : str
        How the numerical derivatives were taken: "forward", "central" or "complex".
    at_kinks : int
        How many of these a difference quotient could not give, because the step crossed a kink of an activation or of
        a penalty; the complex step was used there.

    A check is true when it passed, so that `assert nn.check_gradients(…)` works.
    """

    def __init__(self, comparisons: list[Comparison], tolerance: float, method: str, at_kinks: int = 0):
        self.comparisons, self.tolerance, self.method, self.at_kinks = comparisons, tolerance, method, at_kinks

    @property
    def worst(self) -> Comparison:
        """The comparison with the largest relative error."""
        return max(self.comparisons, key=lambda c: c.error)

    @property
    def passed(self) -> bool:
        """True when every relative error is within the tolerance."""
        return all(c.error <= self.tolerance for c in self.comparisons)

    def __bool__(self) -> bool:
        return self.passed

    def raise_if_failed(self) -> None:
        """Raise AssertionError with the whole report unless the check passed."""
        if not self.passed:
            raise AssertionError(str(self))

    def __str__(self) -> str:
        lines = [f"gradient check ({self.method} differences, tolerance {self.tolerance:.0e})"]
        if self.method == "complex":
            lines = [f"gradient check (complex step, tolerance {self.tolerance:.0e})"]
        width = max(len(c.name) for c in self.comparisons)
        for c in self.comparisons:
            # An error within the tolerance is rounding, which differs between machines, so its size is not printed.
            if c.error <= self.tolerance:
                lines.append(f"  {c.name:{width}}  agrees")
            else:
                lines.append(f"  {c.name:{width}}  DIFFERS  relative error {c.error:.2g}{c.detail}")
        if self.at_kinks:
            step = f"{self.at_kinks} step{'s' * (self.at_kinks > 1)}"
            lines.append(f"  {step} crossed a kink: the complex step was taken there")
        lines.append("passed" if self.passed else "FAILED")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return str(self)


def check_gradients(
    net: Network,
    X: ArrayLike,
    T: ArrayLike,
    cost: Cost,
    gradients: Any = None,
    penalty: penalties.ByLayerOrOne = None,
    *,
    method: str = "central",
    h: float | None = None,
    tolerance: float | None = None,
    directions: int | None = None,
    rng: Rng | int | None = None,
    training: bool = False,
    masks: Mapping[int, np.ndarray] | None = None,
    verbose: bool = True,
) -> GradientCheck:
    """Compare the gradient of the total cost C_T with numerical differentiation, and print the outcome.

    With a penalty the gradient of J = C_T / N + penalty is compared.

    The check works on float64 copies; the network, X and T are not changed. Where a step crosses a kink (of a
    ReLU, or of an L1 penalty at w = 0), a difference quotient is not a derivative. The complex step is used there: it
    stays on the side of the kink that the formulas are on. The report says how often.

    Parameters
    ----------
    net : Network
        The network, P parameters.
    X, T : arrays (N, n_1) and (N, n_L)
        Inputs and targets.
    cost : Cost
        The cost of one sample.
    gradients : Gradients, or anything with W[l] and b[l], or array (P,), optional
        The gradient to check; the package's own `backprop` unless given.
    penalty : Penalty, or a dict of them by layer, optional
        What J adds to the mean cost; the gradients to check must then be those of J.
    method : str
        "central", "forward" or "complex".
    h : float, optional
        Step; see `numerical_gradient`.
    tolerance : float, optional
        Largest relative error that passes: 1e-8 for central, 1e-13 for complex, 1e-5 for forward unless given.
    directions : int, optional
        Compare along this many random directions in place of every parameter (eq-directional-check): two evaluations of
        the cost each, for networks too large for 2P. Needs rng.
    rng : numpy Generator or seed, optional
        Draws the directions.
    training, masks
        As in `Network.forward`: check the pass that training makes, with the masks of dropout held fixed.
    verbose : bool
        Print the report.

    Returns
    -------
    GradientCheck

    Raises
    ------
    ValueError, TypeError
        When an argument is not as described; the message names a gradient of the wrong shape.

    Examples
    --------
    >>> import nnbook as nn
    >>> net, x, t = nn.datasets.one_three_two()
    >>> assert nn.check_gradients(net, x[None], t[None], nn.SquaredError())
    gradient check (central differences, tolerance 1e-08)
      W[2]  agrees
      W[3]  agrees
      b[2]  agrees
      b[3]  agrees
    passed
    """
    where = "check_gradients"
    method = chosen(where, "method", method, STEPS) if isinstance(method, str) else method
    if method not in STEPS:
        raise TypeError(f"{where}: method must be one of {', '.join(STEPS)}; it is {method!r}")
    h = STEPS[method] if h is None else number(where, "h", h, above=0)
    tolerance = TOLERANCES[method] if tolerance is None else number(where, "tolerance", tolerance, above=0)
    exact = checked_network(where, net).astype("float64")
    X, T = samples(where, exact, X, T, cost)
    objective = Objective(where, exact, X, T, cost, penalty, training, masks)
    given = objective.gradient() if gradients is None else flat_gradients(where, net, gradients)
    # J has a relative error of ε, so a difference quotient gives an entry of the gradient to within ε |J| / h at best.
    rounding = 0.0 if method == "complex" else _EPSILON * abs(float(objective(exact.parameters[None])[0])) / h
    # A whole gradient of this length counts as 0: outputs equal targets up to rounding and the quotient's truncation.
    nothing = max(_EPSILON, {"forward": h, "central": h**2, "complex": 0.0}[method]) * np.linalg.norm(T)
    if directions is None:
        numerical, crossed = _numerical(objective, exact.parameters, method, h)
        comparisons = list(_by_array(exact, given, numerical, training, rounding, nothing))
        at_kinks = int(crossed.sum())
    else:
        directions = whole(where, "directions", directions)
        rng = generator(where, rng)
        comparisons, at_kinks = [], 0
        for i in range(directions):
            comparison, crossed_here = _along(objective, given, i + 1, rng, method, h, rounding, nothing)
            comparisons.append(comparison)
            at_kinks += crossed_here
    check = GradientCheck(comparisons, tolerance, method, at_kinks)
    if verbose:
        print(check)
    return check


def numerical_gradients(
    net: Network,
    X: ArrayLike,
    T: ArrayLike,
    cost: Cost,
    *,
    penalty: penalties.ByLayerOrOne = None,
    method: str = "central",
    h: float | None = None,
    training: bool = False,
    masks: Mapping[int, np.ndarray] | None = None,
) -> np.ndarray:
    """Return the gradient of C_T, or of J = C_T / N + penalty, by numerical differentiation.

    All costs of perturbed networks are evaluated at once, or as many as fit into a few megabytes. The method is used
    as it is, even at kinks.

    Parameters
    ----------
    net, X, T, cost, penalty, method, h, training, masks
        As for `check_gradients`.

    Returns
    -------
    array (P,) of float64
        In the order of `net.parameters`.

    Raises
    ------
    ValueError
        When dropout is to be differentiated without masks.

    Examples
    --------
    >>> import nnbook as nn
    >>> net, x, t = nn.datasets.one_three_two()
    >>> numerical = nn.numerical_gradients(net, x[None], t[None], nn.SquaredError())
    >>> nn.relative_error(nn.backprop(net, x[None], t[None], nn.SquaredError()).parameters, numerical) < 1e-9
    True
    """
    where = "numerical_gradients"
    exact = net if checked_network(where, net).dtype == np.float64 else net.astype("float64")
    X, T = samples(where, exact, X, T, cost)
    objective = Objective(where, exact, X, T, cost, penalty, training, masks)
    return numerical_gradient(objective, exact.parameters, method=method, h=h, vectorized=True)


class Objective:
    """C_T, or J where there is a penalty, as a function of a stack of parameters (K, P): K numbers.

    Attributes
    ----------
    crossed : list of array of bool
        For each call so far, which of the K points lie beyond a kink, seen from the network's own parameters.
    """

    def __init__(
        self,
        where: str,
        net: Network,
        X: np.ndarray,
        T: np.ndarray,
        cost: Cost,
        penalty: penalties.ByLayerOrOne,
        training: bool,
        masks: Mapping[int, np.ndarray] | None,
    ):
        if training and masks is None and any(net.dropout.values()):
            raise ValueError(f"{where}: masks must be given to differentiate dropout, such as trace.masks")
        self.net, self.X, self.T, self.cost, self.training = net, X, T, cost, training
        self.masks = noise(where, net, X, training, None, masks)[1]
        self.penalty, self.penalties = penalty, penalties.by_layer(where, penalty, net.W)
        # As many rows at a time as keep the arrays of a pass within a few megabytes.
        self.room = max(1, 2**19 // (net.parameter_count + len(X) * sum(net.sizes.values())))
        self.crossed: list[np.ndarray] = []
        self.sides: list[np.ndarray] | None = None
        if any(f.kink for f in net.f.values()) or self._kinked(net.W, net.b):
            self.sides = [side[0] for side in self._evaluate(net.parameters[None])[1]]

    def __call__(self, stack: np.ndarray) -> np.ndarray:
        """Return the objective at each row of the stack."""
        return np.concatenate([self._evaluate(stack[i : i + self.room])[0] for i in range(0, len(stack), self.room)])

    def gradient(self) -> np.ndarray:
        """Return the gradient that the package's own backpropagation gives, (P,)."""
        own = backprop(self.net, self.X, self.T, self.cost, training=self.training, masks=self.masks)
        own.parameters *= 1.0 if self.penalty is None else 1 / len(self.X)
        for part, w, dw in penalties.penalised(self.penalties, self.net.W, self.net.b, own.W, own.b):
            dw += part.gradient(w)
        return own.parameters

    def _evaluate(self, stack):
        """Return the values at a few points, and for everything that has a kink, on which side of it each point is."""
        work = Pass(self.net, (len(stack), len(self.X)), dtype=stack.dtype, parameters=stack, keep=True)
        work.forward(self.X, self.training, None, self.masks)
        y, f = work.last.y, work.last.f
        values = self.cost.unchecked_from_z(y, np.broadcast_to(self.T, y.shape), f).sum(axis=-1)
        sides = [layer.y.real > 0 for layer in work.layers if layer.f.kink]
        if self.penalty is not None:
            parts = [self.net.views(row)[:2] for row in stack]
            values = values / len(self.X) + np.array([penalties.total(self.penalties, W, b) for W, b in parts])
            sides += [np.array([np.sign(w.real) for w in row]) for row in zip(*(self._kinked(*part) for part in parts))]
        apart = [(side != own).any(axis=tuple(range(1, side.ndim))) for side, own in zip(sides, self.sides or ())]
        self.crossed.append(np.any(apart, axis=0) if apart else np.zeros(len(stack), bool))
        return values, sides

    def _kinked(self, W, b):
        """Return the parameters whose penalty has a kink at 0."""
        parts = penalties.penalised(self.penalties, W, b, W, b)
        return [w for penalty, w, _ in parts if penalty.kink]


def _numerical(objective, parameters, method, h):
    """Return the numerical gradient, and for which entries the complex step replaced a step across a kink."""
    objective.crossed.clear()
    numerical = numerical_gradient(objective, parameters, method=method, h=h, vectorized=True)
    if method == "complex":
        return numerical, np.zeros(parameters.shape, bool)
    beyond = np.concatenate(objective.crossed)[-parameters.size * (2 if method == "central" else 1) :]
    crossed = beyond.reshape(-1, parameters.size).any(axis=0)
    if method == "forward":  # its first evaluation is at the parameters themselves, which are on the same side
        crossed = beyond[-parameters.size :]
    for p in np.flatnonzero(crossed):
        point = parameters.astype(complex)
        point[p] += 1j * STEPS["complex"]
        numerical[p] = objective(point[None])[0].imag / STEPS["complex"]
    return numerical, crossed


def _along(objective, given, number_of_it, rng, method, h, rounding, nothing):
    """Return the comparison along one random direction, and whether the step crossed a kink."""
    v = rng.standard_normal(given.size)
    v /= np.linalg.norm(v)

    def value(s):
        return objective((objective.net.parameters + s * v)[None])

    objective.crossed.clear()
    slope = float(numerical_gradient(value, 0.0, method=method, h=h))
    crossed = method != "complex" and bool(np.concatenate(objective.crossed).any())
    if crossed:
        slope = float(numerical_gradient(value, 0.0, method="complex"))
    # The slope along a direction may be almost 0, so its error is relative to the length of the gradient.
    scale = max(abs(slope), np.linalg.norm(given) / np.sqrt(given.size))
    error = max(0.0, abs(slope - given @ v) - rounding) / scale if scale > nothing else 0.0
    detail = f": given {given @ v:.4g}, numerical {slope:.4g}"
    return Comparison(f"direction {number_of_it}", float(error), detail), crossed


def flat_gradients(where: str, net: Network, gradients: Any) -> np.ndarray:
    """Return gradients in any of the accepted forms as one float64 array (P,) in the order of `net.parameters`."""
    if isinstance(gradients, Gradients) and gradients.parameters.shape == net.parameters.shape:
        flat = gradients.parameters
    elif hasattr(gradients, "W") and hasattr(gradients, "b"):
        parts: list[np.ndarray] = []
        for name, given, wanted in (("W", gradients.W, net.W), ("b", gradients.b, net.b)):
            for l in wanted:
                try:
                    part = floats(where, f"gradients.{name}[{l}]", given[l])
                except (KeyError, IndexError):
                    raise ValueError(f"{where}: gradients.{name} needs an entry for layer {l}; it has none") from None
                if part.shape != wanted[l].shape:
                    raise ValueError(
                        f"{where}: gradients.{name}[{l}] needs the shape of net.{name}[{l}], {wanted[l].shape}; "
                        f"it has shape {part.shape}"
                    )
                parts.append(part.ravel())
        flat = np.concatenate(parts)
    else:
        flat = floats(where, "gradients", gradients)
        if flat.shape != net.parameters.shape:
            raise ValueError(f"{where}: gradients must have shape {net.parameters.shape}; it has shape {flat.shape}")
    return finite(where, "gradients", flat).astype(np.float64)


def _by_array(net, given, numerical, training, rounding, nothing):
    whole_gradient = np.linalg.norm(numerical)
    for name, given_arrays, numerical_arrays in zip(
        ("W", "b", "gamma", "beta"), net.views(given), net.views(numerical)
    ):
        for l in given_arrays:
            g, n = given_arrays[l], numerical_arrays[l]
            index = np.unravel_index(np.argmax(np.abs(g - n)), g.shape)
            place = ", ".join(map(str, index))
            detail = f", most at [{place}]: given {g[index]:.4g}, numerical {n[index]:.4g}"
            larger = max(np.linalg.norm(g), np.linalg.norm(n))
            # Sums round with a relative error of ε too, so an entry is accurate to a few ε of the whole gradient.
            gap = (rounding + 16 * _EPSILON * whole_gradient) * np.sqrt(g.size)
            error = 0.0 if max(whole_gradient, larger) <= nothing else relative_error(g, n)
            if error:
                error = max(0.0, error - gap / larger)
            if training and name == "b" and l in net.batch_norm and whole_gradient > 0:
                # Batch normalisation cancels a bias: both sides are rounding errors around 0, on any scale.
                error = float(np.linalg.norm(g - n) / whole_gradient)
            yield Comparison(f"{name}[{l}]", error, detail)
