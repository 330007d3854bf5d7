"""Which isolation is chosen, what is refused, and that the machine's load does not change a mark."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from nnbook.course import box, sandbox, visible
from nnbook.course.box import Box
from nnbook.course.limits import CannotGrade, Isolation, Limits

from .submissions import ROOT, submission
from .test_hostile import AFTER_WRONG, FULL, NAME, WRONG

GOOD = submission(NAME)


@pytest.fixture(autouse=True)
def nothing_remembered():
    yield
    sandbox._tried.cache_clear()
    visible.roots.cache_clear()


def test_the_limits_alone_hold_time_and_memory(isolation):
    def outcome(code):
        notebook = json.dumps({"cells": [{"cell_type": "code", "source": code}]}).encode()
        with Box(notebook, Limits(seconds=1.0), isolation) as opened:
            return opened.call("f", [[]])[0]

    assert outcome("def f():\n    return 3")["value"] == 3
    assert "took longer" in outcome("def f():\n    while True:\n        pass")["error"]
    assert "MemoryError" in outcome("def f():\n    return len(bytearray(2 * 10**9))")["error"]
    assert outcome("import os\ndef f():\n    return os.getuid()")["value"] != 0


def test_a_report_says_what_the_limits_do_not_protect():
    assert "LIMITS ONLY" in Isolation("limits", False).note
    assert "names and sizes of other files" in Isolation("limits", False).note
    assert "no network" in Isolation("bubblewrap", False).note


def test_where_nothing_is_safe_nothing_is_graded(monkeypatch):
    monkeypatch.setattr(sandbox.sys, "platform", "darwin")
    for kind in sandbox.KINDS:
        with pytest.raises(CannotGrade, match="isolating submissions needs Linux"):
            sandbox.isolation(kind)


def test_without_bubblewrap_less_must_be_asked_for(monkeypatch):
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: None)
    with pytest.raises(CannotGrade, match=r"bubblewrap is not installed: .*--isolation limits"):
        sandbox.isolation()
    assert sandbox.isolation("limits").kind == "limits"


def test_without_landlock_the_limits_are_refused(monkeypatch):
    monkeypatch.setattr(visible, "for_landlock", lambda temporary: None)  # nothing is restricted then
    with pytest.raises(CannotGrade, match="could read a file of the teacher's"):
        sandbox.isolation("limits")


def test_a_module_that_cannot_be_imported_is_noticed_before_anybody_is_graded(monkeypatch):
    allowed = [["read", "/dev/urandom"]]
    monkeypatch.setattr(visible, "for_landlock", lambda temporary: [["write", temporary], *allowed])
    with pytest.raises(CannotGrade, match="limits does not"):
        sandbox.isolation("limits")


def test_a_closed_folder_is_named(monkeypatch, tmp_path):
    environment = tmp_path / "closed" / "environment"
    environment.mkdir(parents=True)
    (tmp_path / "closed").chmod(0o700)
    monkeypatch.setattr(visible, "roots", lambda: (environment,))
    monkeypatch.setattr(visible.os, "__file__", str(environment / "os.py"))
    assert visible.closed_folder(from_the_top=True)  # pytest's own folder, or ours
    environment.chmod(0o700)
    assert visible.closed_folder(from_the_top=False) == environment
    environment.chmod(0o755)
    assert visible.closed_folder(from_the_top=False) is None


def test_a_course_inside_the_environment_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(visible, "roots", lambda: (tmp_path,))
    with pytest.raises(CannotGrade, match="which submissions may read"):
        visible.keep_out(tmp_path / "course" / "submitted")
    visible.keep_out(Path("/nowhere/submitted"), None)


def test_a_sandbox_that_does_not_start_gives_no_mark(isolation, monkeypatch):
    monkeypatch.setattr(box.sys, "executable", "/bin/false")
    with pytest.raises(CannotGrade, match="did not start"):
        Box(GOOD, Limits(), Isolation("limits", False))


def test_a_busy_machine_changes_no_mark(grade, monkeypatch):
    """A notebook that works is waited for until its processor time is used up, however long that takes by the clock."""
    monkeypatch.setattr(Limits, "patience", property(lambda self: 2.0))
    work = "import time\nend = time.process_time() + 2.5\nwhile time.process_time() < end:\n    pass"
    assert grade(NAME, submission(NAME, first=work), seconds=8.0)["score"] == FULL
    sleep = "import time\ntime.sleep(8)"
    assert grade(NAME, submission(NAME, first=sleep), seconds=8.0)["score"] == FULL  # without the cell


def test_several_can_be_graded_at_once(grade):
    marks = {}

    def one(i):
        marks[i] = grade(NAME, submission(NAME, WRONG if i % 2 else {}))["score"]

    threads = [threading.Thread(target=one, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert marks == {0: FULL, 1: AFTER_WRONG, 2: FULL, 3: AFTER_WRONG}


def test_signals_are_as_before(grade):
    before = signal.getsignal(signal.SIGPROF)
    grade(NAME, GOOD)
    assert signal.getsignal(signal.SIGPROF) is before


ELSEWHERE = """
import asyncio, multiprocessing, os, shutil, signal, subprocess, sys, tempfile, zoneinfo, numpy
import concurrent.futures.process
for name in ("fcntl", "grp", "pwd", "resource", "termios"):
    sys.modules[name] = None
for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "chown", "geteuid", "getuid", "killpg", "statvfs"):
    delattr(os, name)
del signal.SIGKILL, signal.SIGPROF
sys.platform = "win32"
import nnbook.__main__
sys.exit(nnbook.__main__.main(["grade", "--submitted", "submitted"]))
"""


def test_where_nothing_of_linux_is_there_the_reason_is_given(tmp_path):
    (tmp_path / "submitted").mkdir()
    command = [sys.executable, "-c", ELSEWHERE]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("nothing was graded: isolating submissions needs Linux")
    assert "Traceback" not in done.stderr
