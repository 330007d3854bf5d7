"""The four formulas of backpropagation: one sample is a vector, a batch is a matrix with one sample per row.

W[j, i] is the weight to unit j from unit i, and nothing here divides by the batch size. These functions check nothing:
training calls them directly. `nn.output_delta` and the others (`checked.py`) check their arguments first. The
derivation is in the chapters Output delta, Hidden recursion and Gradient formulas; the source is Rumelhart, Hinton &
Williams (1986). `a` is f(z) where the caller already has it, and `out` is the array to write the result into.
"""

from __future__ import annotations

import numpy as np

from .activations import Activation
from .sums import sum_of_rows


def output_delta(
    dC_da: np.ndarray, z: np.ndarray, f: Activation, a: np.ndarray | None = None, out: np.ndarray | None = None
) -> np.ndarray:
    """δ^L_j = ∂C/∂a^L_j f'(z^L_j), and for softmax δ^L_j = Σ_i ∂C/∂a^L_i ∂a^L_i/∂z^L_j."""
    if not f.elementwise:
        return np.einsum("...i,...ij->...j", dC_da, f.jacobian(z), out=out)
    return np.multiply(dC_da, f.compute_derivative(z, a), out=out)


def hidden_delta(
    delta_next: np.ndarray,
    W_next: np.ndarray,
    z: np.ndarray,
    f: Activation,
    a: np.ndarray | None = None,
    out: np.ndarray | None = None,
) -> np.ndarray:
    """δ^l_i = (Σ_j δ^{l+1}_j w^{l+1}_{ji}) f'(z^l_i)."""
    delta = delta_next.dot(W_next, out)
    return np.multiply(delta, f.compute_derivative(z, a), out=delta)


def weight_gradient(delta: np.ndarray, a_prev: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """∂C/∂w^l_{ji} = δ^l_j a^{l-1}_i, summed over the samples of a batch."""
    if delta.ndim == 1:
        return np.outer(delta, a_prev, out=out)
    return delta.T.dot(a_prev, out)


def bias_gradient(delta: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """∂C/∂b^l_j = δ^l_j, summed over the samples of a batch."""
    if delta.ndim == 1:
        return np.positive(delta, out=out)
    return sum_of_rows(delta, out=out)
