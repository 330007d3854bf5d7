"""Run the scripts' mathematics in a JavaScript engine (dukpy's QuickJS), without a page."""

import dukpy
import pytest

from nnbook.interactive._figure import compact


@pytest.fixture
def javascript():
    """A function that evaluates an expression after the named scripts; keyword arguments are its variables."""

    def evaluate(expression, scripts=("core",), change=None, **variables):
        code = "\n".join(compact(f"js/{name}.js") for name in scripts)
        if change is not None:
            before, after = change
            assert code.count(before) == 1, f"{before!r} must stand in the script once"
            code = code.replace(before, after)
        names = "".join(f"const {name} = dukpy[{name!r}];\n" for name in variables)
        return dukpy.evaljs(f"(function () {{\n{names}{code}\nreturn {expression};\n}})()", **variables)

    return evaluate
