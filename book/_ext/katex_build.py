"""Renders every formula while the book is built, with KaTeX in a JavaScript engine from PyPI: no Node, no CDN.

sphinxcontrib-katex ships `katex.min.js`; the style sheet and the fonts of the same version are in
`book/_static/katex`. A formula that KaTeX rejects causes a warning with its location, and warnings fail the build.
"""

import functools
import re
from pathlib import Path

import dukpy
import sphinxcontrib.katex
from docutils import nodes
from sphinx.locale import _
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

logger = logging.getLogger(__name__)

KATEX_JS = Path(sphinxcontrib.katex.__file__).parent / "katex.min.js"
# KaTeX would number each line of these, in addition to the number that Sphinx gives the whole equation.
SELF_NUMBERING = re.compile(r"\\begin\{(align|alignat|gather|equation|multline|eqnarray)\}")


class FormulaError(ValueError):
    """A formula cannot be rendered; the message is KaTeX's own."""


@functools.cache
def _engine():
    engine = dukpy.JSInterpreter()
    engine.evaljs(KATEX_JS.read_text(encoding="utf-8"))
    return engine


@functools.cache
def render(latex, display=False):
    """Return the HTML and MathML of a formula; raise FormulaError if KaTeX rejects it."""
    numbered = SELF_NUMBERING.search(latex)
    if numbered:
        name = numbered.group(1)
        raise FormulaError(f"{name} numbers its lines itself: use aligned or gathered inside $$ … $$ (eq-label)")
    # Lines with fractions would touch: KaTeX leaves little space between the lines of an equation.
    if latex.count(r"\begin{") == latex.count(r"\begin{aligned}") and r"\frac" in latex:
        latex = re.sub(r"\\\\(?!\s*\[)", r"\\\\[0.55em]", latex)
    # The newline ends a comment on the last line, which would otherwise swallow the end of the formula.
    call = "katex.renderToString(dukpy.latex, {displayMode: dukpy.display, throwOnError: true, strict: 'error'})"
    try:
        return _engine().evaljs(call, latex=latex + "\n", display=display)
    except dukpy.JSRuntimeError as error:
        message = str(error).partition("\n    at ")[0].replace("\N{COMBINING LOW LINE}", "")
        raise FormulaError(" ".join(message.split())) from error


def _render_or_report(translator, node):
    try:
        return render(node.astext(), display=isinstance(node, nodes.math_block))
    except FormulaError as error:
        logger.warning("cannot render %r: %s", node.astext().strip(), error, location=node, type="katex")
        return f"<code>{translator.encode(node.astext())}</code>"


def visit_inline(translator, node):
    html = _render_or_report(translator, node)
    translator.body.append(f'<span class="math notranslate nohighlight">{html}</span>')
    raise nodes.SkipNode


def visit_display(translator, node):
    html = _render_or_report(translator, node)
    translator.body.append(translator.starttag(node, "div", CLASS="math notranslate nohighlight"))
    translator.body.append(html)
    if node["number"]:
        number = get_node_equation_number(translator, node)
        translator.body.append(f'<span class="eqno">({number})')
        translator.add_permalink_ref(node, _("Link to this equation"))
        translator.body.append("</span>")
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app):
    app.add_html_math_renderer("katex", inline_renderers=(visit_inline, None), block_renderers=(visit_display, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
