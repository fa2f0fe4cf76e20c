"""`oncomart forget`: one person erased from every byte below the output folder, withheld from then on, and nobody else touched."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import duckdb
import polars as pl
import pytest

from etl.erase.forgetting import listed, plan
from etl.erase.withheld import Secret, Withheld
from etl.nights.delivered_anew import BACK
from etl.nights.zeros_lost import LastNumbers
from etl.progress import Progress
from schemas.core.errors import ConfigurationError
from schemas.core.ids import pseudonym
from schemas.keys import PUBLIC_EXAMPLE
from tests.etl.erase.forget_project import (
    NEW,
    NRIC,
    OWN,
    copied,
    deliver,
    items,
    ledger,
    lines,
    night,
    places_with_her,
    table,
    ward,
)  # fmt: skip
from tests.expectations_met import expectations_met

QUIET = Progress(quiet=True)
STAR = ("dim_patient", "dim_tumour")


def test_it_finds_her_everywhere_before(nights: Path) -> None:
    kinds = {Path(name).suffix for name in places_with_her(nights / "out") if name.startswith("landing/")}
    assert kinds == {".csv", ".dat", ".xlsx", ".xml"}
    assert {"vault.duckdb"} < set(places_with_her(nights / "out"))


def test_it_leaves_no_byte_of_her(erased: Path) -> None:
    assert places_with_her(erased / "out") == []


def test_it_takes_every_release_away_that_was_made_with_her(nights: Path, erased: Path) -> None:
    before = {path.name for path in (nights / "out" / "releases").iterdir()}
    after = {path.name for path in (erased / "out" / "releases").iterdir()}
    assert len(before) == 2 and len(after) == 1 and not before & after


def test_it_counts_her_records_as_withheld_and_her_rows_as_read(nights: Path, erased: Path) -> None:
    before, after = ledger(nights), ledger(erased)
    withheld = {line[0]: n for line, n in after.items() if line[3] == "withheld"}
    assert withheld == {"ward.csv": 4, "lines.dat": 1, "book.xlsx": 1, "abstracts.xml": 1, "items.csv": 1}
    read = {line: n for line, n in before.items() if line[1] == "read" and line[3] == "goes_on"}
    assert read == {line: n for line, n in after.items() if line[1] == "read" and line[3] == "goes_on"}
    assert after["ward.csv", "read", "row", "not_data", "erased"] == 1, "her torn row is no finding any more"


def test_it_changes_nothing_of_the_others(nights: Path, erased: Path) -> None:
    for name in STAR:
        before, after = table(nights, name), table(erased, name)
        assert before.height == after.height + 1
        assert after.join(before, on=after.columns, how="anti", nulls_equal=True).is_empty()


def test_it_keeps_the_row_numbers_of_the_others(nights: Path, erased: Path) -> None:
    rows = [{(key, row) for key, row in table(f, "lineage").select("row_key", "source_row").iter_rows()} for f in (nights, erased)]
    assert rows[1] < rows[0]


def test_it_keeps_no_hash_of_a_file_with_her_rows(nights: Path, erased: Path) -> None:
    named = [path.stem for path in (nights / "out" / "landing").rglob("*") if len(path.stem) == 64]
    gone = [name for name in named if not list((erased / "out" / "landing").rglob(f"{name}.*"))]
    texts = [path.read_bytes() for path in (erased / "out").rglob("*") if path.is_file()]
    assert len(gone) == 6
    assert not [name for name in gone if any(name.encode() in text for text in texts)]


def test_it_keeps_the_list_closed_and_without_identifiers(erased: Path) -> None:
    path = erased / "out" / "landing" / "withheld.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(json.loads(path.read_text(encoding="utf-8"))["persons"]) == 1
    assert listed(erased / "out").startswith("1 person erased:")


def test_it_hands_on_since_when_a_file_is_there(nights: Path, erased: Path) -> None:
    def days(folder: Path) -> dict[str, str]:
        run_json = json.loads((folder / "out" / "current" / "run.json").read_text(encoding="utf-8"))
        return {one["name"]: one["since"] for one in run_json["inputs"]["landed"]}

    assert days(nights) == days(erased)


def test_it_takes_no_file_without_her_for_one_that_came_back(erased: Path) -> None:
    told = json.loads((erased / "out/current/run.json").read_text(encoding="utf-8"))["expectations_not_met"]
    assert not [name for name in told if name.startswith(BACK)]


def test_it_says_unchanged_the_next_night_though_the_export_still_holds_her(erased: Path, tmp_path: Path) -> None:
    folder = copied(erased, tmp_path)
    assert night(folder).outcome == "unchanged"
    assert places_with_her(folder / "out") == []


@pytest.mark.slow
def test_it_lands_tomorrows_export_without_her_and_a_new_number_of_hers_too(erased: Path, tmp_path: Path) -> None:
    folder = copied(erased, tmp_path)
    with expectations_met():
        deliver(folder, "ward.csv", ward("S2000000A;Tan 99;1950-01-02;left;2009-03-04;"))
        deliver(folder, "lines.dat", lines(NEW))  # tells that the new number is hers
        deliver(folder, "items.csv", items(NEW))  # knows her by the new number only
        assert night(folder).outcome == "published"
        assert places_with_her(folder / "out") == []
        assert table(folder, "dim_patient").height == table(erased, "dim_patient").height + 1
        assert ledger(folder)["items.csv", "normalise", "record", "withheld", "erased"] == 1
        assert night(folder).outcome == "unchanged"


def test_it_says_nothing_is_left_to_do_of_somebody_who_is_erased(erased: Path) -> None:
    planned = plan(erased / "project", erased / "out", NRIC, None, drop=False)
    assert planned.is_listed and (planned.files, planned.rows, planned.releases) == (0, 0, 0)


@pytest.mark.parametrize("number", [NRIC, OWN, "zq-88417 "])
def test_it_counts_first_whatever_number_of_hers_is_given(nights: Path, number: str) -> None:
    planned = plan(nights / "project", nights / "out", number, None, drop=False)
    assert (planned.files, planned.rows, planned.records, planned.releases, planned.makes_anew) == (6, 9, 12, 2, True)
    assert number.strip() not in planned.told()


def test_it_takes_the_pseudonym_of_a_release(nights: Path) -> None:
    with duckdb.connect(str(nights / "out" / "vault.duckdb"), read_only=True) as con:
        asked = f"select patient_pseudonym from person_identifier where nric = '{NRIC}' limit 1"
        [(pseudonym,)] = con.sql(asked).fetchall()
    assert plan(nights / "project", nights / "out", pseudonym, None, drop=False).rows == 9


@pytest.mark.parametrize(
    ("number", "source", "says"),
    [
        ("S9999999X", None, "no person has this number"),
        ("unknown", None, "stands for a number that nobody knows"),
        ("M-3", None, r"2 different persons have this number \(say which with --source \(annex, clinic\)\)"),
        ("8.8417E+04", None, "scientific notation"),
        ("42", None, "other zeros at its front"),
        ("clinic:00042", None, "no person has this number .give it as a source delivers it"),
        ("M-3", "annx", "sources are annex, clinic, ward"),
    ],
)
def test_it_says_why_a_number_is_nobodys(nights: Path, number: str, source: str | None, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says) as told:
        plan(nights / "project", nights / "out", number, source, drop=False)
    assert number not in str(told.value)


def test_it_lists_her_number_without_its_zeros_too(nights: Path) -> None:
    person = plan(nights / "project", nights / "out", "00042", "annex", drop=False).person
    assert (len(person.hashes), len(person.alike)) == (2, 12)  # her own and her national number; of 2 to 14 digits, but for 00042
    bare = Secret(PUBLIC_EXAMPLE).of(pl.Series([pseudonym(PUBLIC_EXAMPLE, "annex:42")]))[0]
    assert bare in Withheld().having(person).hashes and bare not in person.hashes


def test_it_leaves_another_person_who_has_the_number_without_zeros(nights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LastNumbers, "has", lambda _, numbers: numbers == "annex:42")
    planned = plan(nights / "project", nights / "out", "00042", "annex", drop=False)
    assert len(planned.person.alike) == 11
    assert "1 other person with a number that equals hers but for zeros at its front: not erased" in planned.told()


def test_it_says_that_linkage_left_somebody_apart_who_may_be_her(nights: Path, tmp_path: Path) -> None:
    folder = copied(nights, tmp_path)
    path = folder / "out" / "current" / "internal" / "linkage.csv"
    own = next(line.split(",")[6] for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("patient,merged"))
    with path.open("a", encoding="utf-8") as handle:
        handle.write(f"patient,possible,probabilistic,name,0.9,{'0' * 20},{own},,,lines.dat,6\n")
    planned = plan(folder / "project", folder / "out", own, None, drop=False)
    assert "1 other person may be her, as linkage says" in planned.told()


def test_it_takes_the_one_of_a_source_where_two_have_the_number(nights: Path) -> None:
    assert plan(nights / "project", nights / "out", "M-3", "annex", drop=False).rows == 1
