"""An export of which two columns have exchanged their contents overnight under the same headers: ER under PR, a birth under a diagnosis.

Both can be read, no count and perhaps no share changes, and every record says something false. So records are held against themselves in
the file that the last release read: of those whose two cells differed, most hold now the one's old value in the other. Corrections of a
few do not. The file is refused alone, and its last good delivery stands in (DESIGN 2.9).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import combinations
from typing import NamedTuple

import numpy as np
import polars as pl

from etl.nights.exchanged_cells import FEWEST, LESS_OF, MOST_OF, Cells, is_most, pair
from etl.nights.record_by_record import BEFORE, SameRecords
from etl.readers import RawTable
from schemas.core.errors import UnreadableError, few

ENOUGH = 500  # records that tell whether two columns have to be looked at
PAIR = 2  # columns of a ring that was looked at already


class Exchanged(NamedTuple):
    """Columns that hold one another's values of before; `n` of `of` records whose cells differed."""

    names: tuple[str, ...]
    n: int
    of: int


def check_exchanged(raw: RawTable, held: SameRecords) -> None:
    """Raises UnreadableError where columns hold one another's values of the last release."""
    if held.is_accepted(raw.contract):
        return
    found = [*_of_key(held), *(exchanged(held.by_row) if held.by_row is not None else ()), *exchanged(held)]
    if found:
        told = "; ".join(few(_told(raw, held, one) for one in found))
        raise UnreadableError("exchanged", f"{raw.file.name}: {told}: {_what_to_do(held)}")


def _of_key(held: SameRecords) -> Iterator[Exchanged]:
    if held.moved is not None:
        yield Exchanged(held.moved, held.rows.height, held.looked_for)


def exchanged(held: SameRecords) -> list[Exchanged]:
    """The columns that hold one another's values of before: pairs, and rings of three and more."""
    now, before = _numbered(held)
    changed = [place for place in range(len(held.fields)) if (now[place] != before[place]).sum() >= FEWEST]
    likely = _likely(now, before, changed)
    looked_at = ((a, b) for a, b in combinations(changed, 2) if b in likely[a] and a in likely[b])
    both = ((a, b, pair(now, before, a, b)) for a, b in looked_at)
    pairs = [(a, b, found) for a, b, found in both if found is not None]
    in_pairs = {place for a, b, _ in pairs for place in (a, b)}
    rings = _rings(now, before, {a: took - in_pairs for a, took in likely.items() if a not in in_pairs})
    told = [Exchanged((held.fields[a], held.fields[b]), *found) for a, b, found in pairs]
    return told + [Exchanged(tuple(held.fields[place] for place in ring), *found) for ring, found in rings]


def _numbered(held: SameRecords) -> tuple[list[Cells], list[Cells]]:
    """The cells as numbers that are equal where the texts are, of now and of before; nothing is 0."""
    columns = [*held.fields, *(f"{name}{BEFORE}" for name in held.fields)]
    if not held.rows.height or not columns:
        return [np.empty(0, np.int64)] * len(held.fields), [np.empty(0, np.int64)] * len(held.fields)
    texts = pl.concat([held.rows[name].rename("text") for name in columns])
    numbers = texts.rank("dense").cast(pl.Int64).fill_null(0).to_numpy().reshape(len(columns), -1)
    return list(numbers[: len(held.fields)]), list(numbers[len(held.fields) :])


def _likely(now: list[Cells], before: list[Cells], changed: list[int]) -> dict[int, set[int]]:
    """By column those whose old values it holds in many of the records in which it changed: of many columns few pairs are looked at."""
    found, was = dict[int, set[int]](), np.stack([before[a] for a in changed]) if changed else np.empty((0, 0), np.int64)
    for a in changed:
        rows = np.flatnonzero(now[a] != before[a])
        some = rows[:: max(1, len(rows) // ENOUGH)]
        held = (was[:, some] == now[a][some]).sum(axis=1)
        found[a] = {b for b, n in zip(changed, held, strict=True) if b != a and n >= LESS_OF * len(some)}
    return found


def _rings(
    now: list[Cells], before: list[Cells], likely: Mapping[int, Collection[int]]
) -> Iterator[tuple[tuple[int, ...], tuple[int, int]]]:
    """Columns each of which holds what the next one held."""
    took = {a: b for a, places in likely.items() if (b := _taken(now, before, a, places)) is not None}
    seen: set[int] = set()
    for start in took:
        ring = [start]
        while (step := took.get(ring[-1])) is not None and step not in ring:
            ring.append(step)
        if step == start and len(ring) > PAIR and seen.isdisjoint(ring):
            seen.update(ring)
            apart = np.logical_or.reduce([before[a] != before[took[a]] for a in ring])
            over = apart & np.logical_and.reduce([now[a] == before[took[a]] for a in ring])
            n, of = int(over.sum()), int(apart.sum())
            changed = np.logical_or.reduce([now[a] != before[a] for a in ring]).sum()
            if n >= MOST_OF * changed and is_most(n, of, len(apart), n / max(of, 1)):
                yield tuple(ring), (n, of)


def _taken(now: list[Cells], before: list[Cells], a: int, places: Collection[int]) -> int | None:
    """The column whose old values a column holds in most of the records in which they differed and that had one."""
    best, most = None, 0
    for b in sorted(places):
        apart = (before[a] != before[b]) & (before[b] != 0)
        n = int((apart & (now[a] == before[b])).sum())
        if n >= FEWEST and n >= MOST_OF * apart.sum() and n > most:
            best, most = b, n
    return best


def _told(raw: RawTable, held: SameRecords, one: Exchanged) -> str:
    headers = [held.told(raw.contract, name) for name in one.names]
    named = f"{', '.join(headers[:-1])} and {headers[-1]}"
    return f"columns {named} hold one another's values of the last release in {one.n:,} of {one.of:,} records compared that tell them apart"


def _what_to_do(held: SameRecords) -> str:
    contract = "where its headers are wrong, send it mended, or exchange the headers in the contract"
    accept = f"where it is right and the earlier one was not, {held.accepting}"
    return f"{contract}; {accept}"
