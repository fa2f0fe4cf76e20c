"""Text columns that Excel has opened in the other order of day and month, and written again as text.

What it could read it has turned into dates and written in its own form (`2009-03-04` for 3 April); what it could not, with a day above
12, stands as it was. So the one form has no day above 12, and the other nothing that can be read both ways.
"""

from __future__ import annotations

import math

import polars as pl

# By chance 12 of 31 days of the month are none above 12. As rare as three such days beside three others is rare enough.
LOW, HIGH = math.log(12 / 31), math.log(19 / 31)
RARE = 3 * (LOW + HIGH) + 1e-9


def converted(allowed: pl.DataFrame, voices: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    """The readings of `allowed` (READINGS) that are such dates of Excel.

    `voices`: place, style and only (the order, where it is the only one) of each text that is a numeric date; `texts`: place, text.
    Asked is a form of different days of the month, none above 12, beside texts of another form each of which can be read in one order
    only: three beside three, one beside seven, five beside one, and what is as rare by chance.
    """
    day = pl.col("earliest").dt.day()
    styles = voices.filter(pl.col("only").ne_missing("ymd")).group_by("style").agg(pl.len(), pl.col("only").null_count().alias("open"))
    left = styles.filter(pl.col("open") == 0)["style"]
    if left.is_empty():
        return allowed.clear()
    stay = voices.filter(pl.col("style").is_in(left.implode()))["place"]
    is_alike = pl.all_horizontal(part.n_unique().over("place") == 1 for part in (day, pl.col("earliest").dt.month()))  # in two centuries
    single = pl.col("is_possible") & ~pl.col("is_serial") & (pl.col("precision") == "day") & is_alike
    days = allowed.filter(single & ~pl.col("place").is_in(stay.implode())).join(texts, on="place", how="left")
    if days.is_empty():
        return allowed.clear()
    form = pl.col("text").str.replace_all(r"[0-9]+", "0").str.replace_all(r"\p{L}+", "a")
    is_rare = day.n_unique().over("form") * LOW + len(stay) * HIGH <= RARE
    is_one = is_rare & (day.max().over("form") <= 12)
    return days.with_columns(form=form).filter(is_one).select(allowed.columns)
