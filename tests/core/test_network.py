"""The network: construction, one flat buffer, forward by index, copies, files, and hostile files."""

import copy
import io
import pickle
import zipfile

import numpy as np
import pytest
from independent import SIZES, data, distance, forward, network

import nnbook as nn

NAMES = ["tanh", "sigmoid", "softplus"]


def test_forward_is_the_index_formula():
    net, (X, _) = network(activation=NAMES), data()
    z, a = forward(net.parameters, SIZES, NAMES, X)
    trace = net.forward(X)
    assert list(trace.z) == [2, 3, 4]
    assert list(trace.a) == [1, 2, 3, 4]
    for l in z:
        assert distance(trace.z[l], z[l]) < 1e-15
        assert distance(trace.a[l], a[l]) < 1e-15
    assert trace.a[1] is not None
    assert np.array_equal(trace.a[1], X)
    assert trace.output is trace.a[4]
    assert np.array_equal(net.predict(X), trace.output)
    one = net.forward(X[0])
    assert one.z[2].shape == (3,)
    assert distance(one.output, trace.output[0]) < 1e-15
    assert "z{2: array(6, 3)" in repr(trace)


def test_forward_by_loops():
    net, (X, _) = network([3, 2]), data([3, 2], samples=2)
    for k in range(2):
        for j in range(2):
            z = sum(net.W[2][j, i] * X[k, i] for i in range(3)) + net.b[2][j]
            assert net.forward(X).z[2][k, j] == pytest.approx(z)
            assert net.predict(X)[k, j] == pytest.approx(1 / (1 + np.exp(-z)))


@pytest.mark.parametrize("samples", [1, 7, 1024, 2500])
def test_a_prediction_normalises_with_the_running_averages(samples):
    rng = np.random.default_rng(3)
    net = nn.Network([4, 3, 2], ["tanh", "identity"], rng=0, batch_norm={2: nn.BatchNorm(epsilon=0.01)})
    norm, X = net.batch_norm[2], rng.normal(size=(samples, 4))
    norm.running_mean[:], norm.running_variance[:] = rng.normal(size=3), rng.random(3) + 0.5
    net.gamma[2], net.beta[2] = rng.normal(size=3), rng.normal(size=3)
    z = np.einsum("ki,ji->kj", X, net.W[2]) + net.b[2]
    y = net.gamma[2] * (z - norm.running_mean) / np.sqrt(norm.running_variance + 0.01) + net.beta[2]
    expected = np.einsum("ki,ji->kj", np.tanh(y), net.W[3]) + net.b[3]
    assert distance(net.predict(X), expected) < 1e-14
    assert distance(net.predict(X[0]), expected[0]) < 1e-14
    assert net.predict(X + 0j).dtype == np.complex128
    assert distance(net.predict(X + 0j), expected) < 1e-14


def test_one_buffer():
    net = network()
    assert net.parameter_count == 47
    assert all(np.shares_memory(part, net.parameters) for part in [*net.W.values(), *net.b.values()])
    assert np.array_equal(net.parameters[:12].reshape(3, 4), net.W[2])
    assert np.array_equal(net.parameters[-2:], net.b[4])
    net.parameters = np.arange(47)
    assert net.W[2][2, 3] == 11
    net.parameters -= 1
    assert net.W[2][2, 3] == 10
    assert net.L == 4
    assert list(net.sizes.values()) == SIZES


def test_initial_weights():
    net = nn.Network([400, 300, 2], rng=0)
    assert np.std(net.W[2]) == pytest.approx(1 / 20, rel=0.02)
    assert abs(np.mean(net.W[2])) < 1e-3
    assert not net.b[2].any()
    assert np.array_equal(nn.Network([4, 3], rng=5).parameters, nn.Network([4, 3], rng=5).parameters)
    rng = np.random.default_rng(5)
    assert not np.array_equal(nn.Network([4, 3], rng=rng).W[2], nn.Network([4, 3], rng=rng).W[2])
    assert not nn.Network([4, 3], initializer="zeros").parameters.any()
    assert nn.Network([4, 3], rng=0, dtype="float32").W[2].dtype == np.float32


