"""Groups of things that are tied, and rows put in order by one column after the other."""

from __future__ import annotations

import polars as pl

from etl.link_groups import groups, order_by

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


def test_no_rows_are_in_order() -> None:
    frame = pl.DataFrame(VALUES).clear()
    assert frame[order_by(frame, ["a", "b"])].is_empty()
