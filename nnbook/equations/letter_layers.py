"""Which layer an index letter belongs to, where a notation omits the layer: i below j, j below k."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import terms
from .errors import Misfit, fail
from .indices import index_letter, spread
from .language.tree import Derivative, Name, Node, Scripted, walk
from .notation import Notation, Symbol, spelled
from .shapes import Use
from .terms import Env

if TYPE_CHECKING:
    from .meaning import Reader


class LetterLayers:
    """Layers of index letters, inferred from the equation: a weight joins neighbouring layers, a target is in the last.

    Parameters
    ----------
    claim : Node
        The equation.
    notation : Notation
    """

    def __init__(self, claim: Node, notation: Notation) -> None:
        self.notation = notation
        self.parent: dict[str, tuple[str, int]] = {}  # letter -> (another letter, how many layers above it)
        self.anchor: dict[str, tuple[str, int]] = {}  # root -> ("first" or "last", how many layers above)
        for part in walk(claim):
            if isinstance(part, Scripted) and isinstance(part.base, Name) and part.sub is not None:
                self._note(part)
        for part in walk(claim):
            if isinstance(part, Derivative):
                self._neighbours(part)

    def _note(self, part: Scripted) -> None:
        symbol = self.notation.symbols.get(spelled(part.base)) if isinstance(part.base, Name) else None
        if part.sub is None or symbol is None or symbol.kind not in ("w", "b", "z", "a", "delta", "t", "input"):
            return
        letters = [index_letter(place) for place in spread(part.sub)]
        if symbol.kind == "w":
            if len(letters) == 2:
                to, source = letters if symbol.order == "to-from" else letters[::-1]
                if to and source:
                    self._join(to, source, 1, part)
            return
        letter = letters[-1]
        if letter is None:
            return
        self._root(letter)
        if symbol.layer == "L":
            self._anchor(letter, ("last", 0), part)
        elif isinstance(symbol.layer, int):
            self._anchor(letter, ("first", symbol.layer - 1), part)

    def _neighbours(self, part: Derivative) -> None:
        """∂z_k/∂a_j and ∂z_k/∂z_j, of two letters, lead from a layer to the next."""
        kinds, letters = [], []
        for side in (part.top, part.bottom):
            if not isinstance(side, Scripted) or side.sub is None or not isinstance(side.base, Name):
                return
            symbol = self.notation.symbols.get(spelled(side.base))
            kinds.append(symbol.kind if symbol is not None and symbol.layer is None else None)
            letters.append(index_letter(spread(side.sub)[-1]))
        upper, lower = letters
        if kinds in (["z", "a"], ["z", "z"]) and upper and lower and upper != lower:
            self._join(upper, lower, 1, part)

    def _root(self, letter: str) -> tuple[str, int]:
        self.parent.setdefault(letter, (letter, 0))
        above, steps = self.parent[letter]
        if above == letter:
            return letter, 0
        root, more = self._root(above)
        return root, steps + more

    def _join(self, upper: str, lower: str, steps: int, node: Node) -> None:
        """Note that ``upper`` is ``steps`` layers above ``lower``."""
        (one, high), (other, low) = self._root(upper), self._root(lower)
        if one == other:
            if high - low != steps:
                raise Misfit(f"{upper} and {lower} cannot count the units of neighbouring layers", node)
            return
        self.parent[one] = (other, low + steps - high)
        if one in self.anchor:
            kind, layer = self.anchor.pop(one)
            self._anchor(other, (kind, layer - (low + steps - high)), node)

    def _anchor(self, letter: str, place: tuple[str, int], node: Node) -> None:
        root, steps = self._root(letter)
        place = (place[0], place[1] - steps)
        if self.anchor.get(root, place) != place:
            kinds = {self.anchor[root][0], place[0]}
            if len(kinds) == 1:
                raise Misfit(f"{letter} counts the units of two layers at once", node)
            return
        self.anchor[root] = place

    def layer(self, symbol: Symbol, places: list[Node], reader: Reader, node: Node) -> terms.Index:
        """Return the layer of a quantity, inferred from the index letter of its units."""
        place = places[-1] if symbol.kind != "w" or symbol.order == "from-to" else places[0]
        letter, up = index_letter(place), 0
        if letter is None and symbol.kind == "w":  # one of the two is a number
            letter, up = index_letter(places[0] if place is places[-1] else places[-1]), 1
        if letter is None:
            fail("the layer is not stated: write it, or an index letter that implies it", node)
        root, steps = self._root(letter)
        steps += up
        first = 2 if symbol.kind != "a" else 1
        if root in self.anchor:
            kind, layer = self.anchor[root]
            if kind == "last":
                return terms.Index(
                    node, None, lambda env: env.world.L, layer + steps, lambda env: (first, env.world.L), "the layer"
                )
            return terms.Index(node, None, lambda env: 1, layer + steps, lambda env: (first, env.world.L), "the layer")
        name = f"layer of {root}"

        def its_range(env: Env) -> tuple[int, int]:
            return first - steps, env.world.L - steps

        reader.note(name, Use("layer", its_range, node, steps, name=letter))
        return terms.Index(node, name, None, steps, lambda env: (first, env.world.L), "the layer")
