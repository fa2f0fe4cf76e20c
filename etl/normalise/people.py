"""Person identifiers replaced by keyed hashes before anything else sees them."""

from __future__ import annotations

import polars as pl

from schemas.core.ids import pseudonym


def pseudonyms(identifiers: pl.Series, key: bytes) -> pl.Series:
    """The pseudonym of each identifier, computed once per distinct one; null stays null."""
    distinct = identifiers.drop_nulls().unique()
    hashed = pl.DataFrame({"raw": distinct, "pseudonym": pl.Series([pseudonym(key, text) for text in distinct], dtype=pl.String)})
    return pl.DataFrame({"raw": identifiers}).join(hashed, on="raw", how="left", maintain_order="left")["pseudonym"]
