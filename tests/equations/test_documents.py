"""Displays, labels, lines and declarations are found in notebooks, Markdown and LaTeX as the field writes them."""

from pathlib import Path

import pytest
from documents_of import notebook

import nnbook as nn
from nnbook.equations import EquationError, documents
from nnbook.equations.documents import FileUnreadable, equations_in, read
from nnbook.equations.documents.labels import inner_label, rows_of
from nnbook.equations.documents.macros import expanded, macros_of


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty current folder, with no running notebook."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    return tmp_path


def found(text):
    """The displays of a Markdown text as (label, LaTeX without blanks)."""
    return [(equation.label, "".join(equation.latex.split())) for equation in equations_in(text)]


# --- how a display is marked ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("$$\na=b\n$$ (eq-x)\n", "eq-x"),
        ("$$ a=b $$ (eq-x)\n", "eq-x"),
        ("$$ a=b $$ {#eq-x}\n", "eq-x"),
        ("$$\na=b\n$$ {#eq-x .column-page}\n", "eq-x"),
        ("$$a=b$$\n:eqlabel:`eq_x`\n", "eq_x"),
        ("$$a=b$$ :eqlabel:`eq_x`\n", "eq_x"),
        ("```{math}\n:label: eq-x\na=b\n```\n", "eq-x"),
        (":::{math}\n:label: eq-x\n\na=b\n:::\n", "eq-x"),
        ("$$ a=b $$ (3.1)\n", "3.1"),
        ("$$ a=b $$ (eq:x)\n", "eq:x"),
        ("$$ a=b $$ (eq/x)\n", "eq/x"),
        ("\\[\na=b\n\\] (eq-x)\n", "eq-x"),
        ("$$ a=b \\qquad (3.1) $$\n", "3.1"),
        ("$$ a=b \\eqno (12) $$\n", "12"),
        ("$$ a=b $$\n", None),
        ("$$ a=b $$.\n", None),
        ("$$ a=b $$ (which we saw above)\n", None),
        ("$$ a=b $$ (why) is not clear\n", None),
        ("The sum $$ a=b $$ stands in a line.\n", None),
        ("\\[ a=b \\]\n", None),
        ("\\\\[\na=b\n\\\\]\n", None),
        ("```math\na=b\n```\n", None),
        ("- $$ a=b $$\n", None),
        ("1. $$ a=b $$\n", None),
        ("> $$\n> a=b\n> $$\n", None),
        ("   ```{math}\n   a=b\n   ```\n", None),
        (":::{note}\n$$ a=b $$\n:::\n", None),
        ("::: {.callout-note}\n\n$$ a=b $$\n\n:::\n", None),
        ("````{admonition} A box\n```{math}\na=b\n```\n````\n", None),
    ],
)
def test_a_display_is_found_with_its_label(text, label):
    assert found(f"Before it.\n\n{text}\nAfter it.\n") == [(label, "a=b")]


@pytest.mark.parametrize("inside", [r"\label{eq-x}", r"\label{eq-x}\tag{7}", r"\tag{BP3} \label{eq-x}"])
def test_a_label_inside_names_the_display(inside):
    (equation,) = equations_in(f"$$ a=b {inside} $$\n")
    assert equation.label == "eq-x"


@pytest.mark.parametrize(("tag", "label"), [("BP3", "BP3"), ("3.1", "3.1"), (r"\text{BP3}", "BP3"), ("$*$", "*")])
def test_a_tag_names_what_has_no_label(tag, label):
    assert inner_label(rf"a=b \tag{{{tag}}}") == label


@pytest.mark.parametrize("name", ["align", "equation", "gather", "multline", "alignat", "eqnarray", "align*"])
def test_a_bare_environment_is_a_display(name):
    (equation,) = equations_in(f"text\n\\begin{{{name}}}\na &= b\n\\end{{{name}}}\ntext")
    assert equation.latex == f"\\begin{{{name}}}\na &= b\n\\end{{{name}}}"
    assert (equation.span.line, equation.span.end_line) == (2, 4)


@pytest.mark.parametrize(
    "text",
    [
        "`$$ a = b $$ (eq-code)` and {eq}`eq-one`.",
        "```python\n$$ a = b $$ (eq-fence)\n```",
        "~~~\n$$ a = b $$\n~~~",
        "````md\n```{math}\na = b\n```\n````",
        "```{python}\n$$ a = b $$\n```",
        "```{code-cell}\n$$ a = b $$\n```",
        "```{=html}\n$$ a = b $$\n```",
        "````{note}\n```python\n$$ a = b $$\n```\n````",
        "<!--\n$$ a = b $$\n-->",
        r"It costs \$$ 5 and \$$ 6.",
        r"See \[1\] and \[2\] in the list.",
        "\\[1\\] Author: Title",
        "$$ $$",
        "One $$ alone.",
        "The weight $$w_{ji}$$ of a unit.",
        "$$ \\newcommand{\\x}{a = b} $$",
    ],
)
def test_code_comments_and_prose_are_no_displays(text):
    assert found(text) == []


