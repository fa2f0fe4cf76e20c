"""Means for sharing: none that tells how many have a value, where so few have it that their count is hidden.

A mean of 0.13 of 15 women who have a thing (1) or not (0) is a count of 2; with the standard deviation a mean of a number of few
values tells how many have each, and so does a test of it. Where a variable of levels divides the women by ranges of the number, what it
hides a mean, a median or a test would tell.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import duckdb
import polars as pl
from sqlglot import exp

from schemas.study import Study
from warehouse import ddl, mart
from warehouse.cohort import ANALYSED
from warehouse.numbers import ALL
from warehouse.suppressing import greatest
from warehouse.suppressing.analyses import Count, N

# A number with so many different values at most is a scale: whoever knows n, mean and deviation can count who has each of three values.
FEW_VALUES = 5
MEANS = ("mean", "sd")
Place = tuple[str, str]
# Before the arm whose subgroups, and before the endpoint that is `among` some women, in the place of a variable of levels.
SUBGROUPS, AMONG = "subgroups of ", "among of "
BY = ("patient_key", "variable", "level")
# In the place of the name of an arm: all arms that may not be shown. No arm has a blank in its name.
HIDDEN = "not shown"


@dataclass(frozen=True)
class Scales:
    """What the numbers of Table 1 tell of counts. `few`: by variable of few values the arms (and `all`) in which fewer than `min_cell`
    women have one of them; `ranges`: by variable those of levels, and what else counts women (`beside`), that are ranges of it; `ends`: by
    variable and statistic the arms of which it tells the greatest or the least value; `values`: by variable how many women (`n`) of an arm
    have a value, and `min_cell`, for arms that may not be shown."""

    few: Mapping[str, frozenset[str]] = field(default_factory=dict)
    ranges: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ends: Mapping[Place, frozenset[str]] = field(default_factory=dict)
    values: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    min_cell: int = 1

    def closed(self, counts: Mapping[str, Collection[Place]], shown: Mapping[str, Collection[Place]], open_: Collection[str]) -> Closed:
        """Where no mean and no median may stand. `counts`, `shown`: by variable the row and arm of its counts, and of those shown."""
        medians = {
            name: frozenset(arm for one in levels for row, arm in counts.get(one, ()) if arm in open_ and (row, arm) not in shown[one])
            for name, levels in self.ranges.items()
        }
        means = {name: (self.few.get(name, frozenset()) | medians.get(name, frozenset())) & {*open_} for name in {*self.few, *medians}}
        # What is taken off the sum of all, by the means of the other arms, is that of the arm.
        closed = {name: arms | {ALL} for name, arms in means.items() if arms}
        ends = {of: arms | {ALL} for of, told in self.ends.items() if (arms := told & {*open_})}
        for name, frame in self.values.items():
            few, told = self._of_hidden(frame, open_)
            closed |= {name: closed.get(name, frozenset()) | {ALL}} if few else {}
            ends |= {(name, of): ends.get((name, of), frozenset()) | {ALL} for of in told}
        return Closed(medians, closed, ends)

    def _of_hidden(self, values: pl.DataFrame, open_: Collection[str]) -> tuple[bool, set[str]]:
        """What the women of all arms that are not shown, together, would tell by the mean of all, less those of the shown arms: of few, and
        by which statistics a value of one."""
        is_hidden = ~pl.col("arm").is_in([*open_])
        some, others = (int(values.filter(of)["n"].sum()) for of in (is_hidden, ~is_hidden))
        # by so much the sum that is left may be wrong, for both means are rounded
        if not some or greatest.HALF_DIGIT * (some + 2 * others) >= self.min_cell:
            return False, set()
        each = values.with_columns(arm=pl.when(is_hidden).then(pl.lit(HIDDEN)).otherwise("arm"))
        each = each.select(pl.col("arm", "value").repeat_by("n")).explode("arm", "value")
        told = {of for of, arm in greatest.told(each, self.min_cell) if arm == HIDDEN}
        return HIDDEN in _few(each, self.min_cell), told


@dataclass(frozen=True)
class Closed:
    """By variable the arms in which no median (or quartile) stands, and no mean (or deviation); `ends`: as in Scales."""

    medians: Mapping[str, frozenset[str]] = field(default_factory=dict)
    means: Mapping[str, frozenset[str]] = field(default_factory=dict)
    ends: Mapping[Place, frozenset[str]] = field(default_factory=dict)

    def hides(self, variable: str, arm: str, statistic: object) -> bool:
        """Whether a statistic of a number may not stand."""
        closed = self.means if statistic in MEANS else self.medians if statistic not in ("n", "missing", "not_applicable") else {}
        return arm in closed.get(variable, ()) or arm in self.ends.get((variable, str(statistic)), ())


def scales(con: duckdb.DuckDBPyConnection, study: Study) -> Scales:
    """The numbers of Table 1 of a study whose mart is filled."""
    numbers = [variable.variable for variable in study.table_1 if variable.value is not None]
    if not numbers:
        return Scales()
    names = [ddl.field(name) for name in ("patient_key", "variable", "arm", "level", "value")]
    is_known = (ddl.field("study").eq(study.study), ddl.field("state").eq("known"))
    known = mart.frame(con, exp.select(*names).from_(ddl.named("mart_subject_variable")).where(*is_known))
    levels = known.filter(pl.col("level").is_not_null(), ~pl.col("variable").is_in(numbers)).select(BY)
    chosen = exp.select("patient_key", "arm", "subgroup").from_("mart_subject").where(ddl.field("study").eq(study.study))
    women = mart.frame(con, chosen.where(ddl.field("is_analysed")))
    levels = pl.concat([levels, _subgroups(women, study), _among(con, women, study)])
    found = {name: known.filter(pl.col("variable") == name) for name in numbers}
    few = {name: arms for name, frame in found.items() if (arms := _few(frame, study.min_cell))}
    ranges = {name: tuple(sorted(_ranges(frame, levels))) for name, frame in found.items()}
    values = {name: frame.group_by("arm", "value").len("n").sort("arm", "value") for name, frame in found.items()}
    kept = {name: others for name, others in ranges.items() if others}
    return Scales(few, kept, _ends(found, study.min_cell), values, study.min_cell)


def _ends(found: Mapping[str, pl.DataFrame], min_cell: int) -> dict[Place, frozenset[str]]:
    """By variable and statistic the arms of which it tells one woman's own value."""
    told = [(name, *one) for name, frame in found.items() for one in greatest.told(frame, min_cell)]
    return {(name, of): frozenset(arm for *one, arm in told if one == [name, of]) for name, of, _ in told}


