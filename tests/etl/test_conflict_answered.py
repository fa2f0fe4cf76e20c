"""An answer to two sources that differ holds for the values that they gave then: another wrong value opens the finding again."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from answered_wards import answer, deliver, findings, project, ran
from link_pieces import day, delivered, link, window

from etl.link import CONFLICT
from etl.worklist import _answers
from schemas.overrides import FINGERPRINT

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


def test_a_contradiction_cannot_be_correct_as_is_though_it_has_a_fingerprint() -> None:
    words = {edit: _answers({"edit": edit, "fingerprint": "k" + "0" * 11}) for edit in (CONFLICT, "DATE-018")}
    assert set(words["DATE-018"]) - set(words[CONFLICT]) == {"correct as is"}


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
