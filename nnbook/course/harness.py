"""Run one student's notebook in a process of its own and call its functions with the arrays that come down a pipe.

This file is the whole program of that process. It needs the standard library and NumPy alone, it holds no test and no
answer, and nothing it says is believed: the process that started it compares every array itself. The same two
functions, `pack` and `unpack`, make and read the messages at both ends: a JSON header, then arrays in NumPy's .npy
format without pickle.
"""

from __future__ import annotations

import io
import json
import math
import os
import struct
from collections.abc import Mapping

import numpy as np
import numpy.random  # NumPy would otherwise load it at first use, when files may no longer be readable

LARGEST_HEADER = 1 << 16
LARGEST_PAYLOAD = 1 << 23
LARGEST_TEXT = 2000
MOST_LEAVES = 512
_PREFIX = struct.Struct(">II")


class Refused(Exception):
    """A message or a value that may not pass; the text says why."""


def short(text, limit=300) -> str:
    """Return text of at most `limit` characters that can be printed, encoded and shown."""
    text = str(text)[: 4 * limit]
    text = "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= limit else text[: limit - 1] + "…"


# --- messages --------------------------------------------------------------------------------------


def pack(message) -> bytes:
    """Return the bytes of a message: dicts, lists, text, numbers and arrays of numbers."""
    blobs = []
    header = json.dumps([_tree(message, blobs), [len(blob) for blob in blobs]]).encode("ascii")
    payload = b"".join(blobs)
    if len(header) > LARGEST_HEADER or len(payload) > LARGEST_PAYLOAD:
        raise Refused(f"the message is too large ({len(header) + len(payload):,} bytes)")
    return _PREFIX.pack(len(header), len(payload)) + header + payload


def sizes(prefix: bytes) -> tuple[int, int]:
    """Return the lengths of header and payload from the first eight bytes, or refuse them."""
    header, payload = _PREFIX.unpack(prefix)
    if header > LARGEST_HEADER or payload > LARGEST_PAYLOAD:
        raise Refused(f"a message of {header + payload:,} bytes is too large")
    return header, payload


def unpack(header: bytes, payload: bytes):
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
    raise Refused("a part of the message is of no known kind")


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
        raise Refused("an array's shape does not go with its number of bytes")
    array = np.frombuffer(rest, dtype).reshape(shape[::-1] if fortran else shape)
    array = (array.T if fortran else array).copy()
    return array if dtype.isnative else array.astype(dtype.newbyteorder("="))


# --- what a student's function returned, as plain data ---------------------------------------------


def plain(value, depth=0, count=None):
    """Return a result as None, text, plain arrays, or lists and dicts of them; Refused says what is in the way."""
    count = [0] if count is None else count
    count[0] += 1
    if depth > 4 or count[0] > MOST_LEAVES:
        raise Refused("the result is nested too deeply or has too many parts")
    if value is None or isinstance(value, str):
        return None if value is None else value[:LARGEST_TEXT]
    if isinstance(value, Mapping):
        return {_plain_key(k): plain(v, depth + 1, count) for k, v in value.items()}
    if isinstance(value, list | tuple | map | filter | zip | range) or hasattr(value, "__next__"):
        value = _some(value)
        if not _only_numbers(value):
            return [plain(v, depth + 1, count) for v in value]
    try:
        array = np.asarray(value)
    except Exception as error:
        raise Refused(f"the result is no array of numbers: {short(error, 120)}") from None
    if array.dtype.kind not in "biufc":
        kind = "a function" if callable(value) else f"{type(value).__name__} of dtype {array.dtype}"
        raise Refused(f"the result holds no plain numbers: it is {short(kind, 80)}")
    if array.nbytes > LARGEST_PAYLOAD // 2:
        raise Refused(f"the result is far too large: shape {array.shape}, {array.nbytes:,} bytes")
    return np.array(array)


def _plain_key(key):
    if isinstance(key, np.integer):
        return int(key)
    return key if isinstance(key, int) else str(key)[:100]


def _some(values):
    kept = []
    for value in values:
        kept.append(value)
        if len(kept) > 100_000:
            raise Refused("the result is a list of more than 100,000 things")
    return kept


def _only_numbers(values, depth=0):
    """True for numbers, and lists of them in a rectangle: what np.asarray makes one array of without guessing."""
    if depth > 8 or not values:
        return depth == 0 and not values
    if all(isinstance(v, int | float | np.generic) for v in values):
        return True
    return all(isinstance(v, list | tuple) and len(v) == len(values[0]) and _only_numbers(v, depth + 1) for v in values)


