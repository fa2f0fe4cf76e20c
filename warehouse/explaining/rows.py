"""The star rows behind a number, and the way of each back to file, line, header and cell."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import duckdb
import polars as pl
from sqlglot import exp

from schemas import items
from schemas.column_map import ANY
from schemas.derived import made_from
from warehouse import ddl
from warehouse.audit import LOADED
from warehouse.explaining.explanation import Cell, Origin, StarRow
from warehouse.number_sources import StarSource

# (source_file, sha256, physical lines, headers) -> the text of each cell that is there, by line and header.
ReadCells = Callable[[str, str, Sequence[int], Sequence[str]], Mapping[tuple[int, str], str]]
PSEUDONYM = "patient_pseudonym"


@cache
def query(name: str) -> str:
    """One file of `warehouse/explaining/`."""
    return files("warehouse").joinpath("explaining", f"{name}.sql").read_text(encoding="utf-8")


def star_rows(
    con: duckdb.DuckDBPyConnection, sources: Sequence[StarSource], verdicts: Mapping[tuple[str, int], tuple[str, ...]] | None = None
) -> list[StarRow]:
    """The rows of the subjects (relations `wanted_subject`, `wanted_tumour`) that the number stands on, without their origins.

    `verdicts`: what the study's own columns say of records (relation `wanted_record`), which may be of her other tumours.
    """
    found = [row for table in sorted({source.table for source in sources}) for row in _rows(con, table, sources, bool(verdicts))]
    return [replace(row, verdicts=(verdicts or {}).get((row.table, row.row_key), ())) for row in found]


def with_origins(con: duckdb.DuckDBPyConnection, rows: Sequence[StarRow], column_map: pl.DataFrame) -> list[StarRow]:
    """The rows with the source rows that delivered a column shown; source rows that delivered only others are left out."""
    wanted = pl.DataFrame([(row.table, row.row_key) for row in rows], schema={"table_name": pl.String, "row_key": pl.Int64}, orient="row")
    con.register("wanted_row", wanted.to_arrow())
    rules: dict[tuple[str, str], list[dict[str, str]]] = {}
    for line in column_map.rows(named=True):
        rules.setdefault((line["contract"], line["rule"]), []).append(line)
    found: dict[tuple[str, int], list[tuple[Any, ...]]] = {}
    for table, key, *place in con.sql(query("origin")).fetchall():
        found.setdefault((table, key), []).append(tuple(place))
    return [replace(row, origins=tuple(_origins(row, found.get((row.table, row.row_key), []), rules))) for row in rows]


def known_by(con: duckdb.DuckDBPyConnection, people: Mapping[int, str], column_map: pl.DataFrame) -> list[StarRow]:
    """For each of these persons (patient_key to pseudonym, among `wanted_subject`) the first star row that a file delivered.

    It shows where a person comes from of whom nothing was delivered that the number reads.
    """
    found: dict[int, StarRow] = {}
    for table in LOADED:
        left = people.keys() - found.keys()
        if not left:
            break
        row_key = ddl.field(items.columns(table)[0].name)
        among = exp.In(this=ddl.field("patient_key"), query=exp.Subquery(this=exp.select("patient_key").from_("wanted_subject")))
        chosen = exp.select(row_key, ddl.field("patient_key")).from_(ddl.named(table)).where(among).order_by(row_key.copy())
        keys = con.sql(chosen.sql("duckdb")).fetchall()
        rows = [StarRow(table, key, patient, {PSEUDONYM: people[patient]}) for key, patient in keys if patient in left]
        for row in with_origins(con, rows, column_map):
            if row.origins:
                found.setdefault(row.patient_key, row)
    return list(found.values())


def with_cells(rows: Sequence[StarRow], read_cells: ReadCells) -> list[StarRow]:
    """The rows with the text of each cell, every file read once; the cell of the person identifier is never read."""
    wanted: dict[tuple[str, str], tuple[set[int], set[str]]] = {}
    for origin in (origin for row in rows for origin in row.origins):
        lines, headers = wanted.setdefault((origin.source_file, origin.sha256), (set(), set()))
        lines.add(origin.source_row)
        headers.update(header for cell in origin.cells for header in _headers(cell))
    texts = {file: read_cells(*file, sorted(lines), sorted(headers)) for file, (lines, headers) in wanted.items() if headers}
    return [replace(row, origins=tuple(_filled(origin, texts) for origin in row.origins)) for row in rows]


def interval_text(row: Mapping[str, Any], name: str) -> str | None:
    """One clinical date in words: its calendar interval, its days and their anchor; None where it was not delivered."""
    calendar, days = (_between(row[f"{name}_earliest_{part}"], row[f"{name}_latest_{part}"]) for part in ("date", "offset_days"))
    texts = [f"{calendar} ({row[f'{name}_precision']})"] if calendar else []
    texts += [f"{days} days after {row[f'{name}_anchor']}"] if days else []
    return ", ".join(texts) or None


def _rows(con: duckdb.DuckDBPyConnection, table: str, sources: Sequence[StarSource], with_others: bool) -> list[StarRow]:
    wanted = [source for source in sources if source.table == table]
    columns = items.columns(table)
    names = {column.name for column in columns}
    key, relation = ("tumour_key", "wanted_tumour") if "tumour_key" in names else ("patient_key", "wanted_subject")
    among: exp.Expr = ddl.field(key).isin(query=exp.select(key).from_(relation))
    row_key = columns[0].name
    if with_others:
        among = exp.or_(among, ddl.field(row_key).isin(query=exp.select("record_key").from_("wanted_record")))
    chosen = exp.select(*(ddl.field(column.name) for column in columns)).from_(ddl.named(table)).where(among)
    rows = pl.DataFrame(con.sql(chosen.order_by(ddl.field(row_key)).sql("duckdb")).to_arrow_table()).rows(named=True)
    return [
        StarRow(table, row[row_key], row["patient_key"], row_values(row, wanted))
        for row in rows
        if any(all(row[name] in values for name, values in source.kinds.items()) for source in wanted)
    ]


def row_values(row: Mapping[str, Any], sources: Sequence[StarSource]) -> dict[str, object]:
    """What the number reads of a row, and, where a value there follows from other columns, those."""
    read = {column for source in sources for column in source.columns}
    follows = {column: parts for source in sources for column, parts in made_from(items.RECORD_OF.get(source.table, "")).items()}
    behind = {origin for column in read & follows.keys() if row[column] is not None for origin in follows[column] if origin in row}
    return {name: row[name] if name in row else interval_text(row, name) for name in sorted(read | behind)}


def _between(earliest: date | int | None, latest: date | int | None) -> str:
    if earliest is None and latest is None:
        return ""
    return str(earliest) if earliest == latest else f"{'…' if earliest is None else earliest} to {'…' if latest is None else latest}"


def _origins(row: StarRow, places: Iterable[tuple[Any, ...]], rules: Mapping[tuple[str, str], list[dict[str, str]]]) -> Iterable[Origin]:
    for name, sha256, contract, line, rule, step in places:
        if cells := _cells(rules.get((contract, rule), []), row.values):
            yield Origin(name, sha256, line, contract, rule, step, cells)


def _cells(lines: Sequence[Mapping[str, str]], shown: Collection[str]) -> tuple[Cell, ...]:
    """The columns shown that a rule sets; what no mapping sets came out of the grammar of its cell, where it has one."""
    named = {line["column"] for line in lines}
    cells = [Cell(line["column"], line["header"], line["steps"]) for line in lines if line["column"] in shown]
    grammar = [line for line in lines if line["column"] == ANY]
    return (*cells, *(Cell(column, line["header"], line["steps"]) for line in grammar for column in shown if column not in named))


def _filled(origin: Origin, texts: Mapping[tuple[str, str], Mapping[tuple[int, str], str]]) -> Origin:
    there = texts.get((origin.source_file, origin.sha256), {})
    return replace(origin, cells=tuple(replace(cell, text=_text(cell, origin.source_row, there)) for cell in origin.cells))


def _text(cell: Cell, line: int, texts: Mapping[tuple[int, str], str]) -> str | None:
    return next((texts[line, header] for header in _headers(cell) if (line, header) in texts), None)


def _headers(cell: Cell) -> list[str]:
    return [] if cell.column == PSEUDONYM or not cell.header else cell.header.split(" | ")
