"""Endpoints about women who overlap: what three of them tell together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import polars as pl
from small_registry import SURVIVAL, study

from warehouse.suppressing.analyses import EVENTS, EVERYTHING, Count, N
from warehouse.suppressing.disclosure import Sums, hide
from warehouse.suppressing.endpoint import Cell, endpoint_sums, outside
from warehouse.suppressing.linked import shared_tables
from warehouse.suppressing.same_women import Places, Table

# Deaths among all, among stage I, stage I of grade 1, and grade 2.
ABOUT: dict[str, Callable[[str, str], bool]] = {
    "all": lambda stage, grade: True,
    "early": lambda stage, grade: stage == "I",
    "early_low": lambda stage, grade: (stage, grade) == ("I", "1"),
    "high": lambda stage, grade: grade == "2",
}
# Stage, grade, dead, alive. 16 died, 13 of them of grade 2: of grade 1 no more than 3 can have, of stage I or not.
WOMEN = (("I", "1", 2, 8), ("I", "2", 6, 6), ("II", "1", 1, 8), ("II", "2", 7, 5))
STUDY = study(min_cell=5, endpoints=tuple(SURVIVAL | {"endpoint": name, "estimators": ("median_observed_time",)} for name in ABOUT))
DEAD, ALIVE, NONE = Cell("", 2, event=True), Cell("", 2, event=False), outside("")
DEATHS, ALL = Count(EVENTS, EVERYTHING, "x"), Count(N, EVERYTHING, "x")


def tables(names: list[str]) -> dict[Table, Sums[Cell, Count]]:
    found = {}
    for name in names:
        times = [
            ("x", 10.0, dead, None, None, None, n)
            for s, g, *both in WOMEN
            if ABOUT[name](s, g)
            for dead, n in zip((True, False), both, strict=True)
        ]
        frame = pl.DataFrame(times, schema=["arm", "point_days", "is_event", "cause", "earliest_days", "latest_days", "n"], orient="row")
        endpoint = next(one for one in STUDY.endpoints if one.endpoint == name)
        found["survival", name] = endpoint_sums(
            frame, STUDY, endpoint, {"x": sum(n for *_, one, other in WOMEN for n in (one, other))}, {"x"}
        )
    return found


def places(names: list[str]) -> Places:
    stand = [
        ("x", *((0 if dead else 1) if ABOUT[name](stage, grade) else 2 for name in names))
        for stage, grade, died, lived in WOMEN
        for dead, n in ((True, died), (False, lived))
        for _ in range(n)
    ]
    columns = ["arm", *(str(place) for place in range(len(names)))]
    return Places(pl.DataFrame(stand, schema=columns, orient="row"), {("survival", name): [DEAD, ALIVE, NONE] for name in names})


def hidden(*names: str) -> dict[str, set[Count]]:
    return {table[1]: counts for table, counts in shared_tables(tables([*names]), places([*names]), 5).hidden.items()}


def test_hides_what_tells_by_the_difference_of_two_endpoints_a_small_count_of_a_third() -> None:
    found = hidden("all", "early", "early_low", "high")
    assert DEATHS in found["early_low"]
    assert {name for name in ("all", "high") if DEATHS in found[name]}  # one of the two is enough
    assert not [name for name in found if ALL in found[name]]


def test_hides_no_more_where_two_endpoints_say_all_that_there_is() -> None:
    assert hidden("all", "high") == {"all": set(), "high": set()}


def test_takes_endpoints_of_another_time_for_themselves() -> None:
    made = places(["all", "early", "early_low"])
    other = replace(made, women=made.women.with_columns(pl.Series("1", [1] * made.women.height)))
    assert [one.tables for one in made.overlaps()] == [(("survival", "all"), ("survival", "early"), ("survival", "early_low"))]
    assert [*other.overlaps()] == []


def test_hides_nothing_for_the_sake_of_what_tables_have_in_common() -> None:
    cells = {"a": 9, "b": 8, "both": 3}
    sums: Sums[str, str] = Sums(cells, {"left": frozenset({"a", "both"}), "one": frozenset({"a"})})
    assert (hide(sums, 5), hide(replace(sums, free=frozenset({"both"})), 5)) == ({"one"}, set())
