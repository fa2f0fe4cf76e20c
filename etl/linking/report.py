"""internal/linkage.csv: every merge with its evidence, in pseudonyms and row numbers, never in identifiers."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from etl.linking.groups import order_by
from etl.linking.persons import Persons
from etl.normalise.result import Normalised
from schemas.core.ids import ROW_BITS, located

# One row per number, tumour, event or treatment that was merged, renumbered, left apart in doubt, or that excludes another.
# `own_pseudonym` is that of the number as delivered, `patient_pseudonym` that of the person it belongs (or might belong) to.
REPORT: dict[str, type[pl.DataType]] = {
    "record": pl.String, "outcome": pl.String, "method": pl.String, "evidence": pl.String, "probability": pl.Float64,
    "patient_pseudonym": pl.String, "own_pseudonym": pl.String, "from_number": pl.String, "to_number": pl.String,
    "source_file": pl.String, "source_row": pl.Int64,
}  # fmt: skip


def linkage_report(files: pl.DataFrame, names: pl.DataFrame, persons: Persons, renumbered: pl.DataFrame) -> pl.DataFrame:
    """What linkage brought together or left apart (REPORT), sorted; `files` as `file_names` has them, `names`: PERSONS."""
    if persons.told.evidence.is_empty() and renumbered.is_empty():
        return pl.DataFrame(schema=REPORT)
    now = persons.moved.select(patient_key="patient_key", now="to_pseudonym")
    told = persons.told.evidence.rename({"patient_pseudonym": "own_pseudonym"})
    told = told.join(now, left_on="with_key", right_on="patient_key", how="left").with_columns(
        record=pl.lit("patient"), patient_pseudonym=pl.coalesce("now", "with_pseudonym"), from_number=pl.lit(""), to_number=pl.lit("")
    )
    asked = pl.concat([renumbered["patient_key"], renumbered["own_key"]]).implode()
    names = names.filter(pl.col("patient_key").is_in(asked))
    others = renumbered.join(names, on="patient_key", how="left")
    others = others.join(names.rename({"patient_key": "own_key", "patient_pseudonym": "own_pseudonym"}), on="own_key", how="left")
    others = others.with_columns(method=pl.lit("agreement"), probability=pl.lit(None, pl.Float64))
    both = pl.concat([_placed(frame, files) for frame in (told, others)])
    by = ("record", "patient_pseudonym", "own_pseudonym", "from_number", "source_file", "source_row", "outcome", "evidence")
    return both[order_by(both, by)]


def file_names(parts: Sequence[Normalised]) -> pl.DataFrame:
    """One row per file that delivered a record: `source_key` and `source_file`."""
    first = [frame.row(0, named=True) for part in parts for record in part.records for frame in part.records.frames(record)]
    files = {row["source_row_id"] >> ROW_BITS: row["source_file"] for row in first}
    return pl.DataFrame(list(files.items()), schema={"source_key": pl.Int64, "source_file": pl.String}, orient="row")


def _placed(frame: pl.DataFrame, files: pl.DataFrame) -> pl.DataFrame:
    """The rows with file and physical row instead of the id of the row."""
    placed = located(frame).join(files, on="source_key", how="left")
    return placed.select(pl.col(c).cast(kind) for c, kind in REPORT.items())
