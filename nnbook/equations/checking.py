"""`verify`: find a printed equation, run it, and say whether it holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from . import engine
from .assumptions import Where, where_it_holds, where_reread
from .comparing import TOLERANCE, Comparison, Loops, Tally
from .constants import has_numbers_in_arrays, of_one_example, without_large_numbers
from .errors import EquationDepends, EquationRefuted, Misfit, NeedsValues, UnreadableEquation, caret
from .free_symbols import FreeSymbols, free, substituted_letter, word_above
from .given import Given
from .given_symbols import GivenSymbols
from .language.reader import parse
from .language.tree import Claim, Equivalence, Group, Juxt, Name, Relation, Scripted, Statement, Sum, to_latex, walk
from .meaning import Reader
from .notation import spelled
from .options import Options, checked_options
from .reading import layered
from .statements import Ranges, scripted_letters, separated, sides_of
from .terms import Env, Spent
from .verdict import (
    IDENTITY,
    PARTIAL,
    Judged,
    Outcome,
    Reading,
    compiled,
    judged,
    landau_symbol,
    loose_claim,
    remarks_of,
    trivial,
)

if TYPE_CHECKING:
    from ..core.activations import Activation
    from ..core.costs import Cost
    from ..core.penalties import Penalty
    from .notation import Notation

DRAWS = 5  # of given=


def verify(
    label: str | None = None,
    *,
    sizes: Sequence[int] | Sequence[Sequence[int]] | None = None,
    hidden: str | Activation | None = None,
    output: str | Activation | None = None,
    cost: str | Cost | type[Cost] | None = None,
    given: Callable[[np.random.Generator], Any] | None = None,
    tolerance: float = TOLERANCE,
    penalty: Penalty | None = None,
    targets: str | None = None,
    latex: str | None = None,
    notation: str | Notation | None = None,
) -> None:
    r"""Evaluate a printed equation from its own LaTeX, and raise unless it holds.

    Both sides are compared in networks that cover the usual activations, costs and depths, with pairwise different
    layer sizes; every ∂ is taken by nudging the network itself (complex step), for every value of every free index;
    where the package has a function for the left side, its result is compared too. What is tried does not depend on
    the label.

    Parameters
    ----------
    label : str, optional
        The label behind the closing ``$$`` of the equation, such as ``"eq-hidden-delta"``. The equation is looked up in
        the running notebook, else in the notebooks and Markdown files of the current folder.
    latex : str, optional
        The equation itself, for experiments; then nothing is looked up.
    sizes : list of int, optional
        Units in layers 1 … L, or a list of such lists; without it, networks of 2 to 5 layers are tried.
    hidden, output : str or activation, optional
        The assumed activations; without them all elementwise ones are tried.
    cost : cost, class of a cost, or its name, optional
        The assumed cost; without it, each that goes with the output is tried.
    given : function, optional
        For an equation that is not about a network: a function of ``rng`` that returns a dictionary from printed
        symbols to values (numbers, arrays, functions, `nnbook.equations.Distribution`). The key ``"package"`` holds
        the package's own result, compared with the last side: a number, an array, or a function of printed symbols and
        index letters; a tuple of them, one for each row of a display. For an equivalence it is whether it holds.
    penalty : L1 or L2, optional
        The penalty in J; without it, L2 of a drawn strength.
    targets : "any", optional
        Draw targets that do not add up to 1 for categorical cross-entropy too; the package, which refuses such targets,
        is then not compared.
    tolerance : float, optional
        Largest difference relative to the size of what was added up; must be stated where ``\approx`` stands. When left
        out, 1e-9 for the package's values and those that ``given`` supplies, and else what rounding explains:
        1e-11 in a network, 2e-14 between numbers.
    notation : str or Notation, optional
        What the letters mean; the book's own when left out.

    Raises
    ------
    EquationRefuted
        (an AssertionError and a ValueError) with the equation, the first failing indices, both sides and the error.
        Its subclass `EquationDepends` when the equation is right under other assumptions, which it names.
    UnreadableEquation
        (a ValueError) when the equation cannot be read or means nothing definite, with a caret at the place.

    Examples
    --------
    >>> import nnbook as nn
    >>> nn.verify(latex=r"C_T = \sum_{k=1}^{N} C_k")
    the equation holds (28 comparisons, tolerance 1e-9)
    """
    if (label is None) == (latex is None):
        what = "neither" if label is None else "both"
        raise TypeError(f"verify: expected either a label or latex=; got {what}")
    if label is not None and not isinstance(label, str):
        raise TypeError(f"verify: label must be a string; got {type(label).__name__}")
    if latex is not None and not isinstance(latex, str):
        raise TypeError(f"verify: latex must be a string; got {type(latex).__name__}")
    name = label or "the equation"
    outcome = check(
        _looked_up(name) if latex is None else latex,
        label=name,
        sizes=sizes,
        hidden=hidden,
        output=output,
        cost=cost,
        penalty=penalty,
        targets=targets,
        given=given,
        tolerance=tolerance,
        notation=notation,
    )
    print(line(label, outcome))


def _looked_up(label: str) -> str:
    from .documents import find  # which reads files, and is not needed for latex=

    return find(label)


def line(label: str | None, outcome: Outcome) -> str:
    """Return the one line that says an equation holds; two blanks set its label off."""
    exponent = f"{outcome.tolerance:.0e}".replace("e-0", "e-")
    name = "the equation " if label is None else f"{label}  "
    text = f"{name}holds ({outcome.comparisons:,} comparison{'s' * (outcome.comparisons != 1)}, tolerance {exponent}"
    return text + (f"; {outcome.remark})" if outcome.remark else ")")


def check(
    latex: str,
    *,
    label: str = "an equation",
    against_package: bool = True,
    worlds: list[dict[str, Any]] | None = None,
    explain: bool = True,
    **assumptions: Any,
) -> Outcome:
    """Evaluate one displayed equation; the assumptions are those of `verify`.

    ``worlds`` are the values that given= supplied, as `worlds_of` made them for the same arguments; with
    ``explain=False`` a claim that fails is not tried under other assumptions.

    Raises
    ------
    UnreadableEquation, EquationRefuted
    """
    options = checked_options(**assumptions)
    statement = parse(latex)
    outcome = Outcome(tolerance=options["tolerance"])
    try:
        if options["given"] is not None:
            _check_given(statement, options, worlds or worlds_of(label, options) or [], outcome)
        else:
            _check_networks(statement, options, outcome, against_package, explain)
        return outcome
    except UnreadableEquation as error:
        raise error.located(latex) from None
    except EquationRefuted as error:
        told = type(error)(f"{label} {_what(error)}\n{caret(latex, error.position)}\n{error}", latex)
        told.reason, told.where, told.reading, told.assumed = str(error), error.where, error.reading, error.assumed
        raise told from None
    except (OverflowError, FloatingPointError, ZeroDivisionError) as error:
        raise UnreadableEquation(f"a number is out of range ({error})", latex, None) from None
    except RecursionError:
        raise UnreadableEquation("the equation is nested too deeply", latex, 0) from None


def _what(error: EquationRefuted) -> str:
    return "does not hold" if error.status == "refuted" else "does not hold in general"


def worlds_of(label: str, options: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Return the dictionaries that given= supplies, one for each draw; None for an equation about networks."""
    if options["given"] is None:
        return None
    supplied = []
    for draw in range(DRAWS):
        values = options["given"](np.random.default_rng(engine.seed_of("given", label, draw)))
        if isinstance(values, list | tuple):
            supplied = list(values)
            break
        supplied.append(values)
    if not supplied:
        raise ValueError("verify: given returned no values")
    for values in supplied:
        if not isinstance(values, dict):
            raise TypeError(
                "verify: given must return a dictionary from printed symbols to values, or a list of them; "
                f"got {type(values).__name__}"
            )
    return supplied


