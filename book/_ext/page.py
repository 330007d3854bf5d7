"""Turns what Sphinx builds into the book's pages: their addresses, their frame, and what the frame shows.

The templates in `book/_templates` replace the theme's layout completely, so a page loads one style sheet, one small
script and the fonts in use, all from this site. `mend.py` fixes the body; `sitefiles.py` writes the rest of the site.
"""

import hashlib
import os
import posixpath
import re
from pathlib import Path
from urllib.parse import urlparse

import downloads
import searching
import sitefiles
from docutils import nodes
from keeping import keep, keep_contents, search_entries
from mend import mend, read, written
from plain import plain_text, shorten
from sitefiles import FOLDER
from sphinx.builders.html import StandaloneHTMLBuilder


class BookBuilder(StandaloneHTMLBuilder):
    """The HTML builder with addresses that omit the folder of the sources: `11-hidden-recursion.html`."""

    search = False  # replaced by the pages of `search_page` and the file of `write_search`

    def get_target_uri(self, docname, typ=None):
        return super().get_target_uri(docname.removeprefix(FOLDER), typ)

    def get_outfilename(self, pagename):
        return super().get_outfilename(pagename.removeprefix(FOLDER))


# --- what the frame shows ------------------------------------------------------------


def site_address(config):
    """Return the address of the site, ending in a slash, or '' if none is configured."""
    address = os.environ.get("NNBOOK_SITE_URL", config.html_baseurl).strip()
    return address.rstrip("/") + "/" if address else ""


def tree_of_contents(app):
    """Return the parts of the book: a list of (caption, [page, …]), each page a dict of docname, title and number."""
    env, parts = app.env, []
    for toctree in env.external_site_map.root.subtrees:
        pages = []
        for item in toctree.files():
            docname = item.rsplit(".", 1)[0] if item.endswith((".md", ".ipynb")) else item
            number = re.match(r"(\d\d)-", posixpath.basename(docname))
            pages.append(
                {
                    "docname": docname,
                    "title": plain_text(env.titles[docname]) if docname in env.titles else docname,
                    "number": int(number.group(1)) if number else None,
                }
            )
        if toctree.caption is None and parts:  # it continues the part before
            parts[-1][1].extend(pages)
        else:
            parts.append((toctree.caption or "", pages))
    return parts


def with_sections(app, docname):
    """Yield a page followed by the pages that the table of contents lists as its sections."""
    yield docname
    for subtree in app.env.external_site_map[docname].subtrees:
        for item in subtree.files():
            yield from with_sections(app, item.rsplit(".", 1)[0] if item.endswith((".md", ".ipynb")) else item)


def page_contents(app, docname):
    """Return the sections of a page, as (id, title, depth), for the side column."""
    found = []

    def collect(node, depth):
        for child in node.children:
            if isinstance(child, nodes.list_item):
                for reference in list(child.findall(nodes.reference))[:1]:
                    if reference.get("anchorname"):
                        found.append((reference["anchorname"][1:], plain_text(reference), depth))
                for inner in child.children:
                    if isinstance(inner, nodes.bullet_list):
                        collect(inner, depth + 1)

    toc = app.env.tocs.get(docname)
    for top in toc.children if toc is not None else []:
        for inner in getattr(top, "children", []):
            if isinstance(inner, nodes.bullet_list):
                collect(inner, 1)
    return [entry for entry in found if entry[2] <= 2]


def add_context(app, pagename, templatename, context, doctree):
    """Set what the templates need to know about the page, and its fixed body."""
    if app.builder.name != "html":
        return
    parts = parts_of(app)
    flat = [dict(page, part=caption) for caption, pages in parts for page in pages]
    here = next((page for page in flat if page["docname"] == pagename), None)
    chapters = [page for page in flat if page["number"] is not None]
    is_home = pagename == app.config.root_doc
    site, address = site_address(app.config), app.builder.get_target_uri(pagename)
    name = pagename.removeprefix(FOLDER)
    context["css_files"] = []
    body = context.get("body") or ""
    description = ""
    if doctree is not None:
        paragraph = next((p for p in doctree.findall(nodes.paragraph) if isinstance(p.parent, nodes.section)), None)
        description = shorten(plain_text(paragraph)) if paragraph is not None else ""
    source = Path(app.srcdir, pagename + ".ipynb")
    context["book"] = {
        "name": app.config.html_title,
        "parts": parts,
        "here": here,
        "chapters": chapters,
        "home": app.config.root_doc,
        "is_home": is_home,
        "title": plain_text(app.env.titles[pagename]) if pagename in app.env.titles else context.get("title", ""),
        "description": description or app.config.nnbook_description,
        "canonical": site + ("" if is_home else address) if site and pagename != "404" else "",
        "card": f"{site}_static/cards/{name}.png" if site else "",
        "site": site,
        "base": (urlparse(site).path or "/") if site else "",
        "sections": page_contents(app, pagename),
        "notebook": f"notebooks/{name}.ipynb" if source.exists() else "",
        "source": source.name if source.exists() else "",
        "binder": binder_link(app.config, pagename) if source.exists() else "",
        "repository": app.config.nnbook_repository,
        "version": app.config.nnbook_assets,
        "style": inline_style(app),
        "has_formulas": 'class="katex"' in body,
        "is_chinese": body.count('lang="zh') > 2,  # text set in a font that arrives late would move
    }
    if body:
        soup, formulas = read(body)
        mend(soup, formulas, app, pagename)
        context["body"] = written(soup, formulas)
        if doctree is not None:
            names = {docname.removeprefix(FOLDER) for docname in app.env.found_docs}
            keep(app, name, soup, lambda soup: written(soup, formulas), formulas, names, site)
    if is_home:
        context["book"].update(cover(context["body"]))


