"""What the choice of victims must know of each woman and tumour, from the true records."""

from __future__ import annotations

import polars as pl

from etl.simulate.layout_pieces import KEYS, Truth

AROMATASE = ["anastrozole", "exemestane", "letrozole"]


def facts(truth: Truth, cohort: pl.DataFrame) -> pl.DataFrame:
    """One row per person and tumour: `is_paper`, `is_cohort`, and true values under `f_…`."""
    person = truth.person.select(
        "person_no", *_named(truth.person, "hospital", "birth_date", "sex_code", "number_b", "nric", "is_nric_known_b", "family_name")
    )
    follow = truth.follow_up.select("person_no", *_named(truth.follow_up, "contact_date", "death_date", "vital_status_code"))
    wanted = (
        "diagnosis_date",
        "treatment_start_date",
        "stage_code",
        "t_code",
        "n_code",
        "prefix",
        "tumour_size_mm",
        "er_code",
        "pr_code",
        "her2_code",
        "laterality_code",
        "nodes_positive",
        "enrolment_date",
    )
    tumour = truth.tumour.select(*KEYS, *_named(truth.tumour, *wanted), f_tumours=pl.len().over("person_no"))
    belongs = cohort.select("person_no", is_paper=pl.col("table2_no").is_not_null(), is_cohort=pl.col("arm") != "outside")
    joined = tumour
    for frame in (person, follow, belongs):
        joined = joined.join(frame, on="person_no", how="left", maintain_order="left")
    joined = joined.join(_treated(truth.treatment), on=KEYS, how="left", maintain_order="left")
    kind, day = pl.col("event_type_code"), pl.col("event_date")
    happened = truth.event.group_by("person_no").agg(
        f_events=pl.len(), f_distant=(kind == "distant_recurrence").sum(), f_first_event=day.min(),
        f_distant_date=day.filter(kind == "distant_recurrence").min(), f_resection_date=day.filter(kind == "metastasectomy").min(),
        f_progression_date=day.filter(kind == "progression").min(),
    )  # fmt: skip
    joined = joined.join(happened, on="person_no", how="left", maintain_order="left")
    flags = [
        pl.col(name).fill_null(value=False)
        for name in ("is_paper", "is_cohort", "f_has_mastectomy", "f_has_trastuzumab", "f_has_hormonal", "f_has_aromatase")
    ]
    return joined.with_columns(
        pl.col("person_no").cast(pl.Int64), pl.col("tumour_no").cast(pl.Int64), *flags, pl.col("f_events", "f_distant").fill_null(0)
    )


def _named(frame: pl.DataFrame, *columns: str) -> list[pl.Expr]:
    assert set(columns) <= set(frame.columns), set(columns) - set(frame.columns)
    return [pl.col(column).alias(f"f_{column}") for column in columns]


def _treated(treatment: pl.DataFrame) -> pl.DataFrame:
    """One row per tumour that was treated: the last operation, and whether hormonal therapy, an aromatase inhibitor and
    trastuzumab belong to the treatment of the primary (null where not). `treatment` stands by its key."""
    is_primary = pl.col("setting_code").is_in(["primary", "neoadjuvant", "adjuvant"]) & pl.col("is_given")
    looked_at = treatment.select(*KEYS, "modality_code", "procedure_code", "drug_code", is_primary=is_primary)
    given = looked_at.filter("is_primary")
    operated = given.filter(pl.col("modality_code") == "surgery").group_by(KEYS, maintain_order=True)
    made = operated.agg(f_has_mastectomy=pl.col("procedure_code").last() == "mastectomy")
    is_so = {
        "f_has_trastuzumab": pl.col("drug_code") == "trastuzumab",
        "f_has_hormonal": pl.col("modality_code") == "hormonal",
        "f_has_aromatase": pl.col("drug_code").is_in(AROMATASE),
    }
    for name, condition in is_so.items():
        found = given.filter(condition).select(KEYS).unique().with_columns(pl.lit(value=True).alias(name))
        made = made.join(found, on=KEYS, how="full", coalesce=True)
    return made
