"""Turn class labels into one-hot targets, and outputs back into labels."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .validation import finite, float_type, floats, rows, whole


def one_hot(labels: ArrayLike, classes: int, *, dtype: str = "float64") -> np.ndarray:
    """Return the targets T: row k is 0 except for a 1 in column labels[k].

    Parameters
    ----------
    labels : array of whole numbers, (N,)
        Each from 0 to classes − 1.
    classes : int
        Number of classes n_L.
    dtype : str
        "float64" or "float32".

    Returns
    -------
    array (N, classes)

    Raises
    ------
    ValueError, TypeError
        When a label is out of range or is not a whole number.

    Examples
    --------
    >>> import nnbook as nn
    >>> nn.one_hot([1, 0], classes=2)
    array([[0., 1.],
           [1., 0.]])
    """
    classes, dtype = whole("one_hot", "classes", classes), float_type("one_hot", dtype)
    try:
        labels = np.asarray(labels)
    except ValueError:
        raise ValueError("one_hot: labels must have shape (samples,); their rows have different lengths") from None
    if labels.dtype.kind not in "iu" and labels.size:
        raise TypeError(f"one_hot: labels must be whole numbers; they have dtype {labels.dtype}")
    if labels.ndim != 1:
        raise ValueError(f"one_hot: labels must have shape (samples,); they have shape {labels.shape}")
    outside = (labels < 0) | (labels >= classes)
    if outside.any():
        k = int(np.argmax(outside))
        raise ValueError(f"one_hot: labels[{k}] is {labels[k]}; with {classes} classes a label is 0 to {classes - 1}")
    T = np.zeros((len(labels), classes), dtype=dtype)
    T[np.arange(len(labels)), labels.astype(np.intp)] = 1
    return T


def labels_of(outputs: ArrayLike) -> np.ndarray:
    """Return the label of each row: the number of its largest entry (the first of them in a tie).

    Raises ValueError or TypeError when outputs are not rows of finite numbers.

    Parameters
    ----------
    outputs : array (N, n_L)
        A network's outputs, or one-hot targets.

    Returns
    -------
    array of int, (N,)

    Examples
    --------
    >>> import nnbook as nn
    >>> nn.labels_of([[0.2, 0.8], [0.6, 0.4]])
    array([1, 0])
    """
    outputs = rows("labels_of", "outputs", floats("labels_of", "outputs", outputs))
    return finite("labels_of", "outputs", outputs).argmax(axis=1)
