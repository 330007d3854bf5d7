"""Compare gradients with numerical ones, entry by entry or along random directions, and say whether they agree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..core import penalties
from ..core.network import Gradients, backprop, checked_network, samples
from ..core.passes import Pass
from ..core.validation import finite, floats, generator, number, whole
from .numerical import STEPS, numerical_gradient

# Measured: central differences err by about 1e-10 in norm, the complex step by about 1e-16.
_EPSILON = np.finfo(np.float64).eps
TOLERANCES = {"forward": 1e-5, "central": 1e-8, "complex": 1e-13}


def relative_error(g, reference) -> float:
    """Return ‖g − ĝ‖ / max(‖g‖, ‖ĝ‖), and 0 where both are 0 (eq-relative-error).

    Parameters
    ----------
    g, reference : arrays of one shape
        The gradient and what it is compared with.

    Returns
    -------
    float
        From 0 (equal) to 2 (opposite). 1 means that one of them is 0, or that they are as far apart as they are long.
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
    """One line of a gradient check: a parameter array or a direction, and how far the two gradients are apart.

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
    """

    def __init__(self, comparisons, tolerance, method):
        self.comparisons, self.tolerance, self.method = comparisons, tolerance, method

    @property
    def worst(self) -> Comparison:
        """The comparison with the largest relative error."""
        return max(self.comparisons, key=lambda c: c.error)

    @property
    def passed(self) -> bool:
        """True when every relative error is within the tolerance."""
        return all(c.error <= self.tolerance for c in self.comparisons)

    def raise_if_failed(self) -> None:
        """Raise AssertionError with the whole report unless the check passed."""
        if not self.passed:
            raise AssertionError(str(self))

    def __str__(self):
        lines = [f"gradient check ({self.method} differences, tolerance {self.tolerance:.0e})"]
        if self.method == "complex":
            lines = [f"gradient check (complex step, tolerance {self.tolerance:.0e})"]
        width = max(len(c.name) for c in self.comparisons)
        for c in self.comparisons:
            # An error within the tolerance is rounding, which differs by machine; its size is no result.
            if c.error <= self.tolerance:
                lines.append(f"  {c.name:{width}}  agrees")
            else:
                lines.append(f"  {c.name:{width}}  DIFFERS  relative error {c.error:.2g}{c.detail}")
        lines.append("passed" if self.passed else "FAILED")
        return "\n".join(lines)

    __repr__ = __str__


def check_gradients(
    net,
    X,
    T,
    cost,
    gradients=None,
    penalty=None,
    *,
    method="central",
    h=None,
    tolerance=None,
    directions=None,
    rng=None,
    training=False,
    masks=None,
    verbose=True,
) -> GradientCheck:
    """Compare the gradient of the total cost C_T with numerical differentiation, and print the outcome.

    With a penalty it is the gradient of J = C_T / N + penalty that is compared.

    The check works on float64 copies; the network, X and T stay as they were.

    Parameters
    ----------
    net : Network
        The network, P parameters.
    X, T : arrays (N, n_1) and (N, n_L)
        Inputs and targets.
    cost : Cost
        The cost of one sample.
    gradients : Gradients, or anything with W[l] and b[l], or array (P,), optional
        What to check; the package's own `backprop` unless given.
    penalty : Penalty, or a dict of them by layer, optional
        What J adds to the mean cost; the gradients that are checked must then be those of J.
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
        As in `Network.forward`: check the pass that training makes, with the masks of dropout held.
    verbose : bool
        Print the report.

    Returns
    -------
    GradientCheck

    Raises
    ------
    ValueError, TypeError
        When an argument is not as described; a gradient of the wrong shape is one that is named.
    """
    if method not in STEPS:
        raise ValueError(f"check_gradients: method must be one of {', '.join(STEPS)}; it is {method!r}")
    h = h if h is None else number("check_gradients", "h", h, above=0)
    tolerance = TOLERANCES[method] if tolerance is None else number("check_gradients", "tolerance", tolerance, above=0)
    exact = checked_network("check_gradients", net).astype("float64")
    X, T = samples("check_gradients", exact, X, T, cost)
    if training and masks is None and any(net.dropout.values()):
        raise ValueError("check_gradients: dropout can be checked with its masks held: give masks, as trace.masks has")
    penalties_by_layer = penalties.by_layer("check_gradients", penalty, net.W)
    share = 1.0 if penalty is None else 1 / len(X)
    if gradients is None:
        own = backprop(exact, X, T, cost, training=training, masks=masks)
        own.parameters *= share
        for part, w, dw in penalties.penalised(penalties_by_layer, exact.W, exact.b, own.W, own.b):
            dw += part.gradient(w)
        given = own.parameters
    else:
        given = flat_gradients("check_gradients", net, gradients)
    masks = exact._noise("check_gradients", X, training, None, masks)[1]

    objective = _objective(exact, X, T, cost, penalty, training, masks)
    # J is known to a relative ε, so a difference quotient knows an entry of the gradient to ε |J| / h and no better.
    step = STEPS[method] if h is None else h
    noise = 0.0 if method == "complex" else _EPSILON * abs(float(objective(exact.parameters[None])[0])) / step
    # A whole gradient of this length is 0: outputs equal targets up to rounding, and to what the quotient leaves out.
    nothing = max(_EPSILON, {"forward": step, "central": step**2, "complex": 0.0}[method]) * np.linalg.norm(T)
    if directions is None:
        numerical = numerical_gradient(objective, exact.parameters, method=method, h=h, vectorized=True)
        comparisons = list(_by_array(exact, given, numerical, training, noise, nothing))
    else:
        directions = whole("check_gradients", "directions", directions)
        rng = generator("check_gradients", rng)
        comparisons = []
        for i in range(directions):
            v = rng.standard_normal(given.size)
            v /= np.linalg.norm(v)

            def along(s, v=v):
                return objective((exact.parameters + s * v)[None])

            slope = numerical_gradient(along, 0.0, method=method, h=h)
            # A direction may lie almost level, so its error is measured against the length of the gradient.
            scale = max(abs(slope), np.linalg.norm(given) / np.sqrt(given.size))
            error = max(0.0, abs(slope - given @ v) - noise) / scale if scale > nothing else 0.0
            detail = f": given {given @ v:.4g}, numerical {slope:.4g}"
            comparisons.append(Comparison(f"direction {i + 1}", float(error), detail))
    check = GradientCheck(comparisons, tolerance, method)
    if verbose:
        print(check)
    return check


