"""Data for checks: a real log that is shipped, a generated shop and pictures of known truth, readers of one's own sets.

What is returned is shared and read-only, or new: a check can change none of it for the next. `docs/data.md` says what
each set holds and where it comes from.
"""

from grader.datasets.behaviour import FEATURES, Rates
from grader.datasets.fashion import FASHION_CLASSES, FashionMnist, FashionSize, fashion_mnist
from grader.datasets.images import CLASSES, shop_images
from grader.datasets.movielens import GENRES, MovieLens, MovieLensSize, movielens_100k
from grader.datasets.purchases import cdnow
from grader.datasets.shop import Shop, Size, shop

__all__ = [
    "CLASSES",
    "FASHION_CLASSES",
    "FEATURES",
    "GENRES",
    "FashionMnist",
    "FashionSize",
    "MovieLens",
    "MovieLensSize",
    "Rates",
    "Shop",
    "Size",
    "cdnow",
    "fashion_mnist",
    "movielens_100k",
    "shop",
    "shop_images",
]
