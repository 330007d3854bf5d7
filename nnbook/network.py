"""A fully connected feed-forward network: parameters, forward pass, and backpropagation by the four formulas."""

from __future__ import annotations

import itertools
import math
import os
import tempfile
import zipfile
from pathlib import Path

import numpy as np

from . import activations
from ._bylayer import ByLayer
from ._validation import finite, floats, generator, rows, whole
from .formulas import bias_gradient, hidden_delta, weight_gradient

_DTYPES = ("float32", "float64", "complex128")


class Trace:
    """What one forward pass computed.

    Attributes
    ----------
    z : ByLayer
        Weighted inputs, l = 2 … L, each (N, n_l).
    a : ByLayer
        Activations, l = 1 … L, each (N, n_l); a[1] is the input.
    """

    __slots__ = ("a", "z")

    def __init__(self, z, a):
        self.z, self.a = z, a

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
    parameters : array (P,)
        All of W, then all of b, in the order of `Network.parameters`.
    cost : float
        C_T.
    """

    __slots__ = ("W", "b", "cost", "delta", "parameters")

    def __init__(self, sizes, parameters, delta, cost):
        self.parameters, self.delta, self.cost = parameters, delta, cost
        self.W, self.b = _views(sizes, parameters)

    def __reduce__(self):  # so that W and b of a copy are views of the copy's own buffer
        sizes = [self.W[2].shape[1], *(b.size for b in self.b.values())]
        return Gradients, (sizes, self.parameters, self.delta, self.cost)

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
    initializer : str
        "scaled_normal" draws w^l_{ji} from N(0, 1/n_{l-1}); "zeros" leaves every weight 0. Biases start at 0.
    rng : numpy Generator or seed
        Needed by an initializer that draws.
    dtype : str
        "float64", "float32", or "complex128" for the complex step.

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
    parameters : array (P,)
        One buffer, all W and then all b, of which every W[l] and b[l] is a view. Assigning copies into it.

    Raises
    ------
    ValueError, TypeError
        When an argument is not as described.
    """

    def __init__(self, sizes, activation="sigmoid", *, initializer="scaled_normal", rng=None, dtype="float64"):
        try:
            sizes = [whole("Network", f"sizes[{i}]", n) for i, n in enumerate(sizes)]
        except TypeError as error:
            if "sizes[" in str(error):
                raise
            raise TypeError(f"Network: sizes must be a list of units per layer; it is {sizes!r}") from None
        if len(sizes) < 2:
            raise ValueError(f"Network: sizes needs an input and an output layer at least; it is {sizes}")
        self.sizes = ByLayer("sizes", 1, sizes)
        self.f = ByLayer("f", 2, _activations(activation, len(sizes)))
        dtype = np.dtype(dtype).name
        if dtype not in _DTYPES:
            raise TypeError(f"Network: dtype must be one of {', '.join(_DTYPES)}; it is {dtype}")
        self._parameters = np.zeros(parameter_count(sizes), dtype)
        self.W, self.b = _views(sizes, self._parameters)
        if initializer == "scaled_normal":
            rng = generator("Network", rng)
            for l, W in self.W.items():
                self.W[l] = (rng.standard_normal(W.shape) / math.sqrt(W.shape[1])).astype(dtype)
        elif initializer != "zeros":
            raise ValueError(f'Network: initializer must be "scaled_normal" or "zeros"; it is {initializer!r}')

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
        """P = Σ_l (n_l n_{l-1} + n_l) (eq-parameter-count)."""
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

    def forward(self, X) -> Trace:
        """Return the trace of z^l = W^l a^{l-1} + b^l, a^l = f(z^l) for l = 2 … L (eq-forward-batch).

        Parameters
        ----------
        X : array (N, n_1), or (n_1,) for one sample
            The inputs; taken to the network's dtype.

        Raises
        ------
        ValueError, TypeError
            When X has another shape, or an entry that is not a finite number.
        """
        X = floats("forward", "X", X)
        if X.ndim != 1 or X.size != self.sizes[1]:
            rows("forward", "X", X, self.sizes[1])
        return self._forward(finite("forward", "X", self._cast(X)))

    def _forward(self, X) -> Trace:
        z, a = [], [X]
        for l in self.W:
            z.append(a[-1] @ self.W[l].T + self.b[l])
            a.append(self.f[l](z[-1]))
        return Trace(ByLayer("z", 2, z), ByLayer("a", 1, a))

    def predict(self, X):
        """Return the outputs a^L for X, an array (N, n_L), or (n_L,) for one sample."""
        return self.forward(X).output

    def _cast(self, array):
        # A complex array stays complex: that is the complex step with respect to the inputs.
        return array if array.dtype.kind == "c" else array.astype(self.dtype, copy=False)

    def astype(self, dtype) -> Network:
        """Return a copy of the network with parameters of this dtype."""
        other = Network(list(self.sizes.values()), list(self.f.values()), initializer="zeros", dtype=dtype)
        other.parameters = self._parameters
        return other

    def copy(self) -> Network:
        """Return an independent copy."""
        return self.astype(self.dtype)

    def __copy__(self):
        return self.copy()

    def __reduce__(self):
        state = (list(self.sizes.values()), list(self.f.values()), self.dtype.name, self._parameters)
        return _restored, state

    def __repr__(self):
        sizes = "-".join(map(str, self.sizes.values()))
        names = ", ".join(map(repr, self.f.values()))
        return f"Network({sizes}; {names}; {self.parameter_count:,} parameters)"

    def save(self, path) -> None:
        """Write the network to `path`, an .npz file of plain arrays; the file is complete or not there at all.

        Raises
        ------
        ValueError
            When the path does not end in .npz.
        OSError
            When it cannot be written; a file that was there is left as it was.
        """
        path = Path(path)
        if path.suffix != ".npz":
            raise ValueError(f"save: path must end in .npz; it is {str(path)!r}")
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.stem, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez(
                    file,
                    sizes=np.array(list(self.sizes.values())),
                    activations=np.array([f.name for f in self.f.values()]),
                    slopes=np.array([getattr(f, "slope", 0.0) for f in self.f.values()]),
                    parameters=self._parameters,
                )
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise

    @classmethod
    def load(cls, path) -> Network:
        """Read a network that `save` wrote. Nothing in the file is executed (no pickle).

        Raises
        ------
        ValueError
            When the file is not such a network.
        OSError
            When it cannot be read.
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                sizes, names, slopes, parameters = (
                    file[name] for name in ("sizes", "activations", "slopes", "parameters")
                )
            functions = [
                activations.LeakyReLU(slope) if name == "leaky_relu" else activations.get(str(name))
                for name, slope in zip(names, slopes, strict=True)
            ]
            # Before anything of the stated size is made, the sizes must agree with the parameters that are there.
            sizes = [int(n) for n in sizes]
            if min(sizes) < 1 or parameter_count(sizes) != parameters.size:
                raise ValueError(f"sizes {sizes} do not go with {parameters.size} parameters")
            return _restored(sizes, functions, parameters.dtype.name, finite("load", "parameters", parameters))
        except (ValueError, TypeError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise ValueError(f"load: {str(path)!r} is not a network that save wrote: {error}") from error


def parameter_count(sizes) -> int:
    """Return P = Σ_{l=2}^L (n_l n_{l-1} + n_l) for the units per layer n_1 … n_L (eq-parameter-count)."""
    return sum(n * before + n for before, n in itertools.pairwise(sizes))


def backprop(net, X, T, cost) -> Gradients:
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
    X = rows("backprop", "X", floats("backprop", "X", X), net.sizes[1])
    T = rows("backprop", "T", floats("backprop", "T", T), net.sizes[net.L])
    if len(X) != len(T):
        raise ValueError(f"backprop: X has {len(X)} samples, so T needs {len(X)} rows; it has {len(T)}")
    X, T = finite("backprop", "X", net._cast(X)), finite("backprop", "T", net._cast(T))
    cost.check_targets(T)

    trace, L = net._forward(X), net.L
    total = cost.from_z(trace.z[L], T, net.f[L]).sum()
    if not np.isfinite(total):
        raise FloatingPointError(f"backprop: the total cost is {total}: an activation or weight is too large")
    delta = {L: cost.delta(trace.z[L], T, net.f[L], a=trace.a[L])}
    for l in range(L - 1, 1, -1):
        delta[l] = hidden_delta(delta[l + 1], net.W[l + 1], trace.z[l], net.f[l], a=trace.a[l])

    deltas = ByLayer("delta", 2, (delta[l] for l in net.W))
    grads = Gradients(list(net.sizes.values()), np.empty_like(net.parameters), deltas, total[()])
    for l in net.W:
        weight_gradient(delta[l], trace.a[l - 1], out=grads.W[l])
        bias_gradient(delta[l], out=grads.b[l])
    return grads


def _views(sizes, buffer):
    """Return W and b by layer as views of one flat buffer: all W first, then all b."""
    W, b, start = [], [], 0
    for before, n in itertools.pairwise(sizes):
        W.append(buffer[start : start + n * before].reshape(n, before))
        start += n * before
    for n in sizes[1:]:
        b.append(buffer[start : start + n])
        start += n
    return ByLayer("W", 2, W), ByLayer("b", 2, b)


def _activations(activation, L):
    if isinstance(activation, str | activations.Activation):
        chosen = [activations.get(activation)] * (L - 1)
    else:
        chosen = [activations.get(f) for f in activation]
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


def _restored(sizes, functions, dtype, parameters):
    net = Network(sizes, functions, initializer="zeros", dtype=dtype)
    net.parameters = parameters
    return net
