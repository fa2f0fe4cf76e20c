"""Defects of a file as a whole: a column too many or too few, a last line that is not ended, a file that no contract reads.

They touch no record: each is labelled without a row, and all that the file delivers must be as true as it was.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from etl.simulate.defects import AT, Injury, Label
from etl.simulate.kinds_dates import DEATHS, RECURRENCES, SHEET
from etl.simulate.layout_pieces import text_file
from etl.simulate.sheets import HIDDEN

STRAY = "hospital_b/read_me.txt"
LEGEND = ("Extract of the registry of hospital B (simulated).", "Columns as agreed; numbers of patients have eight digits.")
EMPTY = ("Surgery 4 Date", "Surgery 4 Type")  # nobody had a fourth operation


def column_not_delivered(injury: Injury) -> None:
    """Optional columns that the export leaves out because nothing would stand in them."""
    rows = injury.sheets[SHEET].rows
    for name in EMPTY:
        if rows[name].null_count() == rows.height:
            rows = rows.drop(name)
            injury.note_file(Label("column_not_delivered", SHEET, "noticed READ-ABSENT-COLUMN", name))
    injury.sheets[SHEET] = injury.sheets[SHEET].with_rows(rows)


def column_added(injury: Injury) -> None:
    """A column that no contract names."""
    sheet = injury.sheets[DEATHS]
    place = pl.when(pl.col(AT) % 3 == 0).then(pl.lit("Home")).otherwise(pl.lit("Hospital")).alias("PLACE")
    rows = sheet.rows.select(*sheet.columns_of_file(AT), place, AT, *HIDDEN)
    injury.sheets[DEATHS] = replace(sheet, rows=rows, form=replace(sheet.form, above=(f"{sheet.form.above[0]},PLACE",)))
    injury.note_file(Label("column_added", DEATHS, "noticed READ-EXTRA-COLUMN", "PLACE"))


def last_line_not_ended(injury: Injury) -> None:
    """A file whose last line has no end, though all of it is there."""
    injury.sheets[RECURRENCES] = injury.sheets[RECURRENCES].without_last_line_end()
    injury.note_file(Label("last_line_not_ended", RECURRENCES, "noticed READ-NO-LINE-END"))


def stray_file(injury: Injury) -> None:
    """A file beside the exports that no contract reads."""
    hidden = {name: pl.Series([None] * len(LEGEND), dtype=kind) for name, kind in zip(HIDDEN, (pl.Int64, pl.Int64, pl.String), strict=True)}
    legend = pl.DataFrame({"Legend": LEGEND, **hidden})
    injury.sheets[STRAY] = text_file(STRAY, legend.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias(AT)))
    injury.note_file(Label("stray_file", STRAY, "noticed READ-NO-CONTRACT"))


FILES = (column_not_delivered, column_added, last_line_not_ended, stray_file)
