"""The values a check supplies through `given=`, found by the symbols they are printed as."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .language.reader import parse
from .language.tree import Name, Node, Number, Relation, Scripted, to_latex, walk
from .values import STEP

if TYPE_CHECKING:
    from .terms import Env


class Distribution:
    """A quantity with finitely many outcomes, over which an average is summed exactly.

    Parameters
    ----------
    outcomes : sequence
        Numbers, or arrays of one shape.
    probabilities : sequence of float, optional
        One for each outcome, adding up to 1; equal when left out.
    """

    def __init__(self, outcomes: Sequence[Any], probabilities: Sequence[float] | None = None) -> None:
        self.outcomes = [np.asarray(o, dtype=float) for o in outcomes]
        if not self.outcomes:
            raise ValueError("Distribution: outcomes must not be empty")
        if len({o.shape for o in self.outcomes}) > 1:
            raise ValueError(
                "Distribution: outcomes must have one shape; got "
                + ", ".join(str(s) for s in sorted({o.shape for o in self.outcomes}))
            )
        if probabilities is None:
            probabilities = np.full(len(self.outcomes), 1 / len(self.outcomes))
        self.probabilities = np.array(probabilities, dtype=float)
        if (
            self.probabilities.shape != (len(self.outcomes),)
            or (self.probabilities < 0).any()
            or abs(self.probabilities.sum() - 1) > 1e-12
        ):
            raise ValueError(
                f"Distribution: probabilities must be {len(self.outcomes)} numbers ≥ 0 that add up to 1; "
                f"got {probabilities}"
            )


def key_text(node: Node) -> str:
    """Return the canonical spelling of a symbol as a key."""
    return to_latex(node).replace(" ", "")


def key_node(key: str) -> Name | Scripted:
    statement = parse(key)
    item = statement.items[0]
    if len(statement.items) != 1 or not isinstance(item, Relation) or item.signs:
        raise ValueError(f"verify: the key {key!r} of given= is not one symbol")
    node: Any = item.sides[0]
    base = node.base if isinstance(node, Scripted) else node
    if not isinstance(base, Name):
        raise ValueError(f"verify: the key {key!r} of given= is not one symbol")
    # R^2, the coefficient of determination, is the name of one number, which may be negative.
    if isinstance(node, Scripted) and node.sup is not None and key_text(node) not in ("R^2", "R^{2}"):
        raise ValueError(f"verify: the key {key!r} of given= has a superscript, which is read as a power")
    return node


def identifier(node: Name | Scripted) -> str:
    r"""Return the Python name under which a symbol can be a function's parameter: ``\beta_1`` is beta_1."""
    base: Any = node.base if isinstance(node, Scripted) else node
    word = base.text.lstrip("\\")
    if base.accent:
        word = f"{base.accent}_{word}"
    if isinstance(node, Scripted) and node.sub:
        word += "_" + "_".join(key_text(s).lstrip("\\").replace("\\text{", "").replace("}", "") for s in node.sub)
    return word


@dataclass
class Found:
    """An entry as referred to by one printed symbol; ``bold``: as a whole."""

    entry: Entry
    bold: bool

    def __getattr__(self, name: str) -> Any:
        return getattr(self.entry, name)


