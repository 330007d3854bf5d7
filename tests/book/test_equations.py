"""Every numbered equation of the book holds as printed, and every systematic wrong form of it is refused."""

import json
import re
from pathlib import Path

import pytest
import score_equations
import wrong_forms
from score_equations import BOOK, SCORES

from nnbook.equations import EquationError, check, documents

DOCUMENTS = score_equations.documents()
NUMBERED = [(document, equation) for document in DOCUMENTS for equation in document.equations if equation.label]


@pytest.fixture(scope="module")
def listed():
    return score_equations.reviewed()


@pytest.fixture(scope="module")
def stored_scores():
    return json.loads(SCORES.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def stored_forms():
    return json.loads(wrong_forms.FILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("document", "equation"), NUMBERED, ids=[equation.label for _, equation in NUMBERED])
def test_equation_holds_and_its_wrong_forms_are_refused(
    document, equation, listed, stored_scores, stored_forms, record_checked
):
    reviewed = listed.get(equation.label, {})
    score, forms, survivors = score_equations.score_of(document, equation, reviewed)
    accepted = [latex for latex in survivors if latex not in reviewed]
    assert not accepted, f"{equation.label}: these wrong forms are accepted:\n" + "\n".join(accepted)
    refused = [latex for latex in reviewed if latex not in survivors]
    assert not refused, f"{equation.label}: listed as equivalent, yet refused or no longer made:\n" + "\n".join(refused)
    assert score == stored_scores.get(equation.label), (
        f"{equation.label}: book/equation-scores.json is out of date; run python tools/score_equations.py"
    )
    assert forms == stored_forms.get(equation.label), (
        f"{equation.label}: book/wrong-forms.json is out of date; run python tools/score_equations.py"
    )
    record_checked("equations", verified=1, comparisons=score["comparisons"])
    record_checked("mutants", refused=score["refused"], made=score["mutants"], equivalent=score["equivalent"])


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.path.name)
def test_displayed_mathematics_without_a_number_holds_or_says_why_not(document, record_checked):
    verified = unchecked = 0
    failures = []
    for equation in document.equations:
        if equation.label:
            continue
        if equation.unchecked is not None:
            unchecked += 1
            if len(equation.unchecked) < 10:
                failures.append(f"cell {equation.cell + 1}: a reason is missing behind % unchecked:\n{equation.latex}")
            continue
        try:
            check(equation.latex, label=document.path.name, **equation.arguments())
            verified += 1
        except EquationError as error:
            failures.append(f"cell {equation.cell + 1}: {error}")
    assert not failures, (
        f"{document.path.name}: state its assumptions (% assume: …), or mark it % unchecked: reason\n\n"
        + "\n\n".join(failures)
    )
    record_checked("displays", verified=verified, unchecked_with_a_reason=unchecked)


def test_a_label_stands_on_one_equation():
    labels = [equation.label for _, equation in NUMBERED]
    assert not {label for label in labels if labels.count(label) > 1}


def test_every_check_is_of_an_equation_on_its_own_page():
    for document in DOCUMENTS:
        labels = {equation.label for equation in document.equations}
        strangers = [call.label for call in documents.check_calls(document.code) if call.label not in labels]
        assert not strangers, f"{document.path.name} checks what it does not print: {strangers}"


def test_scores_forms_and_equivalents_name_no_equation_that_is_gone(listed, stored_scores, stored_forms):
    labels = {equation.label for _, equation in NUMBERED}
    assert set(stored_scores) <= labels
    assert set(stored_forms) <= labels
    assert set(listed) <= labels


# --- the test itself refuses ------------------------------------------------------------------------------------------

SPOILED = [
    ("indices swapped", r"w^{l+1}_{ji}", r"w^{l+1}_{ij}"),
    ("prime dropped", r"f'(z^l_i)", r"f(z^l_i)"),
    ("layer shifted", r"f'(z^l_i)", r"f'(z^{l+1}_i)"),
    ("layer shifted", r"\delta^{l+1}_j", r"\delta^{l}_j"),
]


@pytest.mark.parametrize(("change", "right", "wrong"), SPOILED)
def test_a_spoiled_chapter_is_refused_with_the_place(change, right, wrong, tmp_path):
    notebook = (BOOK / "11-hidden-recursion.ipynb").read_text(encoding="utf-8")
    cells = json.loads(notebook)
    for cell in cells["cells"]:
        source = "".join(cell["source"])
        if "$$ (eq-hidden-delta)" in source:
            before, equation, after = re.split(r"(\$\$(?:(?!\$\$).)*\$\$ \(eq-hidden-delta\))", source, flags=re.DOTALL)
            assert right in equation, equation
            cell["source"] = before + equation.replace(right, wrong) + after
    spoiled = tmp_path / "11-hidden-recursion.ipynb"
    spoiled.write_text(json.dumps(cells), encoding="utf-8")
    document = documents.read(spoiled)
    equation = next(e for e in document.equations if e.label == "eq-hidden-delta")
    with pytest.raises(EquationError) as refusal:
        score_equations.score_of(document, equation)
    message = str(refusal.value)
    assert wrong.split("(")[0] in message  # the equation as it is printed now
    assert "^\n" in message or "first at" in message  # and the place: a caret, or the first indices


def test_a_check_that_is_gone_is_refused(tmp_path):
    page = Path(tmp_path / "page.md")
    page.write_text("$$\nC_T = \\sum_{k=1}^{N} C_k\n$$ (eq-alone)\n", encoding="utf-8")
    document = documents.read(page)
    with pytest.raises(ValueError, match="eq-alone has 0 checks"):
        score_equations.score_of(document, document.equations[0])
