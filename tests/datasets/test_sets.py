"""Each data set is as its docstring says, and if a file is at fault, the error names it."""

import hashlib
import io
import os
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nnbook import datasets
from nnbook.datasets import DataError, _fetch, _images, _npz, _text

from .conftest import idx, read_or_refused, refused

IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


# --- data that come with the package --------------------------------------------------------------


def test_digits_are_the_published_ones():
    images, labels = datasets.digits()
    assert (images.shape, images.min(), images.max()) == ((1797, 8, 8), 0, 16)
    np.testing.assert_array_equal(np.bincount(labels), [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
    content = images.tobytes() + labels.astype(np.uint8).tobytes()
    expected = "87ff0c9e40dc7e2c0e34e7257799c2e3f3aec1a016363bb11cad869ec428a826"
    assert hashlib.sha256(content).hexdigest() == expected


def test_diabetes_is_the_published_table():
    X, t, names = datasets.diabetes()
    assert (X.shape, t.shape, len(names)) == ((442, 10), (442, 1), 10)
    assert (t.min(), t.max(), round(t.mean(), 2)) == (25, 346, 152.13)
    np.testing.assert_array_equal(X[0], [59, 2, 32.1, 101, 157, 93.2, 38, 4, 4.8598, 87])
    expected = "e9c1f7559552854a24dc45b41c446ce5f79f96e5da081bcce24b57492720b3f7"
    assert hashlib.sha256(X.astype("<f8").tobytes() + t.astype("<f8").tobytes()).hexdigest() == expected


def test_both_equal_those_of_scikit_learn():
    theirs = pytest.importorskip("sklearn.datasets", exc_type=ImportError)
    digits, diabetes = theirs.load_digits(), theirs.load_diabetes(scaled=False)
    np.testing.assert_array_equal(datasets.digits().images, digits.images)
    np.testing.assert_array_equal(datasets.digits().labels, digits.target)
    np.testing.assert_array_equal(datasets.diabetes().X, diabetes.data)
    np.testing.assert_array_equal(datasets.diabetes().t[:, 0], diabetes.target)
    assert list(datasets.diabetes().names) == list(diabetes.feature_names)


def test_short_reviews_are_different_sentences_in_small_letters_half_of_each_kind():
    texts, labels = datasets.short_reviews()
    assert (len(texts), len(set(texts)), labels.sum(), labels.dtype.kind) == (330, 330, 165, "i")
    assert all(text == text.lower() and text.endswith(" .") and 4 <= len(text.split()) <= 30 for text in texts)
    assert set("".join(texts)) <= set("abcdefghijklmnopqrstuvwxyzé ,.:-")


def test_applicants_are_drawn_from_the_stated_model():
    table = datasets.applicants(0, 200_000)
    np.testing.assert_allclose(np.bincount(table.rank)[1:] / 200_000, [0.15, 0.38, 0.30, 0.17], atol=0.005)
    assert abs(table.gre.mean() - 590) < 3
    assert abs(table.gpa.mean() - 3.3) < 0.02
    assert table.gre.min() == 220
    assert table.gre.max() == 800
    assert table.gpa.max() == 4
    assert not table.missing
    assert (table.gre % 20 == 0).all()
    assert 0.35 < np.corrcoef(table.gre, table.gpa)[0, 1] < 0.42
    for rank, effect in zip((1, 2, 3, 4), (0, -0.7, -1.3, -1.4)):
        for gre, gpa in (590, 3.3), (705, 3.3), (590, 3.65):
            z = -0.1 + 0.7 * (gre - 590) / 115 + 0.5 * (gpa - 3.3) / 0.35 + effect
            p = datasets.admission_probability(np.array([gre]), np.array([gpa]), np.array([rank]))
            np.testing.assert_allclose(p, 1 / (1 + np.exp(-z)))
    p = datasets.admission_probability(table.gre, table.gpa, table.rank)
    for low in np.arange(0.05, 0.8, 0.05):  # among those with about the same probability that share is admitted
        near = (p >= low) & (p < low + 0.05)
        assert abs(table.admit[near].mean() - p[near].mean()) < 5 * np.sqrt(0.25 / near.sum())


def test_applicants_are_the_same_for_a_seed_and_refused_for_bad_input():
    again = datasets.applicants(np.random.default_rng(3), 50)
    for one, other in zip(datasets.applicants(3, 50)[:4], again[:4]):
        np.testing.assert_array_equal(one, other)
    assert len(datasets.applicants(3).admit) == 400
    with pytest.raises(TypeError, match="rng is needed"):
        datasets.applicants(None)
    with pytest.raises(ValueError, match="count"):
        datasets.applicants(0, 0)
    with pytest.raises(ValueError, match="rank must hold only the numbers 1 to 4"):
        datasets.admission_probability(np.array([600]), np.array([3.0]), np.array([5]))


# --- pixels ---------------------------------------------------------------------------------------


def test_pixels_become_inputs_from_low_to_high():
    images = np.array([[[0, 51], [102, 255], [204, 153]]], dtype=np.uint8)
    X = datasets.scale_pixels(images)
    np.testing.assert_array_equal(X, (images.reshape(1, 6) / 255 - 0.5) * 2)
    np.testing.assert_array_equal(datasets.scale_pixels(images, 0, 1), images.reshape(1, 6) / 255)
    assert datasets.scale_pixels(images, dtype="float32").dtype == np.float32
    assert datasets.scale_pixels(datasets.digits().images, ink=16).max() == 1
    assert datasets.scale_pixels(np.zeros((0, 28, 28), np.uint8)).shape == (0, 784)
    assert images.dtype == np.uint8


def test_pixels_out_of_range_are_refused():
    with pytest.raises(ValueError, match="from 0 to 16"):
        datasets.scale_pixels(np.full((2, 3, 5), 17), ink=16)
    with pytest.raises(ValueError, match="from 0 to 255"):
        datasets.scale_pixels(np.full((2, 3), np.nan))
    with pytest.raises(TypeError, match="shape"):
        datasets.scale_pixels(np.zeros(3))
    with pytest.raises(TypeError, match="dtype"):
        datasets.scale_pixels(np.zeros((2, 3)), dtype="int8")


# --- MNIST ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("packed", [False, True])
def test_mnist_reads_the_readers_own_files(own, mnist_files, packed):
    own("mnist", mnist_files, packed)
    train, test = datasets.mnist()
    assert (train.images.shape, test.images.shape) == ((3, 28, 28), (2, 28, 28))
    assert train.images.tobytes() == mnist_files[IMAGES][16:]
    assert bytes(train.labels.tolist()) == mnist_files[LABELS][8:]
    assert train.labels.dtype.kind == "i"


def test_mnist_of_no_images(own, mnist_files):
    none = {IMAGES: idx(np.zeros((0, 28, 28), np.uint8)), LABELS: idx(np.zeros(0, np.uint8))}
    own("mnist", mnist_files | none)
    assert datasets.mnist()[0].images.shape == (0, 28, 28)


@pytest.mark.parametrize(
    ("name", "content", "match"),
    [
        (IMAGES, idx(np.zeros(3, np.uint8)), "must hold images"),
        (IMAGES, idx(np.zeros((3, 8, 8), np.uint8)), "must hold images"),
        (IMAGES, idx(np.zeros((3, 28, 28), ">i2"), 0x0B), "must hold images"),
        (LABELS, idx(np.zeros((3, 28, 28), np.uint8)), "must hold labels"),
        (LABELS, idx(np.zeros(4, np.uint8)), "4 labels for the 3 images"),
        (LABELS, idx(np.array([1, 10, 3], np.uint8)), "a label 10"),
    ],
)
def test_mnist_files_that_do_not_belong_there_are_refused(own, mnist_files, name, content, match):
    folder = own("mnist", mnist_files | {name: content})
    with refused(folder / name, match):
        datasets.mnist()


@pytest.mark.parametrize(
    ("load", "file"),
    [
        (lambda: datasets.mnist(download=False), "train-images-idx3-ubyte.gz"),
        (lambda: datasets.imdb(download=False), "imdb.npz"),
        (datasets.reviews, "rt-polarity.pos"),
        (datasets.admissions, "student_data.csv"),
    ],
)
def test_a_file_that_is_not_there_is_named_with_its_place(tmp_path, monkeypatch, load, file):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("NNBOOK_DATA", str(tmp_path))
    with pytest.raises(DataError, match=rf"the file {file} is missing.*put it into {tmp_path}"):
        load()
    monkeypatch.delenv("NNBOOK_DATA")
    with pytest.raises(DataError, match=rf"the file {file} is missing.*NNBOOK_DATA"):
        load()


@pytest.mark.skipif(not os.environ.get("NNBOOK_DATA"), reason="the real MNIST files are not in NNBOOK_DATA")
def test_the_real_mnist_and_reviews():
    missing = [name for name in ("mnist", "reviews", "admissions") if not _fetch.own_folder(name).is_dir()]
    if missing:
        pytest.skip(f"{', '.join(missing)} not in the folder of NNBOOK_DATA")
    train, test = datasets.mnist(download=False)
    assert (train.images.shape, test.images.shape) == ((60_000, 28, 28), (10_000, 28, 28))
    np.testing.assert_array_equal(train.labels[:9], [5, 0, 4, 1, 9, 2, 1, 3, 1])
    texts, labels = datasets.reviews()
    assert (len(texts), labels.sum()) == (10_662, 5_331)
    assert len(datasets.admissions().gre) == 397


# --- the archive in the cache ---------------------------------------------------------------------


def small_archive():
    return {"images": np.arange(12, dtype=np.uint8).reshape(1, 3, 4), "labels": np.array([3], np.uint8)}


EXPECTED = {"images": ("uint8", 3), "labels": ("uint8", 1)}


def npy(array, **options):
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, **options)
    return buffer.getvalue()


def zipped(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_an_archive_comes_back(tmp_path):
    _npz.write_arrays(tmp_path / "a.npz", small_archive())
    arrays = _npz.read_arrays(tmp_path / "a.npz", EXPECTED)
    for name, array in small_archive().items():
        np.testing.assert_array_equal(arrays[name], array)
    assert [path.name for path in tmp_path.iterdir()] == ["a.npz"]


class Runs:
    """A pickle that creates a file when it is loaded."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def bad_archives(tmp_path):
    good = {"images.npy": npy(small_archive()["images"]), "labels.npy": npy(small_archive()["labels"])}
    evil = np.empty(1, dtype=object)
    evil[0] = Runs(tmp_path / "ran")
    huge = npy(np.zeros((1, 3, 4), np.uint8)).replace(b"(1, 3, 4)", b"(9, 99999999, 9)")
    whole = zipped(good)
    return {
        "empty": b"",
        "no zip": b"<html>not found</html>",
        "cut off": whole[:-30],
        "a pickle": zipped(good | {"labels.npy": npy(evil, allow_pickle=True)}),
        "a member outside": zipped(good | {"../labels.npy": b""}),
        "a member is missing": zipped({"images.npy": good["images.npy"]}),
        "another dtype": zipped(good | {"labels.npy": npy(np.zeros(1))}),
        "another number of dimensions": zipped(good | {"labels.npy": npy(np.zeros((1, 1), np.uint8))}),
        "a huge shape": zipped(good | {"images.npy": huge}),
        "a bomb": zipped(good | {"images.npy": bytes(2**20)}),
        "no header": zipped(good | {"labels.npy": b"\x93NUMPY"}),
        "a header of code": zipped(good | {"labels.npy": b"\x93NUMPY\x01\x00\x0a\x00__import__"}),
        "a byte changed": whole[:60] + bytes([whole[60] ^ 0xFF]) + whole[61:],  # of the first member
    }


@pytest.mark.parametrize("name", bad_archives(Path("/")))
def test_a_bad_archive_is_refused(tmp_path, name):
    path = tmp_path / "bad.npz"
    content = bad_archives(tmp_path)[name]
    path.write_bytes(content)
    with refused(path, "."):
        _npz.read_arrays(path, EXPECTED, largest=10_000)
    assert not (tmp_path / "ran").exists()
    assert not (tmp_path.parent / "labels.npy").exists()


def test_an_archive_that_cannot_be_written_leaves_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "a.npz"
    path.write_bytes(b"before")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with refused(path, "No space left"):
        _npz.write_arrays(path, small_archive())
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


# --- admissions -----------------------------------------------------------------------------------

TABLE = "admit,gre,gpa,rank\n0,380,3.61,3\n1,,3.67,3\n1,800,4,1\n0,,2.5,\n"


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_rows_with_blank_cells_are_left_out_and_reported(own, ends):
    own("admissions", {"student_data.csv": TABLE.replace("\n", ends)})
    data = datasets.admissions()
    np.testing.assert_array_equal(data.gre, [380, 800])
    np.testing.assert_array_equal(data.gpa, [3.61, 4])
    np.testing.assert_array_equal(data.rank, [3, 1])
    np.testing.assert_array_equal(data.admit, [0, 1])
    assert data.missing == ((3, "gre"), (5, "gre"), (5, "rank"))


def test_a_table_of_no_rows(own):
    own("admissions", {"binary.csv": "admit,gre,gpa,rank\n"})
    assert datasets.admissions().gre.shape == (0,)
    own("admissions", {"binary.csv": "\ufeffadmit,gre,gpa,rank\n1,700,3.5,2\n"})  # as spreadsheets save it
    assert datasets.admissions().gre.tolist() == [700]


@pytest.mark.parametrize(
    ("content", "match"),
    [
        ("", "first line"),
        ("admit,gre,rank,gpa\n", "first line"),
        (TABLE + "1,700,3\n", "line 6 has 3 cells"),
        (TABLE + "1,700,three,2\n", "line 6: gpa must be a number from 0 to 4; it is 'three'"),
        (TABLE + "1,nan,3,2\n", "line 6: gre"),
        (TABLE + "1,900,3,2\n", "line 6: gre"),
        (TABLE + "2,700,3,2\n", "line 6: admit"),
        (TABLE + "1,700,3,2.5\n", "line 6: rank"),
        (TABLE + '1,700,"3,2\n', "line 6"),
        ("admit\n" * 500_000, "first line"),
        ("admit,gre,gpa,rank\n" + "1,2\n" * 900_000, "line 2 has 2 cells"),
        ("<html><body>moved</body></html>", "web page"),
        (b"admit\0", "no text"),
        (b"\x81\x8d", "UTF-8"),
    ],
)
def test_a_bad_table_is_refused(own, content, match):
    folder = own("admissions", {"student_data.csv": content})
    with refused(folder / "student_data.csv", match):
        datasets.admissions()


# --- reviews --------------------------------------------------------------------------------------


def test_reviews_are_lines_with_labels(own):
    own("reviews", {"rt-polarity.pos": "good . \nfine — yes\n", "rt-polarity.neg": "bad \nça va".encode("cp1252")})
    texts, labels = datasets.reviews()
    assert texts == ["good .", "fine — yes", "bad", "ça va"]
    np.testing.assert_array_equal(labels, [1, 1, 0, 0])


@pytest.mark.parametrize(("content", "match"), [("<html>", "web page"), ("a\n\nb\n", "line 2"), (b"\0", "no text")])
def test_bad_reviews_are_refused(own, content, match):
    folder = own("reviews", {"rt-polarity.pos": "fine\n", "rt-polarity.neg": content})
    with refused(folder / "rt-polarity.neg", match):
        datasets.reviews()


def test_a_text_too_large_is_not_read(own, monkeypatch):
    monkeypatch.setattr(_text, "_LARGEST_TEXT", 10)
    folder = own("reviews", {"rt-polarity.pos": "more than ten letters\n", "rt-polarity.neg": "bad\n"})
    with refused(folder / "rt-polarity.pos", "larger than 10 bytes"):
        datasets.reviews()


# --- imdb -----------------------------------------------------------------------------------------


def lists(*entries):
    array = np.empty(len(entries), dtype=object)
    array[:] = entries
    return array


def imdb_file(path, protocol=None, **parts):
    train, test = lists([1, 14, 22], [1, 9], [1]), lists([1, 591, 202, 14], [1, 5])
    arrays = {"x_train": train, "y_train": np.array([1, 0, 0]), "x_test": test, "y_test": np.array([0, 1])} | parts
    members = {}
    for name, array in arrays.items():
        if array.dtype == object:
            head = io.BytesIO()
            np.lib.format.write_array_header_1_0(head, np.lib.format.header_data_from_array_1_0(array))
            members[f"{name}.npy"] = head.getvalue() + pickle.dumps(array, protocol=protocol)
        else:
            members[f"{name}.npy"] = npy(array)
    path.write_bytes(zipped(members))
    return path


@pytest.mark.parametrize("protocol", [2, 3, 4])
def test_imdb_is_lists_of_word_numbers(own, monkeypatch, protocol):
    path = imdb_file(own("imdb", {}) / "imdb.npz", protocol)
    trusted = _fetch.DataFile(("imdb.npz",), hashlib.sha256(path.read_bytes()).hexdigest())
    monkeypatch.setattr(_text, "IMDB", trusted)
    train, test = datasets.imdb()
    assert [text.tolist() for text in train.texts] == [[1, 14, 22], [1, 9], [1]]
    assert [text.tolist() for text in test.texts] == [[1, 591, 202, 14], [1, 5]]
    np.testing.assert_array_equal(test.labels, [0, 1])


def test_imdb_is_not_opened_before_its_hash_is_right(own, monkeypatch):
    path = imdb_file(own("imdb", {}) / "imdb.npz")
    monkeypatch.setattr(_text, "read_word_numbers", lambda path: pytest.fail("it was opened"))
    with refused(path, "SHA-256 must be 69664113"):
        datasets.imdb()
    assert path.exists()  # a file of the reader's own is never removed


def test_no_code_in_a_pickle_runs(tmp_path):
    path = imdb_file(tmp_path / "imdb.npz", x_train=lists([1], Runs(tmp_path / "ran"), [2]))
    with refused(path, "not allowed"):
        _text.read_word_numbers(path)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "parts",
    [
        {"x_train": lists([1], [2.5], [3])},
        {"x_train": lists([1], [True], [3])},
        {"x_train": lists([1], ["a"], [3])},
        {"x_train": lists([1], [[2]], [3])},
        {"x_train": lists([1], (2,), [3])},
        {"x_train": lists([1], [-2], [3])},
        {"x_train": lists([1], [2**31], [3])},
        {"x_train": lists([1], np.arange(3), [3])},
        {"x_train": lists([1], {}, print)},
        {"x_train": lists([1], [2])},
        {"x_train": np.array([[1, 2], [3, 4], [5, 6]])},
        {"y_train": np.array([0, 1, 2])},
        {"y_train": np.array([0.0, 1, 1])},
        {"z": np.zeros(3)},
    ],
)
def test_anything_but_lists_of_whole_numbers_is_refused(tmp_path, parts):
    path = imdb_file(tmp_path / "imdb.npz", **parts)
    with refused(path, "."):
        _text.read_word_numbers(path)


# --- any bytes ------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_changed_archive_is_read_or_refused(tmp_path, data):
    content = bytearray(zipped({f"{name}.npy": npy(array) for name, array in small_archive().items()}))
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "changed.npz"
    path.write_bytes(content)
    arrays = read_or_refused(lambda path: _npz.read_arrays(path, EXPECTED), path)
    assert arrays is None or arrays["labels"].dtype == np.uint8


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_changed_pickle_is_read_or_refused(tmp_path, data):
    pickled = bytearray(pickle.dumps(lists([1, 14, 22], [1, 9], [1]), protocol=data.draw(st.sampled_from([2, 3, 4]))))
    for _ in range(data.draw(st.integers(1, 3))):
        pickled[data.draw(st.integers(0, len(pickled) - 1))] = data.draw(st.integers(0, 255))
    path = imdb_file(tmp_path / "imdb.npz")
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, {"descr": "|O", "fortran_order": False, "shape": (3,)})
    path.write_bytes(zipped(members | {"x_train.npy": head.getvalue() + bytes(pickled)}))
    parts = read_or_refused(_text.read_word_numbers, path)
    assert parts is None or all(text.dtype == np.int32 for text in parts[0].texts)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=60)
    | st.text(alphabet='0123,."\n\r\x85 x', max_size=60).map(lambda text: (TABLE + text).encode())
)
def test_any_table_is_read_or_refused(own, content):
    folder = own("admissions", {"student_data.csv": content})
    data = read_or_refused(lambda _: datasets.admissions(), folder / "student_data.csv")
    assert data is None or len(data.gre) == len(data.admit)


def test_every_file_has_a_hash_and_a_way_to_get_it():
    files = [*(f for pair in _images.MNIST.values() for f in pair), *_text.REVIEWS.values(), _text.IMDB]
    for file in files:
        assert len(bytes.fromhex(file.sha256)) == 32
        assert file.addresses or file.instructions
        assert all(address.startswith("https://") and address.endswith(file.names[0]) for address in file.addresses)
