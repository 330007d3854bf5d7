"""The assumptions of a check, validated and in one form."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from . import engine
from .comparing import TOLERANCE
from .notations import named

Options = dict[str, Any]  # the assumptions of a check, by name
MOST_WEIGHTS = 10_000


def checked_options(
    sizes: Any = None,
    hidden: Any = None,
    output: Any = None,
    cost: Any = None,
    penalty: Any = None,
    targets: Any = None,
    given: Any = None,
    tolerance: Any = TOLERANCE,
    notation: Any = None,
) -> dict[str, Any]:
    """Return the assumptions of a check in one form, or say which argument is wrong."""
    if sizes is not None:
        several = isinstance(sizes, list | tuple) and len(sizes) > 0 and all(isinstance(s, list | tuple) for s in sizes)
        sizes = [_sizes(s) for s in (sizes if several else [sizes])]
    hidden = (
        [_activation(h, "hidden") for h in hidden]
        if isinstance(hidden, list | tuple)
        else _activation(hidden, "hidden")
    )
    if hidden == "softmax" or (isinstance(hidden, list) and "softmax" in hidden):
        raise ValueError("verify: hidden must be elementwise activations; got softmax")
    names = len(hidden) if isinstance(hidden, list) else None
    for count in {len(s) - 2 for s in sizes or ()} if names is not None else ():
        if count != names:
            raise ValueError(f"verify: hidden needs one name for each of the {count} hidden layers; got {names}")
    output = _activation(output, "output")
    if targets not in (None, "any"):
        raise ValueError(f"verify: targets must be 'any' or left out; got {targets!r}")
    if given is not None and not callable(given):
        raise TypeError(
            f"verify: given must be a function of rng that returns a dictionary; got {type(given).__name__}"
        )
    if given is not None and any(v is not None for v in (sizes, hidden, output, cost, penalty, targets, notation)):
        raise ValueError(
            "verify: given supplies every value itself; sizes, hidden, output, cost, penalty, targets and notation are "
            "for equations about networks"
        )
    if not (isinstance(tolerance, int | float) and 0 < tolerance < 1):
        raise ValueError(f"verify: tolerance must be a number between 0 and 1; got {tolerance!r}")
    return {
        "sizes": sizes,
        "hidden": hidden,
        "output": output,
        "cost": _cost(cost),
        "penalty": _penalty(penalty),
        "targets": targets,
        "given": given,
        "tolerance": tolerance,
        "notation": named("book" if notation is None else notation),
    }


def _cost(cost: Any) -> str | None:
    if cost is None:
        return None
    cost = cost if isinstance(cost, str) else getattr(cost, "__name__", type(cost).__name__)
    if cost not in engine.COSTS:
        raise ValueError(f"verify: cost must be one of {', '.join(engine.COSTS)}; got {cost}")
    return cost


def _penalty(penalty: Any) -> tuple[str, float] | None:
    if penalty is None:
        return None
    kind = type(penalty).__name__
    strength = getattr(penalty, "strength", getattr(penalty, "lam", getattr(penalty, "lambda_", None)))
    if isinstance(penalty, tuple):
        kind, strength = penalty
    if kind not in ("L1", "L2") or strength is None:
        raise ValueError(f"verify: penalty must be L1 or L2 with one strength; got {penalty!r}")
    return kind, float(strength)


def _sizes(sizes: Any) -> list[int]:
    if (
        not isinstance(sizes, list | tuple)
        or len(sizes) < 2
        or not all(isinstance(n, int | np.integer) and not isinstance(n, bool) and n > 0 for n in sizes)
    ):
        raise ValueError(f"verify: sizes must be a list of at least 2 positive whole numbers; got {sizes!r}")
    weights = sum(p * q for p, q in itertools.pairwise(sizes))
    if weights > MOST_WEIGHTS:
        raise ValueError(f"verify: sizes must make at most {MOST_WEIGHTS:,} weights; {list(sizes)} make {weights:,}")
    return [int(n) for n in sizes]


def _activation(value: Any, argument: str) -> str | None:
    if value is None:
        return None
    name = value if isinstance(value, str) else getattr(value, "name", getattr(value, "__name__", None))
    if name not in engine.ACTIVATIONS and name != "softmax":
        raise ValueError(f"verify: {argument} must be one of {', '.join(engine.ACTIVATIONS)}, softmax; got {value!r}")
    return name
