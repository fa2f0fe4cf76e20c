"""Edition and derived stage of a tumour, once all that is known of it stands in one row (DESIGN 5)."""

from __future__ import annotations

import polars as pl

from etl.normalise.narrow import widened
from schemas.primary_site import NOT_KNOWN
from schemas.stage import derive_edition, derive_stage, of_another_organ
from schemas.unread import APART, COLUMNS
from schemas.vocabulary import Vocabularies

STAGED = ("stage_code", "t_code", "n_code", "m_code")
DATES = ("diagnosis_earliest_date", "diagnosis_latest_date")
# What a stage is derived from, beside the edition.
PARTS = ("t_code", "n_code", "m_code", "t_basis_code", "n_basis_code")
EDITION, STAGE, SITE = "tnm_edition_code", "stage_derived_code", "topography_code"
# What staging makes of a tumour, and the other columns that it reads.
MADE, READ = (EDITION, STAGE), (*STAGED, *PARTS[3:], *DATES, SITE)
UNKNOWN = "unknown"
# An M that nobody gave: no evidence of a metastasis. Of an event of this kind there is.
NO_M, AT_DIAGNOSIS = "MX", "metastasis_at_diagnosis"


def staged(tumours: pl.DataFrame, vocabularies: Vocabularies | None = None) -> pl.DataFrame:
    """The tumours (codes as texts or categories) with `tnm_edition_code` and `stage_derived_code`.

    The delivered edition wins, then the one in use over the whole diagnosis interval; where neither is certain it is
    `unknown`, and no group is derived, nor of a tumour of another organ: the groups are those of the breast. A tumour without any
    stage or category has no edition. `vocabularies` hold the tables of groups and editions, a project's own where it has them.

    What many tumours say alike is looked up once: there are some hundred groups.
    """
    known = vocabularies or Vocabularies()
    has_stage = tumours.select(pl.any_horizontal(pl.col(column).is_not_null() for column in STAGED)).to_series()
    given = pl.col(EDITION).cast(pl.String)
    dated = derive_edition(tumours.select(given, *DATES), known.fact("stage_editions"))
    kept = pl.when(has_stage).then(pl.col(EDITION).fill_null(UNKNOWN)).otherwise(tumours[EDITION].cast(pl.String))
    said = tumours.select(PARTS).with_columns(dated.select(kept.cast(pl.Categorical).alias(EDITION)))
    number = said.select(pl.all().to_physical()).hash_rows().alias("number")
    each = number.arg_unique()
    groups = derive_stage(widened(said[each]), known.fact("stage_groups")).select(number[each], pl.col(STAGE).cast(pl.Categorical))
    grouped = number.to_frame().join(groups, on="number", how="left", maintain_order="left")
    elsewhere = tumours.select(of_another_organ(pl.col(SITE))).to_series()
    derived = grouped.select(pl.when(~elsewhere).then(STAGE).alias(STAGE)).to_series()
    return tumours.with_columns(made.cast(tumours.schema[made.name]) for made in (said[EDITION], derived))


def with_known_parts(tumours: pl.DataFrame, unread: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """The tumours in their order, without the derived group of those of which a part was delivered and not understood.

    `Colon/rectum`, which no list knows, leaves the site empty, and the groups are those of the breast. So does a word for "after
    chemotherapy" with the basis of T or N, and an empty one counts as before any treatment; `M1a` or a stage `IVA` with M, and an empty
    one counts as M0, as it does beside a metastasis at diagnosis that came as one of the `events`. `unread`: schemas.unread.UNREAD, which
    knows the person and not the tumour: of none of hers without a site, a basis or an M is a group derived.
    """
    site = pl.col(SITE).cast(pl.String).fill_null(NOT_KNOWN) == NOT_KNOWN
    is_open = site & _of_whom(unread, SITE)
    for basis in PARTS[3:]:
        is_open = is_open | (pl.col(basis).is_null() & _of_whom(unread, f"{basis}{APART}"))
    return tumours.with_columns(pl.when(~is_open & ~_may_be_m1(unread, events)).then(STAGE).alias(STAGE))


def _may_be_m1(unread: pl.DataFrame, events: pl.DataFrame) -> pl.Expr:
    """Whether a tumour without M may have one that is not M0: its M or its stage was not understood, or an event speaks of a metastasis."""
    found = events.filter(pl.col("event_type_code").cast(pl.String) == AT_DIAGNOSIS)["patient_key"]
    of_stage = pl.col("stage_code").is_null() & _of_whom(unread, "stage_code")
    known = pl.col("m_code").cast(pl.String).fill_null(NO_M) != NO_M
    return ~known & (_of_whom(unread, "m_code") | of_stage | pl.col("patient_key").is_in(found.implode()))


def _of_whom(unread: pl.DataFrame, column: str) -> pl.Expr:
    """Whether a cell of this column was not understood, of the woman of each tumour."""
    told = unread.filter(pl.col(COLUMNS).str.contains(f" tumour.{column} ", literal=True))
    return pl.col("patient_key").is_in(told["patient_key"].implode())
