"""Every equation in the table gets the right verdict, whatever its label."""

import numpy as np
import pytest
from truth_table import CASES

from nnbook.equations import EquationError, Judge, check, worlds


@pytest.mark.parametrize(("name", "notation", "latex", "assumed", "expected"), CASES, ids=[case[0] for case in CASES])
def test_verdict(name, notation, latex, assumed, expected):
    (verdict,) = Judge(notation, **assumed).judge(latex, label=name)
    assert verdict.status in expected.split("|"), verdict
    if verdict.status == "depends":
        assert "holds" in verdict.detail
    if verdict.status == "holds":
        assert verdict.comparisons > 0


@pytest.mark.parametrize("name", [case[0] for case in CASES if case[1] is not None])
def test_the_label_decides_nothing(name, monkeypatch):
    """Under two labels an equation has the same verdict, and all its random numbers come from the same seeds."""
    _, notation, latex, assumed, _ = next(case for case in CASES if case[0] == name)
    generator, seeds, outcomes = np.random.default_rng, {}, set()

    def recorded(seed):
        seeds[label].append(seed)
        return generator(seed)

    monkeypatch.setattr(np.random, "default_rng", recorded)
    for label in ("eq-1", "another label"):
        seeds[label] = []
        worlds.network.cache_clear()
        worlds._points.cache_clear()
        try:
            outcome = check(latex, label=label, notation=notation, explain=False, **assumed)
            outcomes.add(("holds", outcome.comparisons))
        except EquationError as error:
            outcomes.add((type(error).__name__, str(error).replace(label, "")))
    assert len(outcomes) == 1
    assert seeds["eq-1"] == seeds["another label"]
    assert seeds["eq-1"] or ("UnreadableEquation" in str(outcomes)), outcomes


REMARKED = {
    "bad-c13": "every activation that the package has, and not for every smooth f",
    "bad-c15": "identity",
    "bad-c17": "claims nothing",
    "ok-c13": "nowhere tight",
}


@pytest.mark.parametrize("name", REMARKED)
def test_what_holds_and_says_little_is_remarked(name):
    _, notation, latex, assumed, _ = next(case for case in CASES if case[0] == name)
    assert REMARKED[name] in Judge(notation, **assumed).judge(latex)[0].remark


def test_the_two_readings_of_an_index_are_named():
    (verdict,) = Judge("book").judge(r"z^l_j = \sum_i w^l_{ij} a^{l-1}_i + b^l_j")
    assert verdict.status == "refuted"
    assert "units of layer l in" in verdict.detail
    assert "units of layer l − 1 in" in verdict.detail
