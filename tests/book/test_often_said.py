"""Every claim of "Often said, and wrong" is refuted by an assertion, which fails where the claim is true."""

import re

import chapters
import matplotlib
import pytest
from small_chapter import ROOT

PATH = ROOT / "book" / "often-said-and-wrong.ipynb"

# For each claim: a change of its cells after which the claim is true, mostly the case that its "Half right" speaks of.
WORLDS_WHERE_IT_IS_TRUE = {
    "said-gradient-minimum": ("10 * theta[1] ** 2", "theta[1] ** 2"),  # a round bowl
    "said-every-step": ("[[1.0], [-1.0]]", "[[1.0], [0.8]]"),  # samples that agree
    "said-smaller-h": ("(g(1 + h) - g(1 - h)) / (2 * h)", "g(1 + 1j * h).imag / h"),  # the complex step
    "said-shuffling": ("batch_size=4", "batch_size=len(X)"),
    "said-a-minus-t": ("nn.SquaredError()", "nn.BinaryCrossEntropy()"),
    "said-delta-zero": ("[[2.0]], [[1.0]]", "[[2.0]], [[0.0]]"),  # a target that is met
    "said-differentiable": ('"relu"', '"step"'),
    "said-tanh": ("nn.initializers.Normal(0.1)", '"glorot_normal"'),
    "said-inside-log": ("1e-5\n", "0.0\n"),
    "said-l2-gradient": ("lam * np.sum", "lam / 2 * np.sum"),
    "said-l1-prefers": ("nn.L2(1.0)", "(lambda w: w.sum() ** 2)"),
    "said-dropout": ("rng=rng)", "rng=7)"),
    "said-test-error": ("return accuracy[rises[0]] if len(rises) else accuracy[-1]", "return accuracy[-1]"),
    "said-adam-variance": ("np.full(10, 3.0)", "np.tile([3.0, -3.0], 5)"),
}


def claims():
    """The claims in order, as (label, heading, sources of its code cells, its text)."""
    found = []
    for cell in chapters.read(PATH).cells:
        if cell.cell_type == "code":
            if found:
                found[-1][2].append(cell.source)
            continue
        for piece in re.split(r"(?m)^(?=\(said-|## )", cell.source):
            heading = re.match(r"\((said-[a-z0-9-]+)\)=\s+### (.+)\n", piece)
            if heading:
                found.append([heading[1], heading[2], [], piece[heading.end() :]])
            elif found:
                found[-1][3] += piece
    return found


CLAIMS = claims()


@pytest.fixture(scope="module")
def before():
    """What the page has defined when each claim begins, from running it top to bottom."""
    matplotlib.use("agg")
    names, states = {}, {}
    exec(next(cell.source for cell in chapters.read(PATH).cells if cell.cell_type == "code"), names)
    for label, _, sources, _ in CLAIMS:
        states[label] = dict(names)
        for source in sources:
            exec(source, names)
    return states


def test_every_claim_is_there_once():
    labels = [label for label, *_ in CLAIMS]
    assert len(labels) == len(set(labels)) == 14
    assert sorted(labels) == sorted(WORLDS_WHERE_IT_IS_TRUE)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim[0])
def test_a_claim_is_refuted_and_its_half_truth_told(claim):
    _, heading, sources, text = claim
    assert "assert" in "".join(sources), f"{heading}: no cell refutes it"
    assert re.search(r"\*\*Half right:\*\* [^\n]+\{doc\}`\d\d-[a-z-]+`", text), f"{heading}: half right, and where?"


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim[0])
def test_the_assertion_fails_where_the_claim_is_true(claim, before):
    label, _, sources, _ = claim
    old, new = WORLDS_WHERE_IT_IS_TRUE[label]
    source = "\n".join(sources)
    assert old in source, f"{label}: the cells have changed; say again where the claim is true"
    names = dict(before[label])
    exec(source, dict(names))  # as printed it holds
    with pytest.raises(AssertionError):
        exec(source.replace(old, new), names)
