"""Version, citation, changelog and licence agree."""

import re
import subprocess
import sys
import tomllib

from small_chapter import ROOT

import nnbook


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_version_stands_in_one_place_and_is_repeated_right():
    project = tomllib.loads(read("pyproject.toml"))["project"]
    assert project["dynamic"] == ["version", "urls"]
    assert re.search(r"^version: (.*)$", read("CITATION.cff"), re.MULTILINE).group(1) == nnbook.__version__
    newest, rest = re.search(r"^## (\S+?), (.*)$", read("CHANGELOG.md"), re.MULTILINE).groups()
    assert newest == nnbook.__version__
    released = re.search(r"^date-released: (.*)$", read("CITATION.cff"), re.MULTILINE)
    assert rest == (released.group(1) if released else "not yet released")


def test_the_text_licence_is_whole():
    text = " ".join(read("LICENSE-TEXT").split())
    for part in (
        "Section 1 – Definitions",
        "Section 8 – Interpretation",
        "Creative Commons is not a party to its public",
    ):
        assert part in text, part


def test_a_chapter_is_compared_as_text(tmp_path):
    command = [sys.executable, ROOT / "tools" / "build_notebook.py", "--print", ROOT / "book" / "01-one-weight.ipynb"]
    text = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True, cwd=tmp_path).stdout
    assert text.startswith("# ") or "\n# " in text
    assert "<svg" not in text
    assert list(tmp_path.iterdir()) == []
