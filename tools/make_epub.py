"""Makes an EPUB from the built site: every chapter, with formulas as MathML, pictures, and links within the book.

python tools/make_epub.py [--site FOLDER] [--output FILE]        (builds the site first if necessary)

If epubcheck is installed (Debian: apt install epubcheck), it checks the file, and an error makes the run fail.
"""

import argparse
import base64
import mimetypes
import shutil
import subprocess
import sys
import uuid
import zipfile
from pathlib import Path
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree

import editions
from bs4 import BeautifulSoup, Comment
from markupsafe import Markup

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
# These names are case-sensitive in XML, but not in HTML.
CASED = {"viewbox": "viewBox", "refx": "refX", "refy": "refY", "markerwidth": "markerWidth"} | {
    "markerheight": "markerHeight", "preserveaspectratio": "preserveAspectRatio",
}  # fmt: skip
CONTAINER = """<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="book/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>
"""
SVG = "http://www.w3.org/2000/svg"
METADATA = f"{{{SVG}}}metadata"
ElementTree.register_namespace("", SVG)
ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")


class Images:
    """The book's pictures, each stored once."""

    def __init__(self, site):
        self.site, self.files = Path(site), {}

    def place(self, source):
        """Return the name in the EPUB of the picture at `source`, an address relative to the site or a data: URL."""
        if source.startswith("data:"):
            head, data = source[5:].split(",", 1)
            content = base64.b64decode(data) if head.endswith("base64") else unquote_to_bytes(data)
            suffix = {"image/svg+xml": ".svg", "image/png": ".png"}[head.split(";")[0]]
            name = f"{uuid.uuid5(uuid.NAMESPACE_URL, source).hex}{suffix}"
        else:
            content, name = (self.site / source).read_bytes(), Path(source).name
        self.files[name] = drawing(content) if name.endswith(".svg") else content
        return f"images/{name}"


def drawing(content):
    """Return an SVG file as EPUB requires it: no document type that refers to the network, no path without data."""
    root = ElementTree.fromstring(content)
    for element in root.findall(METADATA):
        root.remove(element)
    for path in root.iter(f"{{{SVG}}}path"):
        path.attrib.setdefault("d", "M0 0")  # matplotlib writes a space as an empty path
    for element in root.iter():
        order_in_style(element.attrib)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def order_in_style(attributes):
    """Move `paint-order` into the style: EPUB knows it as a CSS property, not as an attribute."""
    if "paint-order" in attributes:
        order = f"paint-order: {attributes.pop('paint-order')}"
        attributes["style"] = f"{attributes.get('style', '').rstrip('; ')}; {order}".lstrip("; ")


def to_xhtml(page, images):
    """Return the page's article as well-formed XHTML."""
    article = BeautifulSoup(
        editions.lead(page.article, lambda name, place: f"{name}.xhtml#{name}" + f"--{place}" * bool(place)),
        "html.parser",
    )
    for element in article.select(".katex-html, style, button"):
        element.decompose()
    for comment in article.find_all(string=lambda text: isinstance(text, Comment)):
        comment.extract()
    for fold in article.find_all("details"):  # few e-book readers can unfold: the title stays, and the content is shown
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
        order_in_style(element.attrs)
    for line in article.select(".line"):
        line.attrs.pop("style", None)
    for figure in article.find_all("svg"):
        figure["xmlns"] = SVG
    return Markup(article.decode_contents(formatter="minimal"))


def write_epub(site, output):
    """Write the EPUB of `site` to `output`; the same site gives the same bytes. Returns the number of chapters."""
    book, _address, pages = editions.read_site(site)
    images, chapters, properties = Images(site), {}, {}
    for page in pages:
        article = to_xhtml(page, images)
        properties[page.name] = " ".join(kind for kind, tag in (("mathml", "<math"), ("svg", "<svg")) if tag in article)
        chapters[page.name] = editions.render("chapter.xhtml", page=page, book=book, article=article)
        ElementTree.fromstring(chapters[page.name])  # raises an error if it is not well formed
    package = editions.render(
        "book.opf",
        book=book,
        author=editions.AUTHOR,
        identity=uuid.uuid5(uuid.NAMESPACE_URL, book),
        pages=pages,
        properties=properties,
        images=[(name, mimetypes.guess_type(name)[0]) for name in sorted(images.files)],
    )
    files = {
        "META-INF/container.xml": CONTAINER,
        "book/book.opf": package,
        "book/nav.xhtml": editions.render("nav.xhtml", book=book, parts=editions.by_part(pages)),
        "book/style.css": STYLE,
        **{f"book/{name}.xhtml": text for name, text in chapters.items()},
        **{f"book/images/{name}": content for name, content in sorted(images.files.items())},
    }
    with zipfile.ZipFile(output, "w") as archive:
        archive.writestr(zipfile.ZipInfo("mimetype", (1980, 1, 1, 0, 0, 0)), "application/epub+zip")
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return len(pages)


def epubcheck():
    """Return the command that runs epubcheck, or None if it is not installed."""
    found = shutil.which("epubcheck")
    if found is None:
        return None
    with Path(found).open("rb") as file:
        is_archive = file.read(2) == b"PK"  # Debian installs the Java archive itself under this name
    if not is_archive:
        return [found]
    return ["java", "-jar", found] if shutil.which("java") else None


def check(epub, command):
    """Return epubcheck's lines on what is wrong with the file, or an empty list."""
    result = subprocess.run([*command, epub], capture_output=True, text=True, errors="replace", check=False)
    lines = (result.stdout + result.stderr).splitlines()
    found = [line for line in lines if line.startswith(("ERROR", "FATAL", "WARNING"))]
    if result.returncode and not found:
        return [f"epubcheck exited with status {result.returncode}: {' '.join(lines[-3:])}"]
    return found


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Make an EPUB of the built site.")
    parser.add_argument("--site", type=Path, default=editions.SITE)
    parser.add_argument("--output", type=Path, help="default: nnbook.epub beside the site's pages")
    options = parser.parse_args(arguments)
    if not editions.build_if_missing(options.site):
        return 1
    output = options.output or options.site / "nnbook.epub"
    count = write_epub(options.site, output)
    command = epubcheck()
    found = check(output, command) if command else []
    if found:
        print("\n".join([*found[:20], f"epubcheck finds {len(found)} faults in {output}"]), file=sys.stderr)
        return 1
    if options.output is None:
        editions.offer(options.site, output.name, "EPUB")
    checked = "epubcheck finds no fault" if command else "not checked: epubcheck is not installed"
    print(f"{output}: {count} chapters, {output.stat().st_size / 1e6:.1f} MB; {checked}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
