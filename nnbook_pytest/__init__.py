"""A pytest plugin: ``pytest --nn-equations`` checks the equations of notebooks, Markdown and LaTeX files.

It is separate from the package, because pytest loads it at every start and importing the package would import NumPy.
The verdicts are those of ``python -m nnbook verify``, and a run in which no equation was judged fails here too.
"""

from __future__ import annotations

import os

import pytest

SUFFIXES = (".ipynb", ".tex", ".md", ".markdown", ".qmd", ".rmd")
JUDGED = ("holds", "refuted", "depends")
KEY = "nn-equation"
TAKEN = pytest.StashKey[set]()


def pytest_addoption(parser):
    group = parser.getgroup("nnbook", "printed equations")
    group.addoption("--nn-equations", action="store_true", help="judge the equations of .ipynb, .md and .tex files")
    group.addoption("--nn-equations-notation", metavar="NAME", help="with --nn-equations: what the letters mean")
    group.addoption(
        "--nn-equations-strict",
        action="store_true",
        help="with --nn-equations: an equation that depends, needs values or cannot be read fails",
    )
    group.addoption(
        "--nn-equations-run",
        action="store_true",
        help="with --nn-equations: run the code cells that checks with given= need",
    )


def pytest_configure(config):
    if config.getoption("--nn-equations"):
        config.pluginmanager.register(Count(), "nnbook-equations-count")


class Count:
    """Counts the equations that were judged: a run without a judged equation must fail."""

    judged = 0

    def pytest_runtest_logreport(self, report):
        self.judged += report.when == "call" and dict(report.user_properties).get(KEY) in JUDGED

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session, exitstatus):
        collecting = session.config.getoption("collectonly") or hasattr(session.config, "workerinput")
        if exitstatus == pytest.ExitCode.OK and not self.judged and not collecting:
            session.exitstatus = pytest.ExitCode.INTERRUPTED

    def pytest_terminal_summary(self, terminalreporter):
        if not self.judged and not terminalreporter.config.getoption("collectonly"):
            terminalreporter.write_line("--nn-equations: no equation was judged", red=True)


def pytest_collect_file(file_path, parent):
    if not parent.config.getoption("--nn-equations") or file_path.suffix.lower() not in SUFFIXES:
        return None
    if file_path.suffix.lower() == ".tex" and os.path.realpath(file_path) in _taken_in(parent.config):
        return None
    return EquationFile.from_parent(parent, path=file_path)


def _taken_in(config):
    r"""Return the files that another one includes (``\input``): they are judged there, unless named as arguments."""
    if TAKEN not in config.stash:
        try:
            from nnbook.equations import examine
        except ModuleNotFoundError:  # reported for each file when it is collected
            return set()
        names = [config.invocation_params.dir / argument.split("::")[0] for argument in config.args]
        config.stash[TAKEN] = examine.included(names)
    return config.stash[TAKEN]


class EquationFile(pytest.File):
    """One file; it is judged once and in order, because an equation may define what a later one uses."""

    def collect(self):
        try:
            from nnbook.equations import examine
        except ModuleNotFoundError as error:
            raise self.CollectError(str(error)) from None
        option = self.config.getoption
        (report,) = examine.examine_all([self.path], option("--nn-equations-notation"), option("--nn-equations-run"))
        if problems := examine.problems_of([report]):
            raise self.CollectError("\n".join(problems))
        for result in report.results:
            yield EquationItem.from_parent(self, name=result.label, result=result, report=report)


class EquationItem(pytest.Item):
    """One equation, or one row of a display."""

    def __init__(self, *, result, report, **others):
        super().__init__(**others)
        self.result, self.report = result, report

    def runtest(self):
        status = self.result.verdict.status
        self.user_properties.append((KEY, status))
        strict = self.config.getoption("--nn-equations-strict")
        if status == "refuted" or (strict and status != "holds"):
            raise EquationFails(self._told())
        if status not in JUDGED:
            pytest.skip(self._told().replace("--run", "--nn-equations-run"))

    def _told(self):
        from nnbook.equations import reports

        return f"{reports.line(self.result)}\n{reports.notation_line(self.report)}"

    def repr_failure(self, excinfo, style=None):
        return str(excinfo.value) if isinstance(excinfo.value, EquationFails) else super().repr_failure(excinfo)

    def reportinfo(self):
        return self.result.path, self.result.span.line - 1, f"equation {self.name}"


class EquationFails(AssertionError):
    """An equation that does not hold, reported as the command reports it."""
