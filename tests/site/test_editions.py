"""The print edition and the EPUB contain every page, with working internal links."""

import re
import subprocess
import sys
import zipfile
from types import SimpleNamespace
from xml.etree import ElementTree

import browser
import editions
import keeping
import make_epub
import make_pdf
import mend
import pypdf
import pytest

BODIES = {
    "index": "<section id='small'><h1>A small book</h1><p>See <a href='01-one.html'>One</a>.</p></section>",
    "01-one": """<section id="one"><h1>1. One</h1><p>See
<a href="02-two.html#equation-eq-b">(2.1)</a>, <a href="#sums">sums</a>,
<a href="notebooks/01-one.ipynb">the notebook</a> and <a href="https://example.org/">elsewhere</a>.</p>
<h2 id="sums">Sums<a class="headerlink" href="#sums">#</a></h2>
<details class="admonition dropdown"><summary class="admonition-title">Answer</summary><p>Forty-seven.</p></details>
<script>alert(1)</script><img src="_images/a.svg" alt="A line." width="20" height="10" loading="lazy">
<svg viewbox="0 0 9 9" role="img" aria-label="A dot."><circle cx="4" cy="4" r="2" paint-order="stroke"></circle></svg>
</section>""",
    "02-two": """<section id="two"><h1>Two</h1><div class="math" id="equation-eq-b"><span class="katex-display">
<span class="katex"><span class="katex-mathml"><math xmlns="http://www.w3.org/1998/Math/MathML"><mi>x</mi></math></span>
<span class="katex-html">x</span></span></span><span class="eqno">(2.1)</span></div>
<pre>a line of code that is so long that no sheet of paper can hold it, whatever is done to the margins of it, END</pre>
</section>""",
}
# As matplotlib writes it: with a document type on the network, and a space that is an empty path.
PICTURE = """<?xml version="1.0" encoding="utf-8" standalone="no"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="20" height="10">
<metadata/><defs><path id="space"/></defs><use xlink:href="#space"/>
<path d="M0 0h9" stroke="#000" paint-order="stroke" style="fill: none"/></svg>"""


def build(folder, address):
    """A small site in `folder`, and what the build keeps of it beside it."""
    site = folder / "html"
    for name in ("_images", "_static"):
        (site / name).mkdir(parents=True, exist_ok=True)
    (site / "_images" / "a.svg").write_text(PICTURE, encoding="utf-8")
    (site / "_static" / "book.css").write_text("body { font: 12pt serif }", encoding="utf-8")
    (site / "index.html").write_text("<footer><!-- editions --></footer>", encoding="utf-8")
    app = SimpleNamespace(outdir=site, builder=SimpleNamespace(get_target_uri=lambda name: f"{name}.html"))
    for name, body in BODIES.items():
        (site / f"{name}.html").write_text(f"{body}<footer><!-- editions --></footer>", encoding="utf-8")
        soup, formulas = mend.read(body)
        keeping.keep(app, name, soup, lambda soup, kept=formulas: mend.written(soup, kept), formulas, BODIES, address)
    keeping.keep_contents(app, "A small book", address, [("", ["index"]), ("Part I", ["01-one", "02-two"])])
    return site


@pytest.fixture
def site(tmp_path):
    return build(tmp_path, "https://nnbook.example/")


def test_pages_come_in_reading_order_without_what_only_a_browser_uses(site):
    book, address, pages = editions.read_site(site)
    assert (book, address) == ("A small book", "https://nnbook.example/")
    assert [(page.name, page.part, page.title) for page in pages] == [
        ("index", "", "A small book"),
        ("01-one", "Part I", "1. One"),
        ("02-two", "Part I", "Two"),
    ]
    one = pages[1].article
    for unwanted in ("<script", "headerlink", "loading="):
        assert unwanted not in one
    assert '<details class="admonition dropdown" open="">' in one


def test_links_lead_to_places_in_the_one_text(site):
    _book, _address, pages = editions.read_site(site)
    document = make_pdf.print_page("A small book", pages, "https://nnbook.example/")
    assert '<span class="number">1</span><span>One</span>' in document
    ids = re.findall(r"\bid=[\"']([^\"']+)", document)
    assert len(ids) == len(set(ids))
    inside = re.findall(r"href=[\"']#([^\"']+)", document)
    assert {"01-one", "02-two", "02-two--equation-eq-b", "01-one--sums"} <= set(inside) <= set(ids)
    assert 'href="https://nnbook.example/notebooks/01-one.ipynb"' in document
    assert 'href="https://example.org/"' in document


def test_without_a_site_address_a_link_that_leads_nowhere_is_text(tmp_path):
    _book, _address, pages = editions.read_site(build(tmp_path, ""))
    assert "notebooks/" not in pages[1].article
    assert "the notebook" in pages[1].article


def test_a_link_to_a_page_that_is_not_printed_leads_to_the_site(site):
    _book, address, pages = editions.read_site(site)
    document = make_pdf.print_page("A small book", pages[:2], address)
    assert 'href="https://nnbook.example/02-two.html#equation-eq-b"' in document
    assert ">(2.1)</a>" in document
    assert "nnbook.example/02-two" not in make_pdf.print_page("A small book", pages[:2], "")
    assert ">(2.1)</a>" in make_pdf.print_page("A small book", pages[:2], "")


