"""The book's build refuses broken references, double labels and formulas that cannot be rendered."""

import json
import re
import shutil
import subprocess
import sys

import chapters
import katex_build
import pytest
import run
import sphinxcontrib.katex
from small_chapter import ROOT, SMALL

CHANGED = """

as_before = add_context


def add_context(app, pagename, templatename, context, doctree):
    as_before(app, pagename, templatename, context, doctree)
    context["body"] = context.get("body", "") + "<p>made in another way</p>"
"""

TOC = """\
format: jb-book
root: book/index
parts:
  - caption: Part
    chapters:
      - file: book/01-small
      - file: book/02-other
        sections:
          - file: book/02b-more
"""

INDEX = r"""# Index

Inline $\delta^l_j$, a link to {eq}`eq-small`, to {eq}`eq-long` and to {prf:ref}`thm-one`.

```{bibliography}
:all:
```
"""

OTHER = r"""# Other

$$
\begin{aligned}
\delta^l_i &= \Big(\sum_{j=1}^{n_{l+1}} \delta^{l+1}_j w^{l+1}_{ji}\Big) f'(z^l_i) \\
\boldsymbol{\delta}^l &= \big((\mathbf{W}^{l+1})^\top \boldsymbol{\delta}^{l+1}\big) \odot f'(\mathbf{z}^l)
\end{aligned}
% unchecked: a comment on the last line must not swallow the end of the formula
$$ (eq-long)

:::{prf:theorem} One
:label: thm-one

A theorem with $x^2$.
:::

:::{exercise}
:label: ex-one

Do it.
:::

:::{solution} ex-one
:class: dropdown

Done.
:::
"""

FAULTS = {
    "a link to an equation that does not exist": ("See {eq}`eq-nowhere`.", r"eq-nowhere"),
    "a link to a page that does not exist": ("See {doc}`99-nowhere`.", r"99-nowhere"),
    "a term that is not in the glossary": ("See {term}`nothing`.", r"nothing"),
    "a citation that does not exist": ("See {cite:t}`nobody1900`.", r"nobody1900"),
    "an equation label used twice": ("$$\na = c\n$$ (eq-small)", r"duplicate label of equation eq-small"),
    "an unknown command": (r"Inline $\nosuchcommand$.", r"cannot render '\\\\nosuchcommand'.*Undefined control"),
    "braces that do not match": ("$$\n\\frac{a}{b\n$$ (eq-brace)", r"cannot render .*frac.*expected '\}'"),
    "an environment that numbers itself": ("\\begin{align}\na &= b\n\\end{align}", r"align numbers its lines itself"),
}


@pytest.fixture
def book(tmp_path, monkeypatch):
    """A small book with the real configuration and extensions, in a separate folder; run.book() builds it."""
    (tmp_path / "book").mkdir()
    configuration = (ROOT / "_config.yml").read_text(encoding="utf-8")
    # The small book's equations are here to be rendered, not to be checked, and its cover has none to break.
    for extension in ("checked", "breaking", "cover_card"):
        configuration = configuration.replace(f"    {extension}: book/_ext\n", "")
    (tmp_path / "_config.yml").write_text(configuration, encoding="utf-8")
    shutil.copy(ROOT / "book" / "references.bib", tmp_path / "book")
    for folder in sorted((ROOT / "book").glob("_*")):  # extensions, static files, templates
        shutil.copytree(folder, tmp_path / "book" / folder.name)
    (tmp_path / "_toc.yml").write_text(TOC, encoding="utf-8")
    (tmp_path / "book" / "index.md").write_text(INDEX, encoding="utf-8")
    (tmp_path / "book" / "02-other.md").write_text(OTHER, encoding="utf-8")
    (tmp_path / "book" / "02b-more.md").write_text("# More\n\nOf $x^2$.\n", encoding="utf-8")
    small = chapters.to_bytes(chapters.from_myst(SMALL))
    (tmp_path / "book" / "01-small.ipynb").write_bytes(small)
    monkeypatch.setattr(run, "ROOT", tmp_path)
    monkeypatch.setattr(run, "SITE", tmp_path / "_build" / "html")
    monkeypatch.setattr(run, "install", lambda files: None)
    monkeypatch.setattr(run, "venv_python", lambda: run.Path(sys.executable))
    return tmp_path


