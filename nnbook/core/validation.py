"""Convert what a caller passed to what a formula needs, or say why that is not possible."""

from __future__ import annotations

import cmath
import difflib
import operator
from collections.abc import Collection, Mapping
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")
_FLOAT_CHARACTERS = "fdD"  # float32, float64, and the complex128 of the complex step


def floats(where: str, name: str, value: Any) -> np.ndarray:
    """Return `value` as an array of float32, float64 or complex128 without copying one that already is.

    Integers and booleans become float64. Anything else is a TypeError that names `where` and `name`.
    """
    if type(value) is np.ndarray and value.dtype.char in _FLOAT_CHARACTERS:
        return value
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        raise ValueError(
            f"{where}: {name} must have a number in every entry; it is a masked array with {np.ma.count_masked(value)} "
            "entries masked: leave those samples out, or write .filled(value)"
        )
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{where}: {name} must be a rectangular array of numbers; {error}") from None
    except (RuntimeError, TypeError) as error:  # a tensor that requires a gradient, or is on another device
        raise TypeError(f"{where}: {name} must be an array; it is {_kind(value)}{_as_array(value)}: {error}") from None
    if array.dtype.kind in "biu":
        return array.astype(np.float64)
    if array.dtype.char not in _FLOAT_CHARACTERS:
        raise TypeError(
            f"{where}: {name} must hold float32 or float64 numbers; it has dtype {array.dtype}"
            + (" (too few digits for a gradient: convert it to float32)" if array.dtype.char == "e" else "")
            + (_as_array(value) if array.dtype.char == "O" else "")
        )
    return array


def _kind(value) -> str:
    return f"a {type(value).__module__.partition('.')[0]} {type(value).__name__}"


def _as_array(value) -> str:
    """Return a hint on how to get an array from an object of another library."""
    if hasattr(value, "detach"):
        return "; write .detach().cpu().numpy()"
    if hasattr(value, "toarray"):
        return "; write .toarray() for a dense array"
    if hasattr(value, "to_numpy"):
        return "; write .to_numpy(dtype=float), on numeric columns only"
    return ""


def finite(where: str, name: str, array: np.ndarray) -> np.ndarray:
    """Return `array`, or raise ValueError that names its first entry that is NaN or infinite."""
    # The sum is finite unless an entry is not (or the sum overflows, which the slow path then allows). The sum of the
    # squares is the faster one, but vdot copies an array whose entries do not lie one after another.
    total = np.vdot(array, array) if array.flags.c_contiguous else np.add.reduce(array, axis=None)
    if not cmath.isfinite(total) and not (good := np.isfinite(array)).all():
        place = np.unravel_index(np.argmin(good), array.shape)
        index = ", ".join(map(str, place))
        raise ValueError(f"{where}: {name}[{index}] is {array[place]}; every entry must be a finite number")
    return array


def same_shape(where: str, name: str, array: np.ndarray, other: str, reference: np.ndarray) -> None:
    """Raise ValueError unless `array` has the shape of `reference`."""
    if array.shape != reference.shape:
        raise ValueError(f"{where}: {name} needs the shape of {other}, {reference.shape}; it has shape {array.shape}")


def vector_or_rows(where: str, name: str, array: np.ndarray) -> np.ndarray:
    """Return `array` if it is one sample (1-D) or rows of samples (2-D)."""
    if array.ndim not in (1, 2) or array.shape[-1] == 0:
        raise ValueError(
            f"{where}: {name} must be one sample, shape (units,), or a batch, shape (samples, units); "
            f"it has shape {array.shape}"
        )
    return array


def rows(where: str, name: str, array: np.ndarray, units: int | None = None) -> np.ndarray:
    """Return `array` if it has shape (samples, units) with at least one sample."""
    if array.ndim != 2 or array.size == 0 or (units is not None and array.shape[1] != units):
        wanted = "units" if units is None else units
        raise ValueError(
            f"{where}: {name} must have shape (samples, {wanted}) with at least one sample; "
            f"it has shape {array.shape}{_rows_hint(name, array, units)}"
        )
    return array


def _rows_hint(name, array, units) -> str:
    """Return a hint for an array that does not have the rows that were expected."""
    targets, column = name.endswith(("T", "y")), array.ndim == 1 or array.shape[1:] == (1,)
    if targets and column and array.size and units != 1 and (array == np.rint(array.real)).all():
        flat = name if array.ndim == 1 else f"{name}[:, 0]"
        return f"; class labels become such rows with nn.one_hot({flat}, {units or 'classes'})"
    if array.ndim == 1 and units == 1:
        return f"; write {name}[:, None] for one number per sample"
    if array.ndim == 1 and units in (None, array.size):
        return "; one sample is a batch of one row: pass it with [None, :]"
    if array.ndim == 1 and targets:
        return "; one_hot makes such rows from class labels"
    if array.ndim > 2 and array.size and units == array[0].size:
        return f"; write {name}.reshape(len({name}), -1)"
    return "; it looks transposed" if array.ndim == 2 and array.shape[0] == units else ""


