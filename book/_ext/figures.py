"""Turns each picture that a cell draws, and each interactive figure, into a numbered figure.

Its caption is the first sentence of its description. A name in the cell's metadata, `mystnb: image: name: fig-…`, lets
the text refer to it with `{numref}`; an interactive figure is named after its label.
"""

import re

import naming
from docutils import nodes
from sphinx.transforms import SphinxTransform

SENTENCE = re.compile(r".+?[.!?](?= [A-Z]|$)", re.DOTALL)


class NumberFigures(SphinxTransform):
    default_priority = 800  # before Sphinx records the targets of references

    def apply(self, **_arguments):
        count = 0
        for cell in self.document.findall(lambda node: element_of(node) == "cell_code"):
            for bundle in list(cell.findall(lambda node: element_of(node) == "mime_bundle")):
                picture = naming.picture({part["mime_type"]: part.astext() for part in bundle}, cell["cell_metadata"])
                if picture is None:
                    continue
                count += 1
                name, words = picture
                first = SENTENCE.match(words)
                figure = nodes.figure("", nodes.caption("", first[0] if first else words))
                bundle.replace_self(figure)
                figure.insert(0, bundle)
                if name:
                    figure["names"] = [name]
                    self.document.note_explicit_target(figure, figure)
                else:
                    figure["ids"] = [f"figure-{count}"]


def count_by_page(app, env):
    """Number the figures of each page without a number from 1; Sphinx would number them through all such pages."""
    for kinds in env.toc_fignumbers.values():
        figures = kinds.get("figure", {})
        if any(len(number) == 1 for number in figures.values()):
            kinds["figure"] = {name: (place,) for place, name in enumerate(figures, start=1)}
    return []


def element_of(node):
    return node.get("nb_element") if isinstance(node, nodes.container) else None


def setup(app):
    app.add_transform(NumberFigures)
    app.connect("env-get-updated", count_by_page, priority=900)  # after Sphinx has numbered them
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
