"""A network as a list of layers, with the method names of Keras over the book's own network, costs and training.

What differs from Keras: costs are sums over outputs (SquaredError has its ½, and neither it nor binary cross-entropy is
a mean over outputs); a penalty of strength λ is (λ/2) Σ w²; the loss of an epoch is J after it, not a mean over the
batches of it, and J on validation data has no penalty; random numbers come from the `rng` that is given.
"""

from __future__ import annotations

import json
import math
import sys

import numpy as np

from ..core import activations
from ..core.batchnorm import BatchNorm
from ..core.bylayer import parameter_count
from ..core.costs import BinaryCrossEntropy, CategoricalCrossEntropy, Cost, SquaredError
from ..core.encoding import one_hot
from ..core.files import read_npz, write_npz
from ..core.network import Network
from ..core.penalties import L1, L1L2, L2
from ..core.propagation import samples
from ..core.validation import chosen, finite, float_type, floats, generator, instance, number, rows
from ..training import metrics as metrics_module
from ..training import optimizers
from ..training.loop import fit
from ..training.measure import Measure
from ..training.run import Callback, callback_list
from .layers import Activation, Dense, Dropout, Flatten, Input, arrange
from .memory import OptimizerMemory

_LOSSES = {
    "squared_error": SquaredError,
    "binary_crossentropy": BinaryCrossEntropy,
    "categorical_crossentropy": CategoricalCrossEntropy,
    "sparse_categorical_crossentropy": CategoricalCrossEntropy,
}
_METRICS = {"acc": "accuracy", "mse": "mean_squared_error", "mae": "mean_absolute_error"}
_FORMAT = 1


