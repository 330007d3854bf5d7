"""The figures' script computes what the package computes."""

import numpy as np
import pytest

import nnbook as nn
from nnbook.interactive._network import plain

TOLERANCE = 1e-9
NETWORKS = [
    ([12, 3, 2], "sigmoid"),
    ([1, 3, 2], ["tanh", "identity"]),
    ([5, 4, 3, 2], ["relu", "tanh", "sigmoid"]),
    ([4, 6, 5, 3, 2], ["identity", "sigmoid", "relu", "tanh"]),
    ([3, 2], "sigmoid"),
]


def drawn(sizes, activation, seed):
    rng = np.random.default_rng(seed)
    net = nn.Network(sizes, activation, rng=rng)
    net.parameters = rng.normal(size=net.parameter_count)
    return net, rng.normal(size=sizes[0]), rng.uniform(size=sizes[-1])


def as_data(net):
    return {
        "sizes": list(net.sizes.values()),
        "f": {str(l): name for l, name in plain(net)["f"].items()},
        "W": {str(l): W.tolist() for l, W in net.W.items()},
        "b": {str(l): b.tolist() for l, b in net.b.items()},
    }


def largest_difference(javascript, net, x, t, change=None):
    run = javascript("backprop(net, x, t)", change=change, net=as_data(net), x=x.tolist(), t=t.tolist())
    trace, grads = net.forward(x), nn.backprop(net, x[None], t[None], nn.SquaredError())
    differences = [abs(run["cost"] - grads.cost), np.abs(np.array(run["a"][1]) - x).max()]
    for l in net.W:
        for name, wanted in (
            ("z", trace.z[l]),
            ("a", trace.a[l]),
            ("delta", grads.delta[l][0]),
            ("dW", grads.W[l]),
            ("db", grads.b[l]),
        ):
            got = np.array(run[name][l], dtype=float)
            assert got.shape == wanted.shape, f"{name}[{l}]"
            differences.append(np.abs(got - wanted).max())
    return max(differences)


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize(("sizes", "activation"), NETWORKS)
def test_backprop_equals_the_package(javascript, sizes, activation, seed):
    assert largest_difference(javascript, *drawn(sizes, activation, seed)) < TOLERANCE


MUTANTS = {
    "output delta without f'": ("dC_da[j] * f.derivative(value)", "dC_da[j]"),
    "output delta with f for f'": ("dC_da[j] * f.derivative(value)", "dC_da[j] * f.f(value)"),
    "hidden delta without f'": ("WNext[j][i])) * f.derivative(value)", "WNext[j][i]))"),
    "hidden delta takes the first weight": ("delta * WNext[j][i]", "delta * WNext[j][0]"),
    "weight gradient takes delta for a": ("aPrev.map(a => d * a)", "aPrev.map(a => d * d)"),
    "bias gradient sign": ("delta => delta.slice()", "delta => delta.map(d => -d)"),
    "bias left out of z": (" + net.b[l][j]", ""),
    "squared error without its half": ("** 2)) / 2", "** 2))"),
    "squared error's gradient": ("a.map((value, j) => value - t[j])", "a.map((value, j) => value + t[j])"),
    "tanh derivative": ("1 - Math.tanh(z) * Math.tanh(z)", "1 - Math.tanh(z)"),
}


@pytest.mark.parametrize("change", MUTANTS.values(), ids=MUTANTS.keys())
def test_a_wrong_formula_is_noticed(javascript, change):
    net, x, t = drawn([5, 4, 3, 2], ["sigmoid", "tanh", "sigmoid"], 7)
    assert largest_difference(javascript, net, x, t) < TOLERANCE
    assert largest_difference(javascript, net, x, t, change=change) > 1e-3


def test_a_nudge_of_z_is_a_nudge_of_its_bias(javascript):
    net, x, _ = drawn([4, 3, 5, 2], "tanh", 3)
    for l, j in ((2, 1), (3, 4), (4, 0)):
        got = javascript("forward(net, x, {l: l, j: j, by: 0.3}).output", net=as_data(net), x=x.tolist(), l=l, j=j)
        nudged = net.copy()
        nudged.b[l][j] += 0.3
        np.testing.assert_allclose(got, nudged.forward(x).output, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize(
    ("number", "decimals", "text"),
    [
        (0.5, 4, "0.5000"),
        (-1.25, 2, "−1.25"),
        (0, 3, "0.000"),
        (-0.0, 2, "0.00"),
        (0.00001234, 4, "1.23·10⁻⁵"),
        (-0.00001234, 4, "−1.23·10⁻⁵"),
        (12345678.9, 4, "1.23·10⁷"),
        (0.00005, 4, "0.0001"),
        (3, 0, "3"),
    ],
)
def test_numbers_are_shown_for_the_eye(javascript, number, decimals, text):
    assert javascript("show(number, decimals)", number=number, decimals=decimals) == text


def test_overflow_is_named(javascript):
    shown = javascript("[show(1 / 0), show(-1 / 0), show(0 / 0)]")
    assert shown == ["∞", "−∞", "undefined"]


def test_sigmoid_saturates_without_nan(javascript):
    values = javascript("[-800, 800].map(z => [activations.sigmoid.f(z), activations.sigmoid.derivative(z)])")
    assert values == [[0, 0], [1, 0]]
