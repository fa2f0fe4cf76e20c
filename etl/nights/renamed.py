"""An export of which an optional column was renamed overnight, or is gone: its cells would be missing, and no rule would say so.

A column that is required breaks its contract by its absence. An optional one may stay away; but where it was filled in the last release
and a column that nobody knows came at the same time, it has another name now, and where MANY cells of a snapshot would be gone, some edit
would fall silent and stop the night of every source. So the file is refused alone, and its last good delivery stands in (DESIGN 2.9).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from etl.nights.legible_before import FEWEST, LastReadings, accepting, filled, is_accepted
from etl.readers import RawTable
from schemas.checks.fields import read_headers
from schemas.core.errors import UnreadableError, few

MANY = 20  # filled cells that do not go by themselves: some programs leave a column out in which nothing is filled any more
ITEMS = "naaccr_xml"  # of which each record holds the items it has: what is there says nothing of the file


def check_renamed(raw: RawTable, last: LastReadings) -> None:
    """Raises UnreadableError where columns are gone that had FEWEST cells in the last release, and others are there that are new; and where
    columns of a snapshot are gone that had MANY.
    """
    if raw.contract.format.kind == ITEMS or not raw.absent or last.lacked(raw, _headers(raw, raw.absent)):
        return
    earlier = last.newest(raw)
    if is_accepted(raw.contract, earlier):
        return
    before = last.tables(raw)
    gone = {name: n for name in raw.absent if (n := sum(filled(table, name) for table in before)) >= FEWEST}
    known = {header for table in before for header in table.extra}
    new = [place for header, place in raw.extra.items() if header not in known]
    if gone and new:
        are = f"the header of column {new[0]} is" if len(new) == 1 else f"the headers of columns {', '.join(few(new))} are"
        what = "if it was renamed, write the new header to `aliases` of its field; if it comes no more, take the field out of the contract"
        raise UnreadableError("renamed", f"{raw.file.name}: {_lacks(raw, gone)}; {are} new: {what}; {_only_tonight(earlier)}")
    many = {name: n for name, n in gone.items() if n >= MANY}
    if many and raw.contract.delivery == "snapshot":
        what = "ask the source for it; if it comes no more, take the field out of the contract"
        raise UnreadableError("column_gone", f"{raw.file.name}: {_lacks(raw, many)}: {what}; {_only_tonight(earlier)}")


def _only_tonight(earlier: str) -> str:
    return f"if only tonight it is not there, {accepting(earlier)}"


def _lacks(raw: RawTable, gone: Mapping[str, int]) -> str:
    named = zip(gone, _headers(raw, gone), strict=True)
    says = (f"column '{header}' is not there, and had {gone[name]:,} filled cells in the last release" for name, header in named)
    return "; ".join(few(says))


def _headers(raw: RawTable, names: Iterable[str]) -> list[str]:
    return [read_headers(name, raw.contract.fields[name])[0] for name in names]
