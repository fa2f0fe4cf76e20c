"""What a figure says of its analysis: where its time begins, and what a reader of its curves has to know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from schemas.candidate import known
from schemas.study import CURVES, DELAYED_ENTRY, LANDMARK, TIME_DEPENDENT
from warehouse.summary import rounded
from warehouse.survival.analyses import Analysis, cautions
from warehouse.survival.figure_letters import drawable
from warehouse.survival.logrank import CHI_SQUARE


def time_begins(one: Analysis) -> str:
    """Since when the months of the axis are counted."""
    if one.name == LANDMARK:
        return f"the landmark {one.begins} days after {_date(one, one.endpoint.origin)}"
    return _date(one, one.endpoint.origin)


def banners(one: Analysis, arms: Sequence[tuple[str, str]], curves: pl.DataFrame) -> Iterator[str]:
    """One sentence each: what the times leave out of account, or how they were counted. `arms`: those drawn, with their labels."""
    immortal = [label for arm, label in arms if "immortal_time" in cautions(one, arm)]
    if immortal:
        yield f"Immortal time (decided after the time begins): {', '.join(immortal)}"
    if any(DELAYED_ENTRY in cautions(one, arm) for arm, _ in arms):
        yield f"Delayed entry not heeded: nobody leaves before {_date(one, one.endpoint.entry or '')}"
    if one.name == DELAYED_ENTRY:
        yield "Delayed entry: at risk in an arm from the day it is decided"
    if one.name == TIME_DEPENDENT:
        yield "Time-dependent (Simon-Makuch): in the arm decided by then"
    if one.name == LANDMARK:
        yield "Landmark: arms as decided by then, of those still followed"
    if one.name in (DELAYED_ENTRY, TIME_DEPENDENT) and one.endpoint.entry is not None:
        yield f"At risk from {_date(one, one.endpoint.entry)} on"
    late = [label for arm, label in arms if arm in late_arms(curves)]
    if late:
        yield f"Drawn from the first entry on: {', '.join(late)}"


def among(one: Analysis) -> str:
    """Whom the endpoint is about, by the label of the flag that says it, else by the condition as the study writes it; empty: all."""
    text = (one.endpoint.among or "").strip()
    if not text:
        return ""
    columns = known(one.study.columns)
    flag = columns.item(text)
    condition = drawable(" ".join(text.split()), "the study's condition 'among'") if flag is None else drawable(_lower(flag.label), text)
    return f"Only {one.study.subjects} {'for whom' if flag is None else 'with'}: {condition}"


def estimator(one: Analysis) -> str:
    """Whose estimate the curves are."""
    if one.endpoint.competing:
        return "Aalen-Johansen"
    return "Simon-Makuch" if one.name == TIME_DEPENDENT else "Kaplan-Meier"


def test_line(one: Analysis, test: Mapping[str, Any], drawn: Sequence[tuple[str, str]], *, is_exact: bool) -> str:
    """One test of logrank.csv; which arms it compares is said wherever others are drawn too, how p was made where not by chi-square.

    Beside hidden counts p is known to two digits (not `is_exact`): a third would be made up.
    """
    compared = test["arms"].split(", ")
    every = {arm for arm, _ in drawn} == set(compared)
    named = "" if every else f" ({', '.join(label for arm, label in drawn if arm in compared)})"
    made = "" if test["method"] == CHI_SQUARE else f", by {test['method']}"
    return f"{'Mantel-Byar' if one.name == TIME_DEPENDENT else 'Log-rank'} test{named}: {p_text(test['p'], is_exact=is_exact)}{made}"


def p_text(p: float, *, is_exact: bool = True) -> str:
    """A p-value as journals print it (AMA Manual of Style 19.5: none is 0 and none is 1); of one that is known to two digits no third.

    Rounded half up like every printed number: an exact test of few women gives 0.0625, which is no 0.062.
    """
    if p < 0.001 or p > 0.99:
        return "p < 0.001" if p < 0.001 else "p > 0.99"
    return f"p = {rounded(p, 3 if is_exact or p < 0.1 else 2)}"


def conventions(one: Analysis, arms: Sequence[tuple[str, str]], survival: pl.DataFrame, *, is_exact: bool) -> Iterator[str]:
    """One sentence each: what was decided about days that are not certain. `survival`: the rows of the analysis and endpoint.

    Counts are given of exact rows only; beside hidden counts the rule alone is told, whether it decided anything or not.
    """
    study, curves = one.study, survival.filter(pl.col("estimator").is_in(CURVES))
    if study.takes_middle and not is_exact:
        yield f"Dates not certain to the day: the middle is taken; left out where more than {study.max_width_days} days are open."
    elif study.takes_middle:
        found = {row["arm"]: row for row in curves.iter_rows(named=True)}
        of = {label: found[arm] for arm, label in arms if arm in found}
        middles = [f"{label} {row['uncertain']} of {row['n']}" for label, row in of.items() if row["uncertain"]]
        if middles:
            widest = max(row["widest_days"] for row in of.values() if row["uncertain"])
            yield f"Middle taken of times not certain to the day (at most {widest} days open): {'; '.join(middles)}."
        if out := [f"{label} {row['left_out']}" for label, row in of.items() if row["left_out"]]:
            yield f"Left out (see survival.csv): {'; '.join(out)}."
    if study.death_date == "last_contact" and "death" in one.endpoint.dates:
        yield "A death without a date is counted on the day of the last contact."


def late_arms(curves: pl.DataFrame) -> set[str]:
    """The arms in which nobody is at risk on the first day."""
    first = curves.group_by("arm").agg(pl.col("at_risk").sort_by("days").first())
    return set(first.filter(pl.col("at_risk") == 0)["arm"])


def drawn_from(curves: pl.DataFrame, survival: pl.DataFrame) -> pl.DataFrame:
    """The curves from where somebody is at risk (`from_days` of survival.csv, where it stands)."""
    first = survival.select("arm", "from_days").drop_nulls().unique("arm", maintain_order=True)
    begins = pl.max_horizontal(pl.col("days"), pl.col("from_days").fill_null(0.0)).alias("days")
    return curves.join(first, on="arm", how="left", maintain_order="left").with_columns(begins).drop("from_days")


def _date(one: Analysis, name: str) -> str:
    return _lower(drawable(next(item.label for item in known(one.study.columns).items if item.column == name), name))


def _lower(label: str) -> str:
    return label[0].lower() + label[1:]
