"""What is fixed in a page's HTML, and the contents of the frame, search and sitemap."""

import json
import re
from pathlib import Path
from types import SimpleNamespace

import docutils.utils
import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from docutils.utils import new_document

ROOT = Path(__file__).resolve().parents[2]
import arranging  # noqa: E402
import browser  # noqa: E402
import cards  # noqa: E402
import katex_build  # noqa: E402
import mend  # noqa: E402
import page  # noqa: E402
import plain  # noqa: E402
import searching  # noqa: E402
import sitefiles  # noqa: E402
import subset_fonts  # noqa: E402


def mended(step, body):
    soup = BeautifulSoup(body, "html.parser")
    step(soup)
    return soup


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"\delta^l_j", "δ^l_j"),
        (r"\frac{\partial C}{\partial z^l_j}", "∂ C/∂ z^l_j"),
        (r"\frac{\partial C}{\partial z^{l+1}_j}", "∂ C/(∂ z^l+1_j)"),
        (r"\tfrac14 + \frac{1}{1 + e^{-\frac12}}x", "1/4 + 1/(1 + e^−1/2 ) x"),
        (r"\frac12\frac\eta N", "1/2 η/N"),
        (r"w^{l+1}_{ji}\,f'(z)", "w^l+1_ji f′(z)"),
        (r"\mathbf{W}^\top % unchecked: a reason", "W^⊤"),
        (r"\begin{aligned} a &= b \\ &= -c \end{aligned}", "a = b = −c"),
        (r"\eta < 2/\kappa", "η < 2/κ"),
    ],
)
def test_formulas_become_plain_characters(latex, text):
    assert plain.plain_math(latex) == text


def test_descriptions_end_between_words():
    assert plain.shorten("short  and\nsweet") == "short and sweet"
    long = plain.shorten("word " * 60)
    assert len(long) <= plain.DESCRIPTION_LENGTH
    assert long.endswith("word…")


def test_formulas_come_through_unchanged():
    formulas = [katex_build.render(latex) for latex in (r"x^2", r"\frac{a}{b}")]
    body = f"<p>A {formulas[0]} and <span>b</span> {formulas[1]}.</p>"
    protected, kept = mend.protect_formulas(body)
    assert kept == formulas
    assert "katex" not in protected
    assert mend.restore_formulas(protected, kept) == body


def paragraph(*parts):
    """A document with one paragraph: text, and formulas as lists of one string."""
    tree = new_document("page")
    section = nodes.section("", nodes.title("", "Title"), classes=["tex2jax_ignore", "mathjax_ignore", "own"])
    section += nodes.paragraph("", "", *(nodes.math("", p[0]) if isinstance(p, list) else nodes.Text(p) for p in parts))
    tree += section
    return tree


def together(tree, name="together"):
    return [box.astext() for box in tree.findall(nodes.inline) if box["classes"] == [name]]


def test_punctuation_stays_with_a_short_formula():
    tree = paragraph("So (", ["z = 0"], "). Or ", ["z = 1"], " or ", ["+".join(["x"] * 40)], ", or ", ["y" * 111], ".")
    before = tree.astext()
    arranging.keep_together(tree)
    assert together(tree) == ["(z = 0)."]
    assert together(tree, "together-if-wide") == [f"{'+'.join(['x'] * 40)},"]
    assert tree.astext() == before


def test_the_sizes_of_a_network_stay_on_one_line_and_code_stays_as_it_is():
    tree = paragraph("The 12-3-2 network, 2-3, 1-2-3-4.", ["5-6-7"])
    tree += nodes.literal_block("", "8-4-1")
    before = tree.astext()
    arranging.keep_sizes_together(tree)
    assert together(tree) == ["12-3-2", "1-2-3-4"]
    assert tree.astext() == before


def test_a_short_first_paragraph_is_the_lead_and_mathjax_leaves_no_class():
    for words, classes in ((["w" * 259, ["x" * 40]], ["lead"]), (["w" * 260], [])):
        tree = paragraph(*words)
        arranging.mark_lead(tree)
        arranging.drop_classes(tree)
        assert next(tree.findall(nodes.paragraph))["classes"] == classes
        assert next(tree.findall(nodes.section))["classes"] == ["own"]


