"""Runs `make TARGET` on any system: creates .venv, installs the pinned packages, runs the target.

Only the standard library is used here, because nothing else is installed yet.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
SITE = ROOT / "_build" / "html"
READER = ["requirements.txt"]
DEVELOPER = [*READER, "requirements-dev.txt"]

# Warnings are failures: by default Jupyter Book exits with 0 despite broken references.
JUPYTER_BOOK = "from jupyter_book.cli.main import main; main(prog_name='jupyter-book')"
BUILD = ["-c", JUPYTER_BOOK, "build", ".", "-W", "-n", "--keep-going", "--quiet"]

# BLAS threads change last bits and make tests compete for the cores; a fixed hash seed keeps the order of sets fixed.
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
}


def stop(message):
    """Exit with one line that says what is missing."""
    sys.exit(message)


# --- the virtual environment ----------------------------------------------------------------------


def venv_python():
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def make_venv():
    if venv_python().exists():
        new_enough = f"import sys; sys.exit(sys.version_info < {OLDEST})"
        try:
            if subprocess.run([venv_python(), "-c", new_enough], check=False).returncode == 0:
                return
        except OSError:
            pass
        stop(f"The environment {VENV} does not work or is older than Python 3.11: delete that folder and try again.")
    try:
        import ensurepip  # noqa: F401  (Debian ships venv without it)
        import venv
    except ImportError:
        stop("Python's venv module is incomplete; on Debian and Ubuntu: sudo apt install python3-venv")
    print(f"Creating a virtual environment in {VENV} …", flush=True)
    try:
        venv.create(VENV, with_pip=True, symlinks=os.name != "nt")
    except (OSError, subprocess.CalledProcessError) as error:
        shutil.rmtree(VENV, ignore_errors=True)
        stop(f"The virtual environment {VENV} could not be created: {error}")


def install(files):
    """Install what the requirements files list, unless a stamp says that exactly this is installed already."""
    make_venv()
    stamp = VENV / "installed.txt"
    have = set(stamp.read_text(encoding="utf-8").splitlines()) if stamp.exists() else set()
    wanted = {name: f"{name} {fingerprint(name)}" for name in files}
    missing = [name for name in files if wanted[name] not in have]
    if not missing:
        return
    print("Installing the pinned packages into .venv (once; one or two minutes) …", flush=True)
    command = [venv_python(), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "2"]
    for name in missing:
        command += ["-r", unpinned(name) if os.environ.get("NNBOOK_NEWEST") else name]
    result = subprocess.run(command, cwd=ROOT, check=False, stderr=subprocess.PIPE, text=True, errors="replace")
    if result.returncode:
        unreachable = ("NewConnectionError", "NameResolutionError", "ConnectTimeout", "ProxyError", "Max retries")
        if any(word in result.stderr for word in unreachable):
            stop("The packages could not be fetched: there is no network, or the package index cannot be reached.")
        sys.stderr.write(result.stderr)
        stop("The packages could not be installed; pip's last lines above say why.")
    others = {line for line in have if line.split()[0] not in missing}
    stamp.write_text("\n".join(sorted(others | {wanted[name] for name in missing})) + "\n", encoding="utf-8")


def fingerprint(name):
    """Return a hash of a requirements file and, if it installs the package, of the metadata in pyproject.toml."""
    import tomllib  # needs Python 3.11, which `main` has checked

    text = (ROOT / name).read_text(encoding="utf-8")
    if "-e ." in text.splitlines():
        text += repr(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"])
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def unpinned(name):
    """Copy a requirements file without its pins, for the weekly run with the newest versions; return the copy's name.

    Jupyter Book and its theme stay pinned (version 2 cannot build this book), and so does the package that ships KaTeX.
    """
    kept = ("jupyter-book", "sphinx-book-theme", "sphinxcontrib-katex")
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    copy = ROOT / f"newest-{name}"
    copy.write_text("\n".join(x if x.startswith(kept) else x.split("==")[0] for x in lines) + "\n", encoding="utf-8")
    return copy.name


# --- running --------------------------------------------------------------------------------------


def environment():
    """Return the environment variables of a target: one BLAS thread, and the venv's commands first on the path."""
    path = str(venv_python().parent) + os.pathsep + os.environ.get("PATH", "")
    return {**os.environ, **ENVIRONMENT, "PATH": path, "VIRTUAL_ENV": str(VENV)}


