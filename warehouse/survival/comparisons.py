"""The comparisons of a study between its arms: logrank.csv, and cox.csv where an arm changes with time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl
from sqlglot import exp

from schemas.study import TIME_DEPENDENT, Comparison
from warehouse.numbers import Numbers
from warehouse.survival import cox
from warehouse.survival.analyses import Analysis
from warehouse.survival.late_entry import is_late
from warehouse.survival.late_logrank import logrank_late
from warehouse.survival.logrank import LogRank, logrank

KEY = {"analysis": pl.String, "endpoint": pl.String, "arms": pl.String}
LOGRANK = {
    **KEY, "chi_square": pl.Float64, "df": pl.Int64, "p": pl.Float64, "method": pl.String, "reason": pl.String, "number_id": pl.String,
}  # fmt: skip
NOTHING_TO_TEST = "no event in any of the arms, nobody to compare, or nobody at risk who outlives a day with events"
RATIO = ("coefficient", "se", "hazard_ratio", "lower", "upper", "p")
COX = {
    **KEY, "arm": pl.String, "reference": pl.String, **dict.fromkeys(RATIO, pl.Float64), "ties": pl.String, "reason": pl.String,
    "number_id": pl.String,
}  # fmt: skip
Row = dict[str, object]


@dataclass(frozen=True)
class Compared:
    """One comparison in one analysis. `times`: the counted times of each arm that was estimated, cut at the horizon."""

    analysis: Analysis
    comparison: Comparison
    times: Mapping[str, pl.DataFrame]
    numbers: Numbers
    refusal: str

    @property
    def key(self) -> Row:
        """The columns that name its rows."""
        return {"analysis": self.analysis.name, "endpoint": self.comparison.endpoint, "arms": ", ".join(self.comparison.arms)}

    @property
    def every(self) -> pl.DataFrame | None:
        """The times of all its arms; None where one was not estimated."""
        return None if self.missing else pl.concat([self.times[arm] for arm in self.comparison.arms])

    @property
    def missing(self) -> str:
        """The reason why nothing is compared; empty where it can be."""
        found = ", ".join(arm for arm in self.comparison.arms if arm not in self.times)
        return self.refusal or (f"not estimated: {found} (see survival.csv)" if found else "")

    @property
    def women(self) -> exp.Select:
        """Those who are in it."""
        return self.analysis.of_arms(self.comparison.arms, *self.analysis.own)

    def number(self, output: str, column: str, arms: str, value: float | None) -> str:
        """Registers one of its numbers."""
        row = f"{self.analysis.name}_{self.comparison.endpoint}"
        return self.numbers.number(output, row, column, arms, value=value, subjects=self.women)


def logrank_row(one: Compared) -> Row:
    """The test of equal hazards, or the reason why there is none."""
    every = one.every
    found = _test(every) if every is not None else None
    values = {"chi_square": found.chi_square, "df": found.df, "p": found.p} if found else dict.fromkeys(("chi_square", "df", "p"))
    named = {column: one.number("logrank", column, "_".join(one.comparison.arms), value) for column, value in values.items()}
    why = one.missing or NOTHING_TO_TEST
    told = {"method": found.method, "reason": ""} if found else {"method": "", "reason": why}
    return {**one.key, **values, **told, "number_id": named["p"]}


def cox_rows(one: Compared) -> Iterator[Row]:
    """One row for each arm but the last, which is the reference; where there is no hazard ratio the reason. None in other analyses."""
    if one.analysis.name != TIME_DEPENDENT:
        return
    arms, every = one.comparison.arms, one.every
    found = cox.hazard_ratios(every, arms) if every is not None else one.missing
    for arm in arms[:-1]:
        values = dict.fromkeys(RATIO) if isinstance(found, str) else _values(found[arm])
        # The arm comes first: with three arms each ratio has an id of its own.
        named = "_".join((arm, *(other for other in arms if other != arm)))
        ids = {column: one.number("cox", column, named, value) for column, value in values.items()}
        told = {"ties": "", "reason": found} if isinstance(found, str) else {"ties": cox.TIES, "reason": ""}
        yield {**one.key, "arm": arm, "reference": arms[-1], **values, **told, "number_id": ids["hazard_ratio"]}


def _values(found: cox.HazardRatio) -> dict[str, float | None]:
    lower, upper = found.limits
    return dict(zip(RATIO, (found.coefficient, found.se, found.ratio, lower, upper, found.p), strict=True))


def _test(times: pl.DataFrame) -> LogRank | None:
    return logrank_late(times) if is_late(times) else logrank(times)
