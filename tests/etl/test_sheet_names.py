"""The names under which sheets of one workbook are read by a contract each, beside files that themselves have such a name."""

from __future__ import annotations

from pathlib import Path

import pytest
from landing_project import contract

from etl.landing.delivery import NotLandedError, contract_of, natural, readings
from schemas.contract import Contract
from schemas.corrections import read_corrections


def sheets(pattern: str) -> list[Contract]:
    return [contract(name, pattern, format={"kind": "excel", "sheet": name.capitalize()}) for name in ("patients", "surgery")]


def read_by(name: str, contracts: list[Contract]) -> str:
    try:
        return contract_of(name, contracts).contract
    except NotLandedError as error:
        return error.reason


@pytest.mark.parametrize(
    ("pattern", "files", "found"),
    [
        ("ward.xlsx", ["ward.xlsx"], [("ward[patients].xlsx", "patients"), ("ward[surgery].xlsx", "surgery")]),
        # a file that stands there by that name is none of the sheets, and takes the place of none
        (
            "ward.xlsx",
            ["ward.xlsx", "ward[surgery].xlsx"],
            [("ward[patients].xlsx", "patients"), ("ward[surgery].xlsx", "surgery"), (r"ward\x5bsurgery].xlsx", "no_contract")],
        ),
        ("ward.xlsx", ["ward[surgery].xlsx"], [(r"ward\x5bsurgery].xlsx", "no_contract")]),
        # where the pattern takes it, it is a workbook like any other
        ("ward*.xlsx", ["ward[surgery].xlsx"], [("ward[surgery][patients].xlsx", "patients"), ("ward[surgery][surgery].xlsx", "surgery")]),
        ("ward.xlsx", ["ward[other].xlsx"], [("ward[other].xlsx", "no_contract")]),
    ],
)
def test_reads_sheets_by_the_workbook_and_no_file_for_a_sheet(
    tmp_path: Path, pattern: str, files: list[str], found: list[tuple[str, str]]
) -> None:
    for name in files:
        (tmp_path / name).touch()
    contracts = sheets(pattern)
    assert sorted((name, read_by(name, contracts)) for name, _ in readings(tmp_path, contracts)) == sorted(found)


@pytest.mark.parametrize("later", ["ward2.xlsx", "ward10.xlsx", "ward_2.xlsx", "wardA.xlsx", "ward.2.xlsx"])
def test_puts_sheets_in_the_order_of_their_workbooks(later: str) -> None:
    stem = later.removesuffix(".xlsx")
    assert (natural("ward.xlsx") < natural(later)) == (natural("ward[surgery].xlsx") < natural(f"{stem}[surgery].xlsx"))


def test_keeps_numbers_in_brackets_as_numbers() -> None:
    assert natural("ward[9].xlsx") < natural("ward[10].xlsx")


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("ward[surgery].xlsx:2,op", None),
        ("ward[patients].xlsx:2,op", "the contract patients has no such column"),
        ("ward.xlsx:2,op", "'target' names no sheet of the workbook (write [patients] or [surgery] before the ending, as findings do)"),
        ("lab[surgery].xlsx:2,op", "no contract reads the file that 'target' names"),
    ],
)
def test_a_correction_names_the_sheet_whose_contract_has_the_column(target: str, says: str | None) -> None:
    patients, _ = sheets("ward*.xlsx")
    surgery = contract("surgery", "ward*.xlsx", format={"kind": "excel", "sheet": "Surgery"}, fields={"id": {"required": True}, "op": {}})
    head = "target,column,expected_old_value,new_value,reason,author,date,expires,row_key"
    found = read_corrections(f"{head}\n{target},a,b,note,AB,2019-12-01,,5ab80c7d12fe-09c4d1e2\n", [patients, surgery], None)
    assert [str(mistake).split(": ", 1)[1] for mistake in found.unusable] == ([] if says is None else [says])
