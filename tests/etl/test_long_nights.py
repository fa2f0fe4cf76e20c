"""A long file (item, value) overnight: items that change places, codes of one that are turned round, one that is gone, refuse it alone;
what registries do by right does not. So with contacts of which a woman has several, told apart by their days.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from landing_project import NOW, contract, deliver, project

from etl.explaining import write_contracts
from etl.landing.land import land
from etl.nights.compared_rows import check_same_records
from etl.nights.legible_before import LastReadings
from etl.nights.long_files import Items, wide
from etl.readers import read
from schemas.core.errors import UnreadableError

Row = tuple[str, str, str, str]  # woman, item, value, day
WOMAN = {"patient_id": "id"}
RESULT = {**WOMAN, "specimen_code": {"value": "primary"}, "result_code": "value"}
ITEMS: list[dict[str, Any]] = [
    {"rule": "er", "record": "biomarker", "when": "item = 'ER'", "set": {**RESULT, "marker_code": {"value": "er"}}},
    {"rule": "pr", "record": "biomarker", "when": "item in ('PR', 'PgR')", "set": {**RESULT, "marker_code": {"value": "pr"}}},
    {"rule": "size", "record": "tumour", "when": "item = 'SIZE'", "set": {**WOMAN, "tumour_size_mm": "value"}},
    {"rule": "told", "record": "tumour", "when": "item = 'DX'", "set": {**WOMAN, "diagnosis": "day"}},
]
CONTACTS = [{"rule": "seen", "record": "follow_up", "set": {**WOMAN, "contact": "day", "vital_status_code": "value"}}]


def long(*, er: str = "ER", pr: str = "PR", flip: bool = False, times: int = 1, women: range = range(40)) -> list[Row]:
    """Of each woman two receptors, which differ in a half, a size and a day of diagnosis."""
    rows: list[Row] = []
    for n in women:
        first, second = (n % 3 > 0) ^ flip, n % 2 > 0
        rows += [(f"W{n}", er, "01"[first], ""), (f"W{n}", pr, "01"[second], ""), (f"W{n}", "SIZE", str((5 + n) * times), "")]
        rows += [(f"W{n}", "DX", "", f"2010-0{n % 9 + 1}-1{n % 10}")]
    return rows


def seen(*, flip: bool = False, women: range = range(30)) -> list[Row]:
    """Of each woman two contacts; a third died at the second."""
    first: list[Row] = [(f"W{n}", "", "01"[not flip], f"2011-0{n % 9 + 1}-07") for n in women]
    return first + [(f"W{n}", "", "01"[(n % 3 > 0) ^ flip], f"2012-05-{n % 28 + 1:02d}") for n in women]


def csv(rows: list[Row]) -> str:
    return "id,item,value,day\n" + "".join(",".join(row) + "\n" for row in rows)


def tonight(folder: Path, before: list[Row], now: list[Row], records: Any = ITEMS, *, name: str = "ward", **more: Any) -> None:
    """A night that became a release, and the file of the next one (of that name) read after it."""
    out = folder / "out"
    fields: dict[str, Any] = {field: {} for field in ("id", "item", "value", "day")}
    if more.pop("is_accepted", False):
        more["exchanged_after"] = hashlib.sha256(csv(before).encode()).hexdigest()[:12]
    ward = project(folder, contract("ward", "ward*.csv", fields=fields, records=tuple(records), **more))
    for rows in (before, now):
        deliver(ward, ward__csv="")
        deliver(ward, **{f"{name if rows is now else 'ward'}__csv": csv(rows)})
        [file] = land(ward, out, NOW).files
        if rows is before:
            (out / "releases" / "abc" / "internal").mkdir(parents=True)
            (out / "current").symlink_to("releases/abc")
            told = {"contract": "ward", "name": file.name, "sha256": file.sha256}
            (out / "releases" / "abc" / "run.json").write_text(json.dumps({"inputs": {"landed": [told]}}), encoding="utf-8")
            write_contracts(out / "releases" / "abc" / "internal", ward.contracts)
    check_same_records(read(file, file.contract), LastReadings(out))


def of(rows: list[Row], item: str) -> list[Row]:
    return [row for row in rows if row[1] != item]


REFUSED: dict[str, tuple[list[Row], str, str]] = {
    "two items changed places": (long(er="PR", pr="ER"), "exchanged", "'value' of item 'ER' and 'value' of item 'PR' hold .* in 20 of 20"),
    "value and day changed places": ([(a, b, d, c) for a, b, c, d in long()], "exchanged", "'value' and 'day' hold .* in 160 of 160"),
    "the codes of one turned round": (long(flip=True), "recoded", "column 'value' of item 'ER': in 40 of 40 records"),
    "another unit": (long(times=10), "recoded", "column 'value' of item 'SIZE': 40 numbers are about 10 times"),
    "item and value changed places": ([(a, c, b, d) for a, b, c, d in long()], "item_gone", "no row has 'DX' under 'item', and 40 "),
    "an item is gone": (of(long(), "PR"), "item_gone", "'PR' under 'item', and 40 looked at had it in the last release: if it was renamed"),
    "an item has another name": (long(pr="Progesterone"), "item_gone", "'PR' .*; 1 texts are new there: "),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refuses_a_long_file_of_which_items_say_something_else(tmp_path: Path, case: str) -> None:
    now, reason, says = REFUSED[case]
    with pytest.raises(UnreadableError, match=says) as refused:
        tonight(tmp_path, long(), now)
    assert refused.value.reason == reason and "W1" not in str(refused.value)


TAKEN: dict[str, list[Row]] = {
    "as it was": long(),
    "sorted by item": sorted(long(), key=lambda row: row[1]),
    "new women": long(women=range(60)),
    "an item more": [*long(), *((f"W{n}", "KI67", "20", "") for n in range(40))],
    "three results mended": [*long(women=range(37)), *long(women=range(37, 40), flip=True)],
    "an item twice of each": [*long(), *((f"W{n}", "ER", "1", "") for n in range(40))],
}  # fmt: skip


@pytest.mark.parametrize("case", TAKEN)
def test_takes_what_a_registry_does_by_right(tmp_path: Path, case: str) -> None:
    tonight(tmp_path, long(), TAKEN[case])


def read_as(rule: str, condition: str) -> list[dict[str, Any]]:
    return [{**one, "when": condition} if one["rule"] == rule else one for one in ITEMS]


RIGHTLY_GONE: dict[str, tuple[list[Row], list[Row], Any, dict[str, Any]]] = {
    "the contract read its new name already": (long(), long(er="Oestrogen"), read_as("er", "item in ('ER', 'Oestrogen')"), {}),
    "and by another rule": (long(pr="PgR"), long(), ITEMS, {}),
    "a window in which few would have it": (long(), of(long(women=range(5)), "PR"), ITEMS, {"expected_rows": {"of_last": 0}}),
    "a rule leaves it out": (long(pr="void"), of(long(), "PR"), read_as("pr", "item not in ('void', 'ER', 'SIZE', 'DX')"), {}),
    "somebody has looked": (long(), of(long(), "PR"), ITEMS, {"is_accepted": True}),
}  # fmt: skip


@pytest.mark.parametrize("case", RIGHTLY_GONE)
def test_takes_a_file_without_an_item_that_is_gone_by_right(tmp_path: Path, case: str) -> None:
    before, now, records, more = RIGHTLY_GONE[case]
    tonight(tmp_path, before, now, records, **more)


def test_refuses_an_item_whose_other_name_was_there_before(tmp_path: Path) -> None:
    both = read_as("er", "item in ('ER', 'PR')")
    with pytest.raises(UnreadableError, match=r"'PR' .*; if only tonight none had it, write `exchanged_after: .[0-9a-f]{12}.` into"):
        tonight(tmp_path, long(), of(long(), "PR"), both)


def test_takes_an_item_that_few_had_and_one_that_the_contract_reads_no_more(tmp_path: Path) -> None:
    tonight(tmp_path, [*long(), ("W1", "PgR", "1", "")], long())
    tonight(tmp_path / "rule", long(pr="x"), of(long(), "PR"))


def test_holds_an_upsert_of_a_long_file_against_all_that_it_does_not_name(tmp_path: Path) -> None:
    more: dict[str, Any] = {"delivery": "upsert", "key": ("id", "item")}
    tonight(tmp_path, long(), [row for row in long(flip=True, women=range(3)) if row[1] == "ER"], **more)
    with pytest.raises(UnreadableError, match="of item 'ER': in 40 of 40"):
        tonight(tmp_path / "all", long(), [row for row in long(flip=True) if row[1] == "ER"], **more)


def test_tells_several_contacts_of_a_woman_apart_by_their_days(tmp_path: Path) -> None:
    tonight(tmp_path, seen(), seen(women=range(35)), CONTACTS)
    with pytest.raises(UnreadableError, match="column 'value': in 60 of 60 records") as refused:
        tonight(tmp_path / "turned", seen(), seen(flip=True), CONTACTS)
    assert refused.value.reason == "recoded"


def test_holds_an_appended_file_against_the_one_of_its_name_only(tmp_path: Path) -> None:
    tonight(tmp_path, long(), long(flip=True), name="ward_2", delivery="append")
    with pytest.raises(UnreadableError, match="of item 'ER': in 40 of 40"):
        tonight(tmp_path / "anew", long(), long(flip=True), delivery="append")


def test_takes_fields_of_any_name() -> None:
    rows = pl.DataFrame({"id": ["1", "1"], "field": ["ER", "PR"], "text": ["+", "-"]})
    assert wide(rows, ["id"], Items("field", {"er": frozenset({"ER", "PR"})}), ["text"]).row(0) == ("1", "+", "-")
