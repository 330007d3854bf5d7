"""What a chapter says about its experiments also holds for seeds other than those that it prints.

Each test runs the chapter's own cells with other seeds and asks for the sentence below the cell. Where the chapter
prints a mean and its spread, the bound is computed from those two numbers (`agrees`), not chosen. The long ones bear
the mark `claim`: `make claims` runs them, `make test` does not.
"""

import contextlib
import os
from pathlib import Path

import chapters
import matplotlib
import numpy as np
import pytest
from small_chapter import ROOT

claim = pytest.mark.claim
DATA = Path(os.environ.get("NNBOOK_DATA", ""))


def needs(folder):
    """Skips a test whose chapter reads data that are not part of the book."""
    there = "NNBOOK_DATA" in os.environ and (DATA / folder).is_dir()
    return pytest.mark.skipif(
        not there, reason=f"the chapter needs the folder {folder} in the one that NNBOOK_DATA names"
    )


def rerun(chapter, changes, until):
    """The names that a chapter has defined after the cell that holds `until`, with each change (old, new) made once."""
    matplotlib.use("agg")
    cells = [
        cell.source for cell in chapters.read(ROOT / "book" / f"{chapter}.ipynb").cells if cell.cell_type == "code"
    ]
    last = next(i for i, source in enumerate(cells) if until in source)
    cells = [source for source in cells[: last + 1] if "nn.verify(" not in source and "nn.interactive" not in source]
    for old, new in changes:
        assert sum(old in source for source in cells) == 1, f"{chapter}: not in exactly one cell: {old}"
        cells = [source.replace(old, new) for source in cells]
    names = {}
    with contextlib.chdir(ROOT / "book"):
        for source in cells:
            exec(source, names)
    return names


def differ(one, other):
    """Whether the means of two samples differ by more than the larger of their standard deviations."""
    return abs(np.mean(one) - np.mean(other)) > max(np.std(one), np.std(other))


def agrees(sample, mean, sd, n):
    """Whether the mean of a sample is within three standard errors of a printed mean, `mean` ± `sd` of `n` numbers."""
    return abs(np.mean(sample) - mean) < 3 * np.hypot(np.std(sample) / np.sqrt(len(sample)), sd / np.sqrt(n))


def positive(sample):
    """Whether the mean of a sample is above 0 by more than three standard errors."""
    return np.mean(sample) > 3 * np.std(sample) / np.sqrt(len(sample))


def test_08_each_batch_size_has_a_rate_of_its_own():
    names = rerun("08-gradient-descent", [], "three = {")
    x, t = names["x"], names["t"]
    A = np.hstack([x, np.ones_like(x)])
    lowest = names["mean_cost"](*np.linalg.lstsq(A, t[:, 0], rcond=None)[0])
    above = {
        (B, eta): np.mean([names["mean_cost"](*names["path"](B, eta=eta, seed=seed)[-1]) for seed in range(50, 60)])
        - lowest
        for B in (40, 10, 1)
        for eta in (0.1, 0.5, 1.5)
    }
    assert [min((0.1, 0.5, 1.5), key=lambda eta, B=B: above[B, eta]) for B in (40, 10, 1)] == [1.5, 0.5, 0.1]
    assert max(above[40, 1.5], above[10, 0.5], above[1, 0.1]) < 0.01
    assert above[1, 1.5] > 0.1


def test_20_the_fading_factors_are_those_printed():
    names = rerun("20-vanishing-gradients", [], "def factors")
    seeds = range(100, 140)

    def quantiles(f, initializer):
        return np.quantile(names["factors"](f, initializer, seeds), [0.1, 0.5, 0.9])

    low, middle, high = quantiles("relu", "he_normal")
    assert 0.5 < middle < 2
    assert 0.2 < low < 0.7 and 2 < high < 8  # noqa: PT018
    assert 5 < quantiles("tanh", "glorot_normal")[1] < 13
    assert 300 < quantiles("relu", "scaled_normal")[1] < 1500
    assert 3e10 < quantiles("sigmoid", "glorot_normal")[1] < 2e11


