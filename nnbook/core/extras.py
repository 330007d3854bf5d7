"""Say which extra of the package installs a missing library."""

from __future__ import annotations

import importlib.util
import sys
from typing import Any


def require(what: str, library: str, *, extra: str) -> None:
    """Raise ModuleNotFoundError, naming the extra to install, unless the library can be imported.

    Parameters
    ----------
    what : str
        What needs it; used in the error message.
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
    """An import hook that says which library is missing when a name of the package cannot be imported.

    After ``from nnbook import verify`` has found no attribute, Python looks for a module ``nnbook.verify``. Without
    this hook it then says "cannot import name" and does not mention the extra. No exception can be both the
    AttributeError that hasattr expects and the ImportError that the import statement would pass on.
    """

    def __init__(self) -> None:
        self.reasons: dict[str, ImportError] = {}

    def note(self, name: str, error: ImportError) -> None:
        """Remember why the module ``name`` is missing."""
        self.reasons[name] = error
        if self not in sys.meta_path:
            sys.meta_path.append(self)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        """Raise the error noted for this module, if any; called by the import system."""
        if name in self.reasons:
            raise ModuleNotFoundError(f"{name}: {self.reasons[name]}", name=self.reasons[name].name)


missing = Missing()
