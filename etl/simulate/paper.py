"""What the seed paper fixes: the window, the groups of the 322 women, and the thirteen with exact days."""

from __future__ import annotations

import datetime
from functools import cache

import polars as pl

from etl.simulate.known import table, typed
from etl.simulate.search import Fates, solve

WINDOW = (datetime.date(2005, 1, 1), datetime.date(2016, 12, 31))
CLOSE = datetime.date(2017, 10, 6)  # the manuscript was received: nothing happened later
AS_OF = datetime.date(2018, 1, 12)  # the paper was published
LOCAL_BEFORE_DISTANT = {9: 180}  # days; woman 9, chest wall, "6 months"
BOTH_HOSPITALS = (4, 13)
ELIGIBLE = 322
_EXTRA = {
    "table2_no": pl.Int32, "start_date": pl.Date, "diagnosis_to_start": pl.Int32, "age_years": pl.Int32, "her2_ihc_score": pl.Int32,
    "to_recurrence": pl.Int32, "to_progression": pl.Int32, "survival": pl.Int32, "is_adjacent_to_resection": pl.Boolean,
}  # fmt: skip


@cache
def groups() -> pl.DataFrame:
    """One row per arm and subgroup of the women with a first distant recurrence in the window."""
    return table("groups").with_columns(pl.col("women").cast(pl.Int32))


@cache
def thirteen() -> pl.DataFrame:
    """One row per woman of Table 2, by its number: what is fixed, with the days to the operation and whether she died."""
    women = typed(typed(table("thirteen"), "tumour", _EXTRA), "patient", {}).sort("table2_no")
    found = fates()
    return women.with_columns(
        to_operation=pl.col("to_recurrence") + pl.col("table2_no").replace_strict(dict(found.delays), return_dtype=pl.Int32),
        is_dead=pl.col("table2_no").is_in(sorted(found.dead)),
    )


@cache
def thirteen_treatments() -> pl.DataFrame:
    """One row per component of the thirteen: canonical columns, anchor, and starts and ends in days from it."""
    return typed(table("thirteen_treatments"), "treatment", {"table2_no": pl.Int32, "starts": pl.Int32, "ends": pl.Int32})


@cache
def fates() -> Fates:
    """Delays and deaths of the thirteen (see `etl.simulate.search`)."""
    women = table("thirteen").select(pl.col("table2_no", "to_recurrence", "to_progression", "survival").cast(pl.Int32))
    left = {no: survival - recurrence for no, recurrence, _, survival in women.iter_rows()}
    progressed = {no: progression for no, _, progression, _ in women.iter_rows() if progression is not None}
    return solve(left, progressed, dict(women.select("table2_no", "survival").iter_rows()))
