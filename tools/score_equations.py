"""Checks every numbered equation of the book with all its wrong forms, and writes book/equation-scores.json.

Run `python tools/score_equations.py` after an equation or its check has changed. It prints the wrong forms that are
accepted and not listed in tests/book/equivalents.toml; the tests refuse those, and a scores file that is out of date.
"""

import json
import os
import sys
import tomllib
from contextlib import chdir
from pathlib import Path

from equation_mutants import scored

from nnbook.equations.documents import check_calls, read, recorded_arguments
from nnbook.equations.errors import EquationError

ROOT = Path(__file__).resolve().parent.parent
BOOK = ROOT / "book"
SCORES = BOOK / "equation-scores.json"
EQUIVALENTS = ROOT / "tests" / "book" / "equivalents.toml"


def documents(folder=BOOK):
    """The notebooks and Markdown pages of the book, read."""
    return [read(path) for path in sorted(folder.iterdir()) if path.suffix in (".ipynb", ".md")]


def reviewed(file=EQUIVALENTS):
    """The wrong forms that mean the same as their equation: {label: {latex: reason}}."""
    listed = {}
    for entry in tomllib.loads(file.read_text(encoding="utf-8"))["equivalent"]:
        if not entry["reason"].strip():
            raise ValueError(f"{file.name}: {entry['latex']} has no reason")
        listed.setdefault(entry["label"], {})[entry["latex"]] = entry["reason"]
    return listed


def arguments_of(document, equation):
    """The arguments of an equation's check, found by running the cells that the check needs."""
    calls = [call for call in check_calls(document.code) if call.label == equation.label]
    if len(calls) != 1:
        raise ValueError(f"{document.path.name}: {equation.label} has {len(calls)} checks; it needs one")
    with chdir(document.path.parent):
        return recorded_arguments(document.code, calls[0])


def score_of(document, equation):
    """The score of one equation, as the scores file holds it, and the wrong forms it accepts."""
    score = scored(equation.label, equation.latex, **arguments_of(document, equation))
    survivors = [mutant.latex for mutant in score.survivors]
    entry = {"comparisons": score.comparisons, "mutants": score.made, "refused": score.made - len(survivors),
             "equivalent": len(survivors)}  # fmt: skip
    return entry, survivors


def text_of(scores):
    """The scores file, one equation a line."""
    lines = [f" {json.dumps(label)}: {json.dumps(score)}" for label, score in sorted(scores.items())]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main():
    os.environ.setdefault("MPLBACKEND", "agg")  # here and not where tests call: the kernels they start would inherit it
    listed, scores, failed = reviewed(), {}, False
    for document in documents():
        for equation in document.equations:
            if equation.label is None:
                continue
            try:
                scores[equation.label], survivors = score_of(document, equation)
            except (EquationError, ValueError) as error:
                print(f"{document.path.name}: {error}")
                failed = True
                continue
            for latex in sorted(set(survivors) ^ set(listed.get(equation.label, {}))):
                failed = True
                fault = "accepted, and not listed" if latex in survivors else "listed, and refused"
                print(f"{equation.label}: {fault}: {latex}")
    SCORES.write_text(text_of(scores), encoding="utf-8")
    counted = ("comparisons", "refused", "mutants", "equivalent")
    total = [sum(score[what] for score in scores.values()) for what in counted]
    print(
        f"{len(scores)} equations, {total[0]:,} comparisons; {total[1]:,} of {total[2]:,} wrong forms refused, "
        f"{total[3]} mean the same"
    )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
