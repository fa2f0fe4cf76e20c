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

from validations.expectation_drift import code_known
from validations.expectation_rules import BY_SOURCE, OF_SOURCES, VOLUME, Rule, part_of, rule_of_kind
from validations.report.measures import TABLE_OF

# Source and field (`table.column`) that a contract of it fills.
Fills = Collection[tuple[str, str]]
KEYS = {table: f"{record}_key" for record, table in TABLE_OF.items()}


def source_rules(
    rules: Iterable[Rule], names: Collection[str], thresholds: Mapping[str, Mapping[str, Any]], fills: Fills | None = None
) -> tuple[Rule, ...]:
    """The rule of each source (`NAME.SOURCE` among `names`) for each rule that has such parts; limits of the whole where it has none of
    its own. fills: the fields of each source; one that is not among them was taken out of the registry, and is silent by right.
    """
    whole = rule_of_kind(OF_SOURCES, thresholds)
    few = {"few": whole.few, "fewest": whole.fewest}
    by_name: dict[str, set[str]] = {}
    for name, _, source in (one.partition(".") for one in names):
        if source and (fills is None or any(source == filling for filling, _ in fills)):
            by_name.setdefault(name, set()).add(source)
    found = []
    for rule in with_parts(rules):
        sources = by_name.get(rule.name, set())
        if len(sources) > 1:  # of one alone the whole tells
            # one source of several that delivers half as much is no reason to keep back what the others deliver
            critical = whole.critical or (rule.critical and rule.kind != VOLUME)
            more = {"critical": critical, "reason": f"{rule.reason} {whole.reason}", **few}
            more |= {"kind": BY_SOURCE[rule.kind]} | ({"max": None, "min": whole.minimum} if rule.kind == "fresh" else {})
            found += [part_of(rule, source, thresholds, **more) for source in sorted(sources)]
    return tuple(found)


def source_shares(con: duckdb.DuckDBPyConnection, rules: Iterable[Rule], fills: Fills | None = None) -> dict[str, dict[str, int]]:
    """By `NAME.SOURCE` the rows of each code; nothing where only one source tells of the registry. One pass per table.

    fills: the fields of each source; None: any may fill any.
    """
    by_table: dict[str, list[Rule]] = {}
    for rule in rules:
        if rule.kind == "drift":
            by_table.setdefault(rule.table, []).append(rule)
    found: dict[str, dict[str, int]] = {}
    if not by_table or not several(con, fills):
        return found
    for table, given in by_table.items():
        counted = pl.DataFrame(con.sql(_query(table, given).sql(dialect="duckdb")).to_arrow_table())
        for place, rule in enumerate(given):
            found |= _of_rule(rule, counted.filter(pl.col(f"of_{place}")).rename({f"code_{place}": "code"}), fills)
    return found


def with_parts(rules: Iterable[Rule]) -> list[Rule]:
    """The rules of which each source has a part."""
    return [rule for rule in rules if rule.kind in BY_SOURCE]


def several(con: duckdb.DuckDBPyConnection, fills: Fills | None = None) -> bool:
    """Whether more than one source tells of the registry, or did and could again by its contracts."""
    return len({source for source, _ in fills or ()}) > 1 or con.sql("select count(distinct source) from dim_source").fetchall()[0][0] > 1


def told_rows(table: str) -> exp.Select:
    """The rows of a table (`row_key`) by each source that delivered or completed them, each once."""
    return (
        exp.select("row_key", "source").distinct().from_("lineage").join("dim_source", using="source_key")
        .where(exp.column("table_name").eq(exp.Literal.string(table)))
    )  # fmt: skip


def _of_rule(rule: Rule, counted: pl.DataFrame, fills: Fills | None) -> dict[str, dict[str, int]]:
    told = counted.group_by("source", "code").agg(pl.col("n").sum()).sort("source", "code")
    filling = [source for source, subject in fills or () if subject == rule.subject]
    if filling:  # where none does, contracts say it for the source (a constant): which of its rows there are is what it tells
        told = told.filter(pl.col("source").is_in(filling))
    sources = told["source"].unique(maintain_order=True).to_list()
    return {f"{rule.name}.{one}": dict(told.filter(source=one).select("code", "n").iter_rows()) for one in sources}


def _query(table: str, rules: list[Rule]) -> exp.Select:
    """Rows by source and by the codes of all rules of the table; whether each rule looks at them."""
    columns = [exp.column(rule.column or "").as_(f"code_{place}") for place, rule in enumerate(rules)]
    looked_at = [exp.and_(parse_one(rule.of, dialect="duckdb"), code_known(rule)).as_(f"of_{place}") for place, rule in enumerate(rules)]
    rows = exp.select(exp.column(KEYS[table]).as_("row_key"), *columns, *looked_at).from_(table)
    names = [exp.column(f"{part}_{place}") for part in ("code", "of") for place in range(len(rules))]
    return (
        exp.select("source", *names, exp.Count(this=exp.Star()).as_("n"))
        .from_(told_rows(table).subquery("told")).join(rows.subquery("of_table"), using="row_key").group_by("source", *names)
    )  # fmt: skip
