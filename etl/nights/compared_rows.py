"""What comparing the rows of a file with those of the file before it may refuse: exchanged columns, codes that moved, other women under
the numbers of before.
"""

from __future__ import annotations

from etl.nights.exchanged import check_exchanged
from etl.nights.exchanged_upsert import check_exchanged_upsert
from etl.nights.legible_before import LastReadings
from etl.nights.recoded import check_recoded
from etl.nights.record_by_record import SameRecords, same_records
from etl.nights.same_numbers import check_same_numbers
from etl.nights.some_other_women import check_some_other_women
from etl.readers import RawTable


def check_same_records(raw: RawTable, last: LastReadings) -> SameRecords | None:
    """Raises UnreadableError where the rows of a file say of the same records what no registry mends overnight; gives what was compared."""
    of_upsert = check_exchanged_upsert(raw, last)
    held = same_records(raw, last)
    if held is not None:
        check_exchanged(raw, held)
        check_recoded(raw, held)
        check_same_numbers(raw, held)
    check_some_other_women(raw, of_upsert or held)
    return held
