"""Reading the next file in a thread of its own while one is normalised."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

from etl.landing import LandedFile
from etl.readers import RawTable, read


class Ahead:
    """Reads the next file while one is normalised: both are mostly work of one thread. To be used in a `with`."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "reading")
        self._begun: tuple[LandedFile, Future[RawTable]] | None = None

    def __enter__(self) -> Ahead:
        return self

    def __exit__(self, *error: object) -> None:
        self._thread.shutdown(cancel_futures=True)

    def read(self, file: LandedFile, following: LandedFile | None) -> RawTable:
        """The rows of `file`; `following` is begun. Raises what reading `file` raised, when it is asked for."""
        begun, self._begun = self._begun, None
        raw = begun[1] if begun is not None and begun[0] is file else self._thread.submit(read, file, file.contract)
        if following is not None:
            self._begun = following, self._thread.submit(read, following, following.contract)
        return raw.result()
