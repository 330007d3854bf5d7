"""Joins the built pages into one text, in reading order, from which the print edition and the EPUB are made."""

import functools
import html
import itertools
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import jinja2

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "_build" / "html"
AUTHOR = "The nnbook authors"
MARK = "<!-- editions -->"
LINK = re.compile(r'href="#((?:(?!--)[^"])+)(?:--([^"]*))?"')
NO_SITE = "No built site found in {}: run make book."


@dataclass
class Page:
    """One page of the book: its file name without .html, its part, its title and its cleaned HTML."""

    name: str
    part: str
    title: str
    article: str

    @property
    def number(self):
        """The chapter's number, or None."""
        found = re.match(r"(\d+)-", self.name)
        return int(found[1]) if found else None

    @property
    def plain_title(self):
        """The title without the number that Sphinx puts before it."""
        return re.sub(r"^\d+\.\s*", "", self.title)


@functools.cache
def _templates():
    folder = jinja2.FileSystemLoader(Path(__file__).parent / "templates")
    return jinja2.Environment(loader=folder, autoescape=True, undefined=jinja2.StrictUndefined, auto_reload=False)


def render(template, **values):
    """Render one of the templates beside this file; values that are not marked as safe are escaped."""
    return _templates().get_template(template).render(values)


def by_part(pages):
    """The pages grouped by their part: [(part, [page, …]), …]."""
    return [(part, list(group)) for part, group in itertools.groupby(pages, key=lambda page: page.part)]


def build_if_missing(site):
    """Build the site if `site` is the folder of `make book` and does not exist."""
    if site != SITE or (site / "index.html").exists():
        return True
    return subprocess.run([sys.executable, ROOT / "tools" / "run.py", "book"], check=False).returncode == 0


def read_site(site):
    """Return the book's title, the address it is published at or '', and its pages in reading order.

    The build stores them in the folder `articles` beside the site (book/_ext/keeping.py): cleaned, with the page's name
    prefixed to their ids, and with links between pages turned into links within one text.
    """
    folder = Path(site).parent / "articles"
    if not (folder / "contents.json").exists():
        sys.exit(NO_SITE.format(site))
    contents = json.loads((folder / "contents.json").read_text(encoding="utf-8"))
    pages = []
    for part, names in contents["parts"]:
        for name in names:
            kept = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
            pages.append(Page(name, part, kept["title"], kept["article"]))
    return contents["book"], contents["address"], pages


def lead(article, place):
    """Return the article with each internal link `#page--place` replaced by what `place(page, place)` returns."""

    def found(match):
        target = place(match[1], match[2] or "")
        return f'href="{html.escape(target)}"' if target else ""

    return LINK.sub(found, article)


def offer(site, file, label):
    """Add a link to `file` to the footer of every page of the site, once."""
    for path in Path(site).glob("*.html"):
        text = path.read_text(encoding="utf-8")
        link = f'<a href="{file}">{label}</a>'
        if MARK in text and link not in text:
            path.write_text(text.replace(MARK, f"{link}\n{MARK}"), encoding="utf-8")
