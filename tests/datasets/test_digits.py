"""The 4 × 3 digits: the same everywhere, distinguishable by eye, noisy as documented."""

import hashlib

import numpy as np
import pytest

import nnbook as nn


def test_size_and_labels():
    X, labels = nn.datasets.digits_4x3()
    assert X.shape == (72, 12)
    assert labels.shape == (72,)
    assert sorted(set(labels.tolist())) == [0, 1]
    assert (labels == 0).sum() == (labels == 1).sum() == 36
    assert X.min() >= 0
    assert X.max() <= 1
    assert len(X) >= 64


def test_the_same_on_every_machine():
    X, labels = nn.datasets.digits_4x3()
    assert np.array_equal(X, np.round(X, 2))
    digest = hashlib.sha256(repr((np.round(X * 100).astype(int).tolist(), labels.tolist())).encode()).hexdigest()
    assert digest[:16] == "0c758161ab57aa80"
    again, _ = nn.datasets.digits_4x3(0)
    assert np.array_equal(X, again)
    other, _ = nn.datasets.digits_4x3(1)
    assert not np.array_equal(X, other)
    drawn, _ = nn.datasets.digits_4x3(np.random.default_rng(0))
    assert np.array_equal(X, drawn)


def test_clean_drawings_are_different_and_noise_turns_one_pixel():
    X, labels = nn.datasets.digits_4x3(noisy=8)
    clean, clean_labels = nn.datasets.digits_4x3(noisy=0)
    assert clean.shape == (8, 12)
    assert clean_labels.tolist() == [0] * 4 + [1] * 4
    assert set(np.unique(clean)) == {0, 1}
    assert len({row.tobytes() for row in clean}) == 8
    for d in range(8):
        block = X[9 * d : 9 * (d + 1)]
        assert (labels[9 * d : 9 * (d + 1)] == clean_labels[d]).all()
        assert np.array_equal(block[0], clean[d])
        for image in block[1:]:
            assert (np.abs(image - clean[d]) > 0.5).sum() == 1
            assert (np.minimum(np.abs(image), np.abs(1 - image)) <= 0.25).all()


def test_the_first_zero_is_a_ring():
    clean, _ = nn.datasets.digits_4x3(noisy=0)
    assert np.array_equal(clean[0].reshape(4, 3), [[1, 1, 1], [1, 0, 1], [1, 0, 1], [1, 1, 1]])
    assert np.array_equal(clean[4].reshape(4, 3), [[0, 1, 0]] * 4)


@pytest.mark.parametrize(
    ("kwargs", "error", "words"),
    [
        ({"noisy": -1}, ValueError, "noisy must be at least 0"),
        ({"noisy": 1.5}, TypeError, "noisy must be a whole number"),
        ({"rng": None}, TypeError, "rng is needed"),
        ({"rng": -1}, ValueError, "rng must be at least 0"),
        ({"rng": "seed"}, TypeError, "rng must be a whole number"),
    ],
)
def test_bad_arguments(kwargs, error, words):
    with pytest.raises(error, match=words):
        nn.datasets.digits_4x3(**kwargs)