def numerical_gradients(
    net, X, T, cost, *, penalty=None, method="central", h=None, training=False, masks=None
) -> np.ndarray:
    """Return the gradient of C_T, or of J = C_T / N + penalty, by numerical differentiation.

    All costs of perturbed networks are evaluated at once, or as many as fit into a few megabytes.

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
    """
    where = "numerical_gradients"
    exact = net if checked_network(where, net).dtype == np.float64 else net.astype("float64")
    X, T = samples(where, exact, X, T, cost)
    masks = exact._noise(where, X, training, None, masks)[1] if masks is not None else None
    if training and masks is None and any(net.dropout.values()):
        raise ValueError(f"{where}: dropout can be differentiated with its masks held: give masks, as trace.masks has")
    objective = _objective(exact, X, T, cost, penalty, training, masks)
    return numerical_gradient(objective, exact.parameters, method=method, h=h, vectorized=True)


def _objective(net, X, T, cost, penalty, training, masks):
    """Return a function of a stack of parameters (K, P) that gives C_T, or J where there is a penalty, K numbers."""
    penalties_by_layer = penalties.by_layer("check_gradients", penalty, net.W)

    def several(stack):
        work = Pass(net, (len(stack), len(X)), dtype=stack.dtype, parameters=stack)
        work.forward(X, training, None, masks)
        values = cost._from_z(work.last.y, np.broadcast_to(T, work.last.y.shape), work.last.f).sum(axis=-1)
        if penalty is not None:
            of_rows = (penalties.total(penalties_by_layer, *net._views(row)[:2]) for row in stack)
            values = values / len(X) + np.array(list(of_rows))
        return values

    # As many rows at a time as keep the arrays of a pass at a few megabytes.
    room = max(1, 2**19 // (net.parameter_count + len(X) * sum(net.sizes.values())))
    return lambda stack: np.concatenate([several(stack[i : i + room]) for i in range(0, len(stack), room)])


def flat_gradients(where, net, gradients):
    """Return gradients in any of the accepted forms as one float64 array (P,) in the order of `net.parameters`."""
    if isinstance(gradients, Gradients) and gradients.parameters.shape == net.parameters.shape:
        parts = None
        flat = gradients.parameters
    elif hasattr(gradients, "W") and hasattr(gradients, "b"):
        parts = []
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


def _by_array(net, given, numerical, training, noise, nothing):
    whole_gradient = np.linalg.norm(numerical)
    for name, given_arrays, numerical_arrays in zip(
        ("W", "b", "gamma", "beta"), net._views(given), net._views(numerical)
    ):
        for l in given_arrays:
            g, n = given_arrays[l], numerical_arrays[l]
            index = np.unravel_index(np.argmax(np.abs(g - n)), g.shape)
            place = ", ".join(map(str, index))
            detail = f", most at [{place}]: given {g[index]:.4g}, numerical {n[index]:.4g}"
            larger = max(np.linalg.norm(g), np.linalg.norm(n))
            # Sums round to a relative ε as well, so no entry is known better than to a few ε of the whole gradient.
            gap = (noise + 16 * _EPSILON * whole_gradient) * np.sqrt(g.size)
            error = 0.0 if max(whole_gradient, larger) <= nothing else relative_error(g, n)
            if error:
                error = max(0.0, error - gap / larger)
            if training and name == "b" and l in net.batch_norm and whole_gradient > 0:
                # Normalisation takes a bias away again: both sides are rounding around 0, small beside the rest or not.
                error = float(np.linalg.norm(g - n) / whole_gradient)
            yield Comparison(f"{name}[{l}]", error, detail)
