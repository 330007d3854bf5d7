"""Run many submissions at once, on this machine or on a Dask cluster, and lose none of them when a worker dies."""

from __future__ import annotations

import collections
import concurrent.futures
import multiprocessing
import sys
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from .inside.messages import short
from .limits import CannotGrade

MOST_LOSSES = 20


def here(attempt: Callable, items: Iterator[dict], workers: int) -> Iterator[tuple[dict, object]]:
    """Grade on this machine's cores. A worker that is killed takes the pool down: what was running is started again."""
    if workers == 1:
        for item in items:
            yield item, attempt(item)
        return
    waiting: collections.deque[dict] = collections.deque()
    losses = 0
    exhausted = False
    while not exhausted or waiting:
        running: dict[Any, dict] = {}
        pool = concurrent.futures.ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"))
        try:
            while True:
                while not exhausted and len(waiting) + len(running) < 3 * workers:
                    item = next(items, None)
                    exhausted = item is None
                    if item is not None:
                        waiting.append(item)
                while waiting:
                    future = pool.submit(attempt, waiting[0])
                    running[future] = waiting.popleft()
                if not running:
                    break
                done, _ = concurrent.futures.wait(running, return_when=concurrent.futures.FIRST_COMPLETED)
                for future in done:
                    result = future.result()
                    yield running.pop(future), result
        except BrokenProcessPool:
            losses += 1
            if losses > MOST_LOSSES:
                raise CannotGrade(f"workers were killed {losses} times; what is graded so far is kept") from None
            waiting.extendleft(running.values())
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def on_cluster(attempt: Callable, items: Iterator[dict], address: str) -> Iterator[tuple[dict, object]]:
    """Grade on a Dask cluster: the notebooks are sent with the tasks, so the workers need no shared files."""
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise CannotGrade('a scheduler needs Dask: pip install "nnbook[distributed]"') from None
    with Client(address, set_as_default=False) as client:
        room = 4 * max(1, sum(w["nthreads"] for w in client.scheduler_info(n_workers=-1)["workers"].values()))
        under_way = {}

        def submit():
            item = next(items, None)
            if item is None:
                return None
            future = client.submit(attempt, item, pure=False, retries=3)
            under_way[future.key] = item
            return future

        first = [future for future in (submit() for _ in range(room)) if future is not None]
        queue = as_completed(first, loop=client.loop)
        for future in queue:
            item = under_way.pop(future.key)
            try:
                result = future.result()
            except Exception as error:  # whatever a worker raised concerns only this submission
                result = f"the worker failed: {short(error, 200)}"
            following = submit()
            if following is not None:
                queue.add(following)
            yield item, result


class progress_bar:
    """A progress bar on a terminal (tqdm where it is installed), and nothing elsewhere."""

    def __init__(self, total: int, wanted: bool):
        self._total, self._wanted = total, wanted and sys.stderr.isatty()
        self._bar: Any = None

    def __enter__(self) -> Callable[[int], None]:
        if self._wanted:
            try:
                from tqdm import tqdm
            except ImportError:
                return lambda done: None
            self._bar = tqdm(total=self._total, unit="submission")
            return lambda done: self._bar.update(done - self._bar.n)
        return lambda done: None

    def __exit__(self, *exception):
        if self._bar is not None:
            self._bar.close()
