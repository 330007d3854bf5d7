"""The catalogue of mistakes that are made in backpropagation, each as an edit of one step of it.

A step has `right`, the array as it should be; `l`, its layer; `case`, the network with its trace; and what it was
computed from: `e` (∂C/∂a^l, which f' multiplies) and `delta_next` for a delta, `delta` for W and b. `fit(base,
direction)` is the number c for which base + c · direction comes closest to the array to be explained.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core import activations
from ..core.costs import BinaryCrossEntropy, CategoricalCrossEntropy, SquaredError


@dataclass(frozen=True)
class Mistake:
    """A mistake that readers make, as an edit of one step of backpropagation.

    Attributes
    ----------
    name : str
        Its key in `ZOO`.
    place : str
        The step it affects: "delta" (of any layer), "output delta", "hidden delta", "W", "b", "penalty" or "gradients".
    about : str
        One sentence for the reader.
    variants : callable
        variants(step) gives pairs (what to say, the array that this mistake leaves in place of `step.right`).
    """

    name: str
    place: str
    about: str
    variants: Callable[[Any], Iterable[tuple[str, Any]]]


# --- the mistakes that one line does not make ---


def _derivative_of_another_activation(s):
    if s.e is None or not s.f.elementwise:
        return
    for g in (activations.sigmoid, activations.tanh, activations.relu):
        if g != s.f and not np.all((df := g.derivative(s.z)) == 1):  # all 1 is "f' forgotten"
            yield f"f' is the derivative of {g} in place of {s.f}", s.e * df


def _derivative_of_another_layer(s):
    z = s.case.trace.z[s.l + 1]
    if z.shape == s.z.shape:
        yield f"f' is taken at z[{s.l + 1}] in place of z[{s.l}]", s.e * s.f.derivative(z)


def _delta_of_another_cost(s):
    for other in (SquaredError(), BinaryCrossEntropy(), CategoricalCrossEntropy()):
        if other == s.case.cost:
            continue
        try:
            delta = other.delta(s.z, s.case.T, s.f)
        except ValueError:  # the targets or activations are outside the range of the other cost
            continue
        yield f"the delta of {other.name} in place of {s.case.cost.name}", s.scale * delta


def _w_transposed_in_the_recursion(s):
    W = s.case.W[s.l + 1]
    if W.shape[0] == W.shape[1]:
        yield f"W[{s.l + 1}] looks transposed in the recursion", (s.delta_next @ W.T) * s.df


def _wrong_w_in_the_recursion(s):
    for m, W in s.case.W.items():
        if m != s.l + 1 and W.shape == s.case.W[s.l + 1].shape:
            yield f"W[{m}] is used where W[{s.l + 1}] belongs", (s.delta_next @ W) * s.df


def _updated_w_in_the_recursion(s):
    direction = -(s.delta_next @ s.case.weight(s.l + 1, s.delta_next)) * s.df
    eta = s.fit(s.right, direction)
    if eta is not None and eta > 0:
        m = s.l + 1
        yield f"W[{m}] had already been updated (by {eta:.3g} times its gradient)", s.right + eta * direction


def _a_for_a_before(s):
    for m in (s.l, *(m for m in s.case.trace.a if m not in (s.l, s.l - 1))):
        yield f"a[{m}] is used where a[{s.l - 1}] belongs", s.delta.T @ s.case.trace.a[m]


def _w_of_one_sample(s):
    for name, k in (("last", -1), ("first", 0)):
        yield f"only the {name} sample is counted", np.outer(s.delta[k], s.case.trace.a[s.l - 1][k])


def _b_of_one_sample(s):
    for name, k in (("last", -1), ("first", 0)):
        yield f"only the {name} sample is counted", s.delta[k]


def _penalty_of_another_kind(s):
    for symbol, direction in (("w", s.w), ("sign(w)", np.sign(s.w))):
        c = s.fit(np.zeros_like(s.w), direction)
        if c is not None:
            yield f"contains {c:.3g} {symbol}, which the cost does not call for", c * direction


# --- the catalogue ---

MISTAKES = [
    Mistake(
        "sign flipped",
        "delta",
        "The delta has the wrong sign, as t − a in place of a − t gives it, and everything below it too.",
        lambda s: [("sign flipped", -s.right)],
    ),
    Mistake(
        "f' forgotten",
        "delta",
        "The factor f'(z) is left out.",
        lambda s: [("f' is missing", s.e)] if s.e is not None else [],
    ),
    Mistake(
        "f' at a",
        "delta",
        "f' is evaluated at the activation a, where the formula has the weighted input z.",
        lambda s: (
            [("f' is taken at a in place of z", s.e * s.f.derivative(s.a))]
            if s.e is not None and s.f.elementwise
            else []
        ),
    ),
    Mistake(
        "f' formula fed with z",
        "delta",
        "The shortcut a(1 − a) or 1 − a² is applied to z instead of a.",
        lambda s: (
            [("the formula for f' in terms of a was given z", s.e * s.f.derivative(s.z, a=s.z))]
            if s.e is not None and s.f.elementwise
            else []
        ),
    ),
    Mistake(
        "f for f'",
        "delta",
        "The delta is multiplied by f(z), where the formula has f'(z).",
        lambda s: [("multiplied by f(z) in place of f'(z)", s.e * s.a)] if s.e is not None and s.f.elementwise else [],
    ),
    Mistake(
        "f' of another activation",
        "delta",
        "The derivative belongs to a different activation function from the one in the forward pass.",
        _derivative_of_another_activation,
    ),
    Mistake(
        "f' of another layer",
        "hidden delta",
        "f' is evaluated at the weighted inputs of the layer after.",
        _derivative_of_another_layer,
    ),
    Mistake(
        "delta factor 2",
        "delta",
        "The delta is twice too large, as when the ½ of the squared error is forgotten.",
        lambda s: [("twice too large", 2 * s.right)],
    ),
    Mistake(
        "delta factor 1/2",
        "delta",
        "The delta is half of what it should be.",
        lambda s: [("half of what it should be", s.right / 2)],
    ),
    Mistake(
        "a − t",
        "output delta",
        "The output delta is taken to be a − t, which is right for a matched cost and no other.",
        lambda s: [("a − t, which belongs to matched costs only", s.scale * (s.a - s.case.T))],
    ),
    Mistake(
        "delta of another cost",
        "output delta",
        "The output delta belongs to a different cost from the one being minimised.",
        _delta_of_another_cost,
    ),
    Mistake(
        "f' twice",
        "delta",
        "The factor f'(z) is multiplied in twice, as when a matched delta a − t is multiplied by f' again.",
        lambda s: [("f' is multiplied in twice", s.right * s.f.derivative(s.z))] if s.f.elementwise else [],
    ),
    Mistake(
        "softmax taken elementwise",
        "output delta",
        "Only the diagonal a(1 − a) of the softmax Jacobian is used, as if the outputs were not coupled.",
        lambda s: (
            [("only the diagonal of softmax's Jacobian is used", s.e * s.a * (1 - s.a))]
            if s.e is not None and not s.f.elementwise
            else []
        ),
    ),
    Mistake(
        "mean over outputs",
        "output delta",
        "The cost's sum over the outputs was replaced by a mean.",
        lambda s: [(f"divided by the {s.right.shape[1]} outputs", s.right / s.right.shape[1])],
    ),
    Mistake(
        "delta 1/N",
        "output delta",
        "The output delta is divided by the number of samples.",
        lambda s: [(f"divided by the {s.case.N} samples", s.right / s.case.N)],
    ),
    Mistake(
        "W transposed in the recursion",
        "hidden delta",
        "The recursion reads the next layer's weights transposed; layers of one size accept that without an error.",
        _w_transposed_in_the_recursion,
    ),
    Mistake(
        "wrong W in the recursion",
        "hidden delta",
        "The recursion uses the weights of another layer, as W^l for W^{l+1}.",
        _wrong_w_in_the_recursion,
    ),
    Mistake(
        "updated W in the recursion",
        "hidden delta",
        "The next layer's weights were updated before the recursion used them.",
        _updated_w_in_the_recursion,
    ),
    Mistake("W sign flipped", "W", "One weight gradient has the wrong sign.", lambda s: [("sign flipped", -s.right)]),
    Mistake(
        "W transposed",
        "W",
        "The weight gradient is stored input by output.",
        lambda s: [("looks transposed", s.right.T)],
    ),
    Mistake(
        "W transposed in the flat order",
        "W",
        "The weight gradient is stored input by output and then flattened or reshaped.",
        lambda s: [("looks transposed", s.right.T.reshape(s.right.shape))],
    ),
    Mistake("W factor 2", "W", "The weight gradient is twice too large.", lambda s: [("twice too large", 2 * s.right)]),
    Mistake(
        "W factor 1/2",
        "W",
        "The weight gradient is half of what it should be.",
        lambda s: [("half of what it should be", s.right / 2)],
    ),
    Mistake(
        "W 1/N",
        "W",
        "One weight gradient is divided by the number of samples and the others are not.",
        lambda s: [(f"divided by the {s.case.N} samples", s.right / s.case.N)],
    ),
    Mistake(
        "a^l for a^{l-1}",
        "W",
        "The weight gradient uses the layer's own activations, where the formula has those of the layer before.",
        _a_for_a_before,
    ),
    Mistake(
        "z for a",
        "W",
        "The weight gradient uses the weighted inputs of the layer before, where the formula has its activations.",
        lambda s: (
            [(f"z[{s.l - 1}] is used where a[{s.l - 1}] belongs", s.delta.T @ s.case.trace.z[s.l - 1])]
            if s.l > 2
            else []
        ),
    ),
    Mistake(
        "a forgotten",
        "W",
        "The factor a^{l-1} is left out, so that every column holds the bias gradient.",
        lambda s: [(f"a[{s.l - 1}] is missing", np.repeat(s.delta.sum(axis=0)[:, None], s.right.shape[1], axis=1))],
    ),
    Mistake(
        "W not summed",
        "W",
        "The weight gradient has one matrix for each sample; the sum over the batch is missing.",
        lambda s: [("not summed over the batch", s.delta[:, :, None] * s.case.trace.a[s.l - 1][:, None, :])],
    ),
    Mistake(
        "W of one sample",
        "W",
        "One sample overwrites the others, as = in place of += in a loop over the batch does.",
        _w_of_one_sample,
    ),
    Mistake(
        "W left 0", "W", "The weight gradient was never computed.", lambda s: [("0 throughout", np.zeros_like(s.right))]
    ),
    Mistake("b sign flipped", "b", "One bias gradient has the wrong sign.", lambda s: [("sign flipped", -s.right)]),
    Mistake(
        "b not summed",
        "b",
        "The bias gradient has one row for each sample; the sum over the batch is missing.",
        lambda s: [("not summed over the batch", s.delta)],
    ),
    Mistake(
        "b of one sample",
        "b",
        "The bias gradient is one row of delta, where the formula has the sum of them all.",
        _b_of_one_sample,
    ),
    Mistake(
        "b summed over units",
        "b",
        "The sum runs over the units of each sample, where it should run over the samples of each unit.",
        lambda s: [
            ("summed over the units in place of the samples", s.delta.sum(axis=1)),
            ("summed over the units as well as the samples", s.delta.sum(keepdims=True)[0]),
        ],
    ),
    Mistake(
        "b 1/N",
        "b",
        "The bias gradient is a mean over the batch and the weight gradient a sum.",
        lambda s: [(f"divided by the {s.case.N} samples", s.right / s.case.N)],
    ),
    Mistake("b factor 2", "b", "The bias gradient is twice too large.", lambda s: [("twice too large", 2 * s.right)]),
    Mistake(
        "b factor 1/2",
        "b",
        "The bias gradient is half of what it should be.",
        lambda s: [("half of what it should be", s.right / 2)],
    ),
    Mistake(
        "b left 0", "b", "The bias gradient was never computed.", lambda s: [("0 throughout", np.zeros_like(s.right))]
    ),
    Mistake(
        "penalty missing",
        "penalty",
        "The cost has a penalty and the gradient does not.",
        lambda s: [("the penalty's gradient is missing", 0 * s.right)],
    ),
    Mistake(
        "penalty twice",
        "penalty",
        "The penalty's gradient is doubled: 2λw, which would go with λΣw², while the cost has (λ/2)Σw².",
        lambda s: [("the penalty's gradient is twice what the cost needs", 2 * s.right)],
    ),
    Mistake(
        "penalty half",
        "penalty",
        "The penalty's gradient is halved: λw, while a cost with λΣw² needs 2λw.",
        lambda s: [("the penalty's gradient is half of what the cost needs", s.right / 2)],
    ),
    Mistake(
        "penalty sign flipped",
        "penalty",
        "The penalty's gradient is subtracted.",
        lambda s: [("the penalty's gradient has the wrong sign", -s.right)],
    ),
    Mistake(
        "penalty 1/N",
        "penalty",
        "The penalty's gradient is divided by the batch size together with the data's.",
        lambda s: [(f"the penalty's gradient is divided by the {s.case.N} samples", s.right / s.case.N)],
    ),
    Mistake(
        "penalty of another kind",
        "penalty",
        "The gradient holds a multiple of w or of its sign that the cost does not call for.",
        _penalty_of_another_kind,
    ),
    Mistake(
        "mean for sum",
        "gradients",
        "All gradients are divided by the number of samples: the gradient of the mean cost, not of the sum.",
        lambda s: [(f"divided by the {s.case.N} samples: this is the gradient of the mean cost", 1 / s.case.N)],
    ),
    Mistake(
        "sum for mean",
        "gradients",
        "The data's gradient is not divided by the number of samples, though J, which has a penalty, is a mean.",
        lambda s: [(f"the data's part is not divided by the {s.case.N} samples, as J needs", 1.0)],
    ),
]
ZOO: dict[str, Mistake] = {mistake.name: mistake for mistake in MISTAKES}
