"""Reads text files, and finds the end of what was opened, each stretch searched once."""

from __future__ import annotations

from pathlib import Path

from .display import FileUnreadable


def text_of(path: Path) -> str:
    """Return the text of a file, its line ends as ``\\n``.

    Raises
    ------
    FileUnreadable
        When it is not there, is not a regular file, may not be read, or is not UTF-8.
    """
    if not path.is_file():
        raise FileUnreadable(f"{path}: " + ("not a regular file" if path.exists() else "no such file"))
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise FileUnreadable(
            f"{path}: not UTF-8 text (byte 0x{error.object[error.start]:02x} in line {line})"
        ) from None
    except (OSError, MemoryError) as error:
        raise FileUnreadable(f"{path}: {getattr(error, 'strerror', None) or 'too large to read'}") from None


class Closings:
    """Finds what closes a display, each stretch of the text searched once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.known: dict = {}

    def after(self, close: str, start: int) -> int:
        """Return where ``close`` stands first at or after ``start``, or -1; the starts must not fall."""
        known = self.known.get(close, 0)
        if known == 0 or 0 < known < start:
            known = self.known[close] = self.text.find(close, start)
        return known
