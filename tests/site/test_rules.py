"""Every rule of the page refuses a page that breaks it, and passes one that does not."""

import random
import re
import shutil
from pathlib import Path

import browser
import file_rules
import pytest
import site_test

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(browser.find() is None, reason="no browser is installed (Debian: apt-get install chromium)"),
]

STYLE = """
@font-face { font-family: "Book Narrow"; src: url(letters.woff2); size-adjust: 30%; }
:root { color-scheme: light dark; --paper: light-dark(#fff, #111); --ink: light-dark(#111, #eee); }
body { background: var(--paper); color: var(--ink); font: 18px/1.5 sans-serif; margin: 0 1rem; }
a { color: light-dark(#1f5aa8, #86b7f2); } img { max-width: 100%; height: auto; }
:focus-visible { outline: 3px solid currentcolor; }
pre { overflow-x: auto; }
@media print { header, nav { display: none; } pre { white-space: pre-wrap; }
  details::details-content { content-visibility: visible; display: block; } }
"""

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>A sound page</title>
<meta name="description" content="A small page that keeps every rule of the book's pages.">
<link rel="canonical" href="https://nnbook.example/"><meta property="og:image" content="https://nnbook.example/card.png">
<link rel="icon" href="icon.svg"><link rel="stylesheet" href="style.css"></head>
<body><a class="skip-link" href="#main">Skip to the text</a>
<header><a href="index.html">The book</a></header>
<main id="main" tabindex="-1"><article><h1>A sound page</h1>
<p>Some text with <a href="#more">a link</a>, long enough to be read without a script, and then a little more of it.</p>
<h2 id="more">More</h2>
<p>A formula: <span class="katex"><span class="katex-mathml"><math><mi>x</mi></math></span></span></p>
<div class="scroll"><table><thead><tr><th scope="col">l</th><th scope="col">n</th></tr></thead>
<tbody><tr><td>1</td><td>12</td></tr></tbody></table></div>
<pre tabindex="0" role="group" aria-label="Code">
delta[l] = hidden_delta(delta[l + 1], W[l + 1], z[l], f[l])  # a line longer than a phone is wide</pre>
<img src="figure.svg" alt="A line that rises." width="200" height="100" loading="lazy">
<details><summary>Answer</summary><p>Forty-seven.</p></details>
</article></main></body></html>
"""

FIGURE = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 100" width="200" height="100">
<g id="patch_1"><path d="M0 0h200v100H0z" style="fill: none"/></g><path d="M10 90 190 10" stroke="#2e86c1"/></svg>"""

FONTS = Path(__file__).parents[2] / "book" / "_static" / "fonts"
WIDE = '<div style="width: 2000px; height: 10px; background: #888"></div>'