@pytest.mark.parametrize("seed", [3, 33, 333])
def test_20_a_sigmoid_network_is_a_tanh_network(seed):
    change = (
        'network("tanh", "glorot_normal"), network("sigmoid")',
        f'network("tanh", "glorot_normal", {seed}), network("sigmoid", seed={seed})',
    )
    names = rerun("20-vanishing-gradients", [change], "twin = ")
    assert names["difference"] < 1e-9
    fades = [delta[19] / delta[2] for delta in names["both"]]
    np.testing.assert_allclose(*fades, rtol=1e-9)


def test_often_said_the_identity_fades_like_tanh():
    names = rerun("often-said-and-wrong", [], "def powers_lost")
    for f in "tanh", "identity":
        assert 5 < names["powers_lost"](f, range(40, 50)).mean() < 7


@pytest.mark.parametrize("seed", [8000, 8001, 8002])
def test_17_sigmoids_with_the_categorical_cross_entropy_cost_least_and_read_worst(seed):
    changes = [
        ('activation=["sigmoid", f], rng=17)', f'activation=["sigmoid", f], rng={seed})'),
        ("pairs = [(", "ends = []\npairs = [("),
        ('print(f"{f:8} {cost.name:24} cost', 'ends.append(history)\n    print(f"{f:8} {cost.name:24} cost'),
    ]
    names = rerun("17-matched-costs", changes, "pairs = [(")
    *right, wrong = names["ends"]
    assert all(history.accuracy[-1] == 1 for history in right)
    assert wrong.cost[-1] < min(history.cost[-1] for history in right)
    assert 0.3 < wrong.accuracy[-1] < 0.9  # from 0.4 to 0.8 with twenty other initial weights
    assert names["net"].predict(names["X"]).min() > 0.99  # all outputs are nearly 1


@claim
def test_18_at_their_best_rates_rmsprop_and_adam_are_lower_than_plain_descent():
    names = rerun(
        "18-optimisers",
        [("seed) for seed in range(3)] for f", "seed) for seed in range(10, 13)] for f")],
        "curves = {}",
    )
    at = {name: costs.min() for name, costs in names["curves"].items()}
    assert at["RMSprop"] < at["SGD"] / 2 and at["Adam"] < at["SGD"] / 2  # noqa: PT018
    assert max(at.values()) < 0.01
    assert all(costs[0] > 3 * costs.min() for name, costs in names["curves"].items() if name != "RMSprop")


@claim
def test_19_size_decides_little_and_data_decide_much():
    changes = [
        ("for seed in range(5)]\nerrors", "for seed in range(1000, 1010)]\nerrors"),
        ("100 + seed)) for seed in range(2)", "1100 + seed)) for seed in range(2)"),
    ]
    names = rerun("19-fitting-too-well", changes, "rivals = {")
    error, fresh = names["error"], names["fresh"]
    of_size = {hidden: [error(net, fresh) for net in nets] for hidden, nets in names["of_size"].items()}
    assert agrees(of_size[8], 0.26, 0.02, 5)
    assert agrees(of_size[128], 0.27, 0.03, 5)
    assert not differ(of_size[128], of_size[8])
    rivals = {name: [error(net, fresh) for net in nets] for name, nets in names["rivals"].items()}
    assert differ(rivals["32 units, 1,600 points"], rivals["32 units, 80 points"])
    assert np.mean(rivals["32 units, 1,600 points"]) < 0.21


@claim
def test_19_each_treatment_helps_and_none_is_always_best():
    names = rerun("19-fitting-too-well", [("for seed in range(8):", "for seed in range(5000, 5024):")], "by_fresh = ")
    found = {name: np.array(errors) for name, errors in names["on_fresh"].items()}
    less = {name: found["none"] - errors for name, errors in found.items() if name != "none"}
    printed = {"early stopping": (0.066, 0.034), "L2": (0.050, 0.017), "L1": (0.046, 0.032), "dropout": (0.046, 0.025)}
    for name, (mean, sd) in printed.items():
        assert positive(less[name]), name
        assert agrees(less[name], mean, sd, 8), name
    means = [sample.mean() for sample in less.values()]
    assert max(means) - min(means) < max(sample.std() for sample in less.values())
    assert len(set(names["by_fresh"])) > 2


