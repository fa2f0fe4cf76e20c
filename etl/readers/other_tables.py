"""Headers that stand again among the rows: those of the next page, or of another table on the same sheet."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from etl.readers.headers import Columns
from schemas.contract import Contract

ROW = pl.col("source_row")


@dataclass(frozen=True)
class OtherTables:
    """`again`: rows that are the header once more. `other`: the header of another table, and its rows down to the next header of ours."""

    again: list[int]
    other: list[int]


def other_tables(rows: pl.DataFrame, whole: pl.DataFrame, contract: Contract, columns: Columns) -> OtherTables:
    """The rows of `rows` (RawTable's) that are no record because the header of the person's column stands in it or above them.

    `whole` has the cells that no field reads: a header that differs from ours in another column begins another table.
    """
    places = [(name, place) for name in contract.person_fields if (place := columns.places[name]) is not None]
    heads = pl.any_horizontal(pl.lit(False), *(pl.col(name) == columns.headers[place] for name, place in places))
    found = rows.filter(heads.fill_null(value=False))["source_row"]
    if found.is_empty():
        return OtherTables([], [])
    cells = rows.filter(ROW.is_in(found.implode())).join(whole, on="source_row")
    headers = cells.select("source_row", is_ours=_is_ours(columns, cells.columns))
    above = rows.select("source_row").join_asof(headers.sort("source_row"), on="source_row")
    again = headers.filter("is_ours")["source_row"].to_list()
    return OtherTables(sorted(again), above.filter(~pl.col("is_ours"))["source_row"].to_list())


def _is_ours(columns: Columns, there: list[str]) -> pl.Expr:
    """Whether each filled cell of a row is the header of its column, under the name of its field or its place."""
    named = {name: columns.headers[place] for name, place in columns.places.items() if place is not None}
    named |= {str(place): header for place, header in enumerate(columns.headers)}
    said = {name: pl.col(name).cast(pl.String).str.strip_chars() for name in named if name in there}
    return pl.all_horizontal(cell.is_null() | cell.is_in(["", named[name]]) for name, cell in said.items())
