"""Makes the print edition, one tagged PDF with every chapter, from the built site with the system's Chromium.

python tools/make_pdf.py [--site FOLDER] [--output FILE]        (make pdf builds the site first if there is none)
"""

import argparse
import html
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import browser
import editions

STYLE = """
@page { size: A4; margin: 20mm 18mm 22mm; @bottom-center { content: counter(page); font: 9pt sans-serif; } }
@page :first { @bottom-center { content: none; } }
:root { color-scheme: light !important; }
body { font-size: 10.5pt; line-height: 1.5; background: #fff; }
main { width: 174mm; max-width: 174mm; margin: 0; padding: 0; }
.chapter, .title-page, .list { break-before: page; }
.title-page { break-before: auto; padding-top: 70mm; }
.title-page h1 { font-size: 34pt; }
.list a { color: inherit; text-decoration: none; }
.list ul { list-style: none; padding-left: 0; }
.list .number { display: inline-block; min-width: 2.2em; }
.part-name { color: #1f5aa8; font: 650 11pt var(--sans); margin: 0 0 0.3em; }
.chapter h1 { margin-top: 0; }
.cover { display: block; }
.cover-picture { max-width: 110mm; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; }
.cell_output img { max-width: 150mm; }
"""

# Formulas and tables that are wider than the paper are set smaller, never cut.
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


def print_page(book, pages, address):
    """One HTML document with a title page, the list of chapters and every page of the book."""
    # The cover's text is the preface; its list of chapters is made anew.
    listed, part = [], None
    for page in pages[1:]:
        if page.part != part:
            part = page.part
            listed.append(f"</ul><p class='part-name'>{html.escape(part)}</p><ul>" if listed else
                          f"<p class='part-name'>{html.escape(part)}</p><ul>")  # fmt: skip
        number = re.match(r"(\d+)-", page.name)
        sign = f"<span class='number'>{int(number[1])}</span>" if number else "<span class='number'></span>"
        listed.append(f"<li><a href='#{page.name}'>{sign}{html.escape(page.title)}</a></li>")
    body = [
        f"<section class='title-page'><h1>{html.escape(book)}</h1><p>{html.escape(address)}</p>"
        "<p>Text and figures: CC BY 4.0. Code: MIT.</p></section>",
        f"<nav class='list' aria-label='Contents'><h1>Contents</h1>{''.join(listed)}</ul></nav>",
    ]
    for page in pages:
        number = re.match(r"(\d+)-", page.name)
        words = [page.part] * bool(page.part) + ([f"Chapter {int(number[1])}"] if number else [])
        above = f"<p class='part-name'>{html.escape(' · '.join(words))}</p>" if words else ""
        body.append(f"<section class='chapter' id='{page.name}'>{above}{page.article.decode_contents()}</section>")
    return (
        "<!doctype html><html lang='en' data-theme='light'><head><meta charset='utf-8'>"
        f"<title>{html.escape(book)}</title>"
        f"<link rel='stylesheet' href='_static/book.css'><style>{STYLE}</style><script>{FIT}</script></head>"
        f"<body><main>{''.join(body)}</main></body></html>"
    )


def write_pdf(document, site, output):
    """Let Chromium print `document`, whose pictures and style lie in the folder `site`."""
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
            sys.exit(f"The browser did not print the book:\n{result.stderr[-2000:]}")
        shutil.copyfile(folder / "book.pdf", output)


def describe(pdf):
    """Pages, links, and whether it is tagged and has an outline: read from the file itself."""
    data = Path(pdf).read_bytes()
    return {
        "pages": len(re.findall(rb"/Type\s*/Page\b", data)),
        "links": len(re.findall(rb"/Subtype\s*/Link\b", data)),
        "tagged": b"/StructTreeRoot" in data,
        "outline": b"/Outlines" in data,
    }


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Print the built site as one PDF.")
    parser.add_argument("--site", type=Path, default=editions.SITE)
    parser.add_argument("--output", type=Path, help="default: nnbook.pdf beside the site's pages")
    options = parser.parse_args(arguments)
    if browser.find() is None:
        print(browser.MISSING, file=sys.stderr)
        return 2
    if options.site == editions.SITE and not (options.site / "index.html").exists():
        build = subprocess.run([sys.executable, editions.ROOT / "tools" / "run.py", "book"], check=False)
        if build.returncode:
            return build.returncode
    output = options.output or options.site / "nnbook.pdf"
    book, pages = editions.read_site(options.site)
    address = editions.site_address(options.site)
    editions.join_links(pages, address)
    write_pdf(print_page(book, pages, address), options.site, output)
    facts = describe(output)
    if not (facts["tagged"] and facts["outline"] and facts["links"] and facts["pages"] > len(pages)):
        print(f"{output} is not what it should be: {facts}", file=sys.stderr)
        return 1
    if options.output is None:
        editions.offer(options.site, output.name, "Print edition (PDF)")
    print(f"{output}: {facts['pages']} pages, {facts['links']} links, {output.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
