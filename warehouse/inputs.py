"""What the star is built from, and the relations that the files in `warehouse/model/` read.

Every hash is made here, with `schemas.core.ids`, so that the SQL stays portable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, partial, reduce
from itertools import accumulate
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from schemas import items
from schemas.core import frames
from schemas.core.ids import keyed, keys_within
from schemas.unread import UNREAD

# Vocabulary table, its star table, key column, natural key: the whole vocabulary becomes a dimension, so that every key exists.
VOCABULARIES = (
    ("drug", "dim_drug", "drug_key", ("drug_code",)),
    ("regimen", "dim_regimen", "regimen_key", ("regimen_code",)),
    ("site", "dim_site", "site_key", ("site_code",)),
    ("procedure", "dim_procedure", "procedure_key", ("procedure_code",)),
    ("stage", "dim_stage", "stage_key", ("tnm_edition_code", "stage_code")),
)
KEY = "record_key"
# What a rule of the lineage is.
WORDS = ("record", "step", "rule")
Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)
# Rows of one relation that are worked on at a time.
ROWS_AT_ONCE = 122_880
# A date outside these years is misread by centuries: it stays in its table, and dim_date does not grow with days nobody lived.
FIRST_DAY, LAST_DAY = date(1850, 1, 1), date(2150, 12, 31)


class Vocabularies(Protocol):
    """What the build needs of `schemas.vocabulary.Vocabularies`."""

    def codes(self, domain: str) -> frozenset[str]:
        """The codes of one list."""
        ...

    def table(self, name: str) -> pl.DataFrame:
        """One vocabulary as a frame with the columns of its dimension, keys left out."""
        ...


@dataclass(frozen=True)
class BuildInputs:
    """Everything one star is a function of.

    `records`: the staging records as `link` made them (with record_key, patient_key, tumour_key, source_file); of those that
    `kept_back` names (record, record_key) none is loaded. They are left out here, portion by portion, so that no second copy of all
    records is made before.
    `findings`: with their names (`schemas.findings.identified`) and `status`. `ledger`: the stages up to `edit`; the load adds its own
    lines. `lineage`: of these records only (lazy: made when it is loaded, as the last).
    `sources`: the columns of dim_source. `release`: the columns of release. `unread`: what was not understood.
    """

    records: Mapping[str, pl.DataFrame]
    findings: pl.DataFrame
    ledger: pl.DataFrame
    lineage: pl.DataFrame | pl.LazyFrame
    sources: pl.DataFrame
    release: Mapping[str, object]
    vocabularies: Vocabularies
    kept_back: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema={"record": pl.String, KEY: pl.Int64}))
    unread: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=UNREAD))

    def loaded(self, name: str, rows: Frame) -> Frame:
        """Those rows of a relation that are loaded, of one that is no staging record all; a record's have their key."""
        keys = self.kept_back.filter(pl.col("record") == name)[KEY]
        return rows.filter(~pl.col(KEY).is_in(keys.implode())) if len(keys) else rows


def relations(inputs: BuildInputs) -> dict[str, Callable[[], pl.DataFrame]]:
    """The relations that the model reads, by name; each is made when it is asked for. Those of records have all of them
    (`BuildInputs.loaded`).

    What is counted over all records is counted now, so that a record may be dropped once its table is built.
    """
    those = {name: inputs.loaded(name, frame.lazy()) for name, frame in inputs.records.items()}
    made = {
        **_vocabulary_relations(inputs.vocabularies),
        "calendar": calendar(those),
        "findings": inputs.findings,
        "unread_in": inputs.unread,
        "ledger_in": pl.concat([inputs.ledger, loaded(those)]),
        "source_in": inputs.sources.select(items.polars_schema("dim_source").keys()),
        "release_in": pl.DataFrame([dict(inputs.release)], schema=items.polars_schema("release")),
    }
    named = {name: partial(_record, inputs.records, name) for name in inputs.records}
    told = cache(lambda: _told(_once(inputs.lineage.lazy().collect())))
    return {
        **{name: partial(_itself, frame) for name, frame in made.items()},
        **named,
        "lineage_rule_in": lambda: told()[0],
        "lineage_in": lambda: told()[1],
    }


def _itself(frame: pl.DataFrame) -> pl.DataFrame:
    return frame


def _record(records: Mapping[str, pl.DataFrame], name: str) -> pl.DataFrame:
    return with_course(records[name]) if name == "treatment" else records[name]


def with_course(treatments: pl.DataFrame) -> pl.DataFrame:
    """Treatment records with the key of their course, which is made from that of her person without hashing her again."""
    keys = [keys_within(part["patient_key"], part, ("tumour_no", "course_code")) for part in _chunks(treatments)]
    return treatments.with_columns(pl.concat(keys).alias("course_id"))


def _chunks(frame: pl.DataFrame) -> list[pl.DataFrame]:
    """The frame in the pieces that it lies in. A column that lies in others would have all of the frame copied into one."""
    lengths = frame.to_series().chunk_lengths()
    starts = accumulate(lengths, initial=0)
    return [frame.slice(start, length) for start, length in zip(starts, lengths, strict=False)] or [frame]


