"""What each expectation rule meets in the warehouse, and whether it can be judged at all.

A rule over an empty table, over a field that no source delivers, or against a release that does not exist cannot be judged;
Great Expectations would call each of them a success.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
from sqlglot import exp, parse_one

from schemas.items import tables
from validations.by_source import by_source
from validations.expecting.baseline import CONCERNED, KNOWN, Baseline, Baselines, Shares, said
from validations.expecting.drift import Drift, code_counts, code_known, drift
from validations.expecting.rules import KEPT_BY_SOURCE, ROWS_BY_SOURCE, Rule
from validations.expecting.source_kept import field_conditions, fresh_conditions
from validations.expecting.source_shares import Fills
from validations.report.measures import COMPLETENESS, completeness, count_where, is_partial, row_counts


@dataclass(frozen=True)
class Measured:
    """Counts of one warehouse: rows by table, completeness of its fields, rows by code, the as-of date of the release."""

    rows: Mapping[str, int]
    fields: Mapping[str, tuple[int, int]]
    as_of: date | None
    shares: Shares = field(default_factory=dict)

    @property
    def completeness(self) -> pl.DataFrame:
        """COMPLETENESS: the fields again as they were counted."""
        rows = [(*name.split("."), *counted) for name, counted in self.fields.items()]
        return pl.DataFrame(rows, schema=COMPLETENESS, orient="row")

    def counts(self) -> dict[str, int]:
        """Rows by table, by `table.column` the rows in which the field is known, and how many it concerns where those are not all: what the
        next release compares with.
        """
        known_rows = {name: n - missing for name, (n, missing) in sorted(self.fields.items())}
        partly = {name: n for name, (n, _) in sorted(self.fields.items()) if is_partial(*name.split("."))}
        return {**self.rows, **known_rows, **{f"{name}{CONCERNED}": n for name, n in partly.items()}}


@dataclass(frozen=True)
class Planned:
    """One rule with the counts it is judged on.

    `problem`: why it cannot be judged. `of` and `hits`: the counts (`shares`: rows by code); `against`: the release they are compared
    with. `silent`: the comparison is whether an edit fell silent. `rows`: the number of rows behind the two counts, now and in that
    release, where these are not all rows of the table. `held`: the edits that keep back most of the missing rows.
    """

    rule: Rule
    problem: str = ""
    of: int = 0
    hits: int = 0
    minimum: float | None = None
    maximum: float | None = None
    base: exp.Expr = field(default_factory=exp.true)
    condition: exp.Expr = field(default_factory=exp.true)
    drift: Drift | None = None
    shares: Mapping[str, int] = field(default_factory=dict)
    against: Baseline | None = None
    silent: bool = False
    rows: tuple[int, int] | None = None
    held: str = ""


Plan = tuple[tuple[Planned, ...], Measured]


def measure(con: duckdb.DuckDBPyConnection, rules: Sequence[Rule] = (), fills: Fills | None = None) -> Measured:
    """Count what all rules need in one pass per table, and by code (of all and of each source) what the drift rules compare."""
    fields = {f"{table}.{column}": (n, missing) for table, column, n, missing in completeness(con).iter_rows()}
    dates = con.sql("select max(as_of) from release").fetchall()
    shares = {rule.name: code_counts(con, rule) for rule in rules if rule.kind == "drift"}
    parts = by_source(con, rules, dates[0][0], fills)
    return Measured(row_counts(con, tables("star")), fields, dates[0][0], {**shares, **parts})


def plan(warehouse: Path, rules: Sequence[Rule], earlier: Baselines, fills: Fills | None = None) -> Plan:
    """Every rule with what it meets in the warehouse file, and the counts themselves; `earlier`: what each is compared with.

    fills: the fields that each source fills. A rule that a field be kept is left out until some release knew the field: before that
    it promises nothing.
    """
    with duckdb.connect(str(warehouse), read_only=True) as con:
        return planned_of(con, rules, earlier, fills)


def planned_of(con: duckdb.DuckDBPyConnection, rules: Sequence[Rule], earlier: Baselines, fills: Fills | None) -> Plan:
    """The same over a connection to the warehouse; it is asked of the star alone."""
    measured = measure(con, rules, fills)
    planned = [_planned(con, rule, measured, earlier.get(rule.name)) for rule in rules if _is_due(rule, earlier)]
    return tuple(replace(one, against=earlier.get(one.rule.name)) for one in planned), measured


def _is_due(rule: Rule, earlier: Baselines) -> bool:
    before = earlier.get(rule.name)
    return rule.kind != "known_against_previous" or (before is not None and said(rule, before.counts) > 0)


def against(rule: Rule, measured: Measured, earlier: Baseline | None) -> Planned:
    """A rule that compares (rows, a field kept, shares) with an earlier release, none of it read from the warehouse again."""
    previous = earlier.counts if earlier is not None else {}
    match rule.kind:
        case "rows_against_previous":
            planned = _against_previous_rows(rule, measured.rows[rule.table], previous.get(rule.table, 0))
        case "known_against_previous":
            planned = _known_against_previous(rule, measured, previous)
        case _ if rule.kind == ROWS_BY_SOURCE:
            planned = _against_previous_rows(rule, sum(measured.shares.get(rule.name, {}).values()), sum(previous.values()))
        case _ if rule.kind == KEPT_BY_SOURCE:
            planned = _kept_by_source(rule, measured.shares.get(rule.name, {}), previous)
        case _:
            planned = _drift(rule, measured.shares.get(rule.name, {}), previous)
    return replace(planned, against=earlier)


def _planned(con: duckdb.DuckDBPyConnection, rule: Rule, measured: Measured, earlier: Baseline | None) -> Planned:
    previous = earlier.counts if earlier is not None else {}
    match rule.kind:
        case "columns":
            planned = Planned(rule)
        case "rows":
            planned = Planned(rule, hits=measured.rows[rule.table], minimum=rule.minimum, maximum=rule.maximum)
        case "required":
            n = measured.rows[rule.table]
            planned = Planned(rule, "" if n else "the table is empty", of=n, hits=n)
        case "known":
            planned = _known(rule, measured, previous)
        case "share":
            planned = _share(con, rule, _sql(rule.of), _sql(rule.where or "true"), "no row to judge")
        case "fresh":
            planned = _fresh(con, rule, measured.as_of)
        case _:
            planned = against(rule, measured, earlier)
    return planned


def _against_previous_rows(rule: Rule, n: int, before: int) -> Planned:
    if not before:
        return Planned(rule, "no row in an earlier release to compare with", hits=n)
    if not rule.enough(n, before):
        return Planned(rule, f"fewer than {rule.few:.0f} rows in the earlier release", hits=n)
    least, most = (None if bound is None else bound * before for bound in (rule.minimum, rule.maximum))
    return Planned(rule, of=before, hits=n, minimum=least, maximum=most)


def _known(rule: Rule, measured: Measured, previous: Mapping[str, int]) -> Planned:
    n, missing = measured.fields[rule.subject]
    problem = "no row concerns it" if not n else ""
    # Nothing known now, but known in the earlier release: that is a failure, not a field nobody delivers.
    if n and n == missing and not previous.get(rule.subject):
        problem = "no source delivers it"
    return Planned(rule, problem, n, n - missing, rule.minimum, rule.maximum, *field_conditions(rule))


def _known_against_previous(rule: Rule, measured: Measured, previous: Mapping[str, int]) -> Planned:
    """Compares how often a field is known, as a share of the rows that it concerns.

    So rows that are gone count as no loss (a smaller table is another expectation's business), nor do new rows of a source without the
    field. A release of an older version counted the rows of the table only.
    """
    before = previous.get(rule.subject, 0)
    n, missing = measured.fields[rule.subject]
    of, concerned = previous.get(f"{rule.subject}{CONCERNED}"), n
    rows = (concerned, of) if of is not None else None
    now, then = rows or (measured.rows[rule.table], previous.get(rule.table, 0))
    least = (rule.minimum or 0) * before * (min(1.0, now / then) if then else 1.0)
    return Planned(rule, "", before, n - missing, least, None, *field_conditions(rule), rows=rows)


def _kept_by_source(rule: Rule, now: Mapping[str, int], previous: Mapping[str, int]) -> Planned:
    """Of one source, as a share of its rows that the field concerns; what few rows lose says nothing."""
    before, of, n = said(rule, previous), sum(previous.values()), sum(now.values())
    expected = before * min(1.0, n / of) if of else 0.0
    if not before or (least := least_heard(rule, expected)) is None:
        return Planned(rule, "too few rows in one of the two releases", of=n)
    return Planned(rule, "", before, now.get(KNOWN, 0), least, shares=now, silent=True, rows=(n, of))


def least_heard(rule: Rule, expected: float) -> float | None:
    """How many known rows are the least that is not silence, of so many expected; None where nothing is expected."""
    if not rule.minimum or expected < max(1, rule.fewest):
        return None
    return 1 if expected < rule.few else rule.minimum * expected


def _share(con: duckdb.DuckDBPyConnection, rule: Rule, base: exp.Expr, condition: exp.Expr, nothing: str) -> Planned:
    query = exp.select(count_where(base), count_where(exp.and_(base, condition))).from_(rule.table)
    of, hits = con.sql(query.sql(dialect="duckdb")).fetchall()[0]
    return Planned(rule, "" if of else nothing, of, hits, rule.minimum, rule.maximum, base, condition)


def _fresh(con: duckdb.DuckDBPyConnection, rule: Rule, as_of: date | None) -> Planned:
    """Judged by counting recent rows, so that no date of a woman is observed. Windows derived by logic are no delivery."""
    if as_of is None:
        return Planned(rule, "the release has no as-of date")
    base, condition = fresh_conditions(rule, as_of)
    return replace(_share(con, rule, base, condition, "no calendar date is delivered"), maximum=None)  # which is in days


def _drift(rule: Rule, now: Mapping[str, int], before: Mapping[str, int]) -> Planned:
    n, of = sum(now.values()), sum(before.values())
    if not of:
        return Planned(rule, "nothing known in an earlier release to compare with", of=n)
    looked_at = exp.and_(_sql(rule.of), code_known(rule))
    if (least := least_heard(rule, of)) is not None and n < least:
        return Planned(rule, of=of, hits=n, minimum=least, base=looked_at, silent=True)
    if min(n, of) < rule.few:
        return Planned(rule, f"fewer than {rule.few:.0f} known rows in one of the two releases", of=n)
    return Planned(rule, of=n, maximum=rule.maximum, base=looked_at, drift=drift(now, before), shares=now)


def _sql(text: str) -> exp.Expr:
    return parse_one(text, dialect="duckdb")
