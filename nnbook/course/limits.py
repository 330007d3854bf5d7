"""What a submission may use, how it is isolated, and the two ways in which that can fail."""

from __future__ import annotations

import dataclasses


class CannotGrade(Exception):
    """This system offers no safe way to run a submission, or the sandbox itself failed: no mark is given."""


class Stopped(Exception):
    """The student's process is gone or had to be ended; the text says why.

    Attributes
    ----------
    cell : int or None
        The cell that was running, while the notebook was being loaded.
    """

    def __init__(self, text: str, cell: int | None = None):
        super().__init__(text)
        self.cell = cell


@dataclasses.dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Attributes
    ----------
    seconds : float
        Processor time for running all the cells, and again for the visible checks; half of it for each call.
    memory : int
        Bytes of address space. A submission is one process, so this is all of its memory.
    threads : int
        Threads at one time.
    file_size : int
        Bytes of any one file it writes.
    temporary : int
        Bytes of its temporary folder.
    files : int
        Files in its temporary folder.
    grace : float
        Wall-clock seconds that a process may be silent beyond three times its processor time.
    """

    seconds: float = 20.0
    memory: int = 1 << 30
    threads: int = 16
    file_size: int = 16 << 20
    temporary: int = 32 << 20
    files: int = 2000
    grace: float = 5.0

    @property
    def patience(self) -> float:
        """Wall-clock seconds before a silent process is ended: generous, so that a busy machine changes no mark."""
        return 3 * self.seconds + self.grace


@dataclasses.dataclass(frozen=True)
class Isolation:
    """How a student's process is isolated: `kind` "bubblewrap" or "limits", and whether its user is changed.

    `search` is True where the process keeps the right to enter closed folders: Python is in one, and Landlock limits
    what it may read there.
    """

    kind: str
    change_user: bool
    search: bool = False

    @property
    def note(self) -> str:
        """One sentence for the report."""
        if self.kind == "bubblewrap":
            return "bubblewrap: no network, no files but the package and its own, limits on time, memory and threads"
        user = ", under a separate user" if self.change_user else ""
        return (
            f"LIMITS ONLY{user}: no network, no other process, no files but the package, Python, the system's "
            "libraries and its own; it could still see names and sizes of other files, and one fault in the system's "
            "kernel separates it from this machine"
        )
