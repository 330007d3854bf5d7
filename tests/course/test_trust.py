"""Only ordinary files are read, only signed results are trusted, and failures leave no trace."""

import json
import os
import signal

import pytest

from nnbook.course import box, grading, run
from nnbook.course.limits import Limits, Stopped

from .submissions import submission, task_of
from .test_run import CLASS, FULL, LIMITS, NAME, WRONG, hand_in, scores

OPTIONS = {"workers": 1, "isolation": "limits", "limits": LIMITS}


def test_a_forged_result_is_not_believed(isolation, tmp_path):
    hand_in(tmp_path / "submitted", "bob", CLASS["bob"])
    places = tmp_path / "submitted", tmp_path / "graded"
    first = run.grade_folder(*places, **OPTIONS)
    path = places[1] / "bob" / NAME / "results.json"
    honest = json.loads(path.read_text())
    forged = json.loads(path.read_text())
    forged["extra_data"]["result"]["score"] = FULL
    forged["extra_data"]["result"]["tasks"] = []
    for given in (forged, {**honest, "extra_data": {**honest["extra_data"], "signature": "0" * 64}}, {}, []):
        path.write_text(json.dumps(given))
        again = run.grade_folder(*places, **OPTIONS)
        assert (again.graded, scores(again)) == (1, scores(first))
    (places[1] / "carl" / NAME).mkdir(parents=True)  # another's result, copied
    for name in ("results.json", "feedback.html"):
        (places[1] / "carl" / NAME / name).write_text((places[1] / "bob" / NAME / name).read_text())
    run.grade_folder(*places, **OPTIONS)
    assert "carl" not in (places[1] / "grades.csv").read_text()


def test_a_failed_grader_leaves_no_old_mark(isolation, tmp_path, monkeypatch):
    hand_in(tmp_path / "submitted", "bob", CLASS["ada"])
    places = tmp_path / "submitted", tmp_path / "graded"
    run.grade_folder(*places, **OPTIONS)
    hand_in(tmp_path / "submitted", "bob", CLASS["bob"])

    def broken(item):
        raise RuntimeError("out of luck")

    monkeypatch.setattr(grading, "grade", broken)
    report = run.grade_folder(*places, **OPTIONS)
    assert report.failed == [f"bob, {NAME}: the grader itself failed: RuntimeError: out of luck"]
    assert not (places[1] / "bob" / NAME).exists()
    assert "bob" not in (places[1] / "grades.csv").read_text()


FORGED = [
    {"missing": [1, 2]},
    {"missing": 1},
    {"missing": True, "near": ["x"]},
    {"error": ["x"]},
    {"error": "x", "kind": {"a": 1}},
    {"error": "x", "inside": 3},
    {"value": 1.0, "missing": True},
    {},
    [],
    None,
    3,
    {"value": {None: 1}},
    {"near": "x"},
]


@pytest.mark.parametrize("given", FORGED, ids=repr)
def test_an_answer_of_another_form_is_no_answer(given):
    with pytest.raises(Stopped, match="agreed form"):
        box.outcome(given)


def test_the_forms_of_an_answer():
    assert box.outcome({"value": None}) == {"value": None}
    assert box.outcome({"missing": True, "near": "f"}) == {"missing": True, "near": "f"}
    assert box.outcome({"error": "x", "kind": "E"}) == {"error": "x", "kind": "E", "inside": ""}


def test_a_forged_answer_costs_its_own_function_and_no_other(grade):
    forge = (
        "import numpy as np\ndef hidden_delta(d, W, z):\n    import sys\n    f = sys._getframe()\n"
        "    while 'outcomes' not in f.f_locals:\n        f = f.f_back\n"
        "    f.f_locals['outcomes'].append({'missing': np.ones(3), 'kind': np.ones(2)})\n    return z"
    )
    result = grade(NAME, submission(NAME, {"hidden_delta": forge}))
    assert task_of(result, "hidden_delta")["score"] == 0
    assert result["score"] == FULL - task_of(result, "hidden_delta")["max_score"]


