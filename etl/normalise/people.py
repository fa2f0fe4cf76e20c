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
        # identifiers as categories, numbered as they are met: each is found by its number, and no file is joined with all persons
        self._kind = pl.Categorical(pl.Categories.random())
        self._held = pl.Series("raw", [], dtype=self._kind)  # the categories go when their last column does
        self._keys = pl.Series("patient_key", [], dtype=pl.Int64)
        self._new: list[pl.DataFrame] = []

    def keys(self, identifiers: pl.Series) -> pl.Series:
        """`patient_key` of each identifier, null where there is none."""
        told = identifiers.cast(self._kind)
        number = told.to_physical()
        new = told.filter(number >= len(self._keys)).unique()
        if len(new):
            self._held = new.gather(new.to_physical().arg_sort())
            named = pl.DataFrame({"patient_pseudonym": self._pseudonyms.of(self._held.cast(pl.String))})
            named = keyed(named, "patient_key", ("patient_pseudonym",))
            self._keys = pl.concat([self._keys, named["patient_key"]], rechunk=True)
            self._new.append(named.select(PERSONS.keys()))
        return self._keys.gather(number)

    def numbers(self) -> tuple[pl.Series, pl.Series]:
        """Every identifier that was asked for, in clear, and the key of each; for what compares them, and for nothing that is kept."""
        numbers = pl.int_range(len(self._keys), dtype=pl.UInt32, eager=True)
        return numbers.cat.to(self._kind).cast(pl.String), self._keys

    def met(self) -> pl.DataFrame:
        """The persons met since the last file that was taken (PERSONS): key and pseudonym, one row each."""
        return pl.concat([pl.DataFrame(schema=PERSONS), *self._new])

    def taken(self) -> None:
        """The file that told of the persons met is in force. Those of a file that is refused are told of with the next."""
        self._new = []
