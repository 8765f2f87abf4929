"""Every way in which checks use tables and sparse matrices."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

Use = Callable[[Any, Any], Any]

MATRIX: tuple[Use, ...] = (
    lambda one, _: one.toarray(),
    lambda one, _: one.todense(),
    lambda one, other: one + other,
    lambda one, other: (one != other).nnz,
    lambda one, other: one.multiply(other),
    lambda one, other: one @ other.T,
    lambda one, _: one @ np.ones(one.shape[1]),
    lambda one, _: one.T.tocsr(),
    lambda one, _: one.tocsc().toarray(),
    lambda one, _: one.tocoo().toarray(),
    lambda one, _: one.tolil(),
    lambda one, _: one.todok(),
    lambda one, _: one[0].toarray(),
    lambda one, _: one[:, 0].toarray(),
    lambda one, _: one[::-1].toarray(),
    lambda one, _: one[[0, 1, 0]].toarray(),
    lambda one, _: one[0, 0],
    lambda one, _: one.sum(axis=0),
    lambda one, _: one.max(axis=1).toarray(),
    lambda one, _: one.argmax(axis=1),
    lambda one, _: one.diagonal(),
    lambda one, _: one.nonzero(),
    lambda one, _: one.has_canonical_format and one.has_sorted_indices,
    lambda one, _: one.sorted_indices().toarray(),
    lambda one, _: one.copy().sum_duplicates(),
    lambda one, _: one.copy().eliminate_zeros(),
    lambda one, _: sparse.vstack([one, one]).toarray(),
    lambda one, _: sparse.tril(one).toarray(),
    lambda one, _: one.astype(float).toarray(),
    lambda one, other: one.toarray() == pytest.approx(other.toarray()),
    lambda one, other: np.testing.assert_allclose(one.toarray(), other.toarray()),
    lambda one, _: str(one) + repr(one),
    lambda one, _: one.indices[one.indptr[0] : one.indptr[1]],
)
BOTH: tuple[Use, ...] = (
    lambda one, other: one.equals(other),
    lambda one, other: (one == other).all(),
    lambda one, other: one - other,
    lambda one, _: str(one) + repr(one),
    lambda one, _: one.to_numpy(),
    lambda one, _: one.to_dict(),
    lambda one, _: one.sort_index(),
    lambda one, _: one.iloc[::-1],
    lambda one, _: one.iloc[[0, 0]].reset_index(),
    lambda one, _: one.loc[one.index[0]],
    lambda one, _: one.reindex(one.index[::-1]),
    lambda one, _: one.reset_index(drop=True),
    lambda one, _: one.set_axis(range(len(one))),
    lambda one, other: pd.concat([one, other]),
    lambda one, other: pd.concat([one, other], axis=1),
    lambda one, _: one.groupby(level=0).sum(),
    lambda one, _: one.groupby(one.index).size(),
    lambda one, _: one.unstack(),  # noqa: PD010  a series has it too
    lambda one, _: one.astype(str),
    lambda one, _: one.astype(float),
    lambda one, _: one.isna().sum(),
    lambda one, _: one.mean(),
    lambda one, _: one.describe(),
    lambda one, _: one.rank(),
    lambda one, _: one.cumsum(),
    lambda one, _: one.duplicated(),
    lambda one, _: one.index.is_unique and one.index.is_monotonic_increasing,
    lambda one, _: one.index.get_indexer(one.index),
    lambda one, other: one.index.union(other.index[:1]),
    lambda one, other: one.index.isin(other.index),
    lambda one, _: one.index.get_loc(0),
    lambda one, _: one.index.factorize(),
    lambda one, _: one.index.tolist(),
    lambda one, other: one == pytest.approx(other),
    lambda one, other: np.asarray(one) == pytest.approx(np.asarray(other)),
    np.testing.assert_array_equal,
)
FRAME: tuple[Use, ...] = (
    pd.testing.assert_frame_equal,
    lambda one, other: pd.testing.assert_frame_equal(one, other, check_like=True, check_dtype=False),
    lambda one, _: one.to_dict("index"),
    lambda one, _: one.to_dict("records"),
    lambda one, _: list(one.itertuples()),
    lambda one, _: one[one.columns[0]],
    lambda one, _: one.sort_values(list(one.columns)),
    lambda one, _: one.set_index(one.columns[0]).sort_index(),
    lambda one, _: one.groupby(one.columns[0]).sum(),
    lambda one, _: one.groupby(list(one.columns), observed=True).size(),
    lambda one, _: one.groupby(one.columns[0])[one.columns[-1]].transform("mean"),
    lambda one, other: one.merge(other, on=one.columns[0]),
    lambda one, other: one.merge(other, left_index=True, right_index=True),
    lambda one, _: one.drop(columns=one.columns[0]),
    lambda one, _: one.drop_duplicates(),
    lambda one, _: one.assign(weight=1),
    lambda one, _: one.T,
    lambda one, _: one.stack(),  # noqa: PD013  as it stands in a check
    lambda one, _: one.melt(),
    lambda one, _: one.pivot_table(index=one.columns[0], columns=one.columns[1]),
    lambda one, _: one.columns.get_indexer(one.columns[::-1]),
    lambda one, _: one.columns.map(str),
    lambda one, _: one.xs(one.columns[0], axis=1),
)
SERIES: tuple[Use, ...] = (
    pd.testing.assert_series_equal,
    lambda one, other: pd.testing.assert_series_equal(one, other, check_dtype=False, check_names=False),
    lambda one, _: one.tolist(),
    lambda one, _: one.sort_values(),
    lambda one, _: one.value_counts(),
    lambda one, _: one.unique(),
    lambda one, _: one.map({1: 2}),
    lambda one, other: one.isin(other),
    lambda one, _: one.groupby(one).transform("size"),
    lambda one, _: one.nlargest(2),
    lambda one, _: one.idxmax(),
    lambda one, _: one.to_frame(),
    lambda one, _: one.dt.year,
    lambda one, _: one.dt.strftime("%Y-%m-%d"),
    lambda one, _: one.dt.total_seconds(),
    lambda one, _: one.str.lower(),
    lambda one, _: one.cat.codes,
    lambda one, _: one.astype("M8[ns]"),
    lambda one, _: one.astype("category"),
    lambda one, _: one.quantile(0.5),
)


def uses_of(value: Any) -> tuple[Use, ...] | None:
    """The ways for a table or a matrix; None for anything else."""
    if isinstance(value, pd.DataFrame):
        return (*BOTH, *FRAME)
    if isinstance(value, pd.Series):
        return (*BOTH, *SERIES)
    return MATRIX if sparse.issparse(value) else None
