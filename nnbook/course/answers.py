"""Put a student's answers into the release, wherever they are in the submitted notebook, so that none is lost."""

from __future__ import annotations

import ast
import copy
import re
from typing import Any

from .inside.cells import read_notebook, source_of
from .inside.messages import Refused

LARGEST_ANSWER = 100_000
LARGEST_ATTACHMENT = 2 << 20
FOR_IPYTHON = re.compile(
    r"(?m)^([ \t]*|.*=[ \t]*)(%%?|!\s*)[a-z].*"
)  # a magic, a command, or an assignment of its result
ELSEWHERE = "*From other cells of the notebook:*"


def rebuilt(release: Any, data: bytes | None) -> Any:
    """Return a copy of the release with the answers that the submitted notebook holds.

    An answer is found by nbgrader's id, by the id of its cell, or, where a program has stripped both, by the function
    that it defines. Text that the student wrote outside the answer cells is added to the question
    answered in words, because a person reads that one.

    Parameters
    ----------
    release : notebook
        What was handed out.
    data : bytes or None
        The submitted notebook, or None when it cannot be read.
    """
    nb = copy.deepcopy(release)
    answers = {c.metadata.nbgrader.grade_id: c for c in nb.cells if c.metadata.get("nbgrader", {}).get("solution")}
    given = _given(data)
    handed_out = {_bare(cell.source) for cell in release.cells}
    pieces: dict[str, list[Any]] = {name: [] for name in answers}
    loose: list[Any] = []
    for cell in given:
        name = _name(cell, answers)
        if name is None:
            loose.append(cell)
        else:
            pieces[name].append(cell)
    defined_by = {function: name for name, cell in answers.items() for function in _functions(cell.source)}
    written = []
    for cell in loose:
        text = source_of(cell) or ""
        if not _bare(text) or _bare(text) in handed_out:
            continue
        names = [defined_by[f] for f in _functions(text) if f in defined_by] if cell.get("cell_type") == "code" else []
        if names and not any(_bare(source_of(c) or "") not in handed_out for c in pieces[names[0]]):
            pieces[names[0]].append(cell)
        elif cell.get("cell_type") != "code" or _only_words(text):
            written.append(cell)
    for name, cell in answers.items():
        if pieces[name]:
            cell.source = _joined([source_of(piece) or "" for piece in pieces[name]])
        _attach(cell, pieces[name])
        if _is_question(cell) and written:
            own = cell.source if _bare(cell.source) not in handed_out else ""
            cell.source = _joined([own, ELSEWHERE, *(source_of(piece) for piece in written)])
            _attach(cell, written)
    return nb


def _given(data):
    if data is None:
        return []
    for readable in (data, data.decode("latin-1").encode()):  # a person may still be able to read what is not UTF-8
        try:
            return [cell for cell in read_notebook(readable)["cells"] if isinstance(cell, dict)]
        except Refused:
            continue
    return []


def _name(cell, answers):
    """Return the name of the answer that a submitted cell says it is, or None."""
    metadata = cell.get("metadata")
    role = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    name = role.get("grade_id") if isinstance(role, dict) else None
    for found in (name, cell.get("id")):
        if isinstance(found, str) and found in answers:
            return found
    by_cell = {answer.get("id"): name for name, answer in answers.items()}
    return by_cell.get(cell["id"]) if isinstance(cell.get("id"), str) else None


def _is_question(cell):
    return bool(cell.metadata.nbgrader.get("grade"))


def _joined(parts):
    return "\n\n".join(part for part in parts if part)[:LARGEST_ANSWER]


def _bare(text):
    return "".join(text.split())


def _functions(source):
    try:
        return [node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def _only_words(source):
    """True for a code cell that only holds comments or text: someone has answered in it."""
    python = FOR_IPYTHON.sub(r"\g<1>0", source)
    try:
        body = ast.parse(python).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True  # a sentence is not Python
    return python == source and all(isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant) for n in body)


def _attach(cell, pieces):
    """Copy the images that a text cell holds; other attachments are left out."""
    if cell.cell_type != "markdown":
        return
    for piece in pieces:
        attachments = piece.get("attachments")
        for name, kinds in attachments.items() if isinstance(attachments, dict) else ():
            kinds = kinds if isinstance(kinds, dict) else {}
            images = {k: v for k, v in kinds.items() if k in ("image/png", "image/jpeg") and isinstance(v, str)}
            if images and sum(map(len, images.values())) <= LARGEST_ATTACHMENT:
                cell.setdefault("attachments", {})[str(name)[:100]] = images
