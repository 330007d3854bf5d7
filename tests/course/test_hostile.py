"""Nothing that a submission does changes a mark, its own or another's, except right answers; and grading continues."""

import json
import os
import socket
import tempfile
import time
from pathlib import Path

import pytest

from nnbook.course import box
from nnbook.course.assignments import ASSIGNMENTS

from .conftest import KINDS, grader
from .submissions import ROOT, lost, submission, task_of

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


@pytest.fixture(scope="module", params=KINDS)
def grade(request):
    """All of this must hold with each kind of isolation."""
    return grader(request.param)


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
    name = "1-one-neuron"  # three checks call this function, and the last answer comes after all of them
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
    assert result["score"] == FULL  # the other cells ran
    assert result["problems"][0].startswith(("cell 1: did nothing", "cell 1: took longer", "cell 1 was left out: "))
    assert time.monotonic() - started < 60  # not for ever; how long depends on the machine


@pytest.mark.parametrize(
    "bomb",
    [
        "def bomb():\n    hoard = []\n    while True:\n        hoard.append(bytearray(10**7))\nbomb()",
        "x = [0] * 10**11",
        "import numpy\nx = numpy.ones(10**10)",
    ],
    ids=["in pieces", "a list", "an array"],
)
def test_a_memory_bomb_stops_at_its_limit(grade, bomb):
    result = grade(NAME, submission(NAME, first=bomb))
    assert result["score"] == FULL  # whichever limit it meets first, of memory or of time
    assert "cell 1" in result["problems"][0]


def test_a_fork_bomb_finds_no_room(grade):
    bomb = "import os\nfor _ in range(10**6):\n    os.fork()"
    result = grade(NAME, submission(NAME, WRONG, first=bomb))
    assert result["score"] == AFTER_WRONG
    assert "cell 1: PermissionError" in result["problems"][0]


def test_threads_are_limited(grade):
    threads = (
        "import threading\nthreading.stack_size(32768)\nover, made = threading.Event(), []\ntry:\n"
        "    while len(made) < 10**4:\n        made.append(threading.Thread(target=over.wait))\n"
        "        made[-1].start()\nexcept RuntimeError:\n    del made[-1]\nover.set()\n"
        "for thread in made:\n    thread.join()\nassert 3 < len(made) < 1000, len(made)"
    )
    result = grade(NAME, submission(NAME, first=threads))
    assert (result["score"], result["problems"]) == (FULL, [])


MEMORY = {
    "in a file": "os.memfd_create('x')",
    "for all processes": "assert libc.shmget(0, 64 << 20, 0o1600) < 0, 'a segment'; raise OSError",
    "in a message queue": "assert libc.msgget(0, 0o1600) < 0, 'a queue'; raise OSError",
    "in a file system of its own": "assert libc.unshare(0x10020000) < 0, 'a namespace'; raise OSError",
    "in another process": "os.fork()",
    "in a program": "os.execv('/bin/sh', ['sh'])",
    "in a socket": "import socket; socket.socket()",
}


def test_memory_that_its_limit_does_not_count_is_refused(grade):
    code = "import ctypes, os\nlibc = ctypes.CDLL(None)\n"
    for what, attempt in MEMORY.items():
        code += f"try:\n    {attempt}\n    assert False, {what!r}\nexcept OSError:\n    pass\n"
    result = grade(NAME, submission(NAME, first=code))
    assert (result["score"], result["problems"]) == (FULL, [])


@pytest.mark.parametrize(
    "fill",
    [
        "for i in range(10**6):\n    open(f'{home}/{i}', 'w').close()",
        "for i in range(10**6):\n    os.mkdir('d')\n    os.chdir('d')",
        "for i in range(10**4):\n    open(f'{home}/{i}', 'wb').write(bytes(4 << 20))",
    ],
    ids=["files", "folders in folders", "bytes"],
)
def test_the_temporary_folder_has_an_end(grade, fill, monkeypatch):
    made, make = [], tempfile.mkdtemp
    monkeypatch.setattr(box.tempfile, "mkdtemp", lambda **options: made.append(make(**options)) or made[-1])
    code = f"import os, tempfile\nhome = tempfile.gettempdir()\nos.chdir(home)\n{fill}"
    result = grade(NAME, submission(NAME, first=code))
    assert result["score"] == FULL
    assert "cell 1" in result["problems"][0]
    assert not any(os.path.exists(folder) for folder in made)


