"""Executes chapters in place, all of them or those named: `python tools/execute.py [NOTEBOOK …]`."""

import argparse
import sys
import time
from pathlib import Path

import chapters


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Execute, clean and rewrite notebooks.")
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: every notebook in book/")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the bytes would change")
    parser.add_argument("--timeout", type=int, default=300, help="seconds allowed for one cell")
    options = parser.parse_args(arguments)
    paths = options.notebooks or sorted(chapters.BOOK.glob("*.ipynb"))
    failed = False
    for path in paths:
        start = time.perf_counter()
        try:
            before = path.read_bytes()
            nb = chapters.read(path)
            if lacking := chapters.missing_data(nb):
                # Without the data a chapter may run on stand-ins, whose results must not replace the stored ones.
                print(f"{path}: not executed: the folder NNBOOK_DATA does not have {', '.join(lacking)}", flush=True)
                continue
            nb = chapters.execute(nb, path.resolve().parent, options.timeout, path.name)
        except (chapters.NotebookError, OSError, ValueError) as error:
            print(f"{path}: {error}", file=sys.stderr)
            failed = True
            continue
        after = chapters.to_bytes(nb)
        changed = after != before
        if changed and not options.check:
            chapters.write_atomically(path, after)
        failed = failed or (changed and options.check)
        outcome = "changed" if changed else "same bytes"
        print(f"{path}: {len(nb.cells)} cells, {time.perf_counter() - start:.1f} s, {outcome}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
