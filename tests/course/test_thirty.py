"""From nothing to a table of marks, as the page for teachers says, with a class of thirty of all kinds."""

import csv
import shutil

import pytest

pytest.importorskip("nbgrader", reason="nbgrader (requirements-course.txt) is not installed: no class was graded")

import make_assignments
from nbgrader.api import Gradebook

import nnbook.__main__

from .conftest import KINDS
from .thirty import FULL, NAME, download, everybody, expected, student


def rows(course):
    with open(course / "graded" / "grades.csv", encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    return {
        r["student"]: (float(r["score"]), int(r["late_days"]), float(r["penalty"]), float(r["total"])) for r in table
    }


@pytest.mark.parametrize("kind", KINDS)
def test_thirty_students_get_the_marks_they_must_get(isolation, kind, tmp_path, monkeypatch, capfd):
    course = tmp_path / "course"
    assert make_assignments.main(["--course", str(course)]) == 0
    for name in course.glob("source/*"):
        if name.name != NAME:
            shutil.rmtree(name)
    download(course)
    monkeypatch.chdir(course)
    main = nnbook.__main__.main
    times = ["--worksheet", "worksheet.csv", "--zone", "Europe/Berlin"]
    assert main(["collect", "download.zip", "--assignment", NAME, *times]) == 0
    command = ["grade", "--workers", "1", "--seconds", "2", "--isolation", kind]
    if kind != KINDS[0]:  # once with nbgrader, once without
        assert main([*command, "--submitted", "submitted"]) == 0
        assert rows(course) == expected(worth=FULL)
        return
    command += ["--course", "."]
    assert main(command) == 0
    assert rows(course) == expected()
    waiting = {student(name) for name, _, _, words in everybody() if words}
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        questions = {
            s.student.id: book.find_grade("question", NAME, NAME, s.student.id)
            for s in book.assignment_submissions(NAME)
        }
        assert {name for name, grade in questions.items() if grade.needs_manual_grade} == waiting
        for name in waiting:
            questions[name].manual_score, questions[name].needs_manual_grade = 2, False
        book.db.commit()
    assert main(command) == 0
    assert rows(course) == expected(by_hand=True)
    assert main(["return", "worksheet.csv", "--assignment", NAME, "--output", "upload.csv"]) == 0
    with open("upload.csv", encoding="utf-8", newline="") as file:
        grades = {r["Full name"].split()[0]: float(r["Grade"]) for r in csv.DictReader(file)}
    assert grades == {name.split()[0]: total for name, (*_, total) in expected(by_hand=True).items()}
    assert grades["Ann"] == FULL + 2
