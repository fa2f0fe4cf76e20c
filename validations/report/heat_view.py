"""The heat map of the report: per field how complete and how well readable it comes from each source, and how it was loaded."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from validations.report.measures import TABLES
from validations.report.tables_view import TABLE_WORDS


@dataclass(frozen=True)
class Cell:
    """`known` of `n` rows; of the cells that were filled, `unread` were not understood."""

    known: int
    n: int
    unread: int = 0

    @property
    def decile(self) -> int:
        """0 to 10: how dark the cell is. 10 only where nothing is missing."""
        return 10 * self.known // self.n


@dataclass(frozen=True)
class Row:
    """One field: a cell per source (None: the source does not deliver it), and one for what was loaded (None: no row concerns it)."""

    table: str
    column: str
    cells: tuple[Cell | None, ...]
    loaded: Cell | None


@dataclass(frozen=True)
class Group:
    """The fields of one kind of record."""

    table: str
    words: str
    rows: tuple[Row, ...]


def sources(delivered: pl.DataFrame) -> tuple[str, ...]:
    """The columns of the map, by name."""
    return tuple(delivered["source"].unique().sort())


def heat(completeness: pl.DataFrame, delivered: pl.DataFrame) -> tuple[Group, ...]:
    """One group per kind of record, its fields in the order of the data dictionary; fields that nobody delivers are left out."""
    by_place = {(source, record, column): Cell(known, n, unread) for source, record, column, n, known, unread in delivered.iter_rows()}
    loaded = {(table, column): Cell(n - missing, n) for table, column, n, missing in completeness.iter_rows() if n}
    columns = sources(delivered)
    groups = []
    for table in TABLES:
        record = table.split("_", 1)[1]
        extra = delivered.filter(pl.col("record") == record)["column"].unique().sort()
        fields = dict.fromkeys([*completeness.filter(pl.col("table") == table)["column"], *extra])
        rows = [Row(table, c, tuple(by_place.get((s, record, c)) for s in columns), loaded.get((table, c))) for c in fields]
        told = tuple(row for row in rows if any(row.cells) or (row.loaded is not None and row.loaded.known))
        if told:
            groups.append(Group(table, TABLE_WORDS.get(table, record), told))
    return tuple(groups)


def nowhere(completeness: pl.DataFrame, delivered: pl.DataFrame) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Table, its words and the fields of it that no source delivers or no row concerns."""
    shown = {(row.table, row.column) for group in heat(completeness, delivered) for row in group.rows}
    left: dict[str, list[str]] = {}
    for table, column in completeness.select("table", "column").iter_rows():
        if (table, column) not in shown:
            left.setdefault(table, []).append(column)
    return tuple((table, TABLE_WORDS.get(table, table), tuple(columns)) for table, columns in left.items())
