"""A network as a list of layers: Keras's method names on top of the book's own network, costs and training.

Differences from Keras: costs are sums over outputs (SquaredError has its ½, and neither it nor binary cross-entropy is
a mean over outputs); a penalty of strength λ is (λ/2) Σ w²; the loss of an epoch is J after it, not a mean over its
batches, and J on validation data has no penalty; random numbers come from the given `rng`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..core.costs import Cost
from ..core.dropout import Rng
from ..core.encoding import one_hot
from ..core.propagation import samples
from ..core.validation import finite, float_type, floats, generator, number, rows
from ..training import optimizers
from ..training.loop import fit
from ..training.measure import Measure
from ..training.run import History, callback_list
from .keras_names import SPARSE, Lines, cost_of, history_of, metrics_of
from .layers import Input, arrange, network_of
from .memory import OptimizerMemory
from .saved import read_model, write_model
from .summary import rows_of, table


class Sequential:
    """A model made of layers in sequence.

    Parameters
    ----------
    layers : list of Layer
        Dense layers, each optionally followed by BatchNorm, Activation and Dropout, in this order. An Input may come
        first, and a Flatten.
    rng : numpy Generator or seed, optional
        Draws initial weights, the order of samples and dropout; `fit` takes it as well.
    dtype : str
        "float64" or "float32".

    Attributes
    ----------
    layers : list of Layer
    net : Network or None
        The network, once the number of inputs and a generator are known.

    Examples
    --------
    >>> import nnbook as nn
    >>> X, labels = nn.datasets.digits_4x3()
    >>> model = nn.Sequential([nn.Dense(3, 'sigmoid'), nn.Dense(1, 'sigmoid')], rng=0)
    >>> model.compile(nn.Adam(0.05), 'binary_crossentropy', ['accuracy'])
    >>> history = model.fit(X, labels, epochs=40, batch_size=8)
    >>> history.history['accuracy'][-1] > 0.95
    True
    """

    def __init__(self, layers: Sequence[Any] = (), *, rng: Rng | int | None = None, dtype: str = "float64"):
        self.layers: list[Any] = []
        self.net: Any = None  # a Network once it is built
        self._dtype = float_type("Sequential", dtype)
        self._rng = None if rng is None else generator("Sequential", rng)
        self._cost: Any = None
        self._optimizer: Any = None
        self.memory = OptimizerMemory()
        self._metrics: list[Any] = []
        self._sparse = False
        for layer in layers:
            self.add(layer)

    def add(self, layer: Any) -> None:
        """Append a layer. Raises ValueError or TypeError when it is not allowed there."""
        if self.net is not None:
            raise ValueError("Sequential.add: the network already has weights; add layers before using it")
        arrange([*self.layers, layer], complete=False)
        self.layers.append(layer)

    def build(self, input_shape: tuple[int, ...]) -> None:
        """Make the network for samples of a shape; done by the first `fit` unless called before.

        Parameters
        ----------
        input_shape : tuple of int
            The shape of one sample, without the sample axis: (12,) or (28, 28).

        Raises
        ------
        ValueError, TypeError
            When the layers do not take samples of this shape, or the model has no rng to draw the weights with.
        """
        shape = Input(input_shape).shape
        self.net = network_of(self.layers, shape, self._rng, self._dtype)
        self._shape = shape

    def count_params(self) -> int:
        """Return the number of parameters that training changes. Needs an Input layer, or weights already drawn."""
        return sum(row[2] for row in self._rows())

    def summary(self) -> None:
        """Print the layers with their output shapes and parameter counts."""
        print(table(self._rows()))

    def _rows(self):
        return rows_of(self.layers, self._shape if self.net is not None else arrange(self.layers)["input_shape"])

    def compile(
        self,
        optimizer: str | optimizers.Optimizer = "rmsprop",
        loss: str | Cost | None = None,
        metrics: Sequence[Any] | None = None,
    ) -> None:
        """Set the optimiser, the loss and the metrics.

        Parameters
        ----------
        optimizer : Optimizer or its name
            "sgd", "adagrad", "rmsprop", "adam" or "adamw" take Keras's defaults.
        loss : Cost or str
            "squared_error", "binary_crossentropy", "categorical_crossentropy", or "sparse_categorical_crossentropy" for
            targets that are whole-number labels.
        metrics : list of str or functions, optional
            As for `fit`; "acc", "mse" and "mae" are understood too.

        Raises
        ------
        ValueError, TypeError
            When an argument is not as described. "mse" is refused: it has no ½ and is a mean over outputs.
        """
        optimizer, cost, measured = optimizers.get(optimizer), cost_of(loss), metrics_of(metrics)
        self._optimizer, self._cost, self._metrics = optimizer, cost, measured
        self._sparse, self.memory = loss == SPARSE, OptimizerMemory()

    def fit(
        self, x: ArrayLike, y: ArrayLike, batch_size: int | None = None, epochs: int = 1,
        verbose: str | int = "auto", callbacks: Sequence[Any] | None = None, validation_split: float = 0.0,
        validation_data: Any = None, shuffle: bool = True, *, rng: Rng | int | None = None,
    ) -> History:  # fmt: skip
        """Train, and return the history. A second call continues where the first ended.

        Parameters
        ----------
        x : array (N, …)
            Inputs.
        y : array (N, n_L), or whole-number labels (N,) with the sparse loss; (N,) also where there is one output
            Targets.
        batch_size, epochs : int
            B, 32 unless given, and how many times to go through the samples.
        verbose : "auto", 0, 1 or 2
            0: nothing; 1 and "auto": a progress bar in a terminal or live notebook; 2: one line per epoch.
        callbacks : list of Callback or functions, optional
            As for `training.fit`.
        validation_split, validation_data : float, at least 0 and below 1; (x, y), optional
            The fraction of samples, the last rows, set aside for validation before shuffling; or separate samples.
        shuffle : bool
            A new order in every epoch.
        rng : numpy Generator or seed, optional
            Replaces the model's own from here on.

        Returns
        -------
        History
            That of `training.fit`, with Keras's names in `.history`: "loss", "val_loss", "accuracy", "val_accuracy", …

        Raises
        ------
        ValueError, TypeError
            When an argument is not as described, or the model has not been compiled.
        """
        if verbose not in ("auto", 0, 1, 2):
            raise ValueError(f'Sequential.fit: verbose must be "auto", 0, 1 or 2; it is {verbose!r}')
        validation = number("Sequential.fit", "validation_split", validation_split, at_least=0, below=1) or None
        self._compiled("fit")
        if rng is not None:
            self._rng = generator("Sequential.fit", rng)
        x = self._inputs("fit", x)
        y = self._targets("fit", y)
        if validation_data is not None:
            if not isinstance(validation_data, tuple | list) or len(validation_data) != 2:
                raise TypeError(f"Sequential.fit: validation_data must be (x, y); it is {validation_data!r:.60}")
            validation = self._inputs("fit", validation_data[0]), self._targets("fit", validation_data[1])
        record = fit(
            self.net, x, y, self._cost, optimizer=self._optimizer, epochs=epochs,
            batch_size=32 if batch_size is None else batch_size, penalty=arrange(self.layers)["penalty"] or None,
            rng=self._rng, shuffle=shuffle, validation=validation,
            metrics=[function for _, function in self._metrics],
            callbacks=[*callback_list(callbacks or []), self.memory, *([Lines()] if verbose == 2 else [])],
            progress=verbose in ("auto", 1),
        )  # fmt: skip
        vars(record)["history"] = history_of(record)
        return record

    def evaluate(
        self, x: ArrayLike, y: ArrayLike, batch_size: int | None = None, verbose: str | int = "auto", *,
        return_dict: bool = False,
    ) -> float | list[float] | dict[str, float]:  # fmt: skip
        """Return the mean cost on these samples, without penalty, and the metrics, if any.

        Parameters
        ----------
        x, y : arrays (N, …) and (N, n_L)
            Samples and targets.
        batch_size, verbose
            Accepted as in Keras; they have no effect.
        return_dict : bool
            Return the numbers by name.

        Returns
        -------
        float, list of float (the loss first), or dict by name with return_dict=True
        """
        self._compiled("evaluate")
        x, y = self._inputs("evaluate", x), self._targets("evaluate", y)
        X, T = samples("Sequential.evaluate", self.net, x, y, self._cost, names=("x", "y"))
        values = Measure(self.net, self._cost, self._metrics)("", X, np.ascontiguousarray(T), 0)
        values = {"loss": values.pop("cost"), **values}
        if return_dict:
            return values
        return list(values.values()) if self._metrics else values["loss"]

    def predict(self, x: ArrayLike, batch_size: int | None = None, verbose: str | int = "auto") -> np.ndarray:
        """Return the outputs for these samples, an array (N, n_L).

        Parameters
        ----------
        x : array (N, …)
            Samples.
        batch_size, verbose
            Accepted as in Keras; they have no effect.

        Raises
        ------
        ValueError, TypeError
            When the samples do not fit, or the model has no weights yet.
        """
        if self.net is None:
            raise ValueError("Sequential.predict: the model has no weights yet; fit it, or build it")
        return self.net.predict(rows("Sequential.predict", "x", self._inputs("predict", x)))

    def save(self, path: str | os.PathLike) -> None:
        """Write layers and weights to `path`, an .npz file without pickle, atomically.

        What `compile` set is not saved. A model without weights raises ValueError.
        """
        if self.net is None:
            raise ValueError("Sequential.save: the model has no weights yet; fit it, or build it")
        write_model(path, self.layers, self.net, self._shape)

    @classmethod
    def load(cls, path: str | os.PathLike, *, rng: Rng | int | None = None) -> Sequential:
        """Return the model that `save` wrote to `path`, with `rng` for layers that draw, or raise ValueError."""
        layers, net, shape = read_model(path)
        model = cls(layers, rng=rng)
        model.net, model._shape, model._dtype = net, shape, net.dtype.name
        return model

    def __repr__(self):
        return f"Sequential({self.layers})"

    def _compiled(self, what):
        if self._cost is None:
            raise ValueError(f"Sequential.{what}: the model must be compiled first: compile(optimizer=…, loss=…)")

    def _inputs(self, what, x):
        """Return samples as rows of numbers; build the network if they are the first."""
        x = floats(f"Sequential.{what}", "x", x)
        if x.ndim < 2 or not len(x):
            raise ValueError(
                f"Sequential.{what}: x must have shape (samples, …) with at least one sample; it is {x.shape}"
            )
        if self.net is None:
            self.build(x.shape[1:])
        elif x.shape[1:] != self._shape:
            raise ValueError(f"Sequential.{what}: samples must have shape {self._shape}; they have {x.shape[1:]}")
        return finite(f"Sequential.{what}", "x", x).reshape(len(x), -1)

    def _targets(self, what, y):
        return _rows_of_targets(f"Sequential.{what}", y, self.net.sizes[self.net.L], self._sparse)


def _rows_of_targets(where, y, outputs, sparse):
    """Return targets (N, outputs) from rows, from labels (sparse), or from one number per sample."""
    if sparse:
        return one_hot(y[:, 0] if isinstance(y, np.ndarray) and y.shape[1:] == (1,) else y, outputs)
    y = floats(where, "y", y)
    return y[:, None] if y.ndim == 1 and outputs == 1 else y
