"""Every optimiser follows its published rule, step by step, and the same rule in place."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

import nnbook as nn
from nnbook.training import optimizers


def sgd(p, gradients, rate, momentum=0.0, nesterov=False):
    """PyTorch writes the velocity without the rate: buffer = μ buffer + g; p -= rate · buffer."""
    buffer = 0.0
    for g in gradients:
        buffer = momentum * buffer + g
        p = p - rate * (g + momentum * buffer if nesterov else buffer)
    return p


def adagrad(p, gradients, rate, start=0.1, epsilon=1e-7):
    for s in range(1, len(gradients) + 1):
        p = p - rate * gradients[s - 1] / np.sqrt(start + sum(g**2 for g in gradients[:s]) + epsilon)
    return p


def rmsprop(p, gradients, rate, rho=0.9, momentum=0.0, epsilon=1e-7, centered=False):
    velocity = 0.0
    for s in range(1, len(gradients) + 1):
        # The running means written out: weights (1 − ρ) ρ^age.
        weights = [(1 - rho) * rho ** (s - 1 - i) for i in range(s)]
        v = sum(w * g**2 for w, g in zip(weights, gradients))
        mean = sum(w * g for w, g in zip(weights, gradients)) if centered else 0.0
        velocity = momentum * velocity + rate * gradients[s - 1] / np.sqrt(v - mean**2 + epsilon)
        p = p - velocity
    return p


def adam(p, gradients, rate, beta_1=0.9, beta_2=0.999, epsilon=1e-7, amsgrad=False):
    largest = 0.0
    for t in range(1, len(gradients) + 1):
        first = [beta_1 ** (t - 1 - i) for i in range(t)]
        second = [beta_2 ** (t - 1 - i) for i in range(t)]
        # Dividing by the sum of the weights is the bias correction.
        m_hat = sum(w * g for w, g in zip(first, gradients)) / sum(first)
        v_hat = sum(w * g**2 for w, g in zip(second, gradients)) / sum(second)
        if amsgrad:  # the largest running mean itself (Reddi et al. 2018, algorithm 2), corrected afterwards
            largest = np.maximum(largest, v_hat * (1 - beta_2**t))
            v_hat = largest / (1 - beta_2**t)
        p = p - rate * m_hat / (np.sqrt(v_hat) + epsilon)
    return p


def adamw(p, gradients, rate, weight_decay=0.004, **options):
    """Decay and step separately: what remains at the end of the start, and of each of Adam's steps."""
    steps = np.diff([adam(0 * p, gradients[:t], rate, **options) for t in range(len(gradients) + 1)], axis=0)
    keep = 1 - rate * weight_decay
    ages = range(len(steps) - 1, -1, -1)
    return p * keep ** len(steps) + sum(keep**age * step for age, step in zip(ages, steps))


CASES = [
    (nn.SGD, sgd, {}),
    (nn.SGD, sgd, {"momentum": 0.9}),
    (nn.SGD, sgd, {"momentum": 0.8, "nesterov": True}),
    (nn.Adagrad, adagrad, {}),
    (nn.RMSprop, rmsprop, {}),
    (nn.RMSprop, rmsprop, {"rho": 0.7, "momentum": 0.6}),
    (nn.RMSprop, rmsprop, {"centered": True, "momentum": 0.5}),
    (nn.Adam, adam, {}),
    (nn.Adam, adam, {"beta_1": 0.5, "beta_2": 0.9, "amsgrad": True}),
    (nn.AdamW, adamw, {"weight_decay": 0.2, "beta_2": 0.9}),
]
# Numbers from other libraries, so that no rule is tested only against our own reading of it.
REFERENCE = json.loads((Path(__file__).parent / "reference_optimizers.json").read_text(encoding="utf-8"))
NAMES = [f"{kind.__name__}-{'-'.join(options)}" for kind, _, options in CASES]


def run(opt, p, gradients, **options):
    state = opt.init(p)
    for g in gradients:
        p, state = opt.update(p, g, state, **options)
    return p, state


