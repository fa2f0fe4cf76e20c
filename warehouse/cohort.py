"""Cohort counts: how many women are left after each step, where they went, and who is in which arm and group."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import polars as pl
from sqlglot import exp

from schemas.study import Study
from warehouse import ddl, mart
from warehouse.numbers import ALL, Numbers, analysed, still_in, subjects

ANALYSED = "analysed"
ARM_STEP = "arm"
HELD = "held"
COLUMNS = {"step": pl.String, "label": pl.String, "parent": pl.String, "arm": pl.String, "n": pl.Int64, "number_id": pl.String}


@dataclass(frozen=True)
class Cohort:
    """The counts of one study. `counts`: one row per step and arm, identified by both, in the order of the flow."""

    counts: pl.DataFrame
    arms: tuple[str, ...]
    held_share: float

    def n(self, step: str, arm: str = ALL) -> int:
        """Women at a step in an arm; 0 where there is no such row."""
        found = self.counts.filter(pl.col("step") == step, pl.col("arm") == arm)["n"]
        return int(found[0]) if found.len() else 0


def count_cohort(con: duckdb.DuckDBPyConnection, study: Study, numbers: Numbers) -> Cohort:
    """Counts the cohort of one study from mart_subject; registers every count."""
    groups = mart.frame(con, _grouped(study.study))
    rows = [*_steps(study, groups), *_analysed(study, groups), *_subgroups(study, groups)]
    held = _held(con)
    if held:
        rows.insert(1, (HELD, "Held until the source is mended", study.steps[0].step, ALL, held, _held_subjects()))
    named = [(*row[:5], numbers.number("cohort_counts", row[0], "n", row[3], value=row[4], subjects=row[5])) for row in rows]
    counts = pl.DataFrame(named, schema=COLUMNS, orient="row")
    present = tuple(arm.arm for arm in study.arms if _sum(groups, pl.col("is_analysed"), pl.col("arm") == arm.arm))
    total = _sum(groups, pl.lit(True))
    return Cohort(counts, present, held / (held + total) if held else 0.0)


Row = tuple[str, str, str, str, int, exp.Select]


def _grouped(study: str) -> exp.Select:
    keys = [ddl.field(name) for name in ("is_analysed", "excluded_step", "is_undetermined", "arm", "subgroup")]
    count = exp.alias_(exp.Count(this=exp.Star()), "n")
    return exp.select(*keys, count).from_(ddl.named("mart_subject")).where(ddl.field("study").eq(study)).group_by(*keys)


def _sum(groups: pl.DataFrame, *conditions: pl.Expr) -> int:
    return int(groups.filter(*conditions)["n"].sum())


def _steps(study: Study, groups: pl.DataFrame) -> list[Row]:
    names = [step.step for step in study.steps]
    labels = [step.label for step in study.steps]
    if _sum(groups, pl.col("excluded_step") == ARM_STEP):
        names, labels = [*names, ARM_STEP], [*labels, "Arm known"]
    rows: list[Row] = []
    for place, (name, label) in enumerate(zip(names, labels, strict=True)):
        later = [*names[place + 1 :]]
        left = _sum(groups, pl.col("is_analysed") | pl.col("excluded_step").is_in(later))
        rows.append((name, label, names[place - 1] if place else "", ALL, left, still_in(study.study, later)))
        doubtful = _sum(groups, pl.col("excluded_step") == name, pl.col("is_undetermined"))
        if doubtful:
            who = subjects("mart_subject", study.study, ALL, excluded_step=name, is_undetermined=True)
            rows.append((f"{name}.undetermined", f"{label}: cannot be judged", name, ALL, doubtful, who))
    return rows


def _analysed(study: Study, groups: pl.DataFrame) -> list[Row]:
    parent = ARM_STEP if _sum(groups, pl.col("excluded_step") == ARM_STEP) else study.steps[-1].step
    arms = [(arm.arm, arm.label, _sum(groups, pl.col("is_analysed"), pl.col("arm") == arm.arm)) for arm in study.arms]
    rows = [(ALL, "Analysed", _sum(groups, pl.col("is_analysed"))), *arms]
    return [(ANALYSED, label, parent, arm, n, analysed(study.study, arm)) for arm, label, n in rows]


def _subgroups(study: Study, groups: pl.DataFrame) -> list[Row]:
    rows: list[Row] = []
    for group in study.subgroups:
        n = _sum(groups, pl.col("is_analysed"), pl.col("arm") == group.arm, pl.col("subgroup") == group.subgroup)
        who = subjects("mart_subject", study.study, group.arm, is_analysed=True, subgroup=group.subgroup)
        rows.append((f"{group.arm}.{group.subgroup}", group.label, ANALYSED, group.arm, n, who))
    return rows


def _held_subjects() -> exp.Select:
    """Persons with an error that is certain and none of whose records was loaded."""
    loaded = exp.select(exp.column("patient_key")).from_(exp.to_table("dim_patient"))
    found = exp.column("patient_key")
    return (
        exp.select(found)
        .distinct()
        .from_(exp.to_table("fact_finding"))
        .where(
            exp.column("severity").eq("error"),
            exp.column("outcome").eq("violated"),
            found.copy().isin(query=loaded).not_(),
            found.copy().is_(exp.null()).not_(),
        )
    )


def _held(con: duckdb.DuckDBPyConnection) -> int:
    return mart.frame(con, _held_subjects()).height
