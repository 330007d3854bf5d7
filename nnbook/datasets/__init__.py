"""Data sets of the book: made here, or read from files that are checked before they are believed."""

from ._digits_4x3 import digits_4x3

__all__ = ["digits_4x3"]
