"""The wheel, installed into an empty environment away from the checkout, does what a reader needs.

It fetches the package's requirements, so it needs a network, or pip's cache of an earlier run.
"""

import json
import os
import shutil
import subprocess
import sys
import venv

import pytest
from small_chapter import ROOT

UNREACHABLE = ("NewConnectionError", "NameResolutionError", "ConnectTimeout", "ProxyError", "Max retries")

SITE, CODE = "https://book.test/", "https://code.test"
PUBLISHER = {"NNBOOK_SITE_URL": SITE, "GITHUB_SERVER_URL": CODE, "GITHUB_REPOSITORY": "a/b"}


def bare(**variables):
    """The variables of a process that must see nothing of this checkout."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PYTEST", "NNBOOK", "VIRTUAL_ENV"))}
    return {**kept, "PYTHONUTF8": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", **variables}


class Environment:
    """A separate virtual environment, and a folder in which its commands run."""

    def __init__(self, folder):
        self.folder = folder / "work"
        self.folder.mkdir(parents=True)
        venv.create(folder / "venv", with_pip=True, symlinks=os.name != "nt")
        self.python = folder / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    def run(self, *arguments, status=0):
        """Run its Python with these arguments; return what it printed."""
        done = subprocess.run(
            [self.python, *map(str, arguments)],
            cwd=self.folder,
            env=bare(),
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout

    def install(self, *what):
        pip(self.python, "install", *what)


def pip(python, command, *arguments):
    options = ["--quiet", "--disable-pip-version-check", "--retries", "1"]
    done = subprocess.run(
        [python, "-m", "pip", command, *options, *map(str, arguments)],
        env=bare(**PUBLISHER),
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if (
        done.returncode
        and any(word in done.stderr for word in UNREACHABLE)
        and not os.environ.get("NNBOOK_REQUIRE_DATA")
    ):
        pytest.skip("no network, from which the wheel's requirements would come")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    for name in ("nnbook", "nnbook_pytest"):
        shutil.copytree(ROOT / name, folder / "source" / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / "source" / name)
    pip(sys.executable, "wheel", folder / "source", "--no-deps", "--wheel-dir", folder)
    [path] = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def plain(wheel, tmp_path_factory):
    """The package as `pip install nnbook` installs it: with NumPy and nothing else."""
    environment = Environment(tmp_path_factory.mktemp("plain"))
    environment.install(wheel)
    return environment


@pytest.fixture(scope="module")
def reader(wheel, tmp_path_factory):
    """The package with what the chapters need, and the tools that run a notebook and a test."""
    environment = Environment(tmp_path_factory.mktemp("reader"))
    environment.install(f"{wheel}[book]", "nbclient", "nbformat", "pytest")
    for name in ("01-one-weight.ipynb", "11-hidden-recursion.ipynb"):
        shutil.copy(ROOT / "book" / name, environment.folder / name)
    return environment


# --- only NumPy -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    [
        "import pydoc, nnbook; print(pydoc.render_doc(nnbook))",
        "import inspect, nnbook; print(len(inspect.getmembers(nnbook)))",
        "from nnbook import *; print(fit)",
        "import nnbook; print([name for name in dir(nnbook) if not hasattr(nnbook, name)])",
    ],
    ids=["help", "getmembers", "star", "hasattr"],
)
def test_looking_around_needs_numpy_alone(plain, code):
    assert plain.run("-c", code).strip()


def test_the_addresses_are_those_of_where_it_was_built(plain):
    said = plain.run("-c", "from importlib.metadata import metadata; print(metadata('nnbook').get_all('Project-URL'))")
    for address in (f"Documentation, {SITE}", f"Source, {CODE}/a/b", f"Issues, {CODE}/a/b/issues"):
        assert address in said


def test_what_is_not_installed_is_absent_and_its_extra_is_named(plain):
    code = """
import nnbook
needs = {"plots": "plots", "distributed": "distributed", "verify": "equations", "NetworkClassifier": "sklearn"}
for name, extra in needs.items():
    assert not hasattr(nnbook, name), name
    try:
        exec(f"from nnbook import {name}")
    except ImportError as error:
        assert f'pip install "nnbook[{extra}]"' in str(error), error
    else:
        raise SystemExit(f"{name} was imported")
    assert not hasattr(nnbook, name), name
    try:
        getattr(nnbook, name)
    except AttributeError as error:
        assert f'pip install "nnbook[{extra}]"' in str(error), error
        assert "\\n" not in str(error)
    else:
        raise SystemExit(f"{name} is there")
try:
    nnbook.no_such_name
except AttributeError as error:
    assert "pip install" not in str(error)
try:
    from nnbook import no_such_name
except ImportError as error:
    assert "cannot import name" in str(error)
"""
    plain.run("-c", code)


def test_the_command_says_what_is_missing(plain):
    (plain.folder / "notes.md").write_text("$$\na = a\n$$ (eq-a)\n", encoding="utf-8")
    done = subprocess.run(
        [plain.python, "-m", "nnbook", "verify", "notes.md"],
        cwd=plain.folder,
        env=bare(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert 'pip install "nnbook[equations]"' in done.stderr
    assert "Traceback" not in done.stderr


def test_the_network_and_its_digits_need_numpy_alone(plain):
    code = """
import nnbook as nn
X, labels = nn.datasets.digits_4x3(rng=0)
net = nn.Network([12, 3, 2], rng=0)
history = nn.fit(net, X, nn.one_hot(labels, 2), nn.SquaredError(), optimizer=nn.SGD(2.0), epochs=200, progress=False)
print(history.accuracy[-1])
"""
    assert plain.run("-c", code).strip() == "1.0"


# --- what the chapters need -------------------------------------------------------------------------


def test_a_reader_sees_figures_and_moves_them(reader):
    code = """
import nnbook as nn
net = nn.Network([12, 3, 2], rng=0)
print(nn.plots.network(net).alt)
print("nnb-figure" in nn.interactive.one_weight(label="a-weight")._repr_html_())
"""
    said = reader.run("-c", code)
    assert "12" in said
    assert said.splitlines()[-1] == "True"


@pytest.mark.parametrize("chapter", ["01-one-weight.ipynb", "11-hidden-recursion.ipynb"])
def test_a_downloaded_chapter_runs_and_verifies_its_equations(reader, chapter):
    code = f"""
import nbformat, nbclient
def said(nb):
    return "".join(output.get("text", "") for cell in nb.cells for output in cell.get("outputs", []))
nb = nbformat.read({chapter!r}, 4)
stored = said(nb)
assert "holds (" in stored
nbclient.NotebookClient(nb, timeout=300, kernel_name="python3").execute()
print(said(nb) == stored)
"""
    assert reader.run("-c", code).split()[-1] == "True"


def test_the_command_and_the_plugin_judge_a_file(reader):
    (reader.folder / "notes.md").write_text(
        "$$\n\\delta^l_i = \\Big(\\sum_j \\delta^{l+1}_j w^{l+1}_{ji}\\Big) f'(z^l_i)\n$$ (eq-right)\n\n"
        "$$\n\\delta^l_i = \\sum_j \\delta^{l+1}_j w^{l+1}_{ji}\n$$ (eq-wrong)\n",
        encoding="utf-8",
    )
    verdicts = json.loads(reader.run("-m", "nnbook", "verify", "notes.md", "--json", status=1))
    assert [(v["label"], v["status"]) for v in verdicts] == [("eq-right", "holds"), ("eq-wrong", "refuted")]
    said = reader.run("-m", "pytest", "-q", "--nn-equations", "notes.md", status=1)
    assert "1 failed, 1 passed" in said
