"""The scikit-learn estimators pass scikit-learn's own checks, and train the book's network."""

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="scikit-learn is not installed; requirements-dev.txt names it")

from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_iris
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

import nnbook as nn


@pytest.mark.filterwarnings("ignore::UserWarning")  # scikit-learn's own, on checks it skips and on what they provoke
@pytest.mark.parametrize("kind", [nn.NetworkClassifier, nn.NetworkRegressor])
def test_scikit_learns_own_checks_pass(kind):
    results = check_estimator(kind(hidden=(16,), epochs=60), on_skip=None)
    assert {result["status"] for result in results} <= {"passed", "skipped"}
    assert sum(result["status"] == "passed" for result in results) > 40


def test_a_pipeline_with_a_grid_search_reads_the_iris():
    X, y = load_iris(return_X_y=True)
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    pipeline = make_pipeline(StandardScaler(), nn.NetworkClassifier(epochs=20, random_state=0))
    search = GridSearchCV(pipeline, {"networkclassifier__hidden": [(4,), (8, 5)]}, cv=3)
    search.fit(X, names)
    assert search.score(X, names) > 0.93
    probabilities = search.predict_proba(X)
    assert probabilities.shape == (150, 3)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert set(search.predict(X)) == set(names)


def test_two_classes_use_one_output_and_give_two_columns():
    X, y = load_iris(return_X_y=True)
    model = nn.NetworkClassifier(epochs=30, random_state=0).fit(X[:100], y[:100])
    assert model.network_.sizes[model.network_.L] == 1
    assert model.predict_proba(X[:3]).shape == (3, 2)
    assert model.score(X[:100], y[:100]) == 1.0


def test_the_regressor_explains_the_diabetes_data_and_keeps_the_shape_of_y():
    X, y = load_diabetes(return_X_y=True)
    X = X * 20
    model = nn.NetworkRegressor(hidden=(8,), epochs=40, alpha=0.01, random_state=0)
    assert model.fit(X, y).score(X, y) > 0.45
    assert model.predict(X).shape == (442,)
    both = clone(model).fit(X, np.column_stack([y, -y]))
    assert both.predict(X).shape == (442, 2)


def test_the_same_random_state_gives_the_same_model_and_early_stopping_stops():
    X, y = load_diabetes(return_X_y=True)
    model = nn.NetworkRegressor(epochs=300, random_state=4, validation_fraction=0.2, patience=3)
    a, b = clone(model).fit(X, y), clone(model).fit(X, y)
    assert np.array_equal(a.predict(X), b.predict(X))
    assert a.n_iter_ < 300
    assert a.history_.stopped.startswith("EarlyStopping")


def test_sparse_rows_give_what_dense_ones_give():
    sparse = pytest.importorskip("scipy.sparse")
    X, y = load_iris(return_X_y=True)
    model = nn.NetworkClassifier(epochs=5, random_state=0)
    dense = clone(model).fit(X, y).predict_proba(X)
    packed = clone(model).fit(sparse.csr_matrix(X), y)
    assert np.array_equal(packed.predict_proba(sparse.csc_array(X)), dense)


def test_one_number_is_one_hidden_layer():
    X, y = load_iris(return_X_y=True)
    assert list(nn.NetworkClassifier(hidden=7, epochs=1).fit(X, y).network_.sizes.values()) == [4, 7, 3]


def test_sorted_rows_do_not_starve_the_validation_set():
    X, y = load_iris(return_X_y=True)  # fifty of each kind, one after the other
    model = nn.NetworkClassifier(epochs=100, validation_fraction=0.2, random_state=0).fit(X, y)
    assert model.score(X, y) > 0.95
    assert model.history_.validation_accuracy[-1] > 0.9


def test_partial_fit_goes_on_where_the_last_call_ended():
    X, y = load_iris(return_X_y=True)
    parts = nn.NetworkClassifier(batch_size=150, random_state=0, alpha=0)
    for _ in range(4):
        parts.partial_fit(X, y)
    whole = clone(parts).set_params(epochs=4).fit(X, y)  # one batch per epoch, so that the order does not matter
    np.testing.assert_allclose(parts.predict_proba(X), whole.predict_proba(X), rtol=1e-12)
    late = nn.NetworkClassifier(random_state=0).partial_fit(X[:50], y[:50], classes=[0, 1, 2])
    assert late.partial_fit(X, y).predict_proba(X).shape == (150, 3)
    with pytest.raises(ValueError, match=r"y holds .*5.*, which is not among the classes"):
        late.partial_fit(X, y + 5)


def test_a_warm_start_takes_the_network_that_is_there():
    X, y = load_diabetes(return_X_y=True)
    warm = nn.NetworkRegressor(epochs=3, batch_size=442, warm_start=True, random_state=0)
    whole = clone(warm).set_params(epochs=6).fit(X, y)
    np.testing.assert_allclose(warm.fit(X, y).fit(X, y).predict(X), whole.predict(X), rtol=1e-9)


def test_a_sample_can_have_several_labels():
    X, y = load_iris(return_X_y=True)
    Y = np.column_stack([y == 0, y != 1, X[:, 0] > 5.8]).astype(int)
    model = nn.NetworkClassifier(epochs=60, random_state=0).fit(X, Y)
    assert model.predict(X).shape == (150, 3)
    assert (model.predict(X) == Y).mean() > 0.93
    assert np.array_equal(model.predict(X), (model.predict_proba(X) > 0.5).astype(int))
