"""The files beside the report: edits.csv (counts, shared), findings.csv and .parquet (one row per finding, internal)."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from schemas.core.frames import ranked

EDIT_COLUMNS = ("edit", "severity", "violated", "possible", "satisfied", "not_applicable", "not_judgeable", "title")
FINDING_COLUMNS = (
    "finding_id", "edit", "severity", "outcome", "record", "source_file", "source_row", "columns", "first_seen", "status", "record_key",
    "fingerprint",
)  # fmt: skip
# Those of few texts, which are put in order, made safe and written by their numbers: there are a million findings of a million women.
FEW = ("edit", "severity", "outcome", "record", "source_file", "columns", "first_seen", "status")
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
    given = findings.select(FINDING_COLUMNS).rechunk()  # texts of several pieces are taken out one by one, which is ten times the work
    numbered = given.with_columns(ranked(given[name]) for name in FEW)
    order = _order(numbered)
    _write(path, numbered[order])
    given[order].write_parquet(path.with_suffix(".parquet"))


def _order(rows: pl.DataFrame) -> pl.Series:
    """The places of the rows (of which file and edit are `ranked`) by file, row, edit and id, nulls last.

    File, row and edit make one whole number, and the few rows that share one are put in order by their ids: to sort all by four columns
    takes ten times as long.
    """
    place, n_rows = pl.lit(0, pl.Int64), rows.height
    for name in ("source_file", "source_row", "edit"):
        number = pl.col(name).to_physical().cast(pl.Int64)
        last = 1 + int(rows.select(number.max()).item() or 0)
        place = place * (1 + last) + number.fill_null(last)
    places = rows.select(place=place, finding_id="finding_id", at=pl.int_range(n_rows, dtype=pl.get_index_type()))
    is_shared, order = places["place"].is_duplicated(), places["place"].arg_sort()
    shared = places.filter(is_shared).sort("place", "finding_id")["at"]
    return order.scatter(is_shared.gather(order).arg_true(), shared)


def formula_safe(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with every text cell that a spreadsheet would run turned into plain text; `ranked` texts stay so while none would."""
    text = pl.col(pl.String)
    mended = [name for name, kind in frame.schema.items() if isinstance(kind, pl.Enum) and kind.categories.str.contains(FORMULA).any()]
    plain = frame.cast(dict.fromkeys(mended, pl.String))
    return plain.with_columns(pl.when(text.str.contains(FORMULA)).then(pl.lit("'") + text).otherwise(text).name.keep())


def _write(path: Path, frame: pl.DataFrame) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    formula_safe(frame).write_csv(path, line_terminator="\n")
