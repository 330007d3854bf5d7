"""Find a data file in the reader's own folder or the cache, or download it and check its SHA-256."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ._errors import DataError


@dataclass(frozen=True)
class DataFile:
    """A file of a data set: its possible names, the SHA-256 of the first, where it is offered, and how to get it."""

    names: tuple[str, ...]
    sha256: str
    addresses: tuple[str, ...] = ()
    instructions: str = ""


def own_folder(data_set: str) -> Path | None:
    """Return the folder of this data set inside the one that the variable NNBOOK_DATA names, or None."""
    folder = os.environ.get("NNBOOK_DATA")
    return Path(folder).expanduser() / data_set if folder else None


def cache_folder(data_set: str) -> Path | None:
    """Return the folder in which downloads of this data set are kept, or None without pooch, which determines it."""
    try:
        import pooch
    except ImportError:
        return None
    return Path(pooch.os_cache("nnbook")) / data_set


def own_file(data_set: str, file: DataFile) -> Path | None:
    """Return the path of a file in the reader's own folder, under the first of its names that exists, or None."""
    folder = own_folder(data_set)
    paths = [folder / name for name in file.names] if folder else []
    return next((path for path in paths if os.path.isfile(path)), None)


def find(data_set: str, file: DataFile, *, download: bool = True) -> Path:
    """Return the path of a file: from NNBOOK_DATA, from the cache, or, if allowed, downloaded now.

    Raises
    ------
    DataError
        When it is in none of these places; the message says where it is looked for.
    """
    if (path := own_file(data_set, file)) is not None:
        return path
    if file.addresses and (cache := cache_folder(data_set)) is not None:
        path, reasons = cache / file.names[0], []
        if os.path.isfile(path):
            if (found := sha256(path)) == file.sha256:
                return path
            reasons.append(
                f"(The file in the cache, {path}, is damaged: its SHA-256 must be {file.sha256}; it is {found}.)"
            )
        if download:
            return _download(data_set, file, cache)
        raise missing(data_set, file, reasons)
    raise missing(data_set, file)


def missing(data_set: str, file: DataFile, reasons: Sequence[str] = ()) -> DataError:
    """Return the error that says which file to get, from where, and where to put it."""
    folder = own_folder(data_set)
    if folder is None:
        place = f"into a folder {data_set!r} inside a folder of yours, and set the variable NNBOOK_DATA to the latter"
    else:
        place = f"into {folder}"
    where = file.instructions or "from " + " or ".join(file.addresses)
    lines = [f"{data_set}: the file {file.names[0]} is missing. Get it {where}; put it {place}."]
    if file.addresses and cache_folder(data_set) is None:
        lines.append("(To have it downloaded: pip install 'nnbook[data]'.)")
    return DataError(" ".join([*lines, *reasons]))


def sha256(path: str | os.PathLike) -> str:
    """Return the SHA-256 of a file as hexadecimal digits. Raises DataError when it cannot be read."""
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from error


def make_folder(folder: Path) -> None:
    """Create a folder of the cache. Raises DataError when that cannot be done."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"{folder}: cannot be created: {error.strerror or error}") from error


def _download(data_set, file, cache):
    import pooch

    pooch.get_logger().setLevel("WARNING")
    make_folder(cache)
    downloader = pooch.HTTPDownloader(progressbar=_live(), timeout=20)
    reasons = []
    for address in file.addresses:
        try:
            # pooch writes to a temporary file, and moves it here only if the hash is right
            return Path(pooch.retrieve(address, f"sha256:{file.sha256}", file.names[0], cache, downloader=downloader))
        except (OSError, ValueError) as error:  # requests' exceptions are OSErrors; a wrong hash is a ValueError
            reasons.append(f"Downloading {address} to {cache / file.names[0]} failed: {error}")
    raise missing(data_set, file, reasons)


def _live():
    terminal = sys.stderr is not None and sys.stderr.isatty()
    return terminal or ("ipykernel" in sys.modules and "JPY_SESSION_NAME" in os.environ)
