"""The naaccrNum beside an item is another item's: a night on which that is new is refused, a source that always wrote so is read."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from landing_project import contract
from reading import table

from etl.nights.item_numbers import check_item_numbers
from etl.nights.legible_before import LastReadings
from etl.readers import RawTable
from etl.readers.naaccr_xml import misnumbered
from schemas.core.errors import UnreadableError


@pytest.mark.parametrize(
    ("numbers", "found"),
    [
        ({"laterality": {"410"}, "sex": {"220"}, "ownItem": {"9501"}}, []),
        ({"laterality": {"220"}, "sex": {"410"}}, ["laterality", "sex"]),
        ({"laterality": {"410"}, "ownItem": {"410"}}, ["laterality", "ownItem"]),
        ({"ownItem": {"9501", "9502"}}, ["ownItem"]),
        ({"estrogenReceptorSummary": {"3915"}}, ["estrogenReceptorSummary"]),  # the progesterone receptor's
        ({}, []),
    ],
)
def test_knows_a_number_that_is_another_item_s(numbers: dict[str, set[str]], found: list[str]) -> None:
    assert misnumbered(numbers) == found


def test_a_file_says_which_of_its_items_these_are(tmp_path: Path) -> None:
    item = '<Item naaccrId="{}" naaccrNum="{}">1</Item>'
    said = (
        item.format("patientIdNumber", "20") + item.format("sex", "0410") + item.format("registryId", "21") + item.format("laterality", "")
    )
    content = f'<NaaccrData xmlns="http://naaccr.org/naaccrxml"><Patient>{said}</Patient></NaaccrData>'
    fields = {"id": {"header": "patientIdNumber"}, "sex": {}, "side": {"header": "laterality"}}
    assert table(tmp_path, content, name="w.xml", format={"kind": "naaccr_xml"}, fields=fields).misnumbered == ("sex",)


@pytest.mark.parametrize(
    ("before", "more", "is_refused"),
    [((), {}, True), (("sex",), {}, True), (("side", "sex"), {}, False), ((), {"exchanged_after": "fb58bcc1d622"}, False)],
)
def test_refuses_what_is_new(before: tuple[str, ...], more: dict[str, str], is_refused: bool) -> None:
    raw = SimpleNamespace(misnumbered=("side",), contract=contract("ward", "w.xml", **more), file=SimpleNamespace(name="w.xml"))
    last = SimpleNamespace(newest=lambda _: "fb58bcc1d622aa", tables=lambda _: [SimpleNamespace(misnumbered=before)])
    if not is_refused:
        check_item_numbers(cast(RawTable, raw), cast(LastReadings, last))
        return
    with pytest.raises(UnreadableError, match=r"w.xml: the naaccrNum beside 'side' is another item's") as refused:
        check_item_numbers(cast(RawTable, raw), cast(LastReadings, last))
    assert refused.value.reason == "item_number"