@claim
def test_21_stuck_runs_of_xor_are_still_going_down():
    changes = [("(2, 30), (8, 10)", "(2, 60), (8, 40)"), ("for seed in range(starts)", "for seed in range(30, starts)")]
    names = rerun("21-local-minima", changes, "def curvatures")
    assert 3 <= len(names["stuck"]) <= 15
    for net in names["stuck"].values():
        slope, kappa = names["curvatures"](net)
        assert slope > 1e-5
        assert abs(kappa[0]) < 0.01 * kappa[-1]
    assert all(net.sizes[2] == 2 for net in names["stuck"].values())


@claim
def test_22_moved_copies_help_on_moved_images_only():
    changes = [
        ("60, seed) for seed in range(5)]", "60, seed) for seed in range(20, 23)]"),
        ("12, seed) for seed in range(5)]", "12, seed) for seed in range(20, 23)]"),
    ]
    names = rerun("22-handwritten-digits", changes, "augmented = ")
    nets = {"plain": names["plain"], "augmented": names["augmented"]}
    X, labels, valid, nn = names["X"], names["labels"], names["valid"], names["nn"]
    moved = names["shifted"]
    on_moved = {
        name: [nn.accuracy(net.predict(moved), np.tile(labels[valid], 4)) for net in both]
        for name, both in nets.items()
    }
    as_they_are = {
        name: [nn.accuracy(net.predict(X[valid]), labels[valid]) for net in both] for name, both in nets.items()
    }
    assert np.mean(on_moved["augmented"]) > 0.85 > 0.5 > np.mean(on_moved["plain"])
    assert differ(*as_they_are.values())
    assert np.mean(as_they_are["plain"]) > 0.96


@claim
def test_23_the_gap_of_the_digits_is_the_order_of_the_file():
    names = rerun("23-sequential", [], "def validated")
    count = len(names["labels"])
    in_file = [names["validated"](np.arange(count), seed)[1] for seed in range(20, 25)]
    shuffled = [names["validated"](np.random.default_rng(seed).permutation(count), seed)[1] for seed in range(20, 25)]
    assert differ(in_file, shuffled)
    assert abs(np.mean(in_file) - 0.88) < 0.02
    assert abs(np.mean(shuffled) - 0.954) < 0.02


@claim
def test_23_the_small_model_finds_the_truth_and_the_large_one_is_too_sure():
    changes = [("rng=seed) for seed in range(16)]", "rng=500 + seed) for seed in range(16)]")]
    names = rerun("23-sequential", changes, "step = weights")
    new, X = names["new"], names["inputs"](names["new"])
    small = [model.evaluate(X, new.admit, verbose=0)[0] for model in names["small"]]
    large = [model.evaluate(X, new.admit, verbose=0)[0] for model in names["large"]]
    best = names["bce"](names["truth"], names["t_new"]).mean()
    assert best < np.mean(small) < best + 0.02
    assert np.mean(large) - np.std(large) > 0.62  # worse than one probability for all
    weights, truths = names["weights"], np.array(list(names["truths"].values()))
    assert (np.abs(weights.mean(axis=0) - truths) < 3 * weights.std(axis=0) / 4).all()  # of 16 tables
    assert names["step"].std() > 0.25


@claim
def test_24_a_hidden_layer_is_not_worth_more_than_its_spread():
    names = rerun(
        "24-regression", [("judged(seed) for seed in range(3)", "judged(seed) for seed in range(40, 42)")], "scores = "
    )
    difference = names["scores"][:, 1] - names["scores"][:, 0]
    assert abs(difference.mean()) < difference.std()


