"""One-hot targets and back to labels."""

import numpy as np
import pytest

import nnbook as nn


def test_one_hot_and_back():
    labels = np.array([2, 0, 1, 2])
    T = nn.one_hot(labels, 4)
    assert np.array_equal(T, [[0, 0, 1, 0], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]])
    assert T.dtype == np.float64
    assert nn.one_hot(labels, 3, dtype="float32").dtype == np.float32
    assert np.array_equal(nn.labels_of(T), labels)
    assert np.array_equal(nn.one_hot([1, 0], 2), [[0, 1], [1, 0]])
    assert np.array_equal(nn.one_hot(labels.astype("uint8"), 3), nn.one_hot(labels, 3))
    assert nn.one_hot([], 3).shape == (0, 3)


def test_a_tie_goes_to_the_first():
    assert nn.labels_of([[0.5, 0.5], [0.1, 0.9]]).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("labels", "classes", "error", "words"),
    [
        ([0, 3], 3, ValueError, r"labels\[1\] is 3; with 3 classes a label is 0 to 2"),
        ([-1], 3, ValueError, r"labels\[0\] is -1"),
        ([0.0], 3, TypeError, "labels must be whole numbers; they have dtype float64"),
        ([True], 3, TypeError, "labels must be whole numbers"),
        (["a"], 3, TypeError, "labels must be whole numbers"),
        ([[0]], 3, ValueError, r"labels must have shape \(samples,\)"),
        (0, 3, ValueError, r"labels must have shape \(samples,\)"),
        ([0], 0, ValueError, "classes must be at least 1"),
        ([0], 2.0, TypeError, "classes must be a whole number"),
        ([0], True, TypeError, "classes must be a whole number"),
        ([[0], [0, 1]], 3, ValueError, "labels must"),
    ],
)
def test_bad_labels(labels, classes, error, words):
    with pytest.raises(error, match=words):
        nn.one_hot(labels, classes)


@pytest.mark.parametrize(
    ("outputs", "error"), [([0.1, 0.9], ValueError), (np.ones((0, 3)), ValueError), ([["a"]], TypeError)]
)
def test_bad_outputs(outputs, error):
    with pytest.raises(error, match="outputs must"):
        nn.labels_of(outputs)


def test_nan_outputs_have_no_label():
    with pytest.raises(ValueError, match=r"outputs\[0, 1\] is nan"):
        nn.labels_of([[0.1, np.nan]])
