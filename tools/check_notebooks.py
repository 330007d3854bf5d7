"""Reports notebooks that would pass nbval without being checked, or that break the rules in CONTRIBUTING.md.

python tools/check_notebooks.py [NOTEBOOK …]      prints one line for each problem; default: all of book/
"""

import ast
import copy
import re
import statistics
import sys
from pathlib import Path

import chapters
import yaml
from nbformat.validator import iter_validate

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\.ipynb")
CELL_ID = re.compile(r"[a-z][a-z0-9-]{0,63}|[0-9][a-z0-9-]*[g-z-][a-z0-9-]*")
EQUATION = re.compile(r"^\$\$[ \t]*\(([A-Za-z0-9-]+)\)[ \t]*$", re.MULTILINE)
MARK = re.compile(r"\bNBVAL_[A-Z_]+|\bPYTEST_VALIDATE_[A-Z_]+")
MARK_TAG = re.compile(r"(nbval|pytest-validate)-.*|raises-exception|skip-execution")
MAGIC = re.compile(r"^\s*(%|!|\?)", re.MULTILINE)
ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}\b")
MACHINE_PATH = re.compile(
    r"(?<![\w.])/(home|Users|tmp|root|work|private|var|opt|usr|mnt)/\w|\b[A-Z]:\\\w|site-packages|ipykernel_\d"
)
LONGEST_CELL = 20
MEDIAN_CELL = 5


def file_problems(folder, toc):
    """Return what is wrong with the names and locations of the notebooks under `folder`, given the text of _toc.yml."""
    folder = Path(folder)
    found = []
    listed = toc_entries(toc)
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if ".ipynb_checkpoints" in inside.parts or not path.is_file():
            continue
        if path.suffix.lower() == ".md" and re.search(
            r"^(`{3,}|:{3,}|~{3,})\{code-cell\}", path.read_text("utf-8"), re.M
        ):
            found.append(f"{inside}: code cells belong in a notebook, where they are executed and compared")
        if not path.name.lower().endswith((".ipynb", ".ipynb~")):
            continue
        if inside.parent != Path("."):
            found.append(f"{inside}: notebooks must be directly in {folder.name}/, where nbval looks for them")
        elif not NAME.fullmatch(path.name):
            found.append(f"{inside}: a notebook's name is lower-case words joined by hyphens, ending in .ipynb")
        elif f"{folder.name}/{path.stem}" not in listed:
            found.append(f"{inside}: not in _toc.yml; add its line there")
    for entry in listed:
        if not any((folder.parent / (entry + suffix)).exists() for suffix in ("", ".ipynb", ".md", ".rst")):
            found.append(f"_toc.yml: {entry} does not exist")
    return found


def toc_entries(text):
    """Return the files that a _toc.yml lists, without their suffix, in reading order."""

    def walk(node):
        if isinstance(node, dict):
            for key in ("root", "file"):
                if key in node:
                    yield re.sub(r"\.(ipynb|md|rst)$", "", node[key])
            node = list(node.values())
        if isinstance(node, list):
            for child in node:
                yield from walk(child)

    return list(walk(yaml.safe_load(text)))


def problems(nb, data=None):
    """Return what is wrong with a notebook, as sentences; `data`, the file's bytes, is compared with the clean form."""
    found = [*_format(nb), *_title(nb), *_ids(nb)]
    code = [cell for cell in nb.cells if cell.cell_type == "code"]
    counts = [cell.get("execution_count") for cell in code]
    if not code:
        found.append("has no code cell")
    elif counts != list(range(1, len(code) + 1)):
        found.append(f"is not executed from top to bottom: the execution counts are {counts}")
    elif not _only_imports(code[0].source):
        found.append(f"cell {code[0].get('id')}: the first code cell must hold the imports and nothing else")
    for cell in code:
        found += [f"cell {cell.get('id')}: {problem}" for problem in (*_source(cell), *_outputs(cell))]
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            found += [f"cell {cell.get('id')}: {problem}" for problem in _pictures(cell.source)]
        elif cell.cell_type != "code":
            found.append(f"cell {cell.get('id')}: raw cells are neither run nor shown")
    lengths = [_lines(cell.source) for cell in code]
    if lengths and statistics.median(lengths) > MEDIAN_CELL:
        found.append(f"the median code cell has {statistics.median(lengths):g} lines; the limit is {MEDIAN_CELL}")
    found += _checks(nb, code)
    tidy = chapters.to_bytes(chapters.clean(copy.deepcopy(nb)))
    if (chapters.to_bytes(nb) if data is None else data) != tidy:
        found.append("is not clean (metadata, timings, ids, split streams or layout): run make execute")
    return found


def _lines(source):
    return sum(bool(line.strip()) for line in source.splitlines())


def _format(nb):
    for error in iter_validate(nb):
        yield f"is not a valid notebook: {error.message}"


