"""Standard output whose reader may leave while we write (`| head -1`)."""

from __future__ import annotations

import os
import sys
from typing import IO


def answer(text: str) -> None:
    """What a command is asked for, on standard output; whoever reads it may leave after the first line."""
    try:
        print(text, flush=True)  # noqa: T201 - this is the answer
    except BrokenPipeError:
        to_nowhere(sys.stdout)


def to_nowhere(stream: IO[str]) -> None:
    """What is still written to the stream, at the end of the process too, goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
