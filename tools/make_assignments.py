"""Makes the student releases of the course's assignments: `python tools/make_assignments.py [--output DIR]`.

Everything between BEGIN SOLUTION and END SOLUTION is replaced by a stub, outputs are removed, and each release is then
checked: no line of a solution may be left in it. The result is that of `nbgrader generate_assignment`.
"""

import argparse
import copy
import re
import shutil
import sys
from pathlib import Path

import nbformat
from chapters import ROOT, read, to_bytes, write_atomically
from nbgrader.nbgraderformat import ValidationError
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
)

SOURCE = ROOT / "assignments" / "source"
RELEASE = ROOT / "_build" / "assignments" / "release"
# The steps of `nbgrader generate_assignment`, without its grade book.
STEPS = [LockCells, ClearSolutions, ClearOutput, ClearHiddenTests, ClearMarkScheme, ComputeChecksums, CheckCellMetadata]


class ReleaseError(Exception):
    """A source notebook that cannot be released; the message says which cell and why."""


def role(cell):
    """Return a cell's nbgrader metadata: a dict, empty for a cell without a role."""
    return cell.metadata.get("nbgrader", {})


def release(source):
    """Return the student's notebook made from an instructor's, as a new object; the source is not changed."""
    seen = set()
    for cell in source.cells:
        given = role(cell)
        if given and given["grade_id"] in seen:
            raise ReleaseError(f"cell {cell.id}: the grade_id {given['grade_id']!r} is used by two cells")
        seen.add(given.get("grade_id"))
        if "BEGIN SOLUTION" in cell.source and not given.get("solution"):
            raise ReleaseError(f"cell {cell.id} has a solution, but is not marked as a solution cell for nbgrader")
    nb, resources = copy.deepcopy(source), {}
    for preprocessor in STEPS:
        try:
            nb, resources = preprocessor().preprocess(nb, resources)
        except (RuntimeError, ValidationError) as error:
            raise ReleaseError(str(error)) from None
    check(source, nb)
    return nb


def check(source, released):
    """Raise ReleaseError if any part of a solution, or an output, is left in a release."""
    kept = {line.strip() for cell in released.cells for line in cell.source.split("\n")}
    secret = [(cell, set(_solution_lines(cell))) for cell in source.cells]
    public = {line.strip() for cell, lines in secret for line in cell.source.split("\n") if line not in lines}
    for cell, lines in secret:
        for line in sorted(lines):
            if line.strip() and line.strip() in kept and line.strip() not in public:
                raise ReleaseError(f"cell {cell.id}: a line of its solution is left in the release: {line.strip()!r}")
    for cell in released.cells:
        if re.search(r"(BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)", cell.source):
            raise ReleaseError(f"cell {cell.id}: a marker is left in the release")
        if cell.get("outputs"):
            raise ReleaseError(f"cell {cell.id}: an output is left in the release")


def _solution_lines(cell):
    inside, marked = False, "BEGIN SOLUTION" in cell.source
    for line in cell.source.split("\n"):
        if "END SOLUTION" in line:
            inside = False
        elif "BEGIN SOLUTION" in line:
            inside = True
        elif inside or (role(cell).get("solution") and not marked):
            yield line


def sources():
    """Return the instructor's notebooks, in order."""
    return sorted(SOURCE.glob("*/*.ipynb"))


def make_course(folder):
    """Copy what a teacher needs into a separate folder that git ignores, because it holds solutions and marks."""
    if folder.resolve().is_relative_to(ROOT):
        print(f"nothing was written: {folder} is inside the repository; a course must be private", file=sys.stderr)
        return 1
    if folder.exists() and any(folder.iterdir()):
        print(f"nothing was written: {folder} is not empty", file=sys.stderr)
        return 1
    shutil.copytree(SOURCE, folder / "source")
    shutil.copy(SOURCE.parent / "nbgrader_config.py", folder)
    (folder / "submitted").mkdir()
    (folder / ".gitignore").write_text("# solutions, submissions and marks must not be committed\n*\n")
    folder.chmod(0o700)
    print(f"{folder}: source/ with the solutions, submitted/ for submissions; other users have no access")
    return 0


def _released(path):
    try:
        return release(read(path))
    except ReleaseError as error:
        raise ReleaseError(f"{path.name}: {error}") from None


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--output", type=Path, default=RELEASE, help="default: _build/assignments/release")
    parser.add_argument(
        "--course", type=Path, metavar="DIR", help="make a course folder for nbgrader, solutions included"
    )
    options = parser.parse_args(arguments)
    if options.course is not None:
        return make_course(options.course)
    try:
        made = [(path, _released(path)) for path in sources()]
    except (ReleaseError, nbformat.ValidationError, OSError, ValueError) as error:
        print(f"nothing was written: {error}", file=sys.stderr)
        return 1
    for path, nb in made:
        target = options.output / path.parent.name / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, to_bytes(nb))
        points = sum(role(cell).get("points", 0) for cell in nb.cells)
        print(f"{target}: {len(nb.cells)} cells, {points} points")
    return 0


if __name__ == "__main__":
    sys.exit(main())