@pytest.mark.parametrize(
    ("args", "kwargs", "error", "words"),
    [
        (([3],), {"rng": 0}, ValueError, "sizes needs an input and an output layer"),
        ((3,), {"rng": 0}, TypeError, "sizes must be a list of units per layer"),
        (([3, 0],), {"rng": 0}, ValueError, r"sizes\[1\] must be at least 1"),
        (([3, 2.5],), {"rng": 0}, TypeError, r"sizes\[1\] must be a whole number"),
        (([3, True],), {"rng": 0}, TypeError, r"sizes\[1\] must be a whole number"),
        (("ab",), {"rng": 0}, TypeError, r"sizes\[0\] must be a whole number"),
        (([3, 2], "swish"), {"rng": 0}, ValueError, "activation must be one of"),
        (([3, 2], np.tanh), {"rng": 0}, TypeError, "activation must be"),
        (([3, 2], ["tanh", "tanh"]), {"rng": 0}, ValueError, "one for each of the 1 layers"),
        (([3, 4, 2], ["softmax", "tanh"]), {"rng": 0}, ValueError, "activation of layer 2 must be elementwise"),
        (([3, 2],), {}, TypeError, "rng is needed"),
        (([3, 2],), {"rng": "seed"}, TypeError, "rng must be a whole number"),
        (([3, 2],), {"rng": -1}, ValueError, "rng must be at least 0"),
        (([3, 2],), {"rng": 0, "dtype": "float16"}, TypeError, "dtype must be one of"),
        (([3, 2],), {"rng": 0, "dtype": "int64"}, TypeError, "dtype must be one of"),
        (([3, 2],), {"rng": 0, "initializer": "ones"}, ValueError, "initializer"),
    ],
)
def test_bad_construction(args, kwargs, error, words):
    with pytest.raises(error, match=words):
        nn.Network(*args, **kwargs)


def copies(net):
    return [net.copy(), copy.copy(net), copy.deepcopy(net), pickle.loads(pickle.dumps(net)), net.astype(net.dtype)]


def test_copies_are_independent_and_keep_their_buffer():
    net = network(activation=["tanh", nn.LeakyReLU(0.2), "softmax"])
    before = net.parameters.tobytes()
    for twin in copies(net):
        assert twin.parameters.tobytes() == before
        assert list(twin.f.values()) == list(net.f.values())
        twin.W[3][...] = 7
        assert (twin.parameters[12:27] == 7).all()
        assert net.parameters.tobytes() == before


def test_gradients_and_traces_are_copied_whole():
    grads = nn.backprop(network(), *data(), nn.SquaredError())
    for twin in (copy.deepcopy(grads), pickle.loads(pickle.dumps(grads))):
        assert np.array_equal(twin.parameters, grads.parameters)
        assert twin.cost == grads.cost
        twin.W[2][...] = 7
        assert (twin.parameters[:12] == 7).all()
        assert not (grads.W[2] == 7).any()
        assert all(np.array_equal(twin.delta[l], grads.delta[l]) for l in grads.delta)
    assert "Gradients(cost=" in repr(grads)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_save_and_load(tmp_path, dtype):
    net = network(activation=["tanh", nn.LeakyReLU(0.2), "softmax"], dtype=dtype)
    path = tmp_path / "net.npz"
    net.save(path)
    twin = nn.Network.load(path)
    assert twin.parameters.tobytes() == net.parameters.tobytes()
    assert twin.dtype == net.dtype
    assert list(twin.f.values()) == list(net.f.values())
    assert list(twin.sizes.values()) == SIZES
    net.save(str(path))  # over the old one
    assert [p.name for p in tmp_path.iterdir()] == ["net.npz"]


def test_a_path_that_cannot_be_written(tmp_path):
    with pytest.raises(ValueError, match=r"must end in \.npz"):
        network().save(tmp_path / "net.txt")
    with pytest.raises(OSError, match="nowhere"):
        network().save(tmp_path / "nowhere" / "net.npz")
    with pytest.raises(OSError, match="none"):
        nn.Network.load(tmp_path / "none.npz")


def npz(**changes):
    arrays = {
        "sizes": np.array([3, 2]),
        "activations": np.array(["tanh"]),
        "slopes": np.array([0.0]),
        "parameters": np.zeros(8),
        "dropout": np.zeros(2),
        "normalised": np.zeros(0, dtype=np.int64),
        **changes,
    }
    buffer = io.BytesIO()
    np.savez(buffer, **{name: array for name, array in arrays.items() if array is not None})
    return buffer.getvalue()


def zipped(name, content):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr(name, content)
    return buffer.getvalue()


