"""A Jupyter server that only this machine can reach, stopped when the test is done."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request


@contextlib.contextmanager
def running(command, home, folder=None):
    """Run Python with `command` in `folder`, with a server that listens on a free port of 127.0.0.1; give its address.

    Its settings and signatures lie in the folder `home`, so that it trusts nothing that this user trusts.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folders = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_WORKSPACES_DIR")
    environment = {**os.environ, **{name: str(home / name) for name in folders}}
    options = ["--no-browser", "--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"]
    options += ["--IdentityProvider.token=t", "--ServerApp.allow_root=True"]
    with open(home / "log", "w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [sys.executable, *command, *options], cwd=folder, env=environment, stdout=log, stderr=log
        )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            assert process.poll() is None, (home / "log").read_text(encoding="utf-8")
            try:
                urllib.request.urlopen(f"{address}/api/status?token=t", timeout=5).close()
                break
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.5)
        yield address
    finally:
        # The server may be a child of the command: it is told to stop, and its parent stops with it.
        request = urllib.request.Request(f"{address}/api/shutdown?token=t", method="POST")
        with contextlib.suppress(urllib.error.URLError):
            urllib.request.urlopen(request, timeout=20).close()
        process.wait(timeout=30)


def settle(page, quiet=1.5):
    """Wait until nothing has been added to the page's notebook for `quiet` seconds, for two minutes at most."""
    page.evaluate(
        """seconds => new Promise((done, fail) => {
            let timer = setTimeout(done, 1000 * seconds);
            const again = () => { clearTimeout(timer); timer = setTimeout(done, 1000 * seconds); };
            new MutationObserver(again).observe(
                document.querySelector(".jp-Notebook"), {childList: true, subtree: true});
            setTimeout(() => fail(new Error("the notebook still changes after two minutes")), 120_000);
        })""",
        quiet,
    )