# --- the student's process --------------------------------------------------------------------------


def _read(file, length):
    parts = []
    while length:
        part = os.read(file, min(length, 1 << 20))
        if not part:
            os._exit(0)
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def receive(file):
    header, payload = sizes(_read(file, _PREFIX.size))
    return unpack(_read(file, header), _read(file, payload))


def send(file, message):
    data = memoryview(pack(message))
    while data:
        data = data[os.write(file, data) :]


def limit(limits):
    """Give up every right that is not needed, then set the limits; both for good."""
    import ctypes
    import resource
    import signal

    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if limits["uid"]:
        os.setgroups([])
        os.setgid(limits["uid"])
        os.setuid(limits["uid"])
    if prctl:
        prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
        prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG: do not outlive whoever started us
        prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE: no sibling may look inside
    for name, value in limits["resources"].items():
        number = getattr(resource, name, None)
        if number is not None:
            hard = resource.getrlimit(number)[1]
            if hard != resource.RLIM_INFINITY:
                value = min(value, hard)
            resource.setrlimit(number, (value, value))


def main():
    import builtins
    import difflib
    import random
    import re
    import resource
    import signal
    import sys
    import traceback
    import types
    import warnings

    requests, answers = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    settings = receive(requests)
    for file in (0, 1, 2):  # whatever is printed costs nothing and goes nowhere
        os.dup2(null, file)
    for name in settings["preload"]:
        __import__(name)
    limit(settings)
    sys.argv = ["notebook"]
    warnings.simplefilter("ignore")
    send(answers, {"ready": True})

    class TimeLimit(BaseException):
        pass

    def stop(signum, frame):
        raise TimeLimit

    signal.signal(signal.SIGPROF, stop)

    def timed(seconds, function, *arguments):
        """Call the function, and interrupt it after so much processor time, again and again if it goes on."""
        signal.setitimer(signal.ITIMER_PROF, seconds, 0.2)
        try:
            return function(*arguments)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)

    def described(error, seconds):
        """Return what happened, with the last line of the notebook's own that was being run."""
        if isinstance(error, TimeLimit):
            return f"took longer than {seconds:g} s of processor time"
        at, _ = place(error)
        if isinstance(error, SyntaxError) and str(error.filename).startswith("<cell"):
            at = error.filename, error.lineno
            error = f"SyntaxError: {error.msg}"
        elif isinstance(error, MemoryError):
            error = "MemoryError: it needed more memory than there is"
        else:
            error = f"{type(error).__name__}: {short(error, 240)}"
        if at is None:
            return short(error)
        name, number = at
        lines = sources.get(name, [])
        text = lines[number - 1].strip() if number and number <= len(lines) else ""
        return f"{short(error)} ({name[1:-1]}, line {number}{': ' if text else ''}{short(text, 80)})"

    def place(error):
        """Return (cell, line) and the function in which the notebook's own code was when the error arose."""
        at, inside = None, ""
        for frame, number in traceback.walk_tb(error.__traceback__):
            if frame.f_code.co_filename.startswith("<cell"):
                at, inside = (frame.f_code.co_filename, number), frame.f_code.co_name
        return at, inside

    # One seed for code that forgets to name one: a submission gets the same mark on every run.
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002
    if hasattr(np.random.bit_generator, "randbits"):
        np.random.bit_generator.randbits = lambda bits: settings["entropy"] % (1 << bits)

    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    space = module.__dict__
    builtins.display = lambda *things, **options: None

    class Shell:
        def __getattr__(self, name):
            return lambda *things, **options: None

    builtins.get_ipython = Shell
    _withhold(settings["withheld"])

    def cells(data):
        try:
            text = bytes(data).decode("utf-8")
        except UnicodeDecodeError as error:
            raise Refused(f"the notebook is not UTF-8 text: byte {error.start} cannot be read") from None
        try:
            book = json.loads(text)
        except RecursionError:
            raise Refused("the notebook is not a notebook: its JSON is nested too deeply") from None
        except ValueError as error:
            raise Refused(f"the notebook is damaged or cut off: {short(error, 120)}") from None
        if not isinstance(book, dict) or not isinstance(book.get("cells"), list):
            raise Refused("the file is JSON but not a notebook of format 4: it has no list of cells")
        for number, cell in enumerate(book["cells"], start=1):
            if isinstance(cell, dict) and cell.get("cell_type") == "code":
                source = cell.get("source", "")
                if isinstance(source, list) and all(isinstance(line, str) for line in source):
                    source = "".join(source)
                if not isinstance(source, str):
                    raise Refused(f"cell {number} of the notebook has no readable source")
                yield number, source, _is_check(cell)

    def compiled(number, source):
        name = f"<cell {number}>"
        sources[name] = source.split("\n")
        try:
            return compile(source, name, "exec")
        except (SyntaxError, ValueError):
            # Lines for IPython (%magic, !command, help?) are no Python; they are left out, line numbers kept. Of the
            # magics for a whole cell, those that run it as Python leave it to be run, and %time leaves its line.
            magic = re.compile(r"^\s*(%|!|\?)|^[\w.\s]+\?{1,2}\s*$")
            source = re.sub(r"(?m)^([ \t]*)%time\s", r"\1", source)
            lines = [("" if magic.match(line) else line) for line in source.split("\n")]
            if re.match(r"\s*%%(?!(time|capture|prun)\b)", source):
                lines = []
            return compile("\n".join(lines), name, "exec")

    started = resource.getrusage(resource.RUSAGE_SELF)
    started = started.ru_utime + started.ru_stime
    problems, total, sources = [], settings["seconds"], {}
    try:
        code = list(cells(settings["notebook"]))
    except Refused as error:
        send(answers, {"loaded": False, "problems": [str(error)]})
        return
    del settings["notebook"]
    # The visible checks have a time of their own: what never ends in one of them keeps no answer from being defined.
    used = {True: 0.0, False: 0.0}
    for number, source, is_check in code:
        left = total - used[is_check]
        if left <= 0.05:
            if is_check:
                continue
            problems.append(f"cell {number} and those after it were not run: the time was up")
            break
        send(answers, {"cell": number})
        try:
            timed(min(left, total / 2), lambda n=number, s=source: exec(compiled(n, s), space))
        except BaseException as error:
            if len(problems) < 20 and not (is_check and isinstance(error, Exception)):
                problems.append(f"cell {number}: {described(error, min(left, total / 2))}")
        now = resource.getrusage(resource.RUSAGE_SELF)
        now = now.ru_utime + now.ru_stime
        used[is_check] += now - started
        started = now
    send(answers, {"loaded": True, "problems": problems})

    while True:
        request = receive(requests)
        outcomes, seconds = [], request["seconds"]
        for arguments in request["calls"]:
            function = space.get(request["function"])
            if function is None:
                others = [name for name in space if callable(space[name]) and name not in settings["functions"]]
                near = difflib.get_close_matches(request["function"], others, 1)
                outcomes.append({"missing": True, "near": "".join(near)})
                continue
            try:
                result = timed(seconds, lambda f=function, a=arguments: plain(f(*_live(a))))
                pack(result)
                outcomes.append({"value": result})
            except Refused as error:
                outcomes.append({"error": str(error), "kind": "Refused"})
            except BaseException as error:
                kind, (_, inside) = type(error).__name__[:60], place(error)
                outcomes.append({"error": described(error, seconds), "kind": kind, "inside": inside[:60]})
                if isinstance(error, TimeLimit):
                    break  # the next call would take as long
        try:
            send(answers, {"outcomes": outcomes})
        except Refused as error:
            send(answers, {"outcomes": [{"error": str(error), "kind": "Refused"}]})


