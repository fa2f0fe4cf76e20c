"""Times with late entry: the set at risk and the product-limit estimate over it (at risk at t: entry < t <= exit).

The estimate is that of R's `survfit(Surv(entry, exit, event))`. Who enters on day 0 is at risk from the origin, day 0 included.
"""

from __future__ import annotations

import polars as pl

FROM_THE_ORIGIN = -1


def is_late(times: pl.DataFrame) -> bool:
    """Whether anybody enters after the origin."""
    return bool(times.select((pl.col("entry_days") > 0).any()).item())


def sets_at_risk(times: pl.DataFrame) -> pl.DataFrame:
    """One row per day on which somebody leaves, in order: `days`, `at_risk`, `events`, `censored`, and `entering` that day.

    `times`: columns entry_days, days, is_event and n. Those entering on a day are at risk from the next day on.
    """
    leaving = times.group_by("days").agg(
        events=pl.col("n").filter(pl.col("is_event")).sum(), censored=pl.col("n").filter(~pl.col("is_event")).sum()
    )
    from_day = pl.when(pl.col("entry_days") > 0).then("entry_days").otherwise(FROM_THE_ORIGIN).alias("days")
    entering = times.group_by(from_day).agg(entering=pl.col("n").sum())
    days = leaving.join(entering, on="days", how="full", coalesce=True).sort("days").fill_null(0)
    before = (pl.col("entering") - pl.col("events") - pl.col("censored")).cum_sum().shift(1, fill_value=0)
    return days.with_columns(at_risk=before)


def product_limit(times: pl.DataFrame) -> pl.DataFrame:
    """`sets_at_risk` where somebody leaves, with `survival` S(t)."""
    left = sets_at_risk(times).filter(pl.col("events") + pl.col("censored") > 0)
    return left.with_columns(survival=(1 - pl.col("events") / pl.col("at_risk")).cum_prod())


def first_day(times: pl.DataFrame) -> int:
    """The day from which somebody is at risk: nothing is known before it, and S(t) is of those who had no event by then."""
    return max(0, int(times.select(pl.col("entry_days").min()).item()))


def empty_from(times: pl.DataFrame) -> int | None:
    """The first day on which the estimate ends although others enter then or later; None where there is none.

    S(t) is 0 from there if all at risk had the event (or, with a column `cause`, ended by any cause), also where others enter on that
    very day, who are at risk from the next. Where some were censored it says nothing of the days without anybody.
    """
    ended = pl.col("cause").is_not_null() if "cause" in times.columns else pl.col("is_event")
    sets = sets_at_risk(times.with_columns(is_event=ended))
    days = sets.with_columns(after=pl.col("at_risk") + pl.col("entering") - pl.col("events") - pl.col("censored"))
    last = days.filter(pl.col("entering") > 0)["days"].max()
    is_zero = (pl.col("at_risk") > 0) & (pl.col("at_risk") == pl.col("events"))
    is_over = (pl.col("after") == 0) & (pl.col("days") < last) | is_zero & (pl.col("days") <= last)
    empty = days.filter(is_over)["days"]
    return int(empty[0]) if len(empty) else None


def entering_from(times: pl.DataFrame, day: int) -> int:
    """How many enter on a day or later; of those at risk from the origin none."""
    return int(times.filter(pl.col("entry_days") >= max(day, 1))["n"].sum())
