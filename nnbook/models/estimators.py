"""The network as scikit-learn estimators: a classifier and a regressor that fit into its pipelines and searches.

Importing this module needs scikit-learn; `import nnbook` does not.
"""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.activations import Activation
from ..core.costs import BinaryCrossEntropy, CategoricalCrossEntropy, SquaredError
from ..core.extras import require
from ..core.network import Network
from ..core.penalties import L2
from ..core.validation import number
from ..training.callbacks import EarlyStopping
from ..training.loop import fit
from ..training.optimizers import Adam, Optimizer
from .memory import OptimizerMemory

require("nnbook.models.estimators", "sklearn", extra="sklearn")

from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state, column_or_1d
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data


class _NetworkEstimator(BaseEstimator):
    """What both share. Parameters are kept as given and checked by `fit`, as scikit-learn requires."""

    def __init__(
        self,
        hidden: int | Sequence[int] = (32,),
        activation: str | Activation = "relu",
        *,
        optimizer: str | Optimizer | None = None,
        epochs: int = 200,
        batch_size: int = 32,
        alpha: float = 1e-4,
        initializer: Any = "he_normal",
        validation_fraction: float = 0.0,
        patience: int = 10,
        warm_start: bool = False,
        random_state: Any = None,
    ):
        self.hidden = hidden
        self.activation = activation
        self.optimizer = optimizer
        self.epochs = epochs
        self.batch_size = batch_size
        self.alpha = alpha
        self.initializer = initializer
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.warm_start = warm_start
        self.random_state = random_state

    def _samples(self, X, y, **options):
        """Return X and y as scikit-learn's own checks let them through, with sparse rows made dense."""
        X, y = validate_data(self, X, y, dtype=np.float64, accept_sparse="csr", multi_output=True, **options)
        return _dense(X), y

    def _network(self, inputs, outputs, output):
        """Make the network and the generator for training from scratch."""
        self._rng = np.random.default_rng(check_random_state(self.random_state).randint(2**31))
        given: Any = self.hidden
        hidden: list[Any] = [given] if isinstance(given, numbers.Integral) else list(given)
        self.network_ = Network(
            [inputs, *hidden, outputs],
            [self.activation] * len(hidden) + [output],
            initializer=self.initializer,
            rng=self._rng,
        )
        self._memory = OptimizerMemory()

    def _train(self, X, T, cost, *, epochs, weights, strata=None):
        """Train the existing network. `strata` are labels whose proportions the validation set is to keep."""
        validation, callbacks = None, []
        fraction = number(type(self).__name__, "validation_fraction", self.validation_fraction, at_least=0, below=1)
        if fraction > 0:
            rows, validation_rows = train_test_split(
                np.arange(len(X)),
                test_size=fraction,
                stratify=strata if _can_stratify(strata, fraction) else None,
                random_state=int(self._rng.integers(2**31)),
            )
            validation, callbacks = (X[validation_rows], T[validation_rows]), [EarlyStopping(patience=self.patience)]
            X, T, weights = X[rows], T[rows], None if weights is None else weights[rows]
        self.history_ = fit(
            self.network_,
            X,
            T,
            cost,
            optimizer=Adam(learning_rate=0.01) if self.optimizer is None else self.optimizer,
            epochs=epochs,
            batch_size=self.batch_size,
            sample_weight=weights,
            penalty=L2(self.alpha) if self.alpha else None,
            rng=self._rng,
            validation=validation,
            callbacks=[*callbacks, self._memory],
            progress=False,
        )
        self.n_iter_ = self.history_.epochs[-1]
        return self

    def _goes_on(self):
        return self.warm_start and hasattr(self, "network_")

    def _outputs(self, X):
        check_is_fitted(self)
        return self.network_.predict(_dense(validate_data(self, X, dtype=np.float64, accept_sparse="csr", reset=False)))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def _dense(X):
    return X.toarray() if hasattr(X, "toarray") else X


def _weights(weights, X):
    return None if weights is None else _check_sample_weight(weights, X, ensure_non_negative=True)


def _can_stratify(labels, fraction):
    """Return whether every class has samples for both sets, and both sets have room for every class."""
    if labels is None:
        return False
    _, counts = np.unique(labels, return_counts=True)
    smaller = min(fraction, 1 - fraction) * len(labels)
    return counts.min() >= 2 and smaller >= len(counts)


_PARAMETERS = """
    Parameters
    ----------
    hidden : int or sequence of int
        Units of the hidden layer, or of each of them.
    activation : str or Activation
        Of the hidden layers.
    optimizer : Optimizer or its name, optional
        Adam(learning_rate=0.01) unless given.
    epochs, batch_size : int
        As for `nnbook.fit`.
    alpha : float, at least 0
        Strength of the L2 penalty.
    initializer : str or callable
        How the weights are initialised.
    validation_fraction : float, at least 0 and below 1
        When above 0, this fraction of the samples, drawn at random (stratified by class), is set aside, and training
        stops early.
    patience : int
        Epochs without improvement before it stops.
    warm_start : bool
        Let `fit` continue with the network of the last call.
    random_state : int, RandomState or None
        Source of random numbers.

    Attributes
    ----------
    network_ : Network
    history_ : History
    n_iter_ : int
        Epochs that were run.
"""


