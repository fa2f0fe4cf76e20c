"""Kaplan-Meier estimate of counted times, as R's `survfit` gives it: intervals, medians, numbers at risk.

Times come aggregated (one row per entry, day and event flag, with the number of women), which lifelines takes as weights
and which equals the row-level fit. Its own intervals are log-log only and its medians follow another rule, so both are made here.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

import polars as pl

from schemas.core.errors import RefusedError
from warehouse.survival.late_entry import is_late, product_limit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

CURVE = {
    "days": pl.Float64, "at_risk": pl.Int64, "events": pl.Int64, "censored": pl.Int64, "survival": pl.Float64, "se": pl.Float64,
    "lower": pl.Float64, "upper": pl.Float64,
}  # fmt: skip
COUNTED = ("entry_days", "days", "is_event", "n")
Z = NormalDist().inv_cdf(0.975)
# R takes a survival within this of one half for one half (`survmean`).
HALF_TOLERANCE = 2.0**-26


def counted(frame: pl.DataFrame) -> pl.DataFrame:
    """The times to be estimated from, checked: one row per entry_days, days and is_event, with n women.

    Raises RefusedError where a time is missing, negative or not after its entry, or an event flag is missing: lifelines
    takes such rows in silence and gives a p-value.
    """
    bad = frame.filter(
        pl.any_horizontal(pl.col(COUNTED).is_null()) | (pl.col("days") < 0) | pl.col("days").cast(pl.Float64).is_nan()
        | ((pl.col("entry_days") > 0) & (pl.col("days") <= pl.col("entry_days")))
    )  # fmt: skip
    if bad.height:
        raise RefusedError(f"survival: {bad.height} groups of times are missing, negative or end before they begin")
    return frame.group_by("entry_days", "days", "is_event").agg(pl.col("n").sum()).sort("days", "is_event", "entry_days")


def cut(times: pl.DataFrame, horizon_days: int | None) -> pl.DataFrame:
    """The times as they are known on the day of the horizon: who was followed longer is censored there."""
    if horizon_days is None:
        return times
    inside = pl.col("days") <= horizon_days
    ended = times.with_columns(pl.min_horizontal("days", pl.lit(horizon_days)).alias("days"), is_event=pl.col("is_event") & inside)
    keys = [name for name in times.columns if name != "n"]
    return ended.group_by(keys, maintain_order=True).agg(pl.col("n").sum()).select(times.columns).cast(times.schema)


def curve(times: pl.DataFrame, ci: str) -> pl.DataFrame:
    """One row per day with an event or a censoring, after a first row at day 0; columns CURVE.

    `se` is the standard error of S(t) (Greenwood). It and the bounds are null where R has NA: the bounds at S(t) = 0,
    under log-log also at S(t) = 1.
    """
    import numpy as np  # noqa: PLC0415  # late: `oncomart --help` must not wait for it

    table = _fitted(counted(times))
    days, at_risk, events, censored, survival = (table[name].to_numpy() for name in ("days", "at_risk", "events", "censored", "survival"))
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(events > 0, events / (at_risk * (at_risk - events)), 0.0)
        log_se = np.sqrt(np.cumsum(terms))
        lower, upper = bounds(survival, log_se, ci)
        se = log_se * survival
    columns = {
        "days": days, "at_risk": at_risk, "events": events, "censored": censored,
        "survival": survival, "se": se, "lower": lower, "upper": upper,
    }  # fmt: skip
    made = pl.DataFrame(columns).with_columns(pl.col(pl.Float64).fill_nan(None)).cast(CURVE)  # type: ignore[arg-type]  # polars narrows schema types
    return pl.concat([_start(times, ci), made.filter(pl.col("events") + pl.col("censored") > 0)])


def _fitted(times: pl.DataFrame) -> pl.DataFrame:
    """One row per day on which somebody leaves: days, at_risk, events, censored, and S(t) as `survival`, all as floats.

    lifelines refuses late entries where the set at risk is empty for a while, so those are estimated in `late_entry`.
    """
    if is_late(times):
        made = product_limit(times)
        return made.select(pl.col(name).cast(pl.Float64) for name in ("days", "at_risk", "events", "censored", "survival"))
    from lifelines import KaplanMeierFitter  # noqa: PLC0415  # 1.6 s

    columns = times.select(pl.col("days").cast(pl.Float64), pl.col("is_event"), pl.col("n"))
    fitter = KaplanMeierFitter()
    fitter.fit(columns["days"].to_numpy(), columns["is_event"].to_numpy(), weights=columns["n"].to_numpy())
    table, survival = fitter.event_table, fitter.survival_function_.iloc[:, 0].to_numpy(float)
    named = {"at_risk": "at_risk", "observed": "events", "censored": "censored"}
    found = {name: table[theirs].to_numpy(float) for theirs, name in named.items()}
    return pl.DataFrame({"days": table.index.to_numpy(float), **found, "survival": survival})


def _start(times: pl.DataFrame, ci: str) -> pl.DataFrame:
    """The first row of a curve, day 0; where nobody is at risk yet the curve is of those without the event when the first enters."""
    at_risk = int(times.filter(pl.col("entry_days") == 0)["n"].sum())
    bound = None if ci == "log-log" else 1.0
    return pl.DataFrame([(0.0, at_risk, 0, 0, 1.0, 0.0, bound, bound)], schema=CURVE, orient="row")


def bounds(survival: Floats, log_se: Floats, ci: str) -> tuple[Floats, Floats]:
    """95 % limits of S(t) by one convention of R's `conf.type`; `log_se` is the standard error of log S(t)."""
    import numpy as np  # noqa: PLC0415

    if ci == "plain":
        width = Z * log_se * survival
        return np.maximum(survival - width, 0.0), np.minimum(survival + width, 1.0)
    if ci == "log":
        inside = np.where(survival > 0, survival, np.nan)
        return np.exp(np.log(inside) - Z * log_se), np.minimum(np.exp(np.log(inside) + Z * log_se), 1.0)
    inside = np.where((survival > 0) & (survival < 1), survival, np.nan)
    width = Z * log_se / np.log(inside)
    return np.exp(-np.exp(np.log(-np.log(inside)) - width)), np.exp(-np.exp(np.log(-np.log(inside)) + width))


