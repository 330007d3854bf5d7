"""Name the mistake behind a wrong gradient: plant every known mistake in turn and see which gives that gradient.

Nothing is guessed from a ratio or a sign. A finding means that the four formulas with this one mistake in this one
place give the numbers in hand. Each place is judged by what reached it, so that a wrong δ^L is named there and not
again in the layers below.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np

from ..core import activations, penalties
from ..core.bylayer import ByLayer
from ..core.costs import BinaryCrossEntropy, CategoricalCrossEntropy, SquaredError
from ..core.formulas import bias_gradient, hidden_delta, weight_gradient
from ..core.propagation import checked_network, samples
from ..core.trace import Gradients
from ..core.validation import floats, number

_UNKNOWN = 3  # what an unexplained array costs, in mistakes: three mistakes that explain it are still preferred
_KEPT = 24  # explanations carried from one layer to the next


@dataclass(frozen=True)
class Finding:
    """One mistake: where it sits, its name in `ZOO` (or "unknown"), and what to tell the reader.

    Attributes
    ----------
    where : str
        "delta[3]", "W[2]", "b[2]", or "gradients" for all of them.
    what : str
        The mistake's name in `ZOO`, "shape", "not finite", or "unknown".
    text : str
        What is wrong there, in words.
    also : tuple of str
        The names of other mistakes that give the same numbers here; `text` says them too.
    """

    where: str
    what: str
    text: str
    also: tuple[str, ...] = ()

    def __str__(self):
        return f"{self.where}: {self.text}"


class Diagnosis:
    """The outcome of `diagnose`.

    Attributes
    ----------
    findings : list of Finding
        The fewest mistakes that together give the gradient, from the last layer to the first; empty when it is right.
    """

    def __init__(self, findings):
        self.findings = list(findings)

    @property
    def healthy(self) -> bool:
        """True when no mistake was found."""
        return not self.findings

    def __str__(self):
        if self.healthy:
            return "diagnosis: none found"
        places = {}  # one line for the same mistake in several layers
        for finding in self.findings:
            places.setdefault(finding.text, []).append(finding.where)
        return "\n".join(["diagnosis", *(f"  {', '.join(where)}: {text}" for text, where in places.items())])

    def __repr__(self):
        return f"<Diagnosis: {len(self.findings) or 'no'} finding{'s' * (len(self.findings) != 1)}>"


@dataclass(frozen=True)
class Mistake:
    """A mistake that readers make, as an edit of one step of backpropagation.

    Attributes
    ----------
    name : str
        Its key in `ZOO`.
    place : str
        The step it spoils: "delta" (of any layer), "output delta", "hidden delta", "W", "b", "penalty" or "gradients".
    about : str
        One sentence for the reader.
    """

    name: str
    place: str
    about: str
    _make: Callable

    def variants(self, step) -> Iterator[tuple[str, np.ndarray]]:
        """Yield (what to say, the array that this mistake leaves in place of `step.right`)."""
        return self._make(step)

    def __call__(self, net, X, T, cost, penalty=None, **options):
        """Return the gradients of `net` for X, T and `cost` that a program with this mistake computes.

        `penalty` and `options` are as for `plant`.
        """
        return plant(self.name, net, X, T, cost, penalty, **options)


ZOO: dict[str, Mistake] = {}


def _mistake(name, place):
    def enter(make):
        ZOO[name] = Mistake(name, place, make.__doc__, make)
        return make

    return enter


# Every maker is given a step: `right`, the array as it should be; `l`, its layer; `case`, the network with its trace;
# and what the step was computed from: `e` (∂C/∂a^l, which f' multiplies) and `delta_next` for a delta, `delta` for W
# and b. `fit(base, direction)` is the number c for which base + c · direction comes nearest to the array in hand.


@_mistake("sign flipped", "delta")
def _(s):
    """The delta has the wrong sign, as t − a in place of a − t gives it, and everything below it too."""
    yield "sign flipped", -s.right


@_mistake("f' forgotten", "delta")
def _(s):
    """The factor f'(z) is left out."""
    if s.e is not None:
        yield "f' is missing", s.e


