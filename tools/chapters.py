"""Reads, executes, cleans and writes the book's notebooks; repeating it gives the same bytes."""

import difflib
import os
import re
import tempfile
import unicodedata
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
BOOK = ROOT / "book"

# Only the language is kept: version numbers would change the bytes from one Python to the next.
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "pygments_lexer": "ipython3",
    },
}
NOTEBOOK_KEYS = {*METADATA, "nnbook"}  # "nnbook": {"needs_data": ["mnist"]}
CELL_KEYS = {"tags", "mystnb", "reason"}
ONE_THREAD = {
    name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
}
WIDGET = "application/vnd.jupyter.widget-view+json"
RANDOM_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){0,4}(-[0-9a-f]{12})?|[0-9a-f]{32}")


class NotebookError(Exception):
    """A notebook that cannot be executed or stored; the message says which cell and why."""


# --- reading and writing --------------------------------------------------------------------------


def read(path):
    """Return the notebook at `path` as an nbformat 4 object; nothing is repaired."""
    nb = nbformat.v4.reads_json(Path(path).read_text(encoding="utf-8"))
    if nb.get("nbformat") != 4:
        raise NotebookError(f"{path} is a notebook of format {nb.get('nbformat')}; format 4 is needed")
    return nb


def missing_data(nb):
    """Return the data sets that `nb` needs and that are missing from the folder NNBOOK_DATA."""
    folder = os.environ.get("NNBOOK_DATA")
    needs = nb.metadata.get("nnbook", {}).get("needs_data", [])
    return [name for name in needs if not folder or not (Path(folder) / name).is_dir()]


def to_bytes(nb):
    """Return the file's bytes for `nb`: sorted keys, an indent of one space, unescaped Unicode, a final newline."""
    return (nbformat.v4.writes_json(nb).rstrip("\n") + "\n").encode("utf-8")


def write_atomically(path, data):
    """Replace the file at `path` by `data` (bytes) in one step; if that fails the old file stays."""
    path = Path(path)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


# --- text and notebook ----------------------------------------------------------------------------


def from_myst(text, previous=None):
    """A clean, unexecuted notebook from MyST text (jupytext's `md:myst`).

    The text contains neither cell ids nor the data sets that a chapter needs: both are taken from `previous`.
    """
    import jupytext

    nb = jupytext.reads(text, fmt="md:myst")
    for cell in nb.cells:
        cell["id"] = ""
    if previous is not None:
        keep_ids(nb, previous)
        nb.metadata.update({**previous.metadata, **nb.metadata})
    return clean(nb)


def to_myst(nb):
    """Return the MyST text of a notebook, without its outputs, ready to be edited and passed to `from_myst`."""
    import jupytext

    text = jupytext.writes(nbformat.from_dict(nb), fmt="md:myst")
    if set(nb.metadata) <= set(METADATA):  # `clean` restores everything that the header says
        text = re.sub(r"\A---\n.*?\n---\n+", "", text, flags=re.DOTALL)
    return text.replace("```{code-cell} ipython3\n", "```{code-cell}\n")


# --- cell ids -------------------------------------------------------------------------------------


def slug(text, limit=40):
    """Return the lower-case ASCII words of `text` joined by hyphens, without mathematics, roles and punctuation."""
    text = re.sub(r"\$[^$]*\$|\{[a-z:]+\}`[^`]*`", " ", text)
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words, length = [], 0
    for word in re.findall(r"[a-z0-9]+", text):
        if words and length + 1 + len(word) > limit:
            break
        words.append(word[:limit])
        length += len(words[-1]) + (len(words) > 1)
    return "-".join(words)


def heading(cell):
    """The text of a markdown cell's first heading, or None."""
    if cell.cell_type != "markdown":
        return None
    prose = re.sub(r"(?ms)^(```|:::).*?^\1", "", cell.source)
    found = re.search(r"^#{1,6}[ \t]+(.+?)[ \t#]*$", prose, re.MULTILINE)
    return found.group(1) if found else None


def keep_ids(nb, previous):
    """Give the cells of `nb` the ids of the matching cells in `previous`: same source, or else same position."""
    old = [(cell.cell_type, cell.source.strip()) for cell in previous.cells]
    new = [(cell.cell_type, cell.source.strip()) for cell in nb.cells]
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if tag == "equal" or (tag == "replace" and i2 - i1 == j2 - j1):
            for before, after in zip(previous.cells[i1:i2], nb.cells[j1:j2]):
                if before.cell_type == after.cell_type:
                    after["id"] = before.get("id", "")


