"""Opens the book in JupyterLab as its pages show it: stored figures, numbers, titles and citations, folded answers.

The notebooks are marked as trusted, because JupyterLab shows a stored SVG only in a notebook it trusts. The numbers and
titles on the pages are passed to a small extension, `book/_lab/reader.js`, which is generated anew on each start.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BOOK = ROOT / "book"
sys.path.insert(0, str(BOOK / "_ext"))
from naming import citations, equations, figures, named, pages  # noqa: E402

SCRIPT = BOOK / "_lab" / "reader.js"
EXTENSIONS = ROOT / "_build" / "lab"
NAME = "nnbook-reader"


# --- JupyterLab ---------------------------------------------------------------------------------------


def write_extension(folder=EXTENSIONS, book=BOOK):
    """Write the extension with the book's data into `folder`, from which JupyterLab loads it."""
    drawn = figures(book)
    data = {
        "pages": pages(book),
        "equations": equations(book),
        "figures": drawn,
        "named": named(drawn),
        "citations": citations(book / "references.bib"),
    }
    script = SCRIPT.read_text(encoding="utf-8")
    before = "const book = null;"
    if before not in script:
        raise ValueError(f"{SCRIPT.name}: {before!r} is missing; the book's data must replace it")
    static = folder / NAME / "static"
    static.mkdir(parents=True, exist_ok=True)
    filled = script.replace(before, f"const book = {json.dumps(data, ensure_ascii=False)};")
    (static / "remoteEntry.js").write_text(filled, encoding="utf-8")
    build = {"load": "static/remoteEntry.js", "extension": "./extension"}
    package = {"name": NAME, "version": "1.0.0", "license": "MIT", "jupyterlab": {"extension": True, "_build": build}}
    (folder / NAME / "package.json").write_text(json.dumps(package, indent=1) + "\n", encoding="utf-8")


def trust(book=BOOK):
    """Mark the book's notebooks as trusted by this user."""
    import nbformat
    from nbformat.sign import NotebookNotary

    notary = NotebookNotary()
    for path in sorted(book.glob("*.ipynb")):
        notary.sign(nbformat.read(path, as_version=4))


def main(arguments):
    write_extension()
    trust()
    command = ["-m", "jupyterlab", str(BOOK), f"--LabApp.extra_labextensions_path={EXTENSIONS}", *arguments]
    try:
        return subprocess.run([sys.executable, *command], check=False).returncode
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