def _check_networks(
    statement: Statement, options: Options, outcome: Outcome, against_package: bool, explain: bool
) -> None:
    notation = options["notation"]

    claims, ranges = separated(statement, scripted_letters(statement, lambda base: layered(base, notation)))
    _need_tolerance(claims, options)
    spent, used = [0], set()
    for claim in claims:
        claim = without_large_numbers(claim)
        if landau_symbol(claim) is not None:
            raise UnreadableEquation("O(…) needs values: given=", position=claim.position)
        if (notation.loose and of_one_example(claim)) or (not notation.declared and has_numbers_in_arrays(claim)):
            raise NeedsValues("a number of one example: it needs its values, given=", position=claim.position)
        try:
            free_tally = _as_identity(claim, ranges, options, spent)
        except EquationRefuted:
            if not notation.declared:
                _doubted(claim, ranges, options, spent)
            raise
        if free_tally is not None:
            outcome.comparisons += free_tally.compared
            outcome.remarks += trivial(claim, free_tally) or [IDENTITY]
            outcome.remarks += [PARTIAL] if free_tally.partial else []
            continue
        trial, specs, failure = _judged(claim, ranges, options, against_package, spent, explain)
        if failure is not None:
            raise refusal(claim, ranges, options, failure, explain)
        assert trial is not None  # without a failure
        used |= set(trial.reading.loops.names) | set(trial.reading.reader.bound_letters)
        outcome.comparisons += trial.tally.compared
        outcome.package += trial.tally.package
        outcome.draws += len(specs)
        outcome.remarks += remarks_of(trial, specs)
    _all_used(ranges, used)