def name_cells(nb):
    """Give every cell a readable, unique id; ids that are already readable and unique are kept."""
    taken, nameless = set(), []
    for cell in nb.cells:
        present = cell.get("id", "")
        stale = present.startswith("check-") and present != _natural_id(cell)
        if not present or present in taken or stale or RANDOM_ID.fullmatch(present):
            nameless.append(cell)
        else:
            taken.add(present)
    section = "start"
    for cell in nb.cells:
        title = heading(cell)
        if title is not None:
            section = slug(title) or "section"
        if any(cell is other for other in nameless):
            wanted = _natural_id(cell) or section
            name, copies = wanted, 1
            while name in taken:
                copies += 1
                name = f"{wanted}-{copies}"
            cell["id"] = name
            taken.add(name)


def _natural_id(cell):
    """Return an id derived from the content: a check is named after its equation."""
    if cell.cell_type == "code":
        checked = re.search(r"\bverify\(\s*[\"']([A-Za-z0-9-]+)[\"']", cell.source)
        if checked:
            return "check-" + checked.group(1)[:50]
        if re.match(r"import numpy\b", cell.source):
            return "imports"
    return None


# --- cleaning -------------------------------------------------------------------------------------


def clean(nb):
    """Remove from `nb`, in place, everything that differs from one run or machine to the next, and return it."""
    nb["nbformat"], nb["nbformat_minor"] = 4, 5
    extra = {key: nb.metadata[key] for key in NOTEBOOK_KEYS & set(nb.metadata) if key not in METADATA}
    nb["metadata"] = nbformat.from_dict({**METADATA, **extra})
    nb["cells"] = [cell for cell in nb.cells if cell.source.strip()]
    for cell in nb.cells:
        cell["source"] = cell.source.replace("\r\n", "\n").strip("\n")
        cell["metadata"] = nbformat.from_dict({k: v for k, v in cell.metadata.items() if k in CELL_KEYS})
    name_cells(nb)
    count = 0
    for cell in nb.cells:
        if cell.cell_type != "code":
            continue
        executed = cell.get("execution_count") is not None
        count += executed
        cell["execution_count"] = count if executed else None
        cell["outputs"] = _merge_streams(cell.get("outputs", []))
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output["execution_count"] = cell.execution_count
            if output.output_type in ("execute_result", "display_data"):
                output["metadata"] = nbformat.from_dict({})
                output.data.pop(WIDGET, None)  # it refers to an object of a kernel that no longer runs
                for kind, content in output.data.items():
                    if kind == "image/svg+xml":
                        output.data[kind] = "".join(content).replace("\r\n", "\n")
    return nb


def _merge_streams(outputs):
    """Join consecutive chunks of the same stream: where a chunk ends depends on timing."""
    merged = []
    for output in outputs:
        if output.output_type == "stream" and merged and merged[-1].output_type == "stream":
            if merged[-1].name == output.name:
                merged[-1]["text"] += output.text
                continue
        merged.append(output)
    return merged


# --- executing ------------------------------------------------------------------------------------


def _shortened(error, lines=25):
    """Return what went wrong in a cell, without colours: the first and last lines of a long traceback."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).strip().splitlines()
    if len(text) > 2 * lines:
        text = [*text[:lines], "    …", *text[-lines:]]
    return "\n".join(text)


def execute(nb, folder=BOOK, timeout=300, name="notebook"):
    """Run the code cells of `nb` in order in a fresh kernel started in `folder`, and clean the result.

    Raises NotebookError when a cell fails, takes longer than `timeout` seconds or writes to stderr (warnings
    and progress bars differ between runs, so they are never stored).
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    for cell in nb.cells:
        if cell.cell_type == "code":
            cell["outputs"], cell["execution_count"] = [], None
    with tempfile.TemporaryDirectory() as profile:
        # An empty profile: a reader's own start-up files must not change what the book prints.
        environment = {**os.environ, **ONE_THREAD, "PYTHONHASHSEED": "0", "IPYTHONDIR": profile}
        environment.pop("MPLBACKEND", None)
        client = NotebookClient(
            nb,
            timeout=timeout,
            kernel_name="python3",
            record_timing=False,
            resources={"metadata": {"path": str(folder)}},
            extra_arguments=["--IPKernelApp.log_level=40"],
        )
        try:
            client.execute(env=environment)
        except CellTimeoutError as error:
            raise NotebookError(f"{name}: a cell took longer than {timeout} s\n{error}") from error
        except DeadKernelError as error:
            raise NotebookError(f"{name}: the kernel died") from error
        except CellExecutionError as error:
            raise NotebookError(f"{name}: {_shortened(error)}") from error
    clean(nb)
    for cell in nb.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "stream" and output.name == "stderr":
                raise NotebookError(
                    f"{name}: cell {cell.id} wrote to stderr, which no stored output may hold:\n{output.text}"
                )
    return nb
