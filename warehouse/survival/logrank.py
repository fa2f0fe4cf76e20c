"""Log-rank test between arms: the usual chi-square, or a permutation test where an arm has few events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from warehouse.survival.kaplan_meier import counted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Counts = NDArray[np.int64]

FEWEST_EVENTS = 10
DRAWS = 10_000
SEED = 20170112
CHI_SQUARE = "chi-square"
PERMUTATION = f"permutation of log-rank scores ({DRAWS} draws, seed {SEED}, mid-p)"
# Draws held in memory at once: 200 x 5,000 days of 8 bytes are 8 MB.
BATCH = 200


@dataclass(frozen=True)
class LogRank:
    """Result of one test. `chi_square` and `df` are those of the usual test, also where `p` comes from permutation."""

    chi_square: float
    df: int
    p: float
    method: str


def logrank(times: pl.DataFrame) -> LogRank | None:
    """Test of equal hazards between the arms of `times` (columns arm, entry_days, days, is_event, n); None where nothing can be tested.

    Without an event, a second arm, or anybody who outlives the first day with events: whoever died could not but be who she was (in R
    the variance is singular).
    The chi-square agrees with R's `survdiff`. With fewer than 10 events in an arm its p-value is that of permutation.
    """
    from lifelines.statistics import multivariate_logrank_test  # noqa: PLC0415  # 1.6 s

    parts = [
        counted(frame).with_columns(arm=pl.lit(str(name))) for (name,), frame in times.sort("arm").group_by("arm", maintain_order=True)
    ]
    rows = _comparable(pl.concat(parts))
    events = rows.filter(pl.col("is_event")).group_by("arm").agg(pl.col("n").sum())
    if not events.height or rows["arm"].n_unique() < 2 or not _outlived(rows):
        return None
    fitted = multivariate_logrank_test(
        rows["days"].to_numpy(), rows["arm"].to_numpy(), rows["is_event"].to_numpy(), weights=rows["n"].to_numpy()
    )
    few = events.height < rows["arm"].n_unique() or int(events["n"].min()) < FEWEST_EVENTS  # type: ignore[arg-type]  # an Int64 column
    p = permutation_p(rows) if few else float(fitted.p_value)
    return LogRank(float(fitted.test_statistic), rows["arm"].n_unique() - 1, p, PERMUTATION if few else CHI_SQUARE)


def _comparable(rows: pl.DataFrame) -> pl.DataFrame:
    """Without the arms that nobody of whom was at risk at any event: they add neither to the sums nor to df (as in R)."""
    first_event = rows.filter(pl.col("is_event"))["days"].min()
    return rows.filter(pl.col("days").max().over("arm") >= first_event) if first_event is not None else rows


def _outlived(rows: pl.DataFrame) -> bool:
    """Whether somebody at risk on the first day with events does not have hers on it."""
    first = rows.filter(pl.col("is_event"))["days"].min()
    return not rows.filter(pl.col("days") >= first).select((pl.col("is_event") & (pl.col("days") == first)).all()).item()


def scores(rows: pl.DataFrame) -> pl.DataFrame:
    """Log-rank scores: one row per day and event flag with n women and the score (event minus cumulative hazard of all).

    The scores of an arm sum to its observed minus its expected events.
    """
    days = rows.group_by("days").agg(
        pl.col("n").sum().alias("leaving"), pl.col("n").filter(pl.col("is_event")).sum().alias("events")
    ).sort("days")  # fmt: skip
    hazard = (pl.col("events") / pl.col("leaving").cum_sum(reverse=True)).cum_sum()
    classes = rows.group_by("days", "is_event").agg(pl.col("n").sum()).sort("days", "is_event")
    joined = classes.join(days.select("days", hazard=hazard), on="days", how="left")
    return joined.select("days", "is_event", "n", score=pl.col("is_event").cast(pl.Float64) - pl.col("hazard"))


def permutation_p(rows: pl.DataFrame, draws: int = DRAWS, seed: int = SEED) -> float:
    """Mid-p of the permutation distribution of the sum over arms of (observed - expected)^2 / women.

    Arms are dealt again among all women, sizes kept; the observed deal counts as one draw.
    """
    import numpy as np  # noqa: PLC0415

    classes = scores(rows)
    score, n = classes["score"].to_numpy(), classes["n"].to_numpy()
    sizes = rows.group_by("arm").agg(pl.col("n").sum()).sort("arm")["n"].to_numpy()
    by_arm = rows.join(classes.select("days", "is_event", "score"), on=["days", "is_event"], how="left")
    sums = by_arm.group_by("arm").agg((pl.col("n") * pl.col("score")).sum()).sort("arm")["n"].to_numpy()
    observed = float(np.sum(sums**2 / sizes))
    rng = np.random.default_rng(seed)
    greater, equal = 0, 1
    for start in range(0, draws, BATCH):
        drawn = _deals(rng, n, sizes, score, min(BATCH, draws - start))
        same = np.isclose(drawn, observed, rtol=1e-9, atol=1e-12)
        greater += int(np.sum((drawn > observed) & ~same))
        equal += int(np.sum(same))
    return (greater + equal / 2) / (draws + 1)


def _deals(rng: np.random.Generator, n: Counts, sizes: Counts, score: Floats, draws: int) -> Floats:
    """The statistic of `draws` random deals of the women (n per class of equal score) to arms of the given sizes."""
    import numpy as np  # noqa: PLC0415

    if len(sizes) == 2:
        first = rng.multivariate_hypergeometric(n, int(sizes[0]), size=draws, method="marginals") @ score
        sums = np.stack([first, float(n @ score) - first])
    else:
        sums = np.array([_deal(rng, n, sizes, score) for _ in range(draws)]).T
    made: Floats = np.sum(sums**2 / sizes[:, None], axis=0)
    return made


def _deal(rng: np.random.Generator, n: Counts, sizes: Counts, score: Floats) -> list[float]:
    left, sums = n.copy(), []
    for size in sizes[:-1]:
        taken = rng.multivariate_hypergeometric(left, int(size), method="marginals")
        left = left - taken
        sums.append(float(taken @ score))
    return [*sums, float(left @ score)]