def chosen(where: str, name: str, value: Any, choices: Collection[str]) -> str:
    """Return the one of `choices` that the string `value` names; case is ignored."""
    if value in choices:
        return value
    key = value.strip().lower().replace(" ", "_")
    by_key = {choice.lower().replace(" ", "_"): choice for choice in choices}
    if key in by_key:
        return by_key[key]
    near = difflib.get_close_matches(key, by_key, n=1, cutoff=0.6)
    without = {choice.replace("_", ""): choice for choice in by_key}
    near = near or [without[n] for n in difflib.get_close_matches(key.replace("_", ""), without, n=1, cutoff=0.6)]
    hint = f"; did you mean {by_key[near[0]]!r}?" if near else ""
    raise ValueError(
        f"{where + ': ' if where else ''}{name} must be one of {', '.join(choices)}; it is {value!r}{hint}"
    )


def instance(where: str, name: str, value: Any, kind: type[T], wanted: str) -> T:
    """Return `value` if it is a `kind`; `wanted` describes it in the error message."""
    if isinstance(value, kind):
        return value
    hint = ""
    if isinstance(value, type) and issubclass(value, kind):
        hint = f", the class itself; write {value.__name__}(…)"
    raise TypeError(f"{where + ': ' if where else ''}{name} must be {wanted}; it is {value!r:.60}{hint}")


def whole(where: str, name: str, value: Any, *, minimum: int = 1) -> int:
    """Return `value` as an int of at least `minimum`."""
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{where}: {name} must be a whole number; it is {value!r}") from None
    if isinstance(value, bool | np.bool_):
        raise TypeError(f"{where}: {name} must be a whole number; it is {value!r}")
    if number < minimum:
        raise ValueError(f"{where}: {name} must be at least {minimum}; it is {number}")
    return number


def number(
    where: str,
    name: str,
    value: Any,
    *,
    above: float | None = None,
    at_least: float | None = None,
    below: float | None = None,
    at_most: float | None = None,
) -> float:
    """Return `value` as a finite float inside the bounds that are given."""
    if isinstance(value, bool | np.bool_ | str | bytes):
        raise TypeError(f"{where}: {name} must be a number; it is {value!r}")
    try:
        result = float(value)
    except OverflowError:
        result = np.inf
    except (TypeError, ValueError):
        raise TypeError(f"{where}: {name} must be a number; it is {value!r}") from None
    bounds = {
        "greater than": (above, operator.gt),
        "at least": (at_least, operator.ge),
        "less than": (below, operator.lt),
        "at most": (at_most, operator.le),
    }
    wanted = " and ".join(f"{words} {bound}" for words, (bound, _) in bounds.items() if bound is not None)
    inside = all(bound is None or test(result, bound) for bound, test in bounds.values())
    if not np.isfinite(result) or not inside:
        raise ValueError(f"{where}: {name} must be a finite number {wanted}".rstrip() + f"; it is {value!r}")
    return result


def generator(where: str, rng: Any) -> np.random.Generator | np.random.RandomState:
    """Return `rng` as a numpy Generator (or RandomState); a seed makes a new one. It has no default."""
    if rng is None:
        raise TypeError(f"{where}: rng is needed: a numpy Generator or a whole number as its seed")
    if isinstance(rng, np.random.Generator | np.random.RandomState):
        return rng
    if not hasattr(rng, "__index__"):
        hint = "; write rng=0, or np.random.default_rng(0)" if rng is np.random else ""
        raise TypeError(f"{where}: rng must be a whole number, the seed, or a numpy Generator; it is {rng!r:.60}{hint}")
    return np.random.default_rng(whole(where, "rng", rng, minimum=0))


def float_type(where: str, value: Any, allowed: Collection[str] = ("float32", "float64")) -> str:
    """Return the name of the dtype that `value` stands for, one of those allowed."""
    try:
        name = np.dtype(value).name
    except TypeError:
        name = ""
    if value is None or name not in allowed:
        raise TypeError(f"{where}: dtype must be one of {', '.join(allowed)}; it is {value!r:.60}")
    return name


def layer_sizes(where: str, sizes: Any, name: str = "sizes") -> list[int]:
    """Return n_1 … n_L, at least two whole numbers of at least 1, from a list or from what `Network.sizes` is."""
    try:
        given = list(sizes.values() if isinstance(sizes, Mapping) else sizes)
    except TypeError:
        raise TypeError(f"{where}: {name} must be a list of units per layer; it is {sizes!r:.60}") from None
    given = [whole(where, f"{name}[{i}]", n) for i, n in enumerate(given)]
    if len(given) < 2:
        raise ValueError(f"{where}: {name} needs an input and an output layer at least; it is {given}")
    return given
