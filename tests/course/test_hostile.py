"""Nothing that a submission does changes a mark, its own or another's, except right answers; and grading goes on."""

import json
import os
import signal
import socket
import threading
import time
from pathlib import Path

import pytest

from nnbook.course import sandbox
from nnbook.course.assignments import ASSIGNMENTS

from .submissions import ROOT, lost, released, source, submission, task_of

NAME = "4-hidden-recursion"
FULL = ASSIGNMENTS[NAME].points
BATCH = "hidden_delta_batch"
WRONG = {BATCH: "def hidden_delta_batch(d, W, z):\n    return d @ W"}  # f' is missing: 4 points, and all_deltas' 6
AFTER_WRONG = FULL - 4 - 6
RIGHT = "    a = 1 / (1 + np.exp(-z))\n    return (d @ W) * a * (1 - a)\n"


def batch(body, before=""):
    return {BATCH: f"{before}def hidden_delta_batch(d, W, z):\n{body}"}


def unaffected(result, *functions):
    """Every function but these has its full points."""
    assert set(lost(result)) == set(functions), [(t["function"], t["reason"]) for t in result["tasks"]]


# --- time, memory, processes, output --------------------------------------------------------------------


def test_an_endless_loop_in_a_function_costs_that_function(grade):
    result = grade(NAME, submission(NAME, batch("    while True:\n        pass")), seconds=1.0)
    unaffected(result, BATCH, "all_deltas")
    assert "took longer than" in task_of(result, BATCH)["reason"]


def test_an_endless_loop_in_a_cell_does_not_take_the_other_cells_along(grade):
    result = grade(NAME, submission(NAME, first="while True:\n    pass"), seconds=1.0)
    assert result["score"] == FULL
    assert "cell 1: took longer" in result["problems"][0]


def test_an_endless_loop_takes_no_time_from_answers_that_do_not_call_it(grade):
    name = "1-one-neuron"  # three checks call this function, and the last answer stands after all of them
    loop = {"weighted_input": "def weighted_input(w, b, x):\n    while True:\n        pass"}
    result = grade(name, submission(name, loop), seconds=1.0)
    assert set(lost(result)) == {"weighted_input", "neuron_cost", "neuron_gradient"}


@pytest.mark.parametrize(
    "loop",
    [
        "import time\ntime.sleep(1000)",
        "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass",
        "import signal\nsignal.setitimer(signal.ITIMER_PROF, 0)\nwhile True:\n    pass",
        "import signal, os\nos.kill(os.getpid(), signal.SIGSTOP)",
    ],
    ids=["asleep", "catches everything", "stops the clock", "stops itself"],
)
def test_a_loop_that_will_not_be_interrupted_is_ended(grade, loop):
    started = time.monotonic()
    result = grade(NAME, submission(NAME, first=loop), seconds=0.4, grace=0.6)
    assert result["score"] == 0
    assert (
        "was ended in cell 1" in result["tasks"][0]["reason"] or "by itself in cell 1" in result["tasks"][0]["reason"]
    )
    assert time.monotonic() - started < 60  # not for ever; how long depends on the machine


@pytest.mark.parametrize(
    "bomb",
    [
        "hoard = []\nwhile True:\n    hoard.append(bytearray(10**7))",
        "x = [0] * 10**11",
        "import numpy\nx = numpy.ones(10**10)",
    ],
    ids=["in pieces", "a list", "an array"],
)
def test_a_memory_bomb_stops_at_its_limit(grade, bomb):
    result = grade(NAME, submission(NAME, first=bomb, last="hoard = x = None"))
    assert "MemoryError" in " ".join(result["problems"]) or result["score"] == 0
    assert result["score"] in (0, FULL)


def test_a_fork_bomb_finds_no_room(grade, bubblewrap):
    bomb = "import os\nfor _ in range(10**6):\n    try:\n        os.fork()\n    except OSError:\n        break"
    result = grade(NAME, submission(NAME, WRONG, first=bomb), seconds=1.0)
    assert result["score"] in (0, AFTER_WRONG)


