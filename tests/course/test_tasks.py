"""The laws themselves, without a submission: draws that hide nothing, comparisons that can fail, messages refused."""

import json
import re
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nnbook as nn
from nnbook.course import assignments, showing, tasks
from nnbook.course.assignments import ASSIGNMENTS
from nnbook.course.comparing import compare
from nnbook.course.inside import messages as harness
from nnbook.course.inside.plain import plain

from .submissions import ROOT, notebooks

TASKS = [(assignment, task) for assignment in ASSIGNMENTS.values() for task in assignment.tasks]
IDS = [task.function for _, task in TASKS]


def draws(task, seed=0):
    return [task.draw(np.random.default_rng([seed, i]), i) for i in range(task.draws)]


def arrays(value):
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from arrays(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from arrays(item)


@pytest.mark.parametrize(("assignment", "task"), TASKS, ids=IDS)
def test_cases_come_from_the_seed_and_from_nothing_else(assignment, task):
    def shown(seed):
        return [showing.shown(d.arguments, 10**6) for d in draws(task, seed)]

    assert shown(1) == shown(1)
    assert shown(1)[1:] != shown(2)[1:]


@pytest.mark.parametrize(("assignment", "task"), TASKS, ids=IDS)
def test_no_size_hides_a_transpose(assignment, task):
    for draw in draws(task):
        for array in arrays([a for a in draw.arguments if not (isinstance(a, dict) and "function" in a)]):
            assert array.ndim < 2 or array.shape[0] != array.shape[1]


@pytest.mark.parametrize(
    ("assignment", "task"), [t for t in TASKS if t[1].judge is None], ids=lambda v: getattr(v, "name", "")
)
def test_the_right_result_is_accepted_and_every_wrong_one_refused(assignment, task):
    def verdict(values):
        made = draws(task)
        return tasks.judge(task, made, [{"value": plain(v)} for v in values], _silent)

    made = draws(task)
    assert verdict([d.right for d in made]).passed
    names = set().union(*(d.wrong for d in made))
    for name in names:
        with np.errstate(all="ignore"):
            wrong = [d.wrong[name]() for d in made]
        outcome = verdict(wrong)
        assert not outcome.passed, name
        assert outcome.findings == [name]
    single = [_scaled(d.right, 1.01) for d in made]
    assert verdict(single).score == 0 or all(np.all(a == 0) for d in made for a in arrays(d.right))


def _silent(function, calls):
    return [{"error": "no answer"}] * len(calls)


def _scaled(value, factor):
    if isinstance(value, dict):
        return {k: _scaled(v, factor) for k, v in value.items()}
    if isinstance(value, tuple):
        return [_scaled(v, factor) for v in value]
    return np.asarray(value) * factor


@pytest.mark.parametrize(("assignment", "task"), TASKS, ids=IDS)
def test_feedback_leads_to_a_section_that_exists(assignment, task):
    chapter = ROOT / "book" / f"{task.chapter}.ipynb"
    text = "\n".join(cell.source for cell in notebooks.read(chapter).cells if cell.cell_type == "markdown")
    assert not task.label or f"({task.label})" in text


def test_laws_agree_with_the_packages_formulas():
    """Two ways to the same numbers: the complex step of the cost, and the four formulas."""
    by_name = {task.function: task for _, task in TASKS}
    for draw in draws(by_name["hidden_delta_batch"]):
        delta_next, W_next, z = draw.arguments
        np.testing.assert_allclose(draw.right, nn.hidden_delta(delta_next, W_next, z, nn.sigmoid), rtol=1e-12)
    for draw in draws(by_name["output_delta_softmax"]):
        np.testing.assert_allclose(draw.right, nn.output_delta(*draw.arguments, nn.softmax), rtol=1e-9, atol=1e-15)
    for draw in draws(by_name["weight_gradient"]):
        np.testing.assert_allclose(draw.right, nn.weight_gradient(*draw.arguments), rtol=1e-9)


@pytest.mark.parametrize(
    ("function", "mistake"),
    [
        ("relative_error", lambda g, h: np.linalg.norm(g - h) / (np.linalg.norm(g) or 1)),
        ("relative_error", lambda g, h: np.linalg.norm(g - h) / (np.linalg.norm(h) or 1)),
        ("predict", lambda W, b, X: nn.sigmoid(nn.sigmoid(X @ W[2].T) @ W[3].T).argmax(axis=1)),
        ("one_hot", lambda labels, classes: np.eye(labels.max() + 1)[labels]),
        ("cross_entropy_from_z", lambda z, t: (np.log(1 + np.exp(z)) - t * z).sum(axis=1)),
    ],
)
def test_no_luck_makes_a_mistake_right(function, mistake):
    task = next(task for _, task in TASKS if task.function == function)
    with np.errstate(over="ignore"):
        for seed in range(60):
            made = draws(task, seed)
            answers = [{"value": plain(mistake(*d.arguments))} for d in made]
            assert tasks.judge(task, made, answers, _silent).score == 0, seed


def test_the_teachers_page_shows_a_task_that_grades():
    page = (ROOT / "book" / "course-instructor.md").read_text(encoding="utf-8")
    [code] = re.findall(r"```python\n(import numpy.*?)```", page, re.DOTALL)
    space = {"__package__": assignments.__name__}
    exec(code, space)
    [task] = space["MEAN_COST"].tasks
    made = draws(task)
    for averaged, score, findings in ((True, 3, []), (False, 0, list(made[0].wrong))):
        values = [np.array(d.right * (1 if averaged else len(d.arguments[0]))) for d in made]
        verdict = tasks.judge(task, made, [{"value": value} for value in values], _silent)
        assert (verdict.score, verdict.findings) == (score, findings)


def test_points_add_up():
    assert [a.points for a in ASSIGNMENTS.values()] == [22, 22, 22, 21, 26, 21]


# --- comparing -----------------------------------------------------------------------------------------------

RIGHT = np.array([[1.0, -2.5, 1 / 3], [0.1, 4.0, -1.7]])


@pytest.mark.parametrize("value", [RIGHT, RIGHT.astype("f4"), RIGHT.astype("g"), RIGHT * (1 + 1e-7)])
def test_what_is_right_to_single_precision_is_accepted(value):
    assert compare(value, RIGHT) == ""


@pytest.mark.parametrize(
    "value",
    [RIGHT * (1 + 1e-4), RIGHT.astype("f4") * np.float32(1.01), RIGHT.astype("f2") * np.float16(1.1), RIGHT.T, RIGHT[0],
     RIGHT + 0j, np.where(RIGHT > 1, np.nan, RIGHT), np.zeros_like(RIGHT), RIGHT[None], None, "x", {2: RIGHT}],
)  # fmt: skip
def test_what_is_not_equal_is_refused(value):
    assert compare(value, RIGHT) != ""


def test_layouts_are_both_right_only_where_the_task_leaves_them_open():
    assert compare(RIGHT.T, RIGHT, layouts=True) == ""
    assert "transposed" in compare(RIGHT.T, RIGHT)


def test_things_by_layer_may_be_a_dict_or_a_list():
    right = {2: RIGHT, 3: RIGHT[0]}
    for value in (
        {2: RIGHT, 3: RIGHT[0]},
        {"2": RIGHT, "3": RIGHT[0]},
        [RIGHT, RIGHT[0]],
        [None, None, RIGHT, RIGHT[0]],
    ):
        assert compare(value, right) == ""
    assert "layer 3 is missing" in compare({2: RIGHT}, right)
    assert "2 layers were expected" in compare([RIGHT], right)
    assert "layer 3: " in compare([RIGHT, RIGHT[1]], right)


# --- messages ------------------------------------------------------------------------------------------------------


def sent(message):
    data = harness.pack(message)
    header, payload = harness.sizes(data[:8])
    assert len(data) == 8 + header + payload
    return harness.unpack(data[8 : 8 + header], data[8 + header :])


def test_a_message_arrives_as_it_was_sent():
    message = {"a": [1, -2.5, None, True, "δ"], "b": {2: RIGHT, "x": np.array(3)}, "c": np.asfortranarray(RIGHT)}
    got = sent(message)
    assert got["a"] == message["a"]
    np.testing.assert_array_equal(got["b"][2], RIGHT)
    np.testing.assert_array_equal(got["c"], RIGHT)
    assert sent({"big": np.array([1.0], dtype=">f8")})["big"].dtype.isnative
    assert sent({"inf": float("inf")})["inf"] == float("inf")


def array_message(blob):
    return json.dumps([{"a": 0}, [len(blob)]]).encode(), blob


def npy(header, data=b""):
    text = header.encode("latin1")
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data


FORGED = {
    "pickle": npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}\n", b"cos\nsystem\n(S'true'\ntR."),
    "10 GB of nothing": npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1250000000,)}\n"),
    "a negative shape": npy("{'descr': '<f8', 'fortran_order': False, 'shape': (-1, 8)}\n", bytes(64)),
    "a huge dimension": npy(f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({10**400}, 0)}}\n"),
    "many dimensions": npy(f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({'1, ' * 60})}}\n", bytes(8)),
    "a structure": npy("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,)}\n", bytes(8)),
    "text": npy("{'descr': '<U1', 'fortran_order': False, 'shape': (1,)}\n", bytes(4)),
    "code": npy("{'descr': __import__('os').system('true'), 'fortran_order': False, 'shape': (1,)}\n"),
    "nested brackets": npy("(" * 900),
    "a long header": npy(" " * 60_000),
    "trailing bytes": npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1,)}\n", bytes(16)),
    "version 9": b"\x93NUMPY\x09\x00" + bytes(100),
    "no magic": b"hello",
    "nothing": b"",
}


