"""Fixes the HTML of a page's body where Sphinx or the notebooks make it unfit for a screen reader, a phone or paper.

What is already in Sphinx's tree is prepared there, by `arranging.py`; each function says why it needs finished HTML.
"""

import html
import posixpath
import re
from pathlib import Path
from urllib.parse import urlparse
from xml.etree import ElementTree

from bs4 import BeautifulSoup, Comment, Tag
from PIL import Image
from plain import plain_math
from sphinx.util import logging

logger = logging.getLogger(__name__)

STATIC = "book/_static"
CSS_PIXELS = {"pt": 96 / 72, "px": 1, "": 1, "in": 96, "cm": 96 / 2.54, "mm": 96 / 25.4}
FILE_NAME = re.compile(r"(^|/)_images/|\.(svg|png|jpe?g|gif)$|^(image|figure|output|png)\b", re.IGNORECASE)


def protect_formulas(body):
    """Return the body with a short mark for each formula, and the formulas, which would take longest to parse."""
    kept, pieces, position = [], [], 0
    tag = re.compile(r"<(/?)span\b")
    while True:
        start = body.find('<span class="katex', position)
        if start < 0:
            pieces.append(body[position:])
            return "".join(pieces), kept
        depth = 0
        for match in tag.finditer(body, start):
            depth += -1 if match.group(1) else 1
            if depth == 0:
                end = body.index(">", match.end()) + 1
                break
        else:
            raise ValueError("a formula's HTML does not end")
        pieces += [body[position:start], f'<span data-formula="{len(kept)}"></span>']
        kept.append(body[start:end])
        position = end


def restore_formulas(body, kept):
    return re.sub(r'<span data-formula="(\d+)"></span>', lambda match: kept[int(match.group(1))], body)


def read(body):
    """Return the parsed body of a page, with a mark for each of its formulas, and the formulas."""
    body, formulas = protect_formulas(body)
    return BeautifulSoup(body, "html.parser"), formulas


def written(soup, formulas):
    """Return the HTML of a parsed body with its formulas restored."""
    return restore_formulas(soup.decode(formatter="minimal"), formulas)


def mend(soup, formulas, app, pagename):
    """Fix the parsed body of a page."""
    for step in (
        mend_sections,
        mend_folds,
        mend_cells,
        mend_laying_out,
        mend_lines,
        mend_tables,
        mend_scrollers,
        mend_headings,
    ):
        step(soup)
    name_headers(soup, formulas)
    mend_images(soup, app, pagename)


def classes_of(node):
    return node.get("class", []) if isinstance(node, Tag) else []


def mend_sections(soup):
    """Fix boxes, bibliography and signatures, whose elements and roles come from the HTML writers of the extensions."""
    for element in soup.find_all("section", id=re.compile(r"^(proof|exercise|solution)-content")):
        element.name = "div"  # it has no heading, and every box of its kind has the same id
        del element["id"]
    for element in soup.select("[role=doc-biblioentry], .citation-list"):
        del element["role"]  # the role is deprecated, and this list's children are not list items
    for signature in soup.select("dt.sig"):
        code = soup.new_tag("code")
        code.extend([child for child in list(signature.contents) if "headerlink" not in classes_of(child)])
        signature.insert(0, code)
    for comment in soup.find_all(string=lambda text: isinstance(text, Comment)):
        comment.extract()


def mend_folds(soup):
    """Turn folded boxes into <details>, which work without a script, by keyboard, and with the browser's search.

    sphinx-togglebutton folds them with a script on the finished page; docutils has no node for <details>.
    """
    for box in soup.select("div.admonition.dropdown, div.admonition.toggle"):
        title = box.find(class_="admonition-title")
        box.name = "details"
        summary = soup.new_tag("summary", attrs={"class": "admonition-title"})
        if title is None:
            summary.string = "More"
        else:
            for link in title.find_all("a"):
                link.unwrap()  # a link inside a button cannot be told from the button
            summary.extend(list(title.contents))
            title.decompose()
        box.insert(0, summary)
    for box in soup.select("details.toggle-details"):
        box["class"] = ["admonition", "dropdown"]


