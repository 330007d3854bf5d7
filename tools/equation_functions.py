"""Breaks the function of the package that an equation's check should call, to see whether the check notices.

book/equation-functions.toml names one public function or method for each numbered equation, or says why the equation
is pure mathematics. A broken function returns zeros, returns shifted numbers, or raises; each time the check must fail.
"""

import copy
import functools
import importlib
import sys
import tomllib
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from nnbook.core.activations import Activation

FILE = Path(__file__).resolve().parent.parent / "book" / "equation-functions.toml"


def table(file=FILE):
    """Return the functions, {label: dotted name}, and the equations that are pure mathematics, {label: reason}."""
    entries = tomllib.loads(file.read_text(encoding="utf-8"))
    functions, mathematics = entries["function"], entries["mathematics"]
    if twice := set(functions) & set(mathematics):
        raise ValueError(f"{file.name}: {', '.join(sorted(twice))} are listed under both [function] and [mathematics]")
    if empty := [label for label, said in {**functions, **mathematics}.items() if not said.strip()]:
        raise ValueError(f"{file.name}: {', '.join(empty)} need a function or a reason")
    return functions, mathematics


# --- what a broken function returns ---------------------------------------------------------------------------


def zeros(number):
    return number * 0


def shifted(number):
    return number + 1 if isinstance(number, int) else 1.5 * number + 1


def raises(number):
    raise RuntimeError("this function is broken")


BREAKAGES = (zeros, shifted, raises)


def _parts(value):
    """Return the parts of an object that may hold numbers, as (function that replaces the part, part)."""
    if isinstance(value, list):
        return [(functools.partial(value.__setitem__, n), part) for n, part in enumerate(value)]
    if isinstance(value, dict):
        return [(functools.partial(value.__setitem__, key), part) for key, part in value.items()]
    if isinstance(value, tuple):
        return [(None, part) for part in value]
    if callable(value) or type(value).__module__.split(".")[0] != "nnbook":  # a cluster's clock, for example
        return []
    slots = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ()) if hasattr(value, name)]
    held = {**{name: getattr(value, name) for name in slots}, **getattr(value, "__dict__", {})}
    return [(functools.partial(object.__setattr__, value, name), part) for name, part in held.items()]


def _numbers(value, put, seen):
    """Yield every array and number in an object, as (function that replaces it, value)."""
    if isinstance(value, np.ndarray | np.number | float):
        yield put, value
    elif id(value) not in seen:
        seen[id(value)] = value
        for its_put, part in _parts(value):
            yield from _numbers(part, its_put, seen)


def _change(value, how, seen):
    """Change every number in a value, each array once and in place; return the value."""
    if isinstance(value, np.ndarray):
        owner = value
        while isinstance(owner.base, np.ndarray):
            owner = owner.base
        if id(owner) not in seen and owner.dtype.kind in "iufc":
            owner[...] = how(owner)
        seen[id(owner)] = owner
        return value
    if isinstance(value, int | float | complex | np.number) and not isinstance(value, bool):
        return type(value)(how(value))
    if isinstance(value, tuple):
        parts = [_change(part, how, seen) for part in value]
        return value._make(parts) if hasattr(value, "_make") else tuple(parts)
    if id(value) not in seen:
        seen[id(value)] = value
        for put, part in _parts(value):
            if not isinstance(part, int):  # which says where something is, or how much of it
                put(_change(part, how, seen))
    return value


def _broken(function, how):
    """Return the function with every number changed in its result and in what it wrote into its first argument."""

    def broken(*arguments, **options):
        if how is raises:
            raises(None)
        before = {id(there): (there, np.copy(there)) for _, there in _numbers(arguments[:1], None, {})}
        result = function(*arguments, **options)
        if options.get("out") is not None:
            return _change(result, how, {})
        for put, there in list(_numbers(arguments[:1], None, {})):
            if id(there) not in before or not np.array_equal(before[id(there)][1], there, equal_nan=True):
                changed = _change(there, how, {})
                if changed is not there:  # an array is changed in its place
                    put(changed)
        return _change(copy.deepcopy(result), how, {})

    return broken


# --- replacing the function -----------------------------------------------------------------------------------


def resolved(name):
    """Resolve a dotted name such as nnbook.Network.forward to (owner, attribute, value).

    Raises
    ------
    ValueError
        If the package has no such public name.
    """
    first, *middle, attribute = name.split(".")
    owner = importlib.import_module(first)
    try:
        for part in middle:
            owner = getattr(owner, part)
        value = getattr(owner, attribute)
    except AttributeError as error:
        raise ValueError(f"{FILE.name}: {name} is not in the package: {error}") from None
    if first != "nnbook" or any(part.startswith("_") and part != "__call__" for part in (*middle, attribute)):
        raise ValueError(f"{FILE.name}: {name} is not a public name of nnbook")
    return owner, attribute, value


@contextmanager
def breaking(name, how):
    """Temporarily replace a function in every module of the package that refers to it, or a method in its class."""
    owner, attribute, value = resolved(name)
    places = []
    if isinstance(value, Activation):  # nnbook.softmax is an object, and every call of it goes through `compute`
        owner, attribute = type(value), "compute"
    if isinstance(owner, type(sys)):
        if not hasattr(value, "__code__"):
            raise ValueError(f"{FILE.name}: {name} is not a function or a method")
        modules = [module for key, module in list(sys.modules.items()) if key.split(".")[0] == "nnbook"]
        for module in modules:
            for key, other in list(vars(module).items()):
                own = getattr(other, "__code__", None) and getattr(other, "__module__", "").split(".")[0] == "nnbook"
                if other is value or (own and key == attribute):  # the unchecked formula has the same name
                    places.append((module, key, other))
    else:
        kind = owner if isinstance(owner, type) else type(owner)
        kind = next(k for k in kind.__mro__ if attribute in vars(k))
        places.append((kind, attribute, vars(kind)[attribute]))
    try:
        for place, key, original in places:
            if isinstance(original, property):
                setattr(place, key, property(_broken(original.fget, how)))
            else:
                setattr(place, key, _broken(original, how))
        yield
    finally:
        for place, key, original in places:
            setattr(place, key, original)


def unnoticed(name, check):
    """Return the names of the breakages that `check`, called without arguments, does not notice."""
    held = []
    for how in BREAKAGES:
        with breaking(name, how), np.errstate(all="ignore"):
            try:
                check()
            except Exception:  # refuted, or the package raised an error during the check, which counts as well
                continue
        held.append(how.__name__)
    return held
