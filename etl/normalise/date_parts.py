"""A date whose year, month and day stand in columns of their own, as one text that the reader of dates understands."""

from __future__ import annotations

import polars as pl

from schemas.date_words import unknown_words

# What stands in the place of a month or a day that is not known, beside the words for it.
FILLERS = r"^(?:0+|9{2,}|8{2}|-9+|)$"


def joined(year: pl.Expr, month: pl.Expr, day: pl.Expr | None) -> pl.Expr:
    """`2009`, `3`, `14` as `2009-03-14`; without a day `2009-03`, without a month the year alone (a day says nothing then).

    A month in words stays one (`14 Mar 2009`). What is no year of four digits, with a month beside it, and a month or day that is no
    number of two digits are put together in a way that no form of dates has: the cell is noted, never half read. Null where there is
    no year.
    """
    of_year, of_month = year.str.strip_chars(), _known(month)
    of_day = _known(day) if day is not None else pl.lit(None, pl.String)
    apart = [pl.concat_str(pl.lit(f"{name} "), part) for name, part in (("year", of_year), ("month", of_month), ("day", of_day))]
    two = r"^\d{1,2}$"
    numbers = [part.str.zfill(2) for part in (of_month, of_day)]
    is_word = of_month.str.contains(r"^\pL+\.?$")
    day_fits = of_day.is_null() | of_day.str.contains(two)
    dashed = pl.concat_str(of_year, *numbers, separator="-", ignore_nulls=True)
    worded = pl.concat_str(of_day, of_month, of_year, separator=" ", ignore_nulls=True)
    return (
        pl.when(of_year.is_null() | of_month.is_null()).then(of_year)
        .when(of_year.str.contains(r"^\d{4}$") & day_fits & of_month.str.contains(two)).then(dashed)
        .when(of_year.str.contains(r"^\d{4}$") & day_fits & is_word).then(worded)
        .otherwise(pl.concat_str(*apart, separator=" ", ignore_nulls=True))
    )  # fmt: skip


def _known(part: pl.Expr) -> pl.Expr:
    """A month or day, null where it is not known; `3.0` of a spreadsheet is 3."""
    text = part.str.strip_chars().str.replace(r"^(\d{1,2})\.0+$", "$1")
    is_filler = text.str.contains(FILLERS) | text.str.to_lowercase().is_in(sorted(unknown_words()))
    return pl.when(~is_filler).then(text)
