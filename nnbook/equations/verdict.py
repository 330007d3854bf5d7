"""Judges one claim: in which worlds it holds, and whether it claims anything at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from . import worlds
from .comparing import NEAR, TOLERANCE, Comparison, Failure, Loops, Tally
from .definitions import Definition
from .errors import EquationError, EquationRefuted, Meaningless, Misfit, NotHere, UnreadableEquation
from .language.tree import (
    Big,
    Cases,
    Claim,
    Equivalence,
    Group,
    Juxt,
    Name,
    Node,
    Number,
    Relation,
    Scripted,
    to_latex,
    walk,
)
from .letter_layers import LetterLayers
from .meaning import Reader, landau
from .network_symbols import NetworkSymbols
from .notation import Notation, spelled
from .options import Options
from .package_side import PackageSide, answers
from .scopes import widened
from .shapes import kind_of
from .statements import RANGE_SIGNS, Ranges, scripted_letters, sides_of
from .terms import HAND, Env, Spent
from .witness import PackageDiffers, Witness
from .words import spelled_words

IDENTITY = "an identity: true whatever numbers its symbols stand for, so it says nothing of networks"
PARTIAL = "where both sides have a value; at some points only one of them has"
KINKED = {"max", "min", "sign", "sgn", "relu", "ReLU"}
WORDS = frozenset({"softmax", "sigmoid", "tanh", "ReLU", "relu", "softplus"})


@dataclass
class Outcome:
    """What a check found: how many numbers were compared, and with how many of the package's."""

    comparisons: int = 0
    package: int = 0
    draws: int = 0
    tolerance: float = TOLERANCE
    remarks: list = field(default_factory=list)

    @property
    def remark(self) -> str:
        return "; ".join(dict.fromkeys(self.remarks))


class Reading:
    """One claim, read in one notation: its pieces, its free letters, and what it needs of a world."""

    def __init__(self, claim: Claim, ranges: Ranges, notation: Notation, hidden: str | None = None) -> None:
        self.ranges, self.notation = ranges, notation
        self.fails_in: set[worlds.Spec] = set()  # no assumption that includes one of these worlds can make it hold
        remarks: list[str] = []
        if notation.loose:
            claim, remarks = widened(spelled_words(claim, notation.words | WORDS))
        self.claim, self.literals = claim, literals(claim)
        names = names_in(claim, notation)
        letters = LetterLayers(claim, notation) if notation.by_letter else None
        self.symbols = NetworkSymbols(notation, names, hidden, letters)
        self.reader = Reader(self.symbols, scripted_letters(claim, self._layered))
        self.reader.remarks += remarks
        self.sides, self.loops = compiled(claim, self.reader, ranges)
        self._check_samples()
        self.needs = self._needs()
        batch = {s for s in names if s in notation.symbols and notation.symbols[s].kind == "B"}
        self.batch = bool(batch) or self._names_batch()
        count = {s for s in names if s in notation.symbols and notation.symbols[s].kind == "N"}
        self.split = self.batch and bool(count)

    def _layered(self, base: Node) -> bool:
        symbol = self.symbols.find(base)
        return symbol is not None and symbol.kind not in ("C", "J", "total", "mean")

    def _names_batch(self) -> bool:
        return any(isinstance(p, Scripted) and p.sub and getattr(p.sub[0], "text", "") == "B" for p in walk(self.claim))

    def _check_samples(self) -> None:
        reader = self.reader
        if reader.hand is not None and reader.explicit is not None and self.notation.sample_letters is not None:
            raise UnreadableEquation(
                "one symbol belongs to the current sample, another names its sample", position=reader.explicit.position
            )
        if self.notation.differential and reader.hand is not None and reader.whole is not None:
            raise UnreadableEquation(
                "this symbol stands for all samples, another for one: write both as capitals or both as small letters",
                position=reader.whole.position,
            )
        if reader.point is not None and reader.layered is not None and not self.notation.loose:
            raise UnreadableEquation("this symbol needs its layer and unit", position=reader.point.position)

    def _needs(self) -> worlds.Needs:
        most = self.reader.most
        biases = self.notation.biases == "always" or self.symbols.biases
        return worlds.Needs(most["layer"], most["unit"], most["sample"], biases, self.notation.depth)

    @property
    def only_points(self) -> bool:
        """Is this a statement about numbers, the same in every network?"""
        reader = self.reader
        return bool(self.symbols.points) and not (reader.layered or reader.hand or reader.explicit)

    def env(self, network: Any, spent: Spent) -> Env:
        batch = network.N if not self.split else max(1, network.N - 2)
        samples = [letter for letter, uses in self.reader.free.uses.items() if kind_of(uses) == "sample"]
        hand = samples[0] if len(samples) == 1 else HAND
        return Env(
            network, hand=hand, points=worlds.points(self.symbols.points, self.literals), batch=batch, spent=spent
        )