def run(*arguments, **variables):
    """Run the venv's Python with these arguments in the root folder; return its exit status."""
    command = [venv_python(), *map(str, arguments)]
    try:
        return subprocess.run(command, cwd=ROOT, env={**environment(), **variables}, check=False).returncode
    except KeyboardInterrupt:
        return 130


def script(relative, *arguments):
    """Run one of the project's own scripts, or say that this checkout does not have it."""
    if not (ROOT / relative).exists():
        stop(f"{relative} does not exist in this version of the book, so there is nothing to run.")
    return run(relative, *arguments)


def book(*arguments):
    install(READER)
    status = run(*BUILD, *arguments)
    if status:
        # Sphinx would not rebuild pages that it has already written: the next build must start from scratch.
        shutil.rmtree(ROOT / "_build" / ".doctrees", ignore_errors=True)
        return status
    print(f"\nThe book is in {SITE}: open {SITE / 'index.html'}, or run make serve")
    return 0


def test(*arguments):
    install(DEVELOPER)
    style = lint()
    workers = min((os.cpu_count() or 2) + 1, 8)  # one more than there are processors, because some tests only wait
    chosen = any((ROOT / argument.partition("::")[0]).exists() for argument in arguments)
    status = run(
        *("-m", "pytest", *([] if chosen else ["tests", "book"])),
        *("-n", workers, "--dist", "loadscope", "--no-loadscope-reorder"),  # conftest.py sorts the longest first
        *("--nbval", "--nbval-current-env", "--nbval-cell-timeout", 300),
        *("-m", "not browser and not claim"),  # those belong to make site-test and make claims
        *arguments,
        # A run of everything fails if it checked no cells, no equations or no mutants.
        **({} if arguments else {"NNBOOK_WHOLE_RUN": "1"}),
    )
    if style:
        print("The style check (make lint) failed; its findings are above the tests' output.", file=sys.stderr)
    return status or style


def claims(*arguments):
    install(DEVELOPER)
    return run("-m", "pytest", "-m", "claim", "tests/book/test_claims.py", *arguments)


def lint(*arguments):
    install(DEVELOPER)
    checks = [("ruff", "check", ".", *arguments), ("ruff", "format", "--check", "--quiet", "."), ("mypy",)]
    return max([run("-m", *check) for check in checks])


def lab(*arguments):
    install(READER)
    return run("tools/lab.py", *arguments)


def serve(port="8000"):
    if not (SITE / "index.html").exists():
        status = book()
        if status:
            return status
    print(f"The book is at http://127.0.0.1:{port}/ (Ctrl+C to stop)", flush=True)
    return run("-m", "http.server", port, "--bind", "127.0.0.1", "--directory", SITE)


def execute(*arguments):
    install(READER)
    return run("tools/execute.py", *arguments)


def tool(relative, requirements=DEVELOPER):
    """Return a target that runs one of the project's scripts."""

    def target(*arguments):
        install(requirements)
        return script(relative, *arguments)

    return target


def mutants(*arguments):
    """Run the long checks: every operator of the formulas, and ten thousand equations of each kind for the checker."""
    install(DEVELOPER)
    status = script("tests/mutants/every_operator.py", *arguments)
    return status or script("tools/equation_generators.py", "10000")


def clean():
    shutil.rmtree(ROOT / "_build", ignore_errors=True)
    return 0


TARGETS = {
    "book": book,
    "test": test,
    "lab": lab,
    "serve": serve,
    "execute": execute,
    "lint": lint,
    "check-notebooks": tool("tools/check_notebooks.py"),
    "mutants": mutants,
    "claims": claims,
    "site-test": tool("tools/site_test.py"),
    "audit": tool("tools/audit.py"),
    "bench": tool("benchmarks/compare.py"),
    "pdf": tool("tools/make_pdf.py", READER),
    "epub": tool("tools/make_epub.py", READER),
    "assignments": tool("tools/make_assignments.py", [*READER, "requirements-course.txt"]),
    "clean": clean,
}


def main(arguments):
    if sys.version_info < OLDEST:
        stop(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]} ({sys.executable}).")
    if not arguments or arguments[0] not in TARGETS:
        stop(f"usage: python tools/run.py TARGET; the targets are {', '.join(TARGETS)}")
    os.chdir(ROOT)
    return TARGETS[arguments[0]](*arguments[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
