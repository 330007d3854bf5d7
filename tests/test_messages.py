"""Errors for what users of other libraries write by mistake say what to write instead."""

import numpy as np
import pytest

import nnbook as nn

X, LABELS = np.random.default_rng(0).normal(size=(6, 4)), [0, 1, 2, 0, 1, 2]
T = nn.one_hot(LABELS, 3)


class Tensor:
    """Behaves like another library's tensor that records its gradient."""

    def detach(self):
        return self

    def __array__(self, *_, **__):
        raise RuntimeError("Can't call numpy() on Tensor that requires grad.")


class Frame:
    """Behaves like a data frame with text besides its numbers."""

    def to_numpy(self):
        return np.array([["a", 1]], dtype=object)

    def __array__(self, *_, **__):
        return self.to_numpy()


class Sparse:
    def toarray(self):
        return X

    def __array__(self, *_, **__):
        return np.array(self, dtype=object)


def net(**options):
    return nn.Network([4, 3], ["softmax"], rng=0, **options)


def fit(X=X, T=T, cost=None, **options):
    options = {"optimizer": "sgd", "epochs": 1} | options
    return nn.fit(net(), X, T, cost or nn.CategoricalCrossEntropy(), **options)


def model(loss):
    return nn.Sequential([nn.Dense(3)]).compile(loss=loss)


CASES = [
    (lambda: nn.Network([4, 3], "sigmiod", rng=0), "did you mean 'sigmoid'?"),
    (lambda: nn.Network([4, 3], nn.LeakyReLU, rng=0), "the class itself; write LeakyReLU(…)"),
    (lambda: net(initializer="he_norma"), "did you mean 'he_normal'?"),
    (lambda: net(batch_norm={2: nn.BatchNorm}), "batch_norm[2] must be a BatchNorm; it is"),
    (lambda: fit(optimizer="adma"), "did you mean 'adam'?"),
    (lambda: fit(optimizer=nn.Adam), "write Adam(…)"),
    (lambda: fit(callbacks=[nn.EarlyStopping]), "write EarlyStopping(…)"),
    (lambda: fit(callbacks=nn.EarlyStopping()), "write callbacks=[EarlyStopping(…)]"),
    (lambda: fit(penalty=nn.L2), "write L2(…)"),
    (lambda: fit(penalty={2: nn.L2}), "penalty[2] must be a Penalty such as nn.L2(1e-4)"),
    (lambda: fit(penalty=0.1), "a Penalty such as nn.L2(1e-4)"),
    (lambda: fit(cost=nn.SquaredError), "write SquaredError(…)"),
    (lambda: fit(T=LABELS), "class labels become such rows with nn.one_hot(T, 3)"),
    (lambda: fit(T=np.array(LABELS)[:, None]), "nn.one_hot(T[:, 0], 3)"),
    (lambda: fit(validation=(X, LABELS)), "nn.one_hot(validation T, 3)"),
    (lambda: fit(metrics="accuracy"), "write metrics=['accuracy']"),
    (lambda: fit(metrics=["acuracy"]), "did you mean 'accuracy'?"),
    (lambda: fit(rng=np.random), "write rng=0, or np.random.default_rng(0)"),
    (lambda: nn.fit(nn.Network([4, 1], rng=0), X, X[:, 0], nn.SquaredError(), optimizer="sgd", epochs=1),
     "write T[:, None] for one number per sample"),
    (lambda: net().predict(Tensor()), "write .detach().cpu().numpy()"),
    (lambda: net().predict(Frame()), "write .to_numpy(dtype=float), on numeric columns only"),
    (lambda: net().predict(Sparse()), "write .toarray() for a dense array"),
    (lambda: net().predict(np.ma.masked_array(X, X > 1)), "3 entries masked"),
    (lambda: net().predict(np.zeros((2, 2, 2))), "write X.reshape(len(X), -1)"),
    (lambda: net().predict(X.T), "it looks transposed"),
    (lambda: nn.Sequential([nn.Dense]), "write Dense(…)"),
    (lambda: nn.Dense(3, kernel_regularizer=nn.L2), "write L2(…)"),
    (lambda: model("categorical_crossentopy"), "did you mean 'categorical_crossentropy'?"),
    (lambda: model(nn.SquaredError), "write SquaredError(…)"),
    (lambda: nn.check_gradients(net(), X, T, nn.SquaredError(), method="centrall"), "did you mean 'central'?"),
    (lambda: nn.numerical_gradient(np.sum, [1.0], method="sentral"), "did you mean 'central'?"),
    (lambda: nn.output_delta(X, X, "ReLU"), "write nn.relu"),
    (lambda: nn.EarlyStopping(mode="maximum"), "mode must be one of auto, min, max"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "words"), CASES, ids=[words for _, words in CASES])
def test_a_mistake_is_answered_with_what_to_write(call, words):
    with pytest.raises((TypeError, ValueError)) as caught:
        call()
    assert words in str(caught.value)


@pytest.mark.parametrize("name", ["ReLU", "relu", "RELU", "Leaky ReLU", "leakyrelu"])
def test_names_are_found_in_upper_and_lower_case(name):
    if name == "leakyrelu":
        with pytest.raises(ValueError, match="did you mean 'leaky_relu'"):
            nn.activations.get(name)
    else:
        assert nn.activations.get(name).name == name.lower().replace(" ", "_")
