"""One table of what a caller can get wrong: every error is a ValueError or TypeError that names the argument."""

import inspect

import numpy as np
import pytest
from independent import data, network

import nnbook as nn

SIZES = [4, 3, 2]
NET, (X, T) = network(SIZES), data(SIZES, samples=5)
COST = nn.SquaredError()
ZEROS = np.zeros_like(NET.parameters)  # a gradient that is diagnosed at once
BAD_ARRAYS = {
    "NaN": lambda a: np.where(np.arange(a.size).reshape(a.shape) == 1, np.nan, a),
    "inf": lambda a: np.where(np.arange(a.size).reshape(a.shape) == 1, np.inf, a),
    "transposed": lambda a: a.T,
    "one dimension too many": lambda a: a[None],
    "flat": lambda a: a.ravel(),
    "empty batch": lambda a: a[:0],
    "no columns": lambda a: a[:, :0],
    "float16": lambda a: a.astype("float16"),
    "strings": lambda a: a.astype(str),
    "objects": lambda a: a.astype(object),
    "ragged": lambda a: [[1.0], [1.0, 2.0]],
    "None": lambda a: None,
    "text": lambda a: "X",
}


def fit(net, X, T, cost, **kwargs):
    return nn.fit(net, X, T, cost, **{"optimizer": nn.SGD(0.1), "epochs": 1, "progress": False, **kwargs})


# Name, a call that works with the batch it is given, and the argument that must be named.
CALLS = {
    "backprop X": (lambda a: nn.backprop(NET, a, T, COST), X, "X"),
    "backprop T": (lambda a: nn.backprop(NET, X, a, COST), T, "T"),
    "check_gradients X": (lambda a: nn.check_gradients(NET, a, T, COST, verbose=False), X, "X"),
    "check_gradients T": (lambda a: nn.check_gradients(NET, X, a, COST, verbose=False), T, "T"),
    "diagnose X": (lambda a: nn.diagnose(ZEROS, NET, a, T, COST, verbose=False), X, "X"),
    "diagnose T": (lambda a: nn.diagnose(ZEROS, NET, X, a, COST, verbose=False), T, "T"),
    "forward": (lambda a: NET.forward(a), X, "X"),
    "predict": (lambda a: NET.predict(a), X, "X"),
    "fit X": (lambda a: fit(NET.copy(), a, T, COST), X, "X"),
    "fit T": (lambda a: fit(NET.copy(), X, a, COST), T, "T"),
    "labels_of": (nn.labels_of, T, "outputs"),
}


@pytest.mark.parametrize("bad", BAD_ARRAYS)
@pytest.mark.parametrize("name", CALLS)
def test_a_bad_batch_is_named(name, bad):
    call, good, argument = CALLS[name]
    call(good.copy())
    if name == "labels_of" and bad == "transposed":
        return  # a batch of another shape, and a good one
    with pytest.raises((ValueError, TypeError), match=rf"\b{argument}\b") as refused:
        call(BAD_ARRAYS[bad](good))
    assert type(refused.value) in (ValueError, TypeError)


@pytest.mark.parametrize("name", CALLS)
def test_integers_count_as_floats_and_one_sample_is_a_batch(name):
    call, good, _ = CALLS[name]
    if name.endswith(("X", "T")) and name != "labels_of":
        both = {"X": X, "T": T}
        assert both[name[-1]] is good
    call(np.ones_like(good, dtype=int))
    call(np.ones_like(good).tolist())
    call(np.asfortranarray(good))
    call(np.repeat(good, 2, axis=1)[:, ::2])


def test_one_sample():
    assert np.isfinite(nn.backprop(NET, X[:1], T[:1], COST).parameters).all()
    nn.check_gradients(NET, X[:1], T[:1], COST, verbose=False).raise_if_failed()


FORMULAS = {
    "output_delta dC_da": (lambda a: nn.output_delta(a, np.ones((5, 3)), nn.tanh), (5, 3), "dC_da"),
    "output_delta z": (lambda a: nn.output_delta(np.ones((5, 3)), a, nn.tanh), (5, 3), "dC_da|z"),
    "hidden_delta delta_next": (
        lambda a: nn.hidden_delta(a, np.ones((3, 2)), np.ones((5, 2)), nn.tanh),
        (5, 3),
        "delta_next",
    ),
    "hidden_delta W_next": (
        lambda a: nn.hidden_delta(np.ones((5, 3)), a, np.ones((5, 2)), nn.tanh),
        (3, 2),
        "W_next|z",
    ),
    "hidden_delta z": (lambda a: nn.hidden_delta(np.ones((5, 3)), np.ones((3, 2)), a, nn.tanh), (5, 2), "z"),
    "weight_gradient delta": (lambda a: nn.weight_gradient(a, np.ones((5, 4))), (5, 3), "delta"),
    "weight_gradient a_prev": (lambda a: nn.weight_gradient(np.ones((5, 3)), a), (5, 4), "a_prev"),
    "SquaredError a": (lambda a: nn.SquaredError()(a, np.ones((5, 3))), (5, 3), "a|t"),
    "SquaredError.gradient t": (lambda t: nn.SquaredError().gradient(np.ones((5, 3)), t), (5, 3), "t"),
    "SquaredError.delta z": (lambda z: nn.SquaredError().delta(z, np.ones((5, 3)), "tanh"), (5, 3), "z|t"),
    "SquaredError.from_z t": (lambda t: nn.SquaredError().from_z(np.ones((5, 3)), t, "tanh"), (5, 3), "t"),
}


