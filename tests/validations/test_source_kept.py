"""A field that one source fills no more, and a source whose contacts are not fresh any more."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest
from test_expectations import Rows, build

from validations.anchor import Anchors
from validations.baseline import Counted, all_from
from validations.expectation_beside import judged_beside
from validations.expectation_checks import Parts, check_registry
from validations.expectation_plan import measure
from validations.expectation_rules import Rule, compared_rules, rules

SIZE, FRESH = "dim_tumour_tumour_size_mm_kept", "fresh_contacts"
RULES = tuple(rule for rule in rules({}) if rule.name in (SIZE, FRESH))
LEAST, MOST = "tumours_against_previous", "tumours_at_most"
VOLUMES = tuple(rule for rule in rules({}) if rule.name in (LEAST, MOST))
FILLS = {(source, field) for source in ("north", "south") for field in ("dim_tumour.tumour_size_mm", "fact_follow_up.contact")}


def wards(sizes: int, fresh: int, south: int = 120) -> Rows:
    """North with 200 women of whom all is known, south with so many sizes and fresh contacts."""
    north = [(i, True, True) for i in range(1, 201)]
    women = [*north, *((i, i <= 200 + sizes, i <= 200 + fresh) for i in range(201, 201 + south))]
    days = {True: date(2019, 12, 1), False: date(2015, 1, 1)}
    return {
        "release": [{"run_id": "r", "registry": "x", "as_of": date(2020, 1, 1), "code_version": "0", "is_simulated": False}],
        "dim_source": [{"source_key": key, "source": name} for key, name in ((1, "north"), (2, "south"))],
        "dim_tumour": [{"tumour_key": i, "patient_key": i, "tumour_size_mm": 20 if size else None} for i, size, _ in women],
        "fact_follow_up": [{"follow_up_key": i, "patient_key": i, **contact(days[new])} for i, _, new in women],
        "lineage": [
            {"table_name": table, "row_key": i, "source_key": 1 if i <= 200 else 2, "step": "delivered"}
            for table in ("dim_tumour", "fact_follow_up") for i, *_ in women
        ],
    }  # fmt: skip


def contact(day: date) -> dict[str, object]:
    return {"contact_earliest_date": day, "contact_latest_date": day, "contact_precision": "day"}


def told(path: Path, now: Rows, before: Rows, given: tuple[Rule, ...] = RULES) -> dict[str, str]:
    """By name what is not met of the second release against the first."""
    counted = []
    for place, rows in enumerate((before, now)):
        with duckdb.connect(str(build(path / f"{place}.duckdb", rows)), read_only=True) as con:
            counted.append(measure(con, given, FILLS))
    earlier = Counted("0123456789ab", "2019-12-31", counted[0].counts(), counted[0].shares)
    base = all_from((*given, *compared_rules(counted[0].shares)), earlier)
    rows = judged_beside(given, counted[1], (base, Anchors()), {}, {}, fills=FILLS).rows
    return {name: detail for name, _, _, success, detail, _ in rows if success is False and "." in name}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("now", "names"),
    [
        (wards(100, 60), {}),
        (wards(0, 110), {f"{SIZE}.south": "0 of 120 rows now, in 120 of 120"}),
        (wards(59, 110), {f"{SIZE}.south": "59 of 120 rows now"}),
        (wards(90, 110), {f"{SIZE}.south": "90 of 120 rows now"}),
        (wards(120, 0), {f"{FRESH}.south": "0 of 120 rows now, in 110 of 120"}),
        # half of its women gone, and nothing lost of the others: a volume's business
        (wards(40, 40, south=40), {}),
        (wards(0, 40, south=40), {f"{SIZE}.south": "0 of 40 rows now"}),
        (wards(0, 10, south=10), {}),
    ],
)
def test_what_one_source_fills_no_more_is_told_by_its_name(tmp_path: Path, now: Rows, names: dict[str, str]) -> None:
    found = told(tmp_path, now, wards(120, 110))
    assert set(found) == set(names)
    assert all("known in " in found[name] and said in found[name] for name, said in names.items())
    # at least half of what it knew is known still: fewer, not silent
    assert all(told_.startswith("south: fell silent: ") is ("90 of 120" not in told_) for told_ in found.values())


@pytest.mark.parametrize(
    ("south", "names"),
    [
        pytest.param(120, {}, marks=pytest.mark.slow),
        (175, {}),
        (190, {f"{MOST}.south": "south: 190 now, 120 in release 0123456789ab of 2019-12-31, expected at most 180"}),
        pytest.param(70, {}, marks=pytest.mark.slow),
        (50, {f"{LEAST}.south": "south: 50 now, 120 in release 0123456789ab of 2019-12-31, expected at least 60"}),
        pytest.param(
            0, {f"{LEAST}.south": "south: 0 now, 120 in release 0123456789ab of 2019-12-31, expected at least 60"}, marks=pytest.mark.slow
        ),
    ],
)
def test_the_rows_of_one_source_are_held_to_what_it_told_before(tmp_path: Path, south: int, names: dict[str, str]) -> None:
    """North hides it: all in all there are never half as many again or half as many."""
    assert told(tmp_path, wards(south, south, south=south), wards(120, 120), VOLUMES) == names


def test_a_line_accepts_it_for_one_source() -> None:
    check_registry({}, {f"{SIZE}.south": "0123456789ab", f"{FRESH}.south": "0123456789ab"}, parts=Parts(sources=("south",)))
    assert [rule.kind for rule in compared_rules([f"{SIZE}.south", f"{FRESH}.south", FRESH])] == ["kept_by_source"] * 2
