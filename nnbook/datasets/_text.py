"""Film reviews: short ones as text, and long ones as the numbers of their words."""

from __future__ import annotations

import io
import os
import pickle
import zipfile
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ._errors import DataError
from ._fetch import DataFile, find, sha256
from ._npz import DAMAGED, npy_header


class Reviews(NamedTuple):
    """Film reviews of a sentence or two.

    Attributes
    ----------
    texts : list of str
        Lower-case words and punctuation marks, separated by spaces.
    labels : array of int, (N,)
        1 for a review in favour, 0 for one against.
    """

    texts: list
    labels: np.ndarray


class WordNumbers(NamedTuple):
    """Film reviews as lists of word numbers.

    Attributes
    ----------
    texts : list of arrays of int
        One array per review, as in the file: 1 is the most frequent word. Keras's `load_data` adds 3 to every number
        and puts a 1 before each review.
    labels : array of int, (N,)
        1 for a review in favour, 0 for one against.
    """

    texts: list
    labels: np.ndarray


_POLARITY = (
    "out of the archive https://www.cs.cornell.edu/people/pabo/movie-review-data/rt-polaritydata.tar.gz "
    "(sentence polarity v1.0 of B. Pang and L. Lee)"
)
_PARTS = (  # label, file, SHA-256 (of its text in UTF-8)
    (1, "rt-polarity.pos", "4134882974a28d0c7b5151256f0e33a6169984ee7372c279e673f1114f475d58"),
    (0, "rt-polarity.neg", "2d11cfbc790f1cd96d78339f41ce53ced1efa83cd22d37d6788fa3fe3d17e2fd"),
)
REVIEWS = {label: DataFile((name,), sha256, instructions=_POLARITY) for label, name, sha256 in _PARTS}
IMDB = DataFile(
    ("imdb.npz",),
    "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f",
    ("https://storage.googleapis.com/tensorflow/tf-keras-datasets/imdb.npz",),
)
_LARGEST_TEXT = 4_000_000


def short_reviews() -> Reviews:
    """Return 330 short film reviews, half of them in favour; nothing is downloaded.

    They were written for the book, about films that do not exist, and are as short as those of `reviews`. Those in
    favour come first.
    """
    with as_file(files(__package__) / "data" / "short_reviews.txt") as path:
        lines = [line.split("\t") for line in read_lines(path)]
    return Reviews([text for _, text in lines], np.array([int(label) for label, _ in lines]))


def reviews() -> Reviews:
    """Return 10,662 one-sentence film reviews, half of them in favour of the film.

    The files `rt-polarity.pos` and `rt-polarity.neg` are looked for in the folder `reviews` of the one that NNBOOK_DATA
    names. They are by B. Pang and L. Lee, "Seeing stars", ACL 2005. The reviews in favour come first.

    Raises
    ------
    DataError
        When a file is missing, or is not lines of text; the message names it.
    """
    texts, labels = [], []
    for label, file in REVIEWS.items():
        path = find("reviews", file, download=False)
        lines = [line.strip() for line in read_lines(path)]
        if empty := [i for i, line in enumerate(lines, start=1) if not line]:
            raise DataError(f"{path}: each line must hold a review; line {empty[0]} is blank")
        texts += lines
        labels += [label] * len(lines)
    return Reviews(texts, np.array(labels, dtype=int))


def imdb(*, download: bool = True) -> tuple[WordNumbers, WordNumbers]:
    """Return the 25,000 training and 25,000 test reviews of IMDB, each word as its place in a list by frequency.

    The file is Keras's `imdb.npz` (17 MB), looked for in the folder `imdb` of the one that NNBOOK_DATA names, then in
    the cache; otherwise it is downloaded. Its lists are stored as pickled Python objects, and a pickle can run any
    program. So it is opened only if its SHA-256 is right, and even then by a reader that builds lists of whole
    numbers and refuses everything else. The reviews are by A. Maas et al., ACL 2011.

    Parameters
    ----------
    download : bool
        If False, use it only if it is on this machine.

    Raises
    ------
    DataError
        When it cannot be obtained, its SHA-256 is wrong, or it holds anything else; the message names it.
    """
    path = find("imdb", IMDB, download=download)
    if (found := sha256(path)) != IMDB.sha256:
        raise DataError(f"{path}: its SHA-256 must be {IMDB.sha256}; it is {found}. It was not opened")
    return read_word_numbers(path)


