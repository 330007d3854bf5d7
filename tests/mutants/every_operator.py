"""Mutate the four formulas and their checks with generic operators and run their tests on every mutant: `make mutants`.

The operators are the usual ones: another arithmetic operator, comparison or number, a condition negated or held true
or false, a `.T`, an argument or a statement dropped. A mutant that survives is printed. One that changes no behaviour
stands in `tests/mutants/equivalents.json` with the reason; any other fails.
"""

from __future__ import annotations

import ast
import copy
import json
import shutil
import sys
import tempfile
from pathlib import Path

import run_mutants
from domain import FORMULAS

MUTANTS = Path(__file__).resolve().parent
ROOT = MUTANTS.parent.parent

FILES = ("core/formulas.py", "core/checked.py")
TESTS = (*FORMULAS, "test_bad_input.py")
EQUIVALENTS = MUTANTS / "equivalents.json"
SWAPS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.Gt: ast.GtE,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.And: ast.Or,
    ast.Or: ast.And,
}


def variants(node):
    """Yield what a node of the syntax tree may be replaced by."""
    if isinstance(node, ast.BinOp) and type(node.op) in SWAPS and not _text(node):
        yield _with(node, op=SWAPS[type(node.op)]())
    elif isinstance(node, ast.BoolOp):
        yield _with(node, op=SWAPS[type(node.op)]())
        yield from node.values
    elif isinstance(node, ast.Compare):
        for i, op in enumerate(node.ops):
            if type(op) in SWAPS:
                yield _with(node, ops=[*node.ops[:i], SWAPS[type(op)](), *node.ops[i + 1 :]])
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        yield ast.Constant(node.value + 1)
        yield ast.Constant(-1 if node.value == 0 else 0)
    elif isinstance(node, ast.Attribute) and node.attr == "T":
        yield node.value
    elif isinstance(node, ast.Call):
        for i in range(len(node.keywords)):
            yield _with(node, keywords=node.keywords[:i] + node.keywords[i + 1 :])
        if len(node.args) == 2:
            yield _with(node, args=node.args[::-1])
    elif isinstance(node, ast.If | ast.IfExp):
        yield _with(node, test=ast.UnaryOp(ast.Not(), node.test))
        yield _with(node, test=ast.Constant(True))
        yield _with(node, test=ast.Constant(False))
    elif isinstance(node, ast.Return) and node.value is not None:
        yield ast.Return(ast.Constant(None))
    elif isinstance(node, ast.Raise) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
        yield ast.Pass()


def mutants(source):
    """Yield (what changed, source) for every mutant of a module's text; messages and annotations are not changed."""
    tree = ast.parse(source)
    silent = {id(n) for raised in ast.walk(tree) if isinstance(raised, ast.Raise) for n in ast.walk(raised)} - {
        id(raised) for raised in ast.walk(tree) if isinstance(raised, ast.Raise)
    }
    silent |= {id(n) for text in ast.walk(tree) if isinstance(text, ast.JoinedStr) for n in ast.walk(text)}
    for number, node in enumerate(ast.walk(tree)):
        if id(node) in silent:
            continue
        for replacement in variants(node):
            changed = copy.deepcopy(tree)
            _Replace(list(ast.walk(changed))[number], copy.deepcopy(replacement)).visit(changed)
            text = ast.unparse(ast.fix_missing_locations(changed))
            before, after = ast.unparse(tree).splitlines(), text.splitlines()
            lines = [line.strip() for line in after if line not in before]
            yield f"{_short(node)} → {_short(replacement)}  in  {' '.join(lines)[:100]}", text


class _Replace(ast.NodeTransformer):
    def __init__(self, old, new):
        self.old, self.new = old, new

    def visit(self, node):
        return self.new if node is self.old else self.generic_visit(node)


def _with(node, **fields):
    twin = copy.copy(node)
    for name, value in fields.items():
        setattr(twin, name, value)
    return twin


def _short(node):
    return " ".join(ast.unparse(ast.fix_missing_locations(copy.deepcopy(node))).split())[:90]


def _text(node):
    return any(
        isinstance(n, ast.JoinedStr) or (isinstance(n, ast.Constant) and isinstance(n.value, str))
        for n in ast.walk(node)
    )


def main(file):
    """Run every mutant; return 1 when one that changes behaviour survives."""
    known = json.loads(EQUIVALENTS.read_text(encoding="utf-8")).get(file, {}) if EQUIVALENTS.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder).resolve()
        shutil.copytree(ROOT / "nnbook", folder / "nnbook", ignore=shutil.ignore_patterns("__pycache__"))
        path = folder / "nnbook" / file
        source = path.read_text(encoding="utf-8")
        run_mutants.preload()
        if run_mutants.in_a_process(folder, "tests", TESTS) != 0:
            print("the tests do not pass on the package as it is", file=sys.stderr)
            return 2
        survivors, killed = [], 0
        for name, text in mutants(source):
            path.write_text(text, encoding="utf-8")
            if run_mutants.in_a_process(folder, "tests", TESTS) == run_mutants.SURVIVED:
                survivors.append(name)
                print(f"survives: {name}", flush=True)
            else:
                killed += 1
    new = [name for name in survivors if name not in known]
    print(f"{file}: {killed} mutants killed, {len(survivors) - len(new)} known to change nothing, {len(new)} survived")
    for name in new:
        print(f"  survived: {name}")
    for name in known:
        if name not in survivors:
            print(f"  no longer a survivor: {name}")
            new.append(name)
    return int(bool(new))


if __name__ == "__main__":
    sys.exit(max([main(file) for file in sys.argv[1:] or FILES]))
