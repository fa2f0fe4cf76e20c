"""The log-rank test of times with late entry: at risk at t are those with entry < t <= exit.

It is the score test of R's `coxph(Surv(entry, exit, event) ~ arm, ties = "exact")`: the log-rank test over the same sets at risk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from warehouse.survival.late_entry import FROM_THE_ORIGIN
from warehouse.survival.logrank import CHI_SQUARE, FEWEST_EVENTS, LogRank
from warehouse.survival.permutation import DRAWS, SEED, SMALLEST, mid_p, spread

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Counts = NDArray[np.int64]

SIMULATION = f"simulation of the events in the observed sets at risk ({DRAWS} draws, seed {SEED}, mid-p)"
# Draws held in memory at once: 200 x 5,000 days of 8 bytes are 8 MB.
BATCH = 200


def logrank_late(times: pl.DataFrame) -> LogRank | None:
    """Test of equal hazards between the arms of `times` (arm, entry_days, days, is_event, n); None without an event or a second arm,
    and where on each day with events everyone at risk has one.

    With fewer than 10 events in an arm its p-value is simulated: on each day with events these fall on the women at risk by chance.
    Dealing the women to the arms, as without late entry, would deal their days of entry too, which belong to the arm.
    """
    from scipy.stats import chi2  # noqa: PLC0415

    at_risk, events, _ = tables(times)
    if not events.size or at_risk.shape[1] < 2:
        return None
    observed, variance = events.sum(axis=0), _variance(at_risk, events)
    if not variance.any():
        return None
    inverse, df = _inverse(variance)
    expected = (at_risk * (events.sum(axis=1) / at_risk.sum(axis=1))[:, None]).sum(axis=0)
    statistic = _squared((observed - expected)[None, :], inverse)[0]
    few = int(observed.min()) < FEWEST_EVENTS
    p = _simulated_p(at_risk, events, expected, inverse, statistic) if few else float(chi2.sf(statistic, df))
    return LogRank(float(statistic), df, p, SIMULATION if few else CHI_SQUARE)


def tables(times: pl.DataFrame) -> tuple[Floats, Floats, list[str]]:
    """Women at risk and events of each arm (columns) on each day with an event while two arms are at risk (rows), and the arms.

    A day with one arm at risk says nothing of the difference; an arm that is at risk on no such day is left out (as in R).
    """
    import numpy as np  # noqa: PLC0415

    arms = sorted(set(times["arm"]))
    days = times.filter(pl.col("is_event"))["days"].unique().sort().to_list()
    at_risk = np.zeros((len(days), len(arms)))
    events = np.zeros((len(days), len(arms)))
    for column, arm in enumerate(arms):
        of_arm = times.filter(pl.col("arm") == arm)
        at_risk[:, column], events[:, column] = _at_days(of_arm, days)
    telling = (at_risk > 0).sum(axis=1) > 1
    kept = at_risk[telling].sum(axis=0) > 0
    there = [arm for arm, is_kept in zip(arms, kept, strict=True) if is_kept]
    return at_risk[telling][:, kept], events[telling][:, kept], there


def _at_days(times: pl.DataFrame, days: list[int]) -> tuple[Floats, Floats]:
    import numpy as np  # noqa: PLC0415

    entry, leaving, n = (times[name].to_numpy() for name in ("entry_days", "days", "n"))
    is_event, grid = times["is_event"].to_numpy(), np.array(days)

    def before(values: Floats, weights: Floats, side: str) -> Floats:
        """The sum of weights of values before each day (`left`), or up to it (`right`)."""
        order = np.argsort(values, kind="stable")
        total = np.concatenate([[0.0], np.cumsum(weights[order])])
        found: Floats = total[np.searchsorted(values[order], grid, side=side)]  # type: ignore[call-overload]  # a word of two
        return found

    from_day = np.where(entry > 0, entry, FROM_THE_ORIGIN)
    deaths = before(leaving, n * is_event, "right") - before(leaving, n * is_event, "left")
    return before(from_day, n, "left") - before(leaving, n, "left"), deaths


def _variance(at_risk: Floats, events: Floats) -> Floats:
    """The covariance of the events of the arms, given the sets at risk: hypergeometric on each day."""
    import numpy as np  # noqa: PLC0415

    women = at_risk.sum(axis=1)
    by_chance = spread(events.sum(axis=1), women)
    made: Floats = np.diag((by_chance * women) @ at_risk) - at_risk.T @ (by_chance[:, None] * at_risk)
    return made


def _inverse(variance: Floats) -> tuple[Floats, int]:
    """The inverse over the differences between arms, and how many of them there are.

    Rows sum to 0, and arms that are never at risk together cannot be compared: what floating point leaves of those is no variance.
    """
    import numpy as np  # noqa: PLC0415

    values, vectors = np.linalg.eigh(variance)
    kept = values > SMALLEST * values.max()
    made: Floats = (vectors[:, kept] / values[kept]) @ vectors[:, kept].T
    return made, int(kept.sum())


def _squared(difference: Floats, inverse: Floats) -> Floats:
    """The chi-square of each row of observed minus expected events."""
    made: Floats = ((difference @ inverse) * difference).sum(axis=1)
    return made


def _simulated_p(at_risk: Floats, events: Floats, expected: Floats, inverse: Floats, statistic: float) -> float:
    """Mid-p of the chi-square when the events of each day fall on the women at risk by chance; what was observed counts as one draw."""
    import numpy as np  # noqa: PLC0415

    rng = np.random.default_rng(SEED)
    women, dead = at_risk.astype(np.int64), events.sum(axis=1).astype(np.int64)
    sizes = (min(BATCH, DRAWS - start) for start in range(0, DRAWS, BATCH))
    return mid_p(statistic, (_squared(_drawn(rng, women, dead, (size, len(dead))) - expected, inverse) for size in sizes), DRAWS)


def _drawn(rng: np.random.Generator, women: Counts, dead: Counts, size: tuple[int, int]) -> Floats:
    """Events of each arm over all days, drawn arm after arm: one row per draw."""
    import numpy as np  # noqa: PLC0415

    left, rest = np.broadcast_to(dead, size).copy(), np.broadcast_to(women.sum(axis=1), size).copy()
    sums = np.zeros((size[0], women.shape[1]))
    for column in range(women.shape[1]):
        own = np.broadcast_to(women[:, column], size)
        taken = rng.hypergeometric(own, rest - own, left)
        sums[:, column] = taken.sum(axis=1)
        left, rest = left - taken, rest - own
    return sums