def test_what_follows_a_box_or_a_stray_sign_is_still_found():
    assert found("```{note}\ntext\n```\n\n$$ a=b $$ (eq-x)") == [("eq-x", "a=b")]
    assert found("```\ncode\n```\n\n$$ a=b $$ (eq-x)") == [("eq-x", "a=b")]
    assert found("A price of $$ only.\n\nThen\n\n$$ a=b $$ (eq-x)") == [("eq-x", "a=b")]


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("n.md", "```{math}\na = b\n", 1),
        ("n.md", "x\n\n```math\na = b\n", 3),
        ("n.md", "\n\\begin{equation}\na = b\n", 2),
        ("n.md", "$$ a = b $$\n\n$$\nc = d\n", 3),
        ("n.tex", "\n\\begin{equation}\na = b\n", 2),
        ("n.tex", "\\[ a = b\n", 1),
    ],
)
def test_what_nothing_closes_is_told_and_not_dropped(name, text, line, tmp_path):
    (tmp_path / name).write_text(text)
    last = read(tmp_path / name).equations[-1]
    assert last.fault.startswith("nothing closes it: ")
    assert last.span.line == line


def test_lines_and_columns_are_those_of_the_mathematics():
    (equation,) = equations_in("# Famous bad equation\n\n$$\n(a+b)^2 = a^2 + b^2\n$$\n")
    span = equation.span
    assert (span.line, span.col, span.end_line, span.end_col, span.name) == (4, 1, 4, 19, "line 4")


def test_rows_have_their_own_labels_and_lines():
    rows = (
        "\\begin{align}",
        r"a &= b \label{eq-a} \\[2pt]",
        r"c &= \begin{cases} 1 \\ 2 \end{cases} \tag{C} \\",
        "e &= f",
    )
    (equation,) = equations_in("\n\n" + "\n".join(rows) + "\n\\end{align}\n")
    assert [(label, span.line) for label, span in equation.rows] == [("eq-a", 4), ("C", 5), (None, 6)]
    assert equation.label is None


def test_a_break_inside_a_group_ends_no_row():
    latex = r"\begin{aligned} a &= {b \\ c} \\ d &= \begin{pmatrix} 1 \\ 2 \end{pmatrix} % \\" + "\n" + r"\end{aligned}"
    assert len(rows_of(latex)) == 2
    assert rows_of(r"a = \begin{pmatrix} 1 \\ 2 \end{pmatrix}") == []


def test_what_an_equation_says_of_its_check():
    first, second = equations_in(
        '$$\na\n% unchecked: a step with numbers\n$$\n\n$$\ng % assume: output="tanh", sizes=[2, 3]\n$$\n'
    )
    assert first.unchecked == "a step with numbers"
    assert second.arguments() == {"output": "tanh", "sizes": [2, 3]}


@pytest.mark.parametrize(
    ("piece", "times", "end", "displays"),
    [
        ("`", 1_000_000, "", 0),
        ("~", 1_000_000, "", 0),
        (">", 1_000_000, "", 0),
        ("- ", 500_000, "", 0),
        ("a`", 500_000, "", 0),
        ("<!-- ", 200_000, "", 0),
        ("$$ ", 300_001, "", 0),
        ("\\[\n", 300_000, "", 0),
        ("\\[\n", 300_000, "\\] x", 0),
        ("\\begin{align}\n", 100_000, "", 1),
        ("```{note}\n", 100_000, "", 0),
        ("x $$ a=b $$ ", 100_000, "", 100_000),
        ("$$", 1, "{" * 1_000_000 + "$$", 1),
        ("$$", 1, "\\quad \\\\ " * 100_000 + "$$", 1),
    ],
)
def test_hostile_markdown_is_read_to_its_end(piece, times, end, displays):
    assert len(equations_in(piece * times + end)) == displays


# --- abbreviations ----------------------------------------------------------------------------------------------------

