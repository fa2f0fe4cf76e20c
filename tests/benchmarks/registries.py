"""A simulated registry written as a project and run through the whole line, and what the judgement needs of the run."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from etl import pipeline
from etl.normalise.narrow import widened
from etl.options import RunOptions
from etl.progress import Progress
from etl.simulate.exports import Exports
from etl.simulate.project import copy_configuration
from etl.simulate.writing import write_sheet
from schemas.core.ids import ROW_BITS

PLACE = ["file", "row"]
FINDING = "edit, severity, outcome, record, record_key, patient_key, source_key, source_row as row, columns"


@dataclass(frozen=True)
class Ran:
    """One registry after its run.

    `records`: linked records. `lineage` and `findings` with file and row. `loaded`: patient_key of everybody in the star. `persons`:
    one row per true person and linked patient_key that any of her rows came to. `counts`: cohort_counts.csv, `edits`: edits.csv.
    `ledger`: what became of the records (fate, n).
    """

    records: dict[str, pl.DataFrame]
    lineage: pl.DataFrame
    findings: pl.DataFrame
    loaded: pl.DataFrame
    persons: pl.DataFrame
    counts: pl.DataFrame
    ledger: pl.DataFrame


def run(exports: Exports, folder: Path, configuration: Path) -> Ran:
    """Write the exports as a project below `folder`, run it, and keep what the judgement needs; exits where nothing is published."""
    project = folder / "project"
    copy_configuration(configuration, project)
    for sheet in exports.sheets.values():
        write_sheet(sheet, project / "exports")
    linked = _linked(project, folder / "out")
    release = folder / "out/current"
    with duckdb.connect(str(release / "warehouse.duckdb"), read_only=True) as con:
        files = _frame(con, "select source_key, source_file as file from dim_source")
        findings = _frame(con, f"select {FINDING} from fact_finding")
        loaded = _frame(con, "select patient_key from dim_patient")
        ledger = _frame(con, "select fate, sum(n)::bigint as n from ledger where unit = 'record' group by fate")
    row, records = pl.col("source_row_id"), {name: widened(frame) for name, frame in linked.records.items()}
    lineage = widened(linked.lineage).with_columns(
        source_key=row // (1 << ROW_BITS), row=row % (1 << ROW_BITS), record=pl.col("record").cast(pl.String)
    )
    lineage = lineage.join(files, on="source_key", how="left")
    return Ran(
        records, lineage, findings.join(files, on="source_key", how="left"), loaded, _persons(records, lineage, exports),
        pl.read_csv(release / "share/studies/metastasectomy/cohort_counts.csv"), ledger,
    )  # fmt: skip


def _linked(project: Path, out: Path) -> Any:
    """The linked records of a run: the stages keep nothing of their frames, so they are caught on their way."""
    kept: dict[str, Any] = {}
    routed = pipeline._routed

    def keep(given: Any, linked: Any, unread: Any) -> Any:
        kept.update(linked=replace(linked, records=dict(linked.records)))  # routing empties them
        return routed(given, linked, unread)

    pipeline._routed = keep
    try:
        outcome = pipeline.run(project, out, RunOptions(), Progress(quiet=True))
    finally:
        pipeline._routed = routed
    if outcome.outcome != "published":
        sys.exit(f"the run ended as {outcome.outcome}: {outcome.reason}")
    return kept["linked"]


def _frame(con: duckdb.DuckDBPyConnection, query: str) -> pl.DataFrame:
    return pl.DataFrame(con.sql(query).to_arrow_table())


def _persons(records: dict[str, pl.DataFrame], lineage: pl.DataFrame, exports: Exports) -> pl.DataFrame:
    keys = pl.concat(frame.select(pl.lit(name).alias("record"), "record_key", "patient_key") for name, frame in records.items())
    rows = lineage.join(keys, on=["record", "record_key"], how="inner").select(*PLACE, "patient_key").unique()
    known = exports.places().filter(pl.col("person_no").is_not_null())
    return known.join(rows, on=PLACE, how="inner").group_by("person_no", "patient_key").len("rows")
