"""A download is accepted only with the right hash, leaves nothing behind when it fails, and can be repeated."""

import gzip
import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

pytest.importorskip("pooch")

from nnbook import datasets
from nnbook.datasets import DataError, _fetch, _images

CONTENT = bytes(range(256)) * 200
HASH = hashlib.sha256(CONTENT).hexdigest()


class Server:
    """A web server on this machine: `pages` holds what is behind each path, `broken` those that break off half-way."""

    def __init__(self):
        self.pages, self.broken, self.asked = {}, set(), []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                server.asked.append(self.path)
                content = server.pages.get(self.path)
                self.send_response(404 if content is None else 200)
                content = content or b"<html>not found</html>"
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content[: len(content) // 2] if self.path in server.broken else content)

            def log_message(self, *_):
                """Say nothing."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.http.server_port}"
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


@pytest.fixture
def server(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("NNBOOK_DATA", raising=False)
    with Server() as server:
        yield server


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "nnbook" / "toy"


def toy(server, *paths, sha256=HASH):
    return _fetch.DataFile(("toy.bin",), sha256, tuple(server.address + path for path in paths))


def test_a_file_is_downloaded_once(server, cache):
    server.pages["/a"] = CONTENT
    for _ in range(2):
        path = _fetch.find("toy", toy(server, "/a"))
        assert path.read_bytes() == CONTENT
    assert path == cache / "toy.bin"
    assert server.asked == ["/a"]


def test_the_readers_own_folder_comes_first(server, tmp_path, monkeypatch):
    (tmp_path / "own" / "toy").mkdir(parents=True)
    (tmp_path / "own" / "toy" / "toy.bin").write_bytes(b"mine")
    monkeypatch.setenv("NNBOOK_DATA", str(tmp_path / "own"))
    assert _fetch.find("toy", toy(server, "/a")).read_bytes() == b"mine"
    assert server.asked == []


def test_the_next_address_is_tried(server):
    server.pages["/b"] = CONTENT
    assert _fetch.find("toy", toy(server, "/a", "/b")).read_bytes() == CONTENT
    assert server.asked == ["/a", "/b"]


@pytest.mark.parametrize("content", [b"<html>sign in</html>", CONTENT[:-1], b"", CONTENT + b"more"])
def test_a_wrong_hash_is_refused_and_the_file_removed(server, cache, content):
    server.pages["/a"] = content
    with pytest.raises(DataError, match=r"toy\.bin.*hash.*does not match"):
        _fetch.find("toy", toy(server, "/a"))
    assert list(cache.iterdir()) == []


def test_a_download_cut_off_can_be_repeated(server, cache):
    server.pages["/a"] = CONTENT
    server.broken.add("/a")
    with pytest.raises(DataError, match=r"toy\.bin failed"):
        _fetch.find("toy", toy(server, "/a"))
    assert list(cache.iterdir()) == []
    server.broken.clear()
    assert _fetch.find("toy", toy(server, "/a")).read_bytes() == CONTENT


def test_a_damaged_file_in_the_cache_is_fetched_again(server, cache):
    cache.mkdir(parents=True)
    (cache / "toy.bin").write_bytes(CONTENT[:-1])
    server.pages["/a"] = CONTENT
    assert _fetch.find("toy", toy(server, "/a")).read_bytes() == CONTENT


def test_without_permission_to_download_nothing_is_asked(server):
    server.pages["/a"] = CONTENT
    with pytest.raises(DataError, match="is missing"):
        _fetch.find("toy", toy(server, "/a"), download=False)
    assert server.asked == []


def test_nobody_at_the_address(server, cache):
    with pytest.raises(DataError, match=r"put it into a folder 'toy'.*failed"):
        _fetch.find("toy", _fetch.DataFile(("toy.bin",), HASH, ("http://127.0.0.1:9/a",)))


def test_several_at_once_get_the_same_file(server, cache):
    server.pages["/a"] = CONTENT
    with ThreadPoolExecutor(4) as pool:
        paths = [pool.submit(_fetch.find, "toy", toy(server, "/a")) for _ in range(4)]
    assert all(path.result().read_bytes() == CONTENT for path in paths)
    assert [path.name for path in cache.iterdir()] == ["toy.bin"]


def test_a_cache_that_cannot_be_made(server, tmp_path):
    (tmp_path / "nnbook").write_bytes(b"a file where the folder belongs")
    with pytest.raises(DataError, match=r"toy: cannot be created"):
        _fetch.find("toy", toy(server, "/a"))


def test_a_full_disk(server, cache, monkeypatch):
    import pooch.downloaders

    server.pages["/a"] = CONTENT

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pooch.downloaders.HTTPDownloader, "__call__", full)
    with pytest.raises(DataError, match=r"toy\.bin failed.*No space left"):
        _fetch.find("toy", toy(server, "/a"))


def test_without_pooch_the_error_says_what_to_install(server, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pooch", None)
    with pytest.raises(DataError, match=r"nnbook\[data\]"):
        _fetch.find("toy", toy(server, "/a"))


def test_mnist_is_downloaded_and_kept_as_one_archive(server, tmp_path, mnist_files, monkeypatch):
    packed = {f"/{name}.gz": gzip.compress(content) for name, content in mnist_files.items()}
    server.pages |= packed

    def here(file):
        path = f"/{file.names[0]}"
        return _fetch.DataFile(file.names, hashlib.sha256(packed[path]).hexdigest(), (server.address + path,))

    monkeypatch.setattr(_images, "MNIST", {part: tuple(map(here, pair)) for part, pair in _images.MNIST.items()})
    with pytest.raises(DataError, match="is missing"):
        datasets.mnist(download=False)
    downloaded = datasets.mnist()
    assert len(server.asked) == 4
    archive = tmp_path / "nnbook" / "mnist" / "mnist.npz"
    for path in archive.parent.glob("*.gz"):
        path.unlink()
    for before, after in zip(downloaded, datasets.mnist(download=False), strict=True):
        np.testing.assert_array_equal(before.images, after.images)
        np.testing.assert_array_equal(before.labels, after.labels)
    assert len(server.asked) == 4
    archive.write_bytes(archive.read_bytes()[:-50])
    with pytest.raises(DataError, match=r"mnist\.npz"):
        datasets.mnist()


def test_a_home_folder_is_written_with_a_tilde(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NNBOOK_DATA", "~/data")
    assert _fetch.own_folder("toy") == tmp_path / "data" / "toy"


def test_a_damaged_file_in_the_cache_is_called_damaged(server, cache):
    cache.mkdir(parents=True)
    (cache / "toy.bin").write_bytes(CONTENT[:-1])
    with pytest.raises(DataError, match=f"toy.bin, is damaged: its SHA-256 must be {HASH}; it is "):
        _fetch.find("toy", toy(server, "/a"), download=False)
