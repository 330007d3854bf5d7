"""A fully connected feed-forward network: parameters, forward pass, and backpropagation by the four formulas."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping

import numpy as np

from . import activations, initializers
from .batchnorm import BatchNorm
from .bylayer import ByLayer
from .costs import Cost
from .files import read_npz, write_npz
from .passes import Pass, aligned
from .validation import finite, float_type, floats, generator, layer_sizes, number, rows, same_shape

_DTYPES = ("float32", "float64", "complex128")


class Trace:
    """What one forward pass computed.

    Attributes
    ----------
    z : ByLayer
        Weighted inputs, l = 2 … L, each (N, n_l).
    a : ByLayer
        Activations, l = 1 … L, each (N, n_l); a[1] is the input. Where a layer has dropout, what is left of it.
    y : ByLayer
        What f was applied to, l = 2 … L: z itself, or batch normalisation of z where the layer has it.
    masks : dict
        By layer, what dropout multiplied the activations by in this pass.
    """

    __slots__ = ("a", "masks", "y", "z")

    def __init__(self, z, a, y=None, masks=None):
        self.z, self.a, self.y, self.masks = z, a, z if y is None else y, masks or {}

    @property
    def output(self):
        """The last layer's activations a^L."""
        return self.a[len(self.a)]

    def __repr__(self):
        return f"Trace(z={self.z}, a={self.a})"


class Gradients:
    """The gradient of the total cost C_T (a sum over samples, never divided), as `backprop` returns it.

    Attributes
    ----------
    delta : ByLayer
        δ, l = 2 … L, each (N, n_l), one row per sample.
    W, b : ByLayer
        ∂C_T/∂w^l_{ji} at W[l][j, i] and ∂C_T/∂b^l_j at b[l][j]; views of `parameters`.
    gamma, beta : dict
        By layer, where there is batch normalisation; views of `parameters`.
    parameters : array (P,)
        All of W, then all of b, in the order of `Network.parameters`.
    cost : float
        C_T.
    """

    __slots__ = ("W", "b", "beta", "cost", "delta", "gamma", "parameters")

    def __init__(self, sizes, parameters, delta, cost, normalised=()):
        self.parameters, self.delta, self.cost = parameters, delta, cost
        self.W, self.b, self.gamma, self.beta = _views(sizes, parameters, normalised)

    def __reduce__(self):  # so that W and b of a copy are views of the copy's own buffer
        sizes = [self.W[2].shape[1], *(b.size for b in self.b.values())]
        return Gradients, (sizes, self.parameters, self.delta, self.cost, tuple(self.gamma))

    def __repr__(self):
        return f"Gradients(cost={self.cost:.6g}, W={self.W}, b={self.b})"


