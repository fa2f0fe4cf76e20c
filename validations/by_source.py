"""What every source tells of each table: its shares of codes, the fields that it fills, its fresh contacts. Counts of rows, never a value.

Each table is met once with the lines that say who delivered its rows: finding these is most of the cost, whatever is counted of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import duckdb
import polars as pl
from sqlglot import exp

from schemas.items import TABLE_OF
from validations.expecting.rules import Rule
from validations.expecting.source_kept import kept_counts, kept_of, kept_rules
from validations.expecting.source_shares import Fills, share_columns, shares_of, with_parts
from validations.report.measures import told_rows

KEYS = {table: f"{record}_key" for record, table in TABLE_OF.items()}
Counts = dict[str, dict[str, int]]


def by_source(con: duckdb.DuckDBPyConnection, rules: Sequence[Rule], as_of: date | None = None, fills: Fills | None = None) -> Counts:
    """By `NAME.SOURCE` the rows of each code (shares), or those that know the field or are fresh and the others that it concerns.

    A row counts for each source that delivered or completed it, where a contract of the source fills the field. Nothing where one
    source tells of the registry. fills: the fields of each source; None: any may fill any.
    """
    shares: Counts = {}
    kept: Counts = {}
    drift = [rule for rule in rules if rule.kind == "drift"]
    fields = kept_rules(with_parts(rules), as_of, fills)
    tables = list(dict.fromkeys(rule.table for rule in (*drift, *fields)))
    for table in tables if _several(con, fills) else ():
        of_shares, of_fields = ([rule for rule in given if rule.table == table] for given in (drift, fields))
        counted = _counted(con, table, of_shares, of_fields, as_of)
        shares |= shares_of(of_shares, counted, fills)
        kept |= kept_of(of_fields, counted, fills)
    return {**shares, **kept}


def _several(con: duckdb.DuckDBPyConnection, fills: Fills | None) -> bool:
    """Whether more than one source tells of the registry, or did and could again by its contracts."""
    return len({source for source, _ in fills or ()}) > 1 or con.sql("select count(distinct source) from dim_source").fetchall()[0][0] > 1


def _counted(con: duckdb.DuckDBPyConnection, table: str, drift: list[Rule], kept: list[Rule], as_of: date | None) -> pl.DataFrame:
    """One row per source and what the shares look at (`share_columns`): `n` rows, and of each field `kept_counts`.

    In `table` itself, for conditions name its columns; the rows of a source are found by their key.
    """
    looked_at = share_columns(drift)
    names = [column.alias for column in looked_at]
    on = exp.column("row_key", "told").eq(exp.column(KEYS[table], table))
    query = exp.select("told.of_source", *looked_at, exp.Count(this=exp.Star()).as_("n"), *kept_counts(kept, as_of)).from_(table)
    query = query.join(told_rows(table).subquery("told"), on=on).group_by("told.of_source", *names)
    counted = pl.DataFrame(con.sql(query.sql(dialect="duckdb")).to_arrow_table())
    sources = pl.DataFrame(con.sql("select source_key as of_source, source from dim_source").to_arrow_table())
    return counted.join(sources, on="of_source", how="inner").drop("of_source")
