"""Values and calls as a learner reads them."""

import tracemalloc

import numpy as np
import pandas as pd
from scipy import sparse

from grader.judge import formatting

SQUARE = np.array([[1.0, 0.0], [0.0, 2.0]])


def test_a_small_sparse_matrix_shows_what_is_in_it() -> None:
    shown = formatting.value(sparse.csr_array(SQUARE))
    assert shown == "csr_array(np.array([[1., 0.],\n                    [0., 2.]]))"
    assert formatting.value(sparse.csr_matrix((30, 40))) == "<csr_matrix of shape (30, 40)>"


def test_a_large_array_of_three_dimensions_shows_its_shape() -> None:
    assert formatting.value(np.zeros((2, 8, 8), dtype=np.float32)) == "<float32 array of shape (2, 8, 8)>"


def test_the_weights_of_a_model_show_their_shapes() -> None:
    shown = formatting.value([np.zeros((9, 8)), np.zeros(8)])
    assert shown == "[<float64 array of shape (9, 8)>, <float64 array of shape (8,)>]"


def test_an_argument_of_several_lines_stays_under_its_beginning_and_on_the_screen() -> None:
    assert formatting.call("f", (SQUARE,), {}) == "f(np.array([[1., 0.],\n            [0., 2.]]))"
    far = formatting.call("a_function_of_a_long_name_that_goes_on", (1, SQUARE), {"k": 2})
    lines = ["a_function_of_a_long_name_that_goes_on(1,", "    np.array([[1., 0.],", "              [0., 2.]]), k=2)"]
    assert far.splitlines() == lines


def test_of_a_long_table_only_what_is_shown_is_looked_at() -> None:
    many = 3_000_000
    long = pd.DataFrame({"a": np.zeros(many, np.int8)})
    tracemalloc.start()
    shown = formatting.value(long)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert shown == "pd.DataFrame({'a': [" + "0, " * 24 + "...]})"
    assert most < 3 * 8 * many


def test_an_index_is_shown_where_it_is_not_that_of_rows() -> None:
    rows = np.arange(40)
    assert "index" not in formatting.value(pd.Series(rows, index=rows.astype(float)))
    assert formatting.value(pd.Series(rows, index=[*rows[:-1], 7])).endswith("22, 23, ...])")
    assert formatting.value(pd.Series([1, 2], index=[1, 0])) == "pd.Series([1, 2], index=[1, 0])"
