"""Interval dates in polars: every kind of pair against the slow reference, and the laws they keep."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import reference_interval as reference
from hypothesis import strategies as st
from reference_interval import Dated

from schemas.core.interval import Interval, anchored, before, days_between, intersect, on_calendar, parse_dates, shift
from schemas.items import intervals, polars_schema
from tests.searched import searched

A, B = Interval.named("a"), Interval.named("b")
SCHEMA = {column: kind for name in ("a", "b", "c") for column, kind in {
    f"{name}_earliest_date": pl.Date, f"{name}_latest_date": pl.Date, f"{name}_precision": pl.String,
    f"{name}_earliest_offset_days": pl.Int32, f"{name}_latest_offset_days": pl.Int32, f"{name}_anchor": pl.String,
}.items()}  # fmt: skip


def frame_of(*rows: tuple[Dated, ...]) -> pl.DataFrame:
    columns = [{k: v for name, dated in zip("abc", row, strict=False) for k, v in dated.columns(name).items()} for row in rows]
    return pl.DataFrame(columns, schema={name: kind for name, kind in SCHEMA.items() if name in columns[0]})


def calendar(earliest: str | None, latest: str | None = None) -> Dated:
    return Dated(*(date.fromisoformat(text) if text else None for text in (earliest, latest)))


def offset(first: int | None, last: int | None, anchor: str = "treatment_start") -> Dated:
    return Dated(None, None, first, last, anchor)


def every_interval() -> list[Dated]:
    """Each precision around 29 February 2004, ranges, open ends, nothing, and the same on two relative axes."""
    texts = ["2004-02-27", "2004-02-28", "2004-02-29", "2004-03-01", "2004-02", "2004-03", "2004", "01/02/2004", "2004-02-28/2004-03-01"]
    read = [Dated(*row) for row in parse_dates(pl.Series(texts)).select("earliest", "latest").rows()]
    leap = date(2004, 2, 29)
    ends = [Dated(leap, None), Dated(None, leap), Dated()]
    offsets = [offset(*pair, anchor) for pair in ((0, 0), (1, 3), (2, None), (None, 1)) for anchor in ("treatment_start", "metastasectomy")]
    return read + ends + offsets + [Dated(leap, leap, 1, 2, "treatment_start"), Dated(leap, leap + timedelta(3), 2, 2, "treatment_start")]


def test_agrees_with_writing_down_every_day_for_all_pairs() -> None:
    kinds = every_interval()
    pairs = [(a, b) for a in kinds for b in kinds]
    answer, days = before(A, B), days_between(A, B)
    got = frame_of(*pairs).select(certain=answer.certain, possible=answer.possible, comparable=days.is_comparable)
    assert got.select("certain", "possible").rows() == [reference.before(*pair) for pair in pairs]
    assert got["comparable"].to_list() == [bool(reference.differences(*pair)) for pair in pairs]


def test_bounds_the_days_between_two_dates() -> None:
    kinds = [kind for kind in every_interval() if None not in (kind.earliest, kind.latest) or None not in (kind.first, kind.last)]
    pairs = [(a, b) for a in kinds for b in kinds if reference.differences(a, b) and set.intersection(*reference.differences(a, b))]
    days = days_between(A, B)
    got = frame_of(*pairs).select(days.low.alias("low"), days.high.alias("high")).rows()
    common = [set.intersection(*reference.differences(*pair)) for pair in pairs]
    assert got == [(min(each), max(each)) for each in common]


@st.composite
def dated(draw: st.DrawFn) -> Dated:
    start, width = draw(st.integers(-4, 4)), draw(st.integers(0, 4))
    day = date(2004, 2, 28) + timedelta(start)
    kind = draw(st.sampled_from(("calendar", "offset", "both", "open")))
    earliest, latest = (day, day + timedelta(width)) if kind != "offset" else (None, None)
    first, last = (start, start + width) if kind in {"offset", "both"} else (None, None)
    return Dated(earliest, latest if kind != "open" else None, first, last, "treatment_start" if first is not None else None)


def narrower(wide: Dated, cut: int) -> Dated:
    """One of the single days that a date with two closed ends may be."""
    if wide.earliest and wide.latest is None:
        return Dated(wide.earliest + timedelta(cut), wide.earliest + timedelta(cut))
    width = (wide.latest - wide.earliest).days if wide.earliest and wide.latest else (wide.last or 0) - (wide.first or 0)
    move = min(cut, width)
    day = wide.earliest + timedelta(move) if wide.earliest else None
    at = wide.first + move if wide.first is not None else None
    return Dated(day, day, at, at, wide.anchor)


@searched(10, 60, cases=st.lists(st.tuples(dated(), dated(), st.integers(0, 4), st.integers(0, 4)), min_size=20, max_size=40))
def test_only_becomes_more_definite_as_precision_grows(cases: list[tuple[Dated, Dated, int, int]]) -> None:
    answer = before(A, B)
    columns = [answer.certain.alias("certain"), answer.possible.alias("possible")]
    wide = frame_of(*[(a, b) for a, b, _, _ in cases]).select(columns).rows()
    narrow = frame_of(*[(narrower(a, m), narrower(b, n)) for a, b, m, n in cases]).select(columns).rows()
    for (certain, possible), finer in zip(wide, narrow, strict=True):
        if certain == possible and certain is not None:
            assert finer in {(certain, possible), (None, None)}  # null only where the chosen days contradict each other


@searched(10, 60, pairs=st.lists(st.tuples(dated(), dated()), min_size=20, max_size=40))
def test_never_holds_in_both_directions(pairs: list[tuple[Dated, Dated]]) -> None:
    there, back = before(A, B), before(B, A)
    got = frame_of(*pairs).select(there=there.certain, back=back.certain, back_possible=back.possible)
    assert not got.filter(pl.col("there") & pl.col("back")).height
    assert not got.filter(pl.col("there") & pl.col("back_possible")).height


@searched(10, 60, pairs=st.lists(st.tuples(dated(), dated()), min_size=20, max_size=40))
def test_intersects_within_both_and_twice_as_once(pairs: list[tuple[Dated, Dated]]) -> None:
    met, is_torn = intersect(A, B)
    once = frame_of(*pairs).select(*met.columns("a"), *[pl.col(column) for column in SCHEMA if column.startswith("b_")], torn=is_torn)
    agreed = once.filter(~pl.col("torn"))
    again, torn_again = intersect(A, B)
    assert agreed.select(again.columns("a")).equals(agreed.select(A.columns("a")))
    assert not agreed.select(torn_again.any()).item()
    assert agreed.select(((pl.col("a_earliest_date") >= pl.col("b_earliest_date")).fill_null(True)).all()).item()
    assert agreed.select(((pl.col("a_latest_date") <= pl.col("b_latest_date")).fill_null(True)).all()).item()


def intersected(a: Dated, b: Dated, precisions: tuple[str, str] = ("month", "day")) -> tuple[object, ...]:
    frame = frame_of((a, b)).with_columns(a_precision=pl.lit(precisions[0]), b_precision=pl.lit(precisions[1]))
    met, is_torn = intersect(A, B)
    return frame.select(*met.columns("a"), torn=is_torn).row(0)


def test_intersects_a_month_with_a_day_in_it() -> None:
    got = intersected(calendar("2009-03-01", "2009-03-31"), calendar("2009-03-14", "2009-03-14"))
    assert got == (date(2009, 3, 14), date(2009, 3, 14), "day", None, None, None, False)


def test_closes_an_open_window_with_its_other_side() -> None:
    got = intersected(calendar("2005-01-01"), calendar(None, "2016-12-31"), ("ambiguous", "ambiguous"))
    assert got == (date(2005, 1, 1), date(2016, 12, 31), "ambiguous", None, None, None, False)


def test_keeps_the_first_and_says_so_when_two_sources_contradict() -> None:
    got = intersected(calendar("2009-03-01", "2009-03-31"), calendar("2009-04-01", "2009-04-01"))
    assert got == (date(2009, 3, 1), date(2009, 3, 31), "month", None, None, None, True)
    torn = intersected(offset(1, 2), offset(3, 4))
    assert torn[3:] == (1, 2, "treatment_start", True)


def test_takes_the_second_offsets_where_the_first_has_none() -> None:
    assert intersected(calendar("2009-03-01", "2009-03-31"), offset(3, 4))[3:] == (3, 4, "treatment_start", False)
    assert intersected(offset(1, 2), offset(3, 4, "metastasectomy"))[3:] == (1, 2, "treatment_start", False)
    assert intersected(offset(1, 5), offset(3, 9))[3:] == (3, 5, "treatment_start", False)


def test_shifts_both_axes_and_widens() -> None:
    both = Dated(date(2004, 2, 28), date(2004, 2, 28), 10, 12, "treatment_start")
    moved = shift(A, pl.lit(-195), pl.lit(-165))
    got = frame_of((both,)).select(moved.columns("a")).row(0)
    assert got == (date(2003, 8, 17), date(2003, 9, 16), "ambiguous", -185, -153, "treatment_start")
    exact = shift(A, pl.lit(1), pl.lit(1))
    assert frame_of((both,)).select(exact.columns("a")).row(0)[:3] == (date(2004, 2, 29), date(2004, 2, 29), "day")


def test_goes_from_offsets_to_the_calendar_and_back() -> None:
    # a window of the anchor adds its width: 10 days after 1 to 3 March is 11 to 13 March
    frame = frame_of((offset(10, 10), calendar("2009-03-01", "2009-03-03")))
    got = frame.select(on_calendar(A, B).columns("c"))
    assert got.row(0) == (date(2009, 3, 11), date(2009, 3, 13), "ambiguous", 10, 10, "treatment_start")
    first, last = anchored(Interval.named("c"))
    assert got.select(first.alias("first"), last.alias("last")).row(0) == (date(2009, 3, 1), date(2009, 3, 3))


def test_has_the_columns_that_the_data_dictionary_declares() -> None:
    made = Interval.named("birth").columns("birth")
    declared = {name: kind for name, kind in polars_schema("patient").items() if name.startswith("birth_")}
    empty = pl.DataFrame(schema=declared)
    assert "birth" in intervals("patient")
    assert dict(empty.select(made).schema) == declared
