"""Every page of the built site follows the rules in the browser, in two widths and two themes."""

import re
from pathlib import Path

import browser
import pytest
import site_test
from file_rules import check_files, pages_of

pytestmark = pytest.mark.browser


def pytest_generate_tests(metafunc):
    if "name" in metafunc.fixturenames:
        site = site_of(metafunc.config)
        pages = metafunc.config.getoption("--pages", "") or ""
        names = pages.split(",") if pages else [path.name for path in pages_of(site)] if site.exists() else []
        # Heavy pages first, so that the workers end together.
        metafunc.parametrize("name", sorted(names, key=lambda name: -(site / name).stat().st_size))


def site_of(config):
    return Path(config.getoption("--site", "") or site_test.SITE).resolve()


@pytest.fixture(scope="module")
def site(request):
    return site_of(request.config)


@pytest.fixture(scope="module")
def base(site):
    with browser.serve(site) as address:
        yield address


def test_the_page_keeps_its_rules(name, site, chromium, base, record_property):
    found, size = site_test.check_page(chromium, base, name, screenshots=site_test.SCREENSHOTS, site=site)
    if re.match(r"\d\d-", name):
        record_property("chapter's bytes", size)  # conftest.py judges the median
    assert [str(finding) for finding in found] == []


def test_the_files_keep_their_rules(site):
    assert [str(finding) for finding in check_files(site, None)] == []


def test_search_finds_words_and_signs(chromium, base):
    assert [str(finding) for finding in site_test.check_search(chromium, base)] == []
