"""On the examples of SciEqLint 1.1.0, which decides scalar algebra exactly, the verdicts agree.

The statements are those of its examples, fixtures and accuracy benchmarks; what it says of each was taken from a run
of `scieqlint check` on a file with that statement alone. Its "quiet" covers what it proves and what it does not judge,
so here such a statement must not be refuted; its error ALG001 must be a refutation.
"""

import pytest

from nnbook.equations import documents, examine

QUIET, WRONG = "quiet", "ALG001"

SAID = [
    ("(a+b)^2 = a^2 + b^2", WRONG),
    ("(a+b)^2 = a^2 + 2*a*b + b^2", QUIET),
    ("a = a", QUIET),
    ("force = mass*accel", QUIET),
    (r"\frac{1}{2} x = x / 2", QUIET),
    (r"a \cdot b = a \times b", QUIET),
    ("E = m c^2", QUIET),
    ("F = m a", QUIET),
    ("V = V", QUIET),
]
# It accepts these, because it takes the root of a square without the absolute value: both fail at x = -1.
SHARPER = [r"\sqrt{x^2} = x", r"\sqrt{(x-1)^2} = x - 1", r"\sqrt{(x+1)^2} = x + 1"]
# What it proves right is not skipped here either.
PROVED = [
    "(a+b)^2 = a^2 + 2*a*b + b^2",
    r"\frac{1}{2} x = x / 2",
    r"a \cdot b = a \times b",
    "x^{-1} = 1/x",
    "a = a",
    "V = V",
]
# Neither true nor false, because its letters are not defined: here it is not judged, but not skipped either.
OPEN = ["E = m c^2", "F = m a"]
# It does not read these, and says so.
FURTHER = [(r"\sin(x)^2 + \cos(x)^2 = 1", "holds"), (r"\sin(x) = x", "refuted")]


def verdict(latex, name="n.md", before="$$\n", after="\n$$\n", tmp_path=None, notation=None):
    path = tmp_path / name
    path.write_text(before + latex + after, encoding="utf-8")
    report = examine.examine(documents.read(path), notation)
    return [result.verdict.status for result in report.results]


@pytest.mark.parametrize(("latex", "said"), SAID)
def test_the_verdict_is_the_peer_s(latex, said, tmp_path):
    for name, before, after in (
        ("n.md", "$$\n", "\n$$\n"),
        ("n.md", "```{math}\n:label: energy\n", "\n```\n"),
        ("n.tex", "\\begin{equation}\n", "\n\\end{equation}\n"),
    ):
        (status,) = verdict(latex, name, before, after, tmp_path)
        assert (status == "refuted") == (said == WRONG), f"{latex}: {status}"


@pytest.mark.parametrize("latex", SHARPER)
def test_a_root_of_a_square_has_its_sign(latex, tmp_path):
    assert verdict(latex, tmp_path=tmp_path) == ["refuted"]


@pytest.mark.parametrize("latex", PROVED)
def test_what_the_peer_proves_holds(latex, tmp_path):
    assert verdict(latex, tmp_path=tmp_path) == ["holds"]


@pytest.mark.parametrize("latex", OPEN)
def test_what_only_values_can_decide_is_not_green(latex, tmp_path):
    assert verdict(latex, tmp_path=tmp_path) == ["needs values"]
    path = tmp_path / "n.md"
    assert examine.exit_status([examine.examine(documents.read(path))]) == 2


@pytest.mark.parametrize(("latex", "status"), FURTHER)
def test_what_the_peer_leaves_open_is_judged(latex, status, tmp_path):
    assert verdict(latex, tmp_path=tmp_path, notation="book") == [status]


def test_its_aligned_rows_are_two_verdicts(tmp_path):
    rows = "E &= m c^2 \\\\[3pt]\nF &= m a"
    statuses = verdict(rows, "n.tex", "\\begin{align}\n", "\n\\end{align}\n", tmp_path)
    assert len(statuses) == 2
    assert "refuted" not in statuses
