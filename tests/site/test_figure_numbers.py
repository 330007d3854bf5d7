"""Each number that an interactive figure prints is the package's, to the last printed digit, at three settings."""

import re

import numpy as np
import pytest
from figure_page import BROWSER, agrees, number

import nnbook as nn
from nnbook import interactive
from nnbook.interactive._check import planted
from nnbook.interactive._descent import OPTIMISERS, SURFACES
from nnbook.interactive._vanishing import delta_norms, draws

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BROWSER is None, reason="no browser is installed (Debian: apt-get install chromium)"),
]

X, LABELS = nn.datasets.digits_4x3(rng=0)
T = nn.one_hot(LABELS, 2)
NET = nn.Network([12, 3, 2], rng=0)
COST = nn.SquaredError()
FIELDS = {"momentum": ["velocity"], "Nesterov": ["velocity"], "SGD": [], "Adagrad": ["accumulator"], "RMSprop": ["v"],
          "Adam": ["m", "v", "t"]}  # fmt: skip
# "2·10⁻⁵" or "−0.25"; what stands in a formula's name, such as w²₁₃, is not a separate number.
NUMBER = re.compile(r"(?<![\w.⁻⁰-⁹₀-₉])−?\d+(?:\.\d+)?(?:·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?")


def set_slider(page, label, value):
    """Put a slider where its number reads `value`."""
    slider = page.get_by_label(label, exact=True)
    slider.fill(str(value))
    assert float(slider.input_value()) == value
    return slider


def cells(page, table=0):
    """The values of a figure's readout, row by row, each a list of what its cells say."""
    rows = page.locator(".nnb-readout").nth(table).locator("tbody tr")
    return [rows.nth(k).locator("td").all_inner_texts() for k in range(rows.count())]


def assert_prints(text, *values):
    printed = NUMBER.findall(text)
    assert len(printed) == len(values), f"{text!r} has {len(printed)} numbers, not {len(values)}"
    for found, value in zip(printed, values):
        assert agrees(found, value), f"{text!r}: {found} is printed, {value:.12g} is right"


def test_agreement_is_that_of_the_last_digit():
    assert agrees("−0.067", -0.0674)
    assert not agrees("−0.057", -0.0674)
    assert agrees("1.25·10⁻⁵", 1.2549e-5)
    assert not agrees("1.25·10⁻⁵", 1.2551e-5)
    assert NUMBER.findall("(1.8 − 4)² = 4.84, w²₁₃") == ["1.8", "4", "4.84"]


@pytest.mark.parametrize(
    ("x", "t", "w", "eta", "steps"), [(2, 4, 1, 0.1, 0), (1.5, -2.25, 0.5, 0.3, 2), (2, 4, 3, 0.07, 5)]
)
def test_one_weight(open_page, x, t, w, eta, steps):
    page = open_page(interactive.one_weight(x, t, w, eta=eta, label="figure").html)
    assert_prints(page.get_by_label("Rate η").evaluate("node => node.nextSibling.textContent"), eta)
    for _ in range(steps):
        page.get_by_role("button", name="Step downhill").press("Enter")
        w -= eta * nn.numerical_gradient(lambda v: (v[0] * x - t) ** 2, np.array([w]), method="complex")[0]
    dC_da, dC_dw = 2 * (w * x - t), 2 * (w * x - t) * x
    wanted = [(w, x, w * x), (w * x, abs(t), (w * x - t) ** 2), (dC_da,), (dC_dw,), (w - eta * dC_dw,), (steps,)]
    for (text,), values in zip(cells(page), wanted, strict=True):
        text = text.replace(")2 =", ") =").replace(")² =", ") =").replace("− −", "− ")
        assert_prints(text, *values)


def test_a_weight_that_runs_away_stays_in_the_picture_and_its_slider_true(open_page):
    page, w = open_page(interactive.one_weight(2, 4, 1, eta=0.3, label="figure").html), 1
    slider, gone = page.get_by_label("Weight w"), 0
    for steps in range(1, 40):
        page.get_by_role("button", name="Step downhill").press("Enter")
        w -= 0.3 * 2 * (w * 2 - 4) * 2
        assert_prints(cells(page)[0][0], w, 2, w * 2)
        frame, knob = (page.locator(f"#nnb-figure .nnb-{name}").bounding_box() for name in ("frame", "knob"))
        assert frame["x"] < knob["x"] < knob["x"] + knob["width"] < frame["x"] + frame["width"]
        assert frame["y"] < knob["y"] + knob["height"] / 2 < frame["y"] + frame["height"]
        value, step, low, high = (
            float(slider.evaluate(f"node => node.{name}")) for name in ("value", "step", "min", "max")
        )
        assert abs(value - w) <= step / 2
        at = (knob["x"] + knob["width"] / 2 - frame["x"]) / frame["width"]
        assert abs(at - (w - low) / (high - low)) < 0.01
        if page.locator("[aria-disabled=true]").count():
            gone = steps
            break
    assert gone > 10
    page.get_by_role("button", name="Step downhill").press("Enter")
    assert "will not come back" in cells(page)[-1][0]
    page.get_by_role("button", name="Start again").press("Enter")
    assert (slider.get_attribute("min"), slider.get_attribute("max"), slider.input_value()) == ("0", "4", "1")


