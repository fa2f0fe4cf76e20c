"""Stable identifiers: surrogate keys, source row ids, pseudonyms.

Every key is a function of what it names, so it is the same in every release (DESIGN 2.1).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from functools import cache

import duckdb
import polars as pl

ROW_BITS = 32
SEPARATOR = "\x1f"
BLOCK = 64  # bytes that SHA-256 takes at a time
AT_ONCE = 100_000  # identifiers that are Python objects at one time


def text_key(*parts: object) -> int:
    """63-bit key of one natural key, equal to what `keyed` gives for a column."""
    digest = hashlib.md5(SEPARATOR.join(str(part) for part in parts).encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[8:], "little") >> 1


def keyed(frame: pl.DataFrame, name: str, parts: Sequence[str]) -> pl.DataFrame:
    """`frame` with the Int64 column `name`: the 63-bit hash of the natural key in `parts`.

    One row per row of `frame`, in its order. Nulls in `parts` are written as the empty text.
    """
    return frame.with_columns(keys(frame, parts).alias(name))


def keys(frame: pl.DataFrame, parts: Sequence[str]) -> pl.Series:
    """The 63-bit hash of the natural key in `parts`, one per row of `frame`, in its order."""
    texts = [pl.col(part).cast(pl.String).fill_null("") for part in parts]
    named = frame.select(key_text=pl.concat_str(texts, separator=SEPARATOR))
    with _hasher().cursor() as connection:
        connection.register("named", named.to_arrow())
        # a plain projection keeps the order of its input
        table = connection.sql("select cast(md5_number_lower(key_text) >> 1 as bigint) as key from named").to_arrow_table()
    return pl.Series("key", pl.DataFrame(table)["key"], dtype=pl.Int64)


@cache
def _hasher() -> duckdb.DuckDBPyConnection:
    """An empty database in memory, made once: opening one costs more than hashing a hundred thousand keys."""
    return duckdb.connect()


def source_key(source_file: str, sha256: str) -> int:
    """31-bit key of one landed file (its name and its bytes)."""
    return text_key(source_file, sha256) >> 32


def source_row_id(source_key_: int, source_row: int) -> int:
    """63-bit id of one physical row: the file's key, then the row's number in the lower 32 bits."""
    return (source_key_ << ROW_BITS) | source_row


def pseudonym(key: bytes, identifier: str) -> str:
    """Keyed hash (HMAC-SHA-256) of a person identifier, its first 80 bits as 20 hex digits."""
    return hmac.digest(key, identifier.encode(), "sha256").hex()[:20]


class Pseudonyms:
    """`pseudonym` under one key for many identifiers: the key enters the hash once, not once for each of them.

    In Python, since the key must be in no query text, and DuckDB's `sha256` (in hex, twice) costs twice as much.
    """

    def __init__(self, key: bytes) -> None:
        short = (hashlib.sha256(key).digest() if len(key) > BLOCK else key).ljust(BLOCK, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in short))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in short))

    def of(self, identifiers: pl.Series) -> pl.Series:
        """The pseudonym of each of these texts, of which none is null."""
        parts = [self._hashed(identifiers.slice(start, AT_ONCE)) for start in range(0, len(identifiers), AT_ONCE)]
        return pl.concat([pl.Series("patient_pseudonym", [], dtype=pl.String), *parts])

    def _hashed(self, identifiers: pl.Series) -> pl.Series:
        inner, outer, found = self._inner.copy, self._outer.copy, []
        for text in identifiers.cast(pl.Binary):
            told, sealed = inner(), outer()
            told.update(text)
            sealed.update(told.digest())
            found.append(sealed.digest()[:10])
        return pl.Series("patient_pseudonym", found, dtype=pl.Binary).bin.encode("hex")
