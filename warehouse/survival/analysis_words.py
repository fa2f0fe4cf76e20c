"""What a figure says of its analysis: where its time begins, and what a reader of its curves has to know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from schemas.candidate import known
from schemas.study import DELAYED_ENTRY, LANDMARK, TIME_DEPENDENT
from warehouse.survival.analyses import Analysis, cautions


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
    label = next(item.label for item in known(one.study.columns).items if item.column == name)
    return label[0].lower() + label[1:]
