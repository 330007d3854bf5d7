"""Run every domain mutant on a copy of the package: `python run_mutants.py FOLDER tests|equations`, results as JSON.

Each mutant has a process of its own, forked from one that has imported the libraries already.
"""

import importlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
sys.dont_write_bytecode = True  # a stale .pyc would run in place of a mutant
TESTS = Path(__file__).resolve().parent.parent
ROOT = TESTS.parent

from domain import MUTANTS  # noqa: E402

KILLED, SURVIVED = 1, 0


def by_tests(files):
    import pytest

    # Without conftest.py, which clears the counts of the run that this is part of.
    options = ["-x", "-q", "-p", "no:cacheprovider", "--noconftest", "--assert=plain", "--rootdir", str(ROOT)]
    for file in files:
        if status := int(pytest.main([*options, "-c", str(ROOT / "pyproject.toml"), str(TESTS / file)])):
            return status
    return 0


def by_equations(chapters):
    """Check every numbered equation of the chapters as its check cell does, which calls the package as well."""
    from nnbook.equations import documents
    from nnbook.equations.checking import check

    os.chdir(ROOT / "book")
    try:
        for chapter in chapters:
            document = documents.read(Path(f"{chapter}.ipynb"))
            calls = {call.label: call for call in documents.check_calls(document.code)}
            for equation in document.equations:
                if equation.label:
                    arguments = documents.recorded_arguments(document.code, calls[equation.label])
                    check(equation.latex, label=equation.label, **arguments)
    except Exception as error:  # refuted, or the package raised an error during the check, which counts as well
        print(f"{type(error).__name__}: {error}")
        return KILLED
    return SURVIVED


def in_a_process(folder, what, argument):
    """Return the exit status of by_tests or by_equations in a new process that imports nnbook from `folder`."""
    if not hasattr(os, "fork"):
        command = [sys.executable, __file__, "child", str(folder), what, *argument]
        return subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode
    pid = os.fork()
    if pid == 0:
        try:
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 1), os.dup2(null, 2)
            child(folder, what, argument)
        finally:
            os._exit(99)  # child ends the process itself
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def child(folder, what, argument):
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    status = (by_tests if what == "tests" else by_equations)(argument)
    import nnbook

    os._exit(status if Path(nnbook.__file__).is_relative_to(folder) else 98)


def preload():
    """Import the libraries once, for all the processes that are forked."""
    for library in ("numpy", "pytest", "hypothesis", "autograd.numpy", "lark", "matplotlib.pyplot", "IPython"):
        importlib.import_module(library)


def main(folder, what):
    folder = Path(folder).resolve()
    hidden = shutil.ignore_patterns("__pycache__", "plots", "interactive", "course")
    shutil.copytree(ROOT / "nnbook", folder / "nnbook", ignore=hidden if what == "tests" else None)
    preload()

    chosen = [m for m in MUTANTS if what == "tests" or m.chapter]
    whole = list(dict.fromkeys(part for m in chosen for part in (m.tests if what == "tests" else [m.chapter])))
    results = {"baseline": in_a_process(folder, what, whole)}
    for mutant in chosen if results["baseline"] == 0 else []:
        path = folder / "nnbook" / mutant.file
        source = path.read_text(encoding="utf-8")
        if source.count(mutant.old) != 1:
            results[mutant.name] = f"its text stands {source.count(mutant.old)} times in {mutant.file}: {mutant.old!r}"
            continue
        path.write_text(source.replace(mutant.old, mutant.new), encoding="utf-8")
        try:
            results[mutant.name] = in_a_process(folder, what, mutant.tests if what == "tests" else [mutant.chapter])
        finally:
            path.write_text(source, encoding="utf-8")
    print(json.dumps(results))


if __name__ == "__main__":
    if sys.argv[1] == "child":
        child(Path(sys.argv[2]), sys.argv[3], sys.argv[4:])
    main(*sys.argv[1:])
