"""Checks the files of the built pages without a browser: links, heads, pictures, tables, formulas."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urljoin, urlparse


@dataclass(frozen=True)
class Finding:
    """One breach of one rule."""

    rule: str
    page: str
    text: str
    mode: str = ""

    def __str__(self):
        where = f"{self.page} ({self.mode})" if self.mode else self.page
        return f"{self.rule}: {where}: {self.text}"


# --- rules on the files ---------------------------------------------------------------------------


@cache
def _soup(path, _changed):
    from bs4 import BeautifulSoup

    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def soup_of(path):
    return _soup(path, path.stat().st_mtime_ns)


def pages_of(site):
    return sorted(path for path in Path(site).glob("*.html"))


def check_files(site, pages=None, settings=None):
    """Return the findings that need no browser, for all pages (or those named) of the folder `site`."""
    site = Path(site)
    paths = [site / name for name in pages] if pages else pages_of(site)
    found = []
    titles = {}
    for path in paths:
        soup = soup_of(path)
        for rule in RULES:
            found += [Finding(name, path.name, text) for name, text in rule(path, soup)]
        title = soup.title.get_text() if soup.title else ""
        if title in titles:
            found.append(Finding("title", path.name, f"the same title as {titles[title]}: {title!r}"))
        titles[title] = path.name
    for name in ("sitemap.xml", "robots.txt", "404.html", "search.html", "index.html"):
        if not (site / name).exists() and not (name == "sitemap.xml" and not _has_address(site)):
            found.append(Finding("whole", name, "the file is missing"))
    return found


def _has_address(site):
    index = Path(site) / "index.html"
    return index.exists() and soup_of(index).find("link", rel="canonical") is not None


def anchors_of(path):
    return {tag["id"] for tag in soup_of(path).find_all(id=True)}


def rule_links(path, soup):
    base = soup.find("base")
    for tag in soup.find_all(["a", "link", "script", "img", "source", "iframe"]):
        address = tag.get("href") or tag.get("src")
        if not address or address.startswith(("mailto:", "data:")):
            continue
        parts = urlparse(address)
        if parts.scheme or parts.netloc:
            if parts.scheme != "https":
                yield "link", f"not https: {address}"
            elif tag.name != "a" and "canonical" not in tag.get("rel", []):
                yield "other host", f"<{tag.name}> loads {address}"
            continue
        if base is not None:
            parts = urlparse(urljoin(base["href"], address).lstrip("/"))
        target = path if not parts.path else path.parent / unquote(parts.path)
        if not target.is_file():
            yield "link", f"broken link: {address}"
        elif parts.fragment and target.suffix == ".html" and unquote(parts.fragment) not in anchors_of(target):
            yield "link", f"broken anchor: {address}"


def rule_head(path, soup):
    def content(**attributes):
        tag = soup.find("meta", attrs=attributes)
        return tag.get("content", "").strip() if tag else ""

    if not soup.html or not soup.html.get("lang"):
        yield "language", "<html> has no lang attribute"
    if not soup.title or not soup.title.get_text(strip=True):
        yield "title", "no title"
    description = content(name="description")
    if not 20 <= len(description) <= 200:
        yield "description", f"{len(description)} characters: {description[:60]!r}"
    if not soup.find("link", rel="icon"):
        yield "icon", "no icon"
    canonical = soup.find("link", rel="canonical")
    index = path.parent / "index.html"
    site_has_address = index.exists() and soup_of(index).find("link", rel="canonical") is not None
    if site_has_address and path.name != "404.html" and (canonical is None or not content(property="og:image")):
        yield "canonical", "no canonical link, or no picture for a shared link"
    headings = soup.find_all("h1")
    if len(headings) != 1:
        yield "heading", f"{len(headings)} main headings"


# A black line, or matplotlib's letters with no colour of their own.
BLACK = re.compile(
    r"(stroke|fill): (#000000|black)"
    r'|<g id="text_\d+">\s*(<!--.*?-->\s*)?<(g|text)(?![^>]*fill)[^>]*>',
    re.DOTALL,
)


def rule_images(path, soup):
    file_name = re.compile(r"(^|/)_images/|\.(svg|png|jpe?g|gif)$|^(image|figure|output|png)\b", re.IGNORECASE)
    for image in soup.find_all("img"):
        source = image.get("src", "")[:70]
        alt = (image.get("alt") or "").strip()
        if not alt or file_name.search(alt):
            yield "text alternative", f"{source}: {alt!r} does not say what the image shows"
        if not (image.get("width") and image.get("height")):
            yield "image size", f"{source} has no width and height"
        if source.startswith("data:"):
            continue
        if not image.get("loading") and image.find_previous("h2"):
            yield "image lazy", f"{source} is loaded before it is needed"
        file = path.parent / unquote(urlparse(image["src"]).path)
        if file.suffix == ".svg" and file.exists():
            drawing = file.read_text(encoding="utf-8")
            if BLACK.search(drawing):
                yield "dark figure", f"{source} has black lines or letters, which cannot be seen on a dark page"
            patch = re.search(r'<g id="patch_1">\s*<path[^>]*style="([^"]*)"', drawing)
            if patch and "fill: none" not in patch[1] and "opacity: 0" not in patch[1]:
                yield "dark figure", f"{source} has its own background, a bright box on a dark page"
    for figure in soup.find_all("svg"):
        hidden = figure.get("aria-hidden") == "true" or figure.find_parent(attrs={"aria-hidden": "true"})
        if not hidden and not figure.get("aria-label") and not figure.find("title"):
            yield "text alternative", "a drawing in the page has no name"


def rule_tables(path, soup):
    for table in soup.find_all("table"):
        heads = table.find_all("th")
        if not heads:
            yield "table", f"no header cells: {table.get_text(' ', strip=True)[:50]!r}"
        if any(not head.get_text(strip=True) for head in heads):
            yield "table", f"an empty header cell: {table.get_text(' ', strip=True)[:50]!r}"


def rule_ids(path, soup):
    seen = set()
    for tag in soup.find_all(id=True):
        if tag["id"] in seen:
            yield "id", f"twice in the page: {tag['id']}"
        seen.add(tag["id"])


RAW_TEX = re.compile(
    r"\\\(|\\\[|\$\$|\\(frac|partial|mathbf|boldsymbol|begin|nabla|delta|sum|text|left|hat)\b"
    r"|(?:^|[\s(])\$[^$\s\d][^$\n]{0,80}[^$\s]?\$(?=[\s.,;:)]|$)"
)


def rule_formulas(path, soup):
    article = soup.find("article") or soup
    for formula in soup.select(".katex"):
        if formula.find("math") is None:
            yield "formula", "a formula has no text form for screen readers"
    for error in soup.select(".katex-error"):
        yield "formula", f"not rendered: {error.get_text()[:60]}"
    unread = {"script", "style", "pre", "code", "math", "svg", "noscript", "title"}
    for text in article.find_all(string=RAW_TEX):
        if not any(parent.name in unread or "katex" in parent.get("class", []) for parent in text.parents):
            yield "formula", f"raw TeX in the text: {text.strip()[:60]!r}"


def rule_scripts(path, soup):
    for script in soup.find_all("script", type=True):
        if script["type"] not in ("module", "application/json", "application/ld+json", "text/javascript"):
            yield "script", f"of a type that nothing on the page reads: {script['type']}"


def rule_folds(path, soup):
    for box in soup.select("article section section > :not(section, details, .at-once):has(details)"):
        yield "late fold", f"laid out late, this is covered by what follows it: {box.get_text(' ', strip=True)[:50]!r}"


RULES = (rule_links, rule_head, rule_images, rule_tables, rule_ids, rule_formulas, rule_scripts, rule_folds)
