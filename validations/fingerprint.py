"""The fingerprint of a finding: a keyed hash of what its edit says and of the values that it reads, the same while neither changes.

An over-ride holds for one edit on one record while the fingerprint is the same (docs/overrides.md). The as-of date is not
part of it: it changes every night, and nothing is mended by that. It is made with the key of the registry (HMAC-SHA-256), so
that nobody can try out values against it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING

import polars as pl
from sqlglot import exp

from schemas.core.frames import empty, stack
from schemas.core.ids import SEPARATOR, KeyedHashes
from schemas.overrides import LOGIC_DIGITS, MARK
from schemas.reading_edits import CONFIRMABLE
from schemas.unread import COLUMNS as UNREAD
from validations.compile import compiled
from validations.edit import Edit
from validations.views.set import AS_OF
from validations.views.text import KEY, view

if TYPE_CHECKING:
    import duckdb

# One row per finding of one kind of record.
FINGERPRINTS: dict[str, type[pl.DataType]] = {"edit": pl.String, KEY: pl.Int64, "fingerprint": pl.String}
# Of the hash: with the mark and the digits of the logic twelve characters, which polars keeps in place.
BYTES = 4
MANY = 1_000  # findings of one edit that are more work to look up with the columns of those of few findings than apart from them


def fingerprinted(
    connection: duckdb.DuckDBPyConnection, record: str, edits: Iterable[Edit], found: pl.DataFrame, key: bytes
) -> pl.DataFrame:
    """The fingerprint of each finding (FINGERPRINTS). `found`: edit and record_key of findings of one kind of record.

    `key`: the registry's. The views are asked again, for the records found only. Raises what the database raises.
    """
    known = {edit.edit: edit for edit in edits}
    needed = {code: values_read(edit) for code, edit in known.items()}
    hit = sorted(set(found["edit"].unique()) & needed.keys())
    if not hit:
        return empty(FINGERPRINTS)

    def texts_of(edits: Collection[str]) -> Iterator[pl.DataFrame]:
        columns = list(dict.fromkeys(column for edit in edits for column in needed[edit]))
        values = _values(connection, record, columns, found.filter(pl.col("edit").is_in(list(edits))))
        return _texts(values, found, {edit: (logic(known[edit]), needed[edit]) for edit in edits})

    texts = pl.concat(text for edits in _together(found, hit) for text in texts_of(edits))
    distinct = texts.select(pl.col("text").unique())  # an edit reads few values: thousands of findings are about the same ones
    front = pl.lit(MARK) + pl.col("text").str.head(LOGIC_DIGITS)
    printed = distinct.with_columns(fingerprint=front + pl.lit(_hashes(key).of(distinct["text"])))
    return stack([texts.join(printed, on="text", how="left")], FINGERPRINTS)


def of_linkage(edit: str, compared: pl.Series, key: bytes | None) -> pl.Series:
    """The fingerprint of each finding of the linkage that compares values: `compared` has the columns and both sides, none null.

    The linkage has no SQL that could be rewritten: its code stands for its logic. All null without a `key`.
    """
    if key is None:
        return pl.Series("fingerprint", [None] * len(compared), dtype=pl.String)
    says = _logic_of_linkage(edit)
    return pl.Series("fingerprint", MARK + says[:LOGIC_DIGITS] + _hashes(key).of(says + SEPARATOR + compared), dtype=pl.String)


def _logic_of_linkage(edit: str) -> str:
    return hashlib.sha256(edit.encode()).hexdigest()


def _hashes(key: bytes) -> KeyedHashes:
    return KeyedHashes(hmac.digest(key, b"fingerprint", "sha256"), BYTES)


@cache
def logic(edit: Edit) -> str:
    """A hash of what the edit says, in hexadecimal: its two expressions in one spelling, and what it reads. No secret.

    Its name, severity and words are left out: they change nothing of what is right or wrong.
    """
    made = compiled(edit)
    parts = (edit.record, *(tree.sql("duckdb", comments=False) for tree in made.trees.values()), *sorted({*made.needs} - {UNREAD}))
    return hashlib.sha256(SEPARATOR.join(parts).encode()).hexdigest()


def logics(edits: Iterable[Edit]) -> dict[str, str]:
    """By code what fingerprints show of the logic of each edit, and of what the linkage finds: the digits that follow their mark."""
    shown = {code: _logic_of_linkage(code) for code in CONFIRMABLE} | {edit.edit: logic(edit) for edit in edits}
    return {code: says[:LOGIC_DIGITS] for code, says in shown.items()}


def values_read(edit: Edit) -> tuple[str, ...]:
    """The columns of the edit view that decide, whatever the data of one night hold; without the as-of date and what was not understood."""
    return tuple(sorted(column for column in compiled(edit).needs if column != UNREAD and not column.startswith(f"{AS_OF}_")))


def _together(found: pl.DataFrame, hit: Iterable[str]) -> list[list[str]]:
    """The edits of which the views are asked at once: those of many findings apart, so that what others read is not looked up for these."""
    counts = dict(found.group_by("edit").len().iter_rows())
    few = [edit for edit in hit if counts[edit] < MANY]
    many = [edit for edit in hit if counts[edit] >= MANY]
    return [some for some in (few, many) if some]


def _values(connection: duckdb.DuckDBPyConnection, record: str, columns: list[str], found: pl.DataFrame) -> pl.DataFrame:
    """One row per record found: its key and these columns of its view, as text (null where nothing is known)."""
    connection.register("found_record", found.select(KEY).unique().to_arrow())
    wanted = f"where {KEY} in (select {KEY} from found_record)"
    query = " ".join(("select", ", ".join((KEY, *map(_as_text, columns))), "from", view(record).sql("duckdb"), wanted))
    frame = pl.DataFrame(connection.sql(query).to_arrow_table())
    connection.unregister("found_record")
    return frame


@cache
def _as_text(name: str) -> str:
    """A column as text, in SQL (kept: every portion of the records asks for the same ones)."""
    column = exp.column(exp.to_identifier(name, quoted=True))
    return exp.alias_(exp.cast(column, "varchar"), name, quoted=True).sql("duckdb")


def _texts(values: pl.DataFrame, found: pl.DataFrame, needed: dict[str, tuple[str, tuple[str, ...]]]) -> Iterator[pl.DataFrame]:
    """One frame per edit: a row per record found, with the logic of the edit and her values in one text."""
    of_edit = found.select("edit", KEY).partition_by("edit", as_dict=True, include_key=False)
    for edit, (says, columns) in needed.items():
        mine = values.lazy().join(of_edit[edit,].lazy(), on=KEY, how="semi")
        told = [pl.lit(says), *(pl.col(column).fill_null("") for column in columns)]
        yield mine.select(KEY, edit=pl.lit(edit), text=pl.concat_str(told, separator=SEPARATOR)).collect()
