"""The walking figures follow the package's optimisers, on the surfaces that their static pictures show."""

import numpy as np
import pytest

import nnbook as nn
from nnbook.interactive._descent import OPTIMISERS, SURFACES
from nnbook.interactive._figure import compact
from nnbook.training import optimizers

SCRIPTS = ("core", "surfaces")
RULES = {
    "SGD": optimizers.SGD(0.02),
    "momentum": optimizers.SGD(0.02, momentum=0.9),
    "Nesterov": optimizers.SGD(0.02, momentum=0.9, nesterov=True),
    "Adagrad": optimizers.Adagrad(0.3),
    "RMSprop": optimizers.RMSprop(0.05),
    "Adam": optimizers.Adam(0.1),
}
STEPS = 30


def package_walk(name, surface):
    opt, (_, gradient, start, _, _) = RULES[name], SURFACES[surface]
    p = np.array(start, dtype=float)
    state, points = opt.init(p), [p]
    for _ in range(STEPS):
        p, state = opt.update(p, np.array(gradient(*p), dtype=float), state)
        points.append(p)
    return np.array(points), state._asdict()


def script_walk(javascript, name, surface, change=None):
    return javascript(
        "walk(surfaces[surface], optimisers[name], rate, surfaces[surface].start, steps)",
        SCRIPTS,
        change,
        name=name,
        surface=surface,
        rate=RULES[name].learning_rate,
        steps=STEPS,
    )


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("name", OPTIMISERS)
def test_an_optimiser_walks_as_the_package_does(javascript, name, surface):
    points, state = package_walk(name, surface)
    walked = script_walk(javascript, name, surface)
    np.testing.assert_allclose(walked["points"], points, rtol=0, atol=1e-9)
    for field, value in walked["state"].items():
        np.testing.assert_allclose(value, state[field], rtol=0, atol=1e-9)


MUTANTS = {
    "SGD uphill": ("SGD", ("p[i] - eta * g[i]), s]", "p[i] + eta * g[i]), s]")),
    "Nesterov without looking ahead": ("Nesterov", ("p[i] + 0.9 * velocity[i] - eta * g[i])", "p[i] + velocity[i])")),
    "Adagrad forgets": ("Adagrad", ("s.accumulator[i] + g[i] ** 2", "g[i] ** 2")),
    "Adagrad from 0": ("Adagrad", ("p.map(() => 0.1)", "p.map(() => 0)")),
    "RMSprop with another ρ": ("RMSprop", ("0.9 * s.v[i] + 0.1 * g[i] ** 2", "0.99 * s.v[i] + 0.01 * g[i] ** 2")),
    "Adam without correction of m": ("Adam", ("m[i] / (1 - 0.9 ** t)", "m[i]")),
    "Adam without correction of v": ("Adam", ("v[i] / (1 - 0.999 ** t)", "v[i]")),
}


@pytest.mark.parametrize(("name", "change"), MUTANTS.values(), ids=MUTANTS.keys())
def test_a_wrong_rule_is_noticed(javascript, name, change):
    points, _ = package_walk(name, "valley")
    walked = script_walk(javascript, name, "valley", change)
    assert np.abs(np.array(walked["points"]) - points).max() > 1e-4


@pytest.mark.parametrize("surface", SURFACES)
def test_surfaces_of_script_and_picture_are_the_same(javascript, surface):
    f, gradient, start, x, y = SURFACES[surface]
    points = np.random.default_rng(0).uniform(-2, 2, size=(7, 2))
    heights = javascript("points.map(surfaces[name].f)", SCRIPTS, name=surface, points=points.tolist())
    slopes = javascript("points.map(surfaces[name].gradient)", SCRIPTS, name=surface, points=points.tolist())
    np.testing.assert_allclose(heights, [f(*p) for p in points], rtol=0, atol=1e-12)
    np.testing.assert_allclose(slopes, [gradient(*p) for p in points], rtol=0, atol=1e-12)
    for p, slope in zip(points, slopes):
        numerical = nn.numerical_gradient(lambda q: f(*q), p)
        np.testing.assert_allclose(slope, numerical, rtol=0, atol=1e-8)
    frame = javascript("[surfaces[name].start, surfaces[name].x, surfaces[name].y]", SCRIPTS, name=surface)
    assert frame == [list(start), list(x), list(y)]


@pytest.mark.parametrize("surface", ["bowl", "valley"])
def test_stated_curvatures_are_the_second_derivatives(javascript, surface):
    gradient = SURFACES[surface][1]
    stated = javascript("surfaces[name].curvatures", SCRIPTS, name=surface)
    assert stated == [gradient(1, 0)[0] - gradient(0, 0)[0], gradient(0, 1)[1] - gradient(0, 0)[1]]


def test_rates_of_script_and_picture_are_the_same(javascript):
    rates = javascript("Object.keys(optimisers).map(name => [name, optimisers[name].rate])", SCRIPTS)
    assert dict(rates) == {name: opt.learning_rate for name, opt in OPTIMISERS.items()}


def test_every_starting_rate_has_its_place_on_the_slider(javascript):
    lines = compact("js/optimiser_paths.js").splitlines()
    (rule,) = [line for line in lines if line.startswith("const rateOf")]
    shown = f"(() => {{ {rule}\nreturn Object.values(optimisers).map(o => rateOf(notch(o.rate))); }})()"
    places = javascript(shown, SCRIPTS)
    assert places == [opt.learning_rate for opt in OPTIMISERS.values()]


def test_the_bowl_of_the_book():
    f, gradient, start, _, _ = SURFACES["bowl"]
    assert (f(*start), gradient(*start)) == (25, (6, 8))


@pytest.mark.parametrize(("factor", "grows"), [(0.999, False), (1.001, True)])
@pytest.mark.parametrize("surface", ["bowl", "valley"])
def test_the_threshold_is_two_over_kappa(javascript, surface, factor, grows):
    ends = javascript(
        "[0, 4000].map(s => surfaces[name].f(walk(surfaces[name], optimisers.SGD, factor * 2 / "
        "Math.max(...surfaces[name].curvatures), surfaces[name].start, s).points[s]))",
        SCRIPTS,
        name=surface,
        factor=factor,
    )
    assert (ends[1] > ends[0]) is grows