def test_a_flood_of_messages_ends(grade):
    flood = """
import json, os, signal, struct, sys
frame = sys._getframe()
while 'answers' not in frame.f_locals:
    frame = frame.f_back
header = json.dumps([{'d': [['cell', {'n': '1'}]]}, []]).encode()
message = (struct.pack('>II', len(header), 0) + header) * 100
signal.setitimer(signal.ITIMER_PROF, 0)
signal.signal(signal.SIGPROF, signal.SIG_IGN)
signal.signal(signal.SIGALRM, signal.SIG_IGN)
while True:
    os.write(frame.f_locals['answers'], message)
"""
    result = grade(NAME, submission(NAME, first=flood), seconds=0.4, grace=0.6)
    assert result["score"] == FULL
    assert "cell 1 was left out" in result["problems"][0]


def test_a_flood_of_rising_numbers_ends(grade):
    flood = """
import json, os, struct, sys
frame = sys._getframe()
while 'answers' not in frame.f_locals:
    frame = frame.f_back
number = 1
while True:
    number += 1
    header = json.dumps([{'d': [['cell', {'n': str(number)}]]}, []]).encode()
    os.write(frame.f_locals['answers'], struct.pack('>II', len(header), 0) + header)
"""
    result = grade(NAME, submission(NAME, first=flood), seconds=0.4, grace=0.6)
    assert result["score"] == 0


def test_a_gigabyte_of_output_costs_nothing(grade):
    flood = "import os\nfor _ in range(1000):\n    os.write(1, bytes(10**6))\n    os.write(2, bytes(10**6))\n"
    flood += "print('x' * 10**8)"
    result = grade(NAME, submission(NAME, first=flood))
    assert result["score"] == FULL
    assert len(json.dumps(result)) < 20_000


def test_a_gigabyte_file_is_not_written(grade):
    result = grade(
        NAME, submission(NAME, first="import os\nopen(os.environ['TMPDIR'] + '/big', 'wb').write(bytes(10**8))")
    )
    assert result["score"] == FULL
    assert "cell 1" in result["problems"][0]


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
    assert result["score"] == FULL
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
    assert result["score"] == FULL
    assert "cell 1 was left out: the notebook's process exited" in result["problems"][0]
    result = grade(NAME, submission(NAME, batch(f"    import os\n    {end}")))
    unaffected(result, BATCH, "all_deltas")
    assert "process exited" in task_of(result, BATCH)["reason"]


def with_cells_first(*cells, functions=None):
    nb = json.loads(submission(NAME, functions))
    nb["cells"][:0] = [{"cell_type": "code", "metadata": {}, "source": code, "outputs": []} for code in cells]
    return json.dumps(nb).encode()


PLANT = """
import builtins, os, tempfile, nnbook
places = [tempfile.gettempdir(), '/tmp', '/dev/shm', '/var/tmp', os.path.dirname(nnbook.__file__)]
"""
PLANTS = f"""{PLANT}
for place in places:
    try:
        open(place + '/nnbook-plant', 'w').write('21')
    except OSError:
        pass
nnbook.plant = builtins.plant = True
nnbook.hidden_delta = lambda *arguments: 0
os.environ['PLANT'] = 'x'
os._exit(0)
"""
FINDS = f"""{PLANT}
found = [place for place in places if os.path.exists(place + '/nnbook-plant')]
found += [thing for thing in (nnbook, builtins) if hasattr(thing, 'plant')] + [n for n in os.environ if n == 'PLANT']
assert not found, found
"""


