"""A pytest plugin: ``pytest --nn-equations`` checks the labelled equations of notebooks and Markdown files.

It stands beside the package, because pytest loads it at every start and importing the package would import NumPy.
"""

from __future__ import annotations

import pytest


def pytest_addoption(parser):
    group = parser.getgroup("nnbook", "printed equations")
    group.addoption("--nn-equations", action="store_true", help="check the labelled equations of .ipynb and .md files")
    group.addoption(
        "--nn-equations-run",
        action="store_true",
        help="with --nn-equations: run the code cells that checks with given= need",
    )


def pytest_collect_file(file_path, parent):
    if parent.config.getoption("--nn-equations") and file_path.suffix in (".ipynb", ".md"):
        return EquationFile.from_parent(parent, path=file_path)
    return None


class EquationFile(pytest.File):
    def collect(self):
        from nnbook.equations import lookup

        try:
            document = lookup.read(self.path)
        except lookup.FileUnreadable as error:
            raise self.CollectError(str(error)) from None
        for equation in document.equations:
            if equation.label:
                yield EquationItem.from_parent(self, name=equation.label, document=document, equation=equation)


class EquationItem(pytest.Item):
    def __init__(self, *, document, equation, **others):
        super().__init__(**others)
        self.document, self.equation = document, equation

    def runtest(self):
        from nnbook.equations import check
        from nnbook.equations.command import arguments_of
        from nnbook.equations.errors import NeedsValues

        try:
            arguments = arguments_of(self.document, self.equation, self.config.getoption("--nn-equations-run"))
        except NeedsValues as error:
            pytest.skip(str(error).replace("--run", "--nn-equations-run"))
        check(self.equation.latex, label=self.equation.label, **arguments)

    def repr_failure(self, excinfo, style=None):
        from nnbook.equations.errors import EquationError

        if isinstance(excinfo.value, EquationError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self):
        return self.path, None, f"equation {self.name}"