def test_a_header_that_is_a_formula_has_words():
    math = '<span class="math"><span data-formula="0"></span></span>'
    soup = BeautifulSoup(f"<table><tr><th>{math}</th><th>cost {math}</th></tr></table>", "html.parser")
    mend.name_headers(soup, [katex_build.render(r"\delta^L")])
    assert [head.get_text() for head in soup.find_all("th")] == ["δ^L", "cost "]
    assert [formula.get("aria-hidden") for formula in soup.select(".math")] == ["true", None]


def test_a_formula_that_does_not_end_is_refused():
    with pytest.raises(ValueError, match="does not end"):
        mend.protect_formulas('<span class="katex"><span>')


def test_folded_boxes_become_details_without_links_in_their_titles():
    soup = mended(
        mend.mend_folds,
        '<div class="solution dropdown admonition" id="s"><p class="admonition-title"><a href="#e">Solution</a></p>'
        "<p>47</p></div>",
    )
    assert soup.details["id"] == "s"
    assert soup.details.contents[0].name == "summary"
    assert soup.summary.get_text() == "Solution"
    assert soup.find("a") is None


def test_folded_cells_say_what_is_in_them():
    cell = (
        '<div class="cell tag_{tag} docutils container"><details class="admonition hide above-input">'
        '<summary aria-label="Toggle hidden content"><p class="collapsed">Show</p></summary><pre>{code}</pre>'
        "</details></div>"
    )
    for tag, code, title in (
        ("hide-cell", "nn.verify('eq-a')", "The check of this equation"),
        ("hide-cell", "x = 1", "Code and output"),
        ("hide-input", "x = 1", "Code"),
        ("hide-output", "x = 1", "Output"),
    ):
        soup = mended(mend.mend_cells, cell.format(tag=tag, code=code))
        assert soup.summary.get_text() == title
        assert soup.summary.attrs == {}


def test_lines_of_code_are_elements_and_copying_them_gives_the_same_text():
    code = '<span></span><span class="k">if</span> x:\n    <span class="s">"""a\n    b"""</span>\n\ny\n'
    html = f'<div class="cell_input"><div class="highlight"><pre>{code}</pre></div></div>'
    soup = mended(mend.mend_lines, html)
    assert soup.pre.get_text() == BeautifulSoup(code, "html.parser").get_text()
    lines = [(line.get_text(), line.get("style")) for line in soup.select(".line")]
    assert lines == [
        ("if x:\n", None),
        ('    """a\n', "--indent: 4ch"),
        ('    b"""\n', "--indent: 4ch"),
        ("\n", None),
        ("y\n", None),
    ]
    assert [piece.get_text() for piece in soup.select(".s")] == ['"""a', '    b"""']


def test_tables_get_headers_a_scroll_box_and_no_empty_header():
    soup = mended(
        mend.mend_tables,
        '<table border="1"><thead><tr style="x"><th></th><th>n</th></tr></thead>'
        "<tbody><tr><th>1</th><td>2</td></tr></tbody></table>",
    )
    assert soup.table.parent["class"] == ["scroll", "table"]
    assert [(head.get_text(), head["scope"]) for head in soup.find_all("th")] == [("n", "col"), ("1", "row")]
    assert "border" not in soup.table.attrs


def test_a_column_of_sentences_is_marked():
    soup = mended(mend.mend_tables, f"<table><tr><th>a</th><td>12</td><td>{'word ' * 9}</td></tr></table>")
    assert [cell.get("class") for cell in soup.find_all(["th", "td"])] == [None, None, ["words"]]


def test_boxes_of_one_kind_do_not_share_an_id():
    soup = mended(
        mend.mend_sections, '<section id="exercise-content">a</section><section id="proof-content">b</section>'
    )
    assert soup.find(id=True) is None


