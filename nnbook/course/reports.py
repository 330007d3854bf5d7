"""Write results down: Gradescope's results.json, a page of feedback that loads nothing, and tables for a course.

Whatever came out of a submission is text of a stranger: it is cut, made printable and escaped before it is written.
"""

from __future__ import annotations

import csv
import html
import importlib.metadata
import io
import json
import os
import tempfile
from pathlib import Path

from .harness import short

STYLE = """
body{font:1rem/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1d2733;background:#fff}
h1{font-size:1.5rem;margin-bottom:.2rem}h2{font-size:1.1rem;margin:0}
.score{font-variant-numeric:tabular-nums;float:right;font-weight:600}
section{border:1px solid #c9d1da;border-left-width:.4rem;border-radius:.3rem;padding:.7rem 1rem;margin:1rem 0}
.full{border-left-color:#16794a}.part{border-left-color:#9a6700}.none{border-left-color:#b3361b}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f2f5f8;padding:.5rem;margin:.2rem 0 .6rem;font-size:.85rem}
dt{font-weight:600}dd{margin:0}a{color:#0b5cad}
@media(prefers-color-scheme:dark){body{color:#e3e8ee;background:#15191e}section{border-color:#46505c}pre{background:#20262d}
a{color:#7fbaff}}
""".strip()


def book_url() -> str:
    """Return where the book stands on the web: what NNBOOK_SITE_URL or the package's own metadata say, or ""."""
    if os.environ.get("NNBOOK_SITE_URL"):
        return os.environ["NNBOOK_SITE_URL"]
    try:
        urls = importlib.metadata.metadata("nnbook").get_all("Project-URL") or []
    except importlib.metadata.PackageNotFoundError:
        return ""
    pairs = dict(url.split(", ", 1) for url in urls if ", " in url)
    return next((pairs[name] for name in ("Documentation", "Book", "Homepage") if name in pairs), "")


def section_link(task: dict, base: str) -> str:
    """Return the address of the section that a task belongs to, or "" without a base."""
    if not base.startswith(("https://", "http://")):
        return ""
    anchor = f"#equation-{task['label']}" if task["label"] else ""
    return f"{base.rstrip('/')}/{task['chapter']}.html{anchor}"


def section_name(task: dict) -> str:
    """Return how a reader finds the section: chapter and equation."""
    number, name = task["chapter"].split("-", 1)
    equation = f", equation {task['label']}" if task["label"] else ""
    return f"chapter {int(number)}, {name.replace('-', ' ')}{equation}"


def told(task: dict) -> str:
    """Return what a student is told about one task, as plain text."""
    if task["score"] == task["max_score"]:
        return "Right."
    lines = [task["reason"] or "Not right."]
    lines += [f"Diagnosis: {finding}" for finding in task["findings"]]
    for name, text in task["example"].items():
        lines.append(f"{name}:\n{text}")
    lines.append(f"Read again: {section_name(task)}.")
    return "\n".join(lines)


def gradescope(result: dict, key: str) -> dict:
    """Return a result in the form of Gradescope's results.json."""
    notes = [result["remark"], *(f"While your notebook ran: {p}" for p in result["problems"])]
    return {
        "score": result["score"],
        "execution_time": result["seconds"],
        "output": "\n".join(note for note in notes if note) or "Your notebook ran.",
        "output_format": "text",
        "visibility": "visible",
        "tests": [
            {
                "name": f"{task['function']}: {task['asks']}",
                "number": str(number),
                "score": task["score"],
                "max_score": task["max_score"],
                "status": "passed" if task["score"] == task["max_score"] else "failed",
                "output": told(task),
                "output_format": "text",
                "visibility": "visible",
            }
            for number, task in enumerate(result["tasks"], start=1)
        ],
        "extra_data": {"key": key, "result": result},
    }


