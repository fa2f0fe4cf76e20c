"""The floor of the benchmark: DuckDB merely loading the files of a project, all text, into a database file.

CSV through `read_csv` with the dialect of the contract, a fixed-width file as one column of lines. DuckDB's excel extension is not
installed and nothing is downloaded here: python-calamine reads a workbook and DuckDB stores its cells as text.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from python_calamine import CalamineWorkbook

from schemas.contract_format import Format
from schemas.project import Project

LOAD = "create table {table} as select * from read_csv($path, {options})"
LINES = "header = false, auto_detect = false, delim = '\x01', quote = '', escape = '', columns = {'line': 'VARCHAR'}, encoding = $encoding"
CELLS = "header = true, all_varchar = true, delim = $delimiter, quote = $quote, escape = $quote, encoding = $encoding, strict_mode = false"
# Rows of the exports are ragged, and cells hold line breaks: which of these DuckDB can read a file with is found out before the clock runs.
WAYS = ("", ", null_padding = true", ", null_padding = true, parallel = false")
SLICE = 50_000


def files_of(project: Project) -> Iterator[tuple[Path, Format]]:
    """The delivered files in force of every contract, each with its format."""
    for contract in project.contracts:
        found = sorted({path for pattern in contract.files for path in project.exports.glob(pattern)})
        for path in found if contract.delivery != "snapshot" else found[-1:]:
            yield path, contract.format


def load_all(files: Sequence[tuple[Path, Format]], ways: dict[Path, str], database: Path) -> dict[str, tuple[float, float]]:
    """Wall and CPU seconds per file (by name below its folder) and for the last `checkpoint`."""
    seconds: dict[str, tuple[float, float]] = {}
    with duckdb.connect(str(database)) as con:
        for place, (path, layout) in enumerate(files):
            started = _clocks()
            _load(con, f"raw_{place}", path, layout, ways[path])
            seconds[f"{path.parent.name}/{path.name}"] = _since(started)
        started = _clocks()
        con.execute("checkpoint").fetchall()
        seconds["checkpoint"] = _since(started)
    return seconds


def _clocks() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _since(started: tuple[float, float]) -> tuple[float, float]:
    wall, cpu = _clocks()
    return wall - started[0], cpu - started[1]


def ways_of(files: Sequence[tuple[Path, Format]]) -> dict[Path, str]:
    """The first of WAYS in which each file can be read. A file that DuckDB reads in none is an error."""
    return {path: _way(path, layout) if layout.kind == "csv" else "" for path, layout in files}


def _way(path: Path, layout: Format) -> str:
    for way in WAYS[:-1]:
        with suppress(duckdb.InvalidInputException), duckdb.connect() as con:
            _load(con, "tried", path, layout, way)
            return way
    return WAYS[-1]


def _load(con: duckdb.DuckDBPyConnection, table: str, path: Path, layout: Format, way: str) -> None:
    if layout.kind == "excel":
        _load_workbook(con, table, path, str(layout.sheet))
        return
    encoding = {"cp1252": "latin-1", "utf-8-sig": "utf-8"}.get(layout.encoding, layout.encoding)
    given: dict[str, Any] = {"path": str(path), "encoding": encoding}
    if layout.kind == "csv":
        given |= {"delimiter": layout.delimiter, "quote": layout.quote or ""}
    options = CELLS + way if layout.kind == "csv" else LINES
    con.execute(LOAD.replace("{table}", table).replace("{options}", options), given).fetchall()


def _load_workbook(con: duckdb.DuckDBPyConnection, table: str, path: Path, sheet: str) -> None:
    cells = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet)
    rows = cells.iter_rows()
    width, number = cells.width, 0
    while part := list(islice(rows, SLICE)):
        columns = zip(*([str(cell) for cell in row] for row in part), strict=True)
        frame = pl.DataFrame({f"column_{place}": column for place, column in zip(range(width), columns, strict=True)})
        con.register("part", frame.to_arrow())
        con.execute(f"{'insert into' if number else 'create table'} {table} {'' if number else 'as '}select * from part").fetchall()
        con.unregister("part")
        number += 1
