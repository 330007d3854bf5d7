"""Deadlines, extensions and late days, whenever they are set."""

import csv
import json

import pytest

from nnbook.course import run
from nnbook.course.deadlines import Deadlines, Late, moment_of, read_deadlines
from nnbook.course.limits import Limits

from .test_run import CLASS, FULL, NAME, hand_in

OTHER = "1-one-neuron"
TEXT = f"""
penalty_per_day = 0.1
free_days = 2
last_day = 7

[due]
"{OTHER}" = 2026-02-20T23:59:00+01:00
"{NAME}" = 2026-03-06T23:59:00+01:00

[extensions.ann]
"{NAME}" = 2026-03-09T23:59:00+01:00
"""


@pytest.fixture
def rules(tmp_path):
    (tmp_path / "deadlines.toml").write_text(TEXT)
    return read_deadlines(tmp_path / "deadlines.toml")


def late(rules, student, **moments):
    return {n: (v.days, v.free, v.share) for n, v in rules.lateness(student, moments).items()}


def test_days_are_counted_from_the_deadline_on(rules):
    for moment, expected in {
        "2026-03-06T23:59:00+01:00": (0, 0, 0.0),
        "2026-03-06T22:59:00+00:00": (0, 0, 0.0),
        "2026-03-06T23:59:01+01:00": (1, 1, 0.0),
        "2026-03-08T23:59:00+01:00": (2, 2, 0.0),
        "2026-03-09T12:00:00+01:00": (3, 2, 0.1),
        "2026-03-13T23:00:00+01:00": (7, 2, 0.5),
        "2026-03-14T23:00:00+01:00": (8, 0, 1.0),
    }.items():
        assert late(rules, "bob", **{NAME: moment}) == {NAME: expected}


def test_an_extension_is_one_students(rules):
    moment = {NAME: "2026-03-09T12:00:00+01:00"}
    assert late(rules, "ann", **moment) == {NAME: (0, 0, 0.0)}
    assert late(rules, "bob", **moment)[NAME][0] == 3


def test_free_days_are_spent_once_in_the_order_of_the_deadlines(rules):
    moments = {NAME: "2026-03-08T12:00:00+01:00", OTHER: "2026-02-21T12:00:00+01:00"}
    assert late(rules, "bob", **moments) == {OTHER: (1, 1, 0.0), NAME: (2, 1, 0.1)}


def test_without_a_time_nothing_is_late_and_that_is_said(rules):
    found = rules.lateness("bob", {NAME: ""})[NAME]
    assert (found.days, found.share) == (0, 0.0)
    assert "not known" in found.text
    assert Deadlines().lateness("bob", {NAME: ""}) == {NAME: Late()}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("due = 3", "due must be a table"),
        ('[due]\n"7-x" = 2026-03-06T23:59:00+01:00', "'7-x' is not an assignment"),
        (f'[due]\n"{NAME}" = 2026-03-06T23:59:00', "offset from UTC"),
        (f'[due]\n"{NAME}" = "tomorrow"', "offset from UTC"),
        ("penalty = 0.1", "'penalty' is not a known key"),
        ("penalty_per_day = 10", "from 0 to 1"),
        ("penalty_per_day = true", "from 0 to 1"),
        ("free_days = -1", "at least 0"),
        ("free_days = 1.5", "at least 0"),
        ("[[", "not readable as TOML"),
        ("extensions = 3", "extensions must be tables"),
    ],
)
def test_what_is_wrong_in_the_file_is_named(tmp_path, text, says):
    (tmp_path / "deadlines.toml").write_text(text)
    with pytest.raises(ValueError, match=says):
        read_deadlines(tmp_path / "deadlines.toml")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-06 23:59:00.123456 UTC\n", "2026-03-06T23:59:00.123456+00:00"),
        ("2026-03-06 23:59:00 Europe/Berlin", "2026-03-06T23:59:00+01:00"),
        ("2026-03-06 23:59:00", "2026-03-06T23:59:00+00:00"),
        ("2026-03-06T23:59:00+01:00", "2026-03-06T23:59:00+01:00"),
        ("../../etc/passwd x/y", ""),
        ("2026-03-06 23:59:00 ../x", ""),
        ("", ""),
    ],
)
def test_times_are_read_as_nbgrader_writes_them(text, moment):
    assert moment_of(text) == moment


def test_a_deadline_set_or_extended_after_grading_counts(isolation, tmp_path, rules):
    path = hand_in(tmp_path / "submitted", "ann", CLASS["ada"])
    (path.parent / "timestamp.txt").write_text("2026-03-11 10:00:00 UTC")
    places = tmp_path / "submitted", tmp_path / "graded"
    options = {"workers": 1, "isolation": "limits", "limits": Limits(seconds=2.0)}

    def row():
        return next(csv.DictReader((places[1] / "grades.csv").read_text().splitlines()))

    def page():
        return (places[1] / "ann" / NAME / "feedback.html").read_text()

    run.grade_folder(*places, **options)
    assert (row()["total"], row()["penalty"], row()["late_days"]) == (f"{FULL}", "0", "0")
    strict = Deadlines(rules.due, {}, 0.1)
    again = run.grade_folder(*places, **options, deadlines=strict)
    assert again.graded == 0
    penalty = round(0.5 * FULL, 2)
    assert (row()["score"], row()["total"], row()["penalty"]) == (f"{FULL}", f"{FULL - penalty:g}", f"{penalty:g}")
    assert f"{FULL - penalty:g} of {FULL} points" in page()
    assert f"{FULL} less {penalty:g} for being late" in page()
    assert "5 days late" in page()
    assert (places[1] / "lms.csv").read_text().splitlines()[1] == f"ann,{FULL - penalty:g}"
    run.grade_folder(*places, **options, deadlines=rules)  # the extension, and free days
    assert (row()["late_days"], row()["penalty"]) == ("2", "0")
    assert json.loads((places[1] / "ann" / NAME / "results.json").read_text())["score"] == FULL