def test_the_number_of_processes_is_limited(grade, bubblewrap):
    count = (
        "import os, time\ncount = 0\ntry:\n    while count < 100:\n        if os.fork() == 0:\n"
        "            time.sleep(100)\n"
        "            os._exit(0)\n        count += 1\nexcept OSError:\n    pass\nassert count < 8, count"
    )
    result = grade(NAME, submission(NAME, first=count))
    assert result["score"] == FULL
    assert result["problems"] == []


def test_a_gigabyte_of_output_costs_nothing(grade):
    flood = "import os\nfor _ in range(1000):\n    os.write(1, bytes(10**6))\n    os.write(2, bytes(10**6))\n"
    flood += "print('x' * 10**8)"
    result = grade(NAME, submission(NAME, first=flood))
    assert result["score"] == FULL
    assert len(json.dumps(result)) < 20_000


def test_a_gigabyte_file_is_not_written(grade):
    result = grade(NAME, submission(NAME, first="with open('/tmp/big', 'wb') as f:\n    f.write(bytes(10**8))"))
    assert "File too large" in " ".join(result["problems"]) or result["score"] == 0


@pytest.mark.parametrize(
    "depth",
    [
        "def down(n):\n    return down(n + 1)\ndown(0)",
        "import sys\nsys.setrecursionlimit(10**9)\ndown = lambda n: down(n + 1)\ndown(0)",
    ],
    ids=["to the limit", "through the floor"],
)
def test_deep_recursion(grade, depth):
    result = grade(NAME, submission(NAME, last=depth), memory=400 << 20, seconds=1.0)
    assert result["score"] in (0, FULL)
    assert result["problems"]


# --- endings --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "end", ["import sys\nsys.exit()", "exit()", "raise SystemExit(0)", "raise KeyboardInterrupt", "1 / 0"]
)
def test_an_exit_or_error_in_a_cell_leaves_the_other_cells(grade, end):
    assert grade(NAME, submission(NAME, first=end))["score"] == FULL


@pytest.mark.parametrize("end", ["os._exit(0)", "os.kill(os.getpid(), 9)", "os.abort()"])
def test_the_end_of_the_process_costs_what_was_not_yet_asked(grade, end):
    result = grade(NAME, submission(NAME, first=f"import os\n{end}"))
    assert result["score"] == 0
    assert "ended by itself in cell 1" in result["tasks"][0]["reason"]
    result = grade(NAME, submission(NAME, batch(f"    import os\n    {end}")))
    unaffected(result, BATCH, "all_deltas")
    assert "ended by itself" in task_of(result, BATCH)["reason"]


def test_a_module_that_does_not_exist(grade):
    result = grade(NAME, submission(NAME, first="import tensorflow_of_my_own"))
    assert result["score"] == FULL
    assert "ModuleNotFoundError" in result["problems"][0]


# --- tricks on the comparison ------------------------------------------------------------------------------

TRICKS = {
    "numpy": """
import numpy as np
np.allclose = np.array_equal = np.isclose = lambda *a, **k: True
np.testing.assert_allclose = lambda *a, **k: None
np.abs = np.max = np.isfinite = lambda *a, **k: np.zeros(1)
""",
    "numpy's file format": """
import numpy as np
np.lib.format.write_array = lambda f, a, **k: f.write(b'junk')
""",
    "nnbook": """
import nnbook
import nnbook.core.formulas
nnbook.diagnose = nnbook.check_gradients = nnbook.relative_error = lambda *a, **k: 0
nnbook.core.formulas.hidden_delta = lambda *a, **k: 0
""",
    "doctest and unittest": """
import doctest, unittest
doctest.testmod = lambda *a, **k: (0, 0)
doctest.OutputChecker.check_output = lambda *a: True
unittest.TestCase.assertEqual = lambda *a: None
""",
    "hooks": """
import builtins, ast, sys
builtins.AssertionError = Exception
ast.parse = lambda *a, **k: ast.Module([], [])
sys.settrace(lambda *a: None)
sys.excepthook = lambda *a: None
""",
    "its own marks": """
score = points = grade = passed = max_score = 100
results = {'score': 100}
open('results.json', 'w').write('{"score": 100}')
""",
}


