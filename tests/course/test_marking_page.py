"""nbgrader's page for marking by hand: it loads nothing from elsewhere and runs nothing that a student wrote."""

import json
import re
import shutil
import urllib.request

import browser
import lab_server
import pytest
import site_test

pytest.importorskip("nbgrader", reason="nbgrader (requirements-course.txt) is not installed: its page was not opened")

import bs4
from nbgrader.api import Gradebook

import nnbook.__main__
from nnbook.course import marking_page

from .submissions import ROOT, submission
from .test_run import INJECTED, NAME, SCRIPT, hand_in

IMAGE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
ANSWER = r"""
Because $\delta^l_j < 1$ and **every** path counts; `$a$` is code, and ![drawn](attachment:a.png) my drawing. See
[the book](https://example.org/book) or [this](javascript:document.title='owned').

$$\sum_k \delta^{l+1}_k W^{l+1}_{kj}$$

<script>document.title = "owned"</script><img src="x" onerror="document.title='owned'">
<img src="https://example.org/pixel.png"><iframe src="https://example.org"></iframe><span id="question">x</span>
<svg onload="document.title='owned'"></svg><style>@import url(https://example.org/a.css);</style>

$\href{javascript:document.title='owned'}{x}$
"""


@pytest.fixture(scope="module")
def course(isolation, tmp_path_factory):
    folder = tmp_path_factory.mktemp("marking")
    shutil.copy(ROOT / "assignments" / "nbgrader_config.py", folder)
    shutil.copytree(ROOT / "assignments" / "source" / NAME, folder / "source" / NAME)
    nb = json.loads(submission(NAME, INJECTED))
    cell = next(c for c in nb["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == "question")
    cell["source"], cell["attachments"] = ANSWER, {"a.png": {"image/png": IMAGE}}
    hand_in(folder / "submitted", "ada", json.dumps(nb).encode())
    assert nnbook.__main__.main(["grade", "--course", str(folder), "--workers", "1", "--isolation", "limits"]) == 0
    return folder


@pytest.fixture(scope="module")
def server(course, tmp_path_factory):
    """Jupyter's server in the course folder, as an instructor starts it there, on a free port."""
    with lab_server.running(["-m", "jupyter_server"], tmp_path_factory.mktemp("jupyter"), course) as address:
        yield address


def paths(course):
    """Every kind of page that formgrader has."""
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        marked = book.find_submission_notebook(NAME, NAME, "ada").id
    lists = ["manage_assignments", "gradebook", f"gradebook/{NAME}", f"gradebook/{NAME}/{NAME}", "manage_students"]
    lists += [f"manage_submissions/{NAME}", "manage_students/ada", f"manage_students/ada/{NAME}"]
    return [f"formgrader/{name}" for name in (*lists, f"submissions/{marked}")]


def fetched(server, path):
    with urllib.request.urlopen(f"{server}/{path}?token=t", timeout=60) as answer:
        return answer.read().decode()


def loaded(html):
    """The addresses on other hosts from which a page loads something; a link to click is not loaded."""
    page = bs4.BeautifulSoup(html, "html.parser")
    found = [e[name] for e in page.find_all(True) if e.name != "a" for name in ("src", "href", "data") if e.get(name)]
    for element in page.find_all(["script", "style"]):
        found += re.findall(r"""(?:url\(|import\(?|from)\s*["']?([\w:]*//[^"')\s]+)""", element.text)
    return [address for address in found if re.match(r"([\w+.-]+:)?//", address)]


def test_no_page_loads_anything_from_another_host(course, server):
    pages = {path: fetched(server, path) for path in paths(course)}
    pages |= {p.name: p.read_text(encoding="utf-8") for p in (*course.glob("feedback/**/*.html"),)}
    assert len(pages) == 10
    assert {path: loaded(html) for path, html in pages.items() if loaded(html)} == {}
    for seen in (
        '<script src="{}">',
        "<link href='{}'>",
        "<style>@import url({});</style>",
        "<script>import '{}'</script>",
    ):
        assert loaded(seen.format("https://example.org/x")) == ["https://example.org/x"]


def test_an_answer_is_text_and_not_a_program(course, server):
    page = fetched(server, paths(course)[-1])
    answer = page[page.index("Because") : page.index('id="question-comment"')]
    assert not re.search(r"<script|<iframe|<svg|<style|onerror|onload|javascript:\w+\.title='owned'\"|id=", answer)
    assert SCRIPT not in page
    assert "&lt;script&gt;alert(1)" in page  # in the grader's words and in the student's code
    assert f"data:image/png;base64,{IMAGE}" in answer
    assert "<strong>every</strong>" in answer
    assert 'href="https://example.org/book"' in answer


@pytest.mark.browser
@pytest.mark.skipif(browser.find() is None, reason="no browser is installed (Debian: apt-get install chromium)")
def test_the_page_works_where_there_is_no_other_host(course, server):
    """Formulas are set, nothing of the student's runs, and a mark that is typed in is kept."""
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        opened = site_test.launch(playwright)
        page, complaints, elsewhere = opened.new_page(), [], []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: elsewhere.append(request.url))
        page.route(lambda url: not url.startswith((server, "data:")), lambda route: route.abort())
        page.goto(f"{server}/?token=t")  # signs in
        page.goto(f"{server}/{paths(course)[-1]}")
        page.wait_for_function("window.MathJax && MathJax.loaded")
        answer = page.locator(".nbgrader_cell", has_text="my drawing")
        assert answer.locator("math").count() == 3
        assert answer.locator("math[display=block]").count() == 1
        assert answer.locator("code").inner_text() == "$a$"
        assert answer.locator("math a[href]").count() == 0
        page.wait_for_selector("input#question.needs_manual_grade")  # the marks have come
        page.locator("input#question").press_sequentially("1.5")
        with page.expect_response(lambda r: "/api/grade/" in r.url and r.request.method == "PUT"):
            page.locator("input#question").press("Tab")
        assert page.title() != "owned"
        opened.close()
    assert complaints == []
    assert [url for url in elsewhere if not url.startswith((server, "data:"))] == []
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        assert book.find_grade("question", NAME, NAME, "ada").manual_score == 1.5


def test_without_katex_formulas_stay_as_they_were_typed():
    assert "katex" in marking_page.program("katex.min.js")
    assert marking_page.program("nothing-of-this-name.js") == ""
