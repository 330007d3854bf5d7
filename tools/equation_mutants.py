"""Counts which wrong forms of printed equations their checks refuse.

As a command, run in the folder of the notebooks, ``python tools/equation_mutants.py eq-hidden-delta`` prints which
wrong forms of one equation its check refuses. It runs the cells the check needs.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from nnbook.equations import documents
from nnbook.equations.checking import check, checked_options, worlds_of
from nnbook.equations.errors import EquationError
from nnbook.equations.mutants import Mutant, wrong_forms


@dataclass
class Score:
    """How many numbers the correct equation compared, and how its wrong forms were judged."""

    comparisons: int
    made: int
    survivors: list[Mutant]


def scored(label, latex, **arguments) -> Score:
    """Check an equation and all its wrong forms on the same draws; the equation itself must hold."""
    options = checked_options(**arguments)
    worlds = worlds_of(label, options)
    true = check(latex, label=label, worlds=worlds, **arguments)
    made = wrong_forms(latex, worlds)
    survivors = []
    for mutant in made:
        try:
            outcome = check(mutant.latex, label=label, worlds=worlds, against_package=False, explain=False, **arguments)
        except EquationError:
            continue
        if outcome.remark and outcome.remark != true.remark:  # it holds, but claims little or nothing
            continue
        survivors.append(mutant)
    return Score(true.comparisons, len(made), survivors)


def main(labels):
    """Print the survivors of the equations with these labels, found in the current folder."""
    failed = False
    for path in sorted(Path.cwd().iterdir()):
        if path.suffix not in (".ipynb", ".md"):
            continue
        document = documents.read(path)
        calls = {call.label: call for call in documents.check_calls(document.code)}
        for equation in document.equations:
            if equation.label is None or (labels and equation.label not in labels):
                continue
            if equation.label not in calls:
                print(f"{equation.label}  has no check in {path.name}")
                failed = True
                continue
            arguments = documents.recorded_arguments(document.code, calls[equation.label])
            score = scored(equation.label, equation.latex, **arguments)
            print(
                f"{equation.label}  {score.comparisons:,} comparisons, {score.made - len(score.survivors)} of "
                f"{score.made} wrong forms refused"
            )
            for mutant in score.survivors:
                print(f"    survives ({mutant.change}): {mutant.latex}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
