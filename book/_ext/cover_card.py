"""Fills in the cover: an equation to break, an interactive figure, and the chapters that have more of them.

The verdicts are those stored in book/wrong-forms.json. The forms are radio buttons, so that no script is needed.
"""

import html
import json
import re
from pathlib import Path

import katex_build
from breaking import VERDICTS, script, stored
from sphinx.util import logging

import nnbook as nn

logger = logging.getLogger(__name__)

LABEL, PAGE = "eq-hidden-delta", "11-hidden-recursion"
SCORES = "book/equation-scores.json"
TABLE_LINK = f"wrong-forms.html#wrong-{LABEL}"
# The changes that the cover offers, and how the description of the stored form begins.
CHOICES = (
    ("drop the prime", "drop the prime", ""),
    ("flip the sign", "turn the sign of the side", ""),
    ("drop the sum", "drop the sum", ""),
    ("swap the indices", "swap the indices", ""),
)


def add_card(app, pagename, templatename, context, doctree):
    """Give the cover's template its card, its figure and the chapters with interactive figures."""
    if app.builder.name != "html" or pagename != app.config.root_doc:
        return
    moving = [page["docname"] for page in context["book"]["chapters"] if has_moving_figure(app, page["docname"])]
    course = next((d for d in sorted(app.env.found_docs) if d.endswith("course-instructor")), None)
    context["book"].update(card_of_recursion=card(app), moving=moving, figure=figure(), course=course)
    context["book"]["card_script"] = script(app, PAGE)


def has_moving_figure(app, docname):
    source = Path(app.env.doc2path(docname))
    return source.suffix == ".ipynb" and 'class=\\"nnb-figure\\"' in source.read_text(encoding="utf-8")


def figure():
    """Return the interactive figure of the cover: what δ predicts about a nudge, on a small network."""
    net = nn.Network([3, 3, 2], rng=11)
    return nn.interactive.nudge(net, [0.9, 0.2, 0.6], [1.0, 0.0], label="cover-nudge").html


def card(app):
    """Return the recursion with its mark, and a few wrong forms of it, each with its verdict."""
    forms = stored(app)
    if not forms:  # the book has no stored wrong forms
        return ""
    entry = forms.get(LABEL)
    if entry is None:
        logger.warning("%s does not hold the equation of the cover, %s", "book/wrong-forms.json", LABEL, type="cover")
        return ""
    scores = json.loads((Path(app.srcdir) / SCORES).read_text(encoding="utf-8"))
    comparisons = f"{scores[LABEL]['comparisons']:,} comparisons on random networks, and every one agrees."
    shown = [("as printed", entry["printed"], "h", [comparisons])]
    for words, change, begins in CHOICES:
        form = next((f for f in entry["forms"] if f[0] == change and f[3].startswith(begins)), None)
        if form is None:
            logger.warning("the cover offers to %s, and no wrong form of %s does so", words, LABEL, type="cover")
            continue
        _, start, end, put, verdict, said = form
        latex = entry["printed"][:start] + put + entry["printed"][end:]
        shown.append((words, latex, verdict, [entry["lines"][n] for n in said]))
    inputs, panels = [], []
    for n, (words, latex, verdict, lines) in enumerate(shown):
        checked = " checked" if n == 0 else ""
        inputs.append(f'<input type="radio" name="form" id="form-{n}"{checked}><label for="form-{n}">{words}</label>')
        said = "".join(f"<li>{html.escape(re.sub(r'(?<![0-9A-Za-z])-(?=[0-9])', '−', line))}</li>" for line in lines)
        panels.append(
            f'<div class="try-panel"><div class="math notranslate nohighlight">{typeset(latex)}</div>'
            f'<p class="break-verdict break-{verdict}">{VERDICTS[verdict]}</p><ul>{said}</ul></div>'
        )
    return (
        '<fieldset class="try"><legend>The error of a hidden unit: change it, and see the check fail</legend>'
        f'{"".join(inputs)}<div class="try-panels" aria-live="polite">{"".join(panels)}</div>'
        f'<p class="try-more"><a href="{TABLE_LINK}" data-break="{LABEL}" data-number="11.2">'
        "Break it anywhere else</a></p>"
        "</fieldset>"
    )


def typeset(latex):
    """Return the formula with the brackets around its sum as tall as the sum."""
    return katex_build.render(re.sub(r"\((\\(?:sum|prod).*?)\) (?=f|\()", r"\\Bigl(\1\\Bigr) ", latex), display=True)


def setup(app):
    app.connect("html-page-context", add_card, priority=950)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
