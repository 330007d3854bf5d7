"""Imports go downwards only, importing the package needs only NumPy, and no module has a public function's name."""

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path

import nnbook as nn

PACKAGE = Path(nn.__file__).resolve().parent
ROOT = PACKAGE.parent

# A subpackage imports from lower levels and from itself; training and checking do not import each other.
FLOORS = {
    "core": 1,
    "training": 2,
    "checking": 2,
    "models": 3,
    "datasets": 3,
    "equations": 4,
    "plots": 4,
    "interactive": 5,  # its figure of an equation uses the checker
    "course": 5,
    "__main__": 6,
    "__init__": 6,
}
# Allowed in addition to the standard library and NumPy.
LIBRARIES = {
    "equations": {"lark", "yaml", "IPython"},
    "plots": {"matplotlib", "matplotlib_inline", "IPython", "cycler"},
    "interactive": {"ipywidgets"},
    "training.distributed": {"dask", "distributed"},
    "training.console": {"tqdm"},
    "models.estimators": {"sklearn"},
    "datasets": {"pooch", "tqdm"},
    "course": {
        "nbformat",
        "nbgrader",
        "traitlets",
        "dask",
        "distributed",
        "nbconvert",
        "bleach",
        "IPython",
        "tqdm",
        "jinja2",
    },
}


FILE, CLASS, FUNCTION = 500, 250, 60  # lines, docstrings counted
MANY = 10  # parameters: a function with more of them documents each, and its docstring is not counted


def modules():
    for path in sorted(PACKAGE.rglob("*.py")):
        yield ".".join(path.relative_to(PACKAGE).with_suffix("").parts), path


def entry(table, name):
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        if (key := ".".join(parts[:end])) in table:
            return key
    return None


def imports(source, name):
    """Return the nnbook modules and the other top-level packages that a module imports, inside functions too."""
    own, other = set(), set()
    package = name.split(".")[:-1]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            other |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            other.add(node.module.split(".")[0])
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1]
            start = [*base, *node.module.split(".")] if node.module else base
            for alias in node.names:
                whole = ".".join([*start, alias.name])
                own.add(whole if any(m == whole or m == whole + ".__init__" for m in NAMES) else ".".join(start))
    return {module or "__init__" for module in own}, other - set(sys.stdlib_module_names) - {"nnbook"}


NAMES = {name for name, _ in modules()}


def public():
    """Return {public name: object}, except for those that need a library that is not installed."""
    return {name: getattr(nn, name) for name in dir(nn) if hasattr(nn, name)}


def complaints(name, source):
    """Yield what a module imports but may not."""
    floor = FLOORS[entry(FLOORS, name)]
    allowed = LIBRARIES.get(entry(LIBRARIES, name), set()) | {"numpy"}
    own, other = imports(source, name)
    for module in sorted(own):
        target = module + ".__init__" if module + ".__init__" in NAMES else module
        above = FLOORS[entry(FLOORS, target)]
        within = target.split(".")[0] == name.split(".")[0]
        if above >= floor and not within:
            yield f"{name} (floor {floor}) imports {module} (floor {above})"
    for library in sorted(other - allowed):
        yield f"{name} imports {library}"


def test_every_module_has_a_floor():
    assert [name for name in NAMES if entry(FLOORS, name) is None] == []


def test_imports_run_downwards_only():
    found = [text for name, path in modules() for text in complaints(name, path.read_text(encoding="utf-8"))]
    # Modules that import the whole package, as a reader does, name it "nnbook"; none below level 4 does.
    assert found == []


def in_circles(sources):
    """Return the modules that import each other in a circle, or use one that does; imports for types do not count."""
    waiting = {}
    for name, source in sources.items():
        own, _ = imports(re.sub(r"(?m)^if TYPE_CHECKING:\n(?:    .*\n|\n)+", "", source + "\n"), name)
        waiting[name] = {module + ".__init__" if module + ".__init__" in NAMES else module for module in own}
    while free := {name for name, needs in waiting.items() if not needs & waiting.keys()}:
        waiting = {name: needs for name, needs in waiting.items() if name not in free}
    return sorted(waiting)


def test_no_modules_import_each_other_in_a_circle():
    assert in_circles({name: path.read_text(encoding="utf-8") for name, path in modules()}) == []


def test_a_circle_of_imports_is_noticed():
    here, there = "from .costs import Cost", "def f():\n    from . import formulas"
    assert in_circles({"core.formulas": here, "core.costs": there, "core.files": ""}) == ["core.costs", "core.formulas"]
    typed = "if TYPE_CHECKING:\n    from .formulas import delta"
    assert in_circles({"core.formulas": here, "core.costs": typed}) == []


def test_nothing_below_the_faces_imports_the_package_as_a_whole():
    for name, path in modules():
        if FLOORS[entry(FLOORS, name)] < 4:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            imported = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
            assert "nnbook" not in imported, name


def test_an_import_upwards_is_noticed():
    assert list(complaints("core.formulas", "from ..training.loop import fit")) == [
        "core.formulas (floor 1) imports training.loop (floor 2)"
    ]
    assert list(complaints("checking.numerical", "def f():\n    from ..training import metrics")) == [
        "checking.numerical (floor 2) imports training.metrics (floor 2)"
    ]
    assert list(complaints("core.costs", "from .formulas import output_delta")) == []
    assert list(complaints("core.network", "import scipy.optimize")) == ["core.network imports scipy"]
    assert list(complaints("datasets._digits_4x3", "from ..models.sequential import Sequential")) == [
        "datasets._digits_4x3 (floor 3) imports models.sequential (floor 3)"
    ]
    assert list(complaints("datasets._digits_4x3", "from ..core.validation import whole")) == []


