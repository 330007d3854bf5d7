"""Write files of arrays that are complete or not there at all, and read them without running anything in them."""

from __future__ import annotations

import os
import tempfile
import zipfile
import zlib
from pathlib import Path

import numpy as np


def write_npz(where, path, arrays) -> None:
    """Write arrays by name to `path`, an .npz file without pickle.

    Raises
    ------
    ValueError
        When the path does not end in .npz.
    OSError
        When it cannot be written; a file that was there is left as it was.
    """
    path = Path(path)
    if path.suffix != ".npz":
        raise ValueError(f"{where}: path must end in .npz; it is {str(path)!r}")
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
    with open(path, "rb") as file:
        try:
            with np.lib.npyio.NpzFile(file, allow_pickle=False) as arrays:
                return {name: arrays[name] for name in arrays.files}
        except (ValueError, KeyError, EOFError, OverflowError, zipfile.BadZipFile, zlib.error) as error:
            raise ValueError(f"{str(path)!r} is no .npz file of plain arrays: {error}") from error
