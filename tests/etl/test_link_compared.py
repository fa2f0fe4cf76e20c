"""The fingerprint of what the linkage finds: told by all that it compared, by nothing else, and by nobody without the key."""

from __future__ import annotations

from link_people import _part
from link_pieces import after, day, delivered, link, window

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


def test_two_national_numbers_of_one_person_are_told_by_both() -> None:
    said = [{"1": {"nric": number}} for number in ("S0000001A", "S0000002B", "S0000003C")]
    [one] = of_persons("LINK-NUMBERS", said[0], said[1])
    assert of_persons("LINK-NUMBERS", said[1], said[0]) == [one] != of_persons("LINK-NUMBERS", said[0], said[2])


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
