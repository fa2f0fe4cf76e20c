"""Stage groups of breast cancer from T, N and M, and the edition that applies to a diagnosis.

The groups are rows of stage_groups.csv; a project that holds a licence may replace the file.
"""

from __future__ import annotations

import polars as pl

from schemas.primary_site import BREAST, NOT_KNOWN
from schemas.replaced_facts import built_in

# Editions from 7 on have no MX: without evidence of a metastasis M is M0 there, and so is an M that was left empty.
_WITHOUT_MX = ("7", "8")
# After neoadjuvant treatment, and at a recurrence: neither is the stage at diagnosis.
_NOT_AT_DIAGNOSIS = ("yc", "yp", "y", "r")


def of_another_organ(topography: pl.Expr) -> pl.Expr:
    """Whether a tumour with this topography is certainly none of the breast; a site that is not known (no code, or C80.9) may be."""
    known = topography.cast(pl.String)
    return (~known.str.starts_with(BREAST) & (known != NOT_KNOWN)).fill_null(False)


def derive_stage(tumours: pl.DataFrame, stage_groups: pl.DataFrame | None = None) -> pl.DataFrame:
    """`tumours` (tnm_edition_code, t_code, n_code, m_code) in its order with stage_derived_code and stage_finding.

    `stage_groups` are the rows of stage_groups.csv, the built-in ones where none are given.

    Both are null where the edition is unknown (or before 6) or T or N is missing, and where T or N was judged after
    neoadjuvant treatment or at a recurrence (t_basis_code or n_basis_code yc, yp, y or r): that is no stage at diagnosis. An empty
    M is MX in edition 6 and M0 later. stage_finding says why known parts give no group: not_grouped or impossible.
    """
    asked = tumours.with_columns(m_asked=_m_of_edition())
    known = built_in("stage_groups") if stage_groups is None else stage_groups
    groups = known.rename({"m_code": "m_asked", "stage_code": "stage_derived_code", "finding": "stage_finding"})
    joined = asked.join(groups, on=["tnm_edition_code", "t_code", "n_code", "m_asked"], how="left", maintain_order="left").drop("m_asked")
    basis = [column for column in ("t_basis_code", "n_basis_code") if column in tumours.columns]
    late = pl.any_horizontal(pl.lit(False), *(pl.col(column).is_in(_NOT_AT_DIAGNOSIS).fill_null(False) for column in basis))
    return joined.with_columns(pl.when(~late).then(column).alias(column) for column in ("stage_derived_code", "stage_finding"))


def _m_of_edition() -> pl.Expr:
    dropped = pl.col("tnm_edition_code").is_in(_WITHOUT_MX)
    given = pl.col("m_code").fill_null("MX")
    return pl.when(dropped & (given == "MX")).then(pl.lit("M0")).otherwise(given)


def derive_edition(tumours: pl.DataFrame, stage_editions: pl.DataFrame | None = None) -> pl.DataFrame:
    """`tumours` with tnm_edition_code filled where it is null: the edition in use over the whole diagnosis interval.

    `unknown` for a diagnosis surely before 2003; null stays where the interval crosses a change of edition, is open
    or is not on the calendar. A delivered edition is kept.
    """
    periods = built_in("stage_editions") if stage_editions is None else stage_editions
    within = [
        pl.when((pl.col("diagnosis_earliest_date") >= first) & (pl.col("diagnosis_latest_date") <= last)).then(pl.lit(edition))
        for edition, first, last in periods.select("tnm_edition_code", "first_day", "last_day").rows()
    ]
    return tumours.with_columns(pl.coalesce("tnm_edition_code", *within).alias("tnm_edition_code"))
