"""The eight exports of the simulated registry, clean or with labelled defects, and the truth beside them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from etl.simulate import (
    kinds_dates,
    kinds_edits,
    kinds_edits_treated,
    kinds_ids,
    kinds_order,
    kinds_plausible,
    kinds_reading,
    kinds_spellings,
    kinds_values,
)  # fmt: skip
from etl.simulate.defects import LABELS, Injury
from etl.simulate.kinds_added import ADDED
from etl.simulate.kinds_files import FILES
from etl.simulate.kinds_reading import READ
from etl.simulate.kinds_rows import ROWS, date_swapped_by_excel
from etl.simulate.layouts import other_sheets, treated_sheets
from etl.simulate.sheets import PERSON, TUMOUR, Sheet
from etl.simulate.truth import Truth
from etl.simulate.truth_files import DEFECTS
from etl.simulate.victims import facts
from etl.simulate.writing import cut, relabelled, write_sheet

CELL_KINDS = (
    kinds_dates, kinds_order, kinds_spellings, kinds_values, kinds_ids, kinds_plausible, kinds_edits, kinds_edits_treated, kinds_reading,
)  # fmt: skip


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
    return injured(prepared(truth), seed, clean=clean)


@dataclass
class Prepared:
    """What the exports are made of once the truth is not needed any more: clean sheets by file name and the facts of the women.

    `injured` uses it up: of a million women each of them is a large part of the memory.
    """

    sheets: dict[str, Sheet]
    facts: pl.DataFrame
    women: int


def prepared(truth: Truth) -> Prepared:
    """The clean sheets and what the choice of victims must know."""
    known = facts(truth, truth.cohort)  # before the sheets: making it takes memory that the sheets need later
    sheets = treated_sheets(truth)
    truth = replace(truth, treatment=truth.treatment.clear())  # the largest part, where the caller keeps no hold of it
    return Prepared(sheets | other_sheets(truth), known, truth.women)


def injured(made: Prepared, seed: int, *, clean: bool) -> Exports:
    """The sheets with their defects (none where `clean`), and the labels."""
    if clean:
        none = pl.DataFrame(schema={"defect_id": pl.String, "row": pl.Int64, **LABELS})
        sheets, made.sheets = made.sheets, {}
        return Exports(cut(sheets), none.select(*DEFECTS, "person_no"))
    injury = Injury(made.sheets, made.facts, made.women, seed)
    made.sheets, made.facts = {}, made.facts.clear()
    for change in (*ROWS, *ADDED, *READ):
        change(injury)
    injury.change_all([cell for module in CELL_KINDS for cell in module.CELLS])
    date_swapped_by_excel(injury)
    for change in FILES:
        change(injury)
    sheets, defects = injury.finished()
    return Exports(cut(sheets), relabelled(sheets, defects))


def write_exports(made: Prepared, folder: Path, seed: int, clean: bool) -> pl.DataFrame:
    """Write `folder`/exports and the labels, sheet after sheet: `made` is used up. Returns the labels, one row per defect (DEFECTS and
    person_no).
    """
    exports = injured(made, seed, clean=clean)
    for name in list(exports.sheets):
        write_sheet(exports.sheets.pop(name), folder / "exports")
    exports.defects.select(DEFECTS).write_csv(folder / "truth" / "defects.csv")
    return exports.defects
