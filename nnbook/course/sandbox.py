"""Find out how a submission can be isolated here, by trying to break out of a process isolated in that way."""

from __future__ import annotations

import functools
import importlib.util
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from . import visible
from .box import Box
from .inside.messages import short
from .limits import CannotGrade, Isolation, Limits, Stopped

KINDS = ("bubblewrap", "limits")
HOW_TO_GET = "install bubblewrap (Debian, Ubuntu: sudo apt install bubblewrap; Fedora: sudo dnf install bubblewrap)"


def isolation(wanted: str = "bubblewrap") -> Isolation:
    """Return the isolation that was asked for, once a test has shown that it works.

    Parameters
    ----------
    wanted : str
        "bubblewrap", or "limits": without bubblewrap, protecting less.

    Raises
    ------
    CannotGrade
        When it does not work here; nothing weaker is used instead.
    """
    if wanted not in KINDS:
        raise ValueError(f'isolation must be "bubblewrap" or "limits"; it is {wanted!r}')
    if not sys.platform.startswith("linux"):
        raise CannotGrade("isolating submissions needs Linux: use Linux, a Linux container, or WSL on Windows")
    return _tried(wanted, os.geteuid() == 0, shutil.which("bwrap"))


@functools.cache
def _tried(wanted, root, bubblewrap):
    search = False
    if wanted == "bubblewrap":
        if not bubblewrap:
            raise CannotGrade(
                f"bubblewrap is not installed: {HOW_TO_GET}, or ask for --isolation limits, which needs Linux 5.13 and "
                "protects less: the teachers' page says what"
            )
        if root and (folder := visible.closed_folder(from_the_top=False)):
            raise CannotGrade(
                f"{folder} may be entered by its owner only, and a submission runs as another user: run "
                f"`chmod o+rX {folder}`, grade as an ordinary user, or ask for --isolation limits"
            )
    else:
        search = root and visible.closed_folder(from_the_top=True) is not None
    how = Isolation(wanted, root, search)
    try:
        doors = _open_doors(how)
    except (Stopped, OSError) as error:
        raise CannotGrade(f"{wanted} does not work here: {error}") from None
    if doors:
        raise CannotGrade(f"{wanted} does not isolate a process here: {doors}")
    return how


def _open_doors(how):
    """Return what a process in this isolation can do and must not, or cannot and must; "" when all is well."""
    others = [name for name in ("matplotlib", "pytest") if importlib.util.find_spec(name)]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as secret:
        secret.write("of the teacher")
        secret.flush()
        os.chmod(secret.name, 0o666)
        arguments = [secret.name, str(visible.COURSE / "tasks.py"), others[:1], os.getpid()]
        trial = Path(__file__).with_name("trial.py").read_text(encoding="utf-8")
        notebook = {"cells": [{"cell_type": "code", "source": trial}]}
        with Box(json.dumps(notebook).encode(), Limits(seconds=20), how) as box:
            if box.problems:
                return box.problems[0]
            [found] = box.call("doors", [arguments])
    value = found.get("value", found.get("error"))
    return short(value) if isinstance(value, str) else "the trial ended without an answer"