@pytest.mark.parametrize(("kind", "rule", "options"), CASES, ids=NAMES)
def test_twenty_steps_equal_the_rule_computed_independently(kind, rule, options):
    rng = np.random.default_rng(1)
    start = rng.standard_normal((3, 5))
    gradients = list(rng.standard_normal((20, 3, 5)) * np.logspace(-3, 2, 5))
    found, state = run(kind(learning_rate=0.03, **options), start, gradients)
    assert state.t == 20
    np.testing.assert_allclose(found, rule(start, gradients, 0.03, **options), rtol=1e-12)


@pytest.mark.parametrize("case", REFERENCE["cases"], ids=lambda c: f"{c['optimizer']}-{c['origin']}-{c['options']}")
def test_every_optimiser_takes_the_steps_of_other_libraries(case):
    opt = getattr(nn, case["optimizer"])(**case["options"])
    p = np.array(REFERENCE["start"])
    state = opt.init(p)
    # Keras adds ε to √v before Adam's bias correction; its cases of Adam have an ε of 1e-12, which is then negligible.
    for t in range(1, 51):
        p, state = opt.update(p, np.array([1 / t, math.cos(t), (-1) ** t * 0.01 * t]), state)
        if str(t) in case["parameters"]:
            np.testing.assert_allclose(p, case["parameters"][str(t)], rtol=1e-9)


def test_the_references_cover_every_optimiser_and_every_option():
    seen = {(case["optimizer"], option) for case in REFERENCE["cases"] for option in case["options"]}
    kinds = [
        kind
        for kind in vars(optimizers).values()
        if isinstance(kind, type) and issubclass(kind, nn.optimizers.Optimizer)
    ]
    for kind in kinds:
        if kind is not nn.optimizers.Optimizer:
            beside = {"beta_1", "beta_2", "epsilon", "amsgrad"} if kind is nn.AdamW else set()  # those are Adam's
            assert set(vars(kind())) - beside <= {option for name, option in seen if name == kind.__name__}, kind


@pytest.mark.parametrize(
    ("opt", "step"),
    [
        (nn.SGD(0.5), 0.5 * 4),
        (nn.SGD(0.5, momentum=0.9), 0.5 * 4),  # the velocity starts at 0
        (nn.SGD(0.5, momentum=0.9, nesterov=True), 0.5 * 4 * 1.9),  # looks ahead along its own first step
        (nn.Adagrad(0.5), 0.5 * 4 / math.sqrt(0.1 + 16 + 1e-7)),
        (nn.RMSprop(0.5), 0.5 * 4 / math.sqrt(0.1 * 16 + 1e-7)),
        (nn.Adam(0.5), 0.5 * 4 / (4 + 1e-7)),  # the corrected means are g and g²: the first step is η
    ],
    ids=repr,
)
def test_the_first_step_is_the_one_worked_by_hand(opt, step):
    p, _ = opt.update(np.array([1.0]), np.array([4.0]), opt.init(np.array([1.0])))
    assert p[0] == pytest.approx(1 - step, rel=1e-14)


def test_momentum_and_adam_keep_the_memory_that_the_printed_rules_name():
    p = np.array([1.0])
    _, state = run(nn.SGD(0.1, momentum=0.5), p, [np.array([2.0]), np.array([-1.0])])
    assert state.velocity[0] == pytest.approx(0.5 * (-0.1 * 2) + 0.1)
    _, state = run(nn.Adam(), p, [np.array([2.0]), np.array([-1.0])])
    assert state.m[0] == pytest.approx(0.9 * 0.2 - 0.1)
    assert state.v[0] == pytest.approx(0.999 * 0.004 + 0.001)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [7, 20_001])  # one block of work, and several with a rest
@pytest.mark.parametrize(("kind", "rule", "options"), CASES, ids=NAMES)
def test_in_place_gives_the_bits_of_the_pure_update(kind, rule, options, dtype, size):
    rng = np.random.default_rng(2)
    p = rng.standard_normal(size).astype(dtype)
    gradients = rng.standard_normal((4, size)).astype(dtype)
    opt = kind(**options)
    pure, pure_state = run(opt, p.copy(), gradients, scale=1 / 3)
    params = p.copy()
    state = opt.init(params)
    memory = [x for x in state if isinstance(x, np.ndarray)]
    for g in gradients:
        same, state = opt.update(params, g.copy(), state, scale=1 / 3, out=params)
        assert same is params
    assert params.dtype == dtype
    assert np.array_equal(params, pure)
    arrays = [x for x in state if isinstance(x, np.ndarray)]
    assert all(now is then for now, then in zip(arrays, memory, strict=True))
    assert all(np.array_equal(a, b) for a, b in zip(arrays, pure_state[1:]) if b is not None)


