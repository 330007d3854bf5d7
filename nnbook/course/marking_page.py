"""What nbgrader's page for marking shows: students' text without scripts, and formulas without another host.

That page runs in the teacher's browser with the teacher's rights in JupyterLab, and nbgrader shows Markdown as it is:
a script in an answer would be run.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import bleach
from jinja2 import pass_context
from nbconvert.exporters import HTMLExporter

TEMPLATES = Path(__file__).with_name("templates") / "formgrader"
TAGS = set(
    "a abbr b blockquote br code dd del div dl dt em h1 h2 h3 h4 h5 h6 hr i img li ol p pre s span strong sub sup "
    "table tbody td th thead tr u ul".split()
)
# No id or class: the page finds its own fields for marks by these.
BEGINNINGS = {"href": ("https://", "http://", "mailto:"), "src": ("data:image/png;", "data:image/jpeg;")}


def _is_harmless(tag, name, value):
    return name in ("alt", "title") or value.startswith(BEGINNINGS.get(name, ()))


@pass_context
def markdown2html(context: Any, source: str) -> str:
    """Return a text cell as HTML that runs nothing and loads nothing; images must be in the notebook."""
    made = HTMLExporter().markdown2html(context, source)
    attributes = dict.fromkeys(("a", "img"), _is_harmless)
    return bleach.clean(
        made, tags=TAGS, attributes=attributes, protocols={"http", "https", "mailto", "data"}, strip=True
    )


def program(name: str) -> str:
    """Return the text of a JavaScript file that sphinxcontrib-katex carries, or "" where that is not installed."""
    found = importlib.util.find_spec("sphinxcontrib")
    for folder in (found and found.submodule_search_locations) or ():
        path = Path(folder) / name
        if path.is_file():
            return path.read_text(encoding="utf-8")
    return ""


def configure(c: Any) -> None:
    """Set what the marking page needs in nbgrader's configuration."""
    c.HTMLExporter.extra_template_basedirs.append(str(TEMPLATES))
    c.HTMLExporter.filters = {"markdown2html": f"{__name__}.markdown2html", "program": f"{__name__}.program"}
