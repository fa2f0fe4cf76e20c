"""A laboratory's file has the same number of two hospitals: the rows of one woman are taken out, and never those of the other."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from etl.erase.rows import Known, numbers_in
from etl.erase.who import _numbers
from etl.erase.withheld import Secret
from etl.normalise.result import IDENTIFIERS
from schemas.contract import Contract
from schemas.core.errors import ConfigurationError
from schemas.core.ids import pseudonym
from schemas.vocabulary import load
from tests.etl.erase.test_erase_file import KEY, contract, looked

MAP = {"St Mary": "hospital_a", "Mary": "hospital_a", "City": "hospital_b"}
NUMBER = {"identifier": {"kind": "hospital_number", "issuer": {"from": "hospital", "map": MAP}}}
LAB = contract(comment="#", fields={"no": NUMBER, "hospital": {}, "side": {}})
ROWS = ["17,St Mary,left", "17,City,left", "18,City,left", "017,St Mary,left", "17,Mary,right", "17,,left", "17,mary,left"]
FILE = "\n".join(["no,hospital,side", *ROWS, ""])


@pytest.mark.parametrize(
    ("listed", "gone", "unclear"),
    [
        ("hospital_a:17", ["17,St Mary,left", "17,Mary,right"], 2),
        ("hospital_b:17", ["17,City,left"], 2),
        ("hospital_b:18", ["18,City,left"], 0),
        ("hospital_a:18", [], 0),
        ("17", [], 0),
        ("nric:17", [], 0),
        # erased while the laboratory's numbers passed for its own: who she was nobody knows, and she is not brought back
        ("s:18", ["18,City,left"], 0),
        ("s:17", [row for row in ROWS if row.startswith("17,")], 0),
    ],
)
def test_it_takes_the_rows_of_one_hospitals_number_alone(listed: str, gone: list[str], unclear: int, tmp_path: Path) -> None:
    found = looked(tmp_path / "a.csv", FILE.encode(), LAB, listed)
    left = FILE if found.cleaned is None else found.cleaned.content.decode()
    assert left == "\n".join(["no,hospital,side", *("" if row in gone else row for row in ROWS), ""])
    assert (found.unclear, found.rows, found.known_by) == (unclear, len(gone), frozenset())


OWN = contract(comment="#", fields={"no": {"header": "side", "identifier": "hospital_number"}, "hospital": {}})
NETWORK = {"identifier": {"kind": "hospital_number", "issuer": {"from": "hospital", "map": MAP | {"Here": "s"}}}}


@pytest.mark.parametrize("number", ["17", "18"])
@pytest.mark.parametrize("also", [None, OWN], ids=["its own beside others' in the file", "its own in another contract"])
def test_a_number_of_the_source_itself_takes_no_row_of_another_hospitals_woman(number: str, also: Contract | None, tmp_path: Path) -> None:
    by = LAB if also else contract(comment="#", fields={"no": NETWORK, "hospital": {}, "side": {}})
    found = looked(tmp_path / "a.csv", f"{FILE}{number},Here,left\n".encode(), by, f"s:{number}", also=also)
    assert (found.rows, found.cleaned is None) == ((1, False) if also is None else (0, True))


def test_a_number_beside_the_one_that_names_her_is_one_hospitals_too(tmp_path: Path) -> None:
    by = contract(fields={"no": {"identifier": "nric"}, "side": NUMBER, "hospital": {}})
    text = "no,side,hospital\nS0000001A,17,City\nS0000002B,17,St Mary\nS0000003C,17,\n"
    found = looked(tmp_path / "a.csv", text.encode(), by, "hospital_a:17")
    assert found.cleaned is not None and found.cleaned.content.decode() == text.replace("S0000002B,17,St Mary", "")
    hers = Secret(KEY).of(pl.Series([pseudonym(KEY, "nric:S0000002B")])).to_list()
    assert found.known_by == frozenset(hers), "and nobody else's number joins the list"


def test_a_line_that_is_no_row_may_name_a_woman_of_either_hospital(tmp_path: Path) -> None:
    text = f"{FILE}# asked for 17177\n# asked for 18188\n"
    found = looked(tmp_path / "a.csv", text.encode(), LAB, "hospital_b:17177")
    assert found.cleaned is not None and found.cleaned.content.decode() == text.replace("# asked for 17177", "")
    assert [number[0] for number in numbers_in(pl.Series(["17"]), LAB)][:2] == ["hospital_a:17", "hospital_b:17"]


@pytest.mark.parametrize(
    ("listed", "is_named"), [("hospital_a:M1", True), ("s:M1", True), ("hospital_b:M1", False), ("M1", False), ("nric:S1", True)]
)
def test_a_person_delivered_is_known_by_her_number_of_another_source(listed: str, is_named: bool) -> None:
    known, own = (Known(load(), KEY, frozenset(Secret(KEY).of(pl.Series([pseudonym(KEY, listed)]))), frozenset(of)) for of in ((), "s"))
    told = [{"patient_key": 1, "source": "s", "issuer": "hospital_a", "patient_id": "nric:S1", "nric": "S1", "hospital_number": "M1"}]
    named = pl.Series([pseudonym(KEY, "nric:S1")]), pl.DataFrame(told, schema=IDENTIFIERS)
    assert known.are_named(*named) is is_named
    assert own.are_named(*named) is (is_named and listed != "s:M1"), "M1 of a source with numbers of its own is another woman"


WARD = contract(fields={"no": {"identifier": "hospital_number"}, "side": {}}).model_copy(update={"source": "hospital_a"})


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (None, ["hospital_a:17", "hospital_b:17"]),
        ("hospital_a", ["hospital_a:17"]),
        ("hospital_b", ["hospital_b:17"]),  # which delivers nothing itself
    ],
)
def test_a_number_given_is_that_of_the_source_said(source: str | None, told: list[str]) -> None:
    assert sorted(number for _, number in _numbers([WARD, LAB], "17", source)) == told


@pytest.mark.parametrize(
    ("source", "says"), [("s", "numbers of other sources only.*hospital_a, hospital_b"), ("x", "no source of the name")]
)
def test_a_laboratory_has_no_numbers_of_its_own(source: str, says: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        _numbers([WARD, LAB], "17", source)
    assert pl.Series([str(caught.value)]).str.contains(f"(?s){says}").all()
