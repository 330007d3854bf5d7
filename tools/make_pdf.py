"""Makes the print edition, one tagged PDF with every chapter, from the built site with the system's Chromium.

python tools/make_pdf.py [--site FOLDER] [--output FILE]        (make pdf builds the site first if necessary)
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import browser
import editions
import pypdf
from markupsafe import Markup
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject, TextStringObject

import nnbook

STYLE = """
@page { size: A4; margin: 20mm 18mm 22mm; @bottom-center { content: counter(page); font: 9pt sans-serif; } }
@page :first { @bottom-center { content: none; } }
:root { color-scheme: light !important; }
body { font-size: 10.5pt; line-height: 1.5; background: #fff; }
main { width: 174mm; max-width: 174mm; margin: 0; padding: 0; }
.chapter, .title-page, .list { break-before: page; }
.title-page { break-before: auto; padding-top: 70mm; }
.title-page h1 { font-size: 34pt; margin-bottom: 0.4em; }
.title-page .author { font-size: 15pt; margin-bottom: 3em; }
.list { font: 10pt/1.25 var(--sans); }
.list a { display: flex; color: inherit; text-decoration: none; padding-right: 15mm; }
.list ul { list-style: none; padding-left: 0; margin: 0 0 0.3em; }
.list li { break-inside: avoid; }
.list .number { flex: none; width: 2.2em; }
.part-name { color: #1f5aa8; font: 650 11pt var(--sans); margin: 0 0 0.3em; break-after: avoid; }
.chapter h1 { margin-top: 0; }
.cover { display: block; }
.cover-picture { max-width: 110mm; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; }
.cell_output img, .scroll.figure img { max-width: 130mm; max-height: 180mm; width: auto; height: auto; }
/* A box, and code with its plot, are kept on one page if they fit. */
.admonition, .cell, .scroll.figure { break-inside: avoid; }
.cell_input { break-after: avoid; }
"""

# Formulas and tables that are wider than the paper are scaled down, never cut off.
FIT = """
addEventListener("load", () => {
  for (const box of document.querySelectorAll(".scroll")) {
    const ratio = box.clientWidth / box.scrollWidth;
    if (ratio >= 0.999) continue;
    const inside = box.querySelector(".katex-display, table");
    if (box.matches(".formula")) inside.style.fontSize = `${ratio * 0.99}em`;
    else inside.style.zoom = ratio * 0.99;
  }
});
"""


# The API reference is only on the site: in print it would be a sixth of the book.
LEFT_OUT = ("api",)


def print_page(book, pages, address):
    """Return one HTML document with a title page, the list of chapters and every page of the book."""
    printed = {page.name for page in pages}

    def place(name, inside):
        if name in printed:
            return f"#{name}" + f"--{inside}" * bool(inside)
        return f"{address}{name}.html" + f"#{inside}" * bool(inside) if address else ""

    return editions.render(
        "print.html",
        book=book,
        author=editions.AUTHOR,
        version=nnbook.__version__,
        address=address,
        parts=editions.by_part(pages[1:]),  # the cover's text is the preface
        pages=pages,
        articles={page.name: Markup(editions.lead(page.article, place)) for page in pages},
        style=Markup(STYLE),
        script=Markup(FIT),
    )


def write_pdf(document, site, output, book, names):
    """Print `document`, the pages `names` of `book`, with Chromium; pictures and styles are in the folder `site`."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for name in ("_static", "_images"):
            if (Path(site) / name).exists():
                shutil.copytree(Path(site) / name, folder / name)
        (folder / "print.html").write_text(document, encoding="utf-8")
        command = [
            *(browser.find(), "--headless", *browser.FLAGS, f"--user-data-dir={folder / 'profile'}"),
            *(f"--print-to-pdf={folder / 'book.pdf'}", "--no-pdf-header-footer", "--export-tagged-pdf"),
            *("--generate-pdf-document-outline", "--virtual-time-budget=60000"),
            (folder / "print.html").as_uri(),
        ]
        result = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
        if not (folder / "book.pdf").exists():
            sys.exit(f"The browser could not print the book:\n{result.stderr[-2000:]}")
        finish(folder / "book.pdf", output, book, names)


def finish(source, output, book, names):
    """Rewrite the browser's PDF with its author, page numbers in the contents, and each bookmark's text only once."""
    writer = pypdf.PdfWriter(clone_from=source)
    writer.add_metadata(
        {
            "/Title": book,
            "/Author": editions.AUTHOR,
            "/Creator": f"nnbook {nnbook.__version__}",
            "/Producer": "Chromium, pypdf",
        }
    )
    for bookmark in bookmarks(writer):
        bookmark[NameObject("/Title")] = TextStringObject(once(bookmark["/Title"]))
    number_contents(writer, names)
    writer.write(output)


def once(title):
    """Return a bookmark's text; the browser repeats it if it laid out the heading twice."""
    words = title.strip()
    half = len(words) // 2
    return words[:half].strip() if words[:half].strip() == words[half:].strip() else words


def bookmarks(pdf):
    """Yield the bookmarks of a PDF, in order, as PDF dictionaries."""
    root = pdf.root_object
    todo = [root["/Outlines"]["/First"].get_object()] if "/Outlines" in root and "/First" in root["/Outlines"] else []
    while todo:
        bookmark = todo.pop()
        yield bookmark
        todo += [bookmark[name].get_object() for name in ("/Next", "/First") if name in bookmark]


def number_contents(writer, names):
    """Write the page number beside each link in the table of contents."""
    numbers = {page.indirect_reference.idnum: number for number, page in enumerate(writer.pages, 1)}
    places = {name.lstrip("/"): numbers[place.dest_array[0].idnum] for name, place in writer.named_destinations.items()}
    waiting = set(names)
    for page in writer.pages:
        marks = []
        for link in page.get("/Annots", []):
            link = link.get_object()
            name = str(link.get("/Dest", "")).lstrip("/")
            if name in waiting and name in places:
                waiting.discard(name)
                marks.append((float(link["/Rect"][1]), places[name]))
        if marks:
            stamp(writer, page, marks)
        if not waiting:
            return


RIGHT = 540  # points from the left edge to the right end of the page numbers
DIGIT, SIZE = 0.556, 9.5  # the width of every digit in Helvetica


def stamp(writer, page, marks):
    """Set page numbers at the right of a page: [(height above the lower edge, number), …]."""
    fonts = page["/Resources"].get_object().setdefault(NameObject("/Font"), DictionaryObject()).get_object()
    fonts[NameObject("/Numbers")] = writer._add_object(
        DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Font"),
                NameObject("/Subtype"): NameObject("/Type1"),
                NameObject("/BaseFont"): NameObject("/Helvetica"),
            }
        )
    )
    lines = [
        f"1 0 0 1 {RIGHT - DIGIT * SIZE * len(str(number)):.1f} {height + 3.5:.1f} Tm ({number}) Tj"
        for height, number in marks
    ]
    # An artifact: screen readers use the links instead.
    text = f"/Artifact BMC q BT /Numbers {SIZE} Tf {' '.join(lines)} ET Q EMC"
    stream = StreamObject()
    stream.set_data(text.encode("ascii"))
    before = StreamObject()
    before.set_data(b"q")
    after = StreamObject()
    after.set_data(b"Q")
    contents = page["/Contents"]
    old = list(contents.get_object()) if isinstance(contents.get_object(), ArrayObject) else [contents]
    page[NameObject("/Contents")] = ArrayObject(
        [writer._add_object(before), *old, writer._add_object(after), writer._add_object(stream)]
    )