SMALL = {
    "a text without end": (
        {"hidden_delta": "class E(Exception):\n    def __str__(self):\n        while True:\n            pass\n"
         "def hidden_delta(d, W, z):\n    raise E"},
        FULL - 4, "cannot be shown",
    ),
    "a sleeping function": ({"hidden_delta": "import time\ndef hidden_delta(d, W, z):\n    time.sleep(1000)"}, FULL - 4,
                            "did nothing for"),
    "a missing module": ({"hidden_delta": "import torch\ndef hidden_delta(d, W, z):\n    return torch.tensor(z)"},
                         FULL - 4, "is missing: no cell"),
    "a module missing in the cell before": (
        {"hidden_delta_of_unit": "import torch\ndef hidden_delta_of_unit(i, d, W, z):\n    return z",
         "hidden_delta": "def hidden_delta(d, W, z):\n    return torch.tensor(z)"}, FULL - 8,
        "had failed: ModuleNotFoundError: No module named 'torch'; it is not installed where notebooks are graded"),
    "input and shell": ({"hidden_delta_relu": "name = input('?')\nfiles = !ls\nx = %pwd\n%debug\n"
                         "def hidden_delta_relu(d, W, z):\n    return (d @ W) * (z > 0)"}, FULL, ""),
}  # fmt: skip


@pytest.mark.parametrize(("functions", "score", "says"), SMALL.values(), ids=SMALL)
def test_small_things_cost_what_they_must(grade, functions, score, says):
    result = grade(NAME, submission(NAME, functions), seconds=2.0)
    assert result["score"] == score
    assert says in task_of(result, "hidden_delta")["reason"]


def test_a_byte_order_mark_costs_nothing(grade):
    assert grade(NAME, b"\xef\xbb\xbf" + submission(NAME))["score"] == FULL


def test_what_is_left_out_is_named(isolation, tmp_path):
    folder = tmp_path / "submitted"
    (folder / "empty").mkdir(parents=True)
    (folder / "link").symlink_to(tmp_path)
    (folder / f"ann_{NAME}.ipynb").write_bytes(CLASS["ada"])
    _, left_out = run.find(folder, NAME)
    assert [line.split(":")[0] for line in left_out] == [f"ann_{NAME}.ipynb", "empty", "link"]
    assert "nnbook collect" in left_out[0]


def test_a_folder_without_submissions_is_an_error(isolation, tmp_path, capsys):
    import nnbook.__main__

    (tmp_path / "submitted").mkdir()
    (tmp_path / "submitted" / f"ann_{NAME}.ipynb").write_bytes(CLASS["ada"])
    command = ["grade", "--submitted", str(tmp_path / "submitted"), "--output", str(tmp_path / "graded")]
    assert nnbook.__main__.main([*command, "--isolation", "limits"]) == 1
    assert "no submission was found" in capsys.readouterr().err


def test_a_submission_cannot_change_anothers_result_or_its_own(isolation, tmp_path):
    """The folders are open to all here, as they are to a submission that runs as the grader's own user."""
    for student in ("ada", "bob"):
        hand_in(tmp_path / "submitted", student, CLASS[student])
    attack = f"""
import glob, json, os
root = {str(tmp_path)!r}
for path in glob.glob(root + '/graded/*/*/results.json') + [root + '/graded/bob/{NAME}/results.json']:
    open(path, 'w').write('{{}}')
"""
    planted = f"open({str(tmp_path / 'submitted' / 'mallory' / NAME / (NAME + '.ipynb'))!r}, 'wb').write(b'x')"
    path = hand_in(tmp_path / "submitted", "mallory", submission(NAME, WRONG, first=attack, last=planted))
    for folder in [tmp_path, *tmp_path.rglob("*")]:
        folder.chmod(0o777)
    report = run.grade_folder(tmp_path / "submitted", tmp_path / "graded", **OPTIONS)
    assert scores(report) == {"ada": FULL, "bob": FULL - 3, "mallory": FULL - 3}
    assert path.read_bytes() != b"x"
    again = run.grade_folder(tmp_path / "submitted", tmp_path / "graded", **OPTIONS)
    assert (again.graded, scores(again)) == (0, scores(report))


def test_the_grader_is_as_before(isolation):
    before = signal.getsignal(signal.SIGPROF), os.umask(0o22)
    os.umask(before[1])
    grading.Box(submission(NAME), Limits(), isolation).close()
    assert signal.getsignal(signal.SIGPROF) is before[0]
