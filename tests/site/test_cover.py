"""What the cover shows the package printing is what the package prints."""

import json
import re
from pathlib import Path

import pytest

import nnbook as nn

BOOK = Path(__file__).resolve().parents[2] / "book"
COVER = (BOOK / "index.md").read_text(encoding="utf-8")
EQUATION = re.search(r"\$\$\n(.+?)\n\$\$", COVER, re.DOTALL)[1]
HOLDS, REFUTED = re.findall(r"```text\n(.+?)\n```", COVER, re.DOTALL)


def test_the_cover_prints_the_equation_of_the_chapter_and_what_its_check_says():
    chapter = json.loads((BOOK / "11-hidden-recursion.ipynb").read_text(encoding="utf-8"))
    sources = ["".join(cell["source"]) for cell in chapter["cells"]]
    assert any(f"{EQUATION}\n$$ (eq-hidden-delta)" in source for source in sources)
    check = next(cell for cell in chapter["cells"] if "".join(cell["source"]) == 'nn.verify("eq-hidden-delta")')
    assert "".join(check["outputs"][0]["text"]).strip() == HOLDS


def test_the_cover_shows_what_is_said_when_the_prime_is_forgotten():
    with pytest.raises(nn.equations.errors.EquationRefuted) as refused:
        nn.verify(latex=EQUATION.replace("f'", "f"))
    assert str(refused.value).strip() == REFUTED
