"""What a run says while it works: a spinner on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from etl.standard_output import to_nowhere


class Lasting(Console):
    """Standard output whose reader may leave while we write (`| head -1`): then it falls silent, and the work goes on."""

    def on_broken_pipe(self) -> None:
        """Nobody reads on: what is written from now on goes nowhere. The library's own would end the process here."""
        self.quiet = True
        to_nowhere(self.file)


class Progress:
    """Says which stage is running and remembers how long each took (seconds, for run.json)."""

    def __init__(self, *, quiet: bool = False, verbose: bool = False) -> None:
        self.quiet, self.verbose = quiet, verbose
        self.console = Lasting(quiet=quiet, highlight=False, soft_wrap=True)
        self.seconds: dict[str, float] = {}
        self._title = ""

    def begin(self, title: str) -> None:
        """Name the registry that the next stages belong to and forget the times of the one before."""
        self._title, self.seconds = title, {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """One stage: shown while it runs, its time kept."""
        started = time.perf_counter()
        if self.console.is_terminal and not self.quiet:
            with self.console.status(f"{self._title}: {name}"):
                yield
        else:
            yield
        self.told(name, time.perf_counter() - started)

    def told(self, name: str, seconds: float) -> None:
        """A stage that is over: its time is kept, its line said."""
        self.seconds[name] = round(seconds, 3)
        if self.verbose or not self.console.is_terminal:
            took = f"  {self.seconds[name]:.2f} s" if self.verbose else ""
            self.say(f"{self._title}: {name}{took}")

    def say(self, text: str) -> None:
        """One plain line; one that cannot be written (a log on a full disk) stops no night."""
        try:
            self.console.print(text, markup=False)
        except OSError:
            self.console.on_broken_pipe()

    def complain(self, text: str) -> None:
        """One line on standard error, also when quiet."""
        Lasting(stderr=True, highlight=False, soft_wrap=True).print(text, markup=False)
