"""A rare reading saves no equation of a file whose other equations contradict it."""

import pytest

from nnbook.equations import documents, examine, one_meaning

NET = r"z^l = W^l a^{l-1} + b^l"
HALF = (
    NET,
    r"C = \frac{1}{2} \sum_j (a^L_j - y_j)^2",
    r"\frac{\partial C}{\partial a^L_j} = a^L_j - y_j",
    r"\delta^L = (a^L - y) \odot \sigma'(z^L)",
)
NO_HALF = (
    NET,
    r"C = \sum_j (a^L_j - y_j)^2",
    r"\frac{\partial C}{\partial a^L_j} = 2 (a^L_j - y_j)",
    r"\delta^L = 2 (a^L - y) \odot \sigma'(z^L)",
)
ONCE = r"\delta^L_j = (a^L_j - y_j) \sigma'(z^L_j)"
TWICE = r"\delta^L_j = 2 (a^L_j - y_j) \sigma'(z^L_j)"
UNREAD = r"C = \text{the cost, as above}"

COLUMNS = (
    r"Z^{[l]} = W^{[l]} A^{[l-1]} + b^{[l]}",
    r"dW^{[l]} = \frac{1}{m} dZ^{[l]} A^{[l-1]T}",
    r"dA^{[l-1]} = W^{[l]T} dZ^{[l]}",
    r"db^{[l]} = \frac{1}{m} \sum_{i=1}^{m} dZ^{[l](i)}",
)
ROWS = (
    r"Z^{[l]} = A^{[l-1]} W^{[l]} + b^{[l]}",
    r"dW^{[l]} = \frac{1}{m} A^{[l-1]T} dZ^{[l]}",
    r"dA^{[l-1]} = dZ^{[l]} W^{[l]T}",
)
SUM = r"dW^{[l]} = dZ^{[l]} A^{[l-1]T}"
ONE_SAMPLE = (
    r"z^{[l]} = W^{[l]} a^{[l-1]} + b^{[l]}",
    r"dW^{[l]} = dz^{[l]} a^{[l-1]T}",
    r"da^{[l-1]} = W^{[l]T} dz^{[l]}",
    r"db^{[l]} = dz^{[l]}",
)

LAST_REFUTED = [  # (displays, the last of which is wrong by the others; what is said of it)
    ((*HALF, TWICE), "it would hold for squared error without ½; then these would not: line 6, line 10, line 14"),
    ((*NO_HALF, ONCE), "it would hold for squared error; then these would not: line 6, line 10, line 14"),
    ((*COLUMNS, ROWS[0]), "it would hold where samples are rows, and a weight's two indices are in the order from, to"),
    ((*COLUMNS, ROWS[1]), "then these would not: line 2, line 6, line 10"),
    ((*COLUMNS, ROWS[2]), "then these would not: line 2, line 6, line 10"),
    (
        (*COLUMNS, SUM),
        "it would hold where the cost is the sum over all samples; then these would not: line 6, line 14",
    ),
]
NONE_REFUTED = [
    (*HALF, ONCE),
    (*NO_HALF, TWICE),
    (*HALF, *NO_HALF[1:], TWICE),  # a second cost
    (*HALF, NO_HALF[1], TWICE),
    (*HALF, UNREAD, TWICE),  # the file may state it
    (*COLUMNS, COLUMNS[1]),
    (*COLUMNS, *ROWS[:2]),  # a second layout
    (*ONE_SAMPLE, ROWS[0]),  # one sample as a column, all of them as rows
    ROWS,
    (*COLUMNS, *ONE_SAMPLE),
]


def found_in(tmp_path, displays):
    page = tmp_path / "page.md"
    page.write_text("".join(f"$$\n{display}\n$$\n\n" for display in displays), encoding="utf-8")
    return examine.examine(documents.read(page)).results


@pytest.mark.parametrize(("displays", "said"), LAST_REFUTED)
def test_a_cost_or_a_layout_that_the_file_contradicts_saves_no_equation(displays, said, tmp_path):
    *others, last = [result.verdict for result in found_in(tmp_path, displays)]
    assert {verdict.status for verdict in others} <= {"holds", "depends"}
    assert last.status == "refuted"
    assert said in last.detail


@pytest.mark.parametrize("displays", NONE_REFUTED)
def test_a_file_keeps_the_costs_and_layouts_that_it_states(displays, tmp_path):
    verdicts = [result.verdict for result in found_in(tmp_path, displays)]
    assert {verdict.status for verdict in verdicts} <= {"holds", "depends", "unreadable"}
    assert [v.status for v in verdicts].count("unreadable") == displays.count(UNREAD)


def test_a_bug_met_while_one_meaning_is_looked_for_ends_no_file(tmp_path, monkeypatch):
    def broken(verdict, notation, judge, propose=True):
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(one_meaning, "_again", broken)
    *others, last = found_in(tmp_path, (*COLUMNS, ROWS[0]))
    assert [result.verdict.status for result in others] == ["holds"] * 4
    assert not any(result.broken for result in others)
    assert last.broken
    assert last.verdict.detail == "the checker failed here, which is a bug of its own (ZeroDivisionError: by zero)"


def test_a_bug_met_while_a_refutation_is_doubted_ends_no_file(tmp_path, monkeypatch):
    def broken(latex, letters):
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(examine, "without", broken)
    displays = (r"h = q_3(x)", r"\sigma'(z) = \sigma(z) (1 - \sigma(z)) = h^2 (1 - h)")
    *others, last = found_in(tmp_path, displays)
    assert not any(result.broken for result in others)
    assert last.broken
    assert last.verdict.detail == "the checker failed here, which is a bug of its own (ZeroDivisionError: by zero)"
