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


def text_key(*parts: object) -> int:
    """63-bit key of one natural key, equal to what `keyed` gives for a column."""
    digest = hashlib.md5(SEPARATOR.join(str(part) for part in parts).encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[8:], "little") >> 1


def keyed(frame: pl.DataFrame, name: str, parts: Sequence[str]) -> pl.DataFrame:
    """`frame` with the Int64 column `name`: the 63-bit hash of the natural key in `parts`.

    One row per row of `frame`, in its order. Nulls in `parts` are written as the empty text.
    """
    text = pl.concat_str([pl.col(part).cast(pl.String).fill_null("") for part in parts], separator=SEPARATOR)
    named = frame.with_columns(key_text=text)
    with _hasher().cursor() as connection:
        connection.register("named", named.select(pl.col("key_text").unique()).to_arrow())
        table = connection.sql("select key_text, cast(md5_number_lower(key_text) >> 1 as bigint) as key from named").to_arrow_table()
    keys = pl.DataFrame(table).rename({"key": name})
    return named.join(keys, on="key_text", how="left", maintain_order="left").drop("key_text")


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
