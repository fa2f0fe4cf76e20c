"""Columns that follow from others of the same record: organ and topography of a site, the prefix of a stage."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from etl.normalise.values import codes
from schemas.vocabulary import Vocabularies

# Delivered column, the column of its prefix, and where the prefix stands in the text, the first that fits: NAACCR's direct codes
# are p2 or c1. An N without a prefix behind a T with one has that of the T: pT2N1.
_OF_T = r"(?i)(?:^|[^a-z0-9])(y?[cp]|y|r|a)\s?T\s?(?:[0-4Xo]|is)"
PREFIXES = (
    (
        "stage_code",
        "stage_basis_code",
        (
            r"(?i)^\s*(y?[cp]|y|r|a)\s?(?:stage|stg?\.?)?:?\s?(?:[0-4]|I|V)",
            r"(?i)^\s*(clinical|pathological|pathologic|path)\s*(?:stage|stg?)",
        ),
    ),
    ("t_code", "t_basis_code", (_OF_T, r"(?i)(?:^|[^a-z0-9])(y?[cp]|y|r|a)\s?(?:T\s?i|[0-4X])")),
    (
        "n_code",
        "n_basis_code",
        (r"(?i)(?:^|[^a-z0-9])(y?[cp]|y|r|a)\s?N\s?[0-3Xo]", rf"{_OF_T}[^Nn]*N\s?[0-3XxOo]", r"(?i)^\s*(y?[cp]|y|r|a)\s?[0-3X]"),
    ),
)
SITE_COLUMNS = ("organ_code", "topography_code")


def organs(vocabularies: Vocabularies, sites: pl.Series) -> pl.Series:
    """The organ code of each raw site text, null where the site is not known."""
    asked = pl.DataFrame({"raw": sites, "context": pl.Series([None] * len(sites), dtype=pl.String)})
    found = codes(vocabularies, "site", asked).select(site_code="code")
    return _by_site(vocabularies, found)["organ_code"]


def with_site(vocabularies: Vocabularies, events: pl.DataFrame, given: Collection[str]) -> pl.DataFrame:
    """Events with organ and topography of their site, where the contract sets neither."""
    missing = [column for column in SITE_COLUMNS if column not in given]
    if "site_code" not in events.columns or not missing:
        return events
    return events.drop(missing, strict=False).hstack(_by_site(vocabularies, events.select("site_code")).select(missing))


def _by_site(vocabularies: Vocabularies, sites: pl.DataFrame) -> pl.DataFrame:
    table = vocabularies.table("site").select(pl.col("site_code").cast(sites.schema["site_code"]), *SITE_COLUMNS)
    return sites.join(table, on="site_code", how="left", maintain_order="left")


def basis(vocabularies: Vocabularies, texts: pl.Series, patterns: Collection[str]) -> pl.Series:
    """The delivered prefix of each stage, T or N text as a code (c, p, yp …), null where none stands there."""
    prefix = pl.coalesce(*(pl.col("raw").str.extract(pattern, 1) for pattern in patterns)).str.to_lowercase()
    distinct = pl.DataFrame({"raw": texts.drop_nulls().unique()})
    found = codes(vocabularies, "stage_basis", distinct.select(raw=prefix, context=pl.lit(None, pl.String)))
    told = distinct.with_columns(found["code"])
    return pl.DataFrame({"raw": texts}).join(told, on="raw", how="left", maintain_order="left")["code"]