def _is_check(cell):
    """True for a visible check of nbgrader's: that it fails is what it is for, and no problem of the notebook."""
    metadata = cell.get("metadata")
    role = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return isinstance(role, dict) and role.get("grade") is True and role.get("solution") is not True


def _live(arguments):
    """Turn the description {"function": [kind, arrays …]} into a function of one array; the rest stays as it is."""
    made = []
    for value in arguments:
        if isinstance(value, dict) and "function" in value:
            _, c, A = value["function"]
            # A smooth function with no symmetry that a wrong loop could hide behind.
            value = lambda x, c=c, A=A: np.sum(c * np.sin(x)) + 0.5 * np.ravel(x) @ A @ np.ravel(x)  # noqa: E731
        made.append(value)
    return made


def _withhold(names):
    """Replace functions of the package that a task asks for: a reminder for the honest, not a wall."""
    import sys

    class Reminder:
        def __init__(self, name):
            self._name = name

        def __call__(self, *arguments, **options):
            raise NotImplementedError(f"nnbook.{self._name} is switched off here: this assignment asks you to write it")

        def __getattr__(self, attribute):  # nnbook.sigmoid.derivative is as much what was asked for
            if attribute.startswith("__"):
                raise AttributeError(attribute)
            self()

    package = sys.modules.get("nnbook")
    for name in names if package else ():
        setattr(package, name, Reminder(name))


if __name__ == "__main__":
    main()
