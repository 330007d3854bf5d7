"""Reads the numbers and names on the pages from their sources, for JupyterLab and for the notebooks to download."""

import html
import json
import re
from pathlib import Path

BOOK = Path(__file__).resolve().parent.parent
LABEL = re.compile(r"\$\$\s*\((eq-[\w:.-]+)\)")

EXERCISE = re.compile(
    r"(?m)^(?P<fence>:{3,})\{(?P<kind>exercise|solution)\}[ \t]*(?P<title>.*)\n(?P<options>(?::[\w-]+:.*\n)*)"
)


def pages(book=BOOK):
    """Return the chapters and pages by name: {"11-hidden-recursion": {"title", "file"}}."""
    found = {}
    for path in sorted(book.iterdir()):
        if path.suffix not in (".ipynb", ".md"):
            continue
        heading = re.search(r"^# (.+)$", markdown_of(path), re.MULTILINE)
        found[path.stem] = {"title": plain(heading[1]) if heading else path.stem, "file": path.name}
    return found


def equations(book=BOOK):
    """Return the numbered equations: {"eq-hidden-delta": {"number": "11.2", "page": "11-hidden-recursion"}}."""
    found, counted = {}, {}
    for path in sorted(book.glob("*.ipynb")):
        chapter = re.match(r"0*(\d+)", path.stem)
        for label in LABEL.findall(markdown_of(path)) if chapter else ():
            counted[chapter[1]] = counted.get(chapter[1], 0) + 1
            found[label] = {"number": f"{chapter[1]}.{counted[chapter[1]]}", "page": path.stem}
    return found


def exercises(book=BOOK):
    """Return the exercises by label: {"ex-11-skip": "Exercise 11.3 (Connections that skip a layer)"}."""
    found, counted = {}, {}
    for path in sorted(book.glob("*.ipynb")):
        number = re.match(r"0*(\d+)", path.stem)
        chapter = number[1] if number else path.stem
        for match in EXERCISE.finditer(markdown_of(path)):
            if match["kind"] == "exercise":
                counted[chapter] = counted.get(chapter, 0) + 1
                place = f"{chapter}.{counted[chapter]}" if number else counted[chapter]
                title = f" ({match['title'].strip()})" if match["title"].strip() else ""
                found[label_of(match)] = f"Exercise {place}{title}"
    return found


def label_of(exercise):
    return re.search(r"(?m)^:label: *(\S+)", exercise["options"])[1]


MOVING = re.compile(r'<div class="nnb-figure" id="nnb-([\w-]+)" role="group" aria-label="([^"]*)"')
PICTURES = ("image/svg+xml", "image/png")


def picture(data, metadata):
    """Return the name, or None, and the description of the figure in an output; None for any other output."""
    moving = MOVING.search("".join(data.get("text/html", "")))
    if moving:
        return f"fig-{moving[1]}", html.unescape(moving[2]) + "."
    image = metadata.get("mystnb", {}).get("image", {})
    if "alt" in image and any(kind in data for kind in PICTURES):
        return image.get("name"), image["alt"]
    return None


def figures(book=BOOK):
    """Return the figures by page and cell: {"11-hidden-recursion": {"the-paths": (name, "11.1")}}."""
    found, counted = {}, {}
    for path in sorted(book.glob("*.ipynb")):
        number = re.match(r"0*(\d+)b?-", path.stem)  # 22b continues the figures of 22; 08a has no number
        chapter, found[path.stem] = number[1] if number else path.stem, {}
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            for output in cell.get("outputs", []):
                drawn = picture(output.get("data", {}), cell["metadata"])
                if drawn is not None:
                    counted[chapter] = counted.get(chapter, 0) + 1
                    place = f"{chapter}.{counted[chapter]}" if number else str(counted[chapter])
                    found[path.stem][cell["id"]] = (drawn[0], place)
    return found


def named(figures):
    """Return the figures that the text can refer to: {"fig-two-paths": {"number": "6.4", "page": "06-derivatives"}}."""
    return {
        name: {"number": place, "page": page}
        for page, cells in figures.items()
        for name, place in cells.values()
        if name
    }


def citations(file=BOOK / "references.bib"):
    """Return the works cited: {"rumelhart1986": {"authors": "Rumelhart et al.", "year": "1986"}}."""
    from pybtex.database import parse_file

    found = {}
    for key, entry in parse_file(str(file)).entries.items():
        people = [
            " ".join([*p.prelast_names, *p.last_names])
            for p in entry.persons.get("author", entry.persons.get("editor", []))
        ]
        names = people[0] + " et al." if len(people) > 2 else " and ".join(people)
        found[key] = {"authors": re.sub(r"[{}]", "", names), "year": entry.fields.get("year", "n.d.")}
    return found


def markdown_of(path):
    """Return the text of a page; for a notebook, that of its Markdown cells."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        return text
    return "\n\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == "markdown")


def plain(heading):
    return re.sub(r"[`*$]", "", heading).strip()
