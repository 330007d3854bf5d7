"""What README.md shows is what happens: its example of the package prints the output shown below it."""

import re
import subprocess
import sys

from small_chapter import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_the_taste_prints_what_the_readme_says(tmp_path):
    (code,), (printed,) = blocks("python"), blocks("text")
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert result.stderr == ""
    assert result.stdout == printed


def test_the_taste_is_short():
    (code,) = blocks("python")
    assert len([line for line in code.splitlines()[1:] if line]) <= 10


def test_the_commands_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.search(r"^TARGETS := (.*)$", makefile, re.MULTILINE).group(1).split()
    named = set(re.findall(r"\bmake ([a-z-]+)", "\n".join(re.findall(r"`make [^`]*`|^make .*$", README, re.MULTILINE))))
    assert {"book", "test", "lab"} <= named <= set(targets)


def test_the_links_lead_somewhere():
    targets = re.findall(r"\]\(([^)#:]+)\)", README)
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []
