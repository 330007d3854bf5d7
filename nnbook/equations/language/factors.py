"""Factors side by side: signs between them, derivatives and gradients before them."""

from __future__ import annotations

from typing import Any, NoReturn

from ..errors import UnreadableEquation
from .tree import Derivative, Group, Juxt, Nabla, Name, Node, Ratio, Scripted, Times


class Mark:
    """A sign in a chain of factors that is not itself a factor: ∂, ·, /."""

    def __init__(self, text: str, position: int, wrt: Node | None = None) -> None:
        self.text, self.position, self.wrt = text, position, wrt


class Operator:
    """A derivative whose function is not yet known: ∂/∂X."""

    def __init__(self, bottom: Node, sign: str, position: int) -> None:
        self.bottom, self.sign, self.position = bottom, sign, position


def fail_at(reason: str, position: int) -> NoReturn:
    raise UnreadableEquation(reason, position=position)


def is_mark(item: Any, text: str) -> bool:
    return isinstance(item, Mark) and item.text == text


def juxt(items: list[Any]) -> Node:
    return items[0] if len(items) == 1 else Juxt(tuple(items), position=items[0].position)


def combined(items: list[Any], position: int) -> Node:
    """Turn factors and signs into a product, with ∇ taken by its name and ∂ … / ∂ … made a derivative."""
    return _Chain(items, position).built()


class _Chain:
    """Factors and signs, read from left to right."""

    def __init__(self, items: list[Any], position: int) -> None:
        self.queue, self.position = list(items), position
        self.parts: list[list[Any]] = []
        self.current: list[Any] = []
        self.closed = False

    def built(self) -> Node:
        while self.queue:
            item = self.queue.pop(0)
            if is_mark(item, r"\cdot"):
                self._dot(item)
            elif is_mark(item, "/"):
                self._slash(item)
            elif is_mark(item, r"\nabla"):
                self._nabla(item)
            elif isinstance(item, Operator):
                self._operator(item)
            else:
                if self.closed:
                    fail_at(r"a / b c can be read in two ways; use \frac or parentheses", item.position)
                self.current.append(item)
        if not self.current:
            fail_at(r"nothing stands after \cdot", self.position)
        self.parts.append(self.current)
        parts = [juxt(part) for part in self.parts]
        return parts[0] if len(parts) == 1 else Times(tuple(parts), position=self.position)

    def _dot(self, item: Mark) -> None:
        if not self.current:
            fail_at(r"nothing stands before \cdot", item.position)
        self.parts.append(self.current)
        self.current, self.closed = [], False

    def _slash(self, item: Mark) -> None:
        if not self.queue:
            fail_at("nothing stands after /", item.position)
        if self.closed:
            fail_at(r"a / b / c can be read in two ways; use \frac", item.position)
        mark = max((n for n, c in enumerate(self.current) if is_mark(c, r"\partial")), default=None)
        if mark is not None:
            self.current = [*self.current[:mark], self._slashed_derivative(mark, item)]
        else:
            if isinstance(self.queue[0], Mark):
                fail_at("did not expect this after /", self.queue[0].position)
            self.current = [Ratio(juxt(self.current), self.queue.pop(0), True, position=item.position)]
        self.closed = True

    def _slashed_derivative(self, mark: int, item: Mark) -> Derivative:
        queue = self.queue
        if not is_mark(queue[0], r"\partial") or len(queue) < 2 or isinstance(queue[1], Mark):
            fail_at(r"\partial above needs \partial below", item.position)
        above = self.current[mark + 1 :]
        if not above:
            fail_at(r"nothing stands after \partial", item.position)
        self.queue = queue[2:]
        return Derivative(juxt(above), queue[1], True, position=self.current[mark].position)

    def _nabla(self, item: Mark) -> None:
        if not self.queue or not isinstance(self.queue[0], Name | Scripted):
            fail_at(r"\nabla needs the name of a quantity or function after it", item.position)
        self.current.append(Nabla(self.queue.pop(0), item.wrt, position=item.position))

    def _operator(self, item: Operator) -> None:
        """∂/∂X of the group that follows, else of all factors up to the next sign."""
        rest = []
        while self.queue and not is_mark(self.queue[0], r"\cdot"):
            rest.append(self.queue.pop(0))
        if not rest:
            fail_at(r"write \frac{\partial Y}{\partial X} with Y above", item.position)
        if isinstance(rest[0], Group) and rest[0].kind in ("paren", "bracket") and len(rest[0].items) == 1:
            rest, self.queue = rest[:1], rest[1:] + self.queue
        top = combined(rest, item.position)
        self.current.append(Derivative(top, item.bottom, False, item.sign, position=item.position))
