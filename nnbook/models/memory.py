"""Carry the optimiser's state from one call of `fit` on a model to the next."""

from __future__ import annotations

from typing import Any

from ..training.run import Callback, Run


class OptimizerMemory(Callback):
    """Starts a training run with the optimiser's state at the end of the previous run, if there was one."""

    def __init__(self) -> None:
        self.state: Any = None

    def begin(self, run: Run) -> None:
        if self.state is not None and type(self.state) is type(run.state):
            run.state = self.state

    def end(self, run: Run) -> None:
        self.state = run.state
