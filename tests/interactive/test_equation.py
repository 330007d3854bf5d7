"""An equation broken in a notebook is judged by the checker, not by stored verdicts."""

from pathlib import Path

import pytest

import nnbook as nn

BOOK = Path(__file__).resolve().parents[2] / "book"
LABEL = "eq-hidden-delta"


@pytest.fixture
def in_the_book(monkeypatch):
    monkeypatch.chdir(BOOK)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)


def test_the_printed_equation_holds_and_invites_to_change_it(in_the_book):
    shown = nn.interactive.equation(LABEL)
    assert shown.status == "holds"
    assert shown.detail.startswith(f"{LABEL}  holds (")
    words = shown._repr_markdown_()
    assert words.count(shown.printed.strip()) == 2
    assert f'nn.interactive.equation("{LABEL}", r"""' in words


def test_a_version_without_the_prime_is_refuted_with_a_counterexample(in_the_book):
    printed = nn.interactive.equation(LABEL).printed
    assert "f'" in printed
    broken = nn.interactive.equation(LABEL, printed.replace("f'", "f"))
    assert broken.status == "refuted"
    assert "left side" in broken.detail
    assert "**refuted**" in broken._repr_markdown_()
    assert "Change it" not in broken._repr_markdown_()


def test_assumptions_reach_the_check(in_the_book):
    free = r"f'(z^L_j) = a^L_j (1 - a^L_j)"
    assert nn.interactive.equation(LABEL, free, hidden="sigmoid", output="sigmoid").status == "holds"
    assert nn.interactive.equation(LABEL, free).status in ("refuted", "depends")


def test_what_cannot_be_read_says_where(in_the_book):
    unread = nn.interactive.equation(LABEL, r"\delta^l_i = \foo")
    assert unread.status == "unreadable"
    assert "^" in unread.detail


def test_what_is_refused(in_the_book):
    with pytest.raises(TypeError, match="label must be a string; it is 3"):
        nn.interactive.equation(3)
    with pytest.raises(TypeError, match="latex must be a string; it is 3"):
        nn.interactive.equation(LABEL, 3)
    with pytest.raises(nn.equations.EquationError, match="eq-nowhere"):
        nn.interactive.equation("eq-nowhere")
