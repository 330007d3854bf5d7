"""One printed form of every equation that the syllabus names, with the assumptions or the values that check it.

The book prints its own forms; these make sure that the dialect carries each of them.
"""

import itertools

import numpy as np

from nnbook.equations import Distribution

NETWORK = [  # (label, LaTeX, assumptions)
    ("eq-parameter-count", r"P = \sum_{l=2}^{L} n_l\,(n_{l-1} + 1)", {}),
    (
        "eq-bias-unit",
        r"z^l_j = \sum_{i=0}^{n_{l-1}} w^l_{ji}\, a^{l-1}_i, \qquad a^{l-1}_0 = 1, \quad w^l_{j0} = b^l_j",
        {},
    ),
    ("eq-forward-index", r"z^l_j = \sum_{i=1}^{n_{l-1}} w^l_{ji} a^{l-1}_i + b^l_j, \qquad a^l_j = f(z^l_j)", {}),
    (
        "eq-forward-matrix",
        r"\mathbf{z}^l = \mathbf{W}^l \mathbf{a}^{l-1} + \mathbf{b}^l, \qquad \mathbf{a}^l = f(\mathbf{z}^l)",
        {},
    ),
    (
        "eq-forward-batch",
        r"\begin{aligned} \mathbf{Z}^l &= \mathbf{A}^{l-1} (\mathbf{W}^l)^\top + \mathbf{1}\,(\mathbf{b}^l)^\top \\"
        r" \mathbf{A}^l &= f(\mathbf{Z}^l) \end{aligned}",
        {},
    ),
    (
        "eq-linear-collapse",
        r"\mathbf{a}^3 = \mathbf{W}^3\mathbf{W}^2\,\mathbf{x} + \mathbf{W}^3\mathbf{b}^2 + \mathbf{b}^3",
        {"hidden": "identity", "output": "identity"},
    ),
    ("eq-squared-error", r"C = \tfrac12 \sum_{j=1}^{n_L} (a^L_j - t_j)^2", {"cost": "SquaredError"}),
    ("eq-total-cost", r"C_T = \sum_{k=1}^{N} C_k", {}),
    (
        "eq-binary-cross-entropy",
        r"C = -\sum_{j=1}^{n_L} \bigl[ t_j \log a^L_j + (1 - t_j) \log (1 - a^L_j) \bigr]",
        {"cost": "BinaryCrossEntropy"},
    ),
    (
        "eq-bce-from-z",
        r"C = \sum_{j=1}^{n_L} \bigl( \max(z^L_j, 0) - t_j z^L_j + \log(1 + e^{-|z^L_j|}) \bigr)",
        {"cost": "BinaryCrossEntropy"},
    ),
    ("eq-gradient-sum", r"\nabla C_T = \sum_{k=1}^{N} \nabla C_k", {}),
    ("eq-neuron-error", r"\delta^l_j = \frac{\partial C}{\partial z^l_j}", {}),
    ("eq-output-delta", r"\delta^L_j = \frac{\partial C}{\partial a^L_j}\, f'(z^L_j)", {}),
    (
        "eq-output-delta-sigmoid",
        r"\delta^L_j = (a^L_j - t_j)\,a^L_j\,(1 - a^L_j)",
        {"output": "sigmoid", "cost": "SquaredError"},
    ),
    (
        "eq-adaline-gradient",
        r"\frac{\partial C}{\partial w^2_{1i}} = (a^2_1 - t_1)\, x_i",
        {"sizes": [5, 1], "output": "identity", "cost": "SquaredError"},
    ),
    ("eq-softmax", r"a^L_j = \frac{e^{z^L_j}}{\sum_{m=1}^{n_L} e^{z^L_m}}", {"output": "softmax"}),
    (
        "eq-output-delta-jacobian",
        r"\delta^L_j = \sum_{m=1}^{n_L} \frac{\partial C}{\partial a^L_m}\frac{\partial a^L_m}{\partial z^L_j}",
        {"output": "softmax"},
    ),
    (
        "eq-hidden-delta-12-3-2",
        r"\delta^2_1 = \bigl(\delta^3_1 w^3_{11} + \delta^3_2 w^3_{21}\bigr) f'(z^2_1)",
        {"sizes": [12, 3, 2]},
    ),
    (
        "eq-hidden-delta",
        r"\delta^l_i = \Bigl(\sum_{j=1}^{n_{l+1}} \delta^{l+1}_j w^{l+1}_{ji}\Bigr)\, f'(z^l_i),"
        r" \quad l = L-1, \dots, 2",
        {},
    ),
    (
        "eq-hidden-delta-matrix",
        r"\boldsymbol\delta^l = \left( (\mathbf{W}^{l+1})^\top \boldsymbol\delta^{l+1} \right) \odot f'(\mathbf{z}^l)",
        {},
    ),
    (
        "eq-hidden-delta-batch",
        r"\boldsymbol\Delta^l = (\boldsymbol\Delta^{l+1}\,\mathbf{W}^{l+1}) \odot f'(\mathbf{Z}^l)",
        {},
    ),
    ("eq-weight-gradient", r"\frac{\partial C}{\partial w^l_{ji}} = \delta^l_j\, a^{l-1}_i", {}),
    ("eq-bias-gradient", r"\partial C / \partial b_j^l = \delta_j^l", {}),
    (
        "eq-weight-gradient-outer",
        r"\frac{\partial C}{\partial \mathbf{W}^l} = \boldsymbol\delta^l\,(\mathbf{a}^{l-1})^\top",
        {},
    ),
    (
        "eq-weight-gradient-batch",
        r"\frac{\partial C_T}{\partial w^l_{ji}} = \sum_{k=1}^{N} \delta^l_{kj}\, a^{l-1}_{ki}, \qquad"
        r" \frac{\partial C_T}{\partial \mathbf{W}^l} = (\boldsymbol\Delta^l)^\top \mathbf{A}^{l-1}",
        {},
    ),
    ("eq-categorical-cross-entropy", r"C = -\sum_{j=1}^{n_L} t_j \log a^L_j", {"cost": "CategoricalCrossEntropy"}),
    ("eq-delta-matched-linear", r"\delta^L_j = a^L_j - t_j", {"output": "identity", "cost": "SquaredError"}),
    ("eq-delta-matched-sigmoid", r"\delta^L_j = a^L_j - t_j", {"output": "sigmoid", "cost": "BinaryCrossEntropy"}),
    (
        "eq-delta-any-targets",
        r"\delta^L_j = a^L_j \sum_{m=1}^{n_L} t_m - t_j",
        {"output": "softmax", "cost": "CategoricalCrossEntropy", "targets": "any"},
    ),
    ("eq-delta-matched-softmax", r"\delta^L_j = a^L_j - t_j", {"output": "softmax", "cost": "CategoricalCrossEntropy"}),
    (
        "eq-l2-cost",
        r"J = \frac{1}{B} C_B + \frac{\lambda}{2} \sum_{l=2}^{L} \sum_{j=1}^{n_l} \sum_{i=1}^{n_{l-1}} (w^l_{ji})^2",
        {},
    ),
    (
        "eq-l2-gradient",
        r"\frac{\partial J}{\partial w^l_{ji}} = \frac{1}{B} \frac{\partial C_B}{\partial w^l_{ji}} + \lambda w^l_{ji}",
        {},
    ),
    (
        "eq-l1-gradient",
        r"\frac{\partial J}{\partial w^l_{ji}} = \frac{1}{B} \frac{\partial C_B}{\partial w^l_{ji}}"
        r" + \lambda \operatorname{sign}(w^l_{ji})",
        {"penalty": ("L1", 0.3)},
    ),
    (
        "eq-delta-norm-bound",
        r"\lVert \boldsymbol\delta^l \rVert \le \lVert \mathbf{W}^{l+1} \rVert_2 \,"
        r" \lVert \boldsymbol\delta^{l+1} \rVert \max_j \lvert f'(z^l_j) \rvert",
        {"sizes": [[4, 3, 5, 2], [3, 1, 1]]},
    ),
    ("eq-sigmoid", r"\sigma(z) = \frac{1}{1 + e^{-z}}", {}),
    ("eq-sigmoid-derivative", r"\sigma'(z) = \sigma(z)\,\bigl(1 - \sigma(z)\bigr)", {}),
    ("eq-tanh-derivative", r"\tanh'(z) = 1 - \tanh^2(z)", {}),
    (
        "eq-relu-derivative",
        r"\mathrm{relu}'(z) = \begin{cases} 1 & \text{if } z > 0 \\ 0 & \text{if } z < 0 \end{cases}",
        {},
    ),
]


