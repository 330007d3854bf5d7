"""What a task is: a function to be written, arguments drawn at random, and the law that its result must satisfy.

A task never holds an answer. Each draw makes new arguments from a seed and works out, from the law, what any correct
function returns for them. Results are compared here, in the grader's own process, as plain arrays.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .comparing import TOLERANCE, as_array, compare, kind
from .inside.messages import short
from .showing import as_python, shown


@dataclasses.dataclass(frozen=True)
class Draw:
    """One random case.

    Attributes
    ----------
    arguments : list
        What the student's function gets: numbers, arrays, and lists or dicts of them.
    right : array, or a tuple or dict of arrays
        What the law asks for. A tuple has one entry for each part of the result, a dict one for each layer.
    wrong : dict of str to callable
        Known mistakes: what to tell the student, and a function without arguments that makes that result.
    diagnose : callable, optional
        Takes the student's result and returns a list of findings, by `nnbook.diagnose`.
    cost : callable, optional
        Takes the arguments and returns the cost asked for, for tasks with `own_cost`.
    remark : str
        What to say when this case is the first that is not right.
    """

    arguments: list
    right: object
    wrong: Mapping[str, Callable] = dataclasses.field(default_factory=dict)
    diagnose: Callable | None = None
    cost: Callable | None = None
    remark: str = ""


@dataclasses.dataclass(frozen=True)
class Task:
    """A function that the student writes.

    Attributes
    ----------
    name : str
        The id of its check cell in the notebook.
    signature : str
        The function with its arguments' names, as the notebook gives it.
    points : int
        The points that it is worth.
    asks : str
        One line: what the function returns.
    chapter, label : str
        Where the book derives it: the chapter's file name, and the equation's label.
    draw : callable
        draw(rng, i) → Draw number i; the first is the smallest, because it is the one shown.
    draws : int
        The number of draws.
    parts : tuple of str
        Names of the parts of a result that has several; each is worth the same.
    tolerance : float
        How far a result may be from the right one, as a fraction of the largest number, whatever type
        the student has chosen for the answer.
    layouts : bool
        True where the task leaves open whether a matrix is stored by rows or by columns.
    own_cost : str
        Name of the student's own cost function, of which the result should be the derivative.
    judge : callable, optional
        judge(arguments, value) → list of complaints, in place of the comparison, where many results are right.
    seeded : bool
        True where the last argument is a seed: the same seed must give the same result, and another seed another.
    """

    name: str
    signature: str
    points: int
    asks: str
    chapter: str
    label: str
    draw: Callable
    draws: int = 4
    parts: tuple[str, ...] = ()
    tolerance: float = TOLERANCE
    layouts: bool = False
    own_cost: str = ""
    judge: Callable | None = None
    seeded: bool = False

    @property
    def function(self) -> str:
        """The function's name."""
        return self.signature.partition("(")[0]

    def named(self, arguments: Sequence[Any]) -> str:
        """Return the arguments as text, each with its name."""
        names = self.signature.partition("(")[2].rstrip(")").split(", ")
        return short("\n".join(as_python(value, f"{name} = ") for name, value in zip(names, arguments)), 4000)


@dataclasses.dataclass(frozen=True)
class Assignment:
    """The tasks of one notebook."""

    name: str
    title: str
    tasks: tuple[Task, ...]
    withheld: tuple[str, ...] = ()

    @property
    def points(self) -> int:
        """The sum of the tasks' points: what the grader can give."""
        return sum(task.points for task in self.tasks)


@dataclasses.dataclass
class Verdict:
    """The outcome of one task: the score, and the feedback."""

    task: Task
    score: float = 0.0
    reason: str = ""
    findings: list[str] = dataclasses.field(default_factory=list)
    example: dict = dataclasses.field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """True for full points."""
        return self.score == self.task.points


def judge(task: Task, draws: list[Draw], outcomes: list[dict], ask: Callable) -> Verdict:
    """Return the verdict on one task from what the student's process answered.

    Parameters
    ----------
    task : Task
    draws : list of Draw
        The cases.
    outcomes : list of dict
        The answers to them, in the same order.
    ask : callable
        ask(function, list of argument lists) → outcomes, for laws that involve another function of the student's.
    """
    verdict = Verdict(task)
    if any(outcome.get("missing") for outcome in outcomes):
        verdict.reason = f"The function {task.function} is missing: no cell has defined it."
        near = outcomes[0].get("near")
        if isinstance(near, str) and near:
            verdict.reason += f" There is one called {short(near, 60)}."
        return verdict
    shares, complaint = [], None
    for draw, outcome in zip(draws, outcomes):
        wrong = _complaints(task, draw, outcome)
        parts = max(1, len(task.parts))
        whole = [text for part, text in wrong if part is None]
        shares.append(0.0 if whole else 1 - len({part for part, _ in wrong}) / parts)
        if wrong and complaint is None:
            complaint = draw, outcome, wrong
    # A formula that fails once is wrong: a part counts when it is right in every draw.
    verdict.score = round(task.points * min(shares), 2)
    if complaint is None:
        if task.seeded and (text := _follow_seed(task, draws, outcomes, ask)):
            verdict.score, verdict.reason = 0.0, text
        return verdict
    draw, outcome, wrong = complaint
    reason = short(" ".join([*dict.fromkeys(text for _, text in wrong), draw.remark]).strip(), 500)
    # The name of a function or of a part of its result is code and keeps its first letter.
    named = reason.startswith(task.function) or any(part is not None for part, _ in wrong)
    verdict.reason = reason if named else reason[:1].upper() + reason[1:]
    if outcome.get("kind") == "NotImplementedError" and "switched off" not in str(outcome.get("error")):
        stub = outcome.get("inside")
        called = f" calls {short(stub, 60)}, which" if isinstance(stub, str) and stub != task.function else ""
        verdict.reason = f"{task.function}{called} has not been written yet."
        return verdict
    if "value" not in outcome:
        verdict.example = {"arguments": task.named(draw.arguments)}
        return verdict
    verdict.findings = _findings(task, draws, outcomes)
    expected = {} if task.judge else {"expected": shown(draw.right)}
    verdict.example = {"arguments": task.named(draw.arguments), **expected, "got": shown(outcome["value"])}
    if task.own_cost and verdict.score < task.points:
        _follow_own_cost(task, draws, outcomes, ask, verdict)
    return verdict