def test_signatures_are_code():
    soup = mended(mend.mend_sections, '<dl><dt class="sig"><b>f</b>(x)<a class="headerlink" href="#f">#</a></dt></dl>')
    assert soup.dt.decode_contents() == '<code><b>f</b>(x)</code><a class="headerlink" href="#f">#</a>'


def test_images_get_size_and_load_late_and_nameless_ones_are_reported(tmp_path, monkeypatch):
    static = tmp_path / "book" / "_static"
    static.mkdir(parents=True)
    (static / "a.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="72pt" height="36pt"/>', encoding="utf-8"
    )
    app = SimpleNamespace(srcdir=str(tmp_path), env=SimpleNamespace(images={}))
    soup = BeautifulSoup(
        '<h1>T</h1><img src="_static/a.svg" alt="First."><h2>S</h2><img src="_static/a.svg" alt="_images/0f.svg">',
        "html.parser",
    )
    warnings = []
    monkeypatch.setattr(mend, "logger", SimpleNamespace(warning=lambda *words, **_: warnings.append(words)))
    mend.mend_images(soup, app, "book/01-one")
    first, second = soup.find_all("img")
    assert (first["width"], first["height"]) == (96, 48)
    assert first.get("loading") is None
    assert second["loading"] == "lazy"
    assert len(warnings) == 1
    assert "no text alternative" in warnings[0][0]


def test_a_box_with_something_folded_inside_is_laid_out_at_once():
    soup = mended(
        mend.mend_laying_out,
        "<section><p>a</p><section><p>b</p><div><details></details></div><details></details></section></section>",
    )
    assert [str(box) for box in soup.select(".at-once")] == ['<div class="at-once"><details></details></div>']


def test_what_a_cell_draws_is_as_wide_as_the_column_and_its_caption_begins_with_its_number(tmp_path):
    static = tmp_path / "book" / "_static"
    static.mkdir(parents=True)
    for name, width in (("a", 360), ("wide", 500)):
        (static / f"{name}.svg").write_text(
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}pt" height="36pt"/>', encoding="utf-8"
        )
    app = SimpleNamespace(srcdir=str(tmp_path), env=SimpleNamespace(images={}))
    figure = (
        '<div class="cell_output"><figure id="{0}"><img src="_static/{0}.svg" alt="A line. It rises."><figcaption><p>'
        '<span class="caption-number">Figure 9.{1} </span><span class="caption-text">A <i>line</i>.</span>'
        '<a class="headerlink">#</a></p></figcaption></figure></div>'
    )
    body = figure.format("a", 1) + figure.format("wide", 2) + '<img src="_static/a.svg" alt="B.">'
    soup = BeautifulSoup(body, "html.parser")
    mend.mend_images(soup, app, "book/09-neuron-error")
    assert [str(words) for words in soup.find_all("figcaption")] == [
        f"<figcaption><b>Figure 9.{n}.</b> A <i>line</i>.</figcaption>" for n in (1, 2)
    ]
    assert [int(image["width"]) for image in soup.find_all("img")] == [696, 667, 480]
    assert soup.figure.find("div", class_="scroll") is None
    assert soup.figure.find_next("figure").find("div", class_="scroll") is not None


def test_the_cover_is_cut_after_its_first_paragraph():
    parts = page.cover('<section id="c"><h1>T</h1><p>Lead.</p><p>Rest.</p></section>')
    assert parts == {"cover_head": "<h1>T</h1><p>Lead.</p>", "cover_rest": '<section id="c"><p>Rest.</p></section>'}


def test_the_address_of_the_site_comes_from_the_configuration_or_the_environment(monkeypatch):
    config = SimpleNamespace(html_baseurl="https://a.example/book")
    monkeypatch.delenv("NNBOOK_SITE_URL", raising=False)
    assert page.site_address(config) == "https://a.example/book/"
    monkeypatch.setenv("NNBOOK_SITE_URL", "https://b.example/")
    assert page.site_address(config) == "https://b.example/"
    monkeypatch.setenv("NNBOOK_SITE_URL", "")
    assert page.site_address(config) == ""


