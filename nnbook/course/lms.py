"""Bring submissions in from a learning-management system's download, and totals back into its own table.

Moodle and Canvas are recognised by how they name files and columns; anything else by `student_….ipynb`.
"""

from __future__ import annotations

import csv
import dataclasses
import datetime
import io
import os
import re
import zipfile
import zoneinfo
from pathlib import Path

from .assignments import ASSIGNMENTS
from .inside.messages import short
from .results import write
from .submissions import LARGEST_NOTEBOOK, read_file

MOST_FILES = 20_000
NAMES = (
    # Moodle: "Ann Example_123456_assignsubmission_file_/notebook.ipynb", or the same in one name
    re.compile(r"(?P<name>[^/]*?)_(?P<id>\d+)_assignsubmission_file_?/?(?P<file>[^/]*\.ipynb)$"),
    # Canvas: "exampleann_LATE_12345_67890_notebook-1.ipynb"
    re.compile(r"(?P<name>[^/_]+)_(?:LATE_)?(?P<id>\d+)_\d+_(?P<file>[^/]+\.ipynb)$"),
    re.compile(r"(?P<name>[^/_]+)_(?P<file>[^/]+\.ipynb)$"),
)
# How Moodle writes a time; its language is the teacher's, so a time in another one is kept as it is.
MOODLE_TIMES = ("%A, %d %B %Y, %I:%M %p", "%A, %d %B %Y, %H:%M", "%d %B %Y, %I:%M %p", "%d %B %Y, %H:%M")


@dataclasses.dataclass(frozen=True)
class Found:
    """A notebook in a download: whose folder it belongs to, its name and its bytes."""

    student: str
    file: str
    data: bytes


def collect(
    source: Path, assignment: str, submitted: Path, worksheet: Path | None = None, zone: str = "UTC"
) -> tuple[int, list[str]]:
    """Sort a download into submitted/STUDENT/ASSIGNMENT/ and return (how many students, what was left out and why).

    Parameters
    ----------
    source : path
        A folder, or the zip file as it was downloaded.
    assignment : str
        Which assignment was handed in.
    submitted : path
        Where the students' folders go.
    worksheet : path, optional
        Moodle's grading worksheet, for the times of submission.
    zone : str
        The time zone of the worksheet, such as Europe/Berlin.

    Raises
    ------
    ValueError
        When the download, the assignment or the worksheet cannot be read; nothing is written then.
    """
    if assignment not in ASSIGNMENTS:
        raise ValueError(f"collect: assignment must be one of {', '.join(ASSIGNMENTS)}; got {assignment!r}")
    times = _times(worksheet, zone) if worksheet else {}
    entries = _of_zip(source) if Path(source).is_file() else _of_folder(source)
    by_student: dict[str, list] = {}
    left_out: list[str] = []
    for name, data, trouble in entries:
        found = _found(name, data)
        if trouble or found is None:
            left_out.append(f"{short(name, 100)}: {trouble or 'the name does not identify a student'}")
        else:
            by_student.setdefault(found.student, []).append(found)
    for student, files in by_student.items():
        folder = Path(submitted) / student / assignment
        for old in folder.glob("*.ipynb"):
            old.unlink()
        for found in files:
            name = f"{assignment}.ipynb" if len(files) == 1 else found.file
            write_bytes(folder / name, found.data)
        (folder / "timestamp.txt").unlink(missing_ok=True)
        if moment := times.get(_number(student)):
            write(folder / "timestamp.txt", moment + "\n")
    return len(by_student), left_out


