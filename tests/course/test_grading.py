"""Right answers get full marks however they are written; wrong ones lose theirs, and the feedback names the mistake."""

import numpy as np
import pytest

from nnbook.course.assignments import ASSIGNMENTS

from .submissions import lost, released, source, submission, task_of
from .zoo import LOOPS, MISTAKES, OTHERWISE, PARTIAL

NAMES = list(ASSIGNMENTS)


@pytest.mark.parametrize("name", NAMES)
def test_the_solution_gets_full_marks(grade, name):
    result = grade(name, submission(name))
    assert lost(result) == {}
    assert result["score"] == result["max_score"] == ASSIGNMENTS[name].points
    assert result["problems"] == []


@pytest.mark.parametrize("name", NAMES)
def test_an_untouched_release_gets_nothing(grade, name):
    result = grade(name, submission(name, start=released(name)))
    assert result["score"] == 0
    assert {t["reason"] for t in result["tasks"]} == {
        f"{t['function']} has not been written yet." for t in result["tasks"]
    }
    assert result["problems"] == []


@pytest.mark.parametrize("way", [LOOPS, OTHERWISE], ids=["loops", "otherwise"])
@pytest.mark.parametrize("name", NAMES)
def test_other_right_ways_get_full_marks(grade, name, way):
    result = grade(name, submission(name, way[name]), seed=8)
    assert lost(result) == {}, [t["reason"] for t in result["tasks"]]


def _rounds():
    """One submission carries one mistake in each function; the others of each function follow in the next."""
    for name, assignment in ASSIGNMENTS.items():
        functions = [t.function for t in assignment.tasks]
        for i in range(max(len(MISTAKES.get(f, ())) for f in functions)):
            yield name, i, {f: MISTAKES[f][i] for f in functions if i < len(MISTAKES.get(f, ()))}


# Which functions of the solution call which: a mistake in one shows in the others.
USED_BY = {
    "weighted_input": {"neuron_cost", "neuron_gradient"},
    "sigmoid": {"sigmoid_derivative", "neuron_cost", "neuron_gradient"},
    "sigmoid_derivative": {"neuron_gradient"},
    "softmax": {"softmax_jacobian", "output_delta_softmax"},
    "softmax_jacobian": {"output_delta_softmax"},
    "hidden_delta_batch": {"all_deltas"},
    "weight_gradient": {"gradients", "objective_gradients"},
    "bias_gradient": {"gradients", "objective_gradients"},
    "total_cost": {"objective"},
    "initialise": {"train"},
    "minibatches": {"train"},
    "update": {"train"},
}
# Where the mistake in one would spoil the diagnosis of another, each is handed in separately.
ALONE = {
    "sigmoid",
    "sigmoid_derivative",
    "softmax",
    "softmax_jacobian",
    "total_cost",
    "initialise",
    "hidden_delta_batch",
}


@pytest.mark.parametrize(
    ("name", "number", "planted"), list(_rounds()), ids=lambda v: v if not isinstance(v, dict) else ""
)
def test_each_mistake_costs_its_points_and_is_named(grade, name, number, planted):
    together = {f: m for f, m in planted.items() if f not in ALONE}
    for group in [together, *({f: planted[f]} for f in planted if f in ALONE)]:
        if not group:
            continue
        result = grade(name, submission(name, {f: code for f, (_, code) in group.items()}))
        for function, (says, _) in group.items():
            task = task_of(result, function)
            assert task["score"] == 0, function
            told = " ".join([task["reason"], *task["findings"]])
            assert says in told, f"{function}: {told}"
        users = set().union(*(USED_BY.get(function, ()) for function in group))
        assert set(group) <= set(lost(result)) <= set(group) | users


@pytest.mark.parametrize(("function", "says", "code", "score"), PARTIAL, ids=[f"{p[0]}: {p[1]}" for p in PARTIAL])
def test_a_part_that_is_right_keeps_its_points(grade, function, says, code, score):
    name = next(n for n, a in ASSIGNMENTS.items() if any(t.function == function for t in a.tasks))
    result = grade(name, submission(name, {function: code}))
    task = task_of(result, function)
    assert task["score"] == score
    assert says in " ".join([task["reason"], *task["findings"]])


