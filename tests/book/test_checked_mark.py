"""The ✓ beside an equation leads to its check, the page of all equations is true, and a missing check is refused."""

import json
import re
import shutil
import sys

import chapters
import nbformat
import pytest
import run
from small_chapter import ROOT

TOC = """\
format: jb-book
root: book/index
parts:
  - caption: Part
    chapters:
      - file: book/01-small
      - file: book/verified-equations
"""

CHAPTER = """\
# A small chapter

$$
C_T = \\sum_{k=1}^{N} C_k
$$ (eq-small)

```{code-cell}
:tags: [hide-cell]

nn.verify("eq-small", cost=nn.SquaredError())
```

$$
J = K
$$ (eq-other)

```{code-cell}
1 + 1
```
"""

FUNCTIONS = """\
[function]
eq-small = "nnbook.SquaredError.__call__"

[mathematics]
eq-other = "the package knows no K"
"""


def with_outputs(printed):
    """The small chapter with the given stored outputs, and the second equation checked by another cell."""
    nb = chapters.from_myst(CHAPTER)
    cells = [cell for cell in nb.cells if cell.cell_type == "code"]
    cells[0].outputs = [nbformat.v4.new_output("stream", name="stdout", text=printed)]
    cells[1].metadata["nnbook"] = {"checks": "eq-other", "reason": "its letters are of this test alone"}
    return nb


@pytest.fixture
def book(tmp_path, monkeypatch):
    """A small book with the real configuration, whose folder run.book() builds."""
    (tmp_path / "book").mkdir()
    shutil.copy(ROOT / "_config.yml", tmp_path)
    for name in ("references.bib", "verified-equations.md"):
        shutil.copy(ROOT / "book" / name, tmp_path / "book")
    for folder in sorted((ROOT / "book").glob("_*")):
        shutil.copytree(folder, tmp_path / "book" / folder.name)
    (tmp_path / "_toc.yml").write_text(TOC, encoding="utf-8")
    (tmp_path / "book" / "index.md").write_text(
        "(notation)=\n# Index\n\n```{bibliography}\n:all:\n```\n", encoding="utf-8"
    )
    scores = {"eq-small": {"comparisons": 12, "mutants": 5, "refused": 4, "equivalent": 1}}
    (tmp_path / "book" / "equation-scores.json").write_text(json.dumps(scores), encoding="utf-8")
    (tmp_path / "book" / "equation-functions.toml").write_text(FUNCTIONS, encoding="utf-8")
    monkeypatch.setattr(run, "ROOT", tmp_path)
    monkeypatch.setattr(run, "SITE", tmp_path / "_build" / "html")
    monkeypatch.setattr(run, "install", lambda files: None)
    monkeypatch.setattr(run, "venv_python", lambda: run.Path(sys.executable))
    return tmp_path


def write(book, nb):
    (book / "book" / "01-small.ipynb").write_bytes(chapters.to_bytes(nb))


def test_the_mark_leads_to_the_check_and_the_page_lists_it(book, capfd):
    write(book, with_outputs("eq-small  holds (12 comparisons, tolerance 1e-9)\n"))
    assert run.book() == 0, "".join(capfd.readouterr())
    site = book / "_build" / "html"
    page = (site / "01-small.html").read_text(encoding="utf-8")
    marks = re.findall(r'<span class="eqno"><a class="checked" href="#(check-[\w-]+)".*?</a>\([\d.]+\)', page)
    assert marks == ["check-eq-small", "check-eq-other"]
    for anchor in marks:
        assert len(re.findall(rf'id="{anchor}"', page)) == 1
    signs = dict(re.findall(r'href="#check-(eq-\w+)"[^>]*><span aria-hidden="true">(.)</span>', page))
    assert signs == {"eq-small": "✓", "eq-other": "∴"}
    for spoken in ("Checked against the package", "Checked as mathematics, without the package"):
        assert page.count(f'<span class="checked-words">{spoken}: see the check</span>') == 1
    folded = page[page.index('id="check-eq-small"') :]
    assert "nn" in folded[: folded.index("</details>")]  # the cell itself is behind the anchor
    listed = (site / "verified-equations.html").read_text(encoding="utf-8")
    words = " ".join(re.sub(r"<[^>]+>", " ", listed).split())
    assert "A small chapter" in words
    assert "12 comparisons; 4 of 5 wrong forms refused, 1 equivalent" in words
    assert "checked by another cell: its letters are of this test alone" in words
    assert "✓ (1) eq-small : 12 comparisons" in words
    assert "asks nn.SquaredError ." in words
    assert "mathematics: the package knows no K." in words
    assert "✓ page, definition and package 1 ∴ page and definition: mathematics only 1" in words
    assert "2 equations, 12 comparisons" in words
    assert 'href="01-small.html#equation-eq-small"' in listed
    assert 'class="katex-display"' in listed


def missing(nb):
    nb.cells = [cell for cell in nb.cells if "verify" not in cell.source]


def doubled(nb):
    nb.cells.append(nbformat.v4.new_code_cell('nn.verify("eq-small")', id="again", execution_count=9))


def stale(nb):
    nb.cells[1].outputs[0]["text"] = "eq-small  was fine yesterday\n"


def unreasoned(nb):
    nb.cells[-1].metadata["nnbook"]["reason"] = ""


def unlisted(nb):
    """Nothing is changed: the table of functions knows none of these labels."""


FAULTS = [
    (missing, "eq-small", "no cell of this page checks it"),
    (doubled, "eq-small", "two cells check it"),
    (stale, "eq-small", "the stored output of its check does not say that it holds"),
    (unreasoned, "eq-other", "its cell declares another check without a reason"),
    (unlisted, "eq-small", "book/equation-functions.toml does not say which function of the package its check calls"),
]


def test_equations_that_nothing_checks_fail_the_build(book, capfd):
    toc, functions = TOC, ""
    for number, (fault, label, _) in enumerate(FAULTS, start=2):
        known = {"eq-small", "eq-other"} - {label if fault is unlisted else ""}
        functions += "".join(f'{name}-{number} = "nnbook.fit"\n' for name in sorted(known))
        nb = with_outputs("eq-small  holds (12 comparisons, tolerance 1e-9)\n")
        fault(nb)
        text = (
            chapters.to_bytes(nb)
            .decode()
            .replace("eq-small", f"eq-small-{number}")
            .replace("eq-other", f"eq-other-{number}")
        )
        (book / "book" / f"0{number}-faulty.ipynb").write_text(text, encoding="utf-8")
        toc += f"      - file: book/0{number}-faulty\n"
    (book / "_toc.yml").write_text(toc, encoding="utf-8")
    table = book / "book" / "equation-functions.toml"
    table.write_text(FUNCTIONS.replace("[function]\n", f"[function]\n{functions}"), encoding="utf-8")
    write(book, with_outputs("eq-small  holds (12 comparisons, tolerance 1e-9)\n"))
    assert run.book() != 0
    said = re.sub(r"\x1b\[[0-9;]*m", "", "".join(capfd.readouterr()))
    for number, (fault, label, reason) in enumerate(FAULTS, start=2):
        warning = rf"0{number}-faulty\.ipynb:\d+: WARNING: equation {label}-{number}: {reason}"
        assert re.search(warning, said), f"{fault.__name__} was not reported:\n{said}"
    assert len(re.findall("WARNING: equation", said)) == len(FAULTS)
