"""Everything a training needs to go on as if it had not been interrupted, in one file of plain arrays."""

from __future__ import annotations

import json

import numpy as np

from ..core.files import read_npz, write_npz
from ..core.network import Network
from ..core.validation import number, whole
from .optimizers import check_state

_FORMAT = 1


def write(path, run) -> None:
    """Write the state of a run after a whole epoch; the file is complete or not there at all."""
    arrays = {f"net_{name}": array for name, array in run.net.to_arrays().items()}
    state = run.state._asdict()
    arrays |= {f"state_{name}": value for name, value in state.items() if isinstance(value, np.ndarray)}
    callbacks = []
    for i, callback in enumerate(run.callbacks):
        memory = callback.memory()
        arrays |= {f"callback_{i}_{k}": value for k, value in memory.items() if isinstance(value, np.ndarray)}
        memory = {k: value for k, value in memory.items() if not isinstance(value, np.ndarray)}
        callbacks.append([type(callback).__name__, memory])
    meta = {
        "format": _FORMAT,
        "settings": run.settings,
        "epoch": run.epoch,
        "reason": run.reason,
        "rate": run._rate,
        "t": run.state.t,
        "history": vars(run.history),
        "rng": _rng_state(run.rng),
        "callbacks": callbacks,
    }
    arrays["meta"] = np.array(json.dumps(meta, default=_plain))
    write_npz("Checkpoint", path, arrays)


def read(path, run) -> None:
    """Bring a run, its network, its generator and its callbacks to where the file says they were.

    Raises
    ------
    ValueError
        When the file is no checkpoint, or was written by a training with other settings; nothing is changed then.
    OSError
        When it cannot be read.
    """
    try:
        arrays = read_npz(path)
        meta = json.loads(str(arrays["meta"][()]))
        net = Network.from_arrays({k.removeprefix("net_"): a for k, a in arrays.items() if k.startswith("net_")})
        settings, kinds = dict(meta["settings"]), [kind for kind, _ in meta["callbacks"]]
        state = run.state._replace(
            t=whole("checkpoint", "t", meta["t"], minimum=0),
            **{k: arrays[f"state_{k}"] for k, array in run.state._asdict().items() if isinstance(array, np.ndarray)},
        )
        state_rng, rate, reason, history = meta["rng"], meta["rate"], meta["reason"], dict(meta["history"])
        rate = rate if rate is None else number("checkpoint", "rate", rate, at_least=0)
        epoch = whole("checkpoint", "epoch", meta["epoch"])
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise ValueError(f"fit: resume: {str(path)!r} is not a checkpoint: {error}") from error
    now = run.settings | {"callbacks": [type(callback).__name__ for callback in run.callbacks]}
    for name, value in (settings | {"callbacks": kinds}).items():
        if now[name] != value:
            raise ValueError(f"fit: resume: the checkpoint was written with {name} {value}; here it is {now[name]}")
    check_state("fit: resume", run.state, state)
    if state_rng is not None:
        _restore_rng(run.rng, state_rng)
    run.net.restore(net.snapshot())
    run.state, run.epoch, run.reason, run._rate = state, epoch, reason, rate
    vars(run.history).update(history)
    for i, (callback, (_, memory)) in enumerate(zip(run.callbacks, meta["callbacks"], strict=True)):
        prefix = f"callback_{i}_"
        arrays_of_it = {k.removeprefix(prefix): a for k, a in arrays.items() if k.startswith(prefix)}
        callback.remember(memory | arrays_of_it)


def _rng_state(rng):
    if rng is None:
        return None
    return rng.get_state(legacy=False) if isinstance(rng, np.random.RandomState) else rng.bit_generator.state


def _restore_rng(rng, state):
    if state["bit_generator"] != _rng_state(rng)["bit_generator"]:
        raise ValueError(
            f"fit: resume: the checkpoint was written with a generator {state['bit_generator']}; rng is a "
            f"{_rng_state(rng)['bit_generator']}"
        )
    state = _with_arrays(state)
    if isinstance(rng, np.random.RandomState):
        rng.set_state(state)
    else:
        rng.bit_generator.state = state


def _with_arrays(state):
    if isinstance(state, dict):
        return {name: _with_arrays(value) for name, value in state.items()}
    return np.array(state, np.uint64) if isinstance(state, list) else state


def _plain(value):
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    raise TypeError(f"a checkpoint cannot hold {value!r}")
