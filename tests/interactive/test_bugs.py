"""The gradient-check figure plants the bugs of the package's zoo and measures as the package does."""

import numpy as np
import pytest

import nnbook as nn
from nnbook.checking.diagnosis import ZOO, diagnose
from nnbook.core.penalties import L2
from nnbook.interactive import gradient_check
from nnbook.interactive._check import BUGS, LAMBDA, findings, planted

from .test_core import as_data
from .test_figures import script_of

SCRIPTS = ("core", "bugs")
NAMES = [name for name, *_ in BUGS]


def case(sizes=(12, 3, 2), activation="sigmoid", seed=0, samples=4):
    rng = np.random.default_rng(seed)
    net = nn.Network(list(sizes), activation, rng=rng)
    net.parameters = rng.normal(size=net.parameter_count)
    return net, rng.normal(size=(samples, sizes[0])), rng.uniform(size=(samples, sizes[-1]))


def largest_difference(javascript, name, net, X, T, wanted, change=None):
    got = javascript(
        "batchGradient(net, X, T, name)", SCRIPTS, change, net=as_data(net), X=X.tolist(), T=T.tolist(), name=name
    )
    return max(
        np.abs(np.array(got[kind][l], dtype=float) - getattr(wanted, kind)[l]).max() for kind in "Wb" for l in net.W
    )


CASES = [((12, 3, 2), "sigmoid"), ((5, 4, 3, 2), ["tanh", "sigmoid", "identity"]), ((2, 6, 3), ["sigmoid", "tanh"])]


@pytest.mark.parametrize(("sizes", "activation"), CASES)
@pytest.mark.parametrize("name", ["none", *NAMES])
def test_a_planted_bug_gives_what_the_zoo_gives(javascript, name, sizes, activation):
    net, X, T = case(sizes, activation)
    wanted = nn.backprop(net, X, T, nn.SquaredError()) if name == "none" else planted(name, net, X, T)[0]
    assert largest_difference(javascript, name, net, X, T, wanted) < 1e-9


@pytest.mark.parametrize("name", NAMES)
def test_a_bug_that_is_not_planted_is_noticed(javascript, name):
    net, X, T = case()
    wanted, _ = planted(name, net, X, T)
    assert largest_difference(javascript, "none", net, X, T, wanted) > 1e-3


def test_menu_code_and_script_have_the_same_bugs(javascript):
    assert javascript("Object.keys(bugs)", SCRIPTS) != []
    assert sorted(javascript("Object.keys(bugs)", SCRIPTS)) == sorted(NAMES)
    assert set(NAMES) <= set(ZOO)
    assert javascript("[LAMBDA, RATE]", SCRIPTS) == [LAMBDA, 0.5]


@pytest.mark.parametrize("penalised", [False, True])
def test_central_differences_equal_the_gradient(javascript, penalised):
    net, X, T = case((5, 4, 3, 2), ["tanh", "sigmoid", "identity"])
    got = javascript(
        "centralDifferences(net, X, T, penalised)",
        SCRIPTS,
        net=as_data(net),
        X=X.tolist(),
        T=T.tolist(),
        penalised=penalised,
    )
    grads, penalty = nn.backprop(net, X, T, nn.SquaredError()), L2(LAMBDA)
    for l in net.W:
        W, b = grads.W[l], grads.b[l]
        if penalised:
            W, b = W / len(X) + penalty.gradient(net.W[l]), b / len(X)
        np.testing.assert_allclose(got["W"][l], W, rtol=0, atol=1e-8)
        np.testing.assert_allclose(got["b"][l], b, rtol=0, atol=1e-8)


def test_measuring_puts_every_weight_back(javascript):
    net, X, T = case()
    after = javascript("(centralDifferences(net, X, T), net)", SCRIPTS, net=as_data(net), X=X.tolist(), T=T.tolist())
    assert after == as_data(net)


def test_relative_error_equals_the_package(javascript):
    g, h = np.random.default_rng(0).normal(size=(2, 9))
    for other in (h, g, -g, 0 * g):
        got = javascript("relativeError(g, h)", SCRIPTS, g=g.tolist(), h=other.tolist())
        assert got == pytest.approx(nn.relative_error(g, other), abs=1e-12)
    assert javascript("relativeError([0, 0], [0, 0])", SCRIPTS) == 0


PLACES = {
    "sign flipped": ["delta[3]"],
    "W transposed in the flat order": ["W[2]"],
    "f' forgotten": ["delta[2]"],
    "f' at a": ["delta[2]"],
    "delta factor 2": ["delta[3]"],
    "mean for sum": ["gradients"],
    "b of one sample": ["b[3]", "b[2]"],
    "updated W in the recursion": ["delta[2]"],
    "penalty twice": ["W[3]", "W[2]"],
}


@pytest.mark.parametrize("name", NAMES)
def test_the_diagnosis_names_the_bug_and_its_place(name):
    net, X, T = case()
    wrong, penalty = planted(name, net, X, T)
    diagnosis = diagnose(wrong, net, X, T, nn.SquaredError(), penalty, verbose=False)
    assert [(finding.where, finding.what) for finding in diagnosis.findings] == [(p, name) for p in PLACES[name]]
    told = findings(wrong, net, X, T, penalty)
    assert told.startswith(", ".join(PLACES[name]) + ": ")
    assert diagnosis.findings[0].text in told


def test_no_bug_no_finding():
    net, X, T = case()
    assert findings(nn.backprop(net, X, T, nn.SquaredError()), net, X, T) == "none found"


def test_a_bug_that_cannot_be_made_is_left_out():
    net, X, T = case(samples=1)
    script = script_of(gradient_check(net, X, T, label="a"))
    assert '"name":"sign flipped"' in script
    assert '"name":"mean for sum"' not in script
    assert '"name":"b of one sample"' not in script
