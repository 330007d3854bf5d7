"""Checks every numbered equation with all its wrong forms; writes equation-scores.json and wrong-forms.json in book/.

Run `python tools/score_equations.py` after an equation or its check has changed. It prints the wrong forms that are
accepted but not listed in tests/book/equivalents.toml; the tests fail on those, and on files that are out of date.
"""

import json
import os
import sys
import tomllib
from contextlib import chdir
from functools import cache
from pathlib import Path

import wrong_forms

from nnbook.equations.documents import check_calls, read, recorded_arguments
from nnbook.equations.errors import EquationError

ROOT = Path(__file__).resolve().parent.parent
BOOK = ROOT / "book"
SCORES = BOOK / "equation-scores.json"
EQUIVALENTS = ROOT / "tests" / "book" / "equivalents.toml"


@cache
def documents(folder=BOOK):
    """Return the notebooks and Markdown pages of the book, parsed."""
    return [read(path) for path in sorted(folder.iterdir()) if path.suffix in (".ipynb", ".md")]


def reviewed(file=EQUIVALENTS):
    """Return the listed forms that are equivalent to their equation: {label: {latex: reason}}."""
    listed = {}
    for entry in tomllib.loads(file.read_text(encoding="utf-8"))["equivalent"]:
        if not entry["reason"].strip():
            raise ValueError(f"{file.name}: {entry['latex']} has no reason")
        listed.setdefault(entry["label"], {})[entry["latex"]] = entry["reason"]
    return listed


def arguments_of(document, equation):
    """Return the arguments of an equation's check, found by running the cells that the check needs."""
    calls = [call for call in check_calls(document.code) if call.label == equation.label]
    if len(calls) != 1:
        raise ValueError(f"{document.path.name}: {equation.label} has {len(calls)} checks; it needs one")
    with chdir(document.path.parent):
        return recorded_arguments(document.code, calls[0])


def score_of(document, equation, reasons=None):
    """Return an equation's score and its wrong forms, as the two files store them, and the wrong forms it accepts."""
    comparisons, found = wrong_forms.judged(equation.label, equation.latex, arguments_of(document, equation))
    survivors = [latex for _, latex, status, _ in found if status == "holds"]
    score = {"comparisons": comparisons, "mutants": len(found), "refused": len(found) - len(survivors),
             "equivalent": len(survivors)}  # fmt: skip
    return score, wrong_forms.entry(equation.latex, found, reasons or {}), survivors


def text_of(scores):
    """Return the text of the scores file, one equation per line."""
    lines = [f" {json.dumps(label)}: {json.dumps(score)}" for label, score in sorted(scores.items())]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main():
    os.environ.setdefault("MPLBACKEND", "agg")  # only for the command: the kernels that tests start would inherit it
    listed, scores, forms, failed = reviewed(), {}, {}, False
    for document in documents():
        for equation in document.equations:
            if equation.label is None:
                continue
            try:
                scored = score_of(document, equation, listed.get(equation.label))
                scores[equation.label], forms[equation.label], survivors = scored
            except (EquationError, ValueError) as error:
                print(f"{document.path.name}: {error}")
                failed = True
                continue
            for latex in sorted(set(survivors) ^ set(listed.get(equation.label, {}))):
                failed = True
                fault = "accepted, but not listed" if latex in survivors else "listed, but refused"
                print(f"{equation.label}: {fault}: {latex}")
    SCORES.write_text(text_of(scores), encoding="utf-8")
    wrong_forms.FILE.write_text(wrong_forms.text_of(forms), encoding="utf-8")
    counted = ("comparisons", "refused", "mutants", "equivalent")
    total = [sum(score[what] for score in scores.values()) for what in counted]
    print(
        f"{len(scores)} equations, {total[0]:,} comparisons; {total[1]:,} of {total[2]:,} wrong forms refused, "
        f"{total[3]} are equivalent"
    )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