def test_dragging_the_weight_selects_no_text(open_page):
    page = open_page(interactive.one_weight(2, 4, 1, label="figure").html)
    knob = page.locator("#nnb-figure .nnb-knob").bounding_box()
    page.mouse.move(knob["x"] + 8, knob["y"] + 8)
    page.mouse.down()
    for x, y in ((60, 40), (300, 400), (700, 300), (1000, 20)):  # over the readout and the heading
        page.mouse.move(x, y, steps=5)
    page.mouse.up()
    assert_prints(cells(page)[0][0], 4, 2, 8)
    assert page.evaluate("getSelection().toString()") == ""


def test_one_weight_prints_what_the_author_chose(open_page):
    page = open_page(interactive.one_weight(2.5, 0.125, 1, label="figure").html)
    (product,), (error,), *_ = cells(page)
    assert "· 2.5 =" in product
    assert "− 0.125)" in error


@pytest.mark.parametrize(
    ("w", "b", "gate"), [((1.0, 1.0), -1.5, "AND"), ((-2.3, 4.1), 0.7, "OR"), ((0.0, 0.0), 6.0, "XOR")]
)
def test_one_neuron(open_page, w, b, gate):
    page = open_page(interactive.one_neuron(label="figure").html)
    for label, value in (("w₁", w[0]), ("w₂", w[1]), ("b", b)):
        set_slider(page, label, value)
    page.get_by_label("Targets", exact=True).select_option(gate)
    net = nn.Network([2, 1], rng=0)
    net.W[2], net.b[2] = [w], [b]
    trace = net.forward(np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float))
    for k, row in enumerate(cells(page)):
        assert_prints(row[0], trace.z[2][k, 0])
        assert_prints(row[1], trace.a[2][k, 0])
        right = (trace.a[2][k, 0] > 0.5) == (int(row[2]) == 1)
        assert row[3] == ("right" if right else "wrong")


@pytest.mark.parametrize(("surface", "eta", "steps"), [("bowl", 0.1, 20), ("valley", 0.185, 7), ("bowl", 1.05, 40)])
def test_descent(open_page, surface, eta, steps):
    page = open_page(interactive.descent(surface, label="figure").html)
    set_slider(page, "Rate η", eta)
    set_slider(page, "Steps", steps)
    f, gradient, *_ = SURFACES[surface]
    p, _ = walked(nn.SGD(eta), surface, steps)
    curvatures = sorted({gradient(1, 0)[0], gradient(0, 1)[1]})
    wanted = [p, gradient(*p), (f(*p),), (2, curvatures[-1], 2 / curvatures[-1]), [1 - eta * k for k in curvatures]]
    for (text,), values in zip(cells(page), wanted, strict=True):
        assert_prints(text, *values)


def walked(opt, surface, steps):
    _, gradient, start, _, _ = SURFACES[surface]
    p = np.array(start, dtype=float)
    state = opt.init(p)
    for _ in range(steps):
        p, state = opt.update(p, np.array(gradient(*p), dtype=float), state)
    return p, state


@pytest.mark.parametrize(
    ("surface", "names", "rates", "steps"),
    [
        ("valley", ("momentum", "Adam"), (None, None), 40),
        ("wells", ("Nesterov", "RMSprop"), (0.025, 0.0079), 100),
        ("saddle", ("Adagrad", "SGD"), (None, 0.13), 23),
    ],
)
def test_optimiser_paths(open_page, surface, names, rates, steps):
    page = open_page(interactive.optimiser_paths(names, surface=surface, label="figure").html)
    set_slider(page, "Steps", steps)
    states = []
    for which, name, rate in zip(("first", "second"), names, rates):
        slider = page.get_by_label(f"Rate η of the {which} optimiser")
        if rate is not None:
            slider.fill(str(round(10 * np.log10(rate / 0.001))))
        printed = number(slider.evaluate("node => node.nextSibling.textContent"))
        assert printed == (rate or OPTIMISERS[name].learning_rate)
        # The path is that of the printed rate.
        kind = {"momentum": {"momentum": 0.9}, "Nesterov": {"momentum": 0.9, "nesterov": True}}.get(name, {})
        states.append(walked(type(OPTIMISERS[name])(printed, **kind), surface, steps))
    point, cost, *state = cells(page)
    for k, (p, _) in enumerate(states):
        assert_prints(point[k].replace("\n", " "), *p)
        assert_prints(cost[k], SURFACES[surface][0](*p))
    fields = list(dict.fromkeys(field for name in names for field in FIELDS[name]))
    for field, row in zip(fields, state, strict=True):
        for k, name in enumerate(names):
            if field in FIELDS[name]:
                assert_prints(row[k].replace("\n", " "), *np.atleast_1d(getattr(states[k][1], field)))
            else:
                assert row[k] == "–"


