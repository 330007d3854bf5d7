"""Disable what a task asks students to write, in every module of the package that holds it."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterable


class Reminder:
    """Replaces a function or class of the package."""

    def __init__(self, name: str):
        self.__name = name  # hidden, for what it stands for may have a `name` of its own

    def __call__(self, *arguments, **options):
        raise NotImplementedError(f"nnbook.{self.__name} is switched off here: this assignment asks you to write it")

    def __getattr__(self, attribute):  # nnbook.sigmoid.derivative is part of what was asked for
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        self()


def withhold(names: Iterable[str]) -> None:
    """Replace public names of the package with reminders, wherever they were imported to.

    What is built on them, such as `fit` on `backprop`, is switched off with them. It is not a protection: a student
    can copy the package's source into a cell, and a search of this process's memory finds the originals.
    """
    package = sys.modules.get("nnbook")
    if package is None:
        return
    replaced = [(getattr(package, name), name, Reminder(name)) for name in names]
    for whole, name, reminder in [entry for entry in replaced if isinstance(entry[0], types.ModuleType)]:
        own = [value for value in vars(whole).values() if getattr(value, "__module__", None) == whole.__name__]
        replaced += [(value, name, reminder) for value in own if callable(value)]
    modules = [m for key, m in list(sys.modules.items()) if key == "nnbook" or key.startswith("nnbook.")]
    for module in modules:
        for attribute, value in list(vars(module).items()):
            for original, name, reminder in replaced:
                own = str(getattr(value, "__module__", "")).partition(".")[0] == "nnbook"
                if value is original or (own and callable(value) and attribute.strip("_") == name):
                    setattr(module, attribute, reminder)