def mend_lines(soup):
    """Make each line of a cell's code an element, so that a long one can wrap with a hanging indent.

    Pygments writes the spans of the tokens when the HTML is written.
    """
    for listing in soup.select("div.cell_input div.highlight > pre"):
        lines = [soup.new_tag("span", attrs={"class": "line"})]
        for piece in list(listing.contents):
            for position, text in enumerate(piece.get_text().split("\n")):
                if position:
                    lines[-1].append("\n")
                    lines.append(soup.new_tag("span", attrs={"class": "line"}))
                if text and isinstance(piece, Tag):
                    lines[-1].append(soup.new_tag("span", attrs={"class": " ".join(classes_of(piece))}, string=text))
                elif text:
                    lines[-1].append(text)
        listing.clear()
        for line in lines:
            text = line.get_text()
            if indent := len(text) - len(text.lstrip(" ")):
                line["style"] = f"--indent: {indent}ch"
            if text:
                listing.append(line)


def mend_laying_out(soup):
    """Mark the boxes with something folded inside: if laid out late, they would be covered by what follows them."""
    for box in soup.select("section section > :not(section, details):has(details)"):
        box["class"] = [*classes_of(box), "at-once"]


CELL_SUMMARIES = {"tag_hide-cell": "Code and output", "tag_hide-input": "Code", "tag_hide-output": "Output"}


def mend_cells(soup):
    """Give folded cells a title that says what is in them; MyST-NB writes these elements around its own node."""
    for cell in soup.select("div.cell"):
        kind = next((name for name in cell["class"] if name in CELL_SUMMARIES), None)
        for details in cell.select("details.hide"):
            summary = details.find("summary")
            text = CELL_SUMMARIES.get(kind, "Code")
            if kind == "tag_hide-cell" and "verify" in details.get_text():
                text = "The check of this equation"
            summary.attrs = {}
            summary.string = text
            details["class"] = ["fold"]
        cell["class"] = [name for name in cell["class"] if name not in ("docutils", "container")]
    for element in soup.select("div.docutils.container"):
        element["class"] = [name for name in element["class"] if name not in ("docutils", "container")]
    for style in soup.select("style[scoped]"):
        style.decompose()


WORDY = 40  # characters


def widen_words(table):
    """Mark table cells with sentences: on a narrow screen their column keeps a readable width."""
    for row in table.find_all("tr"):
        for cell in row.find_all(["td", "th"]):
            if len(cell.get_text(strip=True)) > WORDY:
                cell["class"] = [*classes_of(cell), "words"]


def mend_tables(soup):
    """Give tables the scope of their headers and a box that scrolls; those in outputs are HTML from the start."""
    for table in soup.find_all("table"):
        for name in ("border", "style"):
            del table[name]
        for head in table.select("thead th"):
            head["scope"] = "col"
        for head in table.select("tbody th"):
            head["scope"] = "row"
        for row in table.find_all("tr"):
            del row["style"]
        for head in table.find_all("th"):
            if not head.get_text(strip=True) and not head.find(attrs={"data-formula": True}):
                head.name = "td"
                del head["scope"]
        widen_words(table)
        if table.find_parent(class_="nnb-figure") is None:
            table.wrap(soup.new_tag("div", attrs={"class": "scroll table"}))


def mend_scrollers(soup):
    """Name what may be wider than the page; the script makes it reachable by keyboard if it does scroll.

    Of a node's attributes, only classes and ids reach the HTML.
    """
    for table in soup.select("div.scroll"):
        table["data-scroll"] = "Table, scrolls sideways"
    for pre in soup.select("div.highlight > pre"):
        pre["data-scroll"] = "Output" if pre.find_parent(class_="cell_output") else "Code"
    for equation in soup.select("div.math > span[data-formula]"):
        equation.wrap(soup.new_tag("div", attrs={"class": "scroll formula", "data-scroll": "Equation"}))


ANNOTATION = re.compile(r'<annotation encoding="application/x-tex">(.*?)</annotation>', re.DOTALL)