def _complaints(task, draw, outcome):
    """Return [(part or None, text)]: what is wrong with one answer."""
    if "value" not in outcome:
        return [(None, f"{task.function} did not return a result: {short(outcome.get('error', 'no answer'))}.")]
    value = outcome["value"]
    if task.judge:
        return [(None, text) for text in task.judge(draw.arguments, value)]
    if not task.parts:
        text = compare(value, draw.right, task.layouts, task.tolerance)
        return [(None, text)] if text else []
    names = ", ".join(task.parts)
    if isinstance(value, np.ndarray) and value.ndim and len(value) == len(task.parts):
        # Numbers in a row are the parts only where every part is a number.
        if value.ndim > 1 or all(np.size(right) == 1 for right in draw.right):
            value = list(value)
    if not isinstance(value, list) or len(value) != len(task.parts):
        return [(None, f"{task.function} must return {len(task.parts)} things ({names}); it returned {kind(value)}.")]
    found = []
    for part, given, right in zip(task.parts, value, draw.right):
        text = compare(given, right, task.layouts, task.tolerance)
        if text:
            found.append((part, f"{part}: {text}"))
    if len(found) > 1 and all(compare(given, right) == "" for given, right in zip(value, reversed(draw.right))):
        return [(None, f"the parts are right but in the wrong order: {names} was asked for.")]
    return found


def _follow_seed(task, draws, outcomes, ask):
    """Return what is wrong with how the results depend on their seed, or ""."""
    place = max(range(len(draws)), key=lambda i: np.max(draws[i].arguments[0]))  # large: no two are equal by chance
    *others, seed = draws[place].arguments
    first = outcomes[place]
    again, other = ask(task.function, [[*others, seed], [*others, seed + 1]])
    if "value" not in again or "value" not in other:
        return f"{task.function} did not return a result when it was called once more."
    if not _equal(first["value"], again["value"]):
        return "The same seed must give the same result again; it gave another."
    return "Another seed must give another result; it gave the same." if _equal(first["value"], other["value"]) else ""


def _equal(one, other):
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_equal(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_equal, one, other))
    return np.array_equal(one, other)


# --- naming the mistake ------------------------------------------------------------------------------


def _findings(task, draws, outcomes):
    """Return the mistakes that explain every result that was returned: the task's own list, then nnbook.diagnose."""
    pairs = [(d, o["value"]) for d, o in zip(draws, outcomes) if "value" in o]
    names = [name for name in pairs[0][0].wrong if all(_is(d.wrong.get(name), v, task) for d, v in pairs)]
    if names:
        return names[:1]
    found = []
    for draw, value in pairs:
        if draw.diagnose is None or not _complaints(task, draw, {"value": value}):
            continue
        try:
            with np.errstate(all="ignore"):
                found.append(draw.diagnose(value))
        except (ValueError, TypeError, KeyError, IndexError, FloatingPointError, np.linalg.LinAlgError):
            break  # results of the wrong kind are described by the reason already
        if any("no known mistake" in text for text in found[-1]):
            break  # a search that finds nothing takes long, and the next case would find nothing either
    return [short(text, 200) for text in _shared(found)][:4]


def _shared(found):
    """Return the first case's findings, with only those alternatives that explain the other cases too."""

    def alternatives(text):
        where, _, rest = text.partition(": ")
        return where, rest.split("; or ")

    def unnumbered(text):  # "divided by the 5 samples" is the same mistake with 7
        return re.sub(r"[\d.]+(e[-+]?\d+)?", "#", text)

    if len(found) < 2:
        return found[0] if found else []
    shared = set.intersection(*({unnumbered(a) for text in texts for a in alternatives(text)[1]} for texts in found))
    kept = []
    for where, given in map(alternatives, found[0]):
        given = [text for text in given if unnumbered(text) in shared]
        kept += [f"{where}: {'; or '.join(given)}"] if given else []
    return kept