def read_word_numbers(path: str | os.PathLike) -> tuple[WordNumbers, WordNumbers]:
    """Return the two parts of a file built like imdb.npz; nothing but arrays and lists of whole numbers is accepted."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if sorted(names) != ["x_test.npy", "x_train.npy", "y_test.npy", "y_train.npy"]:
                raise DataError(f"{path}: must hold x_train, y_train, x_test and y_test; it holds {', '.join(names)}")
            if sum(info.file_size for info in archive.infolist()) > 200_000_000:
                raise DataError(f"{path}: claims more than 200,000,000 bytes of arrays")
            return tuple(_part(path, archive, part) for part in ("train", "test"))
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (*DAMAGED, pickle.UnpicklingError, AttributeError, IndexError, MemoryError) as error:
        raise DataError(f"{path}: must hold lists of whole numbers: {error}") from error


def read_lines(path: str | os.PathLike) -> list[str]:
    """Return the lines of a text file in UTF-8, or else in Windows-1252, without line endings."""
    path = Path(path)
    try:
        with open(path, "rb") as file:
            if os.fstat(file.fileno()).st_size > _LARGEST_TEXT:
                raise DataError(f"{path}: is larger than {_LARGEST_TEXT:,} bytes")
            data = file.read(_LARGEST_TEXT)
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from error
    if b"\0" in data or data.lstrip()[:1] == b"<":
        hint = "a web page" if data.lstrip()[:1] == b"<" else "no text"
        raise DataError(f"{path}: looks like {hint}, not like lines of text")
    for encoding in ("utf-8-sig", "cp1252"):  # with or without a byte-order mark
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return text.replace("\r\n", "\n").removesuffix("\n").split("\n") if text else []
    raise DataError(f"{path}: must be text in UTF-8 or Windows-1252")


class _ListsOnly(pickle.Unpickler):
    """Unpickles NumPy arrays of objects, and no other class or function."""

    def find_class(self, module, name):
        if module in ("numpy.core.multiarray", "numpy._core.multiarray") and name == "_reconstruct":
            return _reconstruct
        if module == "numpy" and name == "ndarray":
            return _ObjectArray
        if module == "numpy" and name == "dtype":
            return _object_dtype
        if module == "_codecs" and name == "encode":  # how protocol 2 encodes a few bytes
            return _encode
        raise pickle.UnpicklingError(f"{module}.{name} is not allowed")


class _ObjectArray:
    """A placeholder for an array while it is unpickled; it accepts only its entries."""

    entries: list[Any] | None = None

    def __setstate__(self, state):
        _, shape, dtype, fortran_order, entries = state
        if not isinstance(dtype, _ObjectType) or not isinstance(entries, list) or fortran_order:
            raise pickle.UnpicklingError("only arrays of lists are allowed")
        if shape != (len(entries),):
            raise pickle.UnpicklingError(f"an array of shape {shape} with {len(entries)} entries")
        self.entries = entries


class _ObjectType:
    def __setstate__(self, state):
        """Accept the details of a dtype, none of which are needed for objects."""


def _reconstruct(kind, shape, _code):
    if kind is not _ObjectArray or shape != (0,):
        raise pickle.UnpicklingError("only plain arrays are allowed")
    return _ObjectArray()


def _object_dtype(code, *_):
    if code not in ("O", "O8"):
        raise pickle.UnpicklingError(f"an array of {code!r} is not allowed")
    return _ObjectType()


def _encode(text, encoding):
    if encoding != "latin1" or not isinstance(text, str) or len(text) > 8:
        raise pickle.UnpicklingError("bytes are not allowed")
    return text.encode("latin1")


def _part(path, archive, part):
    with archive.open(f"x_{part}.npy") as file:
        shape, _, dtype, _ = npy_header(file)
        if len(shape) != 1 or not dtype.hasobject:
            raise DataError(f"{path}: x_{part} must be an array of lists; it is {dtype} of shape {shape}")
        array = _ListsOnly(io.BytesIO(file.read())).load()
    if not isinstance(array, _ObjectArray) or array.entries is None or len(array.entries) != shape[0]:
        raise DataError(f"{path}: x_{part} must be an array of {shape[0]} lists")
    for k, entry in enumerate(array.entries):
        if type(entry) is not list or not all(type(word) is int and 0 <= word < 2**31 for word in entry):
            raise DataError(f"{path}: x_{part}[{k}] must be a list of whole numbers")
    with archive.open(f"y_{part}.npy") as file:
        labels = np.lib.format.read_array(io.BytesIO(file.read()), allow_pickle=False)
    if labels.shape != shape or labels.dtype.kind not in "iu" or not np.isin(labels, (0, 1)).all():
        raise DataError(f"{path}: y_{part} must hold {shape[0]} labels, each 0 or 1")
    return WordNumbers([np.array(entry, dtype=np.int32) for entry in array.entries], labels.astype(int))
