"""Who of the thirteen died, and when each was operated: a small search that fits every published bound.

Table 2 prints neither the vital status nor the day of the metastasectomy. Known per woman is the time from the distant
recurrence to the last contact or death (survival - to_recurrence) and, for eight, from the operation to progression; so a
delay of d days from recurrence to operation leaves `left - d` days after the operation and `left - d - to_progression` days
after progression. The paper gives for them, in 30-day months: survival after the operation median 30.57 (16.60 to 80.40)
over 13, progression to death median 26.48 (8.67 to 59.33) over six deaths, and one more death without progression
(paper_claims.csv P100 to P104, P120 to P122).

Every set of delays is as good as another to the paper. We take the one in which the delays differ least, summed, from three
weeks, the usual time from finding a metastasis to its operation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, permutations, product

USUAL_DELAY = 21
LONGEST_DELAY = 100
AFTER_OPERATION = (498, 917, 2412)  # days: shortest, median, longest of 13 (16.60, 30.57, 80.40 months)
AFTER_PROGRESSION = (260, 1589, 1780)  # days: shortest, sum of the two middle ones, longest of 6 (8.67, 2 x 26.4833, 59.33 months)
DEATHS_AFTER_PROGRESSION = 6
Days = Mapping[int, int]


@dataclass(frozen=True)
class Fates:
    """`delays`: days from the distant recurrence to the operation by woman; `dead`: the seven women who died."""

    delays: Mapping[int, int]
    dead: frozenset[int]


def solve(left: Days, to_progression: Days, survival: Days) -> Fates:
    """The cheapest fates; `left` days from recurrence to the last day, `to_progression` only for the women who progressed.

    The death without progression is given to the woman of them with the shortest survival. Raises ValueError where nothing fits.
    """
    after = {woman: left[woman] - days for woman, days in to_progression.items()}
    found = min(_candidates(left, after), key=_rank, default=None)
    if found is None:
        raise ValueError("no delays fit the published bounds")
    dead, delays = found
    other = min((woman for woman in left if woman not in to_progression), key=lambda woman: survival[woman])
    return Fates(dict(sorted(delays.items())), dead | {other})


def _rank(candidate: tuple[frozenset[int], dict[int, int]]) -> tuple[int, list[int], list[tuple[int, int]]]:
    """Cost first; then by the women, so that the choice is the same everywhere."""
    dead, delays = candidate
    return sum(abs(days - USUAL_DELAY) for days in delays.values()), sorted(dead), sorted(delays.items())


def _candidates(left: Days, after: Days) -> Iterator[tuple[frozenset[int], dict[int, int]]]:
    """Sets of six dead with the delays that the bounds after progression force, completed by those of the bounds after the operation."""
    for dead in combinations(sorted(after), DEATHS_AFTER_PROGRESSION):
        for forced in _after_progression({woman: after[woman] for woman in dead}):
            for delays in _after_operation(left, forced):
                if _fits(left, after, dead, delays):
                    yield frozenset(dead), delays


def _after_progression(after: Days) -> Iterator[dict[int, int]]:
    """Delays of the women with the shortest, the longest and the two middle times from progression to death."""
    least, middle, most = AFTER_PROGRESSION
    for first, last, low, high in permutations(after, 4):
        ends = {first: after[first] - least, last: after[last] - most}
        if not _possible(ends):
            continue
        for days in range(LONGEST_DELAY + 1):
            pair = {low: days, high: after[high] - (middle - (after[low] - days))}
            if _possible(pair) and after[low] - days <= middle // 2:
                yield ends | pair


def _after_operation(left: Days, forced: dict[int, int]) -> Iterator[dict[int, int]]:
    """Delays of all: the shortest, the median and the longest time after the operation are given to one woman each."""
    usual = dict.fromkeys(left, USUAL_DELAY) | forced
    choices = ([woman for woman in left if _free(woman, left[woman] - days, forced)] for days in AFTER_OPERATION)
    for women in product(*choices):
        chosen = dict(zip(women, AFTER_OPERATION, strict=True))
        yield _below_median(left, usual | {woman: left[woman] - days for woman, days in chosen.items()}, {*chosen, *forced})


def _free(woman: int, delay: int, forced: Mapping[int, int]) -> bool:
    return _possible({woman: delay}) and forced.get(woman, delay) == delay


def _below_median(left: Days, delays: dict[int, int], settled: set[int]) -> dict[int, int]:
    """Women who are free and would lie too close above the median wait just long enough to lie below it."""
    median = AFTER_OPERATION[1]
    for woman in sorted(set(left) - settled, key=lambda w: left[w]):
        below = sum(left[w] - days < median for w, days in delays.items())
        if below < len(left) // 2 and median <= left[woman] - delays[woman]:
            delays = delays | {woman: left[woman] - median + 1}
    return delays


def _possible(delays: Mapping[int, int]) -> bool:
    return all(0 <= days <= LONGEST_DELAY for days in delays.values())


def _fits(left: Days, after: Days, dead: tuple[int, ...], delays: dict[int, int]) -> bool:
    """Every bound again, on all women."""
    operated = sorted(left[woman] - days for woman, days in delays.items())
    died = sorted(after[woman] - delays[woman] for woman in dead)
    return (
        _possible(delays)
        and (operated[0], operated[len(operated) // 2], operated[-1]) == AFTER_OPERATION
        and (died[0], died[2] + died[3], died[-1]) == AFTER_PROGRESSION
    )
