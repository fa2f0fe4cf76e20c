"""Rows as they were delivered, read again from the landed files: for records in quarantine and for the work list."""

from __future__ import annotations

import json
from collections.abc import Sequence

import polars as pl

from etl.landing import LandedFile
from etl.readers import some_rows
from schemas.contract import PERSON, Contract

# One row per row of a file that is asked for; `raw` is a JSON object from header to text, blank cells left out as null.
RAW: dict[str, type[pl.DataType]] = {"source_file": pl.String, "source_row": pl.Int64, "raw": pl.String}


def raw_rows(files: Sequence[LandedFile], wanted: pl.DataFrame) -> pl.DataFrame:
    """The rows asked for (RAW), those that are there; each file is read once, and dropped before the next.

    `wanted` has source_file and source_row. Cells that identify a person are left out: the file and the row name her.
    """
    asked = wanted.select("source_file", "source_row").drop_nulls().unique()
    found = [pl.DataFrame(schema=RAW)]
    for file in files:
        mine = asked.filter(pl.col("source_file") == file.name)["source_row"]
        if len(mine):
            found.append(_of_file(file, mine))
    return pl.concat(found)


def _of_file(file: LandedFile, rows: pl.Series) -> pl.DataFrame:
    delivered = some_rows(file, file.contract, rows)
    headers = shown(file.contract)
    cells = pl.struct(pl.col(name).alias(header) for name, header in headers.items()).struct.json_encode() if headers else pl.lit("{}")
    return delivered.select(source_file=pl.lit(file.name), source_row="source_row", raw=cells)


def shown(contract: Contract) -> dict[str, str]:
    """The fields of a contract that do not identify a person, each with its usual header."""
    person = {contract.field_of(rule.set[PERSON].from_ or "") for rule in contract.records if PERSON in rule.set}
    return {name: field.headers(name)[0] for name, field in contract.fields.items() if not field.identifier and name not in person}


def cells(raw: str | None) -> dict[str, str]:
    """The cells of one row by their header, blank ones left out."""
    return {header: text for header, text in json.loads(raw or "{}").items() if text is not None}