# name of the doctored page: (what is replaced, by what, the rule that must refuse it, the mode in which it shows)
END, HEAD = "</body>", "</head>"
DESKTOP, PHONE = "desktop light", "phone light"
FAULTS = {
    "raw-tex": ("Some text", r"Some $\delta^l_j$ text", "formula", None),
    "no-mathml": ("<math><mi>x</mi></math>", "x", "formula", None),
    "formula-error": ("Some text", '<span class="katex-error">\\frac</span> text', "formula", None),
    "broken-link": ('href="index.html"', 'href="gone.html"', "link", None),
    "broken-anchor": ('href="#more"', 'href="#less"', "link", None),
    "plain-http": ('href="#more"', 'href="http://example.org"', "link", None),
    "remote-script": (HEAD, '<script src="https://cdn.example/x.js"></script></head>', "other host", None),
    "no-language": (' lang="en"', "", "language", None),
    "no-title": ("<title>A sound page</title>", "<title></title>", "title", None),
    "no-description": ('name="description"', 'name="other"', "description", None),
    "no-canonical": ('rel="canonical"', 'rel="other"', "canonical", None),
    "no-card": ("og:image", "og:other", "canonical", None),
    "no-icon": ('rel="icon"', 'rel="other"', "icon", None),
    "two-titles": ("<h2", "<h1>Another</h1><h2", "heading", None),
    "no-alt": ('alt="A line that rises."', "", "text alternative", None),
    "file-name-alt": ("A line that rises.", "_images/0a1b.svg", "text alternative", None),
    "nameless-drawing": ("<h2", '<svg width="9" height="9"></svg><h2', "text alternative", None),
    "no-size": (' width="200" height="100" loading', " loading", "image size", None),
    "eager": (' loading="lazy"', "", "image lazy", None),
    "no-header": ('<th scope="col">l</th><th scope="col">n</th>', "<td>l</td><td>n</td>", "table", None),
    "empty-header": ('<th scope="col">n</th>', '<th scope="col"></th>', "table", None),
    "dead-script": (END, '<script type="text/x-thebe-config">{}</script></body>', "script", None),
    "late-fold": (
        "</article>",
        "<section><section><div><details><summary>Hint</summary></details></div></section></section></article>",
        "late fold",
        None,
    ),
    "double-id": ("<h2", '<p id="more">x</p><h2', "id", None),
    "remote-request": (
        END,
        '<script>fetch("https://cdn.example/x")</script></body>',
        "other host",
        DESKTOP,
    ),
    "console-error": (END, '<script>console.error("broken")</script></body>', "console", DESKTOP),
    "exception": (END, "<script>nowhere()</script></body>", "console", PHONE),
    "disk-only": (
        END,
        '<script>if (location.protocol === "file:") fetch("style.css").catch(() => {})</script></body>',
        "console",
        DESKTOP,
    ),
    "sideways": ("<h2", WIDE + "<h2", "sideways", PHONE),
    "large-text-sideways": (
        "<h2",
        '<div style="width: 20rem; height: 9px; background: #888"></div><h2',
        "large text",
        PHONE,
    ),
    "narrow-letters": (
        "<h2",
        '<p style="font: 18px Book Narrow, sans-serif; white-space: nowrap">This fits as long as the letters of the'
        " book are there, and with no others.</p><h2",
        "system letters",
        PHONE,
    ),
    "long-way-down": (
        HEAD,
        "<style>html { scroll-behavior: smooth } h1 { padding-bottom: 30000px }</style></head>",
        "deep link",
        DESKTOP,
    ),
    "cut-off": ("<h2", f'<div style="overflow: hidden">{WIDE}</div><h2', "sideways", "phone dark"),
    "no-dark": (HEAD, "<style>body { background: #fff; color: #111 }</style></head>", "theme", "desktop dark"),
    "contrast": ("<h2", '<p style="color: light-dark(#aaa, #555)">Faint.</p><h2', "axe", DESKTOP),
    "contrast-in-the-dark": ("<h2", '<p style="color: #333">Faint.</p><h2', "axe", "desktop dark"),
    "nameless-button": ("<h2", "<button></button><h2", "axe", PHONE),
    "moving": (
        HEAD,
        "<style>@keyframes turn { to { rotate: 1turn } } h1 { animation: turn 2s infinite }</style></head>",
        "motion",
        "phone dark",
    ),
    "late-image": (
        END,
        '<script>setTimeout(() => document.querySelector("h1").style.paddingTop = "300px", 150)</script></body>',
        "layout shift",
        DESKTOP,
    ),
    "skip-not-first": (
        '<a class="skip-link"',
        '<a href="#more">Menu</a><a class="skip-link"',
        "keyboard",
        DESKTOP,
    ),
    "no-focus": (HEAD, "<style>a:focus-visible { outline: none }</style></head>", "keyboard", DESKTOP),
    "menu-on-paper": (
        HEAD,
        "<style>header { display: block !important }</style></head>",
        "print",
        DESKTOP,
    ),
    "code-cut-on-paper": (
        HEAD,
        "<style>pre { white-space: pre !important }</style></head>",
        "print",
        DESKTOP,
    ),
    "folded-on-paper": (
        HEAD,
        "<style>details::details-content { content-visibility: hidden !important }</style></head>",
        "print",
        DESKTOP,
    ),
    "script-needed": (
        END,
        '<script>document.querySelector("article").append("word ".repeat(400))</script></body>',
        "without script",
        DESKTOP,
    ),
    "heavy": (END, '<script src="noise.js"></script></body>', "weight", DESKTOP),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    (folder / "style.css").write_text(STYLE, encoding="utf-8")
    for name in ("figure.svg", "icon.svg"):
        (folder / name).write_text(FIGURE, encoding="utf-8")
    shutil.copy(FONTS / "source-sans-3-latin-wght-normal.woff2", folder / "letters.woff2")
    (folder / "noise.js").write_text(f"// {random.Random(0).randbytes(1_500_000).hex()}", encoding="utf-8")
    (folder / "index.html").write_text(PAGE, encoding="utf-8")
    for fault, (old, new, _rule, _mode) in FAULTS.items():
        assert old in PAGE, fault
        page = PAGE.replace(old, new, 1)
        (folder / f"{fault}.html").write_text(page, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def base(site):
    with browser.serve(site) as address:
        yield address


def test_a_sound_page_passes_every_rule(site, chromium, base):
    found = file_rules.check_files(site, ["index.html"])
    assert [finding for finding in found if finding.rule != "whole"] == []
    found, size = site_test.check_page(chromium, base, "index.html", site=site)
    assert found == []
    assert 1000 < size < 10_000


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found(fault, site, chromium, base):
    _old, _new, rule, mode = FAULTS[fault]
    if mode is None:
        found = file_rules.check_files(site, [f"{fault}.html"])
    else:
        found, _size = site_test.check_page(chromium, base, f"{fault}.html", modes=[mode], site=site)
    assert rule in {finding.rule for finding in found}, found


def test_a_figure_with_a_background_of_its_own_is_found(site):
    (site / "bright.svg").write_text(FIGURE.replace("fill: none", "fill: #ffffff"), encoding="utf-8")
    (site / "bright.html").write_text(PAGE.replace("figure.svg", "bright.svg"), encoding="utf-8")
    assert "dark figure" in {finding.rule for finding in file_rules.check_files(site, ["bright.html"])}


@pytest.mark.parametrize(
    "black",
    [
        '<path style="fill: none; stroke: #000000"/>',
        '<g id="text_1">\n<!-- $x$ -->\n<g transform="scale(0.1)"><path d="M 0 0"/></g></g>',
    ],
)
def test_a_figure_with_black_lines_or_letters_is_found(site, black):
    (site / "black.svg").write_text(FIGURE.replace("</svg>", black + "</svg>"), encoding="utf-8")
    (site / "black.html").write_text(PAGE.replace("figure.svg", "black.svg"), encoding="utf-8")
    assert "dark figure" in {finding.rule for finding in file_rules.check_files(site, ["black.html"])}
    coloured = black.replace("#000000", "#727a88").replace("<g transform", '<g style="fill: #727a88" transform')
    (site / "black.svg").write_text(FIGURE.replace("</svg>", coloured + "</svg>"), encoding="utf-8")
    assert "dark figure" not in {finding.rule for finding in file_rules.check_files(site, ["black.html"])}


def test_the_same_title_twice_is_found(site):
    (site / "second.html").write_text(PAGE, encoding="utf-8")
    found = file_rules.check_files(site, ["index.html", "second.html"])
    assert [finding.page for finding in found if finding.rule == "title"] == ["second.html"]


def test_missing_files_are_found(site):
    missing = {finding.page for finding in file_rules.check_files(site, ["index.html"]) if finding.rule == "whole"}
    assert missing == {"sitemap.xml", "robots.txt", "404.html", "search.html"}


def test_a_search_that_finds_nothing_is_found(site, chromium, base):
    (site / "search.html").write_text(PAGE.replace("<h2", '<ol id="search-results"></ol><h2', 1), encoding="utf-8")
    found = site_test.check_search(chromium, base)
    (site / "search.html").unlink()
    assert [finding.rule for finding in found] == ["search"] * len(site_test.SEARCHES)


def test_a_finding_says_where():
    finding = site_test.Finding("axe", "index.html", "color-contrast", "phone dark")
    assert re.fullmatch(r"axe: index\.html \(phone dark\): color-contrast", str(finding))