def _title(nb):
    titles = [
        line
        for cell in nb.cells
        if cell.cell_type == "markdown"
        for line in re.sub(r"(?ms)^(```|:::).*?^\1", "", cell.source).splitlines()
        if re.match(r"#[ \t]+\S", line)
    ]
    first = nb.cells[0] if nb.cells else None
    if first is None or first.cell_type != "markdown" or not re.match(r"(\(\S+\)=\n+)?#[ \t]+\S", first.source):
        return ["has no title: the first cell must begin with '# Title'"]
    if len(titles) != 1:
        return [f"has {len(titles)} titles ('# …'); it needs exactly one"]
    return []


def _ids(nb):
    ids = [cell.get("id", "") for cell in nb.cells]
    found = [f"cell id {name!r} occurs twice" for name in sorted({name for name in ids if ids.count(name) > 1})]
    for number, name in enumerate(ids, 1):
        if not CELL_ID.fullmatch(name) or chapters.RANDOM_ID.fullmatch(name):
            found.append(f"cell {number} has no readable id ({name!r}): run make execute")
    return found


def _only_imports(source):
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return False
    imports = [isinstance(node, (ast.Import, ast.ImportFrom)) for node in body]
    style = [ast.unparse(node) == "nn.plots.use_book_style()" for node in body]
    return any(imports) and all(a or b for a, b in zip(imports, style))


def _source(cell):
    tags = cell.metadata.get("tags", [])
    marks = MARK.findall(cell.source) + [tag for tag in tags if MARK_TAG.fullmatch(tag)]
    if marks and len(cell.metadata.get("reason", "").split()) < 4:
        yield f"{', '.join(marks)} excludes its output from comparison; say why in the cell's options (:reason: …)"
    if _lines(cell.source) > LONGEST_CELL:
        yield f"has {_lines(cell.source)} lines; the limit is {LONGEST_CELL}"
    if MAGIC.search(cell.source):
        yield "uses a magic or a shell command, which behaves differently elsewhere"
        return
    try:
        tree = ast.parse(cell.source)
    except SyntaxError as error:
        yield f"is not Python: {error}"
        return
    if re.sub(r"\s*(#.*)?$", "", cell.source.rstrip()).endswith(";"):
        yield "ends in ';', which suppresses nothing when nbval runs it: write _ = … instead"
    for node in ast.walk(tree):
        silent = isinstance(node, ast.ExceptHandler) and all(isinstance(step, ast.Pass) for step in node.body)
        if silent or (isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "suppress"):
            yield "swallows an exception"


def _outputs(cell):
    images = 0
    for output in cell.get("outputs", []):
        if output.output_type == "error":
            yield f"its output is an error ({output.ename})"
            continue
        if output.output_type == "stream":
            texts = [output.text]
            if output.name == "stderr":
                yield "its output holds stderr: warnings and progress bars differ from run to run"
        else:
            kinds = [kind for kind in output.data if kind.startswith("image/")]
            images += bool(kinds)
            texts = [
                re.sub(r"base64,[A-Za-z0-9+/=\s]+", "", "".join(content) if isinstance(content, list) else str(content))
                for kind, content in output.data.items()
                if kind not in ("image/png", "image/jpeg")
            ]
        for text in texts:
            for pattern, what in ((ADDRESS, "a memory address"), (MACHINE_PATH, "a machine's path")):
                hit = pattern.search(text)
                if hit:
                    yield f"its output mentions {what}: {text[max(hit.start() - 10, 0) : hit.end() + 20]!r}"
    if images > 1:
        yield f"draws {images} figures; only one per cell is allowed"
    alternative = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
    if images and len(alternative.split()) < 4:
        yield "draws a figure without alternative text (mystnb: image: alt: …) that says what it shows"


def _pictures(source):
    if re.search(r"!\[\s*\]\(", source):
        yield "shows a picture without alternative text"
    for directive in re.finditer(r"(?ms)^(`{3,}|:{3,})\{(?:figure|image)\}(.*?)^\1", source):
        if not re.search(r"^:alt:[ \t]+\S+|^alt:[ \t]+\S+", directive.group(2), re.MULTILINE):
            yield "shows a picture without alternative text"


def _checks(nb, code):
    """Yield the equations that no cell of the chapter checks, and the check cells that are not folded on the page."""
    sources = "\n".join(cell.source for cell in code)
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            for label in EQUATION.findall(cell.source):
                if not re.search(rf"[\"']{re.escape(label)}[\"']", sources):
                    yield f'equation {label} has no check cell: nn.verify("{label}")'
    for cell in code:
        if re.search(r"\bnn\.verify\(\s*[\"']eq-", cell.source) and "hide-cell" not in cell.metadata.get("tags", []):
            yield f"cell {cell.get('id')}: a check cell needs the tag hide-cell"


def main(arguments):
    found = []
    if not arguments:
        found += file_problems(chapters.BOOK, (chapters.ROOT / "_toc.yml").read_text(encoding="utf-8"))
    for path in map(Path, arguments or sorted(chapters.BOOK.glob("*.ipynb"))):
        found += [f"{path.name}: {problem}" for problem in problems(chapters.read(path), path.read_bytes())]
    print("\n".join(found) or "nothing wrong")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
