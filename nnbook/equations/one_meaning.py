"""One file has one meaning: what more of a file contradicts than needs it saves no equation of it.

That is how it counts layers and indices, whether samples are rows, and what its cost is. Rows and columns, and costs of
one sample and of all, do stand beside each other in one file: there an equation for all samples is set only against
others for all samples, a cost that the file itself states is kept, and so is a layout that two equations need.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .assumptions import COST_NAMES, reread
from .context import says_the_cost
from .errors import EquationError
from .judge import Judge, Verdict
from .language.reader import parse
from .language.tree import Big, walk
from .notation import Change, Notation, Said, spelled
from .verdict import names_in
from .worlds import LOOSE_COSTS

if TYPE_CHECKING:
    from .examine import Result

SQUARES = frozenset({"SquaredError", *LOOSE_COSTS})  # costs that a factor tells apart
ASPECTS = {"numbering": ("shift",), "layout": ("order", "whole"), "cost": ("cost_is",)}
UNREAD = ("unreadable", "needs values")


@dataclass(frozen=True)
class Convention:
    """What one verdict needs of its file: changes of a notation, or the cost ``cost``.

    ``said`` says it in words.
    """

    aspect: str
    changes: frozenset[tuple[str, str, Any]] = frozenset()
    cost: str = ""
    said: str = field(default="", compare=False)

    def applied(self, notation: Notation) -> Notation | None:
        """Return a notation with this convention and without other readings; None when it lacks the letters."""
        notation = replace(notation, readings=())
        if self.cost:
            return replace(notation, assumptions={**notation.assumptions, "cost": self.cost})
        changes: Change = {}
        for letter, name, value in self.changes:
            changes.setdefault(letter, {})[name] = value
        return reread(notation, changes)


def conventions_of(verdict: Verdict) -> list[Convention]:
    """Return what a verdict needs of the conventions that hold throughout a file."""
    found = conventions_of_reading(verdict.reading)
    costs = [assumption.get("cost", "") for assumption in verdict.assumed]
    if costs and set(costs) <= SQUARES:  # each is enough, so a second one makes none of them needed
        found += [Convention("square", cost=cost, said=COST_NAMES.get(cost, cost)) for cost in dict.fromkeys(costs)]
    return found


def conventions_of_reading(said: Said | None) -> list[Convention]:
    """Return what a reading changes, by aspect."""
    changes = [] if said is None else [(letter, *item) for letter, fields in said[1].items() for item in fields.items()]
    orders = {letter for letter, name, _ in changes if name == "order"}
    found = []
    for aspect, names in ASPECTS.items():
        own = frozenset(change for change in changes if change[1] in names and change[2] != "")
        if said is not None and own and (aspect != "layout" or orders):
            found.append(Convention(aspect, own, said=said[0]))
    return found


class File:
    """The results of one file, and what they need and contradict.

    Parameters
    ----------
    results : list of Result
    judge : Judge
        That of the notation which was found out for the file.
    """

    def __init__(self, results: list[Result], judge: Judge) -> None:
        self.results, self.judge = results, judge
        self.held = [r for r in results if _held(r.verdict)]
        self.needed = [conventions_of(r.verdict) for r in results]
        self.against: dict[tuple[Convention, bool], list[Result]] = {}

    @cached_property
    def stated(self) -> list[Result]:
        """The equations that say what a cost is."""
        return [result for result in self.results if says_the_cost(result.verdict.latex or result.latex)]

    def settled(self, result: Result) -> Result:
        """Return a result; what more equations contradict than need it no longer saves its equation.

        Parameters
        ----------
        result : Result
            One of the file's.
        """
        verdict, notes, notation = result.verdict, [], self.judge.notation
        while verdict.latex and verdict.status == "depends":
            wrong = self._contradicted(verdict)
            if not wrong:
                return replace(result, verdict=verdict)
            for convention, others in wrong:
                where = "for" if convention.cost else "where"
                notes.append(f"    it would hold {where} {convention.said}; then these would not: {_names(others)}")
            notation = _without(notation, [convention for convention, _ in wrong])
            verdict = _again(verdict, notation, self.judge)
        if verdict.status in UNREAD:
            return result
        if notes and verdict.status == "refuted":
            verdict = replace(verdict, detail="\n".join([verdict.detail, notes[0]]))
        return replace(result, verdict=verdict)

    def _contradicted(self, verdict: Verdict) -> list[tuple[Convention, list[Result]]]:
        """Return what a verdict needs and the file contradicts, with the equations that do."""
        found = []
        conventions = conventions_of(verdict)
        for convention in conventions:
            others = self._contradicting(convention, self._of_batch(verdict))
            if len(others) > max(1, self._needs(convention)) and not self._kept(convention):
                found.append((convention, others))
        costs = [c for c in conventions if c.cost]
        if not all(any(c == other for other, _ in found) for c in costs):  # one of several costs is left
            found = [(c, others) for c, others in found if not c.cost]
        return found

    def _needs(self, convention: Convention) -> int:
        if convention.aspect == "layout":
            return sum(any(_like(c, convention) for c in own) for own in self.needed)
        return sum(convention in own for own in self.needed)

    def _kept(self, convention: Convention) -> bool:
        """Does the file itself, or may it, state what the others contradict?"""
        if convention.aspect == "layout":
            return self._needs(convention) > 1
        if convention.aspect == "numbering":
            return False
        return any(r.verdict.status in UNREAD or convention in conventions_of(r.verdict) for r in self.stated)

    def _contradicting(self, convention: Convention, of_batch: bool) -> list[Result]:
        key = convention, of_batch
        if key not in self.against:
            self.against[key] = [r for r in self.held if self._contradicts(r.verdict, convention, of_batch)]
        return self.against[key]

    def _contradicts(self, verdict: Verdict, convention: Convention, of_batch: bool) -> bool:
        """Is an equation that holds wrong by this convention, and about the same thing?"""
        whole = any(name in ("whole", "cost_is") for _, name, _ in convention.changes)
        if whole and self._of_batch(verdict) != of_batch:
            return False
        if convention.cost and not any(c.cost for c in conventions_of(verdict)):
            return False
        other = convention.applied(self.judge.notation)
        return other is not None and _again(verdict, other, self.judge, propose=False).status == "refuted"

    def _of_batch(self, verdict: Verdict) -> bool:
        """Does an equation name all samples: by a letter for them, by their number, by a sum over them?"""
        try:
            statement = parse(verdict.latex)
        except EquationError:
            return False
        notation = self.judge.notation
        symbols = [notation.symbols[name] for name in names_in(statement, notation) if name in notation.symbols]
        if any(s.kind in ("N", "B") or s.whole in ("rows", "columns") for s in symbols):
            return True
        sums = [spelled(part.index) for part in walk(statement) if isinstance(part, Big)]
        return bool(notation.sample_letter) and notation.sample_letter in sums


def _held(verdict: Verdict) -> bool:
    """Does an equation hold, if need be for one of the usual activations or costs, and say something?"""
    if not verdict.latex or verdict.reading is not None:
        return False
    return (verdict.status == "holds" and verdict.comparisons > 0) or bool(verdict.assumed)


def _like(one: Convention, other: Convention) -> bool:
    """Have two layouts the indices of weights in the same order?"""
    return one.aspect == other.aspect and any(name == "order" for _, name, _ in one.changes & other.changes)


def _without(notation: Notation, wrong: list[Convention]) -> Notation:
    """Return a notation in which nothing that is wrong is tried any more."""
    readings = tuple(said for said in notation.readings if not set(conventions_of_reading(said)) & set(wrong))
    costs = {convention.cost for convention in wrong if convention.cost}
    return replace(notation, readings=readings, excluded=notation.excluded | costs)


def _again(verdict: Verdict, notation: Notation, judge: Judge, propose: bool = True) -> Verdict:
    """Judge the same equation in another notation."""
    again = Judge(notation, **judge.assumptions).line(verdict.latex, verdict.label, propose=propose)
    return replace(again, row=verdict.row, latex=verdict.latex)


def _names(results: list[Result], most: int = 3) -> str:
    names = [result.label for result in results]
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