@claim
def test_25_all_treatments_lower_the_cost_and_none_reads_more():
    names = rerun("25-reviews", [("for seed in range(10):", "for seed in range(80, 90):")], "simple.append")
    cost = {name: np.array(both)[:, 0] for name, both in names["scores"].items()}
    right = {name: np.array(both)[:, 1] for name, both in names["scores"].items()}
    sentence = {  # over the ten divisions printed and the ten others
        "stopped early": (-0.025, 0.035),
        "dropout": (-0.034, 0.035),
        "L2": (-0.01, 0.045),
        "no hidden layer": (-0.022, 0.04),
    }
    for name, (mean, sd) in sentence.items():
        more = right[name] - right["trained to the end"]
        assert positive(cost["trained to the end"] - cost[name]), name
        assert agrees(more, mean, sd, 20), name
        assert not positive(more), name
        assert not differ(right["no hidden layer"], right[name]), name


@needs("mnist")
@claim
def test_22b_the_last_images_are_easier_than_any_other_block():
    changes = [
        ("for seed in range(3):\n    few", "for run, seed in enumerate(range(700, 704)):\n    few"),
        ("blocks = np.empty((3, 12))", "blocks = np.empty((4, 12))"),
        ("blocks[seed] = read", "blocks[run] = read"),
    ]
    blocks = rerun("22b-mnist", changes, "blocks[seed]")["blocks"]
    assert positive(blocks[:, 11] - blocks[:, :11].max(axis=1))


@needs("mnist")
@claim
def test_22b_what_each_step_of_the_ladder_brings():
    changes = [
        ("for seed in (0, 1)]", "for seed in (40, 41)]"),
        ("for seed in (2, 3, 4)]", "for seed in range(42, 48)]"),
    ]
    names = rerun("22b-mnist", changes, "gains = ")
    gains = dict(zip(names["ladder"][1:], names["gains"]))
    assert gains["falling rate, tuned"].mean() > sum(gain.mean() for gain in list(gains.values())[2:])
    for name, mean, sd in [
        ("softmax", 0.009, 0.004),
        ("ReLU and He", 0.007, 0.004),
        ("Adam", 0.020, 0.003),
        ("dropout for L2", 0.001, 0.001),
        ("256 units", 0.008, 0.003),
    ]:
        assert agrees(gains[name], mean, sd, 3), name
    assert all(positive(gains[name]) for name in ("falling rate, tuned", "Adam", "256 units"))
    assert abs(gains["dropout for L2"].mean()) < 2 * gains["dropout for L2"].std()


@needs("admissions")
@claim
def test_23b_the_marks_and_the_rank_say_something_and_not_much():
    names = rerun(
        "23b-published-admissions", [("for seed in range(20)]", "for seed in range(100, 120)]")], "step = found"
    )
    constant, large, overfitted = (names["scores"][:, i, 0] - names["scores"][:, 1, 0] for i in (0, 2, 3))
    assert agrees(constant, 0.03, 0.04, 20)
    assert 0 < constant.mean() < constant.std()
    assert agrees(large, 0.02, 0.02, 20)
    assert not positive(-large)
    assert agrees(overfitted, 0.29, 0.15, 20)
    assert overfitted.mean() > overfitted.std()
    gre, gpa, _, _, rank_3, _ = names["found"].T
    assert all(sample.mean() > sample.std() for sample in (gre, gpa, -rank_3))


@needs("reviews")
@claim
def test_25b_a_longer_list_reads_more_and_counting_reads_as_much():
    names = rerun("25b-published-reviews", [("for longest in 500, 2000, None:", "for longest in ():")], "def right")
    seeds, divide = range(50, 55), names["division"]
    short, middle, full = (
        np.array([names["one_vote_each"](*divide(seed), longest, seed)[0] for seed in seeds])
        for longest in (500, 2000, None)
    )
    words, pairs = (
        np.array([names["right"](*divide(seed), parts) for seed in seeds])
        for parts in (lambda text: set(text.split()), names["with_pairs"])
    )
    assert agrees(short, 0.692, 0.007, 3)
    assert agrees(middle, 0.732, 0.004, 3)
    assert agrees(full, 0.768, 0.005, 3)
    assert differ(full, middle)
    assert differ(middle, short)
    assert agrees(words, 0.770, 0.003, 3)
    assert not differ(words, full)
    assert agrees(pairs - words, 0.0047, 0.0039, 3)
