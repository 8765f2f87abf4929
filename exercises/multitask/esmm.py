"""Conversion rates over the entire impression space (ESMM). The task: esmm.md.

You may import the standard library, numpy and keras; no other library, such as pandas, scipy or sklearn.
"""

import keras
import numpy as np
from numpy.typing import NDArray


def esmm_predict(ctr_logit: NDArray[np.float64], cvr_logit: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Probabilities of N impressions from the logits of the two towers.

    Both arguments have the shape (N,). The keys are "ctr", "cvr" and "ctcvr"; each value is float64 of shape (N,).
    Raises ValueError for different shapes.

    >>> answer = esmm_predict(np.log([3.0]), np.array([0.0]))
    >>> [round(float(answer[name][0]), 6) for name in ("ctr", "cvr", "ctcvr")]
    [0.75, 0.5, 0.375]
    """
    raise NotImplementedError


def esmm_loss(
    ctr_logit: NDArray[np.float64],
    cvr_logit: NDArray[np.float64],
    click: NDArray[np.int64],
    conversion: NDArray[np.int64],
) -> float:
    """ESMM's loss, the mean over all N impressions, in nats.

    All arguments have the shape (N,); `click` and `conversion` hold 0 or 1. Raises ValueError for different shapes,
    for no impressions, and for a conversion without a click.

    >>> logit = np.log
    >>> round(esmm_loss(logit([3.0]), logit([1.0]), np.array([1]), np.array([1])), 6)  # -ln(3/4) - ln(3/8)
    1.268511
    """
    raise NotImplementedError


def build_esmm(n_features: int, shared: tuple[int, ...] = (16,), tower: tuple[int, ...] = (8,)) -> keras.Model:
    """Build a functional model, (batch, n_features) -> {"ctr": (batch, 1), "ctcvr": (batch, 1)}, not compiled.

    `shared` and `tower` are the sizes of the hidden layers of the shared bottom and of each of the two towers.
    """
    raise NotImplementedError