class NetworkClassifier(ClassifierMixin, _NetworkEstimator):
    __doc__ = f"""Classify: one sigmoid output with binary cross-entropy for two classes, softmax for more.
{_PARAMETERS}    classes_ : array
        The labels, sorted; the columns of `predict_proba` are in this order.

    Examples
    --------
    >>> import nnbook as nn
    >>> X, labels = nn.datasets.digits_4x3()
    >>> model = nn.NetworkClassifier(hidden=3, epochs=60, random_state=0).fit(X, labels)
    >>> model.score(X, labels) > 0.95
    True
    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> NetworkClassifier:
        """Train on X, (n_samples, n_features), dense or sparse, and labels y; return the estimator.

        y is (n_samples,), or (n_samples, n_labels) of zeros and ones where a sample can have several labels. A y
        with only one class raises ValueError. `sample_weight`, (n_samples,), is that of `nnbook.fit`.
        """
        goes_on = self._goes_on()
        X, y = self._samples(X, y, reset=not goes_on)
        return self._learn(X, self._labels(y), None, goes_on, self.epochs, sample_weight)

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> NetworkClassifier:
        """Train for one epoch on X, y without starting from scratch; return the estimator.

        The first call needs all `classes` that will occur, unless they are all in y. `sample_weight` is as for `fit`.
        """
        goes_on = hasattr(self, "network_")
        X, y = self._samples(X, y, reset=not goes_on)
        return self._learn(X, self._labels(y), classes, goes_on, 1, sample_weight)

    def _labels(self, y):
        check_classification_targets(y)
        return column_or_1d(y, warn=True) if y.ndim == 2 and y.shape[1] == 1 else y

    def _learn(self, X, y, classes, goes_on, epochs, weights):
        several = y.ndim == 2
        if several and type_of_target(y) != "multilabel-indicator":
            raise ValueError("NetworkClassifier.fit: y must hold zeros and ones if it has several columns")
        if not goes_on:
            self.multilabel_ = several
            if several:
                self.classes_ = np.arange(y.shape[1])
            else:
                self.classes_ = np.unique(y if classes is None else classes)
            if len(self.classes_) == 1 and not several:
                raise ValueError(
                    f"NetworkClassifier.fit: y needs at least two classes; it has one class, {self.classes_[0]!r}"
                )
        if several:
            T = np.asarray(y, np.float64)
        else:
            index = np.searchsorted(self.classes_, y).clip(max=len(self.classes_) - 1)
            if (unknown := self.classes_[index] != y).any():
                raise ValueError(f"NetworkClassifier: y holds {y[unknown][0]!r}, which is not among the classes")
            T = index[:, None].astype(np.float64) if len(self.classes_) == 2 else np.eye(len(self.classes_))[index]
        softmax = not several and len(self.classes_) > 2
        if not goes_on:
            self._network(X.shape[1], T.shape[1], "softmax" if softmax else "sigmoid")
        cost = CategoricalCrossEntropy() if softmax else BinaryCrossEntropy()
        return self._train(X, T, cost, epochs=epochs, weights=_weights(weights, X), strata=None if several else y)

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probability of each class for each row of X, (n_samples, n_classes).

        Rows sum to 1, unless a sample can have several labels.
        """
        outputs = self._outputs(X)
        return outputs if outputs.shape[1] > 1 or self.multilabel_ else np.hstack([1 - outputs, outputs])

    def predict(self, X: Any) -> np.ndarray:
        """Return the most probable label of each row of X, (n_samples,), or zeros and ones for several labels."""
        probabilities = self.predict_proba(X)
        if self.multilabel_:
            return (probabilities > 0.5).astype(int)
        return self.classes_[probabilities.argmax(axis=1)]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


class NetworkRegressor(RegressorMixin, _NetworkEstimator):
    __doc__ = f"""Predict numbers: linear outputs with squared error.
{_PARAMETERS}
    Examples
    --------
    >>> import numpy as np, nnbook as nn
    >>> x = np.linspace(0, 3, 60)[:, None]
    >>> model = nn.NetworkRegressor(activation='tanh', epochs=100, random_state=0).fit(x, np.sin(x[:, 0]))
    >>> model.score(x, np.sin(x[:, 0])) > 0.95
    True
    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> NetworkRegressor:
        """Train on X, (n_samples, n_features), dense or sparse, and y; return the estimator.

        y is (n_samples,) or (n_samples, n_outputs). `sample_weight`, (n_samples,), is that of `nnbook.fit`.
        """
        return self._learn(X, y, self._goes_on(), self.epochs, sample_weight)

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> NetworkRegressor:
        """Train for one epoch on X, y without starting from scratch; return the estimator.

        Targets are scaled by the mean and standard deviation of the first call's. `sample_weight` is as for `fit`.
        """
        return self._learn(X, y, hasattr(self, "network_"), 1, sample_weight)

    def _learn(self, X, y, goes_on, epochs, weights):
        X, y = self._samples(X, y, reset=not goes_on, y_numeric=True)
        self._flat = y.ndim == 1
        weights = _weights(weights, X)
        T = y.reshape(len(y), -1).astype(np.float64)
        if not goes_on:
            # Targets are scaled to mean 0 and standard deviation 1, for which the defaults of training work.
            self._mean = np.average(T, axis=0, weights=weights)
            self._spread = np.sqrt(np.average((T - self._mean) ** 2, axis=0, weights=weights))
            self._spread[self._spread == 0] = 1
            self._network(X.shape[1], T.shape[1], "identity")
        return self._train(X, (T - self._mean) / self._spread, SquaredError(), epochs=epochs, weights=weights)

    def predict(self, X: Any) -> np.ndarray:
        """Return the predictions for the rows of X, shaped as y was."""
        outputs = self._outputs(X) * self._spread + self._mean
        return outputs[:, 0] if self._flat else outputs

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
