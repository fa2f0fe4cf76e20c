"""Small cells hidden in what is shared: counts under `min_cell`, and what would give them away by subtraction.

A hidden count has a null value and the text `suppressed`, whether it is small itself or protects a small one, so that
the mark says nothing. With `min_cell: 1` nothing is hidden.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from schemas.study import Study
from warehouse.cohort import ANALYSED, HELD
from warehouse.numbers import ALL

SUPPRESSED = "suppressed"
STATES = ("missing", "not_applicable")
Place = tuple[str, str]


def protect(counts: Mapping[Place, int], min_cell: int) -> set[Place]:
    """Places (row, arm) of a table of counts that must be hidden; the arm `all` is the sum of the others.

    In each row and each column either nothing is hidden, or at least two counts that together reach `min_cell`: the
    totals of rows and columns are known. What is added is the smallest count that is left, above 0 where there is one.
    """
    hidden = {place for place, n in counts.items() if 0 < n < min_cell}
    rows, arms = {row for row, _ in counts}, {arm for _, arm in counts}
    lines = [[(row, arm) for arm in sorted(arms) if (row, arm) in counts] for row in sorted(rows)]
    lines += [[(row, arm) for row in sorted(rows) if (row, arm) in counts] for arm in sorted(arms)]
    before = -1
    while before != len(hidden):
        before = len(hidden)
        for line in lines:
            hidden |= _partner(line, hidden, counts, min_cell)
    return hidden


def _partner(line: Sequence[Place], hidden: set[Place], counts: Mapping[Place, int], min_cell: int) -> set[Place]:
    inside = [place for place in line if place in hidden]
    if not inside or (len(inside) > 1 and sum(counts[place] for place in inside) >= min_cell):
        return set()
    left = [place for place in line if place not in hidden]
    return {min(left, key=lambda place: (counts[place] == 0, place[1] == ALL, counts[place], place))} if left else set()


def suppress_table_1(table: pl.DataFrame, study: Study) -> pl.DataFrame:
    """Table 1 for sharing: the same rows, hidden values null and their text `suppressed`."""
    hidden = (
        pl.concat([_hidden_cells(frame, study.min_cell) for _, frame in table.group_by("variable", maintain_order=True)])
        if table.height
        else table
    )
    if not hidden.height:
        return table
    marked = table.join(hidden.select("number_id", is_hidden=pl.lit(True)), on="number_id", how="left", maintain_order="left")
    shown = pl.col("is_hidden").is_null()
    value, text = pl.when(shown).then("value"), pl.when(shown).then("text").otherwise(pl.lit(SUPPRESSED))
    return marked.with_columns(value.alias("value"), text.alias("text")).drop("is_hidden")


def _hidden_cells(table: pl.DataFrame, min_cell: int) -> pl.DataFrame:
    """The rows of one variable that must be hidden: counts, then the percentages and summaries that tell them."""
    row = pl.when(pl.col("statistic").is_in(STATES)).then("statistic").otherwise("level").alias("row")
    placed = table.with_columns(row)
    counted = placed.filter(pl.col("statistic").is_in(["n", *STATES]))
    counts = {(r["row"], r["arm"]): int(r["value"]) for r in counted.iter_rows(named=True)}
    hidden = protect(counts, min_cell)
    arms_without_total = {arm for place, arm in hidden if place in STATES}
    is_hidden = [
        (r["row"], r["arm"]) in hidden or (r["statistic"] == "percent" and r["arm"] in arms_without_total)
        for r in placed.iter_rows(named=True)
    ]
    return table.filter(pl.Series(is_hidden, dtype=pl.Boolean))


def suppress_counts(counts: pl.DataFrame, study: Study) -> pl.DataFrame:
    """Cohort counts for sharing: n null where hidden."""
    rows = counts.rows(named=True)
    hidden = {(r["step"], r["arm"]) for r in rows if 0 < r["n"] < study.min_cell}
    hidden |= _hidden_steps([r for r in rows if r["arm"] == ALL and "." not in r["step"] and r["step"] != HELD], study.min_cell)
    arms = protect({(ANALYSED, r["arm"]): r["n"] for r in rows if r["step"] == ANALYSED}, study.min_cell)
    hidden |= arms
    for arm in {r["arm"] for r in rows} - {ALL}:
        hidden |= _hidden_groups(rows, arm, (ANALYSED, arm) in arms, study.min_cell)
    n = [None if (r["step"], r["arm"]) in hidden else r["n"] for r in rows]
    return counts.with_columns(n=pl.Series(n, dtype=pl.Int64))


def _hidden_steps(rows: Sequence[Mapping[str, object]], min_cell: int) -> set[Place]:
    """Steps whose difference to the next one shown is a small count: from the analysed women backwards."""
    hidden: set[Place] = set()
    after: int | None = None
    for row in reversed(rows):
        n = int(str(row["n"]))
        if after is not None and 0 < n - after < min_cell:
            hidden.add((str(row["step"]), ALL))
        else:
            after = n
    return hidden


def _hidden_groups(rows: Iterable[Mapping[str, object]], arm: str, is_arm_hidden: bool, min_cell: int) -> set[Place]:
    """Groups of an arm; those in no group are one more cell, which is not shown but can be computed."""
    groups = {(str(r["step"]), arm): int(str(r["n"])) for r in rows if r["parent"] == ANALYSED and r["arm"] == arm}
    whole = sum(int(str(r["n"])) for r in rows if r["step"] == ANALYSED and r["arm"] == arm)
    if is_arm_hidden:
        return {place for place, n in groups.items() if n}
    return protect({**groups, ("", arm): whole - sum(groups.values())}, min_cell) if groups else set()


def suppress_survival(frames: Mapping[str, pl.DataFrame], study: Study) -> dict[str, pl.DataFrame]:
    """km, survival, at_risk and logrank for sharing: curves at the study's ticks, small counts null."""
    if study.min_cell == 1:
        return dict(frames)
    return {
        "km": at_ticks(frames["km"], study),
        "survival": _few_women(frames["survival"], study.min_cell),
        "at_risk": frames["at_risk"].with_columns(_small("at_risk", study.min_cell)),
        "logrank": frames["logrank"],
    }


