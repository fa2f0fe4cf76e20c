"""Landing: an earlier file of an appended delivery that no release has used, and that does not come any more, is named every night."""

from __future__ import annotations

from pathlib import Path

import pytest
from landing_project import contract, deliver, landed, project

from etl.landing.carry_forward import published, refuse
from etl.landing.landed import NEVER_USED, Landing
from etl.landing.manifest import read_manifest, remove_unfinished
from schemas.core.errors import UnreadableError
from schemas.project import Project

APPEND, UPSERT, SNAPSHOT = {"delivery": "append"}, {"delivery": "upsert", "key": ("id",)}, {"delivery": "snapshot"}


def one_night(mine: Project, out: Path, day: int, **files: str) -> Landing:
    """A night with a file that is there already and these, of which nothing is published."""
    deliver(mine, ward_1__csv="id\n1\n", **files)
    return landed(mine, out, f"2026-01-0{day}T00:00:00")


def ward(folder: Path, options: dict[str, object]) -> tuple[Project, Path]:
    return project(folder / "p", contract("ward", "ward*.csv", **options)), folder / "out"


def told(landing: Landing) -> list[str]:
    return [refusal.source_file for refusal in landing.refusals if refusal.reason == NEVER_USED]


@pytest.mark.parametrize(("options", "names"), [(APPEND, ["ward_2.csv"]), (UPSERT, ["ward_2.csv"]), (SNAPSHOT, [])])
def test_names_the_file_of_a_night_that_ended_without_a_release(tmp_path: Path, options: dict[str, object], names: list[str]) -> None:
    mine, out = ward(tmp_path, options)
    published(out, one_night(mine, out, 1))
    one_night(mine, out, 2, ward_2__csv="id\n2\n")  # killed, no room, or refused to publish
    landing = one_night(mine, out, 3, ward_2__csv="")
    assert told(landing) == names
    published(out, landing)
    assert told(one_night(mine, out, 4)) == names, "every night"
    if names:
        (copy,) = [entry.path(out / "landing") for entry in read_manifest(out) if entry.name == "ward_2.csv"]
        assert str(copy.relative_to(out)) in landing.refusals[-1].message
        published(out, one_night(mine, out, 5, ward_2__csv="id\n2\n"))
        assert told(one_night(mine, out, 6, ward_2__csv="")) == [], "until it has counted"


def test_names_the_file_that_could_not_be_read_until_a_good_one_came_under_its_name(tmp_path: Path) -> None:
    mine, out = ward(tmp_path, APPEND)
    landing = one_night(mine, out, 1, ward_2__csv="x\n2\n")
    broken = next(file for file in landing.files if file.name == "ward_2.csv")
    after, _ = refuse(mine, out, landing, [(broken, UnreadableError("missing_header", "ward_2.csv: no"))])
    assert [refusal.reason for refusal in after.refusals] == ["missing_header"], "tonight it is told why"
    published(out, after)
    assert told(one_night(mine, out, 2, ward_2__csv="")) == ["ward_2.csv"]
    published(out, one_night(mine, out, 3, ward_2__csv="id\n2\n"))
    assert told(one_night(mine, out, 4, ward_2__csv="")) == []


def test_names_the_broken_file_under_the_name_of_a_good_one_that_stands_in_until_the_good_one_comes_again(tmp_path: Path) -> None:
    mine, out = ward(tmp_path, APPEND)
    good, broken = {"ward_2__csv": "id\n2\n"}, {"ward_2__csv": "x\n2\n"}
    published(out, one_night(mine, out, 1, **good))
    for days in ((2, 3, 4), (5, 6, 7)):  # the second time its bytes are known
        landing = one_night(mine, out, days[0], **broken)
        wrong = next(file for file in landing.files if file.name == "ward_2.csv")
        after, _ = refuse(mine, out, landing, [(wrong, UnreadableError("missing_header", "ward_2.csv: no"))])
        published(out, after)
        landing = one_night(mine, out, days[1], ward_2__csv="")
        assert [file.fate for file in landing.files if file.name == "ward_2.csv"] == ["carried_forward"]
        assert [(r.source_file, r.carried_forward, "mended" in r.message) for r in landing.refusals] == [("ward_2.csv", "ward_2.csv", True)]
        published(out, landing)
        published(out, one_night(mine, out, days[2], **good))
        assert told(one_night(mine, out, days[2], ward_2__csv="")) == []