def test_the_epub_is_well_formed_and_its_links_and_pictures_exist(site):
    output = site.parent / "book.epub"
    assert make_epub.write_epub(site, output) == 3
    first = output.read_bytes()
    make_epub.write_epub(site, output)
    assert output.read_bytes() == first
    with zipfile.ZipFile(output) as archive:
        names = archive.namelist()
        assert names[0] == "mimetype"
        assert archive.getinfo("mimetype").compress_type == zipfile.ZIP_STORED
        files = {name: archive.read(name).decode("utf-8") for name in names}
    for name, text in files.items():
        if name.endswith((".xhtml", ".opf", ".xml", ".svg")):
            ElementTree.fromstring(text)
    listed = re.findall(r'href="([^"]+)" media-type', files["book/book.opf"])
    assert {f"book/{name}" for name in listed} == {name for name in names if name.startswith("book/")} - {
        "book/book.opf"
    }
    two = files["book/02-two.xhtml"]
    assert "<math" in two
    assert "katex-html" not in two
    assert 'display="block"' in two
    one = files["book/01-one.xhtml"]
    assert 'viewBox="0 0 9 9"' in one
    assert "Forty-seven" in one
    for address in re.findall(r'href="([^":]+)"', one):
        file, _, place = address.partition("#")
        assert f"book/{file}" in files
        assert not place or f'id="{place}"' in files[f"book/{file}"]


@pytest.mark.skipif(make_epub.epubcheck() is None, reason="epubcheck is not installed (Debian: apt install epubcheck)")
def test_epubcheck_finds_no_fault_in_it_and_finds_one_that_is_made(site, monkeypatch):
    output = site.parent / "book.epub"
    make_epub.write_epub(site, output)
    assert make_epub.check(output, make_epub.epubcheck()) == []
    monkeypatch.setattr(make_epub, "drawing", lambda content: content)
    make_epub.write_epub(site, output)
    found = make_epub.check(output, make_epub.epubcheck())
    assert any("External" in line for line in found)
    assert any('missing required attribute "d"' in line for line in found)


def test_an_epub_that_epubcheck_cannot_judge_is_not_called_good(tmp_path):
    broken = tmp_path / "epubcheck.py"
    broken.write_text("import sys; sys.exit('no Java')", encoding="utf-8")
    assert make_epub.check(tmp_path / "book.epub", [sys.executable, broken]) == [
        "epubcheck exited with status 1: no Java"
    ]


def test_the_words_of_a_bookmark_stand_once():
    assert make_pdf.once("A unit that decides") == "A unit that decides"
    assert make_pdf.once("BackwardBackward") == "Backward"
    assert make_pdf.once("Two lines, one curveTwo lines, one curve") == "Two lines, one curve"


def test_what_a_title_says_is_not_markup(site):
    _book, _address, pages = editions.read_site(site)
    pages[1].title = "1. a < b & c"
    document = make_pdf.print_page("A <small> book", pages, "")
    assert "<span>a &lt; b &amp; c</span>" in document
    assert "<title>A &lt;small&gt; book</title>" in document


def test_an_edition_is_offered_once_on_every_page(site):
    for _time in range(2):
        editions.offer(site, "nnbook.pdf", "Print edition (PDF)")
    for name in BODIES:
        assert (site / f"{name}.html").read_text(encoding="utf-8").count('<a href="nnbook.pdf">') == 1


def test_a_folder_without_a_site_is_refused(tmp_path):
    with pytest.raises(SystemExit, match="No built site found"):
        editions.read_site(tmp_path)


@pytest.mark.browser
@pytest.mark.skipif(browser.find() is None, reason="no browser is installed (Debian: apt-get install chromium)")
def test_the_printed_book_is_tagged_with_links_and_whole_lines_of_code(site):
    output = site / "book.pdf"
    assert make_pdf.main(["--site", str(site), "--output", str(output)]) == 0
    facts = make_pdf.describe(output)
    assert facts["tagged"]
    assert facts["bookmarks"] == ["A small book", "Contents", "A small book", "1. One", "Sums", "Two"]
    assert facts["author"] == "The nnbook authors"
    assert facts["links"] >= 5
    assert facts["pages"] == 5  # title, contents, cover, two chapters
    contents = pypdf.PdfReader(output).pages[1].extract_text()
    assert re.findall(r"\d+", contents) == ["2", "1", "2", "4", "5"]  # this sheet; two chapters; their sheets
    if subprocess.run(["pdftotext", "-v"], capture_output=True, check=False).returncode == 0:
        text = subprocess.run(["pdftotext", output, "-"], capture_output=True, text=True, check=True).stdout
        for words in ("Forty-seven", "END", "(2.1)"):
            assert words in text


def test_a_file_that_is_no_printed_book_is_told_from_one(tmp_path):
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    writer.write(tmp_path / "no.pdf")
    assert make_pdf.describe(tmp_path / "no.pdf") == {
        **{"pages": 1, "links": 0, "tagged": False, "bookmarks": [], "author": None}
    }
