"""Dates that may newly be either of two days: a spreadsheet opened the file in the other order of day and month."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import polars as pl
import pytest
from landing_project import contract

from etl.nights.legibility import check_legible
from etl.nights.legible_before import LastReadings
from etl.normalise.result import Normalised
from etl.readers import RawTable
from schemas.core.errors import UnreadableError
from schemas.core.frames import FINDINGS

DATED: dict[str, Any] = {
    "fields": {"id": {"required": True}, "died": {}},
    "records": ({"rule": "primary", "record": "tumour", "set": {"patient_id": "id", "tumour_no": {"value": 1}, "diagnosis": "died"}},),
}


def night(cells: int, open_: int, *, before: bool = True, edit: str = "NORM-DATE-ORDER", **more: Any) -> None:
    """A file with so many dates, so many of which are findings; `before`: whether all could be read in the last release."""
    found = pl.DataFrame({"edit": [edit] * open_, "columns": ["died"] * open_, "source_row": [*range(open_)]})
    none = pl.DataFrame(schema=FINDINGS)
    told = (
        none.clear().vstack(none)
        if not open_
        else pl.concat([none, found.cast({name: FINDINGS[name] for name in found.columns})], how="diagonal")
    )
    rows = pl.DataFrame({"source_row": [*range(cells)], "id": ["1"] * cells, "died": ["2009-03-04"] * cells})
    file = SimpleNamespace(name="deaths.csv", source_key=1)
    raw = SimpleNamespace(contract=contract("deaths", "deaths.csv", **DATED, **more), file=file, rows=rows, findings=none)
    last = SimpleNamespace(were_legible=lambda *_: before, newest=lambda _: "0123456789abcdef")
    check_legible(cast(RawTable, raw), cast(Normalised, SimpleNamespace(findings=told)), cast(LastReadings, last))


@pytest.mark.parametrize(
    ("cells", "open_", "is_refused"), [(100, 39, True), (100, 20, True), (100, 19, False), (200, 20, False), (300, 0, False)]
)
def test_refuses_from_twenty_and_a_tenth_on(cells: int, open_: int, is_refused: bool) -> None:
    if not is_refused:
        night(cells, open_)
        return
    with pytest.raises(
        UnreadableError, match=f"'died': {open_} of {cells} dates may be either of two days, and none in the last"
    ) as refused:
        night(cells, open_)
    assert refused.value.reason == "illegible"
    with pytest.raises(UnreadableError):
        night(cells, open_, edit="NORM-DATE-SWAPPED")  # the real dates of a column that holds texts too


def test_takes_what_the_source_did_before_and_what_the_contract_allows() -> None:
    night(100, 39, before=False)
    night(100, 39, max_unread=0.5)
    night(100, 39, exchanged_after="0123456789ab")  # as the refusal prints it: this night alone
    with pytest.raises(UnreadableError, match='exchanged_after: "0123456789ab"'):
        night(100, 39, exchanged_after="aa23456789ab")
    night(100, 39, edit="NORM-DATE")  # cells that are no dates at all: a half of them refuses the column
