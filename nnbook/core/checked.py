"""The four formulas, called one at a time: the arguments are checked, then `formulas.py` computes.

Each works on one sample (vectors) and on a batch (one sample per row). Nothing is broadcast: a shape that does not fit
is an error that names the argument.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from . import formulas
from .activations import Activation, get
from .validation import floats, same_shape, vector_or_rows


def output_delta(
    dC_da: ArrayLike, z: ArrayLike, f: Activation, *, a: ArrayLike | None = None, out: np.ndarray | None = None
) -> np.ndarray:
    """Return δ^L_j = ∂C/∂a^L_j · f'(z^L_j) (eq-output-delta).

    For softmax it is Σ_i ∂C/∂a^L_i ∂a^L_i/∂z^L_j (eq-output-delta-jacobian).

    Parameters
    ----------
    dC_da, z : arrays, both (n_L,) or both (N, n_L)
        ∂C/∂a and the weighted inputs of the output layer.
    f : Activation
        The output layer's activation.
    a : array like z, optional
        f(z), if it is known.
    out : array like z, optional
        Where to write δ.

    Returns
    -------
    array like z

    Raises
    ------
    ValueError, TypeError
        When shapes disagree or an array does not hold floats.

    Examples
    --------
    >>> import numpy as np, nnbook as nn
    >>> nn.output_delta(np.array([-0.25, 0.5]), np.array([0.0, 0.0]), nn.sigmoid)
    array([-0.0625,  0.125 ])
    """
    where = "output_delta"
    z = vector_or_rows(where, "z", floats(where, "z", z))
    dC_da = floats(where, "dC_da", dC_da)
    same_shape(where, "dC_da", dC_da, "z", z)
    return formulas.output_delta(
        dC_da, z, _activation(where, f), _known(where, a, z), _out(where, out, z.shape, dC_da, z)
    )


def hidden_delta(
    delta_next: ArrayLike,
    W_next: ArrayLike,
    z: ArrayLike,
    f: Activation,
    *,
    a: ArrayLike | None = None,
    out: np.ndarray | None = None,
) -> np.ndarray:
    """Return δ^l_i = (Σ_j δ^{l+1}_j w^{l+1}_{ji}) f'(z^l_i) (eq-hidden-delta, eq-hidden-delta-batch).

    Parameters
    ----------
    delta_next : array, (n_{l+1},) or (N, n_{l+1})
        δ of the layer after.
    W_next : array, (n_{l+1}, n_l)
        The weights into the layer after.
    z : array, (n_l,) or (N, n_l)
        Weighted inputs of this layer.
    f : Activation
        This layer's activation, elementwise.
    a : array like z, optional
        f(z), if it is known.
    out : array like z, optional
        Where to write δ.

    Returns
    -------
    array like z

    Raises
    ------
    ValueError, TypeError
        When shapes disagree, an array does not hold floats, or f is not elementwise.

    Examples
    --------
    >>> import numpy as np, nnbook as nn
    >>> nn.hidden_delta(np.array([2.0, -1.0]), np.array([[3.0], [5.0]]), np.array([0.0]), nn.tanh)
    array([1.])
    """
    where = "hidden_delta"
    delta_next = vector_or_rows(where, "delta_next", floats(where, "delta_next", delta_next))
    W_next = floats(where, "W_next", W_next)
    z = vector_or_rows(where, "z", floats(where, "z", z))
    if W_next.ndim != 2 or W_next.shape[0] != delta_next.shape[-1]:
        raise ValueError(
            f"{where}: delta_next has {_described(delta_next)}, so W_next needs {delta_next.shape[-1]} rows; "
            f"it has shape {W_next.shape}"
        )
    if z.shape != delta_next.shape[:-1] + W_next.shape[1:]:
        raise ValueError(
            f"{where}: delta_next has {_described(delta_next)} and W_next has {W_next.shape[1]} columns, "
            f"so z needs shape {delta_next.shape[:-1] + W_next.shape[1:]}; it has shape {z.shape}"
        )
    out = _out(where, out, z.shape, delta_next, W_next)
    return formulas.hidden_delta(delta_next, W_next, z, _activation(where, f), _known(where, a, z), out)


def weight_gradient(delta: ArrayLike, a_prev: ArrayLike, *, out: np.ndarray | None = None) -> np.ndarray:
    """Return ∂C/∂w^l_{ji} = δ^l_j a^{l-1}_i (eq-weight-gradient), summed over the rows of a batch.

    The batch form is eq-weight-gradient-batch.

    Parameters
    ----------
    delta : array, (n_l,) or (N, n_l)
        δ of this layer.
    a_prev : array, (n_{l-1},) or (N, n_{l-1})
        Activations of the layer before.
    out : array (n_l, n_{l-1}), optional
        Where to write the gradient.

    Returns
    -------
    array (n_l, n_{l-1})

    Raises
    ------
    ValueError, TypeError
        When one is a single sample and the other a batch, their numbers of samples differ, or one does not hold floats.

    Examples
    --------
    >>> import numpy as np, nnbook as nn
    >>> nn.weight_gradient(np.array([2.0, -1.0]), np.array([1.0, 10.0, 0.0]))
    array([[  2.,  20.,   0.],
           [ -1., -10.,  -0.]])
    """
    where = "weight_gradient"
    delta = vector_or_rows(where, "delta", floats(where, "delta", delta))
    a_prev = vector_or_rows(where, "a_prev", floats(where, "a_prev", a_prev))
    if delta.shape[:-1] != a_prev.shape[:-1]:
        raise ValueError(
            f"{where}: delta has {_described(delta)}, so a_prev needs "
            + ("one sample" if delta.ndim == 1 else f"{delta.shape[0]} rows")
            + f"; it has shape {a_prev.shape}"
        )
    out = _out(where, out, (delta.shape[-1], a_prev.shape[-1]), delta, a_prev)
    return formulas.weight_gradient(delta, a_prev, out)


def bias_gradient(delta: ArrayLike, *, out: np.ndarray | None = None) -> np.ndarray:
    """Return ∂C/∂b^l_j = δ^l_j, summed over the rows of a batch (eq-bias-gradient).

    Parameters
    ----------
    delta : array, (n_l,) or (N, n_l)
        δ of this layer.
    out : array (n_l,), optional
        Where to write the gradient.

    Returns
    -------
    array (n_l,)

    Raises
    ------
    ValueError, TypeError
        When delta is neither one sample nor a batch, or does not hold floats.

    Examples
    --------
    >>> import numpy as np, nnbook as nn
    >>> nn.bias_gradient(np.array([[2.0, -1.0], [3.0, 1.0]]))
    array([5., 0.])
    """
    where = "bias_gradient"
    delta = vector_or_rows(where, "delta", floats(where, "delta", delta))
    return formulas.bias_gradient(delta, _out(where, out, delta.shape[-1:], delta))


def _activation(where, f):
    if not isinstance(f, Activation):
        hint = f"; write nn.{get(f)}" if isinstance(f, str) else ""
        raise TypeError(f"{where}: f must be an Activation such as nn.sigmoid; it is {f!r:.60}{hint}")
    return f


def _known(where, a, z):
    if a is None:
        return None
    a = floats(where, "a", a)
    same_shape(where, "a", a, "z", z)
    return a


def _out(where, out, shape, *factors):
    """Return `out` if the result fits into it as it is."""
    if out is None:
        return None
    dtype = np.result_type(*factors)
    if not isinstance(out, np.ndarray):
        raise TypeError(f"{where}: out must be an array of shape {shape}; it is a {type(out).__name__}")
    if out.shape != shape or out.dtype != dtype or not out.flags.c_contiguous:
        order = "" if out.flags.c_contiguous else ", not in C order"
        raise ValueError(
            f"{where}: out needs shape {shape} and dtype {dtype}, in C order; it has shape {out.shape} and dtype "
            f"{out.dtype}{order}"
        )
    return out


def _described(array):
    if array.ndim == 1:
        return f"{array.shape[0]} units"
    return f"{array.shape[0]} rows × {array.shape[1]} units"
