"""The list of layers is the book's network, and its methods mean what Keras's mean."""

import json

import numpy as np
import pytest

import nnbook as nn

data = np.random.default_rng(7)
X, LABELS = data.standard_normal((23, 3, 2)), data.integers(0, 4, 23)
T = nn.one_hot(LABELS, 4)


def model(rng=0, **options):
    layers = [nn.Flatten(), nn.Dense(5, "tanh"), nn.Dense(4, "softmax")]
    return nn.Sequential(layers, rng=rng, **options)


def compiled(rng=0, optimizer=None, **options):
    chosen = model(rng)
    chosen.compile(optimizer or nn.SGD(0.5), "categorical_crossentropy", metrics=["accuracy"], **options)
    return chosen


def test_fit_is_the_same_training_as_nn_fit():
    chosen = nn.Sequential(
        [
            nn.Input((6,)),
            nn.Dense(7, kernel_initializer="he_normal", kernel_regularizer=nn.L2(0.01)),
            nn.BatchNorm(momentum=0.8),
            nn.Activation("relu"),
            nn.Dropout(0.25),
            nn.Dense(5, "tanh"),
            nn.Dropout(0.5),
            nn.Dense(4, "softmax", kernel_initializer="glorot_uniform"),
        ],
        rng=3,
    )
    chosen.compile(nn.Adam(0.02), nn.CategoricalCrossEntropy(), metrics=["accuracy"])
    flat = X.reshape(23, 6)
    record = chosen.fit(flat, T, batch_size=4, epochs=5, validation_data=(flat[:3], T[:3]))

    rng = np.random.default_rng(3)
    net = nn.Network(
        [6, 7, 5, 4],
        ["relu", "tanh", "softmax"],
        initializer=["he_normal", "glorot_uniform", "glorot_uniform"],
        batch_norm={2: nn.BatchNorm(momentum=0.8)},
        dropout={2: 0.25, 3: 0.5},
        rng=rng,
    )
    history = nn.fit(
        net, flat, T, nn.CategoricalCrossEntropy(), optimizer=nn.Adam(0.02), epochs=5, batch_size=4,
        penalty={2: nn.L2(0.01)}, rng=rng, validation=(flat[:3], T[:3]),
    )  # fmt: skip
    assert np.array_equal(chosen.net.parameters, net.parameters)
    assert record.history == {
        "loss": history.cost,
        "val_loss": history.validation_cost,
        "accuracy": history.accuracy,
        "val_accuracy": history.validation_accuracy,
    }


def test_the_last_rows_are_set_aside_before_shuffling():
    split, given = compiled(), compiled()
    a = split.fit(X, T, epochs=2, validation_split=0.2)
    b = given.fit(X[:18], T[:18], epochs=2, validation_data=(X[18:], T[18:]))
    assert a.history == b.history
    assert np.array_equal(split.net.parameters, given.net.parameters)


def test_a_second_fit_goes_on_with_the_optimisers_memory():
    once, twice = compiled(optimizer=nn.Adam(0.1)), compiled(optimizer=nn.Adam(0.1))
    once.fit(X, T, epochs=4, shuffle=False)
    twice.fit(X, T, epochs=3, shuffle=False)
    twice.fit(X, T, epochs=1, shuffle=False)
    assert np.array_equal(once.net.parameters, twice.net.parameters)


def test_the_default_batch_size_is_32():
    one, other = (nn.Sequential([nn.Dense(1)], rng=0) for _ in range(2))
    many, targets = data.standard_normal((70, 3)), data.standard_normal(70)
    for chosen, size in ((one, None), (other, 32)):
        chosen.compile(nn.SGD(0.1), "squared_error")
        chosen.fit(many, targets, batch_size=size)
    assert np.array_equal(one.net.parameters, other.net.parameters)
    assert one.memory.state.t == 3


def test_evaluate_and_predict():
    chosen = compiled()
    chosen.fit(X, T)
    outputs = chosen.predict(X)
    assert outputs.shape == (23, 4)
    assert np.array_equal(outputs, chosen.net.predict(X.reshape(23, 6)))
    loss, accuracy = chosen.evaluate(X, T)
    assert loss == pytest.approx(nn.CategoricalCrossEntropy()(outputs, T).mean())
    assert accuracy == np.mean(outputs.argmax(1) == LABELS)
    assert chosen.evaluate(X, T, return_dict=True) == {"loss": loss, "accuracy": accuracy}
    chosen.compile("sgd", "squared_error")
    assert chosen.evaluate(X, T) == pytest.approx(0.5 * ((outputs - T) ** 2).sum(1).mean())