DEFINED = r"""\newcommand{\vec}[1]{\mathbf{#1}} \def\mat#1{\vec{#1}} \newcommand*\pd[2]{\frac{\partial #1}{\partial #2}}
\DeclareMathOperator{\relu}{ReLU}
\newcommand{\w}[1][l]{w^{#1}} \renewcommand{\loop}{\loop\loop} \newcommand{\d}{\partial}
"""


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"\vec a = \mat{W}", r"\mathbf{a} = \mathbf{W}"),
        (r"\pd{\pd{C}{a}}{\vec z}", r"\frac{\partial \frac{\partial C}{\partial a}}{\partial \mathbf{z}}"),
        (r"\pd C z", r"\frac{\partial C}{\partial z}"),
        (r"\relu(x) + \w_{ji} + \w[2]x", r"\operatorname{ReLU}(x) + w^{l}_{ji} + w^{2}x"),
        (r"\d x \dx", r"\partial x \dx"),
        (r"\loop = 1", r"\loop = 1"),
        (r"a \\ d", r"a \\ d"),
    ],
)
def test_abbreviations_are_written_out(written, meant):
    macros, _ = macros_of(DEFINED)
    assert expanded(written, macros) == meant


def test_pasted_characters_are_read_like_the_commands_that_print_them():
    (equation,) = equations_in("$$\n∂C = ½∑_jδ_j − σ′(z)·2 % unchecked: δ is −1\n$$")
    assert equation.latex == r"\partial C = ½\sum _j\delta _j - \sigma '(z)\cdot 2 % unchecked: δ is −1"


def test_a_file_s_own_abbreviations_reach_its_displays(tmp_path):
    (tmp_path / "n.md").write_text(f"$$\n{DEFINED}$$\n\n$$ \\vec a = b $$\n")
    (tmp_path / "n.ipynb").write_text(notebook(f"$${DEFINED}$$", "$$ \\vec a = b $$"))
    (tmp_path / "macros.tex").write_text(DEFINED)
    (tmp_path / "n.tex").write_text(
        "\\input{macros}\n\\input{glyphtounicode}\n\\begin{document}\n\\[ \\vec a = b \\]\n\\end{document}\n"
    )
    for name in ("n.md", "n.ipynb", "n.tex"):
        document = read(tmp_path / name)
        assert [equation.latex for equation in document.equations] == [r"\mathbf{a} = b"], name
        assert document.problems == []


# --- LaTeX ------------------------------------------------------------------------------------------------------------


def test_latex_is_read_with_what_it_takes_in(tmp_path):
    (tmp_path / "parts").mkdir()
    (tmp_path / "main.tex").write_text(
        "% nnbook: notation: nielsen, hidden: relu\n\\newcommand{\\x}{\\[ no = display \\]}\n\\begin{document}\n"
        "\\[ a = b \\]\n% \\[ c = d \\]\n\\begin{verbatim}\n$$ e = f $$\n\\end{verbatim}\n\\input{parts/one}\n"
        "\\begin{equation}\\label{eq-x} g = h \\end{equation}\n50\\% of $$ i = j $$\n\\include{parts/two.tex}\n"
        "\\end{document}\n\\[ k = l \\]\n"
    )
    (tmp_path / "parts/one.tex").write_text(
        "\\begin{align*}\n  m &= n \\\\\n  o &= p\n\\end{align*}\n\\input parts/two\n"
    )
    (tmp_path / "parts/two.tex").write_text("a &\\\\[2pt] b \\[ q = r \\]\n")
    document = read(tmp_path / "main.tex")
    places = [(e.path.name, e.span.line, e.label, "".join(e.latex.split())[:6]) for e in document.equations]
    assert places == [
        ("main.tex", 4, None, "a=b"),
        ("one.tex", 1, None, "\\begin"),
        ("two.tex", 1, None, "q=r"),
        ("main.tex", 10, "eq-x", "\\begin"),
        ("main.tex", 11, None, "i=j"),
        ("two.tex", 1, None, "q=r"),
    ]
    assert document.declared == {"notation": "nielsen", "hidden": "relu"}
    assert document.problems == []
    assert {Path(path).name for path in document.inputs} == {"one.tex", "two.tex"}


def test_what_cannot_be_included_is_reported_with_its_place(tmp_path):
    main = tmp_path / "main.tex"
    main.write_text("\n\\input{gone}\n\\input{main}\n\\[ a = b \\]\n")
    document = read(main)
    assert [problem.split("main.tex:")[1][:12] for problem in document.problems] == ["2: it includ", "3: main incl"]
    assert "no such file" in document.problems[0]
    assert len(document.equations) == 1
    for number in range(30):
        (tmp_path / f"deep{number}.tex").write_text(f"\\input{{deep{number + 1}}}")
    (problem,) = read(tmp_path / "deep0.tex").problems
    assert "nested 20 deep" in problem


