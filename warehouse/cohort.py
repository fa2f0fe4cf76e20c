"""Cohort counts: how many are left after each step, where they went, and who is in which arm and group."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import polars as pl
from sqlglot import exp

from schemas.study import Study
from warehouse import ddl, mart, numbers
from warehouse.numbers import ALL, Numbers, analysed, still_in, subjects

ANALYSED = "analysed"
ARM_STEP = "arm"
DELIVERED = "delivered"
HELD = "held"
NO_TUMOUR = "no_tumour"
LEFT = ".left"
UNDETERMINED = ".undetermined"
COLUMNS = {"step": pl.String, "label": pl.String, "parent": pl.String, "arm": pl.String, "n": pl.Int64, "number_id": pl.String}


@dataclass(frozen=True)
class Cohort:
    """The counts of one study. `counts`: one row per step and arm, identified by both, in the order of the flow.

    `arms`: those with women. `held_share`: those held, of those held and analysed together.
    """

    counts: pl.DataFrame
    arms: tuple[str, ...]
    held_share: float

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
    rows = [*_delivered(con, study, groups), *_steps(study, groups), *_analysed(study, groups), *_subgroups(study, groups)]
    named = [
        (r.step, r.label, r.parent, r.arm, r.n, made.number("cohort_counts", r.row, r.column, r.arm, value=r.n, subjects=r.who))
        for r in rows
    ]
    counts = pl.DataFrame(named, schema=COLUMNS, orient="row")
    present = tuple(arm.arm for arm in study.arms if _sum(groups, pl.col("is_analysed"), pl.col("arm") == arm.arm))
    cohort = Cohort(counts, present, 0.0)
    held, whole = cohort.n(HELD), cohort.n(HELD) + cohort.n(ANALYSED)
    return Cohort(counts, present, held / whole if held else 0.0)


def _grouped(study: str) -> exp.Select:
    keys = [ddl.field(name) for name in ("is_analysed", "excluded_step", "is_undetermined", "arm", "subgroup")]
    count = exp.alias_(exp.Count(this=exp.Star()), "n")
    return exp.select(*keys, count).from_(ddl.named("mart_subject")).where(ddl.field("study").eq(study)).group_by(*keys)


def _sum(groups: pl.DataFrame, *conditions: pl.Expr) -> int:
    return int(groups.filter(*conditions)["n"].sum())


def _count(con: duckdb.DuckDBPyConnection, who: exp.Expr) -> int:
    counted = exp.select(exp.Count(this=exp.Star())).from_(exp.Subquery(this=who.copy(), alias=ddl.identifier("who")), copy=False)
    return int(con.sql(counted.sql("duckdb")).fetchall()[0][0])


def opening(study: Study) -> tuple[str, str]:
    """Name and label of the row that counts everyone delivered: the first step where it keeps everyone, else one of ours."""
    first = study.steps[0]
    return (first.step, first.label) if first.keeps_everyone else (DELIVERED, f"{study.subjects.capitalize()} delivered")


def _delivered(con: duckdb.DuckDBPyConnection, study: Study, groups: pl.DataFrame) -> Iterator[Row]:
    """Everyone delivered, and who is in no step: those held (by arm where it is known) and those without a tumour."""
    name, label = opening(study)
    yield Row(name, label, "", ALL, _count(con, numbers.delivered()), numbers.delivered(), name)
    held = _sum(groups, pl.col("excluded_step") == HELD) + _count(con, numbers.taken(study.study))
    if held:
        yield Row(HELD, "Held until the source is mended", name, ALL, held, numbers.held(study.study), HELD)
    for arm in study.arms:
        n = _sum(groups, pl.col("excluded_step") == HELD, pl.col("arm") == arm.arm)
        if n:
            yield Row(HELD, arm.label, name, arm.arm, n, subjects("mart_subject", study.study, arm.arm, excluded_step=HELD), HELD)
    bare = _count(con, numbers.without_tumour(study.study))
    if bare:
        yield Row(NO_TUMOUR, "No tumour delivered", name, ALL, bare, numbers.without_tumour(study.study), NO_TUMOUR)


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
