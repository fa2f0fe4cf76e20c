"""A column beside a date that says why the date is missing (NAACCR) or which of its parts were imputed (CDISC): date_flags.csv."""

from __future__ import annotations

import polars as pl

from etl.normalise.notes import Notes
from etl.normalise.values import Target
from schemas.date_words import flags

STRANGE = "strange"


def flagged(target: Target, rows: pl.DataFrame, dates: pl.DataFrame, is_given: pl.Series, notes: Notes) -> pl.DataFrame:
    """`dates` (precision, earliest_date, latest_date; one row per row of `rows`) as the flag of each row leaves them.

    An imputed part widens the date to what was known. A date beside a flag that denies it, or beside a flag that no list knows, is
    unknown, and noted. `is_given`: whether the cell of the date holds anything.
    """
    flag = target.mapping.flag or ""
    text = rows[flag].str.strip_chars().str.to_lowercase()
    means = text.replace_strict(dict(flags()), default=STRANGE, return_dtype=pl.String)
    means = means.set(text.is_null(), None)
    is_denied = means.is_in(["unknown", "absent"]) & is_given
    is_fit = ~((means == STRANGE) | is_denied).fill_null(value=False)
    notes.judge("NORM-DATE-FLAG", target.record, flag, rows.select("source_row", flag), is_fit)
    is_lost = is_denied | means.is_in([STRANGE, "unknown", "imputed"])
    return dates.with_columns(means=means, lost=is_lost.fill_null(value=False)).select(
        earliest_date=_widened("earliest_date", is_first=True), latest_date=_widened("latest_date", is_first=False), precision=_precision()
    )


def _widened(end: str, *, is_first: bool) -> pl.Expr:
    """The first or last day of the month or year in which this end of the date lies; null where the date is lost."""
    day = pl.col(end)
    month = day.dt.month_start() if is_first else day.dt.month_end()
    year = pl.date(day.dt.year(), 1, 1) if is_first else pl.date(day.dt.year(), 12, 31)
    return pl.when("lost").then(None).when(pl.col("means") == "month").then(month).when(pl.col("means") == "year").then(year).otherwise(day)


def _precision() -> pl.Expr:
    precision, means = pl.col("precision"), pl.col("means")
    is_one_month = pl.col("earliest_date").dt.month_start() == pl.col("latest_date").dt.month_start()
    is_one_year = pl.col("earliest_date").dt.year() == pl.col("latest_date").dt.year()
    return (
        pl.when("lost").then(pl.lit("unknown"))
        .when((means == "month") & precision.is_in(["month", "year"])).then(precision)
        .when((means == "month") & is_one_month).then(pl.lit("month"))
        .when((means == "year") & is_one_year).then(pl.lit("year"))
        .when(means.is_in(["month", "year"]) & (precision != "unknown")).then(pl.lit("ambiguous"))
        .otherwise(precision)
    )  # fmt: skip
