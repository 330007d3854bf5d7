"""Lets a chapter refer to one that is planned but not written yet: its name is printed, without a link.

The planned chapters are the lines of `_toc.yml` that are still behind a '#'. Any other unknown page stays an error.
"""

import re
from pathlib import Path

from docutils import nodes

PLANNED = re.compile(r"^\s*#\s*-\s*file:\s*(\S+)", re.MULTILINE)


def planned(toc):
    """The documents that a table of contents lists as comments, by name: {"20-vanishing-gradients": "book/20-…"}."""
    return {Path(entry).name: entry for entry in PLANNED.findall(toc)}


def title_of(name):
    """ "20-vanishing-gradients" -> "Vanishing gradients"."""
    return re.sub(r"^\d+-", "", name).replace("-", " ").capitalize()


def resolve(app, env, node, contnode):
    if node.get("refdomain") != "std" or node.get("reftype") != "doc":
        return None
    name = Path(node["reftarget"]).name
    if name not in app.chapters_to_come:
        return None
    text = contnode.astext() if node.get("refexplicit") else title_of(name)
    return nodes.emphasis(text, text)


def read_toc(app):
    toc = Path(app.srcdir) / "_toc.yml"
    app.chapters_to_come = planned(toc.read_text(encoding="utf-8"))


def setup(app):
    app.connect("builder-inited", read_toc)
    app.connect("missing-reference", resolve)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
