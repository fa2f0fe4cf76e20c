"""Pandera models of the star: what a table of the warehouse promises, row by row.

Keys and their parents are verified by query (`warehouse.audit`), so these models can be held against batches of rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemas import items
from schemas.date_order import error_pairs
from schemas.domains import Codes
from schemas.frame_checks import model

if TYPE_CHECKING:
    import pandera.polars as pa


def star_model(table: str, codes: Codes) -> pa.DataFrameSchema:
    """The model of one star or mart table; dates of one row are in order where date_order.csv says a breach is an error."""
    return model(table, codes, pairs=ordered_dates(table))


def ordered_dates(table: str) -> list[tuple[str, str]]:
    """Pairs (earlier, later) of clinical dates that both stand in a row of the table and whose breach is an error."""
    name = table.partition("_")[2]  # fact_follow_up holds the records follow_up
    return error_pairs(name) if name in items.RECORDS and not table.startswith("mart_") else []
