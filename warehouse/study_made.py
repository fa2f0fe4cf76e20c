"""What one study says, before anything is written: the cohort, Table 1, its tests and survival, exact, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import duckdb
import polars as pl

from schemas.study import AS_PUBLISHED, Study
from warehouse import methods_records
from warehouse.cohort import Cohort, count_cohort
from warehouse.levels import Longer
from warehouse.methods_words import percent
from warehouse.numbers import ALL, Numbers
from warehouse.stamp import Stamp, stamp
from warehouse.suppressing.means import Scales, scales
from warehouse.suppressing.same_women import Places, places
from warehouse.suppressing.survival import without_counts
from warehouse.survival import cut_off_told
from warehouse.survival.analyses import published_times
from warehouse.survival.estimate import Estimates, estimate
from warehouse.table_1 import COLUMNS as TABLE_1
from warehouse.table_1 import table_1
from warehouse.table_1_tests import COLUMNS as TESTS
from warehouse.table_1_tests import table_1_tests

SIMULATED = "Simulated data: no patient stands behind any number"


@dataclass(frozen=True)
class Made:
    """The exact results of one study before anything is written."""

    study: Study
    cohort: Cohort
    table_1: pl.DataFrame
    tests: pl.DataFrame
    estimates: Estimates
    is_simulated: bool
    refusal: str
    stamp: Stamp
    # What is said of the records of the release.
    records: Sequence[str] = ()
    # Where each woman stands in the tables; None where nothing is hidden.
    places: Places | None = None
    # What the numbers of Table 1 tell of counts.
    scales: Scales = field(default_factory=Scales)
    # The code lists to which the project added codes.
    longer: Longer = field(default_factory=dict)

    @property
    def banner(self) -> str:
        """What stands above every table and figure."""
        return "; ".join(filter(None, (SIMULATED if self.is_simulated else "", self.refusal)))

    @property
    def women(self) -> dict[str, int]:
        """The analysed women of each arm and of all."""
        return {arm.arm: self.cohort.n("analysed", arm.arm) for arm in self.study.arms} | {ALL: self.cohort.n("analysed")}

    def of_release(self, *, is_exact: bool) -> str:
        """Which release a figure or table is of; of exact counts of which a copy hides the small ones, that they are not to be shared."""
        return self.stamp.line(is_closed=is_exact and self.study.min_cell > 1)


def compute(
    con: duckdb.DuckDBPyConnection,
    study: Study,
    numbers: Numbers,
    *,
    is_simulated: bool,
    refusal: str = "",
    longer: Longer | None = None,
) -> Made:
    """Counts and estimates the study in its filled mart, and keeps what it says in `numbers`; of a refused one only the cohort counts.

    `refusal`: why it is refused whatever is counted. `longer`: the code lists to which the project added codes.
    Raises RefusedError where a time that cannot be reaches an estimator.
    """
    cohort = count_cohort(con, study, numbers)
    refusal = refusal or _refusal(study, cohort)
    rows = pl.DataFrame(schema=TABLE_1) if refusal else table_1(con, study, cohort.arms, numbers, longer)
    asked = study.table_1_p_values and not refusal
    tests = table_1_tests(con, study, numbers) if asked else pl.DataFrame(schema=TESTS)
    hides = study.min_cell > 1
    published = {one.endpoint: published_times(con, study, one.endpoint) for one in study.endpoints} if hides else {}
    estimates = estimate(con, study, numbers, refusal, published)
    stand = places(con, study, published) if hides and not refusal else None
    told = scales(con, study) if stand is not None else Scales()
    said = methods_records.records(con)
    return Made(study, cohort, rows, tests, estimates, is_simulated, refusal, stamp(con, study.study), said, stand, told, longer or {})


def _refusal(study: Study, cohort: Cohort) -> str:
    if cohort.held_share <= study.max_held_share:
        return ""
    limit = percent(study.max_held_share)
    return f"refused: more than {limit} of the {study.subjects} who may be eligible are held until the source is mended"


def reasons(made: Made) -> Iterator[str]:
    """Why something was not estimated, as it may be shared; an arm without anybody is no news."""
    for row in made.estimates.survival:
        if row["reason"] and (row["n"] or row["among_unknown"] or not made.cohort.n("analysed")):
            yield f"{row['endpoint']}, {row['estimator']}: {_shared(made, row['reason'])}"
        if row["arm"] == ALL and row["analysis"] == AS_PUBLISHED and row["left_out_reason"]:
            yield f"{row['endpoint']}, {row['estimator']}: left out: {_shared(made, row['left_out_reason'])}"
    yield from cut_off_told.not_begun(made.study, made.estimates.survival)


def _shared(made: Made, reason: object) -> str:
    """A reason as it may be shared: without its counts where small cells are hidden."""
    return str(reason) if made.study.min_cell == 1 else without_counts(str(reason))
