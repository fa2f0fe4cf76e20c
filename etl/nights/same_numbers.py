"""Other women under the numbers of yesterday's: two hospitals that both count from 1, or a spreadsheet that sorted the numbers alone.

Every number is found and every cell can be read, so a share of the women found says nothing; but what does not change of a woman (birth,
diagnosis, side, results) agrees with what stood under her number no more often than chance would have it, in all columns at once. How often
beyond chance is Cohen's kappa: about the share of women who are still the same. A correction, a new unit or new codes change one column and
leave the others. The file is refused alone, and its last good delivery stands in (DESIGN 2.9).
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from etl.nights.recoded import FORMS, kinds
from etl.nights.record_by_record import BEFORE, SameRecords
from etl.readers import RawTable
from schemas.core.errors import UnreadableError, few

COLUMNS, RECORDS = 3, 20  # of fewer an agreement says nothing
KNOWN = 0.8  # of the cells of a code have spellings of before: else its codes are written otherwise
SURE = 0.9  # agreement by chance above which a column tells nobody apart
NEARLY = 0.9  # of the cells of a column of days have the same form as before
ONGOING = "follow_up"  # record of what changes by itself


def check_same_numbers(raw: RawTable, held: SameRecords) -> None:
    """Raises UnreadableError where under the numbers of a snapshot of before stand less than `expected_rows.of_last` of its women."""
    least = raw.contract.expected_rows.of_last
    if raw.contract.delivery != "snapshot" or not least or held.is_accepted(raw.contract):
        return
    found = dict(_agreements(raw, held))
    if len(found) >= COLUMNS and all(share < least for share in found.values()):
        columns = ", ".join(few(held.told(raw.contract, name) for name in found))
        said = f"under the numbers of the last release stand other women: columns {columns} agree little more often than by chance"
        why = "another source's file under this name, numbers dealt anew, or some columns sorted without the others"
        anew = "where its rows tell of something else each time (the treatment of today), `expected_rows: {of_last: 0}`"
        raise UnreadableError("other_women", f"{raw.file.name}: {said}: {why} (if it is right, {held.accepting}; {anew})")


def _agreements(raw: RawTable, held: SameRecords) -> Iterator[tuple[str, float]]:
    """The columns of what does not change that tell women apart and are written as before, each with its agreement beyond chance."""
    coded, numbers, days, _ = kinds(raw.contract, held, leaving_out=ONGOING)
    for name in held.fields:
        both = held.rows.select(now=pl.col(name), was=pl.col(f"{name}{BEFORE}")).drop_nulls() if name in coded | numbers | days else None
        if both is not None and both.height >= RECORDS and _is_written_alike(both, is_day=name in days):
            by_chance = _by_chance(both)
            if by_chance <= SURE:
                same = both.filter(pl.col("now") == pl.col("was")).height / both.height
                yield name, (same - by_chance) / (1 - by_chance)


def _is_written_alike(both: pl.DataFrame, *, is_day: bool) -> bool:
    """Whether cells of now and of before can be held against one another as they are written."""
    if is_day:
        forms = (pl.all_horizontal(pl.all().str.to_date(form, strict=False).is_not_null()).sum().alias(form) for form in FORMS)
        return max(map(int, both.select(*forms).row(0))) >= NEARLY * both.height
    return int(both["now"].is_in(both["was"].unique().implode()).sum()) >= KNOWN * both.height


def _by_chance(both: pl.DataFrame) -> float:
    """The share of records that would have the same cell if those of now were dealt out anew."""
    now, was = (both[side].value_counts(name="n").rename({side: "cell"}) for side in ("now", "was"))
    of = now.join(was, on="cell")
    return float((of["n"] * of["n_right"]).sum()) / both.height**2