@pytest.mark.parametrize(("kind", "rule", "options"), CASES, ids=NAMES)
def test_scale_is_the_gradient_multiplied_first(kind, rule, options):
    rng = np.random.default_rng(3)
    p, g = rng.standard_normal((2, 6))
    opt = kind(**options)
    scaled, _ = opt.update(p, g, opt.init(p), scale=0.3)
    assert np.array_equal(scaled, opt.update(p, g * 0.3, opt.init(p))[0])


@pytest.mark.parametrize(("kind", "rule", "options"), CASES, ids=NAMES)
def test_update_changes_none_of_its_arguments(kind, rule, options):
    p, g = np.ones((2, 3)), np.full((2, 3), 0.5)
    opt = kind(**options)
    _, state = opt.update(p, g, opt.init(p))
    kept = [np.copy(x) for x in state if x is not None]
    opt.update(p, g, state)
    assert (p == 1).all()
    assert (g == 0.5).all()
    assert all(np.array_equal(a, b) for a, b in zip(kept, [x for x in state if x is not None], strict=True))


def test_a_zero_gradient_at_the_start_moves_nothing():
    p = np.array([0.0, -3.0, 1e-30])
    for kind in (nn.SGD, nn.Adagrad, nn.RMSprop, nn.Adam):
        moved, _ = run(kind(), p, [np.zeros(3)] * 5)
        assert np.array_equal(moved, p)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "opt", [nn.SGD(momentum=0.5), nn.RMSprop(rho=0.5, momentum=0.5, centered=True), nn.Adam(beta_1=0.7, beta_2=0.6)]
)
def test_memory_that_fades_never_ends_among_the_denormals(opt, dtype):
    p = np.ones(3, dtype)
    state = opt.init(p)
    smallest = np.finfo(dtype).tiny
    for s in range(2_500):
        p, state = opt.update(p, np.full(3, s == 0, dtype), state, out=p if s else None)
        if s % 50 == 0:
            for x in state[1:]:
                assert x is None or ((x == 0) | (np.abs(x) >= smallest)).all()
    fading = state.m if isinstance(opt, nn.Adam) else state.velocity
    assert (np.abs(fading) < 1e-30).all()


def test_one_parameter_goes_down_a_parabola_as_the_formula_says():
    # C = (θ − 3)², θ_0 = 0, η = 0.1: θ_s = 3 (1 − 0.8^s)
    opt, theta = nn.SGD(learning_rate=0.1), np.float64(0.0)
    state = opt.init(theta)
    for s in range(1, 8):
        theta, state = opt.update(theta, 2 * (theta - 3), state)
        assert theta == pytest.approx(3 * (1 - 0.8**s), rel=1e-14)


@pytest.mark.parametrize(("kind", "rule", "options"), CASES, ids=NAMES)
def test_a_single_number_takes_the_steps_of_an_array_of_one(kind, rule, options):
    opt = kind(**options)
    number, _ = run(opt, np.float64(2.0), [0.5, -3.0, 0.25])
    array, _ = run(opt, np.array([2.0]), [np.array([0.5]), np.array([-3.0]), np.array([0.25])])
    assert number == array[0]


def test_defaults_are_those_of_keras():
    assert vars(nn.SGD()) == {"learning_rate": 0.01, "momentum": 0.0, "nesterov": False}
    assert vars(nn.Adagrad()) == {"learning_rate": 0.001, "initial_accumulator_value": 0.1, "epsilon": 1e-7}
    assert vars(nn.RMSprop()) == {
        "learning_rate": 0.001, "rho": 0.9, "momentum": 0.0, "epsilon": 1e-7, "centered": False,
    }  # fmt: skip
    adam = {"learning_rate": 0.001, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7, "amsgrad": False}
    assert vars(nn.Adam()) == adam
    assert vars(nn.AdamW()) == adam | {"weight_decay": 0.004}


