"""Dates counted in days since an anchor: the anchor's own place, re-basing, and calendar windows that follow from both axes.

Nothing is imputed: a window is only what the delivered dates imply (DESIGN 2.3). Person-level dates (birth, contact, death)
are counted from the anchors of the person's first tumour. Where an anchor has no record, its dates stay as delivered.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from etl.normalise.narrow import widened
from schemas.core.ids import SEPARATOR, located
from schemas.items import INTERVAL_PARTS, RECORDS, identity, intervals

# Anchor name, record and date that it is. Kinds of event are anchors by their own name (their first event).
ANCHORS = (
    ("birth", "patient", "birth"),
    ("diagnosis", "tumour", "diagnosis"),
    ("treatment_start", "tumour", "treatment_start"),
    ("enrolment", "tumour", "enrolment"),
    ("randomisation", "tumour", "enrolment"),
)
PARTS = [part for part, _, _ in INTERVAL_PARTS]
EARLY, LATE, PRECISION, EARLY_DAYS, LATE_DAYS, ANCHOR = PARTS
LONGEST_CHAIN = 8  # local recurrence before distant recurrence after treatment start has two steps; a circle of anchors must end
TUMOUR = ["patient_key", "tumour_no"]
DATE = ["record", "record_key", "date"]
# An axis is the anchor of one tumour; birth is one for all tumours of a person, which `axis_no` 0 stands for.
PERSON_ANCHORS = ("birth",)
AXIS = ["patient_key", "axis_no", ANCHOR]
PLACE = {
    "record": pl.String, "record_key": pl.Int64, "patient_key": pl.Int64, "source_key": pl.Int64, "source_row": pl.Int64,
    "columns": pl.String,
}  # fmt: skip


@dataclass(frozen=True)
class Resolved:
    """The records with their dates on the calendar and in days since an anchor.

    `contradictions`: the dates whose two axes disagree (record, keys, row, column). `compared`: for each of these, the date on both axes
    and the days on which its anchor could be. `judged`: how many dates have both axes.
    """

    records: dict[str, pl.DataFrame]
    contradictions: pl.DataFrame
    judged: int
    compared: pl.Series


def resolve(records: dict[str, pl.DataFrame]) -> Resolved:
    """The records with every relative date on the anchor it finally hangs on, and the calendar windows that follow.

    `records` are merged (one row per record_key). A load without relative dates costs nothing.
    """
    dates = _relative(records)
    if dates.is_empty():
        return Resolved(records, pl.DataFrame(schema=PLACE), 0, pl.Series("compared", [], pl.String))
    own, records = records, {name: widened(frame) for name, frame in records.items()}
    dates = _relative(records)
    anchors = _anchors(records)
    dates = _rebased(_with_own_place(dates, anchors), anchors)
    windows = _windows(dates)
    both = dates.filter(_on_both())
    against = both.with_columns(_axis_no(ANCHOR)).join(windows.filter(~_is_possible()), on=AXIS, how="inner", maintain_order="left")
    narrow = _calendar(dates, windows.filter(_is_possible()))
    written = {name: _written(name, frame, narrow).cast(pl.Schema(own[name].schema)) for name, frame in records.items()}
    return Resolved(written, located(against).rename({"date": "columns"}).select(PLACE.keys()), both.height, _compared(against))


def _on_both() -> pl.Expr:
    return pl.col(EARLY).is_not_null() | pl.col(LATE).is_not_null()


def _axis_no(anchor: str) -> pl.Expr:
    """Number that tells the axes of one person apart; `anchor` is the column with the name of the anchor."""
    is_hers = pl.col(anchor).is_in(PERSON_ANCHORS)
    return pl.when(is_hers).then(pl.lit(0, pl.Int32)).otherwise("tumour_no").alias("axis_no")


def _is_possible() -> pl.Expr:
    return (pl.col("opens") <= pl.col("closes")).fill_null(value=True)


def _long(name: str, frame: pl.DataFrame, date: str, first: pl.DataFrame) -> pl.DataFrame:
    """One row per record: the six parts of one date under common names, with the tumour it belongs to."""
    own = "tumour_no" in identity(name)
    keys = frame if own else frame.join(first, on="patient_key", how="left", maintain_order="left")
    parts = [pl.col(f"{date}_{part}").alias(part) for part in PARTS]
    return keys.select(*TUMOUR, "record_key", "source_row_id", *parts, record=pl.lit(name), date=pl.lit(date))


def _first_tumours(records: dict[str, pl.DataFrame]) -> pl.DataFrame:
    return records["tumour"].group_by("patient_key").agg(pl.col("tumour_no").min())


def _relative(records: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """One row per date that is counted from an anchor."""
    counted = {
        (name, date): frame.filter(pl.col(f"{date}_{ANCHOR}").is_not_null())
        for name in RECORDS for date in intervals(name)
        if (frame := records[name]).select(pl.col(f"{date}_{ANCHOR}").null_count()).item() < frame.height
    }  # fmt: skip
    if not counted:
        return pl.DataFrame()
    first = _first_tumours(records)
    return pl.concat(_long(name, frame, date, first) for (name, date), frame in counted.items())


def _anchors(records: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """One row per tumour and anchor name (`is`): the date that is that anchor."""
    first = _first_tumours(records)
    parts = [_long(name, records[name], date, first).with_columns(pl.lit(anchor).alias("is")) for anchor, name, date in ANCHORS]
    events = records["event"].sort(*TUMOUR, "event_type_code", "event_no")
    events = events.unique([*TUMOUR, "event_type_code"], keep="first", maintain_order=True)
    kinds = events.select("record_key", pl.col("event_type_code").alias("is"))
    parts.append(_long("event", events, "event", first).join(kinds, on="record_key", how="left"))
    return pl.concat(parts).with_columns(_axis_no("is")).filter(pl.col("axis_no").is_not_null())


def _with_own_place(dates: pl.DataFrame, anchors: pl.DataFrame) -> pl.DataFrame:
    """An anchor from which something is counted, and which hangs on no other, is day 0 of its own axis."""
    used = dates.select("patient_key", _axis_no(ANCHOR), pl.col(ANCHOR).alias("is")).unique()
    roots = anchors.join(used, on=["patient_key", "axis_no", "is"], how="semi").filter(pl.col(ANCHOR).is_null())
    roots = roots.unique(DATE, keep="first", maintain_order=True)
    zero = pl.lit(0, pl.Int32)
    placed = roots.with_columns(pl.col("is").alias(ANCHOR), zero.alias(EARLY_DAYS), zero.alias(LATE_DAYS))
    return pl.concat([dates, placed.select(dates.columns)])


def _rebased(dates: pl.DataFrame, anchors: pl.DataFrame) -> pl.DataFrame:
    """Dates whose anchor hangs on another anchor, counted from that one: the days and their widths add up."""
    names = anchors.select(*DATE, "axis_no", "is")
    for _ in range(LONGEST_CHAIN):
        own = {"base_early": EARLY_DAYS, "base_late": LATE_DAYS, "base": ANCHOR, **{f"base_{part}": part for part in DATE}}
        placed = dates.join(names, on=DATE).select("patient_key", "axis_no", pl.col("is").alias(ANCHOR), **own)
        joined = dates.with_columns(_axis_no(ANCHOR)).join(placed, on=AXIS, how="left", maintain_order="left")
        moves = (pl.col("base") != pl.col(ANCHOR)).fill_null(value=False) & ~_is_own_anchor()
        if not joined.select(moves.any()).item():
            break
        dates = joined.with_columns(
            pl.when(moves).then(pl.col(EARLY_DAYS) + pl.col("base_early")).otherwise(pl.col(EARLY_DAYS)).alias(EARLY_DAYS),
            pl.when(moves).then(pl.col(LATE_DAYS) + pl.col("base_late")).otherwise(pl.col(LATE_DAYS)).alias(LATE_DAYS),
            pl.when(moves).then(pl.col("base")).otherwise(pl.col(ANCHOR)).alias(ANCHOR),
        ).select(dates.columns)
    return dates


def _is_own_anchor() -> pl.Expr:
    """A date that is counted from itself (an enrolment on day 0 since randomisation) stays where it is."""
    return pl.all_horizontal((pl.col(f"base_{part}") == pl.col(part)).fill_null(value=False) for part in DATE)


def _windows(dates: pl.DataFrame) -> pl.DataFrame:
    """One row per axis: the days on which the anchor can lie, by every date counted from it."""
    opens, closes = pl.col(EARLY) - _days(LATE_DAYS), pl.col(LATE) - _days(EARLY_DAYS)
    return dates.with_columns(_axis_no(ANCHOR)).group_by(AXIS).agg(opens.max().alias("opens"), closes.min().alias("closes"))


def _compared(against: pl.DataFrame) -> pl.Series:
    """One text per date that contradicts its axis: the date on both axes, and the window of its anchor, which every date of it narrows."""
    said = [pl.col(part).cast(pl.String).fill_null("") for part in ("date", EARLY, LATE, EARLY_DAYS, LATE_DAYS, ANCHOR, "opens", "closes")]
    return against.select(compared=pl.concat_str(said, separator=SEPARATOR))["compared"]


def _calendar(dates: pl.DataFrame, windows: pl.DataFrame) -> pl.DataFrame:
    """Every date narrowed to what the window of its anchor implies; without a possible window it stays as delivered."""
    joined = dates.with_columns(_axis_no(ANCHOR)).join(windows, on=AXIS, how="left", maintain_order="left")
    early = pl.max_horizontal(pl.col(EARLY), pl.col("opens") + _days(EARLY_DAYS))
    late = pl.min_horizontal(pl.col(LATE), pl.col("closes") + _days(LATE_DAYS))
    changed = early.ne_missing(pl.col(EARLY)) | late.ne_missing(pl.col(LATE))
    precision = pl.when(early == late).then(pl.lit("day")).otherwise(pl.lit("ambiguous"))
    return joined.with_columns(
        pl.when(changed).then(early).otherwise(pl.col(EARLY)).alias(EARLY),
        pl.when(changed).then(late).otherwise(pl.col(LATE)).alias(LATE),
        pl.when(changed).then(precision).otherwise(pl.col(PRECISION)).alias(PRECISION),
    ).select(dates.columns)


def _days(part: str) -> pl.Expr:
    return pl.duration(days=pl.col(part))


def _written(name: str, frame: pl.DataFrame, dates: pl.DataFrame) -> pl.DataFrame:
    """The records with the six columns of each resolved date put back."""
    for date in intervals(name):
        found = dates.filter((pl.col("record") == name) & (pl.col("date") == date))
        if found.is_empty():
            continue
        new = found.select("record_key", *(pl.col(part).alias(f"new_{part}") for part in PARTS), is_resolved=True)
        joined = frame.join(new, on="record_key", how="left", maintain_order="left")
        resolved = pl.col("is_resolved").fill_null(value=False)
        frame = joined.with_columns(
            pl.when(resolved).then(pl.col(f"new_{part}")).otherwise(pl.col(f"{date}_{part}")).alias(f"{date}_{part}") for part in PARTS
        ).select(frame.columns)
    return frame
