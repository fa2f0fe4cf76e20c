"""Since when a finding stands, through many releases: what is new, returned and gone."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.core.frames import EDIT_COUNTS
from validations.edit_history import EDIT_HISTORY, MOST_RELEASES, RELEASES, next_number, with_edits, with_measures
from validations.expecting.baseline import Baseline
from validations.finding_history import MOVED, SEEN, dated, moved, seen_by_now
from validations.silence import last_heard

EMPTY = pl.DataFrame(schema=SEEN)


def found(*ids: str) -> pl.DataFrame:
    """Findings of edit A (a1, a2, …) and B (b1, …)."""
    return pl.DataFrame({"finding_id": ids, "edit": [one[0].upper() for one in ids]}, schema={"finding_id": pl.String, "edit": pl.String})


def through(nights: list[tuple[str, list[str]]]) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Findings with first_seen, MOVED and SEEN of the last of several nights (as-of date, ids)."""
    seen = EMPTY
    for as_of, ids in nights:
        told = dated(found(*ids), seen, as_of)
        moves, seen = moved(told, seen), seen_by_now(told, seen)
    return told, moves, seen


NIGHTS = [
    ("2026-01-01", ["a1", "a2", "b1"]),
    ("2026-01-02", ["a2", "a3"]),
    ("2026-01-03", ["a1", "a3", "a4"]),
]


@pytest.mark.parametrize(
    ("night", "first_seen", "counts"),
    [
        (1, {"a1": "2026-01-01", "a2": "2026-01-01", "b1": "2026-01-01"}, {"A": (2, 2, 0, 0), "B": (1, 1, 0, 0)}),
        (2, {"a2": "2026-01-01", "a3": "2026-01-02"}, {"A": (2, 1, 0, 1), "B": (0, 0, 0, 1)}),
        # a1 comes back: it was first seen on the first night; b1 was gone the night before and is no news
        (3, {"a1": "2026-01-01", "a3": "2026-01-02", "a4": "2026-01-03"}, {"A": (3, 1, 1, 1)}),
    ],
)
def test_first_seen_is_carried_forward_also_over_a_gap(night: int, first_seen: dict[str, str], counts: dict[str, tuple[int, ...]]) -> None:
    told, moves, _ = through(NIGHTS[:night])
    assert dict(told.select("finding_id", "first_seen").iter_rows()) == first_seen
    assert {edit: tuple(rest) for edit, *rest in moves.select(MOVED.keys()).iter_rows()} == counts


@pytest.mark.slow
@given(st.lists(st.sets(st.sampled_from(["a1", "a2", "a3", "b1", "b2"])), min_size=1, max_size=6))
def test_agrees_with_a_plain_account_of_every_night(nights: list[set[str]]) -> None:
    days = [f"2026-01-{i + 1:02d}" for i in range(len(nights))]
    told, moves, seen = through(list(zip(days, map(sorted, nights), strict=True)))
    last, before = nights[-1], nights[-2] if len(nights) > 1 else set()
    ever = set().union(*nights[:-1])
    assert dict(told.select("finding_id", "first_seen").iter_rows()) == {
        one: next(day for day, ids in zip(days, nights, strict=True) if one in ids) for one in last
    }
    assert set(seen["finding_id"]) == ever | last
    sums = {name: int(moves[name].sum()) for name in ("standing", "new", "returned", "gone")}
    assert sums == {"standing": len(last), "new": len(last - ever), "returned": len((last & ever) - before), "gone": len(before - last)}


def test_keeps_the_order_of_the_findings() -> None:
    told = dated(found("b1", "a1"), EMPTY, "2026-01-01")
    assert told["finding_id"].to_list() == ["b1", "a1"]


def counts(violated: int) -> pl.DataFrame:
    return pl.DataFrame([("A", "error", violated, 0, 7, 0, 0)], schema=EDIT_COUNTS, orient="row")


def test_the_history_goes_on_without_the_old_releases() -> None:
    history = pl.DataFrame(schema=EDIT_HISTORY)
    for violated in (3, 1):
        place = {"release_no": next_number(history), "run_id": f"r{violated}", "as_of": "2026-01-01"}
        moves = pl.DataFrame([("A", violated, 0, 0, 2), ("GONE", 0, 0, 0, 1)], schema=MOVED, orient="row")
        history = with_edits(history, place, counts(violated), moves)
    assert history.select("release_no", "run_id", "edit", "violated", "standing", "gone").rows() == [
        (1, "r3", "A", 3, 3, 2), (1, "r3", "GONE", 0, 0, 1), (2, "r1", "A", 1, 1, 2), (2, "r1", "GONE", 0, 0, 1),
    ]  # fmt: skip
    assert last_heard(history)["A"] == Baseline("r1", "2026-01-01", {"violated": 1, "possible": 0, "satisfied": 7})
    assert not last_heard(pl.DataFrame(schema=EDIT_HISTORY))


def test_a_year_of_nights_is_kept() -> None:
    history = pl.DataFrame(schema=RELEASES)
    for night in range(1, MOST_RELEASES + 3):
        history = with_measures(history, {"release_no": night, "run_id": "r", "as_of": ""}, {"dim_patient": night})
    assert (history["release_no"].min(), history["release_no"].max()) == (3, MOST_RELEASES + 2)


def test_a_silent_edit_is_compared_with_the_last_release_in_which_it_was_heard() -> None:
    history = pl.DataFrame(schema=EDIT_HISTORY)
    for n, silent in ((3, ()), (0, ("A",)), (0, ("A",))):
        place = {"release_no": next_number(history), "run_id": "r", "as_of": "2026-01-01"}
        history = with_edits(history, place, counts(n), pl.DataFrame(schema=MOVED), silent)
    assert last_heard(history)["A"].counts["violated"] == 3
    heard = with_edits(history, {"release_no": 4, "run_id": "r", "as_of": "2026-01-01"}, counts(1), pl.DataFrame(schema=MOVED))
    assert last_heard(heard)["A"].counts["violated"] == 1