def test_adam_of_the_book_at_a_tenth(open_page):
    page = open_page(interactive.optimiser_paths(label="figure").html)
    point, cost, *_ = cells(page)
    assert point[1].split() == ["0.651", "−0.067"]
    assert cost[1] == "0.2341"


@pytest.mark.parametrize(("l", "j", "by"), [(2, 0, 1.0), (2, 2, -2.37), (3, 1, 0.01)])
def test_nudge(open_page, l, j, by):
    page = open_page(interactive.nudge(NET, X[3], T[3], label="figure").html)
    page.get_by_label("Weighted input", exact=True).select_option(f"z{'⁰¹²³'[l]}{'₀₁₂₃'[j + 1]}")
    set_slider(page, "Nudge Δz", by)
    nudged = NET.copy()
    nudged.b[l][j] += by
    delta = nn.backprop(NET, X[3:4], T[3:4], COST).delta[l][0, j]
    change = float(COST(nudged.forward(X[3]).output, T[3]) - COST(NET.forward(X[3]).output, T[3]))
    for (text,), value in zip(cells(page), (by, delta, delta * by, change, change - delta * by), strict=True):
        assert_prints(text, value)


@pytest.mark.parametrize("weight", ["w²₁₁", "w²₂₅", "w³₂₃"])
def test_step_through(open_page, weight):
    page = open_page(interactive.step_through(NET, X[3], T[3], label="figure").html)
    page.get_by_label("Path of a weight", exact=True).select_option(weight)
    l, j, i = "⁰¹²³".index(weight[1]), "₀₁₂₃₄₅".index(weight[2]) - 1, "₀₁₂₃₄₅".index(weight[3]) - 1
    grads, trace = nn.backprop(NET, X[3:4], T[3:4], COST), NET.forward(X[3])
    factors, product = (page.locator(".nnb-formula p").nth(k).inner_text() for k in (1, 2))
    assert_prints(factors, grads.delta[l][0, j], trace.a[l - 1][i])
    assert_prints(product, grads.W[l][j, i])


def test_step_through_prints_a_target_that_is_no_whole_number(open_page):
    page = open_page(interactive.step_through(NET, X[3], [0.5, -0.25], label="figure").html)
    page.get_by_label("Part", exact=True).select_option("Cost")
    assert "− 0.5)" in page.locator(".nnb-formula").inner_text()
    assert "− −0.25)" in page.locator(".nnb-formula").inner_text()


@pytest.mark.parametrize("bug", ["f' forgotten", "penalty twice", "mean for sum"])
def test_gradient_check(open_page, bug):
    samples = [3, 40, 50]
    page = open_page(interactive.gradient_check(NET, X[samples], T[samples], label="figure").html)
    page.get_by_label("Bug", exact=True).select_option(bug)
    page.get_by_label("Entry", exact=True).select_option("w²₂₅")
    wrong, penalty = planted(bug, NET, X[samples], T[samples])

    def objective(parameters):
        net = NET.copy()
        net.parameters[:] = parameters
        total = float(np.sum(COST(net.forward(X[samples]).output, T[samples])))
        return total if penalty is None else total / len(samples) + sum(penalty(W) for W in net.W.values())

    measured = NET.copy()
    measured.parameters[:] = nn.numerical_gradient(objective, NET.parameters)
    ours, theirs = wrong.W[2][1, 4], measured.W[2][1, 4]
    for (text,), value in zip(cells(page, 0), (ours, theirs, ours / theirs), strict=True):
        assert_prints(text, value)
    arrays = [(getattr(wrong, name)[l], getattr(measured, name)[l]) for l in (2, 3) for name in "Wb"]
    for row, (g, m) in zip(cells(page, 1), arrays, strict=True):
        error = np.linalg.norm(g - m) / max(np.linalg.norm(g), np.linalg.norm(m))
        if error <= 1e-8:
            assert row == ["below 10⁻⁸", "agrees"]
        else:
            assert_prints(row[0], error)


@pytest.mark.parametrize(("name", "L", "g"), [("sigmoid", 10, 1.0), ("tanh", 20, 1.4), ("relu", 7, "He")])
def test_vanishing(open_page, name, L, g):
    page = open_page(interactive.vanishing(label="figure").html)
    page.get_by_label("Activation", exact=True).select_option(name)
    set_slider(page, "Depth L", L)
    if g == "He":
        page.get_by_role("button", name="He").press("Enter")
        scale = page.get_by_label("Weight scale g").evaluate("node => node.nextSibling.textContent")
        assert scale == "√2"
        g = np.sqrt(2)
    else:
        set_slider(page, "Weight scale g", g)
    norms = delta_norms(name, L, g, *draws())
    factor = (norms[0] / norms[-1]) ** (1 / (L - 2))
    for (text,), value in zip(cells(page), (norms[-1], norms[0], factor, g / np.sqrt(12)), strict=True):
        assert_prints(text, value)


def test_every_figure_has_its_numbers_tested():
    tested = {name.removeprefix("test_") for name in globals() if name.startswith("test_")}
    assert set(interactive.__all__) - {"InteractiveFigure", "BrokenEquation", "equation"} <= tested
