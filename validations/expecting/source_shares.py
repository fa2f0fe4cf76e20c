"""The shares of codes by source: one hospital's swapped column hides among the others (DESIGN 5.4: counts only).

A row counts for each source that delivered or completed it, where a contract of the source fills the column; shares are then
compared as those of all are, except that chance is allowed for (validations/expecting/chance.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import polars as pl
from sqlglot import exp, parse_one

from validations.expecting.drift import code_known
from validations.expecting.rules import BY_SOURCE, OF_SOURCES, VOLUME, Rule, part_of, rule_of_kind

# Source and field (`table.column`) that a contract of it fills.
Fills = Collection[tuple[str, str]]


def source_rules(
    rules: Iterable[Rule], names: Collection[str], thresholds: Mapping[str, Mapping[str, Any]], fills: Fills | None = None
) -> tuple[Rule, ...]:
    """For each rule that is also judged by source, the rule of each source (`NAME.SOURCE` among `names`).

    It has the limits of the whole where it has none of its own. fills: the fields of each source; a source that is not among them was
    taken out of the registry and gets no rule.
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


def shares_of(drift: list[Rule], counted: pl.DataFrame, fills: Fills | None) -> dict[str, dict[str, int]]:
    """By `NAME.SOURCE` the rows of each code. counted: by source, and by the columns of `share_columns` (of `drift`), `n` rows.

    fills: the fields of each source; None: any may fill any.
    """
    found: dict[str, dict[str, int]] = {}
    for place, rule in enumerate(drift):
        found |= _of_rule(rule, counted.filter(pl.col(f"looked_{place}")).rename({f"code_{place}": "code"}), fills)
    return found


def with_parts(rules: Iterable[Rule]) -> list[Rule]:
    """The rules of which each source has a part."""
    return [rule for rule in rules if rule.kind in BY_SOURCE]


def _of_rule(rule: Rule, counted: pl.DataFrame, fills: Fills | None) -> dict[str, dict[str, int]]:
    told = counted.group_by("source", "code").agg(pl.col("n").sum()).sort("source", "code")
    filling = [source for source, subject in fills or () if subject == rule.subject]
    if filling:  # where none does, contracts say it for the source (a constant): which of its rows there are is what it tells
        told = told.filter(pl.col("source").is_in(filling))
    sources = told["source"].unique(maintain_order=True).to_list()
    return {f"{rule.name}.{one}": dict(told.filter(source=one).select("code", "n").iter_rows()) for one in sources}


def share_columns(rules: list[Rule]) -> list[exp.Expr]:
    """The codes of all rules of one table, and whether each rule looks at a row: what its rows are counted by."""
    seen = [exp.and_(parse_one(rule.of, dialect="duckdb"), code_known(rule)) for rule in rules]
    codes = [exp.alias_(exp.column(rule.column or ""), f"code_{place}") for place, rule in enumerate(rules)]
    return [*codes, *(exp.alias_(condition, f"looked_{place}") for place, condition in enumerate(seen))]
