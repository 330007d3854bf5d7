"""Every public name has an example in its docstring, and every example gives the output it shows."""

import doctest
import importlib
import inspect
import pkgutil
import subprocess
import sys
import types

import pytest

import nnbook as nn

ROOMS = ("core", "training", "checking", "models", "datasets")
MODULES = [
    module.name
    for room in ROOMS
    for module in pkgutil.iter_modules([f"{nn.__path__[0]}/{room}"], f"nnbook.{room}.")
    if module.name not in ("nnbook.models.estimators", "nnbook.training.distributed")
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_give_what_they_say(name):
    failed, _ = doctest.testmod(importlib.import_module(name), optionflags=doctest.FAIL_FAST)
    assert failed == 0


def test_the_examples_of_the_scikit_learn_faces_give_what_they_say():
    pytest.importorskip("sklearn", reason="scikit-learn is not installed; requirements-dev.txt names it")
    # In a separate process: the extension of the API page imports this module with stand-ins for scikit-learn.
    code = "import doctest, nnbook.models.estimators as module; print(*doctest.testmod(module))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["0", "8"], done.stdout + done.stderr


def test_a_wrong_example_is_noticed(capsys):
    module = types.ModuleType("wrong", ">>> 1 + 1\n3")
    assert doctest.testmod(module).failed == 1
    assert "Expected" in capsys.readouterr().out


def test_every_public_name_has_an_example():
    without = []
    for name in [*nn.__all__, *nn._LAZY_NAMES]:
        thing = getattr(nn, name)
        if isinstance(thing, types.ModuleType) or name == "verify":  # a module's examples are those of its names
            continue
        kind = thing if inspect.isclass(thing) or inspect.isfunction(thing) else type(thing)
        texts = [kind.__doc__, *(method.__doc__ for _, method in inspect.getmembers(kind, inspect.isfunction))]
        if not any(">>>" in (text or "") for text in texts):
            without.append(name)
    assert without == []