def _subgroups(women: pl.DataFrame, study: Study) -> pl.DataFrame:
    """The subgroup of each woman of an arm that has some; none is one too."""
    of = women.filter(pl.col("arm").is_in([group.arm for group in study.subgroups]))
    return of.select("patient_key", variable=SUBGROUPS + pl.col("arm"), level=pl.col("subgroup").fill_null(""))


def _among(con: duckdb.DuckDBPyConnection, women: pl.DataFrame, study: Study) -> pl.DataFrame:
    """Whether each endpoint that is of some women is about her, or it is not known."""
    some = [endpoint.endpoint for endpoint in study.endpoints if endpoint.among is not None]
    chosen = exp.select("patient_key", "endpoint", "is_among").from_("mart_time_to_event").where(ddl.field("study").eq(study.study))
    every = women.select("patient_key").join(pl.DataFrame({"endpoint": some}, schema={"endpoint": pl.String}), how="cross")
    level = pl.when("is_among").then(pl.lit("her")).when(pl.col("there")).then(pl.lit("not known")).otherwise(pl.lit("not her"))
    told = every.join(mart.frame(con, chosen).with_columns(there=True), on=["patient_key", "endpoint"], how="left")
    return told.select("patient_key", variable=AMONG + pl.col("endpoint"), level=level)


def beside(counts: pl.DataFrame, endpoints: Mapping[str, Collection[Count]]) -> tuple[dict[str, set[Place]], dict[str, set[Place]]]:
    """The row and arm of the counts of subgroups, and of the women whom an endpoint is about, that may be ranges of a number: all of
    them, and those shown. `counts`: the cohort counts as they are shared; `endpoints`: by endpoint what is shown of it."""
    every, shown = dict[str, set[Place]](), dict[str, set[Place]]()
    for row in counts.filter(pl.col("parent") == ANALYSED).iter_rows(named=True):
        every.setdefault(SUBGROUPS + row["arm"], set()).add((row["step"], row["arm"]))
        shown.setdefault(SUBGROUPS + row["arm"], set()).update([(row["step"], row["arm"])] if row["n"] is not None else [])
    arms = counts.filter(pl.col("step") == ANALYSED)["arm"].to_list()
    every |= {AMONG + name: {(N, arm) for arm in arms} for name in endpoints}
    shown |= {AMONG + name: {(N, count.arm) for count in of if count.kind == N} for name, of in endpoints.items()}
    return every, shown


def _few(known: pl.DataFrame, min_cell: int) -> frozenset[str]:
    """The arms in which one of few values is held by fewer than `min_cell` women."""
    if known["value"].n_unique() > FEW_VALUES:
        return frozenset()
    whole = known.with_columns(arm=pl.lit(ALL))
    counted = pl.concat([known, whole]).group_by("arm", "value").len().filter(pl.col("len") < min_cell)
    return frozenset(counted["arm"])


def _ranges(known: pl.DataFrame, levels: pl.DataFrame) -> Iterator[str]:
    """What divides women into two levels or more, none of which begins within another."""
    both = known.select("patient_key", "value").join(levels.select("patient_key", "variable", "level"), on="patient_key")
    ends = both.group_by("variable", "level").agg(least=pl.col("value").min(), most=pl.col("value").max()).sort("variable", "least", "most")
    for (variable,), frame in ends.group_by("variable", maintain_order=True):
        if frame.height > 1 and all(most < least for (_, most), (least, _) in pairwise(frame.select("least", "most").iter_rows())):
            yield str(variable)
