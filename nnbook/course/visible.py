"""Which files a student's process may see: the system's libraries, Python and the package, without the course."""

from __future__ import annotations

import functools
import os
import stat
import sys
from pathlib import Path

import numpy as np

from .limits import CannotGrade

COURSE = Path(__file__).resolve().parent
PACKAGE = COURSE.parent
INSIDE = COURSE / "inside"
LIBRARIES = ("/lib", "/lib32", "/lib64", "/usr/lib", "/usr/local/lib", "/usr/share/zoneinfo", "/usr/share/fonts")
SETTINGS = ("/etc/ld.so.cache", "/etc/localtime", "/etc/alternatives")


@functools.cache
def roots() -> tuple[Path, ...]:
    """Return the folders of Python, of the environment and of the package, none inside another."""
    places = (sys.prefix, sys.base_prefix, sys.exec_prefix, PACKAGE, Path(sys.executable).parent)
    paths = {path for place in places for path in (Path(place), Path(place).resolve())}
    paths.add(Path(sys.executable).resolve().parent.parent)
    paths = {p for p in paths if p.exists() and str(p) not in ("/", "/usr/bin", "/bin")}
    return tuple(sorted(p for p in paths if not any(q in p.parents for q in paths)))


def closed_folder(from_the_top: bool) -> Path | None:
    """Return a folder above or in the environment that another user may not enter, or None.

    With `from_the_top` every folder on the way counts, else those from the environment's own downwards.
    """
    needed = {*roots(), Path(os.__file__).resolve().parent, Path(np.__file__).resolve().parent, PACKAGE}
    for place in sorted(needed):
        for folder in (*reversed(place.parents), place):
            counts = from_the_top or any(root == folder or root in folder.parents for root in roots())
            if counts and not folder.stat().st_mode & stat.S_IXOTH:
                return folder
    return None


def keep_out(*paths: Path | None) -> None:
    """Raise CannotGrade when one of these lies in a folder that every submission may read."""
    for path in paths:
        for root in (*roots(), *map(Path, LIBRARIES)):
            if path is not None and Path(path).resolve().is_relative_to(root.resolve()):
                raise CannotGrade(
                    f"{path} lies inside {root}, which submissions may read because Python or the package is there; "
                    "keep the course in a separate folder"
                )


def for_landlock(temporary: str) -> list[list[str]]:
    """Return pairs of access and path for `confine`; what holds the tasks and their laws is left out."""
    pairs = [["write", temporary]]
    for root in (*roots(), *map(Path, LIBRARIES), *map(Path, SETTINGS)):
        pairs += _without_course(root)
    pairs += [["device", "/dev/null"], *(["read", f"/dev/{name}"] for name in ("zero", "random", "urandom"))]
    return pairs


@functools.cache
def _without_course(root):
    if root == COURSE:
        return []
    if root not in COURSE.parents:
        return [["read", str(root)]] if root.exists() else []
    pairs = [["list", str(root)]]
    for child in sorted(root.iterdir()):
        pairs += _without_course(child)
    return pairs


@functools.cache
def for_bubblewrap() -> list[str]:
    """Return bubblewrap's arguments for what may be seen, read-only."""
    paths = [Path("/usr"), *(p for p in roots() if not p.is_relative_to("/usr"))]
    command = []
    for link in ("/bin", "/sbin", "/lib", "/lib32", "/lib64"):
        if os.path.islink(link):
            command += ["--symlink", os.readlink(link), link]
        elif os.path.isdir(link):
            command += ["--ro-bind", link, link]
    made = set()
    for path in sorted(paths):
        for parent in reversed(path.parents):
            if str(parent) != "/" and parent not in made:
                command += ["--perms", "0755", "--dir", str(parent)]
                made.add(parent)
        command += ["--ro-bind", str(path), str(path)]
    for file in SETTINGS:
        command += ["--ro-bind-try", file, file]
    # Tasks and laws must not be readable in the sandbox; only the program of the process is shown.
    folder = str(COURSE)
    command += ["--perms", "0755", "--size", "4096", "--tmpfs", folder, "--remount-ro", folder]
    return [*command, "--perms", "0755", "--dir", "/box", "--ro-bind", str(INSIDE), "/box/inside"]
