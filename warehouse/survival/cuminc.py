"""What a study publishes about competing events: cuminc.csv, with a number behind every row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import polars as pl
from sqlglot import exp

from schemas.study import AS_PUBLISHED, EVENT, Endpoint
from warehouse.numbers import DAY, by_day
from warehouse.suppressing.analyses import tick_days
from warehouse.suppressing.ticks import tick_row
from warehouse.survival import aalen_johansen
from warehouse.survival.late_entry import first_day

if TYPE_CHECKING:
    from warehouse.survival.estimate import Row, Task

CUMINC = {
    "analysis": pl.String, "endpoint": pl.String, "arm": pl.String, "cause": pl.String, "ci": pl.String,
    **{name: kind for name, kind in aalen_johansen.CURVE.items() if name != "cause"}, "number_id": pl.String,
}  # fmt: skip


def causes(endpoint: Endpoint) -> list[tuple[str, str]]:
    """Name and label of the event of an endpoint and of each that competes with it."""
    return [(EVENT, endpoint.label), *((other.competing, other.label) for other in endpoint.competing)]


def publish(task: Task, times: pl.DataFrame) -> Row:
    """Adds the curves of one endpoint and arm to cuminc.csv; gives what survival.csv says of them beside the counts."""
    curves = aalen_johansen.incidence(times, [name for name, _ in causes(task.endpoint)], task.study.confidence_interval)
    first = first_day(times)
    for (cause,), curve in curves.group_by("cause", maintain_order=True):
        task.made.cuminc += _rows(task, str(cause), curve)
        _tick_numbers(task, str(cause), curve, first)
    # The median of survival.csv is a curve's: an incidence that never reaches one half has none, and at one half it is no survival.
    return {
        "median_days": None,
        "horizon_days": task.endpoint.horizon_days,
        "from_days": None if task.analysis.name == AS_PUBLISHED else float(first),
    }


def incidence_row(analysis: str, endpoint: str, cause: str, when: object) -> str:
    """Row of a curve at a day, or at the start, as part of its number_id."""
    return f"{analysis}_{endpoint}_{cause}_{when}"


def _rows(task: Task, cause: str, curve: pl.DataFrame) -> Iterator[Row]:
    had = _had(task, cause)
    for place, step in enumerate(curve.iter_rows(named=True)):
        when = "start" if not place else str(int(step["days"]))
        # On day 0 nobody has had anything: the number is that of everyone.
        who = had(step["days"]) if place else task.analysis.included(task.arm)
        row = incidence_row(task.analysis.name, task.endpoint.endpoint, cause, when)
        name = task.numbers.number("cuminc", row, "incidence", task.arm, value=step["incidence"], subjects=who)
        yield {**task.key, "ci": task.study.confidence_interval, **step, "number_id": name}


def _had(task: Task, cause: str) -> Callable[[float], str]:
    """Gives the query of those whose time this cause ended by a day."""
    tests = (exp.column("cause").eq(cause), exp.column("point_days") <= DAY)
    on = by_day(task.analysis.included(task.arm, *tests))
    return lambda days: on(days + task.analysis.begins)


def _tick_numbers(task: Task, cause: str, curve: pl.DataFrame, first: int) -> None:
    """The curve at the ticks has numbers of its own where only that is shared: an id names the month, not the day."""
    had = _had(task, cause)
    for months, days in tick_days(task.study, task.endpoint) if task.study.min_cell > 1 else ():
        found = at_day(curve, days) if days >= first else None  # before the first is at risk nothing is known
        row = tick_row(task.analysis.name, f"{task.endpoint.endpoint}_{cause}", months)
        value = found["incidence"] if found is not None else None
        task.numbers.number("cuminc", row, "incidence", task.arm, value=value, subjects=had(days))


def at_day(curve: pl.DataFrame, days: float) -> dict[str, float | None] | None:
    """The row in force at a day; None beyond the last time, where nobody is followed any more."""
    reached = days <= float(curve["days"].max())  # type: ignore[arg-type]  # a Float64 column
    return curve.filter(pl.col("days") <= days).row(-1, named=True) if reached else None
