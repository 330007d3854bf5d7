"""Breaking the equations of the built pages by keyboard: what is shown is what `python -m nnbook verify` says."""

import json
import re
import subprocess
import sys
from pathlib import Path

import lab
import pytest
import wrong_forms
from figure_page import BROWSER

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "_build" / "html"
MOST = 40_000  # bytes that a page may fetch of verdicts
BUILT = pytest.mark.skipif(not (SITE / "index.html").exists(), reason="the site is not built: make book")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BROWSER is None, reason="no browser is installed (Debian: apt-get install chromium)"),
    BUILT,
]

# Label, and the arguments of its check in the chapter.
EQUATIONS = [
    ("eq-hidden-delta", ""),
    ("eq-hidden-delta-batch", ""),
    ("eq-output-delta", ""),
    ("eq-adaline-gradient", ', sizes=[5, 1], output="identity", cost=nn.SquaredError()'),
    ("eq-neuron-error", ""),
    ("eq-weight-gradient-outer", ""),
    ("eq-bias-gradient-sum", ""),
    ("eq-forward-matrix", ""),
    ("eq-delta-matched-linear", ', output="identity", cost=nn.SquaredError()'),
    ("eq-l2-gradient", ", penalty=nn.L2(0.1)"),
]
STATUS = {said: said for said in ("refuted", "depends", "needs values", "holds")} | {
    "refused: it has no meaning": "unreadable"
}


@pytest.fixture
def visit(chromium):
    """visit(name) opens a page of the site from its files, as a reader of the archive does; complaints are failures."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    complaints = []

    def opened(address):
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
        page.goto(f"{(SITE / address.partition('#')[0]).as_uri()}#{address.partition('#')[2]}")
        return page

    yield opened
    context.close()
    assert not complaints


def focused(page, attribute):
    return page.evaluate("name => document.activeElement.getAttribute(name)", attribute)


def opened_by_keyboard(visit, name, label):
    """The page with the equation's panel, opened with only Tab and Enter."""
    page = visit(f"{name}.html#equation-{label}")
    for _ in range(6):
        page.keyboard.press("Tab")
        if focused(page, "data-break") == label:
            break
    assert focused(page, "data-break") == label, "Tab does not reach the link"
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#break-{label}")
    assert focused(page, "data-place") is not None, "the first place has the focus"
    return page


def broken(page, label):
    """Every change that can be made with only the keyboard: (LaTeX, verdict, what is said, what is announced)."""
    panel, seen = page.locator(f"#break-{label}"), []
    places = panel.locator("[data-place]").count()
    for place in range(places):
        for _ in range(60):
            if focused(page, "data-place") is not None and page.evaluate(
                "k => document.activeElement === document.querySelectorAll('.breaker [data-place]')[k]", place
            ):
                break
            page.keyboard.press("Tab")
        else:
            pytest.fail(f"Tab does not reach place {place}")
        page.keyboard.press("Enter")
        first = panel.get_attribute("data-latex")
        while True:
            items = panel.locator(".break-result li")
            lines = items.evaluate_all("items => items.map(item => item.dataset.line)")
            verdict = panel.locator(".break-verdict").inner_text()
            seen.append((panel.get_attribute("data-latex"), verdict, lines, panel.get_by_role("status").inner_text()))
            assert panel.locator(".break-form .katex-html").count() == 1
            page.keyboard.press("Enter")  # the next change at the same place
            if panel.get_attribute("data-latex") == first:
                break
    return seen


def verified(tmp_path, label, latex, arguments):
    """What the command says of these forms: one file each, with the check of the chapter."""
    files = []
    for n, form in enumerate(latex):
        file = tmp_path / f"{n:03}.md"
        cell = f'```{{code-cell}}\nimport nnbook as nn\nnn.verify("{label}"{arguments})\n```'
        file.write_text(f"# A form\n\n$$\n{form}\n$$ ({label})\n\n{cell}\n", encoding="utf-8")
        files.append(str(file))
    command = [sys.executable, "-m", "nnbook", "verify", "--json", *files]
    result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    return json.loads(result.stdout)


@pytest.mark.parametrize(("label", "arguments"), EQUATIONS, ids=[label for label, _ in EQUATIONS])
def test_breaking_by_keyboard_says_what_the_command_says(visit, tmp_path, label, arguments):
    seen = broken(opened_by_keyboard(visit, lab.equations()[label]["page"], label), label)
    stored = json.loads(wrong_forms.FILE.read_text(encoding="utf-8"))[label]
    assert len(seen) == len({latex for latex, *_ in seen}) == len(stored["forms"])
    says = verified(tmp_path, label, [latex for latex, *_ in seen], arguments)
    for (latex, verdict, lines, announced), said in zip(seen, says, strict=True):
        assert STATUS[verdict] == said["status"], latex
        assert verdict in announced
        if verdict != "holds":
            told = [re.sub(r"(^|[\s(=])-(?=\d)", r"\1−", line) for line in wrong_forms.told(said["detail"], latex)]
            assert lines == told, latex
        assert lines
        assert all(lines)


def test_a_panel_closes_with_escape_and_gives_the_focus_back(visit):
    page = opened_by_keyboard(visit, "11-hidden-recursion", "eq-hidden-delta")
    page.keyboard.press("Escape")
    assert page.locator(".breaker").count() == 0
    assert focused(page, "data-break") == "eq-hidden-delta"
    assert focused(page, "aria-expanded") == "false"


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_an_open_panel_is_accessible_and_fits(chromium, width, scheme):
    import importlib.resources

    context = chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, has_touch=True)
    page = context.new_page()
    page.goto((SITE / "12-gradient-formulas.html").as_uri())
    page.locator("a[data-break]").first.tap()
    page.locator(".breaker [data-place]").first.tap()
    assert page.locator(".break-verdict").count() == 1
    page.evaluate(importlib.resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
    rules = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
    found = page.evaluate("rules => axe.run('.breaker', {runOnly: rules})", rules)
    assert [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_nothing_is_fetched_before_an_equation_is_broken(chromium):
    context = chromium.new_context()
    page, fetched = context.new_page(), []
    page.on("request", lambda request: fetched.append(request.url))
    page.goto((SITE / "11-hidden-recursion.html").as_uri())
    page.wait_for_load_state("networkidle")
    assert not [url for url in fetched if "wrong-forms" in url or "katex.min.js" in url]
    context.close()


def test_the_verdicts_of_a_page_are_small():
    sizes = {path.name: path.stat().st_size for path in (SITE / "_static" / "wrong-forms").glob("*.js")}
    assert len(sizes) >= 20
    assert {name: size for name, size in sizes.items() if size > MOST} == {}


def test_without_scripts_the_link_leads_to_the_table(chromium):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((SITE / "11-hidden-recursion.html").as_uri())
    page.locator("a[data-break=eq-hidden-delta]").click()
    page.wait_for_url("**/wrong-forms.html#wrong-eq-hidden-delta", wait_until="load")
    rows = page.locator("#wrong-eq-hidden-delta tbody tr")
    stored = json.loads(wrong_forms.FILE.read_text(encoding="utf-8"))["eq-hidden-delta"]["forms"]
    assert rows.count() == len(stored)
    page.locator("#wrong-eq-hidden-delta summary").click()
    row = rows.filter(has_text="drop the prime")
    assert row.locator("td").nth(2).inner_text() == "refuted"
    assert "left side" in row.locator("td").nth(3).inner_text()
    context.close()
