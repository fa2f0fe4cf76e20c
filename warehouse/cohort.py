"""Cohort counts: how many are left after each step, where they went, and who is in which arm and group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import duckdb
import polars as pl
from sqlglot import exp

from schemas.checks.study import DELIVERED
from schemas.primary_site import said
from schemas.study import Study
from warehouse import ddl, mart, numbers
from warehouse.numbers import ALL, HELD, LEFT, UNDETERMINED, Numbers, analysed, held_as, held_in, over_kept, still_in, subjects

ANALYSED = "analysed"
ARM_STEP = "arm"
NO_TUMOUR = "no_tumour"
COLUMNS = {"step": pl.String, "label": pl.String, "parent": pl.String, "arm": pl.String, "n": pl.Int64, "number_id": pl.String}


@dataclass(frozen=True)
class Cohort:
    """The counts of one study. `counts`: one row per step and arm, identified by both, in the order of the flow.

    `arms`: those with women. `held_share`: those who are held and may be eligible, of them and the analysed together; in
    `held_shares` of each arm that has any, those held and known to belong there.
    """

    counts: pl.DataFrame
    arms: tuple[str, ...]
    held_share: float
    held_shares: Mapping[str, float] = field(default_factory=dict)

    def n(self, step: str, arm: str = ALL) -> int:
        """Women at a step in an arm; 0 where there is no such row."""
        found = self.counts.filter(pl.col("step") == step, pl.col("arm") == arm)["n"]
        return int(found[0]) if found.len() else 0


@dataclass(frozen=True)
class Row:
    """One count: `row` and `column` are parts of its number_id; `who` lists those counted."""

    step: str
    label: str
    parent: str
    arm: str
    n: int
    who: exp.Expr
    row: str
    column: str = "n"


def count_cohort(con: duckdb.DuckDBPyConnection, study: Study, made: Numbers) -> Cohort:
    """Counts the cohort of one study from mart_subject and those who have no row there; registers every count."""
    groups = mart.frame(con, _grouped(study.study))
    rows = [*_delivered(con, study), *_steps(study, groups), *_analysed(study, groups), *_subgroups(study, groups)]
    named = [
        (r.step, r.label, r.parent, r.arm, r.n, made.number("cohort_counts", r.row, r.column, r.arm, value=r.n, subjects=r.who))
        for r in rows
    ]
    counts = pl.DataFrame(named, schema=COLUMNS, orient="row")
    present = tuple(arm.arm for arm in study.arms if _sum(groups, pl.col("is_analysed"), pl.col("arm") == arm.arm))
    cohort = Cohort(counts, present, 0.0)
    of_arms = {arm.arm: _share(cohort.n(HELD, arm.arm), cohort.n(ANALYSED, arm.arm)) for arm in study.arms if cohort.n(HELD, arm.arm)}
    eligible = cohort.n(HELD) - cohort.n(f"{HELD}{LEFT}")
    return replace(cohort, held_share=_share(eligible, cohort.n(ANALYSED)), held_shares=of_arms)


def _share(held: int, analysed_: int) -> float:
    return held / (held + analysed_) if held else 0.0


def _grouped(study: str) -> exp.Select:
    keys = [ddl.field(name) for name in ("is_analysed", "excluded_step", "is_undetermined", "arm", "subgroup")]
    count = exp.alias_(exp.Count(this=exp.Star()), "n")
    return exp.select(*keys, count).from_(ddl.named("mart_subject")).where(ddl.field("study").eq(study)).group_by(*keys)


def _sum(groups: pl.DataFrame, *conditions: pl.Expr) -> int:
    return int(groups.filter(*conditions)["n"].sum())


def _count(con: duckdb.DuckDBPyConnection, who: exp.Expr) -> int:
    counted = exp.select(exp.Count(this=exp.Star())).from_(exp.Subquery(this=over_kept(who), alias=ddl.identifier("who")), copy=False)
    return int(con.sql(counted.sql("duckdb")).fetchall()[0][0])


def opening(study: Study) -> tuple[str, str]:
    """Name and label of the row that counts everyone delivered: the first step where it keeps everyone, else one of ours."""
    first = study.steps[0]
    return (first.step, first.label) if first.keeps_everyone else (DELIVERED, f"{study.subjects.capitalize()} delivered")


def _delivered(con: duckdb.DuckDBPyConnection, study: Study) -> Iterator[Row]:
    """Everyone delivered, and who is in no step: those held and those without a tumour of its organ."""
    name, label = opening(study)
    yield Row(name, label, "", ALL, _count(con, numbers.delivered()), numbers.delivered(), name)
    yield from _held(con, study, name)
    bare = _count(con, numbers.without_tumour(study.study))
    if bare:
        label = f"No tumour{said(study.primary_site)} delivered"
        yield Row(NO_TUMOUR, label, name, ALL, bare, numbers.without_tumour(study.study), NO_TUMOUR)


def _held(con: duckdb.DuckDBPyConnection, study: Study, opening_step: str) -> Iterator[Row]:
    """Those held: all, by arm where it is known, whose arm what is held leaves open, and whom a step certainly excludes."""
    n = dict(mart.frame(con, over_kept(held_as(study.study))).group_by("state").len().iter_rows())
    if not n:
        return
    yield Row(HELD, "Held until the source is mended", opening_step, ALL, sum(n.values()), numbers.held(study.study), HELD)
    for arm in study.arms:
        if of_arm := n.get(arm.arm):
            yield Row(HELD, arm.label, opening_step, arm.arm, of_arm, held_in(study.study, arm.arm), HELD)
    if doubtful := n.get(UNDETERMINED):
        step = f"{HELD}{UNDETERMINED}"
        yield Row(step, "Arm cannot be decided", HELD, ALL, doubtful, held_in(study.study, UNDETERMINED), step)
    if left := n.get(LEFT):
        yield Row(f"{HELD}{LEFT}", "Not eligible anyway", HELD, ALL, left, held_in(study.study, LEFT), HELD, "left")


def _steps(study: Study, groups: pl.DataFrame) -> Iterator[Row]:
    """Each step after the opening one: who is left, who left at it, and who of them could not be judged."""
    first, _ = opening(study)
    steps = [(step.step, step.label) for step in study.steps if step.step != first]
    if _sum(groups, pl.col("excluded_step") == ARM_STEP):
        steps.append((ARM_STEP, "Arm known"))
    before = first
    for place, (name, label) in enumerate(steps, start=1):
        later = [step for step, _ in steps[place:]]
        n = _sum(groups, pl.col("is_analysed") | pl.col("excluded_step").is_in(later))
        yield Row(name, label, before, ALL, n, still_in(study.study, later), name)
        left = pl.col("excluded_step") == name
        who = subjects("mart_subject", study.study, ALL, excluded_step=name)
        yield Row(f"{name}{LEFT}", f"Not: {label}", before, ALL, _sum(groups, left), who, name, "left")
        doubtful = _sum(groups, left, pl.col("is_undetermined"))
        if doubtful:
            who = subjects("mart_subject", study.study, ALL, excluded_step=name, is_undetermined=True)
            step = f"{name}{UNDETERMINED}"
            yield Row(step, f"{label}: cannot be judged", f"{name}{LEFT}", ALL, doubtful, who, step)
        before = name


def _analysed(study: Study, groups: pl.DataFrame) -> Iterator[Row]:
    parent = ARM_STEP if _sum(groups, pl.col("excluded_step") == ARM_STEP) else study.steps[-1].step
    whole = _sum(groups, pl.col("is_analysed"))
    yield Row(ANALYSED, "Analysed", parent, ALL, whole, analysed(study.study, ALL), ANALYSED)
    for arm in study.arms:
        n = _sum(groups, pl.col("is_analysed"), pl.col("arm") == arm.arm)
        yield Row(ANALYSED, arm.label, parent, arm.arm, n, analysed(study.study, arm.arm), ANALYSED)


def _subgroups(study: Study, groups: pl.DataFrame) -> Iterator[Row]:
    for group in study.subgroups:
        n = _sum(groups, pl.col("is_analysed"), pl.col("arm") == group.arm, pl.col("subgroup") == group.subgroup)
        who = subjects("mart_subject", study.study, group.arm, is_analysed=True, subgroup=group.subgroup)
        step = f"{group.arm}.{group.subgroup}"
        yield Row(step, group.label, ANALYSED, group.arm, n, who, step)
