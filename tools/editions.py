"""Gathers the built pages into one text, in reading order: what the print edition and the EPUB are made from."""

import functools
import itertools
import posixpath
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlparse

import jinja2
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "_build" / "html"
AUTHOR = "The nnbook authors"
MARK = "<!-- editions -->"
NO_SITE = "There is no built site in {}: make book builds it."


@dataclass
class Page:
    """One page of the book: its file's name without .html, its part, its title and its cleaned <article>."""

    name: str
    part: str
    title: str
    article: object

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
    """The text of one of the templates beside this file; what is not marked as safe is escaped."""
    return _templates().get_template(template).render(values)


def by_part(pages):
    """The pages grouped by their part: [(part, [page, …]), …]."""
    return [(part, list(group)) for part, group in itertools.groupby(pages, key=lambda page: page.part)]


def build_if_missing(site):
    """Build the site where `make book` puts it, if that is the one asked for and it is not there."""
    if site != SITE or (site / "index.html").exists():
        return True
    return subprocess.run([sys.executable, ROOT / "tools" / "run.py", "book"], check=False).returncode == 0


def read_site(site):
    """The book's title and pages, in the order of the list of chapters."""
    index = Path(site) / "index.html"
    if not index.exists():
        sys.exit(NO_SITE.format(site))
    soup = BeautifulSoup(index.read_text(encoding="utf-8"), "html.parser")
    book, part, pages = soup.title.get_text(), "", []
    for element in soup.select("nav.contents p.part, nav.contents a"):
        if element.name == "p":
            part = element.get_text(strip=True)
            continue
        name = posixpath.basename(element["href"]).removesuffix(".html")
        if name in ("", "#"):
            name = "index"
        page = BeautifulSoup((Path(site) / f"{name}.html").read_text(encoding="utf-8"), "html.parser")
        article = page.find("article")
        clean(article)
        pages.append(Page(name, part if name != "index" else "", article.find("h1").get_text(" ", strip=True), article))
    return book, pages


def clean(article):
    """Leave out what only a browser can use, and unfold what is folded."""
    for element in article.select(".tools, .eyebrow, .headerlink, .copy, .start, .parts, script, noscript"):
        element.decompose()
    for fold in article.find_all("details"):
        fold["open"] = ""
    for image in article.find_all("img"):
        image.attrs.pop("loading", None)
        image.attrs.pop("decoding", None)


def join_links(pages, site_address="", place=lambda name, fragment: f"#{name}--{fragment}" if fragment else f"#{name}"):
    """Give every id its page's name, and point links between pages to the places they have in one text.

    Links to files that are not part of the text (notebooks, archives) lead to the site, or lose their target.
    """
    names = {page.name for page in pages}
    for page in pages:
        for element in page.article.find_all(id=True):
            if element.find_parent("svg") is None:
                element["id"] = f"{page.name}--{element['id']}"
        for attribute in ("aria-labelledby", "aria-describedby", "for"):
            for element in page.article.find_all(attrs={attribute: True}):
                element[attribute] = f"{page.name}--{element[attribute]}"
        for link in page.article.find_all("a", href=True):
            parts = urlparse(link["href"])
            if parts.scheme:
                continue
            name = parts.path.removesuffix(".html") or page.name
            if name in names:
                link["href"] = place(name, parts.fragment)
            elif site_address:
                link["href"] = site_address + link["href"]
            else:
                link.unwrap()


def site_address(site):
    """The address the site is published at, as its cover says, or ''."""
    found = re.search(r'<link rel="canonical" href="([^"]+)"', (Path(site) / "index.html").read_text(encoding="utf-8"))
    return found[1] if found else ""


def offer(site, file, label):
    """Put a link to `file` into the foot of every page of the site, once."""
    for path in Path(site).glob("*.html"):
        text = path.read_text(encoding="utf-8")
        link = f'<a href="{file}">{label}</a>'
        if MARK in text and link not in text:
            path.write_text(text.replace(MARK, f"{link}\n{MARK}"), encoding="utf-8")
