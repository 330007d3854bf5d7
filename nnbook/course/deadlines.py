"""Deadlines, extensions and late days: what a course's deadlines.toml says, applied whenever results are written."""

from __future__ import annotations

import dataclasses
import datetime
import math
import tomllib
import zoneinfo
from pathlib import Path

from .assignments import ASSIGNMENTS

KEYS = {"due", "extensions", "penalty_per_day", "free_days", "last_day"}


@dataclasses.dataclass(frozen=True)
class Late:
    """How late one submission is.

    Attributes
    ----------
    days : int
        Days begun after the deadline.
    free : int
        How many of them the student's free days cover.
    share : float
        The fraction of the assignment's points that is deducted, from 0 to 1.
    text : str
        What the feedback says; "" when there is nothing to say.
    """

    days: int = 0
    free: int = 0
    share: float = 0.0
    text: str = ""


@dataclasses.dataclass(frozen=True)
class Deadlines:
    """The rules of a course; without any, nothing is late.

    Attributes
    ----------
    due : dict of str to datetime
        The deadline of each assignment.
    extensions : dict of str to dict of str to datetime
        Later deadlines for individual students, by assignment.
    penalty_per_day : float
        Fraction of the assignment's points deducted for each day begun.
    free_days : int
        Days that each student may be late over the whole course at no cost.
    last_day : int or None
        More than this many days late, a submission no longer counts.
    """

    due: dict = dataclasses.field(default_factory=dict)
    extensions: dict = dataclasses.field(default_factory=dict)
    penalty_per_day: float = 0.0
    free_days: int = 0
    last_day: int | None = None

    def lateness(self, student: str, handed_in: dict[str, str]) -> dict[str, Late]:
        """Return how late each of a student's submissions is; free days are spent in the order of the deadlines.

        Parameters
        ----------
        student : str
        handed_in : dict of str to str
            For each assignment the time of submission, as ISO text with an offset, or "" if it is unknown.
        """
        left, found = self.free_days, {}
        for name in sorted(handed_in, key=lambda n: (self._due(student, n) is None, self._due(student, n), n)):
            due = self._due(student, name)
            if due is None:
                found[name] = Late()
            elif not handed_in[name]:
                found[name] = Late(text=f"Due {_shown(due)}; the time of submission is not known.")
            else:
                found[name] = self._late(datetime.datetime.fromisoformat(handed_in[name]), due, left)
                left -= found[name].free
        return found

    def _due(self, student, name):
        return self.extensions.get(student, {}).get(name) or self.due.get(name)

    def _late(self, moment, due, left):
        days = max(0, math.ceil((moment - due).total_seconds() / 86400))
        if not days:
            return Late()
        free = min(days, left)
        told = f"Due {_shown(due)}, handed in {_shown(moment)}: {days} day{'s' * (days > 1)} late"
        if self.last_day is not None and days > self.last_day:
            return Late(days, 0, 1.0, f"{told}; after {self.last_day} days nothing counts.")
        share = min(1.0, self.penalty_per_day * (days - free))
        parts = [f"{free} of them free"] * bool(free) + [f"{share:.0%} of the points are taken off"] * bool(share)
        return Late(days, free, share, "; ".join([told, *parts]) + ".")


def _shown(moment):
    return moment.strftime("%Y-%m-%d %H:%M %Z").strip()


def read_deadlines(path: Path) -> Deadlines:
    """Return the rules in a TOML file, or raise ValueError that names what is wrong in it."""
    try:
        given = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: not readable as TOML: {error}") from None
    if unknown := sorted(given.keys() - KEYS):
        raise ValueError(f"{path}: {unknown[0]!r} is not a known key; expected {', '.join(sorted(KEYS))}")
    due = _moments(path, "due", given.get("due", {}))
    extensions = given.get("extensions", {})
    if not isinstance(extensions, dict):
        raise ValueError(f"{path}: extensions must be tables, [extensions.STUDENT]; got {extensions!r}")
    extensions = {student: _moments(path, f"extensions.{student}", times) for student, times in extensions.items()}
    return Deadlines(
        due,
        extensions,
        _number(path, given, "penalty_per_day", 0.0, 1.0, (int, float)),
        _number(path, given, "free_days", 0, math.inf, int),
        _number(path, given, "last_day", 0, math.inf, int) if "last_day" in given else None,
    )


def _moments(path, name, table):
    if not isinstance(table, dict):
        raise ValueError(f"{path}: {name} must be a table of deadlines; got {table!r}")
    for assignment, moment in table.items():
        if assignment not in ASSIGNMENTS:
            raise ValueError(f"{path}: {name}: {assignment!r} is not an assignment; expected {', '.join(ASSIGNMENTS)}")
        if not isinstance(moment, datetime.datetime) or moment.tzinfo is None:
            raise ValueError(
                f"{path}: {name}: {assignment!r} needs a time with its offset from UTC, such as "
                f"2026-03-06T23:59:00+01:00; got {moment}"
            )
    return dict(table)


def _number(path, given, name, least, most, kinds):
    value = given.get(name, least)
    if isinstance(value, bool) or not isinstance(value, kinds) or not least <= value <= most:
        expected = f"a number from {least:g} to {most:g}" if most < math.inf else "a whole number of at least 0"
        raise ValueError(f"{path}: {name} must be {expected}; got {value!r}")
    return value


def moment_of(text: str) -> str:
    """Return the time that nbgrader's timestamp.txt or a column of a table holds as ISO text, or "".

    The zone may be an offset, a name such as Europe/Berlin, or missing, which means UTC, as nbgrader writes it.
    """
    date, _, zone = text.strip().rpartition(" ")
    try:
        if date and not zone[:1].isdigit():
            moment = datetime.datetime.fromisoformat(date).replace(tzinfo=zoneinfo.ZoneInfo(zone))
        else:
            moment = datetime.datetime.fromisoformat(text.strip())
    except (ValueError, KeyError, OSError):
        return ""
    return (moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)).isoformat()
