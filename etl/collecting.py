"""How often Python looks for circular garbage during a run: seldom, since what is big is no circle and goes at once."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# Objects that come before Python looks among the youngest, and the looks before it goes on to older ones (700, 10, 10 else).
SELDOM = (50_000, 100, 100)


@contextmanager
def seldom() -> Iterator[None]:
    """Looks seldom, and never at what was there before: parsed queries and late imports make objects by the hundred thousand,
    hardly any of them garbage, and looking through them cost a tenth of a run at 100,000 women."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*SELDOM)
    try:
        yield
    finally:
        gc.freeze()  # what came since is counted as looked at: else Python would look through all of it here
        gc.set_threshold(*before)
        gc.unfreeze()
