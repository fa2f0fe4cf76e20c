"""The pieces of each kind of record made whole, with what became of every piece."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import polars as pl

from etl.linking.merging import Arranged, Merged, merge
from etl.linking.piece_fates import FATES
from etl.linking.pieces import column_of
from etl.normalise.narrow import Kind, having, narrow_schema
from schemas.core.frames import FINDINGS, LINEAGE_NARROW
from schemas.core.ids import keys_within, located
from schemas.items import RECORDS, identity
from schemas.linkage import Rule
from schemas.staging import NAMED, own_columns
from validations.fingerprint import of_linkage
from validations.report.registry_measures import CONFLICT

T = TypeVar("T")
# The lineage has ten lines and more per woman: what it says of each in few words is one byte.
STEPS = pl.Enum(["delivered", "merged", "corrected"])
NARROW = LINEAGE_NARROW | {"record": pl.Enum(RECORDS), "step": STEPS}
# What a record has beside its own columns.
KEPT: dict[str, Kind] = {"patient_key": pl.Int64, "source_row_id": pl.Int64, "source_file": pl.Categorical()}
# What linking tells of a finding itself; edit, severity and outcome are put before it; what was compared is hashed for CONFLICT only.
PLACE = {name: kind for name, kind in FINDINGS.items() if name not in ("edit", "severity", "outcome", "fingerprint")}


@dataclass(frozen=True)
class Brought:
    """All kinds of records made whole.

    `records`: one row per natural key. `lineage`: LINEAGE. `conflicts`: PLACE and fingerprint of the pieces that contradict what was kept.
    `earlier`: PLACE of the pieces that a rule of survivorship passed over as an earlier state. `told`: one row per record, file and fate,
    with the number of pieces.
    """

    records: dict[str, pl.DataFrame]
    lineage: pl.DataFrame
    conflicts: pl.DataFrame
    earlier: pl.DataFrame
    told: pl.DataFrame


def brought(
    pieces: dict[str, Arranged], survivorship: Mapping[str, Rule], names: pl.DataFrame, changed: pl.DataFrame, key: bytes | None
) -> Brought:
    """The pieces merged, two kinds of records at a time; `pieces` is empty afterwards, for they are most of the memory."""
    # nothing else may hold the pieces while they are merged
    parts = of_each(lambda name: _brought_one(name, merge(name, pieces.pop(name), survivorship), names, changed, key))
    rest = {field: pl.concat(getattr(part, field) for part in parts.values()) for field in ("lineage", "conflicts", "earlier", "told")}
    return Brought({name: part.records[name] for name, part in parts.items()}, **rest)


def of_each(made: Callable[[str], T]) -> dict[str, T]:
    """What is made of each kind of record, two at a time: most steps of one keep one processor busy."""
    with ThreadPoolExecutor(2, "link") as threads:
        return dict(zip(RECORDS, threads.map(made, RECORDS), strict=True))


def _brought_one(name: str, merged: Merged, names: pl.DataFrame, changed: pl.DataFrame, key: bytes | None) -> Brought:
    """What `brought` says of one kind of record."""
    whole = _whole(name, _stacked(merged.records, [*own_columns(name), *KEPT]), names)
    keys, kind = whole.select("record_key", "patient_key"), pl.lit(name, pl.Categorical).alias("record")
    # what came in one piece stands first, and its keys are those of the records, held once for both
    alone = whole.select("record_key", "source_row_id", "source_file").head(len(merged.rules))
    alone = alone.with_columns(kind, merged.rules, fate=pl.lit("goes_on", FATES))
    several, noted = (told.with_columns(kind, keys["record_key"].gather(told["place"])) for told in (merged.pieces, merged.noted))
    fates = (alone, several)
    # a count that is cast within the grouping costs eight times as much
    counted = pl.concat(told.group_by("source_file", "fate").agg(n=pl.len()) for told in fates)
    return Brought(
        {name: whole},
        pl.concat([*(_lineage(told) for told in fates), *(_corrected(told, changed) for told in fates)]),
        _not_kept(noted, keys, "conflicts").with_columns(fingerprint=of_linkage(CONFLICT, merged.compared, key)),
        _not_kept(noted, keys, "earlier"),
        counted.select(pl.lit(name).alias("record"), pl.col("source_file", "fate").cast(pl.String), pl.col("n").cast(pl.Int64)),
    )


def _not_kept(fates: pl.DataFrame, keys: pl.DataFrame, why: str) -> pl.DataFrame:
    """PLACE of the pieces of one kind of record whose word was not kept in the columns that stand under `why`."""
    pieces = fates.filter(pl.col(why).is_not_null())
    named = pieces.with_columns(keys["patient_key"].gather(pieces["place"]), columns=pl.col(why))
    return located(named).select(pl.col(column).cast(kind) for column, kind in PLACE.items())


def _stacked(frames: list[pl.DataFrame], names: Sequence[str]) -> pl.DataFrame:
    """The frames one below the other, with those columns of `names` that any of them has.

    It is done column by column, and `frames` is emptied before, so that the records are never in memory twice.
    """
    kinds = {name: kind for frame in frames for name, kind in frame.schema.items() if name in names}
    parts = [(frame.height, {column.name: column for column in frame.get_columns() if column.name in names}) for frame in frames]
    frames.clear()
    return pl.DataFrame([column_of(name, kind, parts) for name, kind in kinds.items()])


def _whole(record: str, merged: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """The records with all columns of the dictionary, their key, the key of their tumour where they have one, and the id of their row.

    After linking every tumour has a record. The pseudonym is a column of the patient alone (NAMED).
    """
    named = merged
    if record == NAMED:
        hers = merged.select("patient_key").join(names, on="patient_key", how="left", maintain_order="left")
        named = merged.with_columns(hers["patient_pseudonym"])
    key = keys_within(merged["patient_key"], merged, identity(record)[1:]).alias("record_key")
    kinds = narrow_schema(record)
    whole = having(named, {name: kinds[name] for name in own_columns(record)} | KEPT).with_columns(key)
    if "tumour_no" in identity(record):
        own = key if record == "tumour" else keys_within(merged["patient_key"], merged, ["tumour_no"])
        whole = whole.with_columns(own.alias("tumour_key"))
    return whole


def _lineage(fates: pl.DataFrame) -> pl.DataFrame:
    delivered, merged = (pl.lit(step, STEPS) for step in ("delivered", "merged"))
    step = pl.when(pl.col("fate") == "goes_on").then(delivered).otherwise(merged)
    return fates.with_columns(step=step).select(pl.col(c).cast(kind) for c, kind in NARROW.items())


def _corrected(fates: pl.DataFrame, changed: pl.DataFrame) -> pl.DataFrame:
    """One row per record that a correction changed and source row where it did (LINEAGE)."""
    found = fates.join(changed, on=["record", "source_row_id", "rule"], how="semi") if changed.height else fates.clear()
    return found.with_columns(step=pl.lit("corrected")).select(pl.col(c).cast(kind) for c, kind in NARROW.items()).unique()
