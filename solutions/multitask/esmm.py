"""Conversion rates over the entire impression space (ESMM): the reference."""

from collections.abc import Iterable

import keras
import numpy as np
from numpy.typing import NDArray


def esmm_predict(ctr_logit: NDArray[np.float64], cvr_logit: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Probabilities of N impressions, each (N,): P(click), P(purchase | click), P(click and purchase)."""
    _require_one_shape(ctr_logit, cvr_logit)
    ctr, cvr = np.exp(_log_sigmoid(ctr_logit)), np.exp(_log_sigmoid(cvr_logit))
    return {"ctr": ctr, "cvr": cvr, "ctcvr": ctr * cvr}


def esmm_loss(
    ctr_logit: NDArray[np.float64],
    cvr_logit: NDArray[np.float64],
    click: NDArray[np.int64],
    conversion: NDArray[np.int64],
) -> float:
    """Mean over all N impressions of the two losses that Ma et al. 2018, section 2.3, sum."""
    _require_one_shape(ctr_logit, cvr_logit, click, conversion)
    if not click.size:
        raise ValueError("no impressions, no loss")
    if np.any(conversion > click):
        raise ValueError("a conversion without a click")

    log_click, log_no_click = _log_sigmoid(ctr_logit), _log_sigmoid(-ctr_logit)
    log_purchase = log_click + _log_sigmoid(cvr_logit)
    # 1 - pq = (1 - p) + p(1 - q): not clicked, or clicked and not bought. A sum of positive terms loses no digits.
    log_no_purchase = np.logaddexp(log_no_click, log_click + _log_sigmoid(-cvr_logit))

    log_likelihood = np.where(click, log_click, log_no_click) + np.where(conversion, log_purchase, log_no_purchase)
    return float(-log_likelihood.mean())


def build_esmm(n_features: int, shared: tuple[int, ...] = (16,), tower: tuple[int, ...] = (8,)) -> keras.Model:
    """Two towers on one bottom, (batch, n_features) -> {"ctr": (batch, 1), "ctcvr": (batch, 1)}.

    Ma et al. 2018, figure 2, with dense layers as the shared part, where they share the embedding tables.
    """
    impression = keras.Input((n_features,))
    bottom = _hidden(impression, shared)
    ctr = keras.layers.Dense(1, activation="sigmoid")(_hidden(bottom, tower))
    cvr = keras.layers.Dense(1, activation="sigmoid")(_hidden(bottom, tower))
    return keras.Model(impression, {"ctr": ctr, "ctcvr": keras.layers.Multiply()([ctr, cvr])})


def _log_sigmoid(logit: NDArray[np.float64]) -> NDArray[np.float64]:
    return -np.logaddexp(0.0, -logit)


def _require_one_shape(*columns: NDArray[np.float64] | NDArray[np.int64]) -> None:
    if len({column.shape for column in columns}) > 1:
        raise ValueError("the columns of a log have one shape")


def _hidden(below: keras.KerasTensor, sizes: Iterable[int]) -> keras.KerasTensor:
    for units in sizes:
        below = keras.layers.Dense(units, activation="relu")(below)
    return below
