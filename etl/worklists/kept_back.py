"""The raw rows behind each record in quarantine: those that deliver it, and those of the records it was compared with, of every file."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from schemas.core.ids import located
from schemas.statuses import OVERRIDDEN
from validations.concerned import Concerned

# One row per record in quarantine and row of a file that is concerned, its own rows first: `of` is the kind of record that the row
# is asked for there: the one whose value is compared, or that the row delivers.
ROWS = {
    "record": pl.String, "record_key": pl.Int64, "of": pl.String, "source_key": pl.Int64, "source_row": pl.Int64,
}  # fmt: skip
# Of one record: a person may have a hundred contacts.
MOST_ROWS = 20
NAME = ["record", "record_key"]


def reasons(findings: pl.DataFrame, quarantine: pl.DataFrame) -> pl.DataFrame:
    """The findings that keep records back, in the columns that `concerned.places` asks for."""
    codes = quarantine["edits"].str.split(" ").explode().unique().drop_nulls()
    return findings.filter(
        pl.col("severity") == "error",
        pl.col("outcome") == "violated",
        pl.col("status") != OVERRIDDEN,
        pl.col("edit").is_in(codes.implode()),
        pl.col("patient_key").is_in(quarantine["patient_key"].unique().implode()),
    )


def rows_of(
    quarantine: pl.DataFrame, errors: pl.DataFrame, places: pl.DataFrame, lineage: pl.DataFrame, looks_at: Mapping[str, Concerned]
) -> pl.DataFrame:
    """ROWS, at most MOST_ROWS of each record. `errors`: as `reasons` gives them; `places`: where they stand (PLACES).

    A record that has fallen with another, or is held, has the rows of the error that it fell by. `looks_at`: what each edit compares;
    a row that delivers both is named by the other record where the edit reads no value of its own (two deaths of one patient).
    """
    fell = quarantine.select(*NAME, "patient_key", edit=pl.col("edits").str.split(" ")).explode("edit")
    found = errors.select("finding_id", "edit", "patient_key", at="record", at_key="record_key")
    hers = fell.join(found, on=["edit", "patient_key"], how="inner", maintain_order="left")
    is_its = (pl.col("record") == pl.col("at")) & (pl.col("record_key") == pl.col("at_key"))
    why = hers.filter(is_its | ~is_its.any().over(*NAME, "edit")).select(*NAME, "finding_id", "edit")
    compared = why.join(places.rename({"record": "of"}), on="finding_id", how="inner", maintain_order="left_right")
    delivered = located(lineage.filter(pl.col("record_key").is_in(quarantine["record_key"].implode())))
    pieces = delivered.select(pl.col("record").cast(pl.String), "record_key", "source_key", "source_row")
    own = quarantine.select(NAME).join(pieces.unique(), on=NAME, how="inner").with_columns(of="record")
    every = pl.concat([own.sort(*NAME, "source_key", "source_row").select(ROWS.keys()), compared.select(ROWS.keys())])
    once = every.drop_nulls(["source_key", "source_row"]).unique([*NAME, "source_key", "source_row"], keep="first", maintain_order=True)
    of_others = pl.Series([edit for edit, says in looks_at.items() if not says.own], dtype=pl.String)
    place = [*NAME, "source_key", "source_row"]
    others = compared.filter(~pl.col("is_own"), pl.col("edit").is_in(of_others.implode())).unique(place, keep="first", maintain_order=True)
    named = once.join(others.select(*place, other="of"), on=place, how="left", maintain_order="left")
    told = named.with_columns(of=pl.coalesce("other", "of"))
    return told.group_by(NAME, maintain_order=True).head(MOST_ROWS).select(ROWS.keys())


def with_raw(quarantine: pl.DataFrame, rows: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
    """The quarantine with `raw`, the row that its file and row name, and `raw_rows`: each row concerned with the kind of record it
    is asked for, source, file, row and text. `rows`: ROWS with source and source_file; `raw`: raw_rows.RAW.
    """
    place, text = ["source_file", "source_row"], raw.drop("birth")
    told = rows.join(text, on=place, how="left", maintain_order="left")
    listed = told.group_by(NAME, maintain_order=True).agg(raw_rows=pl.struct(pl.col("of").alias("record"), "source", *place, "raw"))
    whole = quarantine.join(text, on=place, how="left", maintain_order="left")
    return whole.join(listed, on=NAME, how="left", maintain_order="left")
