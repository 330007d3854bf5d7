"""`nn.verify`: what it prints, what it refuses, where it finds an equation, and that it compares three ways."""

import json
import subprocess
import sys

import pytest

import nnbook as nn
from nnbook.equations import EquationError, EquationRefuted, UnreadableEquation, check, lookup, package_side

HIDDEN = r"\delta^l_i = \Bigl(\sum_{j=1}^{n_{l+1}} \delta^{l+1}_j w^{l+1}_{ji}\Bigr)\, f'(z^l_i)"


def notebook(*sources):
    """The bytes of a notebook; a source that opens with 'code:' is a code cell."""
    cells = []
    for number, source in enumerate(sources):
        cell = {"id": f"c{number}", "metadata": {}, "source": source.removeprefix("code:").splitlines(keepends=True)}
        if source.startswith("code:"):
            cell |= {"cell_type": "code", "execution_count": None, "outputs": []}
        else:
            cell |= {"cell_type": "markdown"}
        cells.append(cell)
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty current folder, with no running notebook."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    return tmp_path


def test_success_prints_one_line_that_is_the_same_every_time(folder, capsys):
    (folder / "one.ipynb").write_text(notebook(f"The recursion:\n\n$$\n{HIDDEN}\n$$ (eq-hidden-delta)\n\nso."))
    assert nn.verify("eq-hidden-delta") is None
    nn.verify("eq-hidden-delta")
    first, second = capsys.readouterr().out.splitlines()
    assert first == second == "eq-hidden-delta  holds (962 comparisons, tolerance 1e-9)"


def test_a_refusal_shows_the_equation_the_indices_both_sides_and_the_error(folder):
    with pytest.raises(EquationRefuted) as refusal:
        nn.verify(latex=HIDDEN.replace("f'", "f"))
    message = str(refusal.value)
    assert HIDDEN.replace("f'", "f") in message
    for part in (
        "first at l = 2, i = 1, sample 1",
        "left side",
        "right side",
        "of their size (tolerance 1e-09)",
        "network",
    ):
        assert part in message
    assert isinstance(refusal.value, AssertionError)


@pytest.mark.parametrize(
    ("arguments", "kind", "reason"),
    [
        ({}, TypeError, "either a label or latex="),
        ({"label": "eq-x", "latex": "a = b"}, TypeError, "either a label or latex="),
        ({"label": 3}, TypeError, "label must be a string; got int"),
        ({"latex": "a = b", "sizes": [3]}, ValueError, r"at least 2 positive whole numbers; got \[3\]"),
        ({"latex": "a = b", "sizes": [3, 0]}, ValueError, "positive whole numbers"),
        ({"latex": "a = b", "sizes": [784, 100, 10]}, ValueError, "at most 10,000 weights"),
        ({"latex": "a = b", "hidden": "sigmod"}, ValueError, "hidden must be one of"),
        ({"latex": "a = b", "hidden": "softmax"}, ValueError, "elementwise"),
        ({"latex": "a = b", "hidden": ["tanh"], "sizes": [3, 2]}, ValueError, "hidden needs one name"),
        ({"latex": "a = b", "cost": "hinge"}, ValueError, "cost must be one of"),
        ({"latex": "a = b", "penalty": 0.1}, ValueError, "penalty must be L1 or L2"),
        ({"latex": "a = b", "tolerance": 0}, ValueError, "between 0 and 1; got 0"),
        ({"latex": "a = b", "given": {"a": 1}}, TypeError, "given must be a function of rng"),
        ({"latex": "a = b", "given": lambda rng: {}, "output": "tanh"}, ValueError, "given supplies every value"),
    ],
)
def test_bad_arguments_are_refused_before_any_work(arguments, kind, reason):
    with pytest.raises(kind, match=reason):
        nn.verify(**arguments)


def test_assumptions_may_be_the_package_s_own_objects():
    latex = r"\delta^L_j = (a^L_j - t_j)\,a^L_j\,(1 - a^L_j)"
    counts = {
        check(latex, output=output, cost=cost).comparisons
        for output, cost in [
            ("sigmoid", "SquaredError"),
            (nn.sigmoid, nn.SquaredError()),
            (nn.sigmoid, nn.SquaredError),
        ]
    }
    assert len(counts) == 1


# --- three ways ---


