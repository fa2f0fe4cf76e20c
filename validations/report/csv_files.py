"""The files beside the report: edits.csv (counts, shared), findings.csv and .parquet (one row per finding, internal)."""

from __future__ import annotations

from pathlib import Path

import polars as pl

EDIT_COLUMNS = ("edit", "severity", "violated", "possible", "satisfied", "not_applicable", "not_judgeable", "title")
FINDING_COLUMNS = (
    "finding_id", "edit", "severity", "outcome", "record", "source_file", "source_row", "columns", "first_seen", "status", "record_key",
    "fingerprint",
)  # fmt: skip
# A spreadsheet runs a cell that begins so as a formula; an apostrophe in front makes it text again.
FORMULA = r"^[=+\-@\t\r\n]"


def marked(frame: pl.DataFrame, *, is_simulated: bool) -> pl.DataFrame:
    """The frame; that of a simulated registry says so in a last column, as the CSV files of its studies do."""
    return frame.with_columns(is_simulated=pl.lit("true")) if is_simulated else frame


def write_edits(path: Path, counts: pl.DataFrame, edits: pl.DataFrame, *, is_simulated: bool = False) -> None:
    """One row per edit with its five counts and its title, sorted by edit. counts: EDIT_COUNTS; edits: needs edit and title."""
    titled = counts.join(edits.select("edit", "title").unique("edit"), on="edit", how="left")
    _write(path, marked(titled.select(EDIT_COLUMNS).sort("edit"), is_simulated=is_simulated))


def write_findings(path: Path, findings: pl.DataFrame) -> None:
    """One row per finding, sorted by file, row, edit and id, as .csv and, the same rows, as .parquet; no cell of any patient.

    findings: REPORTED_FINDINGS with first_seen and status.
    """
    rows = findings.select(FINDING_COLUMNS).sort("source_file", "source_row", "edit", "finding_id", nulls_last=True)
    _write(path, rows)
    rows.write_parquet(path.with_suffix(".parquet"))


def formula_safe(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with every text cell that a spreadsheet would run turned into plain text."""
    text = pl.col(pl.String)
    return frame.with_columns(pl.when(text.str.contains(FORMULA)).then(pl.lit("'") + text).otherwise(text).name.keep())


def _write(path: Path, frame: pl.DataFrame) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    formula_safe(frame).write_csv(path, line_terminator="\n")
