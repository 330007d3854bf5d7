"""Finds displayed equations, their labels and their checks in notebooks and Markdown files."""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
import re
import symtable
from dataclasses import dataclass, field
from pathlib import Path

from .errors import EquationError

LABEL = r"[A-Za-z][\w:.-]*"
DISPLAY = re.compile(
    r"^[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)?"  # in a quotation, or as the first thing of a list's item
    r"\$\$(?P<math>(?:(?!\$\$).)*?)\$\$[ \t]*(?:\((?P<label>" + LABEL + r")\))?[ \t]*$",
    re.DOTALL | re.MULTILINE,
)
DIRECTIVE = re.compile(
    r"^(?P<fence>`{3,}+|:{3,}+)\{math\}[^\n]*\n(?P<body>.*?)^(?P=fence)[ \t]*$", re.DOTALL | re.MULTILINE
)
AMSMATH = re.compile(
    r"^\\begin\{(?P<env>align|equation|gather|multline|alignat|eqnarray)\*?\}(?P<math>(?:(?!\\begin\{(?P=env)).)*?)"
    r"\\end\{(?P=env)\*?\}",
    re.DOTALL | re.MULTILINE,
)
FENCE = re.compile(r"^(?P<fence>`{3,}+|~{3,}+)(?P<info>[^\n]*)\n.*?^(?P=fence)`*[ \t]*$", re.DOTALL | re.MULTILINE)
COMMENT = re.compile(r"<!--(?:(?!<!--).)*?-->", re.DOTALL)
CODE = re.compile(r"(?<!`)(`+)(?!`)[^`\n]*?(?<!`)\1(?!`)")
INNER_LABEL = re.compile(r"\\label\{([^{}]+)\}")
ASSUMED = re.compile(r"(?<!\\)%\s*assume:[ \t]*(?P<arguments>[^\n]*)")
UNCHECKED = re.compile(r"(?<!\\)%\s*unchecked:[ \t]*(?P<reason>[^\n]*)")


class FileUnreadable(EquationError):
    """A notebook or Markdown file that cannot be read as one."""

    status = "unreadable"


@dataclass
class Equation:
    """One displayed equation of a file."""

    latex: str
    label: str | None
    path: Path
    cell: int
    unchecked: str | None = None
    assumed: str | None = None

    def arguments(self):
        """Return the arguments that a line ``% assume: output="sigmoid"`` inside an unnumbered equation states."""
        if self.assumed is None:
            return {}
        try:
            call = ast.parse(f"verify({self.assumed})", mode="eval").body
            return literal_arguments(CheckCall("", 0, {k.arg: k.value for k in call.keywords}, call))
        except (SyntaxError, ValueError) as error:
            raise EquationError(f"{self.path.name}: cannot read the assumptions {self.assumed!r}: {error}") from None


@dataclass
class Document:
    """The equations and the code of one notebook or Markdown file."""

    path: Path
    equations: list[Equation] = field(default_factory=list)
    code: list[str] = field(default_factory=list)


def equations_in(markdown, path=Path(), cell=0):
    """Return the displayed equations of a piece of MyST Markdown, in order."""

    def blank(match):
        return re.sub(r"[^\n]", " ", match.group())

    text = FENCE.sub(
        lambda m: (
            m.group()
            if m.group("info").strip().startswith("{math}")
            else _opened(m)
            if m.group("info").strip().startswith("{") and not m.group("info").strip().startswith(("{code", "{literal"))
            else blank(m)
        ),
        markdown,
    )
    text = COMMENT.sub(blank, CODE.sub(blank, text))
    found = []
    for match in DIRECTIVE.finditer(text):
        label = re.search(r"^:(?:label|name):[ \t]*(\S+)[ \t]*$", match.group("body"), re.MULTILINE)
        latex = re.sub(r"^:\w+:[^\n]*\n", "", match.group("body"), flags=re.MULTILINE)
        found.append((match.start(), latex, label.group(1) if label else None))
    text = DIRECTIVE.sub(blank, text)
    for match in DISPLAY.finditer(text):
        found.append((match.start(), re.sub(r"(?m)^[ \t]*>[ \t]?", "", match.group("math")), match.group("label")))
    text = DISPLAY.sub(blank, text)
    for match in AMSMATH.finditer(text):
        found.append((match.start(), rf"\begin{{aligned}}{match.group('math')}\end{{aligned}}", None))
    equations = []
    for _, latex, label in sorted(found, key=lambda item: item[0]):
        if label is None and (inner := INNER_LABEL.search(latex)):
            label = inner.group(1)  # a label in the wrong place: listed, so that the reader can say so
        reason, assumed = UNCHECKED.search(latex), ASSUMED.search(latex)
        equations.append(
            Equation(
                latex.strip("\n"),
                label,
                Path(path),
                cell,
                reason.group("reason").strip() if reason else None,
                assumed.group("arguments").strip() if assumed else None,
            )
        )
    return equations


