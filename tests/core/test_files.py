"""Files are written atomically, with the expected mode, and through symbolic links."""

import os
import stat

import numpy as np
import pytest

import nnbook as nn

pytestmark = pytest.mark.skipif(os.name == "nt", reason="modes and links as POSIX has them")


@pytest.fixture
def umask():
    before = os.umask(0o027)
    yield
    os.umask(before)


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


@pytest.mark.usefixtures("umask")
def test_a_new_file_has_the_mode_of_the_umask_and_an_old_one_keeps_its_own(tmp_path):
    net, path = nn.Network([2, 1], rng=0), tmp_path / "net.npz"
    net.save(path)
    assert mode(path) == 0o640
    os.chmod(path, 0o604)
    net.save(path)
    assert mode(path) == 0o604
    assert os.listdir(tmp_path) == ["net.npz"]


def test_a_link_is_followed(tmp_path):
    net, target, link = nn.Network([2, 1], rng=0), tmp_path / "real.npz", tmp_path / "folder" / "link.npz"
    link.parent.mkdir()
    link.symlink_to("../real.npz")
    for _ in range(2):  # while the target is not there, and when it is
        net.save(link)
        assert link.is_symlink()
        assert np.array_equal(nn.Network.load(target).parameters, net.parameters)
    assert os.listdir(link.parent) == ["link.npz"]


def test_what_was_there_stays_when_writing_fails(tmp_path, monkeypatch):
    net, path = nn.Network([2, 1], rng=0), tmp_path / "net.npz"
    net.save(path)
    before = path.read_bytes()
    monkeypatch.setattr(np, "savez", lambda *a, **k: (_ for _ in ()).throw(OSError("no room")))
    with pytest.raises(OSError, match="no room"):
        net.save(path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["net.npz"]


def test_the_longest_file_name_will_do(tmp_path):
    path = tmp_path / ("a" * 250 + ".npz")
    nn.Network([2, 1], rng=0).save(path)
    assert path.is_file()
