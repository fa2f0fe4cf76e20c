"""Rows as they were delivered, for records in quarantine and for the work list: read again from the landed files.

Spreadsheets and XML are slow to read (a workbook of 673,000 rows 14 s of the CPU, the text of as many 1 s): their rows are kept
in memory, packed, while they are read (16 MB of those 673,000, packed in 1 s), so that nothing of them lies on a disk.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from io import BytesIO

import polars as pl

from etl.landing.landed import LandedFile
from etl.readers import RawTable, some_rows
from schemas.contract import Contract, Field, Identifier

# One row per row of a file that is asked for; `raw` is a JSON object from header to text, blank cells left out as null. `birth`: the
# same of the cells with a date of birth, which linkage compares and edits judge.
RAW: dict[str, type[pl.DataType]] = {"source_file": pl.String, "source_row": pl.Int64, "raw": pl.String, "birth": pl.String}


# Kinds of files that are slow to read again.
SLOW = ("excel", "naaccr_xml")


def kept(raw: RawTable) -> bytes | None:
    """The rows of a file that is slow to read again, as parquet, without the cells that identify a person; None of any other file."""
    if raw.contract.format.kind not in SLOW:
        return None
    columns = ["source_row", *shown(raw.contract), *births(raw.contract)]
    rows = raw.rows.select(columns)
    packed = BytesIO()
    (rows if raw.sums is None else pl.concat([rows, raw.sums.select(columns)])).write_parquet(packed, compression_level=1)
    return packed.getvalue()


def raw_rows(files: Sequence[LandedFile], wanted: pl.DataFrame, packed: Mapping[str, bytes]) -> pl.DataFrame:
    """The rows asked for (RAW), those that are there, by file and row; each file is read once, and dropped before the next.

    `wanted` has source_file and source_row. `packed`: what `kept` has made of a file while it was read, by its name. Cells that
    identify a person are left out: the file and the row name her.
    """
    asked = wanted.select("source_file", "source_row").drop_nulls().unique()
    found = [pl.DataFrame(schema=RAW)]
    for file in files:
        mine = asked.filter(pl.col("source_file") == file.name)["source_row"]
        if len(mine):
            found.append(_of_file(file, mine, packed.get(file.name)))
    return pl.concat(found)


def _of_file(file: LandedFile, rows: pl.Series, packed: bytes | None) -> pl.DataFrame:
    delivered = some_rows(file, file.contract, rows) if packed is None else _unpacked(packed, rows)
    cells = {"raw": _json(shown(file.contract)), "birth": _json(births(file.contract))}
    return delivered.select(source_file=pl.lit(file.name), source_row="source_row", **cells)


def _json(headers: Mapping[str, str]) -> pl.Expr:
    return pl.struct(pl.col(name).alias(header) for name, header in headers.items()).struct.json_encode() if headers else pl.lit("{}")


def _unpacked(packed: bytes, rows: pl.Series) -> pl.DataFrame:
    return pl.scan_parquet(packed).filter(pl.col("source_row").is_in(rows.implode())).collect().sort("source_row")


def shown(contract: Contract) -> dict[str, str]:
    """The fields of a contract that do not identify a person, each with its usual header; of several that read one column the first,
    and none where another of them identifies a person.
    """
    return _one_each(_headers(contract, contract.fields.keys()), _headers(contract, _identifying(contract)))


def births(contract: Contract) -> dict[str, str]:
    """The fields with a date of birth that linkage compares, each with its usual header; none of a column that identifies otherwise."""
    found = {name for name, field in contract.fields.items() if kind_of(field) == "birth"}
    return _one_each(_headers(contract, found), _headers(contract, _identifying(contract) - found))


def _identifying(contract: Contract) -> set[str]:
    """The fields that identify a person."""
    return {name for name, field in contract.fields.items() if field.identifier}.union(contract.person_fields)


def _headers(contract: Contract, names: Collection[str]) -> dict[str, str]:
    """The usual header of each of these fields."""
    return {name: field.headers(name)[0] for name, field in contract.fields.items() if name in names}


def _one_each(fields: Mapping[str, str], kept_back: Mapping[str, str]) -> dict[str, str]:
    """The first field of each header with it; none of a header that is kept back."""
    first: dict[str, str] = {}
    for name, header in fields.items():
        if header not in kept_back.values():
            first.setdefault(header, name)
    return {name: header for header, name in first.items()}


def hidden(contract: Contract) -> dict[str, str]:
    """The other fields that identify a person, each with its usual header."""
    told = {*shown(contract).values(), *births(contract).values()}
    return {name: header for name, header in _headers(contract, contract.fields.keys()).items() if header not in told}


def kind_of(field: Field) -> str:
    """What kind of identifier a field is; empty where it is none, or none of a kind."""
    return field.identifier.kind if isinstance(field.identifier, Identifier) else ""


def cells(raw: str | None) -> dict[str, str]:
    """The cells of one row by their header; blank ones are empty."""
    return {header: text or "" for header, text in json.loads(raw or "{}").items()}
