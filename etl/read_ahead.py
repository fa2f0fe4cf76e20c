"""Reading files in threads of their own while one is normalised: workbooks in one, all others in another."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor

from etl.landing.landed import LandedFile
from etl.readers import RawTable, read

MOST = 3  # files whose text is in memory: one that is read or begun, and two that are normalised


def is_workbook(file: LandedFile) -> bool:
    """Whether a file is a spreadsheet: reading it takes ten times as long as a text of its rows, most of it beside Python."""
    return file.contract.format.kind == "excel"


class Ahead:
    """Reads the next workbook and the next other file while one is normalised: all are mostly work of one thread.

    To be used in a `with`. At most one file of each kind is begun before its turn.
    """

    def __init__(self) -> None:
        self._threads = {kind: ThreadPoolExecutor(1, "reading") for kind in (False, True)}
        self._begun: dict[bool, tuple[LandedFile, Future[RawTable]]] = {}

    def __enter__(self) -> Ahead:
        return self

    def __exit__(self, *error: object) -> None:
        for thread in self._threads.values():
            thread.shutdown(cancel_futures=True)

    def read(self, file: LandedFile, following: Iterable[LandedFile], held: int = 0) -> RawTable:
        """The rows of `file`; what can be of those `following` is begun, besides it and `held` files whose rows are there already.

        Raises what reading `file` raised, when it is asked for.
        """
        raw = self._begin(file)
        del self._begun[is_workbook(file)]
        self.begin(following, held + 1)
        return raw.result()

    def begin(self, following: Iterable[LandedFile], held: int) -> None:
        """Begin the first workbook and the first other file of those `following`, as long as the rows of MOST files are there."""
        for one in following:
            if is_workbook(one) not in self._begun and held + len(self._begun) < MOST:
                self._begin(one)

    def _begin(self, file: LandedFile) -> Future[RawTable]:
        kind = is_workbook(file)
        begun = self._begun.get(kind)
        if begun is None or begun[0] is not file:
            begun = self._begun[kind] = file, self._threads[kind].submit(read, file, file.contract)
        return begun[1]