@pytest.mark.parametrize("bad", [bad for bad in BAD_ARRAYS if bad not in ("NaN", "inf", "empty batch")])
@pytest.mark.parametrize("name", FORMULAS)
def test_a_formula_names_what_is_wrong(name, bad):
    call, shape, argument = FORMULAS[name]
    call(np.ones(shape))
    with pytest.raises((ValueError, TypeError), match=rf"\b({argument})\b"):
        call(BAD_ARRAYS[bad](np.ones(shape)))


@pytest.mark.parametrize("f", ["sigmoid", np.tanh, None, 3])
def test_a_formula_takes_an_activation_and_nothing_else(f):
    for call in (
        lambda: nn.output_delta(np.ones(3), np.ones(3), f),
        lambda: nn.hidden_delta(np.ones(2), np.ones((2, 3)), np.ones(3), f),
    ):
        with pytest.raises(TypeError, match="f must be an Activation"):
            call()


@pytest.mark.parametrize("cost", ["mse", None, lambda a, t: 0, nn.SquaredError])
@pytest.mark.parametrize("function", [nn.backprop, nn.check_gradients, fit])
def test_a_cost_is_a_cost(function, cost):
    with pytest.raises(TypeError, match="cost must be a cost such as nn"):
        function(NET.copy(), X, T, cost)


@pytest.mark.parametrize("net", ["net", None, [4, 3, 2], nn.Network])
@pytest.mark.parametrize("function", [nn.backprop, nn.check_gradients, fit])
def test_a_network_is_a_network(function, net):
    with pytest.raises(TypeError, match="net must be a Network"):
        function(net, X, T, COST)


@pytest.mark.parametrize("rate", [0, -1, np.nan, np.inf, "fast", None, True])
@pytest.mark.parametrize("optimizer", [nn.SGD, nn.Adagrad, nn.RMSprop, nn.Adam])
def test_a_learning_rate_is_a_number_above_zero(optimizer, rate):
    with pytest.raises((ValueError, TypeError), match="learning_rate"):
        optimizer(learning_rate=rate)


def test_a_batch_larger_than_the_data_is_the_data():
    one, other = NET.copy(), NET.copy()
    fit(one, X, T, COST, epochs=2, batch_size=1000, rng=0)
    fit(other, X, T, COST, epochs=2)
    np.testing.assert_allclose(one.parameters, other.parameters, rtol=1e-12)


def test_no_input_array_is_ever_changed():
    arrays = [X.copy(), T.copy(), NET.parameters.copy()]
    before = [a.tobytes() for a in arrays]
    x, t, p = arrays
    net = NET.copy()
    nn.backprop(net, x, t, COST)
    nn.check_gradients(net, x, t, COST, p, verbose=False)
    nn.diagnose(p, net, x, t, COST, verbose=False)
    fit(net, x, t, COST, epochs=2, batch_size=2, rng=0)
    nn.output_delta(t, t, nn.tanh), nn.weight_gradient(t, x), nn.bias_gradient(t)
    nn.hidden_delta(t, np.ones((2, 4)), x, nn.sigmoid)
    nn.labels_of(t), COST(t, t), COST.gradient(t, t), COST.delta(t, t, "sigmoid"), COST.from_z(t, t, "softmax")
    nn.relative_error(x, x), nn.numerical_gradient(lambda v: (v**2).sum(), x)
    assert [a.tobytes() for a in arrays] == before


def test_read_only_arrays_are_enough():
    x, t = X.copy(), T.copy()
    x.flags.writeable = t.flags.writeable = False
    assert np.isfinite(nn.backprop(NET, x, t, COST).parameters).all()
    fit(NET.copy(), x, t, COST, epochs=1, batch_size=2, rng=0)


@pytest.mark.parametrize("f", [nn.sigmoid, nn.tanh, nn.softplus, nn.relu])
def test_an_activation_in_hand_has_the_shape_of_z(f):
    z, W = np.ones((5, 3)), np.ones((2, 3))
    for a in (np.ones(3), np.ones((1, 3)), np.ones((5, 1)), 1.0):
        for call in (
            lambda a=a: f.derivative(z, a=a),
            lambda a=a: nn.output_delta(z, z, f, a=a),
            lambda a=a: nn.hidden_delta(np.ones((5, 2)), W, z, f, a=a),
            lambda a=a: COST.delta(z, z, "identity", a=a),
            lambda a=a: COST.delta(z, z, f, a=a),
        ):
            with pytest.raises(ValueError, match="a needs the shape of z"):
                call()
    assert np.array_equal(f.derivative(z, a=f(z).tolist()), f.derivative(z))


