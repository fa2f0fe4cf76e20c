"""Instants as days: a time of day with `Z` or an offset is a moment, and which day that is depends on where the hospital stands.

Works on the distinct texts of a column. What the texts of a whole column say together settles much: exports that write every date as
midnight mean the day that is written, and 22:00Z beside 23:00Z is midnight of a place with summer time.
"""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

import polars as pl

_ZONE = r" ?(?P<zone>Z|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?)$"
_ENDS_SO = r"[0-9Mm] ?(?:Z|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?)$"
INSTANT = (
    r"(?:T|[ :,]+)(?P<hour>[0-9]{1,2})[:.](?P<minute>[0-9]{2})(?:[:.](?P<second>[0-9]{2})(?:[.,](?P<part>[0-9]+))?)?"
    rf"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?{_ZONE}",
    # behind T or, as HL7 writes it, behind the eight digits of the day
    rf"(?:T|^[0-9]{{8}})(?P<hour>[0-9]{{2}})(?P<minute>[0-9]{{2}})(?:(?P<second>[0-9]{{2}})(?:[.,](?P<part>[0-9]+))?)?{_ZONE}",
)
MINUTE, HOUR, DAY = 60, 3_600, 86_400
# The clocks of the world stand between UTC-12 and UTC+14.
BEHIND, AHEAD = 12 * HOUR, 14 * HOUR
# Midnight of Western, Central and Eastern Europe in UTC, winter and summer: together they are no other place's noon.
MIDNIGHTS = ({0, 23 * HOUR}, {23 * HOUR, 22 * HOUR}, {22 * HOUR, 21 * HOUR})
LEAST_INSTANTS, LEAST_OF_EACH = 20, 5
# Of fewer, a whole hour of the afternoon in New York may be midnight of UTC by chance.
LEAST_MIDNIGHTS = 5
# The contract says that the day written counts, whatever the time beside it.
AS_WRITTEN = "as_written"


@cache
def is_zone(name: str) -> bool:
    """Whether the time zone database has a zone of this name, such as Europe/Berlin (a bare offset is none), or it is `as_written`."""
    if name not in available_timezones():
        return name == AS_WRITTEN
    try:
        pl.select(pl.datetime(2000, 1, 1).dt.replace_time_zone("UTC").dt.convert_time_zone(name))
    except pl.exceptions.ComputeError:  # a zone that is newer than the database of polars
        return False
    return True


def clocks(texts: pl.Series) -> pl.DataFrame | None:
    """One row per text: `clock`, the second of the day that is written, and `utc`, that second by UTC, counted from the day written.

    Null where the text is no instant; `is_even` where the clock stands at a full second. None where no text is an instant.
    """
    if not texts.str.contains(_ENDS_SO).any():
        return None
    found = texts.to_frame("text").select(_part(name).alias(name) for name in ("hour", "minute", "second", "part", "half", "zone"))
    half = pl.col("half").str.to_lowercase()
    hour = pl.when(half.is_null()).then(_number("hour")).otherwise(_number("hour") % 12 + pl.when(half == "p").then(12).otherwise(0))
    clock = hour * HOUR + _number("minute") * MINUTE + _number("second").fill_null(0).clip(0, 59)
    is_even = ~pl.col("part").fill_null("").str.contains("[1-9]")
    read = found.select(clock=clock, utc=clock - _offset(), is_even=is_even)
    return read if read["clock"].is_not_null().any() else None


def _part(name: str) -> pl.Expr:
    patterns = [pattern for pattern in INSTANT if f"(?P<{name}>" in pattern]
    return pl.coalesce(pl.col("text").str.extract_groups(pattern).struct.field(name) for pattern in patterns)


def _number(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Int64)


def _offset() -> pl.Expr:
    """How far the clock of the text is ahead of UTC, in seconds."""
    digits = pl.col("zone").str.replace_all("[^0-9]", "")
    ahead = digits.str.slice(0, 2).cast(pl.Int64, strict=False) * HOUR + digits.str.slice(2).str.replace("^$", "0").cast(pl.Int64) * MINUTE
    return pl.when(digits == "").then(0).when(pl.col("zone").str.starts_with("-")).then(-ahead).otherwise(ahead)