def at_ticks(curves: pl.DataFrame, study: Study) -> pl.DataFrame:
    """Curves read at the study's ticks; events and censored since the tick before, both null where one of them is small."""
    key = ["analysis", "endpoint", "arm"]
    parts = [_read_at_ticks(curve, study) for _, curve in curves.group_by(key, maintain_order=True)]
    return pl.concat(parts) if parts else curves


def _read_at_ticks(curve: pl.DataFrame, study: Study) -> pl.DataFrame:
    ticks = pl.DataFrame({"tick": [months * float(study.days_per_month) for months in study.ticks_months]})
    whole = curve.sort("days", maintain_order=True).with_columns(
        pl.col("events", "censored").cum_sum(), after=pl.col("at_risk") - pl.col("events") - pl.col("censored")
    )
    read = ticks.join_asof(whole, left_on="tick", right_on="days", strategy="backward").filter(pl.col("tick") <= curve["days"].max())
    at_risk = pl.when(pl.col("tick") == pl.col("days")).then("at_risk").otherwise("after")
    counts = read.with_columns(
        at_risk.alias("at_risk"), *(pl.col(name) - pl.col(name).shift(1, fill_value=0) for name in ("events", "censored"))
    )
    small = pl.any_horizontal((pl.col(name) > 0) & (pl.col(name) < study.min_cell) for name in ("events", "censored"))
    hidden = counts.with_columns(pl.when(~small).then(name).alias(name) for name in ("events", "censored"))
    return hidden.with_columns(_small("at_risk", study.min_cell), days=pl.col("tick")).select(curve.columns)


def _small(column: str, min_cell: int) -> pl.Expr:
    return pl.when((pl.col(column) == 0) | (pl.col(column) >= min_cell)).then(column).alias(column)


def _few_women(survival: pl.DataFrame, min_cell: int) -> pl.DataFrame:
    """Rows of fewer than `min_cell` women say only so; events (or women without one) under it are null."""
    few = (pl.col("n") > 0) & (pl.col("n") < min_cell)
    numbers = [name for name, kind in survival.schema.items() if kind in {pl.Float64, pl.Int64}]
    small_events = ((pl.col("events") > 0) & (pl.col("events") < min_cell)) | (
        (pl.col("n") > pl.col("events")) & (pl.col("n") - pl.col("events") < min_cell)
    )
    shown = survival.with_columns(is_few=few, events=pl.when(~small_events).then("events"), uncertain=_small("uncertain", min_cell))
    said = pl.when("is_few").then(pl.lit(f"fewer than {min_cell} women")).otherwise("reason").alias("reason")
    return shown.with_columns(said, *(pl.when(~pl.col("is_few")).then(name).alias(name) for name in numbers)).drop("is_few")
