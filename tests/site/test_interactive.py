"""The interactive figures in a real browser: every control by keyboard, mouse and touch, two widths, two themes."""

import importlib.resources
import re

import numpy as np
import pytest
from figure_page import BROWSER, SIZES, number

import nnbook as nn
from nnbook import interactive

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BROWSER is None, reason="no browser is installed (Debian: apt-get install chromium)"),
]

X, LABELS = nn.datasets.digits_4x3(rng=0)
T = nn.one_hot(LABELS, 2)
NET = nn.Network([12, 3, 2], rng=0)
THEMES = ("light", "dark")

MAKE = {
    "step-through": lambda label: interactive.step_through(NET, X[3], T[3], label=label),
    "nudge": lambda label: interactive.nudge(NET, X[3], T[3], label=label),
    "gradient-check": lambda label: interactive.gradient_check(NET, X[[3, 40, 50]], T[[3, 40, 50]], label=label),
    "one-weight": lambda label: interactive.one_weight(label=label),
    "one-neuron": lambda label: interactive.one_neuron(label=label),
    "descent": lambda label: interactive.descent(label=label),
    "optimiser-paths": lambda label: interactive.optimiser_paths(label=label),
    "vanishing": lambda label: interactive.vanishing(label=label),
}
every_figure = pytest.mark.parametrize("kind", MAKE)


@pytest.fixture
def show(open_page):
    """show(kinds…) opens a page with these figures."""

    def opened(*kinds, body=None, **options):
        return open_page("".join(MAKE[kind](kind).html for kind in kinds) if body is None else body, **options)

    opened.complaints = open_page.complaints
    return opened


def picture_of(page, kind):
    """Everything that a change of a control may change, except what is spoken."""
    return page.evaluate(
        """id => { const root = document.getElementById(id).cloneNode(true);
        root.querySelectorAll("[role=status]").forEach(node => node.remove());
        const values = [...document.getElementById(id).querySelectorAll("input, select")].map(c => c.value);
        return root.innerHTML + values.join(); }""",
        f"nnb-{kind}",
    )


def spoken(page, kind, before=""):
    """What is announced, once it is no longer `before`."""
    status = f"#nnb-{kind} [role=status]"
    page.wait_for_function("([at, old]) => document.querySelector(at).textContent !== old", arg=[status, before])
    return page.locator(status).inner_text()


@every_figure
def test_every_control_answers_to_the_keyboard_and_says_so(show, kind):
    page = show(kind, reduced_motion="reduce")
    controls = page.locator(f"#nnb-{kind} :is(input, select, button):visible")
    count = controls.count()
    assert count >= 2
    heard = spoken(page, kind)
    page.locator("h1").evaluate("node => { node.tabIndex = -1; node.focus(); }")
    for k in range(count):
        control = controls.nth(k)
        page.keyboard.press("Tab")
        assert control.evaluate("node => node === document.activeElement"), f"Tab does not reach control {k + 1}"
        outline = control.evaluate("node => getComputedStyle(node).outlineWidth + getComputedStyle(node).outlineStyle")
        assert outline == "3pxsolid"
        tag = control.evaluate("node => node.tagName")
        before = picture_of(page, kind)
        keys = {"INPUT": ["ArrowRight", "ArrowLeft"], "SELECT": ["ArrowUp", "ArrowDown"], "BUTTON": ["Enter", "Space"]}
        changed = []
        for key in keys[tag]:
            page.keyboard.press(key)
            changed.append(picture_of(page, kind) != before)
            if changed[-1]:
                break
        # A button that has nothing to do at the start (Back, Start again) is pressed again after something has moved.
        if not any(changed):
            assert tag == "BUTTON", f"control {k + 1} does nothing"
            page.locator(f"#nnb-{kind} input[type=range]").first.press("ArrowRight")
            before, heard = picture_of(page, kind), spoken(page, kind, heard)
            control.press("Enter")
            assert picture_of(page, kind) != before, f"button {k + 1} does nothing"
        heard = spoken(page, kind, heard)


