"""A snapshot of which a column is there and holds nothing any more: formulas that no spreadsheet has computed, a link that broke, an item
of NAACCR XML that no record has.

It is the loss of a column under its own header (renamed.py): an edit would fall silent and stop the night of every source, or the field is
empty beside a notice. The file is refused alone, and its last good delivery stands in (DESIGN 2.9).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from etl.nights.legible_before import Earlier, accepting, is_accepted
from etl.nights.renamed import ITEMS, MANY
from etl.readers import RawTable
from schemas.checks.fields import read_headers
from schemas.contract import Contract, Field
from schemas.core.errors import UnreadableError, few


def check_emptied_columns(raw: RawTable, before: Earlier) -> None:
    """Raises UnreadableError where a column of a snapshot has no filled cell of which the file of the last release had MANY.

    Of a snapshot with fewer rows (a window of some months) it must have had as many more. A column of which the contract empties more
    texts since then is left out, for somebody has looked at it.
    """
    if raw.contract.delivery != "snapshot" or is_accepted(raw.contract, before.file.sha256) or not raw.rows.height:
        return
    many = MANY * max(1, before.rows.height / raw.rows.height)
    gone = {name: n for name in _compared(raw, before.file.contract) if (n := _filled(before.rows, name)) >= many}
    if gone:
        headers = {name: read_headers(name, raw.contract.fields[name])[0] for name in gone}
        told = (f"no cell of column '{headers[name]}' is filled, and {n:,} looked at were in the last release" for name, n in gone.items())
        what = "ask the source for it (formulas never computed hold nothing); if it comes no more, take the field out of the contract"
        accept = f"if only tonight it holds nothing, {accepting(before.file.sha256)}"
        raise UnreadableError("column_empty", f"{raw.file.name}: {'; '.join(few(told))}: {what}; {accept}")


def _compared(raw: RawTable, then: Contract) -> Iterator[str]:
    """The fields without a filled cell of today that the contract empties no more than then; of NAACCR XML those too that are not there."""
    absent = () if raw.contract.format.kind == ITEMS else raw.absent
    if raw.contract.null_tokens != then.null_tokens:
        return
    for name, field in raw.contract.fields.items():
        if name in then.fields and name not in absent and _empties(field) == _empties(then.fields[name]) and not _filled(raw.rows, name):
            yield name


def _empties(field: Field) -> tuple[Any, ...]:
    """What decides of which cells of a field nothing is left."""
    return field.null_tokens, field.digits, field.form


def _filled(rows: pl.DataFrame, name: str) -> int:
    return rows.height - rows[name].null_count() if name in rows.columns else 0
