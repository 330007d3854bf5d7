"""Makes an EPUB from the built site: every chapter, formulas as MathML, pictures and links inside.

python tools/make_epub.py [--site FOLDER] [--output FILE]        (python tools/run.py book builds the site)
"""

import argparse
import base64
import html
import mimetypes
import sys
import uuid
import zipfile
from pathlib import Path
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree

import editions
from bs4 import Comment

STYLE = """
body { line-height: 1.5; } h1, h2, h3 { line-height: 1.2; }
pre { white-space: pre-wrap; font-size: 0.8em; background: #f4f6f9; padding: 0.5em; }
.cell_output pre, .cell_output { background: none; } img { max-width: 100%; height: auto; }
table { border-collapse: collapse; font-size: 0.85em; } th, td { padding: 0.2em 0.5em; border-bottom: 1px solid #999; }
.admonition { border-left: 3px solid #1f5aa8; padding: 0.2em 0.8em; margin: 1em 0; }
.admonition-title { font-weight: bold; margin: 0.2em 0; } .eqno { color: #56606d; margin-left: 1em; }
.nn-mistake { border-color: #b5400f; } .nn-summary { border-color: #0e7150; } .nn-predict { border-color: #8a5a00; }
.nn-concept, .nn-recall { border-color: #7a45a3; } math[display=block] { margin: 0.8em 0; }
.checked-words, .katex-html { display: none; } .lead { font-style: italic; }
"""
# HTML ignores the case of these names, XML does not.
CASED = {"viewbox": "viewBox", "refx": "refX", "refy": "refY", "markerwidth": "markerWidth"} | {
    "markerheight": "markerHeight", "preserveaspectratio": "preserveAspectRatio",
}  # fmt: skip
CONTAINER = """<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="book/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>
"""


class Images:
    """The pictures of the book, each stored once."""

    def __init__(self, site):
        self.site, self.files = Path(site), {}

    def place(self, source):
        """The name inside the EPUB of the picture at `source`, an address relative to the site or a data: address."""
        if source.startswith("data:"):
            head, data = source[5:].split(",", 1)
            content = base64.b64decode(data) if head.endswith("base64") else unquote_to_bytes(data)
            suffix = {"image/svg+xml": ".svg", "image/png": ".png"}[head.split(";")[0]]
            name = f"{uuid.uuid5(uuid.NAMESPACE_URL, source).hex}{suffix}"
        else:
            content, name = (self.site / source).read_bytes(), Path(source).name
        self.files[name] = content
        return f"images/{name}"


def to_xhtml(page, book, images):
    """The page as a well-formed XHTML document."""
    article = page.article
    for element in article.select(".katex-html, style, button"):
        element.decompose()
    for comment in article.find_all(string=lambda text: isinstance(text, Comment)):
        comment.extract()
    for fold in article.find_all("details"):  # few readers can unfold: the title stays, the content is open
        fold.name = "div"
        del fold["open"]
        for summary in fold.find_all("summary", recursive=False):
            summary.name = "p"
    for formula in article.find_all("math"):
        if formula.get("display") is None and formula.find_parent(class_="katex-display"):
            formula["display"] = "block"
    for image in article.find_all("img"):
        image["src"] = images.place(image["src"])
        image.attrs.pop("style", None)
    for element in article.find_all(True):
        for name in [name for name in element.attrs if name.startswith(("data-", "aria-hidden")) or name == "tabindex"]:
            del element[name]
        for name in [name for name in element.attrs if name in CASED]:
            element.attrs[CASED[name]] = element.attrs.pop(name)
    for drawing in article.find_all("svg"):
        drawing["xmlns"] = "http://www.w3.org/2000/svg"
    above = f"<p>{html.escape(page.part)}</p>" if page.part else ""
    document = (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n'
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="en" xml:lang="en">'
        f'<head><title>{html.escape(page.title)} — {html.escape(book)}</title><link rel="stylesheet" type="text/css" '
        f'href="style.css"/></head><body><section id="{page.name}" epub:type="chapter">{above}'
        f"{article.decode_contents(formatter='minimal')}</section></body></html>\n"
    )
    ElementTree.fromstring(document)  # raises if it is not well formed
    return document