def test_a_link_to_binder_needs_a_repository():
    assert page.binder_link(SimpleNamespace(nnbook_repository=""), "book/01-one") == ""
    link = page.binder_link(SimpleNamespace(nnbook_repository="https://github.com/o/r"), "book/01-one")
    assert link == "https://mybinder.org/v2/gh/o/r/HEAD?urlpath=lab/tree/book/01-one.ipynb"


def test_search_holds_every_section_once_with_formulas_in_plain_characters(tmp_path):
    formula = katex_build.render(r"\delta^l_j = \tfrac14")
    soup, formulas = mend.read(
        "<section id='one'><h1>One</h1><p>First.</p><section id='two'><h2>Two</h2>"
        f"<p>An {formula} here.<a class='checked'>✓ Checked: see what evaluates this equation</a></p>"
        "<pre><span>net</span>.<span>W</span></pre></section></section>"
    )
    before = str(soup)
    found = searching.entries(soup, formulas, "01-one.html")
    assert found == [
        ["01-one.html", "One", "", "First."],
        ["01-one.html#two", "One", "Two", "An δ^l_j = 1/4 here. net.W"],
    ]
    assert str(soup) == before
    searching.write(tmp_path, found)
    script = (tmp_path / "searchindex.js").read_text(encoding="utf-8")
    assert json.loads(script.removeprefix("const searchEntries=").rstrip(";\n")) == found


def test_each_term_of_a_glossary_is_an_entry_of_its_own():
    soup, formulas = mend.read(
        "<section id='glossary'><h1>Glossary</h1><p>The terms.</p><dl class='glossary'>"
        "<dt id='term-gradient'>gradient<a class='headerlink'>#</a></dt><dd><p>梯度 · 梯度</p><p>All slopes.</p></dd>"
        "<dt id='term-Hadamard-product'>Hadamard product</dt><dd><p>Entry by entry.</p></dd></dl></section>"
    )
    assert searching.entries(soup, formulas, "glossary.html") == [
        ["glossary.html", "Glossary", "", "The terms."],
        ["glossary.html#term-gradient", "Glossary", "gradient", "梯度 · 梯度 All slopes."],
        ["glossary.html#term-Hadamard-product", "Glossary", "Hadamard product", "Entry by entry."],
    ]


ENTRIES = [
    ["18-optimisers.html", "18. Optimisers", "", "Steps of any size."],
    ["08-descent.html#far", "8. Gradient descent", "Optimisers compared", "An optimiser, an optimiser, an optimiser."],
    ["25-reviews.html", "25. Reviews", "", "Is the colour of a neighbour labelled ½ grey or centred?"],
    ["api.html", "API", "", "The color of a neighbor, labeled ½ gray and centered, does initialization."],
    ["glossary.html#term-descent", "Glossary", "descent", "梯度下降法 · 梯度下降法 Steps."],
    ["glossary.html#term-gradient", "Glossary", "gradient", "梯度 · 梯度 All slopes."],
    [
        "glossary.html#term-batch",
        "Glossary",
        "batch",
        "A gradient of 14 samples, 1/4 gradient.",
    ],
]


