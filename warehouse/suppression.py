"""Small cells hidden in what is shared: counts under `min_cell`, and what would give them away (docs/studies.md).

A hidden count has a null value and the text `suppressed`, whether it is small itself or protects a small one, so that
the mark says nothing. With `min_cell: 1` nothing is hidden. Survival has a module of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from schemas.study import Study
from warehouse.cohort import ANALYSED, NO_TUMOUR
from warehouse.disclosure import Sums, hide
from warehouse.numbers import ALL, HELD, LEFT, UNDETERMINED

SUPPRESSED = "suppressed"
STATES = ("missing", "not_applicable")
# Statistics that are one woman's own value.
EXTREMES = ("min", "max")
Place = tuple[str, str]
# Steps are hidden after arms and groups, the whole cohort last.
STEP_COST, WHOLE_COST = 1, 2


def suppress_counts(counts: pl.DataFrame, study: Study) -> pl.DataFrame:
    """Cohort counts for sharing: n null where hidden."""
    n = {(r["step"], r["arm"]): int(r["n"]) for r in counts.iter_rows(named=True)}
    hidden = hide(_cohort_sums(counts, n), study.min_cell)
    shown = [None if place in hidden else value for place, value in n.items()]
    return counts.with_columns(n=pl.Series(shown, dtype=pl.Int64))


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
        cells["rest of", f"{place}"] = n[place] - sum(n[part] for part in parts)
        shown[place] = frozenset({*parts, ("rest of", f"{place}")})
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


def open_arms(counts: pl.DataFrame) -> frozenset[str]:
    """The arms (and `all`) whose women may be counted: those that the shared cohort counts show."""
    return frozenset(counts.filter(pl.col("step") == ANALYSED, pl.col("n").is_not_null())["arm"])


def suppress_table_1(table: pl.DataFrame, study: Study, open_: Collection[str]) -> pl.DataFrame:
    """Table 1 for sharing: the same rows, hidden values null and their text `suppressed`.

    `open_`: the arms that may be shown. A median, mean or percentage is hidden with the count it is of, least and
    greatest values are always hidden.
    """
    if not table.height or study.min_cell == 1:
        return table
    hidden = {name for _, frame in table.group_by("variable", maintain_order=True) for name in _hidden_rows(frame, study.min_cell, open_)}
    shown = ~pl.col("number_id").is_in(sorted(hidden))
    value, text = pl.when(shown).then("value"), pl.when(shown).then("text").otherwise(pl.lit(SUPPRESSED))
    return table.with_columns(value.alias("value"), text.alias("text"))


def _hidden_rows(table: pl.DataFrame, min_cell: int, open_: Collection[str]) -> list[str]:
    """number_id of each row of one variable that must be hidden."""
    row = pl.when(pl.col("statistic").is_in(STATES)).then("statistic").otherwise("level").alias("row")
    rows = table.with_columns(row).rows(named=True)
    counts = {(r["row"], r["arm"]): int(r["value"]) for r in rows if r["statistic"] in ("n", *STATES)}
    hidden = _hidden_places(counts, min_cell, open_)
    closed = {arm for place, arm in hidden if place in STATES}

    def is_hidden(r: Mapping[str, object]) -> bool:
        place = str(r["row"]), str(r["arm"])
        return place in hidden or r["statistic"] in EXTREMES or (r["statistic"] == "percent" and r["arm"] in closed)

    return [str(r["number_id"]) for r in rows if is_hidden(r)]


def _hidden_places(counts: Mapping[Place, int], min_cell: int, open_: Collection[str]) -> set[Place]:
    """Places (row, arm) of one variable to be hidden; those of an arm that is not open are, whatever they hold."""
    arms, levels = {arm for _, arm in counts} - {ALL}, sorted({row for row, _ in counts})
    cells = {place: n for place, n in counts.items() if place[1] != ALL} if arms else dict(counts)
    shown = {place: frozenset({place}) for place in cells if place[1] in open_}
    known = [frozenset((row, arm) for row in levels) for arm in sorted(arms) if arm in open_]
    if arms and ALL in open_:
        shown |= {(row, ALL): frozenset((row, arm) for arm in arms) for row in levels}
        known.append(frozenset(cells))
    elif ALL in open_:
        known.append(frozenset(cells))
    cost = {place: WHOLE_COST for place in shown if place[1] == ALL}
    return hide(Sums(cells, shown, tuple(known), cost), min_cell) | (counts.keys() - shown.keys())
