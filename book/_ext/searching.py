"""Makes the search entries of a page: its sections and glossary terms, with formulas in plain characters."""

import copy
import html
import json
import re
import unicodedata

from plain import plain_math

ANNOTATION = re.compile(r'<annotation encoding="application/x-tex">(.*?)</annotation>', re.DOTALL)
UNREAD = ".headerlink, .checked, .break, script, style, .fold > summary, .nnb-panel"


def entries(soup, formulas, address):
    """Return a page's entries as [address, page title, heading, text]; `soup` has a mark for each of the `formulas`."""
    soup = copy.copy(soup)
    for mark in soup.find_all(attrs={"data-formula": True}):
        latex = ANNOTATION.search(formulas[int(mark["data-formula"])])
        mark.replace_with(plain_math(html.unescape(latex.group(1))) if latex else "")
    for unread in soup.select(UNREAD):
        unread.decompose()
    for listing in soup.find_all("pre"):
        listing.string = listing.get_text()  # kept in one piece, so that its words stay together
    title = soup.find("h1").get_text(" ", strip=True)
    found = []
    for section in soup.find_all("section") or [soup]:
        heading = section.find(re.compile(r"^h[1-6]$"))
        for inner in section.find_all("section"):
            inner.extract()
        terms = list(glossary(section, address, title))
        name = heading.get_text(" ", strip=True) if heading else title
        place = address + (f"#{section['id']}" if section.get("id") and name != title else "")
        found.append([place, title, "" if name == title else name, words(section).removeprefix(name).strip()])
        found += terms
    return found


def glossary(section, address, title):
    """Yield an entry for each term of a glossary, and remove the glossary from the section's own text."""
    for term in section.select("dl.glossary > dt"):
        explanation = term.find_next_sibling("dd")
        yield [f"{address}#{term['id']}", title, words(term), words(explanation) if explanation else ""]
    for listing in section.select("dl.glossary"):
        listing.extract()


def words(element):
    text = unicodedata.normalize("NFC", " ".join(element.get_text(" ").split()))
    return re.sub(r" (?=[.,;:!?)])|(?<=\() ", "", text)


def write(out, found):
    """Write the entries as a script, which a page opened from disk can load too."""
    data = json.dumps(found, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    (out / "searchindex.js").write_text(f"const searchEntries={data};\n", encoding="utf-8")
