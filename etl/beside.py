"""Work done in a background thread while a stage keeps one processor busy.

An error in that work is raised where its result is asked for, so that of two failures the same one is always reported. Not for work
that opens the warehouse while a stage writes to it: DuckDB allows one configuration of a database file at a time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import duckdb

from etl.progress import Progress

T = TypeVar("T")


def _nothing() -> None:
    """For who only waits."""


class Beside:
    """One thread; what is begun first is done first. To be used in a `with`, which does not end before the thread has."""

    def __init__(self, progress: Progress) -> None:
        self._progress, self._thread = progress, ThreadPoolExecutor(1, "beside")

    def __enter__(self) -> Beside:
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Waits for what is being done; what was only begun is not done any more."""
        self._thread.shutdown(cancel_futures=True)

    @contextmanager
    def shares(self, con: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection with cursors of which the thread works; closed at the end, and of a failure when the thread has ended.

        DuckDB refuses to close what is busy, and that it does would be told in the place of what failed.
        """
        try:
            yield con
        except BaseException:
            self.stop()
            con.close()
            raise
        con.close()

    def settled(self) -> Callable[[], None]:
        """Gives what waits until all that was begun up to now is done, whatever becomes of it."""
        return self.begin(_nothing)

    def begin(self, work: Callable[[], T], stage: str = "") -> Callable[[], T]:
        """Begins `work`; what is given back waits for its result. `stage`: told as a stage then, with the time that it took itself."""

        def timed() -> tuple[T, float]:
            started = time.perf_counter()
            return work(), time.perf_counter() - started

        future = self._thread.submit(timed)

        def result() -> T:
            made, seconds = future.result()
            if stage:
                self._progress.told(stage, seconds)
            return made

        return result
