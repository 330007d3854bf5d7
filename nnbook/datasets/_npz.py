"""Read and write the .npz archives of the data sets: plain arrays of known names and types, and nothing else."""

from __future__ import annotations

import math
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..core.files import DAMAGED, replace_file
from ._errors import DataError


def write_arrays(path: str | os.PathLike, arrays: Mapping[str, np.ndarray]) -> None:
    """Write arrays by name to a compressed .npz file, atomically.

    Raises
    ------
    DataError
        When it cannot be written (no permission, no space left); an existing file is not changed.
    """
    path = Path(path)
    try:
        replace_file(path, lambda file: np.savez_compressed(file, allow_pickle=False, **arrays))
    except OSError as error:
        raise DataError(f"{path}: cannot be written: {error.strerror or error}") from error


def read_arrays(path: str | os.PathLike, expected: Mapping[str, tuple[str, int]], *, largest: int = 60_000_000) -> dict:
    """Return the arrays of an .npz file that holds exactly the expected arrays.

    Nothing is unpickled, nothing is written to disk, and each array's stated shape must account for its bytes before
    memory is allocated for it.

    Parameters
    ----------
    path : str or Path
    expected : dict
        For each name the dtype (as NumPy writes it) and the number of dimensions.
    largest : int
        The most bytes that all arrays together may take.

    Raises
    ------
    DataError
        When the file is not as described; the message names it.
    """
    path = Path(path)
    try:
        with zipfile.ZipFile(path) as archive:
            members = {info.filename: info for info in archive.infolist()}
            if sorted(members) != sorted(f"{name}.npy" for name in expected) or len(archive.infolist()) != len(
                expected
            ):
                raise DataError(f"{path}: must hold the arrays {', '.join(expected)}; it holds {', '.join(members)}")
            if sum(info.file_size for info in members.values()) > largest:
                raise DataError(f"{path}: claims more than {largest:,} bytes of arrays")
            return {name: _member(path, archive, members[f"{name}.npy"], *expected[name]) for name in expected}
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from error
    except DAMAGED as error:
        raise DataError(f"{path}: is not a valid .npz file: {error}") from error


def npy_header(file: Any) -> tuple[tuple[int, ...], bool, np.dtype, int]:
    """Return (shape, fortran_order, dtype, bytes of the header) of the .npy file; `file` is at its start."""
    version = np.lib.format.read_magic(file)
    if version not in ((1, 0), (2, 0)):
        raise ValueError(f"its .npy format {version} is not supported")
    reader = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    return (*reader(file), file.tell())


def _member(path, archive, info, dtype, ndim):
    with archive.open(info) as file:
        shape, fortran_order, found, start = npy_header(file)
        if found != np.dtype(dtype) or len(shape) != ndim or fortran_order:
            raise DataError(
                f"{path}: {info.filename} must be a C-ordered array of {dtype} with {ndim} dimensions; "
                f"it is {found} of shape {shape}"
            )
        needed = math.prod(shape) * found.itemsize
        if min(shape, default=0) < 0 or start + needed != info.file_size:
            raise DataError(f"{path}: {info.filename} holds {info.file_size:,} bytes; its shape is {shape}")
        buffer, filled = bytearray(needed), 0
        while piece := file.read(min(needed - filled, 1 << 20)):
            buffer[filled : filled + len(piece)] = piece
            filled += len(piece)
        if filled != needed or file.read(1):  # at the end of the member its checksum is verified
            raise DataError(f"{path}: {info.filename} is not as long as its shape says")
        return np.frombuffer(buffer, found).reshape(shape)
