"""Table 1 as a reader sees it: one line per level, n (%), medians with their range."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import polars as pl

from schemas.study import Study, Variable
from warehouse.cohort import ANALYSED, Cohort
from warehouse.levels import Longer, worded
from warehouse.numbers import ALL
from warehouse.suppressing.cells import EXTREMES, SUPPRESSED
from warehouse.survival.analysis_words import p_text
from warehouse.tables import HEAD, LEVEL, PLAIN, PrintedTable

DASH = "–"
# Line of a numeric variable: its words, the statistics it needs, how they are put together.
SUMMARIES = (
    ("median (range)", ("median", "min", "max"), "{0} ({1}–{2})"),
    ("median (interquartile range)", ("median", "q1", "q3"), "{0} ({1}–{2})"),
    ("mean (SD)", ("mean", "sd"), "{0} ({1})"),
)
Cells = Mapping[tuple[str, str, str, str], str]
Line = tuple[str, list[str]]
Words = Callable[[Variable], Callable[[str], str]]


def printed_table_1(
    study: Study,
    cohort: Cohort,
    table: pl.DataFrame,
    counts: pl.DataFrame,
    banner: str = "",
    *,
    tests: pl.DataFrame | None = None,
    is_exact: bool = True,
    is_refused: bool = False,
    longer: Longer | None = None,
) -> PrintedTable:
    """Table 1 of these rows (`is_exact`, or as they are shared); `counts` are the cohort counts beside them, `tests` those of the study.

    Of a study whose numbers are refused it has the arms as declared and the characteristics, and says why there is nothing in it.
    """
    if is_refused:
        return _empty_table_1(study, banner)
    arms = list(cohort.arms) if len(cohort.arms) == 1 else [*cohort.arms, ALL]
    cells = {(r["variable"], r["level"], r["arm"], r["statistic"]): r["text"] for r in table.iter_rows(named=True)}
    of_levels = partial(worded, own=study.columns, longer=longer)
    rows = [line for variable in study.table_1 for line in _lines(of_levels, variable, table, cells, arms)]
    heads = ["Characteristic", *(_head(study, counts, arm) for arm in arms)]
    notes = _notes(study, table, rows, _empty(study, counts))
    if study.table_1_p_values and tests is not None:
        of_variable = {row["variable"]: row for row in tests.iter_rows(named=True)}
        parts = [list(_lines(of_levels, variable, table, cells, arms)) for variable in study.table_1]
        told = [_with_p(of_variable[one.variable], part, is_exact=is_exact) for one, part in zip(study.table_1, parts, strict=True)]
        rows, heads, notes = [line for lines in told for line in lines], [*heads, "P"], [*notes, *_test_notes(tests)]
    return _table(study, heads, rows, notes, banner)


def _with_p(test: Mapping[str, Any], lines: list[Line], *, is_exact: bool) -> list[Line]:
    """The lines of one variable with a last cell more: the first has its P."""
    text = DASH if test["p"] is None else p_text(test["p"], is_exact=is_exact).removeprefix("p ").removeprefix("= ")
    return [(kind, [*cells, text if not number else ""]) for number, (kind, cells) in enumerate(lines)]


def _test_notes(tests: pl.DataFrame) -> list[str]:
    """Which tests there are, and why there is none where there is none; never a word of what they mean."""
    used = [name for name in tests["test"].unique(maintain_order=True) if name]
    notes = [f"P: differences between the arms by chance ({', '.join(used)}); not adjusted for the number of tests."] if used else []
    reasons = tests.filter(pl.col("p").is_null())["reason"].drop_nulls().unique(maintain_order=True)
    whose = f" ({DASH})" if used else " of any variable"
    return [*notes, f"P not given{whose}: {'; or '.join(reasons)}."] if reasons.len() else notes


def _table(study: Study, heads: list[str], rows: list[Line], notes: list[str], banner: str) -> PrintedTable:
    return PrintedTable("table_1", f"Table 1. Characteristics of the {study.subjects}", study.title, heads, rows, notes, banner)


def _empty_table_1(study: Study, banner: str) -> PrintedTable:
    """The frame of a table whose numbers are refused; the banner above it says what the limit is."""
    arms = [*(arm.label for arm in study.arms), *(["All"] if len(study.arms) > 1 else [])]
    rows = [(PLAIN, [variable.label, *[DASH] * len(arms)]) for variable in study.table_1]
    note = f"{DASH} not given. The numbers of this study are refused, how many {study.subjects} each column is about among them."
    return _table(study, ["Characteristic", *arms], rows, [note, *_citation(study)], banner)


def _head(study: Study, counts: pl.DataFrame, arm: str) -> str:
    label = next((known.label for known in study.arms if known.arm == arm), "All")
    n = counts.filter(pl.col("step") == ANALYSED, pl.col("arm") == arm)["n"]
    return f"{label} (n\u00a0=\u00a0{n[0] if n.len() and n[0] is not None else SUPPRESSED})"


def _lines(of_levels: Words, variable: Variable, table: pl.DataFrame, cells: Cells, arms: list[str]) -> Iterator[Line]:
    def row(level: str, statistic: str) -> list[str]:
        return [cells.get((variable.variable, level, arm, statistic), "") for arm in arms]

    if variable.value is not None:
        yield from _numeric_lines(variable, row)
    else:
        word = of_levels(variable)
        yield HEAD, [variable.label, *[""] * len(arms)]
        levels = table.filter(pl.col("variable") == variable.variable, pl.col("level") != "")["level"].unique(maintain_order=True)
        for level in levels:
            both = zip(row(level, "n"), row(level, "percent"), strict=True)
            yield LEVEL, [word(level), *(_n_percent(n, percent) for n, percent in both)]
    for statistic, words in (("missing", "Not known"), ("not_applicable", "Not applicable")):
        counted = row("", statistic)
        if set(counted) - {"", "0"}:
            yield LEVEL, [words, *(DASH if n == SUPPRESSED else n for n in counted)]


def _n_percent(n: str, percent: str) -> str:
    if n == SUPPRESSED:
        return DASH
    return f"{n} ({percent})" if percent and percent != SUPPRESSED else n


def _numeric_lines(variable: Variable, row: Callable[[str, str], list[str]]) -> Iterator[Line]:
    hidden = {part for part in EXTREMES if {*row("", part)} - {""} == {SUPPRESSED}}
    # Where least and greatest values are not shared a median stands without its range.
    asked = set(variable.statistics) - hidden or set(variable.statistics)
    lines: list[tuple[str, tuple[str, ...], str]] = [(words, parts, pattern) for words, parts, pattern in SUMMARIES if set(parts) <= asked]
    shown = {part for _, parts, _ in lines for part in parts}
    lines += [(part, (part,), "{0}") for part in variable.statistics if part in asked - shown]
    kind = PLAIN if len(lines) == 1 else LEVEL
    if len(lines) > 1:
        yield HEAD, [variable.label, *[""] * len(row("", "n"))]
    for words, parts, pattern in lines:
        cells = zip(*(row("", part) for part in parts), strict=True)
        named = f"{variable.label}, {words}" if kind == PLAIN else words.capitalize().replace("(sd)", "(SD)")
        yield kind, [named, *(_summary(cell, pattern) for cell in cells)]


def _summary(cell: tuple[str, ...], pattern: str) -> str:
    """The statistics of a line put together; the first alone where what stands behind it is suppressed, or none (the sd of one woman)."""
    first, *others = cell
    if first in ("", SUPPRESSED):
        return DASH
    return first if {"", SUPPRESSED} & {*others} else pattern.format(*cell)


def _empty(study: Study, counts: pl.DataFrame) -> list[str]:
    """Labels of the arms that have no column, since nobody is in them."""
    nobody = set(counts.filter(pl.col("step") == ANALYSED, pl.col("n") == 0)["arm"])
    return [arm.label for arm in study.arms if arm.arm in nobody]


def _rounded(table: pl.DataFrame) -> bool:
    """Whether the percentages of some variable, all shown, do not add up to 100.0 as they are printed."""
    shares = table.filter(pl.col("statistic") == "percent", pl.col("text") != "")
    printed, hidden = pl.col("text").cast(pl.Decimal(9, 1), strict=False).sum(), pl.col("text").eq(SUPPRESSED).any()
    sums = shares.group_by("variable", "arm").agg(printed, hidden=hidden)
    return bool((~sums["hidden"] & (sums["text"] != 100)).any())


def _notes(study: Study, table: pl.DataFrame, rows: list[Line], empty: list[str]) -> list[str]:
    nobody = [f"No {study.subjects}, and no column: {'; '.join(empty)}."] if empty else []
    if not study.table_1:
        return [f"The study names no characteristics of the {study.subjects}.", *nobody, *_citation(study)]
    notes = [f"Values are n (%) unless said otherwise. Percentages and summaries are of the {study.subjects} with a known value."]
    if _rounded(table):
        notes[0] += " They may not add up to 100 because they are rounded."
    notes += nobody
    if SUPPRESSED in table["text"]:
        notes.append(
            f"{DASH} not known, or suppressed: fewer than {study.min_cell} {study.subjects}, or a number that would reveal such a number."
        )
    elif any(DASH in cells for _, cells in rows):
        notes.append(f"{DASH} no value known.")
    if study.data_cut_off is not None:
        notes.append(f"Arms and values are of all that was delivered, also after the data cut-off {study.data_cut_off}.")
    return [*notes, *_citation(study)]


def _citation(study: Study) -> list[str]:
    return [f"Source of the cohort: {study.citation}."] if study.citation else []
