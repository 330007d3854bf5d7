"""The API reference names everything public, and every docstring says what its function takes, returns and rejects."""

import ast
import inspect
import json
import re
import subprocess
import sys
import textwrap

import api
import pytest
from small_chapter import ROOT

import nnbook

PAGE = (ROOT / "book" / "api.md").read_text(encoding="utf-8")
MODULES = {
    name: (left_out or "").split()
    for name, left_out in re.findall(r"```\{api\} (\S+)\n(?::leave-out: (.*)\n)?```", PAGE)
}
# Used only by the package, or from the command line.
FOR_THE_PACKAGE = {
    *("nnbook.core.extras", "nnbook.core.dropout", "nnbook.core.files", "nnbook.core.formulas", "nnbook.core.passes"),
    *("nnbook.core.saved", "nnbook.core.sums", "nnbook.core.validation"),
    *("nnbook.training.checkpoints", "nnbook.training.arguments", "nnbook.training.console"),
    *("nnbook.training.measure", "nnbook.training.steps", "nnbook.models.memory", "nnbook.models.saved"),
    *("nnbook.models.keras_names", "nnbook.models.summary", "nnbook.course"),
    *("nnbook.checking.findings", "nnbook.checking.mistakes", "nnbook.checking.planting", "nnbook.checking.readings"),
}
ROOMS = ("core", "training", "checking", "models")
EXCEPTIONS = re.compile(r"\b(rais|refus|error)|Error\b")


def shown():
    """Everything on the page, as (name, object): functions, classes, their methods and properties, constants."""
    for module_name, left_out in MODULES.items():
        module = api.load(module_name)
        for name in api.public_names(module):
            if name in left_out:
                continue
            thing = getattr(module, name)
            yield api.shown_name(module, name), thing
            if not inspect.isroutine(thing):
                for member, inner in api.members(thing):
                    yield f"{api.shown_name(module, name)}.{member}", inner


def complaints(name, thing):
    """What is missing from a docstring, one sentence each."""
    text = api.docstring(thing, name)
    if not text:
        return ["has no docstring"]
    try:
        parts = api.read_docstring(text)
    except api.DocstringError as error:
        return [str(error)]
    found = []
    if not parts[""] or not re.search(r"[.:?]$|[.]\)$", parts[""][0]):
        found.append("does not begin with a sentence")
    if inspect.isclass(thing) or inspect.isroutine(thing):
        found += _parameters(thing, text, parts)
    if inspect.isroutine(thing) and not hasattr(thing, "__wrapped__"):
        found += _results(thing, text, parts)
    return found


def _parameters(thing, text, parts):
    names = [p.partition("=")[0].lstrip("*") for p in api.signature(thing) or [] if p != "*"]
    if "Parameters" in parts:
        told = [name.strip().lstrip("*") for entry, _, _ in parts["Parameters"] for name in entry.split(",")]
        if sorted(told) != sorted(names):
            yield f"its Parameters are {told}; it takes {names}"
    elif inspect.isclass(thing):
        # The package makes it, or it is raised, or it is a base class.
        if names and not issubclass(thing, Exception) and "Attributes" not in parts:
            yield f"has neither Parameters nor Attributes; it takes {names}"
    elif not re.match(r"Raise \w+:", text):  # a function that does nothing else
        missing = [name for name in names if not re.search(rf"(?<![A-Za-z_]){name}(?![A-Za-z_])", text)]
        if missing:
            yield f"does not mention {missing}"


def _results(function, text, parts):
    tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    inner = {node for top in ast.walk(tree) if top is not tree and _is_function(top) for node in ast.walk(top)}
    own = [node for node in ast.walk(tree) if node not in inner]
    gives = any(isinstance(n, ast.Return) and n.value is not None and ast.unparse(n.value) != "None" for n in own)
    if gives and "Returns" not in parts and not re.search(r"\b([Rr]eturns?|Yield)\b", parts[""][0]):
        if not isinstance(tree.body[-1], ast.Raise) and "property" not in ast.unparse(tree.decorator_list or []):
            yield "does not say what it returns"
    raised = {ast.unparse(node.exc) for node in own if isinstance(node, ast.Raise) and node.exc}
    if raised - {"NotImplementedError"} and "Raises" not in parts and not EXCEPTIONS.search(text):
        yield "does not say what it raises"


def _is_function(node):
    return isinstance(node, (ast.FunctionDef, ast.Lambda))


def test_every_docstring_is_complete():
    found = [f"{name}: {complaint}" for name, thing in shown() for complaint in complaints(name, thing)]
    assert found == []


def test_every_public_name_is_on_the_page():
    names = {name for name, _ in shown()}
    modules = {name.rpartition(".")[2] for name in MODULES}
    for name in dir(nnbook):
        assert f"nn.{name}" in names or name in modules, name


def test_every_module_is_on_the_page_or_for_the_package_alone():
    package = ROOT / "nnbook"
    modules = {f"nnbook.{room}.{path.stem}" for room in ROOMS for path in (package / room).glob("[!_]*.py")}
    modules |= {f"nnbook.{path.parent.name}" for path in package.glob("*/__init__.py")} - {f"nnbook.{r}" for r in ROOMS}
    assert modules == set(MODULES) | FOR_THE_PACKAGE


def test_nothing_that_readers_use_is_left_out():
    for module, left_out in MODULES.items():
        assert not set(left_out) & set(dir(nnbook)), module