@every_figure
def test_values_are_spoken_when_they_rest_not_on_the_way(show, kind):
    page = show(kind)
    before = spoken(page, kind)
    page.evaluate(
        """id => { window.said = []; new MutationObserver(() => window.said.push(1)).observe(
        document.querySelector("#" + id + " [role=status]"), {childList: true, subtree: true}); }""",
        f"nnb-{kind}",
    )
    select = page.locator(f"#nnb-{kind} :is(input[type=range], select)").first
    for _ in range(8):
        select.press("ArrowDown" if select.evaluate("node => node.tagName") == "SELECT" else "ArrowRight")
    assert page.evaluate("window.said.length") <= 1
    spoken(page, kind, before)
    assert page.evaluate("window.said.length") <= 2


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_and_nothing_sticks_out(show, size, theme):
    page = show(*MAKE, size=size, theme=theme)
    page.evaluate(importlib.resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    assert [(v["id"], [n["html"][:90] for n in v["nodes"]]) for v in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]
    small = page.evaluate(
        """[...document.querySelectorAll("input, select, button")].filter(c => c.checkVisibility()).filter(c => {
        const box = c.getBoundingClientRect(); return box.width < 24 || box.height < 24; }).map(c => c.outerHTML)"""
    )
    assert small == []


def test_axe_would_find_something(show):
    page = show(body=MAKE["nudge"]("nudge").html)
    page.evaluate(importlib.resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
    page.evaluate("document.querySelector('label').remove()")
    page.evaluate("document.querySelector('.nnb-readout').style.color = '#ccc'")
    found = page.evaluate("axe.run(document)")["violations"]
    assert {"select-name", "color-contrast"} <= {violation["id"] for violation in found}


@pytest.mark.parametrize("size", SIZES)
def test_text_in_pictures_is_large_enough_and_stays_inside(show, size):
    page = show(*MAKE, size=size)
    texts = page.evaluate(
        """[...document.querySelectorAll(".nnb-panel svg text")].filter(t => t.textContent).map(t => {
        const box = t.getBoundingClientRect(), panel = t.closest(".nnb-panel").getBoundingClientRect();
        const scale = t.ownerSVGElement.getBoundingClientRect().width / t.ownerSVGElement.viewBox.baseVal.width;
        const size = scale * parseFloat(getComputedStyle(t).fontSize);
        return [t.textContent, size, box.left >= panel.left, box.right <= panel.right];
        })"""
    )
    assert len(texts) > 100
    assert [text for text in texts if text[1] < 10 or not (text[2] and text[3])] == []
    outside = page.evaluate(
        """[...document.querySelectorAll(".nnb-panel :is(output, input, select, button, td, p, code)")].filter(node => {
        const box = node.getBoundingClientRect(), panel = node.closest(".nnb-panel").getBoundingClientRect();
        return node.checkVisibility() && box.width > 1 && (box.left < panel.left + 10 || box.right > panel.right - 10);
        }).map(node => node.outerHTML)"""
    )
    assert outside == []


def test_stepping_shows_every_number_of_the_package(show):
    page = show("step-through")
    trace, grads = NET.forward(X[3]), nn.backprop(NET, X[3:4], T[3:4], nn.SquaredError())
    wanted = [a for l in (2, 3) for a in trace.a[l]]
    wanted += [grads.cost, *grads.delta[3][0], *grads.delta[2][0]]
    for l in (3, 2):
        for j in range(NET.sizes[l]):
            wanted += [*grads.W[l][j], grads.b[l][j]]
    assert len(wanted) == 58
    next_button = page.get_by_role("button", name="Next")
    for k, value in enumerate(wanted):
        next_button.press("Enter")
        shown = page.locator(".nnb-formula b").inner_text()
        assert number(shown) == pytest.approx(value, abs=5.1e-5), f"step {k + 2}: {shown}"
        assert page.locator("#nnb-step-through output").inner_text() == f"{k + 2} of 59"
        assert page.locator(".nnb-net [class*=nnb-lit]").count() > 0
    before = picture_of(page, "step-through")
    next_button.press("Enter")
    assert picture_of(page, "step-through") == before


def test_a_chosen_weight_shows_its_path(show):
    page = show("step-through")
    page.get_by_label("Path of a weight", exact=True).select_option("w²₂₅")
    shown = page.locator(".nnb-formula b").inner_text()
    grads = nn.backprop(NET, X[3:4], T[3:4], nn.SquaredError())
    assert number(shown) == pytest.approx(grads.W[2][1, 4], abs=5.1e-6)
    # Two edges to the outputs, two to the cost, and the weight itself.
    assert page.locator(".nnb-edge.nnb-lit-path").count() == 4
    assert page.locator(".nnb-edge.nnb-lit-w").count() == 1
    hit = page.locator(".nnb-hit").nth(7)
    hit.dispatch_event("click")
    assert number(page.locator(".nnb-formula b").inner_text()) == pytest.approx(grads.W[2][0, 7], abs=5.1e-6)


def readout(page, kind):
    rows = page.locator(f"#nnb-{kind} .nnb-readout tbody tr")
    return [rows.nth(k).locator("td").first.inner_text() for k in range(rows.count())]


def cost(z_nudge, l, j):
    net = NET.copy()
    net.b[l][j] += z_nudge
    return nn.SquaredError()(net.forward(X[3]).output, T[3])


@pytest.mark.parametrize(("option", "l", "j"), [("z²₃", 2, 2), ("z³₁", 3, 0)])
def test_nudging_shows_the_change_of_the_cost(show, option, l, j):
    page = show("nudge")
    page.get_by_label("Weighted input", exact=True).select_option(option)
    page.get_by_label("Nudge Δz", exact=True).fill("0.5")
    by, delta, predicted, measured, rest = map(number, readout(page, "nudge"))
    wanted = nn.backprop(NET, X[3:4], T[3:4], nn.SquaredError()).delta[l][0, j]
    assert by == 0.5
    assert delta == pytest.approx(wanted, abs=5.1e-6)
    assert predicted == pytest.approx(0.5 * wanted, abs=5.1e-6)
    assert measured == pytest.approx(cost(0.5, l, j) - cost(0, l, j), abs=5.1e-6)
    assert rest == pytest.approx(measured - predicted, abs=1.1e-5)


def at(page, kind, across, up=0.5):
    box = page.locator(f"#nnb-{kind} svg.nnb-drag").first.bounding_box()
    return box["x"] + across * box["width"], box["y"] + up * box["height"]


@pytest.mark.parametrize("kind", ["nudge", "one-weight", "one-neuron", "descent", "optimiser-paths"])
def test_dragging_with_the_mouse_changes_the_values(show, kind):
    page = show(kind)
    before = readout(page, kind)
    page.mouse.move(*at(page, kind, 0.4))
    page.mouse.down()
    page.mouse.move(*at(page, kind, 0.3, 0.3), steps=3)
    during = readout(page, kind)
    page.mouse.up()
    page.mouse.move(*at(page, kind, 0.9, 0.8))
    assert during != before
    assert readout(page, kind) == during


@pytest.mark.parametrize("kind", ["nudge", "one-weight", "one-neuron", "descent", "optimiser-paths"])
def test_touching_changes_the_values(show, kind):
    page = show(kind, size="phone", has_touch=True)
    before = readout(page, kind)
    page.locator(f"#nnb-{kind} svg.nnb-drag").first.scroll_into_view_if_needed()
    page.touchscreen.tap(*at(page, kind, 0.3, 0.4))
    assert readout(page, kind) != before


def test_every_bug_is_found_and_named(show):
    page = show("gradient-check")
    bug = page.get_by_label("Bug", exact=True)
    names = bug.locator("option").all_inner_texts()
    assert len(names) == 10
    for name in names:
        bug.select_option(name)
        verdict = page.locator("#nnb-gradient-check .nnb-title").first.inner_text()
        told = page.locator(".nnb-diagnosis").inner_text()
        differing = page.locator("#nnb-gradient-check td b").count()
        if name == "none":
            assert (verdict, told, differing) == ("all 47 entries agree", "none found", 0)
        else:
            assert re.fullmatch(r"\d+ of 47 entries disagree", verdict), name
            assert "none found" not in told
            assert differing > 0, name


def test_one_weight_takes_the_steps_of_the_book(show):
    page = show("one-weight")
    _, c, dc_da, dc_dw, following, _ = readout(page, "one-weight")
    assert (number(c.split("=")[1]), number(dc_da), number(dc_dw), number(following)) == (4, -4, -8, 1.8)
    page.get_by_role("button", name="Step downhill").press("Enter")
    _, c, _, _, _, steps = readout(page, "one-weight")
    assert (number(c.split("=")[1]), steps) == (0.16, "1")


def test_xor_cannot_be_done_by_one_neuron(show):
    page = show("one-neuron")
    page.get_by_label("Targets", exact=True).select_option("XOR")
    best = page.evaluate(
        """() => { const set = (input, v) => { input.value = v; input.dispatchEvent(new Event("input")); };
        const [u, v, b] = document.querySelectorAll("#nnb-one-neuron input"); let best = 0;
        for (let i = -6; i <= 6; i += 1.5) for (let j = -6; j <= 6; j += 1.5) for (let k = -6; k <= 6; k += 0.75) {
          set(u, i); set(v, j); set(b, k);
          best = Math.max(best, parseInt(document.querySelector("#nnb-one-neuron .nnb-title").textContent)); }
        return best; }"""
    )
    assert best == 3


def test_figures_on_one_page_leave_each_other_alone(show):
    body = MAKE["nudge"]("first").html + MAKE["nudge"]("second").html
    page = show(body=body)
    before = picture_of(page, "second")
    page.locator("#nnb-first input").first.press("ArrowRight")
    assert picture_of(page, "second") == before
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(node => node.id)")
    assert len(ids) == len(set(ids))
    assert len(ids) >= 8


@every_figure
def test_the_picture_stands_where_scripts_do_not_run(show, kind):
    page = show(kind, java_script_enabled=False)
    image = page.get_by_role("img")
    assert image.count() == 1
    assert image.bounding_box()["height"] > 100
    assert page.locator(".nnb-panel").count() == 0


def test_the_picture_stays_when_the_script_fails(show):
    broken = MAKE["nudge"]("nudge").html.replace("const REACH = 3;", "const REACH = nowhere;")
    page = show(body=broken)
    assert page.get_by_role("img").bounding_box()["height"] > 100
    assert page.locator(".nnb-panel").count() == 0
    assert show.complaints == ["nowhere is not defined"]
    show.complaints.clear()


@every_figure
def test_it_runs_as_jupyterlab_inserts_it(show, kind):
    # JupyterLab sets innerHTML on a detached element, then puts fresh copies in place of the script elements.
    page = show(body="<div id='cell'></div>")
    page.evaluate(
        """html => { const host = document.createElement("div"); host.innerHTML = html;
        for (const old of [...host.querySelectorAll("script")]) {
          const fresh = document.createElement("script"); fresh.textContent = old.textContent; old.replaceWith(fresh); }
        document.getElementById("cell").append(host); }""",
        MAKE[kind](kind).html,
    )
    assert page.locator(f"#nnb-{kind} .nnb-panel :is(input, select)").count() >= 2


@pytest.mark.parametrize("kind", ["descent", "optimiser-paths"])
def test_play_moves_unless_motion_is_unwanted(show, kind):
    steps = f"#nnb-{kind} .nnb-slider:has(label:text-is('Steps')) input"
    still = show(kind, reduced_motion="reduce")
    still.get_by_role("button", name="Play").press("Enter")
    assert still.locator(steps).input_value() == still.locator(steps).get_attribute("max")
    moving = show(kind)
    # Read in the task of the click: the steps go on by themselves afterwards.
    play = moving.get_by_role("button", name="Play").element_handle()
    start = moving.locator(steps).evaluate("(steps, play) => { play.click(); return steps.value; }", play)
    assert int(start) <= 1
    moving.wait_for_function(
        "s => Number(document.querySelector(s).value) > 3",
        arg=f"#nnb-{kind} input[max='{moving.locator(steps).get_attribute('max')}']",
    )
    moving.get_by_role("button", name="Stop").press("Enter")
    assert moving.get_by_role("button", name="Play").count() == 1


def test_paper_has_the_values_and_no_controls(show):
    page = show(*MAKE)
    page.emulate_media(media="print")
    assert page.locator(".nnb-controls:visible").count() == 0
    assert page.locator(".nnb-panel svg:visible").count() >= len(MAKE)


@pytest.mark.parametrize(
    ("theme", "scheme", "dark"),
    [("light", "dark", False), ("dark", "light", True), (None, "dark", True), (None, "light", False)],
)
def test_the_theme_of_the_page_wins_over_that_of_the_system(show, theme, scheme, dark):
    page = show("nudge", theme=theme or "light", color_scheme=scheme)
    if theme is None:
        page.evaluate("document.documentElement.removeAttribute('data-theme')")
    paper = page.locator(".nnb-panel").evaluate("node => getComputedStyle(node).backgroundColor")
    assert paper == ("rgb(23, 27, 33)" if dark else "rgb(255, 255, 255)")


@pytest.mark.parametrize(("light", "scheme"), [("true", "dark"), ("false", "light")])
def test_the_theme_of_jupyterlab_wins_over_that_of_the_system(show, light, scheme):
    page = show("nudge", color_scheme=scheme)
    page.evaluate("document.documentElement.removeAttribute('data-theme')")
    page.evaluate("light => document.body.setAttribute('data-jp-theme-light', light)", light)
    paper = page.locator(".nnb-panel").evaluate("node => getComputedStyle(node).backgroundColor")
    assert paper == ("rgb(255, 255, 255)" if light == "true" else "rgb(23, 27, 33)")


def test_the_numbers_here_are_those_of_the_tests_of_the_package():
    assert np.isfinite(NET.parameters).all()
    assert set(MAKE) == {name.replace("_", "-") for name in interactive.__all__} - {
        "InteractiveFigure",
        "BrokenEquation",
        "equation",
    }


def test_without_a_second_optimiser_its_rate_is_hidden(show):
    page = show("optimiser-paths")
    rates = page.locator("#nnb-optimiser-paths input:visible")
    assert rates.count() == 3
    page.get_by_label("Second optimiser", exact=True).select_option("none")
    assert rates.count() == 2
    assert page.locator(".nnb-path-two[d^=M]").count() == 0
