"""In how many records two columns have exchanged their cells, and whether these are too many, and of too many kinds, for corrections.

What happens to women moves cells too: who dies has 0 for 1 under `alive` and 1 for 0 under `dead`, a plan that is carried out has its
day in the next column, days in the wrong order are put right. All of these go one way, where an exchange of columns goes both ways.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FEWEST, LEAST = 3, 0.01  # so many records, and so large a share of all: fewer were put right by hand
BY_HAND = 0.05  # of all records: as few may be put right by hand, unless nothing else is left that tells the two columns apart
MOST_OF = 0.5  # of the records whose cells differed, and of all that changed; a busy night changes others of them too
LESS_OF = 0.3  # of those with the greater value in the one column or in the other, whichever is less
MANY, SHARE = 20, 0.1  # so many records are no correction by hand, where they are so large a share of those whose cells differed
ONE_WAY = 0.9  # of the records where only one value became another, or one column had nothing: what happens moves a few (a death, a plan)
ALIKE = 0.75  # of the share of those that were exchanged
WHOLLY = 0.75  # of two columns that never agree (alive and dead): there each change is an exchange, and numbers dealt anew make half
Cells = npt.NDArray[np.int64]


def pair(now: list[Cells], before: list[Cells], a: int, b: int, *, changes_only: bool = False) -> tuple[int, int] | None:
    """How many records have exchanged the two cells, of how many in which they differed; None where these are few, or not most of those in
    which either changed, or as many changed of the records in which the two were the same: corrections of each, numbers dealt anew and
    columns recoded together bring about some, and an exchange leaves what was the same as it was.
    """
    apart = before[a] != before[b]
    over = apart & (now[a] == before[b]) & (now[b] == before[a])
    n, of, records = int(over.sum()), int(apart.sum()), len(apart)
    changed = (now[a] != before[a]) | (now[b] != before[b])
    if n < FEWEST or n < MOST_OF * changed.sum() or (changed & ~apart).sum() / (records - of + 1) > ALIKE * n / of:
        return None
    was_a, was_b = before[a][over], before[b][over]
    if not was_a.any() or not was_b.any():
        return (n, of) if n >= MANY and n >= ONE_WAY * of else None
    if (was_a == was_a[0]).all() and (was_b == was_b[0]).all():  # alive and dead as two columns, when women died
        return (n, of) if not changes_only and n >= ONE_WAY * of and _are_enough(n, records, LEAST) else None
    share = _share(apart, over, before[a] < before[b])
    one_pair = (np.minimum(was_a, was_b) == min(was_a[0], was_b[0])).all() and (np.maximum(was_a, was_b) == max(was_a[0], was_b[0])).all()
    if one_pair and of >= ONE_WAY * records and share < WHOLLY:  # of two such columns each change is an exchange
        return None
    return (n, of) if is_most(n, of, records, share) else None


def _share(apart: npt.NDArray[np.bool_], over: npt.NDArray[np.bool_], less: npt.NDArray[np.bool_]) -> float:
    """The share of the records that have exchanged their cells, of those with the greater value in the one column or in the other,
    whichever is less: an exchange moves both ways, and what happens (a plan carried out, an order of days put right) one. One record more
    counts for the smaller half, of which a busy night may change the few there are.
    """
    fewer, others = sorted((int((apart & half).sum()), int((over & half).sum())) for half in (less, ~less))
    return min(others[1] / others[0], (fewer[1] + 1) / (fewer[0] + 1))


def is_most(n: int, of: int, records: int, share: float) -> bool:
    """Whether so many of the records that tell columns apart are no corrections; `share`: of them, in the direction that has fewer."""
    if n >= MANY:
        return share >= SHARE
    least = LEAST if n >= ONE_WAY * of else BY_HAND
    return n >= FEWEST and n >= MOST_OF * of and share >= LESS_OF and _are_enough(n, records, least)


def _are_enough(n: int, records: int, least: float) -> bool:
    return n >= MANY or n >= least * records
