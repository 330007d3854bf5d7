"""Small files of the formats that are read, and a limit on the memory that refusing a bad one may take."""

import gzip
import struct
import tracemalloc
from contextlib import contextmanager

import numpy as np
import pytest

from nnbook.datasets import DataError

LIMIT = 64 * 2**20  # bytes


def idx(array, code=0x08):
    """The bytes of an IDX file that holds this array of bytes."""
    array = np.asarray(array)
    header = bytes([0, 0, code, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.tobytes()


@contextmanager
def refused(path, match):
    """The block must end in a DataError that names the file, and must not take more memory than LIMIT."""
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match=match) as caught:
            yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert str(path) in str(caught.value)
    assert peak < LIMIT


def read_or_refused(read, path):
    """Return what read(path) returns, or None if it ends in a DataError that names the file."""
    try:
        return read(path)
    except DataError as error:
        message = str(error)
    assert str(path) in message
    return None


@pytest.fixture
def mnist_files():
    """The four files of a MNIST of three training and two test images, by name, not packed."""
    rng = np.random.default_rng(22)
    files = {}
    for part, n in ("train", 3), ("t10k", 2):
        files[f"{part}-images-idx3-ubyte"] = idx(rng.integers(0, 256, (n, 28, 28), dtype=np.uint8))
        files[f"{part}-labels-idx1-ubyte"] = idx(rng.integers(0, 10, n, dtype=np.uint8))
    return files


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A function that puts files, by name, into the reader's own folder of a data set."""
    monkeypatch.setenv("NNBOOK_DATA", str(tmp_path / "own"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def put(data_set, files, packed=False):
        folder = tmp_path / "own" / data_set
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            content = content.encode() if isinstance(content, str) else content
            (folder / (name + ".gz" * packed)).write_bytes(gzip.compress(content) if packed else content)
        return folder

    return put
