"""The checker can express every equation in the syllabus: each holds, and each of its wrong forms is refused."""

import re
from pathlib import Path

import pytest
from corpus import CORPUS, EQUIVALENT
from equation_mutants import scored

from nnbook.equations import check, parse, to_latex

LABELS = [label for label, _, _ in CORPUS]
SYLLABUS = Path(__file__).parent / "labels.txt"


@pytest.mark.parametrize(("label", "latex", "assumed"), CORPUS, ids=LABELS)
def test_holds_and_every_wrong_form_is_refused(label, latex, assumed, record_checked):
    score = scored(label, latex, **assumed)
    assert score.comparisons > 0
    survivors = {mutant.latex for mutant in score.survivors}
    known = {part for name, part in EQUIVALENT if name == label}
    strangers = [latex for latex in survivors if not any(part in latex for part in known)]
    assert not strangers
    idle = [part for part in known if not any(part in latex for latex in survivors)]
    assert not idle
    record_checked("mutants", refused=score.made - len(survivors), made=score.made, equivalent=len(survivors))


@pytest.mark.parametrize(("label", "latex", "assumed"), CORPUS, ids=LABELS)
def test_printing_and_reading_again_changes_nothing(label, latex, assumed):
    tree = parse(latex)
    assert parse(to_latex(tree)) == tree


def test_every_label_of_the_syllabus_is_here():
    promised = set(SYLLABUS.read_text(encoding="utf-8").split())
    assert promised <= set(LABELS)
    assert all(re.fullmatch(r"eq-[a-z0-9-]+", label) for label in LABELS)


def test_counts_are_the_same_in_every_run():
    first, second = (check(r"\delta^l_j = \frac{\partial C}{\partial z^l_j}", label="eq-x") for _ in range(2))
    assert first.comparisons == second.comparisons > 400
    assert first.package == first.comparisons // 2