class Evil:
    def __reduce__(self):
        return print, ("executed",)


HOSTILE = {
    "empty": b"",
    "text": b"not a network",
    "pickle": pickle.dumps(Evil()),
    "cut short": npz()[:200],
    "pickled array": npz(parameters=np.array([Evil()] * 8, dtype=object)),
    "zip of junk": zipped("parameters.npy", b"junk"),
    "empty zip": zipped("readme.txt", b"hello"),
    "huge sizes": npz(sizes=np.array([10**9, 10**9])),
    "overflowing sizes": npz(sizes=np.array([2**62, 4])),
    "negative sizes": npz(sizes=np.array([-3, -2])),
    "zero sizes": npz(sizes=np.array([0, 8])),
    "one size": npz(sizes=np.array([8])),
    "sizes missing": npz(sizes=None),
    "parameters missing": npz(parameters=None),
    "too many parameters": npz(parameters=np.zeros(9)),
    "parameters in rows": npz(parameters=np.zeros((2, 4))),
    "NaN": npz(parameters=np.full(8, np.nan)),
    "integers": npz(parameters=np.zeros(8, dtype=int)),
    "strings": npz(parameters=np.full(8, "a")),
    "float16": npz(parameters=np.zeros(8, dtype="float16")),
    "unknown activation": npz(activations=np.array(["os.system"])),
    "too many activations": npz(activations=np.array(["tanh", "tanh"]), slopes=np.zeros(2)),
    "bad slope": npz(activations=np.array(["leaky_relu"]), slopes=np.array([np.nan])),
    "bad dropout": npz(dropout=np.array([2.0, 0.0])),
    "layer without batch norm": npz(normalised=np.array([2]), parameters=np.zeros(12)),
    "batch norm of layer 9": npz(normalised=np.array([9])),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_and_nothing_in_it_runs(tmp_path, name, capsys):
    path = tmp_path / "net.npz"
    path.write_bytes(HOSTILE[name])
    with pytest.raises(ValueError, match=r"net\.npz' is not a network that save wrote"):
        nn.Network.load(path)
    assert "executed" not in capsys.readouterr().out


def test_the_honest_file_of_the_same_make_loads(tmp_path):
    path = tmp_path / "net.npz"
    path.write_bytes(npz())
    assert repr(nn.Network.load(path)) == "Network(3-2; tanh; 8 parameters)"


def test_parameters_that_cannot_be_assigned():
    net = network()
    before = net.parameters.tobytes()
    for value, error in [(np.zeros(3), ValueError), (np.zeros(47, complex), TypeError), (["a"] * 47, TypeError)]:
        with pytest.raises(error, match="parameters"):
            net.parameters = value
    assert net.parameters.tobytes() == before


def test_float32_networks_compute_in_float32():
    net, (X, T) = network(dtype="float32"), data()
    assert net.forward(X).output.dtype == np.float32
    grads = nn.backprop(net, X, T, nn.SquaredError())
    assert grads.parameters.dtype == np.float32


def changed_in_every_way(net):
    """Change the parameters of a 4-3-2 network in each way there is, one after the other."""
    rng = np.random.default_rng(1)
    net.W[2] = rng.normal(size=(3, 4))
    yield "an item"
    net.W[3] -= 0.5
    yield "an item, in place"
    net.b[2][1] = 7
    yield "one number"
    net.W = {2: rng.normal(size=(3, 4)), 3: rng.normal(size=(2, 3))}
    yield "all weights"
    net.b = {2: rng.normal(size=3), 3: rng.normal(size=2)}
    yield "all biases"
    before = net.snapshot()
    net.parameters = rng.normal(size=net.parameters.shape)
    yield "all parameters"
    net.parameters *= 0.5
    yield "all parameters, in place"
    net.restore(before)
    yield "a snapshot"
    nn.fit(net, np.eye(4), np.eye(4)[:, :2], nn.SquaredError(), optimizer=nn.SGD(0.5), epochs=1, batch_size=2, rng=0)
    yield "training"


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_prediction_follows_its_own_parameters_only(tmp_path, dtype):
    net = nn.Network([4, 3, 2], ["tanh", "softmax"], rng=0, dtype=dtype)
    X = np.random.default_rng(2).normal(size=(5, 4))
    net.save(tmp_path / "net.npz")
    twins = [net.copy(), copy.copy(net), copy.deepcopy(net), pickle.loads(pickle.dumps(net)), net.astype(net.dtype)]
    twins.append(nn.Network.load(tmp_path / "net.npz"))
    at_first = net.predict(X)
    for one, others in [(net, twins), (twins[2], [net, *twins[3:]]), (twins[3], [net, *twins[4:]]), (twins[5], [net])]:
        kept, last = [other.predict(X) for other in others], one.predict(X)
        assert np.array_equal(last, at_first)
        for change in changed_in_every_way(one):
            found = one.predict(X)
            assert not np.array_equal(found, last), change
            assert np.array_equal(found, one.forward(X).output), change
            last = found
        assert all(np.array_equal(other.predict(X), output) for other, output in zip(others, kept, strict=True))
        one.parameters = twins[0].parameters


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", ["identity", "sigmoid", "relu", "softplus", "softmax"])
def test_one_sample_is_a_batch_of_one_row(name, dtype):
    net, X = nn.Network([784, 30, 10], ["tanh", name], rng=0, dtype=dtype), np.random.default_rng(0).random((3, 784))
    for x in X:
        assert net.predict(x).shape == (10,)
        assert net.predict(x).dtype == dtype
        assert np.array_equal(net.predict(x), net.predict(x[None])[0])


def test_the_activations_of_a_network_stay():
    net = nn.Network([4, 3, 2], ["tanh", "softmax"], rng=0)
    with pytest.raises(AttributeError, match="'f'"):
        net.f = nn.Network([4, 3, 2], rng=0).f
    assert list(net.f.values()) == [nn.tanh, nn.softmax]


@pytest.mark.parametrize("dtype", ["float64", "float32", "complex128"])
@pytest.mark.parametrize("rows", [1, 3, 2000])
def test_every_finite_number_is_an_input_and_no_other(rows, dtype):
    net = nn.Network([6, 2], "identity", initializer="zeros", dtype=dtype)
    X = np.full((rows, 6), 3e38 if dtype == "float32" else 1e308, dtype)  # neither the sum nor the squares are finite
    X[:, ::2] *= -1
    assert np.array_equal(net.predict(X), np.zeros((rows, 2)))
    assert np.array_equal(net.predict(X[0]), np.zeros(2))
    for bad in (np.nan, np.inf, -np.inf):
        for column in (0, 5):
            wrong = np.array(X)
            wrong[-1, column] = bad
            wrong[-1, 2] = -bad
            first = min(column, 2)
            for array in (wrong, np.asfortranarray(wrong), np.repeat(wrong, 2, axis=1)[:, ::2]):
                with (
                    np.errstate(over="ignore", invalid="ignore"),
                    pytest.raises(ValueError, match=rf"X\[{rows - 1}, {first}\] is .*; every entry must be a finite"),
                ):
                    net.predict(array)
            with pytest.raises(ValueError, match=rf"X\[{first}\] is .*; every entry must be a finite number"):
                net.predict(wrong[-1])


def test_a_cost_that_overflows_is_an_error():
    net = network(activation=["identity", "identity", "identity"])
    net.parameters = np.full(47, 1e120)
    with pytest.raises(FloatingPointError, match="total cost is inf"):
        nn.backprop(net, *data(), nn.SquaredError())


def test_logits_of_a_thousand_stay_finite():
    for f, cost in (("sigmoid", nn.BinaryCrossEntropy()), ("softmax", nn.CategoricalCrossEntropy())):
        net = nn.Network([2, 3], f, initializer="zeros")
        net.W[2] = [[1000, 0], [0, 1000], [-1000, -1000]]
        X, T = np.array([[1.0, -1.0], [-1.0, 1.0]]), np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
        grads = nn.backprop(net, X, T, cost)
        assert np.isfinite(grads.parameters).all()
        assert np.isfinite(grads.cost)


def test_an_activation_that_load_would_not_know_is_refused_when_saving(tmp_path):
    class Swish(type(nn.sigmoid)):
        name = "swish"

    class Other(type(nn.sigmoid)):
        """Another function under a name that is taken."""

    for f in (Swish(), Other()):
        net = nn.Network([3, 4, 2], [f, "sigmoid"], rng=0)
        with pytest.raises(ValueError, match=r"save: f\[2\] is \w+, an activation of your own"):
            net.save(tmp_path / "net.npz")
        assert not list(tmp_path.iterdir())
