"""Two tables of people: diabetes patients (from the package itself) and applicants to a graduate school."""

from __future__ import annotations

import csv
from importlib.resources import as_file, files
from typing import NamedTuple

import numpy as np

from ._errors import DataError
from ._fetch import DataFile, find
from ._npz import read_arrays
from ._text import read_lines


class Diabetes(NamedTuple):
    """Measurements of 442 patients and how their disease progressed.

    Attributes
    ----------
    X : array (442, 10)
        One patient per row, in clinical units.
    t : array (442, 1)
        A measure of disease progression one year later, 25 to 346.
    names : tuple of str
        The names of the columns of X.
    """

    X: np.ndarray
    t: np.ndarray
    names: tuple[str, ...]


class Admissions(NamedTuple):
    """Applicants to a graduate school, and who was admitted.

    Attributes
    ----------
    gre, gpa : array of float, (N,)
        Score in an entrance examination (220 to 800) and grade average (up to 4).
    rank : array of int, (N,)
        Standing of the applicant's first school, 1 (best) to 4.
    admit : array of int, (N,)
        1 for admitted, 0 for not.
    missing : tuple of (int, str)
        The cells that were blank: line in the file (the header is line 1) and column. Their rows were left out.
    """

    gre: np.ndarray
    gpa: np.ndarray
    rank: np.ndarray
    admit: np.ndarray
    missing: tuple


ADMISSIONS = DataFile(
    ("student_data.csv", "binary.csv"),
    "9255d93cf6aaed6ae7a38cfa952d4c1ebbe12c8894ed1e2d1ea0d35b3f91e31d",
    instructions="(400 rows admit,gre,gpa,rank; the UCLA statistical consulting group's teaching data set binary.csv)",
)
_COLUMNS = {"admit": (0, 1), "gre": (200, 800), "gpa": (0, 4), "rank": (1, 4)}


def diabetes() -> Diabetes:
    """Return 442 diabetes patients, ten measurements each, and how the disease progressed; nothing is downloaded.

    The columns are age in years, sex (1 or 2), body mass index, mean blood pressure, and six measurements of blood
    serum. They are as measured, not scaled. From B. Efron, T. Hastie, I. Johnstone and R. Tibshirani, "Least Angle
    Regression", Annals of Statistics 32 (2004), who offer the data with the article; in the same order as in
    scikit-learn.

    Examples
    --------
    >>> import nnbook as nn
    >>> nn.datasets.diabetes().X.shape
    (442, 10)
    """
    with as_file(files(__package__) / "data" / "diabetes.npz") as path:
        arrays = read_arrays(path, {"X": ("<f8", 2), "t": ("<f8", 1)})
    names = ("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6")
    return Diabetes(arrays["X"].astype(float), arrays["t"].astype(float)[:, None], names)


def admissions() -> Admissions:
    """Return applicants to a graduate school: two marks, the rank of their school, and whether they were admitted.

    The file is looked for in the folder `admissions` of the one that NNBOOK_DATA names, as `student_data.csv` or
    `binary.csv`. The rule for missing cells: a row with a blank cell is left out, and every blank cell is reported
    in `missing`. Nothing is filled in, because a filled-in number would be an invented one.

    Raises
    ------
    DataError
        When the file is missing, or a cell is neither blank nor a number in its column's range; it names the line.
    """
    path = find("admissions", ADMISSIONS, download=False)
    table, rows, missing = csv.reader(read_lines(path), strict=True), [], []
    try:
        heading = next(table, [])
        if [name.strip() for name in heading] != list(_COLUMNS):
            raise DataError(f"{path}: its first line must be {','.join(_COLUMNS)}; it is {','.join(heading)[:80]!r}")
        for record in table:
            cells = _cells(path, table.line_num, record)
            blank = [(table.line_num, column) for column, value in zip(_COLUMNS, cells) if value is None]
            missing += blank
            if not blank:
                rows.append(cells)
    except csv.Error as error:
        raise DataError(f"{path}: line {table.line_num}: must be comma-separated values: {error}") from error
    admit, gre, gpa, rank = np.array(rows, dtype=float).reshape(-1, len(_COLUMNS)).T
    return Admissions(gre.copy(), gpa.copy(), rank.astype(int), admit.astype(int), tuple(missing))


def _cells(path, line, record):
    if len(record) != len(_COLUMNS):
        raise DataError(f"{path}: line {line} has {len(record)} cells; it must have {len(_COLUMNS)}")
    return [_cell(path, line, column, text) for column, text in zip(_COLUMNS, record)]


def _cell(path, line, column, text):
    if not text.strip():
        return None
    lowest, highest = _COLUMNS[column]
    try:
        value = float(text)
    except ValueError:
        value = None
    # `not (… <= …)` refuses a NaN too
    if value is None or not lowest <= value <= highest or (column in ("admit", "rank") and value != int(value)):
        raise DataError(
            f"{path}: line {line}: {column} must be a number from {lowest} to {highest}; it is {text[:40]!r}"
        )
    return value