def _opened(match):
    """Keep what stands inside a directive (a box, an exercise), without its fences."""
    lines = match.group().split("\n")
    return "\n".join([" " * len(lines[0]), *lines[1:-1], " " * len(lines[-1])])


def read(path) -> Document:
    """Read a notebook (.ipynb) or MyST Markdown file (.md).

    Raises
    ------
    FileUnreadable
        When it does not exist, is neither, or is damaged.
    """
    path = Path(path)
    if path.suffix not in (".ipynb", ".md"):
        raise FileUnreadable(f"{path}: expected a notebook (.ipynb) or a Markdown file (.md)")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FileUnreadable(f"{path}: {error}") from None
    document = Document(path)
    if path.suffix == ".md":
        document.equations = equations_in(text, path)
        document.code = [
            m.group(1)
            for m in re.finditer(r"^`{3,}\{code-cell\}[^\n]*\n(.*?)^`{3,}[ \t]*$", text, re.DOTALL | re.MULTILINE)
        ]
        document.code = [re.sub(r"\A(?:---\n.*?---\n|(?::[^\n]*\n)+)", "", c, flags=re.DOTALL) for c in document.code]
        return document
    try:
        cells = json.loads(text)["cells"]
        for number, cell in enumerate(cells):
            source = "".join(cell["source"]).replace("\r\n", "\n")
            if cell["cell_type"] == "markdown":
                document.equations += equations_in(source, path, number)
            elif cell["cell_type"] == "code":
                document.code.append(source)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise FileUnreadable(f"{path}: not a notebook ({type(error).__name__}: {error})") from None
    return document


# --- from a label to its equation --------------------------------------------------------------------------------


def find(label: str) -> str:
    """Return the LaTeX of the equation with this label: of the running notebook, else of the current folder.

    Raises
    ------
    EquationError
        When no saved file has it, or two files have it and differ.
    """
    running = os.environ.get("JPY_SESSION_NAME")
    if running and Path(running).is_file():
        found = _labelled(label, [Path(running)])
        if found:
            return _one(label, found)
    files = sorted(
        p for p in Path.cwd().iterdir() if p.suffix in (".ipynb", ".md") and p.is_file() and not p.name.startswith(".")
    )
    found = _labelled(label, files)
    if not found:
        raise EquationError(
            f"verify: no saved notebook or Markdown file in {Path.cwd().name}/ holds a displayed "
            f"equation labelled ({label}); write it as $$ … $$ ({label}), on its own lines, and save "
            "the notebook"
        )
    return _one(label, found)


def _labelled(label, files):
    found = []
    for path in files:
        try:
            if label.encode() not in path.read_bytes():
                continue
            found += [e for e in read(path).equations if e.label == label]
        except (OSError, FileUnreadable):
            if os.environ.get("JPY_SESSION_NAME") == str(path):
                raise
    return found


def _one(label, found):
    def essence(equation):
        return re.sub(r"\s+", "", re.sub(r"(?<!\\)%[^\n]*", "", equation.latex))

    for other in found[1:]:
        if essence(other) != essence(found[0]) or other.path == found[0].path:
            raise EquationError(
                f"verify: the label {label} stands on two equations, in {found[0].path.name} (cell "
                f"{found[0].cell + 1}) and in {other.path.name} (cell {other.cell + 1})"
            )
    return found[0].latex


# --- from an equation to its check ---------------------------------------------------------------------------------


