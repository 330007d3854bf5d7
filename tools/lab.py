"""Opens the book in JupyterLab as its pages show it: figures at once, numbers, titles and citations, answers folded.

The notebooks are marked as trusted, because JupyterLab shows no stored SVG of a notebook it does not trust. What the
pages number and name is given to a small extension, `book/_lab/reader.js`, made anew each time from the chapters.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BOOK = ROOT / "book"
SCRIPT = BOOK / "_lab" / "reader.js"
EXTENSIONS = ROOT / "_build" / "lab"
NAME = "nnbook-reader"
LABEL = re.compile(r"\$\$\s*\((eq-[\w:.-]+)\)")


# --- what the pages number and name -----------------------------------------------------------------


def pages(book=BOOK):
    """The chapters and pages by name: {"11-hidden-recursion": {"title", "file"}}."""
    found = {}
    for path in sorted(book.iterdir()):
        if path.suffix not in (".ipynb", ".md"):
            continue
        heading = re.search(r"^# (.+)$", markdown_of(path), re.MULTILINE)
        found[path.stem] = {"title": plain(heading[1]) if heading else path.stem, "file": path.name}
    return found


def equations(book=BOOK):
    """The numbered equations: {"eq-hidden-delta": {"number": "11.2", "page": "11-hidden-recursion"}}."""
    found, counted = {}, {}
    for path in sorted(book.glob("*.ipynb")):
        chapter = re.match(r"0*(\d+)", path.stem)
        for label in LABEL.findall(markdown_of(path)) if chapter else ():
            counted[chapter[1]] = counted.get(chapter[1], 0) + 1
            found[label] = {"number": f"{chapter[1]}.{counted[chapter[1]]}", "page": path.stem}
    return found


def citations(file=BOOK / "references.bib"):
    """The works cited: {"rumelhart1986": {"authors": "Rumelhart et al.", "year": "1986"}}."""
    from pybtex.database import parse_file

    found = {}
    for key, entry in parse_file(str(file)).entries.items():
        people = [
            " ".join([*p.prelast_names, *p.last_names])
            for p in entry.persons.get("author", entry.persons.get("editor", []))
        ]
        names = people[0] + " et al." if len(people) > 2 else " and ".join(people)
        found[key] = {"authors": re.sub(r"[{}]", "", names), "year": entry.fields.get("year", "n.d.")}
    return found


def markdown_of(path):
    """The text of a page; of a notebook, that of its Markdown cells."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        return text
    return "\n\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == "markdown")


def plain(heading):
    return re.sub(r"[`*$]", "", heading).strip()


# --- JupyterLab ---------------------------------------------------------------------------------------


def write_extension(folder=EXTENSIONS, book=BOOK):
    """The extension with the book's data, as JupyterLab loads it from `folder`."""
    data = {"pages": pages(book), "equations": equations(book), "citations": citations(book / "references.bib")}
    script = SCRIPT.read_text(encoding="utf-8")
    before = "const book = null;"
    if before not in script:
        raise ValueError(f"{SCRIPT.name}: {before!r} is missing, where the data of the book go")
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