def test_a_process_that_ends_leaves_nothing_for_the_next(grade):
    result = grade(NAME, with_cells_first(PLANTS, FINDS, functions=WRONG))
    assert result["score"] == AFTER_WRONG
    assert len(result["problems"]) == 1
    assert "cell 1 was left out" in result["problems"][0]


def test_arguments_that_were_seen_are_not_there_after_an_end(grade):
    keep = "    import os, tempfile\n    np.save(tempfile.gettempdir() + '/seen.npy', z)\n    os._exit(0)\n"
    look = "    import os, tempfile\n    assert not os.path.exists(tempfile.gettempdir() + '/seen.npy')\n"
    functions = {
        "hidden_delta": f"def hidden_delta(d, W, z):\n{keep}",
        BATCH: f"def hidden_delta_batch(d, W, z):\n{look}{RIGHT}",
    }
    unaffected(grade(NAME, submission(NAME, functions)), "hidden_delta")


def test_cells_that_end_the_process_are_left_out_three_times_at_most(grade):
    ends = "import os\nos._exit(0)"
    assert grade(NAME, with_cells_first(ends, ends, ends))["score"] == FULL
    assert grade(NAME, with_cells_first(ends, ends, ends, ends))["score"] == 0


def test_a_process_that_blames_another_cell_for_its_end_gains_nothing(grade):
    """It says that cell 900 is running and ends; nothing is left out but a cell that is not there, until it is over."""
    blame = """
import json, os, struct, sys
frame = sys._getframe()
while 'answers' not in frame.f_locals:
    frame = frame.f_back
header = json.dumps([{'d': [['cell', {'n': '900'}]]}, []]).encode()
os.write(frame.f_locals['answers'], struct.pack('>II', len(header), 0) + header)
os._exit(0)
"""
    assert grade(NAME, submission(NAME, WRONG, first=blame))["score"] == 0


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
def test_the_expected_results_are_nowhere_to_be_found(grade, search):
    result = grade(NAME, submission(NAME, batch(search)))
    assert task_of(result, BATCH)["score"] == 0
    if "course" in search:
        assert any(e in task_of(result, BATCH)["reason"] for e in ("ModuleNotFoundError", "PermissionError"))


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
    result = grade(NAME, submission(NAME, WRONG, first=forge))
    assert result["score"] == AFTER_WRONG
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


def test_files_of_the_machine_cannot_be_read(grade, tmp_path):
    other = tmp_path / "submitted" / "bob" / NAME / f"{NAME}.ipynb"
    other.parent.mkdir(parents=True)
    other.write_bytes(submission(NAME))
    places = [
        other,
        ROOT / "assignments" / "source" / NAME / f"{NAME}.ipynb",
        Path(__file__),
        ROOT / "nnbook" / "course" / "tasks.py",
        ROOT / "nnbook" / "course" / "assignments" / "gradients.py",
        Path("/etc/passwd"),
        Path("/proc/1/cmdline"),
        Path(f"/proc/{os.getpid()}/environ"),
        Path(f"/proc/{os.getpid()}/mem"),
    ]
    look = (
        f"seen = []\nfor p in {[str(p) for p in places if p.exists()]!r}:\n    try:\n        open(p).read(1)\n"
        "    except OSError:\n        continue\n    seen.append(p)\nassert seen in ([], ['/proc/1/cmdline']), seen"
    )
    result = grade(NAME, submission(NAME, first=look))
    assert result["problems"] == []


