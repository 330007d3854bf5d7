"""Faces of the network for scikit-learn: a classifier and a regressor that fit into its pipelines and searches.

Importing this module needs scikit-learn; `import nnbook` does not.
"""

from __future__ import annotations

import numpy as np

from ..core.costs import BinaryCrossEntropy, CategoricalCrossEntropy, SquaredError
from ..core.extras import require
from ..core.network import Network
from ..core.penalties import L2
from ..training.callbacks import EarlyStopping
from ..training.loop import fit
from ..training.optimizers import Adam

require("nnbook.models.estimators", "sklearn", extra="sklearn")

from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data


class _NetworkEstimator(BaseEstimator):
    """What both share. Parameters are kept as given, and looked at by `fit`, as scikit-learn asks."""

    def __init__(
        self,
        hidden=(32,),
        activation="relu",
        *,
        optimizer=None,
        epochs=200,
        batch_size=32,
        alpha=1e-4,
        initializer="he_normal",
        validation_fraction=0.0,
        patience=10,
        random_state=None,
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
        self.random_state = random_state

    def _train(self, X, T, output, cost):
        rng = np.random.default_rng(check_random_state(self.random_state).randint(2**31))
        hidden = list(self.hidden)
        self.network_ = Network(
            [X.shape[1], *hidden, T.shape[1]],
            [self.activation] * len(hidden) + [output],
            initializer=self.initializer,
            rng=rng,
        )
        stops_early = self.validation_fraction > 0
        self.history_ = fit(
            self.network_,
            X,
            T,
            cost,
            optimizer=Adam(learning_rate=0.01) if self.optimizer is None else self.optimizer,
            epochs=self.epochs,
            batch_size=self.batch_size,
            penalty=L2(self.alpha) if self.alpha else None,
            rng=rng,
            validation=self.validation_fraction if stops_early else None,
            callbacks=[EarlyStopping(patience=self.patience)] if stops_early else [],
            progress=False,
        )
        self.n_iter_ = self.history_.epochs[-1]
        return self

    def _outputs(self, X):
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        return self.network_.predict(X)


_PARAMETERS = """
    Parameters
    ----------
    hidden : sequence of int
        Units of the hidden layers.
    activation : str or Activation
        Of the hidden layers.
    optimizer : Optimizer or its name, optional
        Adam(learning_rate=0.01) unless given.
    epochs, batch_size : int
        As for `nnbook.fit`.
    alpha : float, at least 0
        Strength of the L2 penalty.
    initializer : str or callable
        How the weights start.
    validation_fraction : float, at least 0 and below 1
        When above 0, this share of the samples, the last ones, is set aside, and training stops early.
    patience : int
        Epochs without improvement before that.
    random_state : int, RandomState or None
        Where random numbers come from.

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
        The labels, sorted; columns of `predict_proba` stand in this order.
    """

    def fit(self, X, y):
        """Train on X, (n_samples, n_features), and labels y, (n_samples,); return the estimator.

        One class alone in y raises ValueError.
        """
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        self.classes_, index = np.unique(y, return_inverse=True)
        if len(self.classes_) == 1:
            raise ValueError(
                f"NetworkClassifier.fit: y needs two classes at least; it has one class, {self.classes_[0]!r}"
            )
        if len(self.classes_) == 2:
            return self._train(X, index[:, None].astype(np.float64), "sigmoid", BinaryCrossEntropy())
        return self._train(X, np.eye(len(self.classes_))[index], "softmax", CategoricalCrossEntropy())

    def predict_proba(self, X):
        """Return the probability of each class for each row of X, (n_samples, n_classes); rows sum to 1."""
        outputs = self._outputs(X)
        return outputs if outputs.shape[1] > 1 else np.hstack([1 - outputs, outputs])

    def predict(self, X):
        """Return the most probable label of each row of X, (n_samples,)."""
        best = self.predict_proba(X).argmax(axis=1)
        return self.classes_[best]


class NetworkRegressor(RegressorMixin, _NetworkEstimator):
    __doc__ = f"""Predict numbers: linear outputs with squared error.
{_PARAMETERS}    """

    def fit(self, X, y):
        """Train on X, (n_samples, n_features), and y, (n_samples,) or (n_samples, n_outputs); return the estimator."""
        X, y = validate_data(self, X, y, dtype=np.float64, multi_output=True, y_numeric=True)
        self._flat = y.ndim == 1
        T = y.reshape(len(y), -1).astype(np.float64)
        # Targets of any size are brought to mean 0 and spread 1, in which the defaults of training work.
        self._mean, self._spread = T.mean(axis=0), T.std(axis=0)
        self._spread[self._spread == 0] = 1
        return self._train(X, (T - self._mean) / self._spread, "identity", SquaredError())

    def predict(self, X):
        """Return the predictions for the rows of X, shaped as y was."""
        outputs = self._outputs(X) * self._spread + self._mean
        return outputs[:, 0] if self._flat else outputs

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
