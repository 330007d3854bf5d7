"""Read the IDX files in which handwritten digits are published, and check their headers against their size."""

from __future__ import annotations

import math
import os
import zlib
from pathlib import Path

import numpy as np

from ..core.validation import whole
from ._errors import DataError

# The third byte of an IDX file names the type of its numbers; all of them are stored most significant byte first.
_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_MOST_DIMENSIONS = 8
_CHUNK = 1 << 16


def read_idx(path: str | os.PathLike, *, largest: int = 50_000_000) -> np.ndarray:
    """Return the array of an IDX file, plain or packed with gzip.

    The file begins with two zero bytes, a byte for the type of the numbers, a byte for the number of dimensions, and
    each dimension as a big-endian integer of four bytes; the numbers follow, and nothing after them. The dimensions
    must account for every byte of the file before any memory is allocated for them.

    Parameters
    ----------
    path : str or Path
    largest : int
        The most bytes that the numbers may take; a file that claims more is refused.

    Returns
    -------
    array
        Of the type and shape that the file states, in the machine's byte order.

    Raises
    ------
    DataError
        When the file cannot be read or is not exactly one whole IDX file; the message names it.
    """
    path, largest = Path(path), whole("read_idx", "largest", largest, minimum=0)
    if not os.path.isfile(path):  # opening a named pipe would wait forever
        raise DataError(f"{path}: must be an ordinary file that exists")
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            packed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            return _unpack(path, file, size, largest) if packed else _plain(path, file, size, largest)
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from error


def _plain(path, file, size, largest):
    dtype, shape, start = _header(path, file.read)
    needed = _bytes(path, dtype, shape, largest)
    _agree(path, start + needed, size, shape)
    buffer = bytearray(needed)
    if file.readinto(buffer) != needed:
        raise DataError(f"{path}: became shorter while it was read")
    return _array(buffer, dtype, shape)


def _unpack(path, file, size, largest):
    stream = _Gunzip(path, file)
    dtype, shape, start = _header(path, stream.read)
    needed = _bytes(path, dtype, shape, largest)
    # A gzip file ends with the number of bytes it unpacks to (modulo 2³²): checked first, because it costs nothing.
    file.seek(max(0, size - 4))
    stated = int.from_bytes(file.read(4), "little")
    if stated != start + needed:  # where the stream is cut off, its last four bytes mean nothing
        _Gunzip(path, file).check_whole(largest)
    _agree(path, start + needed, stated, shape)
    file.seek(stream.position)
    buffer = bytearray(needed)
    stream.read_into(memoryview(buffer))
    stream.finish()
    return _array(buffer, dtype, shape)


def _header(path, read):
    magic = read(4)
    if len(magic) < 4:
        raise DataError(f"{path}: holds {len(magic)} bytes; an IDX file begins with 4 bytes that say what it is")
    if magic[:2] != b"\0\0":
        hint = ""
        if magic[2:] == b"\0\0" and magic[1] in _TYPES:
            hint = " (it looks as if written with the least significant byte first)"
        elif magic.lstrip()[:1] == b"<":
            hint = " (it looks like a web page: was an error page saved in its place?)"
        raise DataError(f"{path}: an IDX file begins with two zero bytes; this one begins with {magic!r}{hint}")
    if magic[2] not in _TYPES:
        known = ", ".join(f"0x{code:02x}" for code in _TYPES)
        raise DataError(f"{path}: the type of its numbers is given as 0x{magic[2]:02x}; known types are {known}")
    if not 1 <= magic[3] <= _MOST_DIMENSIONS:
        raise DataError(f"{path}: claims {magic[3]} dimensions; 1 to {_MOST_DIMENSIONS} are read")
    sizes = read(4 * magic[3])
    if len(sizes) < 4 * magic[3]:
        raise DataError(f"{path}: ends inside its header, before the sizes of its {magic[3]} dimensions")
    shape = tuple(int.from_bytes(sizes[i : i + 4], "big") for i in range(0, len(sizes), 4))
    return np.dtype(_TYPES[magic[2]]), shape, 4 + len(sizes)


def _bytes(path, dtype, shape, largest):
    needed = math.prod(shape) * dtype.itemsize
    # With a dimension of 0 the others are still limited: NumPy multiplies them when it makes the empty array.
    if max(needed, math.prod(n for n in shape if n)) > largest:
        raise DataError(f"{path}: claims {_times(shape)} numbers, {needed:,} bytes; at most {largest:,} are read")
    return needed


def _agree(path, expected, there, shape):
    if there != expected:
        what = "is cut off" if there < expected else "has more after them"
        raise DataError(
            f"{path}: with {_times(shape)} numbers it must hold {expected:,} bytes; it holds {there:,}: it {what}"
        )


def _times(shape):
    return " × ".join(f"{n:,}" for n in shape)


def _array(buffer, dtype, shape):
    return np.frombuffer(buffer, dtype).reshape(shape).astype(dtype.newbyteorder("="), copy=False)


class _Gunzip:
    """One gzip stream, unpacked only as far as requested."""

    def __init__(self, path, file):
        self.path, self.file, self.position = path, file, 0
        self.unpacker, self.waiting = zlib.decompressobj(wbits=31), b""

    def read(self, count):
        buffer = bytearray(count)
        return bytes(buffer[: self._fill(memoryview(buffer))])

    def read_into(self, buffer):
        if (filled := self._fill(buffer)) < len(buffer):
            raise DataError(f"{self.path}: unpacks to {filled:,} bytes of numbers; {len(buffer):,} are needed")

    def finish(self):
        """Raise unless the stream ends here, its checksum is right, and nothing follows it."""
        if self._fill(memoryview(bytearray(1))):
            raise DataError(f"{self.path}: unpacks to more bytes than its dimensions account for")
        if self.unpacker.unused_data or self.file.read(1):
            raise DataError(f"{self.path}: something follows the end of the gzip stream")

    def check_whole(self, largest):
        """Raise DataError where the stream is damaged, or cut off, within `largest` bytes of numbers."""
        self.file.seek(0)
        window, left = memoryview(bytearray(_CHUNK)), largest + 4 * (_MOST_DIMENSIONS + 1)
        while (filled := self._fill(window)) == len(window) and left > 0:
            left -= filled

    def _fill(self, buffer):
        filled = 0
        while filled < len(buffer) and not self.unpacker.eof:
            if not self.waiting:
                self.waiting = self.file.read(_CHUNK)
                self.position += len(self.waiting)
                if not self.waiting:
                    raise DataError(f"{self.path}: the gzip stream is cut off")
            try:
                piece = self.unpacker.decompress(self.waiting, min(len(buffer) - filled, 1 << 20))
            except zlib.error as error:
                raise DataError(f"{self.path}: the gzip stream is damaged: {error}") from error
            self.waiting = self.unpacker.unconsumed_tail
            buffer[filled : filled + len(piece)] = piece
            filled += len(piece)
        return filled
