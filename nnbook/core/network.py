"""A fully connected feed-forward network: its parameters, and the forward pass."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from . import activations, initializers
from .batchnorm import BatchNorm
from .bylayer import ByLayer, InPlace, PartOfLayers, parameter_count, views
from .dropout import Rng, noise
from .files import read_npz, write_npz
from .passes import Pass, aligned, outputs
from .saved import arrays_of, parts_of
from .trace import Trace, trace_of
from .validation import finite, float_type, floats, generator, instance, layer_sizes, number, rows, same_shape

_DTYPES = ("float32", "float64", "complex128")
_CHUNK = 1024  # samples predicted at a time
Functions = str | activations.Activation | Sequence[str | activations.Activation]
Initializers = str | Callable | Sequence[str | Callable]


class Network:
    """A fully connected feed-forward network with L = len(sizes) layers; layer 1 is the input.

    Parameters
    ----------
    sizes : sequence of int
        Units n_1 … n_L, at least two layers.
    activation : str or Activation, or a list of them
        One for every layer after the input, or one for each. Softmax is allowed only in the last layer.
    initializer : str or callable, or a list of them
        One for every layer after the input, or one for each: "scaled_normal" draws w^l_{ji} from N(0, 1/n_{l-1}); the
        others are in `initializers`. Biases start at 0.
    rng : numpy Generator or seed
        Needed by an initializer that draws.
    dtype : str
        "float64", "float32", or "complex128" for the complex step.
    batch_norm : dict, optional
        {l: BatchNorm()} normalises z^l over the batch, before f; l = 2 … L.
    dropout : dict, optional
        {l: rate} drops activations of layer l while training (inverted dropout); l = 1 … L − 1.

    Attributes
    ----------
    sizes : ByLayer
        n_l, l = 1 … L.
    W : ByLayer
        Weights, l = 2 … L, each (n_l, n_{l-1}); W[l][j, i] is w^l_{ji}.
    b : ByLayer
        Biases, l = 2 … L, each (n_l,).
    f : ByLayer
        Activations, l = 2 … L.
    gamma, beta : dict
        Scale and shift of batch normalisation, for the layers that have it, each (n_l,).
    batch_norm, dropout : dict
        As given, by layer.
    parameters : array (P,)
        One buffer, all W, then all b (then γ and β), of which they are views. Assigning copies into it.

    Raises
    ------
    ValueError, TypeError
        When an argument is not as described.

    Examples
    --------
    >>> import nnbook as nn
    >>> net = nn.Network([12, 3, 2], ['relu', 'softmax'], rng=0)
    >>> net
    Network(12-3-2; relu, softmax; 47 parameters)
    >>> net.W[2].shape, net.predict([[0.0] * 12])
    ((3, 12), array([[0.5, 0.5]]))
    """

    W, b, gamma, beta = InPlace(), InPlace(), InPlace(), InPlace()

    def __init__(
        self,
        sizes: Sequence[int] | Mapping[int, int],
        activation: Functions = "sigmoid",
        *,
        initializer: Initializers = "scaled_normal",
        rng: Rng | int | None = None,
        dtype: DTypeLike = "float64",
        batch_norm: Mapping[int, BatchNorm] | None = None,
        dropout: Mapping[int, float] | None = None,
    ):
        sizes = layer_sizes("Network", sizes)
        self.sizes = ByLayer("sizes", 1, sizes)
        self._f = ByLayer("f", 2, _activations(activation, len(sizes)))
        dtype = float_type("Network", dtype, _DTYPES)
        self.batch_norm: dict[int, BatchNorm] = {}
        for l, norm in _by_layer("batch_norm", batch_norm, 2, len(sizes)).items():
            instance("Network", f"batch_norm[{l}]", norm, BatchNorm, "a BatchNorm")
            self.batch_norm[l] = norm.placed(self.sizes[l], dtype)
        self.dropout = {
            l: number("Network", f"dropout[{l}]", rate, at_least=0, below=1)
            for l, rate in _by_layer("dropout", dropout, 1, len(sizes) - 1).items()
        }
        chosen = _initializers(initializer, len(sizes))
        count = parameter_count(sizes) + sum(2 * sizes[l - 1] for l in self.batch_norm)
        self._parameters = aligned((count,), dtype)
        self._parameters[...] = 0
        self.W, self.b, self.gamma, self.beta = self.views(self._parameters)
        for gamma in self.gamma.values():
            gamma[...] = 1
        # For `outputs`. They never go stale: W and b are only ever written into, and f cannot be replaced.
        self._layers = [(l, W.T, self.b[l][None], self.f[l].compute) for l, W in self.W.items()]
        _draw(self.W, chosen, rng)

    @property
    def L(self) -> int:
        """Number of layers, the input layer included."""
        return len(self.sizes)

    @property
    def f(self) -> ByLayer:
        """The activations by layer; like each of them, they cannot be replaced."""
        return self._f

    @property
    def dtype(self) -> np.dtype:
        """The parameters' dtype."""
        return self._parameters.dtype

    @property
    def parameter_count(self) -> int:
        """P = Σ_l (n_l n_{l-1} + n_l) (eq-parameter-count), and 2 n_l more where there is batch normalisation."""
        return self._parameters.size

    @property
    def parameters(self) -> np.ndarray:
        """All W, then all b, as one flat array (P,): the network's own buffer, not a copy."""
        return self._parameters

    @parameters.setter
    def parameters(self, values: ArrayLike) -> None:
        if values is self._parameters:
            return
        values = floats("Network", "parameters", values)
        if values.shape != self._parameters.shape:
            raise ValueError(
                f"Network: parameters must have shape {self._parameters.shape}; it has shape {values.shape}"
            )
        if values.dtype.kind == "c" and self.dtype.kind != "c":
            raise TypeError(f"Network: parameters holds {self.dtype} and cannot take complex numbers; use net.astype")
        self._parameters[...] = values

    def forward(
        self,
        X: ArrayLike,
        *,
        training: bool = False,
        rng: Rng | int | None = None,
        masks: Mapping[int, np.ndarray] | None = None,
    ) -> Trace:
        """Return the trace of z^l = W^l a^{l-1} + b^l, a^l = f(z^l) for l = 2 … L (eq-forward-batch).

        The network is not changed: only `fit` updates running statistics.

        Parameters
        ----------
        X : array (N, n_1), or (n_1,) for one sample
            The inputs; converted to the network's dtype.
        training : bool
            Normalise with the batch's own statistics, and drop activations.
        rng : numpy Generator or seed, optional
            Draws the masks of dropout while training.
        masks : dict, optional
            Used in place of drawn masks: by layer, the factors that dropout multiplies by, as in `trace.masks`.

        Raises
        ------
        ValueError, TypeError
            When X has the wrong shape, or an entry that is not a finite number.
        """
        X = self.cast(_inputs("forward", self, X))
        rng, masks = noise("forward", self, X, training, rng, masks)
        work = Pass(self, X.shape[:-1], dtype=np.result_type(X, self.dtype), keep=True)
        work.forward(X, training, rng, masks)
        return trace_of(work)

    def views(self, buffer: np.ndarray) -> tuple[ByLayer, ByLayer, PartOfLayers, PartOfLayers]:
        """Return W, b, γ and β by layer as views of a flat buffer (P,), or of a stack of them (K, P)."""
        return views(list(self.sizes.values()), buffer, tuple(self.batch_norm))

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Return the outputs a^L for X, an array (N, n_L), or (n_L,) for one sample, without dropout.

        Many samples are processed in blocks, so that only their outputs are kept in memory.
        """
        X = _inputs("predict", self, X)
        if X.ndim == 1:
            return outputs(self, self._layers, X[None])[0]
        return outputs(self, self._layers, X) if len(X) <= _CHUNK else _in_blocks(self, self._layers, X)

    def cast(self, array: np.ndarray) -> np.ndarray:
        """Return an array in the network's dtype; a complex one stays complex, for the complex step in the inputs."""
        own = self._parameters.dtype
        return array if array.dtype is own or array.dtype.kind == "c" else array.astype(own, copy=False)

    def astype(self, dtype: DTypeLike) -> Network:
        """Return a copy of the network with parameters of this dtype."""
        return restored(
            list(self.sizes.values()), list(self.f.values()), dtype, self._parameters, self.batch_norm, self.dropout
        )

    def copy(self) -> Network:
        """Return an independent copy."""
        return self.astype(self.dtype)

    __copy__ = copy

    def __reduce__(self):
        state = (list(self.sizes.values()), list(self.f.values()), self.dtype.name, self._parameters)
        return restored, (*state, self.batch_norm, self.dropout)

    def __repr__(self):
        sizes = "-".join(map(str, self.sizes.values()))
        names = ", ".join(map(repr, self.f.values()))
        extra = "".join(f"; {k} {v}" for k, v in (("batch_norm", self.batch_norm), ("dropout", self.dropout)) if v)
        return f"Network({sizes}; {names}; {self.parameter_count:,} parameters{extra})"

    def save(self, path: str | os.PathLike) -> None:
        """Write the network to `path`, an .npz file of plain arrays, atomically.

        Raises
        ------
        ValueError, TypeError
            When the path does not end in .npz, or an activation is not one of the package's.
        OSError
            When it cannot be written; an existing file is not changed.
        """
        write_npz("save", path, self.to_arrays())

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Return the whole network as plain arrays by name; ValueError for an activation of your own."""
        return arrays_of(self)

    @classmethod
    def load(cls, path: str | os.PathLike) -> Network:
        """Return the network that `save` wrote to `path`. Nothing in the file is executed (no pickle).

        Raises
        ------
        ValueError
            When the file is not such a network.
        OSError
            When it cannot be read.
        """
        try:
            return cls.from_arrays(read_npz(path))
        except (ValueError, TypeError, KeyError, IndexError) as error:
            raise ValueError(f"load: {str(path)!r} is not a network that save wrote: {error}") from error

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> Network:
        """Return the network of the `arrays` that `to_arrays` returned; ValueError, TypeError or KeyError otherwise."""
        return restored(**parts_of(arrays))

    def snapshot(self) -> dict[str, np.ndarray]:
        """Return copies of all that training changes: parameters, and the running averages of batch normalisation."""
        running = {l: np.stack([norm.running_mean, norm.running_variance]) for l, norm in self.batch_norm.items()}
        return {"parameters": self._parameters.copy()} | {f"running_{l}": array for l, array in running.items()}

    def restore(self, snapshot: Mapping[str, np.ndarray]) -> None:
        """Restore what `snapshot` returned."""
        self.parameters = snapshot["parameters"]
        for l, norm in self.batch_norm.items():
            norm.running_mean[...], norm.running_variance[...] = snapshot[f"running_{l}"]


def _activations(activation, L):
    if isinstance(activation, str | activations.Activation):
        chosen = [activations.get(activation)] * (L - 1)
    else:
        try:
            names = list(activation)
        except TypeError:
            instance("Network", "activation", activation, activations.Activation, "a name, an Activation or a list")
            raise
        chosen = [activations.get(f) for f in names]
    if len(chosen) != L - 1:
        raise ValueError(
            f"Network: activation must be one, or one for each of the {L - 1} layers after the input; "
            f"there are {len(chosen)}"
        )
    for l, f in enumerate(chosen[:-1], start=2):
        if not f.elementwise:
            raise ValueError(
                f"Network: activation of layer {l} must be elementwise; {f} is allowed only in the last layer"
            )
    return chosen


def _initializers(initializer, L):
    several = isinstance(initializer, list | tuple)
    chosen = [initializers.get(draw) for draw in (initializer if several else [initializer] * (L - 1))]
    if len(chosen) != L - 1:
        raise ValueError(
            f"Network: initializer must be one, or one for each of the {L - 1} layers after the input; "
            f"there are {len(chosen)}"
        )
    return chosen


def _by_layer(name, given, first, last):
    given = {} if given is None else given
    if not isinstance(given, Mapping):
        raise TypeError(f"Network: {name} must be a dict by layer number; it is {given!r}")
    for l in given:
        if isinstance(l, bool) or not isinstance(l, int | np.integer) or not first <= l <= last:
            raise ValueError(f"Network: {name} can be given for the layers {first} to {last}; it is given for {l!r}")
    return {int(l): given[l] for l in sorted(given)}


def _in_blocks(net, layers, X):
    dtype = np.result_type(net.dtype, X) if X.dtype.kind == "c" else net.dtype
    a = np.empty((len(X), net.sizes[net.L]), dtype)
    for start in range(0, len(X), _CHUNK):
        part = slice(start, start + _CHUNK)
        a[part] = outputs(net, layers, X[part])
    return a


def _inputs(where, net, X):
    X, units = floats(where, "X", X), net.sizes[1]
    if (X.ndim != 2 or X.shape[1] != units or not X.size) and X.shape != (units,):
        rows(where, "X", X, units)
    return finite(where, "X", X)


def _draw(W, chosen, rng):
    """Draw the initial weights of every layer."""
    if all(isinstance(draw, initializers.Zeros) for draw in chosen):
        return
    rng = generator("Network", rng)
    for (l, w), draw in zip(W.items(), chosen):
        drawn = floats("Network", f"initializer of layer {l}", draw(rng, w.shape))
        same_shape("Network", f"initializer of layer {l}", drawn, f"W[{l}]", w)
        W[l] = finite("Network", f"initializer of layer {l}", drawn).astype(w.dtype)


def restored(
    sizes: Sequence[int],
    functions: Sequence[activations.Activation],
    dtype: DTypeLike,
    parameters: np.ndarray,
    batch_norm: Mapping[int, BatchNorm] | None = None,
    dropout: Mapping[int, float] | None = None,
) -> Network:
    """Return a network with these parameters; used by copies, pickles and files."""
    net = Network(sizes, functions, initializer="zeros", dtype=dtype, batch_norm=batch_norm, dropout=dropout)
    net.parameters = parameters
    return net