def feedback(result: dict, base: str = "", by_hand=()) -> str:
    """Return a student's page of feedback: one HTML file without scripts, images or anything from elsewhere.

    `by_hand` lists what a teacher marked: (name, score or None while it is not marked, points, comment or None). A task
    may have a "by_hand", the mark that a teacher gave in place of the grader's, and a "comment".
    """
    e = html.escape
    marks = [task["score"] if task.get("by_hand") is None else task["by_hand"] for task in result["tasks"]]
    total = round(sum(marks), 2)
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en"><head><meta charset="utf-8">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{e(result['title'])}: {total:g} of {result['max_score']:g}</title>",
        f"<style>{STYLE}</style></head><body><main>",
        f"<h1>{e(result['title'])}</h1>",
        f"<p>{e(result['student'])}: <strong>{total:g} of {result['max_score']:g} points</strong> "
        "from the grader. Questions answered in words are marked by your teacher.</p>",
    ]
    if result["remark"]:
        parts.append(f"<p>{e(result['remark'])}</p>")
    if result["problems"]:
        items = "".join(f"<li>{e(problem)}</li>" for problem in result["problems"])
        parts.append(f"<p>While your notebook ran (text cells are counted too):</p><ul>{items}</ul>")
    for task, mark in zip(result["tasks"], marks):
        grade = "full" if mark >= task["max_score"] else "part" if mark else "none"
        parts.append(
            f'<section class="{grade}"><span class="score">{mark:g} / {task["max_score"]:g}</span>'
            f"<h2><code>{e(task['function'])}</code></h2><p>{e(task['asks'])}</p>"
        )
        if task.get("by_hand") is not None:
            parts.append(f"<p>Your teacher gave this mark; the grader gave {task['score']:g}.</p>")
        if task.get("comment"):
            parts.append(f"<p>Your teacher: {e(short(task['comment'], 5000))}</p>")
        if task["score"] == task["max_score"]:
            parts.append("<p>Right.</p></section>")
            continue
        parts.append(f"<p>{e(task['reason'])}</p>")
        for finding in task["findings"]:
            parts.append(f"<p><strong>Diagnosis:</strong> {e(finding)}</p>")
        if task["example"]:
            rows = "".join(f"<dt>{e(n)}</dt><dd><pre>{e(t)}</pre></dd>" for n, t in task["example"].items())
            parts.append(f"<p>For example:</p><dl>{rows}</dl>")
        link, name = section_link(task, base), e(section_name(task))
        parts.append(f'<p>Read again: <a href="{e(link)}">{name}</a></p>' if link else f"<p>Read again: {name}</p>")
        parts.append("</section>")
    for name, score, points, comment in by_hand:
        given = "not marked yet" if score is None else f"{score:g} / {points:g}"
        parts.append(f'<section><span class="score">{given}</span><h2>{e(short(name, 80))}</h2>')
        parts.append(f"<p>{e(short(comment, 5000))}</p></section>" if comment else "</section>")
    if result["isolation"] != "bubblewrap":
        parts.append(f"<p><small>{e(result['isolation_note'])}</small></p>")
    parts.append("</main></body></html>\n")
    return "\n".join(parts)


def write(path: Path, text: str) -> None:
    """Replace the file at `path` in one step; if that fails the old file is left alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace", newline="") as file:
            file.write(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def write_result(folder: Path, result: dict, key: str, base: str) -> None:
    """Write feedback.html and then results.json, whose presence says that both are complete."""
    write(folder / "feedback.html", feedback(result, base))
    write(folder / "results.json", json.dumps(gradescope(result, key), indent=1) + "\n")


def read_result(folder: Path, key: str) -> dict | None:
    """Return the result that stands in a folder if it belongs to this key, else None."""
    found, result = _stored(folder)
    return result if found == key else None


def any_result(folder: Path) -> dict | None:
    """Return the result that stands in a folder, or None."""
    return _stored(folder)[1]


def key_of_result(folder: Path) -> str:
    """Return the key of the result that stands in a folder, or ""."""
    return _stored(folder)[0]


def _stored(folder):
    try:
        if not (folder / "feedback.html").is_file():
            return "", None
        extra = json.loads((folder / "results.json").read_text(encoding="utf-8"))["extra_data"]
        return extra["key"], extra["result"]
    except (OSError, ValueError, KeyError, TypeError):
        return "", None


def tables(folder: Path, results: list[dict]) -> None:
    """Write grades.csv (one row for each submission) and lms.csv (one row for each student) into `folder`.

    Results of earlier runs that stand in the folder are in the tables too.
    """
    known = {(r["student"], r["assignment"]): r for r in results}
    for path in sorted(folder.glob("*/*/results.json")):
        if (path.parent.parent.name, path.parent.name) not in known and (earlier := any_result(path.parent)):
            known[path.parent.parent.name, path.parent.name] = earlier
    results = [known[names] for names in sorted(known)]
    rows = [["student", "assignment", "score", "max_score", "isolation", "remark"]]
    names = sorted({r["assignment"] for r in results})
    for r in results:
        note = r["remark"] or (r["problems"][0] if r["problems"] else "")
        rows.append([r["student"], r["assignment"], f"{r['score']:g}", r["max_score"], r["isolation"], note])
    write(folder / "grades.csv", _csv(rows))
    scores = {(r["student"], r["assignment"]): f"{r['score']:g}" for r in results}
    rows = [["student", *names]]
    rows += [[s, *(scores.get((s, n), "") for n in names)] for s in sorted({r["student"] for r in results})]
    write(folder / "lms.csv", _csv(rows))


def _csv(rows):
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([[_cell(value) for value in row] for row in rows])
    return file.getvalue()


def _cell(value):
    """A spreadsheet takes text that begins so for a formula, and would run it."""
    text = short(value, 500).replace("\n", " ")
    return "'" + text if isinstance(value, str) and text[:1] in tuple("=+-@\t") else text
