"""What a study publishes of the envelopes of its curves: envelope.csv at the ticks, and the band that the figure draws."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import polars as pl

from schemas.study import ENVELOPE, TIME_DEPENDENT
from warehouse.suppressing.analyses import tick_days
from warehouse.survival import envelope
from warehouse.survival.analyses import NOT_BEGUN, TOO_WIDE, Analysis
from warehouse.survival.late_entry import first_day

if TYPE_CHECKING:
    from warehouse.survival.estimate import Row, Task

KEY = {"analysis": pl.String, "endpoint": pl.String, "arm": pl.String}
BOUNDS = {"lower": pl.Float64, "upper": pl.Float64, "bounds": pl.String}
ENVELOPES = {**KEY, "months": pl.Int64, "days": pl.Float64, **BOUNDS, "number_id": pl.String}
BANDS = {**KEY, "days": pl.Float64, **BOUNDS}
Find = Callable[[int], "Row"]


def publish(task: Task, times: pl.DataFrame, rows: pl.DataFrame) -> None:
    """Adds the envelope of one curve. `times`: what the curve is of; `rows`: all whose it may be (`bounded`).

    An arm that changes with time has none: there an event would come and go with the days.
    """
    find = _bounds(rows, task.analysis.begins)
    if find is None:
        return
    # Before the first is at risk, and after the last has left, there is no curve.
    ticks = [(months, days) for months, days in tick_days(task.study, task.endpoint) if days >= first_day(times)]
    last = float(times["days"].max())  # type: ignore[arg-type]  # an Int64 column
    task.made.envelope += [_row(task, months, days, find(int(days))) for months, days in ticks if days <= last]
    task.made.bands += [task.key | {"days": days} | find(int(days)) for days in _months(task, ticks, last)]


def has_envelope(one: Analysis) -> bool:
    """Whether the curves of an analysis have an envelope."""
    return one.study.date_convention == ENVELOPE and one.name != TIME_DEPENDENT


def _bounds(rows: pl.DataFrame, begins: int) -> Find | None:
    """The bounds on a day of the analysis; None where it is not known of everyone whether her time ended by the event."""
    women = rows.filter(~pl.col("risk_state").is_in([NOT_BEGUN, TOO_WIDE]))
    if women["is_event"].null_count():
        return None
    is_late = bool((women["entry_latest_days"].fill_null(begins + 1) > begins).any())
    name = envelope.OUTER if is_late or not women["is_certain"].all() else envelope.SHARP

    def find(day: int) -> Row:
        lower, upper = envelope.outer(women, day + begins) if is_late else envelope.sharp(women, day + begins, begins)
        return {"lower": lower, "upper": upper, "bounds": name}

    return find


def _months(task: Task, ticks: list[tuple[int, float]], last: float) -> Iterator[float]:
    """The days on which the band is drawn: every month between the ticks, as long as there is a curve."""
    if ticks:
        for months in range(ticks[0][0], ticks[-1][0] + 1):
            if (days := months * float(task.study.days_per_month)) <= last:
                yield days


def _row(task: Task, months: int, days: float, found: Row) -> Row:
    row, who = f"{task.analysis.name}_{task.endpoint.endpoint}_{months}", task.analysis.included(task.arm)
    values = {column: float(str(found[column])) for column in ("lower", "upper")}
    named = {name: task.numbers.number("envelope", row, name, task.arm, value=value, subjects=who) for name, value in values.items()}
    return {**task.key, "months": months, "days": days, **found, "number_id": named["lower"]}
