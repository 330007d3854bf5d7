"""The command `python -m nnbook verify`: says of every equation in notebooks and text files whether it holds."""

from __future__ import annotations

import argparse
import sys

from . import examine, reports
from .examine import Report

FORMATS = ("text", "json", "github", "sarif")
EPILOG = (
    "Exit status: 0 when no equation is refuted; 1 when one is, or, with --strict, when one depends on an assumption, "
    "needs values or cannot be read; 2 when nothing was judged, a file cannot be read, or a part of the checker is not "
    "installed."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's arguments to argparse."""
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="a notebook (.ipynb), Markdown (.md, .qmd), LaTeX (.tex), or a folder"
    )
    parser.add_argument("--notation", metavar="NAME", help="what the letters mean: book, nielsen, deeplearning.ai …")
    parser.add_argument("--strict", action="store_true", help="fail unless every equation holds")
    parser.add_argument("--format", choices=FORMATS, default="text", help="the output format (default: text)")
    parser.add_argument("--json", action="store_const", const="json", dest="format", help="short for --format json")
    parser.add_argument(
        "--run",
        action="store_true",
        help="run the code cells that a check with given= needs (only for files you trust)",
    )
    parser.add_argument(
        "--pass-with-no-equations",
        action="store_true",
        help="do not fail on files without displayed equations (for hooks that pass changed files)",
    )
    parser.epilog = EPILOG
    parser.set_defaults(run_command=main)


def main(arguments: argparse.Namespace) -> int:
    """Check the files, report what was found, and return the exit status."""
    try:
        found = examine.examine_all(arguments.files, arguments.notation, arguments.run)
    except examine.UnknownNotation as error:
        print(f"verify: {error}", file=sys.stderr)
        return 2
    _print(found, arguments)
    status = examine.exit_status(found, arguments.strict, arguments.pass_with_no_equations)
    if status == 2:
        for problem in examine.problems_of(found) or [_nothing(found)]:
            print(problem, file=sys.stderr)
    return status


def _print(found: list[Report], arguments: argparse.Namespace) -> None:
    """Write the report to standard output; beside a machine-readable one, the summary goes to standard error."""
    told = {
        "text": lambda: reports.as_text(found),
        "json": lambda: reports.as_json(found),
        "github": lambda: reports.as_github(found, arguments.strict),
        "sarif": lambda: reports.as_sarif(found, arguments.strict),
    }
    sys.stdout.write(told[arguments.format]())
    if arguments.format != "text":
        for report in found:
            if report.notation:
                print(reports.notation_line(report), file=sys.stderr)
        print(reports.summary(found), file=sys.stderr)


def _nothing(found: list[Report]) -> str:
    if any(report.displays for report in found):
        return "nothing was judged: no displayed equation could be read with values; see the reasons above"
    return "nothing was judged: no displayed equation was found: write $$ … $$ (eq-label) on lines of its own"