@_mistake("f' at a", "delta")
def _(s):
    """f' is evaluated at the activation a, where the formula has the weighted input z."""
    if s.e is not None and s.f.elementwise:
        yield "f' is taken at a in place of z", s.e * s.f.derivative(s.a)


@_mistake("f' formula fed with z", "delta")
def _(s):
    """The shortcut a(1 − a) or 1 − a² is used with z put for a."""
    if s.e is not None and s.f.elementwise:
        yield "the formula for f' in terms of a was given z", s.e * s.f.derivative(s.z, a=s.z)


@_mistake("f for f'", "delta")
def _(s):
    """The delta is multiplied by f(z), where the formula has f'(z)."""
    if s.e is not None and s.f.elementwise:
        yield "multiplied by f(z) in place of f'(z)", s.e * s.a


@_mistake("f' of another activation", "delta")
def _(s):
    """The derivative belongs to another activation function than the forward pass used."""
    if s.e is None or not s.f.elementwise:
        return
    for g in (activations.sigmoid, activations.tanh, activations.relu):
        if g != s.f and not np.all((df := g.derivative(s.z)) == 1):  # all 1 is "f' forgotten"
            yield f"f' is the derivative of {g} in place of {s.f}", s.e * df


@_mistake("f' of another layer", "hidden delta")
def _(s):
    """f' is evaluated at the weighted inputs of the layer after."""
    z = s.case.trace.z[s.l + 1]
    if z.shape == s.z.shape:
        yield f"f' is taken at z[{s.l + 1}] in place of z[{s.l}]", s.e * s.f.derivative(z)


@_mistake("delta factor 2", "delta")
def _(s):
    """The delta is twice too large, as when the ½ of the squared error is forgotten."""
    yield "twice too large", 2 * s.right


@_mistake("delta factor 1/2", "delta")
def _(s):
    """The delta is half of what it should be."""
    yield "half of what it should be", s.right / 2


@_mistake("a − t", "output delta")
def _(s):
    """The output delta is taken to be a − t, which is right for a matched cost and no other."""
    yield "a − t, which belongs to matched costs only", s.scale * (s.a - s.case.T)


@_mistake("delta of another cost", "output delta")
def _(s):
    """The output delta belongs to another cost than the one that is being lowered."""
    for other in (SquaredError(), BinaryCrossEntropy(), CategoricalCrossEntropy()):
        if other == s.case.cost:
            continue
        try:
            delta = other.delta(s.z, s.case.T, s.f)
        except ValueError:  # the targets or activations are outside what the other cost is defined for
            continue
        yield f"the delta of {other.name} in place of {s.case.cost.name}", s.scale * delta


@_mistake("f' twice", "delta")
def _(s):
    """The factor f'(z) is multiplied in twice, as when a matched delta a − t is multiplied by f' again."""
    if s.f.elementwise:
        yield "f' is multiplied in twice", s.right * s.f.derivative(s.z)


@_mistake("softmax taken elementwise", "output delta")
def _(s):
    """Only the diagonal a(1 − a) of the softmax Jacobian is used, as if the outputs were not coupled."""
    if s.e is not None and not s.f.elementwise:
        yield "only the diagonal of softmax's Jacobian is used", s.e * s.a * (1 - s.a)


@_mistake("mean over outputs", "output delta")
def _(s):
    """The cost's sum over the outputs was taken as a mean."""
    yield f"divided by the {s.right.shape[1]} outputs", s.right / s.right.shape[1]


@_mistake("delta 1/N", "output delta")
def _(s):
    """The output delta is divided by the number of samples."""
    yield f"divided by the {s.case.N} samples", s.right / s.case.N


@_mistake("W transposed in the recursion", "hidden delta")
def _(s):
    """The recursion reads the next layer's weights transposed; layers of one size accept that without an error."""
    W = s.case.W[s.l + 1]
    if W.shape[0] == W.shape[1]:
        yield f"W[{s.l + 1}] looks transposed in the recursion", (s.delta_next @ W.T) * s.df


