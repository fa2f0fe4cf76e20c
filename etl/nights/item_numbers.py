"""A file of NAACCR XML of which an item has the number of another one since last night: the exporter's table was shifted.

An item is read by its `naaccrId`, as the standard has it; a `naaccrNum` beside it that is another item's contradicts it, and which of
both the value belongs to cannot be told. A source that always wrote other numbers is read as before. The file is refused alone, and its
last good delivery stands in (DESIGN 2.9).
"""

from __future__ import annotations

from etl.nights.legible_before import LastReadings, accepting, is_accepted
from etl.readers import RawTable
from schemas.core.errors import UnreadableError, few


def check_item_numbers(raw: RawTable, last: LastReadings) -> None:
    """Raises UnreadableError where items that the contract reads have another item's number, and had none such in the last release."""
    if not raw.misnumbered or not (earlier := last.newest(raw)) or is_accepted(raw.contract, earlier):
        return
    before = {item for table in last.tables(raw) for item in table.misnumbered}
    new = [f"'{item}'" for item in raw.misnumbered if item not in before]
    if new:
        says = f"the naaccrNum beside {', '.join(few(new))} is another item's, and was not in the last release"
        what = f"whose values these are cannot be told; ask the source; if the naaccrId is right, {accepting(earlier)}"
        raise UnreadableError("item_number", f"{raw.file.name}: {says}: {what}")
