"""Fashion-MNIST, which is too large to ship, from the user's own copy of its files."""

import struct
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from grader.datasets.arrays import Ints, read_only
from grader.datasets.own import unzipped_capped
from grader.model import UsageError

FASHION_CLASSES = tuple("T-shirt/top,Trouser,Pullover,Dress,Coat,Sandal,Shirt,Sneaker,Bag,Ankle boot".split(","))
_SIDE = 28
_UNSIGNED_BYTES = 8
"""The type in the third byte of an IDX file's magic number; the fourth is the number of dimensions."""


class FashionSize(NamedTuple):
    """How many pictures there must be."""

    train: int = 60_000
    test: int = 10_000


PUBLISHED = FashionSize()


class FashionMnist(NamedTuple):
    """Read-only arrays: images uint8 (n, 28, 28), labels 0 to 9 as in FASHION_CLASSES."""

    train_images: NDArray[np.uint8]
    train_labels: Ints
    test_images: NDArray[np.uint8]
    test_labels: Ints


def fashion_mnist(folder: Path, size: FashionSize = PUBLISHED) -> FashionMnist:
    """What the four .gz files of this folder hold. Raises UsageError for what isn't Fashion-MNIST."""
    return _stored(folder.absolute(), size)


@lru_cache(maxsize=2)
def _stored(folder: Path, size: FashionSize) -> FashionMnist:
    return FashionMnist(
        _idx(folder / "train-images-idx3-ubyte.gz", size.train, _SIDE, _SIDE),
        _labels(folder / "train-labels-idx1-ubyte.gz", size.train),
        _idx(folder / "t10k-images-idx3-ubyte.gz", size.test, _SIDE, _SIDE),
        _labels(folder / "t10k-labels-idx1-ubyte.gz", size.test),
    )


def _labels(path: Path, n: int) -> Ints:
    labels = _idx(path, n).astype(np.int64)
    wrong = labels >= len(FASHION_CLASSES)
    if wrong.any():
        raise UsageError(f"{path.name}: label {labels[wrong][0]} of picture {int(wrong.argmax())} must be 0 to 9")
    return read_only(labels)


def _idx(path: Path, *shape: int) -> NDArray[np.uint8]:
    """The array of an IDX file. Raises UsageError unless its magic number, its shape and its length are as must be."""
    head = struct.pack(f">HBB{len(shape)}I", 0, _UNSIGNED_BYTES, len(shape), *shape)
    length = len(head) + int(np.prod(shape))
    content = unzipped_capped(path, length)
    if content[:4] != head[:4]:
        raise UsageError(
            f"{path.name} isn't an IDX file of bytes: it must begin with {head[:4].hex()}, not {content[:4].hex()}"
        )
    if len(content) >= len(head) and not content.startswith(head):
        found = struct.unpack_from(f">{len(shape)}I", content, 4)
        raise UsageError(f"{path.name} must hold an array of shape {shape}, not {found}")
    if len(content) != length:
        raise UsageError(f"{path.name} is cut off: {length:,} bytes must be there, not {len(content):,}")
    return np.frombuffer(content, dtype=np.uint8, offset=len(head)).reshape(shape)
