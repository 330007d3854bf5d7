"""Say which extra of the package installs a library that is missing."""

from __future__ import annotations

import importlib.util


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