def _judged(
    claim: Claim, ranges: Ranges, options: Options, against_package: bool, spent: Spent, explain: bool
) -> Judged:
    """Judge a claim; where no notation is declared, one that cannot be read may hold in another reading."""
    try:
        return judged(claim, ranges, options, against_package, spent)
    except NeedsValues:
        raise
    except UnreadableEquation as error:
        where = where_reread(claim, ranges, options) if explain and not options["notation"].declared else None
        if not where:
            raise
        depends = EquationDepends(f"    {where}; else it cannot be read: {error.reason}")
        depends.position, depends.where = error.position, where.text
        depends.reading, depends.assumed = where.reading, where.assumed
        raise depends from None


def _as_identity(claim: Claim, ranges: Ranges, options: Options, spent: Spent) -> Tally | None:
    """Judge a claim between free numbers; None when it is none, or its notation gives it another meaning."""
    notation = options["notation"]

    def kind_of(name: Name) -> str | None:
        symbol = notation.symbols.get(spelled(name))
        if symbol is None or (symbol.layer is not None and symbol.kind in ("a", "t")):
            return None  # x^i is a power
        return symbol.kind

    if not free(claim, kind_of) or _written_for_arrays(claim, notation):
        return None
    try:
        if Reading(claim, ranges, notation).only_points:
            return None
    except Misfit:
        pass
    except UnreadableEquation:
        return _free_tally(claim, ranges, options, spent)
    try:  # what is true of any numbers is true of a network's too, and claims nothing of it
        return _free_tally(claim, ranges, options, spent) if _bare(claim) else None
    except (EquationRefuted, UnreadableEquation):
        return None


def _written_for_arrays(claim: Claim, notation: Notation) -> bool:
    """Does T above a letter mean a transpose, or d before one a derivative, so that the letters are not numbers?"""
    for part in walk(claim):
        if isinstance(part, Scripted) and any(notation.transposes & {getattr(s, "text", "")} for s in part.sup or ()):
            return True
        if isinstance(part, Juxt) and notation.differential and part.items[0] == Name("d") and len(part.items) == 2:
            return True
    return False


def _bare(claim: Claim) -> bool:
    """Do the letters of a claim have neither indices nor primes?"""
    scripted = [part for part in walk(claim) if isinstance(part, Scripted)]
    return not any(part.sub or part.primes for part in scripted) and isinstance(claim, Relation)


def _doubted(claim: Claim, ranges: Ranges, options: Options, spent: Spent) -> None:
    """Raise what else a claim that free numbers refute may be in a file that declares no notation."""
    if is_update(claim):
        raise _update(claim)
    if (name := word_above(claim)) is not None:
        reason = f"{name[0]} above a letter is a name, it seems, and not a power: what it names is not said"
        raise UnreadableEquation(reason, position=name[1].position)
    if (hidden := substituted_letter(claim)) is not None:
        letter, rest = hidden
        _free_tally(rest, ranges, options, spent)  # the sides without it must agree all the same
        raise NeedsValues(
            f"{letter} stands for a part of this equation, and which is not said", position=claim.position
        )


def _free_tally(claim: Claim, ranges: Ranges, options: Options, spent: Spent) -> Tally:
    """Compare the sides of a claim between free numbers; return the tally, or raise EquationRefuted."""
    symbols, tally = FreeSymbols(claim), Tally()
    reader = Reader(symbols, scripted_letters(claim, lambda base: False))
    try:
        sides, loops = compiled(claim, reader, ranges)
        comparison = Comparison(claim, sides, loops, tally, options["tolerance"], loose_claim(claim))
        for env in symbols.environments():
            failure = comparison.run(env.with_(spent=spent))
            if failure is not None:
                raise EquationRefuted(str(failure))
    except Misfit as misfit:
        raise UnreadableEquation(misfit.reason, position=misfit.position) from None
    if not tally.compared:
        raise UnreadableEquation("nothing was compared: one side has no value anywhere", position=claim.position)
    return tally


def refusal(
    claim: Claim, ranges: Ranges, options: dict[str, Any], failure: Any, explain: bool = True
) -> EquationRefuted:
    """Return the error that says why a claim fails, and under which assumptions it would hold."""
    where = where_it_holds(claim, ranges, options) if explain and not failure.of_package else Where()
    if failure.doubt and not where and not options["notation"].declared:
        raise UnreadableEquation(failure.doubt, position=failure.position)
    if not where and not options["notation"].declared and is_update(claim):
        raise _update(claim)
    error = EquationDepends(f"    {where}; not in general:\n{failure}") if where else EquationRefuted(str(failure))
    error.position, error.where = failure.position, where.text
    error.reading, error.assumed = where.reading, where.assumed
    return error