@dataclass
class CheckCall:
    """One ``nn.verify("label", …)`` of a code cell: its cell's place among the code cells, and its arguments."""

    label: str
    cell: int
    arguments: dict
    call: ast.Call


def check_calls(code) -> list[CheckCall]:
    """Return the calls of verify with a literal label in code cells; cells that are no Python are passed over."""
    calls = []
    for number, source in enumerate(code):
        if "verify" not in source:
            continue
        try:
            module = ast.parse(_without_magics(source))
        except SyntaxError:
            continue
        for node in ast.walk(module):
            if (
                isinstance(node, ast.Call)
                and (getattr(node.func, "attr", None) == "verify" or getattr(node.func, "id", None) == "verify")
                and node.args
                and isinstance(node.args[0], ast.Constant)
                and isinstance(node.args[0].value, str)
            ):
                calls.append(CheckCall(node.args[0].value, number, {k.arg: k.value for k in node.keywords}, node))
    return calls


def _without_magics(source):
    return "\n".join("pass" if re.match(r"\s*[%!?]", line) else line for line in source.split("\n"))


def literal_arguments(call: CheckCall) -> dict:
    """Return the arguments of a check without running anything: numbers, strings, lists, and names such as nn.relu.

    Raises
    ------
    ValueError
        When an argument (given=, say) needs code to be run.
    """
    values = {}
    for name, node in call.arguments.items():
        if isinstance(node, ast.Call) and name in ("cost", "output", "hidden", "penalty"):
            inside = [*node.args, *(k.value for k in node.keywords)]
            strengths = [a.value for a in inside if isinstance(a, ast.Constant)]
            node = node.func
            if name == "penalty":
                if len(strengths) != 1:
                    raise ValueError("penalty= needs code to be run")
                values[name] = (getattr(node, "attr", getattr(node, "id", "")), strengths[0])
                continue
        if isinstance(node, ast.Attribute | ast.Name):
            if name not in ("cost", "output", "hidden"):
                raise ValueError(f"{name}= needs code to be run")
            values[name] = node.attr if isinstance(node, ast.Attribute) else node.id
            continue
        try:
            values[name] = ast.literal_eval(node)
        except ValueError:
            raise ValueError(f"{name}= needs code to be run") from None
    return values


def recorded_arguments(code, call: CheckCall, namespace=None) -> dict:
    """Return the arguments of a check by running the cells it needs, with ``verify`` replaced by a recorder.

    The cells it needs are its own and, before it, those that define a name it uses, and so on backwards. This runs the
    notebook's code: only for notebooks one trusts.
    """
    import nnbook

    wanted, chosen = set(), []
    sources = [_without_magics(source) for source in code[: call.cell + 1]]
    for number in range(call.cell, -1, -1):
        defined = _defined(sources[number])
        if number == call.cell or defined & wanted:
            chosen.append(number)
            wanted |= _used(sources[number])
    records = {}

    def recorder(label=None, **arguments):
        records[label] = arguments

    true_verify = nnbook.verify
    space = {"__name__": "__checks__"} if namespace is None else namespace
    nnbook.verify = recorder
    try:
        for number in sorted(chosen):
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(sources[number], f"<cell {number + 1}>", "exec"), space)
    finally:
        nnbook.verify = true_verify
    return records[call.label]


def _defined(source):
    """Names that a cell defines or changes in place, as far as its text shows."""
    table = symtable.symtable(source, "cell", "exec")
    names = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported() or s.is_namespace()}
    queue = list(ast.parse(source).body)
    while queue:
        node = queue.pop()
        if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store):
            while isinstance(node, ast.Subscript | ast.Attribute):
                node = node.value
            if isinstance(node, ast.Name):
                names.add(node.id)
        elif not isinstance(node, ast.FunctionDef | ast.Lambda | ast.ClassDef):
            queue += ast.iter_child_nodes(node)
    return names


def _used(source):
    """Names that a cell, or a function in it, takes from outside."""
    names, queue = set(), [symtable.symtable(source, "cell", "exec")]
    while queue:
        table = queue.pop()
        queue += table.get_children()
        outside = table.get_type() == "module"
        names |= {s.get_name() for s in table.get_symbols() if s.is_referenced() and (outside or s.is_global())}
    return names