@pytest.mark.browser
@pytest.mark.skipif(browser.find() is None, reason="no browser is installed (Debian: apt-get install chromium)")
def test_search_knows_both_spellings_fractions_and_what_a_title_is_worth(tmp_path, chromium):
    searching.write(tmp_path, ENTRIES)
    (tmp_path / "search.html").write_text(
        '<meta charset="utf-8"><ol id="search-results"></ol><p id="search-summary"></p><script src="searchindex.js">'
        f"</script><script>{(ROOT / 'book' / '_static' / 'search.js').read_text(encoding='utf-8')}</script>",
        encoding="utf-8",
    )
    wanted = {
        "optimizer": ["18-optimisers.html", "08-descent.html#far"],
        "Optimisers": ["18-optimisers.html", "08-descent.html#far"],
        "optimis": ["18-optimisers.html", "08-descent.html#far"],
        "gradient": ["glossary.html#term-gradient", "08-descent.html#far", "glossary.html#term-batch"],
        "梯度": ["glossary.html#term-gradient", "glossary.html#term-descent"],
        "1/4": ["glossary.html#term-batch"],
        "¼": ["glossary.html#term-batch"],
        "14": ["glossary.html#term-batch"],
        "initialisation": ["api.html"],
        **dict.fromkeys(["colour", "color", "neighbor", "labelled", "labeled", "grey", "1/2"]),
        **dict.fromkeys(["centred", "centered", "½"]),
    }
    with browser.serve(tmp_path) as address:
        opened = chromium.new_page()
        for query, places in wanted.items():
            opened.goto(f"{address}search.html?q={query}")
            found = [link.get_attribute("href") for link in opened.locator("li a").all()]
            assert (found if places else sorted(found)) == (places or ["25-reviews.html", "api.html"]), query
        opened.goto(f"{address}search.html?q=centered")
        assert opened.locator("mark").all_inner_texts() == ["centred", "centered"]


def test_the_sitemap_is_left_out_without_an_address(tmp_path):
    paths = [tmp_path / "index.html", tmp_path / "01-one.html"]
    sitefiles.write_robots(tmp_path, paths, "")
    assert not (tmp_path / "sitemap.xml").exists()
    assert "Sitemap" not in (tmp_path / "robots.txt").read_text(encoding="utf-8")
    sitefiles.write_robots(tmp_path, paths, "https://a.example/")
    text = (tmp_path / "sitemap.xml").read_text(encoding="utf-8")
    assert "<loc>https://a.example/</loc>" in text
    assert "<loc>https://a.example/01-one.html</loc>" in text


def test_the_archive_is_the_same_for_the_same_site(tmp_path):
    (tmp_path / "index.html").write_text("x", encoding="utf-8")
    sitefiles.write_archive(tmp_path)
    first = (tmp_path / "nnbook-site.zip").read_bytes()
    sitefiles.write_archive(tmp_path)
    assert (tmp_path / "nnbook-site.zip").read_bytes() == first


def test_style_sheets_lose_comments_and_keep_their_meaning():
    assert (
        sitefiles.minify("/* no */ a > b,\n c { color : red; }\n\n.d { margin: 0 auto }")
        == "a>b,c{color : red;}.d{margin: 0 auto}"
    )


def test_a_card_has_the_size_that_is_asked_for(tmp_path):
    from PIL import Image

    cards.draw(tmp_path / "card.png", ROOT / "book" / "_static" / "fonts", "A book", "Part I", 1, "One weight")
    with Image.open(tmp_path / "card.png") as picture:
        assert picture.size == cards.SIZE
        assert len(picture.convert("RGB").getcolors(2**16)) > 8


def test_a_list_without_a_caption_goes_on_with_the_part_before():
    lists = [
        SimpleNamespace(caption="Part I", files=lambda: ["book/opening.ipynb"]),
        SimpleNamespace(caption=None, files=lambda: ["book/01-small.ipynb"]),
        SimpleNamespace(caption="Part II", files=lambda: ["book/02-other"]),
    ]
    env = SimpleNamespace(external_site_map=SimpleNamespace(root=SimpleNamespace(subtrees=lists)), titles={})
    parts = page.tree_of_contents(SimpleNamespace(env=env))
    assert [caption for caption, _ in parts] == ["Part I", "Part II"]
    assert [(entry["docname"], entry["number"]) for entry in parts[0][1]] == [
        ("book/opening", None),
        ("book/01-small", 1),
    ]


def test_every_chinese_character_of_the_book_is_in_the_font_that_it_ships():
    needed = set(subset_fonts.han_characters())
    assert "梯" in needed
    assert needed <= subset_fonts.characters_of(subset_fonts.HAN), "run tools/subset_fonts.py"
    style = (ROOT / "book" / "_static" / "book.css").read_text(encoding="utf-8")
    assert f"url(fonts/{subset_fonts.HAN.name})" in style