def cover(body):
    """Return the cover's title and first paragraph, which appear beside its picture, and the rest."""
    start, end = body.index("<h1"), body.index("</p>") + len("</p>")
    return {"cover_head": body[start:end], "cover_rest": body[:start] + body[end:]}


def binder_link(config, pagename):
    match = re.match(r"https://github\.com/([^/]+)/([^/]+?)(\.git)?/?$", config.nnbook_repository)
    if not match:
        return ""
    return f"https://mybinder.org/v2/gh/{match[1]}/{match[2]}/HEAD?urlpath=lab/tree/{pagename}.ipynb"


def version_of(paths):
    """Return a short hash of the contents of files."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:8]


def inline_style(app):
    """Return the style sheet for the head of a page: this saves a round trip before the first paint."""
    if not hasattr(app, "book_style"):
        app.book_style = sitefiles.style(app).replace("url(", "url(_static/").replace("</", "<\\/")
    return app.book_style


# --- the build ------------------------------------------------------------


def configure(app, config):
    config.templates_path.insert(0, str(Path(app.srcdir, FOLDER, "_templates")))
    config.html_copy_source = False  # the notebooks are offered for download under their own names
    config.html_domain_indices = False
    folder = Path(app.srcdir, FOLDER)
    # Pages contain the style sheet, and browsers cache it: when it changes, all pages are rebuilt, with a new address.
    config.nnbook_assets = version_of(folder.joinpath("_static").rglob("*.[cj]s*"))
    # The programs that make the pages are not among their sources; when they change, all pages are read again.
    config.nnbook_makers = version_of([*folder.joinpath("_ext").glob("*.py"), *folder.joinpath("_templates").iterdir()])


def drop_thebe(app, doctree, docname):
    """Remove the live-code settings that sphinx-thebe adds to every page with code: nothing here uses them."""
    for raw in list(doctree.findall(nodes.raw)):
        if "text/x-thebe-config" in raw.astext() or raw.astext().startswith("<script>kernelName"):
            raw.parent.remove(raw)


def parts_of(app):
    """Return the table of contents, read once per build, after every page has been read."""
    if not hasattr(app, "book_parts"):
        app.book_parts = tree_of_contents(app)
    return app.book_parts


def extra_pages(app):
    if app.builder.name == "html":
        yield "search", {"title": "Search"}, "search.html"
        yield "404", {"title": "Page not found"}, "404.html"


def finish(app, exception):
    if exception is not None or app.builder.name != "html":
        return
    out, site = Path(app.outdir), site_address(app.config)
    pages = [(docname, out / app.builder.get_target_uri(docname)) for docname in sorted(app.env.found_docs)]
    pages = [(docname, path) for docname, path in pages if path.exists()]
    sitefiles.prune(out)
    sitefiles.write_style(app, out)
    downloads.copy_notebooks(app, out)
    searching.write(out, search_entries(app, [docname.removeprefix(FOLDER) for docname, _path in pages]))
    named = [
        (part, [name.removeprefix(FOLDER) for page in inside for name in with_sections(app, page["docname"])])
        for part, inside in parts_of(app)
    ]
    keep_contents(app, app.config.html_title, site, [("", [app.config.root_doc.removeprefix(FOLDER)]), *named])
    sitefiles.write_cards(app, out, [docname for docname, _path in pages], parts_of(app))
    sitefiles.write_robots(out, [path for _docname, path in pages], site)
    sitefiles.write_archive(out)


def setup(app):
    app.add_builder(BookBuilder, override=True)
    app.add_config_value("nnbook_description", "", "html", str)
    app.add_config_value("nnbook_repository", "", "html", str)
    app.add_config_value("nnbook_assets", "", "html", str)
    app.add_config_value("nnbook_makers", "", "env", str)
    app.connect("config-inited", configure)
    app.connect("doctree-resolved", drop_thebe, priority=900)  # after sphinx-thebe
    app.connect("html-collect-pages", extra_pages)
    app.connect("html-page-context", add_context, priority=900)
    app.connect("build-finished", finish, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": False}
