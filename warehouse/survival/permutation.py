"""The p-value of the log-rank test where an arm has few events: women are dealt to the arms again, and the chi-square is made anew.

What is compared is the printed chi-square itself, with the variance of each deal. Observed minus expected events alone would not do: an
arm that is followed for a shorter time has less of them by chance, and the permutation would take that for agreement (of the studentised
test the level holds with unequal censoring, too, when there are many women, and exactly where censoring is equal).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Literal, NamedTuple

import polars as pl

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Counts = NDArray[np.int64]

DRAWS = 10_000
SEED = 20170112
PERMUTATION = f"permutation of the log-rank chi-square ({DRAWS} draws, seed {SEED}, mid-p)"
# Counts held in memory at once: of 1,000,000 the arrays made of them take some 40 MB.
AT_ONCE = 1_000_000
# Women per class up to which they are shuffled; beyond it the classes are drawn one after another.
FEW_EACH = 8
# Share of the greatest variance below which one is nothing but rounding.
SMALLEST = 1e-9


class _Classes(NamedTuple):
    """Women who are at risk at the same events and leave in one way: to exchange them changes nothing. n of each class, by the last of
    these days.

    `is_event` by class, `first` the class with which each day begins.
    """

    n: Counts
    is_event: Floats
    first: Counts


def permutation_p(rows: pl.DataFrame, draws: int = DRAWS) -> float:
    """Mid-p of the permutation distribution of the log-rank chi-square; the observed deal counts as one draw.

    `rows`: arm, days, is_event, n. Arms are dealt again among all women, sizes kept. A deal of whom the arms cannot be compared (nobody of
    one is at risk at any event) has a chi-square of 0.
    """
    import numpy as np  # noqa: PLC0415

    classes, taken = _classes(rows)
    observed = chi_squares(taken[None, :-1], classes)[0]
    dealt = _deals(np.random.default_rng(SEED), classes.n, taken.sum(axis=1), draws)
    return mid_p(observed, (chi_squares(some, classes) for some in dealt), draws)


def mid_p(observed: float, drawn: Iterable[Floats], draws: int) -> float:
    """The share of drawn statistics above the observed one, and half of those that equal it; what was observed counts as one draw."""
    import numpy as np  # noqa: PLC0415

    greater, equal = 0, 1
    for found in drawn:
        same = np.isclose(found, observed, rtol=1e-9, atol=1e-12)
        greater, equal = greater + int(np.sum((found > observed) & ~same)), equal + int(np.sum(same))
    return (greater + equal / 2) / (draws + 1)


def spread(dead: Floats, women: Floats) -> Floats:
    """Per day what the covariance of the events of two arms has beside their women at risk, as `dead` of all `women` fall by chance."""
    import numpy as np  # noqa: PLC0415

    made: Floats = dead * (women - dead) / (women**2 * np.maximum(women - 1, 1))
    return made


def _classes(rows: pl.DataFrame) -> tuple[_Classes, Counts]:
    """The classes, and how many of each are in each arm: arms x classes."""
    days = rows.filter("is_event")["days"].unique().sort()
    last = days.search_sorted(rows["days"], side="right").alias("last")  # 0: she left before the first event
    ranked = rows.select("is_event", "n", last, arm=pl.col("arm").rank("dense"))  # a name could be that of a column
    summed = ranked.group_by("last", "is_event", "arm").agg(pl.col("n").sum().cast(pl.Int64)).sort("last", "is_event", "arm")
    table = summed.pivot("arm", index=["last", "is_event"], values="n", maintain_order=True)
    counts = table.drop("last", "is_event").fill_null(0).to_numpy().T
    first = table.with_row_index().filter(pl.col("last").is_first_distinct())["index"].to_numpy()
    return _Classes(counts.sum(axis=0), table["is_event"].cast(pl.Float64).to_numpy(), first), counts


def chi_squares(dealt: Counts, classes: _Classes) -> Floats:
    """The log-rank chi-square of each deal. `dealt`: deals x arms without the last x classes."""
    import numpy as np  # noqa: PLC0415

    def by_day(counts: Counts | Floats) -> Floats:
        summed: Floats = np.add.reduceat(counts, classes.first, axis=-1)
        return summed

    def at_risk(counts: Counts) -> Floats:
        left: Floats = by_day(counts)[..., ::-1].cumsum(axis=-1)[..., ::-1]
        return left[..., is_told]

    dead = by_day(classes.n * classes.is_event)
    is_told = dead > 0
    dead, women, own = dead[is_told], at_risk(classes.n), at_risk(dealt)
    over = by_day(dealt * classes.is_event)[..., is_told].sum(axis=-1) - own @ (dead / women)
    by_chance = spread(dead, women)
    # of whole numbers, so that an arm of which all or none are at risk has no variance, not even by rounding
    variance = -np.einsum("bkt,t,blt->bkl", own, by_chance, own)
    arms = np.arange(own.shape[1])
    variance[:, arms, arms] = (own * (women - own)) @ by_chance
    found: Floats = np.einsum("bk,bkl,bl->b", over, np.linalg.pinv(variance, rcond=SMALLEST, hermitian=True), over)
    return found


def _deals(rng: np.random.Generator, n: Counts, sizes: Counts, draws: int) -> Iterator[Counts]:
    """Deals of the women (n per class) to arms of the given sizes, many at once: deals x arms without the last x classes."""
    import numpy as np  # noqa: PLC0415

    batch = max(AT_ONCE // (len(n) * len(sizes)), 1)
    for start in range(0, draws, batch):
        many = min(batch, draws - start)
        if len(sizes) == 2:  # all of them in one call
            yield rng.multivariate_hypergeometric(n, int(sizes[0]), size=many, method=_method(n))[:, None]
        else:
            yield np.array([_deal(rng, n, sizes) for _ in range(many)])


def _deal(rng: np.random.Generator, n: Counts, sizes: Counts) -> list[Counts]:
    left, dealt = n, []
    for size in sizes[:-1]:
        dealt.append(rng.multivariate_hypergeometric(left, int(size), method=_method(n)))
        left = left - dealt[-1]
    return dealt


def _method(n: Counts) -> Literal["count", "marginals"]:
    return "count" if n.sum() <= FEW_EACH * len(n) else "marginals"
