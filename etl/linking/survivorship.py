"""Columns for which something else than the order of trust decides which delivery of a record survives (docs/linkage.md).

`latest`: of dates that cannot be one, the latest. `dead_wins`: a death beats a state of being alive. `with_latest`: the
value told with the latest contact. A contact after a death is kept as it is; the edits judge it.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from schemas.linkage import Rule

DEAD = "dead"
CONTACT = "contact"
LATEST_FIRST = "newest"
NEVER = 1 << 29  # further back than any day of the calendar


def column_rules(record: str, rules: Mapping[str, Rule]) -> dict[str, Rule]:
    """The rules of one kind of record by column, those that leave it to the order of trust left out."""
    parts = ((name.split(".", 1), rule) for name, rule in rules.items())
    return {column: rule for (of, column), rule in parts if of == record and rule != "trust"}


def with_newest(groups: pl.DataFrame) -> pl.DataFrame:
    """`groups` with a number for the contact of each piece, the less the later it is; on the calendar, else in days since an anchor."""
    day, days = (_last(groups, unit) for unit in ("date", "offset_days"))
    reached = day.fill_null(-NEVER) * (1 << 33) + days.fill_null(-(1 << 32))  # the day first, then the days, each below 33 bits
    return groups.with_columns((-reached).alias(LATEST_FIRST))


def _last(groups: pl.DataFrame, unit: str) -> pl.Expr:
    ends = [name for end in ("latest", "earliest") if (name := f"{CONTACT}_{end}_{unit}") in groups.columns]
    return pl.coalesce(*ends, pl.lit(None)).cast(pl.Int64)


def survivor(values: pl.Series, rule: Rule) -> pl.Expr:
    """The value of each group that the rule chooses, in the order of trust where it does not decide."""
    column = pl.col(values.name)
    if rule == "dead_wins":
        return pl.when((column == DEAD).any()).then(pl.lit(DEAD)).otherwise(column.first(ignore_nulls=True)).alias(values.name)
    known = column.is_not_null()
    return column.filter(known).sort_by(pl.col(LATEST_FIRST).filter(known), maintain_order=True).first().alias(values.name)
