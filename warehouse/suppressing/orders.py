"""Orders in which the women of an arm may have gone, for all that is shown of its curve: is there one in which a small cell is not small.

S(t), its limits and the medians hang on the order of events and censorings, which no sum of counts knows: of 18 women 3 are gone by a
tick, 7 by the next and the lower limit of the median lies before that, so that of the 3 not all can have been censored. Orders are tried
one by one until each small cell has been `min_cell` or more, or none is left; the answer is certain or it is not given.
"""

from __future__ import annotations

from collections.abc import Sequence

from warehouse.suppressing import ranges
from warehouse.suppressing.order_search import Search, cells_of
from warehouse.suppressing.order_states import Arm, Segment

# Of more women there are too many orders, and one more or less tells little; so many steps are taken to find an order for one cell, a few
# times from another beginning and then once more. What is not found by then counts as possible.
MOST_WOMEN = 60
STEPS = (1_000, 1_000, 15_000)


def tells(arm: Arm, true: Sequence[Segment], min_cell: int) -> bool:
    """Whether in every order that gives what is shown one of the small cells is small. `true`: of each segment what came in it, in the end
    that after the last tick (zeros: no count of the study is of it)."""
    if not (arm.medians or any(tick.printed for tick in arm.ticks)):
        return False
    if arm.n > MOST_WOMEN:
        return ranges.tells(arm, true, min_cell)
    start = arm.n - sum(entered for _, _, entered in true)
    small = {place for place, n in enumerate(cells_of(true, start)) if 0 < n < min_cell}
    while small:
        place = min(small)
        found = _found(arm, place, min_cell)
        if found == []:
            return True
        small -= {one for one in small if found[one] >= min_cell} if found else {place}
    return False


def _found(arm: Arm, place: int, min_cell: int) -> list[int] | None:
    """The cells of an order in which one of them is `min_cell` or more; empty: there is none, None: not known."""
    for steps in STEPS:
        search = Search(arm, place, min_cell, steps)
        found = next(search.worlds(), None)
        if found is not None:
            return found
        if search.steps > 0:
            return []
    return None
