"""The fingerprint of what the linkage finds: told by all that it compared, by nothing else, and by nobody without the key."""

from __future__ import annotations

import polars as pl
import pytest
from link_people import _part, linked, ward
from link_pieces import after, day, delivered, link, window

from schemas.findings import identified
from schemas.linkage import Linkage
from schemas.overrides import FINGERPRINT

KEY = b"k" * 32
WITH, TWINS = (("nric",), ("name", "birth")), {"name": "lim mary", "birth": "1950-03-07"}


def of_persons(edit: str, *people: dict[str, dict[str, str]], key: bytes = KEY) -> list[str | None]:
    """The fingerprints of what is found of persons, each told by a file of her own."""
    files = [_part(f"file{at}", at, numbers, {}) for at, numbers in enumerate(people)]
    linked = link(files, Linkage.model_validate({"deterministic": WITH}), key=key)
    return linked.findings.filter(edit=edit)["fingerprint"].to_list()


def test_two_who_are_two_are_told_by_both_numbers_and_all_that_was_compared() -> None:
    first, second = {"1": {**TWINS, "nric": "S0000001A"}}, {"2": {**TWINS, "nric": "S0000002B"}}
    [one] = of_persons("LINK-IDENTITY", first, second)
    assert one is not None and FINGERPRINT.match(one)
    assert of_persons("LINK-IDENTITY", second, first) == [one]
    others = [{"2": {**TWINS, "nric": "S0000003C"}}, {"3": {**TWINS, "nric": "S0000002B"}}]
    assert len({one, *(of_persons("LINK-IDENTITY", first, other)[0] for other in others)}) == 3
    assert of_persons("LINK-IDENTITY", first, second, key=b"q" * 32) != [one]


FILES = pl.DataFrame({"source_key": [1, 2], "source_file": ["a.csv", "b.csv"], "contract": ["a", "b"]})
LIKELY = {"compare": ("name", "birth", "postcode"), "review_from": 0.5}
TOLD, SLIP = {**TWINS, "postcode": "100000"}, {"name": "lim marry", "birth": TWINS["birth"], "postcode": "100000"}


def names(edit: str, a: dict[str, dict[str, str]], b: dict[str, dict[str, str]], merge_from: float = 0.9) -> list[tuple[str, str, str]]:
    """Id, fingerprint and what agrees of the findings of two files."""
    found = linked([("a", 0, a), ("b", 1, b)], (("nric",), ("name", "postcode")), {**LIKELY, "merge_from": merge_from}, key=KEY)
    told = identified(found.findings, FILES, said_of_records=found.said).filter(edit=edit)
    return told.select("finding_id", "fingerprint", "columns").rows()


@pytest.mark.slow
def test_two_who_are_two_are_told_alike_whatever_weight_or_set_found_them() -> None:
    """Whether the likeness joins them too hangs on all other women; so does whether it joins one of them to a third number."""
    first, second = {**ward(60), "1": {**TOLD, "nric": "S0000001A"}}, {"2": {**TOLD, "birth": "1950-03-08", "nric": "S0000002B"}}
    [likely], [unlikely] = (names("LINK-IDENTITY", first, second, merge_from) for merge_from in (0.9, 1.0))
    assert (likely[2], unlikely[2]) == ("name postcode birth", "name postcode")
    assert likely[:2] == unlikely[:2]
    third = {**second, "3": {**SLIP, "birth": "1950-03-08"}}
    found = [{one[:2] for one in names("LINK-IDENTITY", first, third, merge_from)} for merge_from in (0.9, 1.0)]
    assert all(likely[:2] in one for one in found)


def test_two_who_are_only_alike_are_told_by_what_is_compared() -> None:
    told = {**ward(60), "1": TOLD}
    [one] = names("LINK-POSSIBLE", told, {"900": SLIP}, 1.0)
    assert names("LINK-POSSIBLE", {**ward(90), "1": TOLD}, {"900": SLIP}, 1.0) == [one]
    [other] = names("LINK-POSSIBLE", told, {"900": {**SLIP, "name": "lim marri"}}, 1.0)
    assert (other[0], other[1] == one[1]) == (one[0], False)


@pytest.mark.parametrize("a", [["1"], ["1", "5", "6", "7"]])
def test_each_number_of_one_woman_keeps_its_finding_wherever_its_row_stands(a: list[str]) -> None:
    hers = {number: {"nric": "S0000001A"} for number in a}

    def of(numbers: dict[str, dict[str, str]], others: dict[str, dict[str, str]]) -> dict[int, str]:
        found = linked([("a", 0, numbers), ("b", 1, others)], WITH, key=KEY)
        told = identified(found.findings, FILES, said_of_records=found.said).filter(edit="LINK-PERSON")
        rows = {(1, row): number for row, number in enumerate(numbers, 1)} | {(2, row): number for row, number in enumerate(others, 1)}
        return {rows[key, row]: name for key, row, name in told.select("source_key", "source_row", "finding_id").iter_rows()}

    others = {number: {"nric": "S0000001A"} for number in ("8", "9", "10")}
    first = of(hers, others)
    assert len(first) == len(a) + 2
    assert of(dict(reversed(hers.items())), dict(reversed(others.items()))) == first


def test_two_national_numbers_of_one_person_are_told_by_both() -> None:
    said = [{"1": {"nric": number}} for number in ("S0000001A", "S0000002B", "S0000003C")]
    [one] = of_persons("LINK-NUMBERS", said[0], said[1])
    assert of_persons("LINK-NUMBERS", said[1], said[0]) == [one] != of_persons("LINK-NUMBERS", said[0], said[2])


def test_two_women_of_one_number_are_told_by_their_names_and_births_too() -> None:
    mary, may, mai = (
        {"1": {"name": name, "birth": born}}
        for name, born in (("lim mary", "1950-03-07"), ("tan may", "1961-01-01"), ("tan may", "1961-01-02"))
    )
    [one] = of_persons("LINK-NUMBERS", mary, may)
    assert of_persons("LINK-NUMBERS", may, mary) == [one] != of_persons("LINK-NUMBERS", mary, mai)


def test_dates_on_both_axes_are_told_by_what_either_says() -> None:
    def axes(on: int, later: int) -> list[str | None]:
        contact = {**window("treatment", day(2010, 1, on), day(2010, 1, on)), **after("treatment", "diagnosis", later)}
        tumour = window("diagnosis", day(2009), day(2009))
        found = link([delivered(patient=[{}], tumour=[tumour], treatment=[{"modality_code": "surgery", **contact}])], key=KEY)
        return found.findings.filter(edit="LINK-AXES").sort("record")["fingerprint"].to_list()

    first = axes(20, 5)
    assert len(set(first)) == len(first) > 0 and None not in first
    assert axes(20, 5) == first
    assert not set(first) & {*axes(21, 5), *axes(20, 6)}
