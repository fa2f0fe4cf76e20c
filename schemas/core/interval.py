"""Delivered dates to intervals of days (DESIGN 2.3); vectorised over the distinct texts of a column.

Nothing is imputed: what a text leaves open widens its interval, and what can be read in two ways spans both. What two
intervals say of each other (`before`, `days_between`) is worked out in SQL: `schemas.core.three_valued`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from schemas.core.date_calendars import is_of_another
from schemas.core.date_readings import readings
from schemas.core.date_shapes import ABOUT, BLANKED, TIME, Calendar, DateRules, Epoch, Order, format_pattern
from schemas.core.date_weekdays import apart, held
from schemas.core.date_writing import western, without_year
from schemas.core.date_zones import clocks, in_zone

__all__ = ["Order", "core_texts", "format_pattern", "parse_dates", "settle", "widened"]

# What a date of the project itself is written as; reasons of texts that are no date.
ISO_DATE = re.compile(r"^[0-9]{4}(-[0-9]{2}){0,2}$")
NO_DATE = ("not_understood", "impossible")
UNDERSTOOD_AS_UNKNOWN = ("unknown_token", "sentinel", "impossible")


def parse_dates(
    values: pl.Series, formats: Sequence[str] | None = None, order: Order | None = None, *, pivot: int | None = None,
    serials: Epoch | None = None, calendar: Calendar | None = None, zone: str | None = None, rules: DateRules | None = None,
) -> pl.DataFrame:  # fmt: skip
    """One row per value, in its order: raw, earliest, latest (Date), precision (day, month, year, ambiguous, unknown), reason.

    `formats` (strptime directives) replace the built-in shapes; a text that fits several spans them. `order` says how a
    numeric date with the year last is read; without it every reading counts, and no text proves that of another. A time
    of day is dropped, but for an instant: its day is that of `zone`, or without one every day that it may be. Null and
    blank texts give nulls without a reason; other texts without an interval have the reason `impossible`, `sentinel` or
    `unknown_token` (precision `unknown`) or `not_understood` (precision null). `rules`, where they are at hand, in the place of all others.
    """
    if rules is None:
        rules = _shipped(DateRules(tuple(formats or ()), order, pivot, None, serials, calendar=calendar, zone=zone))
    rows = pl.DataFrame({"raw": values.cast(pl.String)})
    texts = core_texts(rows["raw"].drop_nulls().unique(), rules)
    known = readings(distinct(texts), rules)
    found = widened(texts, settle(known.filter("is_declared"), known), rules).drop("is_zoneless")
    return rows.join(found, on="raw", how="left", maintain_order="left")


def _shipped(declared: DateRules) -> DateRules:
    """The rules with the words that ship with the package."""
    from schemas import date_words  # noqa: PLC0415  # facts are read when they are first needed

    months, unknown, eras = date_words.months(), date_words.unknown_words(), date_words.eras()
    weekdays = date_words.weekdays()
    return replace(declared, months=months, sentinels=date_words.sentinels(), unknown=unknown, eras=eras, weekdays=weekdays)


def core_texts(values: pl.Series, rules: DateRules) -> pl.DataFrame:
    """One row per distinct raw text: raw, text (trimmed, without time of day and without "about"; null where blank),
    place (of the text among the distinct ones), is_about, is_unknown; where there are instants also what `clocks` tells of them.
    """
    is_timed = any(directive in text for text in rules.formats for directive in ("%H", "%I", "%T"))
    written = western(values.str.strip_chars(), rules.eras, rules.calendar)
    if rules.calendar is None and is_of_another(values, written):
        written = without_year(written)
    written, weekday = apart(written, rules.weekdays)
    # 2009-03- and 2009-- of a program that joins the parts of a date
    written = written.str.replace(JOINED, "$1$2")
    if written.str.contains(JOINED_YEAR).any() and values.str.contains(JOINED).any():
        written = written.str.replace(JOINED_YEAR, "$1")  # alone it may say "since 2009"
    # ISO 8601 as CDISC has it, the month not known: the day says nothing without it
    written = written.str.replace(r"^([0-9]{4})---[0-9]{2}$", "$1")
    written = written.str.replace(r"([0-9]{4})\s*r(?:oku|\.)?$", "$1")  # rok: year, in Polish
    trimmed = pl.LazyFrame({"raw": values, "text": written})
    plain = trimmed if is_timed else trimmed.with_columns(pl.col("text").str.replace(TIME, "$1"))
    is_unknown = pl.col("text").str.contains(BLANKED) | pl.col("text").str.to_lowercase().is_in(sorted(rules.unknown))
    is_about = pl.col("text").str.contains(ABOUT) & ~is_unknown
    marked = plain.with_columns(is_about=is_about, is_unknown=is_unknown)
    bare = pl.when("is_about").then(pl.col("text").str.replace_all(ABOUT, "").str.strip_chars()).otherwise("text")
    named = marked.with_columns(text=pl.when(bare != "").then(bare)).collect()
    told = clocks(written)
    named = named if told is None else named.hstack(told)
    named = named if weekday is None else named.with_columns(weekday=weekday)
    if named["text"].is_unique().all():
        return named.with_row_index("place")
    places = named.select(pl.col("text").unique()).drop_nulls().with_row_index("place")
    return named.join(places, on="text", how="left", maintain_order="left")


def distinct(texts: pl.DataFrame) -> pl.DataFrame:
    """One row per distinct text of `core_texts` that may be a date: place, text."""
    dated = texts.filter(pl.col("text").is_not_null(), ~pl.col("is_unknown")).select("place", "text")
    return dated if dated["place"].is_unique().all() else dated.unique("place")


def settle(allowed: pl.DataFrame, everything: pl.DataFrame) -> pl.DataFrame:
    """One row per place of `everything` (READINGS): its `allowed` readings in one; where they differ it is `ambiguous`, and spans them.

    Columns place, earliest, latest, precision, reason (null, impossible, sentinel).
    """
    readable = allowed.lazy().filter("is_possible").select("place", "earliest", "latest", "precision")
    precision = pl.when("is_one").then("precision").when(pl.col("is_one").is_not_null()).then(pl.lit("ambiguous"))
    # 31/12/2999 is no date in either order
    is_sentinel = pl.lit(False)
    if everything["is_sentinel"].any():
        is_sentinel = pl.col("place").is_in(everything.filter("is_sentinel")["place"].implode())
    reason = pl.when(is_sentinel).then(pl.lit("sentinel")).when(pl.col("is_one").is_null()).then(pl.lit("impossible"))
    places = everything.lazy().select(pl.col("place").unique())
    settled = places.join(_in_one(readable, allowed["place"]), on="place", how="left").with_columns(reason=reason)
    is_dated = pl.col("reason").is_null()
    ends = [pl.when(is_dated).then(end).alias(end) for end, _ in SIDES]
    return settled.select("place", *ends, pl.when(is_dated).then(precision), "reason").collect()


# 2009-03- and 2009--, and 2009- beside one of them
JOINED, JOINED_YEAR = r"^([0-9]{4}[-/][0-9]{1,2})[-/]{1,2}$|^([0-9]{4})[-/]{2}$", r"^([0-9]{4})[-/]$"
SIDES = (("earliest", "min"), ("latest", "max"))


def _in_one(readable: pl.LazyFrame, places: pl.Series) -> pl.LazyFrame:
    """One row per place: what its readings span, and whether they are one."""
    if not places.is_duplicated().any():
        return readable.with_columns(is_one=pl.lit(True))
    is_one = (pl.col("earliest").n_unique() == 1) & (pl.col("latest").n_unique() == 1)
    open_ends = [pl.when(pl.col(end).null_count() == 0).then(getattr(pl.col(end), side)()).alias(end) for end, side in SIDES]
    spans = [*open_ends, pl.col("precision").first(), is_one.alias("is_one")]
    alone = pl.col("place").is_unique()
    several = readable.filter(~alone).group_by("place").agg(spans)
    return pl.concat([readable.filter(alone).with_columns(is_one=pl.lit(True)), several])


def widened(texts: pl.DataFrame, settled: pl.DataFrame, rules: DateRules) -> pl.DataFrame:
    """One row per raw text of `core_texts`: raw, earliest, latest, precision, reason, is_zoneless; instants as the days they may be."""
    found = _about(texts, settled)
    found = held(found, texts["weekday"]) if "weekday" in texts.columns else found
    if "clock" not in texts.columns:
        return found.with_columns(is_zoneless=pl.lit(value=False))
    return in_zone(found, texts, rules.zone, rules.sentinels)


def _about(texts: pl.DataFrame, settled: pl.DataFrame) -> pl.DataFrame:
    """One row per raw text of `core_texts`: raw, earliest, latest, precision, reason; an approximate date reaches one step further.

    One step is a year, a month, or 31 days about a single day: a convention, stated in docs/dates.md.
    """
    joined = texts.lazy().join(settled.lazy(), on="place", how="left", maintain_order="left")
    early, late, precision = pl.col("earliest"), pl.col("latest"), pl.col("precision")
    missing = pl.when("is_unknown").then(pl.lit("unknown_token")).when(pl.col("text").is_not_null() & precision.is_null()).then(
        pl.coalesce("reason", pl.lit("not_understood"))
    )  # fmt: skip
    known = ~pl.col("is_unknown")
    explained = joined.with_columns(reason=missing)
    unknown = pl.when(pl.col("reason").is_in(UNDERSTOOD_AS_UNKNOWN)).then(pl.lit("unknown"))
    if not texts["is_about"].any():
        plain = [pl.when(known).then(early).alias("earliest"), pl.when(known).then(late).alias("latest")]
        return explained.select("raw", *plain, unknown.when(known).then(precision).alias("precision"), "reason").collect()
    about = pl.col("is_about") & precision.is_not_null()
    first = pl.when(precision == "year").then(early.dt.offset_by("-1y")).when(precision == "month").then(early.dt.offset_by("-1mo"))
    next_month = late.dt.offset_by("1d").dt.month_end()
    last = pl.when(precision == "year").then(late.dt.offset_by("1y")).when(precision == "month").then(next_month)
    return explained.select(
        "raw",
        earliest=pl.when(known & about).then(first.otherwise(early.dt.offset_by("-31d"))).when(known).then(early),
        latest=pl.when(known & about).then(last.otherwise(late.dt.offset_by("31d"))).when(known).then(late),
        precision=unknown.when(known & about).then(pl.lit("ambiguous")).when(known).then(precision),
        reason="reason",
    ).collect()