SIZED = {
    "Network": lambda sizes: list(nn.Network(sizes, rng=0).sizes.values()),
    "parameter_count": nn.parameter_count,
    "flops": nn.flops,
}


@pytest.mark.parametrize("name", SIZED)
@pytest.mark.parametrize("sizes", [3, None, [], [4], [4, 0], [4, -3], [4, 2.5], [4, "3"], [True, 2], "43", {4: [1]}])
def test_sizes_are_whole_numbers(name, sizes):
    with pytest.raises((ValueError, TypeError), match=rf"{name}: (sizes|net)"):
        SIZED[name](sizes)


@pytest.mark.parametrize("name", SIZED)
def test_the_sizes_of_a_network_are_sizes(name):
    assert SIZED[name](NET.sizes) == SIZED[name](SIZES)


@pytest.mark.parametrize("dtype", [None, "float16", int, "floaty", 3, object])
def test_a_dtype_is_one_of_two(dtype):
    for call in (
        lambda: nn.Network(SIZES, rng=0, dtype=dtype),
        lambda: NET.astype(dtype),
        lambda: nn.one_hot([0, 1], 2, dtype=dtype),
        lambda: nn.Sequential(dtype=dtype),
        lambda: nn.datasets.scale_pixels(np.zeros((2, 3)), dtype=dtype),
    ):
        with pytest.raises(TypeError, match="dtype must be one of float32, float64"):
            call()


@pytest.mark.parametrize(
    ("function", "name"),
    [(f, name) for f in (nn.check_gradients, nn.numerical_gradients, fit) for name in "XT"] + [(nn.backprop, "T")],
)
def test_complex_samples_are_for_the_complex_step_alone(function, name):
    x, t = (a + 0.5j if name == which else a for which, a in (("X", X), ("T", T)))
    with pytest.raises(TypeError, match=f"{name} must hold real numbers; it has dtype complex128"):
        function(NET.copy(), x, t, COST)
    assert nn.backprop(NET, X + 1e-20j, T, COST).parameters.dtype == complex


def test_other_things_that_are_not_numbers():
    for error, message, call in (
        (ValueError, "strength must be a finite number", lambda: nn.L2(10**400)),
        (TypeError, "rng must be a whole number, the seed, or a numpy Generator", lambda: nn.Network([2, 1], rng=0.5)),
        (
            ValueError,
            r"labels become such rows with nn.one_hot\(T, 2\)",
            lambda: nn.backprop(NET, X, [0, 1, 1, 0, 1], COST),
        ),
        (ValueError, "h must be a finite number greater than 0", lambda: nn.check_gradients(NET, X, T, COST, h=0)),
        (TypeError, "net must be a Network", lambda: nn.numerical_gradients("net", X, T, COST)),
        (TypeError, "x must hold", lambda: nn.numerical_gradient(np.sum, ["1", "2"])),
        (TypeError, "value must hold real numbers", lambda: nn.tape.Var(1j)),
        (TypeError, "t must hold", lambda: nn.BinaryCrossEntropy().check_targets(["a"])),
        (ValueError, "t must lie in", lambda: nn.BinaryCrossEntropy().check_targets([0.5, 2])),
        (TypeError, "path must be a string or a Path", lambda: nn.Checkpoint(3)),
        (TypeError, "path must be a string or a Path", lambda: NET.save(None)),
        (ValueError, "'1' is not a network", lambda: nn.Network.load(1)),  # the number of an open file
        (TypeError, "shards must be a Shards", lambda: fit(NET.copy(), X, T, COST, shards=3)),
        (ValueError, "labels from 0 to 2; with 2 classes", lambda: nn.accuracy(T, [0, 1, 2, 1, 0])),
        (ValueError, "labels from -1 to 1; with 2 classes", lambda: nn.accuracy(T, [0, 1, -1, 1, 0])),
        (ValueError, "with 2 classes a label is 0 to 1", lambda: nn.accuracy(T[:, :1], [0, 1, 2, 1, 0])),
        (ValueError, "T must be a rectangular array", lambda: nn.accuracy(T, [[1], [1, 2]])),
    ):
        with pytest.raises(error, match=message):
            call()


def test_every_function_of_the_core_stands_in_a_table():
    """A new public function of the core must be added to the tables above."""
    core = {"checked", "network", "bylayer", "propagation", "gradcheck", "diagnosis", "encoding", "numerical"}
    functions = {
        name
        for name, thing in vars(nn).items()
        if name in nn.__all__ and inspect.isfunction(thing) and thing.__module__.rpartition(".")[2] in core
    }
    tested = {name.split()[0].split(".")[0] for name in (*CALLS, *FORMULAS)}
    elsewhere = {"one_hot", "relative_error", "numerical_gradient", "parameter_count", "bias_gradient"}
    assert len(functions) > 8
    assert functions - tested - elsewhere - {"numerical_gradients"} == set()
