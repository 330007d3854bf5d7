"""What a task allows: which precision is enough, which methods count, and what is switched off."""

import pytest

from .submissions import submission, task_of

FORWARD = (
    "def numerical_gradient(func, x):\n    x = np.array(x, float)\n    g = np.zeros_like(x)\n"
    "    for i in np.ndindex(x.shape):\n        y = x.copy()\n        y[i] += {h}\n"
    "        g[i] = (func(y) - func(x)) / {h}\n    return g.astype({dtype!r})"
)


@pytest.mark.parametrize(("h", "dtype"), [(1e-3, "f8"), (1e-3, "f4"), (1e-3, "f2"), (1e-5, "f8"), (1e-5, "f2")])
def test_forward_differences_are_not_central_ones_whatever_the_type_of_the_answer(grade, h, dtype):
    code = {"numerical_gradient": FORWARD.format(h=h, dtype=dtype)}
    assert task_of(grade("5-gradients", submission("5-gradients", code)), "numerical_gradient")["score"] == 0


@pytest.mark.parametrize(
    ("name", "function", "code"),
    [
        (
            "5-gradients",
            "objective_gradients",
            "def objective_gradients(W, b, X, T, lam):\n    dW, db = gradients(W, b, X, T)\n    N = len(X)\n"
            "    return ({l: (dW[l] / N + 0.99 * lam * W[l]).astype('f2') for l in W},\n"
            "            {l: (db[l] / N).astype('f2') for l in b})",
        ),
        ("1-one-neuron", "one_weight_step", "def one_weight_step(w, x, t, eta):\n    return np.float16(w)"),
    ],
)
def test_half_precision_hides_nothing(grade, name, function, code):
    assert task_of(grade(name, submission(name, {function: code})), function)["score"] == 0


DIFFERENCES = (
    "def gradients(W, b, X, T):\n    def slope(part, l):\n        out = np.zeros_like(part[l])\n"
    "        for i in np.ndindex(out.shape):\n            old = part[l][i]\n            part[l][i] = old + {h}\n"
    "            up = total_cost(W, b, X, T)\n            part[l][i] = old - {h}\n"
    "            out[i] = (up - total_cost(W, b, X, T)) / (2 * {h})\n            part[l][i] = old\n        return out\n"
    "    return {{l: slope(W, l) for l in W}}, {{l: slope(b, l) for l in b}}"
)


@pytest.mark.parametrize("h", [1e-2, 1e-4, 1e-5, 1e-6])
def test_finite_differences_are_not_the_gradient_formulas(grade, h):
    result = grade("5-gradients", submission("5-gradients", {"gradients": DIFFERENCES.format(h=h)}))
    task = task_of(result, "gradients")
    assert task["score"] == 0
    if h < 1e-3:
        assert "Use the formulas, not numerical differentiation." in task["reason"]


SEARCHES = {
    "a module": "from nnbook.core.formulas import weight_gradient as found\n",
    "all modules": "import sys\nfound = [m.weight_gradient for n, m in list(sys.modules.items())\n"
    "         if n.startswith('nnbook') and hasattr(m, 'weight_gradient')][-1]\n",
    "importlib": "import importlib\nfound = importlib.import_module('nnbook.core').formulas.weight_gradient\n",
}


@pytest.mark.parametrize("search", SEARCHES.values(), ids=SEARCHES)
def test_what_is_asked_for_is_switched_off_wherever_it_is_imported_from(grade, search):
    code = search + "def weight_gradient(delta, a):\n    return found(delta, a)"
    task = task_of(grade("5-gradients", submission("5-gradients", {"weight_gradient": code})), "weight_gradient")
    assert task["score"] == 0
    assert "nnbook.weight_gradient is switched off here" in task["reason"]


BUILT = {
    "backprop": "    g = nn.backprop(net, X, T, cost)\n    return dict(g.W), dict(g.b)",
    "fit": "    before = {l: net.W[l].copy() for l in W}\n"
    "    nn.fit(net, X, T, cost, optimizer=nn.SGD(learning_rate=1.0), epochs=1, batch_size=len(X), rng=0)\n"
    "    return {l: before[l] - net.W[l] for l in W}, dict(b)",
    "the tape": "    import nnbook.checking.tape as tape\n    tape.Var(X)\n    return W, b",
    "the check": "    import nnbook.checking.numerical as n\n    return n.numerical_gradient(lambda x: 0.0, X), b",
}


@pytest.mark.parametrize("body", BUILT.values(), ids=BUILT)
def test_what_is_built_on_it_is_switched_off_too(grade, body):
    code = (
        "from nnbook.core.costs import SquaredError\ndef gradients(W, b, X, T):\n"
        "    net = nn.Network([X.shape[1], *(len(b[l]) for l in b)], rng=0)\n    cost = nn.BinaryCrossEntropy()\n"
        "    for l in W:\n        net.W[l], net.b[l] = W[l], b[l]\n" + body
    )
    task = task_of(grade("5-gradients", submission("5-gradients", {"gradients": code})), "gradients")
    assert task["score"] == 0
    assert "switched off here" in task["reason"]


def test_nothing_is_left_on_a_reminder(grade):
    code = "def weighted_input(w, b, x):\n    return nn.sigmoid.name"
    task = task_of(grade("1-one-neuron", submission("1-one-neuron", {"weighted_input": code})), "weighted_input")
    assert "nnbook.sigmoid is switched off here" in task["reason"]
