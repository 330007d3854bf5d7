"""Images of handwritten digits: 8 × 8 pixels from the package itself, 28 × 28 from the MNIST files."""

from __future__ import annotations

from importlib.resources import as_file, files
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ..core.validation import float_type, number
from ._errors import DataError
from ._fetch import DataFile, cache_folder, find, make_folder, own_file
from ._idx import read_idx
from ._npz import read_arrays, write_arrays


class Images(NamedTuple):
    """Images and what they show.

    Attributes
    ----------
    images : array of uint8, (N, rows, columns)
        The pixels as they are stored; `scale_pixels` makes them a network's inputs.
    labels : array of int, (N,)
        The digit in each image, 0 to 9.
    """

    images: np.ndarray
    labels: np.ndarray


_MIRRORS = ("https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/")


def _mnist_file(name, sha256):
    names = (f"{name}.gz", name, name.replace("-idx", ".idx"))
    addresses = tuple(mirror + names[0] for mirror in _MIRRORS)
    return DataFile(names, sha256, addresses, f"and the other three of MNIST from {' or '.join(_MIRRORS)}")


MNIST = {
    "train": (
        _mnist_file("train-images-idx3-ubyte", "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
        _mnist_file("train-labels-idx1-ubyte", "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
    ),
    "test": (
        _mnist_file("t10k-images-idx3-ubyte", "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
        _mnist_file("t10k-labels-idx1-ubyte", "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
    ),
}
_ARCHIVE = {f"{part}_{what}": ("uint8", ndim) for part in MNIST for what, ndim in (("images", 3), ("labels", 1))}


def digits() -> Images:
    """Return 1,797 handwritten digits of 8 × 8 pixels; nothing is downloaded.

    Pixels are 0 (paper) to 16 (ink). They were written by 13 people and are the test part of "Optical Recognition of
    Handwritten Digits" (E. Alpaydin and C. Kaynak, 1998, UCI Machine Learning Repository, CC BY 4.0), in the same
    order as in scikit-learn.

    Examples
    --------
    >>> import nnbook as nn
    >>> nn.datasets.digits().images.shape
    (1797, 8, 8)
    """
    with as_file(files(__package__) / "data" / "digits.npz") as path:
        arrays = read_arrays(path, {"images": ("uint8", 3), "labels": ("uint8", 1)})
    return Images(arrays["images"], arrays["labels"].astype(int))


def mnist(*, download: bool = True) -> tuple[Images, Images]:
    """Return the 60,000 training and 10,000 test images of MNIST, of 28 × 28 pixels from 0 (paper) to 255 (ink).

    The four files, packed or not, are looked for in the folder `mnist` of the one that NNBOOK_DATA names, then in the
    cache; otherwise they are downloaded (11 MB), checked by their SHA-256, and kept in the cache as one compressed
    archive beside them. The images are by Y. LeCun, C. Cortes and C. Burges (CC BY-SA 3.0).

    Parameters
    ----------
    download : bool
        If False, use them only if they are on this machine.

    Returns
    -------
    train, test : Images

    Raises
    ------
    DataError
        When they cannot be obtained, or a file is not what it should be; the message names the file.
    """
    archive = (cache := cache_folder("mnist")) and cache / "mnist.npz"
    own = all(own_file("mnist", file) for part in MNIST.values() for file in part)
    if not own and archive is not None and archive.is_file():
        arrays = read_arrays(archive, _ARCHIVE)
        return tuple(_pair(arrays[f"{part}_images"], arrays[f"{part}_labels"], archive, archive) for part in MNIST)
    paths = {part: [find("mnist", file, download=download) for file in MNIST[part]] for part in MNIST}
    sets = {part: _pair(read_idx(images), read_idx(labels), images, labels) for part, (images, labels) in paths.items()}
    if (
        archive is not None
        and cache is not None
        and any(path.parent == cache for part in paths.values() for path in part)
    ):
        make_folder(cache)
        arrays = {}
        for part, (images, labels) in sets.items():
            arrays |= {f"{part}_images": images, f"{part}_labels": labels.astype(np.uint8)}
        write_arrays(archive, arrays)
    return tuple(sets.values())


def scale_pixels(
    images: ArrayLike, low: float = -1.0, high: float = 1.0, *, ink: float = 255, dtype: str = "float64"
) -> np.ndarray:
    """Return images as rows of inputs, paper (0) as `low` and ink as `high`.

    Parameters
    ----------
    images : array (N, rows, columns) or (N, pixels)
        Pixels from 0 to `ink`.
    low, high : float
        What 0 and `ink` become; −1 and 1, or 0 and 1.
    ink : number
        The largest value a pixel can have: 255 for MNIST, 16 for `digits`.
    dtype : str
        "float64" or "float32".

    Returns
    -------
    array (N, pixels)

    Raises
    ------
    ValueError, TypeError
        When images are not arrays of numbers from 0 to `ink`.

    Examples
    --------
    >>> import nnbook as nn
    >>> nn.datasets.scale_pixels([[[0, 8], [16, 16]]], 0, 1, ink=16)
    array([[0. , 0.5, 1. , 1. ]])
    """
    low, high = number("scale_pixels", "low", low), number("scale_pixels", "high", high)
    ink, images = number("scale_pixels", "ink", ink, above=0), np.asarray(images)
    dtype = float_type("scale_pixels", dtype)
    if images.ndim < 2 or images.dtype.kind not in "uif":
        raise TypeError(
            "scale_pixels: images must be numbers of shape (samples, rows, columns) or (samples, pixels); "
            f"they have dtype {images.dtype} and shape {images.shape}"
        )
    if images.size and not (images.min() >= 0 and images.max() <= ink):
        raise ValueError(
            f"scale_pixels: pixels must lie from 0 to {ink:g}; they are from {images.min()} to {images.max()}"
        )
    X = images.reshape(len(images), int(np.prod(images.shape[1:]))).astype(dtype)
    X /= ink
    X *= high - low
    X += low
    return X


def _pair(images, labels, images_path, labels_path):
    """Return Images of two arrays that belong together, or raise DataError naming the file that is wrong."""
    if images.dtype != np.uint8 or images.ndim != 3 or images.shape[1:] != (28, 28):
        raise DataError(
            f"{images_path}: must hold images, bytes of shape (number, 28, 28); it holds {images.dtype} of shape "
            f"{images.shape}"
        )
    if labels.dtype != np.uint8 or labels.ndim != 1:
        raise DataError(
            f"{labels_path}: must hold labels, bytes of shape (number,); it holds {labels.dtype} of shape "
            f"{labels.shape}"
        )
    if len(images) != len(labels):
        raise DataError(f"{labels_path}: holds {len(labels):,} labels for the {len(images):,} images of {images_path}")
    if labels.size and labels.max() > 9:
        raise DataError(f"{labels_path}: holds a label {labels.max()}; digits are 0 to 9")
    return Images(images, labels.astype(int))
