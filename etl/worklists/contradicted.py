"""Contradictions between sources that edits find: what one source says against what another does, by file and row.

An edit names the two statements that contradict each other (`between`). A finding is counted here where no source made both of them;
where one did, it contradicts itself, and the edit alone tells of it. Where both are the same date of several records (two dates of
death), two records make the two statements if not both dates can be true.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from etl.worklists.telling import named_columns
from schemas.derived import of_cells
from schemas.items import INTERVAL_PARTS, POLARS, WINDOW_PARTS
from validations.concerned import Stated, statements
from validations.edit import Edit
from validations.report.registry_measures import CONFLICT
from validations.report.report_input import CONTRADICTED

KINDS = {
    "side": pl.Int64, "edit": pl.String, "is_own": pl.Boolean, "record": pl.String, "column": pl.String, "says": pl.String,
    "is_alike": pl.Boolean,
}  # fmt: skip
BY = ["finding_id", "side"]
# Which days a date may be: an interval of it (schemas/items.py) without its precision.
WINDOW = {part: POLARS[kind] for part, kind, _ in INTERVAL_PARTS if part in WINDOW_PARTS}


def between(edits: Iterable[Edit], findings: pl.DataFrame) -> pl.DataFrame:
    """The findings that are certain, of edits that name two statements."""
    codes = [edit.edit for edit in edits if edit.between]
    return findings.filter(pl.col("outcome") == "violated", pl.col("edit").is_in(codes))


def not_kept(findings: pl.DataFrame, earlier: pl.DataFrame, sources: pl.DataFrame) -> pl.DataFrame:
    """The rows whose word was not kept, with the columns: contradicted by a more trusted one, or an earlier state (`earlier`: PLACE)."""
    against = findings.filter(pl.col("edit") == CONFLICT)
    before = earlier.join(sources.select("source_key", "source_file"), on="source_key", how="inner")
    return pl.concat(frame.select("record_key", "source_file", "source_row", "columns") for frame in (against, before))


def said_against(edits: Iterable[Edit], told: pl.DataFrame, lost: pl.DataFrame, known: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """The rows of TOLD for findings whose two sides come from several sources.

    Added columns: `side` (0 or 1), `says` (the column as record.column), `is_alike` (both sides are the same date of several records)
    and, where they are, WINDOW from the records `known` (by kind), else null. Left out are rows whose value was not kept (`lost`:
    record_key, source_file, source_row and the columns).
    """
    lines = [
        (side, edit.edit, *line, len(set(statements(edit))) == 1)
        for edit in edits for side, one in enumerate(statements(edit)) for line in _lines(one)
    ]  # fmt: skip
    sides = pl.DataFrame(lines, schema=KINDS, orient="row").unique()
    rows = lost.select("record_key", "source_file", "source_row", column=named_columns()).explode("column")
    said = told.join(sides, on=["edit", "is_own", "record", "column"], how="inner")
    kept = said.join(rows, on=["record_key", "source_file", "source_row", "column"], how="anti")
    several = kept.filter(pl.col("source").n_unique().over("finding_id") > 1, pl.col("side").n_unique().over("finding_id") > 1)
    return several.join(_windows(several, known), on=["record", "record_key", "column"], how="left")


def _windows(said: pl.DataFrame, known: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """WINDOW of each record and date that are alike, by record, record_key and column."""
    found = [pl.DataFrame(schema={"record": pl.String, "record_key": pl.Int64, "column": pl.String, **WINDOW})]
    alike = said.filter("is_alike")
    for record, column in sorted(set(alike.select("record", "column").iter_rows())):
        keys = alike.filter(record=record, column=column)["record_key"].unique()
        window = [pl.col(f"{column}_{part}").cast(kind).alias(part) for part, kind in WINDOW.items()]
        if record in known:
            mine = known[record].filter(pl.col("record_key").is_in(keys.implode()))
            found.append(mine.select(pl.lit(record).alias("record"), "record_key", pl.lit(column).alias("column"), *window))
    return pl.concat(found).unique(["record", "record_key", "column"], maintain_order=True)


def _lines(statement: Iterable[Stated]) -> Iterable[tuple[bool, str, str, str]]:
    """Every column that a cell may make behind one statement, and what the statement calls it."""
    for one in statement:
        yield from ((one.is_own, one.record, cell, f"{one.record}.{one.column}") for cell in of_cells(one.record, one.column))


def doubtful(said: pl.DataFrame) -> pl.DataFrame:
    """The rows (source_file, source_row) whose cells decide who said it: several sources may have made one statement."""
    return said.filter(pl.col("source").n_unique().over(BY) > 1).select("source_file", "source_row").unique()


def contradicted(said: pl.DataFrame, raw: pl.DataFrame, trust: Sequence[str]) -> pl.DataFrame:
    """CONTRADICTED, sorted. `said`: as `said_against` gives it; `raw`: the rows that are `doubtful` (raw_rows.RAW)."""
    ranks = {source: rank for rank, source in enumerate(trust)}
    order = pl.col("source").replace_strict(ranks, default=len(ranks), return_dtype=pl.Int64).alias("trust")
    filled = _filled(said, raw).with_columns(order)
    place = ["record_key", "source", "trust", "source_file", "source_row", *WINDOW]
    made = filled.group_by("finding_id", "edit", "is_alike", "side", *place).agg(columns=_named("says"), header=_named("header", " | "))
    first, second = (made.filter(side=side).drop("side") for side in (0, 1))
    pairs = first.join(second.drop("edit", "is_alike"), on="finding_id", suffix="_2").filter(~pl.col("is_alike") | _apart())
    itself = pairs.filter(pl.col("source") == pl.col("source_2")).select("finding_id")
    by = ["finding_id", "trust", "trust_2", "source_file", "source_row", "source_file_2", "source_row_2", "record_key", "record_key_2"]
    one = pairs.join(itself, on="finding_id", how="anti").sort(by).unique("finding_id", keep="first", maintain_order=True)
    names = {f"{name}_2": f"other_{name.removeprefix('source_')}" for name in ("source", "columns", "header", "source_file", "source_row")}
    return one.rename(names).select(CONTRADICTED.keys()).sort("edit", "source_file", "source_row", "finding_id")


def _named(column: str, between: str = " ") -> pl.Expr:
    return pl.col(column).filter(pl.col(column) != "").unique().sort().str.join(between)


def _apart() -> pl.Expr:
    """Not both dates can be true: their days do not meet, in the calendar or counted from the same anchor."""
    days = _after("earliest_date", "latest_date")
    return (days | ((pl.col("anchor") == pl.col("anchor_2")) & _after("earliest_offset_days", "latest_offset_days"))).fill_null(value=False)


def _after(early: str, late: str) -> pl.Expr:
    either = (pl.col(early) > pl.col(f"{late}_2"), pl.col(f"{early}_2") > pl.col(late))
    return pl.any_horizontal(one.fill_null(value=False) for one in either)


def _filled(said: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
    """What was said, without cells that are known to be empty: the usual header stands in the row as delivered, with nothing in it."""
    rows = raw.select("source_file", "source_row", text=pl.concat_str("raw", "birth")).unique(["source_file", "source_row"])
    empty = {header: f"{json.dumps(header.partition(' | ')[0], ensure_ascii=False)}:null" for header in said["header"].unique()}
    marks = pl.DataFrame(list(empty.items()), schema={"header": pl.String, "mark": pl.String}, orient="row")
    cells = said.join(rows, on=["source_file", "source_row"], how="left").join(marks, on="header", how="left")
    is_empty = (pl.col("header") != "") & pl.col("text").str.contains(pl.col("mark"), literal=True)
    return cells.filter(~is_empty.fill_null(value=False)).select(said.columns)
