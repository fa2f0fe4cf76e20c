"""The stable name of a finding: the same in every release while the edit finds the same thing in the same place."""

from __future__ import annotations

import polars as pl

from schemas.core.frames import FINDINGS, changes, ranked
from schemas.core.ids import keyed

# What a finding without a record is told by instead of its line: one row per row of a file and `columns` of its findings.
SAID: dict[str, type[pl.DataType]] = {"source_key": pl.Int64, "source_row": pl.Int64, "columns": pl.String, "said": pl.String}
# The same of findings of the linkage: about records without a key, and about numbers of persons, of which one person has several.
# One row per edit, kind of record, row of a file and fingerprint.
SAID_OF_RECORDS: dict[str, type[pl.DataType]] = {
    "edit": pl.String, "record": pl.String, "source_key": pl.Int64, "source_row": pl.Int64, "fingerprint": pl.String, "said": pl.String,
}  # fmt: skip
# Columns of few texts.
RANKED = ("edit", "record", "outcome", "source_file")
# FINDINGS with its name first and the path of its file under the exports folder last.
IDENTIFIED: dict[str, type[pl.DataType]] = {"finding_id": pl.String, **FINDINGS, "source_file": pl.String}


def identified(
    findings: pl.DataFrame, sources: pl.DataFrame, said: pl.DataFrame | None = None, said_of_records: pl.DataFrame | None = None
) -> pl.DataFrame:  # fmt: skip
    """`findings` (FINDINGS) as IDENTIFIED, sorted by what names them.

    `sources` has one row per landed file: source_key, source_file, contract. A finding is named by its edit and its record; where
    it has none, by its contract, its columns and what its row is told by (`said`: SAID, `said_of_records`: SAID_OF_RECORDS), so that
    it outlives a new delivery under another name and rows put in above; where that is not known by its file's name and physical line.
    Of several alike, by their number in the order of what the linkage tells them by (`said_of_records`), then of their fingerprints,
    and of their lines only where these are alike too. The id is the edit and 63 bits of that name.
    """
    findings = _tied(findings, said_of_records)
    files = sources.select("source_key", "source_file", contract="contract" if "contract" in sources.columns else "source_file")
    # What is said is asked for where no record names the finding: of half of them.
    of_record = findings.filter(pl.col("record_key").is_not_null()).with_columns(place=pl.col("record_key").cast(pl.String))
    told = _told(findings.filter(pl.col("record_key").is_null()), said)
    located = told.join(files, on="source_key", how="left", maintain_order="left")
    is_lined = pl.col("source_row").is_not_null() & pl.col("said").is_null()
    file = pl.when(is_lined).then("source_file").otherwise("contract")
    row = pl.when(is_lined).then(pl.col("source_row").cast(pl.String)).otherwise("said")
    columns = pl.when(pl.col("said").is_null()).then("columns")  # what is said tells of them too
    cell = pl.concat_str(file, row, columns, separator="|", ignore_nulls=True)
    placed = pl.concat([of_record, located.with_columns(place=cell).select(of_record.columns)])
    located = placed.join(files.drop("contract"), on="source_key", how="left", maintain_order="left")
    named = located.with_columns(ranked(located[name]) for name in RANKED)
    name = ["edit", "record", "place"]
    ordered = named.sort(*name, "tie", "fingerprint", "source_file", "source_row", "columns", "outcome", "patient_key", nulls_last=True)
    row = pl.int_range(pl.len())
    counted = ordered.with_columns(occurrence=row - pl.when(changes(*name)).then(row).forward_fill())
    found = keyed(counted, "number", (*name, "occurrence")).with_columns(pl.col(RANKED).cast(pl.String))
    return found.with_columns(finding_id=pl.concat_str("edit", "number", separator="-")).select(IDENTIFIED.keys())


def _told(findings: pl.DataFrame, said: pl.DataFrame | None) -> pl.DataFrame:
    """These findings, none of which has a record, with `said`: the text that identifies each, null where there is none."""
    known = said if said is not None else pl.DataFrame(schema=SAID)
    told = findings.join(known, on=["source_key", "source_row", "columns"], how="left", nulls_equal=True, maintain_order="left")
    return told.with_columns(said=pl.coalesce("said", "tie"))


def _tied(findings: pl.DataFrame, said_of_records: pl.DataFrame | None) -> pl.DataFrame:
    """The findings with what the linkage tells them by (`tie`; null of all others): only its own are looked up."""
    if said_of_records is None or said_of_records.is_empty():
        return findings.with_columns(tie=pl.lit(None, pl.String))
    by = list(SAID_OF_RECORDS)[:-1]
    known = said_of_records.rename({"said": "tie"}).unique(by)
    is_of_linkage = pl.col("edit").is_in(known["edit"].unique().implode())
    told = findings.filter(is_of_linkage).join(known, on=by, how="left", nulls_equal=True, maintain_order="left")
    return pl.concat([findings.filter(~is_of_linkage).with_columns(tie=pl.lit(None, pl.String)), told])