@pytest.mark.parametrize("trick", TRICKS.values(), ids=TRICKS)
def test_patched_tools_earn_nothing(grade, trick):
    result = grade(NAME, submission(NAME, WRONG, first=trick))
    assert result["score"] <= AFTER_WRONG
    assert task_of(result, BATCH)["score"] == 0
    assert task_of(result, "all_deltas")["score"] == 0


ALWAYS_EQUAL = (
    "class Equal(np.ndarray):\n    __eq__ = __le__ = __lt__ = __ne__ = lambda *a: True\n    __array_priority__ = 1e9\n"
    "    __sub__ = __rsub__ = lambda self, other: np.zeros(np.shape(other))\n    __array_ufunc__ = None\n"
)


@pytest.mark.parametrize(
    "body",
    [
        "    return np.zeros_like(z).view(Equal)",
        "    class Any:\n        shape = z.shape\n"
        "        __array__ = lambda self, *a, **k: np.zeros(z.shape).view(Equal)\n    return Any()",
        "    d *= 0\n    W *= 0\n    return d @ W",
        "    z[...] = np.nan\n    return z",
    ],
    ids=[
        "an array that equals everything",
        "a thing that makes one",
        "inputs set to zero in place",
        "inputs set to nan",
    ],
)
def test_results_that_claim_to_be_equal(grade, body):
    result = grade(NAME, submission(NAME, batch(body, ALWAYS_EQUAL)))
    assert task_of(result, BATCH)["score"] == 0


@pytest.mark.parametrize(
    "search",
    [
        "    import sys\n    frame = sys._getframe()\n    while frame:\n        for v in frame.f_locals.values():\n"
        "            if getattr(v, 'right', None) is not None:\n                return v.right\n"
        "        frame = frame.f_back\n    return 0",
        "    import gc\n    for v in gc.get_objects():\n"
        "        if type(v) is np.ndarray and v.shape == z.shape and v is not z:\n"
        "            return v\n    return 0",
        "    import nnbook.course.assignments as a\n"
        "    return a.HIDDEN_RECURSION.tasks[2].draw(np.random.default_rng(0), 0).right",
        "    import nnbook.course.grading\n    return 0",
    ],
    ids=["frames", "all objects", "the tasks", "the grader"],
)
def test_the_expected_results_are_nowhere_to_be_found(grade, bubblewrap, search):
    result = grade(NAME, submission(NAME, batch(search)))
    assert task_of(result, BATCH)["score"] == 0
    if "course" in search:
        assert "ModuleNotFoundError" in task_of(result, BATCH)["reason"]


def test_the_kind_of_call_makes_no_difference(grade):
    """Right answers for the arguments of the visible check, or for the first calls, are not enough."""
    counted = batch(
        f"    global calls\n    calls += 1\n    if calls > 2:\n        return d @ W\n{RIGHT}", "calls = 0\n"
    )
    detected = batch(
        f"    if d.shape == (5, 2):\n    {RIGHT.strip().replace(chr(10), chr(10) + '    ')}\n    return d @ W"
    )
    for functions in (counted, detected):
        assert task_of(grade(NAME, submission(NAME, functions)), BATCH)["score"] == 0


