"""Person identifiers replaced by keyed hashes before anything else sees them."""

from __future__ import annotations

import polars as pl

from schemas.core.ids import keyed, pseudonym
from schemas.items import identity


def people(identifiers: pl.Series, key: bytes) -> pl.DataFrame:
    """`patient_pseudonym` and `patient_key` of each identifier, computed once per distinct one; null where there is none."""
    distinct = identifiers.drop_nulls().unique()
    hashed = pl.DataFrame({"raw": distinct, "patient_pseudonym": pl.Series([pseudonym(key, text) for text in distinct], dtype=pl.String)})
    named = keyed(hashed, "patient_key", identity("patient"))
    joined = pl.DataFrame({"raw": identifiers}).join(named, on="raw", how="left", maintain_order="left")
    return joined.select("patient_pseudonym", "patient_key")
