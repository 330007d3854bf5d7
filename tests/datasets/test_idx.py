"""An IDX file is read whole or refused by name, and refusing it costs little."""

import gzip
import struct
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nnbook.datasets import read_idx

from .conftest import idx, read_or_refused, refused

ARRAY = np.arange(2 * 3 * 5, dtype=np.uint8).reshape(2, 3, 5)
GOOD = idx(ARRAY)


def header(code, *shape):
    return bytes([0, 0, code, len(shape)]) + struct.pack(f">{len(shape)}I", *shape)


def bomb(mebibytes, head=b""):
    """A gzip stream of `head` and then so many mebibytes of zeros, of which one is packed and then repeated."""
    packer, zeros = zlib.compressobj(9, wbits=-15), bytes(1 << 20)
    start = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH)  # it refers to nothing before it
    checksum = zlib.crc32(head)
    for _ in range(mebibytes):
        checksum = zlib.crc32(zeros, checksum)
    trailer = struct.pack("<II", checksum, len(head) + (mebibytes << 20))
    return b"\x1f\x8b\x08" + bytes(7) + start + packed * mebibytes + packer.flush() + trailer


@pytest.mark.parametrize("packed", [False, True])
def test_the_numbers_come_back(tmp_path, packed):
    path = tmp_path / "digits-idx3-ubyte"
    path.write_bytes(gzip.compress(GOOD) if packed else GOOD)
    array = read_idx(path)
    np.testing.assert_array_equal(array, ARRAY)
    assert array.dtype == np.uint8
    assert array.flags.writeable


@pytest.mark.parametrize(("code", "dtype"), [(0x09, ">i1"), (0x0B, ">i2"), (0x0C, ">i4"), (0x0D, ">f4"), (0x0E, ">f8")])
def test_every_type_is_read_most_significant_byte_first(tmp_path, code, dtype):
    values = np.array([[1, -2, 3], [100, 5, -6]], dtype=dtype)
    (tmp_path / "a").write_bytes(idx(values, code))
    array = read_idx(tmp_path / "a")
    np.testing.assert_array_equal(array, values)
    assert array.dtype.isnative


@pytest.mark.parametrize("shape", [(0, 28, 28), (0,), (3, 0, 4)])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_no_items_are_an_empty_array(tmp_path, shape, pack):
    (tmp_path / "none").write_bytes(pack(header(0x08, *shape)))
    assert read_idx(tmp_path / "none").shape == shape


