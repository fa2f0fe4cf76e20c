"""The fingerprint of a finding: a short hash of the values that its edit reads, the same while none of them changes.

An over-ride holds for one edit on one record while the fingerprint is the same (docs/overrides.md). The as-of date is not
part of it: it changes every night, and nothing is mended by that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import polars as pl
from sqlglot import exp

from schemas.core.frames import empty, stack
from schemas.core.ids import SEPARATOR, keys
from validations.compile import compiled
from validations.edit import Edit
from validations.view_set import AS_OF, KEY, view

if TYPE_CHECKING:
    import duckdb

# One row per finding of one kind of record.
FINGERPRINTS: dict[str, type[pl.DataType]] = {"edit": pl.String, KEY: pl.Int64, "fingerprint": pl.String}
# A letter in front keeps a spreadsheet from reading a number; twelve characters are kept in place by polars.
MARK, DIGITS = "v", 11


def fingerprinted(connection: duckdb.DuckDBPyConnection, record: str, edits: Iterable[Edit], found: pl.DataFrame) -> pl.DataFrame:
    """The fingerprint of each finding (FINGERPRINTS). `found`: edit and record_key of findings of one kind of record.

    The views are asked once more, for the records found only. Raises what the database raises.
    """
    needed = {edit.edit: values_read(edit) for edit in edits}
    hit = sorted(set(found["edit"]) & needed.keys())
    columns = list(dict.fromkeys(column for edit in hit for column in needed[edit]))
    if not hit:
        return empty(FINGERPRINTS)
    values = _values(connection, record, columns, found)
    texts = pl.concat(_texts(values, found, {edit: needed[edit] for edit in hit}))
    hashed = texts.select("edit", KEY, number=keys(texts, ("text",)))
    return stack([hashed.select("edit", KEY, fingerprint=pl.lit(MARK) + _hexadecimal(pl.col("number")))], FINGERPRINTS)


def values_read(edit: Edit) -> tuple[str, ...]:
    """The columns of the edit view that decide, whatever the data of one night hold; without the as-of date."""
    return tuple(sorted(column for column in compiled(edit).needs if not column.startswith(f"{AS_OF}_")))


def _values(connection: duckdb.DuckDBPyConnection, record: str, columns: list[str], found: pl.DataFrame) -> pl.DataFrame:
    """One row per record found: its key and these columns of its view, as text (null where nothing is known)."""
    connection.register("found_record", found.select(KEY).unique().to_arrow())
    named = [exp.column(exp.to_identifier(name, quoted=True)) for name in columns]
    texts = [exp.alias_(exp.cast(name, "varchar"), name.name, quoted=True) for name in named]
    wanted = exp.In(this=exp.column(KEY), query=exp.Subquery(this=exp.select(KEY).from_("found_record")))
    query = exp.select(exp.column(KEY), *texts).from_(view(record)).where(wanted)
    frame = pl.DataFrame(connection.sql(query.sql("duckdb")).to_arrow_table())
    connection.unregister("found_record")
    return frame


def _texts(values: pl.DataFrame, found: pl.DataFrame, needed: dict[str, tuple[str, ...]]) -> Iterator[pl.DataFrame]:
    """One frame per edit: a row per record found, with its values in one text."""
    for edit, columns in needed.items():
        mine = values.join(found.filter(pl.col("edit") == edit).select(KEY), on=KEY, how="semi")
        told = [pl.col(column).fill_null("") for column in columns] or [pl.lit("")]
        yield mine.select(KEY, edit=pl.lit(edit), text=pl.concat_str(told, separator=SEPARATOR))


def _hexadecimal(number: pl.Expr) -> pl.Expr:
    """The last digits of a number, in hexadecimal."""
    return pl.concat_str(_digit((number // 16**place) % 16) for place in reversed(range(DIGITS)))


def _digit(value: pl.Expr) -> pl.Expr:
    return pl.lit("0123456789abcdef").str.slice(value, 1)
