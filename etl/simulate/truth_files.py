"""The truth of a simulated registry as CSV files beside its exports: clean records, labels of the defects, true oddities.

person, tumour, event, follow_up   one row per true record, without what follows from another column of the row
treatment                          one row per component: whose it is, its days, and `what` it was
treatment_what                     one row per `what`: all codes and numbers that components have in common
cohort                             one row per woman of the study: her arm and subgroup
defects                            one row per defect: where it stands, the clean value, the outcome expected (etl.simulate.defects.Label)
oddities                           one row per person, tumour and edit that is violated in truth (etl.simulate.oddities)
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from etl.simulate.oddities import oddities
from etl.simulate.truth import Truth

DEFECTS = ("defect_id", "kind", "file", "row", "column", "clean_value", "expected")
# Left out: what follows from other columns of the same row, and what no contract reads.
DERIVED = ("organ_code", "course_text", "height_cm", "weight_kg")
OWN = ("person_no", "tumour_no", "component_no", "treatment_date", "treatment_end_date")  # of one component, not of its `what`
WHAT = "what"


def write_truth(truth: Truth, folder: Path) -> Truth:
    """Write all files but the labels into `folder` and hand the truth on; a column without any value is left out."""
    folder.mkdir(parents=True, exist_ok=True)
    component, what = apart(_plain(truth.treatment))
    frames = {
        "person": truth.person, "tumour": truth.tumour, "event": truth.event, "follow_up": truth.follow_up, "treatment": component,
        "treatment_what": what, "cohort": truth.cohort.filter(pl.col("arm") != "outside"), "oddities": oddities(truth),
    }  # fmt: skip
    for name, frame in frames.items():
        _plain(frame).write_csv(folder / f"{name}.csv")
    return truth


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Without derived and empty columns; numbers that are all whole without a decimal point."""
    kept = frame.select(column for column in frame.columns if column not in DERIVED and frame[column].null_count() < frame.height)
    numbers = [name for name, kind in kept.schema.items() if kind == pl.Float64 and (kept[name].drop_nulls() % 1 == 0).all()]
    return kept.with_columns(pl.col(numbers).cast(pl.Int64))


def apart(treatment: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The components with the number of what they were, and what that is; joined by `what` they are the treatments again."""
    common = [column for column in treatment.columns if column not in OWN]
    kinds = treatment.select(common).unique().sort(common, nulls_last=True).with_row_index(WHAT, offset=1)
    numbered = treatment.join(kinds, on=common, how="left", nulls_equal=True, maintain_order="left")
    return numbered.select("person_no", "tumour_no", WHAT, "component_no", "treatment_date", "treatment_end_date"), kinds
