"""Makes the notebooks that readers download alone: what needs the rest of the book is written out.

The chapters keep MyST's own roles. A copy in a folder of its own finds no other page: so links lead to the site,
citations and the numbers of exercises stand in words, and stored pictures say what they show, because JupyterLab
shows a picture only in a notebook that it trusts.
"""

import json
import re
import shutil
from pathlib import Path

import naming

HOW_TO_RUN = """**To run this notebook** you need its package, `nnbook`, and for its boxes an extension of
JupyterLab. In a terminal, or after a `%` in a cell:

```
pip install "nnbook[book]" jupyterlab_myst
```

Then run the cells in order; each picture is drawn by its cell. (JupyterLab shows stored pictures only in a notebook
that it trusts: *Trust Notebook* in its list of commands.) It is a chapter of the book *{title}*{place}. Here
JupyterLab counts the equations from 1, and the figures, which the text numbers in their order, bear no captions. The
pages' own numbers, and links that open other chapters, are there when `make lab` opens the whole book."""

ROLE = re.compile(r"\{(doc|eq|numref|ref|cite|cite:p|cite:t)\}`([^`]+)`")
CODE = re.compile(r"(?ms)^(`{3,}|~{3,})(?!\{(?:admonition|exercise|solution))[^\n]*\n.*?^\1[ \t]*$")


class Names:
    """What the pages number and name, and the address of the site."""

    def __init__(self, site, book=naming.BOOK):
        self.site = site.rstrip("/") + "/" if site else ""
        self.pages, self.equations = naming.pages(book), naming.equations(book)
        self.exercises, self.figures = naming.exercises(book), naming.figures(book)
        self.named = naming.named(self.figures)
        self.citations = naming.citations(book / "references.bib")

    def link(self, text, address):
        return f"[{text}]({self.site}{address})" if self.site else text


def copy_notebooks(app, out):
    """The notebooks for readers to download, beside the pages."""
    target = out / "notebooks"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    names = Names(app.config.html_baseurl)
    for docname in sorted(app.env.found_docs):
        source = Path(app.srcdir, docname + ".ipynb")
        if source.exists():
            page = app.builder.get_target_uri(docname)
            text = for_download(source.read_text(encoding="utf-8"), app.config.html_title, names, page)
            (target / source.name).write_text(text, encoding="utf-8")


def for_download(notebook, title, names, page):
    """A notebook's text as it is offered at the page `page`."""
    content, name = json.loads(notebook), page.removesuffix(".html")
    for cell in content["cells"]:
        if cell["cell_type"] == "markdown":
            source = written_out("".join(cell["source"]), name, names)
            cell["source"] = source.splitlines(keepends=True)
        else:
            fold(cell)
            describe(cell, names.figures.get(name, {}).get(cell.get("id")))
    place = f", <{names.site}{page}>" if names.site else ""
    words = HOW_TO_RUN.format(title=title, place=place).splitlines(keepends=True)
    content["cells"].insert(0, {"cell_type": "markdown", "id": "how-to-run", "metadata": {}, "source": words})
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


# --- prose ------------------------------------------------------------------------------------------


def written_out(source, page, names):
    """The text of a Markdown cell with its references written out; code blocks stay as they are."""
    pieces, position = [], 0
    for block in CODE.finditer(source):
        pieces += [prose(source[position : block.start()], page, names), block.group()]
        position = block.end()
    return "".join([*pieces, prose(source[position:], page, names)])


def prose(text, page, names):
    text = naming.EXERCISE.sub(lambda match: box(match, names.exercises), text)
    return ROLE.sub(lambda match: reference(match, page, names), text)


def reference(match, page, names):
    """A role as Markdown that needs no other page."""
    role, content = match.groups()
    words, target = re.fullmatch(r"(?s)(?:(.*?)\s*<)?([^<>]+?)>?", content).groups()
    if role == "doc":
        known = names.pages[target]
        return names.link(words or known["title"], f"{target}.html")
    if role == "eq":
        known = names.equations[target]
        if known["page"] == page:
            return match.group()  # in this notebook, where JupyterLab finds and counts it
        return names.link(f"({known['number']})", f"{known['page']}.html#equation-{target}")
    if role == "numref":
        known = names.named[target]
        words = f"Figure {known['number']}"
        return words if known["page"] == page else names.link(words, f"{known['page']}.html#{target}")
    if role == "ref":
        return words or target
    works = [names.citations[key.strip()] for key in content.split(",")]
    if role == "cite:t":
        return "; ".join(f"{work['authors']} ({work['year']})" for work in works)
    return "(" + "; ".join(f"{work['authors']}, {work['year']}" for work in works) + ")"


# --- exercises --------------------------------------------------------------------------------------


def box(match, exercises):
    """An exercise or a solution as a plain box with the number from the page."""
    options = re.sub(r"(?m)^:label:.*\n", "", match["options"])
    if match["kind"] == "exercise":
        title = exercises[naming.label_of(match)]
    else:
        title = f"Solution to {exercises[match['title'].strip()]}"
    return f"{match['fence']}{{admonition}} {title}\n{options}"


# --- cells ------------------------------------------------------------------------------------------

FOLDED = {
    "hide-input": {"source_hidden": True},
    "hide-output": {"outputs_hidden": True},
    "hide-cell": {"source_hidden": True, "outputs_hidden": True},
}


def fold(cell):
    """Fold in JupyterLab's way what is folded on the page."""
    for tag in cell["metadata"].get("tags", []):
        if tag in FOLDED:
            cell["metadata"].setdefault("jupyter", {}).update(FOLDED[tag])


def describe(cell, figure):
    """Say in words what a stored picture shows, where JupyterLab does not trust the notebook and leaves it out."""
    number = f"Figure {figure[1]}" if figure else "A picture"
    alt = cell["metadata"].get("mystnb", {}).get("image", {}).get("alt")
    for output in cell["outputs"]:
        data = output.get("data", {})
        if alt and any(kind in data for kind in naming.PICTURES):
            data["text/plain"] = [f"[{number}, drawn when the cell is run. {alt}]"]
