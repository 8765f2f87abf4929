"""Pictures of products in ten classes, drawn by numpy alone."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from grader.datasets.arrays import Ints, read_only
from grader.datasets.shapes import SHAPES, Grid

CLASSES = tuple(SHAPES)
"""The name of each label, 0 to 9."""
Pixels = NDArray[np.uint8]
_LIGHTER = 0.3
"""The share of pictures in which the product is lighter than what is behind it."""
_CHUNK = 250
"""Pictures drawn at a time: their coordinates stay in a processor's cache."""


@lru_cache(maxsize=16)
def shop_images(n: int, seed: int = 0, size: int = 28, *, rgb: bool = False) -> tuple[Pixels, Ints]:
    """So many pictures, uint8 of shape (n, size, size) or (n, size, size, 3), and their labels, 0 to 9 as in CLASSES.

    The classes are as equally frequent as can be, in random order. Both arrays are read-only and shared by all who ask.
    """
    if n < 1 or size < 8:  # noqa: PLR2004  below that a shape is a spot
        raise ValueError(f"n must be at least 1 and size at least 8, not {n} and {size}")
    rng = np.random.default_rng((seed, n, size))
    labels = rng.permutation(np.arange(n) % len(CLASSES))
    pixels = np.empty((n, size, size, 3 if rgb else 1), dtype=np.uint8)
    for start in range(0, n, _CHUNK):
        part = slice(start, start + _CHUNK)
        drawn = _photographed(rng, _covered(rng, labels[part], size), pixels.shape[-1])
        pixels[part] = drawn.reshape(-1, *pixels.shape[1:])
    return read_only(pixels if rgb else pixels[..., 0]), read_only(labels)


def _uniform(rng: np.random.Generator, n: int, low: float, high: float, width: int = 1) -> Grid:
    return rng.uniform(low, high, (n, width)).astype(np.float32)


def _points(size: int) -> tuple[Grid, Grid]:
    """The coordinates of the pixels, row by row, from -1 to 1."""
    axis = np.linspace(-1, 1, size, dtype=np.float32)
    return np.tile(axis, size), np.repeat(axis, size)


def _covered(rng: np.random.Generator, labels: Ints, size: int) -> Grid:
    """How much of each pixel the product covers, (n, size * size): shifted, turned, scaled, sheared."""
    n = len(labels)
    across, down = _points(size)
    right, below = across - _uniform(rng, n, -0.12, 0.12), down - _uniform(rng, n, -0.12, 0.12)
    turn, shear, grow = _uniform(rng, n, -0.3, 0.3), _uniform(rng, n, -0.15, 0.15), _uniform(rng, n, 1.05, 1.35)
    y = grow * (np.cos(turn) * below - np.sin(turn) * right)
    x = grow * (np.cos(turn) * right + np.sin(turn) * below) + shear * y
    style = np.stack([_uniform(rng, n, 0, 1) for _ in range(3)])
    distance = np.empty_like(x)
    for label, shape in enumerate(SHAPES.values()):
        mine = labels == label
        distance[mine] = shape(x[mine], y[mine], style[:, mine])
    return np.asarray(np.clip(0.5 - distance * (size / (2 * grow)), 0, 1))


def _photographed(rng: np.random.Generator, covered: Grid, channels: int) -> Pixels:
    """Pixels of products lighter or darker than what is behind them, unevenly lit, partly hidden, with noise."""
    n, points = covered.shape
    across, down = _points(round(points**0.5))
    contrast = _uniform(rng, n, 90, 160) * np.where(rng.random((n, 1)) < _LIGHTER, 1, -1).astype(np.float32)
    light = _uniform(rng, n, -30, 30) * across + _uniform(rng, n, -30, 30) * down
    seen = 128 + _uniform(rng, n, -20, 20) + light + contrast * (covered - 0.5)
    near = np.maximum(
        abs(across - _uniform(rng, n, -0.8, 0.8)) / _uniform(rng, n, 0.1, 0.3),
        abs(down - _uniform(rng, n, -0.8, 0.8)) / _uniform(rng, n, 0.1, 0.3),
    )
    seen = np.where(near < 1, _uniform(rng, n, 30, 225), seen)
    tinted = seen[..., np.newaxis]
    if channels > 1:
        tints = _uniform(rng, n, -40, 40, channels)[:, np.newaxis], _uniform(rng, n, -40, 40, channels)[:, np.newaxis]
        tinted = tinted + tints[0] + (tints[1] - tints[0]) * covered[..., np.newaxis]
    noise = rng.standard_normal(tinted.shape, dtype=np.float32) * _uniform(rng, n, 5, 14)[..., np.newaxis]
    return np.clip(tinted + noise, 0, 255).astype(np.uint8)