def is_update(claim: Claim) -> bool:
    r"""Is this an assignment: ``w = w - \eta \frac{\partial C}{\partial w}``, ``w(t + 1) = w(t) + \Delta w``?"""
    if not isinstance(claim, Relation) or claim.signs != ("=",):
        return False
    left, right = claim.sides
    if not isinstance(left, Name | Scripted | Juxt) or not isinstance(right, Sum):
        return False
    own = left.items if isinstance(left, Juxt) else (left,)
    terms = [term.items if isinstance(term, Juxt) else (term,) for term in right.items]
    if len(own) == 2 and isinstance(own[1], Group) and isinstance(own[1].items[0], Sum):  # w(t + 1) = w(t) + …
        return any(term[:1] == own[:1] and term[1:] == (Group("paren", own[1].items[0].items[:1]),) for term in terms)
    return any(term[-len(own) :] == own for term in terms)


def _update(claim: Claim) -> UnreadableEquation:
    name = to_latex(sides_of(claim)[0]).strip()
    text = f"an update, not an equation: {name} before it and after it are different numbers; write the step below"
    return UnreadableEquation(text, position=claim.position)


def _need_tolerance(claims: list[Claim], options: Options) -> None:
    for claim in claims:
        if loose_claim(claim) and options["tolerance"] == TOLERANCE:
            raise UnreadableEquation(
                r"\approx needs its tolerance stated: verify(…, tolerance=…)", position=claim.position
            )


def _all_used(ranges: Ranges, used: set[str]) -> None:
    unused = set(ranges) - used
    if unused:
        raise UnreadableEquation(
            f"a range is stated for {', '.join(sorted(unused))}, which is not a free index here", position=0
        )


def _check_given(statement: Statement, options: Options, supplied: list[dict[str, Any]], outcome: Outcome) -> None:
    claims, ranges = separated(statement, scripted_letters(statement, lambda base: False))
    _need_tolerance(claims, options)
    spent, used = [0], set()
    for row, claim in enumerate(claims):
        tally = Tally()
        for values in supplied:
            used |= _given_world(claim, ranges, _of_row(values, row, len(claims)), options, tally, spent)
        if not tally.compared:
            raise UnreadableEquation(
                "nothing was compared: no value of the free indices satisfies every symbol", position=claim.position
            )
        if isinstance(claim, Equivalence):
            if tally.truths != {True, False}:
                raise UnreadableEquation(
                    "an equivalence needs draws where both sides are true and others where both are false; "
                    f"here both are always "
                    f"{'true' if True in tally.truths else 'false'}",
                    position=claim.position,
                )
        else:
            outcome.remarks += trivial(claim, tally)
        outcome.comparisons += tally.compared
        outcome.package += tally.package
    outcome.draws = len(supplied)
    _all_used(ranges, used)


def _of_row(values: dict[str, Any], row: int, rows: int) -> dict[str, Any]:
    """Return the values with the package's own result for one row of a display."""
    package = values.get("package")
    if not isinstance(package, tuple):
        return values
    if len(package) != rows:
        raise ValueError(f"verify: 'package' has {len(package)} entries, and the display has {rows} equations")
    return {**values, "package": package[row]}


def _given_world(
    claim: Claim, ranges: Ranges, values: dict[str, Any], options: Options, tally: Tally, spent: Spent
) -> set[str]:
    """Compare one claim on one dictionary of values; return its letters."""
    given, symbol = Given(values), landau_symbol(claim)
    if symbol is not None and given.find(symbol) is None:
        given.add(to_latex(symbol).strip(), 0.1)
    reader = Reader(GivenSymbols(given), scripted_letters(claim, lambda base: False))
    try:
        sides, loops = compiled(claim, reader, ranges)
        comparison = Comparison(claim, sides, loops, tally, options["tolerance"], loose_claim(claim), supplied=True)
        env = Env(None, spent=spent)
        failure = comparison.order(env, given) if symbol is not None else comparison.run(env, None, given)
    except Misfit as misfit:
        raise UnreadableEquation(misfit.reason, position=misfit.position) from None
    except UnreadableEquation as error:
        if error.position is None:
            error.position = claim.position
        raise
    if failure is not None:
        raise EquationRefuted(str(failure))
    return set(loops.names) | set(reader.bound_letters)


__all__ = ["Loops", "Outcome", "check", "checked_options", "line", "verify", "worlds_of"]
