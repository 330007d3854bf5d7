"""Batch normalisation of z, unit by unit over the batch, and its backward pass."""

from __future__ import annotations

from typing import Any

import numpy as np

from .sums import mean_of_rows, sum_of_rows
from .validation import floats, number


class BatchNorm:
    """y = γ ẑ + β with ẑ = (z − μ) / √(v + ε), unit by unit over the batch (eq-batchnorm-forward).

    After Ioffe & Szegedy (2015).

    While training, μ and v are the batch's mean and variance (divided by N); at prediction they are running averages,
    which `fit` moves after each batch: running ← momentum · running + (1 − momentum) · batch.

    Parameters
    ----------
    momentum : float in [0, 1)
        How much of the running averages is kept.
    epsilon : float above 0
        ε.

    Attributes
    ----------
    running_mean, running_variance : array (n_l,), or None before a network has it
        Start at 0 and 1.

    Examples
    --------
    >>> import numpy as np, nnbook as nn
    >>> net = nn.Network([1, 1, 1], 'identity', rng=0, batch_norm={2: nn.BatchNorm(epsilon=1e-9)})
    >>> y = net.forward(np.array([[1.0], [2.0], [3.0]]), training=True).y[2]
    >>> float(abs(y.mean()).round(6)), float(y.std().round(6))
    (0.0, 1.0)
    """

    def __init__(self, momentum: float = 0.99, epsilon: float = 0.001):
        self.momentum = number("BatchNorm", "momentum", momentum, at_least=0, below=1)
        self.epsilon = number("BatchNorm", "epsilon", epsilon, above=0)
        self.running_mean: Any = None  # an array once a network has it
        self.running_variance: Any = None

    def placed(self, units: int, dtype: np.dtype | str) -> BatchNorm:
        """Return a copy with running averages of this dtype for `units`; ValueError if it has a different number."""
        other = BatchNorm(self.momentum, self.epsilon)
        if self.running_mean is None:
            other.running_mean, other.running_variance = np.zeros(units, dtype), np.ones(units, dtype)
            return other
        for name in ("running_mean", "running_variance"):
            value = np.array(floats("BatchNorm", name, getattr(self, name)), dtype)
            if value.shape != (units,):
                raise ValueError(f"BatchNorm: {name} needs shape ({units},); it has shape {value.shape}")
            setattr(other, name, value)
        return other

    def __repr__(self):
        return f"BatchNorm(momentum={self.momentum}, epsilon={self.epsilon})"


class BatchNormPass:
    """Batch normalisation of one layer during one pass, with what its backward pass needs."""

    def __init__(self, norm: BatchNorm, gamma: np.ndarray, beta: np.ndarray, z: np.ndarray):
        self.norm, self.gamma, self.beta = norm, gamma, beta
        self.z_hat, self.y, self.work = np.empty_like(z), np.empty_like(z), np.empty_like(z)
        self.dgamma = self.dbeta = self.mean = self.variance = np.empty(0)  # set by forward and backward
        self.training = False

    def forward(self, z: np.ndarray, training: bool) -> np.ndarray:
        """Return y for the weighted inputs z, with the batch's own statistics while training."""
        self.training = training
        if training:
            self.mean = _mean(z)
            np.subtract(z, self.mean, out=self.z_hat)
            np.multiply(self.z_hat, self.z_hat, out=self.work)
            self.variance = _mean(self.work)
        else:
            self.mean, self.variance = self.norm.running_mean, self.norm.running_variance
            np.subtract(z, self.mean, out=self.z_hat)
        self.deviation = np.sqrt(self.variance + self.norm.epsilon)
        self.z_hat /= self.deviation
        np.multiply(self.z_hat, self.gamma, out=self.y)
        self.y += self.beta
        return self.y

    def backward(self, delta: np.ndarray) -> None:
        """Turn ∂C/∂y into ∂C/∂z in place, and write ∂C/∂γ and ∂C/∂β (eq-batchnorm-backward)."""
        np.multiply(delta, self.z_hat, out=self.work)
        sum_of_rows(self.work, out=self.dgamma)
        sum_of_rows(delta, out=self.dbeta)
        if self.training:
            n = len(delta)
            delta -= self.dbeta / n
            np.multiply(self.z_hat, self.dgamma / n, out=self.work)
            delta -= self.work
        delta *= self.gamma
        delta /= self.deviation

    def move_running(self) -> None:
        """Move the running averages towards the statistics of the last batch."""
        keep, norm = self.norm.momentum, self.norm
        for running, batch in ((norm.running_mean, self.mean), (norm.running_variance, self.variance)):
            running *= keep
            running += (1 - keep) * batch[0]


def _mean(z):
    """Return the mean of each unit over the batch, one row; for a stack of batches, one row each."""
    return mean_of_rows(z)[None] if z.ndim == 2 else z.mean(axis=-2, keepdims=True)
