"""Write files atomically, and read arrays from files without executing anything in them."""

from __future__ import annotations

import os
import secrets
import stat
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np

# What the standard library and NumPy raise for a damaged zip or .npy file.
DAMAGED = (
    ValueError, TypeError, KeyError, IndexError, EOFError, OverflowError, NotImplementedError, RuntimeError,
    SyntaxError, MemoryError, struct.error, tokenize.TokenError, RecursionError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


def npz_path(where: str, path: str | os.PathLike) -> Path:
    """Return `path` as a Path if it ends in .npz, or raise ValueError or TypeError."""
    try:
        path = Path(path)
    except TypeError:
        raise TypeError(f"{where}: path must be a string or a Path; it is {path!r:.60}") from None
    if path.suffix != ".npz":
        raise ValueError(f"{where}: path must end in .npz; it is {str(path)!r}")
    return path


def replace_file(path: str | os.PathLike, write: Callable[[BinaryIO], object]) -> None:
    """Let `write` fill a new file, which replaces `path` once it is complete and on disk.

    A symbolic link is followed. A file that is replaced keeps its mode; a new one gets the mode that the umask allows.

    Raises
    ------
    OSError
        When it cannot be written; an existing file is not changed.
    """
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f"{target.name[:40]}.{secrets.token_hex(6)}.part")
    handle = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            os.chmod(temporary, stat.S_IMODE(target.stat().st_mode))
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise


def write_npz(where: str, path: str | os.PathLike, arrays: Mapping[str, np.ndarray]) -> None:
    """Write arrays by name to `path`, an .npz file without pickle.

    Raises
    ------
    ValueError
        When the path does not end in .npz.
    OSError
        When it cannot be written; an existing file is not changed.
    """
    replace_file(npz_path(where, path), lambda file: np.savez(file, allow_pickle=False, **arrays))


def read_npz(path: str | os.PathLike) -> dict[str, np.ndarray]:
    """Return the arrays of an .npz file by name.

    Raises
    ------
    ValueError
        When it is not such a file, or holds anything but plain arrays.
    OSError
        When it cannot be read.
    """
    with open(Path(path), "rb") as file:  # never a number, which would be the descriptor of an open file
        try:
            with np.lib.npyio.NpzFile(file, allow_pickle=False) as arrays:
                return {name: arrays[name] for name in arrays.files}
        except DAMAGED as error:
            raise ValueError(f"{str(path)!r} is not an .npz file of plain arrays: {error}") from error
