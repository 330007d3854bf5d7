"""A folder of submissions: each is graded once, on all cores, even if some are hostile or a worker dies."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest

import nnbook.__main__
from nnbook.course import engines, results, run
from nnbook.course.assignments import ASSIGNMENTS
from nnbook.course.limits import CannotGrade, Limits

from .submissions import released, submission

NAME = "4-hidden-recursion"
FULL = ASSIGNMENTS[NAME].points
LIMITS = Limits(seconds=2.0, grace=1.0)
WRONG = {"hidden_delta_relu": "def hidden_delta_relu(d, W, z):\n    return d @ W"}
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"
INJECTED = {
    "hidden_delta": f"def hidden_delta(d, W, z):\n    raise ValueError({SCRIPT!r})",
    "hidden_delta_batch": f"def hidden_delta_batch(d, W, z):\n    return {{{SCRIPT!r}: 1}}",
    "hidden_delta_relu": "def hidden_delta_relu(d, W, z):\n    raise ValueError('\\ud800\\x1b[31m\\u202e' + '=1+1')",
}
CLASS = {
    "ada": submission(NAME),
    "bob": submission(NAME, WRONG),
    "cleo": submission(NAME, start=released(NAME)),
    "dan": b'{"cells": [',
    "eve": submission(NAME, first="import os\nos._exit(0)"),
    "finn": submission(NAME, INJECTED),
    "gus": submission(NAME, first=f"raise ValueError({SCRIPT!r})"),
}
SCORES = {"ada": FULL, "bob": FULL - 3, "cleo": 0, "dan": 0, "eve": FULL, "finn": 4, "gus": FULL}


def hand_in(folder, student, data, file=f"{NAME}.ipynb", assignment=NAME):
    path = folder / student / assignment / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


@pytest.fixture
def submitted(tmp_path):
    for student, data in CLASS.items():
        hand_in(tmp_path / "submitted", student, data)
    return tmp_path / "submitted"


def scores(report):
    return {r["student"]: r["score"] for r in report.results}


def untimed(results):
    return [{k: v for k, v in r.items() if k != "seconds"} for r in results]


@pytest.fixture(scope="module")
def graded(isolation, tmp_path_factory):
    """The class graded once on two cores: the folder and the report."""
    folder = tmp_path_factory.mktemp("course")
    for student, data in CLASS.items():
        hand_in(folder / "submitted", student, data)
    report = run.grade_folder(
        folder / "submitted", folder / "graded", workers=2, isolation="limits", limits=LIMITS, book="https://book.test/"
    )
    return folder, report


def test_everybody_gets_the_own_mark(graded):
    _, report = graded
    assert scores(report) == SCORES
    assert (report.graded, report.unchanged, report.failed, report.skipped) == (len(CLASS), 0, [], [])
    assert f"{len(CLASS)} submissions graded" in str(report)
    assert report.note in str(report)


def test_a_second_run_grades_only_what_is_new_or_changed(graded, tmp_path):
    _, first = graded
    folder = Path(shutil.copytree(graded[0], tmp_path / "course"))

    def again():
        places = folder / "submitted", folder / "graded"
        return run.grade_folder(*places, workers=1, isolation="limits", limits=LIMITS, book="https://book.test/")

    second = again()
    assert (second.graded, second.unchanged) == (0, len(CLASS))
    assert second.results == first.results
    every = run.grade_folder(
        folder / "submitted",
        folder / "graded",
        workers=1,
        isolation="limits",
        limits=LIMITS,
        book="https://book.test/",
        again=True,
    )
    assert every.graded == len(CLASS)
    assert untimed(every.results) == untimed(first.results)
    hand_in(folder / "submitted", "hal", CLASS["ada"])
    hand_in(folder / "submitted", "bob", CLASS["ada"])
    (folder / "graded" / "cleo" / NAME / "feedback.html").unlink()  # as if the run had been cut off here
    third = again()
    assert (third.graded, third.unchanged) == (3, len(CLASS) - 2)
    assert scores(third) == {**SCORES, "bob": FULL, "hal": FULL}


def test_the_same_class_gets_the_same_results_in_another_folder(graded, submitted, tmp_path):
    folder, report = graded
    again = run.grade_folder(
        submitted,
        tmp_path / "graded",
        workers=1,
        isolation="limits",
        limits=LIMITS,
        secret=folder / "graded" / ".secret",
        book="",
    )
    assert untimed(again.results) == untimed(report.results)


def test_results_json_is_in_gradescopes_form(graded):
    folder, _ = graded
    for student, score in SCORES.items():
        result = json.loads((folder / "graded" / student / NAME / "results.json").read_text())
        assert result["score"] == pytest.approx(sum(test["score"] for test in result["tests"]))
        assert result["score"] == score
        assert sum(test["max_score"] for test in result["tests"]) == FULL
        for test in result["tests"]:
            assert set(test) == {
                "name", "number", "score", "max_score", "status", "output", "output_format", "visibility",
            }  # fmt: skip
            assert test["status"] in ("passed", "failed")
            assert test["output_format"] == "text"


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.addresses = [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.addresses += [(tag, n, v) for n, v in attributes if n in ("src", "href", "srcset", "action", "data")]
        assert not any(name.startswith("on") for name, _ in attributes)


@pytest.mark.parametrize("student", CLASS)
def test_feedback_loads_nothing_and_runs_nothing(graded, student):
    folder, _ = graded
    text = (folder / "graded" / student / NAME / "feedback.html").read_text(encoding="utf-8")
    page = Page()
    page.feed(text)
    assert not {"script", "img", "iframe", "link", "object", "embed", "form", "svg", "base"} & set(page.tags)
    assert all(tag == "a" and value.startswith("https://book.test/") for tag, _, value in page.addresses)
    assert not any(bad in text for bad in ("@import", "url(", "\x1b", "\u202e"))


def test_feedback_names_the_mistake_and_leads_to_the_section(graded):
    folder, _ = graded
    text = (folder / "graded" / "bob" / NAME / "feedback.html").read_text(encoding="utf-8")
    assert "f&#39; is missing" in text
    assert "https://book.test/11-hidden-recursion.html#equation-eq-hidden-delta-batch" in text
    assert all(word in text for word in ("delta_next =", "expected", "got"))


def test_feedback_never_holds_a_solution_or_a_law(graded):
    folder, _ = graded
    for student in CLASS:
        for name in ("feedback.html", "results.json"):
            text = (folder / "graded" / student / NAME / name).read_text(encoding="utf-8")
            assert not any(word in text for word in ("BEGIN SOLUTION", "lambda", "np.einsum", "derivative("))


def test_tables(graded):
    folder, _ = graded
    rows = list(csv.DictReader((folder / "graded" / "grades.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["student"] for row in rows] == list(CLASS)
    assert all(not cell.startswith(("=", "+", "@")) for row in rows for cell in row.values())
    wide = list(csv.DictReader((folder / "graded" / "lms.csv").read_text(encoding="utf-8").splitlines()))
    assert {row["student"]: float(row[NAME]) for row in wide} == SCORES


def test_formulas_of_a_spreadsheet_are_text(tmp_path):
    result = {"student": "x", "assignment": "=cmd()", "score": 1.0, "max_score": 2, "isolation": "limits",
              "remark": "@SUM(1)", "problems": [], "tasks": []}  # fmt: skip
    results.tables(tmp_path, [results.Standing(result)])
    assert "'=cmd()" in (tmp_path / "grades.csv").read_text()
    assert "'@SUM(1)" in (tmp_path / "grades.csv").read_text()


# --- what lies in the folder --------------------------------------------------------------------------------


def test_what_is_no_ordinary_notebook_is_not_opened(isolation, tmp_path):
    folder = tmp_path / "submitted"
    solution = hand_in(tmp_path, "elsewhere", CLASS["ada"])
    for student in ("link", "pipe", "huge", "none", "many", "folder", "renamed"):
        (folder / student / NAME).mkdir(parents=True)
    (folder / "link" / NAME / f"{NAME}.ipynb").symlink_to(solution)
    os.mkfifo(folder / "pipe" / NAME / f"{NAME}.ipynb")
    with open(folder / "huge" / NAME / f"{NAME}.ipynb", "wb") as file:
        file.truncate(10**9)
    hand_in(folder, "many", CLASS["ada"], "a.ipynb")
    hand_in(folder, "many", CLASS["ada"], "b.ipynb")
    (folder / "folder" / NAME / f"{NAME}.ipynb").mkdir()
    hand_in(folder, "renamed", CLASS["ada"], "my homework (2).ipynb")
    (folder / "linked").mkdir()
    (folder / "linked" / NAME).symlink_to(folder / "renamed" / NAME)
    hand_in(folder, "=1+1", CLASS["ada"])
    hand_in(folder, "renamed", CLASS["ada"], assignment="4-hidden_recursion")
    report = run.grade_folder(folder, tmp_path / "graded", workers=1, isolation="limits", limits=LIMITS)
    told = {r["student"]: (r["score"], r["remark"]) for r in report.results}
    assert told.pop("renamed") == (
        FULL,
        f"The file should be called {NAME}.ipynb; my homework (2).ipynb was graded in its place.",
    )
    assert {score for score, _ in told.values()} == {0}
    says = {"link": "links are not followed", "pipe": "not an ordinary file", "huge": "far too large",
            "none": "No notebook",
            "many": "2 other notebooks", "folder": "not an ordinary file",
            "linked": "links are not followed"}  # fmt: skip
    assert set(told) == set(says)
    for student, words in says.items():
        assert words in told[student][1], student
    assert [line.split(":")[0] for line in report.skipped] == ["=1+1", "renamed/4-hidden_recursion"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"submitted": "nowhere"}, "must be a folder"),
        ({"assignment": "7"}, "must be one of"),
        ({"output": "submitted/graded"}, "must not lie inside"),
        ({"isolation": "none"}, "isolation must be"),
    ],
)
def test_bad_arguments_are_refused_before_any_work(tmp_path, arguments, says):
    (tmp_path / "submitted").mkdir()
    given = {"submitted": "submitted", "output": "graded", **arguments}
    given["submitted"], given["output"] = tmp_path / given["submitted"], tmp_path / given["output"]
    with pytest.raises(ValueError, match=says):
        run.grade_folder(**given)
    assert not (tmp_path / "graded").exists()


def test_a_short_secret_is_refused(tmp_path):
    (tmp_path / "secret").write_bytes(b"x")
    with pytest.raises(ValueError, match="must have at least 16 bytes; it has 1"):
        run.secret_of(tmp_path / "secret")


def test_the_secret_is_kept_and_private(tmp_path):
    secret = run.secret_of(tmp_path / "new" / ".secret")
    assert len(secret) == 32
    assert run.secret_of(tmp_path / "new" / ".secret") == secret
    assert (tmp_path / "new" / ".secret").stat().st_mode & 0o077 == 0


# --- workers that die -------------------------------------------------------------------------------------------


def test_a_killed_worker_loses_nothing(isolation, tmp_path):
    folder = tmp_path / "submitted"
    for i in range(6):
        hand_in(folder, f"student{i}", submission(NAME, WRONG if i % 2 else {}))
    killed = []

    def kill():
        deadline = time.monotonic() + 60
        while not killed and time.monotonic() < deadline:
            if any((tmp_path / "graded").glob("*/*/results.json")):
                for pid in _spawned():
                    os.kill(pid, signal.SIGKILL)
                    killed.append(pid)
                    return
            time.sleep(0.005)

    killer = threading.Thread(target=kill)
    killer.start()
    report = run.grade_folder(folder, tmp_path / "graded", workers=2, isolation="limits", limits=LIMITS)
    killer.join()
    assert killed
    assert scores(report) == {f"student{i}": FULL - 3 * (i % 2) for i in range(6)}
    assert report.graded == 6


def _spawned():
    """The pool's worker processes: this process's children that multiprocessing started."""
    children = []
    for task in os.listdir("/proc/self/task"):
        with open(f"/proc/self/task/{task}/children") as file:
            children += [int(pid) for pid in file.read().split()]
    found = []
    for pid in children:
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                if b"spawn_main" in file.read():
                    found.append(pid)
        except OSError:
            pass
    return found


def test_workers_that_always_die_end_the_run(monkeypatch):
    monkeypatch.setattr(engines, "MOST_LOSSES", 0)
    with pytest.raises(CannotGrade, match="workers were killed"):
        list(engines.here(_die, iter([{"student": "a"}, {"student": "b"}]), 2))


def _die(item):
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_grader_that_fails_gives_no_mark_and_stops_nobody(isolation, tmp_path, monkeypatch):
    for student in ("ada", "bob"):
        hand_in(tmp_path / "submitted", student, CLASS[student])
    right = run.grading.grade

    def broken(item):
        if item["student"] == "ada":
            raise RuntimeError("out of luck")
        return right(item)

    monkeypatch.setattr(run.grading, "grade", broken)
    report = run.grade_folder(tmp_path / "submitted", tmp_path / "graded", workers=1, isolation="limits", limits=LIMITS)
    assert scores(report) == {"bob": FULL - 3}
    assert report.failed == [f"ada, {NAME}: the grader itself failed: RuntimeError: out of luck"]
    assert not (tmp_path / "graded" / "ada").exists()


# --- the command, and a cluster -----------------------------------------------------------------------------------


def test_the_command(isolation, tmp_path):
    hand_in(tmp_path / "submitted", "bob", CLASS["bob"])
    command = [
        sys.executable,
        "-m",
        "nnbook",
        "grade",
        "--submitted",
        tmp_path / "submitted",
        "--workers",
        "1",
        "--isolation",
        "limits",
    ]
    done = subprocess.run([*command, "--seconds", "4"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 submission graded" in done.stdout
    assert "isolation:" in done.stdout
    page = (tmp_path / "graded" / "bob" / NAME / "feedback.html").read_text(encoding="utf-8")
    note = done.stdout.partition("isolation: ")[2].splitlines()[0]
    assert note
    assert note not in page, "how submissions are closed off is the teacher's business"


def test_the_command_says_what_is_wrong(tmp_path, capsys):
    assert nnbook.__main__.main(["grade", "--submitted", str(tmp_path / "nowhere")]) == 1
    assert "must be a folder" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        nnbook.__main__.main(["grade", "--submitted", str(tmp_path), "--workers", "0"])
    assert "must be a whole number, at least 1" in capsys.readouterr().err


def test_a_cluster_gives_the_same_marks(isolation, graded, submitted, tmp_path):
    distributed = pytest.importorskip("distributed", reason="Dask is not installed: grading on a cluster was not run")
    folder, report = graded
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", scheduler_port=0
    ) as cluster:
        again = run.grade_folder(
            submitted,
            tmp_path / "graded",
            scheduler=cluster.scheduler_address,
            isolation="limits",
            limits=LIMITS,
            secret=folder / "graded" / ".secret",
        )
    assert untimed(again.results) == untimed(report.results)
    assert again.graded == len(CLASS)