def literals(claim: Claim) -> list[float]:
    """Return the numbers that stand in a claim, where its cases may part."""
    return [
        float(part.text) for part in walk(claim) if isinstance(part, Number) and float(part.text) not in (0.0, 1.0, 2.0)
    ]


def names_in(node: Node, notation: Notation) -> frozenset[str]:
    """Return the spelled letters of a claim, and of what was defined with them."""
    counting = {part.index.text for part in walk(node) if isinstance(part, Big)}  # what a sum binds is not a symbol
    names = {spelled(part) for part in walk(node) if isinstance(part, Name) and part.text not in counting}
    for name in list(names):
        symbol = notation.symbols.get(name)
        if isinstance(symbol, Definition):
            names |= names_in(symbol.body, notation)
    return frozenset(names)


def compiled(claim: Claim, reader: Reader, ranges: Ranges) -> tuple[list[Any], Loops]:
    """Return (sides, loops) of a claim."""
    if isinstance(claim, Equivalence):
        sides = [reader.truth(claim.left), reader.truth(claim.right)]
    else:
        sides = [reader.expression(side) for side in claim.sides]
    return sides, Loops(reader, ranges, claim)


def loose_claim(claim: Claim) -> bool:
    relations = [claim] if isinstance(claim, Relation) else [claim.left, claim.right]
    return any(r"\approx" in relation.signs for relation in relations)


class Trial:
    """One reading tried on worlds: the tally, and the first failure."""

    def __init__(self, reading: Reading, options: Options, spent: Spent | None = None) -> None:
        self.reading, self.options = reading, options
        self.tally, self.spent = Tally(), [0] if spent is None else spent
        self.skipped: UnreadableEquation | None = None

    def at(self, spec: worlds.Spec, against_package: bool = False) -> Failure | None:
        """Try one world; return the `Failure` or None."""
        network = worlds.network(spec)
        comparison = Comparison(
            self.reading.claim,
            self.reading.sides,
            self.reading.loops,
            self.tally,
            self.options["tolerance"],
            loose_claim(self.reading.claim),
            None if self.reading.only_points else network,
            spec.large,
        )
        world, package = network, None
        if against_package and self._packaged(spec):
            package = PackageSide(network)
            world = Witness(network, package)
            if not (isinstance(self.reading.claim, Relation) and answers(self.reading.claim.sides[0])):
                package = None
        try:
            return comparison.run(self.reading.env(world, self.spent), package)
        except PackageDiffers as error:
            return Failure(str(error), network.describe(), of_package=True)
        except Misfit as misfit:
            return Failure(f"    {misfit.reason}", position=misfit.position, doubt=misfit.doubt)
        except Meaningless as error:
            self.skipped = self.skipped or error
            return None
        except NotHere as error:
            self.skipped = self.skipped or error
            return None

    def _packaged(self, spec: worlds.Spec) -> bool:
        return (
            spec.cost in ("SquaredError", "BinaryCrossEntropy", "CategoricalCrossEntropy")
            and not spec.arbitrary
            and not spec.large  # the package rounds as training may
        )

    def all(self, specs: Iterable[worlds.Spec], against_package: bool = False) -> Failure | None:
        """Try worlds until one fails; return its `Failure`, or None."""
        for spec in specs:
            failure = self.at(spec, against_package)
            if failure is not None:
                self.reading.fails_in.add(spec)
                return failure
            if self.reading.only_points:
                break
        return None


def assumed(options: Options, notation: Notation, **more: Any) -> dict[str, Any]:
    """Return the arguments of `worlds.plan` for these assumptions."""
    names = ("sizes", "hidden", "output", "cost", "penalty", "targets")
    known = {**notation.assumptions, **{name: options[name] for name in names if options[name] is not None}}
    return {name: value for name, value in {**known, **more}.items() if name in names}


Judged = tuple[Trial | None, tuple[worlds.Spec, ...], Failure | None]


