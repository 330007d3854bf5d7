"""Judges every wrong form of every numbered equation, for the pages where readers break equations.

`python tools/score_equations.py` stores the verdicts in book/wrong-forms.json, beside the scores; the tests recompute
them and compare. A form is stored as the kind of change, the characters of the equation it replaces, and the verdict.
"""

import json
import re
from pathlib import Path

from nnbook.equations.checking import check, checked_options, worlds_of
from nnbook.equations.errors import EquationError
from nnbook.equations.language.reader import parse
from nnbook.equations.language.tree import to_latex
from nnbook.equations.mutants import words, wrong_forms

FILE = Path(__file__).resolve().parent.parent / "book" / "wrong-forms.json"
TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\s+|.", re.DOTALL)
DIGITS = 5

# --- calls of the checker -----------------------------------------------------------------------------------


def printed(latex):
    """Return the equation in the spelling in which its wrong forms are written."""
    return to_latex(parse(latex))


def judged(label, latex, arguments):
    """Return how many numbers the equation itself compared, and (change, LaTeX, status, detail) of each wrong form."""
    options = checked_options(**arguments)
    worlds = worlds_of(label, options)
    true = check(latex, label=label, worlds=worlds, **arguments)
    found = []
    for mutant in wrong_forms(latex, worlds):
        change, form = mutant.change, mutant.latex
        try:
            outcome = check(form, label=label, worlds=worlds, against_package=False, **arguments)
            if outcome.remark and outcome.remark != true.remark:  # it holds, but claims little or nothing
                found.append((change, form, "loose", outcome.remark))
            else:
                found.append((change, form, "holds", ""))
        except EquationError as error:
            found.append((change, form, error.status, str(error)))
    return true.comparisons, found


# --- what is stored -----------------------------------------------------------------------------------------


def entry(latex, found, reasons):
    """Return one equation as book/wrong-forms.json stores it; `reasons` say why a form that holds does so."""
    base = printed(latex)
    lines, stored = [], []
    for change, form, status, detail in found:
        said = [reasons.get(form, "")] if status == "holds" else told(detail, form)
        for line in said:
            if line not in lines:
                lines.append(line)
        start, end, put = difference(base, form)
        stored.append([words(change), start, end, put, status[0], [lines.index(line) for line in said]])
    return {"printed": base, "lines": lines, "forms": stored}


def told(detail, form):
    """Return the lines of a refusal without the equation, the caret and the last digits."""
    kept = []
    for line in map(str.strip, detail.splitlines()):
        excerpt = line.strip("… ") in form  # the equation, or the part of it around the caret
        if line not in ("", "^") and not excerpt and not line.endswith((" does not hold", " does not hold in general")):
            kept.append(re.sub(r"\s+", " ", shortened(line)))
    return kept


def shortened(line):
    """Return a line with its long decimals cut to the digits on which all machines agree."""

    def cut(match):
        return f"{float(match.group()):.{DIGITS}g}"

    return re.sub(r"(?<![\w.])-?\d+\.\d{5,}(?:e[-+]?\d+)?|-?\d+(?:\.\d+)?e[-+]\d+", cut, line)


def difference(base, form):
    """Return where a form differs from `base`: (start, end, text), with form = base[:start] + text + base[end:]."""
    one, two = TOKEN.findall(base), TOKEN.findall(form)
    head = 0
    while head < min(len(one), len(two)) and one[head] == two[head]:
        head += 1
    tail = 0
    while tail < min(len(one), len(two)) - head and one[-1 - tail] == two[-1 - tail]:
        tail += 1
    start, end = len("".join(one[:head])), len("".join(one[: len(one) - tail]))
    return start, end, "".join(two[head : len(two) - tail])


def text_of(entries):
    """Return the text of the file, one equation per line."""
    dumped = (f" {json.dumps(label)}: {json.dumps(entries[label], ensure_ascii=False)}" for label in sorted(entries))
    return "{\n" + ",\n".join(dumped) + "\n}\n"
