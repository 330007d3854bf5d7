"""`python -m nnbook verify`, its formats and its exit status, the hook for commits and the pytest plugin."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml
from documents_of import notebook

from nnbook.__main__ import main
from nnbook.equations import examine

ROOT = Path(__file__).resolve().parents[2]
PAGE = """
$$ C_T = \\sum_{k=1}^{N} C_k $$ (eq-good)

$$ C_T = \\prod_{k=1}^{N} C_k $$ (eq-bad)

$$ C_T = \\wrong $$ (eq-strange)

$$ x = y $$ (eq-given)

```{code-cell}
def given(rng):
    return {"x": 2.0, "y": 2.0}

nn.verify("eq-given", given=given)
```

$$ C_T = \\sum_{k=1}^{N} C_k $$
"""
GOOD = "$$ C_T = \\sum_{k=1}^{N} C_k $$ (eq-good)\n"
BAD = "$$ C_T = \\prod_{k=1}^{N} C_k $$ (eq-bad)\n"
STRANGE = "$$ C_T = \\wrong $$ (eq-strange)\n"
VALUED = '$$ x = y $$ (eq-x)\n\n```{code-cell}\nnn.verify("eq-x", given=given)\n```\n'


def run(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},  # so that pytest starts soon
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )


def run_pytest(*options, cwd):
    return run("pytest", "-p", "no:cacheprovider", "-p", "nnbook_pytest", *options, ".", cwd=cwd)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A current folder to write notes into: here(name=text, …)."""
    monkeypatch.chdir(tmp_path)

    def write(**texts):
        for name, text in texts.items():
            (tmp_path / name.replace("__", ".")).write_text(text, encoding="utf-8")
        return tmp_path

    return write


# --- what it says -----------------------------------------------------------------------------------------------------


def test_every_equation_is_told_with_its_place_and_counted(here):
    done = run("nnbook", "verify", "page.md", cwd=here(page__md=PAGE))
    assert done.returncode == 1, done.stderr
    lines = [line for line in done.stdout.splitlines() if not line.startswith(" ")]
    assert lines[0].startswith("page.md: notation book (the book's own, as its checks use it)")
    assert [line.split(":")[:2] for line in lines[1:6]] == [["page.md", n] for n in ("2", "4", "6", "8", "17")]
    assert "eq-good  holds (" in lines[1]
    assert "eq-bad  refuted: " in lines[2]
    assert "eq-strange  unreadable: " in lines[3]
    assert "line 17  holds (" in lines[5]
    assert lines[6] == "5 equations: 2 hold, 1 refuted, 1 needs values, 1 unreadable"


def test_json_is_a_list_with_an_entry_for_each_equation(here):
    done = run("nnbook", "verify", "page.md", "--json", cwd=here(page__md=PAGE))
    assert done.returncode == 1, done.stderr
    results = json.loads(done.stdout)
    assert [(result["label"], result["status"], result["line"]) for result in results] == [
        ("eq-good", "holds", 2),
        ("eq-bad", "refuted", 4),
        ("eq-strange", "unreadable", 6),
        ("eq-given", "needs values", 8),
        ("line 17", "holds", 17),
    ]
    assert re.fullmatch(r"[\d,]+ comparisons, tolerance 1e-9", results[0]["detail"])
    assert "left side" in results[1]["detail"]
    assert r"\wrong" in results[2]["detail"]
    assert "^" in results[2]["detail"]
    assert {result["path"] for result in results} == {"page.md"}


def test_a_cell_and_its_line_name_an_equation_of_a_notebook(here, capsys):
    here(n__ipynb=notebook("code:1", "Text\n\n$$\nC_T = \\sum_{k=1}^{N} C_k\n$$\n\n" + BAD))
    assert main(["verify", "n.ipynb"]) == 1
    said = capsys.readouterr().out
    assert "n.ipynb:cell 2:4:1: cell 2, line 4  holds (" in said
    assert "n.ipynb:cell 2:7:4: eq-bad  refuted" in said


