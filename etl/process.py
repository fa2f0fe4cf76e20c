"""The process of one command."""

from __future__ import annotations

import atexit
import gc
import logging
import os
import traceback
from pathlib import Path

from etl.machine import trouble
from etl.unended import NOTHING, published_before


def begun() -> None:
    """What holds for the whole process: its files are its own, and Python never looks for circular garbage, nor when it ends.

    A run leaves 30 MiB of such garbage, of 400 women as of 200,000; to look for it takes half a second, and more than one at the end,
    when the system takes all memory back anyway. Who runs several times in one process looks seldom (etl.collecting).
    """
    os.umask(0o077)  # what is shared is opened after the audit, file by file
    os.environ["MPLBACKEND"] = "agg"  # pictures go into files, whatever the shell asks for: a wrong word there ends the import
    # a service's user often has no home folder, which its library of figures would tell on standard error, every night
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    gc.disable()
    atexit.register(gc.freeze)


def unexpected(error: Exception) -> str:
    """What to say of an unexpected error: its text may quote a cell, so only its type and the places in the code are shown."""
    if (machine := trouble(error)) is not None:
        published = published_before(error)
        return f"{machine}; {published}{', the last release stays' if published == NOTHING else ''}"
    told = f"oncomart failed unexpectedly ({type(error).__name__}); {published_before(error)}. Please report these places:"
    frames = traceback.extract_tb(error.__traceback__)
    return "\n".join([told, *(f"  {Path(frame.filename).name}:{frame.lineno} in {frame.name}" for frame in frames)])