HUGE = 2**32 - 1
NOISE = header(0x08, 1000) + np.random.default_rng(0).bytes(1000)
HOSTILE = {
    "empty": (b"", "holds 0 bytes"),
    "two bytes": (GOOD[:2], "holds 2 bytes"),
    "magic only": (GOOD[:4], "ends inside its header"),
    "half a dimension": (GOOD[:10], "ends inside its header"),
    "wrong magic": (b"\x01" + GOOD[1:], "two zero bytes"),
    "little-endian": (b"\x03\x08\0\0" + GOOD[4:], "least significant byte first"),
    "truncated": (GOOD[:-1], "cut off"),
    "trailing bytes": (GOOD + b"\0", "more after"),
    "one huge dimension": (header(0x08, HUGE) + bytes(100), "4,294,967,295"),
    "a product that overflows": (header(0x08, HUGE, HUGE, HUGE) + bytes(100), "at most 50,000,000"),
    "an overflowing product of doubles": (header(0x0E, 2**31, 2**31, 4) + bytes(100), "at most 50,000,000"),
    "0 times a product that overflows": (header(0x08, 0, HUGE, HUGE, HUGE), "at most 50,000,000"),
    "255 dimensions": (bytes([0, 0, 8, 255]) + struct.pack(">255I", *[1] * 255) + b"\0", "255 dimensions"),
    "no dimension": (bytes([0, 0, 8, 0, 7]), "0 dimensions"),
    "unknown type": (header(0x0A, 3) + b"abc", "0x0a"),
    "a web page": (b"<!DOCTYPE html><html><title>404</title></html>", "web page"),
}
PACKED = {
    "header cut off": (gzip.compress(GOOD)[:12], "cut off"),
    "gzip cut off": (gzip.compress(GOOD)[:-9], "the gzip stream is cut off"),
    "random bytes cut off": (gzip.compress(NOISE)[:500], "the gzip stream is cut off"),
    "random bytes cut off early": (gzip.compress(NOISE)[:60], "the gzip stream is cut off"),
    "gzip cut off, its length kept": (gzip.compress(GOOD)[:-12] + gzip.compress(GOOD)[-4:], "cut off|damaged|unpacks"),
    "wrong checksum": (gzip.compress(GOOD)[:-8] + bytes(4) + gzip.compress(GOOD)[-4:], "damaged"),
    "trailing garbage": (gzip.compress(GOOD) + b"garbage", "more after|cut off"),
    "trailing garbage that states the length": (gzip.compress(GOOD) + gzip.compress(GOOD)[-4:], "follows"),
    "two members": (gzip.compress(GOOD) + gzip.compress(GOOD), "follows"),
    "unpacks to more": (gzip.compress(GOOD + b"more"), "more after"),
    "unpacks to less": (gzip.compress(GOOD[:-1]), "cut off"),
    # Half a gigabyte is packed when its test runs, and not whenever tests are collected.
    "a bomb": (lambda: bomb(512), "type of its numbers is given as 0x00"),
    "a bomb with a small header": (lambda: bomb(512, GOOD), "more after"),
    "a bomb that states a small length": (lambda: bomb(512, GOOD)[:-4] + gzip.compress(GOOD)[-4:], "more bytes"),
    "a bomb with its true header": (lambda: bomb(512, header(0x08, 2**29)), "at most 50,000,000"),
    "a huge dimension": (gzip.compress(header(0x08, HUGE) + bytes(9)), "at most 50,000,000"),
    "claims 49 MB": (gzip.compress(header(0x08, 49_000_000) + bytes(9)), "cut off"),
    "gzip's magic only": (b"\x1f\x8b", "cut off"),
    "no gzip after its magic": (b"\x1f\x8b" + bytes(50), "damaged"),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_bad_file_is_refused_by_name(tmp_path, name, pack):
    content, match = HOSTILE[name]
    path = tmp_path / "bad-idx3-ubyte"
    path.write_bytes(pack(content))
    with refused(path, match):
        read_idx(path)


def test_a_bomb_is_a_sound_stream():
    assert gzip.decompress(bomb(3, GOOD)) == GOOD + bytes(3 << 20)


@pytest.mark.parametrize("name", PACKED)
def test_a_bad_gzip_stream_is_refused_by_name(tmp_path, name):
    content, match = PACKED[name]
    path = tmp_path / "bad-idx3-ubyte.gz"
    path.write_bytes(content() if callable(content) else content)
    with refused(path, match):
        read_idx(path)


def test_what_is_no_file_is_refused(tmp_path):
    for path in tmp_path, tmp_path / "absent":
        with refused(path, "must be an ordinary file"):
            read_idx(path)


def test_more_may_be_allowed(tmp_path):
    (tmp_path / "a").write_bytes(GOOD)
    with refused(tmp_path / "a", "at most 29"):
        read_idx(tmp_path / "a", largest=29)
    assert read_idx(tmp_path / "a", largest=30).shape == ARRAY.shape


def test_a_whole_file_is_not_refused():
    """The mutations below start from a file that is good."""
    with pytest.raises(pytest.fail.Exception), refused("x", "."):
        pass


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=80),
        st.builds(lambda code, shape, data: header(code, *shape) + data,
                  st.integers(0, 255), st.lists(st.integers(0, HUGE) | st.integers(0, 4), max_size=9),
                  st.binary(max_size=80)),
        st.builds(lambda at, byte: GOOD[:at] + bytes([byte]) + GOOD[at + 1 :], st.integers(0, 45), st.integers(0, 255)),
    ),
    st.booleans(),
)  # fmt: skip
def test_any_bytes_are_an_array_or_a_data_error(tmp_path, content, packed):
    path = tmp_path / "any"
    path.write_bytes(gzip.compress(content) if packed else content)
    array = read_or_refused(read_idx, path)
    if array is not None:
        assert content[4 + 4 * array.ndim :] == array.astype(array.dtype.newbyteorder(">")).tobytes()


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_change_of_a_packed_file_is_noticed_or_changes_nothing(tmp_path, data):
    packed = bytearray(gzip.compress(GOOD, mtime=0))
    for _ in range(data.draw(st.integers(1, 3))):
        packed[data.draw(st.integers(0, len(packed) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "changed.gz"
    path.write_bytes(packed[: data.draw(st.integers(1, len(packed)))])
    array = read_or_refused(read_idx, path)
    if array is not None:
        np.testing.assert_array_equal(array, ARRAY)
