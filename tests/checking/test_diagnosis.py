"""The diagnosis names every planted mistake, finds none in a right gradient, and does not guess."""

import types

import numpy as np
import pytest
from independent import data, network

import nnbook as nn
from nnbook.checking.diagnosis import ZOO, Finding, diagnose, plant

CASES = {
    "squared error": (network(activation=["tanh", "sigmoid", "sigmoid"]), *data(samples=7), nn.SquaredError()),
    "square layers": (
        network([4, 3, 3, 3], ["tanh", "sigmoid", "sigmoid"]),
        *data([4, 3, 3, 3], samples=7),
        nn.BinaryCrossEntropy(),
    ),
    "softmax": (
        network(activation=["sigmoid", "softplus", "softmax"]),
        *data(samples=7, targets="sum to 1"),
        nn.SquaredError(),
    ),
    "cross-entropy": (
        network(activation=["relu", "tanh", "softmax"], seed=3),
        *data(samples=7, targets="sum to 1"),
        nn.CategoricalCrossEntropy(),
    ),
    "one sample": (network(activation="tanh"), *data(samples=1), nn.SquaredError()),
}
PENALTY = nn.L2(0.01)


def names(diagnosis):
    return {name for f in diagnosis.findings for name in (f.what, *f.also)}


def forms(grads):
    yield grads
    yield types.SimpleNamespace(W=dict(grads.W), b=dict(grads.b))
    if isinstance(grads, nn.Gradients):
        yield grads.parameters


def right(case, penalty=None):
    grads = nn.backprop(*case)
    if penalty is not None:
        grads.parameters[...] /= len(case[1])
        for l in grads.W:
            grads.W[l] += penalty.gradient(case[0].W[l])
    return grads


@pytest.mark.parametrize("penalty", [None, PENALTY])
@pytest.mark.parametrize("case", CASES)
def test_none_found_when_the_gradient_is_right(case, penalty):
    for form in forms(right(CASES[case], penalty)):
        found = diagnose(form, *CASES[case], penalty, verbose=False)
        assert found.healthy
        assert found.findings == []
        assert str(found) == "diagnosis: none found"


@pytest.mark.parametrize("name", ZOO)
def test_every_mistake_of_the_zoo_is_named(name):
    planted = 0
    for case in CASES.values():
        for penalty in [PENALTY] if name.startswith(("penalty", "sum for mean")) else [None]:
            try:
                grads = plant(name, *case, penalty)
            except ValueError as error:
                assert "cannot be made on this network" in str(error)  # noqa: PT017
                continue
            planted += 1
            if planted > 2:
                break
            for form in forms(grads):
                found = diagnose(form, *case, penalty, verbose=False)
                if len(case[1]) == 1 and name == "b not summed":
                    assert {f.what for f in found.findings} == {"shape"}
                elif name == "delta 1/N" and not hasattr(form, "delta"):
                    assert names(found) == {"mean for sum"}  # the same gradients
                else:
                    assert name in names(found), str(found)
                    assert len(found.findings) <= 3, str(found)
    assert planted >= 1


@pytest.mark.parametrize(
    ("name", "layer", "where", "text"),
    [
        ("sign flipped", 4, "delta[4]", "sign flipped"),
        ("f' forgotten", 3, "delta[3]", "f' is missing"),
        ("f' forgotten", 2, "delta[2]", "f' is missing"),
        ("f' at a", 2, "delta[2]", "f' is taken at a in place of z"),
        ("delta factor 2", 4, "delta[4]", "twice too large"),
        ("W transposed", 3, "W[3]", "looks transposed"),
        ("W transposed in the flat order", 2, "W[2]", "looks transposed"),
        ("b not summed", 3, "b[3]", "not summed over the batch"),
        ("b of one sample", 2, "b[2]", "only the last sample is counted"),
        ("W 1/N", 4, "W[4]", "divided by the 7 samples"),
        ("mean for sum", None, "gradients", "divided by the 7 samples: this is the gradient of the mean cost"),
        ("updated W in the recursion", 3, "delta[3]", "W[4] had already been updated (by 0.5 times its gradient)"),
        ("a^l for a^{l-1}", 3, "W[3]", "a[3] is used where a[2] belongs"),
        ("z for a", 3, "W[3]", "z[2] is used where a[2] belongs"),
    ],
)
def test_one_layer_that_is_wrong_is_named_and_no_other(name, layer, where, text):
    case = CASES["squared error"]
    for form in forms(plant(name, *case, layer=layer)):
        found = diagnose(form, *case, verbose=False)
        assert [str(f) for f in found.findings] == [f"{where}: {text}"]
        assert str(found) == f"diagnosis\n  {where}: {text}"