def _is(make, value, task):
    if make is None:
        return False
    with np.errstate(all="ignore"):
        try:
            wrong = make()
        except (ValueError, TypeError, IndexError):
            return False
    if task.parts:
        if not isinstance(value, list) and not (isinstance(value, np.ndarray) and value.ndim):
            return False
        return len(value) == len(wrong) and all(
            compare(v, w, tolerance=task.tolerance) == "" for v, w in zip(value, wrong)
        )
    if not isinstance(wrong, Mapping):
        wrong = np.asarray(wrong, dtype=np.float64)
        if not np.isfinite(wrong).all():
            array = as_array(value)
            if array is None or array.shape != wrong.shape or array.dtype.kind != "f":
                return False
            return np.array_equal(np.isnan(array), np.isnan(wrong))
    return compare(value, wrong, tolerance=task.tolerance) == ""


def _follow_own_cost(task, draws, outcomes, ask, verdict):
    """Give half the points for the derivative of the student's own cost, if that is a multiple of the one asked."""
    own: Any = []
    asked: Any = []
    for draw, outcome in zip(draws, outcomes):
        if draw.cost is None:
            continue
        theta, shapes = _flatten(draw.arguments[:2])
        given = _flatten_like(outcome.get("value"), shapes)
        if given is None:
            return
        # The slope along a few directions is enough to tell whether it is the derivative (eq-directional-check).
        directions = np.random.default_rng(len(own)).standard_normal((5, theta.size))
        points = [theta + step * v for v in directions for step in (1e-5, -1e-5)]
        calls = [[*_rebuild(p, shapes), *draw.arguments[2:]] for p in [theta, *points]]
        answers = []
        for called in ask(task.own_cost, calls):
            answer = as_array(called.get("value"))
            if answer is None or answer.size != 1 or answer.dtype.kind != "f" or not np.isfinite(answer).all():
                return
            answers.append(answer)
        values = np.array([a.item() for a in answers])
        slopes = (values[1::2] - values[2::2]) / 2e-5
        if np.abs(slopes - directions @ given).max() > 1e-5 * max(np.abs(slopes).max(), 1e-12):
            verdict.findings.append(f"it is not the derivative of your own {task.own_cost} either")
            return
        law = np.array([draw.cost(*call) for call in calls])
        own += [values[0], *slopes]
        asked += [law[0], *(law[1::2] - law[2::2]) / 2e-5]
    # Values and slopes: a cost that remembers where it was asked could get one right and invent the other.
    ratio, own, asked = own[0] / asked[0], np.array(own), np.array(asked)
    multiple = np.abs(ratio) > 1e-6 and np.abs(own - ratio * asked).max() <= 1e-5 * np.abs(own).max()
    hard = [(d, o.get("value")) for d, o in zip(draws, outcomes) if d.cost is None]
    if multiple and not all(_is(lambda d=d: _times(ratio, d.right), value, task) for d, value in hard):
        verdict.findings.append(f"as far as can be determined, it is the derivative of your own {task.own_cost}")
    elif multiple:
        verdict.score = max(verdict.score, task.points / 2)
        verdict.findings.append(
            f"it is the derivative of your own {task.own_cost}, which is {ratio:.4g} times the cost asked for: "
            "half the points"
        )
    else:
        verdict.findings.append(f"it is the derivative of your own {task.own_cost}, which is not the cost asked for")


def _times(factor, right):
    if isinstance(right, Mapping):
        return {key: _times(factor, item) for key, item in right.items()}
    return tuple(_times(factor, part) for part in right) if isinstance(right, tuple) else factor * right


def _flatten(parameters):
    arrays, shapes = [], []
    for part in parameters:
        if isinstance(part, Mapping):
            shapes.append({l: np.shape(a) for l, a in part.items()})
            arrays += [np.ravel(a) for a in part.values()]
        else:
            shapes.append(np.shape(part))
            arrays.append(np.ravel(part))
    return np.concatenate(arrays).astype(np.float64), shapes


def _rebuild(theta, shapes):
    made, start = [], 0

    def take(shape):
        nonlocal start
        size = int(np.prod(shape))
        start += size
        return theta[start - size : start].reshape(shape)

    for shape in shapes:
        made.append({l: take(s) for l, s in shape.items()} if isinstance(shape, dict) else take(shape))
    return made


def _flatten_like(value, shapes):
    """Return a gradient in the order of the parameters, or None when its shapes are wrong."""
    if not isinstance(value, list) or len(value) != len(shapes):
        return None
    arrays = []
    for given, shape in zip(value, shapes):
        if isinstance(shape, dict):
            if isinstance(given, list) and len(given) == len(shape):
                given = dict(zip(shape, given))
            if not isinstance(given, Mapping):
                return None
            pairs = [(given.get(l), s) for l, s in shape.items()]
        else:
            pairs = [(given, shape)]
        for array, wanted in pairs:
            if not isinstance(array, np.ndarray) or array.shape != wanted or array.dtype.kind not in "iuf":
                return None
            arrays.append(array.ravel().astype(np.float64))
    flat = np.concatenate(arrays)
    return flat if np.isfinite(flat).all() else None
