"""How a run is reported: as text, as JSON, as annotations of GitHub, as SARIF."""

from __future__ import annotations

import hashlib
import json
import textwrap
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from .examine import JUDGED, Report, Result, counted, problems_of

RULES = {
    "refuted": ("NN001", "error", "equation refuted", "A counterexample was found, or the indices cannot fit."),
    "depends": ("NN002", "warning", "equation depends on an assumption",
                "It holds under some of the usual assumptions, or on one reading of its letters, and fails on others."),
    "needs values": ("NN003", "notice", "equation needs values",
                     "It is not about a network, and nothing supplies values."),
    "unreadable": ("NN004", "notice", "equation cannot be read", "The place is marked; whether it holds is not known."),
    "broken": ("NN005", "error", "not checked", "A file or an equation could not be read at all."),
}  # fmt: skip
WIDEST = 110
WORDS = {"holds": ("holds", "hold"), "depends": ("depends", "depend"), "needs values": ("needs values", "need values")}


def summary(reports: list[Report]) -> str:
    """Return one line that counts the equations by status: ``3 equations: 2 hold, 1 refuted``."""
    counts = counted(reports)
    parts = [f"{counts[status]} {WORDS.get(status, (status, status))[counts[status] != 1]}"
             for status in (*JUDGED, "needs values", "unreadable") if counts[status]]  # fmt: skip
    unchecked = sum(report.unchecked for report in reports)
    total = sum(counts.values())
    return (
        f"{total} equation{'s' * (total != 1)}: {', '.join(parts) or 'nothing was judged'}"
        + ("" if not parts or any(counts[status] for status in JUDGED) else "; nothing was judged")
        + (f" ({unchecked} marked % unchecked)" if unchecked else "")
    )


def notation_line(report: Report) -> str:
    """Return the line that says which notation a file was read in, and how that was decided."""
    return f"{report.path}: notation {report.notation} ({report.how})"


def line(result: Result) -> str:
    """Return what was found of one equation: one line, and the reason indented below it."""
    verdict, detail = result.verdict, result.verdict.detail.replace("\n", "\n    ")
    text = f"{_place(result)}: {result.label}  {verdict.status}"
    if verdict.status == "holds":
        text += f" ({_compared(result)})" if verdict.comparisons else ""
        text += f": {verdict.remark}" if verdict.remark else ""
    else:
        text += f": {detail}" if detail else ""
        text += f"\n    {verdict.remark}" if verdict.remark else ""
    if verdict.proposal and verdict.proposal not in verdict.detail:
        text += f"\n    {verdict.proposal}"
    return "\n".join(map(_wrapped, text.split("\n")))