def test_a_sound_book_is_built_with_its_formulas(book, capfd):
    assert run.book() == 0, capfd.readouterr().err
    assert f"{book / '_build' / 'html'}" in capfd.readouterr().out
    site = book / "_build" / "html"
    own = {"index", "01-small", "02-other", "02b-more"}
    assert {path.stem for path in site.glob("*.html")} == own | {"404", "search", "genindex"}
    pages = {name: (site / f"{name}.html").read_text(encoding="utf-8") for name in own}
    for page in pages.values():
        assert 'class="katex"' in page
        assert "<math " in page  # for screen readers
        assert not re.search(r"<script[^>]*mathjax", page, re.IGNORECASE)
        style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]
        assert ".katex-display" in style
        for address in re.findall(r"url\((\S+?)\)", style):
            assert (site / address).exists(), address
    # What search and the editions need from each page is stored beside the site.
    kept = book / "_build" / "articles"
    assert {path.stem for path in kept.glob("*.json")} == own | {"contents"}
    contents = json.loads((kept / "contents.json").read_text(encoding="utf-8"))
    assert contents["parts"] == [["", ["index"]], ["Part", ["01-small", "02-other", "02b-more"]]]
    assert "<h1>" in json.loads((kept / "02-other.json").read_text(encoding="utf-8"))["article"]
    # One number per equation, and the links show the same.
    assert re.findall(r'class="eqno">\((\S+?)\)', pages["01-small"] + pages["02-other"]) == ["1", "2"]
    assert re.findall(r'href="(\S+?)#equation-(eq-\w+)">\((\d)\)', pages["index"]) == [
        ("01-small.html", "eq-small", "1"),
        ("02-other.html", "eq-long", "2"),
    ]
    # No source of a page changes with the program that makes it: all the same, none of them may stay as it was.
    with (book / "book" / "_ext" / "page.py").open("a", encoding="utf-8") as program:
        program.write(CHANGED)
    assert run.book() == 0, capfd.readouterr().err
    for name in own - {"index"}:  # the cover is laid out from parts
        assert "made in another way" in (site / f"{name}.html").read_text(encoding="utf-8"), name


def test_each_fault_fails_the_build(book, capfd):
    text = "\n\n".join(fault for fault, _ in FAULTS.values())
    (book / "book" / "02-other.md").write_text(OTHER + "\n" + text + "\n", encoding="utf-8")
    assert run.book() != 0
    said = re.sub(r"\x1b\[[0-9;]*m", "", "".join(capfd.readouterr()))
    for fault, (_, warning) in FAULTS.items():
        # Each with its page and line.
        assert re.search(rf"02-other\.md:\d+: WARNING: .*{warning}", said), f"{fault} was not reported:\n{said}"
    # Sphinx skips pages that it has already written: the second build must fail like the first.
    assert run.book() != 0


def test_a_formula_that_cannot_be_rendered_is_refused():
    with pytest.raises(katex_build.FormulaError, match="Undefined control sequence"):
        katex_build.render(r"\nosuchcommand")
    with pytest.raises(katex_build.FormulaError, match="align numbers"):
        katex_build.render(r"\begin{align}a&=b\end{align}", display=True)


def test_a_rendered_formula_has_html_and_mathml():
    html = katex_build.render(r"\delta^l_j = \frac{\partial C}{\partial z^l_j}", display=True)
    assert 'class="katex-display"' in html
    assert "<math " in html
    assert html == katex_build.render(r"\delta^l_j = \frac{\partial C}{\partial z^l_j}", display=True)


def test_lines_with_fractions_get_room_and_others_stay():
    lines = r"\begin{aligned} a &= \frac{1}{2} \\ b &= \frac{1}{3} \end{aligned}"
    assert r"\\[0.55em] b" in katex_build.render(lines, display=True)
    assert "0.55em" not in katex_build.render(lines.replace(r"\frac", ""), display=True)
    matrix = r"\frac12 \begin{pmatrix} 1 \\ 2 \end{pmatrix}"
    assert "0.55em" not in katex_build.render(matrix, display=True)


