"""Wrong equations of seven kinds never hold, and right ones keep their verdict when they are rewritten."""

import equation_generators as generators
import pytest

COUNT = 500


@pytest.fixture(scope="module")
def wrong():
    return list(generators.wrong(COUNT))


@pytest.fixture(scope="module")
def right():
    return list(generators.right(COUNT))


def test_no_wrong_equation_is_held(wrong, record_checked):
    held = [(made.change, made.notation, made.latex) for made in wrong if generators.holds(made)]
    assert held == []
    record_checked("generated equations", wrong_refused=len(wrong))


def test_every_rewriting_of_a_right_equation_holds(right, record_checked):
    refused = [(made.change, made.notation, made.latex, why) for made in right if (why := generators.refusal(made))]
    assert refused == []
    record_checked("generated equations", rewritings_held=len(right))


def test_every_kind_of_change_is_made(wrong, right):
    kinds = {made.change for made in wrong}
    assert kinds >= {"constant near 1", "shift near 0", "literal index", "range cut", "scope moved", "letter reused"}
    assert kinds >= {"assumption dropped", "identity, constant near 1"}
    kinds = {made.change for made in right}
    assert kinds >= {"sides moved", "index letters renamed", "sum split", "transposed twice", "identity"}
    assert kinds >= {f"translated to {name}" for name in generators.LETTERS}


def test_a_right_equation_among_the_wrong_ones_is_found_out():
    right = generators.Made("nothing changed", r"\delta^l_j = \frac{\partial C}{\partial z^l_j}", "book", {})
    assert generators.holds(right)
    wrong = generators.Made("a prime lost", r"\delta^L_j = \frac{\partial C}{\partial a^L_j}", "book", {})
    assert generators.refusal(wrong)
