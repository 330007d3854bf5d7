"""The engine's numbers agree with independent computations, and do not depend on the code that they judge."""

import ast
from pathlib import Path

import numpy as np
import pytest

import nnbook
import nnbook.equations
from nnbook.equations import engine

FOLDER = Path(nnbook.equations.__file__).parent


def network(output="tanh", cost="SquaredError"):
    rng = np.random.default_rng(5)
    return engine.Network([4, 3, 5, 2], 6, ["sigmoid", "softplus", output], cost, None, rng)


def test_only_the_three_way_comparison_imports_the_package():
    for path in FOLDER.rglob("*.py"):
        imported = set()
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for_types = [
            block for block in tree.body if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.dump(block.test)
        ]
        tree.body = [statement for statement in tree.body if statement not in for_types]
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level != 1:
                imported.add("." * node.level + (node.module or ""))
        own = {name for name in imported if name.startswith(("nnbook", ".."))}
        own -= {"..core.extras", "..errors"}  # what to install, and (from language/) what can be wrong
        assert not own or path.name in ("package_side.py", "checks.py"), f"{path.name} imports {own}"


@pytest.mark.parametrize(
    ("output", "cost"),
    [
        ("tanh", "SquaredError"),
        ("sigmoid", "BinaryCrossEntropy"),
        ("softmax", "CategoricalCrossEntropy"),
        ("identity", "SquaredError"),
        ("arbitrary", "squared error without ½"),
        ("leaky_relu", "mean squared error"),
    ],
)
def test_derivatives_are_those_of_finite_differences(output, cost):
    net, h = network(output, cost), 1e-6
    for kind, layer, *place in [("w", 2, 2, 0), ("w", 4, 0, 4), ("b", 3, 1)]:
        store = (net.w if kind == "w" else net.b)[layer]
        costs = []
        for step in (h, -h):
            store[tuple(place)] += step
            costs.append(net.run()["C"][0])
            store[tuple(place)] -= step
        slope = (costs[0] - costs[1]) / (2 * h)
        assert net.slope(("C", None), (kind, layer))[tuple(place)] == pytest.approx(slope, rel=1e-6, abs=1e-8)


def test_a_nudged_z_moves_what_is_behind_it_alone():
    net, spot = network(), ("z", 3)
    own = net.slope(("z", 3), spot)  # sample and unit that move, sample and unit that are seen
    assert (own == np.einsum("ac,bd->abcd", np.eye(6), np.eye(5))).all()
    assert not net.slope(("z", 2), spot).any()
    costs = net.slope(("C", None), spot)
    assert not costs[1, :, 0].any()
    assert (costs[1, :, 1] == net.array("delta", 3)[1]).all()
    assert net.array("delta", 3).all()


def test_the_penalty_counts_weights_and_no_biases():
    net = network()
    assert net.penalty[0] == "L2"
    weights = sum(float((w**2).sum()) for w in net.w.values())
    assert net.array("J") == pytest.approx(net.array("C_T") / 6 + net.penalty[1] / 2 * weights)
    assert net.slope(("J", None), ("b", 2)) == pytest.approx(net.slope(("C_T", None), ("b", 2)) / 6)


def test_targets_are_soft_and_add_up_to_1_for_categorical_cross_entropy():
    soft = network("sigmoid", "BinaryCrossEntropy").t
    assert ((soft > 0) & (soft < 1)).all()
    assert (network().t > 1).any()
    assert (network().t < 0).any()
    assert network("softmax", "CategoricalCrossEntropy").t.sum(axis=1) == pytest.approx(1)


@pytest.mark.parametrize("z", [-700.0, -3.0, 0.0, 2.0, 700.0])
def test_activations_stay_finite_and_are_those_of_the_package(z):
    for name, f in engine.ACTIVATIONS.items():
        point = np.array([z])
        assert np.isfinite(f(point)).all(), name
        assert f(point) == pytest.approx(getattr(nnbook, name)(point)), name