def loaded(records: Mapping[str, pl.DataFrame] | Mapping[str, pl.LazyFrame]) -> pl.DataFrame:
    """The ledger lines of the load: one row per file that carries a loaded record."""
    counts = pl.concat([frame.lazy().select("source_file") for frame in records.values()]).group_by("source_file").len("n").collect()
    fate = {"stage": "load", "unit": "record", "fate": "loaded", "reason": ""}
    lines = counts.with_columns(pl.lit(value).alias(name) for name, value in fate.items())
    return lines.select(frames.LEDGER.keys()).cast(frames.LEDGER).sort("source_file")  # type: ignore[arg-type]  # polars narrows schema types


def calendar(records: Mapping[str, pl.DataFrame] | Mapping[str, pl.LazyFrame]) -> pl.DataFrame:
    """One row per day from the first to the last calendar day of any clinical date; empty where there is none.

    Days outside FIRST_DAY..LAST_DAY are left out, so that no cell can make it larger than those 301 years, or refuse the night.
    """
    first, last = _span(records)
    empty = pl.DataFrame(schema=items.polars_schema("dim_date"))
    if first is None or last is None:
        return empty
    day = pl.col("date")
    parts = {
        "year": day.dt.year(),
        "quarter": day.dt.quarter(),
        "month": day.dt.month(),
        "day": day.dt.day(),
        "iso_weekday": day.dt.weekday(),
    }
    days = pl.DataFrame({"date": pl.date_range(max(first, FIRST_DAY), min(last, LAST_DAY), eager=True)})
    return days.with_columns(part.cast(pl.Int32).alias(name) for name, part in parts.items()).select(empty.columns)


def _span(records: Mapping[str, pl.DataFrame] | Mapping[str, pl.LazyFrame]) -> tuple[date | None, date | None]:
    first_last = (pl.col(pl.Date).min().name.prefix("first_"), pl.col(pl.Date).max().name.prefix("last_"))
    ends = [frame.lazy().select(first_last).collect() for frame in records.values()]
    days = [day for frame in ends if frame.width for day in frame.row(0) if day is not None]
    return (min(days), max(days)) if days else (None, None)


def _vocabulary_relations(vocabularies: Vocabularies) -> dict[str, pl.DataFrame]:
    found: dict[str, pl.DataFrame] = {}
    for name, table, key, parts in VOCABULARIES:
        schema = items.polars_schema(table)
        delivered = vocabularies.table(name).select(pl.col(c).cast(t) for c, t in schema.items() if c != key)
        found[f"v_{name}"] = keyed(delivered, key, parts).select(schema.keys())
    blocks = keyed(keyed(vocabularies.table("regimen_drug"), "regimen_key", ("regimen_code",)), "drug_key", ("drug_code",))
    found["v_regimen_drug"] = blocks.select(pl.col(c).cast(t) for c, t in items.polars_schema("bridge_regimen_drug").items())
    return found


def _told(lineage: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rules of the lineage (WORDS and rule_no, numbered in their order), and its lines with the number of their rule."""
    number = pl.Series("number", reduce(_combined, (_numbered(lineage[word]) for word in WORDS)))
    first = number.arg_unique()
    words = lineage[first].select(pl.col(WORDS).cast(pl.String)).with_columns(number.gather(first)).sort(WORDS)
    rules = words.with_columns(rule_no=pl.int_range(1, pl.len() + 1, dtype=pl.Int32))
    of_number = np.zeros(1 + max(rules["number"], default=0), dtype=np.int32)
    of_number[rules["number"]] = rules["rule_no"]
    rule_no = pl.Series("rule_no", of_number).gather(number)
    return rules.drop("number"), lineage.select(KEY, "source_row_id").with_columns(rule_no)


def _numbered(words: pl.Series) -> npt.NDArray[np.uint32]:
    """Texts of which there are few as the numbers that polars knows them by."""
    few = words if isinstance(words.dtype, pl.Categorical | pl.Enum) else words.cast(pl.Categorical)
    return few.to_physical().cast(pl.UInt32).to_numpy()


def _combined(one: npt.NDArray[np.uint32], other: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """A number for each combination of two; few times few are still few."""
    return one * np.uint32(1 + other.max(initial=0)) + other


def _once(lineage: pl.DataFrame) -> pl.DataFrame:
    """Lineage in which repeated lines stand once, in any order.

    A record is delivered once, and what was merged into it may be the same twice: equal lines have an equal number, and few others do, so
    only these are compared in full.
    """
    number, others = pl.col(KEY).hash() ^ pl.col("source_row_id").hash(1), pl.col("step") != "delivered"
    several = _several(lineage.select(others.alias("others"), KEY, "source_row_id").filter("others").select(number)[KEY])
    if several.is_empty():
        return lineage
    may_repeat = others & number.is_in(several.implode())
    return pl.concat([lineage.filter(~may_repeat), lineage.filter(may_repeat).unique()])


def _several(numbers: pl.Series) -> pl.Series:
    """Those of these numbers that occur more than once. Sorting numbers is a third of the cost of a table of them."""
    ordered = numbers.sort()
    return ordered.filter(ordered == ordered.shift()).unique()