class Entry:
    """One supplied value: a number, an array, a function, a list of functions, or a Distribution."""

    def __init__(self, key: str, value: Any, given: Given) -> None:
        self.given = given
        self.node: Any = key_node(key)
        self.start = 1
        self.parameters: tuple[str, ...] = ()
        self.chance = isinstance(value, Distribution)
        self.functions = None
        self.function = callable(value) and not self.chance
        self.dependent = False
        self._base = None
        if self.chance:
            self.value = value
        elif self.function:
            self.value = value
            try:
                parameters = inspect.signature(value).parameters.values()
                named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
                if all(p.kind in named and p.default is p.empty for p in parameters):
                    self.parameters = tuple(p.name for p in parameters)
            except (TypeError, ValueError):
                pass
        elif isinstance(value, list | tuple) and value and all(callable(v) for v in value):
            self.functions = list(value)
            self.value = None
        else:
            array = np.asarray(value)
            if array.dtype.kind not in "fiub":
                raise TypeError(
                    f"verify: given= supplies {array.dtype} for {key}; expected real numbers, an array of "
                    "them, a function, a list of functions or a Distribution"
                )
            if not np.isfinite(array).all():
                raise ValueError(f"verify: given= supplies a value for {key} that is not finite")
            self.value = array.astype(float)
        if self.numbered and isinstance(self.value, np.ndarray) and self.value.ndim > 0:
            self.be_sequence()
        self.name()

    @property
    def numbered(self) -> bool:
        return (
            isinstance(self.node, Scripted)
            and self.node.sub is not None
            and len(self.node.sub) == 1
            and isinstance(self.node.sub[0], Number)
            and not self.node.primes
        )

    sequence = False

    def be_sequence(self) -> None:
        """Take ``u_0`` with an array as u_0, u_1, u_2 …"""
        self.sequence = True
        self.start = int(self.node.sub[0].text)
        self.node = self.node.base

    def name(self) -> None:
        self.key = key_text(self.node)
        self.identifier = identifier(self.node)
        base: Any = self.node.base if isinstance(self.node, Scripted) else self.node
        self.is_bold = base.style == "bold"

    def base(self) -> Any:
        if self._base is None:
            self._base = self.value.outcomes[0] if self.chance else (self.call(None) if self.dependent else self.value)
        return self._base

    def call(self, env: Env | None) -> Any:
        result = np.asarray(self.value(**{p: self.given.by_identifier[p].read(env, ()) for p in self.parameters}))
        if result.dtype.kind not in "fciub":
            raise TypeError(f"verify: the function given for {self.key} returned {result.dtype}, not numbers")
        return result if result.ndim else result.item()

    @property
    def ndim(self) -> int:
        return 1 if self.functions else np.ndim(self.base())

    @property
    def array(self) -> bool:
        return self.functions is None and (not self.function or self.dependent) and self.ndim > 0

    @property
    def scalar(self) -> bool:
        return self.functions is None and not self.function and not self.chance and self.ndim == 0

    def length(self, env: Env, axis: int) -> int:
        return len(self.functions) if self.functions else self.base().shape[axis]

    def read(self, env: Env | None, places: tuple[int, ...]) -> Any:
        """Return the value at ``places`` (all of it for ()), as a perturbation or an average has set it."""
        changed = env.given if env is not None else {}
        value = changed.get(self.key)
        if value is None:
            value = self.call(env) if self.dependent and changed else self.base()
        if places:
            value = value[places]
        if isinstance(value, np.ndarray) and value.ndim == 0:
            value = value.item()
        return value

    def nudge(self, env: Env, places: tuple[int, ...]) -> Env:
        """Return ``env`` with i·STEP added to one number of this value."""
        value = np.array(self.read(env, ()), dtype=complex)
        value[places] += 1j * STEP
        return env.with_(given={**env.given, self.key: value if value.ndim else value.item()})