@pytest.mark.parametrize(
    ("name", "latex"),
    [
        ("hidden_delta", HIDDEN),
        ("output_delta", r"\delta^L_j = \frac{\partial C}{\partial a^L_j}\, f'(z^L_j)"),
        ("weight_gradient", r"\frac{\partial C}{\partial w^l_{ji}} = \delta^l_j\, a^{l-1}_i"),
        ("bias_gradient", r"\frac{\partial C}{\partial b^l_j} = \delta^l_j"),
        ("backprop", r"\frac{\partial C_T}{\partial \mathbf{W}^l} = (\boldsymbol\Delta^l)^\top \mathbf{A}^{l-1}"),
    ],
)
def test_a_package_that_is_wrong_is_refused_though_the_page_is_right(name, latex, monkeypatch):
    assert check(latex).package > 0
    right = getattr(nn, name)

    def wrong(*arguments, **options):
        result = right(*arguments, **options)
        if name == "backprop":
            for l in range(2, len(arguments[0].sizes) + 1):
                result.W[l] *= 1.001
            return result
        return result * 1.001

    monkeypatch.setattr(nn, name, wrong)
    with pytest.raises(EquationRefuted, match="the package"):
        check(latex)


def test_a_wrong_forward_pass_cost_or_activation_of_the_package_is_refused(monkeypatch):
    forward = nn.Network.forward
    with monkeypatch.context() as patch:
        patch.setattr(nn.Network, "forward", lambda net, x: forward(net, 1.01 * x))
        with pytest.raises(EquationRefuted, match="the package"):
            check(r"z^l_j = \sum_{i=1}^{n_{l-1}} w^l_{ji} a^{l-1}_i + b^l_j")
    with monkeypatch.context() as patch:
        patch.setattr(nn.SquaredError, "__call__", lambda cost, a, t: ((a - t) ** 2).sum(axis=-1))
        with pytest.raises(EquationRefuted, match="the package"):
            check(r"C = \frac12 \sum_{j=1}^{n_L} (a^L_j - t_j)^2", cost="SquaredError")
    with monkeypatch.context() as patch:
        patch.setattr(type(nn.tanh), "derivative", lambda f, z, **_: 1 + f(z) ** 2)
        with pytest.raises(EquationRefuted, match="the package"):
            check(r"\tanh'(z) = 1 - \tanh^2(z)")
    with monkeypatch.context() as patch:
        patch.setattr(nn.Network, "parameter_count", 7)
        with pytest.raises(EquationRefuted, match="the package"):
            check(r"P = \sum_{l=2}^{L} n_l (n_{l-1} + 1)")


def test_the_page_is_refused_though_the_package_agrees_with_it(monkeypatch):
    """The package cannot vouch for the page: both are measured against the definition."""
    monkeypatch.setattr(package_side.PackageSide, "value", lambda *_: None)
    with pytest.raises(EquationRefuted, match="left side"):
        check(r"\frac{\partial C}{\partial b^l_j} = 2 \delta^l_j")


# --- finding the equation ---


def test_the_running_notebook_is_asked_first(folder, monkeypatch):
    (folder / "a.md").write_text("$$\nC = C_1\n$$ (eq-x)\n")
    (folder / "b.md").write_text("$$\nC = C_2\n$$ (eq-x)\n")
    monkeypatch.setenv("JPY_SESSION_NAME", str(folder / "b.md"))
    assert lookup.find("eq-x").strip() == "C = C_2"


def test_differing_duplicates_are_an_error_that_names_both(folder):
    (folder / "a.md").write_text("$$\nC = C_1\n$$ (eq-x)\n")
    (folder / "b.ipynb").write_text(notebook("$$\nC = C_2\n$$ (eq-x)\n"))
    with pytest.raises(EquationError, match=r"a\.md .* b\.ipynb"):
        lookup.find("eq-x")
    (folder / "b.ipynb").write_text(notebook("$$\nC   = C_1 % the same\n$$ (eq-x)\n"))
    assert "C = C_1" in lookup.find("eq-x")
    (folder / "a.md").write_text("$$\nC = C_1\n$$ (eq-x)\n\n$$\nC = C_1\n$$ (eq-x)\n")
    with pytest.raises(EquationError, match="two equations"):
        lookup.find("eq-x")


def test_an_unknown_label_says_where_it_was_looked_for(folder):
    with pytest.raises(EquationError, match=r"labelled \(eq-nowhere\); write it as"):
        nn.verify("eq-nowhere")


def test_only_displayed_mathematics_counts():
    text = """
`$$ a = b $$ (eq-code)` and {eq}`eq-one`.

```python
$$ a = b $$ (eq-fence)
```

$$ a = b $$ (eq-one)

:::{admonition} Box
$$
a &= b \\\\
% unchecked: a step with numbers
$$
:::

```{math}
:label: eq-two
c = d
```

> $$
> e = f
> $$ (eq-three)

$$
g = h % assume: output="sigmoid", sizes=[2, 3]
$$
"""
    found = lookup.equations_in(text)
    assert [equation.label for equation in found] == ["eq-one", None, "eq-two", "eq-three", None]
    assert found[1].unchecked == "a step with numbers"
    assert found[2].latex.strip() == "c = d"
    assert found[3].latex.strip() == "e = f"
    assert found[4].arguments() == {"output": "sigmoid", "sizes": [2, 3]}


