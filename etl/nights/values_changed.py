"""Fields in which many women, tumours and tests say something else than in the last release: a column that moved against the others.

A column that was sorted by itself, moved by a row, exchanged with another hospital's or read in the other order of day and month leaves
every count and share as it was; only whose value it is has changed. So each record is held against itself in the release before. It
is told and stops nothing: a registry that mends a column, or a contract that reads it better, changes many values by right.
"""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import duckdb
import polars as pl
from sqlglot import exp

from schemas.items import Item, columns
from validations.expecting.rows import Row, as_results, warning
from validations.report.measures import measured_items

NAME = "values_changed"
# Tables whose records have the same key every night; the last contact of a woman and the cycles she was given go on by themselves.
TABLES = ("dim_patient", "dim_tumour", "fact_event", "fact_biomarker")
FEWEST = 20  # records of which both releases know the field; of fewer a share says nothing
ENOUGH = 50_000  # of more records every second, third, … is looked at: keys are hashes, so these are any of them
MOST = 0.1  # of them may say something else
# Women and tumours who are there no more, of FEWEST or more: two hospitals' files exchanged, numbers written otherwise.
GONE, OF, LEAST = "records_kept", ("dim_patient", "dim_tumour"), 0.95
WHY_GONE = (
    "Perhaps two sources have exchanged their files, or numbers of persons are written otherwise, so that each is another one: compare the "
    "files that came anew. A source that is trusted more and knows them by its own numbers does the same by right, and so do a smaller "
    "extract and another `linkage`: then nothing is to be done; it is told once."
)
BOUNDS = (("earliest_date", "latest_date"), ("earliest_offset_days", "latest_offset_days"))
REASON = (
    "Perhaps a column was sorted or moved by itself, or is read otherwise: look at it in the files that came anew. Where it was mended, "
    "nothing is to be done; it is told once, and once more where the values go back."
)
NOT_OPENED = (
    "Perhaps it was written by an older version, damaged or deleted: a column that moved against the others would not be seen this time. "
    "Look once yourself whether the files that came anew say what they said; it is told once."
)


def values_changed(warehouse: Path, before: Path | None, release: str) -> pl.DataFrame:
    """The warnings of this check as RESULTS.

    One row per field that changed in more than MOST of the records of both releases, and one per table with less than LEAST of the
    earlier records; a single row where the last release cannot be opened; none where there is no release before. `warehouse`, `before`:
    the warehouse files of this and of the last release; `release`: the name of the last one.
    """
    if before is None:
        return as_results()
    with duckdb.connect() as con:
        _attach(con, "now", warehouse)
        try:
            _attach(con, "before", before)
            rows = [row for table in TABLES for row in _of_table(con, table, release)]
            rows += [row for table in OF for row in _gone(con, table, release)]
        except duckdb.Error:  # of another version, damaged, or gone
            rows = [warning(NAME, before.name, f"no record is compared with release {release}: its warehouse cannot be opened", NOT_OPENED)]
    return as_results(rows)


def _attach(con: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    con.execute(f"attach '{str(path).replace(chr(39), chr(39) * 2)}' as {name} (read_only)").fetchall()


def _of_table(con: duckdb.DuckDBPyConnection, table: str, release: str) -> list[Row]:
    fields = measured_items(table)
    if not fields:
        return []
    [counted] = con.sql(_query(table, _every(con, table))).fetchall()
    told = []
    for field, n, changed in zip(fields, *([n or 0 for n in counted[start::2]] for start in (0, 1)), strict=True):
        if n >= FEWEST and changed > MOST * n:
            said = f"{changed:,} of {n:,} compared say something else than in release {release}, expected at most {int(MOST * n):,}"
            told.append(warning(f"{NAME}.{table}.{field.column}", f"{table}.{field.column}", said, REASON))
    return told


def _gone(con: duckdb.DuckDBPyConnection, table: str, release: str) -> list[Row]:
    [(n, kept)] = con.sql(_kept(table, _every(con, table))).fetchall()
    if n < FEWEST or kept >= LEAST * n:
        return []
    said = f"{kept:,} of {n:,} compared of release {release} are still there, expected at least {math.ceil(LEAST * n):,}"
    return [warning(f"{GONE}.{table}", table, said, WHY_GONE)]


def _every(con: duckdb.DuckDBPyConnection, table: str) -> int:
    """Every how manieth record of a table is looked at."""
    [(rows,)] = con.sql(exp.select(exp.Count(this=exp.Star())).from_(f"before.{table}").sql("duckdb")).fetchall()
    return int(1 + rows // ENOUGH)


def _is_some(key: exp.Column, every: int) -> exp.Expr:
    return exp.Mod(this=key, expression=exp.Literal.number(every)).eq(0)


@cache
def _kept(table: str, every: int) -> str:
    """How many records the last release has, and how many of them this one has too."""
    key = columns(table, "star")[0].name
    now, earlier = (exp.to_table(f"{release}.{table}").as_(alias) for release, alias in (("now", "a"), ("before", "b")))
    counts = (exp.Count(this=side(key)) for side in (_b, _a))
    on = exp.and_(_a(key).eq(_b(key)), _is_some(_a(key), every))
    return exp.select(*counts).from_(earlier).join(now, on=on, join_type="left").where(_is_some(_b(key), every)).sql("duckdb")


@cache
def _query(table: str, every: int) -> str:
    """Of each field two counts: the records that know it in both releases, and those that say something else; `every` so manieth."""
    key = columns(table, "star")[0].name
    tests = [test for field in measured_items(table) for test in _tests(field)]
    counts = [exp.func("count_if", test) for test in tests]
    now, earlier = (exp.to_table(f"{release}.{table}").as_(alias) for release, alias in (("now", "a"), ("before", "b")))
    some = (_is_some(side(key), every) for side in (_a, _b))
    return exp.select(*counts).from_(now).join(earlier, on=_a(key).eq(_b(key))).where(*some).sql("duckdb")


def _tests(field: Item) -> tuple[exp.Expr, exp.Expr]:
    """Known on both sides, and another: of a date that the two intervals have no day in common."""
    if field.type != "interval":
        return _both(field.column), _a(field.column).neq(_b(field.column))
    names = [(f"{field.column}_{low}", f"{field.column}_{high}") for low, high in BOUNDS]
    known = exp.or_(*(exp.and_(_both(low), _both(high)) for low, high in names))
    apart = exp.or_(*(exp.or_(_a(low) > _b(high), _a(high) < _b(low)) for low, high in names))
    return known, exp.and_(known, apart)


def _both(column: str) -> exp.Expr:
    return exp.and_(*(side(column).is_(exp.null()).not_() for side in (_a, _b)))


def _a(column: str) -> exp.Column:
    return exp.column(column, "a")


def _b(column: str) -> exp.Column:
    return exp.column(column, "b")
