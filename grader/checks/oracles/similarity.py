"""Similarity of vectors."""

import math

import numpy as np
from numpy.typing import NDArray


def cosine_of(mine: NDArray[np.float64], theirs: NDArray[np.float64]) -> float:
    """Of two vectors (n,); 0 where one of them is 0 (Breese, Heckerman & Kadie 1998)."""
    lengths = math.sqrt((mine @ mine) * (theirs @ theirs))
    return float(mine @ theirs) / lengths if lengths else 0.0