@_mistake("wrong W in the recursion", "hidden delta")
def _(s):
    """The recursion uses the weights of another layer, as W^l for W^{l+1}."""
    for m, W in s.case.W.items():
        if m != s.l + 1 and W.shape == s.case.W[s.l + 1].shape:
            yield f"W[{m}] is used where W[{s.l + 1}] belongs", (s.delta_next @ W) * s.df


@_mistake("updated W in the recursion", "hidden delta")
def _(s):
    """The next layer's weights were updated before the recursion used them."""
    direction = -(s.delta_next @ s.case.weight(s.l + 1, s.delta_next)) * s.df
    eta = s.fit(s.right, direction)
    if eta is not None and eta > 0:
        m = s.l + 1
        yield f"W[{m}] had already been updated (by {eta:.3g} times its gradient)", s.right + eta * direction


@_mistake("W sign flipped", "W")
def _(s):
    """One weight gradient has the wrong sign."""
    yield "sign flipped", -s.right


@_mistake("W transposed", "W")
def _(s):
    """The weight gradient is stored input by output."""
    yield "looks transposed", s.right.T


@_mistake("W transposed in the flat order", "W")
def _(s):
    """The weight gradient is stored input by output and then flattened or reshaped."""
    yield "looks transposed", s.right.T.reshape(s.right.shape)


@_mistake("W factor 2", "W")
def _(s):
    """The weight gradient is twice too large."""
    yield "twice too large", 2 * s.right


@_mistake("W factor 1/2", "W")
def _(s):
    """The weight gradient is half of what it should be."""
    yield "half of what it should be", s.right / 2


@_mistake("W 1/N", "W")
def _(s):
    """One weight gradient is divided by the number of samples and the others are not."""
    yield f"divided by the {s.case.N} samples", s.right / s.case.N


@_mistake("a^l for a^{l-1}", "W")
def _(s):
    """The weight gradient uses the layer's own activations, where the formula has those of the layer before."""
    for m in (s.l, *(m for m in s.case.trace.a if m not in (s.l, s.l - 1))):
        yield f"a[{m}] is used where a[{s.l - 1}] belongs", s.delta.T @ s.case.trace.a[m]


@_mistake("z for a", "W")
def _(s):
    """The weight gradient uses the weighted inputs of the layer before, where the formula has its activations."""
    if s.l > 2:
        yield f"z[{s.l - 1}] is used where a[{s.l - 1}] belongs", s.delta.T @ s.case.trace.z[s.l - 1]


@_mistake("a forgotten", "W")
def _(s):
    """The factor a^{l-1} is left out, so that every column holds the bias gradient."""
    yield f"a[{s.l - 1}] is missing", np.repeat(s.delta.sum(axis=0)[:, None], s.right.shape[1], axis=1)


@_mistake("W not summed", "W")
def _(s):
    """The weight gradient has one matrix for each sample; the sum over the batch is missing."""
    yield "not summed over the batch", s.delta[:, :, None] * s.case.trace.a[s.l - 1][:, None, :]


@_mistake("W of one sample", "W")
def _(s):
    """One sample overwrites the others, as = in place of += in a loop over the batch does."""
    for name, k in (("last", -1), ("first", 0)):
        yield f"only the {name} sample is counted", np.outer(s.delta[k], s.case.trace.a[s.l - 1][k])


@_mistake("W left 0", "W")
def _(s):
    """The weight gradient was never computed."""
    yield "0 throughout", np.zeros_like(s.right)


@_mistake("b sign flipped", "b")
def _(s):
    """One bias gradient has the wrong sign."""
    yield "sign flipped", -s.right


@_mistake("b not summed", "b")
def _(s):
    """The bias gradient has one row for each sample; the sum over the batch is missing."""
    yield "not summed over the batch", s.delta


@_mistake("b of one sample", "b")
def _(s):
    """The bias gradient is one row of delta, where the formula has the sum of them all."""
    for name, k in (("last", -1), ("first", 0)):
        yield f"only the {name} sample is counted", s.delta[k]