def test_labels_serve_as_targets_of_the_sparse_loss():
    sparse, full = model(), compiled()
    sparse.compile(nn.SGD(0.5), "sparse_categorical_crossentropy", metrics=["acc"])
    assert sparse.fit(X, LABELS, epochs=3).history == full.fit(X, T, epochs=3).history
    assert sparse.evaluate(X, LABELS) == full.evaluate(X, T)


def test_summary_counts_every_parameter(capsys):
    chosen = nn.Sequential([nn.Input((32,)), nn.Dense(128, "relu"), nn.Dense(10, "softmax")])
    chosen.summary()
    printed = capsys.readouterr().out
    assert chosen.count_params() == 5_514
    for words in ("4,224", "1,290", "5,514", "(None, 128)", "softmax"):
        assert words in printed
    chosen = nn.Sequential(
        [nn.Input((3, 2)), nn.Flatten(), nn.Dense(5), nn.BatchNorm(), nn.Activation("relu"), nn.Dense(1)]
    )
    chosen.summary()
    assert "Parameters: 61, of which trained: 51, not trained: 10" in capsys.readouterr().out
    assert "Sequential" in repr(chosen)


@pytest.mark.parametrize("verbose", [0, 1, 2, "auto"])
def test_verbose_prints_as_much_as_it_says(verbose, capsys):
    compiled().fit(X, T, epochs=2, verbose=verbose)
    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    assert printed.err == ""
    assert len(lines) == (2 if verbose == 2 else 0)
    if lines:
        assert lines[0].startswith("Epoch 1/2 - loss: ")
        assert " - accuracy: " in lines[0]


def test_save_and_load_keep_the_model(tmp_path):
    chosen = nn.Sequential(
        [
            nn.Input((3, 2)),
            nn.Flatten(),
            nn.Dense(5, kernel_regularizer=nn.L1L2(0.1, 0.2)),
            nn.BatchNorm(0.5),
            nn.Activation(nn.LeakyReLU(0.2)),
            nn.Dropout(0.1),
            nn.Dense(4, "softmax"),
        ],
        rng=0,
        dtype="float32",
    )
    chosen.compile("rmsprop", "categorical_crossentropy")
    chosen.fit(X, T)
    chosen.save(tmp_path / "model.npz")
    loaded = nn.Sequential.load(tmp_path / "model.npz", rng=1)
    assert np.array_equal(loaded.predict(X), chosen.predict(X))
    assert loaded.net.dtype == np.float32
    assert repr(loaded.net) == repr(chosen.net)
    assert loaded.layers[2].kernel_regularizer == nn.L1L2(0.1, 0.2)
    loaded.compile("adam", "categorical_crossentropy")
    loaded.fit(X, T)
    assert not np.array_equal(loaded.predict(X), chosen.predict(X))


@pytest.mark.parametrize("spoil", ["format", "layers", "kind", "options", "deep", "meta", "text"])
def test_a_file_that_is_no_model_is_refused(tmp_path, spoil):
    path, chosen = tmp_path / "model.npz", compiled()
    chosen.fit(X, T)
    chosen.save(path)
    with np.load(path) as file:
        arrays = dict(file)
    meta = json.loads(str(arrays["meta"]))
    if spoil == "format":
        meta["format"] = 99
    if spoil == "layers":
        meta["layers"][1][1]["units"] = 6
    if spoil == "kind":
        meta["layers"][1][0] = "Recurrent"
    if spoil == "options":
        meta["layers"][1][1] = None
    arrays["meta"] = np.array({"meta": "[", "deep": "[" * 100_000}.get(spoil) or json.dumps(meta))
    np.savez(path, **arrays)
    if spoil == "text":
        path.write_text("no model")
    with pytest.raises(ValueError, match=r"Sequential\.load: .*model\.npz' is not a model"):
        nn.Sequential.load(path)