class Sequential:
    """A model made of layers, one after the other.

    Parameters
    ----------
    layers : list of Layer
        Dense layers, each followed, if wanted, by BatchNorm, Activation and Dropout, in this order. An Input may come
        first, and a Flatten.
    rng : numpy Generator or seed, optional
        Draws first weights, order and dropout; `fit` takes it as well.
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

    def __init__(self, layers=(), *, rng=None, dtype="float64"):
        self.layers, self.net, self._dtype = [], None, float_type("Sequential", dtype)
        self._rng = None if rng is None else generator("Sequential", rng)
        self._cost = self._optimizer = None
        self.memory = OptimizerMemory()
        self._metrics, self._sparse = [], False
        for layer in layers:
            self.add(layer)

    def add(self, layer) -> None:
        """Append a layer. Raises ValueError or TypeError when it cannot stand there."""
        if self.net is not None:
            raise ValueError("Sequential.add: the network has its weights already; add layers before it is used")
        arrange([*self.layers, layer], complete=False)
        self.layers.append(layer)

    def build(self, input_shape) -> None:
        """Make the network for samples of a shape; done by the first `fit` unless called before.

        Parameters
        ----------
        input_shape : tuple of int
            The shape of one sample, without the samples' own axis: (12,) or (28, 28).

        Raises
        ------
        ValueError, TypeError
            When the layers do not take samples of this shape, or there is no rng to draw the weights with.
        """
        plan = arrange(self.layers)
        shape = Input(input_shape).shape
        if plan["input_shape"] not in (None, shape):
            raise ValueError(f"Sequential: samples must have shape {plan['input_shape']}; they have shape {shape}")
        if len(shape) > 1 and not plan["flatten"]:
            raise ValueError(f"Sequential: samples of shape {shape} need a Flatten before the first Dense layer")
        if self._rng is None:
            raise TypeError(
                "Sequential: rng is needed to draw the first weights: Sequential(layers, rng=…) or fit(rng=…)"
            )
        self.net = Network(
            [math.prod(shape), *plan["units"]],
            plan["activation"],
            initializer=plan["initializer"],
            rng=self._rng,
            dtype=self._dtype,
            batch_norm=plan["batch_norm"],
            dropout=plan["dropout"],
        )
        self._shape = shape

    def count_params(self) -> int:
        """Return the number of parameters that training changes. Needs an Input layer, or a model that was used."""
        return sum(row[2] for row in self._rows())

    def summary(self) -> None:
        """Print the layers with the shapes of their outputs and the numbers of their parameters."""
        lines = [("Layer", "Output shape", "Parameters")]
        lines += [(name, str(shape), f"{trained + kept:,}") for name, shape, trained, kept in self._rows()]
        widths = [max(len(line[i]) for line in lines) for i in range(3)]
        rule = "─" * (sum(widths) + 4)
        print("Sequential model")
        for i, (name, shape, count) in enumerate(lines):
            print(f"{name:{widths[0]}}  {shape:{widths[1]}}  {count:>{widths[2]}}")
            if i == 0:
                print(rule)
        trained, kept = (sum(row[i] for row in self._rows()) for i in (2, 3))
        print(rule)
        print(f"Parameters: {trained + kept:,}, of which trained: {trained:,}, not trained: {kept:,}")

    def compile(self, optimizer="rmsprop", loss=None, metrics=None) -> None:
        """Say how the model is to learn.

        Parameters
        ----------
        optimizer : Optimizer or its name
            "sgd", "adagrad", "rmsprop" or "adam" take Keras's defaults.
        loss : Cost or str
            "squared_error", "binary_crossentropy", "categorical_crossentropy", or "sparse_categorical_crossentropy" for
            targets that are whole-number labels.
        metrics : list of str or functions, optional
            As for `fit`; "acc", "mse" and "mae" are understood too.

        Raises
        ------
        ValueError, TypeError
            When an argument is not as described. "mse" is no loss here: it has no ½ and is a mean over outputs.
        """
        optimizer = optimizers.get(optimizer)
        if isinstance(loss, str):
            if loss in ("mse", "mean_squared_error"):
                raise ValueError(
                    f"compile: loss {loss!r} is a mean over outputs without ½, which the book's cost is not; "
                    'use "squared_error", ½ Σ (t − a)²'
                )
            loss = chosen("compile", "loss", loss, _LOSSES)
            cost = _LOSSES[loss]()
        else:
            cost = instance("compile", "loss", loss, Cost, "a cost or its name")
        metrics = [] if metrics is None else metrics
        if isinstance(metrics, str) or not isinstance(metrics, list | tuple):
            raise TypeError(f"compile: metrics must be a list; it is {metrics!r}")
        measured = [metrics_module.get(_METRICS.get(m, m) if isinstance(m, str) else m) for m in metrics]
        self._optimizer, self._cost, self._metrics = optimizer, cost, measured
        self._sparse, self.memory = loss == "sparse_categorical_crossentropy", OptimizerMemory()

    def fit(
        self,
        x,
        y,
        batch_size=None,
        epochs=1,
        verbose="auto",
        callbacks=None,
        validation_split=0.0,
        validation_data=None,
        shuffle=True,
        *,
        rng=None,
    ):
        """Train, and return the record of it. A second call goes on where the first ended.

        Parameters
        ----------
        x : array (N, …)
            Inputs.
        y : array (N, n_L), or whole-number labels (N,) with the sparse loss; (N,) also where there is one output
            Targets.
        batch_size, epochs : int
            B, 32 unless given, and how often to go through the samples.
        verbose : "auto", 0, 1 or 2
            0: nothing; 1 and "auto": a progress bar where somebody looks; 2: one line per epoch.
        callbacks : list of Callback or functions, optional
        validation_split : float, at least 0 and below 1
            The last rows set aside for validation, before shuffling.
        validation_data : (x, y), optional
            Used in place of a split.
        shuffle : bool
            A new order in every epoch.
        rng : numpy Generator or seed, optional
            Used from here on in place of the model's own.

        Returns
        -------
        History
            As of `training.fit`, with Keras's names in `.history`: "loss", "val_loss", "accuracy", "val_accuracy", …

        Raises
        ------
        ValueError, TypeError
            When an argument is not as described, or the model has not been compiled.
        """
        if verbose not in ("auto", 0, 1, 2):
            raise ValueError(f'Sequential.fit: verbose must be "auto", 0, 1 or 2; it is {verbose!r}')
        share = number("Sequential.fit", "validation_split", validation_split, at_least=0, below=1)
        self._compiled("fit")
        if rng is not None:
            self._rng = generator("Sequential.fit", rng)
        x = self._inputs("fit", x)
        y = self._targets("fit", y)
        validation = share if share > 0 else None
        if validation_data is not None:
            if not isinstance(validation_data, tuple | list) or len(validation_data) != 2:
                raise TypeError("Sequential.fit: validation_data must be (x, y)")
            validation = self._inputs("fit", validation_data[0]), self._targets("fit", validation_data[1])
        record = fit(
            self.net,
            x,
            y,
            self._cost,
            optimizer=self._optimizer,
            epochs=epochs,
            batch_size=32 if batch_size is None else batch_size,
            penalty=self._penalty(),
            rng=self._rng,
            shuffle=shuffle,
            validation=validation,
            metrics=[function for _, function in self._metrics],
            callbacks=[*callback_list(callbacks or []), self.memory, *([_Lines()] if verbose == 2 else [])],
            progress=verbose in ("auto", 1),
        )
        record.history = _keras_names(record)
        return record

    def evaluate(self, x, y, batch_size=None, verbose="auto", *, return_dict=False):
        """Return the mean cost on these samples, without penalty, and the metrics, if any.

        Parameters
        ----------
        x, y : arrays (N, …) and (N, n_L)
            Samples and targets.
        batch_size, verbose
            Accepted for Keras's sake; they change nothing.
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

    def predict(self, x, batch_size=None, verbose="auto"):
        """Return the outputs for these samples, an array (N, n_L).

        Parameters
        ----------
        x : array (N, …)
            Samples.
        batch_size, verbose
            Accepted for Keras's sake; they change nothing.

        Raises
        ------
        ValueError, TypeError
            When the samples do not fit, or the model has no weights yet.
        """
        if self.net is None:
            raise ValueError("Sequential.predict: the model has no weights yet; fit it, or build it")
        return self.net.predict(rows("Sequential.predict", "x", self._inputs("predict", x)))

    def save(self, path) -> None:
        """Write layers and weights to `path`, an .npz file without pickle; whole or not at all.

        How to learn is not saved. A model without weights raises ValueError.
        """
        if self.net is None:
            raise ValueError("Sequential.save: the model has no weights yet; fit it, or build it")
        meta = {"format": _FORMAT, "shape": self._shape, "layers": [_described(layer) for layer in self.layers]}
        arrays = {f"net_{name}": array for name, array in self.net.to_arrays().items()}
        write_npz("Sequential.save", path, {"meta": np.array(json.dumps(meta)), **arrays})

    @classmethod
    def load(cls, path, *, rng=None) -> Sequential:
        """Return the model that `save` wrote to `path`, with `rng` for layers that draw; ValueError if it is none."""
        try:
            arrays = read_npz(path)
            meta = json.loads(str(arrays["meta"][()]))
            model = cls([_rebuilt(layer) for layer in meta["layers"]], rng=rng)
            parts = {k.removeprefix("net_"): a for k, a in arrays.items() if k.startswith("net_")}
            net = Network.from_arrays(parts)
            plan, shape = arrange(model.layers), Input(meta["shape"]).shape
            if [*net.sizes.values()] != [math.prod(shape), *plan["units"]] or [*net.f.values()] != plan["activation"]:
                raise ValueError("its layers do not go with its weights")
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
            raise ValueError(f"Sequential.load: {str(path)!r} is not a model that save wrote: {error}") from error
        model.net, model._shape, model._dtype = net, shape, net.dtype.name
        return model

    def __repr__(self):
        return f"Sequential({self.layers})"

    def _compiled(self, what):
        if self._cost is None:
            raise ValueError(f"Sequential.{what}: the model must be compiled first: compile(optimizer=…, loss=…)")

    def _penalty(self):
        return arrange(self.layers)["penalty"] or None

    def _inputs(self, what, x):
        """Return samples as rows of numbers; build the network at the first sight of them."""
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
        outputs = self.net.sizes[self.net.L]
        if self._sparse:
            return one_hot(y[:, 0] if isinstance(y, np.ndarray) and y.shape[1:] == (1,) else y, outputs)
        y = floats(f"Sequential.{what}", "y", y)
        return y[:, None] if y.ndim == 1 and outputs == 1 else y

    def _rows(self):
        """Return (name, shape of the output, parameters trained, parameters not trained) of each layer."""
        plan = arrange(self.layers)
        shape = self._shape if self.net is not None else plan["input_shape"]
        if shape is None:
            raise ValueError("Sequential: the number of inputs is not known yet: begin with Input, or use the model")
        result, l = [], 1
        for layer in self.layers:
            trained = kept = 0
            if isinstance(layer, Input):
                continue
            if isinstance(layer, Dense):
                trained = parameter_count([math.prod(shape), layer.units])
                shape, l = (layer.units,), l + 1
            elif isinstance(layer, BatchNorm):
                trained = kept = 2 * shape[0]
            elif isinstance(layer, Flatten):
                shape = (math.prod(shape),)
            result.append((_title(layer, l), (None, *shape), trained, kept))
        return result