# --- the exit status --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "status", "strict", "said"),
    [
        ("good.md", GOOD, 0, 0, "eq-good  holds ("),
        ("bad.md", GOOD + "\n" + BAD, 1, 1, "eq-bad  refuted"),
        ("strange.md", GOOD + "\n" + STRANGE, 0, 1, "eq-strange  unreadable: cannot read"),
        ("valued.md", GOOD + "\n" + VALUED, 0, 1, "eq-x  needs values"),
        ("open.md", GOOD + "\n$$\na = b\n", 0, 1, "line 3  unreadable: nothing closes it: $$"),
        ("nothing.md", STRANGE, 2, 2, "nothing was judged"),
        ("values.md", VALUED, 2, 2, "nothing was judged"),
        ("marked.md", "\ufeff" + GOOD, 0, 0, "eq-good  holds"),
        ("point.md", "1. " + GOOD, 0, 0, "eq-good  holds"),
        ("hidden.md", f"<!--\n{GOOD}\n-->\n", 2, 2, "no displayed equation was found: write $$"),
        ("empty.md", "", 2, 2, "no displayed equation was found: write $$"),
        ("broken.ipynb", "{", 2, 2, "not a notebook"),
        ("list.ipynb", "[1]", 2, 2, "not a notebook"),
        ("lies.ipynb", notebook(GOOD, nnbook=[1]), 2, 2, "expected a table such as {notation: nielsen}"),
        ("page.txt", "x", 2, 2, "expected a notebook (.ipynb), a Markdown file (.md) or a LaTeX file (.tex)"),
        (
            "unknown.md",
            f"---\nnnbook: {{notation: nilsen}}\n---\n\n{GOOD}",
            2,
            2,
            "got 'nilsen' (did you mean nielsen?)",
        ),
        ("wrong.md", f"---\nnnbook: {{hidden: sigmod}}\n---\n\n{GOOD}", 2, 2, "hidden must be"),
        ("cut.tex", "\\input{gone}\n\\[ C_T = \\sum_{k=1}^{N} C_k \\]\n", 2, 2, "no such file"),
        ("long.md", "$$ " + "a + " * 2_500_000 + "a = b $$\n\n" + GOOD, 2, 2, "a display of 10,000,00"),
        ("line.md", "x " * 5_000_000 + "\n\n" + GOOD, 0, 0, "eq-good  holds"),
        ("deep.md", "$$ a = " + "{" * 10_000 + "b" + "}" * 10_000 + " $$\n\n" + GOOD, 2, 2, "a display of 20,0"),
        ("deeper.md", "$$ a = " + r"\sqrt{" * 2_000 + "b" + "}" * 2_000 + " $$\n", 2, 2, "nested more than 100 deep"),
        ("brackets.md", "$$ a = " + "(" * 9_000 + "b" + ")" * 9_000 + " $$\n", 2, 2, "nested more than 100 deep"),
        ("quoted.md", ">" * 10_000 + " $$ a = b $$\n", 2, 2, "nothing was judged"),
    ],
)
def test_the_exit_status(name, text, status, strict, said, here, capsys):
    here(**{name.replace(".", "__"): text})
    for options, expected in ([], status), (["--strict"], strict):
        assert main(["verify", name, *options]) == expected
        printed = capsys.readouterr()
        assert said in printed.out + printed.err
        assert "Traceback" not in printed.err
        assert all(len(line) < 400 for line in printed.err.splitlines())
        if status == 2:
            assert len(printed.err.splitlines()) == 1


@pytest.mark.parametrize("form", ["text", "json", "github", "sarif"])
def test_every_format_ends_with_the_same_status(form, here, capsys):
    here(good__md=GOOD, bad__md=BAD, empty__md="")
    for files, status in ((["good.md"], 0), (["bad.md"], 1), (["gone.md", "good.md"], 2), (["empty.md"], 2)):
        assert main(["verify", *files, "--format", form]) == status
        printed = capsys.readouterr()
        assert (status == 2) == ("no such file" in printed.err or "nothing was judged: no displayed" in printed.err)


