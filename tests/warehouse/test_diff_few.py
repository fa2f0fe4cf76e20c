"""Two releases of a study: what a reader of both can subtract is told by `oncomart diff`."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.study import Study
from warehouse.differing.few import few
from warehouse.differing.numbers import SUPPRESSED, Change
from warehouse.differing.sides import AFTER, BEFORE, Side
from warehouse.methods import _disclosure
from warehouse.methods_words import min_cell_of


def change(name: str, before: str, after: str) -> Change:
    number = f"s.{name}"
    return Change("s", name.split(".", maxsplit=1)[0], (number, number), before, after, is_open=SUPPRESSED not in (before, after))


def told(folder: Path, *found: Change, min_cell: int = 5) -> list[str]:
    place = folder / "share" / "studies" / "s"
    place.mkdir(parents=True)
    (place / "methods.md").write_text(f"- In what is shared, counts and so on (`min_cell: {min_cell}`); curves.\n", encoding="utf-8")
    return list(few({BEFORE: Side(folder, {}), AFTER: Side(folder, {})}, found))


def test_counts_what_differs_by_a_few_women_and_is_shown_in_both(tmp_path: Path) -> None:
    found = [
        change("table_1.stage_iiia.n.operated", "7", "8"),  # one came
        change("cohort_counts.in_window.left.all", "12", "8"),  # four left
        change("cohort_counts.analysed.n.all", "40", "45"),  # five came
        change("table_1.stage_i.n.operated", SUPPRESSED, "5"),  # not shown in both
        change("table_1.age_years.mean.operated", "55.1", "55.4"),  # no count
    ]
    assert told(tmp_path, *found) == [
        "study s: 2 counts that both releases show differ by fewer than 5: whoever reads both can tell where a few came or left, so give "
        "readers one of the two (docs/studies.md)"
    ]


@pytest.mark.parametrize(
    ("before", "after", "min_cell"),
    [pytest.param("7", "8", 1, id="nothing is hidden"), pytest.param("7", "12", 5, id="five came"), pytest.param("7", "", 5, id="gone")],
)
def test_says_nothing_else(tmp_path: Path, before: str, after: str, min_cell: int) -> None:
    assert told(tmp_path, change("table_1.stage_iiia.n.operated", before, after), min_cell=min_cell) == []


@pytest.mark.parametrize("min_cell", [1, 5, 10])
def test_reads_what_the_methods_say(min_cell: int) -> None:
    made = Study.model_construct(min_cell=min_cell, min_cell_reason=None)
    assert min_cell_of("\n".join(["- Kept: `(x) = '(`min_cell: 3`)'`", *_disclosure(made)])) == min_cell
