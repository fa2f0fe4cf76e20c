"""Text whose letters were torn by a wrong encoding, and small columns of which nothing can be read: each noticed, with numbers only."""

from __future__ import annotations

from pathlib import Path

import pytest
from landing_project import NOW, contract, deliver, project
from reading import refusal, said, table

from etl.delivering import deliver as read_all
from etl.landing.land import land
from schemas.vocabulary import load

LATIN = {"format": {"encoding": "cp1252"}}


def torn(raw: object) -> list[tuple[str, int | None, str | None]]:
    return [one for one in said(raw) if one[0] == "READ-TORN-TEXT"]  # type: ignore[arg-type]


def test_counts_the_letters_of_utf_8_that_the_contract_calls_windows_1252(tmp_path: Path) -> None:
    raw = table(tmp_path, "id,stage\n1,mäßig\n2,Müller – 3°\n".encode(), **LATIN)
    assert torn(raw) == [("READ-TORN-TEXT", None, "5 characters")]


def test_counts_them_where_an_earlier_program_tore_them(tmp_path: Path) -> None:
    assert torn(table(tmp_path, "id,stage\n1,mÃ¤nnlich\n".encode())) == [("READ-TORN-TEXT", None, "1 characters")]


@pytest.mark.parametrize(
    ("text", "written", "taken_for", "pieces"),
    [
        ("Müller Größe", "cp850", "latin-1", 2),  # DOS: control characters for ü and ö
        ("niño", "cp850", "cp1252", 1),  # ni¤o
        ("złośliwy", "cp1250", "cp1252", 1),  # z³oœliwy
        ("правая", "cp1251", "cp1252", 1),  # ïðàâàÿ, one word
        ("αριστερός", "cp1253", "cp1252", 1),
        ("右乳房", "iso2022_jp", "utf-8", 2),
        ("M\ufffdller", "utf-8", "utf-8", 1),  # lost before
    ],
)
def test_counts_what_another_code_page_makes_of_letters(tmp_path: Path, text: str, written: str, taken_for: str, pieces: int) -> None:
    raw = table(tmp_path, f"id,stage\n1,{text}\n".encode(written), format={"encoding": taken_for})
    assert torn(raw) == [("READ-TORN-TEXT", None, f"{pieces} characters")]


@pytest.mark.parametrize(
    "text", ["75mg/m²q3w", "ER±PR", "l·l", "n°dossier", "Herceptin®and", "töö ÄÖÜ", "óþægð", "«non»", "1°\xa0\xa0\xa0\xa0"]
)
def test_takes_no_real_sign_for_a_torn_letter(tmp_path: Path, text: str) -> None:
    assert torn(table(tmp_path, f"id,stage\n1,{text}\n".encode())) == []


@pytest.mark.parametrize("text", ["MÃE", "JOÃO", "Âge", "château", "mäßig", "3 Â", "São Paulo"])
def test_takes_no_real_letter_for_a_torn_one(tmp_path: Path, text: str) -> None:
    assert torn(table(tmp_path, f"id,stage\n1,{text}\n".encode())) == []
    assert torn(table(tmp_path, f"id,stage\n1,{text}\n".encode("cp1252"), **LATIN)) == []


def test_refuses_windows_1252_that_the_contract_calls_utf_8(tmp_path: Path) -> None:
    assert refusal(tmp_path, "id,stage\n1,mäßig\n".encode("cp1252"))[0] == "encoding"


DIAGNOSIS = {"from": "day", "formats": ("%d/%m/%Y",)}
DATED = {
    "fields": {"id": {"required": True}, "day": {"required": True}},
    "records": ({"rule": "primary", "record": "tumour", "set": {"patient_id": "id", "diagnosis": DIAGNOSIS}},),
}


@pytest.mark.parametrize(
    ("days", "headers"),
    [
        (["soon", "later", "never"], ["day"]),
        (["soon", "later", "03/04/2009"], []),  # one was understood
        (["soon", "", ""], []),  # one cell alone has a finding of its own
        (["2009-03-04"] * 19, ["day"]),
    ],
)
def test_notices_a_small_column_of_which_nothing_is_understood(tmp_path: Path, days: list[str], headers: list[str]) -> None:
    known = project(tmp_path, contract("ward", "ward.csv", **DATED))
    object.__setattr__(known, "vocabularies", load(None))
    deliver(known, **{"ward.csv": "id,day\n" + "".join(f"{no},{day}\n" for no, day in enumerate(days, start=1))})
    found = read_all(known, tmp_path / "out", land(known, tmp_path / "out", NOW), b"key")
    about = found.findings.filter(found.findings["edit"] == "READ-UNREAD-COLUMN")
    assert about["columns"].to_list() == headers
    assert found.counts.filter(found.counts["edit"] == "READ-UNREAD-COLUMN").height == len(headers)


@pytest.mark.parametrize(("numbers", "headers"), [(["12-345"] * 25, ["card"]), (["12-345"] * 24 + ["S7654321G"], []), (["12-345"], [])])
def test_notices_a_column_of_national_numbers_of_which_none_is_valid(tmp_path: Path, numbers: list[str], headers: list[str]) -> None:
    fields = {"id": {"required": True}, "card": {"identifier": "nric"}}
    known = project(tmp_path, contract("ward", "ward.csv", fields=fields))
    object.__setattr__(known, "vocabularies", load(None))
    deliver(known, **{"ward.csv": "id,card\n" + "".join(f"{no},{number}\n" for no, number in enumerate(numbers, start=1))})
    found = read_all(known, tmp_path / "out", land(known, tmp_path / "out", NOW), b"key")
    assert found.findings.filter(found.findings["edit"] == "READ-UNREAD-COLUMN")["columns"].to_list() == headers
