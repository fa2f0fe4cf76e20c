"""Person identifiers replaced by keyed hashes before anything else sees them."""

from __future__ import annotations

import polars as pl

from etl.normalise.row_key import row_secret
from schemas.core.ids import Pseudonyms, keyed

PERSONS: dict[str, type[pl.DataType]] = {"patient_key": pl.Int64, "patient_pseudonym": pl.String}


class People:
    """The persons of one run: each distinct identifier is hashed once, whichever files name it."""

    def __init__(self, key: bytes) -> None:
        self._pseudonyms = Pseudonyms(key)
        self.row_secret = row_secret(key)
        self._known = pl.DataFrame(schema={"raw": pl.String, "patient_key": pl.Int64})
        self._new: list[pl.DataFrame] = []

    def keys(self, identifiers: pl.Series) -> pl.Series:
        """`patient_key` of each identifier, null where there is none."""
        asked = pl.DataFrame({"raw": identifiers})
        found = asked.join(self._known, on="raw", how="left", maintain_order="left")["patient_key"]
        lacking = (found.is_null() & asked["raw"].is_not_null()).arg_true()
        if lacking.is_empty():
            return found
        texts = asked[lacking]
        new = texts.unique()
        named = new.with_columns(patient_pseudonym=self._pseudonyms.of(new["raw"]))
        named = keyed(named, "patient_key", ("patient_pseudonym",))
        told = named.select("raw", "patient_key")
        self._known = pl.concat([self._known, told])
        self._new.append(named.select(PERSONS.keys()))
        return found.scatter(lacking, texts.join(told, on="raw", how="left", maintain_order="left")["patient_key"])

    def met(self) -> pl.DataFrame:
        """The persons met since the last file that was taken (PERSONS): key and pseudonym, one row each."""
        return pl.concat([pl.DataFrame(schema=PERSONS), *self._new])

    def taken(self) -> None:
        """The file that told of the persons met is in force. Those of a file that is refused are told of with the next."""
        self._new = []
