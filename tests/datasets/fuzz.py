"""Feeds the readers bytes from a fuzzer until one of them raises anything but a DataError.

pip install atheris; mkdir corpus; python tests/datasets/fuzz.py corpus -max_total_time=300 -max_len=4000
The first byte of an input chooses the reader; inputs that reach new code are kept in the folder.
"""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["nnbook.datasets"]):
    from nnbook.datasets import DataError, _npz, _text, read_idx

READERS = (
    read_idx,
    lambda path: _npz.read_arrays(path, {"images": ("uint8", 3), "labels": ("uint8", 1)}),
    _text.read_word_numbers,
    _text.read_lines,
)


def one_input(data):
    PATH.write_bytes(data[1:])
    try:
        READERS[(data[0] if data else 0) % len(READERS)](PATH)
    except DataError as error:
        if str(PATH) not in str(error):
            raise AssertionError("the file is not named") from error


with tempfile.TemporaryDirectory() as folder:
    PATH = Path(folder) / "any"
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
