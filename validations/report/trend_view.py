"""Trends over releases as small lines, and what changed since the last release."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from validations.report.numbers import count, percent

# As many releases as a line of 96 pixels can tell apart.
MOST_POINTS = 30
WIDTH, HEIGHT, EDGE = 96, 22, 3
MOST_EDITS = 6


@dataclass(frozen=True)
class Spark:
    """One line: `parts` are its unbroken pieces as SVG points, `last` its last point (None: the last release has none);
    `first_told` and `last_told` the numbers at its ends.
    """

    parts: tuple[str, ...]
    last: tuple[float, float] | None
    words: str
    first_told: str = ""
    last_told: str = ""


def spark(values: Sequence[float | None], words: str, first: str = "", last: str = "") -> Spark:
    """A line from 0 to the largest value; a release without a value is a gap."""
    top = max((value for value in values if value is not None), default=0) or 1
    step = (WIDTH - 2 * EDGE) / max(1, len(values) - 1)
    points = [
        None if value is None else (round(EDGE + i * step, 1), round(HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * value / top, 1))
        for i, value in enumerate(values)
    ]
    return Spark(tuple(_pieces(points)), points[-1] if points else None, words, first, last)


def _pieces(points: Sequence[tuple[float, float] | None]) -> list[str]:
    pieces: list[list[str]] = [[]]
    for point in points:
        if point is None:
            pieces.append([])
        else:
            pieces[-1].append(f"{point[0]:g},{point[1]:g}")
    return [" ".join(piece) for piece in pieces if piece]


def edit_trends(history: pl.DataFrame) -> dict[str, Spark]:
    """By edit: the share of the judged records that it found, over the last releases; empty until there are two."""
    numbers = _last_numbers(history)
    if len(numbers) < 2:
        return {}
    found, judged = pl.col("violated") + pl.col("possible"), pl.sum_horizontal("violated", "possible", "satisfied")
    shares = history.select("release_no", "edit", found=found, judged=judged)
    by_edit: dict[str, dict[int, tuple[int, int]]] = {}
    for number, edit, n, of in shares.iter_rows():
        by_edit.setdefault(edit, {})[number] = (n, of)
    return {edit: _edit_spark([met.get(number) for number in numbers]) for edit, met in by_edit.items()}


def _edit_spark(met: Sequence[tuple[int, int] | None]) -> Spark:
    values = [None if one is None or not one[1] else one[0] / one[1] for one in met]
    told = [one[0] for one in met if one is not None]
    shares = [percent(*one) for one in met if one is not None and one[1]]
    ends = f" (first {shares[0]}, last {shares[-1]} of the judged; the line begins at 0)" if shares else ""
    return spark(values, f"found in the last {len(met)} releases: {', '.join(count(n) for n in told[-6:])}{ends}", *_ends(shares))


def _ends(told: Sequence[str]) -> tuple[str, str]:
    return (told[0], told[-1]) if told else ("", "")


def _measure_spark(met: Sequence[int | None]) -> Spark:
    told = [count(n) for n in met if n is not None]
    ends = f": {', '.join(told[-6:])} (first {told[0]}, last {told[-1]}; the line begins at 0)" if told else ""
    return spark(met, f"in the last {len(met)} releases{ends}", *_ends(told))


def measure_trends(history: pl.DataFrame) -> dict[str, Spark]:
    """By measure (rows of a table, findings): its counts over the last releases; empty until there are two."""
    numbers = _last_numbers(history)
    if len(numbers) < 2:
        return {}
    by_name: dict[str, dict[int, int]] = {}
    for number, name, n in history.select("release_no", "measure", "n").iter_rows():
        by_name.setdefault(name, {})[number] = n
    return {name: _measure_spark([met.get(number) for number in numbers]) for name, met in by_name.items()}


def _last_numbers(history: pl.DataFrame) -> list[int]:
    return history["release_no"].unique().sort().tail(MOST_POINTS).to_list()


def changes(edits: pl.DataFrame, releases: pl.DataFrame, texts: pl.DataFrame) -> dict[str, Any] | None:
    """What changed since the last release; None where this is the first. edits: EDIT_HISTORY, releases: RELEASES, texts: EDITS.

    findings, numbers, numbers_changed: counts of this release (numbers_changed None where it cannot be told). edits: one row per edit
    with a finding that came or went, most first.
    """
    numbers = releases["release_no"].unique().sort()
    if numbers.len() < 2:
        return None
    now, before = _measures(releases, numbers[-1]), releases.filter(pl.col("release_no") == numbers[-2])
    moved = pl.col("new") + pl.col("returned") + pl.col("gone")
    titles = texts.select("edit", "title").unique("edit")
    rows = edits.filter(pl.col("release_no") == numbers[-1], moved > 0).join(titles, on="edit", how="left")
    ordered = rows.sort(moved, "edit", descending=[True, False])
    return {
        "before": {"run_id": before["run_id"][0], "as_of": before["as_of"][0]},
        **{name: now.get(name, 0) for name in ("findings", "findings_new", "findings_returned", "findings_gone", "numbers")},
        "numbers_changed": now.get("numbers_changed"),
        "edits": ordered.head(MOST_EDITS).to_dicts(),
        "more": max(0, rows.height - MOST_EDITS),
    }


def met_or_not(now: Collection[str], before: Collection[str] | None) -> dict[str, list[str]] | None:
    """The expectations that are not met since this release, and those met again; None where the release before does not say."""
    if before is None:
        return None
    return {"new": sorted(set(now) - set(before)), "gone": sorted(set(before) - set(now)), "standing": sorted(set(now) & set(before))}


def _measures(releases: pl.DataFrame, number: int) -> Mapping[str, int]:
    return dict(releases.filter(pl.col("release_no") == number).select("measure", "n").iter_rows())
