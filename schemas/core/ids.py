"""Stable identifiers: surrogate keys, source row ids, pseudonyms.

Every key is a function of what it names, so it is the same in every release (DESIGN 2.1).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from functools import cache

import duckdb
import numpy as np
import numpy.typing as npt
import polars as pl

ROW_BITS = 32
SEPARATOR = "\x1f"
# Constants of splitmix64 (Steele, Lea and Flood 2014): the step between states, shifts and factors of the mixing.
ALL_BITS = (1 << 64) - 1
STEP, MIXED, LAST_SHIFT = 0x9E3779B97F4A7C15, ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)), 31
SMALL = (pl.Int8, pl.Int16, pl.Int32, pl.UInt8, pl.UInt16, pl.UInt32)  # their differences are no overflow of 64 bits
BLOCK = 64  # bytes that SHA-256 takes at a time
FEW = 500  # texts that are hashed sooner than DuckDB is asked
AT_ONCE = 100_000  # identifiers that are Python objects at one time


def text_key(*parts: object) -> int:
    """63-bit key of one natural key, equal to what `keyed` gives for a column."""
    first, *others = [str(part) for part in parts] or [""]
    if not others:  # the key of a person, from which those of all her records are made
        return _text_hash(first)
    state = _text_hash(first)
    for other in others:
        state = (state * STEP + _text_hash(other)) & ALL_BITS
        for shift, factor in MIXED:
            state = ((state ^ (state >> shift)) * factor) & ALL_BITS
        state ^= state >> LAST_SHIFT
    return state >> 1


def _text_hash(text: str) -> int:
    """63 bits of the MD5 of a text."""
    return int.from_bytes(hashlib.md5(text.encode(), usedforsecurity=False).digest()[8:], "little") >> 1


def keyed(frame: pl.DataFrame, name: str, parts: Sequence[str]) -> pl.DataFrame:
    """`frame` with the Int64 column `name`: the 63-bit hash of the natural key in `parts`.

    One row per row of `frame`, in its order. Nulls in `parts` are written as the empty text.
    """
    return frame.with_columns(keys(frame, parts).alias(name))


def keys(frame: pl.DataFrame, parts: Sequence[str]) -> pl.Series:
    """The 63-bit hash of the natural key in `parts`, one per row of `frame`, in its order."""
    first = frame[parts[0]]
    has_few = isinstance(first.dtype, (pl.Categorical, pl.Enum))
    return keys_within(pl.Series(_distinctly_hashed(first)) if has_few else _hashed(first), frame, parts[1:])


def keys_within(outer: pl.Series, frame: pl.DataFrame, parts: Sequence[str]) -> pl.Series:
    """The same as `keys`, for a natural key whose first part is already hashed (`outer`, the person) and whose other parts are `parts`.

    The first part has its own key, each further part is mixed in by whole numbers: `splitmix64` over 64 bits, the same everywhere.
    """
    if not parts:
        return outer.alias("key")
    state = outer.to_numpy().astype("uint64")
    for part in parts:
        state *= STEP
        state += _distinctly_hashed(frame[part]).view("uint64")
        for shift, factor in MIXED:
            state ^= state >> shift
            state *= factor
        state ^= state >> LAST_SHIFT
    state >>= 1
    return pl.Series("key", state.view("int64"), dtype=pl.Int64)


def _distinctly_hashed(values: pl.Series) -> npt.NDArray[np.int64]:
    """The hash of each value; the parts of a key that follow its person have few values, each hashed once.

    Of texts that are nearly all different each is hashed as it stands: to number them first costs as much as to hash them.
    """
    if values.dtype == pl.String and 2 * int(values.approx_n_unique() or 0) > len(values):  # type: ignore[arg-type]  # a whole number
        return np.asarray(_hashed(values).to_numpy(), "int64")
    numbers = _numbers(values)
    size = 1 + int(numbers.max() or 0)  # type: ignore[arg-type]  # whole numbers all
    if size > len(values):
        return np.asarray(_hashed(values).to_numpy(), "int64")
    at = (numbers.cast(pl.Int64).fill_null(size) if numbers.null_count() else numbers).to_numpy()
    stands = np.full(size + 1, -1)  # where each number stands, anywhere; the last one is that of null
    stands[at] = np.arange(len(at))
    [there] = np.nonzero(stands >= 0)
    hashes = np.zeros(size + 1, "int64")
    hashes[there] = _hashed(values.gather(stands[there])).to_numpy()
    return np.asarray(hashes[at], "int64")


def _numbers(values: pl.Series) -> pl.Series:
    """Numbers from 0 on, one for each different value: small whole numbers that are not below 0, and those of categories, as they are."""
    if values.dtype in SMALL:
        low = int(values.min() or 0)  # type: ignore[arg-type]  # whole numbers all
        return values.cast(pl.Int64) - low if low < 0 else values
    if values.dtype == pl.Categorical:
        return values.to_physical()
    table = values.alias("part").unique().to_frame().with_row_index("number")
    asked = values.alias("part").to_frame()
    return asked.join(table, on="part", how="left", nulls_equal=True, maintain_order="left")["number"].cast(pl.Int64)


def _hashed(values: pl.Series) -> pl.Series:
    """63 bits of the MD5 of each value as text (null: of the empty text)."""
    named = pl.DataFrame({"text": values.cast(pl.String).fill_null("")})
    if named.height <= FEW:
        return pl.Series("key", [_text_hash(text) for text in named["text"].to_list()], dtype=pl.Int64)
    with _hasher().cursor() as connection:
        connection.register("named", named.to_arrow())
        # a plain projection keeps the order of its input
        table = connection.sql("select cast(md5_number_lower(text) >> 1 as bigint) as key from named").to_arrow_table()
    return pl.Series("key", pl.DataFrame(table)["key"], dtype=pl.Int64).rechunk()


@cache
def _hasher() -> duckdb.DuckDBPyConnection:
    """An empty database in memory, made once: opening one costs more than hashing a hundred thousand keys."""
    return duckdb.connect()


def source_key(source_file: str, sha256: str) -> int:
    """31-bit key of one landed file (its name and its bytes)."""
    return _text_hash(SEPARATOR.join((source_file, sha256))) >> 32


def source_row_id(source_key_: int, source_row: int) -> int:
    """63-bit id of one physical row: the file's key, then the row's number in the lower 32 bits."""
    return (source_key_ << ROW_BITS) | source_row


def source_row_ids(source_key_: int) -> pl.Expr:
    """`source_row_id` of each row of one file, by the column `source_row`."""
    return pl.lit(source_key_ << ROW_BITS, pl.Int64) + pl.col("source_row")


def located(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with the file and the line of each row (source_key, source_row), out of its source_row_id; as it is without one.

    Records carry the id alone: both beside it would be a sixth of a GiB at a million women, and are asked for of few of them.
    """
    row = pl.col("source_row_id")
    return frame.with_columns(source_key=row // (1 << ROW_BITS), source_row=row % (1 << ROW_BITS)) if "source_row_id" in frame else frame


def pseudonym(key: bytes, identifier: str) -> str:
    """Keyed hash (HMAC-SHA-256) of a person identifier, its first 80 bits as 20 hex digits."""
    return hmac.digest(key, identifier.encode(), "sha256").hex()[:20]


class KeyedHashes:
    """HMAC-SHA-256 of many texts under one key, its first `size` bytes: the key enters the hash once, not once for each of them.

    In Python, since the key must be in no query text, and DuckDB's `sha256` (in hex, twice) costs twice as much.
    """

    def __init__(self, key: bytes, size: int) -> None:
        self._size = size
        short = (hashlib.sha256(key).digest() if len(key) > BLOCK else key).ljust(BLOCK, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in short))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in short))

    def of(self, texts: pl.Series) -> pl.Series:
        """The hash of each of these texts, of which none is null, in hexadecimal."""
        parts = [self._hashed(texts.slice(start, AT_ONCE)) for start in range(0, len(texts), AT_ONCE)]
        return pl.concat([pl.Series("hash", [], dtype=pl.String), *parts])

    def _hashed(self, texts: pl.Series) -> pl.Series:
        inner, outer, size, found = self._inner.copy, self._outer.copy, self._size, []
        for text in texts.cast(pl.Binary):
            told, sealed = inner(), outer()
            told.update(text)
            sealed.update(told.digest())
            found.append(sealed.digest()[:size])
        return pl.Series("hash", found, dtype=pl.Binary).bin.encode("hex")


class Pseudonyms(KeyedHashes):
    """`pseudonym` under one key for many identifiers."""

    def __init__(self, key: bytes) -> None:
        super().__init__(key, 10)
