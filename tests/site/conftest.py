"""The system's Chromium, shared by all tests of the site, and a page with interactive figures in it."""

import contextlib
import statistics

import pytest
import site_test
from figure_page import SIZES, document


def pytest_addoption(parser):
    parser.addoption("--site", help="the built site whose pages are checked; _build/html by default")
    parser.addoption("--pages", help="only these pages of it, separated by commas")


def pytest_sessionfinish(session):
    """Judge the median weight of the chapters, once all workers have reported theirs."""
    terminal = session.config.pluginmanager.get_plugin("terminalreporter")
    reports = [report for kind in ("passed", "failed") for report in terminal.stats.get(kind, [])] if terminal else []
    sizes = [size for r in reports for name, size in getattr(r, "user_properties", []) if name == "chapter's bytes"]
    median = statistics.median(sizes) / 1000 if sizes else 0
    if median > site_test.MEDIAN_KB:
        print(f"\nthe median weight of the chapters must be at most {site_test.MEDIAN_KB} kB; it is {median:.0f} kB")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = site_test.launch(playwright)
        yield opened
        opened.close()


@pytest.fixture
def open_page(chromium, tmp_path):
    """open_page(body) opens a page with this HTML from file:// and returns it; a line on the console is a failure."""
    with contextlib.ExitStack() as stack:
        complaints, addresses = [], []

        def opened(body, *, size="desktop", theme="light", **context):
            width, height = SIZES[size]
            context = chromium.new_context(viewport={"width": width, "height": height}, **context)
            stack.callback(context.close)
            page = context.new_page()
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("console", lambda message: complaints.append(message.text))
            page.on("request", lambda request: addresses.append(request.url))
            file = tmp_path / "page.html"
            file.write_text(document(body, theme), encoding="utf-8")
            page.goto(file.as_uri())
            return page

        opened.complaints, opened.addresses = complaints, addresses
        yield opened
    assert not complaints
    assert all(address.startswith(("file:", "data:")) for address in addresses)