def test_a_missing_file_keeps_the_others_verdicts(here, capsys):
    here(bad__md=BAD)
    assert main(["verify", "gone.ipynb", "bad.md"]) == 2
    printed = capsys.readouterr()
    assert "gone.ipynb: no such file" in printed.err
    assert "eq-bad  refuted" in printed.out


@pytest.mark.skipif(os.name == "nt", reason="needs links and pipes of POSIX")
def test_what_is_no_file_is_told_in_one_line(here, capsys):
    folder = here()
    (folder / "loop.md").symlink_to("loop.md")
    os.mkfifo(folder / "pipe.tex")
    for name, said in (("loop.md", "no such file"), ("pipe.tex", "not a regular file")):
        assert main(["verify", name]) == 2
        assert capsys.readouterr().err == f"{name}: {said}\n"


def test_without_the_parts_it_needs_nothing_is_green(here):
    folder = here(good__md=GOOD)
    for part in ("lark", "yaml"):
        code = f"import sys; sys.modules[{part!r}] = None\nfrom nnbook.__main__ import main"
        code += "\nsys.exit(main(['verify', 'good.md']))"
        done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 2
        assert done.stderr == (
            f'nnbook verify: nnbook.equations needs {part}, which is not installed: pip install "nnbook[equations]"\n'
        )


def test_a_fault_of_the_checker_is_told_and_not_green(here, capsys, monkeypatch):
    def stumble(*_, **__):
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(examine.Judge, "judge", stumble)
    here(good__md=GOOD)
    assert main(["verify", "good.md"]) == 2
    assert "the checker failed here, which is a bug of its own (ZeroDivisionError: by zero)" in capsys.readouterr().err


# --- checks, code and folders -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "status", "said"),
    [
        ("sizes='abc'", "unreadable", "its check cannot be run (ValueError: verify: sizes must be a list"),
        ("size=[3, 2]", "unreadable", "its check cannot be run (TypeError: "),
        ("given=lambda rng: absent", "unreadable", "its check cannot be run (NameError: "),
        ("penalty=nn.L2(2 * 0.1)", "holds", "comparisons, tolerance 1e-9"),
        ("tolerance=1e-6", "holds", "comparisons, tolerance 1e-6"),
    ],
)
def test_a_check_that_cannot_be_made_is_told_like_any_other(call, status, said, here, capsys):
    code = f'```{{code-cell}}\nimport nnbook as nn\nnn.verify("eq-x", {call})\n```\n'
    here(page__md=f"$$ C_T = \\sum_k C_k $$ (eq-x)\n\n{code}")
    main(["verify", "--json", "--run", "page.md"])
    (result,) = json.loads(capsys.readouterr().out)
    assert result["status"] == status
    assert said in result["detail"]


def test_a_strength_that_is_no_number_on_the_page_is_not_taken_for_0(here, capsys):
    here(page__md='$$ C_T = C_T $$ (eq-x)\n\n```{code-cell}\nnn.verify("eq-x", penalty=nn.L2(lam))\n```\n')
    main(["verify", "page.md"])
    assert "needs values: its check needs code to be run (penalty=" in capsys.readouterr().out


def test_a_notebook_written_on_windows_is_read_whole(here, capsys):
    page = here() / "page.ipynb"
    page.write_text(notebook("$$\r\nC_T = \\sum_k C_k\r\n$$ (eq-x)"), encoding="utf-8-sig")
    assert main(["verify", "page.ipynb"]) == 0
    assert "eq-x  holds" in capsys.readouterr().out


def test_code_is_run_only_when_asked_for(here, capsys):
    folder = here()
    trace, page = folder / "was-run", folder / "page.ipynb"
    cells = f"code:open({str(trace)!r}, 'w').close()\ndef given(rng):\n    return {{'x': 1.5, 'y': 1.5}}"
    check = 'code:nn.verify("eq-x", given=given)'
    page.write_text(notebook("$$\nx = y\n$$ (eq-x)", "code:import nnbook as nn", cells, check), encoding="utf-8")
    assert main(["verify", "page.ipynb"]) == 2
    assert "needs values" in capsys.readouterr().out
    assert not trace.exists()
    assert main(["verify", "--run", "page.ipynb"]) == 0
    assert "holds" in capsys.readouterr().out
    assert trace.exists()


