"""What checks may rely on in the data that is shipped or drawn."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from grader import datasets
from grader.content.catalog import content_root
from grader.datasets import purchases, words
from grader.model import GraderError

CDNOW = content_root() / "fixtures" / "data" / "cdnow"


def test_importing_them_imports_nothing_heavy():
    """Checks that need no data pay nothing for it."""
    heavy = "pandas sklearn scipy keras tensorflow".split()
    code = f"import sys, grader.datasets; print([name for name in {heavy} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_cdnow_is_what_was_published():
    """The known totals of the source, and the columns that docs/data.md promises."""
    bought = datasets.cdnow()
    assert {name: str(kind) for name, kind in bought.dtypes.items()} == {
        "customer_id": "int64",
        "date": "datetime64[ns]",
        "quantity": "int64",
        "price": "float64",
    }
    assert len(bought) == 69_659
    assert bought.customer_id.nunique() == bought.customer_id.max() == 23_570
    assert (bought.quantity.sum(), round(bought.price.sum(), 2)) == (167_881, 2_500_315.63)
    assert (bought.date.min(), bought.date.max()) == (pd.Timestamp("1997-01-01"), pd.Timestamp("1998-06-30"))
    assert bought.groupby("customer_id").date.min().max() == pd.Timestamp("1997-03-25")
    assert bought.iloc[2].tolist() == [2, pd.Timestamp("1997-01-12"), 5, 77.0]


def test_cdnow_is_the_callers_own():
    """Writing to a frame changes no other."""
    mine = datasets.cdnow()
    mine.loc[:, "quantity"] = 0
    assert datasets.cdnow().quantity.min() == 1


@pytest.mark.parametrize(("change", "says"), [(b"x", "isn't the file that was shipped"), (None, "can't be read")])
def test_cdnow_is_refused_when_damaged(tmp_path, change, says):
    """A file that isn't ours, or isn't there, is the grader's fault, in a sentence."""
    damaged = tmp_path / "cdnow.npz"
    if change:
        damaged.write_bytes((CDNOW / "cdnow.npz").read_bytes() + change)
    with pytest.raises(GraderError, match=says):
        purchases._columns(damaged)


def test_cdnow_says_where_it_comes_from():
    """The README has the checksum that is verified."""
    assert purchases.SHA256 in (CDNOW / "README.md").read_text(encoding="utf-8")


def test_words_are_told_apart():
    """No word is said twice in one language, and there is a category for every class of pictures."""
    for known in (words.CATEGORIES, words.BRANDS, words.COLOURS, words.STYLES, words.AUDIENCES):
        for language in (words.ENGLISH, words.CHINESE):
            assert len({word[language] for word in known}) == len(known)
    assert len(words.CATEGORIES) == len(words.TYPICAL_PRICES) == len(datasets.CLASSES)


@pytest.mark.parametrize(("rgb", "shape"), [(False, (30, 28, 28)), (True, (30, 28, 28, 3))])
def test_images_come_in_equal_classes(rgb, shape):
    images, labels = datasets.shop_images(30, 1, rgb=rgb)
    assert (images.shape, images.dtype, labels.dtype) == (shape, np.uint8, np.int64)
    assert np.bincount(labels).tolist() == [3] * 10
    assert not images.flags.writeable
    assert not labels.flags.writeable
    again = datasets.shop_images.__wrapped__(30, 1, rgb=rgb)
    assert np.array_equal(again[0], images)
    assert np.array_equal(again[1], labels)


def test_images_of_another_seed_or_size_are_others():
    images, _ = datasets.shop_images(30, 1)
    assert not np.array_equal(images, datasets.shop_images(30, 2)[0])
    assert datasets.shop_images(3, 1, 64)[0].shape == (3, 64, 64)
    with pytest.raises(ValueError, match="at least 1 and size at least 8"):
        datasets.shop_images(0)


def test_images_differ_in_every_way_but_shape():
    """Products are lighter or darker than what is behind them, and no two pictures are equal."""
    images, _ = datasets.shop_images(500, 1)
    rim = np.r_[np.ones(3), np.zeros(22), np.ones(3)].astype(bool)
    behind = images[:, rim[:, np.newaxis] | rim].mean(axis=1)
    product = images[:, 12:16, 12:16].mean(axis=(1, 2))
    assert 0.15 < (product > behind).mean() < 0.5
    assert len(np.unique(images.reshape(500, -1), axis=0)) == 500
