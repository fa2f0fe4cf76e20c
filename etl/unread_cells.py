"""Which columns of whose records hold a cell that was not understood, of the findings of the reading: edits have no answer there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from etl.landing.landed import LandedFile
from schemas.column_map import ANY, CONSTANT, column_map
from schemas.contract import Contract
from schemas.core.frames import stack
from schemas.items import RECORDS, intervals
from schemas.unread import CELLS, LOST, leaves, leaving, texts

PLACE = ["source_key", "record", "header"]
CELL = ["source_key", "source_row", "record", "columns"]
# What leaves a key without a value, and what else leaves a column so.
OF_KEYS = leaving("code", "number")
OF_VALUES, OF_DATES, OF_PARTS, OF_RECORDS = leaving("code", "number", "flag", "cell"), leaving("date"), leaving("parts"), leaving("key")
# Of a treatment cell that was not understood nothing is known but that it was there: its record says not whether anything was given.
OF_GRAMMAR = "is_given"
MARKER = ("biomarker", "result_code")  # of a record of which not even the marker is known it may be any


def unread_columns(files: Sequence[LandedFile], findings: pl.DataFrame, beside: pl.DataFrame | None = None) -> pl.DataFrame:
    """schemas.unread.UNREAD: one row per person of whom a cell of these findings (FINDINGS), or of `beside` (CELLS), was not understood."""
    more = pl.DataFrame(schema=CELLS) if beside is None else beside
    told = findings.filter(pl.col("patient_key").is_not_null(), pl.col("edit").is_in(tuple(leaves())))
    if told.is_empty() or not files:
        return texts(more)
    columns = _columns(files)
    cells = told.select("edit", "patient_key", *CELL).rename({"columns": "header"})
    values, dates = (cells.filter(pl.col("edit").is_in(edits)) for edits in (OF_VALUES, OF_DATES))
    filled = [
        values.join(columns.filter(~pl.col("is_date")), on=PLACE, how="inner"),
        dates.join(columns.filter("is_date"), on=PLACE, how="inner"),
    ]
    return texts(stack([*filled, _patterns(told, columns), *_lost(told), more], CELLS))


def _columns(files: Sequence[LandedFile]) -> pl.DataFrame:
    """One row per file, header, record and column (`is_date`: or date) that the header fills: the first field of each, for others only say
    how it is read; and the flags that may deny a date."""
    contracts = {file.contract.contract: file.contract for file in files}  # a source that is appended has one for thousands of files
    mapped = column_map(contracts.values()).filter(pl.col("field") != "", ~pl.col("steps").str.contains(CONSTANT))
    first = mapped.unique(["contract", "record", "column", "rule"], keep="first", maintain_order=True)
    column = pl.when(pl.col("column") == ANY).then(pl.lit(OF_GRAMMAR)).otherwise("column")
    header = pl.col("header").str.split(" | ").list.first()
    named = first.select("contract", "record", column.alias("column"), header=header)
    flags = pl.DataFrame([row for one in contracts.values() for row in _flags(one)], schema=named.schema, orient="row")
    dates = pl.DataFrame([(record, date) for record in RECORDS for date in intervals(record)], schema=["record", "column"], orient="row")
    of_dates = pl.concat([named, flags]).unique().join(dates.with_columns(is_date=True), on=["record", "column"], how="left")
    keys = [(file.contract.contract, file.source_key) for file in files]
    by_file = pl.DataFrame(keys, schema={"contract": pl.String, "source_key": pl.Int64}, orient="row")
    return by_file.join(of_dates.with_columns(pl.col("is_date").fill_null(value=False)), on="contract")


def _flags(contract: Contract) -> Iterator[tuple[str, ...]]:
    """The headers of flags beside dates: contract, record, date, header."""
    headers = {column: field.headers(name)[0] for name, field in contract.fields.items() for column in field.columns(name)}
    for rule in contract.records:
        for date, mapping in rule.set.items():
            if mapping.flag is not None:
                yield contract.contract, rule.record, date, headers.get(mapping.flag, mapping.flag)


def _patterns(told: pl.DataFrame, columns: pl.DataFrame) -> pl.DataFrame:
    """The columns of cells that did not fit the pattern of their field: all that its parts fill, of whichever record."""
    cells = told.filter(pl.col("edit").is_in(OF_PARTS)).select("patient_key", "source_key", header="columns")
    return cells.join(columns, on=["source_key", "header"], how="inner")


def _lost(told: pl.DataFrame) -> list[pl.DataFrame]:
    """Records that were not delivered, for a part of their key was there and was not understood."""
    lacking = told.filter(pl.col("edit").is_in(OF_RECORDS)).select(CELL)
    cells = told.filter(pl.col("edit").is_in(OF_KEYS)).join(lacking, on=CELL, how="semi")
    lost = cells.select("patient_key", "record", column=pl.lit(LOST))
    record, column = MARKER
    return [lost, lost.filter(pl.col("record") == record).with_columns(column=pl.lit(column))]
