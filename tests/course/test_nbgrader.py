"""The real nbgrader: its release is ours, its grade book holds the outside grader's marks, its feedback is our page."""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("nbgrader", reason="nbgrader (requirements-course.txt) is not installed: its pipeline was not run")

import nbformat
from nbgrader.api import Gradebook

import nnbook.__main__

from .submissions import ROOT, make_assignments, released, submission
from .test_run import CLASS, FULL, INJECTED, NAME, SCORES, hand_in

STUDENTS = ["ada", "bob", "dan", "finn"]


@pytest.fixture(scope="module")
def course(isolation, tmp_path_factory):
    """A course folder as an instructor has it, graded by the one command."""
    folder = tmp_path_factory.mktemp("nbgrader")
    shutil.copy(ROOT / "assignments" / "nbgrader_config.py", folder)
    shutil.copytree(ROOT / "assignments" / "source" / NAME, folder / "source" / NAME)
    for student in STUDENTS:
        hand_in(folder / "submitted", student, CLASS[student])
    hand_in(folder / "submitted", "gina", CLASS["bob"], "homework.ipynb")
    hand_in(folder / "submitted", "ida", submission(NAME, INJECTED, first="# my own cell"))
    assert nnbook.__main__.main(["grade", "--course", str(folder), "--workers", "1", "--isolation", "limits"]) == 0
    return folder


def test_a_release_in_the_exchange_is_not_this_courses(isolation, tmp_path):
    """Another course with the same id, or last year's, has released the assignment; or the grade book was lost."""
    (tmp_path / "exchange" / "nnbook" / "outbound" / NAME).mkdir(parents=True)
    (tmp_path / "exchange" / "nnbook" / "outbound" / NAME / f"{NAME}.ipynb").write_bytes(submission(NAME))
    folder = tmp_path / "course"
    shutil.copytree(ROOT / "assignments" / "source" / NAME, folder / "source" / NAME)
    config = (ROOT / "assignments" / "nbgrader_config.py").read_text()
    exchange = str(tmp_path / "exchange")
    (folder / "nbgrader_config.py").write_text(config + f"\nc.Exchange.root = {exchange!r}\n")
    hand_in(folder / "submitted", "bob", CLASS["bob"])
    for _ in range(2):
        assert (
            nnbook.__main__.main(
                ["grade", "--course", str(folder), "--workers", "1", "--isolation", "limits", "--again"]
            )
            == 0
        )
        assert marks(folder) == {"bob": SCORES["bob"]}
        (folder / "gradebook.db").unlink()


def marks(folder):
    with Gradebook(f"sqlite:///{folder}/gradebook.db") as book:
        return {s.student.id: s.score for s in book.assignment_submissions(NAME)}


def test_the_grade_book_holds_the_outside_graders_marks(course):
    assert marks(course) == {**{s: SCORES[s] for s in STUDENTS}, "gina": SCORES["bob"], "ida": SCORES["finn"]}


def test_only_the_question_in_words_waits_for_a_teacher(course):
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        grades = book.find_submission_notebook(NAME, NAME, "ada").grades
        assert {g.name for g in grades if g.needs_manual_grade} == {"question"}
        assert sum(g.max_score for g in grades) == FULL + 2


def test_what_the_teacher_sees_is_the_release_with_the_answers_in_it(course):
    nb = nbformat.read(course / "autograded" / "ida" / NAME / f"{NAME}.ipynb", as_version=4)
    skeleton = released(NAME)
    assert len(nb.cells) == len(skeleton.cells)
    assert "# my own cell" not in [cell.source for cell in nb.cells]
    answers = {c.metadata.nbgrader.grade_id: c.source for c in nb.cells if "nbgrader" in c.metadata}
    assert answers["hidden-delta-answer"] == INJECTED["hidden_delta"]