# --- notebooks --------------------------------------------------------------------------------------------------------


def test_a_notebook_s_lines_are_those_of_its_file_and_its_cell(tmp_path):
    path = tmp_path / "n.ipynb"
    path.write_text(notebook("code:1", "Text\n\n$$\na = b\n$$\n\n\\begin{align}\nc &= d \\\\\ne &= f\n\\end{align}"))
    first, second = read(path).equations
    lines = path.read_text().split("\n")
    assert "a = b" in lines[first.span.line - 1]
    assert (first.span.name, first.span.cell) == ("cell 2, line 4", 1)
    assert "c &= d" in lines[second.rows[0][1].line - 1]
    assert "e &= f" in lines[second.rows[1][1].line - 1]


def test_a_notebook_on_one_line_is_read_too(tmp_path):
    path = tmp_path / "n.ipynb"
    path.write_text(
        '{"cells": [{"cell_type": "markdown", "metadata": {}, "source": "x\\n$$ a = b $$"}], "metadata": {}}'
    )
    (equation,) = read(path).equations
    assert (equation.span.line, equation.span.cell_line) == (1, 2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not a notebook (Expecting property name"),
        ("[1]", "the file holds no table"),
        ("{}", "it has no list of cells"),
        ('{"worksheets": []}', "old format 3"),
        ('{"cells": [1]}', "cell 1 is neither markdown nor code"),
        ('{"cells": [{"cell_type": "markdown", "source": 7}]}', "the source of cell 1 is neither text nor a list"),
        ('{"cells": [{"cell_type": "markdown", "source": [7]}]}', "the source of cell 1 is neither text nor a list"),
        ('{"cells": [], "metadata": 7}', "its metadata is a number (7); a table was expected"),
        ('{"cells": [], "metadata": {"nnbook": 7}}', "nnbook: in its front matter is a number (7); expected a table"),
        ('{"cells": [], "metadata": {"nnbook": {"notation": ["book"]}}}', "notation must be a name; got a list"),
        ('{"cells": [], "metadata": {"nnbook": {"notaton": "book"}}}', "key 'notaton'; did you mean notation?"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_a_notebook_that_lies_is_refused_in_one_line(text, said, tmp_path):
    path = tmp_path / "n.ipynb"
    path.write_text(text)
    with pytest.raises(FileUnreadable) as refusal:
        read(path)
    assert said in str(refusal.value)
    assert "\n" not in str(refusal.value)


# --- what a file declares ---------------------------------------------------------------------------------------------

DECLARED = {"notation": "deeplearning.ai", "hidden": "relu", "output": "softmax", "cost": "cross-entropy"}
WRITTEN = "{notation: deeplearning.ai, hidden: relu, output: softmax, cost: cross-entropy}"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("n.md", f"---\ntitle: Notes\nnnbook: {WRITTEN}\n---\n\ntext"),
        (
            "n.qmd",
            "---\nnnbook:\n  notation: deeplearning.ai\n  hidden: relu\n  output: softmax\n"
            "  cost: cross-entropy\n---\n",
        ),
        ("n.md", f"# Notes\n\n<!-- nnbook: {WRITTEN} -->\n"),
        ("n.tex", f"% nnbook: {WRITTEN}\n"),
        ("n.tex", f"\\documentclass{{article}}\n%% nnbook: {WRITTEN[1:-1]}\n"),
        ("n.ipynb", notebook("text", nnbook=DECLARED)),
        ("n.ipynb", notebook(f"---\nnnbook: {WRITTEN}\n---")),
    ],
)
def test_a_file_declares_its_notation(name, text, tmp_path):
    (tmp_path / name).write_text(text)
    assert read(tmp_path / name).declared == DECLARED


def test_a_name_alone_is_a_notation(tmp_path):
    (tmp_path / "n.md").write_text("---\nnnbook: nielsen\n---\n")
    assert read(tmp_path / "n.md").declared == {"notation": "nielsen"}


@pytest.mark.parametrize(
    ("front", "said"),
    [
        ("nnbook: [1", "its front matter cannot be read, line"),
        ("nnbook: {notation: 7}", "notation must be a name; got a number (7)"),
        ("nnbook: {letters: [a]}", "letters must be a table from letters to meanings; got a list"),
        ("nnbook:", "is nothing; expected a table such as {notation: nielsen}"),
        ("nnbook: " + "[" * 10_000, "its front matter cannot be read"),
        ("nnbook: " + "{a: " * 10_000 + "}" * 10_000, "its front matter cannot be read"),
        ("nnbook: x\n" + "#" * 200_000, "at most 100,000 are read"),
        ("nnbook: !!python/object/apply:os.system [true]", "its front matter cannot be read"),
    ],
)
def test_front_matter_that_lies_is_refused_in_one_line(front, said, tmp_path):
    path = tmp_path / "n.md"
    path.write_text(f"---\n{front}\n---\n\n$$ a = b $$\n")
    with pytest.raises(FileUnreadable) as refusal:
        read(path)
    assert said in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_front_matter_of_somebody_else_is_left_alone(tmp_path):
    (tmp_path / "n.md").write_text("---\ntitle: [broken\n---\n\n$$ a = b $$\n")
    assert read(tmp_path / "n.md").declared == {}


# --- files and folders ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("gone.md", None, "no such file"),
        ("page.txt", b"x", "expected a notebook (.ipynb), a Markdown file (.md) or a LaTeX file (.tex)"),
        ("latin.tex", "\n\\'e: \xe9".encode("latin-1"), "not UTF-8 text (byte 0xe9 in line 2)"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(name, content, said, tmp_path):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(FileUnreadable) as refusal:
        read(tmp_path / name)
    assert said in str(refusal.value)


def test_a_folder_is_read_at_any_depth_without_what_tools_made(tmp_path):
    for name in (
        "a.md",
        "deep/er/b.ipynb",
        "c.tex",
        "_build/d.md",
        ".hidden/e.md",
        "env/f.md",
        "node_modules/g.md",
        "h.txt",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "env/pyvenv.cfg").touch()
    assert [p.relative_to(tmp_path).as_posix() for p in documents.files_in(tmp_path)] == [
        "a.md",
        "c.tex",
        "deep/er/b.ipynb",
    ]
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileUnreadable, match="holds no notebook"):
        documents.files_in(tmp_path / "empty")


# --- finding one equation by its label --------------------------------------------------------------------------------


def test_the_running_notebook_is_asked_first(folder, monkeypatch):
    (folder / "a.md").write_text("$$\nC = C_1\n$$ (eq-x)\n")
    (folder / "b.md").write_text("$$\nC = C_2\n$$ (eq-x)\n")
    monkeypatch.setenv("JPY_SESSION_NAME", str(folder / "b.md"))
    assert documents.find("eq-x").strip() == "C = C_2"


def test_differing_duplicates_are_an_error_that_names_both(folder):
    (folder / "a.md").write_text("$$\nC = C_1\n$$ (eq-x)\n")
    (folder / "b.ipynb").write_text(notebook("$$\nC = C_2\n$$ (eq-x)\n"))
    with pytest.raises(EquationError, match=r"a\.md .* b\.ipynb"):
        documents.find("eq-x")
    (folder / "b.ipynb").write_text(notebook("$$\nC   = C_1 % the same\n$$ (eq-x)\n"))
    assert "C = C_1" in documents.find("eq-x")
    (folder / "a.md").write_text("$$\nC = C_1\n$$ (eq-x)\n\n$$\nC = C_1\n$$ (eq-x)\n")
    with pytest.raises(EquationError, match="two equations"):
        documents.find("eq-x")


def test_an_unknown_label_says_where_it_was_looked_for(folder):
    with pytest.raises(EquationError, match=r"labelled \(eq-nowhere\); write it as"):
        nn.verify("eq-nowhere")


def test_the_arguments_of_a_check_are_read_or_run():
    code = [
        "import nnbook as nn\nshare = 0.5",
        "unused = 1 / 0",
        "def given(rng):\n    return {'x': share, 'y': share}",
        'nn.verify("eq-x", given=given)',
        'nn.verify("eq-y", cost=nn.SquaredError(), sizes=[2, 3], output="tanh")',
        'nn.verify("eq-z", penalty=nn.L1(0.1))',
    ]
    calls = {call.label: call for call in documents.check_calls(code)}
    assert documents.literal_arguments(calls["eq-y"]) == {"cost": "SquaredError", "sizes": [2, 3], "output": "tanh"}
    assert documents.literal_arguments(calls["eq-z"]) == {"penalty": ("L1", 0.1)}
    with pytest.raises(ValueError, match="given= needs code"):
        documents.literal_arguments(calls["eq-x"])
    before = nn.verify
    arguments = documents.recorded_arguments(code, calls["eq-x"])
    assert arguments["given"](None) == {"x": 0.5, "y": 0.5}
    assert nn.verify is before
