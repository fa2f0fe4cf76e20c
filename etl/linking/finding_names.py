"""The identity of a finding of the linkage about a record without a lasting key: the woman, and what tells her records apart.

A tumour that fits several of hers, and a record that names none of them, have no key that lasts beyond this run: the number they get
depends on her other rows. So such a finding is identified like one of reading (worklists/finding_rows.py): by the woman and by what the row
itself says of the record. Where several rows of one file are alike in this, one of them is identified so and each of the others by its
whole record. Hashes are made with the key of the registry, so that nobody can try out dates against them.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable

import polars as pl

from schemas.core.ids import SEPARATOR, KeyedHashes, located
from schemas.findings import SAID_OF_RECORDS

# One row per piece that cannot be told: her number as delivered, what tells the record apart, and all that it says.
DOUBTED: dict[str, type[pl.DataType]] = {
    "record": pl.String, "own_key": pl.Int64, "source_row_id": pl.Int64, "facts": pl.String, "rest": pl.String,
}  # fmt: skip
# What the linkage gives a piece, and where it stands: another night has others of the same row.
NOT_SAID = frozenset({
    "patient_key", "own_key", "source", "source_row_id", "source_file", "trust", "delivery", "tumour_no", "unnumbered", "tumour_unnumbered",
    "place", "thing", "origin",
})  # fmt: skip
BYTES = 8


def texts(pieces: pl.DataFrame, columns: Iterable[str] | None = None) -> pl.Series:
    """The values of each piece in these columns (none given: all but NOT_SAID) as one text; null values are left out."""
    named = sorted(columns if columns is not None else set(pieces.columns) - NOT_SAID)
    said = [pl.concat_str(pl.lit(name), pl.col(name).cast(pl.String), separator=SEPARATOR) for name in named if name in pieces.columns]
    return pieces.select(pl.concat_str([pl.lit(""), *said], separator=SEPARATOR, ignore_nulls=True).alias("said"))["said"]


def named(doubted: pl.DataFrame, edit: str, key: bytes | None) -> pl.DataFrame:
    """SAID_OF_RECORDS of the pieces (DOUBTED) that one edit finds; none without a `key`.

    A row that tells of several records of one kind is one: what they say stands together.
    """
    if key is None or doubted.is_empty():
        return pl.DataFrame(schema=SAID_OF_RECORDS)
    one = [pl.col(name).unique().sort().str.join(SEPARATOR) for name in ("facts", "rest")]
    rows = doubted.group_by("record", "source_row_id").agg(pl.col("own_key").min().cast(pl.String), *one)
    like = ["source_key", "record", "own_key", "facts"]
    ordered = located(rows.sort("rest", "source_row_id"))
    is_first = pl.int_range(pl.len()).over(like) == 0
    says = [pl.lit(edit), "record", "own_key", "facts", pl.when(~is_first).then("rest")]
    told = ordered.with_columns(text=pl.concat_str(says, separator=SEPARATOR, ignore_nulls=True))
    hashes = KeyedHashes(hmac.digest(key, b"finding", "sha256"), BYTES)
    named_ = told.with_columns(edit=pl.lit(edit), said=hashes.of(told["text"]))
    named_ = named_.with_columns(fingerprint=pl.lit(None, pl.String))
    return named_.select(pl.col(name).cast(kind) for name, kind in SAID_OF_RECORDS.items())
