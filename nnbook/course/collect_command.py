"""The command `python -m nnbook collect`: a download of submissions into the folders that grading reads."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give the parser of `python -m nnbook collect` its arguments."""
    parser.description = "Sort a download from Moodle, Canvas or another system into the folders that grading reads."
    parser.add_argument("download", type=Path, help="the zip file, or a folder")
    parser.add_argument("--assignment", required=True, metavar="NAME", help="for example 4-hidden-recursion")
    parser.add_argument("--submitted", type=Path, default=Path("submitted"), metavar="DIR", help="default: %(default)s")
    parser.add_argument("--worksheet", type=Path, metavar="CSV", help="Moodle's worksheet, for the times")
    parser.add_argument("--zone", default="UTC", help="time zone of the worksheet, such as Europe/Berlin")
    parser.set_defaults(run_command=run)


def run(options: argparse.Namespace) -> int:
    """Collect, say how many, and return 0 unless nothing was found to collect."""
    from .lms import collect

    try:
        students, left_out = collect(
            options.download, options.assignment, options.submitted, options.worksheet, options.zone
        )
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{students} students' notebooks are in {options.submitted}")
    for entry in left_out:
        print(f"left out: {entry}", file=sys.stderr)
    return 0 if students else 1
