"""Whose number an identifier is: the source of the file, another one, or the one that a column of the row tells."""

from __future__ import annotations

import polars as pl
import pytest
from tiny_exports import HEAD, KEY, fates, normalised, noted, raw

from etl.linking.persons import link_persons
from etl.nights.record_by_record import _women
from etl.normalise import Normalised
from etl.normalise.row_key import row_keys
from schemas.contract import Contract
from schemas.core.ids import pseudonym
from schemas.linkage import Linkage
from schemas.shapes import shaped
from schemas.yaml_lines import read_yaml

MAP = "{from: hospital, map: {St Mary: hospital_a, City: hospital_b, Ward: ward}}"
LAB = "{rule: tissue, record: tumour, set: {patient_id: no, laterality_code: side}}"
BESIDE = LAB.replace("patient_id: no", "patient_id: nric")


def lab(issuer: str = MAP, rule: str = LAB, more: str = "") -> Contract:
    number = f"no: {{identifier: {{kind: hospital_number, issuer: {issuer}{more}}}}}"
    text = f"{HEAD}, fields: {{{number}, hospital: {{}}, side: {{}}, nric: {{identifier: nric}}}}, records: [{rule}]}}"
    source = read_yaml("ward.yml", text.encode())
    found = shaped(source, Contract)
    assert found is not None and not source.mistakes, source.mistakes
    return found


def row(no: str | None, hospital: str | None, nric: str | None = None) -> tuple[str | None, ...]:
    return no, hospital, "left", nric


@pytest.mark.parametrize(
    ("no", "hospital", "issued"),
    [
        ("17", "St Mary", "hospital_a:17"),
        ("17", "City", "hospital_b:17"),
        ("17", "Ward", "ward:17"),  # of the source of the file itself
        (" 1-7 ", "St Mary", "hospital_a:1-7"),
        ("17", None, None),
        ("17", "Elsewhere", None),
        ("17", "st mary", None),  # no text of the map: not guessed
        ("unknown", "St Mary", None),
        (None, "City", None),
    ],
)
def test_a_number_is_that_of_the_hospital_of_its_row(no: str | None, hospital: str | None, issued: str | None) -> None:
    found = normalised(lab(), row(no, hospital))
    assert found.persons["patient_pseudonym"].to_list() == ([] if issued is None else [pseudonym(KEY, issued)])
    told = {edit for edit, *_ in noted(found)}
    assert ("NORM-PERSON" in told) is (issued is None)
    assert ("NORM-ISSUER" in told) is (issued is None and no == "17")


def test_a_row_of_which_nothing_tells_the_hospital_is_accounted_for() -> None:
    found = normalised(lab(), row("17", "St Mary"), row("17", None), row("17", "City"))
    assert noted(found) == [("NORM-ISSUER", "row", 3, "hospital"), ("NORM-PERSON", "row", 3, "no")]
    assert fates(found) == [("row", "goes_on", "", 2), ("row", "no_record", "not_understood", 1), ("record", "goes_on", "", 2)]


def test_neighbours_with_one_number_of_two_hospitals_are_two_women() -> None:
    found = normalised(lab(), *[row("17", hospital) for hospital in ("City", "City", "City", "St Mary", "St Mary", "St Mary")])
    assert found.records["tumour"]["patient_key"].n_unique() == found.persons.height == 2


def test_a_contract_may_say_that_all_numbers_are_another_sources() -> None:
    found = normalised(lab("hospital_a"), row("17", None))
    assert found.persons["patient_pseudonym"].to_list() == [pseudonym(KEY, "hospital_a:17")]
    assert found.identifiers.select("source", "issuer", "hospital_number").rows() == [("ward", "hospital_a", "17")]


@pytest.mark.parametrize(("hospital", "told"), [("St Mary", ("hospital_a", "17")), ("Ward", (None, "17")), (None, (None, None))])
def test_a_number_beside_the_national_one_tells_whose_it_is(hospital: str | None, told: tuple[str | None, str | None]) -> None:
    found = normalised(lab(rule=BESIDE), row("17", hospital, "S0000001A"))
    assert found.identifiers.select("issuer", "hospital_number").rows() == [told]
    assert found.records["tumour"].height == 1, "the row is hers by the national number"


def hospital(source: str, number: str, nric: str) -> Normalised:
    by = lab(source).model_copy(update={"source": source})
    return normalised(by, row(number, None, nric))


