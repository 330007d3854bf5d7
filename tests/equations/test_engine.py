"""The engine's numbers are right by another way of getting them, and they owe nothing to what they judge."""

import ast
from pathlib import Path

import numpy as np
import pytest

import nnbook.equations
from nnbook.equations import engine

FOLDER = Path(nnbook.equations.__file__).parent


def network(output="tanh", cost="SquaredError"):
    rng = np.random.default_rng(5)
    return engine.Network([4, 3, 5, 2], 6, ["sigmoid", "softplus", output], cost, None, rng)


def test_only_the_three_way_comparison_imports_the_package():
    for path in FOLDER.glob("*.py"):
        imported = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level != 1:
                imported.add("." * node.level + (node.module or ""))
        own = {name for name in imported if name.startswith(("nnbook", ".."))}
        assert not own or path.name in ("package_side.py", "lookup.py"), f"{path.name} imports {own}"


@pytest.mark.parametrize(
    ("output", "cost"),
    [
        ("tanh", "SquaredError"),
        ("sigmoid", "BinaryCrossEntropy"),
        ("softmax", "CategoricalCrossEntropy"),
        ("identity", "SquaredError"),
    ],
)
def test_derivatives_are_those_of_finite_differences(output, cost):
    net, h = network(output, cost), 1e-6
    for spot in [("w", 2, 3, 1), ("w", 4, 1, 5), ("b", 3, 2)]:
        store = net.w[spot[1]] if spot[0] == "w" else net.b[spot[1]]
        place = tuple(n - 1 for n in spot[2:])
        costs = []
        for step in (h, -h):
            store[place] += step
            costs.append([c.real for c in net.run()["C"]])
            store[place] -= step
        for k in range(net.N):
            slope = (costs[0][k] - costs[1][k]) / (2 * h)
            assert net.derivative(("C", None, k + 1, None), spot) == pytest.approx(slope, rel=1e-6, abs=1e-8)


def test_a_nudged_z_moves_what_is_behind_it_alone():
    net = network()
    spot = ("z", 3, 2, 4)
    assert net.derivative(("z", 3, 2, 4), spot) == 1
    assert net.derivative(("z", 3, 2, 1), spot) == 0
    assert net.derivative(("z", 2, 2, 1), spot) == 0
    assert net.derivative(("a", 3, 1, 4), spot) == 0
    assert net.derivative(("C", None, 1, None), spot) == 0
    assert net.derivative(("C", None, 2, None), spot) == net.value("delta", 3, 2, 4) != 0


def test_the_penalty_counts_weights_and_no_biases():
    net = network()
    assert net.penalty[0] == "L2"
    weights = sum(float((w**2).sum()) for w in net.w.values())
    assert net.value("J") == pytest.approx(net.value("C_T") / 6 + net.penalty[1] / 2 * weights)
    assert net.derivative(("J", None, None, None), ("b", 2, 1)) == pytest.approx(
        net.derivative(("C_T", None, None, None), ("b", 2, 1)) / 6
    )


def test_drawn_networks_have_pairwise_different_sizes_and_small_ones_come_first():
    networks = engine.drawn("eq-x")
    assert [net.L for net in networks] == [3, 3, 4, 4, 5, 5]
    for net in networks:
        assert len({*net.sizes.values(), net.N}) == net.L + 1
        assert min(net.sizes.values()) > 1
    assert "softmax" not in {name for net in networks for name in net.activations.values()}
    assert {net.cost for net in networks} == {"SquaredError", "BinaryCrossEntropy"}


def test_draws_depend_on_the_label_alone():
    one, same, other = (engine.drawn(label)[2] for label in ("eq-x", "eq-x", "eq-y"))
    assert (one.w[2] == same.w[2]).all()
    assert one.w[2].shape != other.w[2].shape or (one.w[2] != other.w[2]).all()


def test_targets_are_soft_and_add_up_to_1_for_categorical_cross_entropy():
    assert ((network().t > 0) & (network().t < 1)).all()
    assert network("softmax", "CategoricalCrossEntropy").t.sum(axis=1) == pytest.approx(1)


@pytest.mark.parametrize("z", [-800.0, -3.0, 2.0, 800.0])
def test_activations_stay_finite(z):
    for name, f in engine.ACTIVATIONS.items():
        assert np.isfinite(f(complex(z))), name


def test_the_unit_that_is_always_1_is_no_other_unit():
    net = network()
    sample, bias = 2, ("b", 3, 4)
    assert net.value("a", 3, sample, 0) == 1
    assert net.derivative(("a", 4, sample, 0), ("z", 2, sample, 1)) == 0
    assert net.derivative(("a", 4, sample, 2), ("z", 2, sample, 1)) != 0  # what index 0 once read
    of_the_bias = net.derivative(("C", None, sample, None), bias)
    assert net.derivative(("C", None, sample, None), ("w", 3, 4, 0)) == of_the_bias != 0