def write_bytes(path: Path, data: bytes) -> None:
    """Write a new file atomically."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_bytes(data)
    os.replace(temporary, path)


def _found(name, data):
    for pattern in NAMES:
        if match := pattern.search(name):
            parts = match.groupdict()
            student = "_".join(part for part in (parts["name"], parts.get("id")) if part)
            student = re.sub(r"[^\w .@+-]", "", student).strip(" .")[:100]
            file = re.sub(r"[^\w .()+-]", "", parts["file"]).lstrip(" .")
            if re.match(r"\w", student) and file:
                return Found(student, file, data)
    return None


def _of_zip(source):
    try:
        with zipfile.ZipFile(source) as archive:
            members = [m for m in archive.infolist() if m.filename.endswith(".ipynb") and not m.is_dir()]
            for member in members[:MOST_FILES]:
                if "__MACOSX" in member.filename:
                    continue
                with archive.open(member) as file:  # the size that it states may be wrong
                    data = file.read(LARGEST_NOTEBOOK + 1)
                too_large = len(data) > LARGEST_NOTEBOOK
                yield member.filename, data, "far too large" if too_large else ""
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
        raise ValueError(f"collect: {source} cannot be read as a zip file: {error}") from None


def _of_folder(source):
    if not Path(source).is_dir():
        raise ValueError(f"collect: expected a folder or a zip file; {str(source)!r} is neither")
    for place, folders, files in os.walk(source):  # which follows no links
        folders.sort()
        for file in sorted(files):
            if file.endswith(".ipynb") and not file.startswith("."):
                path = Path(place) / file
                data, trouble = read_file(path, LARGEST_NOTEBOOK)
                yield path.relative_to(source).as_posix(), data, trouble


def _number(student):
    match = re.search(r"_(\d+)$", student)
    return match[1] if match else student


def _times(worksheet, zone):
    try:
        place = zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"collect: zone must be a time zone such as Europe/Berlin; got {zone!r}") from None
    times = {}
    _, rows = _table(worksheet)
    for row in rows:
        for form in MOODLE_TIMES:
            try:
                moment = datetime.datetime.strptime(row.get("Last modified (submission)", ""), form)
            except ValueError:
                continue
            times[_digits(row.get("Identifier", ""))] = moment.replace(tzinfo=place).isoformat()
            break
    return times


def _digits(text):
    return re.sub(r"\D", "", text)


def _table(path):
    try:
        reader = csv.DictReader(io.StringIO(Path(path).read_text(encoding="utf-8-sig")), restkey="", strict=True)
        return list(reader.fieldnames or []), list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{path} cannot be read as a table: {error}") from None


def give_back(
    table: Path, graded: Path, assignment: str, output: Path, column: str | None = None
) -> tuple[int, list[str]]:
    """Write the totals of an assignment into a copy of the system's own table; return (how many, what is missing).

    Parameters
    ----------
    table : path
        Moodle's grading worksheet, Canvas's gradebook export, or a CSV with a column "student".
    graded : path
        The grader's folder, with grades.csv.
    assignment : str
    output : path
        The copy to upload.
    column : str, optional
        Where the totals go; "Grade" (Moodle), the column that begins with the assignment's name (Canvas), unless given.
    """
    names, rows = _table(table)
    key = next((name for name in ("Identifier", "ID", "student") if name in names), None)
    if key is None:
        raise ValueError(f"return: {table} has no column Identifier (Moodle), ID (Canvas) or student; it has {names}")
    fits = [n for n in names if n == column or (column is None and (n == "Grade" or n.startswith(assignment)))]
    if len(fits) != 1:
        raise ValueError(f"return: expected one column for {column or assignment}; {table} has {fits or names}")
    _, marks = _table(Path(graded) / "grades.csv")
    totals = {_number(m["student"]): m["total"] for m in marks if m["assignment"] == assignment}
    worth = {m["max_score"] for m in marks if m["assignment"] == assignment}
    notes, written = [], set()
    for row in rows:
        number = row[key] if key == "student" else _digits(row[key] or "")
        if number and number in totals:
            row[fits[0]] = totals[number]
            written.add(number)
            most = row.get("Maximum Grade")
            if most and float(most.replace(",", ".")) not in {float(w) for w in worth}:
                notes.append(f"the system's maximum is {most}, the assignment's {', '.join(sorted(worth))}")
    notes += [f"{number}: graded, but not in {table}" for number in sorted(totals.keys() - written)]
    text = io.StringIO()
    writer = csv.DictWriter(text, names, extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    write(Path(output), text.getvalue())
    return len(written), list(dict.fromkeys(notes))