def test_a_transpose_too_many_is_what_people_write_and_needs_layers_of_one_size():
    X, T = data(samples=7)[0], np.eye(2)[[0, 1, 1, 0, 1, 0, 0]]
    net, cost = nn.Network([X.shape[1], 4, 4, 2], activation="sigmoid", rng=1), nn.SquaredError()
    planted, trace = plant("W transposed in the recursion", net, X, T, cost), net.forward(X)
    delta_2 = (planted.delta[3] @ net.W[3].T) * trace.a[2] * (1 - trace.a[2])
    np.testing.assert_allclose(planted.delta[2], delta_2, rtol=1e-12)
    for form in forms(planted):
        found = diagnose(form, net, X, T, cost, verbose=False)
        assert str(found) == "diagnosis\n  delta[2]: W[3] looks transposed in the recursion"
    with pytest.raises(ValueError, match="cannot be made on this network"):
        plant("W transposed in the recursion", net, X, T, cost, layer=3)


def test_what_has_several_names_is_told_with_all_of_them():
    case = CASES["squared error"]
    found = diagnose(plant("a − t", *case), *case, verbose=False)
    assert len(found.findings) == 1
    assert {"f' forgotten", "a − t", "delta of another cost"} <= names(found)
    assert "f' is missing; or a − t, which belongs to matched costs only" in str(found)
    assert "the delta of BinaryCrossEntropy in place of SquaredError" in str(found)


@pytest.mark.parametrize("name", ["f' forgotten", "sign flipped", "W factor 2", "b of one sample", "z for a"])
def test_float32(name):
    net, X, T, cost = CASES["squared error"]
    net, X, T = net.astype("float32"), X.astype("float32"), T.astype("float32")
    assert diagnose(nn.backprop(net, X, T, cost), net, X, T, cost, verbose=False).healthy
    grads = plant(name, net, X, T, cost)
    grads = types.SimpleNamespace(
        **{part: {l: a.astype("float32") for l, a in getattr(grads, part).items()} for part in ("delta", "W", "b")}
    )
    assert name in names(diagnose(grads, net, X, T, cost, verbose=False))


def test_several_mistakes_in_several_places():
    case = CASES["squared error"]
    grads = plant("f' forgotten", *case, layer=3)
    grads.W[2] *= 2
    grads.b[4][...] = grads.delta[4][-1]
    for form in forms(grads):
        found = diagnose(form, *case, verbose=False)
        assert [(f.where, f.what) for f in found.findings] == [
            ("b[4]", "b of one sample"),
            ("delta[3]", "f' forgotten"),
            ("W[2]", "W factor 2"),
        ]


def test_a_mistake_that_is_not_known_is_not_guessed():
    case = CASES["squared error"]
    grads = nn.backprop(*case)
    grads.W[3][1, 2] += 0.01
    for form in forms(grads):
        found = diagnose(form, *case, verbose=False)
        assert [(f.where, f.what) for f in found.findings] == [("W[3]", "unknown")]
        assert "most at [1, 2]" in str(found)
        assert "no known mistake" in str(found)
    noise = np.random.default_rng(0).normal(size=case[0].parameter_count)
    found = diagnose(noise, *case, verbose=False)
    assert {f.what for f in found.findings} == {"unknown"}


@pytest.mark.parametrize("factor", [1.01, 3, -0.7])
def test_a_factor_that_is_not_in_the_zoo_is_unknown(factor):
    case = CASES["squared error"]
    assert names(diagnose(factor * nn.backprop(*case).parameters, *case, verbose=False)) == {"unknown"}


def test_shapes_and_numbers_that_cannot_be_are_findings():
    case = CASES["squared error"]
    good = nn.backprop(*case)

    def found(**parts):
        given = types.SimpleNamespace(W=dict(good.W), b=dict(good.b))
        for name, (l, value) in parts.items():
            getattr(given, name)[l] = value
        return [str(f) for f in diagnose(given, *case, verbose=False).findings]

    assert found(W=(3, np.ones((2, 2)))) == ["W[3]: has shape (2, 2), needs (5, 3); no known mistake explains it"]
    assert found(b=(3, good.b[3][None])) == ["b[3]: has shape (1, 5), needs (5,)"]
    assert found(b=(3, good.b[3][:, None])) == ["b[3]: has shape (5, 1), needs (5,)"]
    assert found(W=(3, np.full((5, 3), np.nan))) == ["W[3]: holds NaN or infinite numbers"]
    del good.W._items[-1]
    assert found() == ["W[4]: missing"]
    flat = diagnose(np.ones(3), *case, verbose=False)
    assert str(flat.findings[0]) == "gradients: the flat gradient has shape (3,), needs (47,)"
    flat = diagnose(np.full(47, np.inf), *case, verbose=False)
    assert str(flat.findings[0]) == "gradients: they hold NaN or infinite numbers"


def test_deltas_stored_by_column_are_noticed():
    case = CASES["squared error"]
    good = nn.backprop(*case)
    given = types.SimpleNamespace(W=good.W, b=good.b, delta={l: d.T for l, d in good.delta.items()})
    found = diagnose(given, *case, verbose=False)
    assert {f.where for f in found.findings} == {"delta[2]", "delta[3]", "delta[4]"}
    assert "one row per sample is needed" in str(found)


