"""Containers indexed by layer number: only the book's l is accepted, and views stay views."""

import copy
import pickle

import numpy as np
import pytest

import nnbook as nn
from nnbook.core.bylayer import ByLayer


def by_layer():
    return ByLayer("W", 2, [np.zeros((3, 4)), np.ones((2, 3))])


def test_iteration_runs_over_the_layers_that_exist():
    W = by_layer()
    assert list(W) == [2, 3]
    assert len(W) == 2
    assert [W[l].shape for l in W] == [(3, 4), (2, 3)]
    assert [l for l, _ in W.items()] == [2, 3]
    assert 2 in W
    assert 1 not in W
    assert 4 not in W


@pytest.mark.parametrize("l", [1, 4, 0, -1, 2.5, "2", None, True, (2,), slice(2, 3)])
def test_an_index_that_does_not_exist_raises(l):
    with pytest.raises(IndexError, match=r"does not exist: the layers are 2 to 3"):
        by_layer()[l]


def test_numpy_integers_count():
    assert by_layer()[np.int64(3)].shape == (2, 3)


def test_assignment_copies_into_place():
    net = nn.Network([4, 3, 2], rng=0)
    view, before = net.W[2], net.parameters
    net.W[2] = np.arange(12).reshape(3, 4)
    assert net.W[2] is view
    assert np.array_equal(net.parameters[:12], np.arange(12))
    net.W[2] -= 1
    assert net.W[2] is view
    assert np.array_equal(net.parameters[:12], np.arange(12) - 1)
    net.b[3] = [7, 8]
    assert np.array_equal(net.parameters[-2:], [7, 8])
    assert net.parameters is before
    net.W[3][1, 2] = 9
    assert net.parameters[12 + 5] == 9


@pytest.mark.parametrize(
    ("value", "error", "words"),
    [
        (np.ones((4, 3)), ValueError, r"W\[2\] has shape \(3, 4\); the new value has shape \(4, 3\)"),
        (1.0, ValueError, "new value has shape"),
        (np.ones((1, 4)), ValueError, "new value has shape"),
        (np.ones((3, 4), complex), TypeError, "holds float64; the new value has dtype complex128"),
        (np.full((3, 4), "a"), TypeError, "new value has dtype"),
    ],
)
def test_what_cannot_be_assigned(value, error, words):
    W = by_layer()
    with pytest.raises(error, match=words):
        W[2] = value
    assert np.array_equal(W[2], np.zeros((3, 4)))


def test_numbers_cannot_be_replaced():
    net = nn.Network([4, 3, 2], rng=0)
    with pytest.raises(TypeError, match=r"sizes\[2\] cannot be replaced"):
        net.sizes[2] = 5
    with pytest.raises(TypeError, match=r"f\[2\] cannot be replaced"):
        net.f[2] = nn.tanh


def test_copies_and_repr():
    W = by_layer()
    for twin in (copy.deepcopy(W), pickle.loads(pickle.dumps(W))):
        twin[2][...] = 5
        assert list(twin) == [2, 3]
        assert np.array_equal(W[2], np.zeros((3, 4)))
    assert repr(W) == "W{2: array(3, 4), 3: array(2, 3)}"
    assert repr(ByLayer("sizes", 1, [4, 3])) == "sizes{1: 4, 2: 3}"
