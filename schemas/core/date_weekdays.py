"""A day of the week in front of a date (`Thu 31 Dec 1998`): taken away, and held against the day that is read.

Works on the distinct texts of a column; of a column without such names nothing is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

import polars as pl

SHORT = 2  # Do, Di, MI: letters of other words too, so a sign must follow


@lru_cache(maxsize=8)
def _pattern(names: tuple[str, ...]) -> str:
    """The name in group 1 (short ones in group 2) and what stands between it and a digit or the name of a month."""
    long, short = (sorted((n for n in names if (len(n) > SHORT) is is_long), key=len, reverse=True) for is_long in (True, False))
    said = [rf"({'|'.join(map(re.escape, long))})(?:\s*[.,]\s*|\s+)", rf"({'|'.join(map(re.escape, short))})\s*[.,]\s*"]
    return rf"^(?i:(?:{'|'.join(said)})(?:(?:den|the|d\.|le|el)\s+)?)"


def apart(texts: pl.Series, weekdays: Mapping[str, int] | None) -> tuple[pl.Series, pl.Series | None]:
    """The texts without the name of a weekday in front, and its number (1 is Monday; null where there is none); None where none has one."""
    if not weekdays or not texts.str.contains(r"^\p{L}{2,}").any():
        return texts, None
    pattern = _pattern(tuple(weekdays))
    plain = texts.str.replace(pattern, "")
    is_named = (plain != texts) & plain.str.contains("[0-9]")
    if not is_named.any():
        return texts, None
    name = texts.to_frame("text").select(pl.coalesce(pl.col("text").str.extract(pattern, 1), pl.col("text").str.extract(pattern, 2)))
    number = name.to_series().str.to_lowercase().replace_strict(dict(weekdays), default=None, return_dtype=pl.Int8)
    return texts.zip_with(~is_named.fill_null(value=False), plain), number.set(~is_named.fill_null(value=False), None)


def held(found: pl.DataFrame, weekday: pl.Series) -> pl.DataFrame:
    """`found` (earliest, latest, precision, reason, one row per text) without the dates that do not fall on the weekday of their text,
    or have no day. A date that may be two days spans both still, where one of them falls on it: only the order of the file tells."""
    early, late, day = pl.col("earliest"), pl.col("latest"), pl.lit(weekday)
    is_two = pl.col("precision").eq_missing("ambiguous")
    fits = [end.dt.weekday() == day for end in (early, late)]
    is_read = day.is_null() | pl.col("precision").is_null() | (pl.col("precision") == "unknown")
    is_held = is_read | (pl.col("precision").eq_missing("day") & fits[0]) | (is_two & (fits[0] | fits[1]))
    nothing = {name: pl.when(is_held).then(name).alias(name) for name in ("earliest", "latest", "precision")}
    return found.with_columns(*nothing.values(), reason=pl.when(is_held).then("reason").otherwise(pl.lit("not_understood")))