def test_importing_the_package_needs_only_numpy():
    code = """
import sys
class Nothing:
    def find_spec(self, name, path=None, target=None):
        first = name.partition(".")[0]
        if first not in {"numpy", "nnbook"} and first not in sys.stdlib_module_names and not first.startswith("_"):
            raise ImportError(f"{name} was imported")
sys.meta_path.insert(0, Nothing())
import nnbook
import nnbook.datasets
for name in ("lark", "matplotlib", "dask"):
    assert name not in sys.modules, name
try:
    import lark
except ImportError as error:
    assert "lark was imported" in str(error)
else:
    raise SystemExit("the hook lets everything through")
nnbook.backprop(nnbook.Network([3, 2], rng=0), [[1.0, 2, 3]], [[0.5, 0.5]], nnbook.SquaredError())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_no_module_has_a_public_functions_name():
    functions = {name for name, thing in public().items() if callable(thing)}
    assert not {name.split(".")[-1] for name in NAMES} & functions


def test_all_names_exist_once():
    assert len(public()) > 50
    assert set(dir(nn)) >= set(nn.__all__)
    assert len(set(nn.__all__)) == len(nn.__all__)


def test_every_module_opens_with_one_plain_sentence():
    for name, path in modules():
        first = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split("\n")[0]
        assert first, name
        assert first[-1] in ".:", f"{name}: {first}"


def test_public_functions_say_what_they_do():
    for name, thing in public().items():
        if callable(thing):
            assert thing.__doc__, name


def documented_lines(function):
    """The lines of the docstring of a function that has more parameters than `MANY`."""
    arguments = function.args
    if len(arguments.posonlyargs + arguments.args + arguments.kwonlyargs) <= MANY or not ast.get_docstring(function):
        return 0
    return function.body[0].end_lineno - function.body[0].lineno + 1


def too_long(source, name):
    """Yield each file, class or function that is longer than its limit."""
    if (lines := len(source.splitlines())) > FILE:
        yield f"{name} has {lines} lines, of {FILE} at most"
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        lines, limit = node.end_lineno - node.lineno + 1, CLASS
        if not isinstance(node, ast.ClassDef):
            lines, limit = lines - documented_lines(node), FUNCTION
        if lines > limit:
            yield f"{name}: {node.name} has {lines} lines, of {limit} at most"


def test_no_file_class_or_function_is_too_long():
    places = [path for folder in ("nnbook", "tools", "book/_ext") for path in sorted((ROOT / folder).rglob("*.py"))]
    assert len(places) > 150
    found = [text for p in places for text in too_long(p.read_text(encoding="utf-8"), str(p.relative_to(ROOT)))]
    assert found == []


def test_what_is_too_long_is_noticed():
    many = ", ".join(f"p{i}" for i in range(11))
    told = '    """Say.\n' + "    word\n" * 100 + '    """\n'
    body = "    pass\n"
    assert list(too_long("x = 1\n" * 501, "m")) == ["m has 501 lines, of 500 at most"]
    assert list(too_long("class C:\n" + body * 250, "m")) == ["m: C has 251 lines, of 250 at most"]
    assert list(too_long("def f():\n" + body * 60, "m")) == ["m: f has 61 lines, of 60 at most"]
    assert list(too_long("class C:\n    def f(self):\n" + "    " + body + ("    " + body) * 60, "m")) == [
        "m: f has 62 lines, of 60 at most"
    ]
    assert list(too_long("def f(x):\n" + told + body, "m")) == ["m: f has 104 lines, of 60 at most"]
    assert list(too_long(f"def f({many}):\n" + told + body, "m")) == []
    assert list(too_long(f"def f({many}):\n" + told + body * 60, "m")) == ["m: f has 61 lines, of 60 at most"]
    assert list(too_long("def f():\n" + body * 59, "m")) == []


def untyped(source, name):
    """Say which public function lacks the type of a parameter or of its result."""

    def inside(node, path):
        for part in node.body:
            if isinstance(part, ast.ClassDef) and not part.name.startswith("_"):
                yield from inside(part, f"{path}.{part.name}")
            if not isinstance(part, ast.FunctionDef) or (part.name.startswith("_") and part.name != "__init__"):
                continue
            own = part.args
            given = [*own.posonlyargs, *own.args, *own.kwonlyargs, *filter(None, (own.vararg, own.kwarg))]
            if isinstance(node, ast.ClassDef) and "staticmethod" not in map(ast.unparse, part.decorator_list):
                given = given[1:]
            if any(a.annotation is None for a in given) or (part.returns is None and part.name != "__init__"):
                yield f"{path}.{part.name}"

    return inside(ast.parse(source), name)


def test_every_public_signature_has_its_types():
    rooms = [(name, path) for name, path in modules() if not name.startswith("equations.")]  # its exports are below
    assert [text for name, path in rooms for text in untyped(path.read_text(encoding="utf-8"), name)] == []
    for name in nn.equations.__all__:
        thing = getattr(nn.equations, name)
        if inspect.isclass(thing) and "__init__" not in vars(thing):
            continue
        function = thing.__init__ if inspect.isclass(thing) else thing
        parameters = [p for p in inspect.signature(function).parameters.values() if p.name != "self"]
        assert all(p.annotation is not p.empty for p in parameters), thing


def test_a_signature_without_types_is_noticed():
    assert list(untyped("def f(x): pass\ndef g(x: int): pass\ndef h(x: int) -> int: ...\ndef _f(x): ...", "m")) == [
        "m.f",
        "m.g",
    ]
    assert list(untyped("class C:\n    def __init__(self, x): ...\n    def f(self) -> int: ...", "m")) == [
        "m.C.__init__"
    ]
    assert list(untyped("def f(*a) -> int: ...", "m")) == ["m.f"]
