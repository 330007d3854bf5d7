"""Makes the notebooks that readers download one by one: whatever needs the rest of the book is written out.

The chapters keep MyST's own roles. A copy in another folder cannot find the other pages: so links lead to the site,
citations and exercise numbers are written as text, and stored pictures are described in words, because JupyterLab
shows a stored picture only in a notebook that it trusts.
"""

import json
import re
import shutil
from pathlib import Path

import naming

HOW_TO_RUN = """**To run this notebook** you need its package, `nnbook`, and a JupyterLab extension that
shows its boxes. Type in a terminal, or after a `%` in a cell:

```
pip install "nnbook[book]" jupyterlab_myst
```

If pip finds no `nnbook`, it has not been released on PyPI yet. Type `pip install ".[book]" jupyterlab_myst` instead, in
the folder of a clone of the book's repository.

Then run the cells in order; each picture is drawn by its cell. (JupyterLab shows stored pictures only in a notebook
that it trusts: *Trust Notebook* in its list of commands.) It is a chapter of the book *{title}*{place}. Here
JupyterLab numbers the equations from 1, and the figures, which the text numbers in order, have no captions. To see the
numbers of the book's pages, and links that open other chapters, open the whole book with `make lab`."""

ROLE = re.compile(r"\{(doc|eq|numref|ref|cite|cite:p|cite:t)\}`([^`]+)`")
CODE = re.compile(r"(?ms)^(`{3,}|~{3,})(?!\{(?:admonition|exercise|solution))[^\n]*\n.*?^\1[ \t]*$")


class Names:
    """The numbers and names on the pages, and the address of the site."""

    def __init__(self, site, book=naming.BOOK):
        self.site = site.rstrip("/") + "/" if site else ""
        self.pages, self.equations = naming.pages(book), naming.equations(book)
        self.exercises, self.figures = naming.exercises(book), naming.figures(book)
        self.named = naming.named(self.figures)
        self.citations = naming.citations(book / "references.bib")

    def link(self, text, address):
        return f"[{text}]({self.site}{address})" if self.site else text


def copy_notebooks(app, out):
    """Write the notebooks for readers to download, beside the pages."""
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
    """Return the text of the notebook that the page `page` offers."""
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
    """Return the text of a Markdown cell with its references written out; code blocks are not changed."""
    pieces, position = [], 0
    for block in CODE.finditer(source):
        pieces += [prose(source[position : block.start()], page, names), block.group()]
        position = block.end()
    return "".join([*pieces, prose(source[position:], page, names)])


def prose(text, page, names):
    text = naming.EXERCISE.sub(lambda match: box(match, names.exercises), text)
    return ROLE.sub(lambda match: reference(match, page, names), text)


def reference(match, page, names):
    """Return a role as Markdown that needs no other page."""
    role, content = match.groups()
    words, target = re.fullmatch(r"(?s)(?:(.*?)\s*<)?([^<>]+?)>?", content).groups()
    if role == "doc":
        known = names.pages[target]
        return names.link(words or known["title"], f"{target}.html")
    if role == "eq":
        known = names.equations[target]
        if known["page"] == page:
            return match.group()  # in this notebook, where JupyterLab finds and numbers it
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
    """Return an exercise or a solution as a plain box with the number from the page."""
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
    """Fold, as JupyterLab does, what is folded on the page."""
    for tag in cell["metadata"].get("tags", []):
        if tag in FOLDED:
            cell["metadata"].setdefault("jupyter", {}).update(FOLDED[tag])


def describe(cell, figure):
    """Add a description to each stored picture, because JupyterLab omits them in untrusted notebooks."""
    number = f"Figure {figure[1]}" if figure else "A picture"
    alt = cell["metadata"].get("mystnb", {}).get("image", {}).get("alt")
    for output in cell["outputs"]:
        data = output.get("data", {})
        if alt and any(kind in data for kind in naming.PICTURES):
            data["text/plain"] = [f"[{number}, drawn when the cell is run. {alt}]"]
