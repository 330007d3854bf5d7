"""Writes the files of the site as a whole: style sheet, sitemap, cards, notebooks and the archive."""

import html
import re
import shutil
import zipfile
from pathlib import Path

import cards

FOLDER = "book/"  # the folder of the sources, which is not part of an address
OTHER_EDITIONS = {"nnbook.pdf", "nnbook.epub"}  # tools/make_pdf.py and tools/make_epub.py put them beside the site
KEPT_IN_STATIC = {"book.js", "break.js", "search.js", "wrong-forms", "favicon.svg", "fonts", "katex"}
STYLE_SHEETS = ("book.css", "katex/katex.min.css")


def style(app):
    """Return one style sheet: the book's own, KaTeX's, and those of the book's other extensions in book/_static."""
    static = Path(app.srcdir) / FOLDER / "_static"
    sheets = [static / name for name in STYLE_SHEETS]
    sheets += sorted(path for path in static.rglob("*.css") if path not in sheets)
    joined = []
    for sheet in sheets:
        folder = sheet.parent.relative_to(static).as_posix()
        text = sheet.read_text(encoding="utf-8")
        if folder != ".":
            text = re.sub(r"url\((['\"]?)(?!data:|/|#)", rf"url(\1{folder}/", text)
        joined.append(minify(text))
    return "\n".join(joined)


def write_style(app, out):
    """Write the style sheet as a file, for the editions made from the site; the pages contain it themselves."""
    (out / "_static" / "book.css").write_text(style(app), encoding="utf-8")


def minify(css):
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s+", " ", css)
    return re.sub(r"\s*([{};,>])\s*", r"\1", css).strip()


def prune(out):
    """Remove what only the theme's own layout would load."""
    for path in (out / "_static").iterdir():
        if path.name not in KEPT_IN_STATIC:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for path in (out / "_static" / "katex").rglob("*.css"):
        path.unlink()
    for name in ("_sources", "_sphinx_design_static"):
        shutil.rmtree(out / name, ignore_errors=True)


def write_cards(app, out, docnames, parts):
    """Draw a picture for each page, shown where a link to it is shared."""
    folder = out / "_static" / "cards"
    folder.mkdir(exist_ok=True)
    fonts = Path(app.srcdir) / FOLDER / "_static" / "fonts"
    known = {page["docname"]: (part, page) for part, pages in parts for page in pages}
    for docname in [*docnames, "search", "404", "genindex"]:
        part, page = known.get(docname, ("", {"title": app.config.html_title, "number": None}))
        target = folder / (docname.removeprefix(FOLDER) + ".png")
        cards.draw(target, fonts, app.config.html_title, part, page["number"], page["title"])


def write_robots(out, paths, site):
    """Write robots.txt and, if the site's address is known, the sitemap."""
    lines = ["User-agent: *", "Allow: /"]
    if site:
        lines.append(f"Sitemap: {site}sitemap.xml")
        urls = [site + ("" if path.name == "index.html" else path.name) for path in paths]
        entries = "".join(f"<url><loc>{html.escape(url)}</loc></url>\n" for url in urls)
        text = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{entries}</urlset>\n'
        (out / "sitemap.xml").write_text(f'<?xml version="1.0" encoding="utf-8"?>\n{text}', encoding="utf-8")
    (out / "robots.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_archive(out):
    """Write the site as one zip file, to read without a network; the same site always gives the same bytes."""
    archive = out / "nnbook-site.zip"
    archive.unlink(missing_ok=True)
    unwanted = {".buildinfo", archive.name, *OTHER_EDITIONS}
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for path in sorted(out.rglob("*")):
            if path.is_file() and path.name not in unwanted and ".doctrees" not in path.parts:
                entry = zipfile.ZipInfo(f"nnbook/{path.relative_to(out).as_posix()}", (1980, 1, 1, 0, 0, 0))
                entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                file.writestr(entry, path.read_bytes())
