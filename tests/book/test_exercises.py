"""No cell that asks for a number prints the answer beside the question: it calls the package, or is folded."""

import ast

import chapters
import pytest
from small_chapter import ROOT

CHAPTERS = sorted((ROOT / "book").glob("[0-9]*.ipynb"))


def spelt(source):
    """Whether a cell compares a reader's own name (my_…) with a value computed only from literals and NumPy."""
    tree = ast.parse(source)
    given = {target.id: node.value for node in ast.walk(tree) if isinstance(node, ast.Assign)
             for target in node.targets if isinstance(target, ast.Name)}  # fmt: skip
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "nn.check_answer":
            answer, expected = call.args
            expected = given.get(getattr(expected, "id", ""), expected)
            names = {node.id for node in ast.walk(expected) if isinstance(node, ast.Name)}
            if ast.unparse(answer).startswith("my_") and "(" not in ast.unparse(answer) and names <= {"np"}:
                return True
    return False


@pytest.mark.parametrize("path", CHAPTERS, ids=[path.stem for path in CHAPTERS])
def test_no_visible_cell_spells_its_answer(path):
    shown = [cell.source for cell in chapters.read(path).cells
             if cell.cell_type == "code" and "hide-input" not in cell.metadata.get("tags", [])]  # fmt: skip
    assert not [source for source in shown if "nn.check_answer(" in source and spelt(source)]


def test_a_spelt_answer_is_found():
    assert spelt("nn.check_answer(my_ratio, 0.5, tolerance=0.01)")
    assert spelt("expected = 2 / 4 * np.mean([0.3, 0.5])\nnn.check_answer(my_mse, expected)")
    assert not spelt("nn.check_answer(my_outputs, net.predict(X))")
    assert not spelt("nn.check_answer(my_gradient(f, x), [27, 48, 75])")
