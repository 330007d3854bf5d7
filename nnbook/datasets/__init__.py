"""Data sets of the book: made here, or read from files that are checked before they are believed."""

from ._digits_4x3 import digits_4x3
from ._one_three_two import one_three_two
from ._split import stratified_split

__all__ = ["digits_4x3", "one_three_two", "stratified_split"]
