"""Readers of the user's own copies: tiny files in the publishers' formats, whole and damaged."""

import gzip
import os
import struct

import numpy as np
import pytest

from grader import datasets
from grader.model import UsageError

LENS = datasets.MovieLensSize(users=2, items=3, ratings=4)
FASHION = datasets.FashionSize(train=2, test=1)
FLAGS = "|".join("0" * 18)
LENS_FILES = {
    "u.data": "1\t1\t5\t881250949\n1\t3\t2\t881250950\n2\t2\t4\t881250951\n2\t1\t1\t881250952\n",
    "u.item": f"1|Été (1995)|01-Jan-1995||http://x|1|{FLAGS}\n2|unknown||||0|{FLAGS}\n3|C|01-Jan-1995|||0|{FLAGS}\n",
    "u.user": "1|24|M|technician|85711\n2|53|F|other|T8H1N\n",
}
TRAIN, LABELS = "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"
PIXELS = np.arange(2 * 28 * 28).astype(np.uint8).tobytes()


@pytest.fixture
def lens(tmp_path):
    for name, text in LENS_FILES.items():
        (tmp_path / name).write_text(text, encoding="latin-1", newline="")
    return tmp_path


def idx(*shape, body, magic=0x0800):
    return struct.pack(f">{1 + len(shape)}I", magic + len(shape), *shape) + body


@pytest.fixture
def fashion(tmp_path):
    content = {
        TRAIN: idx(2, 28, 28, body=PIXELS),
        LABELS: idx(2, body=b"\x09\x00"),
        "t10k-images-idx3-ubyte.gz": idx(1, 28, 28, body=PIXELS[:784]),
        "t10k-labels-idx1-ubyte.gz": idx(1, body=b"\x04"),
    }
    for name, plain in content.items():
        (tmp_path / name).write_bytes(gzip.compress(plain))
    return tmp_path


def test_movielens_is_read(lens):
    read = datasets.movielens_100k(lens, LENS)
    assert list(read.ratings) == ["user_id", "item_id", "rating", "timestamp"]
    assert read.ratings.iloc[1].tolist() == [1, 3, 2, 881250950]
    assert read.items.title.tolist() == ["Été (1995)", "unknown", "C"]
    assert read.items.released.tolist() == ["01-Jan-1995", "", "01-Jan-1995"]
    assert list(read.items)[3:] == list(datasets.GENRES)
    assert read.items.unknown.tolist() == [1, 0, 0]
    assert read.users.zip_code.tolist() == ["85711", "T8H1N"]
    assert read.users.age.tolist() == [24, 53]


def test_movielens_is_the_callers_own(lens):
    """Writing to a frame changes no other; the files are read once."""
    mine = datasets.movielens_100k(lens, LENS).ratings
    mine.loc[:, "rating"] = 0
    (lens / "u.data").unlink()
    assert datasets.movielens_100k(lens, LENS).ratings.rating.min() == 1


def test_movielens_may_have_windows_line_ends(lens):
    for name, text in LENS_FILES.items():
        (lens / name).write_bytes(text.replace("\n", "\r\n").encode("latin-1"))
    assert datasets.movielens_100k(lens, LENS).users.zip_code.tolist() == ["85711", "T8H1N"]