def test_every_function_has_a_mistake_in_the_zoo():
    functions = {t.function for a in ASSIGNMENTS.values() for t in a.tasks}
    assert functions == set(MISTAKES) | {function for function, *_ in PARTIAL}


COST_WITHOUT_HALF = (
    "def total_cost(W, b, X, T):\n    a = X\n    for l in W:\n        a = 1 / (1 + np.exp(-(a @ W[l].T + b[l])))\n"
    "    return np.sum((T - a) ** 2)"
)
GRADIENT_OF_IT = (
    "def gradients(W, b, X, T):\n    a = {1: X}\n    for l in W:\n"
    "        a[l] = 1 / (1 + np.exp(-(a[l - 1] @ W[l].T + b[l])))\n"
    "    L, dW, db = max(W), {}, {}\n    d = 2 * (a[L] - T) * a[L] * (1 - a[L])\n    for l in range(L, 1, -1):\n"
    "        dW[l], db[l] = d.T @ a[l - 1], d.sum(axis=0)\n"
    "        d = d @ W[l] * a[l - 1] * (1 - a[l - 1])\n    return dW, db"
)


def test_the_derivative_of_the_students_own_cost_earns_half_when_the_cost_is_a_multiple(grade):
    result = grade(
        "5-gradients", submission("5-gradients", {"total_cost": COST_WITHOUT_HALF, "gradients": GRADIENT_OF_IT})
    )
    assert task_of(result, "total_cost")["score"] == 0
    task = task_of(result, "gradients")
    assert task["score"] == task["max_score"] / 2
    assert "2 times the cost asked for" in " ".join(task["findings"])
    assert any("twice too large" in finding for finding in task["findings"])


def test_a_made_up_cost_with_its_own_derivative_earns_nothing(grade):
    result = grade(
        "5-gradients",
        submission(
            "5-gradients",
            {
                "total_cost": "def total_cost(W, b, X, T):\n    return sum(w.sum() for w in W.values())",
                "gradients": (
                    "def gradients(W, b, X, T):\n    return ({l: np.ones_like(w) for l, w in W.items()}, "
                    "{l: np.zeros_like(v) for l, v in b.items()})"
                ),
            },
        ),
    )
    task = task_of(result, "gradients")
    assert task["score"] == 0
    assert "not the cost asked for" in " ".join(task["findings"])


def test_a_cost_that_makes_up_its_slopes_earns_nothing(grade):
    """It gives the cost asked for where the gradient is asked for, and beside that point what fits a wrong gradient."""
    cost = (
        "home = None\ndef total_cost(W, b, X, T):\n    global home\n    a = X\n    for l in W:\n"
        "        a = 1 / (1 + np.exp(-(a @ W[l].T + b[l])))\n"
        "    p = np.concatenate([np.ravel(v) for part in (W, b) for v in part.values()])\n"
        "    if home is None or len(home[0]) != len(p) or abs(home[0] - p).max() > 1e-3:\n"
        "        home = p, 0.5 * np.sum((T - a) ** 2)\n    return home[1] + np.sum(p - home[0])"
    )
    gradient = (
        "def gradients(W, b, X, T):\n    return ({l: np.ones(W[l].shape) for l in W}, "
        "{l: np.ones(b[l].shape) for l in b})"
    )
    result = grade("5-gradients", submission("5-gradients", {"total_cost": cost, "gradients": gradient}))
    assert task_of(result, "total_cost")["score"] == 2
    assert task_of(result, "gradients")["score"] == 0


def test_numbers_copied_from_another_student_are_wrong(grade):
    stolen = grade(
        "4-hidden-recursion",
        submission("4-hidden-recursion", {"hidden_delta": "def hidden_delta(d, W, z):\n    return d"}),
    )
    expected = task_of(stolen, "hidden_delta")["example"]["expected"].strip("[]").split()
    code = f"def hidden_delta(d, W, z):\n    return np.array([{', '.join(expected)}])"
    result = grade("4-hidden-recursion", submission("4-hidden-recursion", {"hidden_delta": code}), seed=9)
    assert task_of(result, "hidden_delta")["score"] == 0