# --- equations whose values are supplied -----------------------------------------------------------------------------


def one_weight(rng):
    x, t, w = rng.uniform(0.5, 2, 3)
    return {"x": x, "t": t, "w": w, "a": lambda w, x: w * x, "C": lambda a, t: (a - t) ** 2}


def one_weight_steps(rng):
    x, t, eta = rng.uniform(0.5, 1, 3)
    w = [1.0]
    for _ in range(6):
        w.append(w[-1] - eta * 2 * (w[-1] * x - t) * x)
    return {"w_0": w, "C": lambda w: (w * x - t) ** 2, r"\eta": eta}


def weighted(rng):
    w, x = rng.normal(size=(2, 4))
    return {"w": w, "x": x, "b": 0.3, "n": 4, "z": w @ x + 0.3}


def softmax_values(rng):
    return {"z": rng.normal(size=4), "c": rng.normal(), "n": 4}


def chain(rng):
    functions = [np.exp, np.sin, lambda u: u**2 + 1]

    def u(x):
        values = [x]
        for function in functions:
            values.append(function(values[-1]))
        return np.array(values)

    return {"x": rng.uniform(0.2, 0.9), "u_0": u, "g": functions, "n": 3}


def paths(rng):
    return {
        "x": rng.uniform(0.2, 0.9),
        "M": 3,
        "u": lambda x: np.array([x**2, np.sin(x), np.exp(x)]),
        "y": lambda u: u[0] * u[1] + u[2] ** 2,
    }