class _Lines(Callback):
    """Prints one line for each epoch."""

    def after_epoch(self, run):
        values = {name: column[-1] for name, column in _keras_names(run.history).items()}
        print(f"Epoch {run.epoch}/{run.epochs} - " + " - ".join(f"{k}: {v:.4f}" for k, v in values.items()))
        sys.stdout.flush()


def _keras_names(record):
    names = {}
    for name, column in vars(record).items():
        if isinstance(column, list) and column and name not in ("epochs", "learning_rate"):
            prefix, _, rest = name.partition("validation_")
            name = f"val_{rest}" if not prefix and rest else name
            names[name.replace("cost", "loss") if name in ("cost", "val_cost") else name] = column
    return names


def _title(layer, l):
    if isinstance(layer, Dense):
        name = f", {layer.activation}" if layer.activation is not None else ""
        return f"Dense (layer {l}{name})"
    if isinstance(layer, Activation):
        return f"Activation ({layer.activation})"
    return f"Dropout ({layer.rate:g})" if isinstance(layer, Dropout) else type(layer).__name__


def _described(layer):
    """Return a layer as plain values. First weights were drawn already, so how is not kept."""
    options = dict(vars(layer))
    for name in ("kernel_initializer", "running_mean", "running_variance"):
        options.pop(name, None)
    if options.get("activation") is not None:
        f = options["activation"]
        options["activation"] = [f.name, *vars(f).values()]
    if options.get("kernel_regularizer") is not None:
        penalty = options["kernel_regularizer"]
        options["kernel_regularizer"] = [type(penalty).__name__, vars(penalty)]
    return [type(layer).__name__, options]


def _rebuilt(described):
    kind, options = described
    kinds = {k.__name__: k for k in (Input, Flatten, Dense, Activation, BatchNorm, Dropout)}
    if options.get("activation") is not None:
        name, *values = options["activation"]
        f = activations.get(name)
        options = options | {"activation": type(f)(*values) if values else f}
    if options.get("kernel_regularizer") is not None:
        name, values = options["kernel_regularizer"]
        options = options | {"kernel_regularizer": {"L1": L1, "L2": L2, "L1L2": L1L2}[name](**values)}
    return kinds[kind](**options)