def name_headers(soup, formulas):
    """Name a table header that is only a formula in plain characters, because header cells need text.

    Formulas are HTML only once KaTeX has rendered them.
    """
    for head in soup.find_all("th"):
        marks = head.select("span[data-formula]")
        if not marks or head.get_text(strip=True):
            continue
        latex = [ANNOTATION.search(formulas[int(mark["data-formula"])]) for mark in marks]
        words = soup.new_tag("span", attrs={"class": "hidden"})
        words.string = ", ".join(plain_math(html.unescape(found.group(1))) for found in latex if found)
        for mark in marks:
            mark.parent["aria-hidden"] = "true"
        head.append(words)


def mend_headings(soup):
    """Name the links beside headings; Sphinx's writer adds them while it writes."""
    for link in soup.select("a.headerlink"):
        heading = link.find_parent(re.compile(r"^h[1-6]$"))
        title = heading.get_text(" ", strip=True).removesuffix("#").strip() if heading else ""
        link["aria-label"] = f"Link to “{title}”" if title else link.get("title") or "Link to this place"
        link.attrs.pop("title", None)
        link.string = "#"


WIDE = 550  # CSS pixels
LARGER, COLUMN = 1.45, 700  # a figure fills the column, so that its letters are as large as the text's


def mend_images(soup, app, pagename):
    """Give each picture its size, and format the captions of figures.

    A cell's figure is a file only once its page is written, and its size is that of the file.
    """
    first_section = soup.find("h2")
    for image in soup.find_all("img"):
        alt = (image.get("alt") or "").strip()
        if (not alt or FILE_NAME.search(alt)) and image.get("role") != "presentation":
            logger.warning(
                "an image has no text alternative; write what it shows in the cell's metadata mystnb.image.alt: %s",
                image.get("src", "")[:80], location=pagename, type="page",
            )  # fmt: skip
        if image.find_parent("noscript") or image.get("src", "").startswith("data:"):
            continue
        set_size(image, app)
        if first_section is None or not any(image is other for other in first_section.find_all_previous("img")):
            image["loading"] = "lazy"
        image["decoding"] = "async"
        drawn = image.find_parent(class_="cell_output") is not None
        width, height = float(image.get("width") or 0), float(image.get("height") or 0)
        if width > WIDE:
            # Scaled down to a phone it would be unreadable: there it scrolls.
            image.wrap(soup.new_tag("div", attrs={"class": "scroll figure", "data-scroll": "Figure, scrolls sideways"}))
        elif drawn and width and height and image["src"].endswith(".svg"):
            scale = min(LARGER, COLUMN / width)
            image["width"], image["height"] = round(width * scale), round(height * scale)
    for words in soup.select("figure > figcaption"):
        number, text = words.select_one(".caption-number"), words.select_one(".caption-text")
        if number and text:
            label = soup.new_tag("b", string=f"{number.get_text().strip()}.")
            words.clear()
            words.extend([label, " ", *list(text.contents)])


def set_size(image, app):
    """Set a picture's width and height in CSS pixels, if its file is known."""
    size = image_size(app, image["src"])
    if size and not (image.get("width") and image.get("height")):
        width, height = size
        wanted = re.match(r"width: *([\d.]+)px", image.get("style") or "")
        if wanted:
            width, height = float(wanted.group(1)), height * float(wanted.group(1)) / width
        image["width"], image["height"] = round(width), round(height)
        image.attrs.pop("style", None)


def image_size(app, address):
    """Return width and height in CSS pixels of an image on this site, or None if it is elsewhere."""
    name = posixpath.basename(urlparse(address).path)
    source = next((path for path, (_, target) in app.env.images.items() if target == name), None)
    path = Path(app.srcdir, source) if source else Path(app.srcdir, STATIC, name)
    if not path.exists():
        return None
    if path.suffix != ".svg":
        with Image.open(path) as picture:
            return picture.size
    root = ElementTree.parse(path).getroot()
    sizes = [re.fullmatch(r"([\d.]+) *([a-z]*)", root.get(name, "")) for name in ("width", "height")]
    if all(sizes):
        return tuple(float(size[1]) * CSS_PIXELS[size[2]] for size in sizes)
    return tuple(float(number) for number in root.get("viewBox").split()[2:])