@pytest.mark.parametrize("rate", [0, -0.1, math.nan, math.inf, True, "fast", None])
@pytest.mark.parametrize("kind", [nn.SGD, nn.Adagrad, nn.RMSprop, nn.Adam])
def test_a_learning_rate_that_is_none_is_refused_by_name(kind, rate):
    with pytest.raises((ValueError, TypeError), match=f"{kind.__name__}: learning_rate"):
        kind(learning_rate=rate)


@pytest.mark.parametrize(
    ("kind", "options", "name"),
    [
        (nn.SGD, {"momentum": 1}, "momentum"),
        (nn.SGD, {"momentum": -0.1}, "momentum"),
        (nn.RMSprop, {"rho": 1.0}, "rho"),
        (nn.RMSprop, {"epsilon": 0}, "epsilon"),
        (nn.Adagrad, {"initial_accumulator_value": -1}, "initial_accumulator_value"),
        (nn.Adam, {"beta_1": 1.0}, "beta_1"),
        (nn.Adam, {"beta_2": math.nan}, "beta_2"),
        (nn.Adam, {"epsilon": -1}, "epsilon"),
    ],
)
def test_other_options_out_of_range_are_refused_by_name(kind, options, name):
    with pytest.raises(ValueError, match=name):
        kind(**options)


def test_bad_arguments_of_update_are_refused():
    opt, p = nn.Adam(), np.ones((2, 3))
    state = opt.init(p)
    with pytest.raises(ValueError, match=r"gradients needs the shape of params, \(2, 3\)"):
        opt.update(p, np.ones((3, 2)), state)
    with pytest.raises(ValueError, match=r"gradients\[1, 2\] is nan"):
        opt.update(p, np.array([[0, 0, 0], [0, 0, np.nan]]), state)
    with pytest.raises(ValueError, match=r"params\[0, 0\] is inf"):
        opt.update(np.full((2, 3), np.inf), p, state)
    with pytest.raises(TypeError, match="float16"):
        opt.update(p.astype(np.float16), p, state)
    with pytest.raises(TypeError, match="AdamState"):
        opt.update(p, p, nn.SGD(momentum=0.5).init(p))
    with pytest.raises(ValueError, match=r"state\.m needs shape"):
        opt.update(p, p, opt.init(np.ones(6)))
    with pytest.raises(ValueError, match="out must be params itself"):
        opt.update(p, p, state, out=np.empty((2, 3)))
    with pytest.raises(ValueError, match="learning_rate"):
        opt.update(p, p, state, learning_rate=-1)


def test_optimisers_are_found_by_name():
    assert isinstance(optimizers.get("rmsprop"), nn.RMSprop)
    assert isinstance(optimizers.get("Adam"), nn.Adam)
    with pytest.raises(ValueError, match="one of sgd, adagrad, rmsprop, adam, adamw; it is 'newton'"):
        optimizers.get("newton")
    with pytest.raises(ValueError, match="did you mean 'adam'"):
        optimizers.get("adma")
    with pytest.raises(TypeError, match="Optimizer or a name"):
        optimizers.get(0.1)
    with pytest.raises(TypeError, match=r"the class itself; write Adam\(…\)"):
        optimizers.get(nn.Adam)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"m": [0.0, 0.0]}, r"state\.m must be an array of float64"),
        ({"v": np.array([-1.0, 0.0])}, r"state\.v must be at least 0"),
        ({"v": np.array([np.nan, 0.0])}, r"state\.v\[0\] is nan"),
        ({"m": np.zeros(2, "f4")}, r"needs shape \(2,\) and dtype float64"),
        ({"v_hat": np.zeros(2)}, r"state\.v_hat must be None"),
        ({"t": 0.5}, r"state\.t must be a whole number"),
    ],
)
def test_a_state_that_init_would_not_return_is_refused(change, words):
    opt, p = nn.Adam(), np.ones(2)
    with pytest.raises((ValueError, TypeError), match=words):
        opt.update(p, p, opt.init(p)._replace(**change))
