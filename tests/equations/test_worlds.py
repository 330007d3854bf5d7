"""The plan of what is tried: the same for every equation, and broad enough to refute what holds only in rare cases."""

import numpy as np
import pytest

from nnbook.equations import worlds
from nnbook.equations.worlds import Needs

CORE = [spec for spec in worlds.plan() if spec.core]


def test_sizes_are_pairwise_different_and_differ_from_the_number_of_samples():
    for spec in worlds.plan():
        assert len({*spec.sizes, spec.samples}) == len(spec.sizes) + 1, spec


def test_every_activation_cost_and_depth_is_tried():
    assert {spec.output for spec in CORE} == set(worlds.OUTPUT)
    assert {spec.cost for spec in CORE} == {"SquaredError", "BinaryCrossEntropy"}
    assert {len(spec.sizes) for spec in CORE} == {2, 3, 4, 5}
    assert {name for spec in worlds.plan() for name in spec.hidden} >= set(worlds.HIDDEN)
    assert ("softmax", "CategoricalCrossEntropy") in {(spec.output, spec.cost) for spec in worlds.plan()}


def test_what_an_equation_names_by_number_exists_in_every_network():
    for spec in worlds.plan(needs=Needs(layer=4, unit=7, sample=9)):
        assert len(spec.sizes) >= 4
        assert min(spec.sizes) >= 7
        assert spec.samples >= 9


def test_numbers_leave_the_narrow_ranges_that_wrong_claims_hide_in():
    networks = [worlds.network(spec) for spec in CORE]
    weights = np.concatenate([w.ravel() for net in networks for w in net.w.values()])
    assert np.abs(weights).max() > 1
    targets = np.concatenate([net.t.ravel() for net in networks if net.cost == "SquaredError"])
    assert targets.min() < 0
    assert targets.max() > 1
    assert max(net.penalty[1] for net in networks) > 1


def test_the_same_network_is_drawn_every_time():
    worlds.network.cache_clear()
    first = worlds.network(CORE[0]).w[2].copy()
    worlds.network.cache_clear()
    assert (worlds.network(CORE[0]).w[2] == first).all()


@pytest.mark.parametrize("place", [0.0, 6.5, -30.0])
def test_points_hold_the_kink_its_neighbours_and_the_tails(place):
    z = worlds.points({"z"})["z"]
    assert place in z
    assert ((np.abs(z) > 0) & (np.abs(z) < 1e-5)).any()


def test_two_bare_letters_are_two_numbers():
    points = worlds.points({"x", "z"})
    assert (points["x"] != points["z"]).sum() > len(points["x"]) / 2
