"""Find what was handed in, and read it without following a link or opening what is not an ordinary file."""

from __future__ import annotations

import dataclasses
import os
import re
import stat
from pathlib import Path

from .assignments import ASSIGNMENTS
from .deadlines import moment_of
from .inside.messages import short

FLAT = "a notebook beside the students' folders: sort such files with `python -m nnbook collect`"
LARGEST_NOTEBOOK = 7 << 20  # a notebook is a few hundred kilobytes; what is larger is not read


@dataclasses.dataclass(frozen=True)
class Submission:
    """Where a submission is: DIR/student/assignment/assignment.ipynb, nbgrader's folder layout."""

    student: str
    assignment: str
    folder: Path

    def read(self) -> tuple[bytes | None, str]:
        """Return the notebook's bytes (None when it may not be read) and a remark.

        Only an ordinary file of reasonable size is read: no link, which could lead anywhere, and no pipe or device.
        """
        wanted = f"{self.assignment}.ipynb"
        remark = ""
        if self._is_link():
            return None, "The submission is a link; links are not followed."
        try:
            names = sorted(n for n in os.listdir(self.folder) if n.endswith(".ipynb") and not n.startswith("."))
        except OSError as error:
            return None, f"The submission's folder cannot be read ({error.strerror})."
        if wanted not in names:
            if not names:
                return None, f"No notebook was handed in: {wanted} is missing."
            if len(names) > 1:
                return None, f"{wanted} is missing, and there are {len(names)} other notebooks."
            remark = f"The file should be called {wanted}; {short(names[0], 80)} was graded in its place."
            wanted = names[0]
        data, trouble = read_file(self.folder / wanted, LARGEST_NOTEBOOK)
        return data, trouble or remark

    def handed_in(self) -> str:
        """Return when it was handed in, as ISO text, from the timestamp.txt that collecting wrote; "" without one."""
        return moment_of(self.beside("timestamp.txt").decode("ascii", "replace"))

    def beside(self, name: str) -> bytes:
        """Return the contents of a short file that nbgrader put beside the notebook; b"" without one."""
        data, _ = (None, "") if self._is_link() else read_file(self.folder / name, 200)
        return data or b""

    def _is_link(self):
        return self.folder.is_symlink() or self.folder.parent.is_symlink()


def read_file(path: Path, most: int) -> tuple[bytes | None, str]:
    """Return the bytes of an ordinary file, or None and the reason; no link, pipe or device is opened."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        return None, f"The notebook cannot be read ({error.strerror}); links are not followed."
    try:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode):
            return None, "The notebook is not an ordinary file."
        parts, room = [], most + 1
        while room > 0 and (part := os.read(file, room)):
            parts.append(part)
            room -= len(part)
    except OSError as error:
        return None, f"The notebook cannot be read ({error.strerror})."
    finally:
        os.close(file)
    if room <= 0:
        return None, f"The notebook is far too large ({status.st_size:,} bytes): clear its outputs."
    return b"".join(parts), ""


def find(
    submitted: Path, assignment: str | None = None, student: str | None = None
) -> tuple[list[Submission], list[str]]:
    """Return the submissions below a folder (of one assignment or student, if named), and what was left out and why."""
    submitted = Path(submitted)
    if not submitted.is_dir():
        raise ValueError(f"grade: submitted must be a folder; {str(submitted)!r} is not")
    if assignment is not None and assignment not in ASSIGNMENTS:
        raise ValueError(f"grade: assignment must be one of {', '.join(ASSIGNMENTS)}; it is {assignment!r}")
    found, left_out = [], []
    for name in sorted(os.listdir(submitted)):
        folder = submitted / name
        if name.startswith(".") or student not in (None, name):
            continue
        if folder.is_symlink() or not folder.is_dir():
            if name.endswith(".ipynb"):
                left_out.append(f"{short(name, 80)}: {FLAT}")
            elif folder.is_symlink():
                left_out.append(f"{short(name, 60)}: a link; links are not followed")
            continue
        if not re.fullmatch(r"\w[\w .@+-]{0,99}", name):
            left_out.append(f"{short(name, 60)}: a student's folder may hold letters, digits and . @ + - _ only")
            continue
        inside = sorted(n for n in os.listdir(folder) if not n.startswith("."))
        found += [Submission(name, n, folder / n) for n in inside if n in ASSIGNMENTS and assignment in (None, n)]
        if not inside:
            left_out.append(f"{name}: the folder is empty")
        elif assignment is None:
            left_out += [f"{name}/{short(n, 60)}: no assignment has this name" for n in inside if n not in ASSIGNMENTS]
        elif not any(n in ASSIGNMENTS for n in inside):
            left_out.append(f"{name}: no assignment is in this folder; there is {short(inside[0], 60)}")
    return found, left_out
