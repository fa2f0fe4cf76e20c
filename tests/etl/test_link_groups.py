"""Groups of things that are tied, and rows put in order by one column after the other."""

from __future__ import annotations

import polars as pl

from etl.linking.groups import firsts, groups, in_order, order_by, twice

VALUES = {"a": [2, None, 1, 2, None], "b": ["y", "x", None, "x", None], "same": [7] * 5, "row": [0, 1, 2, 3, 4]}


def test_ties_that_stand_alone_and_ties_that_share_a_thing_are_grouped_alike() -> None:
    ties = pl.DataFrame({"node": [5, 4, 9, 8, 8, 7, 7, 6], "tie": [0, 0, 1, 1, 2, 2, 3, 3]})
    assert sorted(groups(ties).rows()) == [(4, 4), (5, 4), (6, 6), (7, 6), (8, 6), (9, 6)]


def test_a_tie_told_twice_of_one_thing_is_one() -> None:
    assert sorted(groups(pl.DataFrame({"node": [2, 1, 2], "tie": [0, 0, 0]})).rows()) == [(1, 1), (2, 1)]


def test_rows_are_put_in_order_as_a_sort_by_all_columns_puts_them() -> None:
    frame = pl.DataFrame(VALUES)
    by = ["same", "a", "b"]
    for nulls_last in (True, False):
        assert frame[order_by(frame, by, nulls_last=nulls_last)].rows() == frame.sort(by, nulls_last=nulls_last, maintain_order=True).rows()


def test_numbers_that_differ_in_their_lowest_bits_alone_are_told_apart() -> None:
    high = 1 << 62
    numbers = pl.Series([high + 1, 3, high, high + 1, 5, 3, high, high + 1], dtype=pl.UInt64)
    rows, repeats = in_order(numbers)
    assert rows.tolist() == [1, 5, 4, 2, 6, 0, 3, 7]
    assert repeats.tolist() == [1, 4, 6, 7]


def test_numbers_met_before_are_no_firsts_and_those_met_again_stand_twice() -> None:
    numbers = pl.Series([7, -1, 7, 9, -1, -1])
    assert firsts(numbers).to_list() == [True, True, False, True, False, False]
    assert twice(numbers).to_list() == [True, True, True, False, True, True]
    assert twice(numbers.clear()).is_empty()


def test_no_rows_are_in_order() -> None:
    frame = pl.DataFrame(VALUES).clear()
    assert frame[order_by(frame, ["a", "b"])].is_empty()
