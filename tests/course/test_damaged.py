"""Files that are not notebooks, and results that are not arrays: each gets no points and the reason."""

import json

import numpy as np
import pytest

from nnbook.course.assignments import ASSIGNMENTS
from nnbook.course.box import Box
from nnbook.course.limits import Limits
from nnbook.course.tasks import judge

from .submissions import released, source, submission, task_of
from .test_hostile import BATCH, FULL, NAME, unaffected

# --- files that are not notebooks -----------------------------------------------------------------------------------

GOOD = submission(NAME)
DAMAGED = {
    "empty": (b"", "damaged"),
    "cut off": (GOOD[: len(GOOD) // 2], "damaged"),
    "not UTF-8": (GOOD.replace(b"import", b"\xff\xfe\xfa", 1), "not UTF-8"),
    "UTF-16": (GOOD.decode().encode("utf-16"), "not UTF-8"),
    "a list": (b"[1, 2]", "not a notebook"),
    "no cells": (b'{"cells": 3}', "not a notebook"),
    "an odd source": (b'{"cells": [{"cell_type": "code", "source": {"a": 1}}]}', "no readable source"),
    "a JSON bomb": (b"[" * 3_000_000, "not a notebook"),
    "binary": (bytes(range(256)) * 100, "not UTF-8"),
}


@pytest.mark.parametrize(("data", "says"), DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_file_gets_nothing_and_is_told_why(grade, data, says):
    result = grade(NAME, data)
    assert result["score"] == 0
    assert says in result["tasks"][0]["reason"]


def test_cells_missing_doubled_or_edited_change_only_what_they_define(grade):
    nb = source(NAME)
    at = {cell.metadata.get("nbgrader", {}).get("grade_id"): i for i, cell in enumerate(nb.cells)}
    nb.cells[at["hidden-delta"]].source = "assert True"  # an edited check
    nb.cells[at["all-deltas"]].metadata = {}
    nb.cells.append(nb.cells[at["hidden-delta-batch-answer"]])  # an answer twice
    del nb.cells[at["hidden-delta-relu"]]  # a deleted check
    assert grade(NAME, submission(NAME, start=nb))["score"] == FULL
    del nb.cells[at["hidden-delta-answer"]]
    result = grade(NAME, submission(NAME, start=nb))
    unaffected(result, "hidden_delta")
    assert "The function hidden_delta is missing" in task_of(result, "hidden_delta")["reason"]


def test_only_checks_are_left_of_a_release(grade):
    nb = released(NAME)
    nb.cells = [c for c in nb.cells if not c.metadata.get("nbgrader", {}).get("solution")]
    result = grade(NAME, submission(NAME, start=nb))
    assert result["score"] == 0
    assert "is missing: no cell" in result["tasks"][0]["reason"]


def test_lines_for_ipython_are_no_errors(grade):
    magic = "%matplotlib inline\n!ls\nnn.sigmoid?\nget_ipython().run_line_magic('time', '')\ndisplay(1)\n"
    magic += "import nnbook as nn\nx = 5 % 3"
    result = grade(NAME, submission(NAME, last=magic))
    assert (result["score"], result["problems"]) == (FULL, [])


# --- results that are not arrays -------------------------------------------------------------------------------------

ODD = {
    "None": ("None", "is a return missing"),
    "nothing written": ("...", "must hold plain numbers"),
    "text": ("'1.0'", "text"),
    "the wrong shape": ("(d @ W)[0]", "shape"),
    "transposed": ("(d @ W).T", "transposed"),
    "NaN": ("np.full(z.shape, np.nan)", "NaN"),
    "infinity": ("np.full(z.shape, np.inf)", "NaN or infinity"),
    "complex": ("(d @ W) + 1j", "complex"),
    "objects": ("np.full(z.shape, object())", "must hold plain numbers"),
    "ragged": ("[[1, 2], [3]]", "expected"),
    "10 GB": ("np.broadcast_to(1.0, (10**9, 10))", "far too large"),
    "a deep list": ("[[[[[[[np.ones(2)]]]]]]]", "nested too deeply"),
    "an endless generator": ("iter(int, 1)", "more than 100,000"),
    "a function": ("lambda: 1", "a function"),
    "a structure": ("np.zeros(3, dtype=[('a', float)])", "must hold plain numbers"),
    "dates": ("np.array(['2020-01-01'], dtype='datetime64[D]')", "must hold plain numbers"),
    "a dict": ("{'a': 1}", "a dict"),
    "a cycle": ("(lambda l: l.append(l) or l)([])", "nested too deeply"),
}


@pytest.mark.parametrize(("value", "says"), ODD.values(), ids=ODD)
def test_odd_results_get_nothing_and_are_described(box, value, says):
    reason = box(value)
    assert says in reason


@pytest.fixture(scope="module")
def box(isolation):
    """box(expression) → what is said about a function hidden_delta_batch that returns it; one process for all."""
    task = next(t for t in ASSIGNMENTS[NAME].tasks if t.function == BATCH)
    cells = [{"cell_type": "code", "source": "import numpy as np\nVALUES = " + repr([v for v, _ in ODD.values()])}]
    cells += [
        {
            "cell_type": "code",
            "source": "which = None\ndef hidden_delta_batch(d, W, z):\n    return eval(VALUES[which])",
        }
    ]
    cells += [{"cell_type": "code", "source": "def choose(i):\n    global which\n    which = i\n    return i"}]
    notebook = json.dumps({"cells": cells}).encode()
    with Box(notebook, Limits(seconds=4), isolation) as opened:

        def described(value):
            place = [v for v, _ in ODD.values()].index(value)
            assert opened.call("choose", [[place]])[0]["value"] == place
            draws = [task.draw(np.random.default_rng(3), 1)]
            verdict = judge(task, draws, opened.call(BATCH, [draws[0].arguments]), None)
            assert verdict.score == 0
            return verdict.reason

        yield described


def test_keys_that_are_no_layers_are_no_layers(grade):
    for key in ("²", "٣٣", "-", "1e3", ""):
        code = f"def all_deltas(d, W, z):\n    return {{{key!r}: d}}"
        result = grade(NAME, submission(NAME, {"all_deltas": code}))
        unaffected(result, "all_deltas")
        assert "layer 2 is missing" in task_of(result, "all_deltas")["reason"].lower()