class Network:
    """A fully connected feed-forward network with L = len(sizes) layers; layer 1 is the input.

    Parameters
    ----------
    sizes : sequence of int
        Units n_1 … n_L, at least two layers.
    activation : str or Activation, or a list of them
        One for every layer after the input, or one for each. Softmax can stand in the last layer alone.
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
    """

    def __init__(
        self,
        sizes,
        activation="sigmoid",
        *,
        initializer="scaled_normal",
        rng=None,
        dtype="float64",
        batch_norm=None,
        dropout=None,
    ):
        sizes = layer_sizes("Network", sizes)
        self.sizes = ByLayer("sizes", 1, sizes)
        self.f = ByLayer("f", 2, _activations(activation, len(sizes)))
        dtype = float_type("Network", dtype, _DTYPES)
        self.batch_norm = {}
        for l, norm in _by_layer("batch_norm", batch_norm, 2, len(sizes)).items():
            if not isinstance(norm, BatchNorm):
                raise TypeError(f"Network: batch_norm[{l}] must be a BatchNorm; it is {norm!r}")
            self.batch_norm[l] = norm._placed(self.sizes[l], dtype)
        self.dropout = {
            l: number("Network", f"dropout[{l}]", rate, at_least=0, below=1)
            for l, rate in _by_layer("dropout", dropout, 1, len(sizes) - 1).items()
        }
        chosen = _initializers(initializer, len(sizes))
        count = parameter_count(sizes) + sum(2 * sizes[l - 1] for l in self.batch_norm)
        self._parameters = aligned((count,), dtype)
        self._parameters[...] = 0
        self.W, self.b, self.gamma, self.beta = self._views(self._parameters)
        for gamma in self.gamma.values():
            gamma[...] = 1
        if any(not isinstance(draw, initializers.Zeros) for draw in chosen):
            rng = generator("Network", rng)
            for (l, W), draw in zip(self.W.items(), chosen):
                drawn = floats("Network", f"initializer of layer {l}", draw(rng, W.shape))
                same_shape("Network", f"initializer of layer {l}", drawn, f"W[{l}]", W)
                self.W[l] = finite("Network", f"initializer of layer {l}", drawn).astype(dtype)

    @property
    def L(self) -> int:
        """Number of layers, the input layer included."""
        return len(self.sizes)

    @property
    def dtype(self) -> np.dtype:
        """The parameters' dtype."""
        return self._parameters.dtype

    @property
    def parameter_count(self) -> int:
        """P = Σ_l (n_l n_{l-1} + n_l) (eq-parameter-count), and 2 n_l more where there is batch normalisation."""
        return self._parameters.size

    @property
    def parameters(self):
        """All W, then all b, as one flat array (P,): the network's own buffer, not a copy."""
        return self._parameters

    @parameters.setter
    def parameters(self, values):
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

    def forward(self, X, *, training=False, rng=None, masks=None) -> Trace:
        """Return the trace of z^l = W^l a^{l-1} + b^l, a^l = f(z^l) for l = 2 … L (eq-forward-batch).

        The network stays as it was: running statistics are moved by `fit` alone.

        Parameters
        ----------
        X : array (N, n_1), or (n_1,) for one sample
            The inputs; taken to the network's dtype.
        training : bool
            Normalise with the batch's own statistics, and drop activations.
        rng : numpy Generator or seed, optional
            Draws the masks of dropout while training.
        masks : dict, optional
            Used in place of drawn ones: by layer, what dropout multiplies by, as `trace.masks` gives them.

        Raises
        ------
        ValueError, TypeError
            When X has another shape, or an entry that is not a finite number.
        """
        X = floats("forward", "X", X)
        if X.ndim != 1 or X.size != self.sizes[1]:
            rows("forward", "X", X, self.sizes[1])
        X = finite("forward", "X", self._cast(X))
        rng, masks = self._noise("forward", X, training, rng, masks)
        work = Pass(self, X.shape[:-1], dtype=np.result_type(X, self.dtype), gradients=np.empty_like(self._parameters))
        work.forward(X, training, rng, masks)
        return _trace(work)

    def _noise(self, where, X, training, rng, masks):
        """Check what a pass in training mode needs; return the generator and the masks."""
        if not training:
            if masks is not None:
                raise ValueError(f"{where}: masks belong to dropout, which acts only with training=True")
            return None, None
        if self.batch_norm and X.ndim == 1:
            raise ValueError(f"{where}: batch normalisation needs a batch; X is one sample")
        if masks is None:
            return (generator(where, rng) if any(self.dropout.values()) else None), None
        wanted = {l for l, rate in self.dropout.items() if rate}
        if set(masks) != wanted:
            raise ValueError(f"{where}: masks must be given for the layers {sorted(wanted)}; they are {sorted(masks)}")
        masks = {l: finite(where, f"masks[{l}]", self._cast(floats(where, f"masks[{l}]", masks[l]))) for l in masks}
        for l, mask in masks.items():
            if mask.shape != (*X.shape[:-1], self.sizes[l]):
                raise ValueError(
                    f"{where}: masks[{l}] needs shape {(*X.shape[:-1], self.sizes[l])}; it has shape {mask.shape}"
                )
        return None, masks

    def _views(self, buffer):
        """Return W, b, γ and β by layer as views of a flat buffer (P,), or of a stack of them (K, P)."""
        return _views(list(self.sizes.values()), buffer, tuple(self.batch_norm))

    def predict(self, X):
        """Return the outputs a^L for X, an array (N, n_L), or (n_L,) for one sample, without dropout."""
        return self.forward(X).output

    def _cast(self, array):
        # A complex array stays complex: that is the complex step with respect to the inputs.
        return array if array.dtype.kind == "c" else array.astype(self.dtype, copy=False)

    def astype(self, dtype) -> Network:
        """Return a copy of the network with parameters of this dtype."""
        return _restored(
            list(self.sizes.values()), list(self.f.values()), dtype, self._parameters, self.batch_norm, self.dropout
        )

    def copy(self) -> Network:
        """Return an independent copy."""
        return self.astype(self.dtype)

    def __copy__(self):
        return self.copy()

    def __reduce__(self):
        state = (list(self.sizes.values()), list(self.f.values()), self.dtype.name, self._parameters)
        return _restored, (*state, self.batch_norm, self.dropout)

    def __repr__(self):
        sizes = "-".join(map(str, self.sizes.values()))
        names = ", ".join(map(repr, self.f.values()))
        extra = "".join(f"; {k} {v}" for k, v in (("batch_norm", self.batch_norm), ("dropout", self.dropout)) if v)
        return f"Network({sizes}; {names}; {self.parameter_count:,} parameters{extra})"

    def save(self, path) -> None:
        """Write the network to `path`, an .npz file of plain arrays; the file is complete or not there at all.

        Raises
        ------
        ValueError, TypeError
            When the path does not end in .npz, or an activation is not one of the package's.
        OSError
            When it cannot be written; a file that was there is left as it was.
        """
        write_npz("save", path, self._arrays())

    def _arrays(self):
        """Return everything the network is as plain arrays by name."""
        for l, f in self.f.items():
            if type(activations._BY_NAME.get(f.name)) is not type(f):
                raise ValueError(f"save: f[{l}] is {f!r}, an activation of your own, which load would not know")
        arrays = {
            "sizes": np.array(list(self.sizes.values())),
            "activations": np.array([f.name for f in self.f.values()]),
            "slopes": np.array([getattr(f, "slope", 0.0) for f in self.f.values()]),
            "parameters": self._parameters,
            "dropout": np.array([self.dropout.get(l, 0.0) for l in self.sizes]),
            "normalised": np.array(list(self.batch_norm), dtype=np.int64),
        }
        for l, norm in self.batch_norm.items():
            arrays[f"batch_norm_{l}"] = np.array([norm.momentum, norm.epsilon])
            arrays[f"running_{l}"] = np.stack([norm.running_mean, norm.running_variance])
        return arrays

    @classmethod
    def load(cls, path) -> Network:
        """Return the network that `save` wrote to `path`. Nothing in the file is executed (no pickle).

        Raises
        ------
        ValueError
            When the file is not such a network.
        OSError
            When it cannot be read.
        """
        try:
            return cls._from_arrays(read_npz(path))
        except (ValueError, TypeError, KeyError, IndexError) as error:
            raise ValueError(f"load: {str(path)!r} is not a network that save wrote: {error}") from error

    @classmethod
    def _from_arrays(cls, file):
        sizes, names, slopes, parameters, dropout, normalised = (
            file[name] for name in ("sizes", "activations", "slopes", "parameters", "dropout", "normalised")
        )
        functions = [
            activations.LeakyReLU(slope) if name == "leaky_relu" else activations.get(str(name))
            for name, slope in zip(names, slopes, strict=True)
        ]
        # Before anything of the stated size is made, the sizes must agree with the parameters that are there.
        sizes, normalised = [int(n) for n in sizes], [int(l) for l in normalised]
        wanted = parameter_count(sizes) + sum(2 * sizes[l - 1] for l in normalised)
        if wanted != parameters.size:
            raise ValueError(f"sizes {sizes} do not go with {parameters.size} parameters")
        batch_norm = {}
        for l in normalised:
            momentum, epsilon = file[f"batch_norm_{l}"]
            batch_norm[l] = BatchNorm(momentum, epsilon)
            batch_norm[l].running_mean, batch_norm[l].running_variance = finite("load", "running", file[f"running_{l}"])
        rates = {l: float(rate) for l, rate in enumerate(dropout, start=1) if rate}
        finite("load", "parameters", parameters)
        return _restored(sizes, functions, parameters.dtype.name, parameters, batch_norm, rates)

    def snapshot(self) -> dict:
        """Return copies of all that training changes: parameters, and the running averages of batch normalisation."""
        kept = {"parameters": self._parameters.copy()}
        for l, norm in self.batch_norm.items():
            kept[f"running_{l}"] = np.stack([norm.running_mean, norm.running_variance])
        return kept

    def restore(self, snapshot) -> None:
        """Put back what `snapshot` returned."""
        self.parameters = snapshot["parameters"]
        for l, norm in self.batch_norm.items():
            norm.running_mean[...], norm.running_variance[...] = snapshot[f"running_{l}"]