def test_nothing_can_be_written_but_the_own_temporary_folder(grade, tmp_path):
    tmp_path.chmod(0o777)
    (tmp_path / "mark").write_text("3")
    (tmp_path / "mark").chmod(0o666)
    places = [tmp_path, ROOT, ROOT / "nnbook", ROOT / "nnbook" / "course", Path("/"), Path("/usr"), Path("/dev")]
    write = (
        f"import os, pathlib\nwritten = []\nfor p in {[str(p) for p in places]!r}:\n    try:\n"
        "        pathlib.Path(p, 'planted').write_text('x')\n        written.append(p)\n"
        "    except OSError:\n        pass\n"
        f"mark = {str(tmp_path / 'mark')!r}\n"
        "attempts = [lambda: open(mark, 'r+'), lambda: os.truncate(mark, 0), lambda: os.unlink(mark),\n"
        "    lambda: os.chmod(mark, 0), lambda: os.utime(mark), lambda: os.rename(mark, mark + 'x'),\n"
        "    lambda: os.open(mark, os.O_RDONLY | os.O_TRUNC), lambda: os.link(mark, os.environ['TMPDIR'] + '/y')]\n"
        "for i, attempt in enumerate(attempts):\n    try:\n        attempt()\n    except OSError:\n"
        "        continue\n    written.append(i)\n"
        "assert not written, written\nopen(os.environ['TMPDIR'] + '/mine', 'w').write('fine')"
    )
    result = grade(NAME, submission(NAME, first=write))
    assert result["problems"] == []
    assert not any((place / "planted").exists() for place in places)
    assert (tmp_path / "mark").read_text() == "3"
    assert (tmp_path / "mark").stat().st_mode & 0o777 == 0o666


def test_there_is_no_network(grade):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        port = server.getsockname()[1]
        call = f"import socket\nsocket.create_connection(('127.0.0.1', {port}), timeout=2)"
        result = grade(NAME, submission(NAME, first=call))
        assert "cell 1:" in result["problems"][0]
        with pytest.raises(TimeoutError):
            server.accept()


def test_no_other_process_can_be_signalled_looked_into_or_slowed_down(grade):
    attack = (
        "import ctypes, os, resource, signal\nlibc = ctypes.CDLL(None, use_errno=True)\ndone = []\n"
        "def attempt(what, function, *arguments):\n    try:\n        result = function(*arguments)\n"
        "    except OSError:\n        return\n    if result != -1:\n        done.append(what)\n"
        f"for pid in {{1, os.getppid(), {os.getpid()}}}:\n"
        "    attempt('kill', os.kill, pid, signal.SIGCONT)\n"
        "    attempt('ptrace', libc.ptrace, 16, pid, 0, 0)\n"
        "    attempt('affinity', os.sched_setaffinity, pid, {0})\n"
        "    attempt('limit', resource.prlimit, pid, resource.RLIMIT_CORE, (0, 0))\n"
        "    attempt('nice', os.setpriority, os.PRIO_PROCESS, pid, 19)\n"
        "    attempt('pidfd', os.pidfd_open, pid)\n"
        "attempt('all', os.kill, -1, signal.SIGCONT)\nassert not done, done\nos.kill(os.getpid(), 0)"
    )
    result = grade(NAME, submission(NAME, first=attack))
    assert (result["score"], result["problems"]) == (FULL, [])


def test_it_has_no_rights_left(grade):
    check = (
        "import ctypes, os\nassert os.getuid() != 0\nheader = (ctypes.c_uint32 * 2)(0x20080522, 0)\n"
        "data = (ctypes.c_uint32 * 6)()\nassert ctypes.CDLL(None).capget(header, data) == 0\n"
        "assert (data[0] | data[1]) & ~4 == data[3] | data[4] == 0, list(data)\n"  # 4: to enter closed folders
        "assert ctypes.CDLL(None).prctl(39, 0, 0, 0, 0) == 1\n"  # PR_GET_NO_NEW_PRIVS
    )
    result = grade(NAME, submission(NAME, first=check))
    assert result["problems"] == []


def test_the_environment_holds_nothing_of_the_graders(grade, monkeypatch):
    monkeypatch.setenv("COURSE_PASSWORD", "secret")
    result = grade(NAME, submission(NAME, first="import os\nassert 'COURSE_PASSWORD' not in os.environ"))
    assert result["problems"] == []