def test_feedback_is_our_page_with_the_teachers_marks(course):
    page = (course / "feedback" / "finn" / NAME / f"{NAME}.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "not marked yet" in page
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        book.find_grade("question", NAME, NAME, "ada").manual_score = 1.5
        book.find_grade("question", NAME, NAME, "ada").needs_manual_grade = False
        book.find_comment("question", NAME, NAME, "ada").manual_comment = "Good, but <b>why</b>?"
        book.db.commit()
    assert nnbook.__main__.main(["grade", "--course", str(course), "--workers", "1", "--isolation", "limits"]) == 0
    page = (course / "feedback" / "ada" / NAME / f"{NAME}.html").read_text(encoding="utf-8")
    assert "1.5 / 2" in page
    assert "Good, but &lt;b&gt;why&lt;/b&gt;?" in page


def test_a_mark_changed_by_hand_and_a_comment_on_an_answer_are_in_the_feedback(course):
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        book.find_grade("hidden-delta-relu", NAME, NAME, "bob").manual_score = 2
        book.find_comment("hidden-delta-relu-answer", NAME, NAME, "bob").manual_comment = "Nearly."
        book.db.commit()
    assert nnbook.__main__.main(["grade", "--course", str(course), "--workers", "1", "--isolation", "limits"]) == 0
    page = (course / "feedback" / "bob" / NAME / f"{NAME}.html").read_text(encoding="utf-8")
    assert "Your teacher gave this mark; the grader gave 0." in page
    assert "Your teacher: Nearly." in page
    assert f"{SCORES['bob'] + 2} of {FULL + 2} points" in page
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        book.find_grade("hidden-delta-relu", NAME, NAME, "bob").manual_score = None
        book.db.commit()


def test_nbgraders_own_command_grades_from_outside_too(course, tmp_path):
    folder = Path(shutil.copytree(course, tmp_path / "course"))
    hand_in(folder / "submitted", "kim", submission(NAME, first="open('/tmp/x', 'w'); import os; os._exit(0)"))
    hand_in(folder / "submitted", "bob", CLASS["ada"])
    nbgrader(folder, "autograde", NAME, "--student", "[kb]*", "--force", "--OutsideScores.isolation=limits")
    after = marks(folder)
    assert (after["kim"], after["bob"], after["finn"]) == (FULL, FULL, SCORES["finn"])


def test_the_marks_leave_as_csv(course, tmp_path):
    nbgrader(course, "export", "--to", str(tmp_path / "grades.csv"))
    rows = (tmp_path / "grades.csv").read_text().splitlines()
    assert any("bob" in row and str(float(SCORES["bob"])) in row for row in rows)


def test_our_release_is_nbgraders(course):
    theirs = nbformat.read(course / "release" / NAME / f"{NAME}.ipynb", as_version=4)
    ours = released(NAME)
    assert [c.source for c in ours.cells] == [c.source for c in theirs.cells]
    assert [c.metadata for c in ours.cells] == [c.metadata for c in theirs.cells]
    assert make_assignments.role(ours.cells[1])["checksum"]


def nbgrader(folder, *arguments):
    bin_folder = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}", "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, "-m", "nbgrader", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


WORDS = "Because every path to the cost goes through the next layer."


