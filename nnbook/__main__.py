"""The command line: `python -m nnbook COMMAND`."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

COMMANDS = {
    "verify": ("nnbook.equations.command", "evaluate the equations of notebooks, Markdown and LaTeX files"),
    "grade": ("nnbook.course.cli", "grade a folder of the course's assignments"),
    "collect": ("nnbook.course.collect_command", "sort a download of submissions into the folders that grading reads"),
    "return": ("nnbook.course.return_command", "write totals into the table that a learning system exported"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, run one command and return its exit status; 2 when a library it needs is missing."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    parser = argparse.ArgumentParser(prog="python -m nnbook", description="Tools around the book's equations and code.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for name, (module, text) in COMMANDS.items():
        command = commands.add_parser(name, help=text)
        if arguments[:1] == [name]:  # import only the chosen command, which may need a library that is not installed
            try:
                importlib.import_module(module).add_arguments(command)
            except ModuleNotFoundError as error:
                print(f"nnbook {name}: {error}", file=sys.stderr)
                return 2
    chosen = parser.parse_args(arguments)
    return chosen.run_command(chosen)


if __name__ == "__main__":
    sys.exit(main())
