"""Which tumours there are: the first of every person but the thirteen, and second ones of the other breast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from etl.simulate.known import flags, where
from etl.simulate.lives import FIRST_IIIC, NEVER, Lives
from etl.simulate.times import Days, Draws, Flags, years

SHORTEST_LIFE = 900  # days from diagnosis to the end in which a second tumour has room


@dataclass(frozen=True)
class Cases:
    """One row per tumour: whose it is (`row` of the persons), its stage group, and the days between which it is treated.

    `limit`: the distant recurrence or the last contact; treatment of the primary ends there. `after`: what is given after
    the recurrence (null of second tumours, which have none).
    """

    row: NDArray[np.int64]
    tumour_no: Days
    outcome: pl.Series
    stage: pl.Series
    sex: pl.Series
    age: Days
    diagnosis: Days
    start: Days
    limit: Days
    distant: Days
    after: pl.DataFrame
    is_right: Flags


def cases(life: Lives, sex: pl.Series, seed: int) -> Cases:
    """First tumours in the order of the persons, then the second ones."""
    n = len(life.age)
    draws = Draws(seed, "second_tumour", n)
    limit = np.minimum(life.contact, life.distant)
    wait = _wait(draws, life, limit)
    rows = np.concatenate([np.arange(n), np.flatnonzero(wait)])
    is_later = np.arange(len(rows)) >= n
    later_wait = np.where(is_later, wait[rows], 0).astype(np.int32)
    diagnosis = life.diagnosis[rows] + later_wait
    delay = np.where(is_later, draws.along("delay", "start_delay")[rows], (life.start - life.diagnosis)[rows])
    return Cases(
        row=rows,
        tumour_no=np.where(is_later, 2, 1).astype(np.int32),
        outcome=where(is_later, "no_recurrence", life.outcome.gather(rows)),
        stage=where(is_later, _later_stage(seed, diagnosis), life.stage.gather(rows)),
        sex=sex.gather(rows),
        age=life.age[rows] + later_wait // 365,
        diagnosis=diagnosis,
        start=(diagnosis + delay).astype(np.int32),
        limit=limit[rows],
        distant=np.where(is_later, NEVER, life.distant[rows]).astype(np.int32),
        after=life.after[rows].select(pl.when(pl.Series(~is_later)).then(pl.all())),
        is_right=draws.happens("is_right", 0.49)[rows] ^ is_later,
    )


def _wait(draws: Draws, life: Lives, limit: Days) -> Days:
    """Days from the first to the second tumour; 0 without one. It is treated before the limit of the first."""
    span = limit.astype(np.int64) - life.diagnosis
    has_second = draws.happens("second", 0.045) & (span > SHORTEST_LIFE) & ~flags(life.outcome == "de_novo")
    days = 400 + np.floor(draws.uniform("second_day") * np.maximum(span - 700, 0))
    return np.where(has_second, days, 0).astype(np.int32)


def _later_stage(seed: int, diagnosis: Days) -> pl.Series:
    drawn: Any = Draws(seed, "second_stage", len(diagnosis)).code("stage.no_recurrence")
    return where(flags(drawn == "IIIC") & (years(diagnosis) < FIRST_IIIC), "IIIA", drawn)
