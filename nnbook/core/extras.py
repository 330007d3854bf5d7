"""Say which extra of the package installs a library that is missing."""

from __future__ import annotations

import importlib.util
import sys
from typing import Any


def require(what: str, library: str, *, extra: str) -> None:
    """Raise ModuleNotFoundError, naming the extra to install, unless the library can be imported.

    Parameters
    ----------
    what : str
        What needs it; used in the error.
    library : str
        The name under which it is imported.
    extra : str
        The extra of pyproject.toml that installs it.
    """
    if importlib.util.find_spec(library) is None:
        raise ModuleNotFoundError(
            f'{what} needs {library}, which is not installed: pip install "nnbook[{extra}]"', name=library
        )


class Missing:
    """Says of a name that could not be imported what is not installed.

    After ``from nnbook import verify`` has found no attribute, Python looks for a module ``nnbook.verify``. Without
    this it then says "cannot import name" and does not mention the extra. No class can be both the AttributeError that
    hasattr wants and the ImportError that this statement would let through.
    """

    def __init__(self) -> None:
        self.reasons: dict[str, ImportError] = {}

    def note(self, name: str, error: ImportError) -> None:
        """Remember why the module ``name`` is not there."""
        self.reasons[name] = error
        if self not in sys.meta_path:
            sys.meta_path.append(self)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        """Raise what was noted of a module, as an import system asks for it; else None."""
        if name in self.reasons:
            raise ModuleNotFoundError(f"{name}: {self.reasons[name]}", name=self.reasons[name].name)


missing = Missing()
