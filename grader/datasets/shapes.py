"""Silhouettes of ten kinds of product, as distances: negative inside, about 1 for half a picture.

Each takes the coordinates x (to the right) and y (down) of the points of n pictures, (n, points), the picture being -1
to 1 wide, and style, (3, n, 1): three numbers from 0 to 1 by which the products of a class differ.
"""

from collections.abc import Callable
from functools import reduce

import numpy as np
from numpy.typing import NDArray

Grid = NDArray[np.float32]
Size = Grid | float
Shape = Callable[[Grid, Grid, Grid], Grid]


def _union(*parts: Grid) -> Grid:
    return reduce(np.minimum, parts)


def _without(whole: Grid, hole: Grid) -> Grid:
    return np.asarray(np.maximum(whole, -hole))


def _box(x: Grid, y: Grid, width: Size, height: Size) -> Grid:
    return np.asarray(np.maximum(abs(x) - width, abs(y) - height))


def _trapezium(x: Grid, y: Grid, top: Size, bottom: Size, height: Size) -> Grid:
    edge = (top + bottom) / 2 + y * ((bottom - top) / (2 * height))
    return np.asarray(np.maximum(abs(x) - edge, abs(y) - height))


def _disc(x: Grid, y: Grid, radius: Size) -> Grid:
    return np.asarray(np.sqrt(x * x + y * y) - radius)


def _ellipse(x: Grid, y: Grid, width: Size, height: Size) -> Grid:
    return _disc(x * (height / width), y, height)


def _ring(x: Grid, y: Grid, radius: Size, thickness: Size) -> Grid:
    return abs(_disc(x, y, radius)) - thickness


def _rod(x: Grid, y: Grid, to_x: Size, to_y: Size, thickness: Size) -> Grid:
    """All that is within a distance of the line from the origin to a point."""
    along = np.clip((x * to_x + y * to_y) / (to_x * to_x + to_y * to_y), 0, 1)
    return _disc(x - along * to_x, y - along * to_y, thickness)


def _t_shirt(x: Grid, y: Grid, style: Grid) -> Grid:
    side, length = abs(x), 0.15 + 0.35 * style[0]
    body = _box(x, y - 0.12, 0.38 + 0.1 * style[1], 0.74)
    sleeve = _rod(side - 0.34, y + 0.42, 0.3 + length / 2, length, 0.2)
    return _without(_union(body, sleeve), _disc(x, y + 0.66, 0.14 + 0.1 * style[2]))


def _trousers(x: Grid, y: Grid, style: Grid) -> Grid:
    legs = _trapezium(x, y, 0.36, 0.45 + 0.15 * style[0], 0.88)
    gap = _trapezium(x, y - 0.38, 0.02, 0.16 + 0.1 * style[1], 0.72 + 0.1 * style[2])
    return _without(legs, gap)


def _dress(x: Grid, y: Grid, style: Grid) -> Grid:
    top = _box(x, y + 0.5, 0.25 + 0.06 * style[1], 0.36)
    skirt = _trapezium(x, y - 0.36, 0.2, 0.55 + 0.25 * style[0], 0.52)
    return _without(_union(top, skirt), _disc(x, y + 0.86, 0.16 + 0.08 * style[2]))


def _shoe(x: Grid, y: Grid, style: Grid) -> Grid:
    sole = _box(x, y - 0.46, 0.92, 0.1 + 0.04 * style[2])
    ankle = _trapezium(x - 0.5, y - 0.03 + 0.12 * style[0], 0.3, 0.62, 0.42 + 0.12 * style[0])
    toe = _disc((x + 0.3) * 0.65, y - 0.46, 0.36 + 0.1 * style[1])
    return _union(sole, np.maximum(_union(ankle, toe), _box(x, y + 0.4, 0.88, 0.86)))


def _bag(x: Grid, y: Grid, style: Grid) -> Grid:
    body = _trapezium(x, y - 0.38, 0.6 + 0.1 * style[0], 0.82, 0.42)
    handle = _ring(x, y + 0.05, 0.36 + 0.12 * style[1], 0.08 + 0.04 * style[2])
    return _union(body, handle)


def _cap(x: Grid, y: Grid, style: Grid) -> Grid:
    dome = np.maximum(_ellipse(x - 0.25, y - 0.3, 0.62, 0.65 + 0.2 * style[0]), y - 0.3)
    peak = _box(x + 0.4, y - 0.26, 0.5 + 0.1 * style[1], 0.08 + 0.04 * style[2])
    return _union(dome, peak)


def _mug(x: Grid, y: Grid, style: Grid) -> Grid:
    body = _box(x + 0.22, y, 0.48 + 0.08 * style[0], 0.62 + 0.12 * style[1])
    return _union(body, _ring(x - 0.38, y, 0.36, 0.09 + 0.04 * style[2]))


def _bottle(x: Grid, y: Grid, style: Grid) -> Grid:
    body = _box(x, y - 0.3, 0.26 + 0.1 * style[0], 0.62)
    shoulder = _ellipse(x, y + 0.3, 0.26 + 0.1 * style[0], 0.25)
    neck = _box(x, y + 0.62, 0.1 + 0.04 * style[1], 0.32)
    return _union(body, shoulder, neck)


def _watch(x: Grid, y: Grid, style: Grid) -> Grid:
    dial = _ring(x, y, 0.4, 0.11 + 0.04 * style[0])
    hands = _union(_rod(x, y, 0.0, -0.32, 0.05), _rod(x, y, 0.2, 0.1 * style[2], 0.05))
    strap = _box(x, abs(y) - 0.72, 0.2 + 0.06 * style[1], 0.26)
    return _union(dial, hands, strap)


def _glasses(x: Grid, y: Grid, style: Grid) -> Grid:
    side = abs(x)
    lens = _ring(side - 0.5, y, 0.3 + 0.06 * style[0], 0.08 + 0.25 * style[1] * style[1])
    bridge = _box(x, y + 0.1, 0.2, 0.07)
    return _union(lens, bridge, _rod(side - 0.82, y + 0.12, 0.14, -0.16 - 0.1 * style[2], 0.06))


SHAPES: dict[str, Shape] = {
    "t-shirt": _t_shirt,
    "trousers": _trousers,
    "dress": _dress,
    "shoe": _shoe,
    "bag": _bag,
    "cap": _cap,
    "mug": _mug,
    "bottle": _bottle,
    "watch": _watch,
    "glasses": _glasses,
}
