"""Lets readers break the equations: a link beside each number, the verdicts on its wrong forms, and a table of them.

The verdicts are those of `nnbook.equations`, stored in book/wrong-forms.json; the browser judges nothing. The verdicts
for each page are in a separate file, fetched when a reader first breaks an equation there. Without JavaScript the link
leads to the table.
"""

import html
import json
import re
import shutil
from pathlib import Path

import katex_build
from plain import plain_text

FOLDER = "book/"
TABLE = "wrong-forms"
FORMS = "book/wrong-forms.json"
NUMBER = re.compile(r'<span class="eqno">(?:<a class="checked".*?</a>)?\(([^)]*)\)', re.DOTALL)
SCRIPTS = r"(?:[_^]\{(?:[^{}]|\{[^{}]*\})*\})"
SYMBOL = re.compile(rf"\\[A-Za-z]+(?:\{{[^{{}}]*\}})?'?{SCRIPTS}*|\b[A-Za-z]'?{SCRIPTS}+")  # in the text of a verdict
VERDICTS = {
    "r": "refuted",
    "d": "depends",
    "u": "refused: it has no meaning",
    "n": "needs values",
    "l": "refused: nowhere tight",
    "h": "holds",
}


def stored(app):
    """Return the contents of book/wrong-forms.json, read once per build."""
    if not hasattr(app, "nnbook_forms"):
        path = Path(app.srcdir) / FORMS
        app.nnbook_forms = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        app.nnbook_numbers = {}
    return app.nnbook_forms


def offer(app, pagename, templatename, context, doctree):
    """Put the link that breaks an equation after its mark, and the script at the end of the page."""
    body = context.get("body")
    if not body or app.builder.name != "html":
        return
    forms, labels = stored(app), []
    for label in getattr(app.env, "nnbook_checks", {}).get(pagename, []):
        start = body.find(f'id="equation-{label}"')
        number = NUMBER.search(body, start) if start >= 0 and label in forms else None
        if number is None:
            continue
        place = number.start(1) - 1
        link = (
            f'<a class="break" href="{TABLE}.html#wrong-{html.escape(label)}" data-break="{html.escape(label)}" '
            f'title="Change this equation and see the check fail">break<span class="checked-words"> equation '
            f"{number[1]}</span></a> "
        )
        body = body[:place] + link + body[place:]
        app.nnbook_numbers[label] = number[1]
        labels.append(label)
    if labels:
        name = pagename.removeprefix(FOLDER)
        body += script(app, name)
        app.nnbook_broken = {**getattr(app, "nnbook_broken", {}), pagename: labels}
    context["body"] = body


def script(app, name):
    """Return the element that loads the script, with the name of the page whose verdicts it fetches."""
    version = app.config.nnbook_assets
    return f'<script defer src="_static/break.js?v={version}" data-page="{html.escape(name)}"></script>'


# --- the table of all wrong forms ------------------------------------------------------------------


def table_page(app):
    """Yield the page that shows every wrong form with what refutes it."""
    if app.builder.name != "html":
        return
    forms, parts = stored(app), []
    for docname, labels in pages_of(app).items():
        title = html.escape(plain_text(app.env.titles[docname]))
        parts.append(f'<section id="wrong-forms-of-{docname.removeprefix(FOLDER)}"><h2>{title}</h2>')
        parts += [table(label, forms[label], app.builder.get_target_uri(docname)) for label in labels]
        parts.append("</section>")
    count = sum(len(entry["forms"]) for entry in forms.values())
    intro = (
        f'<section id="the-wrong-forms"><h1>The wrong forms</h1><p>Each of the {len(forms)} numbered equations is '
        f"changed in one place at a time, and its check must refuse the result. These are all {count:,} forms, as "
        "LaTeX, with what refutes each. A form that still holds says the same in other words.</p>"
    )
    # Not as the body, which mend.py would process: it is long, and nothing in it comes from a notebook.
    yield TABLE, {"title": "The wrong forms", "table": intro + "".join(parts) + "</section>"}, "wrong-forms.html"


def pages_of(app):
    """Return the pages with breakable equations and their labels, in reading order."""
    forms, found = stored(app), {}
    for docname in sorted(getattr(app.env, "nnbook_checks", {})):
        labels = [label for label in app.env.nnbook_checks[docname] if label in forms]
        if labels:
            found[docname] = labels
    return found


def code(match):
    return f"<code>{match.group()}</code>"


def table(label, entry, address):
    rows = []
    for change, start, end, put, verdict, said in entry["forms"]:
        form = entry["printed"][:start] + put + entry["printed"][end:]
        why = "; ".join(entry["lines"][n] for n in said)
        rows.append(
            f"<tr><td>{html.escape(change)}</td><td><code>{html.escape(form)}</code></td>"
            f"<td>{VERDICTS[verdict]}</td><td>{SYMBOL.sub(code, html.escape(why, quote=False))}</td></tr>"
        )
    name = html.escape(label)
    summary = f"<code>{name}</code>: {len(rows)} wrong forms"
    return (
        f'<details id="wrong-{name}" class="wrong-forms"><summary>{summary}</summary>'
        f'<p><a href="{address}#equation-{name}">The equation</a>, as its check reads it: '
        f"<code>{html.escape(entry['printed'])}</code></p>"
        f'<div class="scroll" data-scroll="The wrong forms of {name}"><table><thead><tr><th scope="col">change</th>'
        f'<th scope="col">wrong form</th><th scope="col">verdict</th><th scope="col">because</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div></details>\n"
    )


# --- the files the script fetches -------------------------------------------------------------------


def write(app, exception):
    """Write each page's verdicts, and KaTeX for the browser, as scripts, which file:// can load too."""
    if exception is not None or app.builder.name != "html":
        return
    forms, static = stored(app), Path(app.outdir, "_static")
    folder = static / "wrong-forms"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for docname, labels in pages_of(app).items():
        share = {label: compact(forms[label]) for label in labels}
        text = json.dumps(share, ensure_ascii=False, separators=(",", ":"))
        (folder / f"{docname.removeprefix(FOLDER)}.js").write_text(f"nnbookForms({text});\n", encoding="utf-8")
    shutil.copyfile(katex_build.KATEX_JS, static / "katex" / "katex.min.js")


def compact(entry):
    """Return an entry with each change named once; \\0 stands for the replaced text where a form only encloses it."""
    base, changes = entry["printed"], sorted({form[0] for form in entry["forms"]})
    shorter = []
    for change, start, end, put, verdict, said in entry["forms"]:
        kept = base[start:end]
        if len(kept) > 9 and kept in put:
            put = put.replace(kept, "\0", 1)
        shorter.append([changes.index(change), start, end, put, verdict, *said])
    return [base, changes, entry["lines"], shorter]


def setup(app):
    app.connect("html-page-context", offer, priority=600)
    app.connect("html-collect-pages", table_page)
    app.connect("build-finished", write, priority=850)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": False}