def test_the_arguments_of_a_check_are_read_or_run():
    code = [
        "import nnbook as nn\nshare = 0.5",
        "unused = 1 / 0",
        "def given(rng):\n    return {'x': share, 'y': share}",
        'nn.verify("eq-x", given=given)',
        'nn.verify("eq-y", cost=nn.SquaredError(), sizes=[2, 3], output="tanh")',
        'nn.verify("eq-z", penalty=nn.L1(0.1))',
    ]
    calls = {call.label: call for call in lookup.check_calls(code)}
    assert lookup.literal_arguments(calls["eq-y"]) == {"cost": "SquaredError", "sizes": [2, 3], "output": "tanh"}
    assert lookup.literal_arguments(calls["eq-z"]) == {"penalty": ("L1", 0.1)}
    with pytest.raises(ValueError, match="given= needs code"):
        lookup.literal_arguments(calls["eq-x"])
    before = nn.verify
    arguments = lookup.recorded_arguments(code, calls["eq-x"])
    assert arguments["given"](None) == {"x": 0.5, "y": 0.5}
    assert nn.verify is before


@pytest.mark.parametrize("between", ["2, 7", "2, 4", "2, 2, 3", "2, 3, 5", "2, x"])
def test_a_range_with_dots_counts_up_by_one(between):
    nn.verify(latex=r"a^l_j = f(z^l_j), \quad l = 2, 3, \dots, L")
    with pytest.raises(UnreadableEquation, match="a range counts up by 1"):
        nn.verify(latex=rf"a^l_j = f(z^l_j), \quad l = {between}, \dots, L")


@pytest.mark.parametrize("latex", [3, ["a = b"], b"a = b"])
def test_an_equation_is_a_string(latex):
    with pytest.raises(TypeError, match="latex must be a string"):
        nn.verify(latex=latex)


# --- the command and the plugin ---

PAGE = """
$$ C_T = \\sum_{k=1}^{N} C_k $$ (eq-good)

$$ C_T = \\prod_{k=1}^{N} C_k $$ (eq-bad)

$$ C_T = \\wrong $$ (eq-strange)

$$ \\theta_{s+1} = \\theta_s - \\eta g_s $$ (eq-valued)

$$ x = y $$ (eq-given)

```{code-cell}
def given(rng):
    return {"x": 2.0, "y": 2.0}

nn.verify("eq-given", given=given)
```
"""


def run(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-m", *arguments], cwd=cwd, capture_output=True, text=True, encoding="utf-8", timeout=300
    )


