"""Numbers of persons that have lost their leading zeros: a file saved anew by a spreadsheet, beside other files or after last night's."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from landing_project import NOW, contract, deliver, project

from etl.delivering import Delivered
from etl.delivering import deliver as read_all
from etl.landing.land import land
from schemas.core.ids import Pseudonyms, text_key
from schemas.vocabulary import load

KEY = b"k" * 32
WOMEN = tuple(f"{37 * n:05d}" for n in range(1, 31))
BARE = tuple(str(37 * n) for n in range(1, 31))
OWN = {"id": {"header": "Nr", "identifier": "hospital_number"}}


def export(numbers: Iterable[str], head: str = "id") -> str:
    return "\n".join([f"{head},stage", *(f"{number},I" for number in numbers)]) + "\n"


def read(folder: Path, fields: dict[str, Any] | None = None, last: Iterable[str] | None = None, **files: str) -> Delivered:
    """What the files of the two hospitals deliver; `last`: the numbers of the release before."""
    more = {"fields": {**fields, "stage": {}}} if fields else {}
    known = project(folder, *(contract(name, f"{name}*.csv", **more) for name in ("ward", "lab")), required=())
    object.__setattr__(known, "vocabularies", load(None))
    out = folder / "out"
    if last is not None:
        release(out, last)
    deliver(known, **files)
    return read_all(known, out, land(known, out, NOW), KEY)


def release(out: Path, numbers: Iterable[str]) -> None:
    """A current release that read a file of the ward with these numbers."""
    place = out / "releases" / "one"
    place.mkdir(parents=True, exist_ok=True)
    (out / "landing").mkdir()
    (out / "landing" / "manifest.csv").write_text("name,size,sha256,first_seen,contract,status\n", encoding="utf-8")
    (place / "run.json").write_text(json.dumps({"inputs": {"landed": [{"name": "ward.csv", "contract": "ward"}]}}), encoding="utf-8")
    with duckdb.connect(str(place / "warehouse.duckdb")) as con:
        con.execute("create table dim_patient (patient_key bigint)")
        hashed = Pseudonyms(KEY).of(pl.Series([*numbers]))
        con.executemany("insert into dim_patient values (?)", [(text_key(one),) for one in hashed])
    (out / "current").symlink_to(Path("releases") / "one")


def told(found: Delivered) -> list[tuple[str, str]]:
    names = {file.source_key: file.name for file in found.landing.files}
    rows = found.findings.filter(edit="LINK-ZEROS").select("source_key", "columns").rows()
    return [(names[key], columns) for key, columns in rows]


def test_tells_of_the_file_whose_numbers_lack_the_zeros_that_another_has(tmp_path: Path) -> None:
    found = read(tmp_path, ward__csv=export(WOMEN), lab__csv=export([*BARE[:8], "77777"]))
    assert told(found) == [("lab.csv", "id: 8 numbers are in ward.csv with zeros at their front")]
    assert found.counts.filter(edit="LINK-ZEROS").select("violated", "satisfied").rows() == [(8, 1)]
    assert found.said["said"].to_list() == ["id"]  # its name does not hang on the count


def test_tells_nothing_of_numbers_that_each_hospital_gives_itself(tmp_path: Path) -> None:
    assert told(read(tmp_path, OWN, ward__csv=export(WOMEN, "Nr"), lab__csv=export(BARE, "Nr"))) == []


def test_tells_one_file_that_has_a_number_in_both_forms(tmp_path: Path) -> None:
    found = read(tmp_path, OWN, ward__csv=export(["00037", "37", "40"], "Nr"))
    assert told(found) == [("ward.csv", "Nr: 1 numbers are in ward.csv with zeros at their front")]


def test_tells_nothing_where_no_number_begins_with_a_zero(tmp_path: Path) -> None:
    found = read(tmp_path, ward__csv=export(BARE), lab__csv=export(BARE))
    assert told(found) == [] and found.counts.filter(edit="LINK-ZEROS").is_empty()


def refused(found: Delivered) -> list[tuple[str, str]]:
    return [(refusal.source_file, refusal.message) for refusal in found.landing.refusals if refusal.reason == "zeros_lost"]


@pytest.mark.parametrize("issued", ["", "nric:"])
def test_refuses_a_file_that_has_lost_the_zeros_of_the_last_release(tmp_path: Path, issued: str) -> None:
    fields = {"id": {"identifier": "nric"}} if issued else None
    found = read(tmp_path, fields, [issued + number for number in WOMEN], ward__csv=export(BARE), lab__csv=export(["1"]))
    [(name, message)] = refused(found)
    assert name == "ward.csv" and "column 'id': 30 of 30 numbers" in message and "`digits: 5`" in message


@pytest.mark.parametrize(
    ("last", "now", "is_refused"),
    [
        (("00123", "00456", "00789", "12345"), ("123", "456", "789", "12345"), True),
        (("00123", "00456", "12345", "12346"), ("123", "456", "12345", "12346"), False),  # two may be new women
        (("0123", "00456", "00789"), ("123", "456", "789"), True),  # of several lengths
        (("00123", "00456", "00789"), ("00123", "456", "789"), False),  # some have theirs: told where another file has them
        (("123", "456", "789"), ("123", "456", "789"), False),
        (("00123", "00456", "00789"), ("123", "456", "789", "1111", "2222", "3333", "4444"), False),  # most are others' numbers
        (("W0123", "W0456", "W0789"), ("123", "456", "789"), False),
        (("00123", "00456", "00789"), ("10123", "10456", "10789"), False),  # numbers beyond the last, or given anew
    ],
)
def test_needs_three_numbers_and_most_of_those_that_are_not_known(
    tmp_path: Path, last: tuple[str, ...], now: tuple[str, ...], is_refused: bool
) -> None:
    assert bool(refused(read(tmp_path, None, last, ward__csv=export(now)))) == is_refused


def test_one_number_in_ten_is_enough(tmp_path: Path) -> None:
    last = [f"{n:05d}" for n in range(5_000, 50_000, 37)]
    [(_, message)] = refused(read(tmp_path, None, last, ward__csv=export(number.lstrip("0") for number in last)))
    assert "`digits: 5`" in message


def test_proposes_no_digits_that_would_empty_a_longer_number(tmp_path: Path) -> None:
    [(_, message)] = refused(read(tmp_path, None, [*WOMEN, "1234567"], ward__csv=export([*BARE, "1234567"])))
    assert "digits" not in message


def test_knows_the_numbers_that_linkage_brought_under_another(tmp_path: Path) -> None:
    place = tmp_path / "out" / "releases" / "one" / "internal"
    place.mkdir(parents=True)
    hers = Pseudonyms(KEY).of(pl.Series([*WOMEN]))
    pl.DataFrame({"record": "patient", "outcome": "merged", "own_pseudonym": hers}).write_csv(place / "linkage.csv")
    assert refused(read(tmp_path, None, ["S1", "S2"], ward__csv=export(BARE)))


def test_lets_a_file_grow_that_lacked_the_zeros_of_another_before(tmp_path: Path) -> None:
    place = tmp_path / "out" / "releases" / "one" / "internal"
    place.mkdir(parents=True)
    pl.DataFrame({"edit": ["LINK-ZEROS"], "source_file": ["ward.csv"]}).write_parquet(place / "findings.parquet")
    assert refused(read(tmp_path, None, [*WOMEN, *BARE[:20]], ward__csv=export(BARE))) == []


@pytest.mark.parametrize("field", [{"digits": 5}, {"form": "[0-9]+"}, {"identifier": {"kind": "nric", "pattern": "^[0-9]+$"}}])
def test_believes_a_contract_that_says_how_its_numbers_look(tmp_path: Path, field: dict[str, Any]) -> None:
    assert refused(read(tmp_path, {"id": field}, [*WOMEN, *(f"nric:{one}" for one in WOMEN)], ward__csv=export(BARE))) == []


def test_a_hospital_that_comes_for_the_first_time_has_lost_nothing(tmp_path: Path) -> None:
    found = read(tmp_path, None, WOMEN, lab__csv=export(BARE), ward__csv=export(WOMEN))
    assert refused(found) == [] and [name for name, _ in told(found)] == ["lab.csv"]
