"""Prepares the text of a page before HTML is written: keeps things on one line, marks the lead, removes unused classes.

It works on Sphinx's tree; what exists only in the finished HTML is fixed by `mend.py`.
"""

import re
from html import escape

from docutils import nodes
from sphinx import addnodes

SHORT, LONG = 45, 110  # characters of LaTeX; a longer formula may have to be broken on a phone, or on any screen
SIZES = re.compile(r"(\b\d+(?:-\d+){2,}\b)")
AS_IT_STANDS = (nodes.literal, nodes.literal_block, nodes.math, nodes.math_block, nodes.raw, nodes.comment,
                addnodes.desc_signature)  # fmt: skip
LEAD = 260  # characters


def arrange(app, tree, docname):
    keep_together(tree)
    keep_sizes_together(tree)
    mark_lead(tree)
    drop_classes(tree)


def keep_together(tree):
    """Keep a formula and adjacent punctuation on one line where there is room: browsers would not."""
    for formula in list(tree.findall(nodes.math)):
        parent, length = formula.parent, len(escape(formula.astext(), quote=False))  # as HTML writes it
        if length > LONG:
            continue
        place = parent.index(formula)
        before, after = parent[place - 1] if place else None, parent[place + 1] if place + 1 < len(parent) else None
        tail = re.match(r"\S{1,12}", after) if isinstance(after, nodes.Text) else None
        head = re.search(r"[(\[“]+$", before) if isinstance(before, nodes.Text) else None
        if tail is None and head is None:
            continue
        box = nodes.inline("", "", classes=["together" if length <= SHORT else "together-if-wide"])
        parent.replace(formula, box)
        if head is not None:
            parent.replace(before, nodes.Text(before[: head.start()]))
            box += nodes.Text(head[0])
        box += formula
        if tail is not None:
            parent.replace(after, nodes.Text(after[tail.end() :]))
            box += nodes.Text(tail[0])


def keep_sizes_together(tree):
    """Prevent line breaks inside the sizes of a network, as in “a 12-3-2 network”."""
    for text in list(tree.findall(nodes.Text)):
        if not SIZES.search(text) or inside(text, AS_IT_STANDS):
            continue
        pieces = SIZES.split(text)
        text.parent.replace(
            text,
            [nodes.inline("", p, classes=["together"]) if i % 2 else nodes.Text(p) for i, p in enumerate(pieces) if p],
        )


def mark_lead(tree):
    """Mark a short first paragraph under the title of a page as its lead."""
    for section in list(tree.findall(nodes.section))[:1]:
        shown = [child for child in section.children if not isinstance(child, nodes.Invisible | nodes.target)]
        if len(shown) > 1 and isinstance(shown[1], nodes.paragraph):
            words = sum(len(text) for text in shown[1].findall(nodes.Text) if not inside(text, nodes.math))
            if words < LEAD:
                shown[1]["classes"] = ["lead"]


def drop_classes(tree):
    """Remove MathJax's classes, which are not used: KaTeX has rendered every formula."""
    for section in tree.findall(nodes.section):
        section["classes"] = [name for name in section["classes"] if not name.endswith("jax_ignore")]


def inside(node, kinds):
    while node is not None:
        if isinstance(node, kinds):
            return True
        node = node.parent
    return False


def setup(app):
    app.connect("doctree-resolved", arrange, priority=950)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
