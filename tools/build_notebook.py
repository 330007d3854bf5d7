"""Turns a chapter written as MyST text into its executed notebook, and a notebook back into text.

python tools/build_notebook.py draft.md book/11-hidden-recursion.ipynb    text -> executed notebook
python tools/build_notebook.py book/11-hidden-recursion.ipynb draft.md    notebook -> text, for editing
python tools/build_notebook.py --print book/11-hidden-recursion.ipynb     the same, printed, for git diff
"""

import argparse
import sys
import time
from pathlib import Path

import chapters


def main(arguments=None):
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("source", type=Path, help=".md (MyST text) or .ipynb")
    parser.add_argument("target", type=Path, nargs="?", help="default: book/SOURCE.ipynb, or SOURCE.md")
    parser.add_argument("--print", action="store_true", help="print the text of a notebook, and write nothing")
    parser.add_argument("--no-execute", action="store_true", help="convert only; the result must not be committed")
    parser.add_argument("--timeout", type=int, default=300, help="seconds allowed for one cell")
    options = parser.parse_args(arguments)
    source, target = options.source, options.target
    try:
        if source.suffix == ".ipynb":
            target = target or source.with_suffix(".md")
            text = chapters.to_myst(chapters.read(source))
            if options.print:
                sys.stdout.write(text)
                return 0
            chapters.write_atomically(target, text.encode("utf-8"))
            print(f"{target}: text of {source}; back: python tools/build_notebook.py {target} {source}")
            return 0
        target = target or chapters.BOOK / (source.stem + ".ipynb")
        if target.suffix != ".ipynb":
            raise ValueError(f"the target must be a notebook (.ipynb), not {target.name}")
        start = time.perf_counter()
        before = target.read_bytes() if target.exists() else None
        previous = chapters.read(target) if before else None
        nb = chapters.from_myst(source.read_text(encoding="utf-8"), previous)
        # The check cells read the printed equations from the saved file, so the new text is saved before it runs.
        chapters.write_atomically(target, chapters.to_bytes(nb))
        if not options.no_execute:
            try:
                chapters.execute(nb, target.resolve().parent, options.timeout, source.name)
            except BaseException:
                # Restore the old file: it is better than a chapter without results.
                if before is None:
                    target.unlink()
                else:
                    chapters.write_atomically(target, before)
                raise
        chapters.write_atomically(target, chapters.to_bytes(nb))
    except (chapters.NotebookError, OSError, ValueError) as error:
        print(f"{source}: {error}", file=sys.stderr)
        return 1
    print(f"{target}: {len(nb.cells)} cells, {time.perf_counter() - start:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
