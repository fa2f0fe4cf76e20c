"""Columns that follow from others of the same record: organ and topography of a site, the prefix of a stage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from functools import cache

import polars as pl

from etl.normalise.values import codes
from schemas.facts import shipped
from schemas.vocabulary import Vocabularies

SITE_COLUMNS = ("organ_code", "topography_code")


@cache
def prefixes() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Delivered column, the column of its prefix, and where the prefix stands in the text, the first that fits (stage_prefixes.csv)."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in shipped("stage_prefixes.csv", "column", "basis", "pattern"):
        found[row["column"], row["basis"]].append(row["pattern"])
    return tuple((*columns, tuple(patterns)) for columns, patterns in found.items())


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
