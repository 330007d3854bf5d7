"""A stratified split keeps every class's share, loses no sample and uses none twice."""

import numpy as np
import pytest

from nnbook.datasets import stratified_split

LABELS = np.repeat([0, 1, 2], [80, 40, 20])


def test_every_part_has_the_shares_of_the_whole():
    parts = stratified_split(LABELS, [0.5, 0.25, 0.25], rng=0)
    for part, size in zip(parts, [70, 35, 35], strict=True):
        assert len(part) == size
        np.testing.assert_array_equal(np.bincount(LABELS[part]) * 140 / size, [80, 40, 20])


def test_nothing_is_lost_or_used_twice():
    together = np.concatenate(stratified_split(LABELS, [0.6, 0.4], rng=1))
    np.testing.assert_array_equal(np.sort(together), np.arange(140))


def test_what_is_left_over_belongs_to_no_part():
    (part,) = stratified_split(LABELS, [0.1], rng=1)
    assert len(part) == 14


def test_the_seed_decides():
    first, again, other = (stratified_split(LABELS, [0.5], rng=seed)[0] for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert not np.array_equal(first, np.sort(first)), "the classes must not come one after the other"


@pytest.mark.parametrize(
    ("labels", "fractions", "error", "named"),
    [
        (LABELS / 2, [0.5], TypeError, "labels"),
        (LABELS[:, None], [0.5], TypeError, "labels"),
        (LABELS, [], ValueError, "fractions"),
        (LABELS, [0.8, 0.4], ValueError, "fractions"),
        (LABELS, [0.5, 0], ValueError, r"fractions\[1\]"),
        (LABELS[:1], [0.1], ValueError, "an empty part"),
        (np.empty(0, int), [0.5], ValueError, "an empty part"),
    ],
)
def test_bad_input_is_named(labels, fractions, error, named):
    with pytest.raises(error, match=named):
        stratified_split(labels, fractions, rng=0)


def test_rng_has_no_hidden_default():
    with pytest.raises(TypeError, match="rng"):
        stratified_split(LABELS, [0.5], rng=None)
