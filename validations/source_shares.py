"""The shares of codes by source: one hospital's swapped column hides among the others (DESIGN 5.4: counts only).

A row counts for each source that delivered or completed it, where a contract of the source fills the column; shares are then
compared as those of all are, except that chance is allowed for (validations/chance.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import duckdb
import polars as pl
from sqlglot import exp, parse_one

from schemas.items import RECORDS
from validations.expectation_drift import code_known
from validations.expectation_rules import OF_SOURCES, Rule, part_of, rule_of_kind

# Source and field (`table.column`) that a contract of it fills.
Fills = Collection[tuple[str, str]]
STAR = {record: f"{'dim' if record in ('patient', 'tumour') else 'fact'}_{record}" for record in RECORDS}
KEYS = {table: f"{record}_key" for record, table in STAR.items()}


def source_rules(rules: Iterable[Rule], names: Collection[str], thresholds: Mapping[str, Mapping[str, Any]]) -> tuple[Rule, ...]:
    """The rule of each source (`NAME.SOURCE` among `names`) for each drift rule; limits of the whole where it has none of its own."""
    whole = rule_of_kind(OF_SOURCES, thresholds)
    found = []
    for rule in rules:
        if rule.kind == "drift":
            sources = sorted(of for name, _, of in (one.partition(".") for one in set(names)) if of and name == rule.name)
            more = {"few": whole.few, "critical": rule.critical or whole.critical, "reason": f"{rule.reason} {whole.reason}"}
            found += [part_of(rule, source, thresholds, **more) for source in sources]
    return tuple(found)


def source_shares(con: duckdb.DuckDBPyConnection, rules: Iterable[Rule], fills: Fills | None = None) -> dict[str, dict[str, int]]:
    """By `NAME.SOURCE` the rows of each code; nothing where only one source tells of the table. One pass per table.

    fills: the fields of each source; None: any may fill any.
    """
    by_table: dict[str, list[Rule]] = {}
    for rule in rules:
        if rule.kind == "drift":
            by_table.setdefault(rule.table, []).append(rule)
    found: dict[str, dict[str, int]] = {}
    if by_table and con.sql("select count(distinct source) from dim_source").fetchall()[0][0] < 2:
        return found
    for table, given in by_table.items():
        counted = pl.DataFrame(con.sql(_query(table, given).sql(dialect="duckdb")).to_arrow_table())
        for place, rule in enumerate(given):
            found |= _of_rule(rule, counted.filter(pl.col(f"of_{place}")).rename({f"code_{place}": "code"}), fills)
    return found


def _of_rule(rule: Rule, counted: pl.DataFrame, fills: Fills | None) -> dict[str, dict[str, int]]:
    told = counted.group_by("source", "code").agg(pl.col("n").sum()).sort("source", "code")
    filling = [source for source, subject in fills or () if subject == rule.subject]
    if filling:  # where none does, contracts say it for the source (a constant): which of its rows there are is what it tells
        told = told.filter(pl.col("source").is_in(filling))
    sources = told["source"].unique(maintain_order=True).to_list()
    by_source = {f"{rule.name}.{one}": dict(told.filter(source=one).select("code", "n").iter_rows()) for one in sources}
    return by_source if len(sources) > 1 else {}


def _query(table: str, rules: list[Rule]) -> exp.Select:
    """Rows by source and by the codes of all rules of the table; whether each rule looks at them."""
    told = (
        exp.select("row_key", "source").distinct().from_("lineage").join("dim_source", using="source_key")
        .where(exp.column("table_name").eq(exp.Literal.string(table)))
    )  # fmt: skip
    columns = [exp.column(rule.column or "").as_(f"code_{place}") for place, rule in enumerate(rules)]
    looked_at = [exp.and_(parse_one(rule.of, dialect="duckdb"), code_known(rule)).as_(f"of_{place}") for place, rule in enumerate(rules)]
    rows = exp.select(exp.column(KEYS[table]).as_("row_key"), *columns, *looked_at).from_(table)
    names = [exp.column(f"{part}_{place}") for part in ("code", "of") for place in range(len(rules))]
    return (
        exp.select("source", *names, exp.Count(this=exp.Star()).as_("n"))
        .from_(told.subquery("told")).join(rows.subquery("of_table"), using="row_key").group_by("source", *names)
    )  # fmt: skip