def test_every_equation_that_a_docstring_names_is_in_the_book():
    printed = set()
    for path in (ROOT / "book").glob("*.ipynb"):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            printed |= set(re.findall(r"^\$\$ \((eq-[a-z0-9-]+)\)", "".join(cell["source"]), re.MULTILINE))
    named = {
        (name, label)
        for name, thing in shown()
        for label in re.findall(r"\beq-[a-z0-9-]+", re.sub(r"`[^`]*`", "", api.docstring(thing, name) or ""))
    }
    assert len(named) > 40
    assert {(name, label) for name, label in named if label not in printed} == set()


# --- docstrings that must be refused ----------------------------------------------------------------


def silent(x):
    return x


def one_unnamed(x, y):
    """Return twice x."""
    return 2 * x


def one_too_many(x):
    """Return x.

    Parameters
    ----------
    x : float
        A number.
    scale : float
        Another.
    """
    return x


def secret(x):
    """Take x."""
    return x


def thrower(x):
    """Return x."""
    if x < 0:
        raise ValueError("no")
    return x


def no_sentence(x):
    """x"""


def odd_section(x):
    """Return x.

    Side Effects
    ------------
    None.
    """
    return x


class Unexplained:
    """A thing."""

    def __init__(self, size):
        self.size = size


@pytest.mark.parametrize(
    ("thing", "words"),
    [
        (silent, "no docstring"),
        (one_unnamed, r"does not mention \['y'\]"),
        (one_too_many, "its Parameters are"),
        (secret, "what it returns"),
        (thrower, "what it raises"),
        (no_sentence, "a sentence"),
        (odd_section, "Unknown section Side Effects"),
        (Unexplained, "neither Parameters nor Attributes"),
    ],
)
def test_an_incomplete_docstring_is_refused(thing, words):
    assert any(re.search(words, complaint) for complaint in complaints(thing.__name__, thing))


# --- reading and showing ------------------------------------------------------------------------------


def test_a_docstring_is_read_into_its_parts():
    parts = api.read_docstring(
        """Return x.

        Two lines
        are one paragraph.

        Parameters
        ----------
        x, y : arrays
            First line,
            second line.
        z
            No kind.
        """
    )
    assert parts[""] == ["Return x.", "Two lines are one paragraph."]
    assert parts["Parameters"] == [("x, y", "arrays", ["First line, second line."]), ("z", "", ["No kind."])]


def test_a_section_must_not_occur_twice():
    with pytest.raises(api.DocstringError, match="The section Notes appears twice"):
        api.read_docstring("Do.\n\nNotes\n-----\nA.\n\nNotes\n-----\nB.\n")


def test_indices_stand_high_and_low_and_names_stay():
    shown = [(node.tagname, node.astext()) for node in api.indexed("δ^l_j w^{l+1}_{ji} a_prev 10^5 x_ n_L")]
    assert shown == [
        ("math", r"\delta^{l}_{j}"),
        ("#text", " "),
        ("math", "w^{l+1}_{ji}"),
        ("#text", " a_prev 10^5 x_ "),
        ("math", "n_{L}"),
    ]
    (power,) = api.indexed("e^(z_j)")
    assert power.astext() == "e^{z_j}"
    assert [node.astext() for node in api.indexed("Σ_{l=2}^L n_l")] == [r"\sum^{L}_{l=2}", " ", "n_{l}"]
    with pytest.raises(api.DocstringError, match="no LaTeX command is known for '☃'"):
        list(api.indexed("w_{☃}"))


def test_a_signature_shows_functions_by_name_and_hides_private_parameters():
    def function(a, *rest, b=len, c="x", _d=1):
        pass

    assert api.signature(function) == ["a", "*rest", "b=len", "c='x'"]


TOY = '''"""A module with x_, |δ| and *stars*."""


def rough(x_, *, out=None):
    """Return |x_|* times W[l]_ (eq-toy, eq-none).

    Parameters
    ----------
    x_ : array, (n_l,)
        `code` and **no bold**.
    out : array
        Where.
    """
    return x_
'''


def test_a_page_shows_text_as_it_stands_and_an_unknown_equation_fails(tmp_path):
    (tmp_path / "toy.py").write_text(TOY, encoding="utf-8")
    (tmp_path / "conf.py").write_text(
        f"import sys\nsys.path[:0] = [{str(ROOT / 'book' / '_ext')!r}, {str(tmp_path)!r}]\n"
        "extensions = ['myst_parser', 'api']\nmyst_enable_extensions = ['dollarmath']\nnitpicky = True\n",
        encoding="utf-8",
    )
    (tmp_path / "index.md").write_text("# Page\n\n$$\na\n$$ (eq-toy)\n\n```{api} toy\n```\n", encoding="utf-8")
    build = [sys.executable, "-m", "sphinx", "-q", "-b", "html", str(tmp_path), str(tmp_path / "out")]
    said = subprocess.run(build, capture_output=True, text=True, timeout=120, check=True).stderr
    assert re.findall(r"index\.md:\d+: WARNING: (.*)", said) == ["equation not found: eq-none"]
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    text = re.sub(r"<[^>]+>", "", page)
    assert "Return |x_|* times W[l]_ (1), eq-none." in text
    assert "A module with x_, |δ| and *stars*." in text
    assert "code and **no bold**." in text
    assert re.search(r"nn\.toy\.rough\(x_, \*, out=None\)", text)
    assert 'href="#equation-eq-toy"' in page
