"""How complete and how well readable each field comes from each source, before anything is linked."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import polars as pl
from sqlglot import exp

from etl.landing import LandedFile
from etl.normalise.result import Normalised, delivered_schema
from schemas.column_map import ANY, column_map
from schemas.items import RECORDS, Item
from validations.report.measures import DATED_PARTS, concerns, known_by, measured_items
from validations.report.report_input import DELIVERED

PLACE = ["record", "column"]
# A column that the contract fills with a constant says nothing of the source.
CONSTANT = r"(^| > )(constant |the record of the same )"
# A long file has a row only where it has a value: a field concerns every woman and tumour that its source delivers, known or not.
WHOLE = {"patient": ("patient_key",), "tumour": ("patient_key", "tumour_no")}
TABLES = {record: f"dim_{record}" if record in ("patient", "tumour") else f"fact_{record}" for record in RECORDS}


def delivered_fields(files: Sequence[LandedFile], parts: Sequence[Normalised]) -> pl.DataFrame:
    """DELIVERED: one row per source, record and field that a contract of the source fills.

    `n` records that the field concerns (every woman and tumour of the source, also those of whom a long file is silent),
    `known` of them with a value, `unread` cells that were filled and not understood.
    """
    with duckdb.connect() as con:
        found = [_of_file(con, file, part) for file, part in zip(files, parts, strict=True)]
    if not found:
        return pl.DataFrame(schema=DELIVERED)
    by = ["source", "record", "column"]
    added = pl.concat(found).group_by(by).agg(pl.exclude(by).sum())
    of_all = added.join(_whole(files, parts), on=["source", "record"], how="left")
    return of_all.with_columns(n=pl.max_horizontal("n", "whole")).select(DELIVERED.keys()).sort(by)


def _whole(files: Sequence[LandedFile], parts: Sequence[Normalised]) -> pl.DataFrame:
    """One row per source and record of WHOLE: how many of them its fullest rule delivers. Two rules may know a person by two numbers.

    Persons are counted for each number of a tumour, for pairs take three times as long to count as single keys.
    """
    found = []
    for record, key in WHOLE.items():
        named = [
            part.records[record].select("rule", *key, source=pl.lit(file.contract.source), contract=pl.lit(file.contract.contract))
            for file, part in zip(files, parts, strict=True)
        ]
        person, *number = key
        by = ["source", "contract", "rule"]
        counted = pl.concat(named).group_by(*by, *number).agg(whole=pl.col(person).n_unique().cast(pl.Int64))
        rules = counted.group_by(by).agg(pl.col("whole").sum())
        found.append(rules.group_by("source").agg(pl.col("whole").max(), record=pl.lit(record)))
    return pl.concat(found)


def _of_file(con: duckdb.DuckDBPyConnection, file: LandedFile, part: Normalised) -> pl.DataFrame:
    mapped = column_map([file.contract]).filter(pl.col("field") != "")
    measured = {record: _measured(record, part.records[record], mapped) for record in RECORDS}
    for record, items in measured.items():  # also those without rows: a condition may ask another table
        con.register(TABLES[record], part.records[record].select(_read_by(record, items)).to_arrow())
    met = [record for record in RECORDS if part.records[record].height]
    rows = [(record, *counts) for record in met for counts in known_by(con, TABLES[record], "rule", measured[record])]
    for table in TABLES.values():
        con.unregister(table)
    schema = {"record": pl.String, "rule": pl.String, "column": pl.String, "n": pl.Int64, "known": pl.Int64}
    known = pl.DataFrame(rows, schema=schema, orient="row").filter(pl.col("n") > 0)
    filled = mapped.filter(~pl.col("steps").str.contains(CONSTANT), pl.col("column") != ANY)
    # a treatment cell says what it says: the fields that it never fills are none of its rule
    said = known.filter(pl.col("known") > 0).join(mapped.filter(pl.col("column") == ANY), on=["record", "rule"], how="semi")
    by_rule = pl.concat([filled.select(*PLACE, "rule"), said.select(*PLACE, "rule")]).unique()
    counted = known.join(by_rule, on=[*PLACE, "rule"], how="semi").group_by(PLACE).agg(pl.col("n", "known").sum())
    told = counted.join(_unread(filled, part.findings), on=PLACE, how="left")
    return told.with_columns(pl.col("unread").fill_null(0), source=pl.lit(file.contract.source))


def _measured(record: str, frame: pl.DataFrame, mapped: pl.DataFrame) -> list[Item]:
    """The fields of one record that a contract (`mapped`) fills, or may fill by a treatment cell and does."""
    named = set(mapped.filter(pl.col("record") == record)["column"])
    empty = {name for name, nulls in frame.null_count().row(0, named=True).items() if nulls == frame.height}
    return [item for item in measured_items(TABLES[record]) if item.column in named or (ANY in named and not _parts(item) <= empty)]


def _read_by(record: str, items: Sequence[Item]) -> list[str]:
    """The columns that counting these fields reads; a condition may ask the persons of another table."""
    conditions = [condition for item in items if (condition := concerns(TABLES[record], item.column)) is not None]
    asked = {column.name for condition in conditions for column in condition.find_all(exp.Column)}
    read = {"rule", "patient_key"}.union(asked, *map(_parts, items))
    return [name for name in delivered_schema(record) if name in read]


def _parts(item: Item) -> set[str]:
    """The columns that say whether a field is known."""
    return {f"{item.column}_{part}" for part in DATED_PARTS} if item.type == "interval" else {item.column}


def _unread(filled: pl.DataFrame, findings: pl.DataFrame) -> pl.DataFrame:
    """One row per record and column: cells of its headers that were there and not understood."""
    # the field that is read, not those that only say how (the site of an operation)
    read = filled.unique([*PLACE, "rule"], keep="first", maintain_order=True)
    headers = read.select(*PLACE, header=pl.col("header").str.split(" | ").list.first()).unique()
    told = findings.filter(pl.col("severity") != "notice", pl.col("outcome") == "violated")
    cells = told.select("record", "source_row", header=pl.col("columns")).unique()
    return cells.join(headers, on=["record", "header"]).group_by(PLACE).agg(unread=pl.len().cast(pl.Int64))