def smooth(rng):
    return {"g": lambda x: np.exp(2 * x), "g'''": lambda x: 8 * np.exp(2 * x), "x": rng.uniform(-1, 1)}


def bowl(rng):
    curvature = np.diag([1.0, 3.0, 0.5])

    def cost(theta):
        return 0.5 * theta @ curvature @ theta + theta[0] * theta[1]

    theta, eta = rng.normal(size=3), 0.1
    steps = [theta]
    for _ in range(4):
        gradient = curvature @ steps[-1] + np.array([steps[-1][1], steps[-1][0], 0])
        steps.append(steps[-1] - eta * gradient)
    return cost, np.array(steps), eta


def descent(rng):
    cost, steps, eta = bowl(rng)
    return {"C": cost, r"\boldsymbol\theta_0": steps, r"\eta": eta}


def descent_taylor(rng):
    cost, steps, _ = bowl(rng)
    return {"C": cost, r"\boldsymbol\theta": steps[0], r"\mathbf{v}": rng.normal(size=3)}


def cubic(rng):
    return {
        "C": lambda theta: np.exp(theta[0] * theta[1]) + theta[2] ** 3,
        r"\boldsymbol\theta": rng.normal(size=3),
        r"\mathbf{v}": rng.normal(size=3),
    }


def rates(rng):
    kappas = (0.7, 1.9, 3.1)
    return [{r"\kappa": k, r"\eta": 2 / k * share} for k in kappas for share in (-0.2, 0.3, 0.99, 1.01, 1.7)]


