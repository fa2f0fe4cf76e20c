"""What quarantine keeps of the data: the raw rows of every file that an error compares, beside those that deliver the record."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from etl.worklists.concerned import PLACES
from etl.worklists.kept_back import MOST_ROWS, ROWS, reasons, rows_of
from schemas.core.frames import LINEAGE
from schemas.core.ids import source_row_id
from schemas.findings import IDENTIFIED
from validations.concerned import Concerned
from validations.fates import QUARANTINE

# Woman 7: a contact (31, files 1 and 2) after her death (32, file 3); her tumour (33) is held. Woman 8: a contact overridden.
FELL = pl.DataFrame(
    [("follow_up", 31, 7, "quarantined", "E1", "E1 E2", "a", 2, None), ("tumour", 33, 7, "held", "E1", "E1", "a", 9, 33)],
    schema=QUARANTINE, orient="row",
)  # fmt: skip


def found(finding_id: str, edit: str, record: str, key: int, patient: int = 7, **more: str) -> dict[str, object]:
    said = {"severity": "error", "outcome": "violated", "status": "open", **more}
    return {"finding_id": finding_id, "edit": edit, "record": record, "record_key": key, "patient_key": patient, **said}


FINDINGS = pl.DataFrame(
    [
        found("f1", "E1", "follow_up", 31), found("f2", "E2", "follow_up", 31), found("f3", "E1", "follow_up", 38, patient=8),
        found("f4", "E1", "follow_up", 37, status="overridden"), found("f5", "E9", "follow_up", 31),
        found("f6", "E1", "event", 36, outcome="possible"),
    ],
    schema={**IDENTIFIED, "status": pl.String},
)  # fmt: skip
PLACED = pl.DataFrame(
    [
        ("f1", "follow_up", 31, True, 1, 2, "r"), ("f1", "follow_up", 32, False, 3, 4, "r"), ("f2", "patient", 7, False, 5, 6, "r"),
    ],
    schema=PLACES, orient="row",
)  # fmt: skip


def lineage(*rows: tuple[str, int, tuple[int, int]]) -> pl.DataFrame:
    return pl.DataFrame([(record, key, source_row_id(*at), "delivered", "r") for record, key, at in rows], schema=LINEAGE, orient="row")


WAYS = lineage(("follow_up", 31, (1, 2)), ("follow_up", 31, (2, 2)), ("tumour", 33, (1, 9)), ("tumour", 99, (1, 8)))


LOOKS = {"E1": Concerned(("contact",), (("follow_up", "death"),)), "E2": Concerned((), (("patient", "birth"),))}


def test_the_errors_that_keep_back_are_certain_not_overridden_and_of_these_women() -> None:
    assert reasons(FINDINGS, FELL)["finding_id"].to_list() == ["f1", "f2"]


def test_a_record_has_the_rows_of_all_its_deliveries_and_of_all_it_was_compared_with() -> None:
    rows = rows_of(FELL, reasons(FINDINGS, FELL), PLACED, WAYS, LOOKS)
    assert rows.schema == pl.Schema(ROWS)
    mine = rows.filter(record="follow_up").select("of", "source_key", "source_row").rows()
    assert mine == [("follow_up", 1, 2), ("follow_up", 2, 2), ("follow_up", 3, 4), ("patient", 5, 6)]


def test_one_that_is_held_has_the_rows_of_the_error_that_holds_it() -> None:
    rows = rows_of(FELL, reasons(FINDINGS, FELL), PLACED, WAYS, LOOKS)
    assert rows.filter(record="tumour").select("of", "source_key", "source_row").rows() == [
        ("tumour", 1, 9), ("follow_up", 1, 2), ("follow_up", 3, 4),
    ]  # fmt: skip


def test_a_row_that_delivers_both_is_named_by_the_record_whose_value_is_compared() -> None:
    both = pl.concat([PLACED, PLACED.tail(1).with_columns(source_key=pl.lit(2, pl.Int64), source_row=pl.lit(2, pl.Int64))])
    rows = rows_of(FELL, reasons(FINDINGS, FELL), both, WAYS, LOOKS).filter(record="follow_up")
    assert rows.select("of", "source_key", "source_row").rows()[:2] == [("follow_up", 1, 2), ("patient", 2, 2)]


def test_of_very_many_rows_the_first_are_kept() -> None:
    many = pl.concat([PLACED, *(PLACED.head(1).with_columns(source_row=pl.lit(n, pl.Int64)) for n in range(10, 40))])
    rows = rows_of(FELL, reasons(FINDINGS, FELL), many, WAYS, LOOKS)
    assert rows.group_by("record").len()["len"].to_list() == [MOST_ROWS] * 2


@pytest.mark.parametrize(
    ("edit", "files"), [("FUP-003", {"deaths/deaths.csv", "hospital_a/patients.csv"}), ("DATE-010", {"deaths/deaths.csv"})]
)
def test_both_sides_of_an_error_between_files_are_there(bundled_out: Path, edit: str, files: set[str]) -> None:
    quarantine = pl.read_parquet(bundled_out / "registry/current/internal/quarantine.parquet")
    [*rows] = quarantine.filter(pl.col("reason") == edit).iter_rows(named=True)
    assert rows
    for row in rows:
        own = [each for each in row["raw_rows"] if (each["source_file"], each["source_row"]) == (row["source_file"], row["source_row"])]
        assert [each["raw"] for each in own] == [row["raw"]]
        assert all(each["source"] and each["raw"] for each in row["raw_rows"])
    if edit == "FUP-003":
        assert {each["record"] for row in rows for each in row["raw_rows"] if each["source_file"] in files} == {"follow_up"}
    assert any(files <= {each["source_file"] for each in row["raw_rows"]} for row in rows)
    assert any(len({each["source"] for each in row["raw_rows"]}) > 1 for row in rows)
