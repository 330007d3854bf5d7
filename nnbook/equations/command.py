"""The command `python -m nnbook verify`: says of every labelled equation in a file whether it holds."""

from __future__ import annotations

import json
import sys

from . import lookup
from .checking import check, line
from .errors import EquationError, NeedsValues, UnreadableEquation


def add_arguments(parser):
    """Describe the command's arguments to argparse."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="a notebook (.ipynb) or a MyST Markdown file (.md)")
    parser.add_argument("--json", action="store_true", help='print a list of {"label", "status", "detail"}')
    parser.add_argument(
        "--run",
        action="store_true",
        help="run the code cells that a check with given= needs (only for files you trust)",
    )
    parser.epilog = (
        "Exit status: 1 when an equation is refuted; 2 when a file cannot be read, or no file has a labelled equation."
    )
    parser.set_defaults(run_command=main)


def main(arguments) -> int:
    """Check the files; return 0, or 1 when an equation is refuted, or 2 when a file or every equation is missing."""
    results, broken = [], []
    for path in arguments.files:
        try:
            document = lookup.read(path)
        except lookup.FileUnreadable as error:
            broken.append(str(error))
            continue
        results += [report(document, equation, run=arguments.run) for equation in document.equations if equation.label]
    if arguments.json:
        print(json.dumps(results, ensure_ascii=False, indent=1))
    else:
        for result in results:
            detail = result["detail"].replace("\n", "\n    ")
            print(
                f"{result['label']}  {result['status']}"
                + (f" ({detail})" if result["status"] == "holds" else f": {detail}")
            )
    if not results and not broken:
        broken.append("no labelled equation was found: write $$ … $$ (eq-label) on lines of its own")
    for message in broken:
        print(message, file=sys.stderr)
    return 2 if broken else int(any(result["status"] == "refuted" for result in results))


def report(document, equation, run=False) -> dict:
    """Check one labelled equation of a document with the arguments of its check cell, and say how it ended."""
    try:
        outcome = check(equation.latex, label=equation.label, **arguments_of(document, equation, run))
    except EquationError as error:
        return {"label": equation.label, "status": getattr(error, "status", "unreadable"), "detail": str(error)}
    except Exception as error:  # of an argument of its check, or of the code that makes its values
        detail = f"its check cannot be made ({type(error).__name__}: {error})"
        return {"label": equation.label, "status": "unreadable", "detail": detail}
    return {"label": equation.label, "status": "holds", "detail": line("", outcome).split("(")[1].rstrip(")")}


def arguments_of(document, equation, run=False):
    """Return the assumptions an equation is checked with: those of its check cell, if it has one.

    Raises
    ------
    NeedsValues
        When they can only be had by running the document's code, and ``run`` is False.
    """
    calls = [call for call in lookup.check_calls(document.code) if call.label == equation.label]
    if not calls:
        return equation.arguments()
    if len(calls) > 1:
        raise UnreadableEquation(f"{equation.label} has {len(calls)} checks; one was expected")
    try:
        return lookup.literal_arguments(calls[0])
    except ValueError as error:
        if not run:
            raise NeedsValues(f"its check needs code to be run ({error}); --run does so") from None
    return lookup.recorded_arguments(document.code, calls[0])
