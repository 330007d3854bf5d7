"""The four formulas of backpropagation on plain arrays: for one sample (1-D), a batch of rows (2-D), and training.

The derivation is in the chapters Output delta, Hidden recursion and Gradient formulas; the source is Rumelhart, Hinton
& Williams (1986). Rows are samples, W[j, i] runs to unit j from unit i, and nothing here divides by the batch size.
"""

from __future__ import annotations

import numpy as np

from .activations import Activation
from .validation import floats, same_shape, vector_or_rows


def output_delta(dC_da, z, f, *, a=None, out=None):
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

    Raises
    ------
    ValueError, TypeError
        When shapes disagree or an array does not hold floats.
    """
    if not getattr(dC_da, "shape", 0) == getattr(z, "shape", 1) == getattr(out, "shape", 2):
        dC_da, z = floats("output_delta", "dC_da", dC_da), floats("output_delta", "z", z)
        vector_or_rows("output_delta", "z", z)
        same_shape("output_delta", "dC_da", dC_da, "z", z)
        _activation("output_delta", f)
    if not f.elementwise:
        return np.einsum("...i,...ij->...j", dC_da, f.jacobian(z), out=out)
    return np.multiply(dC_da, f.derivative(z, a=a), out=out)


def hidden_delta(delta_next, W_next, z, f, *, a=None, out=None):
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

    Raises
    ------
    ValueError, TypeError
        When shapes disagree, an array does not hold floats, or f is not elementwise.
    """
    # Where out has z's shape, the product of the other two must have it as well, or NumPy refuses.
    if getattr(z, "shape", None) != getattr(out, "shape", 0):
        delta_next, W_next, z = _hidden_arguments(delta_next, W_next, z)
        _activation("hidden_delta", f)
    delta = delta_next.dot(W_next, out)
    return np.multiply(delta, f.derivative(z, a=a), out=delta)


def weight_gradient(delta, a_prev, *, out=None):
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

    Raises
    ------
    ValueError, TypeError
        When one is a single sample and the other a batch, the numbers of samples differ, or an array holds no floats.
    """
    if out is None:
        delta, a_prev = _pair("weight_gradient", delta, a_prev)
    if delta.ndim == 1:
        return np.outer(delta, a_prev, out=out)
    return delta.T.dot(a_prev, out)


def bias_gradient(delta, *, out=None):
    """Return ∂C/∂b^l_j = δ^l_j, summed over the rows of a batch (eq-bias-gradient).

    Parameters
    ----------
    delta : array, (n_l,) or (N, n_l)
        δ of this layer.
    out : array (n_l,), optional
        Where to write the gradient.

    Raises
    ------
    ValueError, TypeError
        When delta is neither one sample nor a batch, or does not hold floats.
    """
    if out is None:
        delta = vector_or_rows("bias_gradient", "delta", floats("bias_gradient", "delta", delta))
    if delta.ndim == 1 or len(delta) == 1:
        return np.positive(delta if delta.ndim == 1 else delta[0], out=out)
    return np.add.reduce(delta, axis=0, out=out)


def _hidden_arguments(delta_next, W_next, z):
    delta_next = vector_or_rows("hidden_delta", "delta_next", floats("hidden_delta", "delta_next", delta_next))
    W_next = floats("hidden_delta", "W_next", W_next)
    z = vector_or_rows("hidden_delta", "z", floats("hidden_delta", "z", z))
    if W_next.ndim != 2 or W_next.shape[0] != delta_next.shape[-1]:
        raise ValueError(
            f"hidden_delta: delta_next has {_described(delta_next)}, so W_next needs {delta_next.shape[-1]} rows; "
            f"it has shape {W_next.shape}"
        )
    if z.shape != delta_next.shape[:-1] + W_next.shape[1:]:
        raise ValueError(
            f"hidden_delta: delta_next has {_described(delta_next)} and W_next has {W_next.shape[1]} columns, "
            f"so z needs shape {delta_next.shape[:-1] + W_next.shape[1:]}; it has shape {z.shape}"
        )
    return delta_next, W_next, z


def _pair(where, delta, a_prev):
    delta = vector_or_rows(where, "delta", floats(where, "delta", delta))
    a_prev = vector_or_rows(where, "a_prev", floats(where, "a_prev", a_prev))
    if delta.shape[:-1] != a_prev.shape[:-1]:
        raise ValueError(
            f"{where}: delta has {_described(delta)}, so a_prev needs "
            + ("one sample" if delta.ndim == 1 else f"{delta.shape[0]} rows")
            + f"; it has shape {a_prev.shape}"
        )
    return delta, a_prev


def _activation(where, f):
    if not isinstance(f, Activation):
        raise TypeError(f"{where}: f must be an Activation such as sigmoid; it is {f!r}")


def _described(array):
    if array.ndim == 1:
        return f"{array.shape[0]} units"
    return f"{array.shape[0]} rows × {array.shape[1]} units"
