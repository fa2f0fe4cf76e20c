"""How complete and how well readable each field comes from each source."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from etl.landing.landed import LandedFile
from etl.normalise.result import Normalised
from schemas.column_map import ANY, CONSTANT, column_map
from schemas.items import INTERVAL_PARTS, items
from validations.report.report_input import DELIVERED

PLACE = ["record", "column"]
# One row per source, record and field that a contract of the source fills: `unread` cells that were filled and not understood.
FILLED: dict[str, type[pl.DataType]] = {**dict.fromkeys(("source", "record", "column"), pl.String), "unread": pl.Int64}


def filled_fields(files: Sequence[LandedFile], parts: Sequence[Normalised]) -> pl.DataFrame:
    """FILLED of what was normalised, before linkage."""
    found = [pl.DataFrame(schema=FILLED), *(_of_file(file, part) for file, part in zip(files, parts, strict=True))]
    by = ["source", *PLACE]
    return pl.concat(found).group_by(by).agg(pl.col("unread").sum()).sort(by)


def delivered_fields(filled: pl.DataFrame, counted: pl.DataFrame) -> pl.DataFrame:
    """DELIVERED: of the fields that a source fills (FILLED) how many of its records they concern (etl.linking.field_counts.COUNTED)."""
    both = filled.join(counted, on=["source", *PLACE])
    return both.select(DELIVERED.keys()).sort("source", *PLACE)


def _of_file(file: LandedFile, part: Normalised) -> pl.DataFrame:
    mapped = column_map([file.contract]).filter(pl.col("field") != "")
    filled = mapped.filter(~pl.col("steps").str.contains(CONSTANT), pl.col("column") != ANY)
    cells = mapped.filter(pl.col("column") == ANY).select("record", "rule").unique()
    by_rule = pl.concat([filled.select(*PLACE), *(_said(record, rule, part) for record, rule in cells.sort("record", "rule").iter_rows())])
    told = by_rule.unique().join(_unread(filled, part.findings), on=PLACE, how="left")
    return told.with_columns(pl.col("unread").fill_null(0), source=pl.lit(file.contract.source)).select(FILLED.keys())


def _said(record: str, rule: str, part: Normalised) -> pl.DataFrame:
    """What the treatment cells of a rule say: the fields that none of them ever fills are none of the rule."""
    given: set[str] = set()
    for frame in part.records.frames(record):
        of_rule = frame.select(pl.col("rule") == rule).to_series()
        rows = frame if of_rule.all() else frame.filter(of_rule)
        given |= {name for name, n in rows.null_count().row(0, named=True).items() if n < rows.height} if rows.height else set()
    parts = {item.column: [f"{item.column}_{p}" for p, *_ in INTERVAL_PARTS] for item in items(record, "staging")}
    said = [column for column, names in parts.items() if column in given or not given.isdisjoint(names)]
    return pl.DataFrame({"record": [record] * len(said), "column": said}, schema=dict.fromkeys(PLACE, pl.String))


def _unread(filled: pl.DataFrame, findings: pl.DataFrame) -> pl.DataFrame:
    """One row per record and column: cells of its headers that were there and not understood."""
    # the field that is read, not those that only say how (the site of an operation)
    read = filled.unique([*PLACE, "rule"], keep="first", maintain_order=True)
    headers = read.select(*PLACE, header=pl.col("header").str.split(" | ").list.first()).unique()
    told = findings.filter(pl.col("severity") != "notice", pl.col("outcome") == "violated")
    cells = told.select("record", "source_row", header=pl.col("columns")).unique()
    return cells.join(headers, on=["record", "header"]).group_by(PLACE).agg(unread=pl.len().cast(pl.Int64))
