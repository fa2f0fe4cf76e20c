"""What a registry is asked about itself: indices of quality, timeliness, contradictions between sources. Counts only, never a value.

Every function takes an open DuckDB connection (read only is enough) and returns a small frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import duckdb
import polars as pl
from sqlglot import exp, parse_one

from schemas.facts import own_rows
from validations.report.measures import count_where, told_rows

# One row per index of indices.csv and source (an empty one: of all together): `hits` of `n` rows that can be judged, `unknown` that
# cannot; n = 0 where nothing was delivered to judge it on. A source is asked about the rows that it tells of, as loaded.
INDICES: dict[str, type[pl.DataType]] = {
    **dict.fromkeys(("index", "label", "better", "meaning", "source"), pl.String),
    **dict.fromkeys(("n", "hits", "unknown"), pl.Int64),
}
# The conditions of an index, and which of them hold for the rows it is about, those judged and those counted.
CONDITIONS = ("concerns", "known", "hits")
COUNTED = (CONDITIONS[:1], CONDITIONS[:2], CONDITIONS)
KEYS = {"dim_tumour": "tumour_key", "dim_patient": "patient_key"}
CHILDREN = {"fact_treatment": "treatment_key", "fact_event": "event_key", "fact_biomarker": "biomarker_key"}
# One row per date and band: rows whose day lies so many months before the as-of date (the first band that fits).
TIMELINESS: dict[str, type[pl.DataType]] = {"table": pl.String, "date": pl.String, "band": pl.String, "n": pl.Int64}
# One row per record, column and pair of sources: deliveries in which `source` contradicts what was kept of `kept`.
CONTRADICTIONS: dict[str, type[pl.DataType]] = {**dict.fromkeys(("record", "column", "kept", "source"), pl.String), "n": pl.Int64}
DATES = (("dim_tumour", "diagnosis"), ("fact_treatment", "treatment"), ("fact_event", "event"), ("fact_follow_up", "contact"))
# Bands and not days: the newest date of a registry is the date of one woman.
BANDS = ((3, "up to 3 months"), (12, "3 to 12 months"), (24, "1 to 2 years"), (60, "2 to 5 years"), (None, "over 5 years"))
CONFLICT = "LINK-CONFLICT"
# A column of a finding, and where the row stands whose word was kept: `stage_code(a.csv:7)`.
PLACED = r"(\w+)(?:\((.*?):\d+\))?"


def indices(con: duckdb.DuckDBPyConnection, certificates: Sequence[str] = ()) -> pl.DataFrame:
    """INDICES in the order of indices.csv, of all together before each source by name. `certificates`: sources that tell of deaths."""
    least = con.sql("select source, min(source_key) from dim_source group by source").fetchall()
    names, keys = zip(*sorted(least), strict=True) if least else ((), ())
    told = {table: _told(con, table, keys) for table in KEYS}
    certified = _certified(con, told["dim_tumour"], names, certificates)
    for name, frame in (("certified", certified), *((f"told_{table}", frame) for table, frame in told.items())):
        con.register(name, frame.to_arrow())
    found = {table: _counted(con, table, names) for table in KEYS}
    rows = []
    for line in _index_lines():
        words = (line["index"], line["label"], line["better"], line["meaning"])
        rows += [(*words, source, n, hits, of - n) for source, of, n, hits in found[line["table"]][line["index"]]]
    for name in ("certified", *(f"told_{table}" for table in told)):
        con.unregister(name)
    return pl.DataFrame(rows, schema=INDICES, orient="row")


def _counted(con: duckdb.DuckDBPyConnection, table: str, names: Sequence[str]) -> dict[str, list[tuple[str, int, int, int]]]:
    """Source, rows concerned, judged and counted of each index of one table: each row is judged once and joined once to its sources.

    `names`: of the sources, by the number that they have in what is registered.
    """
    lines = [line for line in _index_lines() if line["table"] == table]
    said = {f"{name}_{place}": parse_one(line[name], dialect="duckdb") for place, line in enumerate(lines) for name in CONDITIONS}
    judged = exp.select(*(exp.paren(condition).as_(name) for name, condition in said.items()), KEYS[table]).from_(table)
    counts = [count_where(exp.and_(*(f"{part}_{place}" for part in parts))) for place in range(len(lines)) for parts in COUNTED]
    whole = exp.select(exp.Literal.number(-1).as_("source"), *counts).from_("judged")
    by_source = exp.select("source", *counts).from_("judged").join(f"told_{table}", using=KEYS[table]).group_by("source")
    query = exp.union(whole, by_source, distinct=False).with_("judged", as_=judged, materialized=True).order_by("source")
    told = [("" if row[0] < 0 else names[row[0]], row[1:]) for row in con.sql(query.sql(dialect="duckdb")).fetchall()]
    return {line["index"]: [(source, *n[3 * place : 3 * place + 3]) for source, n in told] for place, line in enumerate(lines)}


def _told(con: duckdb.DuckDBPyConnection, table: str, keys: Sequence[int]) -> pl.DataFrame:
    """One row per row of a table and source that delivered it. A source is given as its place among `keys`, because a million rows are
    compared faster by number than by text.
    """
    told = _frame(con, told_rows(table))
    number = pl.col("of_source").replace_strict({key: place for place, key in enumerate(keys)}, return_dtype=pl.Int32)
    return told.select(pl.col("row_key").alias(KEYS[table]), number.alias("source"))


def _certified(con: duckdb.DuckDBPyConnection, told: pl.DataFrame, names: Sequence[str], certificates: Sequence[str]) -> pl.DataFrame:
    """The tumours (tumour_key) that these sources alone deliver, with all their records. `names`: the sources, as `told` numbers them."""
    numbers = [place for place, name in enumerate(names) if name in certificates]
    is_certified = pl.col("source").is_in(numbers)
    elsewhere = told.filter(~is_certified).select("tumour_key")
    alone = told.filter(is_certified).select("tumour_key").unique().join(elsewhere, on="tumour_key", how="anti")
    for table, key in CHILDREN.items() if alone.height else ():
        con.register("alone", alone.to_arrow())
        theirs = (
            exp.select("tumour_key", key).from_(table).where(exp.column("tumour_key").isin(query=exp.select("tumour_key").from_("alone")))
        )
        query = exp.select("tumour_key").from_("lineage").join("dim_source", using="source_key")
        query = query.join(theirs.subquery("theirs"), on=exp.column(key, table="theirs").eq(exp.column("row_key", table="lineage")))
        query = query.where(exp.column("table_name").eq(table), exp.column("source").isin(*certificates).not_())
        alone = alone.join(_frame(con, query), on="tumour_key", how="anti")
        con.unregister("alone")
    return alone


def _frame(con: duckdb.DuckDBPyConnection, query: exp.Select) -> pl.DataFrame:
    return pl.DataFrame(con.sql(query.sql(dialect="duckdb")).to_arrow_table())


def timeliness(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """TIMELINESS of the dates delivered on the calendar; a date that nobody delivers has no row."""
    as_of = con.sql("select max(as_of) from release").fetchall()[0]  # as a parameter: a subquery is joined to every row, band by band
    counted = [(table, date, con.sql(_band_query(table, date), params=list(as_of)).fetchall()) for table, date in DATES]
    rows = [(table, date, band, n) for table, date, bands in counted for band, n in bands]
    return pl.DataFrame(rows, schema=TIMELINESS, orient="row").sort("table", "date", "band")


def contradictions(con: duckdb.DuckDBPyConnection, trust: Sequence[str]) -> pl.DataFrame:
    """CONTRADICTIONS, sorted. `trust` names sources, the most trusted first: what was kept came from the row that the
    finding names, else from the most trusted of the record.

    Of a record that one source delivered twice, both are that source.
    """
    query = files("validations.report").joinpath("contradictions.sql").read_text(encoding="utf-8")
    found = pl.DataFrame(con.sql(query, params=[CONFLICT]).to_arrow_table())
    ranks = {source: rank for rank, source in enumerate(trust)}
    rank = pl.col("kept").replace_strict(ranks, default=len(ranks), return_dtype=pl.Int64)
    first = found.sort(rank, "kept", nulls_last=True).group_by("finding_id", maintain_order=True).first()
    named = first.with_columns(pl.col("kept").fill_null(pl.col("source")), column=pl.col("columns").str.extract_all(PLACED)).explode(
        "column"
    )
    sources = pl.DataFrame(con.sql("select source_file, source as told from dim_source").to_arrow_table())
    placed = named.with_columns(source_file=pl.col("column").str.extract(PLACED, 2)).join(sources, on="source_file", how="left")
    pairs = placed.with_columns(kept=pl.coalesce("told", "kept"), column=pl.col("column").str.extract(PLACED, 1))
    counted = pairs.group_by("record", "column", "kept", "source").agg(n=pl.len())
    return counted.select(pl.col(name).cast(kind) for name, kind in CONTRADICTIONS.items()).sort(*list(CONTRADICTIONS)[:-1])


@cache
def _band_query(table: str, date: str) -> str:
    day, precision = exp.column(f"{date}_latest_date"), exp.column(f"{date}_precision")
    as_of = exp.cast(exp.Parameter(this=exp.Literal.number(1)), "date")
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
    return own_rows("validations.report", "indices.csv")
