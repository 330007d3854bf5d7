"""The mistakes a person makes in backpropagation, as edits of the package's own source.

Each mutant replaces a text that must be there once in its file; one that is gone fails the run, so that the list keeps
up with the code. `tests` must fail on it, and so must the check cells of `chapter`, unless there is a reason why no
printed equation can.
"""

from dataclasses import dataclass

FORMULAS = ("core/test_worked_example.py", "core/test_formulas.py")


@dataclass(frozen=True)
class Mutant:
    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    chapter: str | None = None
    no_equation: str = ""


def _of(file, tests, chapter, *edits):
    for name, old, new, *rest in edits:
        reason = rest[0] if rest else ""
        yield Mutant(f"{file.removesuffix('.py')}: {name}", file, old, new, tests, None if reason else chapter, reason)


OUTPUT = "np.multiply(dC_da, f.compute_derivative(z, a), out=out)"
HIDDEN = "np.multiply(delta, f.compute_derivative(z, a), out=delta)"
PRODUCT = "delta_next.dot(W_next, out)"
OUTER = "np.outer(delta, a_prev, out=out)"
BATCH = "delta.T.dot(a_prev, out)"
SUM = "sum_of_rows(delta, out=out)"
PREDICTION = "the checks of the forward pass ask for every layer, which a prediction does not keep"