@_mistake("b summed over units", "b")
def _(s):
    """The sum runs over the units of each sample, where it should run over the samples of each unit."""
    yield "summed over the units in place of the samples", s.delta.sum(axis=1)
    yield "summed over the units as well as the samples", s.delta.sum(keepdims=True)[0]


@_mistake("b 1/N", "b")
def _(s):
    """The bias gradient is a mean over the batch and the weight gradient a sum."""
    yield f"divided by the {s.case.N} samples", s.right / s.case.N


@_mistake("b factor 2", "b")
def _(s):
    """The bias gradient is twice too large."""
    yield "twice too large", 2 * s.right


@_mistake("b factor 1/2", "b")
def _(s):
    """The bias gradient is half of what it should be."""
    yield "half of what it should be", s.right / 2


@_mistake("b left 0", "b")
def _(s):
    """The bias gradient was never computed."""
    yield "0 throughout", np.zeros_like(s.right)


@_mistake("penalty missing", "penalty")
def _(s):
    """The cost has a penalty and the gradient does not."""
    yield "the penalty's gradient is missing", 0 * s.right


@_mistake("penalty twice", "penalty")
def _(s):
    """The penalty's gradient is doubled: 2λw, which would go with λΣw², while the cost has (λ/2)Σw²."""
    yield "the penalty's gradient is twice what the cost needs", 2 * s.right


@_mistake("penalty half", "penalty")
def _(s):
    """The penalty's gradient is halved: λw, while a cost with λΣw² needs 2λw."""
    yield "the penalty's gradient is half of what the cost needs", s.right / 2


@_mistake("penalty sign flipped", "penalty")
def _(s):
    """The penalty's gradient is subtracted."""
    yield "the penalty's gradient has the wrong sign", -s.right


@_mistake("penalty 1/N", "penalty")
def _(s):
    """The penalty's gradient is divided by the batch size together with the data's."""
    yield f"the penalty's gradient is divided by the {s.case.N} samples", s.right / s.case.N


@_mistake("penalty of another kind", "penalty")
def _(s):
    """The gradient holds a multiple of w or of its sign that the cost does not call for."""
    for symbol, direction in (("w", s.w), ("sign(w)", np.sign(s.w))):
        c = s.fit(np.zeros_like(s.w), direction)
        if c is not None:
            yield f"contains {c:.3g} {symbol}, which the cost does not call for", c * direction


@_mistake("mean for sum", "gradients")
def _(s):
    """All gradients are divided by the number of samples: the gradient of the mean cost, not of the sum."""
    yield f"divided by the {s.case.N} samples: this is the gradient of the mean cost", 1 / s.case.N


@_mistake("sum for mean", "gradients")
def _(s):
    """The data's gradient is not divided by the number of samples, though J, which has a penalty, is a mean."""
    yield f"the data's part is not divided by the {s.case.N} samples, as J needs", 1.0


