"""Work beside the stages: done by a thread of its own, told in its place."""

from __future__ import annotations

import threading
import time

import duckdb
import pytest

from etl.beside import Beside
from etl.progress import Progress


def test_is_done_by_another_thread_in_the_order_it_was_begun() -> None:
    done: list[str] = []
    with Beside(Progress(quiet=True)) as beside:
        first = beside.begin(lambda: done.append("first") or threading.get_ident())
        second = beside.begin(lambda: done.append("second"))
        second()
        assert first() != threading.get_ident()
    assert done == ["first", "second"]


def test_is_told_as_a_stage_when_it_is_asked_for_with_its_own_time() -> None:
    progress, go_on = Progress(quiet=True), threading.Event()
    with Beside(progress) as beside:
        raw = beside.begin(lambda: go_on.wait(10), "raw rows")
        with progress.stage("studies"):
            go_on.set()
        assert list(progress.seconds) == ["studies"]
        assert raw() is True
    assert list(progress.seconds) == ["studies", "raw rows"]


def test_raises_where_its_result_is_asked_for_and_what_a_stage_raises_comes_first() -> None:
    def fails() -> None:
        raise ValueError("beside")

    with Beside(Progress(quiet=True)) as beside, pytest.raises(ValueError, match="beside"):
        beside.begin(fails)()
    with pytest.raises(KeyError, match="stage"), Beside(Progress(quiet=True)) as beside:
        beside.begin(fails)
        raise KeyError("stage")


def test_waits_for_all_that_was_begun_before_whatever_became_of_it_and_for_nothing_begun_later() -> None:
    go_on, done = threading.Event(), []

    def fails() -> None:
        done.append("failed")
        raise ValueError("beside")

    with Beside(Progress(quiet=True)) as beside:
        beside.begin(fails)
        settled = beside.settled()
        later = beside.begin(lambda: go_on.wait(10))
        settled()
        assert done == ["failed"]
        go_on.set()
        assert later() is True


def test_tells_what_failed_and_not_that_a_query_of_the_thread_kept_the_connection_busy() -> None:
    con, started = duckdb.connect(), threading.Event()

    def begun(number: int) -> int:
        started.set()
        time.sleep(0.02)
        return number

    con.create_function("begun", begun, ["bigint"], "bigint", side_effects=True)
    cursor = con.cursor()
    with pytest.raises(ZeroDivisionError), Beside(Progress(quiet=True)) as beside, beside.shares(con):
        beside.begin(lambda: cursor.execute("select sum(begun(range)) from range(1)").fetchall())
        started.wait(10)
        raise ZeroDivisionError
    with pytest.raises(duckdb.ConnectionException):
        con.execute("select 1")
