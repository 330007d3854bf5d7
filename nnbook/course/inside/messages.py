"""Make and read the messages between the grader and a student's process: a JSON header, then arrays as .npy.

Nothing in a message is executed when it is read: no pickle, no object arrays, no array larger than its bytes.
"""

from __future__ import annotations

import io
import json
import math
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np

LARGEST_HEADER = 1 << 16
LARGEST_PAYLOAD = 1 << 23
LARGEST_TEXT = 2000
MOST_LEAVES = 512
PREFIX = struct.Struct(">II")  # the lengths of header and payload


class Refused(Exception):
    """A message or a value that is refused; the text says why."""


def short(text: Any, limit: int = 300) -> str:
    """Return text of at most `limit` characters that can be printed, encoded and shown."""
    text = str(text)[: 4 * limit]
    text = "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= limit else text[: limit - 1] + "…"


def pack(message: Any) -> bytes:
    """Return the bytes of a message: dicts, lists, text, numbers and arrays of numbers."""
    blobs: list[bytes] = []
    header = json.dumps([_tree(message, blobs), [len(blob) for blob in blobs]]).encode("ascii")
    payload = b"".join(blobs)
    if len(header) > LARGEST_HEADER or len(payload) > LARGEST_PAYLOAD:
        raise Refused(f"the message is too large ({len(header) + len(payload):,} bytes)")
    return PREFIX.pack(len(header), len(payload)) + header + payload


def sizes(prefix: bytes) -> tuple[int, int]:
    """Return the lengths of header and payload from the first eight bytes, or refuse them."""
    header, payload = PREFIX.unpack(prefix)
    if header > LARGEST_HEADER or payload > LARGEST_PAYLOAD:
        raise Refused(f"a message of {header + payload:,} bytes is too large")
    return header, payload


def unpack(header: bytes, payload: bytes) -> Any:
    """Return the message, or raise Refused; nothing in it is executed, and no array is larger than its bytes."""
    try:
        tree, lengths = json.loads(header)
        if not isinstance(lengths, list) or len(lengths) > MOST_LEAVES or not all(type(n) is int for n in lengths):
            raise Refused("the message has no readable list of arrays")
        if min(lengths, default=0) < 0 or sum(lengths) != len(payload):
            raise Refused("the lengths of the arrays do not add up")
        arrays, start = [], 0
        for length in lengths:
            arrays.append(_array(payload[start : start + length]))
            start += length
        return _value(tree, arrays, 0)
    except Refused:
        raise
    except (ValueError, TypeError, KeyError, IndexError, RecursionError, OverflowError) as error:
        raise Refused(f"the message cannot be read ({type(error).__name__})") from None


def _tree(value, blobs):
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | float) and not isinstance(value, np.generic):
        return {"n": repr(value)}
    if isinstance(value, np.ndarray | np.generic):
        file = io.BytesIO()
        np.lib.format.write_array(file, np.asarray(value), allow_pickle=False)
        blobs.append(file.getvalue())
        return {"a": len(blobs) - 1}
    if isinstance(value, Mapping):
        return {"d": [[k, _tree(v, blobs)] for k, v in value.items()]}
    if isinstance(value, bytes):
        return _tree(np.frombuffer(value, np.uint8), blobs)
    return [_tree(v, blobs) for v in value]


def _value(tree, arrays, depth):
    if depth > 8:
        raise Refused("a value is nested too deeply")
    if tree is None or isinstance(tree, bool):
        return tree
    if isinstance(tree, str):
        return tree[:LARGEST_TEXT]
    if isinstance(tree, list):
        return [_value(v, arrays, depth + 1) for v in tree[: 4 * MOST_LEAVES]]
    if isinstance(tree, dict) and len(tree) == 1:
        if "n" in tree:
            text = str(tree["n"])[:40]
            return int(text) if text.lstrip("-").isdigit() else float(text)
        if "a" in tree and type(tree["a"]) is int and tree["a"] >= 0:
            return arrays[tree["a"]]
        if "d" in tree:
            return {_key(k): _value(v, arrays, depth + 1) for k, v in tree["d"][:MOST_LEAVES]}
    raise Refused("a part of the message is of an unknown kind")


def _key(key):
    if isinstance(key, int | str) and not isinstance(key, bool):
        return key if isinstance(key, int) else key[:100]
    raise Refused("a key is neither a number nor text")


def _array(blob: bytes):
    file = io.BytesIO(blob)
    try:
        version = np.lib.format.read_magic(file)
        read = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        shape, fortran, dtype = read(file, max_header_size=1000)
    except Exception:  # a forged header can raise almost anything; all of it means one thing
        raise Refused("an array is not in NumPy's .npy format") from None
    if dtype.hasobject or dtype.kind not in "biufc" or dtype.itemsize > 32:
        raise Refused(f"an array holds {short(dtype, 40)}, not numbers")
    if len(shape) > 8 or not all(type(n) is int and n >= 0 for n in shape):
        raise Refused("an array has an impossible shape")
    rest = blob[file.tell() :]
    if math.prod(shape) * dtype.itemsize != len(rest):
        raise Refused("an array's shape does not match its number of bytes")
    array = np.frombuffer(rest, dtype).reshape(shape[::-1] if fortran else shape)
    array = (array.T if fortran else array).copy()
    return array if dtype.isnative else array.astype(dtype.newbyteorder("="))
