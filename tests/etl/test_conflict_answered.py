"""An answer to two sources that differ holds for the values that they gave then: another wrong value opens the finding again."""

from __future__ import annotations

from pathlib import Path

import duckdb
import openpyxl
import polars as pl
import pytest
from answered_wards import HEAD, answer, deliver, findings, line, project, ran
from link_pieces import day, delivered, link, window
from two_hospitals import FILES

from etl.worklists.worklist import _answers
from schemas.overrides import FINGERPRINT
from schemas.reading_edits import CONFIRMABLE, reading_edits
from validations.report import registry_measures
from validations.report.registry_measures import CONFLICT

KEY = b"k" * 32


def prints(*pieces: dict[str, object], key: bytes | None = KEY, record: str = "tumour") -> list[str | None]:
    """The fingerprints of the conflicts between these pieces of one record, the first the most trusted."""
    parts = [delivered(trust, patient=[{}], **{record: [piece]}) for trust, piece in enumerate(pieces)]
    found = link(parts, key=key).findings.filter(edit=CONFLICT)
    return found["fingerprint"].to_list()


LEFT, RIGHT = {"laterality_code": "left"}, {"laterality_code": "right"}
MAY = window("diagnosis", day(2005, 5), day(2005, 5, 31), "month")


def test_it_is_bound_to_both_sides_and_to_the_column() -> None:
    [one] = prints(LEFT, RIGHT)
    assert one is not None and FINGERPRINT.match(one)
    others = [prints(LEFT, {"laterality_code": "bilateral"}), prints({"laterality_code": "bilateral"}, RIGHT), prints(RIGHT, LEFT)]
    assert len({one, *(print_ for [print_] in others)}) == 4


def test_what_does_not_contradict_changes_nothing() -> None:
    assert prints(LEFT, RIGHT) == prints({**LEFT, "grade_code": "2"}, {**RIGHT, **MAY})


def test_a_second_column_that_differs_is_part_of_it() -> None:
    assert prints(LEFT, RIGHT) != prints({**LEFT, "grade_code": "2"}, {**RIGHT, "grade_code": "3"})


def test_a_date_is_known_by_its_window_on_both_sides() -> None:
    april = [window("diagnosis", day(2005, 4, last), day(2005, 4, last)) for last in (1, 2)]
    assert prints(MAY, april[0]) == prints({**MAY, "grade_code": "2"}, april[0])
    assert len({*prints(MAY, april[0]), *prints(MAY, april[1]), *prints(april[0], MAY)}) == 3


def test_nobody_without_the_key_can_try_out_values() -> None:
    assert prints(LEFT, RIGHT) != prints(LEFT, RIGHT, key=b"q" * 32)
    assert prints(LEFT, RIGHT, key=None) == [None]


def test_a_contradiction_can_be_correct_as_is_and_what_has_no_right_side_cannot() -> None:
    words = {edit: _answers({"edit": edit, "fingerprint": "k" + "0" * 11}) for edit in (*reading_edits(), "DATE-018")}
    assert {edit for edit, said in words.items() if "correct as is" in said} == {*CONFIRMABLE, "DATE-018"}
    assert CONFLICT in CONFIRMABLE and "LINK-AXES" not in CONFIRMABLE
    assert "correct as is" not in _answers({"edit": CONFLICT, "fingerprint": None})


@pytest.mark.slow
def test_an_answer_does_not_outlive_the_values(tmp_path: Path) -> None:
    mine, out = project(tmp_path / "project"), tmp_path / "out"
    seen = {}
    for night, changed in (("found", ""), ("answered", ""), ("as it was", "2009-03-20"), ("another", "2009-03-22")):
        if night == "answered":
            answer(out, mine / "worklist" / "june.xlsx", CONFLICT, b_2=("fixed at source", ""))
        if changed:
            deliver(mine, "a.csv", "Ng Ann", f"Ng Anne {night}")
            text = (mine / "exports" / "b.csv").read_text(encoding="utf-8").replace("2009-03-20", changed)
            (mine / "exports" / "b.csv").write_text(text.replace("Koh Joy", f"Koh Joy {night}"), encoding="utf-8")
        assert ran(mine, out).outcome.startswith("published")
        hers = findings(out, CONFLICT).filter(pl.col("columns").str.starts_with("diagnosis"))
        seen[night] = (hers["status"].to_list(), findings(out, "WORK-NOT-FIXED")["outcome"].to_list(), hers["finding_id"].to_list())
    ids = seen["found"][2]
    assert seen == {
        "found": (["open"], [], ids),
        "answered": (["fixed_at_source"], [], ids),
        "as it was": (["fixed_at_source"], ["violated"], ids),
        "another": (["open"], [], ids),
    }


def contradictions(out: Path) -> int:
    """How many the quality report counts between sources."""
    with duckdb.connect(str(out / "current" / "warehouse.duckdb"), read_only=True) as con:
        return int(registry_measures.contradictions(con, ["a", "b", "deaths"])["n"].sum())


def listed(out: Path) -> set[str]:
    """The ids in the work list."""
    book = openpyxl.load_workbook(out / "current" / "internal" / "worklist.xlsx")
    return {str(row[0].value) for sheet in book.worksheets[1:] for row in sheet.iter_rows(min_row=2)}


@pytest.mark.slow
@pytest.mark.parametrize("file", ["worklist", "overrides.csv"])
def test_what_is_confirmed_leaves_the_work_list_until_a_value_changes(tmp_path: Path, file: str) -> None:
    mine, out = project(tmp_path / "project"), tmp_path / "out"
    assert ran(mine, out).outcome == "published"
    first, counted = findings(out, CONFLICT), contradictions(out)
    [hers] = first.filter(pl.col("columns").str.starts_with("diagnosis")).rows(named=True)
    assert hers["finding_id"] in listed(out)
    if file == "worklist":
        answer(out, mine / "worklist" / "june.xlsx", CONFLICT, b_2=("correct as is", "the pathology report has it"))
    else:
        (mine / file).write_text(HEAD + line(hers, reason="the pathology report has it"), encoding="utf-8")
    seen = {}
    for night, day_ in (("confirmed", "2009-03-20"), ("as it was", "2009-03-20"), ("another", "2009-03-22")):
        if night != "confirmed":
            text = FILES["exports/b.csv"].replace("2009-03-20", day_).replace("Koh Joy", f"Koh Joy {night}")
            (mine / "exports" / "b.csv").write_text(text, encoding="utf-8")
        assert ran(mine, out).outcome == "published"
        now = findings(out, CONFLICT).filter(finding_id=hers["finding_id"])
        seen[night] = (now["status"].to_list(), hers["finding_id"] in listed(out), contradictions(out) - counted, stale(out))
    silent = (["overridden"], False, -1, [])
    assert seen == {"confirmed": silent, "as it was": silent, "another": (["open"], True, 0, ["OVR-STALE"])}


def stale(out: Path) -> list[str]:
    found = pl.read_csv(out / "current" / "internal" / "findings.csv", infer_schema=False)
    return found.filter(pl.col("edit").str.starts_with("OVR-"))["edit"].to_list()