def test_answers_forged_on_the_pipe_are_worth_no_more_than_their_numbers(grade):
    forge = """
import os, struct, json
value = {'d': [['value', {'n': '1'}], ['score', {'n': '99'}]]}
header = json.dumps([{'d': [['outcomes', [value]]]}, []]).encode()
for fd in range(3, 64):
    try:
        os.write(fd, struct.pack('>II', len(header), 0) + header)
    except OSError:
        pass
"""
    result = grade(NAME, submission(NAME, first=forge))
    assert result["score"] == 0
    result = grade(NAME, submission(NAME, batch("    exec(FORGE)\n    return 0", f"FORGE = {forge!r}\n")))
    assert task_of(result, BATCH)["score"] == 0
    assert result["score"] <= FULL - 4


@pytest.mark.parametrize(
    "junk", [b"\xff" * 8, b"\0\0\0\5\0\0\0\0[[[[[", b"\0\0\0\2\0\0\0\0{}", b""], ids=["huge", "json", "form", "nothing"]
)
def test_junk_on_the_pipe_is_refused(grade, junk):
    code = (
        f"    import os\n    for fd in range(3, 64):\n        try:\n            os.write(fd, {junk!r})\n"
        "        except OSError:\n            pass\n    os._exit(0)"
    )
    result = grade(NAME, submission(NAME, batch(code)))
    assert task_of(result, BATCH)["score"] == 0
    assert task_of(result, "hidden_delta")["score"] == 4


# --- what it may see and touch ---------------------------------------------------------------------------------


def test_files_of_the_machine_cannot_be_read(grade, bubblewrap, tmp_path):
    other = tmp_path / "submitted" / "bob" / NAME / f"{NAME}.ipynb"
    other.parent.mkdir(parents=True)
    other.write_bytes(submission(NAME))
    solution = ROOT / "assignments" / "source" / NAME / f"{NAME}.ipynb"
    places = [
        other,
        solution,
        Path(__file__),
        ROOT / "nnbook" / "course" / "tasks.py",
        Path("/etc/passwd"),
        Path.home() / ".bashrc",
    ]
    look = f"import os\nseen = [p for p in {[str(p) for p in places]!r} if os.path.exists(p)]\nassert not seen, seen"
    result = grade(NAME, submission(NAME, first=look))
    assert result["problems"] == []


def test_nothing_can_be_written_but_the_own_temporary_folder(grade, bubblewrap, tmp_path):
    marker = Path("/tmp") / f"nnbook-test-{os.getpid()}"
    places = [
        tmp_path,
        ROOT,
        ROOT / "nnbook",
        Path(sandbox.__file__).parent,
        Path("/"),
        Path("/usr"),
        Path("/dev"),
        Path.home(),
    ]
    write = (
        f"import os, pathlib\nwritten = []\nfor p in {[str(p) for p in places]!r}:\n    try:\n"
        "        pathlib.Path(p, 'planted').write_text('x')\n        written.append(p)\n"
        "    except OSError:\n        pass\n"
        f"assert not written, written\npathlib.Path({str(marker)!r}).write_text('fine')"
    )
    result = grade(NAME, submission(NAME, first=write))
    assert result["problems"] == []
    assert not marker.exists()
    assert not any((place / "planted").exists() for place in places)


def test_there_is_no_network(grade, bubblewrap):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        port = server.getsockname()[1]
        call = f"import socket\nsocket.create_connection(('127.0.0.1', {port}), timeout=2)"
        result = grade(NAME, submission(NAME, first=call))
        assert "cell 1:" in result["problems"][0]
        with pytest.raises(TimeoutError):
            server.accept()


def test_no_process_of_the_machine_can_be_seen_or_signalled(grade, bubblewrap):
    attack = (
        "import os, signal\npids = [int(p) for p in os.listdir('/proc') if p.isdigit()]\nassert len(pids) <= 3, pids\n"
        f"for pid in {{1, os.getppid(), {os.getpid()}, -1}} - {{0}}:\n    try:\n"
        f"        os.kill(pid, signal.SIGTERM)\n    except OSError:\n        pass"
    )
    result = grade(NAME, submission(NAME, first=attack))
    assert result["score"] in (0, FULL)
    assert "AssertionError" not in " ".join(result["problems"])