ORDERS = [
    ([nn.Dropout(0.5), nn.Dense(2)], None),
    ([nn.Dense(3), nn.BatchNorm(), nn.Activation("relu"), nn.Dropout(0.5), nn.Dense(2)], None),
    ([nn.Dense(3, "relu"), nn.Dropout(0.5), nn.Flatten(), nn.Dense(2)], None),
    ([nn.Dense(3), nn.Input((2,))], "Input, must come first"),
    ([nn.BatchNorm(), nn.Dense(2)], "BatchNorm, needs a Dense layer before it"),
    ([nn.Activation("relu"), nn.Dense(2)], "Activation, needs a Dense layer before it"),
    ([nn.Dense(3, "relu"), nn.BatchNorm(), nn.Dense(2)], "BatchNorm, acts on z"),
    ([nn.Dense(3), nn.Dropout(0.5), nn.BatchNorm(), nn.Dense(2)], "BatchNorm, acts on z"),
    ([nn.Dense(3), nn.BatchNorm(), nn.BatchNorm(), nn.Dense(2)], "BatchNorm, acts on z"),
    ([nn.Dense(3, "relu"), nn.Activation("tanh"), nn.Dense(2)], "without an activation"),
    ([nn.Dense(3), nn.Dropout(0.5), nn.Activation("tanh"), nn.Dense(2)], "without an activation"),
    ([nn.Dense(3), nn.Dropout(0.5), nn.Dropout(0.5), nn.Dense(2)], "second for the same"),
    ([nn.Dense(3, "softmax"), nn.Dense(2)], "must be elementwise"),
    ([nn.Dense(3), nn.Dropout(0.5)], "would drop outputs"),
    ([nn.Dropout(0.5)], "needs at least one Dense layer"),
    ([3, nn.Dense(2)], "must be a layer"),
]


@pytest.mark.parametrize(("layers", "message"), ORDERS)
def test_layers_stand_in_an_order_that_the_network_has(layers, message):
    def build():
        chosen = nn.Sequential(layers, rng=0)
        chosen.build((4,))
        return chosen

    if message is None:
        assert build().predict(np.ones((3, 4))).shape == (3, 2)
    else:
        with pytest.raises((ValueError, TypeError), match=message):
            build()


def test_what_a_user_may_get_wrong_is_refused_by_name():
    cases = [
        (lambda: model().fit(X, T), "must be compiled first"),
        (lambda: model().evaluate(X, T), "must be compiled first"),
        (lambda: model().predict(X), "no weights yet"),
        (lambda: model().save("m.npz"), "no weights yet"),
        (lambda: model().summary(), "number of inputs is not known"),
        (lambda: model(rng=None).build((6,)), "rng is needed"),
        (lambda: model().compile("sgd", "mse"), "is a mean over outputs"),
        (lambda: model().compile("sgd", "hinge"), "loss must be one of"),
        (lambda: model().compile("sgd"), "loss must be a cost"),
        (lambda: model().compile("sgd", "squared_error", "accuracy"), "metrics must be a list"),
        (lambda: model().compile("sgd", "squared_error", ["f1"]), "metrics must be one of"),
        (lambda: compiled().fit(X, T, verbose=3), "verbose must be"),
        (lambda: compiled().fit(X, T, validation_split=1.0), "validation_split"),
        (lambda: compiled().fit(X, T, validation_data=X), r"must be \(x, y\)"),
        (lambda: compiled().fit(X, T[:, :3]), r"T must have shape \(samples, 4\)"),
        (lambda: compiled().fit(X[:0], T[:0]), "at least one sample"),
        (lambda: compiled().fit(X * np.nan, T), "is nan"),
        (lambda: nn.Sequential([nn.Dense(2)], rng=0).build((3, 2)), "need a Flatten"),
        (lambda: nn.Sequential([nn.Input((3,)), nn.Dense(2)], rng=0).build((4,)), r"must have shape \(3,\)"),
        (lambda: nn.Input(3), "must be a tuple"),
        (lambda: nn.Input(()), "at least one axis"),
        (lambda: nn.Dense(0), "units must be at least 1"),
        (lambda: nn.Dense(2, "swish2"), "must be one of"),
        (lambda: nn.Dense(2, kernel_regularizer=0.1), "must be a penalty"),
        (lambda: nn.Dense(2, kernel_initializer="best"), "initializer must be one of"),
    ]
    for act, message in cases:
        with pytest.raises((ValueError, TypeError), match=message):
            act()
    used = compiled()
    used.fit(X, T)
    with pytest.raises(ValueError, match="already has weights"):
        used.add(nn.Dense(2))
    with pytest.raises(ValueError, match=r"must have shape \(3, 2\)"):
        used.predict(X[:, :2])
