"""Interaction with the user during `fit`: Ctrl-C and a progress bar."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import Any


class Interrupt:
    """Records the first Ctrl-C, so that no step is left half done. A second one stops at once."""

    def __init__(self) -> None:
        self.seen = False

    def __enter__(self) -> Interrupt:
        self.before = None
        if threading.current_thread() is threading.main_thread():
            self.before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        if self.before is not None:
            signal.signal(signal.SIGINT, self.before)

    def _note(self, number, frame):
        if self.seen:
            raise KeyboardInterrupt
        self.seen = True


class NoBar:
    """Used in place of the progress bar where nobody would see it."""

    def __enter__(self) -> NoBar:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def update(self, epochs: int = 1) -> None:
        """Do nothing."""


def progress_bar(wanted: bool, total: int) -> Any:
    """Return a progress bar where somebody can see it: in a terminal, or a notebook that is open in JupyterLab."""
    # A notebook executed by a tool has no such session, so the bar cannot reach its stored outputs.
    live = sys.stderr is not None and sys.stderr.isatty()
    live = live or ("ipykernel" in sys.modules and "JPY_SESSION_NAME" in os.environ)
    if not (wanted and live):
        return NoBar()
    try:
        from tqdm import tqdm
    except ImportError:
        return NoBar()
    # JupyterLab shows whatever is written to stderr on a pink background.
    return tqdm(total=total, unit="epoch", leave=False, file=None if sys.stderr.isatty() else sys.stdout)