def test_it_has_no_rights_left(grade, bubblewrap):
    check = (
        "import os\n"
        "status = dict(l.split(':\\t') for l in open('/proc/self/status').read().splitlines() if ':\\t' in l)\n"
        ""
        "assert int(status['CapEff'], 16) == int(status['CapPrm'], 16) == 0, status\n"
        "assert status['NoNewPrivs'] == '1'\n"
    )
    if os.geteuid() == 0:
        check += "assert os.getuid() != 0\n"
    result = grade(NAME, submission(NAME, first=check))
    assert result["problems"] == []


def test_children_do_not_outlive_the_submission(grade):
    name = f"straggler-{os.getpid()}"
    child = (
        "import os\nif os.fork() == 0:\n    os.setsid()\n    if os.fork():\n        os._exit(0)\n"
        f"    os.execv('/bin/sh', ['{name}', '-c', 'while :; do sleep 1; done'])"
    )
    assert grade(NAME, submission(NAME, first=child))["score"] in (0, FULL)
    deadline = time.monotonic() + 10
    while (left := _running(name)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left == []


def _running(name):
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cmdline").read_bytes().startswith(name.encode()):
                found.append(int(entry.name))
        except OSError:
            pass
    return found


def test_the_environment_holds_nothing_of_the_graders(grade, monkeypatch):
    monkeypatch.setenv("COURSE_PASSWORD", "secret")
    result = grade(NAME, submission(NAME, first="import os\nassert 'COURSE_PASSWORD' not in os.environ"))
    assert result["problems"] == []


# --- files that are no notebooks -----------------------------------------------------------------------------------

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
    assert "There is no function hidden_delta" in task_of(result, "hidden_delta")["reason"]


def test_only_checks_are_left_of_a_release(grade):
    nb = released(NAME)
    nb.cells = [c for c in nb.cells if not c.metadata.get("nbgrader", {}).get("solution")]
    result = grade(NAME, submission(NAME, start=nb))
    assert result["score"] == 0
    assert "There is no function" in result["tasks"][0]["reason"]


def test_lines_for_ipython_are_no_errors(grade):
    magic = "%matplotlib inline\n!ls\nnn.sigmoid?\nget_ipython().run_line_magic('time', '')\ndisplay(1)\n"
    magic += "import nnbook as nn\nx = 5 % 3"
    result = grade(NAME, submission(NAME, last=magic))
    assert (result["score"], result["problems"]) == (FULL, [])


# --- results that are no arrays -------------------------------------------------------------------------------------

ODD = {
    "None": ("None", "is a return missing"),
    "nothing written": ("...", "no plain numbers"),
    "text": ("'1.0'", "text"),
    "the wrong shape": ("(d @ W)[0]", "shape"),
    "transposed": ("(d @ W).T", "transposed"),
    "NaN": ("np.full(z.shape, np.nan)", "NaN"),
    "infinity": ("np.full(z.shape, np.inf)", "NaN or infinity"),
    "complex": ("(d @ W) + 1j", "complex"),
    "objects": ("np.full(z.shape, object())", "no plain numbers"),
    "ragged": ("[[1, 2], [3]]", "expected"),
    "10 GB": ("np.broadcast_to(1.0, (10**9, 10))", "far too large"),
    "a deep list": ("[[[[[[[np.ones(2)]]]]]]]", "nested too deeply"),
    "an endless generator": ("iter(int, 1)", "more than 100,000"),
    "a function": ("lambda: 1", "a function"),
    "a structure": ("np.zeros(3, dtype=[('a', float)])", "no plain numbers"),
    "dates": ("np.array(['2020-01-01'], dtype='datetime64[D]')", "no plain numbers"),
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
    import numpy as np

    from nnbook.course.tasks import judge

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
    with sandbox.Box(notebook, sandbox.Limits(seconds=4), isolation) as opened:

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


# --- without bubblewrap -----------------------------------------------------------------------------------------------


@pytest.fixture
def plain(isolation):
    how = sandbox.Isolation("limits", os.geteuid() == 0)

    def outcome(code, function="f", **limits):
        notebook = json.dumps({"cells": [{"cell_type": "code", "source": code}]}).encode()
        with sandbox.Box(notebook, sandbox.Limits(**{"seconds": 1.0, **limits}), how) as opened:
            return opened.call(function, [[]])[0]

    return outcome


def test_the_limits_alone_hold_time_memory_and_processes(plain):
    assert plain("def f():\n    return 3")["value"] == 3
    assert "took longer" in plain("def f():\n    while True:\n        pass")["error"]
    assert "MemoryError" in plain("def f():\n    return len(bytearray(2 * 10**9))")["error"]
    assert plain("import os\ndef f():\n    return os.getuid()")["value"] != 0


def test_the_limits_alone_end_children_that_fled(plain):
    name = f"fled-{os.getpid()}"
    code = (
        "import os\ndef f():\n    if os.fork() == 0:\n        os.setsid()\n        if os.fork():\n"
        "            os._exit(0)\n"
        f"        os.execv('/bin/sh', ['{name}', '-c', 'while :; do sleep 1; done'])\n    os.wait()\n    return 1"
    )
    assert plain(code)["value"] == 1
    assert _running(name) == []


def test_a_report_says_when_there_is_no_bubblewrap():
    assert "LIMITS ONLY" in sandbox.Isolation("limits", False).note
    assert "no network" in sandbox.Isolation("bubblewrap", False).note


def test_where_nothing_is_safe_nothing_is_graded(monkeypatch):
    monkeypatch.setattr(sandbox.os, "name", "nt")
    sandbox.isolation.cache_clear()
    with pytest.raises(sandbox.CannotGrade, match="POSIX"):
        sandbox.isolation("limits")
    sandbox.isolation.cache_clear()


def test_bubblewrap_can_be_insisted_on(monkeypatch):
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: None)
    sandbox.isolation.cache_clear()
    with pytest.raises(sandbox.CannotGrade, match="bubblewrap is not installed"):
        sandbox.isolation("bubblewrap")
    sandbox.isolation.cache_clear()


def test_a_sandbox_that_does_not_start_gives_no_mark(isolation, monkeypatch):
    monkeypatch.setattr(sandbox.sys, "executable", "/bin/false")
    with pytest.raises(sandbox.CannotGrade, match="did not start"):
        sandbox.Box(GOOD, sandbox.Limits(), sandbox.Isolation("limits", False))


def test_a_busy_machine_changes_no_mark(grade, monkeypatch):
    """A notebook that works is waited for until its processor time is used up, however long that takes by the clock."""
    monkeypatch.setattr(sandbox.Limits, "patience", property(lambda self: 2.0))
    work = "import time\nend = time.process_time() + 2.5\nwhile time.process_time() < end:\n    pass"
    assert grade(NAME, submission(NAME, first=work), seconds=8.0)["score"] == FULL
    sleep = "import time\ntime.sleep(8)"
    assert grade(NAME, submission(NAME, first=sleep), seconds=8.0)["score"] == 0


def test_several_can_be_graded_at_once(grade):
    marks = {}

    def one(i):
        marks[i] = grade(NAME, submission(NAME, WRONG if i % 2 else {}))["score"]

    threads = [threading.Thread(target=one, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert marks == {0: FULL, 1: AFTER_WRONG, 2: FULL, 3: AFTER_WRONG}


def test_signals_are_as_before(grade):
    before = signal.getsignal(signal.SIGPROF)
    grade(NAME, GOOD)
    assert signal.getsignal(signal.SIGPROF) is before
