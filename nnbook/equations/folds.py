"""Sums over an index, cases and comparisons."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from . import values
from .errors import UnreadableEquation, fail
from .language import tree
from .language.tree import Node
from .shapes import Use, agreed
from .terms import POINT, Bound, Env, Term
from .values import Value, number


class Fold(Term):
    """A sum, a product or an extreme over one index letter."""

    def __init__(
        self,
        node: tree.Big,
        letter: str,
        uses: list[Use],
        low: Bound | None,
        high: Bound | None,
        body: Term,
        kind: str,
        members: Callable[[Env], list[int]] | None = None,
    ) -> None:
        self.node: tree.Big = node
        self.letter, self.uses, self.low, self.high = letter, uses, low, high
        self.body, self.kind, self.members = body, kind, members
        self.weight = weight_of(node.body)

    def value(self, env: Env) -> Value:
        how = {r"\sum": "sum", r"\prod": "prod", r"\max": "max", r"\min": "min"}[self.node.operator]
        if self.members is None:
            run = agreed(self.letter, self.uses, env, self.node, self.low, self.high)
            if self.kind in ("unit", "sample") and len(run):
                return self._at_once(env, run, how)
        else:
            run = self.members(env)
        return self._one_by_one(env, run, how)

    def _at_once(self, env: Env, run: range, how: str) -> Value:
        v = self.body.value(env.at(self.letter, run))
        if self.letter in v.axes:
            return values.reduced(v, self.letter, how)
        if how == "sum":
            return values.times(v, number(float(len(run))))
        return values.power(v, number(float(len(run)))) if how == "prod" else v

    def _one_by_one(self, env: Env, run: Sequence[int], how: str) -> Value:
        value = None
        env.spend(self.weight * len(run))  # before the loop: one over 10⁹ numbers is refused immediately
        for member in run:
            term = self.body.value(env.at(self.letter, member))
            if value is None:
                value = term
            elif how == "sum":
                value = values.add((1, 1), (value, term), self.node)
            elif how == "prod":
                value = values.product(value, term, self.node)
            else:
                if value.matrix or term.matrix:
                    fail("a number was expected here, not an array", self.node)
                axes, (p, q), (sp, sq) = values.aligned(value, term)
                best = (np.maximum if how == "max" else np.minimum)(p.real, q.real)
                value = Value(axes, best, False, np.maximum(sp, sq))
        if value is None:
            if how in ("max", "min"):
                fail("a maximum or minimum over nothing", self.node)
            return number(0.0 if how == "sum" else 1.0)
        return value


COMPARE = {
    "=": np.equal,
    "<": np.less,
    ">": np.greater,
    r"\le": np.less_equal,
    r"\ge": np.greater_equal,
    r"\neq": np.not_equal,
}


class Truth:
    """A chain of comparisons as a condition."""

    def __init__(self, node: Node, signs: Sequence[str], sides: list[Term]) -> None:
        self.node, self.signs, self.sides = node, signs, sides

    def truth(self, env: Env, arrays: bool = False) -> Value:
        sides = [s.value(env) for s in self.sides]
        if any(s.matrix for s in sides) and not arrays:
            fail("a number was expected here, not an array", self.node)
        matrix = any(s.matrix for s in sides)
        sides = values.tailed(sides)
        axes, datas, _ = values.aligned(*sides)
        whole = True
        for sign, p, q in zip(self.signs, datas, datas[1:]):
            whole = whole & COMPARE[sign](p.real, q.real)
        return Value(axes, np.asarray(whole), matrix)


class Choice(Term):
    """Values with their conditions; where no case applies there is no number."""

    def __init__(self, node: Node, parts: list[Term], tests: list[Truth | None]) -> None:
        self.node, self.parts, self.tests = node, parts, tests

    def value(self, env: Env) -> Value:
        parts = [p.value(env) for p in self.parts]
        if any(p.matrix for p in parts):
            fail("a number was expected here, not an array", self.node)
        tests = [None if t is None else t.truth(env) for t in self.tests]
        result = number(math.nan)
        for part, test in reversed(list(zip(parts, tests))):
            if test is None:
                result = part
                continue
            axes, (p, q, t), (sp, sq, _) = values.aligned(part, result, test)
            result = Value(axes, np.where(t, p, q), False, np.where(t, sp, sq))
        missing = np.isnan(result.data).sum() if None not in self.tests else 0
        if missing > (POINT in result.axes):  # one point, a boundary, may be left out
            raise UnreadableEquation("no case applies", position=self.node.position)
        return result


def weight_of(node: Node) -> int:
    """Count the pieces of ``node`` that are evaluated together, without those under a sum inside it."""
    return 1 + sum(1 if isinstance(child, tree.Big) else weight_of(child) for _, child in tree.children(node))