def plant(name, net, X, T, cost, penalty=None, *, layer=None, learning_rate=0.5):
    """Return the gradients that backpropagation computes when it makes the mistake `name`.

    Parameters
    ----------
    name : str
        A key of `ZOO`.
    net, X, T, cost : Network, array (N, n_1), array (N, n_L), Cost
        As for `backprop`.
    penalty : Penalty, or a dict of them by layer, optional
        With one, gradients are those of J: the mean over the samples, plus the penalty.
    layer : int, optional
        The one layer that is wrong. Unless given, a mistake that can be made in the delta of any layer is made in the
        last one possible, and every other mistake wherever it can be made.
    learning_rate : float
        How far "updated W in the recursion" has gone.

    Returns
    -------
    Gradients
        Or, when the mistake changes the shape of an array, an object with the same delta, W, b and cost.

    Raises
    ------
    ValueError
        When there is no such mistake, or it cannot be made on this network: the sizes do not allow it, or it changes
        nothing.
    """
    if name not in ZOO:
        raise ValueError(f"plant: name must be one of {', '.join(map(repr, ZOO))}; it is {name!r}")
    mistake, case = ZOO[name], _Case("plant", net, X, T, cost, penalty)
    rate = number("plant", "learning_rate", learning_rate, above=0)
    planted, once = False, mistake.place == "delta"

    def spoil(place, step):
        nonlocal planted
        if mistake.place not in place or (step.l != layer if layer is not None else planted and once):
            return step.right
        step.fit = lambda base, direction: rate
        for _, value in mistake.variants(step):
            if not np.array_equal(value, step.right):
                planted = True
                return value
        return step.right

    if mistake.place == "penalty" and penalty is None and name != "penalty of another kind":
        raise ValueError(f"plant: {name!r} needs a penalty")
    scale = spoil(("gradients",), SimpleNamespace(case=case, right=case.scale, l=None))
    delta, W, b = {}, {}, {}
    for l in range(case.L, 1, -1):
        step = case.delta_step(l, delta.get(l + 1))
        delta[l] = spoil(("delta", "output delta" if l == case.L else "hidden delta"), step)
        W[l] = scale * spoil(("W",), case.weight_step(l, delta[l]))
        b[l] = scale * spoil(("b",), case.bias_step(l, delta[l]))
        term = spoil(("penalty",), case.penalty_step(l))
        if W[l].shape == term.shape:
            W[l] = W[l] + term
        if b[l].shape == case.net.b[l].shape:
            b[l] = b[l] + case.bias_penalty(l)
    if not planted:
        raise ValueError(f"plant: {name!r} cannot be made on this network with {case.N} samples, or changes nothing")
    return case.gradients(delta, W, b)


def diagnose(grads, net, X, T, cost, penalty=None, *, tolerance=None, verbose=True) -> Diagnosis:
    """Name the mistakes in a gradient: each one is established by making it and getting the same numbers.

    Parameters
    ----------
    grads : Gradients, or anything with W[l] and b[l] (and delta[l], if there are), or array (P,)
        The gradient in doubt, in any shape: a wrong one is a finding. With the deltas the diagnosis is sharper.
    net : Network
        The network.
    X, T : arrays (N, n_1) and (N, n_L)
        Inputs and targets.
    cost : Cost
        The cost of one sample.
    penalty : Penalty, or a dict of them by layer, optional
        With one, the gradient is that of J, the mean over the samples plus the penalty; without, that of C_T, the sum.
    tolerance : float, optional
        Relative error up to which two arrays are the same: 1e-7, or 1e-4 where float32 is involved, unless given.
    verbose : bool
        Print the diagnosis.

    Returns
    -------
    Diagnosis
        With no findings when the gradient is right, and with "no known mistake" where none of the zoo explains it.

    Raises
    ------
    ValueError, TypeError
        When an argument is not as described: grads holds no numbers, or X, T do not fit the network.
    """
    case = _Case("diagnose", net, X, T, cost, penalty)
    readings = list(_readings(case, grads))
    if tolerance is None:
        single = net.dtype == np.float32 or any(a.dtype == np.float32 for a in readings[0][1].values())
        case.tolerance = 1e-4 if single else 1e-7
    else:
        case.tolerance = number("diagnose", "tolerance", tolerance, above=0, below=1)
    explanations = []
    for findings, seen in readings:  # another order of a flat array is tried when the documented one makes no sense
        for extra, scale_delta, scale in case.reductions():
            start = _Explanation(findings + extra, None)
            explanations.append(_explain(case, seen, start, scale_delta, scale))
        best = min(explanations, key=_Explanation.price)
        if all(finding.what != "unknown" for finding in best.findings):
            break
    result = Diagnosis(best.findings)
    if verbose:
        print(result)
    return result


