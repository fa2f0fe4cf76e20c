"""Each distinct text, and what stands beside it, is asked about once, and the answer is given to every cell that has it."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.normalise import distinct
from etl.normalise.distinct import Distinct

TEXT = st.one_of(st.none(), st.sampled_from(["", "a", "b", "a text of more than twelve letters", "ä"]))
BESIDE = st.one_of(st.just(st.none()), st.just(TEXT), st.just(st.sampled_from(["her2"]))).flatmap(lambda kind: kind)


def _cells(rows: list[tuple[object, object]], beside: type[pl.DataType] = pl.String) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"raw": pl.String, "beside": beside}, orient="row")


def _holds(cells: pl.DataFrame) -> None:
    """What is asked of the distinct cells is those cells, counted, in the order in which they are met; spread they are all of them."""
    found = Distinct.of(cells)
    there = cells.filter(pl.col("raw").is_not_null())
    assert found.table.equals(there.group_by(cells.columns, maintain_order=True).agg(n=pl.len().cast(pl.Int64)))
    said = cells.select(pl.when(pl.col("raw").is_not_null()).then(pl.col(name)).alias(name) for name in cells.columns)
    assert found.spread(found.table.drop("n")).equals(said)


@given(st.lists(st.tuples(TEXT, BESIDE)))
def test_finds_the_distinct_pairs_of_texts_and_gives_them_back(rows: list[tuple[object, object]]) -> None:
    _holds(_cells(rows))
    _holds(_cells(rows).select("raw"))


@given(st.lists(st.tuples(TEXT, st.one_of(st.none(), st.booleans()))))
def test_tells_a_real_date_from_the_same_text(rows: list[tuple[object, object]]) -> None:
    _holds(_cells(rows, pl.Boolean))


@given(st.lists(st.tuples(TEXT, TEXT)))
def test_finds_the_same_where_a_table_of_all_pairs_would_be_too_large(rows: list[tuple[object, object]]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(distinct, "SPARSE", 0)
        _holds(_cells(rows))


def test_numbers_the_texts_of_a_column_in_several_pieces() -> None:
    pieces = [pl.DataFrame({"raw": texts}) for texts in (["b", None, "a"], ["c", "a"], ["b"])]
    found = Distinct.of(pl.concat(pieces, rechunk=False))
    assert found.table.rows() == [("b", 2), ("a", 2), ("c", 1)]
    assert found.numbers.to_list() == [0, None, 1, 2, 1, 0]
