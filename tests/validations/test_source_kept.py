"""A field that one source fills no more, and a source whose contacts are not fresh any more."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest
from test_expectations import Rows, build

from validations.expecting.anchor import Anchors
from validations.expecting.baseline import Counted, all_from
from validations.expecting.beside import judged_beside
from validations.expecting.checks import Parts, check_registry
from validations.expecting.plan import measure
from validations.expecting.rules import Rule, compared_rules, rules
from validations.reference import Reference

SIZE, FRESH = "dim_tumour_tumour_size_mm_kept", "fresh_contacts"
RULES = tuple(rule for rule in rules({}) if rule.name in (SIZE, FRESH))
LEAST, MOST = "tumours_against_previous", "tumours_at_most"
VOLUMES = tuple(rule for rule in rules({}) if rule.name in (LEAST, MOST))
FIELDS = ("dim_tumour.tumour_size_mm", "fact_follow_up.contact")


def wards(sizes: int, fresh: int, south: int = 120) -> Rows:
    """North with 200 women of whom all is known, south with so many sizes and fresh contacts."""
    return delivered(north=[(True, True)] * 200, south=[(n < sizes, n < fresh) for n in range(south)])


def delivered(**women: list[tuple[bool, bool]]) -> Rows:
    """By source, of each woman: whether her size is known, and whether her contact is fresh."""
    days = {True: date(2019, 12, 1), False: date(2015, 1, 1)}
    told = [(source, *woman) for source, of_source in enumerate(women.values(), 1) for woman in of_source]
    numbered = [(i, *woman) for i, woman in enumerate(told, 1)]
    return {
        "release": [{"run_id": "r", "registry": "x", "as_of": date(2020, 1, 1), "code_version": "0", "is_simulated": False}],
        "dim_source": [{"source_key": key, "source": name} for key, name in enumerate(women, 1)],
        "dim_tumour": [{"tumour_key": i, "patient_key": i, "tumour_size_mm": 20 if size else None} for i, _, size, _ in numbered],
        "fact_follow_up": [{"follow_up_key": i, "patient_key": i, **contact(days[new])} for i, _, _, new in numbered],
        "lineage": [
            {"table_name": table, "row_key": i, "source_key": source, "step": "delivered"}
            for table in ("dim_tumour", "fact_follow_up") for i, source, *_ in numbered
        ],
    }  # fmt: skip


def contact(day: date) -> dict[str, object]:
    return {"contact_earliest_date": day, "contact_latest_date": day, "contact_precision": "day"}


def told(path: Path, now: Rows, before: Rows, given: tuple[Rule, ...] = RULES) -> dict[str, str]:
    """By name what is not met of the second release against the first."""
    counted, fills = [], {(str(row["source"]), field) for row in now["dim_source"] for field in FIELDS}
    for place, rows in enumerate((before, now)):
        with duckdb.connect(str(build(path / f"{place}.duckdb", rows)), read_only=True) as con:
            counted.append(measure(con, given, fills))
    earlier = Counted("0123456789ab", "2019-12-31", counted[0].counts(), counted[0].shares)
    base = all_from((*given, *compared_rules(counted[0].shares)), earlier)
    rows = judged_beside(given, counted[1], {}, Reference({}, (base, Anchors()), fills=fills)).rows
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


def test_the_rows_of_one_source_are_held_to_what_it_told_before(tmp_path: Path) -> None:
    """Of 120 of each before. They hide one another: all in all there are never half as many again or half as many."""
    women = {"same": 120, "more": 175, "most": 190, "fewer": 70, "fewest": 50, "none": 0}
    now, before = (delivered(**{name: [(True, True)] * n for name, n in of.items()}) for of in (women, dict.fromkeys(women, 120)))
    since = "120 in release 0123456789ab of 2019-12-31, expected"
    assert told(tmp_path, now, before, VOLUMES) == {
        f"{MOST}.most": f"most: 190 now, {since} at most 180",
        f"{LEAST}.fewest": f"fewest: 50 now, {since} at least 60",
        f"{LEAST}.none": f"none: 0 now, {since} at least 60",
    }


def test_a_line_accepts_it_for_one_source() -> None:
    check_registry({}, {f"{SIZE}.south": "0123456789ab", f"{FRESH}.south": "0123456789ab"}, parts=Parts(sources=("south",)))
    assert [rule.kind for rule in compared_rules([f"{SIZE}.south", f"{FRESH}.south", FRESH])] == ["kept_by_source"] * 2
