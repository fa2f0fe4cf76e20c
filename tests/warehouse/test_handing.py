from __future__ import annotations

from datetime import date

import duckdb
import polars as pl

from warehouse.build import FILLING
from warehouse.handing import Stream

ROWS = pl.DataFrame(
    {
        "n": [1, 2, 3],
        "code": ["a", None, "b"],
        "kind": ["x", "x", "y"],
        "day": [date(2009, 4, 3), None, None],
        "is_given": [True, None, False],
    },
    schema_overrides={"code": pl.Categorical, "kind": pl.Enum(["x", "y"])},
)


def stream(rows: pl.DataFrame) -> Stream:
    return Stream(rows, lambda: rows.iter_slices(2))


def test_hands_over_the_rows_of_all_parts_and_again_when_asked_again() -> None:
    with duckdb.connect() as con:
        con.register("handed", stream(ROWS))
        for _ in range(2):
            assert con.sql("from handed order by n").fetchall() == ROWS.rows()


def test_hands_over_the_columns_of_what_has_no_rows() -> None:
    with duckdb.connect() as con:
        con.register("handed", stream(ROWS.clear()))
        assert con.sql("from handed").fetchall() == []
        assert con.sql("from handed").columns == ROWS.columns


def test_the_database_heeds_what_is_set_for_filling() -> None:
    with duckdb.connect() as con:
        for setting in FILLING:
            con.execute(setting).fetchall()
        ((methods, optimizers),) = con.sql(
            "select current_setting('disabled_compression_methods'), current_setting('disabled_optimizers')"
        ).fetchall()
    assert set(methods.lower().split(",")) == {"rle", "roaring", "zstd", "alprd"}
    assert set(optimizers.split(",")) == {"join_order", "build_side_probe_side"}