def parameter_count(sizes) -> int:
    """Return P = Σ_l (n_l n_{l-1} + n_l), l = 2 … L, the number of weights and biases (eq-parameter-count).

    Parameters
    ----------
    sizes : sequence of int
        Units per layer, n_1 … n_L.

    Raises
    ------
    ValueError, TypeError
        When a size is not a whole number of at least 1, or there are fewer than two layers.
    """
    return sum(n * before + n for before, n in itertools.pairwise(layer_sizes("parameter_count", sizes)))


def backprop(net, X, T, cost, *, training=False, rng=None, masks=None) -> Gradients:
    """Return δ and the gradient of the total cost C_T = Σ_k C_k, by the four formulas, layer L first.

    Parameters
    ----------
    net : Network
        The network; left as it was.
    X : array (N, n_1)
        Inputs, one row per sample.
    T : array (N, n_L)
        Targets.
    cost : Cost
        The cost of one sample.
    training, rng, masks
        As in `Network.forward`; they matter only to a network with dropout or batch normalisation.

    Returns
    -------
    Gradients

    Raises
    ------
    ValueError, TypeError
        When X or T has another shape, an entry that is not finite, or a target the cost is not defined for.
    FloatingPointError
        When the cost overflows.
    """
    X, T = samples("backprop", net, X, T, cost, complex_step=True)
    rng, masks = net._noise("backprop", X, training, rng, masks)
    parameters = np.empty_like(net.parameters, dtype=np.result_type(X, T, net.dtype))
    work = Pass(net, X.shape[:-1], dtype=parameters.dtype, gradients=parameters)
    with np.errstate(over="ignore", invalid="ignore"):  # told below, in words
        work.forward(X, training, rng, masks)
        total = cost._from_z(work.last.y, T, work.last.f).sum()
    if not np.isfinite(total):
        raise FloatingPointError(f"backprop: the total cost is {total}: an activation or weight is too large")
    work.backward(T, cost)
    deltas = ByLayer("delta", 2, (layer.delta for layer in work.layers))
    return Gradients(list(net.sizes.values()), parameters, deltas, total[()], tuple(net.batch_norm))


