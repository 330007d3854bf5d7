"""Judges the equations of documents, in the notation that each declares, else in the one that reads most of them."""

from __future__ import annotations

import contextlib
import difflib
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from . import documents
from .comparing import TOLERANCE
from .context import defined_letters, gone_on, letters_of, without
from .documents.declared import ASSUMPTIONS
from .documents.display import Document, Equation, Span
from .errors import EquationError, NeedsValues, UnreadableEquation
from .judge import Judge, Verdict
from .language.reader import parse
from .notations import NOTATIONS, named
from .one_meaning import File
from .undeclared import undeclared

JUDGED = ("holds", "refuted", "depends")
LONGEST = 20_000  # characters of a display
DEEPEST = 100  # groups and environments within each other
OWN_BUG = "the checker failed here, which is a bug of its own "


class UnknownNotation(ValueError):
    """An unknown notation; the message lists the known ones."""


@dataclass(frozen=True)
class Result:
    """What was found about one equation, and where it stands."""

    label: str
    path: Path
    span: Span
    latex: str
    verdict: Verdict
    notation: str
    tolerance: float = TOLERANCE
    broken: bool = False
    """Not an equation that a person wrote, or a bug of the checker: the run fails, whatever else it found."""


@dataclass
class Report:
    """What was found in one document."""

    path: Path
    notation: str = ""
    how: str = ""
    results: list[Result] = field(default_factory=list)
    displays: int = 0
    unchecked: int = 0
    problems: list[str] = field(default_factory=list)


def examine_all(paths: Iterable[str | Path], notation: str | None = None, run: bool = False) -> list[Report]:
    """Read and judge files and folders; a file that another one includes (``\\input``) is judged only there.

    Parameters
    ----------
    paths : list of paths
        Notebooks, Markdown files, LaTeX files, and folders of them.
    notation : str or None
        What the letters of every file mean; None: as the file declares, else detected.
    run : bool
        Run the code that the checks of a file need.
    """
    if notation is not None:
        known(notation)
    reports: list[Report] = []
    read: dict[str, tuple[Path, bool]] = {}
    for name in paths:
        try:
            for path in documents.files_in(name):
                read.setdefault(os.path.realpath(path), (path, path == Path(name)))
        except documents.FileUnreadable as error:
            reports.append(Report(Path(name), problems=[str(error)]))
    found: list[tuple[Any, bool]] = []
    for path, asked_for in read.values():
        try:
            found.append((documents.read(path), asked_for))
        except documents.FileUnreadable as error:
            found.append((Report(path, problems=[str(error)]), True))
    taken = {whole for document, _ in found if not isinstance(document, Report) for whole in document.inputs}
    for document, asked_for in found:
        if isinstance(document, Report):
            reports.append(document)
        elif asked_for or os.path.realpath(document.path) not in taken:
            reports.append(examine(document, notation, run))
    return reports


def included(paths: Iterable[str | Path]) -> set[str]:
    """Return the real paths of the LaTeX files that others of ``paths`` include and that were not named themselves."""
    taken = set()
    for name in paths:
        if Path(name).exists():
            for path in documents.files_in(name):
                with contextlib.suppress(documents.FileUnreadable):
                    taken |= documents.read(path).inputs if path.suffix.lower() == ".tex" else set()
    return taken - {os.path.realpath(name) for name in paths}


def examine(document: Document, notation: str | None = None, run: bool = False) -> Report:
    """Judge the displays of one document in order; displays marked ``% unchecked`` are counted and skipped."""
    equations = [equation for equation in document.equations if equation.unchecked is None]
    report = Report(document.path, displays=len(equations), problems=list(document.problems))
    report.unchecked = len(document.equations) - len(equations)
    if not equations:
        return report
    try:
        judges, report.how = _judges(document, equations, notation)
    except (ValueError, TypeError) as error:
        report.problems.append(f"{document.path}: {error}")
        return report
    report.notation = next(iter(judges))
    above, unread = "", dict[str, str]()
    for equation in equations:
        latex = gone_on(equation.latex, above) if _hostile(equation.latex) is None else equation.latex
        found = _results(document, replace(equation, latex=latex), judges, run)
        found = [replace(result, latex=equation.latex) for result in found]
        found = [_guarded(_doubted, result, judges, unread) for result in found]
        report.results += found
        if any(result.verdict.status in ("unreadable", "needs values") for result in found) and not found[0].broken:
            letters = defined_letters(latex, next(iter(judges.values())).notation)
            unread |= dict.fromkeys(letters, equation.span.name)
        above = latex
    judge = next(iter(judges.values()))
    if not judge.notation.declared:
        file = File(report.results, judge)
        report.results = [_guarded(file.settled, result) for result in report.results]
    return report


def _guarded(step: Callable[..., Result], result: Result, *more: Any) -> Result:
    """Return a result after one more step, or what is said where that fails: a bug of one equation ends no file."""
    try:
        return step(result, *more)
    except Exception as error:
        verdict = Verdict(result.label, "unreadable", OWN_BUG + _reason(error))
        return replace(result, verdict=verdict, broken=True)


