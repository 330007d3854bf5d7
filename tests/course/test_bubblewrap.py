"""What only bubblewrap provides; without it these few tests are reported as not run."""

import shutil
import sys
from pathlib import Path

import pytest

from .conftest import KINDS, grader
from .submissions import ROOT, submission

NAME = "4-hidden-recursion"
pytestmark = pytest.mark.skipif(
    "bubblewrap" not in KINDS, reason="bubblewrap is not installed (apt install bubblewrap)"
)


def test_not_even_the_names_of_files_can_be_seen():
    places = [ROOT / "assignments", ROOT / "nnbook" / "course" / "tasks.py", ROOT / "tests"]
    look = f"import os\nseen = [p for p in {[str(p) for p in places]!r} if os.path.exists(p)]\nassert not seen, seen"
    assert grader("bubblewrap")(NAME, submission(NAME, first=look))["problems"] == []


def test_there_is_no_other_process():
    look = "import os\npids = [p for p in os.listdir('/proc') if p.isdigit()]\nassert len(pids) <= 2, pids"
    assert grader("bubblewrap")(NAME, submission(NAME, first=look))["problems"] == []


def test_the_temporary_folder_is_memory_of_a_fixed_size():
    # If Python or this checkout is below /tmp, the folder that leads to it exists.
    ours = sorted({path.parts[2] for path in map(Path, (sys.prefix, sys.base_prefix, ROOT)) if path.parts[1] == "tmp"})
    look = (
        "import os\ns = os.statvfs('/tmp')\nassert s.f_blocks * s.f_frsize == 32 << 20\n"
        f"assert set(os.listdir('/tmp')) <= set({ours!r})"
    )
    assert grader("bubblewrap")(NAME, submission(NAME, first=look))["problems"] == []
    assert shutil.which("bwrap")
