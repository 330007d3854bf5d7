"""One file has one meaning: an equation may not count layers or indices in a way that more of its file contradicts."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .assumptions import reread
from .judge import Judge, Verdict
from .notation import Change, Notation, Said

if TYPE_CHECKING:
    from .examine import Result

OF_A_FILE = ("shift", "order")  # fields of a Symbol that are the same throughout a file
Convention = frozenset[tuple[str, str, Any]]


def with_one_meaning(results: list[Result], judge: Judge) -> list[Result]:
    """Return the results; a reading that more equations contradict than need it no longer saves an equation."""
    held = [r for r in results if r.verdict.status == "holds" and r.verdict.comparisons and r.verdict.latex]
    needed = Counter(convention_of(result.verdict.reading) for result in results)
    against: dict[Convention, list[Result]] = {}

    def contradicting(convention: Convention) -> list[Result]:
        if convention not in against:
            against[convention] = [result for result in held if _contradicts(result.verdict, convention, judge)]
        return against[convention]

    def settled(result: Result) -> Result:
        verdict, notes, excluded = result.verdict, [], set[Convention]()
        while verdict.latex and (said := verdict.reading) and (convention := convention_of(said)):
            others = contradicting(convention)
            if len(others) <= max(1, needed[convention]):
                return replace(result, verdict=verdict)
            excluded.add(convention)
            notes.append(f"    it would hold where {said[0]}; then these would not: {_names(others)}")
            verdict = _again(verdict, _without(judge.notation, excluded), judge)
        if notes and verdict.status == "refuted":
            verdict = replace(verdict, detail="\n".join([verdict.detail, notes[0]]))
        return replace(result, verdict=verdict)

    return [settled(result) for result in results]


def convention_of(said: Said | None) -> Convention:
    """Return what a reading changes of the conventions that hold throughout a file."""
    changes = {} if said is None else said[1]
    return frozenset(
        (letter, field, fields[field])
        for letter, fields in changes.items()
        for field in OF_A_FILE
        if letter and field in fields
    )


def _contradicts(verdict: Verdict, convention: Convention, judge: Judge) -> bool:
    """Is an equation that holds wrong by this convention?"""
    changes: Change = {}
    for letter, field, value in convention:
        changes.setdefault(letter, {})[field] = value
    other = reread(replace(judge.notation, readings=()), changes)
    return other is not None and _again(verdict, other, judge).status == "refuted"


def _without(notation: Notation, excluded: set[Convention]) -> Notation:
    return replace(notation, readings=tuple(said for said in notation.readings if convention_of(said) not in excluded))


def _again(verdict: Verdict, notation: Notation, judge: Judge) -> Verdict:
    """Judge the same equation in another notation."""
    again = Judge(notation, **judge.assumptions).line(verdict.latex, verdict.label)
    return replace(again, row=verdict.row, latex=verdict.latex)


def _names(results: list[Result], most: int = 3) -> str:
    names = [result.label for result in results]
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