def _doubted(result: Result, judges: dict[str, Judge], unread: dict[str, str]) -> Result:
    """Take back that an equation is wrong where it is not without a letter whose own definition could not be read."""
    judge = next(iter(judges.values()))
    if result.verdict.status != "refuted" or judge.notation.declared or not unread:
        return result
    rest = without(result.latex, unread)
    if rest == result.latex or (rest is not None and judge.judge(rest)[0].status == "refuted"):
        return result
    letter = min(unread.keys() & letters_of(parse(result.latex)))
    text = f"the file says at {unread[letter]} what {letter} is, and that could not be read"
    verdict = replace(result.verdict, status="needs values", detail=text, proposal="")
    return replace(result, verdict=verdict)


# --- the notation -----------------------------------------------------------------------------------------------------


def _judges(document: Document, equations: list[Equation], notation: str | None) -> tuple[dict[str, Judge], str]:
    """Return a judge for each candidate notation, the preferred one first, and how it was chosen."""
    declared = document.declared
    assumptions = {key: _value(declared[key]) for key in ASSUMPTIONS if key in declared}

    def judge(name: str) -> Judge:
        return Judge(named(known(name)).changed(**declared.get("letters", {})), **assumptions)

    if notation or "notation" in declared:
        name = notation or declared["notation"]
        return {name: judge(name)}, "as asked for" if notation else "declared"
    if documents.check_calls(document.code):
        return {"book": judge("book")}, "the book's own, as its checks use it"
    displays = [e.latex for e in equations if not e.fault and _hostile(e.latex) is None]
    text = "\n".join(displays)
    judges, scores = {name: Judge(undeclared(judge(name).notation, text), **assumptions) for name in NOTATIONS}, {}
    for name, one in judges.items():
        read = [one.readable(latex) for latex in displays]
        scores[name] = (sum(part >= 1 for part in read), sum(read))
    best = max(scores.values())
    chosen = {name: one for name, one in judges.items() if scores[name] == best}
    if best == (0, 0):
        return {"book": judges["book"]}, "no notation reads any of its displays"
    others = list(chosen)[1:]
    return chosen, f"detected: it reads {best[0]} of {len(equations)} displays" + (
        f"; so {'does' if len(others) == 1 else 'do'} {', '.join(others)}" if others else ""
    )


def known(name: str) -> str:
    """Return the name of a notation, or raise UnknownNotation."""
    if name not in NOTATIONS:
        near = difflib.get_close_matches(name, NOTATIONS, 1)
        hint = f" (did you mean {near[0]}?)" if near else ""
        raise UnknownNotation(f"notation must be one of {', '.join(NOTATIONS)}; got {name!r:.60}{hint}")
    return name


def _value(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) and value and isinstance(value[0], str) else value


# --- the verdicts -----------------------------------------------------------------------------------------------------


def _results(document: Document, equation: Equation, judges: dict[str, Judge], run: bool) -> list[Result]:
    if (fault := _hostile(equation.latex)) is not None:
        verdict = Verdict(equation.label, "unreadable", fault)
        return [_result(equation, verdict, equation.span, next(iter(judges)), broken=True)]
    if equation.fault is not None:
        return [_result(equation, Verdict(None, "unreadable", equation.fault), equation.span, next(iter(judges)))]
    try:
        arguments = arguments_of(document, equation, run)
    except EquationError as error:
        verdict = Verdict(equation.label, error.status, str(error))
        return [_result(equation, verdict, equation.span, next(iter(judges)))]
    except Exception as error:  # of the code that makes its values
        return [_failed(equation, error, judges, True)]
    try:
        if arguments.get("given") is not None:  # which supplies every value, so the file's assumptions do not apply
            judges = {name: Judge(judge.notation) for name, judge in judges.items()}
        found = {
            name: judge.judge(equation.latex, label=equation.label, assumptions=arguments or None)
            for name, judge in judges.items()
        }
    except Exception as error:
        return [_failed(equation, error, judges, bool(arguments))]
    verdicts = _agreed(found)
    tolerance = arguments.get("tolerance", document.declared.get("tolerance", TOLERANCE))
    by_row = {verdict.row for verdict in verdicts} == set(range(len(equation.rows)))
    results = []
    for verdict in verdicts:
        label, span = equation.rows[verdict.row] if by_row and equation.rows else (None, equation.span)
        verdict = replace(verdict, label=label or verdict.label)
        results.append(_result(equation, verdict, span, next(iter(judges)), tolerance))
    return results


def _result(
    equation: Equation, verdict: Verdict, span: Span, notation: str, tolerance: float = TOLERANCE, broken: bool = False
) -> Result:
    label = (verdict.label or equation.label or span.name).strip("()")
    latex = equation.latex[:200] + " …" if broken and len(equation.latex) > 200 else equation.latex
    return Result(label, equation.path, span, latex, verdict, notation, tolerance, broken)


