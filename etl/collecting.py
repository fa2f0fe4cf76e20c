"""Makes Python's garbage collector run rarely or never in a run: the large objects are in no reference cycle and are freed without it."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# Objects that come before Python looks among the youngest, and the looks before it goes on to older ones (700, 10, 10 else).
SELDOM = (50_000, 100, 100)


@contextmanager
def seldom() -> Iterator[None]:
    """Within it the collector runs rarely, and never over the objects that were there before.

    Parsed queries and late imports make objects by the hundred thousand, hardly any of them garbage: to look through them took a tenth
    of a run at 100,000 women.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*SELDOM)
    try:
        yield
    finally:
        gc.freeze()  # what came since is counted as looked at: else Python would look through all of it here
        gc.set_threshold(*before)
        gc.unfreeze()


@contextmanager
def never() -> Iterator[None]:
    """Within it the collector does not run: cells are in no cycle, and it would look at millions of them again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
