"""The thirteen women of the seed paper as records: the same for every seed, but for their names and numbers.

`row` is 0 to 12 by their number in Table 2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from etl.simulate.events import placed
from etl.simulate.paper import LOCAL_BEFORE_DISTANT, thirteen, thirteen_treatments

TUMOUR = (
    "laterality_code", "topography_code", "histology_code", "grade_code", "stage_code", "t_code", "n_code", "m_code", "prefix",
    "nodes_positive", "nodes_examined", "tumour_size_mm", "menopausal_status_code", "er_code", "pr_code", "her2_code", "her2_ihc_score",
)  # fmt: skip
# Days before the birthday at which each was diagnosed, so that her age in whole years is the one of the file.
_BIRTHDAY = 200


@dataclass(frozen=True)
class Thirteen:
    """The frames of Truth for the thirteen, with `row` instead of person_no."""

    person: pl.DataFrame
    tumour: pl.DataFrame
    treatment: pl.DataFrame
    event: pl.DataFrame
    follow_up: pl.DataFrame


def records() -> Thirteen:
    """All records of the thirteen."""
    women = _dated()
    return Thirteen(
        person=women.select("row", "table2_no", "ethnicity_code", "birth_date"),
        tumour=women.select("row", *TUMOUR, "diagnosis_date", tumour_no=pl.lit(1, pl.Int32), treatment_start_date="start_date"),
        treatment=_treatment(women),
        event=_event(women),
        follow_up=women.select(
            "row",
            contact_date="last_date",
            vital_status_code=pl.when("is_dead").then(pl.lit("dead")).otherwise(pl.lit("alive")),
            death_date=pl.when("is_dead").then("last_date"),
            cause_of_death_code=pl.when("is_dead").then(pl.lit("breast_cancer")),
            performance_status_code=pl.when(~pl.col("is_dead")).then(pl.lit("1")),
        ),
    )


def _dated() -> pl.DataFrame:
    """The women with the calendar days that follow from the first day of treatment."""
    diagnosis = pl.col("start_date") - pl.duration(days="diagnosis_to_start")
    after = {"recurrence_date": "to_recurrence", "operation_date": "to_operation", "last_date": "survival"}
    dated = thirteen().with_columns(
        (pl.col("table2_no").cast(pl.Int64) - 1).alias("row"),
        diagnosis.alias("diagnosis_date"),
        *((pl.col("start_date") + pl.duration(days=days)).alias(name) for name, days in after.items()),
    )
    return dated.with_columns(
        birth_date=pl.col("diagnosis_date").dt.offset_by(pl.format("-{}y", "age_years")) - pl.duration(days=_BIRTHDAY),
        progression_date=pl.col("operation_date") + pl.duration(days="to_progression"),
    )


def _treatment(women: pl.DataFrame) -> pl.DataFrame:
    """The components with their days counted from the first treatment, the metastasectomy or the progression."""
    anchors = women.select("table2_no", "row", "start_date", "operation_date", "progression_date")
    anchor = (
        pl.when(pl.col("anchor") == "treatment_start").then("start_date")
        .when(pl.col("anchor") == "metastasectomy").then("operation_date")
        .when(pl.col("anchor") == "progression").then("progression_date")
    )  # fmt: skip
    dated = (
        thirteen_treatments()
        .join(anchors, on="table2_no", how="left")
        .with_columns(
            tumour_no=pl.lit(1, pl.Int32),
            treatment_date=anchor + pl.duration(days="starts"),
            treatment_end_date=anchor + pl.duration(days="ends"),
        )
    )
    return dated.drop("table2_no", "anchor", "starts", "ends", "start_date", "operation_date", "progression_date")


def _event(women: pl.DataFrame) -> pl.DataFrame:
    """Local recurrence of woman 9, distant recurrence and metastasectomy of all, progression of eight."""
    days = pl.col("table2_no").replace_strict(LOCAL_BEFORE_DISTANT, default=None, return_dtype=pl.Int32)
    found: dict[str, pl.Expr | str] = {
        "site_code": "site_code",
        "laterality_code": "site_laterality_code",
        "lesion_count": pl.lit(1, pl.Int32),
    }
    later: dict[str, pl.Expr | str] = {"site_code": "progression_site_code", "laterality_code": "progression_laterality_code"}
    parts = [
        _of_kind(women, "local_recurrence", pl.col("recurrence_date") - pl.duration(days=days), {"site_code": pl.lit("chest_wall")}),
        _of_kind(
            women, "distant_recurrence", pl.col("recurrence_date"),
            {**found, "detection_code": "detection_code", "presentation_code": "presentation_code", "is_histology_confirmed": pl.lit(True)},
        ),
        _of_kind(
            women, "metastasectomy", pl.col("operation_date"),
            {**found, "procedure_code": "procedure_code", "resection_margin_code": pl.lit("complete_gross")},
        ),
        _of_kind(women, "progression", pl.col("progression_date"), {**later, "is_adjacent_to_resection": "is_adjacent_to_resection"}),
    ]  # fmt: skip
    return placed(pl.concat(parts, how="diagonal"))


def _of_kind(women: pl.DataFrame, kind: str, day: pl.Expr, columns: Mapping[str, pl.Expr | str]) -> pl.DataFrame:
    """The first event of one kind of each woman who had it."""
    one = pl.lit(1, pl.Int32)
    chosen = women.select("row", tumour_no=one, event_type_code=pl.lit(kind), event_no=one, event_date=day, **columns)
    return chosen.filter(pl.col("event_date").is_not_null())