def judged(
    claim: Claim, ranges: Ranges, options: Options, against_package: bool = True, spent: Spent | None = None
) -> Judged:
    """Try a claim about networks in every world that must satisfy it.

    Returns
    -------
    Trial, specs, Failure or None

    Raises
    ------
    UnreadableEquation
        When it cannot be read, or nothing could be compared.
    """
    notation = options["notation"]
    arguments = assumed(options, notation)
    hidden = arguments.get("hidden")
    try:
        reading = Reading(claim, ranges, notation, hidden if isinstance(hidden, str) else None)
    except Misfit as misfit:
        return None, (), Failure(f"    {misfit.reason}", position=misfit.position)
    specs = worlds.plan(**arguments, needs=reading.needs)
    trial = Trial(reading, options, spent)
    core = [s for s in specs if s.core]
    if narrow(claim):  # agreement is a sample here, so it is a larger one, and of larger numbers
        core += [
            replace(s, turn=turn) for turn in range(3, 8) for s in core if turn < 5 or arguments.get("penalty") is None
        ]
    failure = trial.all(core, against_package)
    if failure is None and not trial.tally.compared:
        if trial.skipped is not None:
            if isinstance(trial.skipped, NotHere) and options["sizes"] is None:
                raise UnreadableEquation(
                    f"{trial.skipped.reason}; no network of the plan has it: state sizes=",
                    position=trial.skipped.position,
                )
            raise trial.skipped
        raise UnreadableEquation(
            "nothing was compared: no value of the free indices satisfies every symbol", position=claim.position
        )
    return trial, specs, failure


def remarks_of(trial: Trial, specs: Sequence[worlds.Spec]) -> list[str]:
    """Say what a reader should know about a claim that holds."""
    claim, tally = trial.reading.claim, trial.tally
    remarks: list[str] = []
    if isinstance(claim, Equivalence):
        return remarks
    remarks += trivial(claim, tally)
    remarks += trial.reading.reader.remarks
    if not remarks and set(claim.signs) == {"="} and not trial.reading.only_points and _identity(trial, specs):
        remarks.append(IDENTITY)
    if not any("claims nothing" in r or r == IDENTITY for r in remarks) and not trial.reading.only_points:
        strange = Trial(trial.reading, trial.options)
        for spec in specs:
            if not spec.core and spec.arbitrary and strange.at(spec) is not None:
                remarks.append("for every activation that the package has, and not for every smooth f")
                break
    return remarks


def _identity(trial: Trial, specs: Sequence[worlds.Spec]) -> bool:
    """Does the claim stay true when every symbol stands for unrelated numbers?"""
    spec = next((s for s in specs if s.core and len(s.sizes) > 2), specs[0])
    world, reading = worlds.Unrelated(worlds.network(spec)), trial.reading
    tally = Tally()
    comparison = Comparison(reading.claim, reading.sides, reading.loops, tally, trial.options["tolerance"], False)
    try:
        env = reading.env(worlds.network(spec), [0]).with_(world=world)
        return comparison.run(env) is None and tally.compared > 0
    except (Misfit, EquationError, ValueError):
        return False


def narrow(claim: Claim) -> bool:
    """May a claim hold in a range of numbers and fail outside it: an inequality, an extremum, a magnitude, a case?"""
    relations = [claim] if isinstance(claim, Relation) else [claim.left, claim.right]
    if any(RANGE_SIGNS & set(relation.signs) for relation in relations):
        return True
    for part in walk(claim):
        if isinstance(part, Cases) or (isinstance(part, Group) and part.kind in ("abs", "floor")):
            return True
        if isinstance(part, Big) and part.operator in (r"\max", r"\min"):
            return True
        if isinstance(part, Name) and part.text.lstrip("\\") in KINKED:
            return True
    return False


def trivial(claim: Claim, tally: Tally) -> list[str]:
    """Say why a claim is trivial: true whatever its symbols stand for."""
    remarks: list[str] = []
    if isinstance(claim, Equivalence):
        return remarks
    for sign, nonzero, near, (left, right) in zip(
        claim.signs, tally.nonzero, tally.nearest, zip(claim.sides, claim.sides[1:])
    ):
        if left == right:
            remarks.append("both sides are the same, letter for letter: an identity, which claims nothing")
        elif sign in ("=", r"\approx") and not nonzero:
            remarks.append("both sides were 0 in every comparison: this claims nothing")
        elif sign in RANGE_SIGNS and near > NEAR:
            remarks.append(
                f"the inequality is nowhere tight: the sides come no closer than {near:.1e} of their size in any world"
            )
    return remarks


def landau_symbol(claim: Claim) -> Name | None:
    """Return the symbol of the O term of a claim, or None."""
    for part in walk(claim):
        if not isinstance(part, Juxt) or len(part.items) != 2 or part.items[0] != Name("O"):
            continue
        if isinstance(group := part.items[1], Group):
            return landau(part)[0] if len(group.items) == 1 else None
    return None


__all__ = ["EquationRefuted", "Number", "Outcome", "Trial", "judged", "np", "remarks_of", "sides_of", "to_latex"]
