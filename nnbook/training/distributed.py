"""Gradient and training over shards of the samples, on the workers of a Dask cluster.

The total cost is a sum over samples, so its gradient is a sum over shards, whatever their number and sizes
(eq-shard-gradient). The workers compute sums and never divide; the training loop is that of `fit`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ..core.costs import Cost
from ..core.extras import require
from ..core.network import Network
from ..core.passes import Pass
from ..core.propagation import backprop, samples
from ..core.validation import finite, floats, rows, whole
from . import loop as training
from .run import History

require("nnbook.distributed", "distributed", extra="distributed")

import dask
from distributed import Client

_SENDINGS = 4  # how many times one call sends the same shard before it gives up
_PATIENCE = 60.0  # seconds to wait for a worker when there is none


class ShardGradient(NamedTuple):
    """The gradient of C_T, summed over the shards.

    Attributes
    ----------
    parameters : array (P,)
        In the order of `Network.parameters`.
    cost : float
        C_T.
    seconds : dict
        CPU time that each shard took on its worker, in s, by shard number, from 0.
    """

    parameters: np.ndarray
    cost: float
    seconds: dict


def connect(workers: int = 2, *, address: str | None = None) -> Client:
    """Return a Dask client: for new worker processes on this machine, or for a cluster that is already running.

    Parameters
    ----------
    workers : int
        How many processes to start, one thread each. They and their scheduler listen only on 127.0.0.1, show no
        dashboard, and end with `client.close()`, at the end of a `with` block, or with this program.
    address : str, optional
        Address of a scheduler, "tcp://10.0.0.5:8786"; no process is started then. Its workers need nnbook. Whoever
        can reach a scheduler can run programs on its workers: keep it inside a network you trust.

    Returns
    -------
    distributed.Client

    Raises
    ------
    ValueError, TypeError
        When an argument is not as described.
    OSError
        When nothing answers at the address.
    """
    if address is not None:
        if not isinstance(address, str):
            raise TypeError(f"connect: address must be a string such as tcp://10.0.0.5:8786; it is {address!r}")
        return Client(address)
    return Client(
        n_workers=whole("connect", "workers", workers),
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        # Port 0 picks any free port; with the default, a second cluster on the machine would warn that 8787 is taken.
        dashboard_address="127.0.0.1:0",
        scheduler_kwargs={"dashboard": False},
        silence_logs=logging.CRITICAL,
    )


class Shards:
    """Samples divided into M shards, each held by a worker of the cluster.

    The arrays stay here as well: when a worker dies, its shards are sent to another one, and computed again.

    Parameters
    ----------
    client : distributed.Client
        From `connect`.
    X, T : arrays (N, n_1) and (N, n_L)
        Inputs and targets.
    count : int or list of int, optional
        M, for shards as equal as possible; or the number of samples in each shard. By default one shard per worker.

    Attributes
    ----------
    X, T : arrays
        All samples.
    sizes : list of int
        N_1 … N_M, the samples of each shard.

    Raises
    ------
    ValueError, TypeError
        When an argument is not as described.
    """

    def __init__(self, client: Client, X: ArrayLike, T: ArrayLike, count: int | Sequence[int] | None = None):
        if not isinstance(client, Client):
            raise TypeError(f"Shards: client must be a Dask client, as connect returns it; it is {client!r:.60}")
        X = finite("Shards", "X", rows("Shards", "X", floats("Shards", "X", X)))
        T = finite("Shards", "T", rows("Shards", "T", floats("Shards", "T", T)))
        if len(X) != len(T):
            raise ValueError(f"Shards: X has {len(X)} samples, so T needs {len(X)} rows; it has {len(T)}")
        self.sizes = _sizes(len(X), len(client.scheduler_info()["workers"]) if count is None else count)
        self.X, self.T, self._client = X, T, client
        self._starts = np.cumsum([0, *self.sizes])
        self._held: dict[int, Any] = {}
        self._send(range(len(self.sizes)))

    def gradient(self, net: Network, cost: Cost, rows: ArrayLike | None = None) -> ShardGradient:
        """Return the gradient of the total cost C_T = Σ_k C_k, each worker adding up its own samples.

        Parameters
        ----------
        net : Network
            Without dropout and batch normalisation. It is sent to every worker, and not changed.
        cost : Cost
            The cost of one sample.
        rows : array of int, optional
            Numbers of the samples that count, from 0; all of them unless given.

        Raises
        ------
        ValueError, TypeError
            As for `backprop`, and when a sample's cost depends on other samples, as with batch normalisation.
        FloatingPointError
            When the cost overflows.
        RuntimeError
            When the workers that hold a shard die repeatedly.
        """
        self._check("gradient", net, cost)
        parts = self._on_workers(_gradient, net, cost, self._by_shard(rows))
        parameters = sum(part[0] for part in parts.values())  # in the order of the shards, so the same bits each time
        total = sum(part[1] for part in parts.values())
        return ShardGradient(parameters, total, {m: part[2] for m, part in parts.items()})

    def forward(self, net: Network, cost: Cost) -> tuple[float, np.ndarray]:
        """Return the total cost C_T and the outputs a^L of net, an array (N, n_L), computed where the samples are."""
        self._check("forward", net, cost)
        parts = self._on_workers(_forward, net, cost, self._by_shard(None))
        return sum(part[0] for part in parts.values()), np.concatenate([part[1] for part in parts.values()])

    def __repr__(self):
        return f"Shards({sum(self.sizes):,} samples in {len(self.sizes)} shards)"

    def _check(self, where, net, cost):
        if not isinstance(net, Network):
            raise TypeError(f"{where}: net must be a Network; it is {net!r:.60}")
        if not isinstance(cost, Cost):
            raise TypeError(f"{where}: cost must be a cost such as nn.SquaredError(); it is {cost!r:.60}")
        if net.batch_norm:
            raise ValueError(
                f"{where}: batch normalisation lets the samples of a batch act on each other, so that the gradient is "
                "no longer a sum over shards"
            )
        if any(net.dropout.values()):
            raise ValueError(f"{where}: dropout is not supported: each worker would draw its own masks")
        samples(where, net, self.X[:1], self.T[:1], cost)

    def _by_shard(self, rows):
        """Return, by shard, which of its samples count: their numbers, or None for all of them."""
        if rows is None:
            return dict.fromkeys(range(len(self.sizes)))
        rows = np.asarray(rows)
        if rows.ndim != 1 or rows.dtype.kind not in "iu" or not len(rows):
            raise ValueError(f"gradient: rows must be whole numbers, shape (B,); it is {rows.dtype} of {rows.shape}")
        if rows.min() < 0 or rows.max() >= len(self.X):
            raise ValueError(
                f"gradient: rows must be from 0 to {len(self.X) - 1}; they reach {rows.min()}, {rows.max()}"
            )
        of = np.searchsorted(self._starts, rows, side="right") - 1
        return {int(m): rows[of == m] - self._starts[m] for m in np.unique(of)}

    def _send(self, shards):
        """Distribute these shards over the workers in turn."""
        shards = list(shards)
        self._client.wait_for_workers(1, timeout=_PATIENCE)
        cut = [slice(self._starts[m], self._starts[m + 1]) for m in shards]
        # Without hash=False two equal shards would be stored once, on one worker.
        held = self._client.scatter([(self.X[part], self.T[part]) for part in cut], hash=False)
        self._held.update(zip(shards, held))

    def _on_workers(self, function, net, cost, rows_by_shard):
        """Return function(shard, net, cost, rows) by shard; shards lost with a worker are sent and computed again."""
        results, waiting = {}, list(rows_by_shard)
        for sending in range(_SENDINGS):
            if sending:
                self._send(waiting)
            arguments = zip(*((self._held[m], net, cost, rows_by_shard[m], m) for m in waiting))
            # The network is serialised once for all tasks; its size is the caller's choice and no reason to warn.
            with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1TiB"}):
                futures = self._client.map(function, *map(list, arguments), pure=False)
            for result in self._client.gather(futures, errors="skip"):
                results[result[-1]] = result[:-1]
            for future in futures:
                if future.status == "error":
                    raise future.exception()
            waiting = [m for m in waiting if m not in results]
            if not waiting:
                return {m: results[m] for m in rows_by_shard}
        raise RuntimeError(
            f"shard {waiting[0]} was lost {_SENDINGS} times with the worker that held it; "
            "is it, or the network, too large for a worker's memory?"
        )


def fit(net: Network, shards: Shards, cost: Cost, **options: Any) -> History:
    """Train the network in place on samples held by the workers: the steps of `nnbook.fit`, up to rounding.

    In each step every worker computes the gradient of those samples of the batch that it holds; the sums are added
    here, divided by the batch size once, and given to the optimiser.

    Parameters
    ----------
    net : Network
        Without dropout and batch normalisation.
    shards : Shards
        The samples.
    cost : Cost
        The cost of one sample.
    **options
        As for `nnbook.fit`: optimizer, epochs, batch_size, penalty, rng, validation, callbacks, … A validation set
        must be given as (X, T); it is evaluated in this process.

    Returns
    -------
    History

    Raises
    ------
    ValueError, TypeError
        When an argument is not as described.
    """
    if not isinstance(shards, Shards):
        raise TypeError(f"fit: shards must be a Shards; it is {shards!r:.60}")
    return training.fit(net, shards.X, shards.T, cost, shards=shards, **options)


def _sizes(N, count):
    """Return the samples of each shard, from M or from the sizes themselves."""
    if isinstance(count, list | tuple):
        sizes = [whole("Shards", f"count[{m}]", n) for m, n in enumerate(count)]
        if sum(sizes) != N:
            raise ValueError(f"Shards: the sizes in count must add up to the {N} samples; they add up to {sum(sizes)}")
        return sizes
    M = whole("Shards", "count", count)
    if M > N:
        raise ValueError(f"Shards: count must be at most the number of samples, {N}; it is {M}")
    return [N // M + (m < N % M) for m in range(M)]


# --- what runs on a worker ------------------------------------------------------------------------


def _gradient(shard, net, cost, rows, m):
    start = time.thread_time()
    X, T = shard if rows is None else (shard[0][rows], shard[1][rows])
    gradients = backprop(net, X, T, cost)
    return gradients.parameters, float(gradients.cost), time.thread_time() - start, m


def _forward(shard, net, cost, rows, m):
    X, T = samples("forward", net, shard[0], shard[1], cost)
    work = Pass(net, (len(X),))
    with np.errstate(all="ignore"):  # the caller reports a cost that is not finite
        outputs = work.forward(X)
        return float(cost.unchecked_from_z(work.last.y, T, work.last.f).sum()), outputs, m
