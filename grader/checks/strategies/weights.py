"""Small weight matrices, exact in binary.

Numbers are quarters in [-2, 2]. They come from a drawn seed: a matrix costs hypothesis one draw, and numbers that are
drawn beside the seed shrink sizes.
"""

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

Floats = NDArray[np.float64]

seeds = st.integers(0, 10**6)


def quarters(rng: np.random.Generator, *shape: int) -> Floats:
    """An array of this shape."""
    return rng.integers(-8, 9, shape) / 4