def test_the_command_lists_every_labelled_equation(tmp_path):
    (tmp_path / "page.md").write_text(PAGE, encoding="utf-8")
    done = run("nnbook", "verify", "page.md", "--json", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    results = json.loads(done.stdout)
    assert [set(result) for result in results] == [{"label", "status", "detail"}] * 5
    assert [(result["label"], result["status"]) for result in results] == [
        ("eq-good", "holds"),
        ("eq-bad", "refuted"),
        ("eq-strange", "unreadable"),
        ("eq-valued", "needs values"),
        ("eq-given", "needs values"),
    ]
    assert results[0]["detail"] == "28 comparisons, tolerance 1e-9"
    assert "left side" in results[1]["detail"]
    assert r"\wrong" in results[2]["detail"]
    assert "^" in results[2]["detail"]


@pytest.mark.parametrize(
    ("name", "text", "status", "said"),
    [
        (
            "good.md",
            "$$ C_T = \\sum_{k=1}^{N} C_k $$ (eq-good)\n",
            0,
            "eq-good  holds (28 comparisons, tolerance 1e-9)",
        ),
        ("strange.md", "$$ C_T = \\wrong $$ (eq-x)\n", 0, "eq-x  unreadable: cannot read"),
        ("marked.md", "\ufeff$$ C_T = \\sum_k C_k $$ (eq-first)\n", 0, "eq-first  holds"),
        ("point.md", "1. $$ C_T = \\sum_k C_k $$ (eq-item)\n", 0, "eq-item  holds"),
        ("inside.md", "$$ C_T = \\sum_k C_k \\label{eq-in} $$\n", 0, "eq-in  holds"),
        ("hidden.md", "<!--\n$$ C = 2 $$ (eq-a)\n-->\n", 2, "no labelled equation was found: write $$"),
        ("empty.md", "", 2, "no labelled equation was found: write $$"),
        ("broken.ipynb", "{", 2, "not a notebook"),
        ("list.ipynb", "[1]", 2, "not a notebook"),
        ("page.txt", "x", 2, "expected a notebook (.ipynb) or a Markdown file (.md)"),
    ],
)
def test_the_exit_status(name, text, status, said, tmp_path, capsys, monkeypatch):
    from nnbook.__main__ import main

    (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["verify", name]) == status
    printed = capsys.readouterr()
    assert said in printed.out + printed.err


@pytest.mark.parametrize(
    ("call", "status", "said"),
    [
        ("sizes='abc'", "unreadable", "its check cannot be made (ValueError: verify: sizes must be a list"),
        ("size=[3, 2]", "unreadable", "its check cannot be made (TypeError: "),
        ("given=lambda rng: absent", "unreadable", "its check cannot be made (NameError: "),
        ("penalty=nn.L2(2 * 0.1)", "holds", "comparisons"),
    ],
)
def test_a_check_that_cannot_be_made_is_told_like_any_other(call, status, said, tmp_path, capsys):
    from nnbook.__main__ import main

    page = tmp_path / "page.md"
    code = f'```{{code-cell}}\nimport nnbook as nn\nnn.verify("eq-x", {call})\n```\n'
    page.write_text(f"$$ C_T = \\sum_k C_k $$ (eq-x)\n\n{code}", encoding="utf-8")
    main(["verify", "--json", "--run", str(page)])
    (result,) = json.loads(capsys.readouterr().out)
    assert result["status"] == status
    assert said in result["detail"]


def test_a_strength_that_is_no_number_on_the_page_is_not_taken_for_0(tmp_path, capsys):
    from nnbook.__main__ import main

    page = tmp_path / "page.md"
    page.write_text('$$ C_T = C_T $$ (eq-x)\n\n```{code-cell}\nnn.verify("eq-x", penalty=nn.L2(lam))\n```\n')
    main(["verify", str(page)])
    assert "needs values: its check needs code to be run (penalty=" in capsys.readouterr().out


def test_a_notebook_written_on_windows_is_read_whole(tmp_path, capsys):
    from nnbook.__main__ import main

    page = tmp_path / "page.ipynb"
    page.write_text(notebook("$$\r\nC_T = \\sum_k C_k\r\n$$ (eq-x)"), encoding="utf-8-sig")
    assert main(["verify", str(page)]) == 0
    assert "eq-x  holds" in capsys.readouterr().out


def test_hostile_markdown_takes_no_time():
    from nnbook.equations.lookup import equations_in

    for text in ("`" * 30_000, "~" * 30_000, "\\begin{align}\n" * 3_000, "<!-- " * 6_000, "$$ " * 10_000):
        assert equations_in(text) == []


def test_a_missing_file_is_status_2(tmp_path, capsys):
    from nnbook.__main__ import main

    assert main(["verify", str(tmp_path / "gone.ipynb")]) == 2
    assert "gone.ipynb" in capsys.readouterr().err


def test_code_is_run_only_when_asked_for(tmp_path, capsys):
    from nnbook.__main__ import main

    trace = tmp_path / "was-run"
    cells = f"code:open({str(trace)!r}, 'w').close()\ndef given(rng):\n    return {{'x': 1.5, 'y': 1.5}}"
    page = tmp_path / "page.ipynb"
    page.write_text(notebook("$$\nx = y\n$$ (eq-x)", cells, 'code:nn.verify("eq-x", given=given)'), encoding="utf-8")
    assert main(["verify", str(page)]) == 0
    assert "needs values" in capsys.readouterr().out
    assert not trace.exists()
    page.write_text(
        notebook("$$\nx = y\n$$ (eq-x)", "code:import nnbook as nn", cells, 'code:nn.verify("eq-x", given=given)'),
        encoding="utf-8",
    )
    assert main(["verify", "--run", str(page)]) == 0
    assert "holds" in capsys.readouterr().out
    assert trace.exists()


def test_the_pytest_plugin(tmp_path):
    (tmp_path / "page.md").write_text(PAGE, encoding="utf-8")
    done = run("pytest", "-p", "no:cacheprovider", "--nn-equations", "-rs", ".", cwd=tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    for count in ("3 failed", "1 passed", "1 skipped"):
        assert count in done.stdout
    assert "eq-bad does not hold" in done.stdout
    silent = run("pytest", "-p", "no:cacheprovider", ".", cwd=tmp_path)
    assert silent.returncode == 5, "without the option nothing is collected"


def test_an_uncaught_error_in_a_notebook_shows_the_rendered_equation_and_no_calls(monkeypatch):
    import IPython.display

    shown = []
    monkeypatch.setattr(IPython.display, "display", shown.append)
    for latex in (r"\delta^L_j = a^L_j - t_j % wrong", r"\delta^L_j = \foo"):
        with pytest.raises(EquationError) as refusal:
            nn.verify(latex=latex)
        (message,) = refusal.value._render_traceback_()
        assert message == f"{refusal.type.__name__}: {refusal.value}"
        assert shown.pop().data.strip() == latex.partition(" %")[0]
