"""Stores the text of the pages for later steps: search, the print edition and the EPUB.

A page is parsed once. What is stored is in the folder `articles` beside the site, one JSON file per page, so that a
build that writes only the changed pages still knows the others.
"""

import json
from pathlib import Path
from urllib.parse import urlparse

import searching

CONTENTS = "contents.json"


def folder(app):
    path = Path(app.outdir).parent / "articles"
    path.mkdir(exist_ok=True)
    return path


def keep(app, name, soup, restore, formulas, names, site):
    """Store one page: its title, its search entries, and its article, prepared to be part of one long text."""
    kept = {
        "title": soup.find("h1").get_text(" ", strip=True).removesuffix("#").strip(),
        "search": searching.entries(soup, formulas, app.builder.get_target_uri(name)),
    }
    clean(soup)
    join_links(soup, name, names, site)
    kept["article"] = restore(soup)
    write(folder(app) / f"{name}.json", kept)


def keep_contents(app, book, site, parts):
    """Store the order of the pages: [(part, [name, …]), …]."""
    write(folder(app) / CONTENTS, {"book": book, "address": site, "parts": parts})


def write(path, value):
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")


def search_entries(app, names):
    """Return the search entries of all pages."""
    found = []
    for name in names:
        found += json.loads((folder(app) / f"{name}.json").read_text(encoding="utf-8"))["search"]
    return found


def clean(soup):
    """Remove what only a browser can use, and unfold what is folded."""
    for element in soup.select(".headerlink, .break, script, noscript"):
        element.decompose()
    for fold in soup.find_all("details"):
        fold["open"] = ""
    for image in soup.find_all("img"):
        image.attrs.pop("loading", None)
        image.attrs.pop("decoding", None)


def join_links(soup, name, names, site):
    """Prefix every id with its page's name, and turn links between pages into links within one text.

    Links to files that are not part of the text (notebooks, archives) lead to the site, or lose their target.
    """
    for element in soup.find_all(id=True):
        if element.find_parent("svg") is None:
            element["id"] = f"{name}--{element['id']}"
    for attribute in ("aria-labelledby", "aria-describedby", "for"):
        for element in soup.find_all(attrs={attribute: True}):
            element[attribute] = f"{name}--{element[attribute]}"
    for link in soup.find_all("a", href=True):
        parts = urlparse(link["href"])
        if parts.scheme:
            continue
        target = parts.path.removesuffix(".html") or name
        if target in names:
            link["href"] = f"#{target}--{parts.fragment}" if parts.fragment else f"#{target}"
        elif site:
            link["href"] = site + link["href"]
        else:
            link.unwrap()
