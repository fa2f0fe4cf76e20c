"""Treatment components of all but the thirteen, from the plans of their tumours and what is given after a recurrence.

Every part is one row per component: row (of the persons), tumour_no, columns of staging.treatment that are not null, day, end_day
(days since 1970-01-01, null where not known) and course_text, which the treatment grammar reads as just these components.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from etl.simulate.cases import Cases
from etl.simulate.known import Cells, flags, labels, rows_of, table, typed, where
from etl.simulate.lives import NEVER, Lives
from etl.simulate.plans import Plan, course_list
from etl.simulate.times import Draws, Flags, years

SENTINEL_FROM = 2000
AROMATASE_FROM = 2006
FEWER_FRACTIONS_FROM = 2012
HORMONAL_DAYS = 1826  # five years
TRASTUZUMAB_AFTER_SURGERY = 21  # days


def treatments(case: Cases, plan: Plan, tumours: pl.DataFrame, life: Lives, seed: int) -> pl.DataFrame:
    """All components, in no order."""
    draws = Draws(seed, "treatment", len(case.row))
    parts = [
        *_surgery(case, plan, tumours),
        _systemic(case, plan),
        _hormonal(draws, case, plan, tumours),
        _declined(case, plan),
        _radiation(draws, case, plan, tumours),
        *_after(life, seed),
    ]
    return pl.concat(parts, how="diagonal")


def _rows(case: Cases, kept: Flags, **columns: Cells) -> pl.DataFrame:
    """The kept tumours with columns given for all tumours or as one value."""
    at = np.flatnonzero(kept)
    return rows_of("treatment", at, {"row": case.row[at], "tumour_no": case.tumour_no[at]}, columns)


def _surgery(case: Cases, plan: Plan, tumours: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Axilla first, then the breast, then a mastectomy where the margins asked for it: the last one is definitive."""
    done, again = plan.surgery != NEVER, plan.second_surgery != NEVER
    axilla = done & flags(tumours["n_code"].is_not_null()) & ~flags(tumours["stage"] == "0")
    sentinel = flags(tumours["n_code"] == "N0") & (years(case.diagnosis) >= SENTINEL_FROM)
    nodes = labels(("axillary_clearance", "sentinel_node_biopsy"), sentinel.astype(np.int32))
    breast = labels(("mastectomy", "wide_local_excision"), (plan.keeps_breast | again).astype(np.int32))
    number = 1 + axilla.astype(np.int32)
    same: dict[str, Cells] = {"course_code": "primary_surgery", "setting_code": "primary", "modality_code": "surgery", "is_given": True}
    yield _rows(case, axilla, component_no=1, procedure_code=nodes, day=plan.surgery, **same)
    yield _rows(case, done, component_no=number, procedure_code=breast, day=plan.surgery, **same)
    yield _rows(case, again, component_no=number + 1, procedure_code="mastectomy", day=plan.second_surgery, **same)


def _systemic(case: Cases, plan: Plan) -> pl.DataFrame:
    """Chemotherapy with its blocks; trastuzumab after a neoadjuvant course waits for the operation."""
    lines = typed(table("courses"), "treatment", {"course": pl.Int32, "starts": pl.Int32, "ends": pl.Int32}).rename({"text": "course_text"})
    course = course_list()["course"].to_numpy()[plan.course]
    waits = plan.is_neoadjuvant & (plan.surgery != NEVER)
    ready = where(waits, np.minimum(plan.surgery.astype(np.int64) + TRASTUZUMAB_AFTER_SURGERY, case.limit))
    given = _rows(
        case, plan.course >= 0, course=course, first=plan.chemotherapy, is_neoadjuvant=plan.is_neoadjuvant, ready=ready,
        course_code="primary_systemic", is_given=True,
    )  # fmt: skip
    before = pl.col("is_neoadjuvant") & (pl.col("modality_code") == "chemotherapy")
    late = pl.when(pl.col("modality_code") == "targeted").then("ready")
    return (
        given.join(lines.drop("with", "first_year", "last_year", "weight"), on="course", how="inner")
        .with_columns(
            setting_code=pl.when(before).then(pl.lit("neoadjuvant")).otherwise(pl.lit("adjuvant")),
            course_text=pl.when("is_neoadjuvant").then(pl.format("Neoadjuvant {}", "course_text")).otherwise("course_text"),
            day=pl.coalesce(late, pl.col("first") + pl.col("starts")).cast(pl.Int32),
            end_day=(pl.col("first") + pl.col("ends")).cast(pl.Int32),
        )
        .drop("course", "first", "is_neoadjuvant", "ready", "starts", "ends")
    )


