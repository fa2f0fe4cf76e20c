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
from etl.simulate.truth_files import DEFECTS, write_truth
from etl.simulate.victims import facts
from etl.simulate.writing import write_sheet


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
    kinds = (kinds_dates, kinds_order, kinds_spellings, kinds_values, kinds_ids, kinds_plausible)
    injury.change_all([cell for module in kinds for cell in module.CELLS])
    date_swapped_by_excel(injury)
    return Exports(*injury.finished())


def write(truth: Truth, folder: Path, seed: int, clean: bool) -> pl.DataFrame:
    """Write `folder`/exports and `folder`/truth; returns the labels, one row per defect (DEFECTS and person_no)."""
    made = make_exports(truth, seed, clean=clean)
    for sheet in made.sheets.values():
        write_sheet(sheet, folder / "exports")
    write_truth(truth, made.defects, folder / "truth")
    return made.defects
