"""The envelope of a curve: held against every completion of the dates of a few women, and what must hold of it whatever the dates are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import polars as pl
import pytest
from hypothesis import strategies as st

from tests.searched import searched
from warehouse.survival import envelope
from warehouse.survival.kaplan_meier import at_day, curve

# Earliest and latest day of entry, earliest and latest day of the end, whether with the event.
Dates = tuple[int, int, int, int, bool]
NAMES = ("entry_earliest_days", "entry_latest_days", "earliest_days", "latest_days", "is_event")
END = 8


def rows(women: Sequence[Dates], certain: Sequence[bool] = ()) -> pl.DataFrame:
    """The women counted; `certain`: whether each is in no other arm (all, unless said otherwise)."""
    made = pl.DataFrame(list(women), schema=dict(zip(NAMES, (*(pl.Int64,) * 4, pl.Boolean), strict=True)), orient="row")
    known = made.with_columns(is_certain=pl.Series(certain or [True] * len(women)))
    return known.group_by(*NAMES, "is_certain").agg(n=pl.len().cast(pl.Int64)).sort(*NAMES, "is_certain")


def survival(times: Sequence[tuple[int, int, bool]], day: int) -> float:
    """S on a day by the definition: the product over the days with events of 1 - events / at risk."""
    made = 1.0
    for u in range(day + 1):
        at_risk = sum((entry < u or entry <= 0) and u <= end for entry, end, _ in times)
        events = sum((entry < u or entry <= 0) and end == u and is_event for entry, end, is_event in times)
        made *= 1 - events / at_risk if events else 1
    return made


def completions(women: Sequence[Dates]) -> Iterator[list[tuple[int, int, bool]]]:
    """Every choice of a day of entry and of an end for each; who ends by the day of entry is in none."""
    choices = [
        [(entry, end, is_event) for entry in range(first, last + 1) for end in range(a, b + 1)] for first, last, a, b, is_event in women
    ]
    for chosen in product(*choices):
        yield [one for one in chosen if one[1] > one[0] or one[0] <= 0]


def interval(least: int, most: int, width: int) -> st.SearchStrategy[tuple[int, int]]:
    return st.tuples(st.integers(least, most), st.integers(0, width)).map(lambda pair: (pair[0], min(pair[0] + pair[1], most)))


ENDS = st.tuples(interval(0, END, 3), st.booleans())
FROM_THE_ORIGIN = st.lists(ENDS.map(lambda one: (0, 0, *one[0], one[1])), min_size=1, max_size=5)
LATE = st.lists(st.tuples(interval(0, 4, 2), ENDS).map(lambda one: (*one[0], *one[1][0], one[1][1])), min_size=1, max_size=3)


@searched(40, 150, women=FROM_THE_ORIGIN, day=st.integers(0, END))
def test_is_the_least_and_the_greatest_of_all_completions(women: list[Dates], day: int) -> None:
    every = [survival(times, day) for times in completions(women)]
    assert envelope.sharp(rows(women), day) == (pytest.approx(min(every)), pytest.approx(max(every)))


@searched(
    40, 150, women=st.lists(st.tuples(ENDS, st.booleans()), min_size=1, max_size=4), begins=st.integers(1, 3), day=st.integers(1, END)
)
def test_is_the_least_and_the_greatest_beyond_a_landmark(
    women: list[tuple[tuple[tuple[int, int], bool], bool]], begins: int, day: int
) -> None:
    """Who may be in another arm, or may have left by the landmark, is in some completions only."""
    ends: list[Dates] = [(0, 0, *end, is_event) for (end, is_event), _ in women]
    every = [[(0, end, is_event) for (_, end, is_event) in times] for times in _in_and_out(ends, [known for _, known in women], begins)]
    found = [survival(times, max(day, begins)) for times in every if times]
    bounds = envelope.sharp(rows(ends, [known for _, known in women]), max(day, begins), begins)
    assert not found or bounds == (pytest.approx(min(found)), pytest.approx(max(found)))


def _in_and_out(women: Sequence[Dates], certain: Sequence[bool], begins: int) -> Iterator[list[tuple[int, int, bool]]]:
    """Every choice of days with each woman of another arm in or out, of those who are followed beyond the landmark."""
    out = [(False,) if known else (False, True) for known in certain]
    for times in product(*([(0, day, is_event) for day in range(a, b + 1)] for _, _, a, b, is_event in women)):
        for left in product(*out):
            yield [one for one, is_out in zip(times, left, strict=True) if not is_out and one[1] > begins]


@searched(40, 150, women=LATE, day=st.integers(0, END))
def test_holds_all_completions_with_late_entry(women: list[Dates], day: int) -> None:
    every = [survival(times, day) for times in completions(women)]
    lower, upper = envelope.outer(rows(women), day)
    assert lower <= min(every) + 1e-12
    assert upper >= max(every) - 1e-12


@searched(40, 150, women=LATE, day=st.integers(0, END), data=st.data())
def test_is_not_wider_where_a_date_is_narrower(women: list[Dates], day: int, data: st.DataObject) -> None:
    first, last, a, b, is_event = women[0]
    narrower = sorted(data.draw(st.tuples(st.integers(a, b), st.integers(a, b))))
    entered = sorted(data.draw(st.tuples(st.integers(first, last), st.integers(first, last))))
    finer = [(entered[0], entered[1], narrower[0], narrower[1], is_event), *women[1:]]
    for bounds in (envelope.sharp, envelope.outer):
        before, after = ([(0, 0, *one[2:]) for one in of] if bounds is envelope.sharp else of for of in (women, finer))
        wide, narrow = bounds(rows(before), day), bounds(rows(after), day)
        assert wide[0] <= narrow[0] + 1e-12
        assert narrow[1] <= wide[1] + 1e-12


@searched(40, 100, women=FROM_THE_ORIGIN, day=st.integers(0, END))
def test_holds_the_curve_of_the_middles(women: list[Dates], day: int) -> None:
    times = [(0, (a + b + 1) // 2, is_event, 1) for _, _, a, b, is_event in women]
    made = curve(pl.DataFrame(times, schema=["entry_days", "days", "is_event", "n"], orient="row"), "log")
    step, (lower, upper) = at_day(made, day), envelope.sharp(rows(women), day)
    assert step is None or lower - 1e-12 <= (step["survival"] or 0.0) <= upper + 1e-12


@searched(
    40,
    100,
    ends=st.lists(st.tuples(st.integers(0, 2), st.integers(3, END), st.booleans()), min_size=1, max_size=6),
    day=st.integers(0, END),
)
def test_is_the_curve_where_every_day_is_certain(ends: list[tuple[int, int, bool]], day: int) -> None:
    women = [(entry, entry, end, end, is_event) for entry, end, is_event in ends]
    mine = survival([(entry, end, is_event) for entry, end, is_event in ends], day)
    assert envelope.outer(rows(women), day) == (pytest.approx(mine), pytest.approx(mine))


def test_lets_out_of_an_arm_whoever_may_be_in_another() -> None:
    """Landmark day 2. One dies on day 4, one is followed to day 9, and one who may be in the other arm dies on day 5.

    Day 5: least with her in it, 2/3 * 1/2; greatest without her, 1/2.
    """
    women: list[Dates] = [(2, 2, 4, 4, True), (2, 2, 9, 9, False), (2, 2, 5, 5, True)]
    assert envelope.sharp(rows(women, [True, True, False]), 5, 2) == (pytest.approx(1 / 3), 0.5)


def test_shows_its_working_on_three_women() -> None:
    """One dies on a day from 1 to 5, one is censored from 2 to 6, one dies on day 4.

    Least on day 4: the first dies on day 4 too, the second has left on day 2: 1 - 2/2 = 0. Greatest: the first dies on day 5, the second
    is still there: 1 - 1/3.
    """
    women = [(0, 0, 1, 5, True), (0, 0, 2, 6, False), (0, 0, 4, 4, True)]
    assert envelope.sharp(rows(women), 4) == (0.0, pytest.approx(2 / 3))