def _hormonal(draws: Draws, case: Cases, plan: Plan, tumours: pl.DataFrame) -> pl.DataFrame:
    """Tamoxifen before 2006 and before the menopause, then mostly aromatase inhibitors; five years, or until the recurrence."""
    late = flags(tumours["menopausal_status_code"] == "postmenopausal") & (years(case.diagnosis) >= AROMATASE_FROM)
    drug = where(late, draws.code("adjuvant_hormonal"), "tamoxifen")
    end = plan.hormonal.astype(np.int64) + HORMONAL_DAYS
    completed = end <= case.limit
    stopped = where(case.distant <= case.limit, case.distant.astype(np.int64))
    text = pl.DataFrame({"drug": drug.str.to_titlecase(), "mark": where(completed, " †", "")}).select(text=pl.concat_str("drug", "mark"))
    return _rows(
        case, plan.hormonal != NEVER, course_code="primary_hormonal", component_no=1, setting_code="adjuvant", modality_code="hormonal",
        is_given=True, drug_code=drug, day=plan.hormonal, end_day=where(completed, end, stopped).cast(pl.Int32),
        completion_code=where(completed, "completed"), duration_years=where(completed, 5), course_text=text["text"],
    )  # fmt: skip


def _declined(case: Cases, plan: Plan) -> pl.DataFrame:
    return _rows(
        case, plan.has_declined_hormonal, course_code="primary_hormonal", component_no=0, setting_code="adjuvant", modality_code="hormonal",
        is_given=False, not_given_reason_code="declined", course_text="No",
    )  # fmt: skip


def _radiation(draws: Draws, case: Cases, plan: Plan, tumours: pl.DataFrame) -> pl.DataFrame:
    """50 Gy in 25 fractions as in the seed paper, from 2012 on 40 Gy in 15 too; a boost to a kept breast; fields by the nodes."""
    short = draws.happens("short", 0.5) & (years(case.diagnosis) >= FEWER_FRACTIONS_FROM)
    boost = draws.happens("boost", 0.65) & plan.keeps_breast
    is_negative = tumours["n_code"].fill_null("N0") == "N0"
    fields = np.where(flags(is_negative), 2, np.where(draws.happens("four_fields", 0.3), 4, 3))
    dose = np.where(short, 40, 50)
    said = pl.DataFrame({"dose": dose, "boost": where(boost, "+10", ""), "fields": fields})
    days = np.where(short, 18, 32) + np.where(boost, 7, 0)
    return _rows(
        case, plan.radiation != NEVER, course_code="primary_radiation", component_no=1, setting_code="adjuvant", modality_code="radiation",
        is_given=True, dose_gy=dose, boost_gy=where(boost, 10), fractions=np.where(short, 15, 25), fields=fields, day=plan.radiation,
        end_day=(plan.radiation.astype(np.int64) + days).clip(max=NEVER).astype(np.int32),
        course_text=said.select(text=pl.format("{}{}Gy; {} fields", "dose", "boost", "fields"))["text"],
    )  # fmt: skip


def _after(life: Lives, seed: int) -> Iterator[pl.DataFrame]:
    """After the distant recurrence: one drug per kind that is given, in the order of Table 2; or nothing, with its reason."""
    draws = Draws(seed, "after", len(life.age))
    drugs: dict[str, tuple[Flags, pl.Series | str]] = {
        "chemotherapy": (flags(life.after["chemotherapy"]), draws.code("drug.chemotherapy")),
        "targeted": (flags(life.after["trastuzumab"]), "trastuzumab"),
        "hormonal": (flags(life.after["hormonal"]), draws.code("drug.hormonal")),
    }
    words = pl.DataFrame({name: where(given, drug) for name, (given, drug) in drugs.items()})
    text = words.select(text=pl.concat_str(pl.all().str.to_titlecase(), separator=" ", ignore_nulls=True))["text"]
    same: dict[str, Cells] = {"course_code": "after_recurrence", "setting_code": "after_recurrence"}
    number = np.zeros(len(life.age), np.int32)
    for name, (given, drug) in drugs.items():
        number = number + given
        yield _of_persons(
            given, component_no=number, modality_code=name, is_given=True, drug_code=drug, day=life.after_day, course_text=text, **same
        )
    reason = life.after["reason"]
    nothing = flags(reason.is_not_null())
    yield _of_persons(nothing, component_no=0, modality_code="any", is_given=False, not_given_reason_code=reason, course_text="No", **same)


def _of_persons(kept: Flags, **columns: Cells) -> pl.DataFrame:
    """The kept persons with columns given for all persons or as one value."""
    at = np.flatnonzero(kept)
    return rows_of("treatment", at, {"row": at, "tumour_no": np.ones(len(at), np.int32)}, columns)
