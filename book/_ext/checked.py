"""Marks every numbered equation with a link to the cell that checks it, and lists all of them on one page.

A numbered equation without a check, or with a check whose stored output does not say that it holds, causes a warning,
and warnings fail the build. If the checker cannot read an equation, another cell may check it: that cell's metadata
names it and says why, `{"nnbook": {"checks": "eq-label", "reason": "…"}}`.

equation-functions.toml names the function of the package that a check calls, or says that the equation is mathematics
only: the two have different marks. An equation that is not listed there causes a warning too.
"""

import html
import json
import re
import tomllib
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from nnbook.equations import documents

logger = logging.getLogger(__name__)

FOLDER = "book/"
PAGE = "book/verified-equations"
SCORES = "book/equation-scores.json"
FUNCTIONS = "book/equation-functions.toml"
MARKS = {  # the sign, its tooltip, the text for screen readers
    "function": (
        "✓",
        "Page, definition and package agree: see the check",
        "Checked against the package: see the check",
    ),
    "mathematics": (
        "∴",
        "Mathematics only: see the check",
        "Checked as mathematics, without the package: see the check",
    ),
}
HOLDS = re.compile(r"^(\S+)  holds \(([\d,]+) comparisons?, tolerance ([^\s;)]+)(?:; [^\n]+)?\)$", re.MULTILINE)


def checks_in(path):
    """Return the checks of a notebook's equations, from its outputs: {label: {"comparisons", "assumes", "reason"}}."""
    checks = {}
    if path.suffix != ".ipynb":
        return checks
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        source = "".join(cell["source"])
        printed = "".join("".join(output.get("text", "")) for output in cell["outputs"])
        held = {label: number for label, number, _tolerance in HOLDS.findall(printed)}
        for call in documents.check_calls([source]):
            assumes = re.sub(r"\s+", " ", ", ".join(f"{k}={_written(v)}" for k, v in call.arguments.items()))
            if call.label in checks:
                checks[call.label]["twice"] = True
                continue
            comparisons = int(held[call.label].replace(",", "")) if call.label in held else None
            checks[call.label] = {"comparisons": comparisons, "assumes": assumes, "reason": None}
        declared = cell["metadata"].get("nnbook", {})
        if "checks" in declared:
            checks[declared["checks"]] = {"comparisons": None, "assumes": "", "reason": declared.get("reason", "")}
    return checks


def _written(node):
    import ast

    return ast.unparse(node).replace("nn.", "").replace("'", '"')


def asked(srcdir):
    """Return what the table says about each equation: {label: ("function", name) or ("mathematics", why)}."""
    entries = tomllib.loads((Path(srcdir) / FUNCTIONS).read_text(encoding="utf-8"))
    return {label: (kind, said) for kind in MARKS for label, said in entries.get(kind, {}).items()}


# --- the mark beside the number -----------------------------------------------------------------


def read_page(app, doctree):
    """Give the check cells of a chapter their anchors, and warn about equations that nothing checks."""
    docname = app.env.docname
    labels = [block["label"] for block in doctree.findall(nodes.math_block) if block.get("label")]
    if not docname.startswith(FOLDER) or not labels:
        return
    app.env.note_dependency(str(Path(app.srcdir) / FUNCTIONS))
    checks, kinds = checks_in(Path(app.env.doc2path(docname))), asked(app.srcdir)
    for block in doctree.findall(nodes.math_block):
        label = block.get("label")
        if label is None:
            continue
        check = checks.get(label)
        if check is None:
            problem = f"no cell of this page checks it: add a cell with nn.verify({label!r})"
        elif check.get("twice"):
            problem = "two cells check it"
        elif check["reason"] == "":
            problem = "its cell declares another check without a reason"
        elif check["reason"] is None and check["comparisons"] is None:
            problem = "the stored output of its check does not say that it holds: execute the notebook"
        elif label not in kinds:
            problem = f"{FUNCTIONS} does not say which function of the package its check calls, or why it calls none"
        else:
            continue
        logger.warning("equation %s: %s", label, problem, location=block, type="checked")
    for cell in doctree.findall(nodes.container):
        if cell.get("nb_element") != "cell_code":
            continue
        source = next((block.astext() for block in cell.findall(nodes.literal_block)), "")
        named = [call.label for call in documents.check_calls([source])]
        declared = (cell.get("cell_metadata") or cell.get("metadata") or {}).get("nnbook", {}).get("checks")
        cell["ids"] += [f"check-{label}" for label in [*named, *([declared] if declared else [])] if label in labels]
    app.env.nnbook_checks = getattr(app.env, "nnbook_checks", {})
    app.env.nnbook_checks[docname] = {label: kinds[label][0] for label in labels if label in checks and label in kinds}


def mark(app, pagename, templatename, context, doctree):
    """Put the mark before the number of each checked equation."""
    body = context.get("body")
    for label, kind in getattr(app.env, "nnbook_checks", {}).get(pagename, {}).items() if body else []:
        start = body.find(f'id="equation-{label}"')
        place = body.find('<span class="eqno">', start)
        if start < 0 or place < 0:
            continue
        place += len('<span class="eqno">')
        sign, tooltip, words = MARKS[kind]
        link = (
            f'<a class="checked" href="#check-{html.escape(label)}" title="{tooltip}">'
            f'<span aria-hidden="true">{sign}</span><span class="checked-words">{words}</span></a>'
        )
        body = body[:place] + link + body[place:]
    if body:
        context["body"] = body


