"""Cox regression of arms over counted times with late entry: hazard ratios as R's `coxph(Surv(entry, exit, event) ~ arm)` gives them.

Ties are Efron's (R's default). An arm is all that is regressed on, so that the women at risk and the events of each arm on each day with
an event say everything. lifelines' CoxTimeVaryingFitter takes one row per woman and goes through the days in Python, and takes counts
for weights, which under Efron's ties are not the same as that many women: the tests hold this against it and against R.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from warehouse.survival.kaplan_meier import Z
from warehouse.survival.late_logrank import tables
from warehouse.survival.logrank import FEWEST_EVENTS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

TIES = "efron"
# Newton's method: far more steps than it takes, and the size of a step that no longer moves anything.
MOST_STEPS, SMALLEST_STEP = 60, 1e-13
# Share of the likelihood within which two are the same: where it is flat rounding must not halve a step that still moves the ninth digit.
SAME = 1e-11
# A log hazard ratio beyond it (a ratio of 20 million) has no maximum: all events fall on one side.
GREATEST = 17.0


@dataclass(frozen=True)
class HazardRatio:
    """One arm against the reference; `lower` and `upper` are the limits of the 95 % interval, `p` is Wald's."""

    coefficient: float
    se: float

    @property
    def ratio(self) -> float:
        """The hazard in the arm as a multiple of that in the reference."""
        return self._at(0.0)

    @property
    def limits(self) -> tuple[float, float]:
        """Lower and upper limit of the ratio."""
        return self._at(-Z), self._at(Z)

    @property
    def p(self) -> float:
        """Two-sided p-value of no difference."""
        from scipy.stats import norm  # noqa: PLC0415

        return float(2 * norm.sf(abs(self.coefficient / self.se)))

    def _at(self, z: float) -> float:
        from math import exp  # noqa: PLC0415

        return exp(self.coefficient + z * self.se)


def hazard_ratios(times: pl.DataFrame, arms: Sequence[str]) -> dict[str, HazardRatio] | str:
    """The hazard ratio of each arm against the last one; the reason where there is none.

    `times`: columns arm, entry_days, days, is_event and n. Days on which one arm alone is at risk say nothing of the difference, so
    that an arm with fewer than 10 events on the others has no ratio.
    """
    at_risk, events, there = tables(times)
    observed = dict(zip(there, events.sum(axis=0).tolist(), strict=True))
    few = [arm for arm in arms if observed.get(arm, 0) < FEWEST_EVENTS]
    if few:
        return f"fewer than {FEWEST_EVENTS} events while another arm is at risk: {', '.join(few)}"
    order = [there.index(arm) for arm in arms]
    found = _fitted(at_risk[:, order], events[:, order])
    if found is None:
        return "no finite estimate: the events do not tell the hazards of the arms apart"
    return dict(zip(arms[:-1], found, strict=True))


def _fitted(at_risk: Floats, events: Floats) -> list[HazardRatio] | None:
    """Newton's method from no difference; None where the likelihood has no maximum."""
    import numpy as np  # noqa: PLC0415

    sets = _Sets(at_risk, events)
    beta: Floats = np.zeros(at_risk.shape[1] - 1)
    for _ in range(MOST_STEPS):
        value, slope, information = sets.at(beta)
        if np.linalg.matrix_rank(information) < len(beta):
            return None
        step = np.linalg.solve(information, slope)
        while sets.at(beta + step)[0] < value - SAME * abs(value) and np.abs(step).max() > SMALLEST_STEP:
            step = step / 2
        beta = beta + step
        if np.abs(beta).max() > GREATEST:
            return None
        if np.abs(step).max() <= SMALLEST_STEP * (1 + np.abs(beta).max()):
            break
    errors = np.sqrt(np.diag(np.linalg.inv(sets.at(beta)[2])))
    return [HazardRatio(float(one), float(se)) for one, se in zip(beta, errors, strict=True)]


class _Sets:
    """The sets at risk of Efron's likelihood: of d events on one day the k-th (from 0) has all at risk less k/d of the events."""

    def __init__(self, at_risk: Floats, events: Floats) -> None:
        import numpy as np  # noqa: PLC0415

        dead = events.sum(axis=1).astype(int)
        day = np.repeat(np.arange(len(dead)), dead)
        share = (np.arange(len(day)) - np.repeat(np.cumsum(dead) - dead, dead)) / dead[day]
        self.women: Floats = at_risk[day] - share[:, None] * events[day]
        self.observed: Floats = events.sum(axis=0)[:-1]

    def at(self, beta: Floats) -> tuple[float, Floats, Floats]:
        """Log partial likelihood, its slope and the information."""
        import numpy as np  # noqa: PLC0415

        weighed = self.women * np.exp(np.append(beta, 0.0))
        whole = weighed.sum(axis=1)
        mean = weighed[:, :-1] / whole[:, None]
        value = float(self.observed @ beta - np.log(whole).sum())
        slope: Floats = self.observed - mean.sum(axis=0)
        information: Floats = np.diag(mean.sum(axis=0)) - mean.T @ mean
        return value, slope, information
