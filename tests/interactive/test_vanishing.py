"""The deep-network figure computes its deltas as the package does."""

import numpy as np
import pytest

from nnbook.interactive._vanishing import ALPHABET, DEPTH, UNITS, delta_norms, draws, encode

SCRIPTS = ("core", "vanishing_core")
WEIGHTS, INPUTS = draws()
DATA = {"units": UNITS, "depth": DEPTH, "weights": encode(WEIGHTS), "inputs": encode(INPUTS)}


@pytest.mark.parametrize("depth", [3, 9, 20])
@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu"])
def test_sizes_of_the_deltas_equal_the_package(javascript, name, depth):
    got = javascript("deltaNorms(name, depth, 1.3)", SCRIPTS, name=name, depth=depth, data=DATA)
    wanted = delta_norms(name, depth, 1.3, WEIGHTS, INPUTS)
    assert len(got) == depth - 1
    np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=0)
    assert min(wanted) > 0


def test_a_missing_slope_is_noticed(javascript):
    change = ("WNext[j][i])) * f.derivative(value)", "WNext[j][i]))")
    got = javascript("deltaNorms('sigmoid', 9, 1)", SCRIPTS, change, data=DATA)
    assert got[0] > 100 * delta_norms("sigmoid", 9, 1.0, WEIGHTS, INPUTS)[0]


def test_numbers_survive_the_one_character_code(javascript):
    values = np.arange(-32, 32) / 10
    assert encode(values) == ALPHABET
    got = javascript("[ALPHABET, decode(ALPHABET)]", SCRIPTS, data=DATA)
    assert got[0] == ALPHABET
    np.testing.assert_array_equal(got[1], values)


def test_the_draws_are_ordinary_ones():
    assert WEIGHTS.shape == (DEPTH - 1, UNITS, UNITS)
    assert abs(WEIGHTS.std() - 1) < 0.03
    assert abs(WEIGHTS.mean()) < 0.03
