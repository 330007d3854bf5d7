"""The files that equations stand in: notebooks, Markdown, LaTeX; their displays, labels, checks and declarations."""

from .checks import CheckCall, check_calls, literal_arguments, recorded_arguments
from .display import Document, Equation, FileUnreadable, Span
from .find import find
from .markdown import equations_in
from .reading import SUFFIXES, files_in, read

__all__ = [
    "SUFFIXES",
    "CheckCall",
    "Document",
    "Equation",
    "FileUnreadable",
    "Span",
    "check_calls",
    "equations_in",
    "files_in",
    "find",
    "literal_arguments",
    "read",
    "recorded_arguments",
]
