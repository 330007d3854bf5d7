"""Runs pytest on given files, under the project's own conftest.py."""

import os
import shutil
import subprocess
import sys

import pytest
from small_chapter import ROOT


@pytest.fixture
def run_pytest(tmp_path):
    """Run pytest as `make test` does in a copy of the project with these files; return its status and what it said."""

    def run(files, *arguments, **variables):
        for folder in ("tests", "book", "tools"):
            shutil.rmtree(tmp_path / folder, ignore_errors=True)
            (tmp_path / folder).mkdir()
        for name in ("conftest.py", "pyproject.toml", "tools/chapters.py"):
            shutil.copy(ROOT / name, tmp_path / name)
        for name, content in files.items():
            folder = tmp_path / ("book" if name.endswith(".ipynb") else "tests")
            (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "NNBOOK_"))}
        result = subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-p",
                "no:cacheprovider",
                "-p",
                "no:hypothesispytest",
                "tests",
                "book",
                *arguments,
            ],
            cwd=tmp_path,
            env={**kept, **variables},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        return result.returncode, result.stdout + result.stderr

    return run