def test_a_font_that_lacks_a_character_is_not_cut(tmp_path):
    with pytest.raises(ValueError, match="has no glyph for ∑"):
        subset_fonts.cut(subset_fonts.HAN, tmp_path / "cut.woff2", "梯∑")


def test_settings_of_live_code_are_left_out():
    document = docutils.utils.new_document("page")
    document += [
        nodes.raw("", '<script type="text/x-thebe-config">{}</script>', format="html"),
        nodes.raw("", "<script>kernelName = 'python3'</script>", format="html"),
        nodes.raw("", "<b>kept</b>", format="html"),
    ]
    page.drop_thebe(None, document, "page")
    assert document.astext() == "<b>kept</b>"


@pytest.mark.browser
@pytest.mark.skipif(browser.find() is None, reason="no browser is installed (Debian: apt-get install chromium)")
@pytest.mark.parametrize("folder", ["", "project/"])
def test_the_page_for_wrong_addresses_finds_the_book_below_any_folder(tmp_path, folder, chromium):
    site = tmp_path / folder
    (site / "_static").mkdir(parents=True)
    (site / "_static" / "book.js").write_text("", encoding="utf-8")
    (site / "index.html").write_text("<title>The book</title>", encoding="utf-8")
    template = (ROOT / "book" / "_templates" / "404.html").read_text(encoding="utf-8")
    base = re.search(r"(?s)<base.*?</script>", template)[0].replace("{{ book.base }}", "/")
    (tmp_path / "404.html").write_text(f'<head>{base}</head><a href="index.html">Cover</a>', encoding="utf-8")
    with browser.serve(tmp_path) as address:
        opened = chromium.new_page()
        opened.goto(f"{address}{folder}no/such/page.html")
        opened.click("a")
        assert opened.title() == "The book"


BOXES = """<!doctype html><html class="lazy"><style>pre { width: 300px; overflow-x: auto }
.lazy article section section > :not(section) { content-visibility: auto; contain-intrinsic-size: auto 120px }</style>
<button class="theme-button"></button><nav id="contents"></nav><main><article><section><section>
<pre id="wide" data-scroll="Code">WORDS</pre><pre id="narrow" data-scroll="Code">x</pre>
<div style="height: 9000px"></div>
<div><pre id="low" data-scroll="Code">WORDS</pre></div><div><pre id="low-narrow" data-scroll="Code">x</pre></div>
</section></section></article></main><script>window.requestIdleCallback = work => { window.more = work; };</script>
<script>SCRIPT
// In the same script: between two of them the browser may lay the page out and find out which boxes scroll.
window.first = [...document.querySelectorAll("pre")].map(p => p.tabIndex);</script>"""


@pytest.mark.browser
@pytest.mark.skipif(browser.find() is None, reason="no browser is installed (Debian: apt-get install chromium)")
def test_a_box_that_scrolls_can_be_reached_from_the_first_moment_and_one_that_does_not_cannot(tmp_path, chromium):
    script = (ROOT / "book" / "_static" / "book.js").read_text(encoding="utf-8")
    html = BOXES.replace("SCRIPT", script).replace("WORDS", "word " * 80)
    (tmp_path / "index.html").write_text(html, encoding="utf-8")
    reached = "[...document.querySelectorAll('pre[tabindex=\"0\"]')].map(box => box.id)"
    with browser.serve(tmp_path) as address:
        opened = chromium.new_page()
        opened.goto(address)
        assert opened.evaluate("window.first") == [0, 0, 0, 0]
        # Below the screen nothing is laid out, because the page waits to be idle; what is known by now is not offered.
        opened.wait_for_function("!document.getElementById('narrow').hasAttribute('tabindex')")
        assert opened.evaluate(reached) == ["wide", "low", "low-narrow"]
        opened.evaluate("window.more()")
        opened.wait_for_function("!document.getElementById('low-narrow').hasAttribute('tabindex')")
        assert opened.evaluate(reached) == ["wide", "low"]
        assert opened.get_attribute("#low", "aria-label") == "Code"