class _Case:
    """The network with its trace, in float64, and every step of backpropagation as it should be."""

    def __init__(self, where, net, X, T, cost, penalty):
        if checked_network(where, net).batch_norm:
            raise ValueError(f"{where}: net must be without batch normalisation; it has it in {list(net.batch_norm)}")
        X, T = samples(where, net, X, T, cost)  # in the network's own precision first: that is what it has seen
        self.net, self.cost = net.astype("float64"), cost
        self.penalties = None if penalty is None else penalties.by_layer(where, penalty, net.W)
        self.T = T.astype(np.float64)
        self.trace = self.net.forward(X.astype(np.float64))
        self.W, self.L, self.N = self.net.W, net.L, len(X)
        self.scale = 1.0 if penalty is None else 1 / self.N  # C_T is a sum, J a mean
        self.tolerance = 1e-7
        outer = self.trace.z[self.L]
        self.total = cost.from_z(outer, self.T, self.net.f[self.L]).sum()
        self._output = cost.delta(outer, self.T, self.net.f[self.L])
        try:
            self._dC_da = cost.gradient(self.trace.output, self.T)
        except ValueError:  # infinite where an activation saturates, though the delta is not
            self._dC_da = None

    def _step(self, l, right, **given):
        return SimpleNamespace(case=self, l=l, right=right, **given)

    def delta_step(self, l, delta_next, scale=1.0):
        z, a, f = self.trace.z[l], self.trace.a[l], self.net.f[l]
        df = f.derivative(z) if f.elementwise else None
        if l == self.L:
            e = None if self._dC_da is None else scale * self._dC_da
            return self._step(l, scale * self._output, e=e, z=z, a=a, f=f, df=df, scale=scale)
        right = hidden_delta(delta_next, self.W[l + 1], z, f)
        return self._step(l, right, e=delta_next @ self.W[l + 1], z=z, a=a, f=f, df=df, delta_next=delta_next)

    def weight(self, l, delta):
        return weight_gradient(delta, self.trace.a[l - 1])

    def weight_step(self, l, delta):
        return self._step(l, self.weight(l, delta), delta=delta)

    def bias_step(self, l, delta):
        return self._step(l, bias_gradient(delta), delta=delta)

    def penalty_step(self, l):
        w = self.W[l]
        penalty = (self.penalties or {}).get(l)
        return self._step(l, np.zeros_like(w) if penalty is None else penalty.gradient(w), w=w)

    def bias_penalty(self, l, always=False):
        """Return what the penalty adds to the gradient of b[l]: nothing, as a rule."""
        penalty = (self.penalties or {}).get(l)
        if penalty is None or not (penalty.biases or always):
            return np.zeros_like(self.net.b[l])
        return penalty.gradient(self.net.b[l])

    def reductions(self):
        """Yield (findings, factor on every delta, factor on every gradient): the right ones first."""
        yield [], 1.0, self.scale
        if self.N == 1:
            return
        if self.penalties is not None:
            yield [], 1 / self.N, 1.0  # the deltas of J, with the same gradients
        wrong = ZOO["mean for sum" if self.penalties is None else "sum for mean"]
        for text, factor in wrong.variants(self._step(None, self.scale)):
            yield [Finding("gradients", wrong.name, text)], 1.0, factor

    def gradients(self, delta, W, b):
        net = self.net
        delta = ByLayer("delta", 2, (delta[l] for l in self.W))
        if all(W[l].shape == net.W[l].shape and b[l].shape == net.b[l].shape for l in self.W):
            flat = np.concatenate([part[l].ravel() for part in (W, b) for l in self.W])
            return Gradients(list(net.sizes.values()), flat, delta, self.total)
        W, b = (ByLayer(name, 2, (part[l] for l in self.W)) for name, part in (("W", W), ("b", b)))
        return SimpleNamespace(delta=delta, W=W, b=b, cost=self.total)

    def same(self, array, other):
        if array.shape != other.shape:
            return False
        gap = np.linalg.norm(array - other)
        return bool(gap <= self.tolerance * max(np.linalg.norm(array), np.linalg.norm(other)) + self.floor)


class _Explanation:
    """Findings so far, and the delta that goes on to the layer below."""

    def __init__(self, findings, delta):
        self.findings, self.delta = findings, delta

    def price(self):
        """Fewest mistakes first; among equals the one with the fewest kinds of them."""
        costs = [_UNKNOWN if f.what == "unknown" else 1 for f in self.findings]
        kinds = {f.what for f in self.findings}
        return sum(costs), len(kinds), "delta 1/N" in kinds  # a mean is likelier to be taken of all the gradients


