"""What letters and marks mean, as data: one frozen object for each way of writing networks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from .language.tree import Name

Change = dict[str, dict[str, Any]]  # by letter, what of its `Symbol` is changed; under "", of the notation
Said = tuple[str, Change]  # in words, and what it changes


@dataclass(frozen=True)
class Symbol:
    """What one letter stands for.

    Parameters
    ----------
    kind : str
        "w", "b", "z", "a", "delta", "t", "input" (z without its bias), "slope" (∂ total/∂w); "C" (cost of a sample),
        "total", "mean", "J" (mean and penalty), "C+" (of a sample, and penalty), "penalty"; "f" (an activation); "N",
        "B", "L", "P", "lambda", "rate" (a learning rate), "size" (units of a layer); "point" (a bare variable);
        "step" (Δ before a weight: −η times its slope).
    whole : str or None
        What it is without units below: "column", "row", "rows" (a batch, one sample a row), "columns", "matrix"
        (rows to, columns from), "matrix from-to"; None when it needs its units.
    units : bool
        May it have units below?
    layer : int, "L" or None
        The layer, where the letter says it; None where its superscript does.
    whole_layer : int, "L" or None
        The layer of the whole, where units below mean another layer than their absence.
    shift : int
        What is added to the printed layer to get ours (the input layer is 1; weights have the layer they lead to).
    first : int
        The first layer on which it exists, in our numbers.
    order : "to-from" or "from-to"
        Of the two units of a weight.
    sign : int
        −1 where it is defined with the opposite sign.
    named : str or None
        Of an activation: what it is where its argument names no layer.
    """

    kind: str
    whole: str | None = None
    units: bool = True
    layer: int | str | None = None
    whole_layer: int | str | None = None
    shift: int = 0
    first: int = 1
    order: str = "to-from"
    sign: int = 1
    named: str | None = None


@dataclass(frozen=True)
class Notation:
    """One way of writing networks.

    Parameters
    ----------
    name, source : str
        Its name, and whose it is.
    symbols : mapping from a spelled letter ("W", "bold W", "hat y", "word net") to `Symbol`
    mark : "bare", "(", "[" or "sub"
        How a layer is written: z^l, z^{(l)}, z^{[l]}, or below as in z_l.
    by_letter : bool
        May the layer be left out, because an index letter always counts the units of one layer?
    sample : "sub", "(", "[", "bare", "outputs" or None
        Where a sample is written: first below, in parentheses or brackets above, bare above, in place of the unit of
        targets and outputs where there is one output, nowhere.
    sample_letter : str
        The letter that stands for a sample in sums over all of them, whether their terms contain it or not.
    sample_letters : frozenset or None
        The only letters of samples; None: any.
    layers : mapping
        Words and letters that name a layer: {"out": "L"}.
    transposes : frozenset
        Letters that, above, mean a transpose.
    depth : int or None
        The number of layers, where the notation has letters for just so many.
    loose : bool
        Does it add a column of biases to a batch, write · between arrays, square arrays entry by entry?
    differential : bool
        Does d before a quantity mean the derivative of the cost?
    biases : "always" or "named"
        "named": networks have biases only where an equation names them.
    entrywise : bool
        Is ∂φ(z)/∂z of two columns taken entry by entry?
    numerator : bool
        Is ∂C/∂x of a column x a row (numerator layout)?
    words : frozenset
        Names of several letters that are parsed as products: net, softmax.
    penalty : "half" or "half mean"
        λ/2 Σw², or λ/2N Σw².
    assumptions : mapping
        What its source always assumes, as arguments of `verify`.
    turned_if : frozenset
        Letters whose presence says that matrices of weights are stored from-to.
    rows_if : frozenset
        Letters whose presence says that a row stands for a batch of rows.
    total_if : frozenset
        Letters whose presence says that C is the cost of all samples.
    bias_row : int or None
        The row of a matrix of weights, order from-to, that holds the biases: that of an input which is always 1.
    cost_is : str
        Whose cost every letter of a cost means, whatever its symbol says: "C" (of one sample), "total" or "mean".
    excluded : frozenset
        Costs that the other equations of a file contradict; none of them is assumed.
    star_multiplies : bool
        Is ``*`` the product of matrices, rather than entry by entry?
    declared : bool
        Does the file, or who asks, say that this is its notation? Where it was found out, more is doubted.
    readings : tuple of (str, dict)
        Other readings that are tried before an equation is called wrong: what changes of single letters, and, under
        "", of the notation itself.
    """

    name: str
    source: str
    symbols: Mapping[str, Symbol]
    mark: str = "bare"
    by_letter: bool = False
    sample: str | None = None
    sample_letter: str = ""
    sample_letters: frozenset | None = None
    layers: Mapping[str, int | str] = field(default_factory=dict)
    transposes: frozenset = frozenset()
    depth: int | None = None
    loose: bool = True
    differential: bool = False
    biases: str = "always"
    entrywise: bool = False
    numerator: bool = False
    words: frozenset = frozenset()
    penalty: str = "half"
    assumptions: Mapping[str, object] = field(default_factory=dict)
    turned_if: frozenset = frozenset()
    rows_if: frozenset = frozenset()
    total_if: frozenset = frozenset()
    bias_row: int | None = None
    cost_is: str = ""
    excluded: frozenset = frozenset()
    star_multiplies: bool = False
    declared: bool = True
    readings: tuple[Said, ...] = ()

    def __post_init__(self) -> None:
        for name in ("symbols", "layers", "assumptions"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def changed(self, **letters: Symbol | str) -> Notation:
        """Return the same notation with single letters changed: a `Symbol`, or the name of the letter it is like."""
        symbols = dict(self.symbols)
        for letter, meaning in letters.items():
            if isinstance(meaning, str):
                if meaning not in self.symbols:
                    raise ValueError(f"notation {self.name} has no letter {meaning!r}, which {letter!r} is to be like")
                meaning = self.symbols[meaning]
            symbols[letter] = meaning
        return replace(self, symbols=symbols)

    def of_kind(self, kind: str) -> list[str]:
        """Return the letters that mean a kind."""
        return [letter for letter, symbol in self.symbols.items() if symbol.kind == kind]


def spelled(name: Name) -> str:
    """Return how a letter is spelled as a key: its style, its accent and its text."""
    return " ".join(filter(None, (name.style, name.accent, name.text)))
