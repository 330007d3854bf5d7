"""Learning rates fall as their formulas say."""

import math

import numpy as np
import pytest

import nnbook as nn


@pytest.mark.parametrize(
    ("schedule", "s", "rate"),
    [
        (nn.Constant(0.3), 0, 0.3),
        (nn.Constant(0.3), 10_000, 0.3),
        (nn.StepDecay(0.8, decay_steps=10, decay_rate=0.5), 9, 0.8),
        (nn.StepDecay(0.8, decay_steps=10, decay_rate=0.5), 10, 0.4),
        (nn.StepDecay(0.8, decay_steps=10, decay_rate=0.5), 39, 0.1),
        (nn.ExponentialDecay(0.8, decay_steps=10, decay_rate=0.25), 5, 0.4),
        (nn.ExponentialDecay(0.8, decay_steps=10, decay_rate=0.25), 20, 0.05),
        (nn.ExponentialDecay(0.8, decay_steps=10, decay_rate=0.25, staircase=True), 15, 0.2),
        (nn.CosineDecay(0.8, decay_steps=12), 0, 0.8),
        (nn.CosineDecay(0.8, decay_steps=12), 4, 0.6),  # cos 60° = ½
        (nn.CosineDecay(0.8, decay_steps=12), 6, 0.4),
        (nn.CosineDecay(0.8, decay_steps=12), 100, 0.0),
        (nn.CosineDecay(0.8, decay_steps=12, alpha=0.1), 12, 0.08),
    ],
    ids=repr,
)
def test_the_rate_after_s_steps(schedule, s, rate):
    assert schedule(s) == pytest.approx(rate, abs=1e-15)


def test_an_optimiser_asks_its_schedule_at_every_step():
    opt = nn.SGD(learning_rate=nn.StepDecay(1.0, decay_steps=2, decay_rate=0.5))
    p, state = np.array([0.0]), None
    state = opt.init(p)
    path = [0.0]
    for _ in range(5):
        p, state = opt.update(p, np.array([-1.0]), state)
        path.append(float(p[0]))
    assert np.diff(path).tolist() == [1.0, 1.0, 0.5, 0.5, 0.25]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nn.Constant(0), "Constant: learning_rate"),
        (lambda: nn.StepDecay(0.1, 0, 0.5), "StepDecay: decay_steps"),
        (lambda: nn.StepDecay(0.1, 5, 1.5), "StepDecay: decay_rate"),
        (lambda: nn.ExponentialDecay(math.nan, 5, 0.5), "ExponentialDecay: initial_learning_rate"),
        (lambda: nn.CosineDecay(0.1, 5, alpha=2), "CosineDecay: alpha"),
        (lambda: nn.Constant(0.1)(-1), "Constant: s"),
    ],
)
def test_bad_arguments_are_refused_by_name(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_schedule_that_returns_nonsense_is_refused_when_it_does():
    opt = nn.SGD(learning_rate=lambda s: math.nan if s else 0.1)
    p = np.ones(3)
    p, state = opt.update(p, p, opt.init(p))
    with pytest.raises(ValueError, match="learning_rate must be a finite number"):
        opt.update(p, p, state)