def checked_network(where, net):
    """Return `net` if it is a Network, or raise TypeError."""
    if not isinstance(net, Network):
        raise TypeError(f"{where}: net must be a Network; it is {net!r}")
    return net


def samples(where, net, X, T, cost, names=("X", "T"), complex_step=False):
    """Return inputs and targets as the network and the cost need them, or raise ValueError or TypeError."""
    checked_network(where, net)
    if not isinstance(cost, Cost):
        raise TypeError(f"{where}: cost must be a cost such as nn.SquaredError(); it is {cost!r}")
    x_name, t_name = names
    X = rows(where, x_name, floats(where, x_name, X), net.sizes[1])
    T = rows(where, t_name, floats(where, t_name, T), net.sizes[net.L])
    for name, array in ((x_name, X), (t_name, T)):
        if array.dtype.kind == "c" and not (complex_step and array is X):
            raise TypeError(f"{where}: {name} must hold real numbers; it has dtype {array.dtype}")
    if len(X) != len(T):
        raise ValueError(f"{where}: {x_name} has {len(X)} samples, so {t_name} needs {len(X)} rows; it has {len(T)}")
    X, T = finite(where, x_name, net._cast(X)), finite(where, t_name, net._cast(T))
    cost.check_targets(T)
    return X, T


def _trace(work):
    layers = work.layers
    masks = {layer.l: layer.mask for layer in layers if layer.mask is not None}
    if work.mask is not None:
        masks[1] = work.mask
    a = [work.X, *(layer.a for layer in layers)]
    return Trace(
        ByLayer("z", 2, [layer.z for layer in layers]),
        ByLayer("a", 1, a),
        ByLayer("y", 2, [layer.y for layer in layers]),
        masks,
    )


def _views(sizes, buffer, normalised=()):
    """Return W, b, γ, β by layer as views of a flat buffer, or of a stack of them: all W, all b, then each γ and β."""
    lead, start = buffer.shape[:-1], 0

    def part(*shape):
        nonlocal start
        begin, start = start, start + math.prod(shape)
        return buffer[..., begin:start].reshape(*lead, *shape)

    W = [part(n, before) for before, n in itertools.pairwise(sizes)]
    b = [part(n) for n in sizes[1:]]
    gamma, beta = {}, {}
    for l in normalised:
        gamma[l], beta[l] = part(sizes[l - 1]), part(sizes[l - 1])
    return ByLayer("W", 2, W), ByLayer("b", 2, b), gamma, beta


def _activations(activation, L):
    if isinstance(activation, str | activations.Activation):
        chosen = [activations.get(activation)] * (L - 1)
    else:
        try:
            names = list(activation)
        except TypeError:
            raise TypeError(
                f"Network: activation must be a name, an Activation or a list; it is {activation!r}"
            ) from None
        chosen = [activations.get(f) for f in names]
    if len(chosen) != L - 1:
        raise ValueError(
            f"Network: activation must be one, or one for each of the {L - 1} layers after the input; "
            f"there are {len(chosen)}"
        )
    for l, f in enumerate(chosen[:-1], start=2):
        if not f.elementwise:
            raise ValueError(
                f"Network: activation of layer {l} must be elementwise; {f} can stand in the last layer alone"
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


def _restored(sizes, functions, dtype, parameters, batch_norm=None, dropout=None):
    net = Network(sizes, functions, initializer="zeros", dtype=dtype, batch_norm=batch_norm, dropout=dropout)
    net.parameters = parameters
    return net
