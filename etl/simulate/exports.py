"""The eight exports of the simulated registry, clean or with labelled defects, and the truth beside them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from etl.simulate import kinds_dates, kinds_ids, kinds_order, kinds_plausible, kinds_spellings, kinds_values
from etl.simulate.defects import LABELS, Injury
from etl.simulate.kinds_rows import ROWS, date_swapped_by_excel
from etl.simulate.layouts import clean_sheets
from etl.simulate.sheets import PERSON, TUMOUR, Sheet
from etl.simulate.truth import Truth
from etl.simulate.victims import facts
from etl.simulate.writing import write_sheet

DEFECTS = ("defect_id", "kind", "file", "row", "column", "clean_value", "expected")
# Left out of the files beside the exports: what follows from other columns of the same row, and what no contract reads.
DERIVED = ("organ_code", "course_text", "height_cm", "weight_kg")


@dataclass(frozen=True)
class Exports:
    """`sheets` by file name; `defects`: one row per defect, with the person it hit."""

    sheets: dict[str, Sheet]
    defects: pl.DataFrame

    def places(self) -> pl.DataFrame:
        """One row per row of every file: file, row (physical), person_no, tumour_no."""
        named = [
            sheet.rows.select(pl.lit(name).alias("file"), person_no=PERSON, tumour_no=TUMOUR).with_columns(sheet.physical_rows())
            for name, sheet in self.sheets.items()
        ]
        return pl.concat(named).select("file", "row", "person_no", "tumour_no")


def make_exports(truth: Truth, seed: int, *, clean: bool) -> Exports:
    """The sheets and the labels, nothing written. A function of its arguments alone."""
    sheets = clean_sheets(truth)
    if clean:
        return Exports(sheets, pl.DataFrame(schema={"defect_id": pl.String, "row": pl.Int64, **LABELS}).select(*DEFECTS, "person_no"))
    injury = Injury(sheets, facts(truth, truth.cohort), truth.women, seed)
    for change in ROWS:
        change(injury)
    injury.change_all((*kinds_dates.CELLS, *kinds_order.CELLS, *kinds_spellings.CELLS, *kinds_values.CELLS, *kinds_ids.CELLS, *kinds_plausible.CELLS))
    date_swapped_by_excel(injury)
    return Exports(*injury.finished())


def write(truth: Truth, folder: Path, seed: int, clean: bool) -> pl.DataFrame:
    """Write `folder`/exports and `folder`/truth; returns the labels, one row per defect (DEFECTS and person_no)."""
    made = make_exports(truth, seed, clean=clean)
    for sheet in made.sheets.values():
        write_sheet(sheet, folder / "exports")
    write_truth(truth, made.defects, folder / "truth")
    return made.defects


def write_truth(truth: Truth, defects: pl.DataFrame, folder: Path) -> None:
    """The true records and the labels as CSV; columns without any value are left out, and women outside the cohort in cohort.csv."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("person", "tumour", "treatment", "event", "follow_up", "cohort"):
        frame: pl.DataFrame = getattr(truth, name)
        if name == "cohort":
            frame = frame.filter(pl.col("arm") != "outside")
        kept = [column for column in frame.columns if column not in DERIVED and frame[column].null_count() < frame.height]
        frame.select(kept).write_csv(folder / f"{name}.csv")
    defects.select(DEFECTS).write_csv(folder / "defects.csv")