def _explain(case, seen, start, scale_delta, scale):
    """Return the cheapest explanation of the arrays `seen`, keyed ("W", 2) and so on, layer L first."""
    # Arrays of pure rounding (a dead unit's) are compared with what the whole gradient is made of.
    largest = max((np.abs(a).max(initial=0) for a in seen.values()), default=0)
    case.floor = case.tolerance * 1e-6 * largest
    states = [start]
    for l in range(case.L, 1, -1):
        following = []
        for state in states:
            step = case.delta_step(l, state.delta, scale_delta)
            possible = list(_deltas(case, step, seen, l, scale))
            # A wrong delta must account for W or b as it stands; only if none does are all three taken to be wrong.
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
        # One number fitted to one other always fits, and would explain nothing.
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
    """Return [(findings, array)]: the right one, then every other that a mistake makes, equal ones under one name."""
    found = [([], step.right)]
    for mistake in ZOO.values():
        if mistake.place not in places:
            continue
        for text, value in mistake.variants(step):
            equal = next((i for i, (_, other) in enumerate(found) if case.same(value, other)), None)
            if equal is None:
                found.append(([Finding(where, mistake.name, text)], value))
            elif equal > 0:
                found[equal] = ([_also(found[equal][0][0], mistake.name, text)], found[equal][1])
    if "output delta" in places:  # where t − a is written for a − t, other mistakes are made as well
        flipped = Finding(where, "sign flipped", "sign flipped")
        found += [([*findings, flipped], -value) for findings, value in found if findings and flipped not in findings]
    return found


def _named(step, place, where, explains):
    """Return one finding that names every mistake that explains the array in hand, or None."""
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


def _readings(case, grads):
    """Yield (findings, arrays by ("W", l) …) for each way in which `grads` may be meant, the documented one first."""
    if hasattr(grads, "W") and hasattr(grads, "b"):
        yield _arrays(case, grads)
        return
    flat = floats("diagnose", "grads", grads)
    net = case.net
    if flat.shape != net.parameters.shape:
        text = f"the flat gradient has shape {flat.shape}, needs {net.parameters.shape}"
        yield [Finding("gradients", "shape", text)], {}
        return
    if not np.isfinite(flat).all():
        yield [Finding("gradients", "not finite", "they hold NaN or infinite numbers")], {}
        return
    layers = list(net.W)
    orders = {
        "all W, then all b": [("W", l) for l in layers] + [("b", l) for l in layers],
        "W and b layer by layer": [(name, l) for l in layers for name in "Wb"],
        "b and W layer by layer": [(name, l) for l in layers for name in "bW"],
        "all b, then all W": [("b", l) for l in layers] + [("W", l) for l in layers],
        "the last layer first": [(name, l) for l in layers[::-1] for name in "Wb"],
    }
    for order, keys in orders.items():
        findings, seen, start = [], {}, 0
        for name, l in keys:
            shape = getattr(net, name)[l].shape
            seen[name, l] = flat[start : start + int(np.prod(shape))].reshape(shape)
            start += int(np.prod(shape))
        if order != "all W, then all b":
            findings = [Finding("gradients", "order", f"the flat order is {order}; it needs all W, then all b")]
        yield findings, seen


def _arrays(case, grads):
    findings, seen = [], {}
    for name in ("delta", "W", "b"):
        holder = getattr(grads, name, None)
        if holder is None and name == "delta":
            continue
        for l in case.W:
            where = f"{name}[{l}]"
            try:
                array = floats("diagnose", f"grads.{where}", holder[l])
            except (KeyError, IndexError):
                if name != "delta":
                    findings.append(Finding(where, "shape", "there is none"))
                continue
            if name == "delta" and array.ndim == 1:
                array = array[None]  # one sample
            if np.isfinite(array).all():
                seen[name, l] = array
            else:
                findings.append(Finding(where, "not finite", "holds NaN or infinite numbers"))
    return findings, seen