# --- the page of all equations ------------------------------------------------------------------


class VerifiedEquations(SphinxDirective):
    """``{verified-equations}``: every numbered equation, rendered, with the result of its check."""

    def run(self):
        root = Path(self.env.srcdir)
        scores_file = root / SCORES
        self.env.note_dependency(str(scores_file))
        scores = json.loads(scores_file.read_text(encoding="utf-8")) if scores_file.exists() else {}
        kinds = asked(root)
        counted = ("equations", "comparisons", "refused", "equivalent", "otherwise", *MARKS)
        sections, total = [], dict.fromkeys(counted, 0)
        for docname in sorted(self.env.found_docs):
            path = Path(self.env.doc2path(docname))
            if not docname.startswith(FOLDER) or docname == PAGE:
                continue
            equations = [e for e in documents.read(path).equations if e.label]
            if not equations:
                continue
            self.env.note_dependency(str(path))
            checks = checks_in(path)
            section = nodes.section(ids=[f"equations-of-{path.stem}"])
            section += nodes.title("", title_of(path))
            for equation in equations:
                found = (checks.get(equation.label), scores.get(equation.label), kinds.get(equation.label))
                section += self.entry(equation, *found, total, docname)
            sections.append(section)
        return [*self.markdown(summary(total)), *sections]

    def markdown(self, lines):
        holder = nodes.Element()
        self.state.nested_parse(StringList(lines, self.get_source_info()[0]), self.content_offset, holder)
        return holder.children

    def entry(self, equation, check, score, asks, total, docname):
        total["equations"] += 1
        sign = ""
        if asks is not None:
            total[asks[0]] += 1
            sign = MARKS[asks[0]][0] + " "
        check = check or {"comparisons": None, "assumes": "", "reason": None}
        words = []
        if check["reason"]:
            total["otherwise"] += 1
            words.append(f"checked by another cell: {check['reason']}")
        if check["comparisons"]:
            total["comparisons"] += check["comparisons"]
            words.append(f"{check['comparisons']:,} comparisons")
        if score and score["mutants"]:
            total["refused"] += score["refused"]
            total["equivalent"] += score["equivalent"]
            words.append(
                f"{score['refused']} of {score['mutants']} wrong forms refused"
                + (f", {score['equivalent']} equivalent" if score["equivalent"] else "")
            )
        if check["assumes"]:
            words.append("on supplied values" if "given=" in check["assumes"] else f"assumes `{check['assumes']}`")
        if asks is not None:
            words.append(f"asks `{spelled(asks[1])}`" if asks[0] == "function" else f"mathematics: {asks[1]}")
        holder = nodes.container(classes=["verified-equation"])
        place = docname.removeprefix(FOLDER)
        line = f"{sign}{{eq}}`{equation.label}` `{equation.label}`: {'; '.join(words)}."
        holder.extend(self.markdown([line]))
        latex = re.sub(r"(?<!\\)%[^\n]*", "", equation.latex)
        block = nodes.math_block(latex, latex, nowrap=False, number=None, label=None, docname=place)
        self.set_source_info(block)
        holder += block
        return holder


def title_of(path):
    """Return a page's first heading."""
    cells = (
        json.loads(path.read_text(encoding="utf-8"))["cells"]
        if path.suffix == ".ipynb"
        else [{"cell_type": "markdown", "source": path.read_text(encoding="utf-8")}]
    )
    for cell in cells:
        heading = (
            re.search(r"^# (.+)$", "".join(cell["source"]), re.MULTILINE) if cell["cell_type"] == "markdown" else None
        )
        if heading:
            return heading.group(1).strip()
    return path.stem


def spelled(name):
    """Return a function's name as a reader writes it, after `import nnbook as nn`."""
    return "nn." + name.removeprefix("nnbook.").removesuffix(".__call__")


def summary(total):
    """Return the totals, as lines of Markdown."""
    text = (
        f"{total['equations']} equations, {total['comparisons']:,} comparisons; of their wrong forms, "
        f"{total['refused']:,} are refused and {total['equivalent']} mean the same as the equation."
    )
    if total["otherwise"]:
        text += f" {total['otherwise']} of the equations are checked by another cell, for the reason given."
    signs = {kind: sign for kind, (sign, _, _) in MARKS.items()}
    return [
        "| mark | what agrees | equations |",
        "| --- | --- | --- |",
        f"| {signs['function']} | page, definition and package | {total['function']} |",
        f"| {signs['mathematics']} | page and definition: mathematics only | {total['mathematics']} |",
        "",
        text,
    ]


def outdated(app, env, added, changed, removed):
    """Rebuild the page of all equations whenever a chapter has changed."""
    return [PAGE] if PAGE in env.found_docs and (added or changed or removed) else []


def purge(app, env, docname):
    getattr(env, "nnbook_checks", {}).pop(docname, None)


def merge(app, env, docnames, other):
    env.nnbook_checks = {**getattr(env, "nnbook_checks", {}), **getattr(other, "nnbook_checks", {})}


def setup(app):
    app.add_directive("verified-equations", VerifiedEquations)
    app.connect("doctree-read", read_page)
    app.connect("html-page-context", mark, priority=500)
    app.connect("env-get-outdated", outdated)
    app.connect("env-purge-doc", purge)
    app.connect("env-merge-info", merge)
    # Raise env_version when the form of the stored data changes: Sphinx then reads every page again.
    return {"version": "1", "env_version": 2, "parallel_read_safe": True, "parallel_write_safe": True}
