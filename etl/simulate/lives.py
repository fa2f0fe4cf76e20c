"""The life of each person but the thirteen, in days: diagnosis, first treatment, recurrences, death, last contact.

Built backwards from the recurrence where there is one, so that it lies in the window exactly for the women of the study.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from etl.simulate.known import curve
from etl.simulate.paper import CLOSE, WINDOW
from etl.simulate.times import YEAR, Days, Draws, Flags, number, years

LAST_DAY = number(CLOSE)
EARLIEST_RECURRENCE = 8766  # 1994-01-01
PERIODS = {
    "in_window": (number(WINDOW[0]), number(WINDOW[1])),
    "before_window": (EARLIEST_RECURRENCE, number(WINDOW[0]) - 1),
    "after_window": (number(WINDOW[1]) + 1, LAST_DAY - 46),
}
TRASTUZUMAB_FROM = 13149  # 2006-01-01
FIRST_IIIC = 2003
# How much longer than average until the recurrence, by stage group.
PACE = {"I": 1.5, "IIA": 1.2, "IIB": 1.1, "IIIA": 0.9, "IIIB": 0.75, "IIIC": 0.75}
NEVER = np.iinfo(np.int32).max


@dataclass(frozen=True)
class Lives:
    """Columns of the persons; a day that never comes is NEVER."""

    outcome: pl.Series
    stage: pl.Series
    age: Days
    diagnosis: Days
    start: Days
    local: Days
    distant: Days
    second_distant: Days
    after: pl.DataFrame  # chemotherapy, trastuzumab, hormonal, reason; null where nothing came back
    after_day: Days
    death: Days
    contact: Days


def lives(people: pl.DataFrame, seed: int) -> Lives:
    """One life per row of `people` (see `groups_of`)."""
    draws = Draws(seed, "life", people.height)
    outcome, age = people["outcome"], draws.along("age", "age")
    recurs = outcome.is_in(list(PERIODS)).to_numpy()
    stage = _stage(draws, outcome, recurs)
    pace = stage.replace_strict(PACE, default=1.0, return_dtype=pl.Float64).fill_null(1.0).to_numpy()
    wait = draws.along("to_recurrence", "to_recurrence", pace)
    distant = np.where(recurs, _recurrence(draws, outcome), NEVER).astype(np.int32)
    delay = draws.along("start_delay", "start_delay")
    diagnosis = np.where(recurs, distant - wait - delay, draws.along("calendar", "calendar")).astype(np.int32)
    start = diagnosis + delay
    after = _after(draws, people, recurs, distant)
    death = _death(draws, outcome, after, age=age, diagnosis=diagnosis, start=start, distant=distant)
    local, outcome = _local(draws, outcome, start, distant, np.minimum(death, LAST_DAY))
    second = _second(draws, outcome, distant, np.minimum(death, LAST_DAY))
    treated = recurs & after["reason"].is_null().to_numpy()
    after_day = np.where(treated, distant + draws.between("after_day", 8, 45), NEVER).astype(np.int32)
    floor = np.maximum.reduce([start, *(np.where(day == NEVER, start, day) for day in (local, distant, second, after_day))])
    contact = _contact(draws, outcome, after["reason"], distant=distant, death=death, floor=floor)
    is_early = (stage == "IIIC").fill_null(False).to_numpy() & (years(diagnosis) < FIRST_IIIC)
    stage = pl.select(pl.when(pl.Series(is_early)).then(pl.lit("IIIA")).otherwise(stage).alias("stage"))["stage"]
    return Lives(outcome, stage, age, diagnosis, start, local, distant, second, after, after_day, death, contact)


def _stage(draws: Draws, outcome: pl.Series, recurs: Flags) -> pl.Series:
    """The stage group by what became of the person."""
    drawn = pl.DataFrame(
        {"outcome": outcome, "recurs": recurs, "late": draws.code("stage.recurrence"), "none": draws.code("stage.no_recurrence")}
    )
    fixed = pl.when(pl.col("outcome") == "in_situ").then(pl.lit("0")).when(pl.col("outcome") == "de_novo").then(pl.lit("IV"))
    return drawn.select(stage=fixed.when("recurs").then("late").otherwise("none"))["stage"]


def _recurrence(draws: Draws, outcome: pl.Series) -> Days:
    first = outcome.replace_strict({name: days[0] for name, days in PERIODS.items()}, default=0, return_dtype=pl.Int32).to_numpy()
    last = outcome.replace_strict({name: days[1] for name, days in PERIODS.items()}, default=0, return_dtype=pl.Int32).to_numpy()
    return draws.between("recurrence", first, last)


def _after(draws: Draws, people: pl.DataFrame, recurs: Flags, distant: Days) -> pl.DataFrame:
    """What is given after the distant recurrence: fixed for the women of the study, drawn for the others."""
    untreated = draws.happens("after_untreated", 0.25)
    hormonal = draws.happens("after_hormonal", 0.55) & ~untreated
    chemotherapy = (draws.happens("after_chemotherapy", 0.7) | ~hormonal) & ~untreated
    trastuzumab = draws.happens("after_trastuzumab", 0.2) & chemotherapy & (distant >= TRASTUZUMAB_FROM)
    drawn = {"chemotherapy": chemotherapy, "trastuzumab": trastuzumab, "hormonal": hormonal}
    is_drawn = pl.Series(recurs) & (people["outcome"] != "in_window")
    flags = [pl.when(is_drawn).then(pl.Series(values)).otherwise(people[name]).alias(name) for name, values in drawn.items()]
    reason = pl.when(is_drawn & pl.Series(untreated)).then(draws.code("after.reason")).otherwise(people["reason"]).alias("reason")
    return pl.select(*flags, reason)


def _death(draws: Draws, outcome: pl.Series, after: pl.DataFrame, *, age: Days, diagnosis: Days, start: Days, distant: Days) -> Days:
    """The day of death, NEVER where it lies after the last day of the registry."""
    share = draws.uniform("death")
    kind = after.select(
        kind=pl.when(pl.col("reason") == "treated_elsewhere").then(pl.lit("declined"))
        .when(pl.col("reason").is_not_null()).then("reason")
        .when("trastuzumab").then(pl.lit("trastuzumab")).when("chemotherapy").then(pl.lit("chemotherapy"))
        .when("hormonal").then(pl.lit("hormonal"))
        .when(outcome == "de_novo").then(pl.lit("de_novo"))
    )["kind"]  # fmt: skip
    shares, values = curve("remaining")
    death = diagnosis + np.floor(np.interp(share, shares, values) * (102 - age) * YEAR)
    death = np.maximum(death, start + 30)
    for name in kind.drop_nulls().unique(maintain_order=True):
        rows = (kind == name).fill_null(False).to_numpy()
        begin = start if name == "de_novo" else distant
        death[rows] = begin[rows] + np.floor(np.interp(share[rows], *curve(f"survival.{name}")))
    return np.where(death <= LAST_DAY, death, NEVER).astype(np.int32)


def _local(draws: Draws, outcome: pl.Series, start: Days, distant: Days, end: Days) -> tuple[Days, pl.Series]:
    """The local recurrence of those who have no other, and of a tenth of the others; where life is too short for one there is none."""
    only = (outcome == "local_only").to_numpy()
    before = (distant != NEVER) & draws.happens("local_too", 0.1)
    until = np.where(only, end, distant).astype(np.int64)
    fits = (only | before) & (until - start > 700)
    day = start + 260 + np.floor(draws.uniform("local") * np.maximum(until - start - 320, 0))
    kept = pl.select(pl.when(pl.Series(only & ~fits)).then(pl.lit("no_recurrence")).otherwise(outcome).alias("outcome"))["outcome"]
    return np.where(fits, day, NEVER).astype(np.int32), kept


def _second(draws: Draws, outcome: pl.Series, distant: Days, end: Days) -> Days:
    """A second distant recurrence of some whose first lies before the window: it may lie inside, the first decides."""
    before = (outcome == "before_window").to_numpy() & draws.happens("second_distant", 0.35)
    span = end.astype(np.int64) - distant
    day = distant + 100 + np.floor(draws.uniform("second_day") * np.maximum(span - 150, 0))
    return np.where(before & (span > 300), day, NEVER).astype(np.int32)


def _contact(draws: Draws, outcome: pl.Series, reason: pl.Series, *, distant: Days, death: Days, floor: Days) -> Days:
    """The last contact with a hospital: shortly before death or the last day; some are lost, who went elsewhere at once."""
    in_study = (outcome == "in_window").to_numpy()
    lost = draws.happens("lost", np.where(in_study, 0.04, 0.15))
    end = np.where(death == NEVER, LAST_DAY, death).astype(np.int32)
    gap = draws.between("contact_gap", 0, np.where(death == NEVER, 365, 45).astype(np.int32))
    late = np.maximum(floor, end - gap)
    early = floor + np.floor(draws.uniform("lost_day") * (end - floor + 1)).astype(np.int32)
    elsewhere = (reason == "treated_elsewhere").fill_null(False).to_numpy()
    soon = np.minimum(distant.astype(np.int64) + draws.between("elsewhere_day", 5, 60), end)
    kept = np.where(elsewhere, np.maximum(soon, floor), np.where(lost & (death == NEVER), early, late))
    return kept.astype(np.int32)
