"""The command `python -m nnbook return`: totals into the table that a learning-management system exported."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give the parser of `python -m nnbook return` its arguments."""
    parser.description = "Write the totals of an assignment into a copy of the table that Moodle or Canvas exported."
    parser.add_argument("table", type=Path, help="Moodle's grading worksheet, or Canvas's gradebook export")
    parser.add_argument("--assignment", required=True, metavar="NAME", help="for example 4-hidden-recursion")
    parser.add_argument("--graded", type=Path, default=Path("graded"), metavar="DIR", help="default: %(default)s")
    parser.add_argument("--column", help="where the totals go, if it cannot be determined")
    parser.add_argument("--output", type=Path, required=True, metavar="CSV", help="the copy, to be uploaded")
    parser.set_defaults(run_command=run)


def run(options: argparse.Namespace) -> int:
    """Write the totals, say how many, and return 0 unless there were none."""
    from .lms import give_back

    try:
        count, notes = give_back(options.table, options.graded, options.assignment, options.output, options.column)
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{count} totals are in {options.output}")
    for note in notes:
        print(note, file=sys.stderr)
    return 0 if count else 1
