"""Batch normalisation of z, unit by unit over the batch, and its backward pass."""

from __future__ import annotations

import numpy as np

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
    """

    def __init__(self, momentum=0.99, epsilon=0.001):
        self.momentum = number("BatchNorm", "momentum", momentum, at_least=0, below=1)
        self.epsilon = number("BatchNorm", "epsilon", epsilon, above=0)
        self.running_mean = self.running_variance = None

    def _placed(self, units, dtype):
        other = BatchNorm(self.momentum, self.epsilon)
        if self.running_mean is None:
            other.running_mean, other.running_variance = np.zeros(units, dtype), np.ones(units, dtype)
            return other
        for name in ("running_mean", "running_variance"):
            value = np.array(floats("BatchNorm", name, getattr(self, name)), dtype)
            setattr(other, name, same_shape_of_units(name, value, units))
        return other

    def _pass(self, gamma, beta, z):
        return _BatchNormPass(self, gamma, beta, z)

    def __repr__(self):
        return f"BatchNorm(momentum={self.momentum}, epsilon={self.epsilon})"


def same_shape_of_units(name, value, units):
    """Return a running average if it has one entry per unit."""
    if value.shape != (units,):
        raise ValueError(f"BatchNorm: {name} needs shape ({units},); it has shape {value.shape}")
    return value


class _BatchNormPass:
    """Batch normalisation of one layer during one pass, with what the backward pass needs of it."""

    def __init__(self, norm, gamma, beta, z):
        self.norm, self.gamma, self.beta = norm, gamma, beta
        self.z_hat, self.y, self.work = np.empty_like(z), np.empty_like(z), np.empty_like(z)
        self.dgamma = self.dbeta = self.mean = self.variance = None
        self.training = False

    def forward(self, z, training):
        self.training = training
        if training:
            self.mean = z.mean(axis=-2, keepdims=True)
            np.subtract(z, self.mean, out=self.z_hat)
            np.multiply(self.z_hat, self.z_hat, out=self.work)
            self.variance = self.work.mean(axis=-2, keepdims=True)
        else:
            self.mean, self.variance = self.norm.running_mean, self.norm.running_variance
            np.subtract(z, self.mean, out=self.z_hat)
        self.deviation = np.sqrt(self.variance + self.norm.epsilon)
        self.z_hat /= self.deviation
        np.multiply(self.z_hat, self.gamma, out=self.y)
        self.y += self.beta
        return self.y

    def backward(self, delta):
        """Turn ∂C/∂y into ∂C/∂z in place, and write ∂C/∂γ and ∂C/∂β (eq-batchnorm-backward)."""
        np.multiply(delta, self.z_hat, out=self.work)
        np.add.reduce(self.work, axis=0, out=self.dgamma)
        np.add.reduce(delta, axis=0, out=self.dbeta)
        if self.training:
            n = len(delta)
            delta -= self.dbeta / n
            np.multiply(self.z_hat, self.dgamma / n, out=self.work)
            delta -= self.work
        delta *= self.gamma
        delta /= self.deviation

    def move_running(self):
        """Move the running averages towards the statistics of the last batch."""
        keep, norm = self.norm.momentum, self.norm
        for running, batch in ((norm.running_mean, self.mean), (norm.running_variance, self.variance)):
            running *= keep
            running += (1 - keep) * batch[0]
