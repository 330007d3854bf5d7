"""The whole state of a training run, in one file of plain arrays, to resume it as if it had not been interrupted."""

from __future__ import annotations

import copy
import json
import os
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core.dropout import Rng
from ..core.files import read_npz, write_npz
from ..core.network import Network
from ..core.validation import number, whole
from .optimizers import check_state
from .run import Run

_FORMAT = 2


def packed(run: Run) -> dict[str, np.ndarray]:
    """Return the state of a run after a whole epoch, as arrays by name, none of them shared with the run."""
    arrays = {f"net_{name}": np.array(array) for name, array in run.net.to_arrays().items()}
    state = run.state._asdict()
    arrays |= {f"state_{name}": value.copy() for name, value in state.items() if isinstance(value, np.ndarray)}
    callbacks = []
    for i, callback in enumerate(run.callbacks):
        memory = callback.memory()
        arrays |= {f"callback_{i}_{k}": value.copy() for k, value in memory.items() if isinstance(value, np.ndarray)}
        callbacks.append({k: value for k, value in memory.items() if not isinstance(value, np.ndarray)})
    meta = {
        "format": _FORMAT,
        "settings": run.settings,
        "epoch": run.epoch,
        "reason": run.reason,
        "rate": run.assigned_rate,
        "t": run.state.t,
        "history": vars(run.history),
        "rng": _rng_state(run.rng),
        "callbacks": callbacks,
    }
    arrays["meta"] = np.array(json.dumps(meta, default=_plain))
    return arrays


def write(path: str | os.PathLike, arrays: dict[str, np.ndarray]) -> None:
    """Write what `packed` returned; atomically."""
    write_npz("Checkpoint", path, arrays)


@dataclass
class _Saved:
    """The contents of a checkpoint, after all of it has been checked against a run."""

    net: Network
    state: Any
    epoch: int
    reason: str
    rate: float | None
    history: dict[str, Any]
    rng: Any
    memories: list[dict[str, Any]]


def read(path: str | os.PathLike, run: Run) -> None:
    """Restore a run, its network, its generator and its callbacks to the state in the file.

    Raises
    ------
    ValueError
        When the file is not a checkpoint, or was written by a run with other settings; nothing is changed then.
    OSError
        When it cannot be read.
    """
    try:
        arrays = read_npz(path)
        meta = json.loads(str(arrays["meta"][()]))
        settings, form = dict(meta["settings"]), meta["format"]
    except (ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
        raise ValueError(f"fit: resume: {str(path)!r} is not a checkpoint: {error}") from error
    if form != _FORMAT:
        raise ValueError(f"fit: resume: {str(path)!r} has format {form!r:.20}; this version reads format {_FORMAT}")
    now = json.loads(json.dumps(run.settings, default=_plain))
    if differences := [_difference(name, settings.get(name), now.get(name)) for name in now | settings
                       if settings.get(name) != now.get(name)]:  # fmt: skip
        raise ValueError(f"fit: resume: the training must be the one that was saved; {'; '.join(differences)}")
    try:
        saved = _checked(arrays, meta, run)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, ArithmeticError) as error:
        raise ValueError(f"fit: resume: {str(path)!r} is not a checkpoint: {error}") from error
    # Everything has been checked: nothing can fail from here on.
    if saved.rng is not None:
        _set_rng(run.rng, saved.rng)
    run.net.restore(saved.net.snapshot())
    run.state, run.epoch, run.reason, run.assigned_rate = saved.state, saved.epoch, saved.reason, saved.rate
    vars(run.history).update(saved.history)
    for callback, memory in zip(run.callbacks, saved.memories, strict=True):
        callback.remember(memory)


def _difference(name, saved, now):
    if name in ("X", "T", "validation"):
        return f"{name} holds other numbers than those it was saved with"
    return f"{name} was {saved}; here it is {now}"


def _checked(arrays: dict[str, np.ndarray], meta: dict[str, Any], run: Run) -> _Saved:
    """Return the contents of a checkpoint, or raise one of many errors if a part is not as `packed` writes it."""
    net = Network.from_arrays({k.removeprefix("net_"): a for k, a in arrays.items() if k.startswith("net_")})
    if f"{net!r} of {net.dtype}" != run.settings["network"]:
        raise ValueError("its network does not match its settings")
    memory = {k: arrays[f"state_{k}"] for k, a in run.state._asdict().items() if isinstance(a, np.ndarray)}
    state = run.state._replace(t=whole("checkpoint", "t", meta["t"], minimum=0), **memory)
    check_state("checkpoint", run.state, state)
    rate = None if meta["rate"] is None else number("checkpoint", "rate", meta["rate"], at_least=0)
    epoch, reason = whole("checkpoint", "epoch", meta["epoch"]), meta["reason"]
    if not isinstance(reason, str):
        raise TypeError(f"reason must be a string; it is {reason!r}")
    if (meta["rng"] is None) != (run.rng is None):
        raise ValueError("rng must be given if and only if the saved run had one")
    if run.rng is not None:  # tried on a copy of the generator first
        _set_rng(copy.deepcopy(run.rng), meta["rng"])
    memories = []
    for i, (callback, plain) in enumerate(zip(run.callbacks, meta["callbacks"], strict=True)):
        prefix = f"callback_{i}_"
        memories.append(dict(plain) | {k.removeprefix(prefix): a for k, a in arrays.items() if k.startswith(prefix)})
        copy.copy(callback).remember(dict(memories[-1]))
    return _Saved(net, state, epoch, reason, rate, _history(meta["history"], epoch), meta["rng"], memories)


def _history(history: Any, epoch: int) -> dict[str, Any]:
    """Return the history of a run if its lists are lists of numbers, one entry for each epoch that was measured."""
    history = dict(history)
    if not isinstance(history.pop("stopped"), str):
        raise TypeError("history.stopped must be a string")
    epochs = history["epochs"]
    if not isinstance(epochs, list) or any(not isinstance(e, int) for e in epochs):
        raise TypeError("history.epochs must be a list of whole numbers")
    if sorted(set(epochs)) != epochs or (epochs and not 1 <= epochs[0] <= epochs[-1] <= epoch):
        raise ValueError(f"history.epochs must rise from 1 to {epoch}")
    for name in ("cost", "learning_rate", *history):
        column = history[name]
        numbers = isinstance(column, list) and all(isinstance(value, int | float) for value in column)
        needed = (len(epochs),) if name in ("cost", "learning_rate") else (len(epochs), 0)
        if not numbers or len(column) not in needed or not name.isidentifier():
            raise ValueError(f"history.{name} must be a list of {len(epochs)} numbers")
    return history


def _rng_state(rng: Rng | None) -> Any:
    if rng is None:
        return None
    return rng.get_state(legacy=False) if isinstance(rng, np.random.RandomState) else rng.bit_generator.state


def _set_rng(rng: Rng | None, state: Any) -> None:
    own = _rng_state(rng)["bit_generator"]
    if state["bit_generator"] != own:
        raise ValueError(f"it was written with a generator {state['bit_generator']}; rng is a {own}")
    state = _with_arrays(state)
    if isinstance(rng, np.random.RandomState):
        rng.set_state(state)
    elif rng is not None:
        rng.bit_generator.state = state


def _with_arrays(state):
    if isinstance(state, dict):
        return {name: _with_arrays(value) for name, value in state.items()}
    return np.array(state, np.uint64) if isinstance(state, list) else state


def _plain(value):
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    raise TypeError(f"a checkpoint cannot hold {value!r}")
