"""How much of each field every source still fills, and how many of its contacts are fresh: counts of rows, never a value.

A row counts for each source that delivered or completed it, where a contract of the source fills the field.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import polars as pl
from sqlglot import exp

from schemas.items import items
from validations.expecting.baseline import KNOWN, ROWS, UNKNOWN
from validations.expecting.rules import VOLUME, Rule
from validations.expecting.source_shares import Fills
from validations.report.measures import concerns, count_where, known

CALENDAR = ("day", "month", "year")


def kept_rules(parts: Iterable[Rule], as_of: date | None, fills: Fills | None) -> list[Rule]:
    """Those of `with_parts` that look at rows, or at a field that a contract fills; nothing is fresh without an as-of date."""
    found = [rule for rule in parts if rule.kind != "drift" and (as_of is not None or rule.kind != "fresh")]
    return [rule for rule in found if rule.kind == VOLUME or fills is None or any(subject == rule.subject for _, subject in fills)]


def kept_of(rules: Sequence[Rule], counted: pl.DataFrame, fills: Fills | None) -> dict[str, dict[str, int]]:
    """By `NAME.SOURCE` the rows that know the field (that are fresh), and the others that it concerns; or all rows. counted: by source
    `kept_counts` (of `rules`), which add up. fills: the fields of each source; None: any may fill any.
    """
    names = [f"{part}_{place}" for place in range(len(rules)) for part in ("of", "hits")]
    found: dict[str, dict[str, int]] = {}
    for source, *counts in counted.group_by("source").agg(pl.col(names).sum()).sort("source").iter_rows():
        for rule, of, hits in zip(rules, counts[::2], counts[1::2], strict=True):
            if rule.kind == VOLUME:
                found[f"{rule.name}.{source}"] = {ROWS: of}
            elif of and (fills is None or (source, rule.subject) in fills):
                found[f"{rule.name}.{source}"] = {KNOWN: hits, UNKNOWN: of - hits}
    return found


def fresh_conditions(rule: Rule, as_of: date) -> tuple[exp.Expr, exp.Expr]:
    """SQL conditions: the row has a calendar date that was delivered; it is at most `max` days before the as-of date."""
    latest, precision = exp.column(f"{rule.column}_latest_date"), exp.column(f"{rule.column}_precision")
    since = exp.cast(exp.Literal.string((as_of - timedelta(days=int(rule.maximum or 0))).isoformat()), "date")
    return exp.and_(latest.is_(exp.null()).not_(), precision.isin(*CALENDAR)), exp.GTE(this=latest.copy(), expression=since)


def field_conditions(rule: Rule) -> tuple[exp.Expr, exp.Expr]:
    """SQL conditions: the field concerns the row; the row knows it."""
    column = rule.column or ""
    item = next(item for item in items(rule.table, "star") if item.column == column)
    return concerns(rule.table, column) or exp.true(), known(item)


def _conditions(rule: Rule, as_of: date | None) -> tuple[exp.Expr, exp.Expr]:
    if rule.kind == VOLUME:
        return exp.true(), exp.true()
    return fresh_conditions(rule, as_of) if rule.kind == "fresh" and as_of is not None else field_conditions(rule)


def kept_counts(rules: Sequence[Rule], as_of: date | None) -> list[exp.Expr]:
    """Of each rule the rows that it concerns, and of those the ones that are known or fresh."""
    counts: list[exp.Expr] = []
    for place, rule in enumerate(rules):
        of, hit = _conditions(rule, as_of)
        counts += [count_where(of).as_(f"of_{place}"), count_where(exp.and_(of.copy(), hit)).as_(f"hits_{place}")]
    return counts
