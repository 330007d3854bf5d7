"""Write files of arrays that are complete or not there at all, and read them without running anything in them."""

from __future__ import annotations

import os
import tempfile
import zipfile
import zlib
from pathlib import Path

import numpy as np


def npz_path(where, path) -> Path:
    """Return `path` as a Path if it is one that ends in .npz."""
    try:
        path = Path(path)
    except TypeError:
        raise TypeError(f"{where}: path must be a string or a Path; it is {path!r:.60}") from None
    if path.suffix != ".npz":
        raise ValueError(f"{where}: path must end in .npz; it is {str(path)!r}")
    return path


def write_npz(where, path, arrays) -> None:
    """Write arrays by name to `path`, an .npz file without pickle.

    Raises
    ------
    ValueError
        When the path does not end in .npz.
    OSError
        When it cannot be written; a file that was there is left as it was.
    """
    path = npz_path(where, path)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.stem, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, **arrays)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def read_npz(path) -> dict:
    """Return the arrays of an .npz file by name.

    Raises
    ------
    ValueError
        When it is no such file, or holds anything but plain arrays.
    OSError
        When it cannot be read.
    """
    with open(Path(path), "rb") as file:  # never a number, which would be a file that is open already
        try:
            with np.lib.npyio.NpzFile(file, allow_pickle=False) as arrays:
                return {name: arrays[name] for name in arrays.files}
        except (ValueError, KeyError, EOFError, OverflowError, zipfile.BadZipFile, zlib.error) as error:
            raise ValueError(f"{str(path)!r} is no .npz file of plain arrays: {error}") from error