def minibatches(rng):
    batches = list(itertools.combinations(range(1, 6), 2))
    return {r"\mathbf{g}": rng.normal(size=(5, 3)), "N": 5, "B": 2, r"\mathcal{B}": Distribution(batches)}


def dropout(rng):
    p, masks = 0.3, list(itertools.product([0, 1], repeat=4))
    chances = [np.prod([1 - p if kept else p for kept in mask]) for mask in masks]
    return {"m": Distribution(masks, chances), "p": p, "a": rng.normal(size=4), "w": rng.normal(size=(3, 4)), "n": 4}


def relative(rng):
    g, h = rng.normal(size=(2, 5))
    e = np.linalg.norm(g - h) / max(np.linalg.norm(g), np.linalg.norm(h))
    return {r"\mathbf{g}": g, r"\mathbf{h}": h, "e": e}


def work(rng):
    n = rng.permutation([2, 3, 5, 7])
    forward = int(sum(n[1:] * n[:-1]))
    return {"n": n, "L": 4, "F": forward, r"F_{\text{back}}": 2 * forward - n[0] * n[1]}


def products(rng):
    return {
        r"\mathbf{u}": rng.normal(size=2),
        r"\mathbf{A}": rng.normal(size=(2, 3)),
        r"\mathbf{B}": rng.normal(size=(3, 4)),
    }


def optimiser(rng):
    """Every rule of the chapter on optimisers, in plain loops."""
    mu, eta, rho, eps, b1, b2 = 0.9, 0.1, 0.8, 1e-3, 0.7, 0.95
    g = rng.normal(size=6)
    v, theta, nesterov = [0.0], [1.0], [1.0]
    for slope in g:
        v.append(mu * v[-1] - eta * slope)
        theta.append(theta[-1] + v[-1])
        nesterov.append(nesterov[-1] + mu * v[-1] - eta * slope)
    total, mean_square, m = [0.0], [0.0], [0.0]
    for slope in g:
        total.append(total[-1] + slope**2)
        mean_square.append(rho * mean_square[-1] + (1 - rho) * slope**2)
        m.append(b1 * m[-1] + (1 - b1) * slope)
    steps = np.arange(1, 7)
    return {
        "g_0": g, "v_0": v, r"\theta_0": theta, r"\phi_0": nesterov, "G_0": total, "q_0": mean_square, "m_0": m,
        r"\hat m_1": np.array(m[1:]) / (1 - b1**steps), r"\mu": mu, r"\eta": eta, r"\rho": rho, r"\epsilon": eps,
        r"\beta_1": b1, r"\beta_2": b2,
        r"\psi_0": 1 - np.concatenate([[0], np.cumsum(eta * g / (np.sqrt(total[1:]) + eps))]),
    }  # fmt: skip