def in_zone(found: pl.DataFrame, texts: pl.DataFrame, zone: str | None, sentinels: frozenset[str] = frozenset()) -> pl.DataFrame:
    """`found` (raw, earliest, latest, precision, reason: one row per row of `texts`) with the days of its instants, and `is_zoneless`.

    `texts` has the columns of `clocks`, and `is_about`. `is_zoneless`: the day stays open for want of a zone. Where every instant of the
    column stands at midnight by its own clock, the day is the one written, whatever the zone; of few it may be.
    """
    told = texts.filter(pl.col("clock").is_not_null())
    is_midnight = bool((told["is_even"] & (told["clock"] == 0)).all())
    if zone == AS_WRITTEN or (is_midnight and told.height >= LEAST_MIDNIGHTS):
        return found.with_columns(is_zoneless=pl.lit(value=False))
    low, high = _in_declared(zone) if zone is not None else _possible(told)
    if is_midnight:
        low, high = pl.min_horizontal(low, "earliest"), pl.max_horizontal(high, "latest")
    # a program that shows midnight of UTC by the clock of its machine writes another day than was meant
    if (told["is_even"] & (told["utc"] % DAY == 0)).all():
        low, high = pl.min_horizontal(low, _by_utc("earliest")), pl.max_horizontal(high, _by_utc("latest"))
    is_dated = pl.col("precision").is_in(["day", "ambiguous"]) & pl.all_horizontal(pl.col("earliest", "latest", "clock").is_not_null())
    is_moved = is_dated & ~pl.col("is_about")
    moved = found.hstack(texts.select("clock", "utc", "is_about")).with_columns(low=low, high=high, is_moved=is_moved)
    return _told(moved, sentinels).select(*found.columns, "is_zoneless")


def _told(moved: pl.DataFrame, sentinels: frozenset[str]) -> pl.DataFrame:
    """Where `is_moved`, from `low` to `high`; a day that stands for "not known" is none in any zone (1899-12-31T23:00Z)."""
    low, high, was_moved = pl.col("low"), pl.col("high"), pl.col("is_moved").fill_null(value=False)
    days = [pl.lit(day).str.to_date(strict=False) for day in sorted(sentinels) if not day.endswith("-00")]
    is_sentinel = pl.any_horizontal(pl.lit(value=False), *((low == day) | (high == day) for day in days)) & was_moved
    is_wider = (high - low) > (pl.col("latest") - pl.col("earliest"))
    precision = pl.when(is_sentinel).then(pl.lit("unknown")).when(low == high).then(pl.lit("day")).otherwise(pl.lit("ambiguous"))
    return moved.with_columns(
        earliest=pl.when(~was_moved).then("earliest").when(~is_sentinel).then(low),
        latest=pl.when(~was_moved).then("latest").when(~is_sentinel).then(high),
        precision=pl.when(was_moved).then(precision).otherwise("precision"),
        reason=pl.when(is_sentinel).then(pl.lit("sentinel")).otherwise("reason"),
        is_zoneless=was_moved & is_wider & ~is_sentinel,
    )


def _in_declared(zone: str) -> tuple[pl.Expr, pl.Expr]:
    """The day of the first and of the last moment that the text may mean, in one zone."""
    ends = (pl.col(end).cast(pl.Datetime("us")) + pl.duration(seconds="utc") for end in ("earliest", "latest"))
    low, high = (end.dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.date() for end in ends)
    return low, high


def _possible(told: pl.DataFrame) -> tuple[pl.Expr, pl.Expr]:
    """The days that an instant can be anywhere on earth; an offset from UTC is the clock of a place, so its day is the one written."""
    utc = pl.col("utc")
    is_utc = pl.col("clock") == utc
    if _is_midnight(told.filter(is_utc)):
        low = high = pl.when(is_utc & (utc >= BEHIND)).then(1).otherwise(0)
    else:
        low = pl.when(is_utc & (utc < BEHIND)).then(-1).otherwise(0)
        high = pl.when(is_utc & (utc + AHEAD >= DAY)).then(1).otherwise(0)
    return _later("earliest", low), _later("latest", high)


def _is_midnight(instants: pl.DataFrame) -> bool:
    """Whether the instants by UTC are midnight of a place with summer time."""
    met = instants.filter("is_even").group_by("utc").len()
    is_pair = set(met["utc"].to_list()) in MIDNIGHTS and instants["is_even"].all()
    return is_pair and instants.height >= LEAST_INSTANTS and bool((met["len"] >= LEAST_OF_EACH).all())


def _by_utc(end: str) -> pl.Expr:
    return _later(end, pl.col("utc").floordiv(DAY))


def _later(end: str, days: pl.Expr) -> pl.Expr:
    return (pl.col(end).cast(pl.Int32) + days.cast(pl.Int32)).cast(pl.Date)