ROWS = """$$
\\begin{aligned} s &= x + y \\\\ d &= x - y \\end{aligned}
$$ (eq-rows)

```{code-cell}
def given(rng):
    x, y = rng.random(2)
    return {"x": x, "y": y, "s": x + y, "d": x - y, "package": (x + y, x - y)}


nn.verify("eq-rows", given=given)
```
"""


@pytest.mark.parametrize(
    ("wrong", "status"),
    [(None, "holds"), ("d &= y - x", "refuted"), ("s &= x - y", "refuted"), ("package", "refuted")],
)
def test_the_values_of_a_display_are_those_of_all_its_rows(wrong, status, here, capsys):
    page = ROWS.replace("def given", "import nnbook as nn\n\n\ndef given")
    if wrong == "package":
        page = page.replace("(x + y, x - y)}", "(x + y, x + y)}")
    elif wrong:
        page = page.replace("d &= x - y" if wrong.startswith("d") else "s &= x + y", wrong)
    here(page__md=page)
    main(["verify", "--json", "--run", "page.md"])
    (result,) = json.loads(capsys.readouterr().out)
    assert (result["label"], result["status"]) == ("eq-rows", status)


def test_a_check_with_its_own_values_goes_before_what_the_file_assumes(here, capsys):
    page = PAGE.replace("def given", "import nnbook as nn\n\n\ndef given")
    here(page__md=f"---\nnnbook: {{notation: book, hidden: relu}}\n---\n{page}")
    main(["verify", "--run", "page.md"])
    assert "eq-given  holds (" in capsys.readouterr().out


def test_a_folder_is_judged_and_what_a_file_takes_in_only_once(here, capsys):
    part = "\\[ C_T = \\sum_{k=1}^{N} C_k \\label{eq-part} \\]\n".replace(" \\label{eq-part}", "")
    folder = here(main__tex="\\input{part}\n", part__tex=part, notes__md=GOOD)
    assert main(["verify", str(folder)]) == 0
    said = capsys.readouterr().out
    assert said.count("part.tex:1:") == 1
    assert "2 equations: 2 hold" in said
    assert main(["verify", "main.tex", "part.tex"]) == 0, "a file that is asked for is judged for itself too"
    assert "2 equations: 2 hold" in capsys.readouterr().out


# --- the notation -----------------------------------------------------------------------------------------------------


def test_the_notation_is_printed_with_how_it_was_chosen(here, capsys):
    here(found__md=GOOD, declared__md=f"---\nnnbook: book\n---\n\n{GOOD}")
    assert main(["verify", "found.md", "declared.md"]) == 0
    said = capsys.readouterr().out
    assert re.search(r"^found\.md: notation \S+ \(detected: it reads 1 of 1 displays", said, re.MULTILINE)
    assert "declared.md: notation book (declared)" in said
    assert main(["verify", "found.md", "declared.md", "--notation", "book", "--json"]) == 0
    assert capsys.readouterr().err.count("notation book (as asked for)") == 2


def test_a_file_may_change_single_letters(here, capsys):
    errors = "$$ \\delta^L_j = (a^L_j - d_j) \\sigma'(z^L_j) $$\n"
    here(
        changed__md=f"---\nnnbook: {{notation: nielsen, cost: SquaredError, letters: {{d: y}}}}\n---\n{errors}",
        wrong__md=f"---\nnnbook: {{notation: nielsen, letters: {{d: targets}}}}\n---\n{errors}",
    )
    assert main(["verify", "changed.md"]) == 0
    assert "holds (" in capsys.readouterr().out
    assert main(["verify", "wrong.md"]) == 2
    assert "wrong.md: notation nielsen has no letter 'targets'" in capsys.readouterr().err


def test_an_unknown_notation_is_refused_before_any_work(here, capsys):
    here(good__md=GOOD)
    assert main(["verify", "good.md", "--notation", "deeplearning"]) == 2
    said = capsys.readouterr().err
    assert "notation must be one of book, nielsen, deeplearning.ai" in said
    assert "did you mean deeplearning.ai?" in said


