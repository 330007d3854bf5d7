"""Makes the student releases of the course's assignments: `python tools/make_assignments.py [--output DIR]`.

What stands between BEGIN SOLUTION and END SOLUTION is replaced by a stub, outputs are removed, and each release is then
checked: no line of a solution may be left in it. The result is the same as that of `nbgrader generate_assignment`.
"""

import argparse
import copy
import hashlib
import re
import sys
from pathlib import Path

import nbformat
from chapters import ROOT, read, to_bytes, write_atomically

SOURCE = ROOT / "assignments" / "source"
RELEASE = ROOT / "_build" / "assignments" / "release"
STUBS = {"code": ["# YOUR CODE HERE", "raise NotImplementedError()"], "markdown": ["YOUR ANSWER HERE"]}


class ReleaseError(Exception):
    """A source notebook that cannot be released; the message says which cell and why."""


def role(cell):
    """What nbgrader's metadata say about a cell: a dict, empty for a cell without a role."""
    return cell.metadata.get("nbgrader", {})


def release(source):
    """The student's notebook made from an instructor's: a new object, the source is left as it is."""
    nb = copy.deepcopy(source)
    seen = set()
    for cell in nb.cells:
        given = role(cell)
        if given:
            if given["grade_id"] in seen:
                raise ReleaseError(f"cell {cell.id}: the grade_id {given['grade_id']!r} stands in two cells")
            seen.add(given["grade_id"])
        cell.source, replaced = _without_solution(cell)
        if replaced and not given.get("solution"):
            raise ReleaseError(f"cell {cell.id} has a solution, but nbgrader does not know it as a solution cell")
        if given.get("solution") and not replaced:
            cell.source = "\n".join(STUBS[cell.cell_type])
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        if given:
            cell.metadata["deletable"] = False
            if given["locked"] and not given["solution"]:
                cell.metadata["editable"] = False
            if given["grade"] or given["solution"] or given["locked"]:
                given["checksum"], given["cell_type"] = _checksum(cell), cell.cell_type
    check(source, nb)
    return nb


def check(source, released):
    """Raise ReleaseError when anything of a solution, or an output, is left in a release."""
    kept = {line.strip() for cell in released.cells for line in cell.source.split("\n")}
    public = {line.strip() for cell in source.cells for line in _without_solution(cell)[0].split("\n")}
    for cell in source.cells:
        for line in _solution_lines(cell):
            if line.strip() and line.strip() in kept and line.strip() not in public:
                raise ReleaseError(f"cell {cell.id}: a line of its solution is left in the release: {line.strip()!r}")
    for cell in released.cells:
        if re.search(r"(BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)", cell.source):
            raise ReleaseError(f"cell {cell.id}: a marker is left in the release")
        if cell.get("outputs"):
            raise ReleaseError(f"cell {cell.id}: an output is left in the release")


def _without_solution(cell):
    lines, inside, replaced = [], False, False
    for line in cell.source.split("\n"):
        if "BEGIN SOLUTION" in line:
            if inside:
                raise ReleaseError(f"cell {cell.id}: a solution begins inside a solution")
            inside = replaced = True
            indent = line[: len(line) - len(line.lstrip())]
            lines += [indent + stub for stub in STUBS[cell.cell_type]]
        elif "END SOLUTION" in line:
            inside = False
        elif not inside:
            lines.append(line)
    if inside:
        raise ReleaseError(f"cell {cell.id}: a solution does not end")
    return "\n".join(lines), replaced


def _solution_lines(cell):
    inside, marked = False, "BEGIN SOLUTION" in cell.source
    for line in cell.source.split("\n"):
        if "END SOLUTION" in line:
            inside = False
        elif "BEGIN SOLUTION" in line:
            inside = True
        elif inside or (role(cell).get("solution") and not marked):
            yield line


def _checksum(cell):
    """What nbgrader computes to see whether a cell was touched (so that an untouched answer gets no points)."""
    given = role(cell)
    parts = [cell.source, cell.cell_type, *(str(given[name]) for name in ("grade", "solution", "locked"))]
    parts.append(given["grade_id"])
    if given["grade"]:
        parts.append(str(float(given["points"])))
    return hashlib.md5("".join(parts).encode(), usedforsecurity=False).hexdigest()


def sources():
    """The instructor's notebooks, in order."""
    return sorted(SOURCE.glob("*/*.ipynb"))


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--output", type=Path, default=RELEASE, help="default: _build/assignments/release")
    options = parser.parse_args(arguments)
    try:
        made = [(path, release(read(path))) for path in sources()]
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
