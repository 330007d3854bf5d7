"""The scikit-learn faces pass scikit-learn's own checks, and train the book's network."""

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
