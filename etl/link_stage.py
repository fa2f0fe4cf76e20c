"""Edition and derived stage of a tumour, once all that is known of it stands in one row (DESIGN 5)."""

from __future__ import annotations

import polars as pl

from schemas.stage import derive_edition, derive_stage
from schemas.vocabulary import Vocabularies

STAGED = ("stage_code", "t_code", "n_code", "m_code")
UNKNOWN = "unknown"
# What staging makes of a tumour, and the other columns that it reads.
MADE = ("tnm_edition_code", "stage_derived_code")
READ = (*STAGED, "t_basis_code", "n_basis_code", "diagnosis_earliest_date", "diagnosis_latest_date")


def staged(tumours: pl.DataFrame, vocabularies: Vocabularies | None = None) -> pl.DataFrame:
    """The tumours with `tnm_edition_code` and `stage_derived_code`.

    The delivered edition wins, then the one in use over the whole diagnosis interval; where neither is certain it is
    `unknown`, and no group is derived. A tumour without any stage or category has no edition. `vocabularies` hold the tables of
    groups and editions, a project's own where it has them.
    """
    known = vocabularies or Vocabularies()
    has_stage = pl.any_horizontal(pl.col(column).is_not_null() for column in STAGED)
    dated = derive_edition(tumours, known.fact("stage_editions"))
    edition = pl.when(pl.col("tnm_edition_code").is_null() & has_stage).then(pl.lit(UNKNOWN)).otherwise("tnm_edition_code")
    kept = pl.when(has_stage).then(edition).otherwise(tumours["tnm_edition_code"]).alias("tnm_edition_code")
    return derive_stage(dated.with_columns(kept).drop("stage_derived_code"), known.fact("stage_groups")).select(tumours.columns)