class Given:
    """All that one draw of `given=` supplies."""

    def __init__(self, values: dict[str, Any]) -> None:
        if not isinstance(values, dict) or not all(isinstance(k, str) for k in values):
            raise TypeError(
                f"verify: given must return a dictionary from printed symbols to values; got {type(values).__name__}"
            )
        values = dict(values)
        self.package = values.pop("package", None)
        self.entries: dict[str, Entry] = {}
        self.by_identifier: dict[str, Entry] = {}
        self.averaging: list[set[str]] = []
        for key, value in values.items():
            self.add(key, value)
        for _ in range(2):  # a renamed sequence may be another function's parameter
            for entry in list(self.entries.values()):
                entry.dependent = (
                    bool(entry.parameters)
                    and all(p in self.by_identifier for p in entry.parameters)
                    and entry.identifier not in entry.parameters
                )
                if entry.dependent and entry.numbered and entry.ndim:
                    self.rename(entry)
        # a gradient is asked of a function by its parameter's name
        self.entries.update({name: entry for name, entry in self.by_identifier.items() if name not in self.entries})

    def add(self, key: str, value: Any) -> None:
        entry = Entry(key, value, self)
        if entry.key in self.entries:
            raise ValueError(f"verify: given= supplies {key} twice")
        self.entries[entry.key] = entry
        if (
            entry.identifier in self.by_identifier
            and self.by_identifier[entry.identifier].key.strip("\\") != entry.identifier
        ):
            self.by_identifier[entry.identifier] = entry
        else:
            self.by_identifier.setdefault(entry.identifier, entry)

    def rename(self, entry: Entry) -> None:
        del self.entries[entry.key]
        self.by_identifier.pop(entry.identifier, None)
        entry.be_sequence()
        entry.name()
        if entry.key in self.entries:
            raise ValueError(f"verify: given= supplies {entry.key} twice")
        self.entries[entry.key] = self.by_identifier[entry.identifier] = entry

    def _entry(self, key: str) -> Entry | None:
        entry = self.entries.get(key)
        return entry if entry is not None and entry.key == key else None

    def find(self, node: Node) -> Found | None:
        """Return what ``node`` (a name, maybe with a subscript or primes) refers to, or None."""
        base = node.base if isinstance(node, Scripted) else node
        if not isinstance(base, Name):
            return None
        entry = self._entry(key_text(node))
        if entry is not None:
            return Found(entry, entry.is_bold)
        if isinstance(node, Name) and node.style == "bold":
            entry = self._entry(key_text(Name(node.text, "", node.accent)))
            if entry is not None and not entry.function and not entry.functions:
                return Found(entry, True)
            if entry is not None and entry.function and entry.parameters:
                return Found(entry, True) if entry.dependent else None
        return None

    def function(self, node: Node) -> tuple[Found, Node | None, int] | None:
        """Return (Found, power node, primes left) when ``node`` names a given function, else None."""
        base, sub, sup, primes = (
            (node.base, node.sub, node.sup, node.primes) if isinstance(node, Scripted) else (node, None, None, 0)
        )
        power = sup[0] if sup is not None else None
        exact = Scripted(base, sub, None, primes) if (sub is not None or primes) else base
        found = self.find(exact)
        if found is not None and found.function:
            return found, power, 0
        without = Scripted(base, sub, None, 0) if sub is not None else base
        found = self.find(without)
        if found is not None and found.function:
            return found, power, primes
        found = self.find(base) if sub is not None else None
        if found is not None and found.functions:
            return found, power, primes
        return None

    def touched(self, node: Node) -> Iterator[Entry]:
        """Yield the entries a piece of the equation refers to."""
        for part in walk(node):
            if isinstance(part, Name | Scripted):
                found = self.find(part)
                if found is not None:
                    yield found.entry

    def depends(self, node: Node, key: str) -> bool:
        """Does the value of ``node`` change with the entry ``key``?"""
        seen, queue = set(), list(self.touched(node))
        while queue:
            entry = queue.pop()
            if entry.key == key:
                return True
            if entry.key not in seen:
                seen.add(entry.key)
                if entry.dependent:
                    queue += [self.by_identifier[p] for p in entry.parameters]
        return False

    def chances(self, node: Node) -> set[str]:
        return {entry.key for entry in self.touched(node) if entry.chance}

    def outcomes(self, keys: set[str], env: Env) -> Iterator[tuple[float, Env]]:
        """Yield (probability, env) for every joint outcome of independent distributions."""
        entries = [self.entries[key] for key in sorted(keys)]
        for choice in itertools.product(*(range(len(e.value.outcomes)) for e in entries)):
            weight, values = 1.0, dict(env.given)
            for entry, n in zip(entries, choice):
                weight *= float(entry.value.probabilities[n])
                values[entry.key] = entry.value.outcomes[n]
            yield weight, env.with_(given=values)