def decay(rng):
    return {r"\eta_0": [0.1 * 0.5 ** (s // 3) for s in range(10)], r"\gamma": 0.5, "S": 3}


def initial(rng):
    n = np.array([5, 3, 4])
    return {
        "n": n,
        "l": 2,
        "w": Distribution(np.array([-1, 1]) * np.sqrt(2 / (n[0] + n[1]))),
        "u": Distribution(np.array([-1, 1]) * np.sqrt(2 / n[0])),
    }


def normalised(rng):
    z, t = rng.normal(size=(2, 5, 3))
    epsilon, gamma, beta = 0.01, rng.normal(size=3), rng.normal(size=3)

    def hat(z):
        return (z - z.mean(0)) / np.sqrt(((z - z.mean(0)) ** 2).mean(0) + epsilon)

    return {
        "z": z, r"\mu": z.mean(0), "v": z.var(0), r"\epsilon": epsilon, r"\gamma": gamma, r"\beta": beta, "N": 5,
        r"\hat z": hat(z), "y": lambda z: gamma * hat(z) + beta, "C": lambda y: ((y - t) ** 2).sum() / 2,
        r"\delta": gamma * hat(z) + beta - t,
    }  # fmt: skip


GIVEN = [  # (label, LaTeX, what supplies the values)
    ("eq-one-weight-gradient", r"\frac{\mathrm{d} C}{\mathrm{d} w} = 2\,(a - t)\,x", one_weight),
    ("eq-one-weight-update", r"w_{s+1} = w_s - \eta\,\frac{\partial C(w_s)}{\partial w_s}", one_weight_steps),
    ("eq-weighted-input", r"z = \sum_{i=1}^{n} w_i x_i + b", weighted),
    (
        "eq-softmax-shift",
        r"\frac{e^{z_j - c}}{\sum_{m=1}^{n} e^{z_m - c}} = \frac{e^{z_j}}{\sum_{m=1}^{n} e^{z_m}}",
        softmax_values,
    ),
    ("eq-chain-rule", r"\frac{\mathrm{d} u_n}{\mathrm{d} x} = \prod_{m=1}^{n} g_m'(u_{m-1})", chain),
    (
        "eq-chain-rule-paths",
        r"\frac{\partial y}{\partial x} = \sum_{m=1}^{M} \frac{\partial y}{\partial u_m}\,"
        r"\frac{\partial u_m}{\partial x}",
        paths,
    ),
    ("eq-taylor", r"g(x + h) = g(x) + g'(x)\,h + O(h^2)", smooth),
    ("eq-forward-difference", r"g'(x) = \frac{g(x + h) - g(x)}{h} + O(h)", smooth),
    ("eq-central-difference", r"g'(x) = \frac{g(x + h) - g(x - h)}{2h} + O(h^2)", smooth),
    (
        "eq-central-error",
        r"\frac{g(x + h) - g(x - h)}{2h} - g'(x) = \frac{h^2}{6}\, g'''(x) + O(h^4)",
        smooth,
    ),
    ("eq-complex-step", r"g'(x) = \frac{\operatorname{Im} g(x + \mathrm{i} h)}{h} + O(h^2)", smooth),
    (
        "eq-gradient-descent",
        r"\boldsymbol\theta_{s+1} = \boldsymbol\theta_s - \eta\,\nabla C(\boldsymbol\theta_s)",
        descent,
    ),
    (
        "eq-descent-taylor",
        r"C\bigl(\boldsymbol\theta - \eta\,\nabla C(\boldsymbol\theta)\bigr) = C(\boldsymbol\theta)"
        r" - \eta\,\lVert \nabla C(\boldsymbol\theta) \rVert^2 + O(\eta^2)",
        descent_taylor,
    ),
    ("eq-stable-rate", r"\lvert 1 - \eta \kappa \rvert < 1 \iff 0 < \eta < \frac{2}{\kappa}", rates),
    (
        "eq-minibatch-unbiased",
        r"\mathbb{E}\Bigl[\frac1B \sum_{k \in \mathcal{B}} \mathbf{g}_k\Bigr] = \frac1N \sum_{k=1}^{N} \mathbf{g}_k",
        minibatches,
    ),
    (
        "eq-relative-error",
        r"e = \frac{\lVert \mathbf{g} - \mathbf{h} \rVert}{\max(\lVert \mathbf{g} \rVert, \lVert \mathbf{h} \rVert)}",
        relative,
    ),
    (
        "eq-directional-check",
        r"\frac{C(\boldsymbol\theta + h\mathbf{v}) - C(\boldsymbol\theta - h\mathbf{v})}{2h}"
        r" = \nabla C(\boldsymbol\theta)^\top \mathbf{v} + O(h^2)",
        cubic,
    ),
    ("eq-forward-flops", r"F = \sum_{l=2}^{L} n_l\, n_{l-1}", work),
    ("eq-backward-flops", r"F_{\text{back}} = 2F - n_1 n_2", work),
    ("eq-vjp", r"(\mathbf{u}^\top \mathbf{A})\,\mathbf{B} = \mathbf{u}^\top (\mathbf{A}\mathbf{B})", products),
    ("eq-momentum", r"v_{s+1} = \mu v_s - \eta g_s, \qquad \theta_{s+1} = \theta_s + v_{s+1}", optimiser),
    ("eq-nesterov", r"\phi_{s+1} = \phi_s + \mu v_{s+1} - \eta g_s", optimiser),
    (
        "eq-adagrad",
        r"G_{s+1} = G_s + g_s^2, \qquad \psi_{s+1} = \psi_s - \frac{\eta\, g_s}{\sqrt{G_{s+1}} + \epsilon}",
        optimiser,
    ),
    ("eq-rmsprop", r"q_{s+1} = \rho\, q_s + (1 - \rho)\, g_s^2", optimiser),
    ("eq-adam", r"m_{s+1} = \beta_1 m_s + (1 - \beta_1)\, g_s", optimiser),
    ("eq-adam-bias-correction", r"\hat m_s = \frac{m_s}{1 - \beta_1^s}", optimiser),
    ("eq-step-decay", r"\eta_s = \eta_0\, \gamma^{\lfloor s / S \rfloor}", decay),
    (
        "eq-dropout-mean",
        r"\mathbb{E}\Bigl[\sum_{i=1}^{n} w_{ji}\, \frac{m_i}{1 - p}\, a_i\Bigr] = \sum_{i=1}^{n} w_{ji}\, a_i",
        dropout,
    ),
    ("eq-glorot", r"\operatorname{Var}[w] = \frac{2}{n_{l-1} + n_l}", initial),
    ("eq-he", r"\operatorname{Var}[u] = \frac{2}{n_{l-1}}", initial),
    (
        "eq-batchnorm-forward",
        r"\begin{aligned} \mu_j &= \frac1N \sum_{k=1}^{N} z_{kj}, \\ v_j &= \frac1N \sum_{k=1}^{N} (z_{kj} - \mu_j)^2,"
        r" \\ \hat z_{kj} &= \frac{z_{kj} - \mu_j}{\sqrt{v_j + \epsilon}}, \\ y_{kj} &= \gamma_j \hat z_{kj} + \beta_j"
        r" \end{aligned}",
        normalised,
    ),
    (
        "eq-batchnorm-backward",
        r"\frac{\partial C}{\partial z_{kj}} = \frac{\gamma_j}{N \sqrt{v_j + \epsilon}} \Bigl( N \delta_{kj}"
        r" - \sum_{m=1}^{N} \delta_{mj} - \hat z_{kj} \sum_{m=1}^{N} \delta_{mj} \hat z_{mj} \Bigr)",
        normalised,
    ),
]

CORPUS = [(label, latex, assumed) for label, latex, assumed in NETWORK]
CORPUS += [(label, latex, {"given": given}) for label, latex, given in GIVEN]

# Wrong forms that mean the same: (label, part of the LaTeX) with the reason.
EQUIVALENT = {
    ("eq-bias-unit", "a_{0}^{l} = 1"): "the bias unit is 1 on every layer",
    ("eq-bias-unit", "a_{0}^{l + 1} = 1"): "the bias unit is 1 on every layer",
    ("eq-linear-collapse", r"\mathbf{z}^{3} ="): "a linear output: a is z",
    ("eq-adaline-gradient", "(z_{1}^{2} - t_{1})"): "a linear output: a is z",
    ("eq-delta-norm-bound", r"\max_{j} (f'"): "every activation that is drawn increases, so f′ > 0",
    ("eq-relu-derivative", "z < 1"): "the first case has taken every z above 0",
    ("eq-delta-matched-linear", "z_{j}^{L} - t_{j}"): "a linear output: a is z",
    ("eq-step-decay", r"\eta_{1} \gamma"): "the first three rates are equal",
}