# --- formats for programs ---------------------------------------------------------------------------------------------


def test_github_gets_an_annotation_on_the_line(here):
    done = run("nnbook", "verify", "page.md", "gone.md", "--format", "github", cwd=here(page__md=PAGE))
    assert done.returncode == 2
    pattern = re.compile(r"::(error|warning|notice) title=(NN\d+) [^,:]*(?:,file=([^,:]+),line=(\d+)[^:]*)?::([^\n]+)")
    commands = [pattern.fullmatch(line).groups() for line in done.stdout.splitlines()]
    assert [command[:4] for command in commands] == [
        ("error", "NN001", "page.md", "4"),
        ("notice", "NN004", "page.md", "6"),
        ("notice", "NN003", "page.md", "8"),
        ("error", "NN005", None, None),
    ]
    assert "%0A" in commands[0][4]
    assert "gone.md: no such file" in done.stderr


def test_github_escapes_what_would_end_a_command(here, capsys):
    here(**{"a,b:c__md": GOOD + "\n$$ C_T = 5\\% $$ (eq-p)\n"})
    main(["verify", "a,b:c.md", "--format", "github", "--strict"])
    (line,) = capsys.readouterr().out.splitlines()
    assert "file=a%2Cb%3Ac.md," in line
    assert line.startswith("::error ")
    assert r"5\%25" in line


# The parts of the schema of SARIF 2.1.0 (https://json.schemastore.org/sarif-2.1.0.json) that this output uses.
PLACE = {"type": "integer", "minimum": 1}
TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}
REGION = {
    "type": "object",
    "additionalProperties": False,
    "properties": {name: PLACE for name in ("startLine", "startColumn", "endLine", "endColumn")},
    "required": ["startLine"],
}
ARTIFACT = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"uri": {"type": "string", "pattern": r"^[^\s\\]+$"}, "uriBaseId": {"type": "string"}},
}
LOCATION = {
    "type": "object",
    "additionalProperties": False,
    "required": ["physicalLocation"],
    "properties": {
        "physicalLocation": {
            "type": "object",
            "additionalProperties": False,
            "required": ["artifactLocation"],
            "properties": {"artifactLocation": ARTIFACT, "region": REGION},
        },
        "logicalLocations": {"type": "array", "uniqueItems": True},
    },
}
RESULT = {
    "type": "object",
    "additionalProperties": False,
    "required": ["message"],
    "properties": {
        "ruleId": {"type": "string"},
        "level": {"enum": ["none", "note", "warning", "error"]},
        "message": TEXT,
        "locations": {"type": "array", "items": LOCATION},
        "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
RULE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["id"],
    "properties": {"id": {"type": "string"}, "name": {"type": "string"}, "shortDescription": TEXT, "help": TEXT},
}
DRIVER = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name"],
    "properties": {
        "name": {"type": "string"},
        "semanticVersion": {"type": "string"},
        "rules": {"type": "array", "uniqueItems": True, "items": RULE},
    },
}
INVOCATION = {
    "type": "object",
    "additionalProperties": False,
    "required": ["executionSuccessful"],
    "properties": {"executionSuccessful": {"type": "boolean"}, "toolExecutionNotifications": {"type": "array"}},
}
RUN = {
    "type": "object",
    "additionalProperties": False,
    "required": ["tool"],
    "properties": {
        "tool": {"type": "object", "required": ["driver"], "properties": {"driver": DRIVER}},
        "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
        "invocations": {"type": "array", "items": INVOCATION},
        "results": {"type": "array", "items": RESULT},
    },
}
SARIF = {
    "type": "object",
    "additionalProperties": False,
    "required": ["version", "runs"],
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "items": RUN},
    },
}


