"""The command `python -m nnbook grade`: its arguments, and what it prints."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give the parser of `python -m nnbook grade` its arguments."""
    parser.description = "Grade a folder of submissions, student/assignment/assignment.ipynb, from outside."
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--submitted", type=Path, metavar="DIR", help="folder of submissions")
    what.add_argument(
        "--course",
        type=Path,
        metavar="DIR",
        help="nbgrader's course folder: grade DIR/submitted into DIR/graded, then fill its grade book and feedback",
    )
    parser.add_argument("--output", type=Path, metavar="DIR", help="default: graded, or DIR/graded of a course")
    parser.add_argument("--assignment", metavar="NAME", help="only this one, for example 4-hidden-recursion")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--workers", type=_positive, metavar="N", help="processes here; default: one for each core")
    where.add_argument("--scheduler", metavar="tcp://…", help="address of a Dask scheduler: grade on its workers")
    parser.add_argument("--seconds", type=float, default=20.0, help="processor time for one notebook; default: 20")
    parser.add_argument("--memory", type=_positive, default=1024, help="megabytes for a notebook; default: %(default)s")
    parser.add_argument(
        "--isolation",
        choices=("bubblewrap", "limits"),
        default="bubblewrap",
        help="limits: do without bubblewrap, where it cannot be installed; this protects less (default: %(default)s)",
    )
    parser.add_argument("--secret", type=Path, metavar="FILE", help="default: .secret in the output folder")
    parser.add_argument(
        "--deadlines",
        type=Path,
        metavar="FILE",
        help="deadlines, extensions and late days; default: deadlines.toml beside the submissions, if there is one",
    )
    parser.add_argument("--again", action="store_true", help="grade unchanged submissions too")
    parser.add_argument("--book", metavar="URL", help="address of the book, for links in the feedback")
    parser.set_defaults(run_command=run)


def _positive(text):
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number, at least 1; it is {text!r}")
    return number


def run(options: argparse.Namespace) -> int:
    """Grade, print the report, and return 0 unless a submission could not be graded or none was found."""
    from .deadlines import Deadlines, read_deadlines
    from .limits import CannotGrade, Limits

    submitted = options.submitted or options.course / "submitted"
    output = options.output or (options.course or Path()) / "graded"
    if options.course and output.resolve() != (options.course / "graded").resolve():
        print("grade: with --course the output is DIR/graded, where nbgrader looks for it", file=sys.stderr)
        return 1
    troubles = []
    try:
        rules = options.deadlines or submitted.resolve().parent / "deadlines.toml"
        deadlines = read_deadlines(rules) if options.deadlines or rules.is_file() else Deadlines()
        from .run import grade_folder

        report = grade_folder(
            submitted,
            output,
            assignment=options.assignment,
            workers=options.workers,
            scheduler=options.scheduler,
            secret=options.secret,
            limits=Limits(seconds=options.seconds, memory=options.memory << 20),
            isolation=options.isolation,
            book=options.book,
            deadlines=deadlines,
            again=options.again,
        )
        if options.course:
            troubles = _record(options.course, report)
    except (CannotGrade, ValueError, OSError) as error:
        print(f"nothing was graded: {error}" if isinstance(error, CannotGrade) else error, file=sys.stderr)
        return 1
    print(report)
    print(f"grades: {output / 'grades.csv'}")
    for trouble in troubles:
        print(trouble, file=sys.stderr)
    if not report.results and not report.failed:
        print(
            f"grade: no submission was found in {submitted}; expected {submitted}/STUDENT/ASSIGNMENT/ASSIGNMENT.ipynb. "
            "A download from a learning-management system is sorted into this layout by `python -m nnbook collect`",
            file=sys.stderr,
        )
        return 1
    return 1 if report.failed or troubles else 0


def _record(course, report):
    from .limits import CannotGrade

    try:
        from .grade_book import record
    except ImportError as error:
        raise CannotGrade(f"--course needs nbgrader: pip install -r requirements-course.txt ({error})") from None
    return record(course, report)