def test_the_same_submission_gets_the_same_result_each_time(grade):
    notebook = submission(
        "6-digit-reader", {"train": MISTAKES["train"][0][1]}, last="noise = np.random.default_rng().random()"
    )
    first, second = grade("6-digit-reader", notebook), grade("6-digit-reader", notebook)
    del first["seconds"], second["seconds"]
    assert first == second


def test_functions_of_the_package_that_are_asked_for_are_switched_off(grade):
    code = "def hidden_delta_batch(d, W, z):\n    return nn.hidden_delta(d, W, z, nn.sigmoid)"
    result = grade("4-hidden-recursion", submission("4-hidden-recursion", {"hidden_delta_batch": code}))
    task = task_of(result, "hidden_delta_batch")
    assert task["score"] == 0
    assert "switched off" in task["reason"]
    code = "def sigmoid_derivative(z):\n    return nn.sigmoid.derivative(z)"
    result = grade("1-one-neuron", submission("1-one-neuron", {"sigmoid_derivative": code}))
    assert "nnbook.sigmoid is switched off" in task_of(result, "sigmoid_derivative")["reason"]


def test_feedback_names_the_place(grade):
    name = "1-one-neuron"
    functions = {
        "weighted_input": "def weighted_inputs(w, b, x):\n    return w @ x + b",
        "sigmoid": "# YOUR CODE HERE\ndef sigmoid(z):\n    raise NotImplementedError()",
        "squared_error": "def squared_error(a, t):\n    d = a - t\n    return d[7]",
        "one_weight_step": "def one_weight_step(w, x, t, eta)\n    return w",
    }
    result = grade(name, submission(name, functions))
    told = {function: task_of(result, function)["reason"] for function in result_functions(result)}
    assert told["weighted_input"].endswith("There is one called weighted_inputs.")
    assert told["sigmoid"] == "sigmoid has not been written yet."
    assert told["sigmoid_derivative"] == "sigmoid_derivative calls sigmoid, which has not been written yet."
    assert told["squared_error"].startswith("squared_error did not return a result: IndexError")
    assert "(cell 13, line 3: return d[7])" in told["squared_error"]
    assert result["problems"] == [
        "cell 25: SyntaxError: expected ':' (cell 25, line 1: def one_weight_step(w, x, t, eta))"
    ]


def result_functions(result):
    return [task["function"] for task in result["tasks"]]


def test_the_arguments_of_an_example_can_be_pasted_into_a_cell(grade):
    name = "4-hidden-recursion"
    wrong = {"hidden_delta_batch": "def hidden_delta_batch(d, W, z):\n    return d @ W"}
    examples = [t["example"]["arguments"] for t in grade(name, submission(name, wrong))["tasks"] if t["example"]]
    assert len(examples) == 2
    for text in examples:
        space = {"np": np}
        exec(text, space)
        assert {"z"} < set(space)


def test_a_diagnosis_explains_every_case(grade):
    """With two samples all but the last are the first; with five they are not."""
    name, code = "5-gradients", "def bias_gradient(delta):\n    return delta[:-1].sum(axis=0)"
    for seed in range(7, 11):
        result = grade(name, submission(name, {"bias_gradient": code}), seed=seed)
        assert not any("only the first" in finding for finding in task_of(result, "bias_gradient")["findings"])


@pytest.mark.parametrize("name", NAMES)
def test_every_task_has_its_cells_and_its_points(name):
    roles = {
        c.metadata["nbgrader"]["grade_id"]: c.metadata["nbgrader"]
        for c in source(name).cells
        if "nbgrader" in c.metadata
    }
    for task in ASSIGNMENTS[name].tasks:
        assert roles[task.name] == {
            "grade": True,
            "grade_id": task.name,
            "locked": True,
            "points": task.points,
            "schema_version": 3,
            "solution": False,
            "task": False,
        }
        assert roles[f"{task.name}-answer"]["solution"]
    checks = [role for role in roles.values() if role["grade"] and not role["solution"]]
    assert len(checks) == len(ASSIGNMENTS[name].tasks)
