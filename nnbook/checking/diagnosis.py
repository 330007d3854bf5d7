"""Name the mistake behind a wrong gradient: plant every known mistake in turn and see which gives that gradient.

Nothing is guessed from a ratio or a sign. A finding means that the four formulas with this one mistake in this one
place give the numbers that were passed in. Each place is judged by what it was given, so that a wrong δ^L is named
there and not again in the layers below.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..core import penalties
from ..core.checked import bias_gradient
from ..core.costs import Cost
from ..core.network import Network
from ..core.validation import number
from .findings import Diagnosis, Finding
from .mistakes import ZOO
from .planting import Case, plant
from .readings import readings

__all__ = ["ZOO", "Diagnosis", "Finding", "diagnose", "plant"]

_UNKNOWN = 3  # cost of an unexplained array, in mistakes: three mistakes that explain it are still preferred
_KEPT = 24  # explanations carried from one layer to the next


def diagnose(
    grads: Any,
    net: Network,
    X: ArrayLike,
    T: ArrayLike,
    cost: Cost,
    penalty: penalties.ByLayerOrOne = None,
    *,
    tolerance: float | None = None,
    verbose: bool = True,
) -> Diagnosis:
    """Name the mistakes in a gradient: each one is confirmed by making it and getting the same numbers.

    Parameters
    ----------
    grads : Gradients, or anything with W[l] and b[l] (and delta[l], if present), or array (P,)
        The gradient to diagnose; a wrong shape is a finding. With the deltas the diagnosis is more precise.
    net, X, T, cost
        As for `backprop`.
    penalty : Penalty, or a dict of them by layer, optional
        With one, the gradient is that of J, the mean over the samples plus the penalty; without, that of C_T, the sum.
    tolerance : float, optional
        Relative error up to which two arrays count as equal; by default 1e-7, or 1e-4 where float32 is involved.
    verbose : bool
        Print the diagnosis.

    Returns
    -------
    Diagnosis
        With no findings when the gradient is right, and with "no known mistake" where none in the zoo explains it.

    Raises
    ------
    ValueError, TypeError
        When an argument is not as described: grads holds no numbers, or X, T do not fit the network.

    Examples
    --------
    >>> import nnbook as nn
    >>> net, x, t = nn.datasets.one_three_two()
    >>> grads = nn.backprop(net, x[None], t[None], nn.SquaredError())
    >>> grads.W[3] = -grads.W[3]
    >>> diagnosis = nn.diagnose(grads, net, x[None], t[None], nn.SquaredError())
    diagnosis
      W[3]: sign flipped
    >>> diagnosis.healthy
    False
    """
    case = Case("diagnose", net, X, T, cost, penalty)
    forms = list(readings(case, grads))
    if tolerance is None:
        single = net.dtype == np.float32 or any(a.dtype == np.float32 for a in forms[0][1].values())
        case.tolerance = 1e-4 if single else 1e-7
    else:
        case.tolerance = number("diagnose", "tolerance", tolerance, above=0, below=1)
    result = Diagnosis(_cheapest(case, forms).findings)
    if verbose:
        print(result)
    return result


def _cheapest(case, forms):
    """Return the cheapest explanation; another order of a flat array is tried when the documented one has none."""
    explanations = []
    for findings, seen in forms:
        for extra, scale_delta, scale in _reductions(case):
            start = _Explanation(findings + extra, None)
            explanations.append(_explain(case, seen, start, scale_delta, scale))
        best = min(explanations, key=_Explanation.price)
        if all(finding.what != "unknown" for finding in best.findings):
            break
    return best


def _reductions(case):
    """Yield (findings, factor on every delta, factor on every gradient): the right ones first."""
    yield [], 1.0, case.scale
    if case.N == 1:
        return
    if case.penalties is not None:
        yield [], 1 / case.N, 1.0  # the deltas of J, with the same gradients
    wrong = ZOO["mean for sum" if case.penalties is None else "sum for mean"]
    for text, factor in wrong.variants(case.step(None, case.scale)):
        yield [Finding("gradients", wrong.name, text)], 1.0, factor


class _Explanation:
    """Findings so far, and the delta that is passed to the layer below."""

    def __init__(self, findings, delta):
        self.findings, self.delta = findings, delta

    def price(self):
        """Fewest mistakes first; among equals the one with the fewest kinds of them."""
        costs = [_UNKNOWN if f.what == "unknown" else 1 for f in self.findings]
        kinds = {f.what for f in self.findings}
        return sum(costs), len(kinds), "delta 1/N" in kinds  # a mean is likelier to be taken of all the gradients


def _explain(case, seen, start, scale_delta, scale):
    """Return the cheapest explanation of the arrays `seen`, keyed ("W", 2) and so on, layer L first."""
    # Arrays of pure rounding error (a dead unit's) are compared on the scale of the whole gradient.
    largest = max((np.abs(a).max(initial=0) for a in seen.values()), default=0)
    case.floor = case.tolerance * 1e-6 * largest
    states = [start]
    for l in range(case.L, 1, -1):
        following = []
        for state in states:
            step = case.delta_step(l, state.delta, scale_delta)
            possible = list(_deltas(case, step, seen, l, scale))
            # A wrong delta must explain W or b as given; only if none does are all three taken to be wrong.
            for likely in (True, False):
                explained = []
                for findings, delta in possible:
                    if likely and findings and not _accounts(case, l, delta, seen, scale):
                        continue
                    wrong = findings + _weights(case, l, delta, seen, scale) + _biases(case, l, delta, seen, scale)
                    explained.append((wrong, delta))
                if any(all(f.what != "unknown" for f in wrong) for wrong, _ in explained):
                    break
            following += [_Explanation(state.findings + wrong, delta) for wrong, delta in explained]
        following.sort(key=_Explanation.price)
        dearest = following[0].price()[0] + 2
        states = [state for state in following if state.price()[0] <= dearest][:_KEPT]
    return states[0]


def _deltas(case, step, seen, l, scale):
    """Yield (findings, delta) for every delta of layer l that may have been computed, the right one first."""
    where = f"delta[{l}]"
    given, notes = seen.get(("delta", l)), []
    if given is not None and given.shape != step.right.shape:
        if given.shape == step.right.T.shape:
            notes, given = [Finding(where, "shape", "looks transposed: one row per sample is needed")], given.T
        else:
            notes = [Finding(where, "shape", f"has shape {given.shape}, needs {step.right.shape}")]
            given = None
    step.fit = _fit_of_delta(case, step, seen, given, scale)
    possible = _distinct(case, step, ("delta", "output delta" if l == case.L else "hidden delta"), where)
    if given is None:
        for findings, delta in possible:
            yield notes + findings, delta
        b = seen.get(("b", l))
        if case.N == 1 and b is not None and b.shape == step.right.shape[1:]:
            yield [*notes, _unknown(where)], b[None] / scale  # with one sample the bias gradient is the delta
        return
    matches = [(findings, delta) for findings, delta in possible if case.same(given, delta)]
    if matches:
        findings, delta = matches[0]
        yield notes + findings, delta
    else:
        yield [*notes, _unknown(where, given, step.right)], given


def _accounts(case, l, delta, seen, scale):
    """Return True when W[l] or b[l] as given comes from this delta by the right formula."""
    W, b = seen.get(("W", l)), seen.get(("b", l))
    if b is not None and case.same(b, scale * bias_gradient(delta)):
        return True
    return W is not None and case.same(W, scale * case.weight(l, delta) + case.penalty_step(l).right)


def _fit_of_delta(case, step, seen, given, scale):
    def fit(base, direction):
        # A factor fitted to a single number always fits, and would explain nothing.
        if base.size < 2:
            return None
        if given is not None:
            return _least_squares(given - base, direction)
        W = seen.get(("W", step.l))
        if W is None or W.shape != case.W[step.l].shape:
            return None
        rest = W - case.penalty_step(step.l).right - scale * case.weight(step.l, base)
        return _least_squares(rest, scale * case.weight(step.l, direction))

    return fit


def _least_squares(rest, direction):
    length = np.vdot(direction, direction)
    return float(np.vdot(direction, rest) / length) if length > 0 else None


def _weights(case, l, delta, seen, scale):
    """Return the findings on W[l]: none, one mistake, one together with a wrong penalty, or an unknown one."""
    given, where = seen.get(("W", l)), f"W[{l}]"
    if given is None:
        return []
    step = case.weight_step(l, delta)
    penalty = case.penalty_step(l)

    def explained(term):
        return lambda value: value.shape == given.shape and case.same(given, scale * value + term)

    if given.shape == step.right.shape:
        if explained(penalty.right)(step.right):
            return []
        penalty.fit = lambda base, direction: (
            _least_squares(given - scale * step.right - base, direction) if direction.size > 2 else None
        )
        if finding := _named(penalty, "penalty", where, lambda term: explained(term)(step.right)):
            return [finding]
    if finding := _named(step, "W", where, explained(penalty.right if given.shape == step.right.shape else 0)):
        return [finding]
    if case.penalties is not None and given.shape == step.right.shape:
        for name in ("penalty missing", "penalty twice", "penalty half", "penalty sign flipped", "penalty 1/N"):
            for text, term in ZOO[name].variants(penalty):
                if finding := _named(step, "W", where, explained(term)):
                    return [finding, Finding(where, name, text)]
    return [_unknown(where, given, scale * step.right + penalty.right)]


def _biases(case, l, delta, seen, scale):
    """Return the findings on b[l]."""
    given, where = seen.get(("b", l)), f"b[{l}]"
    if given is None:
        return []
    step, penalty = case.bias_step(l, delta), case.bias_penalty(l)

    def explained(value, term=penalty):
        return case.same(given, scale * value + term if value.shape == step.right.shape else scale * value)

    if explained(step.right):
        return []
    if given.shape in (step.right[None].shape, step.right[:, None].shape) and case.same(
        given.ravel(), scale * step.right + penalty
    ):
        return [Finding(where, "shape", f"has shape {given.shape}, needs {step.right.shape}")]
    if finding := _named(step, "b", where, explained):
        return [finding]
    if np.any(penalty) and explained(step.right, 0):
        return [Finding(where, "penalty missing", "the penalty's gradient is missing")]
    if not np.any(penalty) and explained(step.right, case.bias_penalty(l, always=True)):
        return [Finding(where, "penalty on b", "the penalty's gradient is added to the biases too")]
    return [_unknown(where, given, scale * step.right + penalty)]


def _distinct(case, step, places, where):
    """Return [(findings, array)]: the right one, then each that a mistake gives, with equal ones merged."""
    found: list[tuple[list[Finding], np.ndarray]] = [([], step.right)]
    for mistake in ZOO.values():
        if mistake.place not in places:
            continue
        for text, value in mistake.variants(step):
            equal = next((i for i, (_, other) in enumerate(found) if case.same(value, other)), None)
            if equal is None:
                found.append(([Finding(where, mistake.name, text)], value))
            elif equal > 0:
                found[equal] = ([_also(found[equal][0][0], mistake.name, text)], found[equal][1])
    if "output delta" in places:  # other mistakes can be combined with t − a in place of a − t
        flipped = Finding(where, "sign flipped", "sign flipped")
        found += [([*findings, flipped], -value) for findings, value in found if findings and flipped not in findings]
    return found


def _named(step, place, where, explains):
    """Return one finding that names every mistake that explains the array, or None."""
    finding = None
    for mistake in ZOO.values():
        if mistake.place != place:
            continue
        for text, value in mistake.variants(step):
            if explains(value):
                new = Finding(where, mistake.name, text)
                finding = new if finding is None else _also(finding, mistake.name, text)
    return finding


def _also(finding, name, text):
    if text not in finding.text:
        finding = replace(finding, text=f"{finding.text}; or {text}")
    return finding if name == finding.what else replace(finding, also=(*finding.also, name))


def _unknown(where, given=None, right=None):
    text = "wrong, but by no known mistake"
    if given is not None and given.shape != right.shape:
        text = f"has shape {given.shape}, needs {right.shape}; no known mistake explains it"
    elif given is not None:
        index = np.unravel_index(np.argmax(np.abs(given - right)), given.shape)
        place = ", ".join(map(str, index))
        text = f"wrong (most at [{place}]: {given[index]:.6g} for {right[index]:.6g}), but by no known mistake"
    return Finding(where, "unknown", text)
