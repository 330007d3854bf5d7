"""Downloads of learning-management systems are sorted, and totals go back into their tables."""

import csv
import io
import zipfile

import pytest

import nnbook.__main__
from nnbook.course import run
from nnbook.course.limits import Limits
from nnbook.course.lms import collect, give_back

from .test_run import CLASS, FULL, NAME

MOODLE_FLAT = "Ann Example_101_assignsubmission_file_homework (1).ipynb"
MOODLE_FOLDER = "Bob Ö. O'Neill_102_assignsubmission_file_/4-hidden-recursion.ipynb"
CANVAS = "cleocleo_LATE_103_99_4-hidden-recursion-2.ipynb"
OTHER = "dan_4-hidden-recursion.ipynb"
CLIMBS = "../../evil_1_assignsubmission_file_../../../x.ipynb"
DATA = {MOODLE_FLAT: CLASS["ada"], MOODLE_FOLDER: CLASS["bob"], CANVAS: CLASS["cleo"], OTHER: CLASS["ada"]}
STUDENTS = {"Ann Example_101": "ada", "Bob Ö. ONeill_102": "bob", "cleocleo_103": "cleo", "dan": "ada"}


@pytest.fixture
def archive(tmp_path):
    with zipfile.ZipFile(tmp_path / "download.zip", "w") as file:
        for name, data in DATA.items():
            file.writestr(name, data)
        file.writestr("__MACOSX/._x_4.ipynb", b"")
        file.writestr(CLIMBS, b"{}")
        file.writestr("notes.txt", b"")
        file.writestr("nobody.ipynb", b"{}")
    return tmp_path / "download.zip"


@pytest.fixture
def worksheet(tmp_path):
    rows = [
        ["Identifier", "Full name", "Status", "Grade", "Maximum Grade", "Last modified (submission)", "Feedback"],
        ["Participant 101", "Ann Example", "Submitted", "", "21.00", "Friday, 6 March 2026, 11:30 PM", "a, b"],
        ["Participant 102", "Bob Ö. O'Neill", "Submitted", "", "21.00", "Freitag, 6. März 2026, 23:30", ""],
        ["Participant 104", "Eve", "No submission", "", "21.00", "-", ""],
    ]
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    (tmp_path / "worksheet.csv").write_text("\ufeff" + text.getvalue(), encoding="utf-8")
    return tmp_path / "worksheet.csv"


def check(folder):
    for student, name in STUDENTS.items():
        assert (folder / student / NAME / f"{NAME}.ipynb").read_bytes() == CLASS[name]


def test_a_zip_file_is_sorted(archive, tmp_path):
    students, left_out = collect(archive, NAME, tmp_path / "in" / "submitted")
    check(tmp_path / "in" / "submitted")
    assert students == len(STUDENTS)
    assert [entry.split(":")[0] for entry in left_out] == [CLIMBS, "nobody.ipynb"]
    outside = [p for p in tmp_path.rglob("*.ipynb") if not p.is_relative_to(tmp_path / "in" / "submitted")]
    assert outside == []


def test_a_folder_is_sorted_and_links_are_not_followed(tmp_path):
    for name, data in DATA.items():
        (tmp_path / "download" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "download" / name).write_bytes(data)
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "download" / "eve_x.ipynb").symlink_to(tmp_path / "secret")
    students, left_out = collect(tmp_path / "download", NAME, tmp_path / "submitted")
    check(tmp_path / "submitted")
    assert students == len(STUDENTS)
    assert "links are not followed" in left_out[0]


def test_handing_in_again_replaces(archive, tmp_path):
    collect(archive, NAME, tmp_path / "submitted")
    (tmp_path / "second").mkdir()
    (tmp_path / "second" / MOODLE_FLAT).write_bytes(CLASS["bob"])
    collect(tmp_path / "second", NAME, tmp_path / "submitted")
    folder = tmp_path / "submitted" / "Ann Example_101" / NAME
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == {f"{NAME}.ipynb": CLASS["bob"]}


def test_times_come_from_the_worksheet(archive, worksheet, tmp_path):
    collect(archive, NAME, tmp_path / "submitted", worksheet, "Europe/Berlin")
    stamp = tmp_path / "submitted" / "Ann Example_101" / NAME / "timestamp.txt"
    assert stamp.read_text() == "2026-03-06T23:30:00+01:00\n"
    assert not (tmp_path / "submitted" / "Bob Ö. ONeill_102" / NAME / "timestamp.txt").exists()  # not in English


@pytest.mark.parametrize("source", ["nowhere", "text"])
def test_what_is_no_download_is_refused(tmp_path, source):
    (tmp_path / "text").write_text("no zip file")
    with pytest.raises(ValueError, match="collect: "):
        collect(tmp_path / source, NAME, tmp_path / "submitted")
    with pytest.raises(ValueError, match="assignment must be one of"):
        collect(tmp_path, "7", tmp_path / "submitted")
    assert not (tmp_path / "submitted").exists()


def test_from_a_download_to_the_systems_table(isolation, archive, worksheet, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    main = nnbook.__main__.main
    assert main(["collect", "download.zip", "--assignment", NAME, "--worksheet", "worksheet.csv"]) == 0
    run.grade_folder("submitted", "graded", workers=1, isolation="limits", limits=Limits(seconds=2.0))
    assert main(["return", "worksheet.csv", "--assignment", NAME, "--output", "upload.csv"]) == 0
    rows = list(csv.DictReader((tmp_path / "upload.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["Grade"] for row in rows] == [f"{FULL}", f"{FULL - 3}", ""]
    assert rows[0]["Feedback"] == "a, b"
    assert "103: graded, but not in" in capsys.readouterr().err
    canvas = 'Student,ID,SIS Login ID,4-hidden-recursion (77)\n"    Points Possible",,,21\n"Cleo, Cleo",103,c1,\n'
    (tmp_path / "canvas.csv").write_text(canvas)
    count, _ = give_back(tmp_path / "canvas.csv", tmp_path / "graded", NAME, tmp_path / "canvas-up.csv")
    assert count == 1
    assert '"Cleo, Cleo",103,c1,0' in (tmp_path / "canvas-up.csv").read_text()
    (tmp_path / "nothing.csv").write_text("a,b\n")
    with pytest.raises(ValueError, match="no column"):
        give_back(tmp_path / "nothing.csv", tmp_path / "graded", NAME, tmp_path / "x")
