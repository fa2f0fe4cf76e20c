"""Upserted deliveries: later rows take the place of earlier ones, and the ledger still accounts for every record."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import strategies as st
from landing_project import NOW, contract, deliver, fates, project

from etl.delivering import Delivered
from etl.delivering import deliver as read_all
from etl.landing.land import land
from etl.superseding import replaced, superseded
from schemas.core.ids import source_row_ids
from schemas.vocabulary import load
from tests.searched import searched

KEYED: dict[str, Any] = {
    "delivery": "upsert",
    "key": ("id", "no"),
    "fields": {"id": {}, "no": {}, "stage": {}},
    "records": ({"rule": "primary", "record": "tumour", "set": {"patient_id": "id", "tumour_no": "no", "stage_code": "stage"}},),
}


@pytest.fixture(scope="module")
def words() -> object:
    return load(None)


def delivered(folder: Path, words: object, **files: str) -> Delivered:
    known = project(folder, contract("ward", "ward*.csv", **KEYED))
    object.__setattr__(known, "vocabularies", words)
    deliver(known, **files)
    return read_all(known, folder / "out", land(known, folder / "out", NOW), b"k" * 32)


def left(found: Delivered) -> list[tuple[str, int, str | None]]:
    frames = [part.records["tumour"].select("source_file", "tumour_no", "stage_code") for part in found.parts]
    return sorted(row for frame in frames for row in frame.rows())


def lines(found: Delivered) -> dict[tuple[str, str], int]:
    kept = found.ledger.filter(stage="normalise", unit="record")
    return {(file, fate): n for file, fate, n in kept.select("source_file", "fate", "n").rows()}


def test_puts_later_rows_in_the_place_of_earlier_ones(tmp_path: Path, words: object) -> None:
    found = delivered(tmp_path, words, ward_9__csv="id,no,stage\n1,1,I\n1,2,IIA\n2,1,I\n", ward_10__csv="id,no,stage\n1,1,IIIA\n3,1,I\n")
    assert left(found) == [("ward_10.csv", 1, "I"), ("ward_10.csv", 1, "IIIA"), ("ward_9.csv", 1, "I"), ("ward_9.csv", 2, "IIA")]
    assert lines(found) == {("ward_9.csv", "goes_on"): 2, ("ward_9.csv", "superseded"): 1, ("ward_10.csv", "goes_on"): 2}
    assert fates(found.landing) == [("ward_10.csv", "goes_on", ""), ("ward_9.csv", "goes_on", "")]


def test_takes_a_date_in_the_name_for_a_day(tmp_path: Path, words: object) -> None:
    files = {"ward_31__01__2026__csv": "id,no,stage\n1,1,I\n", "ward_01__02__2026__csv": "id,no,stage\n1,1,IIIA\n"}
    assert left(delivered(tmp_path, words, **files)) == [("ward_01.02.2026.csv", 1, "IIIA")]


def test_replaces_nothing_within_one_file_or_without_a_whole_key(tmp_path: Path, words: object) -> None:
    found = delivered(tmp_path, words, ward_1__csv="id,no,stage\n1,1,I\n1,1,II\n1,,I\n", ward_2__csv="id,no,stage\n1,,III\n")
    assert ("ward_1.csv", "superseded") not in lines(found)


def test_counts_the_last_of_two_files_with_the_same_bytes(tmp_path: Path, words: object) -> None:
    again = "id,no,stage\n1,1,I\n"
    found = delivered(tmp_path, words, ward_1__csv=again, ward_2__csv="id,no,stage\n1,1,IIIA\n", ward_3__csv=again)
    assert left(found) == [("ward_3.csv", 1, "I")]
    assert ("ward_1.csv", "already_landed", "") in fates(found.landing)


def test_lets_a_delivery_from_before_come_before_today_s(tmp_path: Path, words: object) -> None:
    from etl.landing.manifest import GOOD, mark

    delivered(tmp_path, words, ward_1__csv="id,no,stage\n1,1,I\n2,1,I\n")
    mark(tmp_path / "out", ["ward_1.csv"], GOOD)
    found = delivered(tmp_path, words, ward_1__csv="", ward_2__csv="id,no,stage\n1,1,IIIA\n")
    assert left(found) == [("ward_1.csv", 1, "I"), ("ward_2.csv", 1, "IIIA")]
    assert ("ward_1.csv", "carried_forward", "") in fates(found.landing)


ROWS = st.lists(st.tuples(st.sampled_from("123"), st.sampled_from(["1", "2", ""]), st.sampled_from(["I", "IIA"])), min_size=1, max_size=6)


@searched(6, 25, fixtures=("tmp_path_factory", "words"), files=st.lists(ROWS, min_size=1, max_size=3))
def test_keeps_the_ledger_in_balance(
    tmp_path_factory: pytest.TempPathFactory, words: object, files: list[list[tuple[str, str, str]]]
) -> None:
    texts = {f"ward_{n}__csv": "id,no,stage\n" + "".join(f"{','.join(row)}\n" for row in rows) for n, rows in enumerate(files)}
    found = delivered(tmp_path_factory.mktemp("upsert"), words, **texts)
    for part, file in zip(found.parts, found.landing.files, strict=True):
        assert lines(found).get((file.name, "goes_on"), 0) == sum(frame.height for frame in part.records.values())
    last = {(row[0], row[1]): n for n, rows in enumerate(files) for row in rows if row[1]}
    kept = {(row[0], row[1]) for n, rows in enumerate(files) for row in rows if last.get((row[0], row[1])) == n}
    assert len({(file, no) for file, no, _ in left(found)}) <= len(kept)


NUMBERED: dict[str, Any] = {**KEYED, "fields": {**KEYED["fields"], "id": {"identifier": "hospital_number"}, "nric": {"identifier": "nric"}}}


def test_takes_what_was_not_understood_away_with_the_row_that_is_replaced(tmp_path: Path, words: object) -> None:
    whole = "id,no,stage\n10001,1,IIIA\n10002,1,I\n10003,1,bad\n"
    mended = delivered(tmp_path / "a", words, ward_1__csv=whole.replace("IIIA", "odd"), ward_2__csv="id,no,stage\n10001,1,IIIA\n")
    assert [(one["edit"], one["source_row"]) for one in mended.findings.to_dicts()] == [("NORM-UNMAPPED", 4)]
    assert mended.counts.filter(edit="NORM-UNMAPPED")["violated"].sum() == 1


def test_takes_what_was_told_while_reading_away_with_the_row_that_is_replaced(tmp_path: Path, words: object) -> None:
    known = project(tmp_path, contract("ward", "ward*.csv", **{**KEYED, "fields": {**KEYED["fields"], "stage": {"form": "[IV]+[A-C]?"}}}))
    object.__setattr__(known, "vocabularies", words)
    deliver(known, ward_1__csv="id,no,stage\n1,1,3a\n2,1,3b\n", ward_2__csv="id,no,stage\n1,1,IIIA\n")
    found = read_all(known, tmp_path / "out", land(known, tmp_path / "out", NOW), b"k" * 32)
    assert [(one["edit"], one["source_row"]) for one in found.findings.to_dicts()] == [("READ-FORM", 3)]
    assert found.counts.filter(edit="READ-FORM")["violated"].sum() == 1


def test_lists_no_spelling_of_a_row_that_is_replaced(tmp_path: Path, words: object) -> None:
    first = "id,no,stage\n1,1,odd\n2,1,odd\n3,1,bad\n4,1,bad\n5,1,I\n"
    found = delivered(tmp_path, words, ward_1__csv=first, ward_2__csv="id,no,stage\n1,1,IIA\n3,1,I\n4,1,I\n")
    assert found.unmapped.select("source_file", "column", "spelling", "n").rows() == [("ward_1.csv", "stage", "odd", 1)]
    rejected = found.bins.filter(bin="rejected", domain="stage").select("source_file", "distinct", "n")
    assert rejected.rows() == [("ward_1.csv", 1, 1)]


def test_lists_no_text_read_beside_unlisted_words_of_a_row_that_is_replaced(tmp_path: Path, words: object) -> None:
    stage = {"patient_id": "id", "tumour_no": "no", "stage_code": {"from": "stage", "within_text": True}}
    known = project(tmp_path, contract("ward", "ward*.csv", **{**KEYED, "records": ({"rule": "one", "record": "tumour", "set": stage},)}))
    object.__setattr__(known, "vocabularies", words)
    deliver(known, ward_1__csv="id,no,stage\n1,1,quux; stage I\n2,1,quux; stage I\n", ward_2__csv="id,no,stage\n1,1,IIA\n")
    found = read_all(known, tmp_path / "out", land(known, tmp_path / "out", NOW), b"k" * 32)
    assert found.unlisted.select("source_file", "spelling", "n").rows() == [("ward_1.csv", "quux; stage I", 1)]
    assert found.bins.filter(reason="beside_unlisted").select("distinct", "n").rows() == [(1, 1)]


def test_lists_no_text_and_no_treatment_cell_of_a_row_that_is_replaced(tmp_path: Path, words: object) -> None:
    side = {"patient_id": "id", "laterality_code": {"from": "site", "within_text": True}}
    more = {
        "key": ("id",),
        "fields": {"id": {}, "site": {}, "drugs": {"grammar": "treatment", "modality": "chemotherapy"}},
        "records": (
            {"rule": "primary", "record": "tumour", "set": side},
            {"rule": "drugs", "record": "treatment", "each": "drugs", "set": {"patient_id": "id"}},
        ),
    }
    known = project(tmp_path, contract("ward", "ward*.csv", **{**KEYED, **more}))
    object.__setattr__(known, "vocabularies", words)
    deliver(known, ward_1__csv="id,site,drugs\n1,qqq zz,zzz x9\n2,qqq zz,zzz yy\n", ward_2__csv="id,site,drugs\n1,left breast,\n")
    found = read_all(known, tmp_path / "out", land(known, tmp_path / "out", NOW), b"k" * 32)
    assert found.unmapped.select("column", "spelling", "n").rows() == [("drugs", "zzz yy", 1), ("site", "qqq zz", 1)]
    assert sorted(found.bins.filter(bin="rejected").select("domain", "n").rows()) == [("laterality", 1), ("treatment cell", 1)]


def test_a_correction_of_a_row_that_is_replaced_was_not_applied(tmp_path: Path, words: object) -> None:
    found = delivered(tmp_path, words, ward_1__csv="id,no,stage\n1,1,I\n2,1,I\n", ward_2__csv="id,no,stage\n1,1,IIIA\n")
    first, later = found.landing.files
    rows = pl.Series("source_row", [2, 3])
    ids = pl.DataFrame(rows).select(source_row_ids(first.source_key))
    keys = {first.name: pl.DataFrame([rows, pl.Series("row_key", [7, 8])]), later.name: pl.DataFrame({"source_row": [2], "row_key": [7]})}
    told = pl.DataFrame({"line": [2, 3], "source_row_id": ids.to_series()}).with_columns(
        column=pl.lit("stage"), record=pl.lit("tumour"), rule=pl.lit("primary"), is_unread=pl.lit(value=False)
    )  # fmt: skip
    parts = dict(zip((first.name, later.name), found.parts, strict=True))
    files, rows = [first, later], replaced([first, later], keys)
    left = superseded(files, {**parts, first.name: replace(parts[first.name], corrected=told)}, rows)
    assert left[first.name].corrected["line"].to_list() == [3], "line 2 is stale: its row is not there any more"


def test_takes_the_numbers_of_a_person_away_with_the_row_that_is_replaced(tmp_path: Path, words: object) -> None:
    known = project(tmp_path, contract("ward", "ward*.csv", **NUMBERED))
    object.__setattr__(known, "vocabularies", words)
    wrong, right, other = "S7654321A", "S1234567D", "S1111111A"
    first = f"id,no,stage,nric\n10001,1,I,{wrong}\n10001,2,I,{right}\n10002,1,I,{other}\n10002,2,I,{other}\n"
    deliver(known, ward_1__csv=first, ward_2__csv=f"id,no,stage,nric\n10001,1,I,{right}\n10002,1,I,{other}\n")
    found = read_all(known, tmp_path / "out", land(known, tmp_path / "out", NOW), b"k" * 32)
    told = sorted(row for part in found.parts for row in part.identifiers.select("hospital_number", "nric").rows())
    assert told == [("10001", right), ("10001", right), ("10002", other), ("10002", other)], "one per file; nobody says the wrong one"