def test_a_flat_gradient_in_another_order_is_noticed():
    case = CASES["squared error"]
    good = nn.backprop(*case)
    flat = np.concatenate([part[l].ravel() for l in good.W for part in (good.W, good.b)])
    found = diagnose(flat, *case, verbose=False)
    assert [f.what for f in found.findings] == ["order"]
    assert "W and b layer by layer" in str(found)


def test_penalties_on_biases_and_by_layer():
    case = CASES["squared error"]
    grads = right(case, PENALTY)
    for l in grads.b:
        grads.b[l] += PENALTY.gradient(case[0].b[l])
    found = diagnose(grads, *case, PENALTY, verbose=False)
    assert {f.what for f in found.findings} == {"penalty on b"}
    assert diagnose(grads, *case, nn.L2(0.01, biases=True), verbose=False).healthy
    grads = right(case)
    grads.parameters[...] /= 7
    grads.W[3] += PENALTY.gradient(case[0].W[3])
    assert diagnose(grads, *case, {3: PENALTY}, verbose=False).healthy
    found = diagnose(grads, *case, PENALTY, verbose=False)
    assert [(f.where, f.what) for f in found.findings] == [("W[4]", "penalty missing"), ("W[2]", "penalty missing")]


def test_an_l2_gradient_with_an_l1_cost():
    case = CASES["squared error"]
    found = diagnose(right(case, nn.L2(0.02)), *case, nn.L1(0.02), verbose=False)
    assert {f.what for f in found.findings} == {"penalty of another kind"}
    assert "contains 0.02 w" in str(found)


def test_deltas_of_the_mean_go_with_a_penalty():
    case = CASES["squared error"]
    grads = right(case, PENALTY)
    for l in grads.delta:
        grads.delta[l] /= 7
    assert diagnose(grads, *case, PENALTY, verbose=False).healthy


def test_printing_and_repr(capsys):
    case = CASES["squared error"]
    found = diagnose(plant("W transposed", *case), *case)
    assert capsys.readouterr().out == str(found) + "\n" == "diagnosis\n  W[4], W[3], W[2]: looks transposed\n"
    assert repr(found) == "<Diagnosis: 3 findings>"
    assert repr(diagnose(nn.backprop(*case), *case)) == "<Diagnosis: no findings>"
    assert capsys.readouterr().out == "diagnosis: none found\n"
    assert str(Finding("W[2]", "x", "looks odd")) == "W[2]: looks odd"


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda c: plant("no such", *c), ValueError, "name must be one of"),
        (lambda c: plant("penalty twice", *c), ValueError, "needs a penalty"),
        (lambda c: plant("wrong W in the recursion", *c), ValueError, "cannot be made on this network"),
        (lambda c: plant("f' forgotten", *c, learning_rate=0), ValueError, "learning_rate must be"),
        (lambda c: diagnose(c[0].parameters, c[0], c[1][:3], *c[2:]), ValueError, "X has 3 samples, so T needs 3"),
        (lambda c: diagnose(c[0].parameters, c[0], c[1].T, *c[2:]), ValueError, "X must have shape"),
        (lambda c: diagnose(["a"] * 47, *c), TypeError, "grads must hold"),
        (lambda c: diagnose(c[0].parameters, *c, 0.1), TypeError, "penalty must be a Penalty"),
        (lambda c: diagnose(c[0].parameters, *c, tolerance=0), ValueError, "tolerance must be"),
    ],
)
def test_bad_arguments(call, error, words):
    with pytest.raises(error, match=words):
        call(CASES["squared error"])


def test_networks_with_batch_normalisation_are_refused():
    net = nn.Network([4, 3, 2], rng=0, batch_norm={2: nn.BatchNorm()})
    with pytest.raises(ValueError, match="must not have batch normalisation"):
        diagnose(net.parameters, net, *data([4, 3, 2]), nn.SquaredError())


def test_nothing_is_changed():
    net, X, T, cost = CASES["squared error"]
    grads = plant("f' at a", net, X, T, cost)
    arrays = [net.parameters, X, T, grads.parameters, *grads.delta.values()]
    before = [a.tobytes() for a in arrays]
    diagnose(grads, net, X, T, cost, verbose=False)
    assert [a.tobytes() for a in arrays] == before


def test_the_learning_rate_of_a_stale_update_is_found():
    case = CASES["squared error"]
    for rate in (0.01, 2.0):
        found = diagnose(plant("updated W in the recursion", *case, learning_rate=rate), *case, verbose=False)
        assert f"by {rate:g} times its gradient" in str(found)


@pytest.mark.parametrize("name", ZOO)
def test_the_gradient_check_refuses_whatever_the_zoo_plants(name):
    case = CASES["square layers"] if name != "softmax taken elementwise" else CASES["softmax"]
    penalty = PENALTY if name.startswith(("penalty", "sum for mean")) else None
    if name == "a − t":
        case = CASES["squared error"]
    grads = plant(name, *case, penalty)
    if isinstance(grads, nn.Gradients):
        assert not nn.check_gradients(*case, grads, penalty, verbose=False).passed
    else:
        with pytest.raises(ValueError, match="needs the shape of"):
            nn.check_gradients(*case, grads, penalty, verbose=False)
    assert ZOO[name].about.endswith(".")
