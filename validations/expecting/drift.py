"""How far the shares of the codes of one column moved from one release to the next: total variation distance.

Half the sum of the differences of the shares: 0 where they are the same, 1 where no code is in both. Codes of our lists and
counts only; the counts by code of a release stay in internal/, for small ones say much of few.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import polars as pl
from sqlglot import exp, parse_one

from validations.expecting.rules import Rule
from validations.report.measures import count_where

# A share is a fraction of two counts: what is lost in writing it as a decimal is no drift.
ROUNDING = 1e-9
# One row per drift expectation and code: rows that have it. What the next release compares with.
SHARES: dict[str, type[pl.DataType]] = {"expectation": pl.String, "code": pl.String, "n": pl.Int64}


@dataclass(frozen=True)
class Drift:
    """`distance` (0 to 1); the code whose share moved most, with that share before and now; all shares before."""

    distance: float
    code: str
    before: float
    now: float
    shares: Mapping[str, float]


def code_known(rule: Rule) -> exp.Expr:
    """SQL condition: the column of the rule has a code."""
    return exp.column(rule.column or "").is_(exp.null()).not_()


def code_counts(con: duckdb.DuckDBPyConnection, rule: Rule) -> dict[str, int]:
    """Rows of each code among those the rule looks at, sorted by code."""
    column = exp.column(rule.column or "")
    condition = exp.and_(parse_one(rule.of, dialect="duckdb"), code_known(rule))
    query = exp.select(column, exp.Count(this=exp.Star())).from_(rule.table).where(condition).group_by(column).order_by(column)
    return dict(con.sql(query.sql(dialect="duckdb")).fetchall())


def drift(now: Mapping[str, int], before: Mapping[str, int]) -> Drift:
    """Compare two counts by code, both of at least one row."""
    n, of = sum(now.values()), sum(before.values())
    shares = {code: (before.get(code, 0) / of, now.get(code, 0) / n) for code in sorted({*now, *before})}
    most = max(shares, key=lambda code: abs(shares[code][1] - shares[code][0]))
    distance = sum(abs(after - earlier) for earlier, after in shares.values()) / 2
    return Drift(distance, most, *shares[most], {code: earlier for code, (earlier, _) in shares.items() if earlier})


def distance_sql(rule: Rule, base: exp.Expr, shares: Mapping[str, float]) -> exp.Expr:
    """The same distance as one SQL aggregate over the rows of the table: codes that are new count with their whole share."""
    n = count_where(base)
    column = exp.column(rule.column or "")

    def share(condition: exp.Expr) -> exp.Expr:
        return exp.Div(this=count_where(exp.and_(base, condition)), expression=exp.Nullif(this=n.copy(), expression=exp.Literal.number(0)))

    moved: exp.Expr = share(column.isin(*(exp.Literal.string(code) for code in shares)).not_())
    for code, before in shares.items():
        difference = exp.Sub(this=share(column.eq(exp.Literal.string(code))), expression=exp.Literal.number(repr(before)))
        moved = exp.Add(this=moved, expression=exp.Abs(this=exp.paren(difference)))
    return exp.Div(this=exp.paren(moved), expression=exp.Literal.number(2))
