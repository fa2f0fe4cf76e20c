"""Small cells hidden in what is shared: counts under `min_cell`, and what would give them away (docs/studies.md).

A hidden count has a null value and the text `suppressed`, whether it is small itself or protects a small one, so that
the mark says nothing. With `min_cell: 1` nothing is hidden. Survival has a module of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from schemas.study import Study
from warehouse.cohort import ANALYSED, NO_TUMOUR
from warehouse.numbers import ALL, HELD, LEFT, UNDETERMINED
from warehouse.suppressing.disclosure import Sums, hide
from warehouse.suppressing.means import MEANS, Closed

SUPPRESSED = "suppressed"
STATES = ("missing", "not_applicable")
# Statistics that are one woman's own value.
EXTREMES = ("min", "max")
# Into how many parts a statistic divides the women: of five, quartiles are three women's own values, and with mean and sd all five.
PARTS = {"median": 2, "q1": 4, "q3": 4}
Place = tuple[str, str]
# Steps are hidden after arms and groups, the whole cohort last.
STEP_COST, WHOLE_COST = 1, 2


def suppress_counts(counts: pl.DataFrame, study: Study) -> pl.DataFrame:
    """Cohort counts for sharing: n null where hidden."""
    n = _by_place(counts)
    hidden = hide(_cohort_sums(counts, n), study.min_cell)
    shown = [None if place in hidden else value for place, value in n.items()]
    return counts.with_columns(n=pl.Series(shown, dtype=pl.Int64))


def settled(counts: pl.DataFrame, shared: pl.DataFrame) -> tuple[Sums[Place, Place], set[Place]]:
    """The cohort counts as sums, and which of them are hidden where they are shared."""
    hidden = shared.filter(pl.col("n").is_null())
    return _cohort_sums(counts, _by_place(counts)), {*hidden.select("step", "arm").iter_rows()}


def _by_place(counts: pl.DataFrame) -> dict[Place, int]:
    return {(r["step"], r["arm"]): int(r["n"]) for r in counts.iter_rows(named=True)}


def _cohort_sums(counts: pl.DataFrame, n: Mapping[Place, int]) -> Sums[Place, Place]:
    """The rows of the cohort counts as sums over those who share one way through the study."""
    rows = counts.rows(named=True)
    arms = [row["arm"] for row in rows if row["step"] == ANALYSED and row["arm"] != ALL]
    cells: dict[Place, int] = {}
    shown: dict[Place, frozenset[Place]] = {}

    def split(place: Place, parts: Collection[Place]) -> frozenset[Place]:
        """A count with its parts; those in no part are one more cell, which is not shown but can be computed."""
        for part in parts:
            cells[part] = n[part]
            shown[part] = frozenset({part})
        cells[_rest(place)] = n[place] - sum(n[part] for part in parts)
        shown[place] = frozenset({*parts, _rest(place)})
        return shown[place]

    for arm in arms:
        split((ANALYSED, arm), [(row["step"], arm) for row in rows if row["parent"] == ANALYSED and row["arm"] == arm])
    whole: frozenset[Place] = frozenset().union(*(shown[ANALYSED, arm] for arm in arms))
    steps = [row["step"] for row in rows if row["arm"] == ALL and "." not in row["step"] and row["step"] not in (HELD, NO_TUMOUR)]
    for step in reversed(steps):
        shown[step, ALL] = whole
        if (left := (f"{step}{LEFT}", ALL)) in n:
            doubtful = (f"{step}{UNDETERMINED}", ALL)
            whole |= split(left, [doubtful] if doubtful in n else [])
    first = steps[0], ALL
    if (HELD, ALL) in n:
        parts = [*((HELD, arm) for arm in arms), (f"{HELD}{UNDETERMINED}", ALL), (f"{HELD}{LEFT}", ALL)]
        shown[first] |= split((HELD, ALL), [part for part in parts if part in n])
    if (NO_TUMOUR, ALL) in n:
        shown[first] |= split((NO_TUMOUR, ALL), [])
    cost = {(step, ALL): STEP_COST for step in steps} | {(ANALYSED, ALL): WHOLE_COST, (steps[-1], ALL): WHOLE_COST}
    return Sums(cells, shown, cost=cost)


def _rest(place: Place) -> Place:
    """The cell of those who are in no part of a count."""
    return "rest of", f"{place}"


def in_group(arm: str, subgroup: str | None) -> Place:
    """The cell of the cohort counts that an analysed woman is in."""
    return _rest((ANALYSED, arm)) if subgroup is None else (f"{arm}.{subgroup}", arm)


def open_arms(counts: pl.DataFrame) -> frozenset[str]:
    """The arms (and `all`) whose women may be counted: those that the shared cohort counts show."""
    return frozenset(counts.filter(pl.col("step") == ANALYSED, pl.col("n").is_not_null())["arm"])


def suppress_table_1(
    table: pl.DataFrame, study: Study, shown: Mapping[str, Collection[Place]], closed: Closed | None = None
) -> pl.DataFrame:
    """Table 1 for sharing: the same rows, hidden values null and their text `suppressed`.

    `shown`: of each variable the row and arm of the counts that may be shown. A median, mean or percentage is hidden with the count
    it is of, least and greatest values are always hidden, a median or quartile where it marks off fewer than `min_cell`, and what tells
    of a hidden count where it is (`closed`). Means have the decimal that is printed: with more, of five women they tell the sum.
    """
    if not table.height or study.min_cell == 1:
        return table
    frames = table.group_by("variable", maintain_order=True)
    hidden = {name for (variable,), frame in frames for name in _hidden_rows(frame, shown[str(variable)], study.min_cell)}
    told = table.select("variable", "arm", "statistic", "number_id").iter_rows() if closed else ()
    hidden |= {name for variable, arm, statistic, name in told if closed and closed.hides(variable, arm, statistic)}
    is_shown = ~pl.col("number_id").is_in(sorted(hidden))
    as_printed = pl.when(pl.col("statistic").is_in(MEANS)).then(pl.col("text").cast(pl.Float64, strict=False)).otherwise("value")
    value, text = pl.when(is_shown).then(as_printed), pl.when(is_shown).then("text").otherwise(pl.lit(SUPPRESSED))
    return table.with_columns(value.alias("value"), text.alias("text"))


def _by_row(table: pl.DataFrame) -> list[dict[str, object]]:
    """The rows of Table 1 with the row of their count: its level, or the state of those without one."""
    row = pl.when(pl.col("statistic").is_in(STATES)).then("statistic").otherwise("level").alias("row")
    return table.with_columns(row).rows(named=True)


def _hidden_rows(table: pl.DataFrame, shown: Collection[Place], min_cell: int) -> list[str]:
    """number_id of each row of one variable that must be hidden."""
    rows = [(str(r["row"]), str(r["arm"]), r["statistic"], str(r["number_id"])) for r in _by_row(table)]
    n = dict(table.filter(pl.col("statistic") == "n").select("arm", "value").iter_rows())
    closed = {arm for row, arm, _, _ in rows if row in STATES and (row, arm) not in shown}

    def is_hidden(row: str, arm: str, statistic: object) -> bool:
        if (row, arm) not in shown or statistic in EXTREMES or (statistic == "percent" and arm in closed):
            return True
        return statistic in PARTS and n[arm] < PARTS[str(statistic)] * min_cell

    return [name for row, arm, statistic, name in rows if is_hidden(row, arm, statistic)]


def counts_of(table: pl.DataFrame) -> dict[str, dict[Place, int]]:
    """The counts of Table 1 by variable, each by row and arm."""
    found: dict[str, dict[Place, int]] = {str(variable): {} for variable in table["variable"].unique(maintain_order=True)}
    for r in _by_row(table.filter(pl.col("statistic").is_in(["n", *STATES]))):
        found[str(r["variable"])][str(r["row"]), str(r["arm"])] = int(float(str(r["value"])))
    return found


def variable_sums(counts: Mapping[Place, int], open_: Collection[str]) -> Sums[Place, Place]:
    """The counts of one variable, of the arms that may be shown, as sums over rows and arms; the cohort counts tell the women of an arm."""
    arms, levels = {arm for _, arm in counts} - {ALL}, sorted({row for row, _ in counts})
    cells = {place: n for place, n in counts.items() if place[1] != ALL} if arms else dict(counts)
    shown = {place: frozenset({place}) for place in cells if place[1] in open_}
    known = [frozenset((row, arm) for row in levels) for arm in sorted(arms) if arm in open_]
    if arms and ALL in open_:
        shown |= {(row, ALL): frozenset((row, arm) for arm in arms) for row in levels}
        known.append(frozenset(cells))
    elif ALL in open_:
        known.append(frozenset(cells))
    return Sums(cells, shown, tuple(known), {place: WHOLE_COST for place in shown if place[1] == ALL})