@pytest.mark.parametrize("how", ["empty", "same bytes", "copy taken away", "no contract"])
def test_says_nothing_of_a_file_without_rows_of_its_own_or_that_is_not_wanted(tmp_path: Path, how: str) -> None:
    mine, out = ward(tmp_path, APPEND)
    published(out, one_night(mine, out, 1))
    text = {"same bytes": "id\n1\n"}.get(how, "id\n2\n")
    one_night(mine, out, 2, ward_2__csv=text)
    if how == "empty":
        (mine.exports / "ward_2.csv").write_bytes(b"")
        (entry,) = [entry for entry in read_manifest(out) if entry.name == "ward_2.csv"]
        entry.path(out / "landing").unlink()
        landed(mine, out, "2026-01-03T00:00:00")
    if how == "copy taken away":
        (entry,) = [entry for entry in read_manifest(out) if entry.name == "ward_2.csv"]
        entry.path(out / "landing").unlink()
    if how == "no contract":
        mine = project(tmp_path / "p", contract("ward", "ward_1.csv", delivery="append"))
    assert told(one_night(mine, out, 4, ward_2__csv="")) == []


def test_takes_half_written_copies_of_a_run_that_died_away(tmp_path: Path) -> None:
    mine, out = ward(tmp_path, APPEND)
    one_night(mine, out, 1)
    left = [out / "landing/.manifest.csv.77", out / "landing/ab/.abcd.csv.77.1"]
    others = [out / "landing/.nfs000000000000001700000001", out / "landing/.snapshot/nightly/ab/.abcd.csv.77.1"]  # of the file system
    others[1].parent.mkdir(parents=True)
    for path in (*left, *others):
        path.parent.mkdir(exist_ok=True)
        path.write_text("id", encoding="utf-8")
    before = {path for path in (out / "landing").rglob("*") if path.is_file()}
    remove_unfinished(out)
    assert before - {path for path in (out / "landing").rglob("*") if path.is_file()} == {*left}


def test_names_the_sheet_of_a_workbook_that_could_not_be_read_where_another_one_of_it_counts(tmp_path: Path) -> None:
    sheets = [contract(name, "book*.xlsx", format={"kind": "excel", "sheet": name}, **APPEND) for name in ("ward", "lab")]
    mine, out = project(tmp_path / "p", *sheets), tmp_path / "out"
    deliver(mine, book_1__xlsx="not opened here")
    landing = landed(mine, out)
    [broken] = [file for file in landing.files if file.name == "book_1[lab].xlsx"]
    after, _ = refuse(mine, out, landing, [(broken, UnreadableError("missing_header", "book_1[lab].xlsx: no"))])
    published(out, after)
    deliver(mine, book_1__xlsx="")
    landing = landed(mine, out)
    assert told(landing) == ["book_1[lab].xlsx"]
    assert "must stay" in landing.refusals[-1].message, "the sheet that counts has the same copy"


def test_names_no_file_with_a_header_alone_that_an_earlier_version_refused(tmp_path: Path) -> None:
    mine, out = ward(tmp_path, APPEND)
    landing = one_night(mine, out, 1, ward_2__csv="id\n", ward_3__csv="no\n")
    wrong = [(file, UnreadableError("no_rows", "no")) for file in landing.files if file.name != "ward_1.csv"]
    published(out, refuse(mine, out, landing, wrong)[0])
    assert told(one_night(mine, out, 2, ward_2__csv="", ward_3__csv="")) == ["ward_3.csv"], "of the other nobody knows what is missing"