@pytest.mark.parametrize("blob", FORGED.values(), ids=FORGED)
@pytest.mark.filterwarnings("ignore")  # ast on nested brackets; what counts is that it is refused
def test_forged_arrays_are_refused(blob):
    with pytest.raises(harness.Refused):
        harness.unpack(*array_message(blob))


@pytest.mark.parametrize(
    "header",
    [b"", b"[" * 60_000, b"{}", b"[1]", b'[{"a": 5}, []]', b'[{"a": -1}, []]', b'[{"a": true}, []]', b'[{"d": 3}, []]',
     b'[{"q": 1}, []]', b'[{"n": "x"}, []]', b"[null, [-1]]", b'[null, ["1"]]', b"[null, [4]]",
     b'[{"d": [[null, 1]]}, []]',
     b'[{"n": "9999999999"}, 3]', b"[1.5, []]", b'[{"d": [[[1], 1]]}, []]', b"\xff\xfe"],
)  # fmt: skip
def test_forged_headers_are_refused(header):
    with pytest.raises(harness.Refused):
        harness.unpack(header, b"")


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200), st.binary(max_size=200))
def test_no_bytes_do_anything_but_arrive_or_be_refused(header, payload):
    for pair in ((header, payload), array_message(header), array_message(b"\x93NUMPY\x01\x00" + header)):
        try:
            harness.unpack(*pair)
        except harness.Refused:
            pass


def test_sizes_are_limited():
    with pytest.raises(harness.Refused):
        harness.sizes(struct.pack(">II", harness.LARGEST_HEADER + 1, 0))
    with pytest.raises(harness.Refused):
        harness.sizes(struct.pack(">II", 0, harness.LARGEST_PAYLOAD + 1))
    with pytest.raises(harness.Refused):
        harness.pack(np.zeros(harness.LARGEST_PAYLOAD))


def test_text_of_strangers_is_cut_and_made_printable():
    text = harness.short("a\x1b[31m\u202e\ud800\0" + "b" * 1000, 50)
    assert len(text) == 50
    assert text.isprintable()
    text.encode("utf-8")
