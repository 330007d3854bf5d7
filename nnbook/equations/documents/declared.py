"""What a file declares about its equations: a notation, assumptions, the meaning of single letters."""

from __future__ import annotations

import difflib
import re
from itertools import accumulate
from pathlib import Path
from typing import Any

from .display import FileUnreadable

FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?P<yaml>.*?)^(?:---|\.\.\.)[ \t]*$", re.DOTALL | re.MULTILINE)
MARKDOWN_COMMENT = re.compile(r"<!--\s*nnbook:(?P<yaml>(?:(?!-->).)*)-->", re.DOTALL)
TEX_COMMENT = re.compile(r"^[ \t]*%+[ \t]*nnbook:(?P<yaml>[^\n]*)", re.MULTILINE)
LONGEST = 100_000
DEEPEST = 50
ASSUMPTIONS = ("hidden", "output", "cost", "sizes", "penalty", "targets", "tolerance")
KEYS = ("notation", "letters", *ASSUMPTIONS)
OTHERS = ("needs_data",)  # what the book's own chapters say there of something else


def of_markdown(text: str, path: Path) -> dict:
    """Return what the front matter, or a comment ``<!-- nnbook: … -->``, of a Markdown file declares."""
    front = FRONT_MATTER.match(text)
    if front is not None and "nnbook" in front["yaml"]:
        loaded = _yaml(front["yaml"], path)
        if isinstance(loaded, dict) and "nnbook" in loaded:
            return checked(loaded["nnbook"], path)
    comment = MARKDOWN_COMMENT.search(text)
    return _of_comment(comment, path)


def of_tex(text: str, path: Path) -> dict:
    """Return what a comment ``% nnbook: {notation: …}`` of a LaTeX file declares."""
    return _of_comment(TEX_COMMENT.search(text), path)


def of_notebook(metadata: object, first: str, path: Path) -> dict:
    """Return what a notebook's metadata, or the front matter in its first cell, declares."""
    if not isinstance(metadata, dict):
        raise FileUnreadable(f"{path}: not a notebook (its metadata is {_kind(metadata)}; a table was expected)")
    if "nnbook" in metadata:
        return checked(metadata["nnbook"], path)
    return of_markdown(first, path)


def _of_comment(comment: re.Match[str] | None, path: Path) -> dict[str, Any]:
    if comment is None:
        return {}
    text = comment["yaml"].strip()
    one_line = "\n" not in text and not text.startswith("{") and ":" in text
    return checked(_yaml(f"{{{text}}}" if one_line else text, path), path)


def _yaml(text: str, path: Path) -> Any:
    if len(text) > LONGEST:
        raise FileUnreadable(f"{path}: its front matter has {len(text):,} characters; at most {LONGEST:,} are read")
    if max(accumulate((text[m.start()] in "[{") * 2 - 1 for m in re.finditer(r"[\[\]{}]", text)), default=0) > DEEPEST:
        raise FileUnreadable(f"{path}: its front matter cannot be read: nested more than {DEEPEST} deep")
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "not YAML"
        raise FileUnreadable(f"{path}: its front matter cannot be read{place}: {problem}") from None
    except (RecursionError, ValueError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else error
        raise FileUnreadable(f"{path}: its front matter cannot be read: {reason}") from None


def checked(declared: object, path: Path) -> dict:
    """Return a declaration with known keys and values of the right kind; a plain string names the notation.

    Raises
    ------
    FileUnreadable
        Naming the file, the key, what was expected and what came.
    """
    if isinstance(declared, str):
        declared = {"notation": declared}
    if not isinstance(declared, dict):
        raise FileUnreadable(
            f"{path}: nnbook: in its front matter is {_kind(declared)}; expected a table such as {{notation: nielsen}}"
        )
    declared = {key: value for key, value in declared.items() if key not in OTHERS}
    for key, value in declared.items():
        if key not in KEYS:
            near = difflib.get_close_matches(str(key), KEYS, 1)
            hint = f"; did you mean {near[0]}?" if near else f"; expected {', '.join(KEYS)}"
            raise FileUnreadable(f"{path}: nnbook: in its front matter has an unknown key {key!r:.60}{hint}")
        if key in ("notation", "output", "cost", "targets") and not isinstance(value, str):
            raise FileUnreadable(f"{path}: nnbook: {key} must be a name; got {_kind(value)}")
        if key == "letters" and not (isinstance(value, dict) and all(isinstance(v, str) for v in value.values())):
            raise FileUnreadable(
                f"{path}: nnbook: letters must be a table from letters to meanings; got {_kind(value)}"
            )
    return declared


def _kind(value: object) -> str:
    names = {dict: "a table", list: "a list", str: "text", bool: "a truth value", int: "a number", float: "a number"}
    shown = f" ({value!r:.40})" if isinstance(value, str | int | float) else ""
    return names.get(type(value), "nothing" if value is None else type(value).__name__) + shown