def describe(pdf):
    """Return facts read from the file: pages, links, whether it is tagged, the text of its bookmarks."""
    reader = pypdf.PdfReader(pdf)
    annotations = [mark.get_object() for page in reader.pages for mark in page.get("/Annots", [])]
    return {
        "pages": len(reader.pages),
        "links": sum(mark["/Subtype"] == "/Link" for mark in annotations),
        "tagged": "/StructTreeRoot" in reader.root_object,
        "bookmarks": [bookmark["/Title"] for bookmark in bookmarks(reader)],
        "author": reader.metadata.author,
    }


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Print the built site as one PDF.")
    parser.add_argument("--site", type=Path, default=editions.SITE)
    parser.add_argument("--output", type=Path, help="default: nnbook.pdf beside the site's pages")
    options = parser.parse_args(arguments)
    if browser.find() is None:
        print(browser.MISSING, file=sys.stderr)
        return 2
    if not editions.build_if_missing(options.site):
        return 1
    output = options.output or options.site / "nnbook.pdf"
    book, address, pages = editions.read_site(options.site)
    pages = [page for page in pages if page.name not in LEFT_OUT]
    write_pdf(print_page(book, pages, address), options.site, output, book, [page.name for page in pages[1:]])
    facts = describe(output)
    if not (facts["tagged"] and facts["bookmarks"] and facts["links"] and facts["pages"] > len(pages)):
        print(f"{output} is not as expected: {facts}", file=sys.stderr)
        return 1
    if options.output is None:
        editions.offer(options.site, output.name, "Print edition (PDF)")
    print(f"{output}: {facts['pages']} pages, {facts['links']} links, {output.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
