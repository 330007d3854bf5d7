"""Every written answer reaches the person who marks it, whatever other programs have done to the notebook."""

import copy
import json

import pytest

from nnbook.course.answers import rebuilt

from .submissions import released, submission

NAME = "4-hidden-recursion"
MINE = "Because every path to the cost goes through the next layer."
RELEASE = released(NAME)


def place(nb, name):
    return next(i for i, c in enumerate(nb["cells"]) if c["metadata"].get("nbgrader", {}).get("grade_id") == name)


def cell_of(nb, name):
    return nb.cells[place(nb, name)]


@pytest.fixture
def nb():
    made = json.loads(submission(NAME))
    made["cells"][place(made, "question")]["source"] = MINE
    return made


def question(nb):
    return cell_of(rebuilt(RELEASE, json.dumps(nb).encode()), "question").source


def test_an_answer_in_its_place(nb):
    assert question(nb) == MINE


def test_without_metadata(nb):
    for cell in nb["cells"]:
        cell["metadata"] = {}
    assert question(nb) == MINE


def test_without_metadata_and_ids(nb):
    """As Colab saves it."""
    for cell in nb["cells"]:
        cell["metadata"], cell["source"] = {"id": "x"}, cell["source"].splitlines(keepends=True)
        del cell["id"]
    assert MINE in question(nb)
    answer = cell_of(rebuilt(RELEASE, json.dumps(nb).encode()), "hidden-delta-answer").source
    assert "raise NotImplementedError" not in answer
    assert answer.startswith("def hidden_delta(")


@pytest.mark.parametrize("kind", ["markdown", "raw", "code"])
def test_in_a_new_cell(nb, kind):
    nb["cells"][place(nb, "question")]["source"] = "YOUR ANSWER HERE"
    nb["cells"].append({"cell_type": kind, "metadata": {}, "source": MINE})
    assert MINE in question(nb)


def test_in_a_new_cell_beside_one_in_its_place(nb):
    nb["cells"].insert(0, {"cell_type": "markdown", "metadata": {}, "source": "And one thing more."})
    assert MINE in question(nb)
    assert "And one thing more." in question(nb)


def test_a_split_cell_keeps_both_halves(nb):
    i = place(nb, "question")
    nb["cells"].insert(i + 1, {**copy.deepcopy(nb["cells"][i]), "source": "The second half."})
    assert question(nb) == f"{MINE}\n\nThe second half."


def test_a_cell_of_another_type(nb):
    nb["cells"][place(nb, "question")]["cell_type"] = "code"
    assert question(nb) == MINE


def test_images_are_kept_and_nothing_else_that_is_attached(nb):
    cell = nb["cells"][place(nb, "question")]
    cell["attachments"] = {"a.png": {"image/png": "iVBORw0KGgo=", "text/html": "<script>"}, "b": {"text/html": "x"}}
    made = cell_of(rebuilt(RELEASE, json.dumps(nb).encode()), "question")
    assert made["attachments"] == {"a.png": {"image/png": "iVBORw0KGgo="}}


def test_what_was_handed_out_is_no_answer():
    data = json.dumps(RELEASE).encode()
    made = rebuilt(RELEASE, data)
    assert [c.source for c in made.cells] == [c.source for c in RELEASE.cells]


def test_code_of_the_students_own_is_not_put_before_the_marker(nb):
    nb["cells"].append({"cell_type": "code", "metadata": {}, "source": "helper = 3\nprint(helper)"})
    assert question(nb) == MINE


@pytest.mark.parametrize(
    "code",
    ["%matplotlib inline", "x = !ls", "!pip install torch\nname = input()", "if True:\n    !ls", "%%time\nx = 1"],
)
def test_lines_for_ipython_are_code(nb, code):
    nb["cells"].append({"cell_type": "code", "metadata": {}, "source": code})
    assert question(nb) == MINE


@pytest.mark.parametrize(
    "words", ["Why is it so?", "!Because of the sum", "% of what?", "%%markdown\nAll of them.", "!ls\nAll of them."]
)
def test_a_sentence_in_a_code_cell_is_an_answer(nb, words):
    nb["cells"].append({"cell_type": "code", "metadata": {}, "source": words})
    assert words in question(nb)


@pytest.mark.parametrize(
    "data",
    [
        None,
        b"junk",
        b'{"cells": [3, null, {"cell_type": "markdown"}, {"source": 3, "id": [], "metadata": []}]}',
        b'{"cells": [{"cell_type": "code", "metadata": {"nbgrader": {"grade_id": {}}}, "source": "x", "id": {}}]}',
    ],
)
def test_damaged_notebooks_leave_the_release(data):
    assert [c.source for c in rebuilt(RELEASE, data).cells] == [c.source for c in RELEASE.cells]


def test_a_byte_order_mark_is_no_damage(nb):
    made = rebuilt(RELEASE, b"\xef\xbb\xbf" + json.dumps(nb).encode())
    assert cell_of(made, "question").source == MINE


def test_an_answer_in_a_file_that_is_not_utf8_is_shown(nb):
    data = json.dumps(nb, ensure_ascii=False).replace(MINE, "Über jeden Weg.").encode("latin-1", "replace")
    assert "Über jeden Weg." in cell_of(rebuilt(RELEASE, data), "question").source
