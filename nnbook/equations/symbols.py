"""What a reader needs of the object that gives the letters of an equation their meaning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from .errors import NeedsValues
from .language.tree import Big, Derivative, Nabla, Node, to_latex

if TYPE_CHECKING:
    from .functions import Function
    from .meaning import Reader
    from .terms import Bound, Env, Term


class Symbols:
    """The meaning of letters; this base class knows no letter."""

    unknown = ""  # why a letter has no meaning, in words
    counts = False  # may any letter be an index that counts?
    loose = False  # are the abbreviations of lecture notes read?
    numbers = False  # may elementwise products stand between numbers?
    biases = False  # does the equation name a bias?
    star_multiplies = False  # is * the product of matrices?
    sample_letter = ""
    points: set[str]

    def knows(self, base: Node) -> bool:
        """Does this letter mean something of its own here?"""
        return False

    def turns(self, text: str) -> bool:
        """Does this letter, as a superscript, mean the transpose?"""
        return False

    def allow(self, letter: str, kind: str, offset: int, node: Node, reader: Reader) -> None:
        """Refuse a letter that cannot be an index of this kind."""

    def only_counts(self, node: Node | None) -> bool:
        """Does this upper bound of a sum say no more than how many terms there are?"""
        return False

    def constant(self, node: Node, reader: Reader) -> Bound | None:
        """Return the whole number that ``node`` is in an index or a bound, as a function of where it is evaluated."""
        return None

    def symbol(self, node: Node, reader: Reader) -> Term | None:
        """Return what a letter with its scripts stands for, or None."""
        return None

    def special(self, item: Node, items: list[Node], reader: Reader) -> Term | None:
        """Return the value of a sign and the factors after it, which are removed from ``items``; or None."""
        return None

    def function(self, node: Node, reader: Reader) -> Function | None:
        """Return the function that ``node`` names, or None."""
        return None

    def gradient_function(self, node: Nabla, reader: Reader) -> Function | None:
        """Return the function ∇f, or None."""
        return None

    def apply(self, function: Function, arguments: Sequence[Node], node: Node, reader: Reader) -> Term:
        """Apply a function that these symbols supply."""
        raise NotImplementedError

    def members(self, node: Big, reader: Reader) -> Callable[[Env], list[int]]:
        """Return the members of the set that a sum runs over."""
        low = node.low if node.low is not None else node
        raise NeedsValues(f"no meaning for the set {to_latex(low)}", position=low.position)

    def derivative(self, node: Derivative, reader: Reader) -> Term:
        """Return a derivative."""
        raise NotImplementedError

    def nabla(self, node: Nabla, reader: Reader) -> Term:
        """Return a gradient."""
        raise NotImplementedError

    def all_weights(self, node: Node) -> Term | None:
        """Return the sum of the squares of all weights, when ``node`` stands for all of them; else None."""
        return None

    def batch_sum(self, node: Big, reader: Reader) -> Term | None:
        """Return a sum without an index over the samples of a batch, or None."""
        return None

    def layer_slope(self, node: Node, reader: Reader) -> Term | None:
        """Return the slopes of a whole layer, (f^l)' without an argument, or None."""
        return None