@pytest.mark.parametrize(("where", "whose"), [("St Mary", "S0000001A"), ("City", "S0000002B"), (None, "S0000003C"), ("?", "S0000003C")])
def test_numbers_of_two_hospitals_join_whom_they_belong_to_and_nobody_else(where: str | None, whose: str) -> None:
    """The laboratory knows a woman by a third national number and by 17 of one of the hospitals."""
    parts = [hospital("hospital_a", "17", "S0000001A"), hospital("hospital_b", "17", "S0000002B")]
    slip = normalised(lab(rule=BESIDE), row("17", where, "S0000003C"))
    linkage = Linkage.model_validate({"deterministic": ("patient_id", "hospital_number"), "cannot_link": ()})
    persons = link_persons([*parts, slip], linkage)
    names = dict(persons.names.rows())
    root = dict(persons.moved.select("patient_key", "to_key").rows())
    lead = {name: root.get(key, key) for key, name in names.items()}
    mine = lead[pseudonym(KEY, "nric:S0000003C")]
    by_nric = {"S0000001A": "hospital_a:17", "S0000002B": "hospital_b:17", "S0000003C": "nric:S0000003C"}
    assert {nric for nric, number in by_nric.items() if lead[pseudonym(KEY, number)] == mine} == {"S0000003C", whose}


def test_the_key_of_a_row_tells_women_of_two_hospitals_apart() -> None:
    by = lab()
    told = row_keys(raw(by, row("17", "City"), row("17", "St Mary"), row("17", "City")).rows, by, "secret")["who"].to_list()
    assert told[0] == told[2] != told[1]


@pytest.mark.parametrize(
    ("now", "there"),
    [("St Mary,City", 2), ("City,St Mary", 2), ("City,City", 1), ("Ward,Ward", 0)],
    ids=["as before", "rows in another order", "one of another hospital", "all of another hospital"],
)
def test_women_of_last_night_are_looked_for_by_number_and_hospital(now: str, there: int) -> None:
    by = lab()
    was = raw(by, row("17", "St Mary"), row("17", "City")).rows
    of_now = raw(by, *[row("17", one) for one in now.split(",")]).rows
    assert _women(of_now, was, by) == (2, there)


def test_numbers_are_checked_by_their_own_form_not_by_whose_they_are() -> None:
    found = normalised(lab(more=", digits: 5", rule=BESIDE), row("17", "City", "S0000001A"), row("1234567", "City", "S0000002B"))
    assert found.identifiers.select(pl.col("hospital_number")).to_series().to_list() == ["00017", None]
    assert [(edit, line) for edit, _, line, _ in noted(found)] == [("NORM-IDENTIFIER", 3)]


@pytest.mark.parametrize("delivery", ["snapshot", "upsert"])
@pytest.mark.parametrize(
    ("a", "b", "told"),
    [
        ("17", "30", [("hospital_a", "17"), ("hospital_b", "30")]),
        ("17", None, [("hospital_a", "17")]),
        (None, "17", [("hospital_b", "17"), (None, None)]),
        ("17", "17", [("hospital_a", "17"), ("hospital_b", "17")]),
        ("17", "?", [("hospital_a", "17")]),
    ],
)
def test_a_row_may_have_a_number_of_each_of_two_hospitals(
    a: str | None, b: str | None, told: list[tuple[str | None, str | None]], delivery: str
) -> None:
    number = "{identifier: {kind: hospital_number, issuer: %s}}"
    fields = f"no: {number % 'hospital_a'}, hospital: {number % 'hospital_b'}, side: {{}}, nric: {{identifier: nric}}"
    found = Contract.model_validate(read_yaml("ward.yml", f"{HEAD}, fields: {{{fields}}}, records: [{BESIDE}]}}".encode()).value)
    found = found.model_copy(update={"delivery": delivery, "key": ("side",) if delivery == "upsert" else ()})
    part = normalised(found, row(a, b, "S0000001A"))
    assert sorted(part.identifiers.select("issuer", "hospital_number").rows(), key=str) == sorted(told, key=str)
    assert set(part.identifiers["patient_id"]) == {"nric:S0000001A"}
    named = [hospital("hospital_a", "17", "S0000002B"), hospital("hospital_b", "30", "S0000003C")]
    linkage = Linkage.model_validate({"deterministic": ("patient_id", "hospital_number"), "cannot_link": ()})
    for parts in ([part, *named], [*named, part]):
        moved = link_persons(parts, linkage).moved
        assert moved.height == (2 if (a, b) == ("17", "30") else 1 if a == "17" else 0)
