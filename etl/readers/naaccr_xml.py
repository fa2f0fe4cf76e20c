"""NAACCR XML (.xml, .xml.gz): each Tumor, or each Patient, is a row, and each naaccrId a column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

import polars as pl

from etl.readers.headers import alike
from etl.readers.naaccr_elements import Elements, Items
from etl.readers.parsed import Parsed, unreadable
from etl.readers.xml_text import xml_pieces
from schemas.checks.fields import read_headers
from schemas.contract import Contract
from schemas.header_words import naaccr_items

BATCH = 20_000
TORN = "repeated_item"


def parse_naaccr(name: str, content: bytes, contract: Contract) -> Parsed:
    """Cut a file into rows and items. Raises UnreadableError where it is not NAACCR XML from its first element to its last.

    Items of the root and of the patient stand in the row of each tumour; a patient without tumours is a row of her own. Rows
    have the columns of the items that the contract reads; the others are in the header only. A record whose row holds an
    item twice, with different texts, is refused. `source_row` is the line where the element begins, or the number of the
    row where several begin on one line (READ-ONE-LINE).
    """
    wanted = {alike(header, contract) for key, field in contract.fields.items() for header in read_headers(key, field)}
    elements = Elements(name, lambda item: alike(item, contract) in wanted, per_tumour=contract.format.rows == "tumour")
    batches = [_batch(elements) for _ in elements.take(xml_pieces(name, content)) if len(elements.rows) >= BATCH]
    batches.append(_batch(elements))
    if not elements.records and contract.delivery == "snapshot":
        unreadable("no_rows", name, None, "the file holds no Patient")
    if elements.root.is_torn:
        unreadable(TORN, name, elements.root.line, "an item of NaaccrData stands there twice with different values")
    read = [item for item, is_read in elements.seen.items() if is_read]
    if not elements.records:  # nothing new, of whatever items
        read = [read_headers(key, field)[0] for key, field in contract.fields.items()]
    rows, is_numbered = _numbered(_with_root(pl.concat(batches, how="diagonal"), elements.root))
    torn = rows.filter("is_torn")["source_row"].to_list()
    if torn and len(torn) == rows.height:
        unreadable(TORN, name, torn[0], "every record holds an item twice with different values")
    extra = [item for item, is_read in elements.seen.items() if not is_read]
    header, cells = [*read, *extra], _cells(rows, read, len(extra))
    parsed = Parsed(elements.records, [header], elements.root.line, cells, +elements.not_data, {TORN: torn})
    said = {"READ-EXTRA-COLUMN": list(elements.strange), "READ-ONE-LINE": [f"rows={rows.height}"] if is_numbered else []}
    parsed.misnumbered = misnumbered(elements.numbers)
    parsed.noticed = {edit: words for edit, words in said.items() if words}
    return parsed


def misnumbered(numbers: Mapping[str, Collection[str]]) -> list[str]:
    """The items whose naaccrNum is not theirs: there are several, another item has it, or schemas/naaccr_items.csv knows another one.

    `numbers`: by naaccrId each naaccrNum that stands beside it. They are read by their naaccrId, as the standard has it.
    """
    own = {name: number for number, name in naaccr_items().items()}
    of = Counter(number for found in numbers.values() for number in found)
    return [item for item, found in numbers.items() if len(found) > 1 or any(of[one] > 1 or own.get(item, one) != one for one in found)]


def _batch(elements: Elements) -> pl.DataFrame:
    """The rows so far, one column per item that one of them has; they are taken away."""
    rows, elements.rows = elements.rows, []
    items = dict.fromkeys(item for row in rows for item in row.texts)
    known = pl.DataFrame(
        {"line": [row.line for row in rows], "is_torn": [row.is_torn for row in rows]}, schema={"line": pl.Int64, "is_torn": pl.Boolean}
    )
    texts = [pl.Series(_text(item), [row.texts.get(item) for row in rows], dtype=pl.String) for item in items]
    return known.hstack(texts)


def _text(item: str) -> str:
    """Name of the column of an item: one that no other column has."""
    return f"item {item}"


def _with_root(rows: pl.DataFrame, root: Items) -> pl.DataFrame:
    """The items of the root in every row; a row that says something else is torn."""
    for item, text in root.texts.items():
        own = pl.col(_text(item)) if _text(item) in rows.columns else pl.lit(None, pl.String)
        rows = rows.with_columns(own.fill_null(text).alias(_text(item)), is_torn=pl.col("is_torn") | (own != text).fill_null(value=False))
    return rows


def _numbered(rows: pl.DataFrame) -> tuple[pl.DataFrame, bool]:
    """`source_row` of each row, and whether it is its number because the lines are not its own."""
    if rows["line"].n_unique() == rows.height:
        return rows.rename({"line": "source_row"}), False
    return rows.drop("line").with_columns(source_row=pl.int_range(1, rows.height + 1, dtype=pl.Int64)), True


def _cells(rows: pl.DataFrame, read: list[str], extra: int) -> pl.DataFrame:
    """The rows that go on, with the columns of `Parsed.rows`; an item that is empty everywhere is a column of nulls."""
    texts = {str(place): pl.col(_text(item)) if _text(item) in rows.columns else pl.lit(None, pl.String) for place, item in enumerate(read)}
    known = {"n_cells": pl.lit(len(read) + extra, pl.Int64), "span": pl.lit(1, pl.Int64)}
    return rows.filter(~pl.col("is_torn")).select("source_row", **known, **texts)
