"""Finds the checks in a document's code, and the arguments they give."""

from __future__ import annotations

import ast
import contextlib
import io
import re
import symtable
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass
class CheckCall:
    """One ``nn.verify("label", …)`` of a code cell: its cell's place among the code cells, and its arguments."""

    label: str
    cell: int
    arguments: dict
    call: ast.Call


def check_calls(code: Iterable[str]) -> list[CheckCall]:
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


def _without_magics(source: str) -> str:
    return "\n".join("pass" if re.match(r"\s*[%!?]", line) else line for line in source.split("\n"))


def literal_arguments(call: CheckCall) -> dict:
    """Return the arguments of a check without running anything: numbers, strings, lists, and names such as nn.relu.

    Raises
    ------
    ValueError
        When an argument (given=, say) needs code to be run.
    """
    values: dict[str, Any] = {}
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


def recorded_arguments(code: list[str], call: CheckCall, namespace: dict[str, Any] | None = None) -> dict:
    """Return the arguments of a check by running the cells it needs, with ``verify`` replaced by a recorder.

    The cells it needs are its own and, before it, those that define a name it uses, and so on backwards. This runs the
    notebook's code: only for notebooks one trusts.
    """
    import nnbook

    wanted: set[str] = set()
    chosen: list[int] = []
    sources = [_without_magics(source) for source in code[: call.cell + 1]]
    for number in range(call.cell, -1, -1):
        defined = _defined(sources[number])
        if number == call.cell or defined & wanted:
            chosen.append(number)
            wanted |= _used(sources[number])
    records = {}

    def recorder(label: str | None = None, **arguments: Any) -> None:
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


def _defined(source: str) -> set[str]:
    """Names that a cell defines or changes in place, as far as its text shows."""
    table = symtable.symtable(source, "cell", "exec")
    names = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported() or s.is_namespace()}
    queue: list[ast.AST] = list(ast.parse(source).body)
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


def _used(source: str) -> set[str]:
    """Names that a cell, or a function in it, takes from outside."""
    names, queue = set(), [symtable.symtable(source, "cell", "exec")]
    while queue:
        table = queue.pop()
        queue += table.get_children()
        outside = table.get_type() == "module"
        names |= {s.get_name() for s in table.get_symbols() if s.is_referenced() and (outside or s.is_global())}
    return names