def answered(**options):
    """A submission with the question answered; without nbgrader's metadata, as some programs save it."""
    nb = json.loads(submission(NAME, **options))
    for cell in nb["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "question":
            cell["source"] = WORDS
    return nb


@pytest.fixture
def second(course, tmp_path):
    folder = Path(shutil.copytree(course, tmp_path / "course"))

    def grade():
        assert nnbook.__main__.main(["grade", "--course", str(folder), "--workers", "1", "--isolation", "limits"]) == 0

    return folder, grade


def question(folder, student):
    with Gradebook(f"sqlite:///{folder}/gradebook.db") as book:
        grade = book.find_grade("question", NAME, NAME, student)
        return grade.needs_manual_grade, grade.score


def test_every_written_answer_waits_for_the_teacher(second):
    folder, grade = second
    hand_in(folder / "submitted", "uma", json.dumps(answered()).encode(), f"{NAME} (1).ipynb")
    nb = answered()
    for cell in nb["cells"]:
        cell["metadata"] = {}
    hand_in(folder / "submitted", "vic", json.dumps(nb).encode())
    nb = answered()
    nb["cells"] = [c for c in nb["cells"] if c["source"] != WORDS]
    nb["cells"].append({"cell_type": "markdown", "metadata": {}, "source": WORDS})
    hand_in(folder / "submitted", "wil", json.dumps(nb).encode())
    grade()
    for student in ("uma", "vic", "wil"):
        assert question(folder, student) == (True, 0)
        assert marks(folder)[student] == FULL
        seen = nbformat.read(folder / "autograded" / student / NAME / f"{NAME}.ipynb", as_version=4)
        assert any(WORDS in cell.source for cell in seen.cells)


def test_no_link_is_followed(second, tmp_path):
    folder, grade = second
    (tmp_path / "private").write_text("the teacher's own")
    place = hand_in(folder / "submitted", "leo", submission(NAME)).parent
    (place / "notes.txt").symlink_to(tmp_path / "private")
    (place / "secret.bin").symlink_to(folder / "graded" / ".secret")
    (place / "all").symlink_to(tmp_path)
    grade()
    nbgrader(folder, "autograde", NAME, "--student", "leo", "--force", "--OutsideScores.isolation=limits")
    nbgrader(folder, "generate_feedback", NAME, "--student", "leo", "--force")
    for part in ("autograded", "feedback"):
        names = {p.name for p in (folder / part / "leo").rglob("*") if not p.is_dir()}
        assert names <= {f"{NAME}.ipynb", f"{NAME}.html", "timestamp.txt"}, part


def test_a_mark_by_hand_belongs_to_the_answer_it_was_given_to(second, capsys):
    folder, grade = second
    hand_in(folder / "submitted", "uma", json.dumps(answered()).encode())
    grade()
    with Gradebook(f"sqlite:///{folder}/gradebook.db") as book:
        given = book.find_grade("question", NAME, NAME, "uma")
        given.manual_score, given.needs_manual_grade = 1.5, False
        book.db.commit()
    hand_in(folder / "submitted", "uma", json.dumps(answered(first="another = 1")).encode())
    grade()
    assert question(folder, "uma") == (False, 1.5)  # the answer is the same
    capsys.readouterr()
    changed = json.dumps(answered()).replace(WORDS, "Something else.")
    hand_in(folder / "submitted", "uma", changed.encode())
    command = ["grade", "--course", str(folder), "--workers", "1", "--isolation", "limits"]
    nnbook.__main__.main(command)
    assert "another answer to question" in capsys.readouterr().err
    assert question(folder, "uma") == (True, 0)


def test_a_penalty_is_in_feedback_tables_and_the_grade_book(second):
    folder, grade = second
    (folder / "submitted" / "ada" / NAME / "timestamp.txt").write_text("2026-03-08 12:00:00 UTC")
    grade()
    rules = f'penalty_per_day = 0.1\n[due]\n"{NAME}" = 2026-03-06T23:59:00+00:00\n'
    (folder / "deadlines.toml").write_text(rules)
    grade()
    with Gradebook(f"sqlite:///{folder}/gradebook.db") as book:
        found = book.find_submission_notebook(NAME, NAME, "ada")
        points, penalty = found.score, found.late_submission_penalty
    assert penalty == pytest.approx(0.2 * (FULL + 2))
    page = (folder / "feedback" / "ada" / NAME / f"{NAME}.html").read_text(encoding="utf-8")
    assert f"{points - penalty:g} of {FULL + 2} points" in page
    assert "2 days late" in page
    table = (folder / "graded" / "grades.csv").read_text(encoding="utf-8").splitlines()
    [row] = [r for r in csv.DictReader(table) if r["student"] == "ada"]
    assert (float(row["total"]), row["late_days"]) == (pytest.approx(points - penalty), "2")


def test_a_due_date_that_only_nbgrader_knows_is_named(second, capsys):
    folder, grade = second
    command = ["grade", "--course", str(folder), "--workers", "1", "--isolation", "limits"]
    with Gradebook(f"sqlite:///{folder}/gradebook.db") as book:
        book.update_or_create_assignment(NAME, duedate="2026-03-06 22:59:00")
    assert nnbook.__main__.main(command) == 1
    assert f"{NAME}: its due date in nbgrader, 2026-03-06T22:59:00+00:00, is not read" in capsys.readouterr().err
    (folder / "deadlines.toml").write_text(f'[due]\n"{NAME}" = 2026-03-06T23:59:00+01:00\n')
    grade()


def test_feedback_goes_back_through_the_exchange(second, tmp_path):
    folder, grade = second
    shutil.rmtree(folder / "submitted")
    shutil.rmtree(folder / "feedback")
    place = hand_in(folder / "submitted", "ada", CLASS["ada"]).parent
    (place / "timestamp.txt").write_text("2026-03-06 12:00:00.000000 UTC")
    (place / "submission_secret.txt").write_text("a1b2c3")
    grade()
    for other in ("bob", "dan", "finn", "gina", "ida"):  # nbgrader wants these files for every page
        shutil.rmtree(folder / "feedback" / other)
    (tmp_path / "exchange").mkdir(mode=0o777)
    (tmp_path / "exchange").chmod(0o777)
    nbgrader(folder, "release_feedback", NAME, f"--Exchange.root={tmp_path / 'exchange'}")
    [page] = (tmp_path / "exchange" / "nnbook" / "feedback").glob("*.html")
    assert page.read_text(encoding="utf-8") == (folder / "feedback" / "ada" / NAME / f"{NAME}.html").read_text("utf-8")