def test_sarif_is_as_its_schema_wants_it(here):
    folder = here(page__md=PAGE, **{"my notes__ipynb": notebook(BAD)})
    done = run("nnbook", "verify", ".", "--format", "sarif", cwd=folder)
    assert done.returncode == 1
    log = json.loads(done.stdout)
    jsonschema.validate(log, SARIF)
    (found,) = log["runs"]
    places = [result["locations"][0]["physicalLocation"] for result in found["results"]]
    assert [(p["artifactLocation"]["uri"], r["ruleId"], r["level"]) for p, r in zip(places, found["results"])] == [
        ("my%20notes.ipynb", "NN001", "error"),
        ("page.md", "NN001", "error"),
        ("page.md", "NN004", "note"),
        ("page.md", "NN003", "note"),
    ]
    assert places[1]["region"] == {"startLine": 4, "startColumn": 4, "endLine": 4, "endColumn": 29}
    assert {rule["id"] for rule in found["tool"]["driver"]["rules"]} == {"NN001", "NN003", "NN004"}
    prints = [result["partialFingerprints"]["primaryLocationLineHash"] for result in found["results"]]
    assert len(set(prints)) == 4
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**log, "version": "2.0.0"}, SARIF)


def test_sarif_says_that_a_run_was_not_whole(here, capsys):
    here(good__md=GOOD)
    assert main(["verify", "good.md", "gone.md", "--format", "sarif"]) == 2
    log = json.loads(capsys.readouterr().out)
    jsonschema.validate(log, SARIF)
    (invocation,) = log["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False
    assert "gone.md" in invocation["toolExecutionNotifications"][0]["message"]["text"]


# --- the hook and the plugin ------------------------------------------------------------------------------------------


def test_the_hook_for_commits_runs_as_it_is_written(here):
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    folder = here(good__md=GOOD, bad__md=BAD, README__md="No equation.\n", strange__md=STRANGE, main__py="x = 1\n")
    program, *arguments = hook["entry"].split()
    assert program == "python"
    statuses = {}
    for path in sorted(folder.iterdir()):
        if re.search(hook["files"], path.name):
            done = subprocess.run([sys.executable, *arguments, path.name], cwd=folder, capture_output=True, check=False)
            statuses[path.name] = done.returncode
    assert statuses == {"README.md": 0, "bad.md": 1, "good.md": 0, "strange.md": 2}


def test_the_pytest_plugin_gives_the_same_verdicts(here):
    folder = here(page__md=PAGE)
    done = run_pytest("--nn-equations", "-rs", cwd=folder)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 failed, 2 passed, 2 skipped" in done.stdout
    assert "eq-bad  refuted" in done.stdout
    strict = run_pytest("--nn-equations", "--nn-equations-strict", cwd=folder)
    assert "3 failed, 2 passed" in strict.stdout
    silent = run_pytest(cwd=folder)
    assert silent.returncode == 5, "without the option nothing is collected"


def test_the_plugin_judges_what_a_file_takes_in_only_once(here):
    part = "\\[ C_T = \\sum_{k=1}^{N} C_k \\]\n"
    folder = here(main__tex="\\input{parts/part}\n", notes__md=GOOD)
    (folder / "parts").mkdir()
    (folder / "parts" / "part.tex").write_text(part, encoding="utf-8")
    done = run_pytest("--nn-equations", cwd=folder)
    assert "2 passed" in done.stdout, done.stdout
    done = run_pytest("--nn-equations", "main.tex", "parts/part.tex", "-k", "not notes", cwd=folder)
    assert "2 passed" in done.stdout, "a file that is asked for is judged for itself too"
    done = run_pytest("--nn-equations", cwd=folder / "parts")
    assert "1 passed" in done.stdout, "nobody takes it in here"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("strange.md", STRANGE, "--nn-equations: no equation was judged"),
        ("broken.ipynb", "{", "broken.ipynb: not a notebook"),
        ("unknown.md", f"---\nnnbook: nilsen\n---\n\n{GOOD}", "did you mean nielsen?"),
        ("test_other.md", "", "--nn-equations: no equation was judged"),
    ],
)
def test_the_plugin_is_never_green_without_a_verdict(name, text, said, here):
    folder = here(**{name.replace(".", "__"): text})
    (folder / "test_more.py").write_text("def test_more(): pass\n")
    done = run_pytest("--nn-equations", cwd=folder)
    assert done.returncode == 2, done.stdout
    assert said in done.stdout
