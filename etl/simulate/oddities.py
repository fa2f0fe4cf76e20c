"""True oddities of the simulated records: what an edit rightly says of the clean registry, because the women are so.

Some of the thirteen have the oddities of the paper (an operation from the text and a boost, an aromatase inhibitor without receptor,
trastuzumab without a known HER2, a local recurrence while still on neoadjuvant treatment); others were not given what is usual.
Whatever else an edit says of the clean registry is a false alarm.
"""

from __future__ import annotations

import polars as pl

from etl.simulate.layout_pieces import KEYS, Truth

PRIMARY = ("primary", "neoadjuvant", "adjuvant")
COLUMNS = ("person_no", "tumour_no", "edit")
FOUR_CYCLES = 84  # days of four cycles of 21


def oddities(truth: Truth) -> pl.DataFrame:
    """One row per person, tumour and edit that is violated in truth, by those keys."""
    tumour = truth.tumour.join(_treated(truth.treatment), on=KEYS, how="left", maintain_order="left")
    er, her2 = pl.col("er_code").fill_null("unknown"), pl.col("her2_code").fill_null("unknown")
    hormone_negative = (er == "negative") & (pl.col("pr_code").fill_null("unknown") != "positive")
    true = {
        "RAD-001": pl.col("has_boost") & (pl.col("operation") == "mastectomy"),
        "RAD-006": ~pl.col("has_radiation") & (pl.col("operation") == "wide_local_excision"),
        "REC-001": pl.col("has_any_hormonal") & hormone_negative,
        "REC-002": (er == "positive") & ~pl.col("has_hormonal") & ~pl.col("has_hormonal_reason"),
        "REC-003": pl.col("has_any_trastuzumab") & (her2 != "positive"),
        "REC-004": (her2 == "positive") & ~pl.col("has_trastuzumab"),
    }
    parts = [tumour.filter(is_so).select(*KEYS, edit=pl.lit(edit)) for edit, is_so in true.items()]
    return pl.concat([*parts, _early_recurrences(truth, tumour)]).select(COLUMNS).unique().sort(COLUMNS)


def _treated(treatment: pl.DataFrame) -> pl.DataFrame:
    """One row per tumour with any treatment, given or not: what belongs to the treatment of the primary, and what was given at all."""
    given, primary = pl.col("is_given"), pl.col("setting_code").is_in(PRIMARY)
    hormonal, radiation = pl.col("modality_code") == "hormonal", pl.col("modality_code") == "radiation"
    trastuzumab = (pl.col("drug_code") == "trastuzumab").fill_null(value=False)
    return (
        treatment.sort(*KEYS, "component_no")
        .group_by(KEYS, maintain_order=True)
        .agg(
            operation=pl.col("procedure_code").filter((pl.col("course_code") == "primary_surgery") & given).last(),
            has_radiation=(radiation & primary & given).any(),
            has_boost=(radiation & primary & given & (pl.col("boost_gy").fill_null(0) > 0)).any(),
            has_hormonal=(hormonal & primary & given).any(),
            has_hormonal_reason=(hormonal & ~given).any(),
            has_any_hormonal=(hormonal & given).any(),
            has_trastuzumab=(trastuzumab & primary & given).any(),
            has_any_trastuzumab=(trastuzumab & given).any(),
            neoadjuvant_end=pl.col("treatment_end_date").filter(pl.col("setting_code") == "neoadjuvant").max(),
            has_neoadjuvant=(pl.col("setting_code") == "neoadjuvant").any(),
        )
    )


def _early_recurrences(truth: Truth, tumour: pl.DataFrame) -> pl.DataFrame:
    """Local recurrences before the neoadjuvant treatment ended, or within four cycles where its end is not known."""
    local = truth.event.filter(pl.col("event_type_code").is_in(["local_recurrence", "regional_recurrence"]))
    known = local.join(tumour.filter("has_neoadjuvant"), on=KEYS)
    until = pl.coalesce("neoadjuvant_end", pl.col("treatment_start_date") + pl.duration(days=FOUR_CYCLES))
    return known.filter(pl.col("event_date") < until).select(*KEYS, edit=pl.lit("EVT-006"))