def median_days(made: pl.DataFrame, column: str = "survival") -> float | None:
    """The day the curve (or a bound of it) first lies at or under one half; None where it never does.

    Where it is one half exactly, the middle between that day and the day it next falls (R's `survmean`).
    """
    below = made.filter(pl.col(column) < 0.5 + HALF_TOLERANCE)
    if not below.height:
        return None
    first = below.row(0, named=True)
    lower = below.filter(pl.col(column) < first[column])
    if abs(first[column] - 0.5) < HALF_TOLERANCE and lower.height:
        return float(first["days"] + lower["days"][0]) / 2
    return float(first["days"])


def follow_up_median_days(times: pl.DataFrame) -> float | None:
    """Median follow-up by the reverse Kaplan-Meier method: censoring is the event. It needs no intervals, so nothing else of the curve."""
    return median_days(product_limit(counted(times.with_columns(~pl.col("is_event")))))


def at_risk(times: pl.DataFrame, days: float) -> int:
    """Women with entry < t <= exit; at day 0 those who enter at the origin."""
    entered = (pl.col("entry_days") < days) | ((pl.col("entry_days") == 0) & (days == 0))
    return int(times.filter(entered, pl.col("days") >= days)["n"].sum())


def at_day(made: pl.DataFrame, days: float) -> dict[str, float | None] | None:
    """The curve's row in force at a day; None beyond the last time where S(t) is still above 0 (R does not extend it)."""
    last = made.row(-1, named=True)
    if days > last["days"] and last["survival"] > 0:
        return None
    return made.filter(pl.col("days") <= days).row(-1, named=True)
