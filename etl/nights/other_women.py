"""A snapshot that holds other women than the last one: another hospital's file under this name, numbers written otherwise.

As many rows as before, every cell in order, and nobody of them was there yesterday: published, it would put one hospital's women in the
place of another's, and every key would change. Less than `expected_rows.of_last` of the women, as of the rows, is refused alone, and the
last good delivery stands in (DESIGN 2.9).
"""

from __future__ import annotations

from etl.nights.record_by_record import SameRecords
from etl.readers import RawTable
from schemas.core.errors import UnreadableError

FEWEST = 20  # of fewer women a share says nothing


def check_other_women(raw: RawTable, held: SameRecords | None) -> None:
    """Raises UnreadableError where less than `expected_rows.of_last` of the women of the last snapshot are in this one.

    Their numbers are compared as they are read; some thousand of them are looked for.
    """
    contract = raw.contract
    if held is None or contract.delivery != "snapshot" or held.is_accepted(contract) or held.women < FEWEST:
        return
    if held.women_there < contract.expected_rows.of_last * held.women:
        said = f"{held.women_there:,} of {held.women:,} women looked at of the last release are in it"
        why = "another source's file under this name, or their numbers are written otherwise"
        accept = f"if it is right, {held.accepting}"
        only_new = "of a window write `expected_rows: {of_last: 0}`; where a file holds new women only, `delivery: append` or `upsert`"
        raise UnreadableError("other_women", f"{raw.file.name}: {said}: {why} ({accept}; {only_new})")