MUTANTS = [
    *_of(
        "core/formulas.py",
        FORMULAS,
        "10-output-delta",
        ("output: f' missing", OUTPUT, "np.multiply(dC_da, 1, out=out)"),
        ("output: f' at a", OUTPUT, "np.multiply(dC_da, f.derivative(f(z)), out=out)"),
        ("output: f for f'", OUTPUT, "np.multiply(dC_da, f(z), out=out)"),
        ("output: / for ×", OUTPUT, "np.divide(dC_da, f.compute_derivative(z, a), out=out)"),
        ("output: + for ×", OUTPUT, "np.add(dC_da, f.compute_derivative(z, a), out=out)"),
        ("output: sign", OUTPUT, "np.multiply(-dC_da, f.compute_derivative(z, a), out=out)"),
        ("output: factor 2", OUTPUT, "np.multiply(2 * dC_da, f.compute_derivative(z, a), out=out)"),
        (
            "output: mean over the units",
            OUTPUT,
            "np.multiply(dC_da / z.shape[-1], f.compute_derivative(z, a), out=out)",
        ),
    ),
    *_of(
        "core/formulas.py",
        FORMULAS,
        "17-matched-costs",
        ("output: softmax taken elementwise", '"...i,...ij->...j"', '"...j,...jj->...j"'),
    ),
    *_of(
        "core/formulas.py",
        FORMULAS,
        "11-hidden-recursion",
        ("hidden: f' missing", HIDDEN, "np.multiply(delta, 1, out=delta)"),
        ("hidden: f' at a", HIDDEN, "np.multiply(delta, f.derivative(f(z)), out=delta)"),
        ("hidden: f for f'", HIDDEN, "np.multiply(delta, f(z), out=delta)"),
        ("hidden: / for ×", HIDDEN, "np.divide(delta, f.compute_derivative(z, a), out=delta)"),
        ("hidden: sign", HIDDEN, "np.multiply(-delta, f.compute_derivative(z, a), out=delta)"),
        ("hidden: W not transposed", PRODUCT, "delta_next.dot(W_next.T.reshape(W_next.shape), out)"),
        ("hidden: one path", PRODUCT, "delta_next[..., :1].dot(W_next[:1], out)"),
        ("hidden: units off by one", PRODUCT, "np.roll(delta_next, 1, axis=-1).dot(W_next, out)"),
        ("hidden: mean over the paths", PRODUCT, "(delta_next / W_next.shape[0]).dot(W_next, out)"),
        ("hidden: |w|", PRODUCT, "delta_next.dot(np.abs(W_next), out)"),
        ("hidden: 1/N", PRODUCT, "(delta_next / len(delta_next)).dot(W_next, out)"),
    ),
    *_of(
        "core/formulas.py",
        FORMULAS,
        "12-gradient-formulas",
        ("weight: sign of one sample", OUTER, "np.outer(-delta, a_prev, out=out)"),
        ("weight: one sample transposed", OUTER, "np.outer(a_prev, delta).reshape(delta.size, a_prev.size)"),
        ("weight: a missing", OUTER, "np.outer(delta, np.ones_like(a_prev), out=out)"),
        ("weight: sign of a batch", BATCH, "(-delta).T.dot(a_prev, out)"),
        (
            "weight: batch transposed",
            BATCH,
            "np.multiply(1, a_prev.T.dot(delta).reshape(-1, a_prev.shape[1]), out=out)",
        ),
        ("weight: 1/N", BATCH, "(delta.T / len(delta)).dot(a_prev, out)"),
        ("weight: last sample alone", BATCH, "delta[-1:].T.dot(a_prev[-1:], out)"),
        ("weight: samples off by one", BATCH, "np.roll(delta, 1, axis=0).T.dot(a_prev, out)"),
        ("bias: not summed, first row", SUM, "np.positive(delta[0], out=out)"),
        ("bias: not summed, last row", SUM, "np.positive(delta[-1], out=out)"),
        ("bias: 1/N", SUM, "np.mean(delta, axis=0, out=out)"),
        ("bias: sign", SUM, "np.negative(delta.sum(axis=0), out=out)"),
        ("bias: largest for sum", SUM, "np.maximum.reduce(delta, axis=0, out=out)"),
    ),
    *_of(
        "core/passes.py",
        FORMULAS,
        "12-gradient-formulas",
        ("updated W in the recursion", "after.delta, after.W,", "after.delta, after.W - 0.5 * after.dW,"),
        (
            "f' formula of a given z",
            "layer.y, layer.f, layer.h, layer.delta)",
            "layer.y, layer.f, layer.y, layer.delta)",
        ),
        (
            "f' at a",
            "hidden_delta(after.delta, after.W, layer.y, layer.f, layer.h,",
            "hidden_delta(after.delta, after.W, layer.h, layer.f, layer.f(layer.h),",
        ),
        (
            "z for a in the weight gradient",
            "weight_gradient(layer.delta, layer.a_prev,",
            "weight_gradient(layer.delta, layer.a_prev if layer.l == 2 else self.layers[layer.l - 3].z,",
        ),
        (
            "bias gradient of one row",
            "bias_gradient(layer.delta, layer.db)",
            "bias_gradient(layer.delta[:1], layer.db)",
        ),
        (
            "bias gradient of another layer",
            "after = layer\n",
            "after = layer if layer.l > 2 else self.last\n        self.layers[0].db[...] = self.layers[0].delta[0]\n",
        ),
        ("forward: bias subtracted", "np.add(z, layer.b, out=z)", "np.subtract(z, layer.b, out=z)"),
        (
            "forward: activation of the first layer everywhere",
            "layer.l, layer.f, layer.rate = l, net.f[l],",
            "layer.l, layer.f, layer.rate = l, net.f[2],",
        ),
    ),
    *_of(
        "core/passes.py",
        ("core/test_network.py",),
        None,
        ("prediction: bias subtracted", "z += b\n", "z -= b\n", PREDICTION),
        ("prediction: one activation", "a = value(z, z)", "a = net.f[2].compute(z, z)", PREDICTION),
        ("prediction: not normalised", "if l in norms:", "if False:", PREDICTION),
    ),
    *_of(
        "core/propagation.py",
        FORMULAS,
        "05-targets-and-cost",
        ("C_T a mean", "work.last.f).sum()", "work.last.f).mean()"),
    ),
    *_of(
        "core/costs.py",
        ("core/test_costs.py",),
        "10-output-delta",
        (
            "a − t whatever the cost",
            "if f in self.matched:\n            return np.subtract",
            "if True:\n            return np.subtract",
        ),
    ),
    *_of(
        "core/costs.py",
        ("core/test_costs.py",),
        "05-targets-and-cost",
        ("squared error without its ½", 'return 0.5 * np.einsum("...j,', 'return np.einsum("...j,'),
        (
            "squared error: mean over outputs",
            'return 0.5 * np.einsum("...j,...j->...", difference, difference)',
            "return 0.5 * (difference * difference).mean(axis=-1)",
        ),
        (
            "squared error: t − a",
            "return a - t\n",
            "return t - a\n",
            "05 prints the cost; its gradient is 10's, through backprop",
        ),
        (
            "squared error: factor 2 in the gradient",
            "return a - t\n",
            "return 2 * (a - t)\n",
            "05 prints the cost; its gradient is 10's, through backprop",
        ),
        ("binary: 1 − t dropped", "(1 - t) * np.log(1 - a))", "np.log(1 - a))"),
        ("binary: sign", "return -terms.sum(axis=-1)", "return terms.sum(axis=-1)"),
        ("binary: from z, sign", "(activations.softplus(z) - t * z)", "(activations.softplus(z) + t * z)"),
        (
            "binary: gradient's sign",
            "(1 - t) / (1 - a)) - np.where",
            "(1 - t) / (1 - a)) + np.where",
            "05 prints the cost alone",
        ),
    ),
    *_of(
        "core/costs.py",
        ("core/test_costs.py",),
        "17-matched-costs",
        (
            "categorical: sign",
            "return -np.where(t == 0, 0, t * np.log(a)).sum(axis=-1)",
            "return np.where(t == 0, 0, t * np.log(a)).sum(axis=-1)",
        ),
        (
            "categorical: from z, log missing",
            "z - largest - np.log(np.exp(z - largest).sum(axis=-1, keepdims=True))",
            "z - largest",
        ),
        ("t − a when matched", "np.subtract(a, t, out=out)", "np.subtract(t, a, out=out)"),
        (
            "matched delta with f'",
            "return np.subtract(a, t, out=out)",
            "return np.multiply(a - t, f.derivative(z) if f.elementwise else a, out=out)",
        ),
    ),
    *_of(
        "core/activations.py",
        ("core/test_activations.py",),
        "02-perceptron-to-neuron",
        (
            "sigmoid' = 1 + a …",
            "out = np.subtract(_ONE[a.dtype.char], a, out)",
            "out = np.add(_ONE[a.dtype.char], a, out)",
        ),
        ("sigmoid' = 1 − a", "return np.multiply(out, a, out)", "return out"),
        ("tanh' = a²", "return np.subtract(1, out, out=out)", "return out"),
        ("tanh' = 1 + a²", "return np.subtract(1, out, out=out)", "return np.add(1, out, out=out)"),
        (
            "relu' = 1 at the kink",
            "np.greater(z.real, 0,",
            "np.greater_equal(z.real, 0,",
            "the equation leaves the kink out",
        ),
        ("relu' below 0", "np.greater(z.real, 0,", "np.less(z.real, 0,"),
        (
            "softplus' = tanh",
            "return sigmoid.compute(z, out)",
            "return np.tanh(z, out=out)",
            "softplus has no equation of its own",
        ),
    ),
    *_of(
        "core/activations.py",
        ("core/test_activations.py",),
        "17-matched-costs",
        ("softmax without its sum", "e /= e.sum(axis=-1, keepdims=True)", "e /= e.max(axis=-1, keepdims=True)"),
        (
            "softmax over the batch",
            "e /= e.sum(axis=-1, keepdims=True)",
            "e /= e.sum(axis=0, keepdims=True)",
            "the chapter's softmax is of one sample",
        ),
        (
            "softmax overflows",
            "z, z.real.max(axis=-1, keepdims=True), out=out",
            "z, 0, out=out",
            "right wherever exp does not overflow",
        ),
        ("softmax Jacobian: sign", "- a[..., None, :])", "+ a[..., None, :])"),
    ),
    *_of(
        "checking/gradcheck.py",
        ("checking/test_gradcheck.py",),
        "14-gradient-checking",
        (
            "smaller for larger norm",
            "/ max(np.linalg.norm(g), np.linalg.norm(reference))",
            "/ min(np.linalg.norm(g), np.linalg.norm(reference))",
        ),
        (
            "sum of norms",
            "/ max(np.linalg.norm(g), np.linalg.norm(reference))",
            "/ (np.linalg.norm(g) + np.linalg.norm(reference))",
        ),
        ("sign", "np.linalg.norm(g - reference)", "np.linalg.norm(g + reference)"),
        ("largest entry for norm", "np.linalg.norm(g - reference)", "np.abs(g - reference).max()"),
        ("sizes without signs", "np.linalg.norm(g - reference)", "np.linalg.norm(np.abs(g) - np.abs(reference))"),
        (
            "one array that agrees is enough",
            "return all(c.error <=",
            "return any(c.error <=",
            "a report, not an equation",
        ),
        (
            "checks its own gradient",
            "else flat_gradients(where, net, gradients)",
            "else objective.gradient()",
            "a report, not an equation",
        ),
        ("directions: slope alone", "abs(slope - given @ v)", "abs(slope - slope)", "a report, not an equation"),
        (
            "J without its penalty",
            "values / len(self.X) + np.array([penalties.total(self.penalties, W, b) for W, b in parts])",
            "values / len(self.X)",
            "a report, not an equation",
        ),
    ),
    *_of(
        "checking/numerical.py",
        ("checking/test_numerical.py",),
        "07-numerical-differentiation",
        ("central: divided by h", "return (there - back) / (above - below)", "return (there - back) / h"),
        ("central: forward in disguise", "np.stack([above, below])", "np.stack([above, x])"),
        (
            "forward: sign",
            "(values(func, x, above[None], method)[0] - start)",
            "(start - values(func, x, above[None], method)[0])",
        ),
        (
            "forward: start dropped",
            "(values(func, x, above[None], method)[0] - start)",
            "values(func, x, above[None], method)[0]",
        ),
        ("complex: not divided by h", "(x + 1j * h)[None], method)[0] / h", "(x + 1j * h)[None], method)[0]"),
        ("complex: real part", "return result.imag", "return result.real"),
        (
            "x itself is moved",
            "point = x.astype(moved.dtype)",
            "point = x.astype(moved.dtype, copy=False)",
            "the gradient is right; x is not what it was",
        ),
    ),
    *_of(
        "checking/numerical.py",
        ("checking/test_numerical.py",),
        "08-gradient-descent",
        ("every entry moved at once", "point[tuple(index)] = moved[which, *index]", "point[...] = moved[which]"),
    ),
]
