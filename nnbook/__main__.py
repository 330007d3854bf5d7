"""The command line: `python -m nnbook COMMAND`."""

import argparse
import sys


def main(arguments=None) -> int:
    """Read the command line, run one command and return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m nnbook", description="Tools around the book's equations and code.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    from .equations import command as verify

    verify.add_arguments(
        commands.add_parser("verify", help="evaluate the equations of notebooks, Markdown and LaTeX files")
    )
    from .course import cli as grade

    grade.add_arguments(commands.add_parser("grade", help="grade a folder of the course's assignments"))
    chosen = parser.parse_args(arguments)
    return chosen.run_command(chosen)


if __name__ == "__main__":
    sys.exit(main())