def test_style_sheet_fonts_and_engine_are_one_version():
    folder = ROOT / "book" / "_static" / "katex"
    css = (folder / "katex.min.css").read_text(encoding="utf-8")
    assert f'content:"{sphinxcontrib.katex.katex_version}"' in css
    assert f'version:"{sphinxcontrib.katex.katex_version}"' in katex_build.KATEX_JS.read_text(encoding="utf-8")
    fonts = set(re.findall(r"url\(([^)]+)\)", css))
    assert fonts == {f"fonts/{path.name}" for path in (folder / "fonts").iterdir()}


@pytest.mark.parametrize("target", sorted(run.TARGETS))
def test_every_target_is_in_the_makefile(target):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert target in re.search(r"^TARGETS := (.*)$", makefile, re.MULTILINE).group(1).split()


def test_an_old_python_is_named_in_one_line(monkeypatch):
    monkeypatch.setattr(run.sys, "version_info", (3, 9, 1))
    with pytest.raises(SystemExit, match=r"^Python 3\.11 or newer is needed; this is \S+ \(.*\)\.$"):
        run.main(["book"])


def test_an_unknown_target_is_refused():
    with pytest.raises(SystemExit, match="the targets are book, test"):
        run.main(["bok"])


def test_a_python_without_venv_is_told_which_package_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "VENV", tmp_path / ".venv")
    monkeypatch.setitem(sys.modules, "ensurepip", None)  # as Debian's python3 without python3-venv
    with pytest.raises(SystemExit, match="apt install python3-venv"):
        run.make_venv()


def test_an_environment_that_does_not_run_is_named(tmp_path, monkeypatch):
    broken = tmp_path / "python"
    broken.write_text("not a program", encoding="utf-8")
    monkeypatch.setattr(run, "venv_python", lambda: broken)
    with pytest.raises(SystemExit, match="delete that folder and try again"):
        run.make_venv()


def test_a_failed_install_says_whether_the_network_is_missing(tmp_path, monkeypatch):
    (tmp_path / "requirements.txt").write_text("nothing", encoding="utf-8")
    monkeypatch.setattr(run, "ROOT", tmp_path)
    monkeypatch.setattr(run, "VENV", tmp_path)
    monkeypatch.setattr(run, "make_venv", lambda: None)
    for stderr, message in (
        ("NewConnectionError: …", "no network"),
        ("ResolutionImpossible", "could not be installed"),
    ):
        failed = subprocess.CompletedProcess([], 1, stderr=stderr)
        monkeypatch.setattr(run.subprocess, "run", lambda *args, result=failed, **kwargs: result)
        with pytest.raises(SystemExit, match=message):
            run.install(["requirements.txt"])
    assert not (tmp_path / "installed.txt").exists()


def test_only_what_changed_is_installed_again(tmp_path, monkeypatch):
    calls = []

    def pretend(command, **kwargs):
        calls.append([word for word in command if str(word).endswith(".txt")])
        return subprocess.CompletedProcess(command, 0, stderr="")

    monkeypatch.setattr(run, "ROOT", tmp_path)
    monkeypatch.setattr(run, "VENV", tmp_path)
    monkeypatch.setattr(run, "make_venv", lambda: None)
    monkeypatch.setattr(run.subprocess, "run", pretend)
    monkeypatch.delenv("NNBOOK_NEWEST", raising=False)
    (tmp_path / "requirements.txt").write_text("-e .\na==1\n", encoding="utf-8")
    (tmp_path / "requirements-dev.txt").write_text("b==1\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n", encoding="utf-8")
    run.install(run.READER)
    run.install(run.READER)
    run.install(run.DEVELOPER)
    run.install(run.READER)
    assert calls == [["requirements.txt"], ["requirements-dev.txt"]]
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'y'\n", encoding="utf-8")
    run.install(run.DEVELOPER)
    (tmp_path / "requirements-dev.txt").write_text("b==2\n", encoding="utf-8")
    run.install(run.DEVELOPER)
    run.install(run.DEVELOPER)
    assert calls[2:] == [["requirements.txt"], ["requirements-dev.txt"]]


def test_the_newest_of_everything_keeps_the_pins_that_must_stay(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "ROOT", tmp_path)
    (tmp_path / "some.txt").write_text("-e .\nnumpy==2.4.6\njupyter-book==1.0.4\n", encoding="utf-8")
    assert (tmp_path / run.unpinned("some.txt")).read_text(encoding="utf-8") == "-e .\nnumpy\njupyter-book==1.0.4\n"
