"""Tables of pandas, whatever is in them."""

import pandas as pd
from hypothesis import strategies as st


def shuffled(tables: st.SearchStrategy[pd.DataFrame]) -> st.SearchStrategy[tuple[pd.DataFrame, list[int]]]:
    """A table, and an order of its rows."""
    return tables.flatmap(lambda table: st.tuples(st.just(table), st.permutations(range(len(table)))))