def navigation(book, pages):
    items, part = [], None
    for page in pages:
        if page.part != part and page.part:
            items.append(("</ol></li>" if part else "") + f"<li><span>{html.escape(page.part)}</span><ol>")
        part = page.part
        items.append(f'<li><a href="{page.name}.xhtml">{html.escape(page.title)}</a></li>')
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml" '
        f'xmlns:epub="http://www.idpf.org/2007/ops" lang="en"><head><title>{html.escape(book)}</title></head><body>'
        f'<nav epub:type="toc"><h1>Contents</h1><ol>{"".join(items)}{"</ol></li>" if part else ""}</ol></nav>'
        "</body></html>\n"
    )


def package(book, pages, images, documents):
    manifest = [
        '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>',
        '<item id="style" href="style.css" media-type="text/css"/>',
    ]
    for page in pages:
        has = [kind for kind, tag in (("mathml", "<math"), ("svg", "<svg")) if tag in documents[page.name]]
        properties = f' properties="{" ".join(has)}"' if has else ""
        manifest.append(
            f'<item id="p-{page.name}" href="{page.name}.xhtml" media-type="application/xhtml+xml"{properties}/>'
        )
    for number, name in enumerate(sorted(images.files)):
        kind = mimetypes.guess_type(name)[0]
        manifest.append(f'<item id="i{number}" href="images/{name}" media-type="{kind}"/>')
    spine = "".join(f'<itemref idref="p-{page.name}"/>' for page in pages)
    identity = uuid.uuid5(uuid.NAMESPACE_URL, book)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<package xmlns="http://www.idpf.org/2007/opf" version="3.0" '
        'unique-identifier="id" xml:lang="en"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<dc:identifier id="id">urn:uuid:{identity}</dc:identifier><dc:title>{html.escape(book)}</dc:title>'
        "<dc:language>en</dc:language><dc:creator>The nnbook authors</dc:creator>"
        '<meta property="dcterms:modified">2026-01-01T00:00:00Z</meta>'
        '<meta property="schema:accessMode">textual</meta><meta property="schema:accessMode">visual</meta>'
        '<meta property="schema:accessibilityFeature">MathML</meta>'
        '<meta property="schema:accessibilityFeature">alternativeText</meta>'
        f"</metadata><manifest>{''.join(manifest)}</manifest><spine>{spine}</spine></package>\n"
    )


def write_epub(site, output):
    """Write the EPUB of `site` to `output`; the same site gives the same bytes. Returns the number of chapters."""
    book, pages = editions.read_site(site)
    editions.join_links(
        pages,
        editions.site_address(site),
        lambda name, fragment: f"{name}.xhtml#{name}" + f"--{fragment}" * bool(fragment),
    )
    images = Images(site)
    documents = {page.name: to_xhtml(page, book, images) for page in pages}
    files = {
        "META-INF/container.xml": CONTAINER,
        "book/book.opf": package(book, pages, images, documents),
        "book/nav.xhtml": navigation(book, pages),
        "book/style.css": STYLE,
        **{f"book/{name}.xhtml": text for name, text in documents.items()},
        **{f"book/images/{name}": content for name, content in sorted(images.files.items())},
    }
    with zipfile.ZipFile(output, "w") as archive:
        archive.writestr(zipfile.ZipInfo("mimetype", (1980, 1, 1, 0, 0, 0)), "application/epub+zip")
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return len(pages)


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Make an EPUB of the built site.")
    parser.add_argument("--site", type=Path, default=editions.SITE)
    parser.add_argument("--output", type=Path, help="default: nnbook.epub beside the site's pages")
    options = parser.parse_args(arguments)
    output = options.output or options.site / "nnbook.epub"
    count = write_epub(options.site, output)
    if options.output is None:
        editions.offer(options.site, output.name, "EPUB")
    print(f"{output}: {count} chapters, {output.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