def _failed(equation: Equation, error: Exception, judges: dict[str, Judge], has_arguments: bool) -> Result:
    """The result where the check itself failed: a wrong argument is the writer's fault, anything else is ours."""
    detail = ("its check cannot be run " if has_arguments else OWN_BUG) + _reason(error)
    verdict = Verdict(equation.label, "unreadable", detail)
    return _result(equation, verdict, equation.span, next(iter(judges)), broken=not has_arguments)


def _reason(error: Exception) -> str:
    return f"({type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no reason given'})"


def _agreed(found: dict[str, list[Verdict]]) -> list[Verdict]:
    """Return one list of verdicts; where notations that read a file equally well disagree, an equation depends."""
    (first, verdicts), *others = found.items()
    agreed = []
    for place, verdict in enumerate(verdicts):
        kinds = {first: verdict}
        kinds |= {name: them[place] for name, them in others if len(them) == len(verdicts)}
        judged = {name: one for name, one in kinds.items() if one.status in JUDGED}
        if len({one.status for one in judged.values()}) < 2:
            chosen = next(iter(judged.values()), verdict)
        else:
            chosen = replace(verdict, status="depends", detail=_disagreement(judged), proposal="")
        # What not every notation needs is not what the equation depends on.
        readings = {one.reading[0] if one.reading else "" for one in kinds.values()}
        assumed = chosen.assumed if all(one.assumed == verdict.assumed for one in kinds.values()) else ()
        agreed.append(replace(chosen, reading=chosen.reading if len(readings) == 1 else None, assumed=assumed))
    return agreed


def _disagreement(judged: dict[str, Verdict]) -> str:
    """Say what was found under each notation: one line for each verdict, with the first of its reasons."""
    lines = ["on the notation, which the file does not declare"]
    for status in dict.fromkeys(one.status for one in judged.values()):
        names = [name for name, one in judged.items() if one.status == status]
        detail = judged[names[0]].detail
        reason = f" ({names[0]}): {detail}" if detail and len(names) > 1 else f": {detail}" if detail else ""
        lines.append(f"{status} in the notation of {', '.join(names)}{reason}")
    return "\n".join(lines)


def _hostile(latex: str) -> str | None:
    """Say why a display is not parsed at all, or return None."""
    if len(latex) > LONGEST:
        return f"a display of {len(latex):,} characters; at most {LONGEST:,} are read"
    depth = 0
    for match in re.finditer(r"\\[{}]|\\begin\b|\\end\b|\\left\b|\\right\b|[{}()\[\]]", latex):
        if match.group() in ("{", "(", "[", r"\begin", r"\left"):
            depth += 1
        elif match.group() in ("}", ")", "]", r"\end", r"\right"):
            depth -= 1
        if depth > DEEPEST:
            return f"nested more than {DEEPEST} deep"
    return None


def arguments_of(document: Document, equation: Equation, run: bool = False) -> dict:
    """Return the assumptions an equation is checked with: those of its check cell, if it has one.

    Raises
    ------
    NeedsValues
        When they can be found only by running the document's code, and ``run`` is False.
    """
    calls = [call for call in documents.check_calls(document.code) if call.label == equation.label]
    if not calls:
        return equation.arguments()
    if len(calls) > 1:
        raise UnreadableEquation(f"{equation.label} has {len(calls)} checks; one was expected")
    try:
        return documents.literal_arguments(calls[0])
    except ValueError as error:
        if not run:
            raise NeedsValues(f"its check needs code to be run ({error}); --run does so") from None
    return documents.recorded_arguments(document.code, calls[0])


# --- how it ended -----------------------------------------------------------------------------------------------------


def counted(reports: list[Report]) -> Counter:
    """Return how many equations there are of each status."""
    return Counter(result.verdict.status for report in reports for result in report.results)


def problems_of(reports: list[Report]) -> list[str]:
    """Return what makes a run fail whatever it found, one line each."""
    lines = [problem for report in reports for problem in report.problems]
    for report in reports:
        for result in report.results:
            if result.broken:
                lines.append(f"{result.path}:{result.span.line}: {result.verdict.detail.splitlines()[0]}")
    return lines


def exit_status(reports: list[Report], strict: bool = False, empty_is_fine: bool = False) -> int:
    """Return 2 when something could not be read or nothing was judged, 1 when an equation fails, else 0.

    Parameters
    ----------
    reports : list of Report
    strict : bool
        Whether "depends", "needs values" and "unreadable" fail too.
    empty_is_fine : bool
        Whether files without any displayed equation may pass.
    """
    counts = counted(reports)
    nothing = not any(counts[status] for status in JUDGED)
    empty = empty_is_fine and not any(report.displays for report in reports)
    if problems_of(reports) or (nothing and not empty):
        return 2
    failing = ("refuted", "depends", "needs values", "unreadable") if strict else ("refuted",)
    return int(any(counts[status] for status in failing))