def test_movielens_must_be_all_of_it(lens):
    """Without a size, it is that of the set as published."""
    with pytest.raises(
        UsageError, match=r"u.data must have 100,000 lines, not 4: is it whole, and of MovieLens 100K\?"
    ):
        datasets.movielens_100k(lens)


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("u.data", "1\t1\t5", "1\t1\t6", r"u.data, line 1: rating must be 1 to 5, not '6'"),
        ("u.data", "1\t3\t2", "3\t3\t2", r"u.data, line 2: user_id must be 1 to 2, not '3'"),
        ("u.data", "2\t2\t4", "2\t4\t4", r"u.data, line 3: item_id must be 1 to 3"),
        ("u.data", "881250949", "nan", r"u.data, line 1: timestamp must be 0 to"),
        ("u.data", "881250949", "9" * 300, r"u.data, line 1: timestamp must be 0 to 2147483647, not '9{20}'"),
        ("u.data", "1\t1\t5", "1\t1\t\xb2", r"u.data, line 1: rating must be 1 to 5"),
        ("u.data", "1\t1\t5\t", "1,1,5,", r"u.data, line 1: 4 fields must be there, not 1"),
        ("u.data", "1\t3\t2", "1\t1\t2", r"u.data, line 2: this user has rated this item before"),
        ("u.data", "2\t1\t1\t881250952\n", "", r"u.data must have 4 lines, not 3"),
        ("u.data", "1\t1\t5", "\0" * 2000, r"u.data is larger than it can be: more than 1,600 bytes"),
        ("u.item", "2|unknown", "3|unknown", r"u.item, line 2: item_id must be 2, not 3"),
        ("u.item", "|1|0", "|2|0", r"u.item, line 1: unknown must be 0 to 1, not '2'"),
        ("u.item", "Été", "Été|", r"u.item, line 1: 24 fields must be there, not 25"),
        ("u.user", "|M|", "|x|", r"u.user, line 1: gender must be M or F, not 'x'"),
        ("u.user", "|24|", "|0|", r"u.user, line 1: age must be 1 to 120, not '0'"),
    ],
)
def test_movielens_that_is_not_as_published_is_refused(lens, name, old, new, says):
    """With the file, the line and the reason."""
    (lens / name).write_text(LENS_FILES[name].replace(old, new, 1), encoding="latin-1", newline="")
    with pytest.raises(UsageError, match=says):
        datasets.movielens_100k(lens, LENS)


def test_files_that_are_none_are_refused(lens):
    """A folder, a pipe (which would wait for ever) and a file that isn't there."""
    (lens / "u.user").unlink()
    with pytest.raises(UsageError, match=r"has no file u.user"):
        datasets.movielens_100k(lens, LENS)
    (lens / "u.user").mkdir()
    with pytest.raises(UsageError, match=r"has no file u.user"):
        datasets.movielens_100k(lens, LENS)
    (lens / "u.user").rmdir()
    os.mkfifo(lens / "u.user")
    with pytest.raises(UsageError, match=r"has no file u.user"):
        datasets.movielens_100k(lens, LENS)


def test_fashion_is_read(fashion):
    read = datasets.fashion_mnist(fashion, FASHION)
    assert (read.train_images.shape, read.test_images.shape) == ((2, 28, 28), (1, 28, 28))
    assert read.train_images.tobytes() == PIXELS
    assert (read.train_labels.tolist(), read.test_labels.tolist()) == ([9, 0], [4])
    assert not any(array.flags.writeable for array in read)
    assert datasets.fashion_mnist(fashion, FASHION).train_images is read.train_images
    assert len(datasets.FASHION_CLASSES) == 10


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        (TRAIN, idx(2, 28, 28, body=PIXELS), "isn't a whole gzip file"),
        (TRAIN, b"", r"isn't an IDX file of bytes: it must begin with 00000803, not $"),
        (TRAIN, gzip.compress(idx(2, 28, 28, body=PIXELS))[:-9], "isn't a whole gzip file"),
        (TRAIN, gzip.compress(idx(2, 28, 28, body=PIXELS))[:20] + b"\xff" * 40, "isn't a whole gzip file"),
        (TRAIN, gzip.compress(idx(2, 28, 28, body=PIXELS, magic=0x0D00)), "begin with 00000803, not 00000d03"),
        (TRAIN, gzip.compress(idx(2, 28, 28, body=PIXELS)[:10]), "is cut off: 1,584 bytes must be there, not 10"),
        (TRAIN, gzip.compress(idx(2, 28, 28, body=PIXELS[:-1])), "is cut off: 1,584 bytes must be there, not 1,583"),
        (
            TRAIN,
            gzip.compress(idx(1, 28, 28, body=PIXELS[:784])),
            r"an array of shape \(2, 28, 28\), not \(1, 28, 28\)",
        ),
        (TRAIN, gzip.compress(bytes(500_000)), "is larger than it can be: more than 1,584 bytes"),
        (TRAIN, gzip.compress(os.urandom(5_000)), "is larger than it can be: more than"),
        (LABELS, gzip.compress(idx(2, body=b"\x00\x0a")), "label 10 of picture 1 must be 0 to 9"),
    ],
)
def test_fashion_that_is_not_as_published_is_refused(fashion, name, content, says):
    """A gzip bomb is given up as soon as it is longer than the file can be."""
    (fashion / name).write_bytes(content)
    with pytest.raises(UsageError, match=says):
        datasets.fashion_mnist(fashion, FASHION)
