"""What a registry is asked about itself: indices of quality, timeliness, contradictions between sources. Counts only, never a value.

Every function takes an open DuckDB connection (read only is enough) and returns a small frame.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import duckdb
import polars as pl
from sqlglot import exp, parse_one

from validations.report.measures import count_where

# One row per index of indices.csv: `hits` of `n` rows; n = 0 where nothing was delivered to judge it on.
INDICES: dict[str, type[pl.DataType]] = {
    **dict.fromkeys(("index", "label", "better", "meaning"), pl.String),
    "n": pl.Int64,
    "hits": pl.Int64,
}
# One row per date and band: rows whose day lies so many months before the as-of date (the first band that fits).
TIMELINESS: dict[str, type[pl.DataType]] = {"table": pl.String, "date": pl.String, "band": pl.String, "n": pl.Int64}
# One row per record, column and pair of sources: deliveries in which `source` contradicts what was kept of `kept`.
CONTRADICTIONS: dict[str, type[pl.DataType]] = {**dict.fromkeys(("record", "column", "kept", "source"), pl.String), "n": pl.Int64}
DATES = (("dim_tumour", "diagnosis"), ("fact_treatment", "treatment"), ("fact_event", "event"), ("fact_follow_up", "contact"))
# Bands and not days: the newest date of a registry is the date of one woman.
BANDS = ((3, "up to 3 months"), (12, "3 to 12 months"), (24, "1 to 2 years"), (60, "2 to 5 years"), (None, "over 5 years"))
CONFLICT = "LINK-CONFLICT"


def indices(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """INDICES in the order of indices.csv."""
    rows = []
    for line in _index_lines():
        n, met = con.sql(_index_query(line["table"], line["of"], line["hits"])).fetchall()[0]
        rows.append((line["index"], line["label"], line["better"], line["meaning"], n, met))
    return pl.DataFrame(rows, schema=INDICES, orient="row")


def timeliness(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """TIMELINESS of the dates delivered on the calendar; a date that nobody delivers has no row."""
    rows = [(table, date, band, n) for table, date in DATES for band, n in con.sql(_band_query(table, date)).fetchall()]
    return pl.DataFrame(rows, schema=TIMELINESS, orient="row").sort("table", "date", "band")


def contradictions(con: duckdb.DuckDBPyConnection, trust: Sequence[str]) -> pl.DataFrame:
    """CONTRADICTIONS, sorted. `trust` names sources, the most trusted first: what was kept came from the most trusted of the record.

    Of a record that one source delivered twice, both are that source.
    """
    query = files("validations.report").joinpath("contradictions.sql").read_text(encoding="utf-8")
    found = pl.DataFrame(con.sql(query, params=[CONFLICT]).to_arrow_table())
    ranks = {source: rank for rank, source in enumerate(trust)}
    rank = pl.col("kept").replace_strict(ranks, default=len(ranks), return_dtype=pl.Int64)
    first = found.sort(rank, "kept", nulls_last=True).group_by("finding_id", maintain_order=True).first()
    pairs = first.with_columns(pl.col("kept").fill_null(pl.col("source")), column=pl.col("columns").str.split(" ")).explode("column")
    counted = pairs.group_by("record", "column", "kept", "source").agg(n=pl.len())
    return counted.select(pl.col(name).cast(kind) for name, kind in CONTRADICTIONS.items()).sort(*list(CONTRADICTIONS)[:-1])


@cache
def _index_query(table: str, of: str, hits: str) -> str:
    base, met = (parse_one(text, dialect="duckdb") for text in (of, hits))
    return exp.select(count_where(base), count_where(exp.and_(base, met))).from_(table).sql(dialect="duckdb")


@cache
def _band_query(table: str, date: str) -> str:
    day, precision = exp.column(f"{date}_latest_date"), exp.column(f"{date}_precision")
    as_of = exp.select(exp.Max(this=exp.column("as_of"))).from_("release").subquery()
    months = exp.func("datediff", exp.Literal.string("month"), day, as_of, dialect="duckdb")
    band = exp.case()
    for most, words in BANDS[:-1]:
        band = band.when(exp.LTE(this=months.copy(), expression=exp.Literal.number(most)), exp.Literal.string(words))
    band = band.else_(exp.Literal.string(BANDS[-1][1]))
    known = exp.and_(day.is_(exp.null()).not_(), precision.isin("day", "month", "year"))
    query = exp.select(band.as_("band"), exp.Count(this=exp.Star()).as_("n")).from_(table).where(known).group_by("band")
    return query.sql(dialect="duckdb")


@cache
def _index_lines() -> tuple[dict[str, str], ...]:
    text = files("validations.report").joinpath("indices.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