def _wrapped(line: str) -> str:
    """Return a line of prose in lines of at most 110 characters; a printed equation has no more than that."""
    indent = line[: len(line) - len(line.lstrip())]
    if len(line) <= WIDEST or not indent:
        return line
    return textwrap.fill(line, WIDEST, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _compared(result: Result) -> str:
    number, tolerance = result.verdict.comparisons, f"{result.tolerance:.0e}".replace("e-0", "e-")
    return f"{number:,} comparison{'s' * (number != 1)}, tolerance {tolerance}"


def _place(result: Result) -> str:
    span = result.span
    if span.cell is None:
        return f"{result.path}:{span.line}:{span.col}"
    return f"{result.path}:cell {span.cell + 1}:{span.cell_line}:{span.col}"


def as_text(reports: list[Report]) -> str:
    lines = []
    for report in reports:
        if report.notation:
            lines.append(notation_line(report))
        lines += [line(result) for result in report.results]
    return "\n".join([*lines, summary(reports)]) + "\n"


def as_json(reports: list[Report]) -> str:
    """A list with an entry for each equation; places are named as SciEqLint names them."""
    entries = []
    for report in reports:
        for result in report.results:
            verdict, span = result.verdict, result.span
            detail = verdict.detail
            if verdict.status == "holds" and not detail:
                detail = _compared(result) if verdict.comparisons else verdict.remark
            entries.append({
                "label": result.label, "status": verdict.status, "detail": detail, "remark": verdict.remark,
                "proposal": verdict.proposal, "comparisons": verdict.comparisons, "notation": result.notation,
                "path": result.path.as_posix(), "line": span.line, "col": span.col, "end_line": span.end_line,
                "end_col": span.end_col, "cell": span.cell, "cell_line": span.cell_line, "equation": result.latex,
            })  # fmt: skip
    return json.dumps(entries, ensure_ascii=False, indent=1) + "\n"


def as_github(reports: list[Report], strict: bool = False) -> str:
    """Workflow commands, one for each equation that does not hold: GitHub shows them on the lines of the change."""
    lines = []
    for result in _telling(reports):
        code, level, title, _ = _rule(result, strict)
        span = result.span
        properties = {"title": f"{code} {title}", "file": _shown(result.path).as_posix(), "line": span.line,
                      "col": span.col, "endLine": span.end_line, "endColumn": span.end_col}  # fmt: skip
        if span.cell is not None:  # columns count in the cell, not in the file
            del properties["col"], properties["endColumn"]
        written = ",".join(f"{key}={_escaped(value, ':,')}" for key, value in properties.items())
        lines.append(f"::{level} {written}::{_escaped(_message(result))}")
    code, level, title, _ = RULES["broken"]
    for problem in (problem for report in reports for problem in report.problems):
        lines.append(f"::{level} title={code} {title}::{_escaped(problem)}")
    return "".join(f"{line}\n" for line in lines)


def _escaped(value: object, more: str = "") -> str:
    text = str(value).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    for character in more:
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def as_sarif(reports: list[Report], strict: bool = False) -> str:
    """SARIF 2.1.0, as code scanning reads it: a result for each equation that does not hold."""
    results = [_sarif_result(result, strict) for result in _telling(reports)]
    used = sorted({result["ruleId"] for result in results})
    rules = [
        {"id": code, "name": code, "shortDescription": {"text": title}, "help": {"text": meaning}}
        for code, _, title, meaning in RULES.values()
        if code in used
    ]
    problems = problems_of(reports)
    run = {
        "tool": {"driver": {"name": "nnbook", "semanticVersion": version("nnbook"), "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "invocations": [{
            "executionSuccessful": not problems,
            "toolExecutionNotifications": [{"level": "error", "message": {"text": text}} for text in problems],
        }],
        "results": results,
    }  # fmt: skip
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"


def _sarif_result(result: Result, strict: bool) -> dict[str, Any]:
    code, level, _, _ = _rule(result, strict)
    span = result.span
    region = {"startLine": span.line, "endLine": span.end_line}
    if span.cell is None:
        region |= {"startColumn": span.col, "endColumn": span.end_col + 1}
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": _artifact(result.path),
            "region": region,
        }
    }
    if span.cell is not None:
        location["logicalLocations"] = [{"fullyQualifiedName": f"cell:{span.cell}", "kind": "module"}]
    print_of = "\0".join([code, result.path.as_posix(), result.label, result.latex])
    return {
        "ruleId": code,
        "level": {"notice": "note"}.get(level, level),
        "message": {"text": _message(result)},
        "locations": [location],
        "partialFingerprints": {"primaryLocationLineHash": hashlib.sha256(print_of.encode("utf-8")).hexdigest()},
    }


def _artifact(path: Path) -> dict[str, str]:
    path = _shown(path)
    return {"uri": path.as_uri()} if path.is_absolute() else {"uri": quote(path.as_posix()), "uriBaseId": "%SRCROOT%"}


def _shown(path: Path) -> Path:
    """Return the path relative to the current folder (in CI, the root of a repository) where it lies inside it."""
    here, whole = Path.cwd(), path.resolve()
    return whole.relative_to(here) if whole.is_relative_to(here) else whole


def _telling(reports: list[Report]) -> list[Result]:
    return [r for report in reports for r in report.results if r.verdict.status != "holds"]


def _rule(result: Result, strict: bool) -> tuple[str, str, str, str]:
    code, level, title, meaning = RULES["broken" if result.broken else result.verdict.status]
    return code, "error" if strict else level, title, meaning


def _message(result: Result) -> str:
    verdict = result.verdict
    parts = [f"{result.label} {verdict.status}" + (f": {verdict.detail}" if verdict.detail else ""), verdict.remark]
    parts += [verdict.proposal] if verdict.proposal not in verdict.detail else []
    return "\n".join(part for part in parts if part)
